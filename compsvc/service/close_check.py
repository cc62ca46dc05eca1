"""Before a pay period closes: what is found is mended, or signed off by name with a reason; both are kept (B5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import polars as pl

from compsvc.core import close_check as core
from compsvc.core import ledger
from compsvc.core.close_check import Finding, Paid
from compsvc.core.statement_values import Span
from compsvc.service import control_totals, letter_terms, payroll_holds
from compsvc.service.access import require
from compsvc.service.agreement_ports import FindingEntry, RecordedFinding
from compsvc.service.calculation import Calculation
from compsvc.service.disputes import Agreements, check_text
from compsvc.service.payroll import month_of
from compsvc.service.payroll_engine import engine_findings
from compsvc.service.payroll_order import skipped_months
from compsvc.service.payroll_ports import Hold
from compsvc.service.payroll_proposals import last_run
from compsvc.service.payroll_runs import Payroll, as_sealed
from compsvc.service.ports import Caller, FailedPrecondition, Mutation, NotFound

NO_TIME = datetime.fromtimestamp(0, UTC)  # until the store says when it was recorded


@dataclass(frozen=True, slots=True)
class Close:
    """What the verbs need of the house."""

    payroll: Payroll
    agreements: Agreements


def check_close(house: Close, caller: Caller, *, pay_period: str, mutation: Mutation) -> Sequence[RecordedFinding]:
    """Records what is new and what is mended; the answer has all that was ever found, the newest state of each."""
    require(caller, "check_close")
    month = month_of(pay_period, "pay_period")
    store = house.agreements.store
    if not store.is_answered(mutation):
        news = list(_news(house, month, caller))
        store.add_findings(news, mutation)
    return store.findings(month.name)


def sign_off(
    house: Close, caller: Caller, *, pay_period: str, finding_id: str, reason: str, mutation: Mutation
) -> RecordedFinding:
    require(caller, "sign_off_finding")
    month, store = month_of(pay_period, "pay_period"), house.agreements.store
    if not store.is_answered(mutation):
        check_text(reason, needed=True, field="reason")
        seen = _recorded(house, month, finding_id)
        if seen.state != "found":
            message = f"This finding is {seen.state.replace('_', ' ')} already. Nothing is left to be signed off."
            raise FailedPrecondition("FINDING_STATE", message, finding=finding_id, state=seen.state)
        entry = FindingEntry(len(seen.entries) + 1, "signed_off", caller.subject, reason.strip(), NO_TIME)
        store.add_findings([replace(seen, entries=(*seen.entries, entry))], mutation)
    return _recorded(house, month, finding_id)


def left(house: Close, month: Span) -> list[Finding]:
    """What stands now and is not signed off."""
    signed = {each.finding_id for each in house.agreements.store.findings(month.name) if each.state == "signed_off"}
    return [each for each in findings(house, month) if core.finding_id(each) not in signed]


def findings(house: Close, month: Span) -> list[Finding]:
    """What stands now."""
    calculation = house.payroll.calculations.newest()
    run = {
        each.pay_period for each in house.payroll.store.runs() if each.state == "sealed" and not each.participant_ids
    }
    found = [
        *core.of_facts(calculation.result, calculation.facts, month),
        *core.of_totals(calculation.result, calculation.facts, month, run),
        *_refused(calculation),
        *_changed(house.payroll, calculation, month),
        *core.of_pay(_paid(house.payroll), _owed(house.payroll), month),
        *_said(house, month),
        *control_totals.differences(house.agreements.store, house.payroll.calculations, month),
        *engine_findings(house.payroll.store, house.payroll.version, lambda run: as_sealed(house.payroll, run)),
    ]
    return sorted(set(found))


def _refused(calculation: Calculation) -> Iterator[Finding]:
    for each in calculation.refusals:
        yield Finding("ROW_REFUSED", f"{each.kind} {each.key}", f"{each.code} {each.message} Load the row anew.")


def _changed(payroll: Payroll, calculation: Calculation, month: Span) -> Iterator[Finding]:
    """Since the last run of an earlier month."""
    last = last_run(payroll.store, before=month.name)
    if last is not None:
        _, then = payroll.calculations.terms_at(last.book_position)
        yield from core.of_changes(then, calculation.facts, last.pay_period)


def _said(house: Close, month: Span) -> Iterator[Finding]:
    for dispute in house.agreements.store.disputes():
        if dispute.state == "open":
            opened = f"{dispute.subject} ({dispute.entries[-1].text})"
            yield Finding("DISPUTE_OPEN", dispute.participant_id, f"Objects to {opened}. Answer it.")
    for who, plan in letter_terms.unsigned(house.payroll.store, house.payroll.calculations.newest(), month):
        message = f"Has not signed the terms of {plan} that stand now, which the jurisdiction asks for."
        message += " Send a letter; nothing is recovered before it is signed."
        yield Finding("LETTER_UNSIGNED", who, message)
    for each in house.payroll.store.adjustments():
        if each.state == "written" and each.pay_period <= month.name:
            what = f"The {each.origin} adjustment {each.adjustment_id} ({each.reason or each.kind})"
            message = f"{what} is not decided. Accept or decline it."
            yield Finding("ADJUSTMENT_OPEN", each.participant_id, message)
    for held in payroll_holds.open_holds(house.payroll):
        hold = held.hold
        if hold.pay_period <= month.name:
            yield _waiting(hold)
    for name in skipped_months(house.payroll, month):
        yield Finding("MONTH_SKIPPED", name, f"{name} has no sealed run. Run and seal it before {month.name} closes.")


def _waiting(hold: Hold) -> Finding:
    subject = f"{hold.source}/{hold.external_id}"
    if hold.origin == "review":
        message = (
            f"Pay of {hold.participant_id} waits for the review {hold.hold_id} ({hold.reason}). Release or refuse it."
        )
        return Finding("REVIEW_OPEN", subject, message)
    message = (
        f"Its pay is on hold {hold.hold_id} since {hold.pay_period} ({hold.reason}). Release it once that is settled."
    )
    return Finding("HOLD_OPEN", subject, message)


def _paid(payroll: Payroll) -> list[Paid]:
    """What each month's own sealed runs pay; what is paid a second time after a rejection counts once."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for run in payroll.store.runs():
        if run.state == "sealed":
            rows = payroll.store.run_payouts(run.run_id).filter(pl.col("repeats_payout_id").is_null())
            for who, currency, minor in rows.select("participant_id", "currency_code", "amount_minor").iter_rows():
                sums[run.pay_period, who, currency] += minor
    return [Paid(*key, minor) for key, minor in sorted(sums.items())]


