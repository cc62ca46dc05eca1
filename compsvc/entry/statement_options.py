"""What `compsvc statement` is asked for, and where in a what-if file stands what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import grpc
from google.rpc.error_details_pb2 import BadRequest
from grpc_status import rpc_status

from compsvc.core.facts import Facts
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.entry import statement_command as command
from compsvc.entry.statement_command import Found
from compsvc.service.batch import Computed, Tools
from compsvc.service.calculation import Calculation
from compsvc.service.ports import Caller, InvalidArgument, NotFound
from compsvc.service.statements import no_participant
from compsvc.wiring import WhatIfFile, open_clock, read_what_if_file

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?", re.ASCII)


class Wrong(Exception):  # noqa: N818  # the reader's own slip, each line complete in itself
    def __init__(self, lines: Iterable[str], *, code: int = 1) -> None:
        super().__init__()
        self.lines, self.code = list(lines), code


@dataclass(frozen=True, slots=True)
class Texts:
    """The options as they were typed."""

    pipeline_date: str | None
    as_of: str | None
    since: str | None
    what_if: Path | None


@dataclass(frozen=True, slots=True)
class Wanted:
    asked: command.Wanted
    file: WhatIfFile | None


def wanted(participant_id: str, period: str, texts: Texts, *, explain: bool, from_files: bool) -> Wanted:
    """Raises Wrong."""
    if from_files and (texts.as_of or texts.since):
        only = "Only a book knows what was recorded when: give --as-of and --since with --book or --server."
        raise Wrong([only], code=2)
    if texts.what_if and (explain or texts.since):
        raise Wrong(["A what-if tells what it changes by itself: give it without --explain and --since."], code=2)
    file = _what_if(texts.what_if)
    asked = command.Wanted(
        participant_id=participant_id,
        period=period,
        explain=explain,
        pipeline_date=_day(texts.pipeline_date),
        as_of_time=_time(texts.as_of),
        since_time=_time(texts.since),
        tried=file.changes if file is not None else (),
    )
    return Wanted(asked, file)


def from_server(address: str, token: str, wanted: Wanted) -> Found:
    with _placed(wanted.file):
        return command.statement_from_server(address, token, wanted.asked)


def from_store(book: str, caller: Caller, wanted: Wanted) -> Found:
    with _placed(wanted.file):
        return command.statement_from_store(book, caller, wanted.asked)


def from_files(computed: Computed, tools: Tools, wanted: Wanted) -> Found:
    def calculate(plans: Sequence[Plan], facts: Facts) -> Result:
        return tools.calculate(plans, facts, True)

    calculation = Calculation(0, computed.plans, computed.checked.facts, computed.result, ())
    today = open_clock().now().astimezone(UTC).date()
    with _placed(wanted.file):
        try:
            return command.statement_of(calculation, calculate, wanted.asked, today=today)
        except NotFound:
            raise Wrong([no_participant(computed.checked.facts, wanted.asked.participant_id)]) from None
        except InvalidArgument as error:
            if error.reason != "PERIOD_INVALID":
                raise
            raise Wrong([error.message]) from None


# --- reading options


def _time(text: str | None) -> datetime | None:
    return None if text is None else instant(text)


def instant(text: str) -> datetime:
    """A time with its offset, or a date: its first instant in UTC (D2). Raises Wrong."""
    try:
        found = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        form = "Write `2026-11-21`, or `2026-11-21T14:30:00+01:00` with the offset."
        raise Wrong([f"`{text}` is no time. {form}"], code=2)
    return found if found.tzinfo else datetime.combine(found.date(), time(), UTC)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise Wrong([f"`{text}` is no date. Write year-month-day, as `2026-11-21`."], code=2)
    return found


def _what_if(path: Path | None) -> WhatIfFile | None:
    if path is None:
        return None
    file = read_what_if_file(path)
    if file.problems:
        raise Wrong(str(problem) for problem in file.problems)
    return file


# --- places


@contextmanager
def _placed(file: WhatIfFile | None) -> Iterator[None]:
    """What a server or the service says is wrong with the what-if is told with its place in the file."""
    try:
        yield
    except InvalidArgument as error:
        if file is None or error.reason != "WHAT_IF_INVALID":
            raise
        raise _at_places(file, ((each.field, each.code, each.message) for each in error.violations)) from None
    except grpc.RpcError as error:
        told = list(_violations(error))
        if file is None or not told:
            raise
        raise _at_places(file, told) from None


def _at_places(file: WhatIfFile, told: Iterable[tuple[str, str, str]]) -> Wrong:
    return Wrong(f"{file.at(field)} {code} {message}" for field, code, message in told)


def _violations(error: grpc.RpcError) -> Iterator[tuple[str, str, str]]:
    status, request = rpc_status.from_call(error), BadRequest()  # type: ignore[arg-type]
    for detail in status.details if status is not None else ():
        if detail.Unpack(request):
            of_file = (each for each in request.field_violations if each.field.startswith("what_if"))
            yield from ((each.field, each.reason, each.description) for each in of_file)
