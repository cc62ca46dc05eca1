"""What can be asked of statements. Whether someone may see a statement is decided before whether there is one."""

from __future__ import annotations

from collections.abc import Mapping

from compsvc.core.statement import fiscal_year_starts, manages, period_of, statement
from compsvc.core.statement_explain import Explanation, explain, explain_all
from compsvc.core.statement_values import LineKey, Span, Statement
from compsvc.service.access import READERS, require
from compsvc.service.calculation import Calculation, Calculations
from compsvc.service.ports import Caller, InvalidArgument, NotFound, PermissionDenied, Violation


def get_statement(
    calculations: Calculations, caller: Caller, *, participant_id: str, period: str, name: str
) -> Statement:
    """From everything stored now. `name` is what a message calls it by."""
    calculation, span = _seen(calculations, caller, participant_id, period)
    found = statement(
        calculation.result, calculation.plans, calculation.facts, participant_id=participant_id, period=span
    )
    if found is None:
        raise NotFound("compsvc.dev/Statement", name)
    return found


def explain_line(calculations: Calculations, caller: Caller, key: LineKey, *, name: str) -> Explanation:
    calculation, _ = _seen(calculations, caller, key.participant_id, key.period)
    found = explain(calculation.result, calculation.plans, calculation.facts, key)
    if found is None:
        raise NotFound("compsvc.dev/StatementLine", name)
    return found


def explain_lines(
    calculations: Calculations, caller: Caller, *, participant_id: str, period: str
) -> Mapping[LineKey, Explanation]:
    """Every line of the participant's, of other periods too: one pass where a reader wants a whole statement opened."""
    calculation, _ = _seen(calculations, caller, participant_id, period)
    return explain_all(calculation.result, calculation.plans, calculation.facts, participant_id)


def _seen(calculations: Calculations, caller: Caller, participant_id: str, period: str) -> tuple[Calculation, Span]:
    """The calculation, once the caller may see the participant's pay of the period."""
    require(caller, "read_statements")
    if caller.role == "rep" and caller.subject != participant_id:
        raise _not_yours(caller, participant_id)
    calculation = calculations.newest()
    starts = fiscal_year_starts(calculation.plans, calculation.facts, participant_id)
    span = period_of(period, fiscal_year_starts=starts)
    if span is None:
        raise _no_period(period)
    if not _may_see(caller, calculation, participant_id, span):
        raise _not_yours(caller, participant_id)
    return calculation, span


def _may_see(caller: Caller, calculation: Calculation, participant_id: str, period: Span) -> bool:
    if caller.role in READERS or caller.subject == participant_id:
        return True
    return manages(calculation.facts, manager_id=caller.subject, participant_id=participant_id, period=period)


def _not_yours(caller: Caller, participant_id: str) -> PermissionDenied:
    whose = "their own statements" if caller.role == "rep" else "their own statements and those of their manager line"
    message = f"A {caller.role} may read {whose}; `{participant_id}` is not among them."
    return PermissionDenied("NOT_YOUR_STATEMENT", message, role=caller.role, participant=participant_id)


def _no_period(period: str) -> InvalidArgument:
    message = f"`{period}` is no period. Write a month as `2026-11`, a quarter as `2026-Q4`, a year as `2026`."
    return InvalidArgument("PERIOD_INVALID", message, [Violation("name", "PERIOD_INVALID", message)], period=period)
