"""How commands speak: what was asked for on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from compsvc.core.problems import Problem
from compsvc.service.batch import STEPS, Computed, Outcome, RefusedRow
from compsvc.service.ports import Caller

SHOWN_REFUSALS = 20  # on the screen; the report has all of them


def say(text: str) -> None:
    print(text, file=sys.stderr)


def stop(text: str, *, code: int = 1) -> NoReturn:
    """1: something was found or refused. 2: wrong usage."""
    say(f"compsvc: {text}")
    raise SystemExit(code)


def must_be_there(book: str) -> None:
    from compsvc.wiring import is_there, shown_book

    if not is_there(book):
        stop(f"{shown_book(book)}: there is no such book.")


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


def tell(problems: Iterable[Problem]) -> None:
    for problem in problems:
        say(f"{problem}" if problem.severity == "error" else f"{problem} (notice)")


def many(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


@contextmanager
def progress(steps: Sequence[str] = STEPS) -> Iterator[Callable[[str], None]]:
    """A bar where somebody is watching; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(steps[0], total=len(steps))
        yield lambda step: bar.update(task, description=step, completed=steps.index(step))


@contextmanager
def counted(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar of how many of how many are done, where somebody is watching."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def admin() -> Caller:
    """Who works on the book's own file may do everything with it anyway."""
    return Caller("cli", "admin")


def tell_outcome(outcome: Outcome | Computed) -> None:
    if isinstance(outcome, Outcome):
        tell(outcome.problems)
    tell(outcome.notices)
    tell_refusals(outcome.refusals)


def tell_refusals(refusals: Sequence[RefusedRow]) -> None:
    for row in refusals[:SHOWN_REFUSALS]:
        say(str(row))
    if refusals:
        more = len(refusals) - SHOWN_REFUSALS
        rest = f" {many(more, 'reason')} more not shown; report.json has all." if more > 0 else ""
        say(f"{_rows_were(refusals)} refused; everything else is computed.{rest}")


def _rows_were(refusals: Sequence[RefusedRow]) -> str:
    count = row_count(refusals)
    return f"{many(count, 'row')} {'was' if count == 1 else 'were'}"


def row_count(refusals: Sequence[RefusedRow]) -> int:
    """One row may be refused for several reasons."""
    return len({(row.file, row.line) for row in refusals})
