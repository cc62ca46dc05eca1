"""The words of plan letters, by locale."""

# ruff: noqa: E501  # A sentence stands on one line, so that both languages can be read side by side.

from __future__ import annotations

from collections.abc import Mapping

from compsvc.entry.locales import Locale

LETTER_WORDS: Mapping[Locale, Mapping[str, str]] = {
    "en": {
        "title": "Plan letter: {plan}",
        "sent": "To {participant}, sent by {sender} on {time}.",
        "received": "{who} has received it on {time}.",
        "signed": "{who} signed it on {time}.",
        "declined": "{who} declined it on {time}.",
        "superseded": "Superseded by letter {letter}: these terms are no longer offered.",
        "own": "Your terms",
        "term": "term",
        "agreed": "agreed",
        "role": "Role",
        "start_date": "From",
        "end_date": "Until",
        "target_incentive_minor": "Yearly target incentive",
        "currency_code": "Currency",
        "manager_id": "Manager",
        "cover_id": "Stands in as a manager afterwards",
        "workload_ppm": "Share of full time",
        "ramp_up_date": "Ramp-up counted from",
        "jurisdiction": "Jurisdiction",
        "payee_class": "Paid as",
        "pay_currency_code": "Currency of pay",
        "quota": "Quota a {per}",
        "quota_of": "Quota of {component} a {per}",
        "territory": "Territory",
        "everywhere": "every account",
        "examples": "The plan follows in plain language; its worked examples are for your yearly target incentive and quotas.",
        "no_plan": "No revision of the plan was in force for these dates when the letter was sent.",
        "foot": "Letter {letter}. Hash of the terms, which a signature covers: {hash}. Revision of the plan: {revision}.",
    },
    "de": {
        "title": "Planvereinbarung: {plan}",
        "sent": "An {participant}, gesendet von {sender} am {time}.",
        "received": "{who} hat sie am {time} erhalten.",
        "signed": "{who} hat sie am {time} unterzeichnet.",
        "declined": "{who} hat sie am {time} abgelehnt.",
        "superseded": "Ersetzt durch Vereinbarung {letter}: Diese Bedingungen werden nicht mehr angeboten.",
        "own": "Ihre Bedingungen",
        "term": "Bedingung",
        "agreed": "vereinbart",
        "role": "Rolle",
        "start_date": "Ab",
        "end_date": "Bis",
        "target_incentive_minor": "Zielvergütung im Jahr",
        "currency_code": "Währung",
        "manager_id": "Führungskraft",
        "cover_id": "Vertritt danach als Führungskraft",
        "workload_ppm": "Anteil an der Vollzeit",
        "ramp_up_date": "Einarbeitung gerechnet ab",
        "jurisdiction": "Rechtsordnung",
        "payee_class": "Bezahlt als",
        "pay_currency_code": "Währung der Zahlung",
        "quota": "Ziel je {per}",
        "quota_of": "Ziel von {component} je {per}",
        "territory": "Gebiet",
        "everywhere": "alle Kunden",
        "examples": "Es folgt der Plan in klaren Worten; seine Rechenbeispiele sind für Ihre Zielvergütung und Ihre Ziele eines Jahres.",
        "no_plan": "Für diese Tage war keine Fassung des Plans in Kraft, als die Vereinbarung gesendet wurde.",
        "foot": "Vereinbarung {letter}. Hash der Bedingungen, die eine Unterschrift abdeckt: {hash}. Fassung des Plans: {revision}.",
    },
}
