"""Words of the kinds that measure participants against each other, or share something out among them."""

from __future__ import annotations

from pydantic import Field

from compsvc.core.rules._rule import Among, Assigned, Rule

AMONG = {
    "en": {
        "among=plan": "Everybody under the plan takes part together.",
        "among=team": "Everybody takes part with those who have the same manager.",
        "assigned=any day": "Whoever is assigned on any day of the period takes part.",
        "assigned=last day": "Whoever is assigned on the last day of the period takes part.",
    },
    "de": {
        "among=plan": "Alle im Plan nehmen miteinander teil.",
        "among=team": "Jeder nimmt mit denen teil, die dieselbe Führungskraft haben.",
        "assigned=any day": "Es nimmt teil, wer an irgendeinem Tag des Zeitraums zugeordnet ist.",
        "assigned=last day": "Es nimmt teil, wer am letzten Tag des Zeitraums zugeordnet ist.",
    },
}


class AmongOthers(Rule):
    among: Among = Field(description="With whom: all of the plan, or those who have the same manager (M7).")
    assigned: Assigned = Field(description="Who takes part: who is assigned on `any day` of the period, or its last.")

    @property
    def has_rates(self) -> bool:
        return False
