"""Statements as they were handed out: drawn up as of a run's seal, stored whole, and read as they were stored (B8).

What a participant was told stays readable as it was told, whatever a later version of the calculation would say. It
names participants by their ids, since a name can be erased (J4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from compsvc.core.statement_standing import on_day
from compsvc.core.statement_values import Statement, nameless
from compsvc.service.access import require
from compsvc.service.booked_pay import booked
from compsvc.service.calculation import Calculation
from compsvc.service.payroll_ports import IssuedStatement, IssuedStatements, Run
from compsvc.service.payroll_runs import Payroll, get_run, wrong_state
from compsvc.service.ports import Caller, Mutation, NotFound
from compsvc.service.statements import Asked, seen_span, span_of, statement_of

AT_ONCE = 50  # statements a transaction


@dataclass(frozen=True, slots=True)
class Issuing:
    """How many of a run's participants have their statement."""

    done: int
    of: int


Written = Callable[[Statement], tuple[str, str]]  # the hash of a statement, and its canonical JSON


def issue_statements(
    payroll: Payroll, kept: IssuedStatements, caller: Caller, *, run_id: str, written: Written, mutation: Mutation
) -> Iterator[Issuing]:
    """Stores the statement of each participant whom a sealed run pays, and tells how far it is. What is stored stays;
    after a call that ended early the next one goes on."""
    require(caller, "issue_statements")
    run = get_run(payroll, caller, run_id=run_id)
    if run.state != "sealed":
        raise wrong_state(run, "issued")
    everybody = payroll.store.run_payouts(run_id)["participant_id"].unique().sort().to_list()
    known = kept.issued_to(run_id)
    missing, done = [each for each in everybody if each not in known], len(known)
    yield Issuing(done, len(everybody))
    if not missing:
        return
    calculation = payroll.calculations.as_of(run.recorded_time)
    for first in range(0, len(missing), AT_ONCE):
        mutation.proceed()
        some = missing[first : first + AT_ONCE]
        statements = [_issued(payroll, calculation, run, each, written) for each in some]
        part = hashlib.sha256(f"{mutation.request_id}/{run_id}/{some[0]}".encode()).hexdigest()
        kept.issue(statements, replace(mutation, request_id=part))
        done += len(some)
        yield Issuing(done, len(everybody))


def _issued(
    payroll: Payroll, calculation: Calculation, run: Run, participant_id: str, written: Written
) -> IssuedStatement:
    """Of what was known when the run was sealed; it looks neither ahead nor back."""
    asked = Asked(participant_id, run.pay_period, participant_id)
    found = statement_of(calculation, asked, span_of(calculation, participant_id, run.pay_period))
    assert found is not None, "who is paid is known"
    found = on_day(found, run.recorded_time.date())
    found = booked(payroll.store, payroll.calculations, calculation, found, run.recorded_time)
    digest, content = written(nameless(found))
    return IssuedStatement(run.run_id, participant_id, run.pay_period, run.recorded_time, digest, content)


def get_issued_statement(
    payroll: Payroll,
    kept: IssuedStatements,
    caller: Caller,
    *,
    participant_id: str,
    period: str,
    name: str,
    run_id: str = "",
) -> IssuedStatement:
    """Of the run that is named, else of the last one of the pay period that the participant was paid by."""
    require(caller, "read_statements")
    seen_span(payroll.calculations, caller, participant_id, period)
    found = [each for each in kept.issued(participant_id, period) if run_id in ("", each.run_id)]
    if not found:
        raise NotFound("compsvc.dev/IssuedStatement", name)
    return found[-1]
