"""Which part serves which port. The only file that knows every part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from compsvc.adapters.case_yaml import load_cases
from compsvc.adapters.durable_matcher import best_matcher
from compsvc.adapters.exports import export_run
from compsvc.adapters.importers import load_files
from compsvc.adapters.jwt_tokens import JwtTokens
from compsvc.adapters.plan_yaml import load_plans, parse_plan
from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.adapters.system_clock import SystemClock
from compsvc.core.facts import Facts
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.plan_check import check_plans
from compsvc.core.problems import Problem, in_order
from compsvc.core.results import Result
from compsvc.service.batch import Tools
from compsvc.service.calculation import Calculations
from compsvc.service.cases import Outcome, run_cases
from compsvc.service.plans import Plans
from compsvc.service.ports import Clock, ParsePlan, PlanText, Store, Tokens


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


def open_clock() -> Clock:
    return SystemClock()


# --- files, without a book


def file_tools() -> Tools:
    """For runs on files: the same calculation as the book's."""
    matcher, reference = best_matcher()

    def calculated(plans: Sequence[Plan], facts: Facts, lines: bool) -> Result:
        return calculate(plans, facts, matcher, reference, lines=lines)

    name = reference.name if reference is not None else None
    return Tools(read_plans, load_files, calculated, export_run, matcher.name, name)


def read_plans(paths: Iterable[Path]) -> tuple[list[Plan], list[Problem]]:
    """The plans of files and folders with every problem. Plans of one folder are those of one company, and have to fit
    together."""
    plans, problems = load_plans(paths)
    by_folder = groupby(sorted(plans, key=_folder), key=_folder)
    return plans, in_order([*problems, *(problem for _, some in by_folder for problem in check_plans(some))])


def _folder(plan: Plan) -> str:
    return str(Path(plan.at.file).parent)


def cases_tested(paths: Iterable[Path]) -> tuple[list[Outcome], list[Problem]]:
    """The cases of plan folders, put to the test."""
    matcher, reference = best_matcher()
    cases, problems = load_cases(paths)
    return run_cases(cases, lambda plans, facts: calculate(plans, facts, matcher, reference)), problems


def plan_texts(folder: Path) -> list[PlanText]:
    """The plan files of a folder as they are sent to a book, each with the terms file that it names."""
    plans, _ = load_plans([folder])
    return [_plan_text(Path(plan.at.file)) for plan in plans]


def _plan_text(path: Path) -> PlanText:
    source = path.read_text(encoding="utf-8-sig")
    named = _TERMS.findall(source)
    return PlanText(path.name, source, {name: (path.parent / name).read_text(encoding="utf-8-sig") for name in named})


_TERMS = re.compile(r"^terms:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
