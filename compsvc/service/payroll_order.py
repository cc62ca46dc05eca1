"""What who computes a run and who approves it should know: months out of order, and what waits for a decision (T3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import format_minor
from compsvc.core.payouts import months_of, payable_before
from compsvc.core.payroll_run import booked_later
from compsvc.core.proposals import heads
from compsvc.core.statement_values import Span
from compsvc.service.payroll import month_of
from compsvc.service.payroll_holds import open_holds
from compsvc.service.payroll_ports import Run
from compsvc.service.payroll_runs import Payroll, content_of

NAMES = 5  # that a warning tells


def warnings(payroll: Payroll, run: Run) -> Sequence[str]:
    """Of a run that can still be given up; none of one that is sealed or cancelled."""
    if run.state not in ("computed", "approved"):
        return ()
    month = month_of(run.pay_period, "pay_period")
    skipped = (
        f"{name} has no sealed run. Run and seal it first: what it owes is in this run, and its draws, guarantees and "
        "recoveries are in none."
        for name in skipped_months(payroll, month)
    )
    others = (
        *(_never_booked(payroll, run, month), _left_out(payroll, run, month)),
        *(_undecided(payroll, month), _on_hold(payroll, run, month)),
    )
    return [*skipped, *chain.from_iterable(others), *_held_back(payroll, run, month)]


def skipped_months(payroll: Payroll, month: Span) -> Iterator[str]:
    """Months between the first that was sealed and this one which no run of everybody has sealed."""
    sealed = {run.pay_period for run in payroll.store.runs() if run.state == "sealed" and not run.participant_ids}
    first = min(sealed, default=month.name)
    if first >= month.name:
        return
    start = month_of(first, "pay_period").start_date
    for each in months_of(Span(first, start, month.start_date)):
        if each.name not in sealed:
            yield each.name


def _never_booked(payroll: Payroll, run: Run, month: Span) -> Iterator[str]:
    """What earlier months come to, where this is the first run of a book: it pays that as well."""
    if run.ledger_position:
        return
    sums, first = payable_before(payroll.calculations.newest().result, month.start_date)
    amounts = [f"{format_minor(each.minor, EXPONENTS[each.currency_code])} {each.currency_code}" for each in sums]
    if amounts:
        yield (
            f"Nothing has been sealed before, so this run pays what earlier months came to as well: {_some(amounts)} "
            f"from {first} on. Tell what was paid elsewhere: compsvc payroll openings."
        )


def _left_out(payroll: Payroll, run: Run, month: Span) -> Iterator[str]:
    """Who has been booked in a later month; the earlier one books nothing of theirs any more."""
    later = booked_later(payroll.store.ledger(), month)
    names = [name for name in later if not run.participant_ids or name in run.participant_ids]
    if names:
        yield (
            f"Left out, since they are booked in a month after {month.name} already: {_some(names)}. "
            "What they are still owed is in the next run of that month or of a later one."
        )


def _undecided(payroll: Payroll, month: Span) -> Iterator[str]:
    """Stated amounts and proposals that this run would pay, had somebody accepted them."""
    waiting = [
        each for each in payroll.store.adjustments() if each.state == "written" and each.pay_period <= month.name
    ]
    if waiting:
        yield (
            f"Not in this run, since nobody has decided on them: {_some([each.adjustment_id for each in waiting])}. "
            "See compsvc payroll adjustments and compsvc payroll proposals."
        )


def _on_hold(payroll: Payroll, run: Run, month: Span) -> Iterator[str]:
    """Deals on hold, and what plans leave for a review, of those whom the run pays."""
    names = [
        f"{each.hold.source}/{each.hold.external_id}"
        for each in open_holds(payroll)
        if each.hold.pay_period <= month.name
        and (not run.participant_ids or each.hold.participant_id in ("", *run.participant_ids))
    ]
    if names:
        yield f"Not in this run, since it is on hold or under review: pay of {_some(names)}. See compsvc payroll holds."


def _held_back(payroll: Payroll, run: Run, month: Span) -> Iterator[str]:
    """What changed terms make of paid months, which the seal proposes and nobody has seen yet (T5)."""
    content, _ = content_of(payroll, payroll.calculations.newest(), month, run.participant_ids)
    if content.leaves is None or content.digest != run.digest:
        return
    known = {
        (each.participant_id, each.corrects_pay_period, each.currency_code, each.amount_minor)
        for each in payroll.store.adjustments()
        if (each.origin, each.state) == ("proposed", "written")
    }
    fresh = [
        f"{head['participant_id']} {format_minor(head['amount_minor'], EXPONENTS[head['currency_code']])} "
        f"{head['currency_code']} of {head['corrects_pay_period']}"
        for head in heads(content.proposed).iter_rows(named=True)
        if tuple(head[name] for name in ("participant_id", "corrects_pay_period", "currency_code", "amount_minor"))
        not in known
    ]
    if fresh:
        yield (
            f"Not in this run, since it comes of changed terms: {_some(fresh)}. The seal proposes it; then see "
            "compsvc payroll proposals."
        )


def _some(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more
