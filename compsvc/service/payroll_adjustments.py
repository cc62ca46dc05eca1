"""Stated amounts and proposed differences: written by one, accepted or declined by another (B4, T5)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from compsvc.core import ledger
from compsvc.core.adjustments import KINDS
from compsvc.core.jurisdiction import profile_of
from compsvc.core.limits import MAX_AMOUNT_MINOR
from compsvc.core.problems import did_you_mean
from compsvc.core.proposals import CODES
from compsvc.service.access import require
from compsvc.service.calculation import Basis
from compsvc.service.credit_adjustments import credit_completed, credit_faults
from compsvc.service.payroll import month_of
from compsvc.service.payroll_ports import Adjustment, AdjustmentState
from compsvc.service.payroll_runs import Payroll, must_be_paid_here, must_not_be_closed
from compsvc.service.ports import (
    Caller,
    FailedPrecondition,
    InvalidArgument,
    Mutation,
    NotFound,
    PermissionDenied,
    Violation,
)


def write_adjustment(payroll: Payroll, caller: Caller, asked: Adjustment, *, mutation: Mutation) -> Adjustment:
    """Stated, and paid by nobody until somebody else accepts it. Of `asked` what the author states counts."""
    require(caller, "write_adjustment")
    if (first := payroll.store.answered_adjustment(mutation)) is not None:
        return first
    book = payroll.calculations.basis()
    asked = credit_completed(asked, book)
    month = month_of(asked.pay_period, "pay_period")
    faults = [*_faults(asked, book), *_credit_faults(payroll, asked, book)]
    _must_be_right(faults)
    if asked.amount_minor:  # what is credited counts on its own day, and is paid by the run that finds it
        must_not_be_closed(payroll.store.pay_period(month.name))
        must_be_paid_here(payroll, month)
    id_ = hashlib.sha256(f"adjustment/{mutation.request_id}".encode()).hexdigest()[:12]
    written = replace(
        asked, adjustment_id=id_, state="written", origin="manual", author=caller.subject, decider="",
        decision_reason="", corrects_pay_period="",
    )  # fmt: skip
    return payroll.store.record_adjustment(written, mutation, seen=None)


def _credit_faults(payroll: Payroll, asked: Adjustment, book: Basis) -> Iterator[Violation]:
    return credit_faults(asked, book, ledger.cutover_of(payroll.store.cutover_entries()))


def _must_be_right(faults: Sequence[Violation]) -> None:
    if faults:
        raise InvalidArgument("ADJUSTMENT_INVALID", faults[0].message, faults)


def _faults(asked: Adjustment, book: Basis) -> Iterator[Violation]:
    plans = {plan.plan: plan for plan in book.plans}
    components = {name for plan in book.plans if plan.plan == asked.plan for name in plan.components}
    currencies = {plan.currency for plan in book.plans}
    known = [
        ("participant_id", asked.participant_id, set(book.facts.participants["participant_id"]), "PARTICIPANT"),
        ("currency_code", asked.currency_code, currencies, "CURRENCY"),
        ("kind", asked.kind, set(KINDS), "KIND"),
    ]
    if asked.plan or asked.component:
        known += [("plan", asked.plan, set(plans), "PLAN")]
    if asked.component and asked.plan in plans:
        known += [("component", asked.component, components, "COMPONENT")]
    for field, value, names, what in known:
        if value not in names:
            message = f"`{value[:200]}` is no {what.lower()} that the book knows.{did_you_mean(value, names)}"
            yield Violation(field, f"UNKNOWN_{what}", message)
    least = 1 if asked.credit is None else 0
    if not least <= abs(asked.amount_minor) <= MAX_AMOUNT_MINOR:
        yield Violation("amount", "AMOUNT_OUT_OF_RANGE", "An adjustment is an amount above or below zero, in range.")
    if not asked.reason.strip():
        yield Violation("reason", "REASON_MISSING", "Say why, in words that the participant may read.")


def decide(
    payroll: Payroll,
    caller: Caller,
    *,
    adjustment_id: str,
    decision: str,
    reason: str,
    mutation: Mutation,
    reason_code: str = "",
) -> Adjustment:
    """By another than its author, once. What is declined is never paid, and not proposed again until terms change."""
    require(caller, "decide_adjustment")
    if decision not in ("accepted", "declined"):
        message = "A decision is to accept or to decline."
        raise InvalidArgument.of("decision", "STATE_INVALID", message)
    if (first := payroll.store.answered_adjustment(mutation)) is not None:
        return first
    found = get_adjustment(payroll, caller, adjustment_id=adjustment_id)
    if found.author == caller.subject:
        message = f"`{caller.subject}` wrote adjustment {adjustment_id}; somebody else has to decide on it."
        raise PermissionDenied("FOUR_EYES", message, adjustment=adjustment_id)
    if found.state != "written":
        raise FailedPrecondition("ADJUSTMENT_DECIDED", _decided(found), adjustment=adjustment_id, state=found.state)
    if found.credit is not None and decision == "accepted":  # the book may have moved since it was written
        _must_be_right([*_credit_faults(payroll, found, payroll.calculations.basis())])
    takes = takes_back(found)
    if (decision == "declined" or takes) and not reason.strip():
        message = "Say why: what is declined, and a proposal that takes back, has a reason that stays on record."
        raise InvalidArgument.of("reason", "REASON_MISSING", message)
    if takes and decision == "accepted":
        _must_be_lawful(payroll.calculations.basis(), found)
        _must_be_told(found, reason_code)
    elif reason_code:
        message = (
            "A reason code goes with what accepts a proposal that takes something back (T5), and with nothing else."
        )
        raise InvalidArgument.of("reason_code", "REASON_CODE_INVALID", message)
    state: AdjustmentState = "accepted" if decision == "accepted" else "declined"
    decided = replace(found, state=state, decider=caller.subject, decision_reason=reason, decision_code=reason_code)
    return payroll.store.record_adjustment(decided, mutation, seen=found)


def takes_back(found: Adjustment) -> bool:
    """Whether changed terms would take something of what was paid (T5)."""
    return found.origin == "proposed" and found.amount_minor < 0


def acknowledge_proposal(payroll: Payroll, caller: Caller, *, adjustment_id: str, mutation: Mutation) -> Adjustment:
    """By its participant, and nobody for them: they have been told of what would be taken back. It is no consent."""
    require(caller, "acknowledge_proposal")
    if (first := payroll.store.answered_adjustment(mutation)) is not None:
        return first
    found = _found(payroll, adjustment_id)
    if found is None or found.participant_id != caller.subject:
        raise NotFound("compsvc.dev/Adjustment", f"adjustments/{adjustment_id}")
    if not takes_back(found):
        message = f"Adjustment {adjustment_id} is no proposal that takes something back; nothing is to be acknowledged."
        raise FailedPrecondition("NOTHING_TAKEN_BACK", message, adjustment=adjustment_id)
    if found.state != "written":
        raise FailedPrecondition("ADJUSTMENT_DECIDED", _decided(found), adjustment=adjustment_id, state=found.state)
    return payroll.store.acknowledge_proposal(found, mutation)


def _must_be_told(found: Adjustment, reason_code: str) -> None:
    """What was paid for accepted deals is taken back for a reason of the list, after its participant was told (T5)."""
    if reason_code not in CODES:
        words = ", ".join(f"`{code}`" for code in CODES)
        message = f"What takes back has a reason code: one of {words}.{did_you_mean(reason_code, CODES)}"
        raise InvalidArgument.of("reason_code", "REASON_CODE_INVALID", message)
    if found.acknowledged_time is None:
        message = (
            f"`{found.participant_id}` has not said yet that they were told of proposal {found.adjustment_id} (T5): "
            f"compsvc statement acknowledge-proposal {found.adjustment_id} --participant {found.participant_id}. "
            "It can be declined without."
        )
        raise FailedPrecondition("ACKNOWLEDGEMENT_MISSING", message, adjustment=found.adjustment_id)


def _must_be_lawful(book: Basis, found: Adjustment) -> None:
    """Where an assignment of the month's law keeps what accepted deals were paid, changed terms take nothing (T5)."""
    month = month_of(found.corrects_pay_period, "corrects_pay_period")
    own = book.facts.of("assignments", "participant_id", found.participant_id)
    rows = own.filter(pl.col("plan") == found.plan) if found.plan else own
    inside = (pl.col("start_date") < month.end_date) & (pl.col("end_date") > month.start_date).fill_null(value=True)
    inside_or_any = rows.filter(inside) if rows.select(inside.any()).item() else rows
    for law, payee in inside_or_any.select("jurisdiction", "payee_class").sort("jurisdiction").iter_rows():
        if profile_of(law, payee).accepted_kept:
            message = (
                f"Changed terms take nothing back of what accepted deals were paid in {law} (T5), and proposal "
                f"{found.adjustment_id} would. Decline it, and give the changed terms a later date."
            )
            raise FailedPrecondition("PROPOSAL_FORBIDDEN", message, adjustment=found.adjustment_id, jurisdiction=law)


def _decided(found: Adjustment) -> str:
    if found.state == "superseded":
        return (
            f"Adjustment {found.adjustment_id} is no more what a run proposes: a later one has found other amounts, or "
            "none. Decide on what it has proposed instead: compsvc payroll proposals."
        )
    stands = "that stands. Write a new one against it."
    return f"Adjustment {found.adjustment_id} was {found.state} by {found.decider}; {stands}"


def get_adjustment(payroll: Payroll, caller: Caller, *, adjustment_id: str) -> Adjustment:
    require(caller, "read_ledger")
    found = _found(payroll, adjustment_id)
    if found is None:
        raise NotFound("compsvc.dev/Adjustment", f"adjustments/{adjustment_id}")
    return found


def _found(payroll: Payroll, adjustment_id: str) -> Adjustment | None:
    return next((each for each in payroll.store.adjustments() if each.adjustment_id == adjustment_id), None)


def list_adjustments(payroll: Payroll, caller: Caller, *, origin: str = "", state: str = "") -> Sequence[Adjustment]:
    require(caller, "read_ledger")
    return [each for each in payroll.store.adjustments() if origin in ("", each.origin) and state in ("", each.state)]
