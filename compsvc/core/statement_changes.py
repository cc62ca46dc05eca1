"""What a statement says now that it did not say before, and which stored rows lie between.

A line that changed with no row of its own was moved by another one: the position before it, or the tier, is no longer
the same. Its causes are then those of the lines around it, and the list of what was recorded has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.plan import Plan
from compsvc.core.statement_values import Changes, Line, LineChange, Recorded, Statement

DEAL_SAYS = ["source", "external_id", "revision", "closed_date", "accepted_time"]
TERMS = ("assignments", "quotas")


@dataclass(frozen=True, slots=True)
class Stand:
    """A statement with what it was calculated from; no statement where the participant was not known yet."""

    statement: Statement | None
    plans: Sequence[Plan]
    facts: Facts


def changes(before: Stand, after: Stand, *, since: datetime | None) -> Changes:
    """`since` is None where the two differ by a what-if."""
    assert after.statement is not None
    participant_id = after.statement.participant_id
    recorded = [*_plans(before, after, participant_id), *_terms(before.facts, after.facts, participant_id)]
    deals = {(row.source, row.name): row for row in _deals(before.facts, after.facts)}
    lines = tuple(_lines(_by_key(before.statement), _by_key(after.statement), deals, recorded))
    named = {cause for line in lines for cause in line.causes}
    return Changes(
        since=since,
        lines=lines,
        recorded=tuple(sorted({*named, *recorded}, key=_in_order)),
        totals_before=before.statement.totals if before.statement else (),
        totals_after=after.statement.totals,
    )


def _in_order(row: Recorded) -> tuple[str, str, str]:
    return row.kind, row.name, row.source


def _by_key(statement: Statement | None) -> dict[tuple[object, ...], Line]:
    payouts = statement.payouts if statement else ()
    return {(*line.key, line.part): line for payout in payouts for line in payout.lines}


def _lines(
    before: dict[tuple[object, ...], Line],
    after: dict[tuple[object, ...], Line],
    deals: dict[tuple[str, str], Recorded],
    recorded: Sequence[Recorded],
) -> Iterator[LineChange]:
    """In the order of the statement, those that are gone last."""
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        if old is None or new is None or (old.amount, old.counts) != (new.amount, new.counts):
            yield LineChange(old, new, tuple(_causes(new or old, deals, recorded)))


def _causes(
    line: Line | None, deals: dict[tuple[str, str], Recorded], recorded: Sequence[Recorded]
) -> Iterator[Recorded]:
    assert line is not None
    source, plan = line.key.source, line.key.plan
    for external_id in dict.fromkeys((line.key.external_id, line.cause_external_id)):
        if (source, external_id) in deals:
            yield deals[source, external_id]
    yield from (row for row in recorded if row.source == plan or (row.kind == "plan" and row.name == plan))


# --- what was recorded


def _deals(before: Facts, after: Facts) -> Iterator[Recorded]:
    old, new = before.deals.select(DEAL_SAYS), after.deals.select(DEAL_SAYS)
    told = new.join(old, on=DEAL_SAYS, how="anti", nulls_equal=True)
    known = set(old.select("source", "external_id").join(told, on=["source", "external_id"], how="semi").iter_rows())
    for source, external_id in told.select("source", "external_id").iter_rows():
        yield Recorded("deal", external_id, source, "changed" if (source, external_id) in known else "new")
    gone = old.join(new, on=["source", "external_id"], how="anti")
    yield from (
        Recorded("deal", name, source, "gone") for source, name in gone.select("source", "external_id").iter_rows()
    )


def _plans(before: Stand, after: Stand, participant_id: str) -> Iterator[Recorded]:
    mine = set(after.facts.assignments.filter(pl.col("participant_id") == participant_id)["plan"])
    revisions, names = {plan.revision for plan in before.plans}, {plan.plan for plan in before.plans}
    for name in sorted({plan.plan for plan in after.plans if plan.revision not in revisions} & mine):
        yield Recorded("plan", name, "", "changed" if name in names else "new")


def _terms(before: Facts, after: Facts, participant_id: str) -> Iterator[Recorded]:
    """The participant's own assignments and quotas, named by their plan."""
    own = pl.col("participant_id") == participant_id
    for kind in TERMS:
        old, new = getattr(before, kind).filter(own), getattr(after, kind).filter(own)
        told = new.join(old, on=new.columns, how="anti", nulls_equal=True)
        for plan in _plan_names(told):
            was_there = not old.filter(pl.col("plan") == plan).is_empty()
            yield Recorded(kind.removesuffix("s"), plan, plan, "changed" if was_there else "new")


def _plan_names(rows: pl.DataFrame) -> Iterable[str]:
    return rows["plan"].unique().sort().to_list()
