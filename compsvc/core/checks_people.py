"""What participants do besides deals, and when they are away or gone: activities, leaves, exits."""

from __future__ import annotations

from datetime import date

import polars as pl

from compsvc.core.checks_rules import (
    NOTHING,
    ROW,
    Frames,
    Known,
    Rule,
    faults_of,
    matching,
    negative_term,
    refuse,
    say,
    unknown_id,
)
from compsvc.core.periods import plus_months


def check_people(frames: Frames, found: list[pl.DataFrame], known: Known) -> None:
    participant = unknown_id("participant_id", known.participants, "UNKNOWN_PARTICIPANT")
    account = unknown_id("account_id", known.accounts, "UNKNOWN_ACCOUNT")
    rules = {
        "activities": [participant, account, _negative_quantity()],
        "leaves": [participant, negative_term()],
        "exits": [participant],
    }
    for kind, those in rules.items():
        refuse(kind, frames, found, faults_of(kind, frames[kind], those))
    if frames["leaves"].height:
        refuse("leaves", frames, found, [_overlapping(frames["leaves"])])
    if frames["exits"].height:
        refuse("exits", frames, found, [_gone_already(frames["exits"], frames["assignments"])])


def _negative_quantity() -> Rule:
    told = say("quantity {} is below zero. What did not happen counts 0.", "quantity")
    return Rule("NEGATIVE_AMOUNT", "quantity", pl.col("quantity") < 0, told)


def _overlapping(leaves: pl.DataFrame) -> pl.DataFrame:
    """A leave that ends on the day it starts was taken back, and overlaps nothing."""
    ends = pl.col("end_date").fill_null(date.max)
    real = leaves.filter(ends > pl.col("start_date")).sort("participant_id", "start_date", ROW)
    last_end = ends.cum_max().shift(1).over("participant_id")
    next_start = pl.col("start_date").shift(-1).over("participant_id")
    overlaps = ((pl.col("start_date") < last_end) | (next_start < ends)).fill_null(value=False)
    told = say(
        "participant `{}` has another leave on a day of this one, which starts on {}. End the first on the day "
        "the next one starts.",
        *("participant_id", "start_date"),
    )
    return matching("leaves", real, Rule("LEAVES_OVERLAP", "start_date", overlaps, told))


def _gone_already(exits: pl.DataFrame, assignments: pl.DataFrame) -> pl.DataFrame:
    """Who has left leaves again only after they have come back: an assignment began in between."""
    who = "participant_id"
    real = exits.filter(~pl.col("withdrawn").fill_null(value=False)).sort("last_date", ROW)
    began = assignments.select(who, _came="start_date").drop_nulls().sort("_came")
    last = real.join_asof(began, left_on="last_date", right_on="_came", by=who, check_sortedness=False)
    last = last.sort(who, "last_date", ROW).with_columns(_before=pl.col("last_date").shift(1).over(who))
    gone = pl.col("_came").is_null() | (pl.col("_came") <= pl.col("_before"))
    again = (pl.col("_before").is_not_null() & gone).fill_null(value=False)
    both = again | again.shift(-1).over(who).fill_null(value=False)
    told = say(
        "participant `{}` has two exits, and no assignment that starts between the two days. Say of the one that does "
        "not hold that it is withdrawn.",
        who,
    )
    return matching("exits", last, Rule("EXIT_TWICE", "last_date", both, told))


def assignment_gaps(assignments: pl.DataFrame, exits: pl.DataFrame) -> pl.DataFrame:
    """Told, not refused: days within twelve months on which somebody who had not left was assigned to nothing."""
    if assignments.height < 2:
        return NOTHING
    ordered = assignments.sort("participant_id", "start_date", ROW)
    until = pl.col("end_date").fill_null(date.max).cum_max().shift(1).over("participant_id")
    found = ordered.with_columns(_until=until).filter(
        pl.col("start_date") > pl.col("_until"), pl.col("start_date") < plus_months(pl.col("_until"), 12)
    )
    left = exits.filter(~pl.col("withdrawn").fill_null(value=False)).select("participant_id", "last_date")
    gone = found.join(left, on="participant_id").filter(
        pl.col("last_date") < pl.col("start_date"), pl.col("last_date") >= pl.col("_until").dt.offset_by("-1mo")
    )
    message = say(
        "`{}` is assigned to no plan from {} to {}; deals that are closed then are "
        "credited to others or nobody. Mend a date, or record the exit, if that is not meant.",
        *("participant_id", "_until", "start_date"),
    )
    rule = Rule("ASSIGNMENT_GAP", "start_date", pl.lit(value=True), message)
    return matching("assignments", found.join(gone, on=ROW, how="anti", maintain_order="left"), rule)
