"""What a loss takes back, as a plan says it (T1)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
)

from compsvc.core.node import (
    Node,
    kind_of,
    read_months,
    wrong,
)
from compsvc.core.node import Position as Position
from compsvc.core.node import Rate as Rate


def _read_schedule(value: object) -> object:
    """`full`, or `pro rata over 12 months` as the number of months."""
    if value == "full" or isinstance(value, int):
        return value
    if isinstance(value, str) and (match := re.fullmatch(r"pro rata over ([0-9]{1,6} months?)", value)):
        return read_months(match[1])
    raise wrong("BAD_SCHEDULE", f"{kind_of(value)} is no schedule. Write `full` or `pro rata over 12 months`.")


Schedule = Annotated[
    Literal["full"] | int,
    BeforeValidator(_read_schedule),
    WithJsonSchema({"type": "string", "pattern": "^(full|pro rata over [0-9]+ months?)$"}),
]


class Clawback(Node):
    """What a loss takes back of what its deal was paid (T1)."""

    basis: Literal["as_paid", "original_rate", "recompute"] = Field(
        description="The share of what was posted, the rates it was paid at, or what the curve now comes to."
    )
    attainment: Literal["original_period", "period_of_loss", "no"] = Field(
        description="In which period's position the lost credit is taken off, if in any."
    )
    schedule: Schedule = Field(description="`full`, or less with time: `pro rata over 12 months`.")


def _clawback_or_no(value: object) -> str:
    return "no" if isinstance(value, str) else "terms"


TakenBack = Annotated[
    Annotated[Clawback, Tag("terms")] | Annotated[Literal["no"], Tag("no")], Discriminator(_clawback_or_no)
]