def _owed(payroll: Payroll) -> list[tuple[str, str, int]]:
    rows = ledger.balances(payroll.store.ledger()).filter(pl.col("recoverable_minor") > 0)
    return rows.select("participant_id", "currency_code", "recoverable_minor").rows()


def _news(house: Close, month: Span, caller: Caller) -> Iterator[RecordedFinding]:
    """What is found and was not, and what was found and is no more; what was signed off stays so while it stands."""
    known = {each.finding_id: each for each in house.agreements.store.findings(month.name)}
    now = {core.finding_id(each): each for each in findings(house, month)}
    for finding_id, each in now.items():
        before = known.get(finding_id) or RecordedFinding(month.name, finding_id, *each, entries=())
        if not before.entries or before.state == "mended":
            yield _with(before, "found", caller)
    for finding_id, before in known.items():
        if finding_id not in now and before.state != "mended":
            yield _with(before, "mended", caller)


def _with(finding: RecordedFinding, action: str, caller: Caller) -> RecordedFinding:
    entry = FindingEntry(len(finding.entries) + 1, action, caller.subject, "", NO_TIME)  # type: ignore[arg-type]
    return replace(finding, entries=(*finding.entries, entry))


def _recorded(house: Close, month: Span, finding_id: str) -> RecordedFinding:
    found = next((each for each in house.agreements.store.findings(month.name) if each.finding_id == finding_id), None)
    if found is None:
        raise NotFound("compsvc.dev/CloseFinding", f"payPeriods/{month.name}/findings/{finding_id}")
    return found
