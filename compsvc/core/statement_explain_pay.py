"""What an explanation says of when a line is due, part by part as the plan has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from compsvc.core.payable import is_plain
from compsvc.core.plan import Plan
from compsvc.core.plan_pay import Instalment


def instalments(plan: Plan) -> Iterator[tuple[Mapping[str, str | int | Fraction], str]]:
    """What each part says, and where in the plan. Nothing where the line is due at once."""
    if not is_plain(plan):
        yield from ((_said(item), item.at.in_folder) for item in plan.instalments)


def _said(item: Instalment) -> dict[str, str | int | Fraction]:
    found: dict[str, str | int | Fraction] = {"share": item.share, "on": item.on}
    if item.after is not None:
        found[f"{item.after.unit}s_later"] = item.after.number
    if item.over is not None:
        found["months"] = item.over
    if item.held_until is not None:
        found["until"] = item.held_until
    return found
