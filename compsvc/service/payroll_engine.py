"""Another version of compsvc that finds other amounts for what is booked, of the same facts and terms (B1).

Right after a seal the same version has nothing to book. So the last runs of another version are computed again, on the
book as it was after their seal: whatever there is to book then, no fact and no term has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from compsvc.core import ledger
from compsvc.core.close_check import Finding, finding_id
from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import format_minor
from compsvc.core.payroll_run import RunContent
from compsvc.service.payroll_ports import PayrollStore, Run
from compsvc.service.payroll_proposals import last_run
from compsvc.service.ports import FailedPrecondition

AsSealed = Callable[[Run], RunContent]  # what a sealed run of the same month would book right after it


def engine_findings(store: PayrollStore, version: str, as_sealed: AsSealed) -> list[Finding]:
    """One for each plan, component and currency of a run that another version has sealed."""
    return [finding for run in _of_others(store, version) for finding in _moved(run, version, as_sealed(run))]


def must_be_accepted(store: PayrollStore, run: Run, version: str, as_sealed: AsSealed) -> None:
    """By name and reason: the findings of the run's pay period that say so are signed off."""
    signed = store.signed_off(run.pay_period)
    left = [each for each in engine_findings(store, version, as_sealed) if finding_id(each) not in signed]
    if left:
        more = f" And {len(left) - 1} more." if len(left) > 1 else ""
        message = (
            f"{left[0].subject}: {left[0].message}{more} All of them: compsvc payroll close-check {run.pay_period}; "
            "what is signed off there is booked as a difference."
        )
        raise FailedPrecondition("ENGINE_MOVED", message, run=run.run_id)


def _of_others(store: PayrollStore, version: str) -> Sequence[Run]:
    """The last run of everybody, and those that were sealed after it, as far as another version has computed them."""
    last = last_run(store)
    if last is None:
        return ()
    since = store.sealed_at(last.run_id)
    sealed = [run for run in store.runs() if run.state == "sealed" and run.calculation_version != version]
    return [run for run in sealed if store.sealed_at(run.run_id) >= since]


def _moved(run: Run, version: str, content: RunContent) -> Iterator[Finding]:
    rows = ledger.debits(content.entries)
    summed = rows.group_by("plan", "component", "currency_code").agg(
        pl.col("amount_minor").cast(pl.Int128).sum(), pl.col("participant_id").n_unique(), pl.len()
    )
    for plan, component, currency, minor, people, count in summed.sort(
        "plan", "component", "currency_code", nulls_last=True
    ).iter_rows():
        moved = format_minor(int(minor), EXPONENTS[currency])
        message = (
            f"compsvc {version} finds other amounts than {run.calculation_version} has booked with run {run.run_id} of "
            f"{run.pay_period}, of the same facts and terms: {moved} {currency} in {count} postings of {people} "
            f"participants ({content.digest[:8]}). Sign it off to book it, or go back to {run.calculation_version}."
        )
        yield Finding("ENGINE_MOVED", "/".join(name for name in (plan, component) if name), message)
