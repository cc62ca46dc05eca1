"""What a running server does: statements from a large book, deals coming in, plans compared.

`python -m bench.measured serving|ingest|simulation FOLDER OUT DEALS`, each a process of its own beside the server's.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import grpc
import polars as pl
from grpc_health.v1 import health_pb2, health_pb2_grpc

from compsvc.adapters.importers import load_files
from compsvc.core.facts import Facts, empty
from compsvc.entry.grpc_present import messages
from compsvc.service.bulk_load import load_all, load_plan_texts
from compsvc.service.ports import Caller, PlanText
from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import deal_service_pb2_grpc, statement_service_pb2_grpc
from compsvc.v1 import statement_service_pb2 as statement_pb
from compsvc.wiring import Parts, open_parts

Figures = dict[str, float | int | str]
CALLERS, CALLS, BATCH = 8, 2_000, 5_000
ADMIN = Caller("bench", "admin")
HEADERS = (("compsvc-subject", "bench"), ("compsvc-role", "admin"))


def serving(folder: Path, out: Path, deals: int) -> Figures:
    """Statements of one rep after the other, by eight callers at once, beside empty calls to the same server."""
    out.mkdir(parents=True)
    start = perf_counter()
    _book_of(folder, out / "book.db", _facts(folder)).store.close()
    loading = perf_counter() - start
    with _server(out / "book.db") as channel:
        statements = statement_service_pb2_grpc.StatementServiceStub(channel)
        health = health_pb2_grpc.HealthStub(channel)
        names = _reps(folder)

        def statement(number: int) -> None:
            name = f"participants/{names[number % len(names)]}/statements/2026-Q3"
            statements.GetStatement(statement_pb.GetStatementRequest(name=name), metadata=HEADERS, timeout=1_200)

        start = perf_counter()
        statement(CALLS)
        first = perf_counter() - start
        _timed(lambda number: statement(CALLS + number), CALLS // 10)
        empty_ms, empty_seconds = _timed(lambda _: health.Check(health_pb2.HealthCheckRequest()), CALLS)
        statement_ms, seconds = _timed(statement, CALLS)  # each rep for the first time
        again_ms, again_seconds = _timed(statement, CALLS)  # and once more, while the book stands still
    return {
        "deals": deals, "seconds": seconds, "load_deals_per_s": round(deals / loading),
        "first_statement_seconds": round(first, 2),
        **_percentiles("statement", statement_ms), **_percentiles("statement_again", again_ms),
        **_percentiles("empty_rpc", empty_ms),
        "statements_per_s": round(CALLS / seconds), "statements_again_per_s": round(CALLS / again_seconds),
        "empty_calls_per_s": round(CALLS / empty_seconds),
    }  # fmt: skip


def ingest(folder: Path, out: Path, deals: int) -> Figures:
    """Batches of deals over one stream, each durable before it is answered, beside the same rows put into the same
    tables of a bare SQLite file, a transaction a batch."""
    out.mkdir(parents=True)
    facts = _facts(folder)
    taken = facts.deals.filter(pl.col("product").is_not_null()).head(deals)
    taken = taken.join(facts.stages, on=["source", "external_id"], how="anti")
    before = Facts(**{**_frames(facts), **{kind: empty(kind) for kind in ("deals", "deal_lines", "stages", "splits")}})
    _book_of(folder, out / "book.db", before).store.close()
    batches = [_messages(taken[at : at + BATCH]) for at in range(0, taken.height, BATCH)]
    with _server(out / "book.db") as channel:
        stub = deal_service_pb2_grpc.DealServiceStub(channel)
        start = perf_counter()
        answers = list(stub.IngestDeals(iter(_requests(batches)), metadata=HEADERS, timeout=1_200))
        seconds = perf_counter() - start
    wrong = [answer for answer in answers if answer.HasField("error")]
    assert not wrong, wrong[0]
    return {"deals": taken.height, "seconds": seconds, "bare_seconds": _bare(out / "book.db", out / "bare.db")}


def _facts(folder: Path) -> Facts:
    loaded = load_files(folder / "facts", None)
    assert not loaded.problems and not loaded.refusals, loaded.problems  # noqa: PT018
    return loaded.facts


def _frames(facts: Facts) -> dict[str, pl.DataFrame]:
    return {name: getattr(facts, name) for name in Facts.__dataclass_fields__}


def _book_of(folder: Path, book: Path, facts: Facts) -> Parts:
    parts = open_parts(book)
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "plans").glob("*.yaml"))}
    terms = {"terms.yaml": files.pop("terms.yaml")}
    texts = [PlanText(name, text, terms) for name, text in files.items()]
    load_plan_texts(parts.store, parts.plans, parts.parse_plan, ADMIN, texts)
    stored = load_all(parts.store, parts.plans, ADMIN, facts)
    assert not stored.refusals, stored.refusals[:3]
    return parts


@contextmanager
def _server(book: Path) -> Iterator[grpc.Channel]:
    command = [sys.executable, "-m", "compsvc.entry.cli", "serve", "--book", str(book), "--address", "127.0.0.1:0"]
    command += ["--insecure-callers", "--log-level", "error"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as served:
        try:
            assert served.stdout is not None
            address = served.stdout.readline().rsplit(" ", 1)[-1].strip()
            with grpc.insecure_channel(address) as channel:
                yield channel
        finally:
            served.terminate()
            served.wait(60)


def _reps(folder: Path) -> Sequence[str]:
    assigned = pl.read_parquet(folder / "facts" / "assignments.parquet").filter(pl.col("plan") == "rep")
    return assigned["participant_id"].unique().sort().to_list()


def _timed(call: Callable[[int], object], calls: int) -> tuple[list[float], float]:
    """Milliseconds of each call, eight at a time, and the seconds of all."""

    def once(number: int) -> float:
        start = perf_counter()
        call(number)
        return (perf_counter() - start) * 1_000

    with ThreadPoolExecutor(CALLERS) as pool:
        start = perf_counter()
        found = list(pool.map(once, range(calls)))
        return found, perf_counter() - start


def _percentiles(name: str, milliseconds: Sequence[float]) -> Figures:
    cut = quantiles(milliseconds, n=100)
    return {f"{name}_p50_ms": round(cut[49], 2), f"{name}_p99_ms": round(cut[98], 2)}


def _messages(deals: pl.DataFrame) -> Sequence[deal_pb.Deal]:
    found = list(messages("deals", Facts(deals=deals), [datetime(2026, 1, 1, tzinfo=UTC)] * deals.height))
    for message in found:
        message.ClearField("create_time")
    return found


def _requests(batches: Sequence[Sequence[deal_pb.Deal]]) -> Iterator[deal_pb.IngestDealsRequest]:
    for number, batch in enumerate(batches):
        yield deal_pb.IngestDealsRequest(request_id=f"00000000-0000-4000-8000-{number:012d}", deals=batch)


def _bare(book: Path, bare: Path) -> float:
    """Seconds for the rows of `deals` alone, with the same schema and the same promises to the disk."""
    with sqlite3.connect(f"file:{book}?mode=ro", uri=True) as stored:
        schema = [
            sql for (sql,) in stored.execute("SELECT sql FROM sqlite_schema WHERE tbl_name = 'deals' AND sql NOT NULL")
        ]
        rows = stored.execute("SELECT * FROM deals").fetchall()
    with sqlite3.connect(bare, isolation_level=None) as write:
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            write.execute(f"PRAGMA {pragma}")
        for sql in schema:
            write.execute(sql)
        insert = f"INSERT INTO deals VALUES ({', '.join('?' * len(rows[0]))})"
        start, left = perf_counter(), iter(rows)
        while batch := list(islice(left, BATCH)):
            write.execute("BEGIN IMMEDIATE")
            write.executemany(insert, batch)
            write.execute("COMMIT")
        return perf_counter() - start
