"""From earnings to payslip: the words for when pay is due, what is held, and what a balance does (T2 to T6, J1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from compsvc.core import limits
from compsvc.core.node import Node, wrong
from compsvc.core.plan_values import (
    Count,
    Days,
    Flag,
    IsoDate,
    Months,
    Part,
    PositiveAmount,
    kind_of,
    read_amount_from_zero,
)

Trigger = Literal["accepted", "closed", "invoiced", "paid"]
CASH = ("invoiced", "paid")  # triggers that happen in parts, as facts of their own say
_WAIT = re.compile(r"([0-9]{1,6}) (day|month)s?")
_PAY_MONTH = re.compile(r"month ([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Wait:
    """`90 days`, `9 months`."""

    number: int
    unit: Literal["day", "month"]


def _read_wait(value: object) -> Wait:
    if isinstance(value, Wait):
        return value
    match = _WAIT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong("BAD_SPAN", f"{kind_of(value)} is no time to wait. Write it as `90 days` or `9 months`.")
    unit: Literal["day", "month"] = "day" if match[2] == "day" else "month"
    most = limits.MAX_DAYS if unit == "day" else limits.MAX_MONTHS
    if not 1 <= int(match[1]) <= most:
        raise wrong("OUT_OF_RANGE", f"`{value}` is not between 1 and {most:,} {unit}s.")
    return Wait(int(match[1]), unit)


def _read_pay_month(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _PAY_MONTH.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 1 <= int(match[1]) <= limits.MAX_MONTHS:
        raise wrong("BAD_PAY_MONTH", f"{kind_of(value)} is no month of the draw. Write it as `month 4`.")
    return int(match[1])


def _read_never_below(value: object, info: Any) -> int | str:
    return "draw" if value == "draw" else read_amount_from_zero(value, info)


Waiting = Annotated[
    Wait, BeforeValidator(_read_wait), WithJsonSchema({"type": "string", "pattern": "^[0-9]+ (day|month)s?$"})
]
PayMonth = Annotated[
    int, BeforeValidator(_read_pay_month), WithJsonSchema({"type": "string", "pattern": "^month [0-9]+$"})
]
NeverBelow = Annotated[
    int | Literal["draw"],
    BeforeValidator(_read_never_below),
    WithJsonSchema({"type": ["string", "number"], "pattern": r"^(draw|[0-9]+(_[0-9]{3})*(\.[0-9]+)?)$"}),
]


class Earned(Node):
    """From when on pay is earned; before, it is an advance (J1)."""

    on: Trigger


class Instalment(Node):
    """A part of each line's pay, and when it is due (D1)."""

    share: Part = Field(Fraction(1), description="Of the line, such as `50%`; all shares together are 100%.")
    on: Trigger
    after: Waiting | None = Field(None, description="So long after that day: `90 days`, `9 months`.")
    over: Months | None = Field(None, description="In monthly parts, the first on that day: `12 months`.")
    held_until: Literal["quarter end", "half_year end", "year end"] | None = Field(
        None, description="Of the fiscal calendar."
    )

    @property
    def is_plain(self) -> bool:
        """Whether the whole line is due at once, on a day that the line itself knows."""
        later = self.after is not None or self.over is not None or self.held_until is not None
        return self.share == 1 and self.on not in CASH and not later


def _one_or_several(value: object) -> str:
    return "several" if isinstance(value, (list, tuple)) else "one"


Payable = Annotated[
    Annotated[Instalment, Tag("one")] | Annotated[tuple[Instalment, ...], Tag("several")],
    Discriminator(_one_or_several),
]


class Reserve(Node):
    """A share of each line is held until the contract's liability has ended (Stornoreserve)."""

    share: Part = Field(description="Of what becomes payable, such as `10%`.")
    months: Months = Field(alias="for", description="From the contract's start, such as `12 months`.")


class Negative(Node):
    """What happens where a pay period takes back more than it pays, and how a balance is recovered (T4)."""

    carry: Flag = Field(description="`yes`: what is missing is a balance; `no`: it is forgiven.")
    recover_at_most: Part | None = Field(None, description="Of what is payable in a pay period, such as `50%`.")
    never_below: NeverBelow | None = Field(
        None, description="An amount that a recovery leaves, such as `0`; or `draw`."
    )
    order: Literal["oldest first", "draw first", "negative first"] | None = Field(
        None, description="Which balance is recovered first."
    )


class Draw(Node):
    """Pay ahead of earnings: each pay period pays at least this much."""

    amount_minor: PositiveAmount = Field(alias="amount", description="Of a whole pay period, such as `3_000`.")
    per: Literal["month"]
    recoverable: Flag = Field(description="`yes`: what was paid ahead is a balance; `no`: it is kept.")
    below_zero: Literal["top up", "nothing"] = Field(
        "top up", description="Whether a pay period that takes back more than it pays is topped up from 0 (T3), or not."
    )
    recovery_from: PayMonth | None = Field(None, description="From which month of the draw on: `month 4`.")
    recover_at_most: Part | None = Field(None, description="Of what is payable in a pay period, such as `25%`.")
    owes_at_most_minor: PositiveAmount | None = Field(
        None,
        alias="owes_at_most",
        description="The most that the balance may come to by what is lent, such as `6_000`.",
    )
    periods: Count | None = Field(None, description="For how many months, such as `6`.")
    until: IsoDate | None = Field(None, description="The first day without, such as `2027-01-01`.")


class Guarantee(Node):
    """Each pay period of the first months pays at least this much; nothing of it is recovered."""

    amount_minor: PositiveAmount = Field(alias="amount", description="Of a whole pay period, such as `5_000`.")
    months: Months = Field(alias="for", description="From the assignment's start, such as `3 months`.")


class Leaver(Node):
    """What happens when somebody leaves; each part is said (T6)."""

    accepted_unpaid: Literal["pay", "forfeit"]
    pending_accepted_within: Days = Field(description="Of the last day, such as `90 days`.")
    reserve: Literal["keep dates", "pay out", "forfeit"]
    draw: Literal["claim", "forgive"]
    negative: Literal["claim", "forgive"]
    later_clawback: Literal["claim", "none"]
    period_bonus: Literal["full", "pro rata", "forfeit"]
