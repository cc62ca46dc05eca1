"""What a loss takes back, as a plan says it (T1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from compsvc.core.node import Node, Part, kind_of, read_months, wrong


@dataclass(frozen=True, slots=True)
class FullWithin:
    """All is owed for some months from the start on, then less with each of `over` more; none: nothing after."""

    months: int
    over: int = 0


_MONTHS = "[0-9]{1,6} months?"
_FULL = re.compile(rf"full within ({_MONTHS})(?: then pro rata over ({_MONTHS}))?")
_PRO_RATA = re.compile(rf"pro rata over ({_MONTHS})")


def _read_schedule(value: object) -> object:
    """`full`, `pro rata over 12 months` as the number of months, or `full within 6 months`."""
    if value == "full" or isinstance(value, int | FullWithin):
        return value
    text = value if isinstance(value, str) else ""
    if match := _PRO_RATA.fullmatch(text):
        return read_months(match[1])
    if match := _FULL.fullmatch(text):
        return FullWithin(read_months(match[1]), read_months(match[2]) if match[2] else 0)
    known = "`full`, `pro rata over 12 months`, `full within 6 months`"
    both = "`full within 3 months then pro rata over 9 months`"
    raise wrong("BAD_SCHEDULE", f"{kind_of(value)} is no schedule. Write {known} or {both}.")


Schedule = Annotated[
    Literal["full"] | int | FullWithin,
    BeforeValidator(_read_schedule),
    WithJsonSchema({"type": "string", "pattern": f"^(full|{_PRO_RATA.pattern}|{_FULL.pattern})$"}),
]


class Clawback(Node):
    """What a loss takes back of what its deal was paid (T1)."""

    basis: Literal["as_paid", "original_rate", "recompute"] = Field(
        description="The share of what was posted, the rates it was paid at, or what the curve now comes to."
    )
    attainment: Literal["original_period", "period_of_loss", "no"] = Field(
        description="In which period's position the lost credit is taken off, if in any."
    )
    schedule: Schedule = Field(
        description="`full`, or less with time: `pro rata over 12 months`, `full within 6 months`."
    )
    share: Part = Field(
        Fraction(1), description="How much of what is lost is taken back, such as `50%`; all if left out."
    )


def _clawback_or_no(value: object) -> str:
    return "no" if isinstance(value, str) else "terms"


TakenBack = Annotated[
    Annotated[Clawback, Tag("terms")] | Annotated[Literal["no"], Tag("no")], Discriminator(_clawback_or_no)
]
