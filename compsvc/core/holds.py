"""Pay of one deal that finance has put on hold, until somebody else releases it.

A hold keeps what of the deal becomes payable while it stands, after reserves, and never what was paid before. What is
lost meanwhile comes out of what it keeps first, by participant and component (T2); only what that lacks is taken from
other pay. A release makes payable what is on hold, in the pay period that it names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from compsvc.core.facts import DEAL
from compsvc.core.running import risen, total_so_far

ON_HOLD, HOLD_RELEASED = "on_hold", "hold_released"
_WHOSE = ["participant_id", "plan", "component"]  # what a hold may be of alone; null: of all
_GROUP = ["_hold", *_WHOSE, "currency_code"]
_ORDER = [*_GROUP, "_day", "_taken", *DEAL, "period", "line", "stage", "step", "part"]


def is_of_deals(holds: pl.DataFrame) -> pl.DataFrame:
    """Those that somebody has put on a deal; the others answer a plan's review."""
    return holds.filter(pl.col("origin") == "deal")


def may_keep_the_same(one: Sequence[str | None], other: Sequence[str | None]) -> bool:
    """Whether two holds of one deal, each by participant, plan and component, could keep the same pay: what one leaves
    open is all of it. Then only one of them stands at a time."""
    return all(not a or not b or a == b for a, b in zip(one, other, strict=True))


def on_hold(moves: pl.DataFrame, signs: Mapping[str, int], holds: pl.DataFrame, until: date) -> pl.DataFrame:
    """What holds keep of moves, and give back, as further moves, by the days on which they are payable."""
    found = of_holds(moves, holds).filter(
        pl.col("payable_date") >= pl.col("held_date"),
        (pl.col("payable_date") < pl.col("free_date")).fill_null(value=True),
    )
    found = _by_one(found)
    sign = pl.col("kind").replace_strict(signs, default=0, return_dtype=pl.Int64)
    found = kept(found.with_columns(_amount=pl.col("amount_minor") * sign, _day=pl.col("payable_date")))
    found = found.with_columns(kind=pl.lit(ON_HOLD), amount_minor="_kept")
    back = found.filter(pl.col("free_date") < until)
    back = back.with_columns(kind=pl.lit(HOLD_RELEASED), payable_date="free_date")
    return pl.concat([found, back]).select(moves.columns)


def standing(holds: pl.DataFrame, start: date) -> pl.DataFrame:
    """Those that stand in the pay period that begins on a day."""
    return holds.filter(pl.col("held_date") <= start, (pl.col("free_date") > start).fill_null(value=True))


def covered(rows: pl.DataFrame, holds: pl.DataFrame) -> pl.DataFrame:
    """As `of_holds`, each row once: of several holds with the one that ends last, since money waits once."""
    return _by_one(of_holds(rows, holds))


def of_holds(rows: pl.DataFrame, holds: pl.DataFrame) -> pl.DataFrame:
    """The rows of deals that are or were on hold, each with `_hold`, `held_date`, `free_date` and `_seen`, the last
    entry of the ledger before it; of several holds one row each, with `_row` of the same row."""
    named = is_of_deals(holds).select(
        *DEAL,
        *(pl.col(name).alias(f"_{name}") for name in _WHOSE),
        *("held_date", "free_date"),
        _hold="hold_id",
        _seen="ledger_position",
    )
    rows = rows.with_row_index("_row").filter(pl.col("activity").is_null())
    found = rows.join(named, on=DEAL, how="inner", maintain_order="left_right")
    same = [(pl.col(f"_{name}") == pl.col(name).cast(pl.String)).fill_null(value=True) for name in _WHOSE]
    return found.filter(*same).drop(f"_{name}" for name in _WHOSE)


def _by_one(found: pl.DataFrame) -> pl.DataFrame:
    ordered = found.sort("_row", "free_date", "_hold", nulls_last=True)
    return ordered.unique("_row", keep="last", maintain_order=True).drop("_row")


def kept(rows: pl.DataFrame) -> pl.DataFrame:
    """With `_kept`, what of `_amount` each row adds to what is on hold: together never below zero, by hold, participant
    and component. Those that add nothing are left out."""
    ordered = rows.with_columns(_taken=pl.col("_amount") < 0).sort(_ORDER, nulls_last=True)
    ordered = ordered.with_columns(_of=pl.struct(_GROUP).rle_id())
    ordered = ordered.with_columns(_stands=total_so_far(pl.col("_amount"), "_of").clip(lower_bound=0))
    return ordered.with_columns(_kept=risen("_stands", "_of")).filter(pl.col("_kept") != 0)


# --- what a plan's windfall leaves for a review

_REVIEWED = [*_WHOSE, *DEAL]


def released(holds: pl.DataFrame) -> pl.DataFrame:
    """Of reviews that were answered with a release, what they were about and from which day on it is payable."""
    found = holds.filter(pl.col("origin") == "review", pl.col("state") == "released")
    return found.select(*_REVIEWED, "free_date")


def refused(holds: pl.DataFrame) -> pl.DataFrame:
    """What reviews were about that were answered with a refusal."""
    return holds.filter(pl.col("origin") == "review", pl.col("state") == "refused").select(_REVIEWED)


def released_on(deals: pl.DataFrame, released: pl.DataFrame) -> pl.Series:
    """Of each participant's deal in a component the day on which its review let it go; null while it waits."""
    return deals.join(released, on=_REVIEWED, how="left", maintain_order="left")["free_date"]


def reviewed(rows: pl.DataFrame, released: pl.DataFrame) -> pl.DataFrame:
    """Lines that stand `held` have no day until their review is released, and none before that day."""
    day, held = pl.col("payable_date"), pl.col("held").fill_null(value=False)
    if released.is_empty():
        return rows.with_columns(payable_date=pl.when(~held).then(day))
    free = released_on(rows.select(pl.col(name).cast(pl.String) for name in _REVIEWED), released)
    later = pl.when(pl.lit(free).is_not_null()).then(pl.max_horizontal(day, pl.lit(free)))
    return rows.with_columns(payable_date=pl.when(~held).then(day).otherwise(later))
