"""Who is credited with which event under which rule of which plan (C1, C3), and what nobody is credited with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from compsvc.core.book import Book
from compsvc.core.columns import repeated
from compsvc.core.holders import HOLDERS, as_holders
from compsvc.core.parts import Parts
from compsvc.core.reading import Reading

CREDITS = {
    "event_ix": pl.UInt32,
    "holder": pl.UInt32,  # row of the holders or of the role parts
    "participant_ix": pl.UInt32,
    "rule": pl.UInt16,  # position in the plan's credits
    "assignment_ix": pl.UInt32,
}


@dataclass(frozen=True, slots=True)
class Credited:
    """The credits of one plan revision. Sellers' credits point into the holders, overlays into the role parts."""

    reading: Reading
    sellers: pl.DataFrame
    overlays: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Credits:
    holder_parts: Parts  # of HOLDERS
    role_parts: Parts  # of HOLDERS' columns and the plan's role; the shares of a role sum to 1
    by_plan: Sequence[Credited]
    held: pl.Series  # per holder: whether a rule of any plan credits it
    counted: pl.Series  # per holder: whether one of those plans is in force on the counting date

    @property
    def holders(self) -> pl.DataFrame:
        return self.holder_parts.frame

    def parts(self, *, overlay: bool) -> Parts:
        return self.role_parts if overlay else self.holder_parts


def credit(book: Book, readings: Sequence[Reading], holders: pl.DataFrame) -> Credits:
    roles = _role_parts(book, readings)
    by_plan = [_credited(book, reading, holders, roles) for reading in readings]
    held = _marked(holders, [credited.sellers["holder"] for credited in by_plan])
    counted = _marked(holders, [_counting(credited) for credited in by_plan])
    return Credits(Parts(holders), Parts(roles), by_plan, held, counted)


def _marked(holders: pl.DataFrame, rows: Sequence[pl.Series]) -> pl.Series:
    marks = repeated(0, holders.height, pl.Int8)
    for found in rows:
        marks = marks.scatter(found, 1)
    return marks.cast(pl.Boolean)


def _counting(credited: Credited) -> pl.Series:
    reading, sellers = credited.reading, credited.sellers
    counts = reading.in_force
    return sellers["holder"] if counts.all() else sellers.filter(counts[sellers["event_ix"]])["holder"]


def _role_parts(book: Book, readings: Sequence[Reading]) -> pl.DataFrame:
    """The persons named in each role that a rule credits, with their shares; several without shares are nobody (C3)."""
    named = {rule.to.removeprefix("role ") for reading in readings for rule in reading.rules if rule.to != "seller"}
    roles = book.roles.filter(pl.col("role").is_in(sorted(named)))
    if roles.is_empty():
        return pl.DataFrame(schema={**HOLDERS, "role": pl.String})
    whole = ["deal_ix", "role"]
    unshared = pl.col("share_num").is_null()
    alone = pl.len().over(whole) == 1
    parts = roles.with_columns(
        share_num=pl.when(alone & unshared).then(1).otherwise("share_num"),
        share_den=pl.when(alone & unshared).then(1).otherwise("share_den"),
        code=pl.when((unshared & ~alone).any().over(whole)).then(pl.lit("ROLE_WITHOUT_SHARES")),
    ).with_columns(participant_ix=pl.when(pl.col("code").is_null()).then("participant_ix"))
    events = book.events.select("event_ix", "deal_ix").join(parts, on="deal_ix").sort("role", "event_ix", "position")
    return as_holders(events, route=pl.lit("role"), pay_out=pl.lit(False)).with_columns(events["role"])


def _credited(book: Book, reading: Reading, holders: pl.DataFrame, roles: pl.DataFrame) -> Credited:
    fired = _fired_in_force(reading)
    sellers = _under_rules(fired, reading.rule_ixs(to_seller=True), holders)
    overlays = [
        _under_rules(fired, [ix], roles.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("holder")), role)
        for ix, role in ((ix, reading.rules[ix].to.removeprefix("role ")) for ix in reading.rule_ixs(to_seller=False))
    ]
    return Credited(
        reading,
        _assigned(book, reading, sellers),
        _assigned(book, reading, pl.concat(overlays)) if overlays else pl.DataFrame(schema=CREDITS),
    )


def _fired_in_force(reading: Reading) -> pl.DataFrame:
    """What fired for the events that the revision decides; what counts before the plan is credited to be listed."""
    decided = reading.in_force | reading.early
    return reading.fired if decided.all() else reading.fired.filter(decided[reading.fired["event_ix"]])


