"""What shares are of: the period's target incentive of each assignment, or an amount that the plan names (M4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from compsvc.core.node import wrong
from compsvc.core.plan_values import AMOUNT_PATTERN, kind_of, read_amount
from compsvc.core.rules._rule import Rule

TARGET = "target incentive"


def _read_of(value: object, info: ValidationInfo) -> object:
    if value == TARGET or value is None:
        return value
    written = isinstance(value, str | int)
    if not written or not any(sign.isdigit() for sign in str(value)):
        message = f"here stands {kind_of(value)}; wanted: `{TARGET}`, or an amount for each period such as `3_000`."
        raise wrong("NOT_A_CHOICE" if written else "WRONG_TYPE", message)
    minor = read_amount(value, info)
    if minor <= 0:
        raise wrong("OUT_OF_RANGE", f"shares of `{value}` pay nothing. Write an amount above 0, or `{TARGET}`.")
    return minor


OfTarget = Annotated[
    str | int,
    BeforeValidator(_read_of),
    WithJsonSchema({"type": ["string", "number"], "pattern": f"^{TARGET}$|{AMOUNT_PATTERN}", "examples": [TARGET]}),
]


class OfTargetRule(Rule):
    """A rule kind that may pay shares of the period's target, or of an amount in its place."""

    if TYPE_CHECKING:
        of: OfTarget | None

    @property
    def amount_minor(self) -> int | None:
        return self.of if isinstance(self.of, int) else None
