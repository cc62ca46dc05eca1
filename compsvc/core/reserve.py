"""What is held of each line until its contract's liability has ended, and what a take-back takes from it (T2, L3).

A contract is a deal's line, and of an option that was taken its own stage; of a ramp that is credited with its last
stage, what each stage adds is held from that stage's start. What becomes payable before the liability
ends is held in part; what is taken back before then comes out of what is held, as far as that reaches; the rest is
released.
"""

from __future__ import annotations

import polars as pl

from compsvc.core.book import named_stages
from compsvc.core.facts import DEAL, Facts, Schema
from compsvc.core.liability import added_by_stage
from compsvc.core.money import rounded, to_minor
from compsvc.core.periods import plus_months
from compsvc.core.plan import Plan
from compsvc.core.running import most_so_far, risen, total_so_far
from compsvc.core.stated_credits import OPENING

LINE = [*DEAL, "line", "stage"]
COMPONENT_LINE = ["component", *LINE]
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


def increments(facts: Facts, plan: Plan) -> pl.DataFrame:
    """Of ramps that a component credits with their last stage, what of the whole each stage adds, and its start (L3).
    `layer` is 0 of the stage that starts last; each is `before` to `after` of `whole`, from the first stage on."""
    schema: Schema = {
        **dict.fromkeys(("component", *DEAL), pl.String),
        **dict.fromkeys(("line", "stage", "layer"), pl.Int64),
        "stage_date": pl.Date,
        **dict.fromkeys(("before", "after", "whole"), pl.Int128),
    }
    ramped = {name: item for name, item in plan.components.items() if item.ramp_limits is not None}
    if facts.stages.is_empty() or not ramped:
        return pl.DataFrame(schema=schema)
    stages = named_stages(facts)
    names = stages.select("deal_ix", *DEAL).unique()
    found = [
        added_by_stage(item, stages).with_columns(component=pl.lit(name), stage=pl.lit(0, dtype=pl.Int64))
        for name, item in ramped.items()
    ]
    rows = pl.concat(found).join(names, on="deal_ix").sort(*COMPONENT_LINE, "start")
    own, weight = COMPONENT_LINE, pl.col("weight").cast(pl.Int128)
    rows = rows.with_columns(after=weight.cum_sum().over(own), whole=weight.sum().over(own))
    rows = rows.with_columns(before=pl.col("after") - weight, layer=pl.int_range(pl.len()).reverse().over(own))
    return rows.rename({"start": "stage_date"}).select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def reserved(parts: pl.DataFrame, plan: Plan, liable: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """What the parts of one plan hold, use and release: the parts' columns with `kind`, by days. `amount_minor` is
    above zero of what is held, and of what comes back. Of a line with increments in `stages` each holds its share, and
    what is taken back comes out of what the stage that starts last still holds first."""
    assert plan.reserve is not None
    rows = parts.filter(pl.col("payable_date").is_not_null(), pl.col("amount_minor") != 0)
    rows = rows.filter(
        pl.col("stated").cast(pl.String).ne_missing(OPENING)
    )  # what it brings along is held elsewhere (B3)
    rows = rows.with_columns(_own=pl.when(pl.col("external_id").is_null()).then("period"))
    rows = rows.join(liable, on=LINE, how="left", nulls_equal=True, maintain_order="left")
    start = pl.coalesce("liable_date", "closed_date", "counting_date", "payable_date")
    rows = rows.with_columns(start_date=start.min().over(CONTRACT))
    if stages.height:
        last = stages.filter(pl.col("layer") == 0).select(*COMPONENT_LINE, last_date="stage_date")
        rows = rows.join(last, on=COMPONENT_LINE, how="left", maintain_order="left")
        rows = rows.with_columns(start_date=pl.coalesce("last_date", "start_date")).drop("last_date")
    rows = _until_free(rows, plan)
    rows = _as_bounded(rows)
    rows = rows.sort(*CONTRACT, "payable_date", pl.col("amount_minor") < 0, "place", "step", nulls_last=True)
    rows = rows.with_columns(_contract=numbered(CONTRACT)).with_columns(_held=_share_of(plan)).with_row_index("_row")
    layers = _kept_by_layer(_layers(rows, plan, stages))
    given = pl.concat(map(_given, layers))
    lost = given.filter(pl.col("payable_date") > pl.col("reserve_lost")).with_columns(kind=pl.lit(FORFEITED))
    wanted = [*parts.columns, "kind"]
    return pl.concat(frame.select(wanted) for frame in (_taken(rows, layers), given, lost))


def _as_bounded(rows: pl.DataFrame) -> pl.DataFrame:
    """What a windfall or a cap leaves of a line, or of a take-back: its share is held, and what it cut was never paid,
    so it uses nothing of the reserve (T2)."""
    cuts = pl.col("step_kind").cast(pl.String).is_in(["windfall", "cap", "plan_cap"])
    if not rows.select(cuts.any()).item():
        return rows
    beside = [*CONTRACT, "period", "payable_date", "loss_id"]
    first = (~cuts).cum_sum().over(beside) == 1
    cut = pl.when(cuts).then("amount_minor").otherwise(0).sum().over(beside)
    stands = (~cuts).any().over(beside)
    whole = pl.col("amount_minor") + pl.when(first).then(cut).otherwise(0)
    amount = pl.when(~stands).then("amount_minor").when(cuts).then(0).otherwise(whole)
    return rows.with_columns(amount_minor=amount).filter(pl.col("amount_minor") != 0)


def _until_free(rows: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Those that become payable while the contract's liability lasts, from its start on."""
    assert plan.reserve is not None
    free = plus_months(pl.col("start_date"), plan.reserve.months)
    rows = rows.with_columns(free_date=pl.min_horizontal(free, "reserve_ends"))
    return rows.filter(pl.col("payable_date") < pl.col("free_date"))


def _layers(rows: pl.DataFrame, plan: Plan, stages: pl.DataFrame) -> list[pl.DataFrame]:
    """The rows by what holds them: all where no stage holds its own share; else the last stages first, each with its
    piece of what is held and all that is taken back."""
    if stages.is_empty():
        return [rows]
    found = rows.join(stages, on=COMPONENT_LINE, how="left", maintain_order="left")
    wide = pl.col("_held").cast(pl.Int128)
    piece = rounded(wide * pl.col("after"), pl.col("whole"), plan.rounding)
    piece -= rounded(wide * pl.col("before"), pl.col("whole"), plan.rounding)
    divided = pl.col("layer").is_not_null() & (pl.col("_held") > 0)
    found = found.with_columns(
        _held=to_minor(pl.when(divided).then(piece).otherwise(wide)),
        start_date=pl.coalesce("stage_date", "start_date"),
        layer=pl.col("layer").fill_null(0),
    )
    found = _until_free(found, plan)
    return [found.filter(pl.col("layer") == layer) for layer in sorted({0, *found["layer"]})]


def _kept_by_layer(layers: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """With what each row moves and what is held after it; what one layer lacks is taken from the next."""
    done: list[pl.DataFrame] = []
    for own in layers:
        if done:
            taken = done[-1].filter(pl.col("amount_minor") < 0)
            rest = taken.select("_row", _rest=pl.col("_held") - pl.col("_moved"))
            own = own.join(rest, on="_row", how="left", maintain_order="left")
            own = own.with_columns(_held=pl.coalesce("_rest", "_held")).drop("_rest")
        rows = own.with_columns(_standing=total_so_far(pl.col("_held"), "_contract"))
        rows = rows.with_columns(_lack=pl.max_horizontal(most_so_far(-pl.col("_standing"), "_contract"), 0))
        rows = rows.with_columns(_kept=pl.col("_standing") + pl.col("_lack"))
        done.append(rows.with_columns(_moved=risen("_kept", "_contract")))
    return done


def _share_of(plan: Plan) -> pl.Expr:
    """Of what is paid its share, of what is taken back all: it comes out of the reserve first (T2). The shares of a
    contract are differences of its rounded running share."""
    assert plan.reserve is not None
    num, den = plan.reserve.share.numerator, pl.lit(plan.reserve.share.denominator, dtype=pl.Int128)
    paid = pl.max_horizontal("amount_minor", 0)
    so_far = total_so_far(paid, "_contract").cast(pl.Int128)
    share = rounded(so_far * num, den, plan.rounding) - rounded((so_far - paid) * num, den, plan.rounding)
    return pl.when(pl.col("amount_minor") > 0).then(to_minor(share)).otherwise("amount_minor")


def _taken(rows: pl.DataFrame, layers: list[pl.DataFrame]) -> pl.DataFrame:
    """What each row moves in all layers together."""
    moved = pl.concat(frame.select("_row", "_moved") for frame in layers)
    if len(layers) > 1:
        moved = moved.group_by("_row").agg(pl.col("_moved").sum())
    moved = rows.join(moved.filter(pl.col("_moved") != 0), on="_row", maintain_order="left")
    kind = pl.when(pl.col("_moved") > 0).then(pl.lit(HELD)).otherwise(pl.lit(USED))
    return moved.with_columns(kind=kind, amount_minor=pl.col("_moved").abs())


def _given(rows: pl.DataFrame) -> pl.DataFrame:
    """What each contract still holds on the day on which it is free."""
    last = pl.col("_contract").ne_missing(pl.col("_contract").shift(-1))
    left = rows.filter(last & (pl.col("_kept") > 0))
    return left.with_columns(kind=pl.lit(RELEASED), amount_minor=pl.col("_kept"), payable_date=pl.col("free_date"))


def numbered(names: list[str]) -> pl.Expr:
    """The rows stand sorted by the names: how many groups have begun."""
    begins = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in names)
    return begins.cast(pl.UInt32).cum_sum()
