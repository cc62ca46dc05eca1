"""A CSV or Parquet file as a table that still knows its lines. Nothing is interpreted here: CSV columns are text."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from compsvc.core.problems import Position, Problem

LINE = "_line"  # of the file, from 1; in Parquet the row's number
QUOTED = r'"[^"]*"'


@dataclass(frozen=True, slots=True)
class FileRefusal:
    """One row of a file that is not taken, and why. `key` is the row's ids as text, as far as they could be read."""

    file: str
    line: int
    kind: str
    key: str
    field: str
    code: str
    message: str

    def __str__(self) -> str:
        key = f" {self.kind} {self.key}:" if self.key else ""
        return f"{self.file}:{self.line}{key} {self.code} {self.message}"


@dataclass(frozen=True, slots=True)
class Table:
    """`frame` has the file's columns and LINE; rows that do not fit the header are in `misfits`, as far as they go."""

    name: str
    frame: pl.DataFrame
    digest: str
    misfits: pl.DataFrame = field(default_factory=pl.DataFrame)
    refusals: tuple[FileRefusal, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_table(path: Path, *, separator: str = ",") -> Table:
    """A file that cannot be read at all is a table without columns and with a problem."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return _unreadable(path, "", "UNREADABLE", f"cannot be read: {error.strerror}.")
    digest = digest_of(data)
    if path.suffix == ".parquet":
        return _parquet(path, data, digest)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        told = f"byte {data[error.start]:#04x} is not UTF-8. Save the file as UTF-8 (in Excel: CSV UTF-8)."
        return _unreadable(path, digest, "NOT_UTF8", told, line)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _csv(path, text, digest, separator)


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _unreadable(path: Path, digest: str, code: str, message: str, line: int = 1) -> Table:
    problem = Problem(code, Position(path.name, line, 1), message)
    return Table(path.name, pl.DataFrame(), digest, problems=(problem,))


def _parquet(path: Path, data: bytes, digest: str) -> Table:
    try:
        frame = pl.read_parquet(data)
    except (pl.exceptions.PolarsError, OSError) as error:
        return _unreadable(path, digest, "BAD_PARQUET", f"this is no Parquet file: {str(error).splitlines()[0]}")
    return Table(path.name, frame.with_row_index(LINE, offset=1), digest)


# --- CSV


def _csv(path: Path, text: str, digest: str, separator: str) -> Table:
    """Where each line is a record (nearly always), columns are counted and read without a loop over the rows."""
    lines = pl.Series(text.split("\n"), dtype=pl.String)
    if lines.str.contains('"', literal=True).any():
        if (lines.str.count_matches('"', literal=True) % 2 == 1).any():
            return _records(path, text, digest, separator)
        bare = lines.str.replace_all(QUOTED, "")
    else:
        bare = lines
    frame = pl.DataFrame(
        {
            "text": lines,
            "fields": bare.str.count_matches(separator, literal=True).cast(pl.Int64) + 1,
            LINE: pl.int_range(1, len(lines) + 1, dtype=pl.UInt32, eager=True),
        }
    ).filter(bare.str.contains(r"\S"))
    if frame.is_empty():
        return _unreadable(path, digest, "EMPTY_FILE", "nothing stands in this file, not even a header.")
    header = next(csv.reader([frame["text"][0]], delimiter=separator))
    fits = frame["fields"] == len(header)
    rows, wrong = frame.filter(fits)[1:], frame.filter(~fits)
    whole = rows.height >= len(lines) - 2 and lines[0] == frame["text"][0]
    body = text[len(lines[0]) + 1 :] if whole else "\n".join(rows["text"].to_list())
    columns = _parsed(body, len(header), separator) if rows.height else []
    if any(len(column) != rows.height for column in columns):
        return _records(path, text, digest, separator)
    misfits = list(zip(wrong[LINE].to_list(), csv.reader(wrong["text"].to_list(), delimiter=separator), strict=True))
    return _table(path, header, columns, rows[LINE], misfits, digest)


def _parsed(body: str, width: int, separator: str) -> list[pl.Series]:
    schema = {f"{i}": pl.String for i in range(width)}
    return pl.read_csv(
        body.encode(), has_header=False, separator=separator, schema=schema, infer_schema=False
    ).get_columns()


def _records(path: Path, text: str, digest: str, separator: str) -> Table:
    """The slow way, for values that go over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: list[str] | None = None
    rows: list[list[str]] = []
    at: list[int] = []
    misfits: list[Misfit] = []
    line = 1
    try:
        for row in reader:
            if header is None:
                header = row or None
            elif len(row) == len(header):
                rows.append(row)
                at.append(line)
            elif row:
                misfits.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        return _unreadable(
            path, digest, "BAD_CSV", f"cannot be read from here on: {error}. Is a quote left open?", line
        )
    columns = [pl.Series(values, dtype=pl.String) for values in zip(*rows, strict=True)]
    return _table(path, header or [], columns, pl.Series(at, dtype=pl.UInt32), misfits, digest)


Misfit = tuple[int, list[str]]  # line, fields


def _table(
    path: Path,
    header: Sequence[str],
    columns: Sequence[pl.Series],
    lines: pl.Series,
    misfits: Sequence[Misfit],
    digest: str,
) -> Table:
    names = [name.strip() for name in header]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        return _unreadable(path, digest, "COLUMN_TWICE", f"the header has `{twice[0]}` twice. Rename one of them.")
    padded = [[*row, *[""] * len(names)][: len(names)] for _, row in misfits]
    cut = [pl.Series(values, dtype=pl.String) for values in zip(*padded, strict=True)]
    at = pl.Series([line for line, _ in misfits], dtype=pl.UInt32)
    return Table(
        path.name,
        _cleaned(names, columns).with_columns(lines.alias(LINE)),
        digest,
        _cleaned(names, cut).with_columns(at.alias(LINE)),
        tuple(_misfit(path.name, line, len(row), len(names)) for line, row in misfits),
    )


def _cleaned(names: Sequence[str], columns: Sequence[pl.Series]) -> pl.DataFrame:
    """Spaces around a value are not part of it, and nothing is null."""
    columns = columns or [pl.Series([], dtype=pl.String) for _ in names]
    frame = pl.DataFrame([column.alias(name) for name, column in zip(names, columns, strict=True)])
    stripped = frame.select(pl.all().str.strip_chars())
    return stripped.select(pl.when(pl.all() != "").then(pl.all()))


def _misfit(name: str, line: int, count: int, width: int) -> FileRefusal:
    message = f"has {count} fields, and the header has {width}. Quote a value that holds the separator."
    return FileRefusal(name, line, "", "", "", "FIELDS_COUNT", message)
