"""What can be asked of statements. Whether someone may see a statement is decided before whether there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeVar

from compsvc.core import statement_diff as diff
from compsvc.core.facts import Facts
from compsvc.core.forecast import Runs, forecast, is_over
from compsvc.core.limits import MAX_WHAT_IF_CHANGES, MAX_YEAR, MIN_YEAR
from compsvc.core.payouts import converted_pay
from compsvc.core.problems import did_you_mean
from compsvc.core.statement import statement
from compsvc.core.statement_changes import Stand, changes
from compsvc.core.statement_diff import Comparison
from compsvc.core.statement_explain import Explanation, explain, explain_all
from compsvc.core.statement_scope import fiscal_year_starts, manages, period_of
from compsvc.core.statement_standing import on_day
from compsvc.core.statement_values import Changes, Forecast, LineKey, Span, Statement
from compsvc.core.what_if import Fault, sight, what_if
from compsvc.core.what_if_values import Change
from compsvc.service.access import READERS, require
from compsvc.service.booked_pay import booked, booked_position
from compsvc.service.calculation import Calculate, Calculation, Calculations, calculated, projected
from compsvc.service.payroll_ports import PayrollStore
from compsvc.service.ports import (
    Caller,
    Clock,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ReadStore,
    Violation,
)

T = TypeVar("T")
ALWAYS = Span("", date.min, date.max)


@dataclass(frozen=True, slots=True)
class Asked:
    """`name` is what a message calls the statement by."""

    participant_id: str
    period: str
    name: str
    pipeline_date: date | None = None  # the day of the forecast; None: that of `as_of_time`, else today
    as_of_time: datetime | None = None  # the book as recorded then; None: as it stands
    since_time: datetime | None = None  # what changed since then; None: nobody asks


def get_statement(
    calculations: Calculations,
    payroll: PayrollStore,
    clock: Clock,
    caller: Caller,
    asked: Asked,
    show: Callable[[Statement], T],
) -> T:
    """As `show` makes it: a statement and its picture follow from what the book has and what is asked, so that who
    asks again, or somebody else for the same, gets the same one. Its payouts are those of payroll's ledger."""
    require(caller, "read_statements")
    span = seen_span(calculations, caller, asked.participant_id, asked.period)
    calculation, day = _as_of(calculations, asked.as_of_time), _day(clock, asked)
    key = (show, asked.participant_id, span, day, asked.since_time, asked.as_of_time, payroll.last_change())

    def made() -> T:
        found = _found(calculations, calculation, caller, asked, span, day)
        return show(booked(payroll, calculations, calculation, found, asked.as_of_time))

    return calculations.answer(calculation, key, made)


def _found(
    calculations: Calculations, calculation: Calculation, caller: Caller, asked: Asked, span: Span, day: date
) -> Statement:
    found = drawn_up(calculation, asked, span, day, lambda: calculations.runs(calculation, day))
    if found is None:
        return _before_the_first_fact(calculations.newest(), caller, asked, span)
    if asked.since_time is None:
        return found
    before = calculations.as_of(asked.since_time)
    if before.position == 0:
        return replace(found, changes=Changes(asked.since_time, (), (), (), nothing_stored=True))
    old = Stand(statement_of(before, asked, span), before.plans, before.facts)
    new = Stand(found, calculation.plans, calculation.facts)
    return replace(found, changes=changes(old, new, since=asked.since_time))


def _before_the_first_fact(newest: Calculation, caller: Caller, asked: Asked, span: Span) -> Statement:
    """Empty, of a participant who is known by now."""
    names = newest.facts.of("participants", "participant_id", asked.participant_id)["display_name"]
    if asked.as_of_time is None or names.is_empty():
        raise _nobody(newest.facts, caller, asked.participant_id, "compsvc.dev/Statement", asked.name)
    who = names[0] or asked.participant_id
    return Statement(asked.participant_id, who, span, (), (), (), (), (), nothing_recorded=True)


def preview_statement(
    calculations: Calculations, clock: Clock, caller: Caller, asked: Asked, tried: Sequence[Change]
) -> Statement:
    """The statement as it would be after these changes, with what they change. Nothing is stored."""
    require(caller, "preview_statements")
    span = seen_span(calculations, caller, asked.participant_id, asked.period)
    calculation, day = _as_of(calculations, asked.as_of_time), _day(clock, asked)
    found = previewed(calculation, calculations.runs(calculation, day), calculations.calculate, asked, span, tried)
    if found is None:
        raise _nobody(calculation.facts, caller, asked.participant_id, "compsvc.dev/Statement", asked.name)
    return found


def _nobody(facts: Facts, caller: Caller, participant_id: str, resource_type: str, name: str) -> NotFound:
    """With the name that may have been meant, to those who may know everybody's."""
    message = no_participant(facts if caller.role in READERS else None, participant_id)
    return NotFound(resource_type, name, message)


