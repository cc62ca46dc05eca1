"""`objectives: {of: 5_000, at_most: 100%, list: [{activity: onboarding_plan, weight: 40%}, ...]}` (MBO).

How far one is met is told by activities of its kind: their quantity is the percentage, all of it where none is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, model_validator

from compsvc.core import limits
from compsvc.core.curves import NOTHING, Multiple, Piece, Template
from compsvc.core.node import Node, Position, Sentences, report
from compsvc.core.plan_values import Part, Share, percent
from compsvc.core.rules._rule import MILLIONTHS, Weighed
from compsvc.core.rules._target import OfTarget, OfTargetRule

PER_PERCENT = MILLIONTHS // 100


class Objective(Node):
    sentences: ClassVar[Sentences] = {"en": {"": "{activity} ({weight})"}, "de": {"": "{activity} ({weight})"}}
    activity: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,63}$")] = Field(
        description="Its kind, as the facts name it: `onboarding_plan`."
    )
    weight: Part = Field(description="Its share of the target, such as `40%`; together they are 100%.")


class Objectives(OfTargetRule):
    kind: Literal["objectives"]
    of: OfTarget = Field(description="`target incentive`, or an amount for each period such as `5_000`.")
    at_most: Share = Field(description="How far each objective counts at most, such as `100%`.")
    listed: Annotated[tuple[Objective, ...], Field(min_length=1, max_length=limits.MAX_TIERS)] = Field(
        alias="list", description="What is to be achieved: `[{activity: onboarding_plan, weight: 40%}, ...]`."
    )

    sentences: ClassVar[Sentences] = {
        "en": {
            "of=target incentive": "Each objective has its weight of the period's target incentive, and pays as much "
            "of that as is met.",
            "of": "Each objective has its weight of {of} each period, and pays as much of that as is met.",
            "at_most": "An objective counts up to {at_most}; what is above that does not make up for another.",
            "list": "The objectives, with their weights: {list}.",
        },
        "de": {
            "of=target incentive": "Jede Aufgabe hat ihr Gewicht an der Zielvergütung des Zeitraums und zahlt davon, "
            "soweit erfüllt.",
            "of": "Jede Aufgabe hat ihr Gewicht an {of} je Zeitraum und zahlt davon, soweit erfüllt.",
            "at_most": "Eine Aufgabe zählt bis zu {at_most}; was darüber liegt, gleicht keine andere aus.",
            "list": "Die Aufgaben und ihre Gewichte: {list}.",
        },
    }

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> Objectives:
        for at, code, message in self._wrong():
            report(info, code, at, message)
        return self

    def _wrong(self) -> Iterator[tuple[Position, str, str]]:
        if (total := sum(item.weight for item in self.listed)) != 1:
            yield self.at, "SHARES_NOT_WHOLE", f"the weights are {percent(Fraction(total))} together; it must be 100%."
        if self.at_most <= 0 or self.at_most * 100 % 1:
            message = f"`at_most: {percent(self.at_most)}` is no whole percentage above 0. Write `100%`, say."
            yield self.at, "OUT_OF_RANGE", message
        known: set[str] = set()
        for item in self.listed:
            if item.weight * PER_PERCENT % 1:
                message = f"a weight of {percent(item.weight)} is too fine. Write a percentage of up to two decimals."
                yield item.at, "RATE_TOO_FINE", message
            if item.activity in known:
                yield item.at, "NAME_TWICE", f"`{item.activity}` is listed twice; remove one, or add up their weights."
            known.add(item.activity)

    @property
    def moved_by(self) -> Literal["money", "count"]:
        return "count"

    @property
    def has_rates(self) -> bool:
        return False

    @property
    def weighs(self) -> Weighed:
        """In millionths of the target for each percent."""
        worth = {item.activity: int(item.weight * PER_PERCENT) for item in self.listed}
        return Weighed(worth, most=int(self.at_most * 100), whole=100)

    def template(self) -> Template:
        whole = Piece(start=NOTHING, slope=Multiple(Fraction(1, MILLIONTHS), "target"))
        return Template((whole,), position="count", of_units=True)
