"""The credit events behind one component: what moves each participant's position, and in which period (M1, M7, D1, D2).

A *move* is one participant's part of one event under one component. Moves of all revisions of a plan stand together,
since a running position may go on over a change of plan (M2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from compsvc.core.activities import activities, weighed
from compsvc.core.book import Book
from compsvc.core.counting import counting_dates, periods_of
from compsvc.core.credits import Credited, Credits
from compsvc.core.deals import History
from compsvc.core.logos import deal_values, logo_values, lost_logos, once_a_deal
from compsvc.core.parts import Parts
from compsvc.core.plan import COUNTED, OF_EARNINGS, OPENED, UNMEASURED, Component, Plan
from compsvc.core.plan_measures import AS_STAGES_START
from compsvc.core.retention import retained
from compsvc.core.team_credit import team_credit
from compsvc.core.values import line_values

Worth = dict[tuple[object, ...], pl.Series]  # whole values per event, by measure and the terms that decide them

MOVES = {
    "participant_ix": pl.UInt32,
    "period": pl.Int32,
    "event_ix": pl.UInt32,  # or the subject's number, of an activity
    "curve": pl.UInt32,  # which revision of the plan
    "part": pl.UInt32,  # row of the holders (of the role parts for an overlay), null for team credit
    "overlay": pl.Boolean,
    "rule": pl.UInt16,  # null for team credit
    "lost_by": pl.UInt32,  # the churn that takes the event back, null for the event itself
    "loss": pl.UInt32,  # the loss that takes it back (T1), null likewise
    "counting_date": pl.Date,  # null: pending
    "whole": pl.Int64,  # the line's value before it is split
    "counts": pl.Int64,
    "pays": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One component of one plan revision; `curve` is the revision's number among those that have the component."""

    credited: Credited
    name: str
    curve: int

    @property
    def plan(self) -> Plan:
        return self.credited.reading.plan

    @property
    def component(self) -> Component:
        return self.plan.components[self.name]


Given = tuple[pl.Series | None, ...]  # what each event counts in its deal's currency; None where nothing is converted


@dataclass(frozen=True, slots=True)
class Measured:
    """Moves of accepted events, would-be moves of pending ones, and events whose value cannot be told."""

    moves: pl.DataFrame
    pending: pl.DataFrame
    without_value: pl.DataFrame  # event_ix, code
    in_other_currency: pl.DataFrame  # event_ix, of those without a rate
    given: Given = ()  # per revision
    takes: pl.DataFrame | None = None  # what losses take of the moves (takebacks.TAKES); None where nothing is lost
    settles: pl.DataFrame | None = None  # participant_ix, event_ix, settles: of what was read for it (overrides.py)


def measure(book: Book, credits: Credits, clauses: Sequence[Clause], worth: Worth) -> Measured:
    """All moves of one component of a plan, over its revisions. `worth` remembers what components have in common."""
    if clauses[-1].component.counts == "activities":
        return waiting_for_nobody(pl.concat(activity_moves(book, clause) for clause in clauses))
    if clauses[-1].component.counts in OPENED:
        return waiting_for_nobody(_retained(book, clauses))
    if clauses[-1].component.counts in {*OF_EARNINGS, UNMEASURED}:  # these are known once others are paid: overrides.py
        return waiting_for_nobody(pl.DataFrame(schema=MOVES))
    found = [_moves(book, credits, clause, worth) for clause in clauses]
    if book.signed is not None and clauses[-1].component.by_stage:
        found = [(_of_own_lines(book, clauses, moves), given) for moves, given in found]
    every = [_in_force(book, clause, moves) for clause, (moves, _) in zip(clauses, found, strict=True)]
    unrated = [_unrated(clause, moves) for clause, moves in zip(clauses, every, strict=True)]
    other = pl.concat([_where(without, moves) for moves, without in zip(every, unrated, strict=True)])
    rows = pl.concat([_where(~without, moves) for moves, without in zip(every, unrated, strict=True)])
    known = rows["counts"].is_not_null() & rows["pays"].is_not_null()
    accepted = rows["counting_date"].is_not_null()
    shown = accepted & known
    if clauses[-1].component.counts in COUNTED:  # of money, what counts nothing is shown as well
        shown &= (rows["counts"] != 0) | (rows["pays"] != 0)
    return Measured(
        moves=_where(shown, rows),
        pending=_where(~accepted, rows),
        without_value=_untold(book, clauses[-1].component, _events_of(_where(~known, rows))),
        in_other_currency=_events_of(other),
        given=tuple(given for _, given in found),
    )


