"""What happens to the pay of somebody who has left, part by part (T6)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.money import rounded, to_minor
from compsvc.core.plan import Plan
from compsvc.core.plan_revisions import latest
from compsvc.core.reserve import FORFEITED, LINE, numbered
from compsvc.core.results import EARNING
from compsvc.core.running import most_so_far, risen, total_so_far

RESERVE = ("reserve_ends", "reserve_lost")
LEFT = ["participant_id", "last_date"]
_CONTRACT = ["participant_id", "plan", "component", *LINE]


def with_exits(parts: pl.DataFrame, plans: Sequence[Plan], facts: Facts, earnings: pl.DataFrame) -> pl.DataFrame:
    """The parts with `lost_minor`, what of them is lost; `reserve_ends`, when their reserve is released at the latest;
    and `reserve_lost`, the last day on which it still is."""
    saying = {plan.plan: plan for plan in latest(plans) if plan.leaver is not None}
    never = {name: pl.lit(None, dtype=pl.Date) for name in RESERVE}
    none = parts.with_columns(lost_minor=pl.lit(0, dtype=pl.Int64), **never)
    gone = left(facts)
    if not saying or gone.is_empty():
        return none
    here = pl.col("plan").is_in(sorted(saying)) & pl.col("participant_id").is_in(gone["participant_id"].implode())
    frames = [none.filter(~here)]
    spans = earnings.select(*EARNING, "period_start_date", "period_end_date")
    for name, plan in sorted(saying.items()):
        own = parts.filter(here & (pl.col("plan") == name)).join(gone, on="participant_id", maintain_order="left")
        own = own.join(spans, on=EARNING, how="left", maintain_order="left")
        frames.append(_of_plan(own, plan).select(none.columns))
    return pl.concat(frames)


def forfeits(parts: pl.DataFrame) -> pl.DataFrame:
    lost = parts.filter(pl.col("lost_minor") != 0)
    return lost.with_columns(amount_minor="lost_minor", kind=pl.lit(FORFEITED))


def kept(parts: pl.DataFrame) -> pl.DataFrame:
    """What of the parts is not lost."""
    some = (pl.col("amount_minor") != pl.col("lost_minor")) | (pl.col("lost_minor") == 0)
    return parts.filter(some).with_columns(amount_minor=pl.col("amount_minor") - pl.col("lost_minor"))


def at_most_paid(parts: pl.DataFrame, reserved: pl.DataFrame) -> pl.DataFrame:
    """The parts with more of them lost: of a deal's line no more is taken back than was paid of it where some of it was
    forfeited, as pay or as reserve. `reserved`: the moves of reserves."""
    gone = reserved.filter(pl.col("kind") == FORFEITED)
    some = pl.concat([parts.filter(pl.col("lost_minor") > 0).select(_CONTRACT), gone.select(_CONTRACT)])
    some = some.filter(pl.col("line").is_not_null()).unique()
    if some.is_empty():
        return parts
    comes = pl.col("amount_minor") - pl.col("lost_minor")
    all_parts = parts.with_row_index("_row")
    own = all_parts.filter(pl.col("payable_date").is_not_null())
    own = own.with_columns(_comes=comes, _lost=pl.max_horizontal("lost_minor", 0), _taken=comes < 0)
    gone = gone.with_columns(_comes=-pl.col("amount_minor"), _lost="amount_minor", _taken=pl.lit(value=False))
    rows = pl.concat([own, gone.drop("kind")], how="diagonal").join(some, on=_CONTRACT, how="semi", nulls_equal=True)
    rows = rows.sort(*_CONTRACT, "payable_date", "_taken", "place", "step", nulls_last=True)
    rows = rows.with_columns(_contract=numbered(_CONTRACT))
    lack = pl.max_horizontal(most_so_far(-total_so_far(pl.col("_comes"), "_contract"), "_contract"), 0)
    rows = rows.with_columns(_let=pl.min_horizontal(lack, total_so_far(pl.col("_lost"), "_contract")))
    cut = rows.with_columns(_cut=risen("_let", "_contract")).filter("_taken").select("_row", "_cut")
    found = all_parts.join(cut, on="_row", how="left", maintain_order="left")
    return found.with_columns(pl.col("lost_minor") - pl.col("_cut").fill_null(0)).select(parts.columns)


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
    lost_minor = pl.when(lost).then("amount_minor").otherwise(pl.lit(0, dtype=pl.Int64))
    begun = pl.col("period_end_date") > pl.col("last_date").dt.offset_by("1d")
    of_period = pays & pl.col("external_id").is_null() & begun
    lost_minor = pl.when(of_period.fill_null(value=False)).then(_bonus_lost(plan)).otherwise(lost_minor)
    return rows.with_columns(lost_minor=lost_minor, **ends)


def _bonus_lost(plan: Plan) -> pl.Expr:
    """Of what a period that the participant left in pays by itself, not for a deal."""
    assert plan.leaver is not None
    if plan.leaver.period_bonus == "full":
        return pl.lit(0, dtype=pl.Int64)
    if plan.leaver.period_bonus == "forfeit":
        return pl.col("amount_minor")
    first, end = pl.col("period_start_date"), pl.col("period_end_date")
    days = pl.max_horizontal((pl.col("last_date") - first).dt.total_days() + 1, 0)
    wide = pl.col("amount_minor").cast(pl.Int128) * days
    earned = rounded(wide, (end - first).dt.total_days().cast(pl.Int128), plan.rounding)
    return pl.col("amount_minor") - to_minor(earned)
