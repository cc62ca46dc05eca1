"""What became of payouts, as payroll tells it (B6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

import polars as pl

from compsvc.core import ledger
from compsvc.core.currencies import EXPONENTS
from compsvc.core.limits import MAX_BATCH_ROWS
from compsvc.core.money import format_minor
from compsvc.core.payroll_run import FIRST_HASH, chained
from compsvc.service.access import require
from compsvc.service.payroll_ports import BOOKED, PayoutOutcome, Run
from compsvc.service.payroll_runs import NO_ACCOUNTS, Payroll, get_run, of_run, wrong_state
from compsvc.service.ports import Caller, FailedPrecondition, InvalidArgument, Mutation, Violation


def acknowledge(
    payroll: Payroll,
    caller: Caller,
    *,
    run_id: str,
    head_hash: str,
    outcomes: Sequence[PayoutOutcome],
    mutation: Mutation,
) -> Sequence[PayoutOutcome]:
    """What became of payouts, each once: the same outcome again changes nothing, another one is refused. The answer is
    what is stored of those that were named."""
    require(caller, "acknowledge_payouts")
    named = {each.payout_id for each in outcomes}
    if payroll.store.is_answered(mutation):
        return [each for each in payroll.store.outcomes(run_id) if each.payout_id in named]
    run = get_run(payroll, caller, run_id=run_id)
    if run.state != "sealed":
        raise wrong_state(run, "acknowledged")
    _check_size(outcomes)
    if head_hash != run.head_hash:
        message = f"Run {run_id} was sealed as {run.head_hash}, not as `{head_hash[:64]}`. Read the run again."
        raise FailedPrecondition("HASH_DIFFERS", message, run=run_id)
    payouts = payroll.store.run_payouts(run_id)
    known = {each.payout_id: each for each in payroll.store.outcomes(run_id)}
    fresh = [each for each in outcomes if each != known.get(each.payout_id)]
    faults = list(_faults(outcomes, payouts, known))
    if faults:
        raise InvalidArgument("OUTCOMES_INVALID", faults[0].message, faults, run=run_id)
    booked = payroll.store.ledger()
    entries = _paid_entries(payouts, fresh, run)
    head = booked["hash"][-1] if booked.height else FIRST_HASH
    linked = chained(entries, after=head, first=booked.height + 1).select(*BOOKED)
    payroll.store.acknowledge(run_id, fresh, linked, mutation, head=booked.height, known=len(known))
    return [each for each in payroll.store.outcomes(run_id) if each.payout_id in named]


def _check_size(outcomes: Sequence[PayoutOutcome]) -> None:
    if not 0 < len(outcomes) <= MAX_BATCH_ROWS:
        code = "BATCH_TOO_LARGE" if outcomes else "BATCH_EMPTY"
        message = f"This request has {len(outcomes):,} outcomes; send 1 to {MAX_BATCH_ROWS:,} at a time."
        raise InvalidArgument.of("outcomes", code, message)


_Fault = tuple[str, str, str]  # the field of an outcome, the code, the message


def _faults(
    outcomes: Sequence[PayoutOutcome], payouts: pl.DataFrame, known: dict[str, PayoutOutcome]
) -> Iterator[Violation]:
    """Of each outcome the first thing that is wrong with it."""
    own, seen = set(payouts["payout_id"]), set[str]()
    apart, below = _apart(outcomes, payouts, known), _left_below(outcomes, payouts, known)
    paid_below = _paid_below(outcomes, payouts, known)
    for number, each in enumerate(outcomes):
        fault = _mistaken(each, own, seen, known) or _not_transferred(each, apart, below, paid_below)
        if fault is None and each.outcome == "rejected" and not each.reason.strip():
            message = "A payout that was rejected has a reason: what has to change before it can be paid."
            fault = "reason", "OUTCOME_INCOMPLETE", message
        if fault is not None:
            field, code, message = fault
            yield Violation(f"outcomes[{number}].{field}", code, message)
        seen.add(each.payout_id)


def _mistaken(each: PayoutOutcome, own: Set[str], seen: Set[str], known: Mapping[str, PayoutOutcome]) -> _Fault | None:
    """What is wrong with an outcome, whatever is told of the other payouts."""
    if each.payout_id not in own:
        return "payout_id", "UNKNOWN_PAYOUT", f"`{each.payout_id[:64]}` is no payout of this run."
    if each.payout_id in seen:
        return "payout_id", "PAYOUT_TWICE", f"{each.payout_id} is told twice; tell it once."
    if (before := known.get(each.payout_id)) is not None and before != each:
        message = f"{each.payout_id} was acknowledged as {before.outcome}; that is not changed by telling otherwise."
        return "outcome", "OUTCOME_DIFFERS", message
    if (each.outcome == "paid") != (each.paid_date is not None):
        message = "A payout that was paid has a date, and one that was rejected a reason instead."
        return "paid_date", "OUTCOME_INCOMPLETE", message
    return None


def _not_transferred(
    each: PayoutOutcome, apart: Set[str], below: Set[str], paid_below: Mapping[str, str]
) -> _Fault | None:
    """What cannot be, since a participant's payouts in a currency are transferred as their sum (T3)."""
    if each.payout_id in apart:
        message = (
            f"{each.payout_id} is of a participant who has a payout below zero in this run: what is transferred is "
            "their sum. Tell all of that participant's payouts in this currency in one request."
        )
        return "payout_id", "ANSWERED_APART", message
    if each.outcome == "rejected" and each.payout_id in below:
        message = (
            f"{each.payout_id} is below zero, and so would be all that comes back of its participant. Reject it "
            "together with what it was taken from, or leave it as paid and correct it by an adjustment."
        )
        return "outcome", "OUTCOME_IMPOSSIBLE", message
    if each.payout_id in paid_below:
        message = (
            f"{paid_below[each.payout_id]} would be all that is paid of its participant in this run, and nothing "
            "below zero is transferred. Reject the payouts below zero too: they come back with the others."
        )
        return "outcome", "PAID_BELOW_ZERO", message
    return None


