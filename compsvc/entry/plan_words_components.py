"""Sentences of printed plans about the plan as a whole, its credit rules and its components."""

# ruff: noqa: E501  # A sentence stands on one line, so that both languages can be read side by side.

from __future__ import annotations

from collections.abc import Mapping

from compsvc.core.node import Sentences

# As `Node.sentences`, by the name of the model.
COMPONENT_SENTENCES: Mapping[str, Sentences] = {
    "Plan": {
        "en": {
            "provisioning=equal": "An upsell or a cross-sell pays what a new logo pays.",
            "provisioning=differs": "New logos, upsells and cross-sells need not pay alike.",
            "fiscal_year_starts": "The fiscal year starts in {fiscal_year_starts}.",
            "rounding=half_up": "Amounts are rounded to the nearest {smallest}, halves away from zero.",
            "rounding=half_even": "Amounts are rounded to the nearest {smallest}, halves to the even one.",
            "rounding=down": "Amounts are rounded to a whole {smallest}, towards zero.",
            "counts_on=accepted": "A deal counts in the period in which it is accepted.",
            "counts_on=closed": "A deal counts in the period in which it is closed, where it is accepted in time.",
            "accepted_within": "In time is within {accepted_within} of the period's end.",
            "new_logo_by=account": "The first accepted order of an account is a new logo.",
            "new_logo_by=ultimate_parent": "The first accepted order of a group of companies is a new logo.",
            "win_back": "A customer that was without contract for {win_back} is new again.",
            "agreed_with=no": "There is no works council that could agree to it.",
            "match=first": "Of the rules that fit a deal only the first applies.",
            "seasonal": "A year's quota falls on its parts so: {seasonal}.",
            "clawback=no": "What was paid is kept when a deal is lost.",
            "cap": "All components together pay at most {cap}.",
            "floor": "All components together pay at least {floor}.",
        },
        "de": {
            "provisioning=equal": "Upsell und Cross-Sell zahlen, was ein Neukunde zahlt.",
            "provisioning=differs": "Neukunden, Upsell und Cross-Sell können verschieden bezahlt werden.",
            "fiscal_year_starts": "Das Geschäftsjahr beginnt im {fiscal_year_starts}.",
            "rounding=half_up": "Beträge werden kaufmännisch auf {smallest} gerundet.",
            "rounding=half_even": "Beträge werden auf {smallest} gerundet, Hälften zur geraden Zahl.",
            "rounding=down": "Beträge werden auf {smallest} zur Null hin gerundet.",
            "counts_on=accepted": "Ein Abschluss zählt in dem Zeitraum, in dem er angenommen wird.",
            "counts_on=closed": "Ein Abschluss zählt in dem Zeitraum, in dem er geschlossen wird, wenn er rechtzeitig angenommen wird.",
            "accepted_within": "Die Frist dafür nach dem Ende des Zeitraums: {accepted_within}.",
            "new_logo_by=account": "Die erste angenommene Bestellung eines Kunden macht ihn zum Neukunden.",
            "new_logo_by=ultimate_parent": "Die erste angenommene Bestellung eines Konzerns macht ihn zum Neukunden.",
            "win_back": "Ein Kunde, der {win_back} ohne Vertrag war, ist wieder neu.",
            "agreed_with=no": "Es gibt keinen Betriebsrat, der zustimmen könnte.",
            "match=first": "Von den Regeln, die auf einen Abschluss passen, gilt nur die erste.",
            "seasonal": "Das Ziel eines Jahres verteilt sich so: {seasonal}.",
            "clawback=no": "Geht ein Abschluss verloren, bleibt das dafür Gezahlte.",
            "cap": "Alle Komponenten zusammen zahlen höchstens {cap}.",
            "floor": "Alle Komponenten zusammen zahlen mindestens {floor}.",
        },
    },
    "MadeFor": {
        "en": {"": "It is made for {payees} under the law of {jurisdictions}."},
        "de": {"": "Der Plan gilt für {payees} nach dem Recht von {jurisdictions}."},
    },
    "AgreedWith": {
        "en": {
            "": "It was agreed with the works council {works_council} on {date} ({reference}).",
            "rankings=yes": "The agreement covers contests that rank people.",
        },
        "de": {
            "": "Vereinbart mit dem Betriebsrat {works_council} am {date} ({reference}).",
            "rankings=yes": "Die Vereinbarung umfasst Wettbewerbe mit Ranglisten.",
        },
    },
    "CreditRule": {
        "en": {
            "priority": "The rule's priority is {priority}; lower ones come first.",
            "roll_up=yes": "The credit is passed to the managers too, unless they have credit of the sellers for the same deal.",
            "overlay": "",
            "to": "",
            "when": "",
        },
        "de": {
            "priority": "Der Rang der Regel ist {priority}; kleinere kommen zuerst.",
            "roll_up=yes": "Die Gutschrift geht auch an die Führungskräfte, wenn ihnen der Abschluss nicht schon über den Verkauf gutgeschrieben wird.",
            "overlay": "",
            "to": "",
            "when": "",
        },
    },
    "Handover": {
        "en": {
            "": "Whoever won an account keeps the credit for its later deals ({for}) for {keep} from its first order on.",
            "after": "",
            "if_hunter_left=owner": "Where that person has left the plan, the account's owner is credited.",
            "if_hunter_left=pay_out": "That person keeps the credit after leaving the plan.",
            "survives_cancel=yes": "A cancellation does not end this.",
            "survives_cancel=no": "A cancellation ends this.",
            "protect_pipeline": "Deals of opportunities that were opened before the end have {protect_pipeline} more to close.",
        },
        "de": {
            "": "Wer einen Kunden gewonnen hat, behält die Gutschrift für dessen spätere Abschlüsse ({for}) {keep} lang ab der ersten Bestellung.",
            "after": "",
            "if_hunter_left=owner": "Hat diese Person den Plan verlassen, wird der Betreuerin oder dem Betreuer des Kunden gutgeschrieben.",
            "if_hunter_left=pay_out": "Diese Person behält die Gutschrift, auch wenn sie den Plan verlassen hat.",
            "survives_cancel=yes": "Eine Kündigung beendet das nicht.",
            "survives_cancel=no": "Eine Kündigung beendet das.",
            "protect_pipeline": "Abschlüsse aus vorher eröffneten Verkaufschancen haben {protect_pipeline} länger Zeit.",
        },
    },
    "ShareLast": {
        "en": {"": "In the last {months} the one who won the account has {hunter} and the successor {successor}."},
        "de": {
            "": "Am Ende dieser Zeit ({months}) gehen {hunter} an die gewinnende Person und {successor} an die Nachfolge."
        },
    },
    "Windfall": {
        "en": {
            "pay=review": "The part of a single deal above {above} is paid only after a review.",
            "pay": "Of the part of a single deal above {above}, {pay} is paid.",
            "above": "",
        },
        "de": {
            "pay=review": "Der Teil eines Abschlusses über {above} wird erst nach einer Prüfung gezahlt.",
            "pay": "Vom Teil eines Abschlusses über {above} werden {pay} gezahlt.",
            "above": "",
        },
    },
    "Component": {
        "en": {
            "quota=from assignment": "The quota is that of the participant's assignment.",
            "quota=opening_arr": "The quota is what the accounts owned on the period's first day brought that day.",
            "quota=opening_accounts": "The quota is the number of accounts owned on the period's first day.",
            "zero_quota=pay_base": "Where the quota is zero, every deal is paid at the first rate.",
            "zero_quota=pay_target": "Where the quota is zero, the period's target incentive is paid, whatever is sold.",
            "pays_on": "Rates apply to {pays_on}.",
            "weight": "Its share of the target incentive is {weight}.",
            "carry=continue": "A change of plan or assignment within a period re-rates nothing; counting goes on.",
            "carry=reset": "After a change of plan or assignment within a period counting starts again at 0.",
            "carry=blend": "With a change of plan or assignment within a period one quota holds, weighed by days.",
            "settle=as_earned": "Amounts are payable as they are earned, although what counts can still fall.",
            "settle=period_end": "Amounts are provisional until the period ends.",
            "one_time=count": "One-time fees count as well.",
            "ramp=as_stages_start": "A contract with rising stages counts stage by stage, on the day on which each starts.",
            "logo=account": "Each account is a logo.",
            "logo=ultimate_parent": "A group of companies is one logo.",
            "minimum_deal": "A deal below {minimum_deal} does not count.",
            "activity": "Counted are activities of the kind {activity}.",
            "outcome": "They count with the outcome {outcome}.",
            "must_stay": "A new logo that is lost within {must_stay} leaves the count.",
            "own_deals=in": "The manager's own deals count as well.",
            "own_deals=out": "The manager's own deals do not count.",
            "minimum_per_deal": "A deal pays at least {minimum_per_deal}.",
            "cap": "The component pays at most {cap} a period (a share is one of the period's target).",
            "floor": "The component pays at least {floor} a period (a share is one of the period's target).",
            "seasonal": "A year's quota falls on its parts so: {seasonal}.",
            "below_cost=zero": "A line that is sold below its cost counts nothing.",
            "below_cost=subtract": "A line that is sold below its cost takes away what it loses.",
            "clawback=no": "What was paid is kept when a deal is lost.",
            "levels": "Counted are reports at level {levels} below the manager; level 1 reports directly.",
        },
        "de": {
            "quota=from assignment": "Das Ziel ist das der Zuordnung.",
            "quota=opening_arr": "Das Ziel ist, was die am ersten Tag des Zeitraums betreuten Kunden an diesem Tag brachten.",
            "quota=opening_accounts": "Das Ziel ist die Zahl der am ersten Tag des Zeitraums betreuten Kunden.",
            "zero_quota=pay_base": "Ist das Ziel null, wird jeder Abschluss zum ersten Satz bezahlt.",
            "zero_quota=pay_target": "Ist das Ziel null, wird die Zielvergütung des Zeitraums gezahlt, was auch verkauft wird.",
            "pays_on": "Die Sätze gelten für {pays_on}.",
            "weight": "Der Anteil der Komponente an der Zielvergütung ist {weight}.",
            "carry=continue": "Ändert sich Plan oder Zuordnung im Zeitraum, wird weitergezählt und nichts neu bewertet.",
            "carry=reset": "Ändert sich Plan oder Zuordnung im Zeitraum, beginnt die Zählung neu bei 0.",
            "carry=blend": "Ändert sich Plan oder Zuordnung im Zeitraum, gilt ein nach Tagen gewichtetes Ziel.",
            "settle=as_earned": "Beträge sind zahlbar, sobald sie verdient sind, auch wenn das, was zählt, noch fallen kann.",
            "settle=period_end": "Beträge sind vorläufig, bis der Zeitraum endet.",
            "one_time=count": "Einmalige Beträge zählen mit.",
            "ramp=as_stages_start": "Ein Vertrag mit Stufen zählt Stufe für Stufe, an dem Tag, an dem jede beginnt.",
            "logo=account": "Jeder Kunde zählt für sich.",
            "logo=ultimate_parent": "Ein Konzern zählt als ein Kunde.",
            "minimum_deal": "Ein Abschluss unter {minimum_deal} zählt nicht.",
            "activity": "Gezählt werden Aktivitäten der Art {activity}.",
            "outcome": "Sie zählen mit dem Ergebnis {outcome}.",
            "must_stay": "Ein Neukunde, der zu früh verloren geht, wird nicht mehr gezählt; die Frist: {must_stay}.",
            "own_deals=in": "Die eigenen Abschlüsse der Führungskraft zählen mit.",
            "own_deals=out": "Die eigenen Abschlüsse der Führungskraft zählen nicht.",
            "minimum_per_deal": "Ein Abschluss bringt mindestens {minimum_per_deal}.",
            "cap": "Die Komponente zahlt höchstens {cap} im Zeitraum (ein Anteil ist einer der Zielvergütung).",
            "floor": "Die Komponente zahlt mindestens {floor} im Zeitraum (ein Anteil ist einer der Zielvergütung).",
            "seasonal": "Das Ziel eines Jahres verteilt sich so: {seasonal}.",
            "below_cost=zero": "Eine Position, die unter ihren Kosten verkauft wird, zählt nichts.",
            "below_cost=subtract": "Eine Position, die unter ihren Kosten verkauft wird, mindert, was zählt.",
            "clawback=no": "Geht ein Abschluss verloren, bleibt das dafür Gezahlte.",
            "levels": "Gezählt werden Mitarbeitende der Ebene {levels} unter der Führungskraft; Ebene 1 berichtet ihr direkt.",
        },
    },
    "Ramp": {
        "en": {
            "": "A contract with rising stages counts with its last one, where it runs for at least {term_at_least} and its "
            "last stage for at least {last_stage_at_least}.",
            "below_limits=first_stage": "A shorter one counts with its first stage.",
            "below_limits=average": "A shorter one counts with its average.",
        },
        "de": {
            "": "Ein Vertrag mit steigenden Stufen zählt mit der letzten, wenn er mindestens {term_at_least} läuft und die "
            "letzte Stufe mindestens {last_stage_at_least}.",
            "below_limits=first_stage": "Ein kürzerer zählt mit der ersten Stufe.",
            "below_limits=average": "Ein kürzerer zählt mit dem Durchschnitt.",
        },
    },
    "Fx": {
        "en": {"": "Other currencies are converted by the table {table}, at the {rate}."},
        "de": {"": "Andere Währungen werden nach der Tabelle {table} umgerechnet: {rate}."},
    },
    "Gate": {
        "en": {
            "measure=own": "The component pays only where its own measure reaches {at_least}.",
            "measure": "The component pays only where {measure} reaches {at_least}.",
            "at_least": "",
            "above=only": "Only what is above that is paid.",
        },
        "de": {
            "measure=own": "Die Komponente zahlt nur, wenn ihre eigene Messgröße {at_least} erreicht.",
            "measure": "Die Komponente zahlt nur, wenn {measure} {at_least} erreicht.",
            "at_least": "",
            "above=only": "Gezahlt wird nur, was darüber liegt.",
        },
    },
    "Multiplier": {
        "en": {
            "by=attainment": "All of it is multiplied by a factor that goes by attainment:",
            "by": "All of it is multiplied by a factor that goes by {by}:",
            "boundary": "",
        },
        "de": {
            "by=attainment": "Alles wird mit einem Faktor nach Zielerreichung malgenommen:",
            "by": "Alles wird mit einem Faktor nach {by} malgenommen:",
            "boundary": "",
        },
    },
    "MultiplierTier": {
        "en": {"": "{times} up to {to};", "times": "{times} above that."},
        "de": {"": "{times} bis {to};", "times": "{times} darüber."},
    },
    "Prorate": {
        "en": {
            "by": "",
            "for": "The quota is prorated for {for}, by {by}.",
            "for=no": "The quota is not prorated.",
            "part_month=counts": "A month that counts in part is a whole one.",
            "part_month=leave out": "A month that counts in part is left out.",
            "part_month=by days": "A month that counts in part counts by its days.",
            "of=quota": "The target stays whole.",
            "of=quota and target": "The target is prorated alike.",
        },
        "de": {
            "by": "",
            "for": "Das Ziel wird anteilig gekürzt ({for}), gerechnet nach {by}.",
            "for=no": "Das Ziel wird nicht anteilig gekürzt.",
            "part_month=counts": "Ein Monat, der zum Teil zählt, ist ein ganzer.",
            "part_month=leave out": "Ein Monat, der nur zum Teil zählt, fällt weg.",
            "part_month=by days": "Ein Monat, der nur zum Teil zählt, zählt nach seinen Tagen.",
            "of=quota": "Die Zielvergütung bleibt ganz.",
            "of=quota and target": "Die Zielvergütung wird ebenso gekürzt.",
        },
    },
    "Prorate without quota": {
        "en": {
            "by": "",
            "for": "The full amount is prorated for {for}, by {by}.",
            "for=no": "The full amount is not prorated.",
            "part_month=counts": "A month that counts in part is a whole one.",
            "part_month=leave out": "A month that counts in part is left out.",
            "part_month=by days": "A month that counts in part counts by its days.",
            "of": "",
        },
        "de": {
            "by": "",
            "for": "Der volle Betrag wird anteilig gekürzt ({for}), gerechnet nach {by}.",
            "for=no": "Der volle Betrag wird nicht anteilig gekürzt.",
            "part_month=counts": "Ein Monat, der zum Teil zählt, ist ein ganzer.",
            "part_month=leave out": "Ein Monat, der nur zum Teil zählt, fällt weg.",
            "part_month=by days": "Ein Monat, der nur zum Teil zählt, zählt nach seinen Tagen.",
            "of": "",
        },
    },
    "RampUp without quota": {
        "en": {
            "months": "New hires have these shares of the full amount, month by month: {months}; the whole afterwards.",
            "of": "",
            "from=first assignment to this plan": "The months are counted from the first assignment to this plan.",
        },
        "de": {
            "months": "Neue haben Monat für Monat diese Anteile des vollen Betrags: {months}; danach den ganzen.",
            "of": "",
            "from=first assignment to this plan": "Die Monate zählen ab der ersten Zuordnung zu diesem Plan.",
        },
    },
    "RampUp": {
        "en": {
            "months": "New hires have these shares of the quota, month by month: {months}; the whole afterwards.",
            "of=quota": "Their target stays whole.",
            "of=quota and target": "Their target has the same shares.",
            "from=first assignment to this plan": "The months are counted from the first assignment to this plan.",
        },
        "de": {
            "months": "Neue haben Monat für Monat diese Anteile des Ziels: {months}; danach das ganze.",
            "of=quota": "Ihre Zielvergütung bleibt ganz.",
            "of=quota and target": "Ihre Zielvergütung hat dieselben Anteile.",
            "from=first assignment to this plan": "Die Monate zählen ab der ersten Zuordnung zu diesem Plan.",
        },
    },
    "PresentValue": {
        "en": {
            "": "Later payments count for less: {discount} discount and {churn} lost contracts a year.",
        },
        "de": {
            "": "Spätere Zahlungen zählen weniger: {discount} Abzinsung und {churn} verlorene Verträge im Jahr.",
        },
    },
    "Lifetime": {
        "en": {
            "": "Later years count for less: {discount} discount and {churn} lost customers a year.",
            "horizon": "Counted are {horizon} years.",
        },
        "de": {
            "": "Spätere Jahre zählen weniger: {discount} Abzinsung und {churn} verlorene Kunden im Jahr.",
            "horizon": "Gezählt werden {horizon} Jahre.",
        },
    },
}
