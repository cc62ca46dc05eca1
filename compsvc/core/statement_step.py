"""A step of a derivation: a code and its exact figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from compsvc.core.statement_values import Money, Quantity, Row


@dataclass(frozen=True, slots=True)
class Exact:
    """An amount before it is rounded, in minor units; of a count where there is no currency, in millionths."""

    amount: Fraction
    currency_code: str | None


Value = Money | Quantity | Exact | Fraction | date | datetime | int | str


@dataclass(frozen=True, slots=True)
class Step:
    code: str
    values: Mapping[str, Value]
    plan_at: str = ""  # plan.yaml:31, where a plan says so
    steps: tuple[Step, ...] = ()


def money(row: Row, minor: int) -> Money:
    return Money(minor, row["currency_code"])


def present(**values: Value | None) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}
