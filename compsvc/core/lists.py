"""The ordered list of credit events behind each position (D2): what is fixed first, then the rest, then take-backs."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from compsvc.core.book import Book
from compsvc.core.measures import MOVES
from compsvc.core.periods import period_name

OWN, DIFFERENCE, TAKE_BACK = 0, 1, 2
KINDS = pl.Enum(["own", "difference", "take_back"])
ENTRIES = {
    **MOVES,
    "subject": pl.UInt32,  # the event that names the entry: the churn for a take-back
    "kind": pl.UInt8,
    "fixed_place": pl.Int64,  # null for what no run has sealed yet
}
_KEY = ["participant_ix", "period", "subject"]


def entries(moves: pl.DataFrame) -> pl.DataFrame:
    """Moves as entries of a list none of which is fixed."""
    lost = pl.col("lost_by").is_not_null()
    return moves.with_columns(
        subject=pl.coalesce("lost_by", "event_ix"),
        kind=pl.when(lost).then(TAKE_BACK).otherwise(OWN).cast(pl.UInt8),
        fixed_place=pl.lit(None, dtype=pl.Int64),
    )


def shared_position(position: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    """`by: attainment of COMPONENT`: counts of the one, pays of the other; a subject of both is one entry (M1)."""
    keys = ["participant_ix", "period", "event_ix", "lost_by", "curve"]
    mover = position.select(pl.all().exclude("pays")).with_columns(pays=pl.lit(0, dtype=pl.Int64))
    payer = paid.with_columns(counts=pl.lit(0, dtype=pl.Int64))
    both = pl.concat([payer.select(*MOVES), mover.select(*MOVES)])
    summed = both.group_by(keys, maintain_order=True).agg(
        pl.all().exclude(*keys, "counts", "pays").first(), pl.col("counts", "pays").sum()
    )
    return summed.select(*MOVES).filter((pl.col("counts") != 0) | (pl.col("pays") != 0))


def with_fixed(
    book: Book, moves: pl.DataFrame, fixed: pl.DataFrame, counting: pl.Series, *, per: str
) -> pl.DataFrame:
    """Fixed entries keep their place; what has changed since is a new entry of *new minus fixed* (D2)."""
    new = entries(moves)
    if fixed.is_empty():
        return new
    sealed = _sealed(book, new, fixed, per=per)
    pairs = new.join(
        sealed.select(*_KEY, "fixed_place", "fixed_counts", "fixed_pays"), on=_KEY, how="left", suffix="_of"
    )
    was = pl.col("fixed_place_of").is_not_null()
    same = (pl.col("counts") == pl.col("fixed_counts")) & (pl.col("pays") == pl.col("fixed_pays"))
    stands = pairs.filter(was).with_columns(
        counts=pl.col("fixed_counts"), pays=pl.col("fixed_pays"), fixed_place=pl.col("fixed_place_of")
    )
    changed = pairs.filter(was & ~same).with_columns(
        counts=pl.col("counts") - pl.col("fixed_counts"),
        pays=pl.col("pays") - pl.col("fixed_pays"),
        kind=pl.lit(DIFFERENCE, dtype=pl.UInt8),
    )
    gone = _gone(sealed.join(new, on=_KEY, how="anti"), counting)
    whole = [pairs.filter(~was), stands, changed, gone]
    return pl.concat([frame.select(*ENTRIES) for frame in whole])


def _sealed(book: Book, new: pl.DataFrame, fixed: pl.DataFrame, *, per: str) -> pl.DataFrame:
    """Fixed events by number. An event that no longer exists keeps its place; its subject is null."""
    keys = book.deals.select("deal_ix", "source", "external_id")
    events = book.events.select("deal_ix", "line", "stage", subject="event_ix").join(keys, on="deal_ix").drop("deal_ix")
    indexes = {period_name(ix, per=per): ix for ix in _period_range(fixed["period"].unique(), per)}
    numbered = fixed.join(book.participants, on="participant_id").join(
        events, on=["source", "external_id", "line", "stage"], how="left"
    )
    return numbered.with_columns(period=pl.col("period").replace_strict(indexes, return_dtype=pl.Int32)).rename(
        {"place": "fixed_place", "counts": "fixed_counts", "pays": "fixed_pays"}
    )


def _period_range(names: pl.Series, per: str) -> Sequence[int]:
    years = [int(name[:4]) for name in names]
    spans = {"month": 12, "quarter": 4, "year": 1}[per]
    return range(min(years) * spans, (max(years) + 1) * spans)


def _gone(sealed: pl.DataFrame, counting: pl.Series) -> pl.DataFrame:
    """A fixed event that nothing stands for any more: it keeps its place, and an entry of minus fixed follows."""
    base = sealed.select(
        "participant_ix", "period", "subject", "fixed_place", "fixed_counts", "fixed_pays",
        event_ix=pl.col("subject"), curve=pl.lit(0, dtype=pl.UInt32), part=pl.lit(None, dtype=pl.UInt32),
        overlay=pl.lit(False), rule=pl.lit(None, dtype=pl.UInt16), lost_by=pl.lit(None, dtype=pl.UInt32),
        counting_date=counting.gather(sealed["subject"]), whole=pl.lit(None, dtype=pl.Int64),
    )  # fmt: skip
    stands = base.with_columns(
        counts=pl.col("fixed_counts"), pays=pl.col("fixed_pays"), kind=pl.lit(OWN, dtype=pl.UInt8)
    )
    undone = base.with_columns(
        counts=-pl.col("fixed_counts"), pays=-pl.col("fixed_pays"), kind=pl.lit(DIFFERENCE, dtype=pl.UInt8),
        fixed_place=pl.lit(None, dtype=pl.Int64),
    )  # fmt: skip
    return pl.concat([stands.select(*ENTRIES), undone.select(*ENTRIES)])


def ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """By list, then D2's order; `place` counts from 0 within the list. `subject` follows the acceptance order."""
    keys = ["list", "fixed_place", "last", "counting_date", "subject"]
    if rows["fixed_place"].null_count() == rows.height:
        keys.remove("fixed_place")
    if not (rows["kind"] == TAKE_BACK).any():
        keys.remove("last")
    placed = rows.with_columns(last=pl.col("kind") == TAKE_BACK).sort(keys, nulls_last=True).drop("last")
    first = placed["list"].search_sorted(placed["list"], "left").cast(pl.Int64)
    return placed.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64) - first)
