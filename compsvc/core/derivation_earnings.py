"""What each participant, component and period comes to, and which curve stood behind it, as frames of a result."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from compsvc.core.book import Book
from compsvc.core.components import Paid
from compsvc.core.derivation_frames import Key, joined, per_curve, period_names, shaped, text_of
from compsvc.core.facts import Schema
from compsvc.core.plan import COUNTED
from compsvc.core.results import CHOSEN, EARNINGS, STANDINGS


def earnings_frame(ledger: Book, paid: Mapping[Key, Paid]) -> pl.DataFrame:
    """EARNINGS, by participant, plan, component and period."""
    frames = [_component_earnings(ledger, found) for found in paid.values()]
    return joined(frames, EARNINGS).sort("participant_id", "plan", "component", "period_start_date")


def _component_earnings(ledger: Book, paid: Paid) -> pl.DataFrame:
    clause = paid.clauses[-1]
    last = paid.binds.group_by("participant_ix", "period", maintain_order=True).last()
    rows = paid.earned.join(last, on=["participant_ix", "period"], how="left", maintain_order="left")
    rows = rows.rename({"period": "period_ix"}).join(period_names(clause, rows["period"]), on="period_ix")
    counted = clause.component.counts in COUNTED
    return shaped(
        rows.with_columns(
            ledger.participants["participant_id"][rows["participant_ix"]],
            text_of(clause.plan.plan).alias("plan"),
            per_curve([c.plan.revision for c in paid.clauses], rows["curve"]).alias("revision"),
            text_of(clause.name).alias("component"),
            measure_minor=pl.lit(0) if counted else pl.col("position"),
            count_millionths=pl.col("position") if counted else pl.lit(0),
            target_incentive_minor=pl.col("target_minor"),
            currency_code=text_of(clause.plan.currency),
        ),
        EARNINGS,
    )


def chosen_frame(ledger: Book, paid: Mapping[Key, Paid]) -> pl.DataFrame:
    """CHOSEN, by participant, plan, component and period: why gates are shut, and which multiplier holds (M6)."""
    frames = [_named(ledger, found, found.chosen, CHOSEN) for found in paid.values() if found.chosen is not None]
    return joined(frames, CHOSEN).sort("participant_id", "plan", "component", "period", "word", "number")


def standings_frame(ledger: Book, paid: Mapping[Key, Paid]) -> pl.DataFrame:
    """STANDINGS, by participant, plan, component and period: places in contests and shares of pools (M7)."""
    shared = [found for found in paid.values() if found.standings is not None]
    frames = [_named(ledger, found, found.standings, STANDINGS) for found in shared if found.standings is not None]
    return joined(frames, STANDINGS).sort("participant_id", "plan", "component", "period")


def _named(ledger: Book, paid: Paid, told: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Rows of participants and periods by number, with the names of both."""
    clause, rows = paid.clauses[-1], told.rename({"period": "period_ix"})
    rows = rows.join(period_names(clause, rows["period_ix"]), on="period_ix", maintain_order="left")
    names = [text_of(clause.plan.plan).alias("plan"), text_of(clause.name).alias("component")]
    who = ledger.participants["participant_id"][rows["participant_ix"]]
    return shaped(rows.with_columns(who, *names), schema)
