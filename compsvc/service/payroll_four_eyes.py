"""Who may not approve a run: whoever had a hand in what it pays (B4)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from compsvc.core import ledger
from compsvc.core.adjustments import ADJUSTED
from compsvc.core.pay import PAYABLE
from compsvc.core.payroll_run import RunContent
from compsvc.core.stated_credits import ADJUSTMENT, SOURCES
from compsvc.service.payroll_ports import HoldStore, PayrollStore, Run
from compsvc.service.ports import Caller, PermissionDenied


def must_be_another(store: PayrollStore, holds: HoldStore, caller: Caller, run: Run, content: RunContent) -> None:
    """Than the authors of its adjustments, of the plan revisions that it pays by, and of its opening balances, and than
    who has released what it pays of a plan's review."""
    authors = sorted({*_authors(store, run, content), *_reviewers(holds, content)})
    own = " and ".join(what for who, what in authors if who == caller.subject)
    if not own:
        return
    others = ", ".join(f"`{who}`" for who in sorted({run.created_by, *(who for who, _ in authors)}))
    message = (
        f"`{caller.subject}` has stored {own}, which run {run.run_id} pays by. Anybody else who may approve can do so, "
        f"except {others}."
    )
    raise PermissionDenied("AUTHOR_APPROVES", message, run=run.run_id)


def _reviewers(holds: HoldStore, content: RunContent) -> Iterator[tuple[str, str]]:
    """Who released a review of which it pays anything."""
    key = ("participant_id", "plan", "component", "source", "external_id")
    paid = set(content.entries.filter(pl.col("kind") == PAYABLE).select(key).rows())
    for each in holds.holds():
        if (each.origin, each.state) == ("review", "released") and tuple(getattr(each, name) for name in key) in paid:
            yield each.decider, f"the release {each.hold_id} of a review"


def _authors(store: PayrollStore, run: Run, content: RunContent) -> Iterator[tuple[str, str]]:
    """Who stored what of it."""
    entries = content.entries
    adjusted = set(entries.filter(pl.col("kind") == ADJUSTED)["external_id"])
    for each in store.adjustments():
        if each.adjustment_id in adjusted:
            yield each.author, f"adjustment {each.adjustment_id}"
    credited = set(content.fixed.filter(pl.col("source") == SOURCES[ADJUSTMENT])["external_id"])
    for each in store.adjustments():
        if each.adjustment_id in credited - adjusted:
            yield each.author, f"adjustment {each.adjustment_id}"
    revisions = set(entries.select("plan", "revision").drop_nulls().unique().rows())
    for plan, revision, author in store.plan_authors():
        if (plan, revision) in revisions:
            yield author, f"revision {revision[:8]} of plan `{plan}`"
    if run.pay_period == f"{ledger.cutover_of(store.cutover_entries()):%Y-%m}":
        yield store.openings_author(), "the opening balances"