def no_participant(facts: Facts | None, participant_id: str) -> str:
    """`facts` are those to look for a near name in."""
    hint = did_you_mean(participant_id, facts.participants["participant_id"]) if facts is not None else ""
    return f"There is no participant `{participant_id[:200]}`.{hint}"


def explain_line(
    calculations: Calculations,
    payroll: PayrollStore,
    caller: Caller,
    key: LineKey,
    *,
    name: str,
    as_of_time: datetime | None = None,
) -> Explanation:
    """Of a line that is true no more and was booked: as it was booked."""
    require(caller, "read_statements")
    seen_span(calculations, caller, key.participant_id, key.period)
    calculation = _as_of(calculations, as_of_time)
    for each in (calculation, *_booked_by(calculations, payroll, key)):
        if found := explain(each.result, each.plans, each.facts, key):
            return found
    raise NotFound("compsvc.dev/StatementLine", name)


def _booked_by(calculations: Calculations, payroll: PayrollStore, key: LineKey) -> Iterator[Calculation]:
    """What the last run that has booked the line has gone by."""
    position = booked_position(payroll, key)
    found = None if position is None else calculations.at(position)
    if found is not None:
        yield found


def explain_lines(calculations: Calculations, caller: Caller, asked: Asked) -> Mapping[LineKey, Explanation]:
    """Every line of the participant's, of other periods too: one pass where a reader wants a whole statement opened."""
    require(caller, "read_statements")
    seen_span(calculations, caller, asked.participant_id, asked.period)
    calculation = _as_of(calculations, asked.as_of_time)
    return explain_all(calculation.result, calculation.plans, calculation.facts, asked.participant_id)


@dataclass(frozen=True, slots=True)
class Compared:
    """What has changed between two recorded times."""

    participant_id: str
    display_name: str
    from_time: datetime
    to_time: datetime
    comparison: Comparison


def compare_statements(
    calculations: Calculations,
    store: ReadStore,
    caller: Caller,
    *,
    participant_id: str,
    from_time: datetime,
    to_time: datetime,
    period: str = "",
) -> Compared:
    """Line by line, each difference with its cause, and when and by whom that was recorded."""
    require(caller, "read_statements")
    may_read(calculations, caller, participant_id)
    if to_time < from_time:
        message = "to_time is before from_time. Give the earlier time first."
        raise InvalidArgument.of("to_time", "TIMES_OUT_OF_ORDER", message)
    before, after = calculations.as_of(from_time), calculations.as_of(to_time)
    facts = calculations.basis().facts
    names = facts.of("participants", "participant_id", participant_id)["display_name"]
    if names.is_empty():
        name = f"participants/{participant_id}"
        raise _nobody(facts, caller, participant_id, "compsvc.dev/Participant", name)
    stands = [diff.Stand(each.result, each.plans, each.facts) for each in (before, after)]
    periods = _periods(calculations, caller, (before, after), participant_id, period)
    found = diff.compared(stands[0], stands[1], participant_id, periods)

    def timed(cause: diff.Cause) -> diff.Cause:
        told = store.recorded(cause.kind, cause.key, above=before.position, upto=after.position)
        return cause if told is None else replace(cause, recorded_time=told[0], author=told[1])

    lines = tuple(replace(line, causes=tuple(map(timed, line.causes))) for line in found.lines)
    return Compared(participant_id, names[0] or participant_id, from_time, to_time, replace(found, lines=lines))


def _periods(
    calculations: Calculations, caller: Caller, of: Sequence[Calculation], participant_id: str, period: str
) -> frozenset[str] | None:
    """The measurement periods that touch the one asked for and that the caller may see; None for all."""
    newest = calculations.newest()
    wanted = span_of(newest, participant_id, period) if period else None
    all_seen = caller.role in READERS or caller.subject == participant_id
    if wanted is None and all_seen:
        return None
    names = {name for each in of for name in each.result.of("earnings", "participant_id", participant_id)["period"]}
    spans = {name: span_of(newest, participant_id, name) for name in names}
    return frozenset(
        name
        for name, span in spans.items()
        if (wanted is None or span.touches(wanted))
        and (all_seen or sees_period(newest.facts, caller, participant_id, span))
    )


# --- from one calculation, of a book or of files


def span_of(calculation: Calculation, participant_id: str, period: str) -> Span:
    """On the fiscal calendar of the participant's plans."""
    starts = fiscal_year_starts(calculation.plans, calculation.facts, participant_id)
    span = period_of(period, fiscal_year_starts=starts)
    if span is None:
        raise _no_period(period)
    return span


def drawn_up(
    calculation: Calculation, asked: Asked, span: Span, day: date, runs: Callable[[], Runs]
) -> Statement | None:
    """With its forecast of the day; none is calculated of a period that is over. An opportunity that cannot be
    calculated takes away the forecast, and not the statement."""
    found = statement_of(calculation, asked, span)
    if found is None:
        return None
    found = on_day(found, day)
    if is_over(span, day):
        return found
    try:
        return replace(found, forecast=_forecast(calculation, runs(), asked, span))
    except FailedPrecondition as error:
        return replace(found, forecast_refusal=error.message)


