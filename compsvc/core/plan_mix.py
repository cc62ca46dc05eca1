"""What a plan calls a healthy mix of a seller's accounts: it decides nothing, and stands on the statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from compsvc.core.node import Node, wrong
from compsvc.core.plan_values import kind_of

_RANGE = re.compile(r"([0-9]{1,6})\.\.([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Range:
    """`5..10`: both ends included."""

    least: int
    most: int

    def __str__(self) -> str:
        return f"{self.least}..{self.most}"


def _read_range(value: object) -> Range:
    if isinstance(value, Range):
        return value
    found = _RANGE.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[2]) < int(found[1]):
        raise wrong("BAD_NUMBER", f"{kind_of(value)} is no range of numbers. Write it as `5..10`.")
    return Range(int(found[1]), int(found[2]))


Some = Annotated[
    Range, BeforeValidator(_read_range), WithJsonSchema({"type": "string", "pattern": f"^{_RANGE.pattern}$"})
]


class Mix(Node):
    """How many of the accounts that somebody owns should be customers, and how many are still to be won."""

    customers: Some = Field(description="Accounts that have ordered, such as `5..10`.")
    targets: Some = Field(description="Accounts without an order, such as `20..30`.")
