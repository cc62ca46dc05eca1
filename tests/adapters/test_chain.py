"""Every row of a book is in its chain, over both stores: whatever is edited, added or removed is found and named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from compsvc.adapters.sql_chain import NOT_LINKED, broken_links, last_link, link_all
from compsvc.adapters.sql_store import SqlStore
from compsvc.adapters.sqlite_file import connect
from compsvc.adapters.system_clock import SystemClock
from compsvc.service.ports import KINDS, Loaded, Mutation
from compsvc.wiring import is_url, open_store
from tests.adapters.store_facts import RICH, plan

CHOICES: Mapping[str, Mapping[str, Any]] = {  # what the tables take in columns of few words
    "exits": {"withdrawn": 1},
    "losses": {"withdrawn": 1},
    "payroll_runs": {"state": "computed"},
    "pay_periods": {"state": "open"},
    "adjustments": {"state": "written", "origin": "manual"},
    "payout_outcomes": {"outcome": "paid"},
    "stated_credits": {"kind": "opening"},
    "control_totals": {"basis": "closed"},
    "dispute_entries": {"action": "opened"},
    "plan_letter_entries": {"action": "received"},
    "close_findings": {"action": "found"},
    "holds": {"state": "held", "origin": "deal"},
    "erased_names": {"participant_id": "nobody"},
}
NOTHING = Loaded(created=0, unchanged=0, revised=0, position=None, recorded_time=None)
Columns = Mapping[str, Mapping[str, str]]


@pytest.fixture
def store(book: str) -> Iterator[SqlStore]:
    found = open_store(book, SystemClock())
    yield found
    found.close()


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Columns:
    """Of each table of a new book its columns and their types, as SQLite tells them."""
    path = tmp_path_factory.mktemp("columns") / "book.db"
    open_store(str(path), SystemClock()).close()
    with sqlite3.connect(path) as read:
        tables = [row[0] for row in read.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {table: {row[1]: row[2] for row in read.execute(f"PRAGMA table_info({table})")} for table in tables}
    read.close()
    return found


def row_of(table: str, columns: Mapping[str, str], request: int) -> list[Any]:
    """One that the table takes; the last column is null where it may be."""
    own = CHOICES.get(table, {})
    return [
        request if name == "request" else own.get(name) or {"INTEGER": 1, "BLOB": b"1"}.get(kind) or _text(name)
        for name, kind in columns.items()
    ]


def _text(name: str) -> str:
    if name.endswith("_date") or name == "known_since":
        return "2026-01-31"
    return "2026-01-31T12:00:00.000000" if name.endswith("_time") else "ä1"


def fill(store: SqlStore, book: str, columns: Columns) -> None:
    """One row in every table, in one request, through the store."""
    writer = store._writer  # type: ignore[attr-defined]
    writer.execute("SET session_replication_role = replica" if is_url(book) else "PRAGMA foreign_keys = OFF")
    mutation = Mutation("all", "test", b"x")
    with store.writing(mutation) as write:
        request = store.record(write, mutation, NOTHING, answer="all")
        for table in sorted(set(columns) - NOT_LINKED - {"requests"}):
            write.insert(table, list(columns[table]), [row_of(table, columns[table], request)])


def wrong(store: SqlStore) -> list[str]:
    with store.reading() as read:
        return list(broken_links(read))


@contextmanager
def unguarded(book: str) -> Iterator[Callable[..., Any]]:
    """As the owner of the database can, who switches off what refuses it."""
    if is_url(book):
        with psycopg.connect(book, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            yield connection.execute
        return
    connection = connect(Path(book))
    for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    yield connection.execute
    connection.close()


def changed(value: Any) -> Any:
    """With one byte, or one step, another."""
    if isinstance(value, str):
        return value[:-1] + chr(ord(value[-1]) ^ 1)
    if isinstance(value, bytes | memoryview):
        return bytes(value)[:-1] + bytes([bytes(value)[-1] ^ 1])
    return value + (timedelta(days=1) if isinstance(value, date | datetime) else 1)


def test_one_byte_that_is_changed_in_any_table_is_found_and_named(store: SqlStore, book: str, columns: Columns) -> None:
    """In each table at a time the last column, then the one before it; of a database the last alone."""
    fill(store, book, columns)
    assert wrong(store) == []
    free = {
        table: [name for name in columns[table] if name not in ("request", *CHOICES.get(table, {}))]
        for table in set(columns) - NOT_LINKED
    }
    for place in (1,) if is_url(book) else (1, 2, 3, 4):
        edits = [(table, names[-place]) for table, names in free.items() if len(names) >= place]
        with unguarded(book) as write:
            before = [edited(write, book, *edit) for edit in edits]
            found = [line.split(" has rows that were not stored so: ")[0] for line in wrong(store)]
            assert found == [f"request 1: {table}" for table, _ in sorted(edits)]
            for edit, value in zip(edits, before, strict=True):
                edited(write, book, *edit, value)
    assert wrong(store) == []


def test_an_edited_link_is_found(tmp_path: Path, columns: Columns) -> None:
    book = str(tmp_path / "book.db")
    store = open_store(book, SystemClock())
    fill(store, book, columns)
    with unguarded(book) as write:
        rows = write("SELECT * FROM chain_links").fetchall()
        for place, name in enumerate(columns["chain_links"]):
            value = rows[7][place]
            write(f"UPDATE chain_links SET {name} = ? WHERE table_name = ?", (changed(value), rows[7][1]))
            assert wrong(store), f"chain_links.{name} was changed from {value!r} to {changed(value)!r}"
            write("DELETE FROM chain_links")
            for row in rows:
                write("INSERT INTO chain_links VALUES (?, ?, ?, ?, ?)", row)
    assert wrong(store) == []
    store.close()


def edited(write: Callable[..., Any], book: str, table: str, name: str, to: Any = None) -> Any:
    """What stood there."""
    (value,) = write(f"SELECT {name} FROM {table}").fetchone()
    write(f"UPDATE {table} SET {name} = {'%s' if is_url(book) else '?'}", (changed(value) if to is None else to,))
    return value


def test_a_row_that_is_removed_or_added_and_a_link_that_is_gone_are_found(
    store: SqlStore, book: str, columns: Columns
) -> None:
    fill(store, book, columns)
    with unguarded(book) as write:
        write("INSERT INTO run_exports (run_id, request) VALUES ('other', 1)")
    assert wrong(store) == [
        "request 1: run_exports has rows that were not stored so (1 were stored, 2 are there): run_id other"
    ]
    with unguarded(book) as write:
        write("DELETE FROM run_exports")
    missing = "rows of run_exports are missing, or there twice, or their link was edited (1 were stored, 0 are there)"
    assert wrong(store) == [f"request 1: {missing}"]
    with unguarded(book) as write:
        write("DELETE FROM chain_links WHERE table_name = 'run_exports'")
    assert wrong(store) == ["the link of sealed_payouts in request 1 does not follow from the one before it"]


def test_facts_are_linked_as_they_are_read_back_and_each_request_has_a_hash_of_its_own(store: SqlStore) -> None:
    heads, kinds = set(), {kind for kind in KINDS if getattr(RICH, kind).height}
    for number in range(2):
        store.append(RICH, Mutation(f"r{number}", "test", b"x"))
        with store.reading() as read:
            heads.add(last_link(read))
            tables = {row[0] for row in read.execute("SELECT table_name FROM chain_links").fetchall()}
    assert kinds <= tables
    assert (len(heads), wrong(store)) == (2, [])


def test_what_an_older_version_has_stored_is_linked_as_it_stands(store: SqlStore, book: str) -> None:
    store.append(RICH, Mutation("r0", "test", b"x"))
    with unguarded(book) as write:
        write("DELETE FROM chain_links")
    assert wrong(store)
    writer = store._writer  # type: ignore[attr-defined]
    writer.execute("BEGIN")
    link_all(writer)
    writer.execute("COMMIT")
    assert wrong(store) == []
    store.append_plan(plan("0" * 64), Mutation("r1", "test", b"x"))
    with unguarded(book) as write:
        write("UPDATE deals SET annual_value_minor = annual_value_minor + 1")
    assert wrong(store)[0].startswith("request 1: deals has rows that were not stored so: source ")
