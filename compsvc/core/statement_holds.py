"""What of a participant's pay is on hold, and why; what was released, and by whom."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from compsvc.core.facts import DEAL, Facts
from compsvc.core.holds import HOLD_RELEASED, ON_HOLD, covered, is_of_deals, of_holds
from compsvc.core.pay import COMES_IN
from compsvc.core.results import Result
from compsvc.core.statement_values import AccountStep, Money

HOLD_MOVES = (ON_HOLD, HOLD_RELEASED)


def has_holds(result: Result, facts: Facts, participant_id: str) -> bool:
    """Whether a deal that the participant has lines of is or was on hold for them."""
    holds = is_of_deals(facts.holds)
    if holds.is_empty():
        return False
    deals = holds.select(pl.col(DEAL)).unique()
    lines = result.of("lines", "participant_id", participant_id).with_columns(pl.col(DEAL).cast(pl.String))
    return covered(lines.join(deals, on=DEAL, how="semi"), holds).height > 0


def hold_steps(rows: pl.DataFrame, holds: pl.DataFrame, code: str) -> Iterator[AccountStep]:
    """One for each hold, what was put on it and what was released. `rows`: moves or debits of one currency."""
    own = rows.filter(pl.col("kind").is_in(HOLD_MOVES))
    if own.is_empty():
        return
    found = of_holds(own, holds).filter((pl.col("kind") == ON_HOLD) | pl.col("free_date").is_not_null())
    found = found.sort("held_date", "_hold").unique("_row", keep="last")
    sums = found.group_by("_hold", "kind").agg(pl.col("amount_minor").cast(pl.Int128).sum())
    named = {row["hold_id"]: row for row in holds.iter_rows(named=True)}
    for hold_id, kind, minor in sorted(sums.iter_rows(), key=lambda row: (HOLD_MOVES.index(row[1]), row[0])):
        hold = named[hold_id]
        who, why = (hold["author"], hold["reason"]) if kind == ON_HOLD else (hold["decider"], hold["decision_reason"])
        note = f"{hold['source']}/{hold['external_id']} {hold['reason_code']}: {why} ({who})"
        yield AccountStep(kind, Money(int(minor) * COMES_IN[kind], code), "", note)
