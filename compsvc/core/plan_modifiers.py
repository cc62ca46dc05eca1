"""Words that stand around what a component pays: gate, multiplier, windfall, the plan's cap and floor (M6, T3)."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from compsvc.core import limits
from compsvc.core.node import Node, report, wrong
from compsvc.core.node import Position as Position
from compsvc.core.plan_values import Edge, Factor, Part, Per, PositiveAmount, Share, percent, read_part
from compsvc.core.plan_values import Rate as Rate

OWN_MEASURE = "own"


ASKED = r"[a-z][a-z0-9-]*"


def _read_windfall(value: object) -> object:
    if isinstance(value, str) and value != "review" and not re.match(r"[0-9]", value):
        raise wrong("NOT_A_CHOICE", f"`{value}` is neither a share nor `review`. Write one, such as `50%`.")
    return value if value == "review" else read_part(value)


class Gate(Node):
    """From which point on a component pays at all: one value per measurement period (M6)."""

    measure: Annotated[str, WithJsonSchema({"type": "string", "pattern": rf"^{ASKED}$"})] = Field(
        description="`own`, or the component whose measure is asked."
    )
    at_least: Edge = Field(description="A share of the quota such as `90%`, an amount or a count.")
    above: Literal["only"] | None = Field(None, description="Only what is above the gate pays; of the own measure.")


class MultiplierTier(Node):
    to: Share | None = Field(None, description="Where the tier ends, as a share of the quota. The last has none.")
    times: Factor


class Multiplier(Node):
    """By how much everything that a component pays is multiplied: one value per measurement period (M6)."""

    by: Annotated[str, Field(pattern=r"^attainment( of .+)?$")] = Field(
        description="`attainment`, or `attainment of COMPONENT`."
    )
    boundary: Literal["at", "over"] = Field(description="A value exactly on an edge: in the higher tier, or the lower.")
    tiers: Annotated[tuple[MultiplierTier, ...], Field(min_length=1, max_length=limits.MAX_TIERS)]

    @property
    def of(self) -> str:
        return self.by.removeprefix("attainment").removeprefix(" of ") or OWN_MEASURE

    @model_validator(mode="after")
    def _edges(self, info: ValidationInfo) -> Multiplier:
        before = Fraction(0)
        for number, tier in enumerate(self.tiers, start=1):
            last = number == len(self.tiers)
            if last and tier.to is not None:
                ends = f"the last tier ends at {percent(tier.to)}"
                message = f"{ends}: nothing says what holds above. Leave out its `to`."
                report(info, "LAST_TIER_ENDS", tier.at, message)
            elif not last and tier.to is None:
                message = f"tier {number} has no `to`, but more tiers follow. Only the last goes on."
                report(info, "TIER_WITHOUT_END", tier.at, message)
            elif tier.to is not None and tier.to <= before:
                message = f"tier {number} ends at {percent(tier.to)}, not above {percent(before)}. Tiers must rise."
                report(info, "TIERS_NOT_RISING", tier.at, message)
            before = tier.to or before
        return self


class Windfall(Node):
    """What of a single deal above an amount is paid: a share of it, or nothing before somebody has looked at it."""

    above_minor: PositiveAmount = Field(alias="above", description="An amount such as `1_000_000`.")
    pays: Annotated[Part | Literal["review"], BeforeValidator(_read_windfall)] = Field(
        alias="pay", description="A share such as `50%`, or `review`."
    )

    @model_validator(mode="after")
    def _is_of_some(self, info: ValidationInfo) -> Windfall:
        if self.above_minor == 0:
            message = (
                "every deal is above 0, so all of each would be a windfall. Write the amount from which a deal is one; "
                "where a share of every deal is meant, write a lower rate."
            )
            report(info, "OUT_OF_RANGE", self.at, message)
        return self


class PlanBound(Node):
    """A cap or a floor of everything that the plan pays a participant in a period (T3)."""

    amount_minor: PositiveAmount = Field(alias="amount", description="An amount such as `100_000`.")
    per: Per
