"""An amount that a period pays by itself: `fixed: {amount: 2_000, part_period: by days}`, such as a retainer."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from compsvc.core.curves import NOTHING, Piece, Template
from compsvc.core.node import Sentences
from compsvc.core.plan_values import PositiveAmount
from compsvc.core.rules._rule import OfPeriod, Rule


class Fixed(Rule):
    kind: Literal["fixed"]
    sentences: ClassVar[Sentences] = {
        "en": {
            "amount": "It pays {amount} each period, whatever is sold.",
            "part_period=by days": "A period in which the assignment or the plan begins or ends pays by its days.",
            "part_period=whole": "A period in which the assignment is in force on any day is paid in full.",
        },
        "de": {
            "amount": "Gezahlt werden {amount} je Zeitraum, was auch verkauft wird.",
            "part_period=by days": "Beginnt oder endet Zuordnung oder Plan im Zeitraum, wird nach Tagen gezahlt.",
            "part_period=whole": "Gilt die Zuordnung an irgendeinem Tag des Zeitraums, wird er ganz bezahlt.",
        },
    }
    amount: PositiveAmount = Field(description="For each period of `per`: an amount such as `2_000`.")
    part_period: Literal["by days", "whole"] = Field(
        description="What a period pays that the assignment covers in part: by its days, or the whole amount."
    )

    pays_without_measure: ClassVar[bool] = True

    @property
    def has_rates(self) -> bool:
        return False

    @property
    def of_period(self) -> OfPeriod:
        return OfPeriod(self.amount, by_days=self.part_period == "by days")

    def template(self) -> Template:
        return Template((Piece(start=NOTHING, slope=NOTHING),))
