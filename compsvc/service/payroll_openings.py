"""What participants bring along from the system before this one, booked once (B3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date, timedelta

import polars as pl

from compsvc.core import ledger
from compsvc.core.cutover import PAID_BEFORE, paid_before
from compsvc.core.limits import MAX_AMOUNT_MINOR, MAX_BATCH_ROWS
from compsvc.core.pay import pay
from compsvc.core.payroll_run import FIRST_HASH, chained
from compsvc.service.access import require
from compsvc.service.calculation import Calculation
from compsvc.service.credit_adjustments import position_faults
from compsvc.service.payroll_ports import BOOKED, OpeningPosition
from compsvc.service.payroll_runs import NO_ACCOUNTS, Payroll
from compsvc.service.ports import Caller, FailedPrecondition, InvalidArgument, Mutation, Violation

RUN = "opening-"  # stands before the digest of the rows, in the place of a run's id


@dataclass(frozen=True, slots=True)
class Opening:
    """Of one participant and currency. `earned`: so far; `held` and `advanced`: of it; the rest is owed."""

    participant_id: str
    currency_code: str
    earned_minor: int
    advanced_minor: int
    held_minor: int
    draw_minor: int
    negative_minor: int


@dataclass(frozen=True, slots=True)
class PaidDeal:
    """What a participant was paid for a deal before the cut-over; `component` empty: for all of it."""

    participant_id: str
    source: str
    external_id: str
    component: str
    currency_code: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class BookedOpenings:
    entry_count: int
    head_hash: str


def book_openings(
    payroll: Payroll,
    caller: Caller,
    *,
    source: str,
    cutover_date: date,
    openings: Sequence[Opening],
    paid: Sequence[PaidDeal] = (),
    positions: Sequence[OpeningPosition] = (),
    mutation: Mutation,
) -> BookedOpenings:
    """The same rows again change nothing; others are refused, since the first ones may have been paid on. No more than
    `paid` is taken back for a deal, or than it came to now where nothing is stated (B3)."""
    require(caller, "book_openings")
    booked = payroll.store.ledger()
    if payroll.store.is_answered(mutation):
        return _told(booked)
    calculation = payroll.calculations.newest()
    faults = [
        *_faults(calculation, source, cutover_date, openings),
        *_paid_faults(calculation, paid),
        *_position_faults(calculation, openings, positions, cutover_date),
    ]
    if faults:
        raise InvalidArgument("OPENINGS_INVALID", faults[0].message, faults)
    rows = sorted((asdict(each) for each in openings), key=lambda row: (row["participant_id"], row["currency_code"]))
    run_id = RUN + _digest(source, cutover_date, rows, paid, positions)
    own = booked.filter(pl.col("run_id").str.starts_with(RUN))
    if own.height and own["run_id"][0] == run_id:
        return _told(booked)
    if booked.height:
        raise _too_late(own)
    entries = _first_entries(_entries(rows, source, cutover_date), run_id, cutover_date)
    before = _paid_before(calculation, cutover_date, paid)
    payroll.store.book_openings(entries, before, positions, mutation, cutover=cutover_date, source=source)
    return _told(payroll.store.ledger())


def _first_entries(entries: pl.DataFrame, run_id: str, cutover: date) -> pl.DataFrame:
    """BOOKED: in the last pay period before the cut-over, from the first entry on."""
    month = f"{cutover - timedelta(days=1):%Y-%m}"
    named = entries.with_columns(run_id=pl.lit(run_id), pay_period=pl.lit(month))
    linked = chained(named.select(*(name for name in BOOKED if name in named.columns)), after=FIRST_HASH, first=1)
    return linked.select(*BOOKED)


def _digest(
    source: str, cutover: date, rows: Sequence[object], paid: Sequence[PaidDeal], positions: Sequence[OpeningPosition]
) -> str:
    what = [source, cutover.isoformat(), rows, *([sorted(map(astuple, paid))] if paid else [])]
    if positions:
        what.append(["positions", *sorted(map(asdict, positions), key=lambda row: json.dumps(row, sort_keys=True))])
    return hashlib.sha256(json.dumps(what, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def _paid_before(calculation: Calculation, cutover: date, paid: Sequence[PaidDeal]) -> pl.DataFrame:
    found = pay(calculation.result, calculation.plans, calculation.facts, until=cutover)
    stated = pl.DataFrame([asdict(each) for each in paid], schema=PAID_BEFORE)
    return paid_before(found.moves, stated.with_columns(pl.col("component").replace("", None)))


def _told(booked: pl.DataFrame) -> BookedOpenings:
    own = booked.filter(pl.col("run_id").str.starts_with(RUN))
    return BookedOpenings(own.height, str(own["hash"][-1]) if own.height else FIRST_HASH)


def _too_late(own: pl.DataFrame) -> FailedPrecondition:
    if own.height:
        was = f"Other opening balances were booked already, from `{own['source'][0]}`"
    else:
        was = "A run was sealed already, without opening balances"
    message = f"{was}. What is wrong in them is corrected by an adjustment: compsvc payroll adjust."
    return FailedPrecondition("OPENINGS_BOOKED", message)


def _entries(rows: Sequence[dict[str, object]], source: str, cutover_date: date) -> pl.DataFrame:
    amounts = {kind: f"{kind.removeprefix('opening_')}_minor" for kind in ledger.OPENING}
    found = [
        {"participant_id": row["participant_id"], "currency_code": row["currency_code"], "kind": kind,
         "amount_minor": row[name], "source": source, "effective_date": cutover_date - timedelta(days=1)}
        for row in rows for kind, name in amounts.items() if row[name]
    ]  # fmt: skip
    schema = {name: ledger.DIFFERENCES[name] for name in ledger.DIFFERENCES}
    return ledger.entries(pl.DataFrame(found, schema=schema), NO_ACCOUNTS)


def _position_faults(
    calculation: Calculation, openings: Sequence[Opening], positions: Sequence[OpeningPosition], cutover: date
) -> Iterator[Violation]:
    if len(positions) > MAX_BATCH_ROWS:
        yield Violation("positions", "BATCH_SIZE", f"{len(positions):,} rows; send {MAX_BATCH_ROWS:,} at most.")
    elif positions:
        yield from position_faults(calculation, positions, cutover)
        if not any(amount for row in openings for amount in asdict(row).values() if isinstance(amount, int)):
            message = "Positions come with the balances of the same cut-over: say what was earned so far."
            yield Violation("openings", "OPENINGS_EMPTY", message)


def _paid_faults(calculation: Calculation, paid: Sequence[PaidDeal]) -> Iterator[Violation]:
    if len(paid) > MAX_BATCH_ROWS:
        yield Violation("paid", "BATCH_SIZE", f"{len(paid):,} rows; send {MAX_BATCH_ROWS:,} at most.")
    facts, plans = calculation.facts, calculation.plans
    components = {name for plan in plans for name in plan.components}
    known = (
        ("participant_id", set(facts.participants["participant_id"]), "PARTICIPANT", "participant"),
        ("currency_code", {plan.currency for plan in plans}, "CURRENCY", "currency of a plan"),
        ("component", {"", *components}, "COMPONENT", "component of a plan"),
    )
    deals, seen = set(facts.deals.select("source", "external_id").rows()), set()
    for number, row in enumerate(paid):
        field = f"paid[{number}]"
        for name, values, code, what in known:
            if getattr(row, name) not in values:
                message = f"`{getattr(row, name)[:200]}` is no {what} of this book."
                yield Violation(f"{field}.{name}", f"UNKNOWN_{code}", message)
        if (row.source, row.external_id) not in deals:
            message = f"`{row.external_id[:200]}` of `{row.source[:200]}` is no deal of this book. Load it first."
            yield Violation(f"{field}.external_id", "UNKNOWN_DEAL", message)
        if (key := astuple(row)[:-1]) in seen:
            yield Violation(field, "PAID_TWICE", f"What {row.participant_id} was paid for it stands twice; add it up.")
        seen.add(key)
        if not 0 <= row.amount_minor <= MAX_AMOUNT_MINOR:
            message = "What was paid for a deal is not below zero, and in range."
            yield Violation(f"{field}.amount_minor", "AMOUNT_OUT_OF_RANGE", message)


def _faults(calculation: Calculation, source: str, cutover: date, openings: Sequence[Opening]) -> Iterator[Violation]:
    if not source.strip():
        yield Violation("source", "REQUIRED", "Say where the balances come from: the system before this one.")
    if cutover.day != 1:
        message = f"{cutover} is not the first of a month: a pay period is paid here as a whole, or there."
        yield Violation("cutover_date", "CUTOVER_INSIDE_MONTH", message)
    if not 0 < len(openings) <= MAX_BATCH_ROWS:
        yield Violation("openings", "BATCH_SIZE", f"{len(openings):,} rows; send 1 to {MAX_BATCH_ROWS:,}.")
    people = set(calculation.facts.participants["participant_id"])
    currencies = {plan.currency for plan in calculation.plans}
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(openings):
        field, key = f"openings[{number}]", (row.participant_id, row.currency_code)
        if row.participant_id not in people:
            message = f"`{row.participant_id[:200]}` is no participant of this book."
            yield Violation(f"{field}.participant_id", "UNKNOWN_PARTICIPANT", message)
        if row.currency_code not in currencies:
            message = f"`{row.currency_code[:200]}` is the currency of no plan of this book."
            yield Violation(f"{field}.currency_code", "UNKNOWN_CURRENCY", message)
        if key in seen:
            yield Violation(field, "OPENING_TWICE", f"{' and '.join(key)} stand twice; add them up.")
        seen.add(key)
        for name, amount in asdict(row).items():
            if name.endswith("_minor") and not 0 <= amount <= MAX_AMOUNT_MINOR:
                yield Violation(f"{field}.{name}", "AMOUNT_OUT_OF_RANGE", f"{name} is not below zero, and in range.")
