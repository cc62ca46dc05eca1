"""How a plan makes a period's quota of a given one: seasonal weights, proration, the ramp-up of new hires (M4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SkipValidation, WithJsonSchema

from compsvc.core.limits import MAX_QUOTA_DENOMINATOR, MAX_RAMP_UP_MONTHS
from compsvc.core.node import Listed, Mapped, Node, Text, place_of, wrong
from compsvc.core.plan_values import MONTHS, Share, kind_of, one_or_list, read_share
from compsvc.core.problems import did_you_mean

Reason = Literal["entry", "exit", "leave", "part_time"]
Of = Literal["quota", "quota and target"]
SEASONS: Mapping[str, Sequence[str]] = {
    "half_year": ("H1", "H2"),
    "quarter": ("Q1", "Q2", "Q3", "Q4"),
    "month": MONTHS,
}


class Prorate(Node):
    """For what a quota is reduced to the time that counts. Nothing in `reasons` is `prorate: no`."""

    by: Literal["days", "months"]
    reasons: Annotated[tuple[Reason, ...], BeforeValidator(one_or_list)] = Field(
        alias="for", min_length=1, description="Any of `entry`, `exit`, `leave`, `part_time`."
    )
    part_month: Literal["counts", "leave out", "by days"] | None = Field(
        None, description="With `by: months`: a month that counts in part only."
    )
    of: Of | None = Field(None, description="Where a target is paid: whether it is prorated alike.")


def _read_prorate(value: object) -> object:
    """`no` is proration for nothing."""
    if value == "no":
        return Prorate.model_construct(at=place_of(value), by="days", reasons=(), part_month=None, of=None)
    if isinstance(value, (Prorate, Mapped)) or value is None:
        return value
    message = f"here stands {kind_of(value)}; wanted: `no`, or `{{by: days, for: [entry, exit, leave, part_time]}}`."
    raise wrong("WRONG_TYPE", message)


ProrateOrNo = Annotated[
    Prorate | None,
    BeforeValidator(_read_prorate),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["no", False]},
                {
                    "type": "object",
                    "properties": {
                        "by": {"enum": ["days", "months"]},
                        "for": {"type": "array", "items": {"enum": ["entry", "exit", "leave", "part_time"]}},
                        "part_month": {"enum": ["counts", "leave out", "by days"]},
                        "of": {"enum": ["quota", "quota and target"]},
                    },
                    "required": ["by", "for"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def _read_shares(value: object) -> tuple[Fraction, ...]:
    items = list(value) if isinstance(value, (list, tuple)) else []
    if not items:
        raise wrong("EMPTY_LIST", "write the share of each month, such as `[0%, 25%, 50%, 75%, 100%]`.")
    if len(items) > MAX_RAMP_UP_MONTHS:
        raise wrong("LIST_TOO_LONG", f"this list has {len(items)} months; at most {MAX_RAMP_UP_MONTHS}.")
    shares = tuple(read_share(item) for item in items)
    for item, share in zip(items, shares, strict=True):
        if share > 1:
            raise wrong("OUT_OF_RANGE", f"`{item}` is above 100%.", place_of(item, place_of(value)))
    _check_denominator(shares, place_of(value))
    return shares


def _check_denominator(shares: Sequence[Fraction], at: Any) -> None:
    if lcm(*(share.denominator for share in shares)) > MAX_QUOTA_DENOMINATOR:
        raise wrong("RATE_TOO_FINE", "these shares have too many digits to be computed exactly; use two decimals.", at)


class RampUp(Node):
    """What share of the quota a new hire has, month by month from the start; the full quota afterwards."""

    months: Annotated[tuple[Share, ...], BeforeValidator(_read_shares)] = Field(
        description="The share of each month, such as `[0%, 25%, 50%, 75%, 100%]`."
    )
    of: Of = Field(description="Whether the target is ramped alike.")
    start: Literal["first assignment", "first assignment to this plan"] = Field(
        "first assignment", alias="from", description="Which start of the participant the months are counted from."
    )


@dataclass(frozen=True, slots=True)
class Seasonal:
    """How a year's quota falls on its halves, quarters (in fiscal order) or months (in calendar order)."""

    per: str  # of SEASONS
    weights: tuple[Fraction, ...]

    def by_place(self, fiscal_year_starts: int) -> tuple[Fraction, ...]:
        """The weights in fiscal order."""
        first = fiscal_year_starts - 1 if self.per == "month" else 0
        return self.weights[first:] + self.weights[:first]

    def months(self, fiscal_year_starts: int) -> tuple[Fraction, ...]:
        """The weight of each month of the fiscal year; those of longer spans in equal parts."""
        months = 12 // len(self.weights)
        of_months = (weight * Fraction(1, months) for weight in self.by_place(fiscal_year_starts))
        return tuple(weight for weight in of_months for _ in range(months))


def _read_seasonal(value: object) -> object:
    if isinstance(value, Seasonal) or value is None:
        return value
    if not isinstance(value, Mapped):
        raise wrong("WRONG_TYPE", f"here stands {kind_of(value)}; wanted: `{{Q1: 20%, Q2: 25%, Q3: 25%, Q4: 30%}}`.")
    per = next((per for per, names in SEASONS.items() if any(name in names for name in value)), "month")
    names = SEASONS[per]
    for name in value:
        if name not in names:
            message = f"`{name}` is no {per.replace('_', '-')}.{did_you_mean(name, names)}"
            raise wrong("UNKNOWN_KEY", message, value.key_at(name))
    if missing := [name for name in names if name not in value]:
        raise wrong("MISSING_KEY", f"`{missing[0]}` is missing; write `0%` where nothing falls on it.", value.at)
    weights = [_weight(value, name) for name in names]
    if sum(weights) != 1:
        raise wrong("SHARES_NOT_WHOLE", f"the weights sum to {_percent(sum(weights))}; it must be 100%.", value.at)
    _check_denominator(weights, value.at)
    return Seasonal(per, tuple(weights))


def _weight(value: Mapped, name: str) -> Fraction:
    written = value[name]
    if isinstance(written, (Mapped, Listed)) or not isinstance(written, Text):
        raise wrong("WRONG_TYPE", f"here stands {kind_of(written)}; wanted: a share such as `25%`.", value.key_at(name))
    return read_share(written)


def _percent(share: Fraction | int) -> str:
    hundredths = Fraction(share) * 100
    return f"{hundredths}%" if hundredths.denominator == 1 else f"{Fraction(share)}"


_WEIGHTS: Mapping[str, Any] = {"type": "string", "pattern": r"^([0-9_]+(\.[0-9]+)? ?%|[0-9]+ ?/ ?[0-9]+)$"}
SeasonalWeights = Annotated[
    SkipValidation[Seasonal | None],
    BeforeValidator(_read_seasonal),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "object",
                    "properties": dict.fromkeys(names, _WEIGHTS),
                    "required": list(names),
                    "additionalProperties": False,
                }
                for names in SEASONS.values()
            ]
        }
    ),
]
