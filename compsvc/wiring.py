"""Which part serves which port. The only file that knows every part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from compsvc import __version__
from compsvc.adapters.case_update import Change, update_files
from compsvc.adapters.case_yaml import load_cases, plan_folders
from compsvc.adapters.durable_matcher import best_matcher, verify
from compsvc.adapters.exports import export_run, write_whole
from compsvc.adapters.importers import load_files
from compsvc.adapters.jwt_tokens import JwtTokens
from compsvc.adapters.opening_files import read_opening_file as read_opening_file
from compsvc.adapters.plan_yaml import load_plans, misfits, parse_plan
from compsvc.adapters.sql_agreements import SqlAgreements
from compsvc.adapters.sql_holds import SqlHolds
from compsvc.adapters.sql_issued import SqlIssued
from compsvc.adapters.sql_names import SqlNames
from compsvc.adapters.sql_payroll import SqlPayroll
from compsvc.adapters.sql_store import SqlStore
from compsvc.adapters.sqlite_doctor import BookFile, book_file, copy_book, may_lose_wal, sqlite_version
from compsvc.adapters.sqlite_store import SqliteStore, sqlite_reader
from compsvc.adapters.system_clock import SystemClock
from compsvc.adapters.what_if_yaml import WhatIfFile as WhatIfFile
from compsvc.adapters.what_if_yaml import read_what_if
from compsvc.core.case_values import Difference
from compsvc.core.conditions import rule_set
from compsvc.core.eligibility import EligibilityError, Matcher
from compsvc.core.facts import Facts
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.problems import Problem, in_order
from compsvc.core.results import Result
from compsvc.service.batch import Computed, Tools
from compsvc.service.calculation import Around, Calculate, Calculation, Calculations
from compsvc.service.cases import Outcome, canary, run_cases, unsaid, with_problems
from compsvc.service.close_check import Close
from compsvc.service.deal_intake import Intake
from compsvc.service.disputes import Agreements
from compsvc.service.names import Names
from compsvc.service.payroll_ports import IssuedStatements
from compsvc.service.payroll_runs import Payroll
from compsvc.service.plans import Plans
from compsvc.service.ports import Clock, ParsePlan, PlanText, ReadStore, Store, Tokens
from compsvc.service.simulation import SimulationTools

if TYPE_CHECKING:
    from compsvc.adapters.postgres_file import BookDatabase


def is_url(book: str | Path) -> bool:
    return str(book).startswith(("postgresql://", "postgres://"))


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that entries need to serve one book."""

    store: Store
    plans: Plans
    intake: Intake
    parse_plan: ParsePlan  # with the matcher put to the test
    calculations: Calculations
    calculate: Calculate
    clock: Clock
    payroll: Payroll
    agreements: Agreements
    close: Close
    issued: IssuedStatements
    names: Names


def open_store(book: str, clock: Clock) -> SqlStore:
    """Opens the book, or starts a new one where there is no file yet or the database is empty. ServiceError where it
    holds something else, or cannot be reached."""
    if is_url(book):
        from compsvc.adapters.postgres_store import PostgresStore  # an extra: not every house has the package

        return PostgresStore(book, clock)
    return SqliteStore(Path(book), clock)


def open_parts(book: str | Path, clock: Clock | None = None, *, around: Around | None = None) -> Parts:
    """As `open_store` opens it."""
    clock = clock or SystemClock()
    store = open_store(str(book), clock)
    plans = Plans(store, parse_plan)
    matcher, reference = matchers()

    def calculated(in_force: Sequence[Plan], facts: Facts) -> Result:
        return calculate(in_force, facts, matcher, reference)

    calculations = Calculations(store, plans, calculated, around)
    payroll = Payroll(SqlPayroll(store), SqlHolds(store), calculations, __version__, clock)
    agreements = Agreements(SqlAgreements(store), calculations, payroll.store)
    close = Close(payroll, agreements)
    return Parts(
        store=store,
        plans=plans,
        intake=Intake(store, plans),
        parse_plan=parse_verified,
        calculations=calculations,
        calculate=calculated,
        clock=clock,
        payroll=payroll,
        agreements=agreements,
        close=close,
        issued=SqlIssued(store),
        names=SqlNames(store),
    )


@cache
def matchers() -> tuple[Matcher, Matcher | None]:
    """One pair a process: what durable_rules has once taken it does not give back whole."""
    return best_matcher()


def parse_verified(source: bytes, name: str, terms: Mapping[str, bytes]) -> tuple[Plan | None, list[Problem]]:
    """The plan, where the matcher answers its own constants as its rules say."""
    plan, problems = parse_plan(source, name, terms)
    found = disagreements([plan] if plan is not None else [])
    return (None if found else plan), [*problems, *found]


def disagreements(plans: Iterable[Plan]) -> list[Problem]:
    """Where the matcher fails on deals made from a plan's own constants: 7 to 80 ms a plan with credit rules."""
    matcher, reference = matchers()
    found = []
    for plan in plans:
        try:
            verify(matcher, reference, rule_set(plan.revision, plan.credits, plan.match))
        except EligibilityError as error:
            found.append(Problem("MATCHER_DISAGREES", plan.at, f"the matcher fails the plan's own constants: {error}"))
    return found


def open_tokens(key_file: Path, clock: Clock | None = None) -> Tokens:
    return JwtTokens(key_file, clock or SystemClock())


def open_clock() -> Clock:
    return SystemClock()


# --- a book that is only looked at


@dataclass(frozen=True, slots=True)
class Inspected:
    """A book as a reader finds it; nothing of it is changed, and none is made."""

    file: BookFile
    store: ReadStore


