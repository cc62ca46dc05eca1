"""What happens to the pay of somebody who has left, part by part (T6)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.payable import latest
from compsvc.core.plan import Plan

RESERVE = ("reserve_ends", "reserve_lost")
LEFT = ["participant_id", "last_date"]


def with_exits(parts: pl.DataFrame, plans: Sequence[Plan], facts: Facts) -> pl.DataFrame:
    """The parts with `forfeit`, whether they are lost; `reserve_ends`, when their reserve is released at the latest;
    and `reserve_lost`, the last day on which it still is."""
    saying = {plan.plan: plan for plan in latest(plans) if plan.leaver is not None}
    none = parts.with_columns(forfeit=pl.lit(value=False), **{name: pl.lit(None, dtype=pl.Date) for name in RESERVE})
    gone = left(facts)
    if not saying or gone.is_empty():
        return none
    here = pl.col("plan").is_in(sorted(saying)) & pl.col("participant_id").is_in(gone["participant_id"].implode())
    frames = [none.filter(~here)]
    for name, plan in sorted(saying.items()):
        own = parts.filter(here & (pl.col("plan") == name)).join(gone, on="participant_id", maintain_order="left")
        frames.append(_of_plan(own, plan).drop("last_date"))
    return pl.concat(frames)


def forfeits(parts: pl.DataFrame) -> pl.DataFrame:
    return parts.filter("forfeit").with_columns(kind=pl.lit("forfeited"))


def left(facts: Facts) -> pl.DataFrame:
    """Who has left, and has not come back under another assignment."""
    exits = facts.exits.filter(~pl.col("withdrawn").fill_null(value=False))
    last = exits.group_by("participant_id").agg(pl.col("last_date").max())
    began = facts.assignments.group_by("participant_id").agg(began=pl.col("start_date").max())
    rows = last.join(began, on="participant_id", how="left")
    again = (pl.col("began") > pl.col("last_date")).fill_null(value=False)
    return rows.filter(~again).select(LEFT)


def _of_plan(rows: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Each word over the parts that come after the last day; earlier ones are paid as ever."""
    leaver = plan.leaver
    assert leaver is not None
    after = pl.col("payable_date") > pl.col("last_date")
    accepted = pl.col("accepted_time").dt.date()
    late = accepted > pl.col("last_date").dt.offset_by(f"{leaver.pending_accepted_within}d")
    waiting = accepted <= pl.col("last_date")
    pays = pl.col("amount_minor") > 0
    lost = (pays & late).fill_null(value=False)
    if leaver.accepted_unpaid == "forfeit":
        lost = lost | (pays & waiting & after).fill_null(value=False)
    if leaver.later_clawback == "none":
        lost = lost | (~pays & after).fill_null(value=False)
    never = pl.lit(None, dtype=pl.Date)
    word = {"pay out": "reserve_ends", "forfeit": "reserve_lost"}.get(leaver.reserve)
    ends = {name: pl.col("last_date") if name == word else never for name in RESERVE}
    return rows.with_columns(forfeit=lost, **ends)
