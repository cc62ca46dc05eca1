"""Pay periods: open, locked, closed. Whether a month may close is decided here and nowhere else (B5)."""

from __future__ import annotations

from compsvc.core.statement_values import Span
from compsvc.service.access import require
from compsvc.service.close_check import Close, left
from compsvc.service.payroll import month_of
from compsvc.service.payroll_ports import PayPeriod, PeriodState
from compsvc.service.payroll_runs import Payroll, content_of
from compsvc.service.ports import Caller, FailedPrecondition, InvalidArgument, Mutation


def change_pay_period(
    house: Close, caller: Caller, *, name: str, state: PeriodState, version: int, reason: str, mutation: Mutation
) -> PayPeriod:
    """It closes only where it is booked whole and every finding of now is signed off; to open again what was closed
    needs a reason, and stays on record."""
    require(caller, "change_pay_period")
    store = house.payroll.store
    if (first := store.answered_period(mutation)) is not None:
        return first
    month = month_of(name, "pay_period")
    known = store.pay_period(month.name)
    if known.state == "closed" and not reason.strip():
        message = f"{month.name} is closed. To open it again say why."
        raise InvalidArgument.of("reason", "REASON_MISSING", message)
    if state == "closed":
        _must_be_booked(house.payroll, month)
        _must_be_clean(house, month)
    return store.change_period(PayPeriod(month.name, state, version + 1, caller.subject, reason), mutation)


def get_pay_period(payroll: Payroll, caller: Caller, *, name: str) -> PayPeriod:
    require(caller, "read_ledger")
    return payroll.store.pay_period(month_of(name, "pay_period").name)


def _must_be_booked(payroll: Payroll, month: Span) -> None:
    """Nothing is left to be booked, and every payout has an outcome."""
    content, _ = content_of(payroll, payroll.calculations.newest(), month, ())
    if content.entries.height:
        message = f"{month.name} has differences that no sealed run has booked. Run and seal it first."
        raise FailedPrecondition("DIFFERENCES_OPEN", message, pay_period=month.name)
    told = {each.payout_id for each in payroll.store.outcomes()}
    for run in payroll.store.runs(month.name):
        if run.state == "sealed" and not set(payroll.store.run_payouts(run.run_id)["payout_id"]) <= told:
            message = f"Run {run.run_id} has payouts without an outcome. Acknowledge them first."
            raise FailedPrecondition("PAYOUTS_UNKNOWN", message, pay_period=month.name, run=run.run_id)


def _must_be_clean(house: Close, month: Span) -> None:
    if found := left(house, month):
        count = "1 finding is" if len(found) == 1 else f"{len(found)} findings are"
        message = (
            f"{count} neither mended nor signed off, first {found[0].code} {found[0].subject}: {found[0].message} "
            f"`compsvc payroll close-check {month.name}` lists them."
        )
        raise FailedPrecondition("FINDINGS_OPEN", message, pay_period=month.name)
