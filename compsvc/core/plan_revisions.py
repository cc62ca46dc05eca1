"""Which of a plan's revisions holds: the last one, or the one in force on a day (D4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from compsvc.core.plan import Plan

T = TypeVar("T")


def latest(plans: Sequence[Plan]) -> Sequence[Plan]:
    """The last revision of each plan: when pay is due holds for the whole life of a plan."""
    return list({plan.plan: plan for plan in sorted(plans, key=lambda plan: plan.effective)}.values())


def in_force_on(day: date, revisions: Sequence[T], begins: Callable[[T], date]) -> T:
    """Of one plan's revisions, or what belongs to each, the oldest first; before the first one that first one."""
    begun = [each for each in revisions if begins(each) <= day]
    return begun[-1] if begun else revisions[0]
