"""Deals that their customers have changed: what was true stays in its period, what is lost is a loss of that day (L4).

A deal is calculated as its latest revision tells it, with what customer changes have taken added again; each of these
is a loss at its date, of each line that it lowers, and the plan's words on losses decide (T1). A later correction says
what the deal is by then: what it is worth more than a change had left never was lost, and the rest stays lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Literal

import polars as pl

from compsvc.core.facts import DEAL, DEAL_LINES, DEAL_REVISIONS, LINE, LOSSES, STAGES, Facts

Cause = Literal["data_correction", "acceptance_withdrawn", "customer_change"]
CUSTOMER_CHANGE = "customer_change"
TOLD = [*DEAL, "revision"]
PLACE = [*DEAL, "line", "stage"]
VALUES = ("annual_value_minor", "one_time_value_minor")
AMOUNTS = (*VALUES, "quantity", "cost_minor")
OF_REVISION = ("cause", "changed_date", "change_evidence")
ROW = "_row"
_CHANGE = "revision "  # how the ids of losses begin that are customer changes
_LATER = 2**31  # rows of losses from here on are changes of the deal that stands so many rows before
Frames = dict[str, pl.DataFrame]


def revisions(deals: pl.DataFrame, deal_lines: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """DEAL_REVISIONS of deals, of each as one or several revisions tell it; parts without `revision` are of the one."""
    head = deals.select(*TOLD, *OF_REVISION, *LINE)
    parts = [
        part if "revision" in part.columns else part.join(head.select(TOLD), on=DEAL) for part in (deal_lines, stages)
    ]
    whole = pl.lit(0, dtype=pl.Int64).alias("stage")
    first = pl.lit(1, dtype=pl.Int64).alias("line")
    bare = head.drop(LINE)
    rows = [
        head.join(parts[0], on=TOLD, how="anti").with_columns(first, whole),
        bare.join(parts[0].select(*TOLD, "line", *LINE), on=TOLD).with_columns(whole),
        bare.join(parts[1].select(*TOLD, *[name for name in STAGES if name not in DEAL]), on=TOLD),
    ]
    told = pl.concat(rows, how="diagonal_relaxed")
    missing = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in DEAL_REVISIONS.items() if name not in told]
    return told.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in DEAL_REVISIONS.items())


def dropped(told: pl.DataFrame) -> pl.DataFrame:
    """By customer change, line and stage what it takes off each of AMOUNTS; below zero where it adds. `told`: all
    revisions of some deals. What a later correction tells otherwise was never taken."""
    steps = told.select(*TOLD, *OF_REVISION).unique()
    grid = steps.join(told.select(PLACE).unique(), on=DEAL).join(
        told.select(*TOLD, "line", "stage", *AMOUNTS), on=[*TOLD, "line", "stage"], how="left"
    )
    grid = grid.sort(*PLACE, "revision")
    number = pl.col("revision").cum_count().over(PLACE).alias("nth")
    befores = [_before(name).over(PLACE).alias(_was(name)) for name in AMOUNTS]
    grid = grid.with_columns(number, pl.col(*AMOUNTS).fill_null(0), *befores)
    change = (pl.col("cause") == CUSTOMER_CHANGE).fill_null(value=False) & (pl.col("nth") > 1)
    grid = grid.with_columns(pl.when(change & _stands(name)).then(_was(name)).alias(_was(name)) for name in AMOUNTS)
    return grid.with_columns(_taken(name) for name in AMOUNTS).filter(change).drop("nth", *map(_was, AMOUNTS))


def _was(name: str) -> str:
    return f"{name}_was"


def _before(name: str) -> pl.Expr:
    """A value that is not told is none; of a number or cost that was not told nothing is taken."""
    before = pl.col(name).shift(1)
    return before.fill_null(0) if name in VALUES else before


def _stands(name: str) -> pl.Expr:
    """Whether nothing told from the change on comes back to what was told before it."""
    most, least = (pl.col(name).cum_max(reverse=True), pl.col(name).cum_min(reverse=True))
    return (most.over(PLACE) < pl.col(_was(name))) | (least.over(PLACE) > pl.col(_was(name)))


def _taken(name: str) -> pl.Expr:
    """As much as the change told, and no more than is gone when the next one that stands comes, or now."""
    was = pl.col(_was(name))
    left = pl.coalesce(was.shift(-1).backward_fill().over(PLACE), pl.col(name).last().over(PLACE))
    told, gone = was - pl.col(name), was - left
    nearest = pl.when(told > 0).then(pl.min_horizontal(told, gone)).otherwise(pl.max_horizontal(told, gone))
    return nearest.fill_null(0).alias(name)


def sizes(told: pl.DataFrame) -> pl.DataFrame:
    """The lines, each with its size: of a ramp the last committed level in place of its annual value."""
    levels = told.filter(pl.col("stage") > 0).sort(*TOLD, "line", "stage")
    last = pl.col("annual_value_minor").filter("committed").last().fill_null(0)
    level = levels.group_by(*TOLD, "line").agg(level=last)
    lines = told.filter(pl.col("stage") == 0).join(level, on=[*TOLD, "line"], how="left")
    return lines.with_columns(annual_value_minor=pl.coalesce("level", "annual_value_minor")).drop("level")


def sizes_lost(told: pl.DataFrame) -> pl.DataFrame:
    """By customer change and line what it takes off the size of the line, of which losses are parts."""
    return dropped(sizes(told)).with_columns(lost_minor=pl.sum_horizontal(VALUES))


def asks_for_cause(said: Mapping[str, Any], was: Mapping[str, Any]) -> bool:
    """Whether a revision of a deal, a row of DEALS, has to say its cause where it makes it smaller (L4): one that is
    new, says none, and tells otherwise in the same currency what was accepted and still is."""
    new = said["revision"] > was["revision"]
    accepted = None not in (said["accepted_time"], was["accepted_time"])
    return new and accepted and said["cause"] is None and said["currency_code"] == was["currency_code"]


def lowered(told: pl.DataFrame) -> pl.DataFrame:
    """The deals of which the later of two revisions makes all lines together smaller. What the customer gives up with a
    line (`churn`, `downsell`) is no size."""
    lines = sizes(told).filter(~pl.col("type").is_in(["churn", "downsell"]).fill_null(value=False))
    size = pl.sum_horizontal(pl.col(name).fill_null(0).cast(pl.Int128) for name in VALUES)
    whole = lines.group_by(*TOLD).agg(size=size.sum())
    heads = told.select(*TOLD).unique().join(whole, on=TOLD, how="left").with_columns(pl.col("size").fill_null(0))
    ends = (
        heads.sort(*TOLD).group_by(DEAL, maintain_order=True).agg(was=pl.col("size").first(), now=pl.col("size").last())
    )
    return ends.filter(pl.col("now") < pl.col("was")).select(DEAL)


def as_they_were(facts: Facts) -> Facts:
    """The facts without revisions: deals as they were, and losses."""
    return replace(facts, **as_losses({item.name: getattr(facts, item.name) for item in fields(facts)}))


def as_losses(frames: Frames) -> Frames:
    """Deals as they were with their lines and stages, and losses with those that customer changes are: what differs
    from the frames given. Nothing to do where no customer has changed anything."""
    if frames["deal_revisions"].is_empty():
        return {}
    earlier = frames["deal_revisions"].drop(ROW, strict=False)
    told = with_earlier(frames["deals"], frames["deal_lines"], frames["stages"], earlier)
    deals = frames["deals"]
    changed = deals.join(told, on=DEAL, how="semi")
    was = _as_they_were(told, changed)
    written = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in LINE.items()]
    of_change = pl.col("cause").eq_missing(CUSTOMER_CHANGE)  # which is a loss from here on, and no revision
    written += [pl.when(~of_change).then(name).alias(name) for name in OF_REVISION]
    lines = was.filter(pl.col("stage") == 0).select(*DEAL_LINES)
    losses = _losses(told, changed).join(lines, on=[*DEAL, "line"], how="semi")
    stages = was.filter(pl.col("stage") > 0).select(*STAGES)
    found = {
        "deals": pl.concat([deals.join(changed, on=DEAL, how="anti"), changed.with_columns(written)]),
        "deal_lines": _in_place(frames["deal_lines"], lines, changed),
        "stages": _in_place(frames["stages"], stages, changed),
        "losses": pl.concat([frames["losses"], losses], how="diagonal_relaxed"),
        "deal_revisions": frames["deal_revisions"].clear(),
    }
    return {name: frame.rechunk() for name, frame in found.items()}


def with_earlier(
    deals: pl.DataFrame, deal_lines: pl.DataFrame, stages: pl.DataFrame, earlier: pl.DataFrame
) -> pl.DataFrame:
    """DEAL_REVISIONS of the deals that have earlier ones: those, and what the deals tell now."""
    latest = deals.join(earlier, on=DEAL, how="semi")
    now = revisions(latest, *(part.join(latest, on=DEAL, how="semi") for part in (deal_lines, stages)))
    last = latest.select(*DEAL, last="revision")
    before = earlier.join(last, on=DEAL).filter(pl.col("revision") < pl.col("last")).select(*DEAL_REVISIONS)
    return pl.concat([before, now])


def _as_they_were(told: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """The lines and stages of the latest revision, with what was lost of them, and those that a customer gave up."""
    taken = dropped(told).group_by(PLACE).agg(pl.col(*AMOUNTS).sum())
    last = changed.select(*DEAL, last="revision")
    newest = told.sort("revision").unique(PLACE, keep="last", maintain_order=True).join(last, on=DEAL)
    open_option = (pl.col("stage") > 0) & ~pl.col("committed") & pl.col("exercised_time").is_null()
    taken = taken.join(newest.filter(open_option), on=PLACE, how="anti")  # what nobody was credited is as it is told
    gone = pl.col("revision") < pl.col("last")
    newest = newest.with_columns(pl.when(gone).then(0).otherwise(pl.col(name)).alias(name) for name in AMOUNTS)
    rows = newest.join(taken, on=PLACE, how="left", suffix="_lost").with_columns(
        pl.when(pl.col(f"{name}_lost").fill_null(0) == 0)
        .then(name)
        .otherwise(pl.col(name).fill_null(0) + pl.col(f"{name}_lost"))
        .alias(name)
        for name in AMOUNTS
    )
    by_customer = newest.filter(gone).select(*PLACE, "revision").join(_next_causes(told), on=TOLD)
    kept = rows.filter(~gone), rows.filter(gone).join(by_customer, on=PLACE, how="semi")
    return pl.concat(kept).sort(*PLACE)


def _next_causes(told: pl.DataFrame) -> pl.DataFrame:
    """The revisions after which comes a customer change."""
    steps = told.select(*TOLD, "cause").unique().sort(*TOLD)
    after = pl.col("cause").shift(-1).over(DEAL)
    return steps.filter(after == CUSTOMER_CHANGE).select(TOLD)


def _in_place(frame: pl.DataFrame, rows: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """The rows instead of those of the changed deals."""
    return pl.concat([frame.join(changed, on=DEAL, how="anti"), rows], how="diagonal_relaxed")


def _losses(told: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """LOSSES, each with a row from _LATER on that says which deal it is of."""
    number = pl.col(ROW) if ROW in changed.columns else pl.lit(0)
    of = changed.select(*DEAL, "currency_code", (number.cast(pl.Int64) + _LATER).cast(pl.UInt32).alias(ROW))
    rows = sizes_lost(told).filter(pl.col("lost_minor") > 0).join(of, on=DEAL)
    texts = [pl.col(name).cast(pl.String) for name in ("revision", "line")]
    said = rows.with_columns(
        loss_id=pl.concat_str(pl.lit(_CHANGE), texts[0], pl.lit("/"), texts[1]),
        loss_date="changed_date",
        kind=pl.lit("cancellation"),
        amount_minor="lost_minor",
        reason=pl.lit(CUSTOMER_CHANGE),
        attributable_to=pl.lit("customer"),
        evidence="change_evidence",
    )
    row = [ROW] if ROW in changed.columns else []
    return said.select(*row, *(name for name in LOSSES if name in said.columns)).sort(*DEAL, "loss_id")


def is_change(loss_id: str) -> bool:
    return loss_id.startswith(_CHANGE)


def of_deals(faults: pl.DataFrame) -> pl.DataFrame:
    """Faults of losses that are changes of deals, told of the deals."""
    change = (pl.col("kind") == "losses") & (pl.col("row") >= _LATER)
    if faults.filter(change).is_empty():
        return faults
    return faults.with_columns(
        kind=pl.when(change).then(pl.lit("deals")).otherwise("kind"),
        row=pl.when(change).then(pl.col("row") - _LATER).otherwise("row"),
        key=pl.when(change).then(pl.col("key").str.replace(r"/revision \d+/\d+$", "")).otherwise("key"),
        field=pl.when(change).then(pl.lit("cause")).otherwise("field"),
    )
