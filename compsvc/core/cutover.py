"""What the system before this one has paid for each deal: no more is taken back for it after the cut-over (B3)."""

from __future__ import annotations

import polars as pl

from compsvc.core.facts import Schema
from compsvc.core.ledger import SUBJECT
from compsvc.core.money import to_minor
from compsvc.core.pay import COMES_IN, PAYABLE
from compsvc.core.reserve import FORFEITED

PAID_BEFORE: Schema = {  # a row a participant and component of a deal
    **dict.fromkeys(("participant_id", "source", "external_id"), pl.String),
    "component": pl.String,  # null: all those of the deal that have no row of their own
    "currency_code": pl.String,
    "amount_minor": pl.Int64,
}
_DEAL = ["participant_id", "source", "external_id", "currency_code"]
_PART = [*_DEAL, "component"]


def paid_before(moves: pl.DataFrame, stated: pl.DataFrame) -> pl.DataFrame:
    """PAID_BEFORE: as stated, and of what nothing is stated what the deal comes to. `moves`: those of Pay that are due
    before the cut-over."""
    sign = pl.col("kind").replace_strict({kind: COMES_IN[kind] for kind in (PAYABLE, FORFEITED)}, default=None)
    own = moves.filter(sign.is_not_null(), pl.col("external_id").is_not_null())
    own = own.select(pl.col(_PART).cast(pl.String), amount=pl.col("amount_minor").cast(pl.Int128) * sign)
    known = own.group_by(_PART).agg(amount_minor=pl.max_horizontal(to_minor(pl.col("amount").sum()), 0))
    both = (stated, _without(known, stated))
    return pl.concat([frame.select(*PAID_BEFORE) for frame in both]).sort(_PART, nulls_last=True)


def _never_paid(before: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    own = before.filter(pl.col("kind") == PAYABLE, pl.col("external_id").is_not_null())
    own = _without(own.select(pl.col(_PART).cast(pl.String)).unique(), paid)
    return own.with_columns(amount_minor=pl.lit(0, dtype=pl.Int64)).select(*PAID_BEFORE)


def _without(parts: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The parts of deals that have no row there, nor has their deal as a whole."""
    whole = known.filter(pl.col("component").is_null())
    return parts.join(known, on=_PART, how="anti").join(whole, on=_DEAL, how="anti")


def at_most_paid(true: pl.DataFrame, paid: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """What is true by subject, in which no deal is taken back by more than was paid for it before and since. `before`:
    the moves that are due before the cut-over; what of them is not known as paid was not."""
    taken = true.filter(pl.col("kind") == PAYABLE, pl.col("amount_minor") < 0).select(_DEAL).unique()
    if (paid.is_empty() and before.is_empty()) or taken.is_empty():
        return true
    paid = pl.concat([paid.select(*PAID_BEFORE), _never_paid(before, paid)])
    of_part = paid.filter(pl.col("component").is_not_null()).rename({"amount_minor": "_part"})
    of_deal = paid.filter(pl.col("component").is_null()).select(*_DEAL, _deal="amount_minor")
    marked = true.join(taken.with_columns(_taken=True), on=_DEAL, how="left", nulls_equal=True, maintain_order="left")
    marked = marked.join(of_part, on=_PART, how="left", maintain_order="left")
    marked = marked.join(of_deal, on=_DEAL, how="left", maintain_order="left")
    most = pl.coalesce("_part", "_deal")
    bound = (pl.col("kind") == PAYABLE) & pl.col("_taken").fill_null(value=False) & most.is_not_null()
    whose = [*_DEAL, pl.when(pl.col("_part").is_not_null()).then("component")]
    rows = marked.filter(bound).sort("effective_date", *SUBJECT, nulls_last=True)
    sums = pl.col("amount_minor").cast(pl.Int128).cum_sum().over(whose)
    rows = rows.with_columns(_left=pl.max_horizontal(sums, (-most).cast(pl.Int128)))
    left = pl.col("_left") - pl.col("_left").shift(1, fill_value=0).over(whose)
    rows = rows.with_columns(amount_minor=to_minor(left)).filter(pl.col("amount_minor") != 0)
    return pl.concat([marked.filter(~bound), rows.drop("_left")]).select(true.columns)
