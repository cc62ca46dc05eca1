"""The chain of a book: what each request stores is hashed as it is stored, and computed anew to find what was edited.

Of each request and table there is one link: the hash of its rows, and the hash of that and of the link before. A row's
hash is SHA-256 of its values in the order of the table's columns, as Python writes a tuple in ASCII, up to the last one
that is not null: a column that is added later leaves it as it was. Rows of a request are taken in the order of their
hashes; the first eight bytes of each are kept beside the link, so that a row that differs can be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

from compsvc.adapters.sql import Cursor, Row, Sql
from compsvc.adapters.sql_steps import STEPS
from compsvc.core.limits import CHUNK_ROWS
from compsvc.core.payroll_run import FIRST_HASH

LINKS = "chain_links"
NOT_LINKED = {"schema_versions", LINKS}  # no request stores the versions of the tables, and the links link themselves
LINKED = sorted({table for step in STEPS for table in step.added_to} - NOT_LINKED)

_LINK = ("request", "table_name", "rows_hash", "row_marks", "hash")
_MARK = 8  # bytes
_NAMED = 3  # rows of a link that differs, and columns that name a row

Hashes = dict[int, list[bytes]]  # of the rows of one table, by request


class Linked:
    """A connection inside a transaction that hashes what it inserts. `columns`: of each table, filled as they are
    asked for, and kept by the store."""

    def __init__(self, sql: Sql, columns: dict[str, tuple[str, ...]]) -> None:
        self._sql, self._columns = sql, columns
        self._stored: dict[str, Hashes] = {}

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Cursor:
        return self._sql.execute(sql, values)

    def chunks(self, sql: str, values: Sequence[Any], size: int, /) -> Iterator[list[Row]]:
        return self._sql.chunks(sql, values, size)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], /) -> None:
        if not rows:
            return
        self._sql.insert(table, columns, rows)
        if table not in self._columns:
            self._columns[table] = columns_of(self._sql, table)
        ordered = _ordered(columns, self._columns[table], rows)
        _add(self._stored.setdefault(table, {}), self._columns[table], ordered)

    def link(self) -> None:
        """Links what was inserted to what was stored before."""
        if self._stored:
            _insert_links(self._sql, self._stored)


def link_all(write: Sql) -> None:
    """Links everything that a book holds which has no links yet."""
    found = {table: _stored_hashes(write, table) for table in LINKED}
    if any(found.values()):
        _insert_links(write, found)


def columns_of(read: Sql, table: str) -> tuple[str, ...]:
    """In the order of the table."""
    return tuple(column[0] for column in read.execute(f"SELECT * FROM {table} LIMIT 0").description)


def last_link(read: Sql, upto: int = 2**62) -> str:
    """The hash of everything that the requests up to one have stored."""
    asked = f"SELECT hash FROM {LINKS} WHERE request <= ? ORDER BY request DESC, table_name DESC LIMIT 1"
    row = read.execute(asked, (upto,)).fetchone()
    return FIRST_HASH if row is None else str(row[0])


def broken_links(read: Sql) -> Iterator[str]:
    """What is not as it was stored, in words: the table, the request and the first rows that differ."""
    asked = f"SELECT {', '.join(_LINK)} FROM {LINKS} ORDER BY request, table_name"
    links = read.execute(asked).fetchall()
    before = FIRST_HASH
    for request, table, rows_hash, _, own in links:
        if own != _link_hash(before, request, table, rows_hash):
            yield f"the link of {table} in request {request} does not follow from the one before it"
            return
        before = own
    yield from _names_put_back(read)
    for table in LINKED:
        known = {link[0]: (str(link[2]), bytes(link[3])) for link in links if link[1] == table}
        yield from _broken_rows(read, table, known)


def _names_put_back(read: Sql) -> Iterator[str]:
    asked = (
        "SELECT p.participant_id, p.request FROM participants p JOIN erased_names e ON e.participant_id = "
        "p.participant_id AND e.of_request = p.request WHERE p.display_name IS NOT NULL ORDER BY p.request"
    )
    for participant_id, request in read.execute(asked):
        yield f"request {request}: participants has a name of {participant_id} again that was erased"


def _broken_rows(read: Sql, table: str, known: Mapping[int, tuple[str, bytes]]) -> Iterator[str]:
    found = _stored_hashes(read, table)
    for request in sorted({*found, *known}):
        hashes = sorted(found.get(request, []))
        rows_hash, marks = known.get(request, ("", b""))
        if (_rows_hash(hashes), _marks(hashes)) != (rows_hash, marks):
            yield f"request {request}: {_what_differs(read, table, request, len(hashes), marks)}"


def _what_differs(read: Sql, table: str, request: int, count: int, marks: bytes) -> str:
    known = {marks[start : start + _MARK] for start in range(0, len(marks), _MARK)}
    columns, odd, named = columns_of(read, table), [], _named_hashes(read, table)
    for row in read.execute(f"SELECT * FROM {table} WHERE request = ?", (request,)):
        own = row_hash(row)
        if named.get(own, own)[:_MARK] not in known:
            odd.append(_named(columns, row))
    stored = len(marks) // _MARK
    counts = f" ({stored} were stored, {count} are there)" if stored != count else ""
    if not odd:
        return f"rows of {table} are missing, or there twice, or their link was edited{counts}"
    more = f" and {len(odd) - _NAMED} more" if len(odd) > _NAMED else ""
    return f"{table} has rows that were not stored so{counts}: {'; '.join(odd[:_NAMED])}{more}"


def _named(columns: Sequence[str], row: Row) -> str:
    named = [f"{name} {value}" for name, value in zip(columns, row, strict=True) if name != "request"]
    return ", ".join(text[:80] for text in named[:_NAMED])


# --- hashes


def _stored_hashes(read: Sql, table: str) -> Hashes:
    columns, found = columns_of(read, table), Hashes()
    for chunk in read.chunks(f"SELECT * FROM {table}", (), CHUNK_ROWS):
        _add(found, columns, chunk)
    named = _named_hashes(read, table)
    return {request: [named.get(each, each) for each in hashes] for request, hashes in found.items()}


def _named_hashes(read: Sql, table: str) -> Mapping[bytes, bytes]:
    """By the hash of a row whose name was erased the one that it had with the name, and was linked by (J4)."""
    if table != "participants":
        return {}
    return {
        _bytes(left): _bytes(named) for left, named in read.execute("SELECT left_hash, named_hash FROM erased_names")
    }


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""  # edited: the hash of no row


def _add(found: Hashes, columns: Sequence[str], rows: Iterable[Row]) -> None:
    for request, of_request in groupby(rows, itemgetter(columns.index("request"))):
        found.setdefault(request, []).extend(map(row_hash, of_request))


def row_hash(row: Row) -> bytes:
    return sha256(ascii(row).rstrip("), None").encode()).digest()  # a text ends with its quote, a number with a digit


def _ordered(columns: Sequence[str], defined: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[Row]:
    """The rows as the table has them: null in columns that they do not name."""
    places = [columns.index(name) if name in columns else len(columns) for name in defined]
    full = rows if len(columns) not in places else ((*row, None) for row in rows)
    return map(itemgetter(*places), full)


def _rows_hash(hashes: Sequence[bytes]) -> str:
    return sha256(b"".join(hashes)).hexdigest()


def _marks(hashes: Iterable[bytes]) -> bytes:
    return b"".join(each[:_MARK] for each in hashes)


def _link_hash(before: str, request: int, table: str, rows_hash: str) -> str:
    return sha256(f"{before} {request} {table} {rows_hash}".encode()).hexdigest()


def _insert_links(write: Sql, stored: Mapping[str, Hashes]) -> None:
    before, links = last_link(write), []
    for request, table in sorted((request, table) for table, found in stored.items() for request in found):
        hashes = sorted(stored[table][request])
        rows_hash = _rows_hash(hashes)
        before = _link_hash(before, request, table, rows_hash)
        links.append((request, table, rows_hash, _marks(hashes), before))
    write.insert(LINKS, _LINK, links)
