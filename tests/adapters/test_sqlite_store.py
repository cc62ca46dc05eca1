"""The book in SQLite: what is stored stays, what is not whole is not there, and a process may die at any time."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from compsvc.adapters import sqlite_file
from compsvc.adapters.sql_tables import STEPS, TABLES, VERSION
from compsvc.adapters.sqlite_schema import APPLICATION_ID, statements_of
from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.core.facts import SCHEMAS, Facts
from compsvc.service.loading import KEYS
from compsvc.service.ports import (
    AlreadyExists,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    Mutation,
    PlanRecord,
    PlanText,
    ResourceExhausted,
    Unavailable,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


class Ticking:
    """Each asking is a second later."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    found = SqliteStore(tmp_path / "book.db", Ticking())
    yield found
    found.close()


def frame(kind: str, *rows: Mapping[str, Any]) -> pl.DataFrame:
    schema: dict[str, Any] = dict(SCHEMAS[kind])
    schema |= {name: pl.String for row in rows for name in row if name.startswith("attributes.")}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def account(account_id: str, **more: Any) -> dict[str, Any]:
    return {"account_id": account_id, **more}


def deal(external_id: str, revision: int = 1, **more: Any) -> dict[str, Any]:
    first = {"source": "crm", "account_id": "acme", "closed_date": date(2026, 2, 1), "currency_code": "EUR"}
    return {**first, "external_id": external_id, "revision": revision, **more}


def ask(request_id: str, **more: Any) -> Mutation:
    return Mutation(request_id, "office", more.pop("fingerprint", b"body"), **more)


def accounts(*rows: Mapping[str, Any]) -> Facts:
    return Facts(accounts=frame("accounts", *rows))


def deals(*rows: Mapping[str, Any], **parts: pl.DataFrame) -> Facts:
    return Facts(deals=frame("deals", *rows), **parts)


RICH = Facts(
    participants=frame("participants", {"participant_id": "ann", "display_name": "Ann Wu"}),
    assignments=frame(
        "assignments",
        {"participant_id": "ann", "plan": "ae", "start_date": date(2026, 1, 1), "target_incentive_minor": 8_000_000},
    ),
    quotas=frame(
        "quotas",
        *(
            {"participant_id": "ann", "plan": "ae", "start_date": date(2026, 1, 1), "amount_minor": 5, "per": "year"}
            | {"component": component}
            for component in (None, "commission")
        ),
    ),
    accounts=frame("accounts", account("acme", name="Acme", known_since=date(2020, 2, 29))),
    ownerships=frame("ownerships", {"account_id": "acme", "participant_id": "ann", "start_date": date(2026, 1, 1)}),
    territories=frame("territories", {"participant_id": "ann", "region": "north", "start_date": date(2026, 1, 1)}),
    opportunities=frame(
        "opportunities",
        {"source": "crm", "opportunity_id": "O-1", "stage": "confirm"},
        {
            "source": "crm",
            "opportunity_id": "O-1",
            "stage": "scoping",
            "snapshot_time": datetime(2026, 2, 3, 4, 5, 6, 789, UTC).replace(tzinfo=None),
            "probability_ppm": 125_000,
            "reactivated_date": date(2026, 2, 1),
        },
    ),
    pipeline_stages=frame(
        "pipeline_stages", {"stage": "scoping", "position": 1, "probability_ppm": 0, "category": "omitted"}
    ),
    activities=frame(
        "activities",
        {"source": "crm", "external_id": "A-1", "participant_id": "ann", "kind": "meeting_held"}
        | {"activity_date": date(2026, 2, 2), "outcome": "held", "quantity": 2},
    ),
    fx_rates=frame(
        "fx_rates",
        {"fx_table": "budget", "from_currency_code": "EUR", "to_currency_code": "USD"}
        | {"start_date": date(2026, 1, 1), "rate_num": 10_845, "rate_den": 10_000},
    ),
    leaves=frame("leaves", {"participant_id": "ann", "kind": "parental", "start_date": date(2026, 3, 1)}),
    exits=frame("exits", {"participant_id": "ann", "last_date": date(2026, 9, 30), "withdrawn": True}),
    deals=frame(
        "deals",
        deal(
            "D-1",
            accepted_time=datetime(2026, 2, 3, 4, 5, 6, 789, UTC).replace(tzinfo=None),
            replaces=["D-0/1"],
            annual_value_minor=-(2**62),
        ),
        deal("D-2", **{"attributes.campaign": "spring", "attributes.n/a": "ü"}),
    ),
    deal_lines=frame("deal_lines", {"source": "crm", "external_id": "D-2", "line": 1, "discount_ppm": 125_000}),
    stages=frame(
        "stages",
        *(
            {"source": "crm", "external_id": "D-2", "line": 1, "stage": n, "annual_value_minor": n, "committed": n == 1}
            for n in (1, 2)
        ),
    ),
    splits=frame(
        "splits",
        {"source": "crm", "external_id": "D-1", "position": 0, "participant_id": "ann", "share_num": 1, "share_den": 1},
    ),
    deal_roles=frame(
        "deal_roles", {"source": "crm", "external_id": "D-1", "role": "se", "position": 0, "participant_id": "ann"}
    ),
)
RICH_ROWS = 14  # without quotas and parts of deals, which belong to other rows