def previewed(
    calculation: Calculation, runs: Runs, calculate: Calculate, asked: Asked, span: Span, tried: Sequence[Change]
) -> Statement | None:
    """After these changes, with what they change."""
    before = statement_of(calculation, asked, span)
    if before is None:
        return None
    facts, faults = _tried(calculation, runs, asked, tried)
    if faults:
        raise _what_if_invalid(faults)
    changed = replace(calculation, facts=facts, result=calculated(calculate, calculation.plans, facts))
    found = drawn_up(changed, asked, span, runs.day, lambda: projected(changed, runs.day, calculate))
    assert found is not None, "a what-if takes no participant away"
    old = Stand(before, calculation.plans, calculation.facts)
    difference = changes(old, Stand(found, changed.plans, changed.facts), since=None)
    return replace(found, changes=difference, what_if=tuple(tried))


def _tried(calculation: Calculation, runs: Runs, asked: Asked, tried: Sequence[Change]) -> tuple[Facts, list[Fault]]:
    if not 0 < len(tried) <= MAX_WHAT_IF_CHANGES:
        message = f"{len(tried)} changes; a what-if has 1 to {MAX_WHAT_IF_CHANGES}."
        raise InvalidArgument("WHAT_IF_INVALID", message, [Violation("what_if", "WHAT_IF_SIZE", message)])
    seen = sight(calculation.result, runs, calculation.facts, asked.participant_id)
    return what_if(calculation.facts, calculation.plans, tried, seen, participant_id=asked.participant_id)


def statement_of(calculation: Calculation, asked: Asked, span: Span) -> Statement | None:
    """Without a forecast. None where nobody knows the participant."""
    of = (calculation.result, calculation.plans, calculation.facts)
    found = statement(*of, participant_id=asked.participant_id, period=span)
    converted = tuple(converted_pay(*of, participant_id=asked.participant_id, period=span))
    return replace(found, converted_pay=converted) if found and converted else found


def _forecast(calculation: Calculation, runs: Runs, asked: Asked, span: Span) -> Forecast | None:
    of = (calculation.result, runs, calculation.plans, calculation.facts)
    return forecast(*of, participant_id=asked.participant_id, period=span)


# --- who, and as of when


def seen_span(calculations: Calculations, caller: Caller, participant_id: str, period: str) -> Span:
    """The period, once the caller may see the participant's pay in it. Who is whose manager is what the book says now,
    however old the statement that is asked for."""
    if caller.role == "rep" and caller.subject != participant_id:
        raise not_yours(caller, participant_id)
    newest = calculations.newest()
    span = span_of(newest, participant_id, period)
    own = caller.role in READERS or caller.subject == participant_id
    if not own and not sees_period(newest.facts, caller, participant_id, span):
        raise not_yours(caller, participant_id)
    return span


def may_read(calculations: Calculations, caller: Caller, participant_id: str) -> None:
    """A rep their own, a manager also those of anybody who is or was below them; `sees_period` says when."""
    if caller.role in READERS or caller.subject == participant_id:
        return
    facts = calculations.basis().facts
    if caller.role != "manager" or not sees_period(facts, caller, participant_id, ALWAYS):
        raise not_yours(caller, participant_id)


def sees_period(facts: Facts, caller: Caller, participant_id: str, period: Span) -> bool:
    """Whether the participant was below the caller in the period."""
    return manages(facts, manager_id=caller.subject, participant_id=participant_id, period=period)


def _as_of(calculations: Calculations, time: datetime | None) -> Calculation:
    return calculations.newest() if time is None else calculations.as_of(time)


def _day(clock: Clock, asked: Asked) -> date:
    day = asked.pipeline_date or (asked.as_of_time or clock.now()).astimezone(UTC).date()
    if not MIN_YEAR <= day.year <= MAX_YEAR:
        message = f"pipeline_date {day} is not between {MIN_YEAR} and {MAX_YEAR}."
        raise InvalidArgument.of("pipeline_date", "DATE_OUT_OF_RANGE", message, pipeline_date=str(day))
    return day


def not_yours(caller: Caller, participant_id: str) -> PermissionDenied:
    whose = "their own statements" if caller.role == "rep" else "their own statements and those of their manager line"
    message = f"A {caller.role} may read {whose}; `{participant_id}` is not among them."
    return PermissionDenied("NOT_YOUR_STATEMENT", message, role=caller.role, participant=participant_id)


def _no_period(period: str) -> InvalidArgument:
    message = (
        f"`{period}` is no period. Write a month as `2026-11`, a quarter as `2026-Q4`, a half-year as `2026-H2`, "
        "a year as `2026`."
    )
    return InvalidArgument.of("name", "PERIOD_INVALID", message, period=period)


def _what_if_invalid(faults: Sequence[Fault]) -> InvalidArgument:
    found = [Violation(f"what_if[{fault.change}].{fault.field}", fault.code, fault.message) for fault in faults]
    return InvalidArgument("WHAT_IF_INVALID", found[0].message, found)
