"""Words of a component about how a measure counts: ramps, and what later payments are worth."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from compsvc.core import limits
from compsvc.core.node import Node, report, wrong
from compsvc.core.node import Position as Position
from compsvc.core.plan_values import Months, kind_of, read_share
from compsvc.core.plan_values import Rate as Rate

AS_STAGES_START = "as_stages_start"


class Ramp(Node):
    """From when on a ramp is credited with its last committed stage (L3)."""

    term_at_least: Months = Field(description="Of the whole ramp, such as `36 months`.")
    last_stage_at_least: Months = Field(description="Of its last stage, such as `12 months`.")
    below_limits: Literal["first_stage", "average"]


def _ramp_or_word(value: object) -> str:
    return "word" if isinstance(value, str) else "limits"


def _read_policy(value: object) -> str:
    if value != AS_STAGES_START:
        raise wrong("NOT_A_CHOICE", f"{kind_of(value)} is no ramp policy. Write its limits, or `{AS_STAGES_START}`.")
    return AS_STAGES_START


_Policy = Annotated[str, BeforeValidator(_read_policy), WithJsonSchema({"const": AS_STAGES_START})]


RampPolicy = Annotated[Annotated[Ramp, Tag("limits")] | Annotated[_Policy, Tag("word")], Discriminator(_ramp_or_word)]


def _read_yearly(value: object) -> Fraction:
    share = read_share(value)
    if share > 1:
        raise wrong("OUT_OF_RANGE", f"{kind_of(value)} a year is above 100%. Write a share of it, such as `8%`.")
    return share


def _read_horizon(value: object) -> int | None:
    """Years; None is without end."""
    if value == "open":
        return None
    found = re.fullmatch(r"([0-9]{1,3}) years?", value) if isinstance(value, str) else None
    if found is None or not 0 < int(found[1]) <= limits.MAX_MONTHS // 12:
        raise wrong("BAD_SPAN", f"{kind_of(value)} is no horizon. Write `open`, or years such as `5 years`.")
    return int(found[1])


Yearly = Annotated[Fraction, BeforeValidator(_read_yearly), WithJsonSchema({"type": "string", "examples": ["8%"]})]


Horizon = Annotated[
    int | None,
    BeforeValidator(_read_horizon),
    WithJsonSchema({"type": "string", "pattern": "^(open|[0-9]+ years?)$", "examples": ["open", "5 years"]}),
]


class PresentValue(Node):
    """What payments that come later are worth today: yearly in advance, each by what is left of it."""

    discount: Yearly = Field(description="A year, such as `8%`.")
    churn: Yearly = Field(description="How many contracts are lost a year, such as `5%`; `0%` where none is.")

    @property
    def left(self) -> Fraction:
        """Of a payment that comes a year later."""
        return Fraction(1 - self.churn, 1 + self.discount)


class Lifetime(PresentValue):
    """What a customer is worth beyond the contract: the annual value for as long as customers stay."""

    horizon: Horizon = Field(description="`open`, or years such as `5 years`.")

    @property
    def years(self) -> Fraction:
        """How many annual values it is worth."""
        if self.horizon is None:
            return Fraction(1, 1 - self.left)
        return sum((self.left**year for year in range(self.horizon)), Fraction(0))

    @model_validator(mode="after")
    def _has_an_end(self, info: ValidationInfo) -> Lifetime:
        if self.horizon is None and self.left == 1:
            message = "without churn, discount and horizon the value has no end. State one of them above 0."
            report(info, "LTV_WITHOUT_END", self.at, message)
        return self