def same(one: Facts, other: Facts) -> bool:
    def rows(facts: Facts, kind: str) -> list[dict[str, Any]]:
        return sorted(getattr(facts, kind).to_dicts(), key=repr)

    return all(rows(one, kind) == rows(other, kind) for kind in SCHEMAS)


def test_what_is_stored_is_read_as_it_was(store: SqliteStore) -> None:
    loaded = store.append(RICH, ask("r"))
    assert (loaded.created, loaded.unchanged, loaded.revised, loaded.position) == (RICH_ROWS, 0, 0, 1)
    assert same(store.facts_at(), RICH)
    assert store.append(RICH, ask("again")).unchanged == RICH_ROWS


def test_a_book_is_read_the_same_by_another_process(store: SqliteStore, tmp_path: Path) -> None:
    store.append(RICH, ask("r"))
    other = SqliteStore(tmp_path / "book.db", Ticking())
    assert same(other.facts_at(), RICH)
    other.close()


def test_the_newest_version_counts_and_every_position_can_be_read_again(store: SqliteStore) -> None:
    store.append(accounts(account("acme", region="north"), account("birk")), ask("1"))
    store.append(accounts(account("acme", region="south")), ask("2"))
    store.append(accounts(account("acme", region="west"), account("colt")), ask("3"))
    regions = [
        dict(store.facts_at(position).accounts.sort("account_id").select("account_id", "region").iter_rows())
        for position in (1, 2, 3, None)
    ]
    assert regions[0] == {"acme": "north", "birk": None}
    assert regions[1] == {"acme": "south", "birk": None}
    assert regions[2] == regions[3] == {"acme": "west", "birk": None, "colt": None}


def test_a_later_assignment_brings_its_own_quotas(store: SqliteStore) -> None:
    store.append(RICH, ask("1"))
    fewer = Facts(assignments=RICH.assignments, quotas=RICH.quotas.head(1))
    assert store.append(fewer, ask("2")).revised == 1
    assert store.facts_at().quotas.height == 1
    assert store.facts_at(1).quotas.height == 2


def test_parts_of_a_superseded_deal_are_gone_with_it(store: SqliteStore) -> None:
    store.append(RICH, ask("1"))
    store.append(deals(deal("D-2", 2)), ask("2"))
    facts = store.facts_at()
    assert (facts.deal_lines.height, facts.stages.height, facts.splits.height) == (0, 0, 1)
    assert "attributes.campaign" not in facts.deals.columns


def test_an_unchanged_request_leaves_the_position(store: SqliteStore) -> None:
    store.append(accounts(account("acme")), ask("1"))
    loaded = store.append(accounts(account("acme")), ask("2"))
    assert (loaded.unchanged, loaded.position, store.position()) == (1, 1, 1)


def test_a_request_is_answered_once(store: SqliteStore) -> None:
    first = store.append(accounts(account("acme")), ask("r"))
    assert store.append(accounts(account("acme")), ask("r")) == first == store.answered(ask("r"))
    for tell in (store.answered, lambda other: store.append(accounts(account("birk")), other)):
        with pytest.raises(AlreadyExists, match="used for another request") as error:
            tell(ask("r", fingerprint=b"other"))
        assert error.value.reason == "REQUEST_ID_REUSED"
    assert store.facts_at().accounts.height == 1


