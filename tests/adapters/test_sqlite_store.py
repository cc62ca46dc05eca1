"""The book in SQLite: what is stored stays, what is not whole is not there, and a process may die at any time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from compsvc.adapters import sqlite_file
from compsvc.adapters.sql_chain import broken_links
from compsvc.adapters.sql_steps import STEPS, VERSION
from compsvc.adapters.sql_tables import TABLES
from compsvc.adapters.sqlite_schema import APPLICATION_ID, statements_of
from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.core.facts import Facts
from compsvc.service.ports import (
    FailedPrecondition,
    ResourceExhausted,
    Unavailable,
)
from tests.adapters.store_facts import (
    RICH,
    RICH_ROWS,
    Ticking,
    ask,
    deal,
    deals,
    plan,
    same,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    found = SqliteStore(tmp_path / "book.db", Ticking())
    yield found
    found.close()


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
    with store.reading() as read:
        assert list(broken_links(read)) == []
        linked = read.execute("SELECT table_name FROM chain_links ORDER BY table_name").fetchall()
    assert linked == [("opportunities",), ("requests",)]
    store.close()
    with closing(sqlite3.connect(path)) as again, pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        again.execute("DELETE FROM opportunities")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere" / "book.db"):
        with pytest.raises(FailedPrecondition):
            SqliteStore(path, Ticking())


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