def _under_rules(
    fired: pl.DataFrame, rules: Sequence[int], parts: pl.DataFrame, role: str | None = None
) -> pl.DataFrame:
    """The parts of the events for which one of the rules fired, one row per rule."""
    if "holder" not in parts.columns:
        parts = parts.with_row_index("holder")
    if role is not None:
        parts = parts.filter(pl.col("role") == role)
    rows = parts.select("event_ix", "holder", "participant_ix", "pay_out", "opening").filter(
        pl.col("participant_ix").is_not_null()
    )
    hits = fired.filter(pl.col("rule").is_in(list(rules)))
    if hits["event_ix"].is_sorted() and hits["event_ix"].is_unique().all():
        return _aligned(hits, rows)
    return rows.join(hits, on="event_ix", maintain_order="left_right")


def _aligned(hits: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The same join where an event has one rule at most: events are numbered, so the rule is looked up by position."""
    if hits.is_empty() or rows.is_empty():
        return rows.clear().with_columns(rule=pl.lit(None, dtype=pl.UInt16))
    last = max(int(hits["event_ix"][-1]), int(rows["event_ix"].max()))  # type: ignore[arg-type]
    rule = repeated(None, last + 1, pl.UInt16).scatter(hits["event_ix"], hits["rule"])
    return rows.with_columns(rule[rows["event_ix"]].alias("rule")).filter(pl.col("rule").is_not_null())


def _assigned(book: Book, reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """Only participants assigned to the plan on the close date are credited; a hunter who has left and is paid out,
    under the last assignment (C2, C3)."""
    closed = book.events["closed_date"][rows["event_ix"]]
    spans = book.assignments.filter(pl.col("plan") == reading.plan.plan).select(
        "participant_ix", "assignment_ix", "start_date", "end_date"
    )
    keyed = rows.with_columns(closed.alias("closed_date")).join(spans, on="participant_ix", maintain_order="left_right")
    within = (pl.col("start_date") <= pl.col("closed_date")) & (pl.col("closed_date") < pl.col("end_date"))
    here = keyed.filter(within & ~pl.col("pay_out")).select(*CREDITS)
    if not keyed["pay_out"].any():
        return here
    left = keyed.filter("pay_out").sort("start_date").unique(["holder", "rule"], keep="last", maintain_order=True)
    return here if left.is_empty() else pl.concat([here, left.select(*CREDITS)]).sort("event_ix", "holder", "rule")


def uncredited(book: Book, credits: Credits) -> pl.DataFrame:
    """Every part of an accepted event that no plan credits to its holder, once per event and reason."""
    accepted = book.events["accepted_time"].is_not_null()
    missed = credits.holders.filter(~credits.held)
    missed = missed.filter(accepted[missed["event_ix"]])
    fired = [
        _fired_in_force(credited.reading).filter(pl.col("rule").is_in(credited.reading.rule_ixs(to_seller=True)))[
            "event_ix"
        ]
        for credited in credits.by_plan
    ]
    some = pl.concat(fired).unique() if fired else pl.Series(dtype=pl.UInt32)
    ruled = pl.when(pl.col("event_ix").is_in(some.implode())).then(pl.lit("NOT_ASSIGNED")).otherwise(pl.lit("NO_RULE"))
    sellers = missed.select("event_ix", code=pl.coalesce("code", ruled))
    return sellers.unique().sort("event_ix", "code")


def void(book: Book, credited: Credited) -> pl.DataFrame:
    """The accepted events that the plan credits but that count for nothing in it, and why: event_ix, code."""
    reading = credited.reading
    both = [credited.sellers["event_ix"], credited.overlays["event_ix"]]
    events = pl.concat(both).unique().sort()
    events = events.filter(book.events["accepted_time"].is_not_null()[events])
    reasons = {
        "CURRENCY_WITHOUT_RATE": reading.exchange.unrated[events] & reading.in_force[events],
        "BEFORE_PLAN": reading.early[events],
    }
    return pl.concat(
        pl.DataFrame({"event_ix": events.filter(found)}).with_columns(code=pl.lit(code))
        for code, found in reasons.items()
    )


def shareless(book: Book, credits: Credits, credited: Credited) -> pl.DataFrame:
    """The accepted events for which an overlay rule fired, but its role names several without shares (C3)."""
    named = credits.role_parts.frame.filter(pl.col("code").is_not_null()).select("event_ix", "role", "code")
    roles = {
        ix: credited.reading.rules[ix].to.removeprefix("role ") for ix in credited.reading.rule_ixs(to_seller=False)
    }
    if not roles:
        return named.select("event_ix", "code").clear()
    fired = _fired_in_force(credited.reading).with_columns(
        pl.col("rule").cast(pl.Int64).replace_strict(roles, default=None).alias("role")
    )
    found = named.join(fired, on=["event_ix", "role"], how="semi").select("event_ix", "code").unique()
    return found.filter(book.events["accepted_time"].is_not_null()[found["event_ix"]])