def _left_below(outcomes: Sequence[PayoutOutcome], payouts: pl.DataFrame, known: dict[str, PayoutOutcome]) -> set[str]:
    """Payouts below zero of those whose rejected payouts would come to less than nothing together (T3)."""
    rejected = [each.payout_id for each in (*known.values(), *outcomes) if each.outcome == "rejected"]
    back = payouts.filter(pl.col("payout_id").is_in(rejected))
    wide = pl.col("amount_minor").cast(pl.Int128).sum().over("participant_id", "currency_code")
    return set(back.filter(wide < 0, pl.col("amount_minor") < 0)["payout_id"])


def _apart(outcomes: Sequence[PayoutOutcome], payouts: pl.DataFrame, known: dict[str, PayoutOutcome]) -> set[str]:
    """Payouts of those who have one below zero and of whom something is left untold: told one by one, the answer that
    comes later might be one that the earlier ones no more allow."""
    told = [each.payout_id for each in (*known.values(), *outcomes)]
    account = ["participant_id", "currency_code"]
    below = (pl.col("amount_minor") < 0).any().over(account)
    untold = (~pl.col("payout_id").is_in(told)).any().over(account)
    return set(payouts.filter(below & untold)["payout_id"])


def _paid_below(
    outcomes: Sequence[PayoutOutcome], payouts: pl.DataFrame, known: dict[str, PayoutOutcome]
) -> dict[str, str]:
    """What is told anew for somebody of whom less than nothing would be left as paid, and how much that is (T3)."""
    answers = {each.payout_id: each.outcome for each in (*outcomes, *known.values())}
    fresh = [each.payout_id for each in outcomes if each.payout_id not in known]
    outcome = pl.col("payout_id").replace_strict(answers, default=None, return_dtype=pl.String)
    paid = pl.when(outcome == "paid").then(pl.col("amount_minor").cast(pl.Int128)).otherwise(0)
    account = ["participant_id", "currency_code"]
    rows = payouts.with_columns(left=paid.sum().over(account))
    rows = rows.filter(pl.col("left") < 0, pl.col("payout_id").is_in(fresh))
    return {
        row["payout_id"]: f"{format_minor(int(row['left']), EXPONENTS[row['currency_code']])} {row['currency_code']}"
        for row in rows.iter_rows(named=True)
    }


def _paid_entries(payouts: pl.DataFrame, outcomes: Sequence[PayoutOutcome], run: Run) -> pl.DataFrame:
    days = {each.payout_id: each.paid_date for each in outcomes if each.outcome == "paid"}
    rows = payouts.filter(pl.col("payout_id").is_in(list(days)))
    paid = rows.with_columns(
        kind=pl.lit("paid"),
        period="earned_period",
        effective_date=pl.col("payout_id").replace_strict(days, return_dtype=pl.Date, default=None),
    )
    missing = [name for name in ledger.DIFFERENCES if name not in paid.columns]
    whole = paid.with_columns(pl.lit(None, dtype=ledger.DIFFERENCES[name]).alias(name) for name in missing)
    return of_run(ledger.entries(whole.select(*ledger.DIFFERENCES), NO_ACCOUNTS), run)
