"""The calculation's own sentences (why a route, why nobody is credited) in other languages than its English.

They are made in core, where whole columns are, and shown as they are in English. Dates and names stay where they stand.
"""

# ruff: noqa: E501  # A sentence stands on one line, beside what it is made of.

from __future__ import annotations

import re
from collections.abc import Mapping

from compsvc.entry.locales import Locale

_GERMAN = {
    r"first order (\S+) closed on (\S+); window until ([\d-]+)": r"erste Bestellung \1 vom \2; Fenster bis \3",
    r", 1 day before its end": ", 1 Tag vor seinem Ende",
    r", (\d+) days before its end": r", \1 Tage vor seinem Ende",
    r", 1 day after its end \(protected pipeline\)": ", 1 Tag nach seinem Ende (geschützte Verkaufschance)",
    r", (-?\d+) days after its end \(protected pipeline\)": r", \1 Tage nach seinem Ende (geschützte Verkaufschance)",
    r"the hunter's window ended on ([\d-]+), 1 day before this close": r"das Fenster der gewinnenden Person endete am \1, "
    "1 Tag vor diesem Abschluss",
    r"the hunter's window ended on ([\d-]+), (-?\d+) days before this close": r"das Fenster der gewinnenden Person endete "
    r"am \1, \2 Tage vor diesem Abschluss",
    r"the logo won with (.+?) is lost": r"der Neukunde aus \1 ist verloren",
    r"no split, open window, seller, owner or territory names anybody; name a seller or an owner": "weder Aufteilung, "
    "offenes Fenster, Verkauf, Betreuung noch Gebiet nennt jemanden; zu nennen ist, wer verkauft hat oder betreut",
    r"the account has several owners on the close date; end one of them": "der Kunde hat am Tag des Abschlusses mehrere "
    "Betreuende; einer davon ist zu beenden",
    r"several territories fit the account equally well; make one more precise": "mehrere Gebiete passen gleich gut auf "
    "den Kunden; eines ist genauer zu fassen",
    r"a manual split stands inside a handover window; give it a split_reason": "eine Aufteilung von Hand steht in einem "
    "Übergabefenster; sie braucht eine Begründung",
    r"several persons are named in the role; give each a share": "mehrere Personen haben die Rolle; jede braucht einen "
    "Anteil",
    r"no credit rule of any plan fits the line": "keine Regel eines Plans passt auf die Position",
    r"a rule fits, but the holder is not assigned to its plan on the close date": "eine Regel passt, aber die Person ist "
    "ihrem Plan am Tag des Abschlusses nicht zugeordnet",
    r"the deal's currency is not the plan's, and there is no exchange rate": "der Abschluss hat eine andere Währung als "
    "der Plan, und es gibt keinen Kurs",
    r"the table `(\S+)` has no rate from (\S+) to (\S+) on ([\d-]+); load one": r"die Tabelle `\1` hat keinen Kurs von \2 "
    r"nach \3 am \4; er ist zu laden",
    r"the deal counts before the plan takes effect": "der Abschluss zählt, bevor der Plan gilt",
    r"the line says nothing of its cost, so its margin is not known": "die Position nennt keine Kosten, ihre Marge ist "
    "also nicht bekannt",
    r"the line says no quantity, so its units are not known": "die Position nennt keine Menge, ihre Stückzahl ist also "
    "nicht bekannt",
    r"the line has an annual value but no start and end, so it has no full-term value": "die Position hat einen "
    "Jahreswert, aber weder Anfang noch Ende, also keinen Wert über die Laufzeit",
}
_TRANSLATED: Mapping[Locale, Mapping[re.Pattern[str], str]] = {
    "en": {},
    "de": {re.compile(english): german for english, german in _GERMAN.items()},
}


def translated(note: str, locale: Locale) -> str:
    """What it has no words for stays as it is: it may be somebody's own reason."""
    for english, told in _TRANSLATED[locale].items():
        note = english.sub(told, note)
    return note
