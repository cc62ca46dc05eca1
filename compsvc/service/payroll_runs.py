"""Payroll, exactly once: a run is computed, approved by another, sealed, exported and acknowledged (B1, B6).

Only a seal books. Computing again what is sealed books nothing; what has changed since is booked in the open one.
Each verb is one transaction with a request id: sent again it gets the first answer, and whoever comes second learns
that the book has moved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import polars as pl

from compsvc.core import ledger
from compsvc.core.ledger import ENTRIES
from compsvc.core.pay_fx import PayRateMissing
from compsvc.core.payroll_run import (
    FIRST_HASH,
    PAID_FOR,
    PAYOUTS,
    Booked,
    RunContent,
    broken_entries,
    chained,
    run_content,
)
from compsvc.core.statement_values import Span
from compsvc.service.access import require
from compsvc.service.calculation import Calculation, Calculations
from compsvc.service.credit_adjustments import must_fit
from compsvc.service.letter_terms import unsigned
from compsvc.service.payroll import month_of
from compsvc.service.payroll_engine import must_be_accepted
from compsvc.service.payroll_four_eyes import must_be_another
from compsvc.service.payroll_ports import (
    BOOKED,
    BOOKED_PAYOUTS,
    HoldStore,
    PayPeriod,
    PayrollStore,
    Run,
    RunState,
    Sealing,
)
from compsvc.service.payroll_proposals import before, last_run, renewed, then
from compsvc.service.ports import (
    Aborted,
    Caller,
    Clock,
    FailedPrecondition,
    InvalidArgument,
    Mutation,
    NotFound,
    PermissionDenied,
    Violation,
)
from compsvc.service.run_progress import STEPS, Computing, RunProgress


@dataclass(frozen=True, slots=True)
class Payroll:
    """What the verbs need of the house."""

    store: PayrollStore
    holds: HoldStore
    calculations: Calculations
    version: str  # of the code that calculates
    clock: Clock
    computing: Computing = field(default_factory=Computing)


@dataclass(frozen=True, slots=True)
class RunPayouts:
    """A run with its payouts: of a sealed one those that were booked, of another those that it would book."""

    run: Run
    payouts: pl.DataFrame  # BOOKED_PAYOUTS


# --- the life of a run


def create_run(
    payroll: Payroll, caller: Caller, *, pay_period: str, participant_ids: Sequence[str], mutation: Mutation
) -> Run:
    """Computes what the pay period is to pay now. Everybody, or off the cycle those named."""
    steps = compute_run(payroll, caller, pay_period=pay_period, participant_ids=participant_ids, mutation=mutation)
    return next(found for found in steps if isinstance(found, Run))


def compute_run(
    payroll: Payroll, caller: Caller, *, pay_period: str, participant_ids: Sequence[str], mutation: Mutation
) -> Generator[RunProgress | Run, None, None]:
    """As `create_run`: each of STEPS as it begins, and at the end the run. Cancelled, or where nobody waits any more,
    it ends before the next step, and nothing is stored."""
    require(caller, "create_run")
    if (first := payroll.store.answered_run(mutation)) is not None:
        yield first
        return
    month = month_of(pay_period, "pay_period")
    _must_have_begun(month, payroll.clock.now().date())
    must_be_paid_here(payroll, month)
    must_not_be_closed(payroll.store.pay_period(month.name))
    asked = _asked(payroll, caller, month, tuple(sorted(set(participant_ids))), mutation)
    with payroll.computing.of(asked) as wanted:

        def proceed() -> None:
            wanted()
            mutation.proceed()

        def step(done: int) -> RunProgress:
            proceed()
            return RunProgress(asked.run_id, STEPS[done], done)

        yield step(0)
        calculation = payroll.calculations.newest(proceed)
        _must_be_known(calculation, asked.participant_ids)
        must_fit(calculation, asked.participant_ids)
        yield step(1)
        before(payroll.store, payroll.calculations, calculation)  # kept for what follows
        yield step(2)
        content, last = content_of(payroll, calculation, month, asked.participant_ids)
        computed = replace(
            asked, book_position=calculation.position, ledger_position=last, digest=content.digest,
            payout_count=content.payouts.height, totals=_totals(content.payouts),
        )  # fmt: skip
        yield step(3)
        stored = payroll.store.record_run(computed, replace(mutation, proceed=proceed), seen=None)
    yield stored


def _asked(payroll: Payroll, caller: Caller, month: Span, only: tuple[str, ...], mutation: Mutation) -> Run:
    """A run before anything of it is computed."""
    return Run(
        run_id=hashlib.sha256(f"{month.name}/{mutation.request_id}".encode()).hexdigest()[:16],
        pay_period=month.name,
        participant_ids=only,
        state="computed",
        created_by=caller.subject,
        approved_by="",
        book_position=0,
        ledger_position=0,
        calculation_version=payroll.version,
        digest="",
        payout_count=0,
        totals="{}",
        head_hash="",
        recorded_time=datetime.fromtimestamp(0, UTC),
    )


def approve_run(payroll: Payroll, caller: Caller, *, run_id: str, digest: str, mutation: Mutation) -> Run:
    """By another than who computed it or stored what it pays by. `digest` is what the approver has looked at."""
    require(caller, "approve_run")
    if (first := payroll.store.answered_run(mutation)) is not None:
        return first
    run = get_run(payroll, caller, run_id=run_id)
    if run.state == "computed" and caller.subject == run.created_by:
        message = f"`{caller.subject}` computed run {run_id}; somebody else has to approve it."
        raise PermissionDenied("FOUR_EYES", message, run=run_id)
    _must_be(run, "computed", becoming="approved")
    if digest != run.digest:
        raise _wrong_digest(run)
    _, content, _ = _must_be_current(payroll, run)
    must_be_another(payroll.store, payroll.holds, caller, run, content)
    approved = replace(run, state="approved", approved_by=caller.subject)
    return payroll.store.record_run(approved, mutation, seen=run)


def cancel_run(payroll: Payroll, caller: Caller, *, run_id: str, mutation: Mutation) -> Run:
    """One that is computed just now ends before its next step; nothing of it is stored, nor that it was cancelled."""
    require(caller, "create_run")
    if (first := payroll.store.answered_run(mutation)) is not None:
        return first
    stopped = payroll.computing.stop(run_id, mutation.proceed)
    if stopped is not None and all(each.run_id != run_id for each in payroll.store.runs()):
        return replace(stopped, state="cancelled", recorded_time=payroll.clock.now())
    run = get_run(payroll, caller, run_id=run_id)
    if run.state not in ("computed", "approved"):
        raise wrong_state(run, "cancelled")
    return payroll.store.record_run(replace(run, state="cancelled"), mutation, seen=run)


def seal_run(payroll: Payroll, caller: Caller, *, run_id: str, mutation: Mutation) -> Run:
    """Books every entry and payout of the run and fixes its events, all or nothing. A second seal books nothing."""
    require(caller, "seal_run")
    if (first := payroll.store.answered_run(mutation)) is not None:
        return first
    run = get_run(payroll, caller, run_id=run_id)
    _must_be(run, "approved", becoming="sealed")
    period = payroll.store.pay_period(run.pay_period)
    must_not_be_closed(period)
    calculation, content, last = _must_be_current(payroll, run)
    must_be_accepted(payroll.store, run, payroll.version, lambda sealed: as_sealed(payroll, sealed))
    head = _head(payroll.store, last)
    entries = chained(of_run(content.entries, run), after=head, first=last + 1).select(*BOOKED)
    sealed = replace(
        run,
        state="sealed",
        book_position=calculation.position,
        ledger_position=last,
        head_hash=entries["hash"][-1] if entries.height else head,
    )
    terms = before(payroll.store, payroll.calculations, calculation)
    proposals = renewed(payroll.store, run, content, terms)
    sealing = Sealing(sealed, entries, _booked_payouts(content.payouts, run), content.fixed, proposals)
    return payroll.store.seal(sealing, mutation, seen=run, pay_period=period)


def get_run(payroll: Payroll, caller: Caller, *, run_id: str) -> Run:
    require(caller, "read_ledger")
    found = next((run for run in payroll.store.runs() if run.run_id == run_id), None)
    if found is None:
        raise NotFound("compsvc.dev/Run", f"runs/{run_id}")
    return found


def list_runs(
    payroll: Payroll, caller: Caller, *, pay_period: str = "", as_of: datetime | None = None
) -> Sequence[Run]:
    require(caller, "read_ledger")
    return payroll.store.runs(month_of(pay_period, "pay_period").name if pay_period else None, as_of)


def run_payouts(payroll: Payroll, caller: Caller, *, run_id: str) -> RunPayouts:
    run = get_run(payroll, caller, run_id=run_id)
    if run.state == "sealed":
        return RunPayouts(run, payroll.store.run_payouts(run_id))
    _, content, _ = _must_be_current(payroll, run)
    return RunPayouts(run, _booked_payouts(content.payouts, run))


# --- what payroll is handed


def export_run(payroll: Payroll, caller: Caller, *, run_id: str, mutation: Mutation) -> RunPayouts:
    """The payouts of a sealed run, as often as wanted. From the first time on, what is not acknowledged is unknown."""
    require(caller, "acknowledge_payouts")
    run = get_run(payroll, caller, run_id=run_id)
    if run.state != "sealed":
        raise wrong_state(run, "exported")
    payroll.store.record_export(run_id, mutation)
    return RunPayouts(run, payroll.store.run_payouts(run_id))


# --- the ledger as a whole


def reconcile(payroll: Payroll, caller: Caller, *, upto: int | None = None) -> pl.DataFrame:
    """Per participant and currency what each account holds, and what is unexplained, which is zero (B2)."""
    require(caller, "read_ledger")
    return ledger.balances(payroll.store.ledger(upto))


def verify_ledger(payroll: Payroll, caller: Caller) -> Sequence[str]:
    """What is wrong with the book; nothing where every row is as it was stored, and the ledger as the seals say."""
    require(caller, "read_ledger")
    if broken := payroll.store.broken_links():
        return broken
    booked = payroll.store.ledger()
    hashes = {FIRST_HASH, *booked["hash"]}
    heads = [
        f"the head of run {run.run_id}, {run.head_hash}, is not in the ledger"
        for run in payroll.store.runs()
        if run.state == "sealed" and run.head_hash not in hashes
    ]
    return [*broken_entries(booked), *heads]


# --- steps that verbs share

NO_ACCOUNTS = pl.DataFrame(
    schema={
        **dict.fromkeys(("participant_id", "currency_code", "plan", "revision"), pl.String),
        "month": pl.Date,
        **dict.fromkeys(
            (
                *("carried_minor", "recovered_draw_minor", "recovered_negative_minor", "lent_minor", "top_up_minor"),
                *("forgiven_minor", "opening_draw_minor", "draw_minor"),
            ),
            pl.Int64,
        ),
    }
)


def content_of(payroll: Payroll, calculation: Calculation, month: Span, only: Sequence[str]) -> tuple[RunContent, int]:
    """What a run would book now, and the last entry that it has seen."""
    entries = payroll.store.ledger()
    of = (calculation.result, calculation.plans, calculation.facts)
    last = last_run(payroll.store)
    booked = Booked(
        entries=entries.select("entry", "pay_period", *ENTRIES),
        rejected=_rejected(payroll.store),
        earlier=_earlier(payroll.store, month),
        proposes=last is None or last.pay_period <= month.name,
        unsigned=sorted({who for who, _ in unsigned(payroll.store, calculation, month)}),
        paid_before=payroll.store.paid_before(),
        then=then(payroll.store, payroll.calculations, calculation),
    )
    seen = (booked.rejected, booked.earlier, payroll.store.kept())
    asked = (
        month.name,
        tuple(only),
        *booked.unsigned,
        entries.height,
        last and last.run_id,
        *(tuple(frame.rows()) for frame in seen),
    )

    def content() -> RunContent:
        terms = before(payroll.store, payroll.calculations, calculation)
        return run_content(*of, booked, month, only, terms)

    try:
        return payroll.calculations.latest(calculation, asked, content), entries.height
    except PayRateMissing as missing:
        message = (
            f"{month.name} cannot be run: {missing} It is a row of `fx_rates`; the others can be run off the cycle."
        )
        raise FailedPrecondition("PAY_RATE_MISSING", message, pay_period=month.name) from missing


def as_sealed(payroll: Payroll, run: Run) -> RunContent:
    """What a run of the same month would book right after a sealed one, of the book as it was then."""
    sealed_at = payroll.store.sealed_at(run.run_id)
    calculation = payroll.calculations.at(sealed_at) or payroll.calculations.newest()
    was = replace(payroll, store=payroll.store.as_of(sealed_at))
    return content_of(was, calculation, _month(run), run.participant_ids)[0]


def _earlier(store: PayrollStore, month: Span) -> pl.DataFrame:
    """The payouts of the sealed runs of a pay period."""
    frames = [store.run_payouts(run.run_id) for run in store.runs(month.name) if run.state == "sealed"]
    return pl.concat([frame.select(*PAYOUTS) for frame in frames] or [pl.DataFrame(schema=dict(PAYOUTS))])


def _rejected(store: PayrollStore) -> pl.DataFrame:
    """Payouts that were rejected and that no later run has paid again, to be paid by this one."""
    refused = any(each.outcome == "rejected" for each in store.outcomes())
    frames = [store.run_payouts(run.run_id) for run in store.runs() if run.state == "sealed"] if refused else []
    return rejected_of(store, pl.concat(frames)) if frames else pl.DataFrame(schema=dict(PAYOUTS))


def rejected_of(store: PayrollStore, payouts: pl.DataFrame) -> pl.DataFrame:
    """Of BOOKED_PAYOUTS those that are to be paid again: PAYOUTS that name them."""
    refused = {each.payout_id for each in store.outcomes() if each.outcome == "rejected"}
    again = set(payouts["repeats_payout_id"].drop_nulls())
    left = payouts.filter(pl.col("payout_id").is_in(sorted(refused - again)))
    return left.with_columns(repeats_payout_id="payout_id").select(*PAYOUTS)


def _must_be_current(payroll: Payroll, run: Run) -> tuple[Calculation, RunContent, int]:
    """The run as it would be computed now, which has to be the same (B1)."""
    calculation = payroll.calculations.newest()
    must_fit(calculation, run.participant_ids)
    content, last = content_of(payroll, calculation, _month(run), run.participant_ids)
    if content.digest == run.digest:
        return calculation, content, last
    if run.calculation_version != payroll.version:
        message = (
            f"Run {run.run_id} was computed by compsvc {run.calculation_version}; {payroll.version} finds other "
            "amounts. Cancel it, compute it again, and compare before it is approved."
        )
        raise FailedPrecondition("ENGINE_CHANGED", message, run=run.run_id)
    message = (
        f"The book has moved since run {run.run_id} was computed, and it would pay otherwise now. Compute it again."
    )
    raise Aborted("RUN_OUTDATED", message, run=run.run_id)


def _must_be(run: Run, state: str, *, becoming: str) -> None:
    if run.state != state:
        raise wrong_state(run, becoming)


_NEXT: Mapping[RunState, str] = {  # what can be done with a run in each state
    "computed": "Approve it first: compsvc payroll approve {run} --digest DIGEST.",
    "approved": "Seal it first: compsvc payroll seal {run}.",
    "sealed": "It is booked and stays so. What differs since is in a new run: compsvc payroll run --period {period}.",
    "cancelled": "Compute a new one: compsvc payroll run --period {period}.",
}


def wrong_state(run: Run, becoming: str) -> FailedPrecondition:
    message = f"Run {run.run_id} is {run.state}; it cannot be {becoming}. {_NEXT[run.state]}".format(
        run=run.run_id, period=run.pay_period
    )
    return FailedPrecondition("RUN_STATE", message, run=run.run_id, state=run.state)


def _wrong_digest(run: Run) -> FailedPrecondition:
    message = f"Run {run.run_id} has the digest {run.digest}. Look at it again, and approve what you have seen."
    return FailedPrecondition("DIGEST_DIFFERS", message, run=run.run_id)


def _must_have_begun(month: Span, today: date) -> None:
    if month.start_date > today:
        message = f"{month.name} has not begun: it is {today:%Y-%m-%d}. Run a month that has."
        raise FailedPrecondition("PERIOD_NOT_BEGUN", message, pay_period=month.name)


def must_be_paid_here(payroll: Payroll, month: Span) -> None:
    cutover = ledger.cutover_of(payroll.store.cutover_entries())
    if month.end_date <= cutover:
        message = f"{month.name} was paid before the cut-over on {cutover}: it stands in the opening balances."
        raise FailedPrecondition("BEFORE_CUTOVER", message, pay_period=month.name)


def must_not_be_closed(period: PayPeriod) -> None:
    if period.state != "open":
        message = f"Pay period {period.name} is {period.state}: nothing is booked in it any more. Run the open one."
        raise FailedPrecondition("PERIOD_CLOSED", message, pay_period=period.name, state=period.state)


def _must_be_known(calculation: Calculation, participant_ids: Sequence[str]) -> None:
    known = set(calculation.facts.participants["participant_id"])
    wrong = [
        Violation(
            f"participant_ids[{number}]", "UNKNOWN_PARTICIPANT", f"`{name[:200]}` is no participant of this book."
        )
        for number, name in enumerate(participant_ids)
        if name not in known
    ]
    if wrong:
        raise InvalidArgument("UNKNOWN_PARTICIPANT", wrong[0].message, wrong)


def _month(run: Run) -> Span:
    return month_of(run.pay_period, "pay_period")


def of_run(entries: pl.DataFrame, run: Run) -> pl.DataFrame:
    named = entries.with_columns(run_id=pl.lit(run.run_id), pay_period=pl.lit(run.pay_period))
    return named.select("run_id", "pay_period", *ENTRIES)


def _head(store: PayrollStore, last: int) -> str:
    booked = store.ledger(last)
    return str(booked["hash"][-1]) if booked.height else FIRST_HASH


def _booked_payouts(payouts: pl.DataFrame, run: Run) -> pl.DataFrame:
    ids = [_payout_id(run, row) for row in payouts.select(PAID_FOR).iter_rows()]
    named = payouts.with_columns(
        pl.Series("payout_id", ids, dtype=pl.String), run_id=pl.lit(run.run_id), pay_period=pl.lit(run.pay_period)
    )
    return named.select(*BOOKED_PAYOUTS)


def _payout_id(run: Run, row: Sequence[object]) -> str:
    """32 digits that depend on the run and on what is paid: the same whenever the run is computed."""
    text = json.dumps([run.run_id, *row], ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _totals(payouts: pl.DataFrame) -> str:
    sums = payouts.group_by("currency_code").agg(pl.col("amount_minor").cast(pl.Int128).sum()).sort("currency_code")
    return json.dumps({code: int(amount) for code, amount in sums.iter_rows()}, sort_keys=True)
