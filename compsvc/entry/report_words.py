"""The words of payroll's and finance's reports, by locale; statement_words.py has those of statements."""

from __future__ import annotations

from collections.abc import Mapping

from compsvc.entry.statement_words import Locale

REPORT_WORDS: Mapping[Locale, Mapping[str, str]] = {
    "en": {
        "payouts": "Payouts",
        "commission": "commission",
        "bonus": "bonus",
        "clawback": "clawback",
        "total": "Total",
        "gross": "gross, before tax",
        "payout_count": "{count} payouts",
        "refused": "INCOMPLETE: {count} stored rows are left out, since a later plan or row has made them impossible.",
    },
    "de": {
        "payouts": "Auszahlungen",
        "commission": "Provision",
        "bonus": "Bonus",
        "clawback": "Rückforderung",
        "total": "Summe",
        "gross": "brutto, vor Steuern",
        "payout_count": "{count} Auszahlungen",
        "refused": "UNVOLLSTÄNDIG: {count} gespeicherte Zeilen fehlen; spätere Pläne oder Zeilen schließen sie aus.",
    },
}