def test_revisions_of_deals_rise(store: SqliteStore) -> None:
    store.append(deals(deal("D-1", 2, channel="direct")), ask("1"))
    with pytest.raises(AlreadyExists) as error:
        store.append(deals(deal("D-0"), deal("D-1", 1), deal("D-1x", 1)), ask("2"))
    assert [(each.field, each.code) for each in error.value.violations] == [("deals[1].revision", "REVISION_NOT_NEWER")]
    with pytest.raises(AlreadyExists) as error:
        store.append(deals(deal("D-1", 2)), ask("3"))
    assert [(each.field, each.code) for each in error.value.violations] == [("deals[0].channel", "REVISION_DIFFERS")]
    assert store.facts_at().deals.height == 1


def test_one_key_twice_in_a_request_is_refused_unless_it_says_the_same(store: SqliteStore) -> None:
    assert store.append(accounts(account("acme"), account("acme")), ask("1")).created == 1
    with pytest.raises(InvalidArgument, match="same key"):
        store.append(accounts(account("birk"), account("birk", region="north")), ask("2"))


def test_the_keys_of_the_service_are_those_of_the_tables() -> None:
    assert {kind: TABLES[kind].key for kind in KEYS} == KEYS


def test_validation_stores_nothing(store: SqliteStore) -> None:
    loaded = store.append(RICH, ask("r", validate_only=True))
    assert (loaded.created, loaded.position) == (RICH_ROWS, None)
    assert (store.position(), store.answered(ask("r"))) == (0, None)
    assert same(store.facts_at(), Facts())


def test_nothing_is_committed_where_nobody_waits(store: SqliteStore) -> None:
    def late() -> None:
        raise DeadlineExceeded("DEADLINE_EXCEEDED", "late")

    with pytest.raises(DeadlineExceeded):
        store.append(RICH, ask("r", proceed=late))
    assert (store.position(), store.answered(ask("r"))) == (0, None)
    assert store.append(RICH, ask("r")).created == RICH_ROWS


@pytest.mark.parametrize("table", ["requests", "plans", "schema_versions", *TABLES])
def test_the_book_is_only_ever_added_to(store: SqliteStore, tmp_path: Path, table: str) -> None:
    store.append(RICH, ask("r"))
    store.append_plan(plan("1"), ask("p"))
    other = sqlite3.connect(tmp_path / "book.db")
    (column,) = other.execute(f"SELECT name FROM pragma_table_info('{table}') LIMIT 1").fetchone()
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
            other.execute(statement)
    other.close()


def test_time_never_runs_backwards(tmp_path: Path) -> None:
    clock = Ticking(START)
    store = SqliteStore(tmp_path / "book.db", clock)
    first = store.append(accounts(account("a")), ask("1"))
    clock._now = START - timedelta(days=1)
    second = store.append(accounts(account("b")), ask("2"))
    assert first.recorded_time is not None
    assert second.recorded_time == first.recorded_time
    store.close()


# --- plans


def plan(revision: str, effective: date = date(2026, 1, 1), corrects: str | None = None) -> PlanRecord:
    text = PlanText("plan.yaml", "plan: ae", {"terms.yaml": "x"})
    return PlanRecord("ae", revision, "AE", effective, "EUR", corrects, text)


def test_plans_are_kept_with_their_terms(store: SqliteStore) -> None:
    stored = store.append_plan(plan("1"), ask("1"))
    assert store.append_plan(plan("1"), ask("2")) == stored
    assert store.plans_at() == [stored]
    assert (stored.position, stored.text.terms) == (1, {"terms.yaml": "x"})
    assert store.plans_at(0) == []


def test_a_correction_names_the_one_in_force(store: SqliteStore) -> None:
    store.append_plan(plan("1"), ask("1"))
    with pytest.raises(FailedPrecondition, match="corrects_revision"):
        store.append_plan(plan("2"), ask("2"))
    store.append_plan(plan("2", corrects="1"), ask("3"))
    with pytest.raises(FailedPrecondition, match="evision 2"):
        store.append_plan(plan("3", corrects="1"), ask("4"))
    store.append_plan(plan("4", date(2027, 1, 1)), ask("5"))
    with pytest.raises(FailedPrecondition, match="not in force"):
        store.append_plan(plan("5", date(2028, 1, 1), corrects="4"), ask("6"))


# --- the file


