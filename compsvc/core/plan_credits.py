"""Credit rules of a plan: who is credited with which deals, and how long a handover window holds (C1 to C4)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    SkipValidation,
    WithJsonSchema,
)

from compsvc.core.conditions import WHEN_SCHEMA, read_conditions
from compsvc.core.eligibility import Condition
from compsvc.core.node import Node, wrong
from compsvc.core.node import Position as Position
from compsvc.core.plan_values import Days, Flag, Months, Part, Priority, kind_of, one_or_list
from compsvc.core.plan_values import Rate as Rate

DealType = Literal["new_logo", "upsell", "cross_sell", "renewal", "downsell", "churn"]


class ShareLast(Node):
    """How the last months of a handover window are shared (C2)."""

    months: Months = Field(description="How many months at the end of the window, such as `2 months`.")
    hunter: Part
    successor: Part


class Handover(Node):
    """How long the rep who won the account keeps credit for its later deals (C2)."""

    keep: Months = Field(description="How long after the first order, such as `12 months`.")
    after: Literal["first order"]
    types: Annotated[tuple[DealType, ...], BeforeValidator(one_or_list)] = Field(
        alias="for", description="The deal types that the window covers, such as `[upsell, cross_sell]`."
    )
    if_hunter_left: Literal["owner", "pay_out"]
    survives_cancel: Flag = Field(description="`yes` or `no`: whether the window outlives a cancellation.")
    share_last: ShareLast | None = None
    protect_pipeline: Days | None = Field(None, description="For opportunities opened inside the window: `30 days`.")


When = Annotated[SkipValidation[tuple[Condition, ...]], BeforeValidator(read_conditions), WithJsonSchema(WHEN_SCHEMA)]


_ROLE = re.compile(r"role +([A-Za-z0-9_-]{1,63})")


def _read_to(value: object) -> str:
    if value == "seller":
        return "seller"
    match = _ROLE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong("BAD_CREDITED", f"{kind_of(value)} is nobody who can be credited. Write `seller` or `role NAME`.")
    return f"role {match[1]}"


CreditTo = Annotated[
    str,
    BeforeValidator(_read_to),
    WithJsonSchema({"type": "string", "pattern": "^(seller|role +[A-Za-z0-9_-]{1,63})$"}),
]


class CreditRule(Node):
    """Who is credited with which deals."""

    when: When = Field((), description="Conditions over the deal's fields; all of them must hold.")
    to: CreditTo = Field(description="`seller` (splits, window, seller, owner, territory: C1) or `role NAME` (C3).")
    overlay: Flag = Field(False, description="`yes`: on top of the 100% (C3).")
    roll_up: Flag = Field(False, description="`yes`: overlay credit is passed to the managers as well (C3, C4).")
    priority: Priority = Field(0, description="Lower first; ties in the order of the file.")
    handover: Handover | None = None
