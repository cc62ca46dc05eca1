"""What only a book in PostgreSQL has: its URL, its migrations, its own guards, a dump and what is restored from it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from typer.testing import CliRunner

from compsvc.adapters import postgres_file
from compsvc.adapters.postgres_file import book_database, shown
from compsvc.adapters.postgres_store import PostgresStore
from compsvc.adapters.sql_steps import STEPS, VERSION
from compsvc.adapters.sql_tables import TABLES
from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.entry.cli import app
from compsvc.service.ports import FailedPrecondition, Unavailable
from tests.adapters.store_facts import RICH, RICH_ROWS, Ticking, account, accounts, ask, plan, same

ADDED_TO = ["requests", "plans", "plan_terms", "schema_versions", *TABLES]


def test_there_is_one_migration_for_each_step() -> None:
    settings = Config()
    settings.set_main_option("script_location", str(Path(postgres_file.__file__).parent / "postgres_migrations"))
    revisions = [script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()]
    assert sorted(revisions) == [f"{number + 1:04d}" for number in range(len(STEPS))]


def test_both_stores_have_the_same_tables_and_columns(postgres_book: str, tmp_path: Path) -> None:
    PostgresStore(postgres_book, Ticking()).close()
    store = SqliteStore(tmp_path / "book.db", Ticking())
    own = "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
    expected = store._writer.execute(own).fetchall()
    store.close()
    with psycopg.connect(postgres_book) as read:
        columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        found = read.execute(f"{columns} AND table_name <> 'alembic_version'").fetchall()
    assert sorted(found) == sorted(expected)


def test_the_book_is_only_ever_added_to(postgres_book: str) -> None:
    store = PostgresStore(postgres_book, Ticking())
    store.append(RICH, ask("r"))
    store.append_plan(plan("1"), ask("p"))
    store.close()
    for table in ADDED_TO:
        same = "version = version" if table == "schema_versions" else "request = request"
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {same}", f"TRUNCATE {table} CASCADE"):
            with (
                psycopg.connect(postgres_book) as write,
                pytest.raises(psycopg.errors.RaiseException, match="only ever"),
            ):
                write.execute(statement)  # type: ignore[arg-type]


def test_another_writer_is_waited_for_and_then_told(postgres_book: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compsvc.adapters.postgres_store.BUSY_SECONDS", 0.1)
    store = PostgresStore(postgres_book, Ticking())
    with psycopg.connect(postgres_book) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({postgres_file.WRITER_LOCK})")
        with pytest.raises(Unavailable, match="try again") as error:
            store.append(RICH, ask("r"))
        assert error.value.reason == "BOOK_LOCKED"
        assert store.facts_at().deals.is_empty()  # readers do not wait
    assert store.append(RICH, ask("r")).created == RICH_ROWS
    store.close()


def test_a_store_whose_connections_were_cut_goes_on(postgres: str, postgres_book: str) -> None:
    store = PostgresStore(postgres_book, Ticking())
    store.append(accounts(account("acme")), ask("1"))
    assert store.position() == 1
    with psycopg.connect(postgres, autocommit=True) as admin:
        name = urlsplit(postgres_book).path.removeprefix("/")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
    assert store.position() == 1
    assert store.append(accounts(account("birk")), ask("2")).position == 2
    store.close()


def test_the_tables_of_another_program_are_left_alone(postgres_book: str) -> None:
    with psycopg.connect(postgres_book) as other:
        other.execute("CREATE TABLE theirs (x int)")
    with pytest.raises(FailedPrecondition, match="another program") as error:
        PostgresStore(postgres_book, Ticking())
    assert error.value.reason == "NOT_A_BOOK"


def test_a_book_of_a_newer_version_is_refused_with_what_to_do(postgres_book: str) -> None:
    PostgresStore(postgres_book, Ticking()).close()
    with psycopg.connect(postgres_book) as other:
        other.execute("INSERT INTO schema_versions VALUES (99, now())")
    with pytest.raises(FailedPrecondition, match="Use a newer compsvc"):
        PostgresStore(postgres_book, Ticking())


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(Unavailable) as error:
        PostgresStore("postgresql://ann:secret@127.0.0.1:1/book", Ticking())
    assert error.value.reason == "BOOK_UNREACHABLE"
    assert "127.0.0.1" in error.value.message
    assert "secret" not in error.value.message
    assert shown("postgresql://ann:secret@db:5432/book?sslmode=require") == "postgresql://db:5432/book"


def test_what_was_dumped_is_restored_as_it_was(
    postgres_book: str, postgres: str, postgres_programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drill: a dump while the book is open, a new database, and every row and position in it."""
    monkeypatch.setenv("PATH", f"{postgres_programs}{os.pathsep}{os.environ['PATH']}")
    store = PostgresStore(postgres_book, Ticking())
    store.append(RICH, ask("1"))
    store.append_plan(plan("1"), ask("2"))
    result = CliRunner().invoke(app, ["backup", str(tmp_path / "copy"), "--book", postgres_book])
    assert result.exit_code == 0, result.output
    store.append(accounts(account("late")), ask("3"))
    copy = urlsplit(postgres_book).path.replace("book", "restored")
    other = urlunsplit(urlsplit(postgres_book)._replace(path=copy))
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {copy.removeprefix('/')}")  # type: ignore[arg-type]
    subprocess.run([str(postgres_programs / "pg_restore"), "--dbname", other, str(tmp_path / "copy")], check=True)
    restored = PostgresStore(other, Ticking())
    assert same(restored.facts_at(), RICH)
    assert restored.plans_at() == store.plans_at()
    assert restored.append(accounts(account("late")), ask("3")).position == 3
    assert book_database(other).version == VERSION
    store.close()
    restored.close()


def test_the_doctor_looks_at_a_database(postgres_book: str) -> None:
    empty = CliRunner().invoke(app, ["doctor", "--book", postgres_book, "--insecure-callers"])
    assert "WARN  book version: 0" in empty.stdout
    PostgresStore(postgres_book, Ticking()).close()
    found = CliRunner().invoke(app, ["doctor", "--book", postgres_book, "--insecure-callers"])
    assert f"OK    book version: {VERSION}" in found.stdout
    assert "OK    facts: every row can be calculated, up to position 0" in found.stdout
