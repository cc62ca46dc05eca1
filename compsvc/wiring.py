"""Which part serves which port. The only file that knows every part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from compsvc.adapters.durable_matcher import best_matcher
from compsvc.adapters.jwt_tokens import JwtTokens
from compsvc.adapters.plan_yaml import parse_plan
from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.adapters.system_clock import SystemClock
from compsvc.core.facts import Facts
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.service.calculation import Calculations
from compsvc.service.plans import Plans
from compsvc.service.ports import Clock, ParsePlan, Store, Tokens


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that entries need to serve one book."""

    store: Store
    plans: Plans
    parse_plan: ParsePlan
    calculations: Calculations
    clock: Clock


def open_parts(book: Path, clock: Clock | None = None) -> Parts:
    """Opens the book, or starts a new one where there is no file yet. ServiceError where the file is not a book."""
    clock = clock or SystemClock()
    store = SqliteStore(book, clock)
    plans = Plans(store, parse_plan)
    matcher, reference = best_matcher()

    def calculated(in_force: Sequence[Plan], facts: Facts) -> Result:
        return calculate(in_force, facts, matcher, reference)

    return Parts(store, plans, parse_plan, Calculations(store, plans, calculated), clock)


def open_tokens(key_file: Path, clock: Clock | None = None) -> Tokens:
    return JwtTokens(key_file, clock or SystemClock())
