"""What is held of each line until its contract's liability has ended, and what a take-back takes from it (T2, L3).

A contract is a deal's line, and of an option that was taken its own stage. What becomes payable before the liability
ends is held in part; what is taken back before then comes out of what is held, as far as that reaches; the rest is
released.
"""

from __future__ import annotations

import polars as pl

from compsvc.core.facts import DEAL, Facts
from compsvc.core.money import rounded, to_minor
from compsvc.core.periods import plus_months
from compsvc.core.plan import Plan
from compsvc.core.running import most_so_far, total_so_far

LINE = [*DEAL, "line", "stage"]
CONTRACT = ["participant_id", "component", *LINE, "_own"]
HELD, USED, RELEASED, FORFEITED = "held", "used", "released", "forfeited"


def starts(facts: Facts) -> pl.DataFrame:
    """When each deal's line begins, and each stage that was taken; the first committed one where a line has stages."""
    whole = facts.deals.select(*DEAL, pl.lit(1, dtype=pl.Int64).alias("line"), "start_date")
    lines = facts.deal_lines.select(*DEAL, "line", "start_date")
    whole = whole.join(lines.select(DEAL).unique(), on=DEAL, how="anti")
    both = pl.concat([whole, lines]).with_columns(stage=pl.lit(0, dtype=pl.Int64))
    committed = facts.stages.filter("committed").group_by(*DEAL, "line").agg(first=pl.col("start_date").min())
    both = both.join(committed, on=[*DEAL, "line"], how="left")
    both = both.select(*LINE, liable_date=pl.coalesce("first", "start_date"))
    later = ~pl.struct(*DEAL, "line").is_first_distinct()  # those of a ramp that is credited as its stages start
    begun = facts.stages.filter("committed").sort(LINE).filter(later)
    taken = facts.stages.filter(~pl.col("committed"), pl.col("exercised_time").is_not_null())
    return pl.concat([both, *(frame.select(*LINE, liable_date="start_date") for frame in (begun, taken))])


def reserved(parts: pl.DataFrame, plan: Plan, liable: pl.DataFrame) -> pl.DataFrame:
    """What the parts of one plan hold, use and release: the parts' columns with `kind`, by days. `amount_minor` is
    above zero of what is held, and of what comes back."""
    assert plan.reserve is not None
    rows = parts.filter(pl.col("payable_date").is_not_null(), pl.col("amount_minor") != 0)
    rows = rows.with_columns(_own=pl.when(pl.col("external_id").is_null()).then("period"))
    rows = rows.join(liable, on=LINE, how="left", nulls_equal=True, maintain_order="left")
    start = pl.coalesce("liable_date", "closed_date", "counting_date", "payable_date")
    rows = rows.with_columns(free_date=plus_months(start, plan.reserve.months).min().over(CONTRACT))
    rows = rows.with_columns(free_date=pl.min_horizontal("free_date", "reserve_ends"))
    rows = rows.filter(pl.col("payable_date") < pl.col("free_date"))
    rows = rows.sort(*CONTRACT, "payable_date", pl.col("amount_minor") < 0, "place", "step", nulls_last=True)
    rows = rows.with_columns(_contract=_numbered(CONTRACT)).with_columns(_held=_share_of(plan))
    rows = rows.with_columns(_standing=total_so_far(pl.col("_held"), "_contract"))
    rows = rows.with_columns(_lack=pl.max_horizontal(most_so_far(-pl.col("_standing"), "_contract"), 0))
    rows = rows.with_columns(_kept=pl.col("_standing") + pl.col("_lack"))
    first = pl.col("_contract").ne_missing(pl.col("_contract").shift(1))
    moved = pl.col("_kept") - pl.when(first).then(0).otherwise(pl.col("_kept").shift(1))
    rows = rows.with_columns(_moved=moved)
    given = _given(rows)
    lost = given.filter(pl.col("payable_date") > pl.col("reserve_lost")).with_columns(kind=pl.lit(FORFEITED))
    return pl.concat([_taken(rows), given, lost]).select(*parts.columns, "kind")


def _share_of(plan: Plan) -> pl.Expr:
    """Of what is paid its share, of what is taken back all: it comes out of the reserve first (T2). The shares of a
    contract are differences of its rounded running share."""
    assert plan.reserve is not None
    num, den = plan.reserve.share.numerator, pl.lit(plan.reserve.share.denominator, dtype=pl.Int128)
    paid = pl.max_horizontal("amount_minor", 0)
    so_far = total_so_far(paid, "_contract").cast(pl.Int128)
    share = rounded(so_far * num, den, plan.rounding) - rounded((so_far - paid) * num, den, plan.rounding)
    return pl.when(pl.col("amount_minor") > 0).then(to_minor(share)).otherwise("amount_minor")


def _taken(rows: pl.DataFrame) -> pl.DataFrame:
    kind = pl.when(pl.col("_moved") > 0).then(pl.lit(HELD)).otherwise(pl.lit(USED))
    moved = rows.filter(pl.col("_moved") != 0)
    return moved.with_columns(kind=kind, amount_minor=pl.col("_moved").abs())


def _given(rows: pl.DataFrame) -> pl.DataFrame:
    """What each contract still holds on the day on which it is free."""
    last = pl.col("_contract").ne_missing(pl.col("_contract").shift(-1))
    left = rows.filter(last & (pl.col("_kept") > 0))
    return left.with_columns(kind=pl.lit(RELEASED), amount_minor=pl.col("_kept"), payable_date=pl.col("free_date"))


def _numbered(names: list[str]) -> pl.Expr:
    """The rows stand sorted by the names: how many groups have begun."""
    begins = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in names)
    return begins.cast(pl.UInt32).cum_sum()
