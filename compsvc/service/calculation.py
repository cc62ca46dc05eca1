"""The calculation of the book as it stands, made at most once for each position and shared by all who ask."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar, cast

import polars as pl

from compsvc.core.checks import check_facts
from compsvc.core.checks_rules import Refusal
from compsvc.core.eligibility import EligibilityError
from compsvc.core.facts import STATED_CREDITS, Facts
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.forecast import Runs, run
from compsvc.core.limits import MAX_KEPT_STATEMENTS
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.service.plans import Plans
from compsvc.service.ports import FailedPrecondition, ReadStore

T = TypeVar("T")
Calculate = Callable[[Sequence[Plan], Facts], Result]


@dataclass(frozen=True, slots=True)
class Calculation:
    """What follows from the book at a position. `refusals` are rows that a later plan or row has made impossible."""

    position: int
    plans: tuple[Plan, ...]
    facts: Facts
    result: Result
    refusals: tuple[Refusal, ...]
    told_credits: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(STATED_CREDITS)))  # as accepted


@dataclass(frozen=True, slots=True)
class Basis:
    """What the calculation of a position goes by; much cheaper to have than what follows from it."""

    position: int
    plans: tuple[Plan, ...]
    facts: Facts  # as checked
    refusals: tuple[Refusal, ...]
    told_credits: pl.DataFrame


Around = Callable[[Callable[[], Calculation]], Calculation]  # makes a calculation, and may watch how long it takes


def _always() -> None:
    return None


class Calculations:
    """Safe to share between threads: one calculates, the others wait for it."""

    def __init__(self, store: ReadStore, plans: Plans, calculate: Calculate, around: Around | None = None) -> None:
        self.calculate = calculate
        self._store, self._plans = store, plans
        self._around: Around = around or (lambda make: make())
        self._lock, self._runs_lock, self._answers_lock = threading.Lock(), threading.Lock(), threading.Lock()
        # By position those of the newest calculation, of the one before it (`_former`), and the one asked for last.
        self._bases: dict[int, Basis] = {}
        self._former: int | None = None
        self._newest: Calculation | None = None
        self._earlier: Calculation | None = None  # the one that somebody pages through while the book moves on
        self._runs: dict[bool, tuple[Calculation, Runs]] = {}  # of the newest, and of an earlier one
        self._answers: OrderedDict[tuple[Hashable, ...], object] = OrderedDict()
        self._latest: tuple[tuple[Hashable, ...], object] | None = None
        self._last_erasure = store.last_erasure()

    def newest(self, proceed: Callable[[], None] = _always) -> Calculation:
        """`proceed` is asked before each of its steps, and raises where nobody waits any more."""
        with self._lock:
            proceed()
            position = self._position()
            if self._newest is None or self._newest.position != position:
                former = None if self._newest is None else self._newest.position
                self._newest, self._former = self._at(position, proceed), former
            return self._newest

    def basis(self) -> Basis:
        """Of the book as it stands, for who asks nothing that is calculated."""
        with self._lock:
            return self._based(self._position())

    def _position(self) -> int:
        """Of the book as it stands; nothing is kept from before a name was erased (J4)."""
        erased = self._store.last_erasure()
        if erased != self._last_erasure:
            self._last_erasure = erased
            self._newest = self._former = self._earlier = self._latest = None
            self._bases, self._runs = {}, {}
            with self._answers_lock:
                self._answers.clear()
        return self._store.position()

    def at(self, position: int) -> Calculation | None:
        """As the book stood; None where it has not been there yet."""
        with self._lock:
            if not 0 <= position <= self._position():
                return None
            for held in (self._newest, self._earlier):
                if held is not None and held.position == position:
                    return held
            self._earlier = self._at(position)
            return self._earlier

    def as_of(self, time: datetime) -> Calculation:
        """From what was recorded then."""
        found = self.at(self._store.position_at(time))
        assert found is not None, "the book was there then"
        return found

    def terms_at(self, position: int) -> tuple[Sequence[Plan], Facts]:
        """The plans and the facts that a calculation at a position goes by."""
        with self._lock:
            of = self._based(position)
        return of.plans, of.facts

    def told_deals(self) -> Facts:
        """The deals of now as they were sent, whatever was found wrong with them since."""
        return self._store.facts_at(kinds=("deals",))

    def runs(self, calculation: Calculation, day: date) -> Runs:
        """The forecast's scenarios of everybody. FailedPrecondition where one cannot be calculated."""
        slot = calculation is self._newest
        with self._runs_lock:
            kept = self._runs.get(slot)
            if kept is None or kept[0] is not calculation or kept[1].day != day:
                kept = self._runs[slot] = (calculation, projected(calculation, day, self.calculate))
            return kept[1]

    def answer(self, calculation: Calculation, asked: Hashable, make: Callable[[], T]) -> T:
        """What follows from the book at a position and from what is asked, made once for all who ask the same; the
        oldest go when there are many."""
        key = (calculation.position, asked)
        with self._answers_lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return cast("T", self._answers[key])
        found = make()
        with self._answers_lock:
            self._answers[key] = found
            if len(self._answers) > MAX_KEPT_STATEMENTS:
                self._answers.popitem(last=False)
        return found

    def latest(self, calculation: Calculation, asked: Hashable, make: Callable[[], T]) -> T:
        """As `answer`, for what is large: only what was asked for last is kept."""
        key = (calculation.position, asked)
        kept = self._latest
        if kept is not None and kept[0] == key:
            return cast("T", kept[1])
        found = make()
        self._latest = (key, found)
        return found

    def _at(self, position: int, proceed: Callable[[], None] = _always) -> Calculation:
        return self._around(lambda: self._made(position, proceed))

    def _made(self, position: int, proceed: Callable[[], None]) -> Calculation:
        of = self._based(position, proceed)
        proceed()
        result = calculated(self.calculate, of.plans, of.facts)
        return Calculation(position, of.plans, of.facts, result, of.refusals, of.told_credits)

    def _based(self, position: int, proceed: Callable[[], None] = _always) -> Basis:
        if position not in self._bases:
            plans = self._plans.in_force(position)
            facts = self._store.facts_at(position)
            proceed()
            checked = check_facts(facts, plans)
            made = Basis(position, plans, checked.facts, checked.refusals, facts.stated_credits)
            kept = (self._former, None if self._newest is None else self._newest.position)
            self._bases = {at: each for at, each in self._bases.items() if at in kept} | {position: made}
        return self._bases[position]


def projected(calculation: Calculation, day: date, calculate: Calculate) -> Runs:
    def refusing(plans: Sequence[Plan], facts: Facts) -> Result:
        return calculated(calculate, plans, facts)

    return run(calculation.result, calculation.plans, calculation.facts, day, refusing)


def calculated(calculate: Calculate, plans: Sequence[Plan], facts: Facts) -> Result:
    """What makes a calculation impossible, as callers are told it."""
    try:
        return calculate(plans, facts)
    except FiguresTooLarge as error:
        raise FailedPrecondition("FIGURES_TOO_LARGE", str(error)) from error
    except EligibilityError as error:
        raise FailedPrecondition("MATCHER_DISAGREES", str(error)) from error
