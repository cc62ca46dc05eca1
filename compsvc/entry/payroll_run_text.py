"""Runs and payouts on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from compsvc.entry.payroll_place import Form
from compsvc.entry.screen import many

if TYPE_CHECKING:
    from compsvc.v1 import payroll_run_service_pb2 as pb


def tell_run(run: pb.Run, form: Form) -> None:
    from compsvc.entry.statement_proto import as_json

    if form is Form.json:
        print(as_json(run), end="")
    else:
        print_lines(run_lines(run))


def run_lines(run: pb.Run) -> Iterator[str]:
    yield in_short(run)
    yield f"  {many(run.payout_count, 'payout')}, {amounts_text(run.totals)}"
    yield f"  computed by {run.creator}{f', approved by {run.approver}' if run.approver else ''}"
    yield f"  digest {run.digest}"
    if run.head_hash:
        yield f"  sealed as {run.head_hash}"
    for warning in run.warnings:
        yield f"  warning: {warning}"


def payout_lines(payouts: Sequence[pb.RunPayout]) -> Iterator[str]:
    from compsvc.entry import paid_as_text
    from compsvc.v1 import payroll_run_service_pb2 as pb

    for each in payouts:
        state = pb.RunPayout.State.Name(each.state).removeprefix("STATE_").lower()
        what = " ".join(text for text in (each.plan, each.component, each.earned_period, each.nature) if text)
        late = f" corrects {each.corrects_pay_period}" if each.corrects_pay_period else ""
        again = f" again for {each.repeats_payout_id}" if each.repeats_payout_id else ""
        amount = f"{amount_text(each.amount)} {each.amount.currency_code}"
        paid = paid_as_text.text(each.paid_as if each.HasField("paid_as") else None)
        who = f"{each.display_name} ({each.participant_id})" if each.display_name else each.participant_id
        yield f"{each.payout_id} {state:<9} {who:<24} {amount:>18}  {what}{late}{again}{paid}"


def in_short(run: pb.Run) -> str:
    from compsvc.v1 import payroll_run_service_pb2 as pb

    state = pb.Run.State.Name(run.state).removeprefix("STATE_").lower()
    only = f" for {', '.join(run.participant_ids)}" if run.participant_ids else ""
    return f"run {run.name.removeprefix('runs/')} of {run.pay_period.removeprefix('payPeriods/')}{only}: {state}"


def amounts_text(totals: Sequence[Any]) -> str:
    return " + ".join(f"{amount_text(each)} {each.currency_code}" for each in totals) or "0"


def amount_text(money: Any) -> str:
    from compsvc.core.currencies import EXPONENTS
    from compsvc.core.money import format_minor

    return format_minor(money.minor_units, EXPONENTS[money.currency_code])


def print_lines(lines: Any) -> None:
    for line in lines:
        print(line)
