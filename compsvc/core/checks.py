"""Whether the facts can be calculated: what is refused, row by row, with where, what, and what would be right.

A refused deal takes its lines, stages, splits and roles with it; everything else stays. A row that names a refused
row (a deal of a refused account, say) is refused as well, since nothing may be paid on half of the facts.
`REQUIRED` is the one table of what may not be missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache

import polars as pl

from compsvc.core.changes import as_losses, of_deals
from compsvc.core.checks_circles import check_accounts
from compsvc.core.checks_deals import check_deals
from compsvc.core.checks_gates import gates_never_open
from compsvc.core.checks_losses import check_losses
from compsvc.core.checks_payments import check_payments
from compsvc.core.checks_people import assignment_gaps, check_people
from compsvc.core.checks_pipeline import check_pipeline
from compsvc.core.checks_rates import check_fx_rates
from compsvc.core.checks_rules import (
    NOTHING,
    ROW,
    UNIQUE,
    Known,
    Refusal,
    Rule,
    faults_of,
    matching,
    refusals_of,
    refuse,
    say,
    without,
)
from compsvc.core.checks_stated import check_stated
from compsvc.core.checks_terms import check_terms
from compsvc.core.facts import SCHEMAS, Facts, empty
from compsvc.core.limits import MAX_AMOUNT_MINOR, MAX_RATE_DENOMINATOR, MAX_YEAR, MIN_YEAR
from compsvc.core.plan import Plan


@dataclass(frozen=True, slots=True)
class Checked:
    """The facts without what is refused. `notes` tell what is taken and may not be meant (an equal row given twice)."""

    facts: Facts
    refusals: tuple[Refusal, ...]
    notes: tuple[Refusal, ...] = ()


REQUIRED: Mapping[str, tuple[str, ...]] = {
    "participants": ("participant_id",),
    "assignments": ("participant_id", "plan", "start_date"),
    "quotas": ("participant_id", "plan", "start_date", "amount_minor", "per"),
    "accounts": ("account_id",),
    "account_attributes": ("account_id", "attribute", "start_date"),
    "ownerships": ("account_id", "participant_id", "start_date"),
    "territories": ("participant_id", "start_date"),
    "deals": ("source", "external_id", "revision", "account_id", "closed_date", "currency_code"),
    "deal_lines": ("source", "external_id", "line"),
    "stages": ("source", "external_id", "line", "stage", "annual_value_minor", "committed"),
    "deal_revisions": (),
    "splits": ("source", "external_id", "position", "participant_id", "share_num", "share_den"),
    "deal_roles": ("source", "external_id", "role", "position", "participant_id"),
    "opportunities": ("source", "opportunity_id", "stage"),
    "pipeline_stages": ("stage", "position", "probability_ppm", "category"),
    "activities": ("source", "external_id", "participant_id", "kind", "activity_date"),
    "deal_payments": ("source", "external_id", "payment_id", "kind", "payment_date"),
    "fx_rates": ("fx_table", "from_currency_code", "to_currency_code", "start_date", "rate_num", "rate_den"),
    "leaves": ("participant_id", "kind", "start_date"),
    "exits": ("participant_id", "last_date"),
    "losses": ("source", "external_id", "loss_id", "loss_date", "kind", "attributable_to"),
    "fixed_events": (),
    "adjustments": (),
    "stated_credits": ("kind", "credit_id", "participant_id", "plan", "component", "credit_date", "counts", "pays"),
    "holds": ("source", "external_id"),
}

HAPPENED = (  # dates that have an earliest year
    *("closed_date", "accepted_time", "exercised_time", "opened_date", "expected_close_date", "snapshot_time"),
    *("stage_since_date", "reactivated_date", "activity_date", "payment_date", "loss_date", "credit_date"),
    "changed_date",
)


def check_facts(facts: Facts, plans: Sequence[Plan]) -> Checked:
    """Every fault at once, sorted by kind, row, field and code, so that the same facts give the same answer."""
    given = {item.name: _numbered(item.name, getattr(facts, item.name)) for item in fields(facts)}
    frames = dict(given)
    found: list[pl.DataFrame] = []
    notes: list[pl.DataFrame] = []
    for kind in (kind for kind in UNIQUE if frames[kind].height):
        faults, told = _given_twice(kind, frames[kind])
        notes.append(told)
        frames[kind] = without(frames[kind], told)
        refuse(kind, frames, found, [faults, *_general_faults(kind, frames[kind])])
    check_accounts(frames, found)
    known = Known.of(frames, plans)
    check_terms(frames, found, known, plans)
    check_deals(given, frames, found, known, plans)
    frames |= as_losses(frames)
    check_pipeline(frames, found, known)
    check_people(frames, found, known)
    notes.append(assignment_gaps(frames["assignments"], frames["exits"]))
    notes.append(gates_never_open(frames["assignments"], plans))
    check_payments(frames, found)
    check_fx_rates(frames, found)
    check_losses(frames, found, plans)
    check_stated(frames, found, known, plans)
    found = [of_deals(each) for each in found]
    kept = {
        kind: getattr(facts, kind) if frame is given[kind] else _whole(frame.drop(ROW))
        for kind, frame in frames.items()
    }
    return Checked(Facts(**kept), refusals_of(found), refusals_of(notes))


def _numbered(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    return _nothing(kind) if frame is empty(kind) else frame.with_row_index(ROW)


@cache
def _nothing(kind: str) -> pl.DataFrame:
    """Most kinds have no rows where a few deals are checked."""
    return empty(kind).with_row_index(ROW)


def _whole(frame: pl.DataFrame) -> pl.DataFrame:
    """Without chunks that a filter has emptied: Polars 2.1 panics on them in places."""
    emptied = any(0 in column.chunk_lengths() for column in frame.get_columns()[:1]) and frame.height > 0
    return frame.rechunk() if emptied else frame


# --- any row of any kind


def _given_twice(kind: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of one name: equal ones are one row, and told (the second frame); different ones are all refused."""
    names = UNIQUE[kind] or tuple(SCHEMAS[kind])
    if (
        frame.height < 2
        or _rises(frame, names)
        or frame.select(pl.struct(names).hash().n_unique()).item() == frame.height
    ):
        return NOTHING, NOTHING
    content = [name for name in frame.columns if name != ROW]
    lists = [pl.col(name).list.join("\n") for name in content if frame.schema[name] == pl.List(pl.String)]
    told = frame.with_columns(lists).filter(
        pl.struct(names).is_duplicated() & pl.all_horizontal(pl.col(names[0]).is_not_null())
    )
    told = told.with_columns(
        _first=pl.col(ROW).min().over(names),
        _times=pl.len().over(names),
        _kinds=pl.struct(content).n_unique().over(names),
    )
    code = "DUPLICATE_DEAL" if kind == "deals" else "DUPLICATE_ROW"
    differs, equal = pl.col("_kinds") > 1, (pl.col("_kinds") == 1) & (pl.col(ROW) > pl.col("_first"))
    both = say("stands {} times in this load, each time with other content. Keep the one that is right.", "_times")
    once = say("stands {} times in this load with equal content; it is taken once.", "_times")
    return matching(kind, told, Rule(code, names[-1], differs, both)), matching(
        kind, told, Rule(code, names[-1], equal, once)
    )


