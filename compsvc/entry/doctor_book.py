"""Whether a book is sound: its file, its plans and its facts. Nobody and no amount in it is named."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from compsvc.core.checks import check_facts
from compsvc.core.facts import Facts
from compsvc.core.limits import MAX_CLOCK_SECONDS, MIN_FREE_BYTES
from compsvc.core.pay_fx import pay_rates
from compsvc.core.periods import month_span
from compsvc.core.plan import Plan
from compsvc.core.statement_values import Span
from compsvc.entry.doctor_keys import check_secret
from compsvc.entry.findings import Finding, fail, ok, warn
from compsvc.service.plans import Plans, parsed
from compsvc.service.ports import PlanRecord, ReadStore, ServiceError
from compsvc.wiring import Inspected, inspect_book, inspect_database, is_url, parse_verified

RESTORE = "Restore the last backup: docs/operations.md."
MEBIBYTE = 1 << 20


def check_book(book: str | Path, now: datetime) -> Iterator[Finding]:
    """In the order in which one thing needs another; what cannot be looked at any more is left out."""
    yield from _check_database(str(book), now) if is_url(book) else _check_path(Path(book), now)


def _check_database(url: str, now: datetime) -> Iterator[Finding]:
    try:
        book = inspect_database(url)
    except ServiceError as error:
        yield fail("book", error.reason, error.message)
        return
    yield _check_version(book.file.version, book.file.known_version)
    if book.file.newest_time is not None:
        yield _check_time(book.file.newest_time, now)
    if book.file.version == book.file.known_version:
        yield from _check_content(book.store, now)


def _check_path(path: Path, now: datetime) -> Iterator[Finding]:
    yield check_folder(path)
    if not path.exists():
        yield warn("book", f"there is no `{path}` yet", "`compsvc serve` or `compsvc load` makes it.")
        return
    yield check_secret("book", path)
    try:
        book = inspect_book(path)
    except ServiceError as error:
        yield fail("book", error.reason, error.message)
        return
    yield from _check_file(book, now)
    if book.file.version == book.file.known_version and not book.file.problems:
        yield from _check_content(book.store, now)


def check_folder(path: Path) -> Finding:
    """SQLite keeps its log beside the book, so the folder has to be writable too."""
    folder = path.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return fail(
            "disk", f"`{folder}` is no folder that this user may write to", "Make it, and give it to this user."
        )
    size = path.stat().st_size if path.exists() else 0
    free, wanted = shutil.disk_usage(folder).free, max(MIN_FREE_BYTES, size)
    found = f"{free // MEBIBYTE:,} MiB free"
    if free < wanted:
        advice = f"Make room for {wanted // MEBIBYTE:,} MiB: a copy of the book, and what comes."
        return warn("disk", found, advice)
    return ok("disk", found)


def _check_file(book: Inspected, now: datetime) -> Iterator[Finding]:
    file = book.file
    yield _check_version(file.version, file.known_version)
    if file.journal_mode != "wal":
        yield warn("journal", f"mode {file.journal_mode}, not WAL", "The next `compsvc serve` sets it.")
    elif file.synchronous < 2:
        yield fail("journal", "synchronous is not FULL", "Use a SQLite whose default is not changed.")
    else:
        yield ok("journal", "WAL, synchronous FULL")
    if file.problems:
        more = f" and {len(file.problems) - 1} more" if len(file.problems) > 1 else ""
        yield fail("integrity", f"{file.problems[0]}{more}", RESTORE)
    else:
        yield ok("integrity", "every page and index fits")
    if file.newest_time is not None:
        yield _check_time(file.newest_time, now)


def _check_version(version: int, known: int) -> Finding:
    if version < known:
        advice = "The next `compsvc serve` brings it up to date; make a backup before."
        return warn("book version", f"{version}, and this compsvc writes {known}", advice)
    return ok("book version", str(version))


def _check_time(newest: datetime, now: datetime) -> Finding:
    ahead = (newest - now).total_seconds()
    if ahead > MAX_CLOCK_SECONDS:
        found = f"the newest entry is {ahead:,.0f} seconds ahead of this clock"
        return fail("book time", found, "Set the clock; let it be kept by NTP.")
    return ok("book time", f"the newest entry is of {newest:%Y-%m-%d %H:%M:%S} UTC")


def _check_content(store: ReadStore, now: datetime) -> Iterator[Finding]:
    records = store.plans_at()
    broken = [finding for record in records if (finding := _check_plan(record)) is not None]
    yield from broken or [ok("plans", f"{len(records)} revisions read as when they were stored")]
    if broken:
        return
    plans = Plans(store, parse_verified).in_force()
    checked = check_facts(store.facts_at(), plans)
    codes = Counter(f"{refusal.kind} {refusal.code}" for refusal in checked.refusals)
    if codes:
        told = ", ".join(f"{count} x {code}" for code, count in sorted(codes.items()))
        advice = "Load them corrected, or the plans: docs/errors.md says what each code means."
        yield warn("facts", f"rows are left out of calculations: {told}", advice)
    else:
        yield ok("facts", f"every row can be calculated, up to position {store.position()}")
    yield from _check_pay_rates(checked.facts, plans, now.date())


def _check_pay_rates(facts: Facts, plans: Sequence[Plan], day: date) -> Iterator[Finding]:
    """Whether the month's pay can be converted for whoever is assigned in it and paid in another currency (M10)."""
    start, end = month_span(day)
    here = facts.assignments.filter(pl.col("start_date") < end, pl.col("end_date").fill_null(end) > start)
    month = Span(f"{start:%Y-%m}", start, end)
    rates = pay_rates(plans, replace(facts, assignments=here), month)
    if rates.is_empty():
        return
    missing = rates.filter(pl.col("fx_rate_num").is_null())
    pairs = missing.select("fx_table", "currency_code", "pay_currency_code", "fx_date").unique().sort(pl.all())
    for table, currency, pay_currency, asked in pairs.iter_rows():
        found = f"table `{table}` has no rate from {currency} to {pay_currency} on {asked}, for the pay of {month.name}"
        advice = "Load one that starts no later into fx_rates, before the month is run: docs/import.md."
        yield warn("pay rates", found, advice)


def _check_plan(record: PlanRecord) -> Finding | None:
    name = f"{record.plan}@{record.revision[:12]}"
    plan, problems = parsed(parse_verified, record.text)
    if plan is None:
        return fail("plans", f"{name} does not read: {problems[0]}", "Serve with the version that stored it.")
    if plan.revision != record.revision:
        return fail("plans", f"{name} reads as {plan.revision[:12]}: its stored text has been changed", RESTORE)
    return None
