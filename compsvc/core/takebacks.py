"""What losses take back of each credit: which share, in which list it stands, and what it is worth there (T1).

A *take* is one loss of one participant's credit. `with_take_backs` puts the takes into the lists as moves below zero;
`basis_lines` adds the gap between what the plan takes back and what the curve loses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import lcm

import polars as pl

from compsvc.core.book import Book
from compsvc.core.columns import repeated
from compsvc.core.counting import periods_of
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.liability import kept_shares
from compsvc.core.limits import MAX_DENOMINATOR
from compsvc.core.measures import MOVES, Clause, Measured
from compsvc.core.money import Rounding, proportion
from compsvc.core.node import NOWHERE
from compsvc.core.periods import plus_months
from compsvc.core.plan import COUNTED, OPENED
from compsvc.core.plan_clawback import NOTHING, OTHER, Clawback, FullWithin, Way
from compsvc.core.stated_credits import following

RECOMPUTE = "recompute"
WHOLLY = Way.model_construct(at=NOWHERE, of=(OTHER,), schedule="full", share=Fraction(1))
ALWAYS = FullWithin(10**6)
TAKES = {  # one row per participant, event and loss; the share lost so far is `up_to` / `of`
    **MOVES,
    "loss_date": pl.Date,
    "basis": pl.String,
    "before": pl.Int128,  # the share lost by earlier losses, in parts of `of`
    "up_to": pl.Int128,
    "of": pl.Int128,
    "months_kept": pl.Int64,  # from the start to the loss; null where the schedule does not ask
    "lost_counts": pl.Int64,
    "lost_pays": pl.Int64,
}


def with_take_backs(book: Book, clauses: Sequence[Clause], measured: Measured) -> Measured:
    """The moves and, for each loss of an event, what it takes off them; nothing to do where no loss is."""
    if book.lost.is_empty() or measured.moves.is_empty() or clauses[-1].component.counts in OPENED:
        return measured  # what is kept of a period's opening falls by losses of its own accord (L5)
    takes = pl.concat([_takes(book, clause, measured.moves) for clause in clauses])
    if takes.is_empty():
        return measured
    return replace(measured, moves=pl.concat([measured.moves, _as_moves(clauses, takes)]), takes=takes)


def _takes(book: Book, clause: Clause, moves: pl.DataFrame) -> pl.DataFrame:
    own = moves.filter((pl.col("curve") == clause.curve) & pl.col("lost_by").is_null()).drop("loss")
    counted, terms = clause.component.counts in COUNTED, clause.plan.clawback_of(clause.name)
    shares = (
        _of_counts(book, clause)
        if counted
        else None
        if terms is None
        else _shares(book, clause, terms.ways, _way_of_each(book, terms))
    )
    if shares is None:
        return pl.DataFrame(schema=TAKES)
    taken = moves.filter(pl.col("lost_by").is_not_null()).select("participant_ix", "event_ix")
    kept = own.join(taken, on=["participant_ix", "event_ix"], how="anti")  # a churn has taken it already (L5)
    takes = kept.join(following(book, shares), on="event_ix")
    if clause.component.pays.shared_out is not None:  # settled with its period (M8)
        takes = takes.filter(periods_of(takes["loss_date"], clause.plan, clause.component.per) <= takes["period"])
    basis = pl.lit(RECOMPUTE if counted or terms is None else terms.basis).alias("basis")
    lost = [_lost(name, clause.plan.rounding) for name in ("counts", "pays")]
    takes = takes.lazy().with_columns(basis, *lost).collect()  # lazily, what its terms share is computed once
    return takes.select(pl.col(name).cast(dtype) for name, dtype in TAKES.items())


def _lost(stored: str, mode: Rounding) -> pl.Expr:
    """What this loss takes of the stored part: the part times the share so far, less the same before it (C5)."""
    up_to, before = (proportion(pl.col(stored), pl.col(name), pl.col("of"), mode) for name in ("up_to", "before"))
    return (up_to - before).alias(f"lost_{stored}")


def _of_counts(book: Book, clause: Clause) -> pl.DataFrame | None:
    """What is counted knows neither basis nor schedule (T1): logos and deals go as a whole, units as they are lost."""
    component = clause.component
    if component.counts == "new_logos":
        return None if component.must_stay is None else _whole_deals(book, component.must_stay)
    if component.counts == "activities" or not clause.plan.recounts(clause.name):
        return None
    return _whole_deals(book, None) if component.counts == "deals" else _shares(book, clause, (WHOLLY,))


def _shares(book: Book, clause: Clause, ways: Sequence[Way], way: pl.Series | None = None) -> pl.DataFrame:
    """Per event and loss of it: `before`, `up_to`, `of`, `months_kept`. An event takes part in later losses. Each loss
    is taken back in one of the ways, which `way` numbers."""
    dealt = book.events.filter(pl.col("deal_ix").is_in(book.lost["deal_ix"].unique().implode()))
    rows = dealt.join(book.lost, on=["deal_ix", "line"]).filter(
        pl.coalesce("begins", "closed_date") <= pl.col("loss_date")
    )
    if way is None:
        rows = _owed(book, clause, rows, ways[0], ways)
    else:
        found = [_owed(book, clause, rows.filter(way[rows["loss"]] == ix), each, ways) for ix, each in enumerate(ways)]
        rows = pl.concat(found)
    up_to = pl.col("lost").cum_sum().over("event_ix")
    rows = rows.sort("event_ix", "loss")
    return rows.select("event_ix", "loss", "loss_date", "months_kept", "of", up_to=up_to, before=up_to - pl.col("lost"))


_OWED = ("event_ix", "loss", "loss_date", "months_kept", "lost", "of")


def _owed(book: Book, clause: Clause, rows: pl.DataFrame, way: Way, ways: Sequence[Way]) -> pl.DataFrame:
    """What of the lost parts one way takes back; `of` is the same for an event in all of the ways."""
    if all(isinstance(each.schedule, str) for each in ways):
        rows = rows.with_columns(months_kept=pl.lit(None, dtype=pl.Int64), of="whole")
    elif isinstance(way.schedule, str):
        rows = kept_shares(book, clause, rows, ALWAYS).with_columns(months_kept=pl.lit(None, dtype=pl.Int64))
    else:
        rows = kept_shares(book, clause, rows, way.schedule)
    times = lcm(*map(_parts, ways)) // _parts(way)
    if int(rows["of"].max() or 0) * way.share.denominator * times >= MAX_DENOMINATOR:  # type: ignore[arg-type]
        at = clause.component.at
        raise FiguresTooLarge(
            f"{at.file}:{at.line} {clause.name}: the shares that losses take of a deal are too fine to be computed "
            "exactly. Give the lost shares as percentages."
        )
    taken = 0 if way.schedule == NOTHING else way.share.numerator * times
    lost, of = pl.col("lost") * taken, pl.col("of") * (way.share.denominator * times)
    return rows.with_columns(lost, of).select(*_OWED)


def _parts(way: Way) -> int:
    """Into how many parts a way divides what is lost, besides by the stages of a ramp."""
    match way.schedule:
        case FullWithin(over=over):
            return (over or 1) * way.share.denominator
        case int(months):
            return months * way.share.denominator
    return way.share.denominator


def _way_of_each(book: Book, terms: Clawback) -> pl.Series | None:
    """By the number of a loss, the number of the way in which the plan takes it back; None where there is one."""
    if terms.by is None:
        return None
    named = {name: number for number, way in enumerate(terms.ways) for name in way.of}
    return book.losses[terms.by].replace_strict(named, default=named.get(OTHER), return_dtype=pl.Int64)


def _whole_deals(book: Book, must_stay: int | None) -> pl.DataFrame:
    """Deals of which every line was lost, logos within `must_stay`: the loss that completed it takes them back (M9)."""
    lost = book.lost.with_columns(so_far=pl.col("lost").cum_sum().over("deal_ix", "line"))
    ended = lost.filter(pl.col("so_far") >= pl.col("whole")).unique(["deal_ix", "line"], keep="first")
    ended = ended.group_by("deal_ix").agg(pl.len().alias("ended"), pl.col("loss", "loss_date").max())
    dealt = book.events.filter(pl.col("deal_ix").is_in(ended["deal_ix"].implode()))
    whole = dealt.with_columns(lines=(pl.col("stage") == 0).sum().over("deal_ix")).join(ended, on="deal_ix")
    within = pl.col("loss_date") >= pl.col("closed_date")  # an option that is taken later is no part of what is lost
    if must_stay is not None:
        within &= pl.col("loss_date") < plus_months(pl.col("closed_date"), must_stay)
    one = pl.lit(1, dtype=pl.Int128)
    return whole.filter((pl.col("lines") == pl.col("ended")) & within).select(
        "event_ix", "loss", "loss_date", of=one, up_to=one, before=one - 1, months_kept=pl.lit(None, dtype=pl.Int64)
    )


def _as_moves(clauses: Sequence[Clause], takes: pl.DataFrame) -> pl.DataFrame:
    """Each take as a move of the lost credit, in the list of the period in which its plan has it stand."""
    found = [_placed(clauses, clause, takes.filter(pl.col("curve") == clause.curve)) for clause in clauses]
    return pl.concat(found)


def _placed(clauses: Sequence[Clause], clause: Clause, takes: pl.DataFrame) -> pl.DataFrame:
    terms = clause.plan.clawback_of(clause.name)
    moved = takes.with_columns(counts=-pl.col("lost_counts"), pays=-pl.col("lost_pays"))
    if clause.component.counts in COUNTED or terms is None or terms.attainment == "original_period":
        return moved.select(*MOVES)
    if terms.attainment == "no":
        moved = moved.with_columns(counts=pl.lit(0, dtype=pl.Int64), pays=pl.lit(0, dtype=pl.Int64))
    day = takes.select(pl.max_horizontal("loss_date", "counting_date").alias("counting_date")).to_series()
    curve = repeated(clauses[0].curve, len(day), pl.UInt32)
    for later in clauses[1:]:
        curve = curve.set(day >= later.plan.effective, later.curve)
    periods = periods_of(day, clause.plan, clause.component.per)
    return moved.with_columns(day, periods, curve.alias("curve")).select(*MOVES)
