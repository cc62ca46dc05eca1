"""Payroll runs between values and messages, both ways."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from google.type.date_pb2 import Date

from compsvc.core.pay_fx import paid_as
from compsvc.core.pay_labels import labels_of
from compsvc.core.periods import month_span
from compsvc.entry.grpc_convert import Unreadable, named_state, read_date
from compsvc.entry.grpc_names import encoded
from compsvc.entry.grpc_present import timestamp
from compsvc.entry.pay_labels import label_fields
from compsvc.entry.statement_proto import date_message, line_name, paid_as_message
from compsvc.service.payout_explanation import ExplainedEntry, PayoutExplanation
from compsvc.service.payroll_lists import PayoutState, Told
from compsvc.service.payroll_ports import PayoutOutcome, PayPeriod, PeriodState, Run
from compsvc.service.ports import InvalidArgument
from compsvc.service.run_progress import STEPS, RunProgress
from compsvc.v1 import payroll_run_service_pb2 as pb
from compsvc.v1.types_pb2 import Money

RUN_STATES = {
    "computed": pb.Run.STATE_COMPUTED,
    "approved": pb.Run.STATE_APPROVED,
    "sealed": pb.Run.STATE_SEALED,
    "cancelled": pb.Run.STATE_CANCELLED,
}
PAYOUT_STATES: Mapping[PayoutState, Any] = {
    "computed": pb.RunPayout.STATE_COMPUTED,
    "sealed": pb.RunPayout.STATE_SEALED,
    "unknown": pb.RunPayout.STATE_UNKNOWN,
    "paid": pb.RunPayout.STATE_PAID,
    "rejected": pb.RunPayout.STATE_REJECTED,
}
PERIOD_STATES: Mapping[PeriodState, Any] = {
    "open": pb.PayPeriod.STATE_OPEN,
    "locked": pb.PayPeriod.STATE_LOCKED,
    "closed": pb.PayPeriod.STATE_CLOSED,
}
OUTCOMES = {"paid": pb.PayoutOutcome.OUTCOME_PAID, "rejected": pb.PayoutOutcome.OUTCOME_REJECTED}
ACCOUNTS = ("earned", "advanced", "recoverable", "held", "payable", "paid", "unexplained")
MESSAGE_PAYOUTS = 500  # of a stream: one message stays far below what clients take


def run_message(run: Run, warnings: Sequence[str] = ()) -> pb.Run:
    return pb.Run(
        name=f"runs/{run.run_id}",
        pay_period=f"payPeriods/{run.pay_period}",
        participant_ids=run.participant_ids,
        state=RUN_STATES[run.state],
        creator=run.created_by,
        approver=run.approved_by,
        book_position=run.book_position,
        ledger_position=run.ledger_position,
        calculation_version=run.calculation_version,
        digest=run.digest,
        payout_count=run.payout_count,
        totals=[Money(currency_code=code, minor_units=minor) for code, minor in json.loads(run.totals).items()],
        head_hash=run.head_hash,
        update_time=timestamp(run.recorded_time),
        warnings=warnings,
    )


def progress_message(found: RunProgress) -> pb.RunProgress:
    return pb.RunProgress(run=f"runs/{found.run_id}", step=found.step, done_count=found.done, step_count=len(STEPS))


def payout_message(payout: Told, display_name: str = "") -> pb.RunPayout:
    row, outcome = _with_earned_period(payout), payout.outcome
    texts = ("payout_id", "pay_period", "participant_id", "plan", "component", "nature", "earned_period")
    rest = ("corrects_pay_period", "repeats_payout_id")
    return pb.RunPayout(
        name=f"runs/{encoded(row['run_id'])}/payouts/{row['payout_id']}",
        state=PAYOUT_STATES[payout.state],
        amount=Money(currency_code=row["currency_code"], minor_units=row["amount_minor"]),
        earned_start_date=_date(row["earned_start_date"]),
        earned_end_date=_date(row["earned_end_date"]),
        paid_date=_date(outcome.paid_date if outcome else None),
        reason=outcome.reason if outcome else "",
        paid_as=paid_as_message(paid_as(row)),
        display_name=display_name,
        **label_fields(labels_of(row)),
        **{name: row[name] or "" for name in (*texts, *rest)},
    )


def _with_earned_period(payout: Told) -> Mapping[str, Any]:
    """What belongs to the account is earned in the month that it is paid for (B6)."""
    if payout.row["earned_period"]:
        return payout.row
    start, end = month_span(date.fromisoformat(f"{payout.paid_for}-01"))
    return {**payout.row, "earned_period": payout.paid_for, "earned_start_date": start, "earned_end_date": end}


def explanation_message(found: PayoutExplanation) -> pb.PayoutExplanation:
    code = found.payout.row["currency_code"]
    return pb.PayoutExplanation(
        payout=payout_message(found.payout, found.display_name),
        repeated_payouts=[payout_message(each, found.display_name) for each in found.repeated],
        entries=map(_explained, found.entries),
        unexplained=Money(currency_code=code, minor_units=found.unexplained_minor),
        record_time=timestamp(found.recorded_time),
        input_digest=found.input_digest,
    )


def _explained(found: ExplainedEntry) -> pb.ExplainedEntry:
    row = found.row
    return pb.ExplainedEntry(
        entry=row["entry"],
        kind=row["kind"],
        amount=Money(currency_code=row["currency_code"], minor_units=row["amount_minor"]),
        line="" if found.line is None else line_name(found.line),
        source=row["source"] or "",
        external_id=row["external_id"] or "",
        account_display_name=found.account_name,
        closed_date=_date(found.closed_date),
        part=row["part"] or 0,
        plan_revision=row["revision"] or "",
        effective_date=_date(row["effective_date"]),
        corrects_entry=row["corrects_entry"] or 0,
    )


def export_messages(run: Run, payouts: Iterable[Told]) -> Iterator[pb.ExportRunResponse]:
    """The run comes first, also where it has no payouts."""
    message = pb.ExportRunResponse(run=run_message(run))
    for payout in payouts:
        if len(message.payouts) == MESSAGE_PAYOUTS:
            yield message
            message = pb.ExportRunResponse()
        message.payouts.append(payout_message(payout))
    yield message


def period_message(period: PayPeriod) -> pb.PayPeriod:
    return pb.PayPeriod(
        name=f"payPeriods/{period.name}",
        state=PERIOD_STATES[period.state],
        version=period.version,
        changer=period.changed_by,
        reason=period.reason,
    )


def outcome_message(outcome: PayoutOutcome) -> pb.PayoutOutcome:
    return pb.PayoutOutcome(
        payout_id=outcome.payout_id,
        outcome=OUTCOMES[outcome.outcome],
        paid_date=_date(outcome.paid_date),
        reason=outcome.reason,
    )


def balance_message(row: Mapping[str, Any]) -> pb.AccountBalance:
    code = row["currency_code"]
    amounts = {name: Money(currency_code=code, minor_units=row[f"{name}_minor"]) for name in ACCOUNTS}
    return pb.AccountBalance(participant_id=row["participant_id"], currency_code=code, **amounts)


# --- and back


def read_payout_state(state: int) -> PayoutState | None:
    if state == pb.RunPayout.STATE_UNSPECIFIED:
        return None
    found: PayoutState = named_state(PAYOUT_STATES, state, "state", "a state of a payout")
    return found


def read_period_state(state: int) -> PeriodState:
    found: PeriodState = named_state(PERIOD_STATES, state, "state", "STATE_OPEN, STATE_LOCKED or STATE_CLOSED")
    return found


def read_outcomes(messages: Iterable[pb.PayoutOutcome]) -> list[PayoutOutcome]:
    return [_outcome(message, f"outcomes[{number}]") for number, message in enumerate(messages)]


def _outcome(message: pb.PayoutOutcome, field: str) -> PayoutOutcome:
    outcome: Any = named_state(OUTCOMES, message.outcome, f"{field}.outcome", "OUTCOME_PAID or OUTCOME_REJECTED")
    try:
        paid: Any = read_date(message, "paid_date")["paid_date"]
    except Unreadable as error:
        raise InvalidArgument.of(f"{field}.paid_date", error.code, error.message) from None
    return PayoutOutcome(message.payout_id, outcome, paid, message.reason)


def _date(day: date | None) -> Date | None:
    return None if day is None else date_message(day)
