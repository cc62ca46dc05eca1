"""The calculation of the book as it stands, made at most once for each position and shared by all who ask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compsvc.core.checks import check_facts
from compsvc.core.checks_rules import Refusal
from compsvc.core.curves import FiguresTooLarge
from compsvc.core.eligibility import EligibilityError
from compsvc.core.facts import Facts
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.service.plans import Plans
from compsvc.service.ports import FailedPrecondition, ReadStore

Calculate = Callable[[Sequence[Plan], Facts], Result]


@dataclass(frozen=True, slots=True)
class Calculation:
    """What follows from the book at a position. `refusals` are rows that a later plan or row has made impossible."""

    position: int
    plans: tuple[Plan, ...]
    facts: Facts
    result: Result
    refusals: tuple[Refusal, ...]


class Calculations:
    """Safe to share between threads: one calculates, the others wait for it."""

    def __init__(self, store: ReadStore, plans: Plans, calculate: Calculate) -> None:
        self._store, self._plans, self._calculate = store, plans, calculate
        self._lock = threading.Lock()
        self._newest: Calculation | None = None
        self._earlier: Calculation | None = None  # the one that somebody pages through while the book moves on

    def newest(self) -> Calculation:
        with self._lock:
            position = self._store.position()
            if self._newest is None or self._newest.position != position:
                self._newest = self._at(position)
            return self._newest

    def at(self, position: int) -> Calculation | None:
        """As the book stood; None where it has not been there yet."""
        with self._lock:
            if not 0 <= position <= self._store.position():
                return None
            for held in (self._newest, self._earlier):
                if held is not None and held.position == position:
                    return held
            self._earlier = self._at(position)
            return self._earlier

    def _at(self, position: int) -> Calculation:
        plans = self._plans.in_force(position)
        checked = check_facts(self._store.facts_at(position), plans)
        result = calculated(self._calculate, plans, checked.facts)
        return Calculation(position, plans, checked.facts, result, checked.refusals)


def calculated(calculate: Calculate, plans: Sequence[Plan], facts: Facts) -> Result:
    """What makes a calculation impossible, as callers are told it."""
    try:
        return calculate(plans, facts)
    except FiguresTooLarge as error:
        raise FailedPrecondition("FIGURES_TOO_LARGE", str(error)) from error
    except EligibilityError as error:
        raise FailedPrecondition("MATCHER_DISAGREES", str(error)) from error