@pytest.mark.parametrize("content", [b"something else entirely", b"SQLite format 3\0 but not really" * 20])
def test_a_file_that_is_no_book_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "book.db"
    path.write_bytes(content)
    with pytest.raises(FailedPrecondition, match="not a book") as error:
        SqliteStore(path, Ticking())
    assert error.value.reason == "NOT_A_BOOK"
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(FailedPrecondition, match="not a book"):
        SqliteStore(path, Ticking())
    assert path.read_bytes() == before


def test_a_book_of_a_newer_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "book.db", Ticking()).close()
    with sqlite3.connect(tmp_path / "book.db") as other:
        other.execute("INSERT INTO schema_versions VALUES (?, 'later')", (VERSION + 1,))
    other.close()
    with pytest.raises(FailedPrecondition, match="Use a newer compsvc") as error:
        SqliteStore(tmp_path / "book.db", Ticking())
    assert error.value.metadata["version"] == str(VERSION + 1)


def test_a_book_of_the_first_version_is_carried_over(tmp_path: Path) -> None:
    """Its opportunities become snapshots known since ever, and are as closed to changes as all rows."""
    path = tmp_path / "book.db"
    old = sqlite3.connect(path, isolation_level=None)
    old.executescript(statements_of(STEPS[0]))
    old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    old.execute("INSERT INTO schema_versions VALUES (1, '2026-01-01T00:00:00.000000')")
    old.execute("INSERT INTO requests VALUES (1, 'r', x'00', 'office', '2026-01-01T00:00:00.000000', 1, 0, 0, NULL)")
    row = "('crm', 'O-1', 1, 'acme', NULL, NULL, 'confirm', 500, 'EUR', '2026-01-05', NULL)"
    old.execute(f"INSERT INTO opportunities VALUES {row}")
    old.close()
    store = SqliteStore(path, Ticking())
    (found,) = store.facts_at().opportunities.to_dicts()
    said = {name: value for name, value in found.items() if value is not None}
    assert said == {
        "source": "crm",
        "opportunity_id": "O-1",
        "account_id": "acme",
        "stage": "confirm",
        "amount_minor": 500,
        "currency_code": "EUR",
        "opened_date": date(2026, 1, 5),
    }
    store.close()
    with closing(sqlite3.connect(path)) as again, pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        again.execute("DELETE FROM opportunities")


def test_a_time_has_its_position(store: SqliteStore) -> None:
    assert store.position_at(START) == 0
    times = [store.append(accounts(account(name)), ask(name)).recorded_time for name in ("a", "b")]
    assert [store.position_at(time) for time in times if time is not None] == [1, 2]
    assert store.position_at(START + timedelta(days=9)) == 2


def test_the_latest_snapshot_is_the_latest_as_of_then(store: SqliteStore) -> None:
    """A later snapshot that was stored later is not seen before, and filters ask of the latest alone."""

    def snapshot(stage: str, day: int | None, request_id: str) -> int:
        time = None if day is None else datetime(2026, 2, day)  # noqa: DTZ001  # Frames hold UTC without saying so.
        row = {"source": "crm", "opportunity_id": "O-1", "stage": stage, "snapshot_time": time}
        return store.append(Facts(opportunities=frame("opportunities", row)), ask(request_id)).position or 0

    def stages(position: int | None = None, **where: str) -> list[str]:
        page = store.page("opportunities", where, after=None, limit=9, position=position, latest=True)
        return page.facts.opportunities["stage"].to_list()

    first, second = snapshot("identify", None, "a"), snapshot("confirm", 20, "b")
    snapshot("discover", 10, "c")
    assert (stages(first), stages(second), stages()) == (["identify"], ["confirm"], ["confirm"])
    assert (stages(stage="discover"), stages(stage="confirm")) == ([], ["confirm"])


def test_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere" / "book.db"):
        with pytest.raises(FailedPrecondition):
            SqliteStore(path, Ticking())


def test_two_processes_may_start_one_book(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from compsvc.adapters.sqlite_store import SqliteStore; "
        "from compsvc.adapters.system_clock import SystemClock; SqliteStore(Path(sys.argv[1]), SystemClock()).close()"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "book.db")]) for _ in range(3)]
    assert [each.wait(60) for each in running] == [0, 0, 0]


