"""What a plan tells payroll beside the amounts: by which codes and on which day they are paid (B6)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from compsvc.core.node import Node, wrong
from compsvc.core.plan_values import Title, kind_of

_PAY_DAY = re.compile(r"(last day|day ([1-9]|[12][0-9]|3[01])) of (the month|the next month)")


@dataclass(frozen=True, slots=True)
class PayDay:
    """`last day of the month`, `day 25 of the next month`; a day that the month lacks is its last one."""

    LAST: ClassVar = 31
    day: int
    next_month: bool

    def of(self, last_date: date) -> date:
        """`last_date` ends the pay period."""
        at = last_date + timedelta(days=1) if self.next_month else last_date
        return at.replace(day=min(self.day, calendar.monthrange(at.year, at.month)[1]))


def _read_pay_day(value: object) -> PayDay:
    if isinstance(value, PayDay):
        return value
    match = _PAY_DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        wanted = "Write it as `last day of the month` or `day 25 of the next month`."
        raise wrong("BAD_PAY_DAY", f"{kind_of(value)} is no day of payment. {wanted}")
    return PayDay(int(match[2] or PayDay.LAST), match[3] == "the next month")


class Codes(Node):
    """By which codes payroll and the general ledger know what a component pays."""

    earnings_code: Title | None = Field(None, description="Payroll's type of pay, such as `1210`.")
    gl_account: Title | None = Field(None, description="The account of the general ledger, such as `6020`.")


class Payroll(Codes):
    """Codes of whatever says none of its own, draws and recoveries too, and the day of payment."""

    pay_day: (
        Annotated[
            PayDay,
            BeforeValidator(_read_pay_day),
            WithJsonSchema(
                {"type": "string", "pattern": f"^{_PAY_DAY.pattern}$", "examples": ["last day of the month"]}
            ),
        ]
        | None
    ) = Field(None, description="When a pay period is paid: `last day of the month`, `day 25 of the next month`.")
