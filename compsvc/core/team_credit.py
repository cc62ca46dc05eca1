"""What is passed up the manager line: the reports' split credit, and overlay credit whose rule says `roll_up` (C3, C4).

Each deal is passed once per manager. Whoever has any of its split credit, their own or a report's, has that and no
overlay; else the first overlay rule, by priority, plan and place in the file, that credits them or somebody below.
"""

from __future__ import annotations

import polars as pl

from compsvc.core.book import Book
from compsvc.core.credits import Credits
from compsvc.core.plan import Component, Plan, span_of_levels
from compsvc.core.team import in_force, managers, segments

_SEAT = ["participant_ix", "segment"]


def team_credit(
    book: Book, credits: Credits, plan: Plan, component: Component, counts: pl.Series, pays: pl.Series
) -> pl.DataFrame:
    """One row per event and manager assigned to the plan on the close date, overlays marked. `counts` and `pays` are
    whole values per event."""
    held = _held(book, credits, counts, pays, overlay=False).filter(credits.counted)
    again = held["event_ix"] == held["event_ix"].shift(1)
    several = (again | again.shift(-1)).fill_null(value=False).alias("several")
    held = held.with_columns(several)
    above = managers_of_plan(book, plan, component, held.select(_SEAT).unique())
    rows = held.join(above, on=_SEAT, maintain_order="left_right")
    names = ("manager_ix", "event_ix", "counts", "pays")
    found = _whole_by_manager(rows).select(*names, overlay=pl.lit(value=False))
    ranked = _rolled_up(credits)
    if ranked.is_empty():
        return found
    passed = _overlays(book, credits, plan, component, ranked, counts, pays)
    return pl.concat([found, passed.select(*names, overlay=pl.lit(value=True))])


def managers_of_plan(book: Book, plan: Plan, component: Component, pairs: pl.DataFrame) -> pl.DataFrame:
    """Who stands above each (participant_ix, segment) and is assigned to this plan there."""
    above = managers(book, pairs)
    if component.levels is not None:
        above = above.filter(pl.col("level").is_between(*span_of_levels(component.levels)))
    above = above.drop("level")
    if component.own_deals == "in":
        above = pl.concat([above, _themselves(pairs)]).unique(maintain_order=True)
    seats = above.select("segment", participant_ix="manager_ix").unique()
    assigned = in_force(book, seats).filter(pl.col("plan") == plan.plan)
    return above.join(
        assigned.select("segment", manager_ix="participant_ix").unique(), on=["manager_ix", "segment"], how="semi"
    )


def _themselves(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.with_columns(manager_ix="participant_ix")


def _held(book: Book, credits: Credits, counts: pl.Series, pays: pl.Series, *, overlay: bool) -> pl.DataFrame:
    """Every part with its values and the segment of its close date."""
    parts = credits.parts(overlay=overlay)
    of_counts = parts.values(counts)
    of_pays = of_counts if pays is counts else parts.values(pays)
    held = parts.frame.select("event_ix", "participant_ix", of_counts.alias("counts"), of_pays.alias("pays"))
    return held.with_columns(segments(book, book.events["closed_date"][held["event_ix"]]))


def _whole_by_manager(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per event and manager. Most events have one part: only those with `several` are summed."""
    if not rows["several"].any():
        return rows
    several = rows.with_row_index("row").filter("several")
    summed = several.group_by("event_ix", "manager_ix", maintain_order=True).agg(
        pl.col("row").first(),
        pl.col("counts", "pays").sum(),
        pl.col("counts", "pays").null_count().name.suffix("_untold"),
    )
    one_each = (~rows["several"]).scatter(summed["row"], True)
    told = summed.select(pl.when(pl.col(f"{name}_untold") == 0).then(name) for name in ("counts", "pays"))
    sums = [rows[name].scatter(summed["row"], told[name]) for name in ("counts", "pays")]
    return rows.with_columns(sums).filter(one_each)


# --- overlays that roll up


def _rolled_up(credits: Credits) -> pl.DataFrame:
    """The role parts that count under a rule with `roll_up`: holder, rank; the lowest rank goes first."""
    found = []
    for number, credited in enumerate(credits.by_plan):
        plan = credited.reading.plan
        for place, rule in enumerate(credited.reading.rules):
            if rule.roll_up:
                own = credited.overlays.filter(pl.col("rule") == place)
                own = own.filter(credited.reading.in_force[own["event_ix"]])
                found.append(((rule.priority, plan.plan, place, number), own["holder"]))
    ranked = [
        pl.DataFrame({"holder": holders}).with_columns(rank=pl.lit(rank, dtype=pl.UInt32))
        for rank, (_, holders) in enumerate(sorted(found, key=lambda each: each[0]))
    ]
    return pl.concat(ranked) if ranked else pl.DataFrame(schema={"holder": pl.UInt32, "rank": pl.UInt32})


def _overlays(
    book: Book, credits: Credits, plan: Plan, component: Component, ranked: pl.DataFrame,
    counts: pl.Series, pays: pl.Series,
) -> pl.DataFrame:  # fmt: skip
    """What managers without split credit of the event are passed; levels and plan narrow it only afterwards."""
    held = _held(book, credits, counts, pays, overlay=True)[ranked["holder"]].with_columns(ranked["rank"])
    split = credits.holders.select("event_ix", "participant_ix").filter(credits.counted)
    split = split.filter(pl.col("event_ix").is_in(held["event_ix"].unique().implode()))
    split = split.with_columns(segments(book, book.events["closed_date"][split["event_ix"]]))
    whose = ["event_ix", "manager_ix"]
    rows = _and_above(book, held).join(_and_above(book, split).select(whose).unique(), on=whose, how="anti")
    first = rows.group_by(whose).agg(pl.col("rank").min())
    rows = rows.join(first, on=[*whose, "rank"]).unique(maintain_order=True)
    seats = managers_of_plan(book, plan, component, held.select(_SEAT).unique())
    rows = rows.join(seats, on=[*_SEAT, "manager_ix"], how="semi").sort("event_ix", "manager_ix", "participant_ix")
    return _whole_by_manager(rows.with_columns(several=pl.lit(value=True)))


def _and_above(book: Book, rows: pl.DataFrame) -> pl.DataFrame:
    """Each row for the participant and for everybody above."""
    pairs = rows.select(_SEAT).unique()
    above = managers(book, pairs).drop("level")
    return rows.join(pl.concat([above, _themselves(pairs).select(above.columns)]), on=_SEAT)