def _rises(frame: pl.DataFrame, names: Sequence[str]) -> bool:
    """Whether each row's name is after the one before, as most exports are sorted: cheaper to see than to count."""
    last = frame[names[-1]]
    if last.dtype != pl.String or last.null_count() or not last.is_sorted():
        return False
    return bool(((last != last.shift(1)).fill_null(value=True)).all())


def _general_faults(kind: str, frame: pl.DataFrame) -> list[pl.DataFrame]:
    return faults_of(kind, frame, _general_rules(kind))


@cache
def _general_rules(kind: str) -> Sequence[Rule]:
    required = [Rule("REQUIRED", name, pl.col(name).is_null(), say(f"{name} is missing.")) for name in REQUIRED[kind]]
    amounts = [name for name in SCHEMAS[kind] if name.endswith("_minor") or name == "quantity"]
    dates = [name for name, dtype in SCHEMAS[kind].items() if dtype == pl.Date or isinstance(dtype, pl.Datetime)]
    shares = [_share_out_of_range()] if "share_num" in SCHEMAS[kind] else []
    return (*required, *map(_too_large, amounts), *map(_out_of_time, dates), *shares)


def _too_large(field: str) -> Rule:
    limit = MAX_AMOUNT_MINOR
    bad = (pl.col(field) > limit) | (pl.col(field) < -limit)
    return Rule(
        "AMOUNT_TOO_LARGE",
        field,
        bad,
        say(f"{field} is {{}}; the largest is {limit:,} either way, in minor units.", field),
    )


def _out_of_time(field: str) -> Rule:
    """Dates of what happened have an earliest year; since when somebody is a customer or an owner has none."""
    bad = pl.col(field).dt.year() > MAX_YEAR
    bad = bad | (pl.col(field).dt.year() < MIN_YEAR) if field in HAPPENED else bad
    return Rule("DATE_OUT_OF_RANGE", field, bad, say(f"{field} {{}} is not between {MIN_YEAR} and {MAX_YEAR}.", field))


def _share_out_of_range() -> Rule:
    num, den = pl.col("share_num"), pl.col("share_den")
    bad = (num.is_null() != den.is_null()) | (num < 0) | (den < 1) | (num > den) | (den > MAX_RATE_DENOMINATOR)
    message = say(
        "the share {}/{} is not between 0 and 1 in parts that can be computed exactly.", "share_num", "share_den"
    )
    return Rule("SHARE_OUT_OF_RANGE", "share", bad, message)