def inspect_book(book: Path) -> Inspected:
    return Inspected(book_file(book), sqlite_reader(book))


@dataclass(frozen=True, slots=True)
class InspectedDatabase:
    file: BookDatabase
    store: ReadStore


def inspect_database(url: str) -> InspectedDatabase:
    from compsvc.adapters import postgres_file, postgres_store

    return InspectedDatabase(postgres_file.book_database(url), postgres_store.postgres_reader(url))


def is_there(book: str) -> bool:
    """Whether there is a book to read from: to open one that is not there would make an empty one."""
    return inspect_database(book).file.version > 0 if is_url(book) else Path(book).is_file()


def shown_book(book: str | Path) -> str:
    """The book's name without the password that a URL may hold."""
    if not is_url(book):
        return str(book)
    from compsvc.adapters.postgres_file import shown

    return shown(str(book))


def sqlite_in_use() -> tuple[str, bool]:
    """The version, and whether it has the bug that two writing processes can run into."""
    return sqlite_version(), may_lose_wal(sqlite_version())


def back_up(book: str | Path, target: Path) -> None:
    if is_url(book):
        from compsvc.adapters import postgres_file

        postgres_file.copy_book(str(book), target)
    else:
        copy_book(Path(book), target)


# --- files, without a book


def simulation_on_files(computed: Computed) -> SimulationTools:
    """What a simulation needs where the facts are files."""
    matcher, reference = matchers()

    @dataclass(frozen=True)
    class Files:
        def newest(self) -> Calculation:
            return Calculation(0, computed.plans, computed.checked.facts, computed.result, computed.checked.refusals)

        def as_of(self, time: datetime) -> Calculation:
            raise AssertionError(f"files do not tell what was known on {time}; the command refuses to ask")

    return SimulationTools(Files(), parse_verified, lambda plans, facts: calculate(plans, facts, matcher, reference))


def write_file(path: Path, content: bytes) -> bool:
    """Whole or not at all; whether anything has changed."""
    return write_whole(path, content)


def file_tools() -> Tools:
    """For runs on files: the same calculation as the book's."""
    matcher, reference = matchers()

    def calculated(plans: Sequence[Plan], facts: Facts, lines: bool) -> Result:
        return calculate(plans, facts, matcher, reference, lines=lines)

    name = reference.name if reference is not None else None
    return Tools(read_plans, load_files, calculated, export_run, matcher.name, name)


def read_plans(paths: Iterable[Path]) -> tuple[list[Plan], list[Problem]]:
    """The plans of files and folders with every problem, of each by itself and together."""
    plans, problems = load_plans(paths)
    return plans, in_order([*problems, *misfits(plans), *disagreements(plans)])


def check_plan_files(paths: Iterable[Path]) -> tuple[list[Plan], list[Problem]]:
    """As `read_plans`; where the plans have no errors, also what the cases beside them lack of quotas."""
    paths = list(paths)
    plans, problems = read_plans(paths)
    if any(problem.severity == "error" for problem in problems):
        return plans, problems
    beside = [case for path in paths for case in ([path] if path.is_dir() else (path.parent / "cases").glob("*.yaml"))]
    checked = {plan.revision for plan in plans}
    cases = [case for case in load_cases(beside)[0] if all(plan.revision in checked for plan in case.plans)]
    return plans, in_order([*problems, *unsaid(cases)])


@dataclass(frozen=True, slots=True)
class Tested:
    """The cases of plan folders, put to the test; `canary` is one of them made wrong, which has to fail."""

    plans: Sequence[Plan]
    outcomes: Sequence[Outcome]
    problems: Sequence[Problem]
    canary: Outcome | None


def put_to_the_test(paths: Iterable[Path], *, cover: bool = False) -> Tested:
    """`cover` asks as well which clauses of the plans each case reached."""
    paths = list(paths)
    matcher, reference = matchers()

    def calculated(plans: Sequence[Plan], facts: Facts) -> Result:
        return calculate(plans, facts, matcher, reference)

    cases, problems = load_cases(paths)
    used = {plan.revision: plan for case in cases for plan in case.plans}
    plans = load_plans(plan_folders(paths))[0] if cover else list(used.values())
    found = in_order([*problems, *disagreements(used.values())])
    outcomes = run_cases(with_problems(cases, found), calculated, cover=cover)
    return Tested(plans, outcomes, found, canary(outcomes, calculated))


def update_cases(differences: Iterable[tuple[Difference, int]]) -> list[Change]:
    """Expectations that were not met, each with the decimals of its currency, set to what was found."""
    return update_files(differences)


def read_what_if_file(path: Path) -> WhatIfFile:
    return read_what_if(path.read_bytes(), str(path))


def plan_texts(folder: Path) -> list[PlanText]:
    """The plan files of a folder as they are sent to a book, each with the terms file that it names."""
    plans, _ = load_plans([folder])
    texts = (plan_text(Path(plan.at.file)) for plan in plans)
    return [replace(text, file_name=Path(text.file_name).name) for text in texts]


def plan_text(path: Path) -> PlanText:
    """Named as it was given, so that its problems lead there. Terms that are not there are the reader's to tell."""
    source = path.read_text(encoding="utf-8-sig")
    files = {name: path.parent / name for name in _TERMS.findall(source)}
    terms = {name: file.read_text(encoding="utf-8-sig") for name, file in files.items() if file.is_file()}
    return PlanText(str(path), source, terms)


_TERMS = re.compile(r"^terms:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