def _where(told: pl.Series, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of which it is told, at once where it is of all or of none."""
    if told.all():
        return rows
    return rows.filter(told) if told.any() else rows.clear()


def _of_own_lines(book: Book, clauses: Sequence[Clause], moves: pl.DataFrame) -> pl.DataFrame:
    """A stage counts where its line did: what was signed before the component began was credited by others (L3, D4)."""
    assert book.signed is not None
    days = counting_dates(book, clauses[0].plan, clauses[0].component.per)
    since = days[book.signed[moves["event_ix"]]] >= clauses[0].plan.effective
    return moves.filter(since.fill_null(value=True))


def activity_moves(book: Book, clause: Clause) -> pl.DataFrame:
    """The component's activities that the revision decides."""
    plan, reading = clause.plan, clause.credited.reading
    rows = activities(book, plan.plan, clause.component)
    rows = rows.filter((pl.col("counting_date") >= plan.effective) & (pl.col("counting_date") < reading.until))
    periods = periods_of(rows["counting_date"], plan, clause.component.per)
    rows = rows.with_columns(periods)
    if (of := clause.component.pays.weighs) is not None:
        rows = weighed(rows, of)
    named = rows.with_columns(curve=pl.lit(clause.curve), overlay=pl.lit(False), whole="counts", pays="counts")
    missing = [name for name in MOVES if name not in named.columns]
    named = named.with_columns(pl.lit(None).alias(name) for name in missing)
    return named.select(pl.col(name).cast(dtype) for name, dtype in MOVES.items())


def _retained(book: Book, clauses: Sequence[Clause]) -> pl.DataFrame:
    rows = retained(book, clauses).with_columns(overlay=pl.lit(False), counts="whole", pays="whole")
    rows = rows.with_columns(pl.lit(None).alias(name) for name in MOVES if name not in rows.columns)
    return rows.select(pl.col(name).cast(dtype) for name, dtype in MOVES.items())


def waiting_for_nobody(moves: pl.DataFrame) -> Measured:
    """Of activities and of earnings: they have no deal's currency, and none is pending."""
    nobody = moves.select("event_ix").clear()
    untold = nobody.with_columns(code=pl.lit(None, dtype=pl.String))
    return Measured(moves=moves, pending=moves.clear(), without_value=untold, in_other_currency=nobody)


def _untold(book: Book, component: Component, events: pl.DataFrame) -> pl.DataFrame:
    """What the lines do not say that their value would follow from."""
    code = pl.lit("QUANTITY_MISSING" if component.counts == "units" else "TERM_MISSING")
    if "margin" in (component.counts, component.pays_on):
        line = book.events[events["event_ix"]]
        costless = line["cost_minor"].is_null() | (line["stage"] > 0)
        code = pl.when(pl.lit(costless)).then(pl.lit("COST_MISSING")).otherwise(code)
    return events.with_columns(code=code)


def _events_of(rows: pl.DataFrame) -> pl.DataFrame:
    if rows.is_empty():
        return rows[["event_ix"]]
    return rows.filter(pl.col("counting_date").is_not_null()).select("event_ix").unique().sort("event_ix")


def _unrated(clause: Clause, moves: pl.DataFrame) -> pl.Series:
    return clause.credited.reading.exchange.unrated[moves["event_ix"]]


def _in_force(book: Book, clause: Clause, moves: pl.DataFrame) -> pl.DataFrame:
    """The moves that this revision decides: by counting date, for pending ones by close date (D4)."""
    reading = clause.credited.reading
    day = moves["counting_date"]
    if day.null_count():
        day = day.zip_with(day.is_not_null(), book.events["closed_date"][moves["event_ix"]])
    decided = (day >= reading.plan.effective) & (day < reading.until)
    return moves if decided.all() else moves.filter(decided)


def _moves(book: Book, credits: Credits, clause: Clause, worth: Worth) -> tuple[pl.DataFrame, pl.Series | None]:
    """The moves of one revision, and what its events count in their deals' currencies where some are converted."""
    values = _values(book, clause, worth)
    rows = (
        _team(book, credits, clause, values)
        if clause.component.credit == ("team",)
        else _own(book, credits, clause, values)
    )
    if book.signed is not None and not clause.component.by_stage:
        rows = rows.filter(book.events["begins"].is_null()[rows["event_ix"]])
    if clause.component.counts == "deals":
        rows = once_a_deal(book, rows, pays_apart=clause.component.pays_on is not None)
    days = counting_dates(book, clause.plan, clause.component.per)
    counting = days[rows["event_ix"]]
    moves = rows.with_columns(
        counting.alias("counting_date"),
        periods_of(counting, clause.plan, clause.component.per),
        values.counts[rows["event_ix"]].alias("whole"),
        pl.lit(clause.curve, dtype=pl.UInt32).alias("curve"),
        *(pl.lit(None, dtype=pl.UInt32).alias(name) for name in ("lost_by", "loss")),
    ).select(*MOVES)
    if clause.component.pays.counts_whole:
        moves = moves.with_columns(counts="whole")
    if clause.component.must_stay is not None:
        moves = pl.concat([moves, _lost(book, clause, moves)])
    return moves, values.given


@dataclass(frozen=True, slots=True)
class _Values:
    """Whole values per event; `pays` is the same series where rates apply to what counts."""

    counts: pl.Series
    pays: pl.Series
    given: pl.Series | None  # `counts` before it was converted; None where nothing is


def _values(book: Book, clause: Clause, worth: Worth) -> _Values:
    """Made in the deal's currency, then converted (C5)."""
    component, reading = clause.component, clause.credited.reading
    measures = {component.counts, component.pays_on or component.counts}
    types = reading.exchange.counted(reading.types)
    given = {name: _measure_values(book, clause, name, types, worth) for name in sorted(measures)}
    changed = reading.exchange.rate_ix is not None
    money = given | {name: reading.exchange.converted(given[name]) for name in measures - COUNTED if changed}
    before = given[component.counts] if changed and component.counts not in COUNTED else None
    return _Values(money[component.counts], money[component.pays_on or component.counts], before)


def _measure_values(book: Book, clause: Clause, measure: str, types: pl.DataFrame, worth: Worth) -> pl.Series:
    component, plan = clause.component, clause.plan
    ramp = component.ramp_limits
    limits: tuple[object, ...]
    limits = (ramp.term_at_least, ramp.last_stage_at_least, ramp.below_limits) if ramp is not None else ()
    limits += (AS_STAGES_START,) if component.by_stage else ()
    terms = (component.one_time, limits, component.logo, component.minimum_deal_minor)
    changed = clause.credited.reading.exchange
    key = (measure, History.of(plan), plan.rounding, changed.key, *terms, *_rates(component))
    if key not in worth:
        if measure == "new_logos":
            worth[key] = logo_values(book, types, component, changed)
        elif measure == "deals":
            worth[key] = deal_values(book, types, component, changed)
        else:
            worth[key] = line_values(book, types, component, measure, plan.rounding)
    return worth[key]


def _rates(component: Component) -> tuple[object, ...]:
    """What decides values besides the measure, without its place in the file."""
    today, life = component.present_value, component.ltv
    return component.below_cost, today and (today.discount, today.churn), life and life.years


def _own(book: Book, credits: Credits, clause: Clause, values: _Values) -> pl.DataFrame:
    """The participant's own parts, and the overlays', under the credit rules that the component names."""
    names = list(clause.plan.credits)
    wanted = [names.index(name) for name in clause.component.credit]
    found = []
    for overlay in (False, True):
        rows = clause.credited.overlays if overlay else clause.credited.sellers
        if rows.is_empty() or all((clause.credited.reading.rules[ix].to != "seller") != overlay for ix in wanted):
            continue
        rows = rows if len(wanted) == len(names) else rows.filter(pl.col("rule").is_in(wanted))
        counted = clause.component.counts in COUNTED
        if counted and not overlay and not values.counts.null_count() and not values.pays.null_count():
            rows = _worth_something(book, rows, values)
        found.append(_with_parts(credits.parts(overlay=overlay), rows, values).with_columns(overlay=pl.lit(overlay)))
    if not found:
        return _nothing()
    rows = pl.concat(found).select("participant_ix", "event_ix", "part", "overlay", "rule", "counts", "pays")
    if len(wanted) == 1:
        return rows
    return rows.sort("event_ix", "rule").unique(["event_ix", "participant_ix"], keep="first", maintain_order=True)


def _worth_something(book: Book, rows: pl.DataFrame, values: _Values) -> pl.DataFrame:
    """Most events win no logo: they need no part of nothing, unless they wait and are shown."""
    worth = (values.counts != 0) | (values.pays != 0) | book.events["accepted_time"].is_null()
    return rows if worth.all() else rows.filter(worth[rows["event_ix"]])


def _nothing() -> pl.DataFrame:
    names = ("participant_ix", "event_ix", "part", "overlay", "rule", "counts", "pays")
    return pl.DataFrame(schema={name: MOVES[name] for name in names})


def _with_parts(parts: Parts, rows: pl.DataFrame, values: _Values) -> pl.DataFrame:
    counts = parts.values(values.counts)[rows["holder"]]
    same = values.pays is values.counts
    pays = counts if same else parts.values(values.pays)[rows["holder"]]
    return rows.select(
        "participant_ix", "event_ix", "rule", pl.col("holder").alias("part"), counts.alias("counts"), pays.alias("pays")
    )


def _team(book: Book, credits: Credits, clause: Clause, values: _Values) -> pl.DataFrame:
    """What the reports are credited with, for each manager assigned to this plan on the close date (C4, M7)."""
    rows = team_credit(book, credits, clause.plan, clause.component, values.counts, values.pays)
    return rows.select(
        pl.col("manager_ix").alias("participant_ix"), "event_ix", pl.lit(None, pl.UInt32).alias("part"),
        "overlay", pl.lit(None, pl.UInt16).alias("rule"), "counts", "pays",
    )  # fmt: skip


def _lost(book: Book, clause: Clause, moves: pl.DataFrame) -> pl.DataFrame:
    """A logo lost within `must_stay` leaves the count of its own period: minus the stored parts (M9)."""
    reading = clause.credited.reading
    lost = lost_logos(book, reading.exchange.counted(reading.types), clause.component, reading.exchange)
    taken = moves.drop("lost_by").filter(pl.col("counting_date").is_not_null()).join(lost, on="event_ix")
    if clause.component.pays.shared_out is not None:  # settled with its period (M8)
        closed = book.events["closed_date"][taken["lost_by"]]
        taken = taken.filter(periods_of(closed, clause.plan, clause.component.per) <= taken["period"])
    return taken.with_columns(counts=-pl.col("counts"), pays=-pl.col("pays")).select(*MOVES)
