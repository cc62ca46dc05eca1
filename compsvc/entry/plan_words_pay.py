"""Sentences of printed plans about when pay is due, what is held, lent or taken back."""

# ruff: noqa: E501  # A sentence stands on one line, so that both languages can be read side by side.

from __future__ import annotations

from collections.abc import Mapping

from compsvc.core.node import Sentences

# As `Node.sentences`, by the name of the model.
PAY_SENTENCES: Mapping[str, Sentences] = {
    "Earned": {
        "en": {
            "on=accepted": "Pay is earned when the deal is accepted.",
            "on=closed": "Pay is earned when the deal is closed.",
            "on=invoiced": "Pay is earned as the customer is invoiced; what is paid before is an advance.",
            "on=paid": "Pay is earned as the customer pays; what is paid before is an advance.",
        },
        "de": {
            "on=accepted": "Verdient ist die Vergütung, wenn der Abschluss angenommen ist.",
            "on=closed": "Verdient ist die Vergütung, wenn der Abschluss geschlossen ist.",
            "on=invoiced": "Verdient ist die Vergütung, soweit dem Kunden berechnet ist; was vorher gezahlt wird, ist Vorschuss.",
            "on=paid": "Verdient ist die Vergütung, soweit der Kunde gezahlt hat; was vorher gezahlt wird, ist Vorschuss.",
        },
    },
    "Instalment": {
        "en": {
            "": "{share} of the pay is due when the deal is {on}.",
            "on=accepted": "Pay is due when the deal is accepted.",
            "on=closed": "Pay is due when the deal is closed, and not before it is accepted.",
            "on=invoiced": "Pay is due as the customer is invoiced.",
            "on=paid": "Pay is due as the customer pays.",
            "after": "It waits {after} from then on.",
            "over": "It is paid in monthly parts, over {over}.",
            "held_until": "It is held until the {held_until}.",
        },
        "de": {
            "": "{share} der Vergütung sind fällig, wenn der Abschluss {on} ist.",
            "on=accepted": "Fällig ist die Vergütung, wenn der Abschluss angenommen ist.",
            "on=closed": "Fällig ist die Vergütung, wenn der Abschluss geschlossen ist, und nicht vor seiner Annahme.",
            "on=invoiced": "Fällig ist die Vergütung, soweit dem Kunden berechnet ist.",
            "on=paid": "Fällig ist die Vergütung, soweit der Kunde gezahlt hat.",
            "after": "Von da an wartet sie noch: {after}.",
            "over": "Gezahlt wird in monatlichen Teilen, Dauer: {over}.",
            "held_until": "Gezahlt wird erst zum Ende des Zeitraums: {held_until}.",
        },
    },
    "Reserve": {
        "en": {"": "{share} of each line is held back for {for} from the contract's start."},
        "de": {"": "{share} jeder Position werden einbehalten, Dauer ab Vertragsbeginn: {for}."},
    },
    "Negative": {
        "en": {
            "carry=yes": "Where more is taken back than paid, the rest is a balance.",
            "carry=no": "Where more is taken back than paid, the rest is forgiven.",
            "recover_at_most": "A balance is recovered from at most {recover_at_most} of what is payable.",
            "never_below=draw": "A recovery leaves at least the amount of the draw.",
            "never_below": "A recovery leaves at least: {never_below}.",
            "order=oldest first": "The balance that has stood open for longer is recovered first.",
            "order=draw first": "What was paid ahead is recovered first.",
            "order=negative first": "What was taken back is recovered first.",
        },
        "de": {
            "carry=yes": "Wird mehr zurückgenommen als gezahlt, ist der Rest ein Saldo.",
            "carry=no": "Wird mehr zurückgenommen als gezahlt, ist der Rest erlassen.",
            "recover_at_most": "Ein Saldo wird aus höchstens {recover_at_most} des Zahlbaren zurückgeführt.",
            "never_below=draw": "Eine Rückführung lässt mindestens den Betrag des Vorschusses.",
            "never_below": "Eine Rückführung lässt mindestens: {never_below}.",
            "order=oldest first": "Zuerst wird der Saldo zurückgeführt, der länger offen steht.",
            "order=draw first": "Zuerst wird zurückgeführt, was vorab gezahlt wurde.",
            "order=negative first": "Zuerst wird zurückgeführt, was zurückgenommen wurde.",
        },
    },
    "Draw": {
        "en": {
            "": "Each {per} pays at least {amount}, ahead of earnings.",
            "recoverable=yes": "What was paid ahead is a balance.",
            "recoverable=no": "What was paid ahead is kept.",
            "below_zero=nothing": "A {per} that takes back more than it pays is not topped up.",
            "recovery_from": "It is recovered from {recovery_from} of the draw on.",
            "recover_at_most": "At most {recover_at_most} of what is payable recovers it.",
            "owes_at_most": "It is lent only until {owes_at_most} are owed.",
            "periods": "The draw holds for {periods} pay periods.",
            "until": "The first day without it is {until}.",
        },
        "de": {
            "": "Jeder {per} zahlt mindestens {amount}, im Vorgriff auf Verdientes.",
            "recoverable=yes": "Was vorab gezahlt wurde, ist ein Saldo.",
            "recoverable=no": "Was vorab gezahlt wurde, bleibt.",
            "below_zero=nothing": "Ein {per}, der mehr zurücknimmt als er zahlt, wird nicht aufgestockt.",
            "recovery_from": "Zurückgeführt wird ab {recovery_from} des Vorschusses.",
            "recover_at_most": "Höchstens {recover_at_most} des Zahlbaren führen ihn zurück.",
            "owes_at_most": "Vorgestreckt wird nur, bis {owes_at_most} offen sind.",
            "periods": "Zahl der Abrechnungszeiträume mit Vorschuss: {periods}.",
            "until": "Der erste Tag ohne ihn ist der {until}.",
        },
    },
    "Guarantee": {
        "en": {"": "For the first {for} each pay period pays at least {amount}, and nothing of it is recovered."},
        "de": {"": "Garantie zu Beginn ({for}): jeder Abrechnungszeitraum zahlt mindestens {amount}."},
    },
    "Leaver": {
        "en": {
            "accepted_unpaid=pay": "To those who leave, what is accepted and not yet paid is paid.",
            "accepted_unpaid=forfeit": "Those who leave forfeit what is accepted and not yet paid.",
            "pending_accepted_within": "Deals that were pending count if they are accepted within {pending_accepted_within}.",
            "reserve=keep dates": "Their reserve is released on its days.",
            "reserve=pay out": "Their reserve is paid out on their last day.",
            "reserve=forfeit": "They forfeit what their reserve would release later.",
            "draw=claim": "They owe what of a draw is not recovered.",
            "draw=forgive": "What of a draw is not recovered is forgiven.",
            "negative=claim": "They owe a negative balance.",
            "negative=forgive": "A negative balance is forgiven.",
            "later_clawback=claim": "What is taken back later is owed.",
            "later_clawback=none": "Nothing is taken back after their last day.",
            "period_bonus=full": "The bonus of a period that they leave in is paid in full.",
            "period_bonus=pro rata": "The bonus of a period that they leave in is paid by its days.",
            "period_bonus=forfeit": "The bonus of a period that they leave in is forfeited.",
        },
        "de": {
            "accepted_unpaid=pay": "Bei Austritt wird Angenommenes, noch nicht Gezahltes gezahlt.",
            "accepted_unpaid=forfeit": "Bei Austritt verfällt Angenommenes, noch nicht Gezahltes.",
            "pending_accepted_within": "Offene Abschlüsse zählen bei Annahme innerhalb der Frist: {pending_accepted_within}.",
            "reserve=keep dates": "Die Rückstellung wird an ihren Tagen frei.",
            "reserve=pay out": "Die Rückstellung wird am letzten Tag ausgezahlt.",
            "reserve=forfeit": "Was die Rückstellung später freigäbe, verfällt.",
            "draw=claim": "Was von einem Vorschuss offen ist, wird geschuldet.",
            "draw=forgive": "Was von einem Vorschuss offen ist, wird erlassen.",
            "negative=claim": "Ein negativer Saldo wird geschuldet.",
            "negative=forgive": "Ein negativer Saldo wird erlassen.",
            "later_clawback=claim": "Spätere Rücknahmen werden geschuldet.",
            "later_clawback=none": "Nach dem letzten Tag wird nichts mehr zurückgenommen.",
            "period_bonus=full": "Der Bonus des angebrochenen Zeitraums wird ganz gezahlt.",
            "period_bonus=pro rata": "Der Bonus des angebrochenen Zeitraums wird nach Tagen gezahlt.",
            "period_bonus=forfeit": "Der Bonus des angebrochenen Zeitraums verfällt.",
        },
    },
    "Clawback": {
        "en": {
            "basis=as_paid": "When a deal is lost, the lost share of what was posted for it is taken back.",
            "basis=original_rate": "When a deal is lost, the lost credit is taken back at the rates it was paid at.",
            "basis=recompute": "When a deal is lost, what it paid is worked out anew without it.",
            "attainment=original_period": "The loss is taken off the period in which the deal counted.",
            "attainment=period_of_loss": "The loss is taken off the period in which it happens.",
            "attainment=no": "The loss leaves attainment as it is.",
            "schedule=full": "The whole of it is taken back, however late.",
            "schedule=full within": "From the contract's start on, all of it is taken back for {schedule}.",
            "schedule=1": "The longer the customer stayed, the less is taken back: after 1 month nothing.",
            "schedule": "The longer the customer stayed, the less is taken back: after {schedule} months nothing.",
            "share": "Only {share} of what is lost is taken back.",
            "by=reason": "How much is taken back depends on the reason of the loss.",
            "by=kind": "How much is taken back depends on the kind of the loss.",
        },
        "de": {
            "basis=as_paid": "Geht ein Abschluss verloren, wird der verlorene Anteil des dafür Gebuchten zurückgenommen.",
            "basis=original_rate": "Geht ein Abschluss verloren, wird zu den Sätzen zurückgenommen, zu denen gezahlt wurde.",
            "basis=recompute": "Geht ein Abschluss verloren, wird neu gerechnet, als hätte es ihn nicht gegeben.",
            "attainment=original_period": "Der Verlust mindert den Zeitraum, in dem der Abschluss zählte.",
            "attainment=period_of_loss": "Der Verlust mindert den Zeitraum, in dem er eintritt.",
            "attainment=no": "Der Verlust lässt die Zielerreichung, wie sie ist.",
            "schedule=full": "Zurückgenommen wird alles, wie spät auch immer.",
            "schedule=full within": "Ab Vertragsbeginn wird alles zurückgenommen: {schedule}.",
            "schedule=1": "Je länger der Kunde blieb, desto weniger: nach 1 Monat wird nichts mehr genommen.",
            "schedule": "Je länger der Kunde blieb, desto weniger: nach {schedule} Monaten wird nichts mehr genommen.",
            "share": "Zurückgenommen werden nur {share} dessen, was verloren ist.",
            "by=reason": "Wie viel zurückgenommen wird, richtet sich nach dem Grund des Verlusts.",
            "by=kind": "Wie viel zurückgenommen wird, richtet sich nach der Art des Verlusts.",
        },
    },
    "Mix": {
        "en": {"": "Healthy is a mix of {customers} customers and {targets} target accounts a seller."},
        "de": {"": "Gesund ist eine Mischung von {customers} Bestandskunden und {targets} Zielkunden je Person."},
    },
    "Way": {
        "en": {
            "for": "",
            "schedule=full": "Of a loss through {for} the whole is taken back, however late.",
            "schedule=none": "Of a loss through {for} nothing is taken back.",
            "schedule=full within": "Of a loss through {for} all is taken back from the contract's start on for {schedule}.",
            "schedule=1": "Of a loss through {for} less is taken back the longer the customer stayed: after 1 month "
            "nothing.",
            "schedule": "Of a loss through {for} less is taken back the longer the customer stayed: after {schedule} months "
            "nothing.",
            "share": "Of it only {share}.",
        },
        "de": {
            "for": "",
            "schedule=full": "Bei Verlust durch {for} wird alles zurückgenommen, wie spät auch immer.",
            "schedule=none": "Bei Verlust durch {for} wird nichts zurückgenommen.",
            "schedule=full within": "Bei Verlust durch {for} wird ab Vertragsbeginn alles zurückgenommen: {schedule}.",
            "schedule=1": "Bei Verlust durch {for} wird desto weniger zurückgenommen, je länger der Kunde blieb: nach 1 "
            "Monat nichts.",
            "schedule": "Bei Verlust durch {for} wird desto weniger zurückgenommen, je länger der Kunde blieb: nach {schedule} "
            "Monaten nichts.",
            "share": "Davon nur {share}.",
        },
    },
    "Codes": {
        "en": {
            "earnings_code": "Payroll's code for it is {earnings_code}.",
            "gl_account": "Its account is {gl_account}.",
        },
        "de": {"earnings_code": "Seine Lohnart ist {earnings_code}.", "gl_account": "Sein Konto ist {gl_account}."},
    },
    "Payroll": {
        "en": {
            "earnings_code": "Payroll's code for what has none of its own is {earnings_code}.",
            "gl_account": "The account of what has none of its own is {gl_account}.",
            "pay_day": "A month is paid on: {pay_day}.",
        },
        "de": {
            "earnings_code": "Die Lohnart von allem, was keine eigene hat, ist {earnings_code}.",
            "gl_account": "Das Konto von allem, was kein eigenes hat, ist {gl_account}.",
            "pay_day": "Ausgezahlt wird ein Monat: {pay_day}.",
        },
    },
    "PayFx": {
        "en": {
            "": "Everything is worked out in {plan_currency}. Whoever is assigned with another pay currency is paid in that one: what a month pays is converted from {plan_currency} by the exchange table {table}, at the {rate}, one rate for all of it.",
        },
        "de": {
            "": "Gerechnet wird in {plan_currency}. Wer nach seiner Zuordnung in einer anderen Währung bezahlt wird, erhält den Betrag des Monats in dieser: umgerechnet aus {plan_currency} nach der Kurstabelle {table}, und zwar alles zu einem Kurs ({rate}).",
        },
    },
    "PlanBound": {
        "en": {
            "": "{amount} a {per}",
        },
        "de": {
            "": "{amount} je {per}",
        },
    },
}
