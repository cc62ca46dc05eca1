"""A bonus for a count: `kicker: {at: 3, bonus: 5_000}` once, `{every: 3, bonus: 5_000}` each time (M9)."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, model_validator

from compsvc.core.curves import NOTHING, Every, Multiple, Piece, Template
from compsvc.core.node import Sentences, report
from compsvc.core.plan_values import Amount, Count
from compsvc.core.rules._rule import MILLIONTHS, Rule


class Kicker(Rule):
    kind: Literal["kicker"]
    reaches: Count | None = Field(None, alias="at", description="The count that pays the bonus, once a period.")
    every: Count | None = Field(None, description="The bonus is paid each time the count grows by so many.")
    bonus: Amount

    sentences: ClassVar[Sentences] = {
        "en": {
            "at": "It pays {bonus} once a period, as soon as the count reaches {at}.",
            "every": "It pays {bonus} each time the count has grown by {every}.",
            "bonus": "",
        },
        "de": {
            "at": "Gezahlt werden {bonus} einmal je Zeitraum, sobald die Anzahl {at} erreicht.",
            "every": "Gezahlt werden {bonus} jedes Mal, wenn die Anzahl um {every} gewachsen ist.",
            "bonus": "",
        },
    }

    @model_validator(mode="after")
    def _once_or_each_time(self, info: ValidationInfo) -> Kicker:
        if (self.reaches is None) == (self.every is None):
            message = "a kicker pays once (`at: 3`) or each time (`every: 3`). Write exactly one of the two."
            report(info, "KICKER_AT_OR_EVERY", self.at, message)
        if self.bonus < 0:
            report(info, "BONUS_NEGATIVE", self.at, "a bonus below 0 would take pay away. Write an amount above 0.")
        return self

    @property
    def moved_by(self) -> Literal["money", "count"]:
        return "count"

    @property
    def has_rates(self) -> bool:
        return False

    def template(self) -> Template:
        bonus, still = Multiple(Fraction(self.bonus)), Piece(start=NOTHING, slope=NOTHING)
        if self.every is not None:
            return Template((still,), position="count", every=Every(self.every * MILLIONTHS, bonus))
        assert self.reaches is not None, "checked when the plan was read"
        reached = Piece(start=Multiple(Fraction(self.reaches * MILLIONTHS)), slope=NOTHING, jump=bonus)
        return Template((still, reached), position="count")