def test_another_writer_is_waited_for_and_then_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.1)
    store = SqliteStore(tmp_path / "book.db", Ticking())
    other = sqlite3.connect(tmp_path / "book.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="try again") as error:
        store.append(RICH, ask("r"))
    assert error.value.reason == "BOOK_LOCKED"
    assert same(store.facts_at(), Facts())  # readers do not wait
    other.execute("ROLLBACK")
    assert store.append(RICH, ask("r")).created == RICH_ROWS
    other.close()
    store.close()


def test_a_full_disk_is_told_and_leaves_nothing_torn(store: SqliteStore) -> None:
    (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
    store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(ResourceExhausted, match="full") as error:
        store.append(deals(*(deal(f"D-{i}") for i in range(5_000))), ask("r"))
    assert error.value.reason == "DISK_FULL"
    store._writer.execute("PRAGMA max_page_count = 1000000")
    assert same(store.facts_at(), Facts())
    assert store.append(deals(*(deal(f"D-{i}") for i in range(5_000))), ask("r")).created == 5_000


# --- races and deaths


def test_one_request_sent_by_many_at_once_is_stored_once(store: SqliteStore) -> None:
    start = threading.Barrier(8)

    def send(number: int) -> Any:
        start.wait()
        return store.append(accounts(account(f"a{number % 2}")), ask(f"r{number % 2}"))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert len({answer.position for answer in answers}) == 2
    assert all(answer.created == 1 for answer in answers)
    assert store.facts_at().accounts.height == 2


def test_readers_see_whole_requests_only(store: SqliteStore) -> None:
    done = threading.Event()

    def write() -> None:
        for number in range(30):
            store.append(deals(*(deal(f"D-{i}", number + 1) for i in range(20))), ask(f"r{number}"))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        revisions = store.facts_at().deals["revision"]
        assert revisions.n_unique() <= 1
        assert revisions.len() in (0, 20)
    writer.join()


INGEST = """
import sys
from datetime import date
from pathlib import Path
import polars as pl
from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.adapters.system_clock import SystemClock
from compsvc.core.facts import DEALS, SPLITS, Facts
from compsvc.service.ports import Mutation

store = SqliteStore(Path(sys.argv[1]), SystemClock())
row = {"source": "crm", "revision": 1, "account_id": "a", "closed_date": date(2026, 2, 1), "currency_code": "EUR"}
split = {"source": "crm", "position": 0, "participant_id": "p", "share_num": 1, "share_den": 1}
number = int(sys.stdin.readline())
while True:
    ids = [f"{number}-{i}" for i in range(20)]
    facts = Facts(
        deals=pl.DataFrame([{**dict.fromkeys(DEALS), **row, "external_id": each} for each in ids], schema=dict(DEALS)),
        splits=pl.DataFrame([{**split, "external_id": each} for each in ids], schema=dict(SPLITS)),
    )
    store.append(facts, Mutation(f"r{number}", "crm", b"x"))
    print(number, flush=True)
    number += 1
"""


def ingesting(path: Path) -> subprocess.Popen[str]:
    """Starts to ingest once it is told the number of its first batch."""
    command = [sys.executable, "-c", INGEST, str(path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def killed(process: subprocess.Popen[str], *, first: int, after: int) -> int:
    """The number of the last batch that was acknowledged."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{first}\n")
    process.stdin.flush()
    last = [int(process.stdout.readline()) for _ in range(after)][-1]
    os.kill(process.pid, signal.SIGKILL)
    return max(last, *map(int, process.stdout.read().split()), last)


def stored_batches(path: Path) -> int:
    """How many there are; every one of them is whole."""
    store = SqliteStore(path, Ticking())
    facts = store.facts_at()
    batch = pl.col("external_id").str.split("-").list.first()
    batches = facts.deals.with_columns(batch).group_by("external_id").len()
    assert batches["len"].unique().to_list() == [20]
    assert facts.splits.height == facts.deals.height
    assert store._writer.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert store._writer.execute("PRAGMA foreign_key_check").fetchall() == []
    store.close()
    return batches.height


def test_killing_the_process_loses_nothing_acknowledged_and_leaves_nothing_torn(tmp_path: Path) -> None:
    """Fifteen deaths in mid-ingest, each at another place in the work."""
    path, batches = tmp_path / "book.db", 0
    following = ingesting(path)
    for round_ in range(15):
        process, following = following, ingesting(path)
        with process:
            acknowledged = killed(process, first=batches, after=1 + round_ * 3) + 1
        batches = stored_batches(path)
        assert acknowledged <= batches <= acknowledged + 1  # at most one that was stored and not yet told
    with following:
        following.kill()
