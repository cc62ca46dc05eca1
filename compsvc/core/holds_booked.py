"""Holds over a ledger: of each subject what is on hold by the end of a pay period, beside what is true of it (B1).

What a hold keeps is what is true of its deals less what was booked before it. What it has kept when it is released is
released, whatever becomes true of the deal later.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from compsvc.core import ledger
from compsvc.core.holds import HOLD_RELEASED, ON_HOLD, covered, is_of_deals, kept, of_holds, standing
from compsvc.core.money import to_minor
from compsvc.core.pay import HOLDABLE

WHAT = [name for name in ledger.SUBJECT if name != "kind"]
_TRUE = [*ledger.SUBJECT, "amount_minor", "effective_date", "revision"]


def with_holds(true: pl.DataFrame, booked: pl.DataFrame, holds: pl.DataFrame, start: date) -> pl.DataFrame:
    """What is true by subject in the pay period that begins on `start`, and what is on hold of it and was released.
    `booked`: ENTRIES with `entry`, null of what is not booked yet, and `pay_period`."""
    if is_of_deals(holds).is_empty():
        return true
    stands = standing(holds, start)
    rows = ledger.debits(booked)
    before = covered(rows, stands).filter(
        (pl.col("entry") <= pl.col("_seen")).fill_null(value=False)
        | (pl.col("pay_period") < pl.col("held_date").dt.to_string("%Y-%m"))
    )
    stood = before.filter(_of(ON_HOLD, HOLD_RELEASED)).with_columns(_amount=_still_held())
    now = _in_pay(covered(true, stands), 1)
    summed = (
        pl.concat([now, _in_pay(before, -1), stood], how="diagonal")
        .group_by("_hold", *WHAT)
        .agg(
            to_minor(pl.col("_amount").cast(pl.Int128).sum()),
            _day=pl.col("effective_date").max(),
            revision=pl.col("revision").drop_nulls().last(),
        )
    )
    return pl.concat([true, *_subjects(kept(summed), rows.filter(_of(ON_HOLD, HOLD_RELEASED)), holds, start)])


def _subjects(target: pl.DataFrame, had: pl.DataFrame, holds: pl.DataFrame, start: date) -> list[pl.DataFrame]:
    """What was put on hold by the end of the pay period, and what was released. Where a hold stands it keeps `target`;
    where none does any more, all that was put on hold is released."""
    wide = pl.col("amount_minor").cast(pl.Int128)
    booked = had.group_by(WHAT).agg(
        _on=wide.filter(_of(ON_HOLD)).sum(),
        _off=wide.filter(_of(HOLD_RELEASED)).sum(),
        _had_day=pl.col("effective_date").max(),
        _had_revision=pl.col("revision").drop_nulls().last(),
    )
    kept_now = target.group_by(WHAT).agg(pl.col("_kept").sum(), pl.col("_day").max(), pl.col("revision").last())
    both = kept_now.join(booked, on=WHAT, how="full", nulls_equal=True, coalesce=True)
    both = both.with_columns(pl.col("_kept", "_on", "_off").fill_null(0))
    both = both.join(_days(both, standing(holds, start), stands="held_date"), on=WHAT, how="left", nulls_equal=True)
    both = both.join(_days(both, holds, freed="free_date"), on=WHAT, how="left", nulls_equal=True)
    on = pl.when(pl.col("stands").is_null()).then("_on").otherwise(pl.col("_off") + pl.col("_kept"))
    off = pl.when(pl.col("stands").is_null()).then("_on").otherwise("_off")
    day, revision = pl.coalesce("_day", "_had_day"), pl.coalesce("revision", "_had_revision")
    named = both.with_columns(_on_true=on, _off_true=off, revision=revision)
    return [
        named.select(*WHAT, "revision", kind=pl.lit(kind), amount_minor=to_minor(pl.col(amount)), effective_date=when)
        .filter(pl.col("amount_minor") != 0)
        .select(_TRUE)
        for kind, amount, when in (
            (ON_HOLD, "_on_true", day),
            (HOLD_RELEASED, "_off_true", pl.coalesce("freed", day)),
        )
    ]


def _days(rows: pl.DataFrame, holds: pl.DataFrame, **named: str) -> pl.DataFrame:
    """By subject the last such day of the holds that are of it."""
    ((name, column),) = named.items()
    return of_holds(rows, holds).group_by(WHAT).agg(pl.col(column).max().alias(name))


def _of(*kinds: str) -> pl.Expr:
    return pl.col("kind").is_in(kinds)


def _still_held() -> pl.Expr:
    return pl.when(_of(ON_HOLD)).then("amount_minor").otherwise(-pl.col("amount_minor"))


def _in_pay(rows: pl.DataFrame, sign: int) -> pl.DataFrame:
    """What each row adds to pay, or less."""
    of_kind = pl.col("kind").replace_strict(HOLDABLE, default=0, return_dtype=pl.Int64) * sign
    return rows.filter(pl.col("kind").is_in(list(HOLDABLE))).with_columns(_amount=pl.col("amount_minor") * of_kind)
