"""`mapping.yaml`: which rows and columns of somebody else's files are our facts. Strict: every problem with its place.

docs/import.md describes the file. A mapping only renames, selects and respells; it computes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from compsvc.adapters.importer_columns import file_columns
from compsvc.adapters.importer_files import LINE, FileRefusal, Table
from compsvc.adapters.yaml_tree import read_tree
from compsvc.core.checks import REQUIRED
from compsvc.core.node import Listed, Mapped, Text, kind_of
from compsvc.core.problems import Position, Problem, did_you_mean, in_order

KINDS = tuple(kind for kind in REQUIRED if kind != "fixed_events")
NOWHERE = Position("", 1, 1)


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """`value` is a constant; else the column, with spellings put right, other words for nothing, and a date format."""

    column: str = ""
    value: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ()
    date_format: str | None = None
    at: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class SourceMap:
    """One file as rows of one kind. A row is taken where every column of `where` has one of its values."""

    file: str
    columns: Mapping[str, ColumnMap]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    distinct: bool = False
    at: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class FileFormat:
    separator: str = ","
    decimal: str = "."
    thousands: str = ""


@dataclass(frozen=True, slots=True)
class MappingFile:
    sources: Mapping[str, tuple[SourceMap, ...]]
    counted: Mapping[str, tuple[SourceMap, ...]] = field(default_factory=dict)  # rows that are only counted
    formats: Mapping[str, FileFormat] = field(default_factory=dict)


def read_mapping(path: Path) -> tuple[MappingFile | None, list[Problem]]:
    try:
        tree = read_tree(path.read_bytes(), str(path))
    except OSError as error:
        return None, [Problem("UNREADABLE", Position(str(path), 1, 1), f"cannot be read: {error.strerror}.")]
    reader = _Reader(list(tree.problems))
    mapping = reader.mapping(tree.root) if tree.root is not None else None
    return (None if reader.problems else mapping), in_order(reader.problems)


# --- the file


class _Reader:
    """Collects every problem, so that a mapping is mended in one go."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def wrong(self, code: str, at: Position, message: str) -> None:
        self.problems.append(Problem(code, at, message))

    def mapping(self, root: Any) -> MappingFile:
        entries = self.entries(root, (*KINDS, "files", "counted"))
        files = self.entries(entries.get("files", Mapped()), None)
        counted = self.entries(entries.get("counted", Mapped()), None)
        return MappingFile(
            {kind: self.sources(kind, entries[kind]) for kind in KINDS if kind in entries},
            {name: self.sources(None, listed) for name, listed in counted.items()},
            {name: self.file_format(given) for name, given in files.items()},
        )

    def entries(self, value: Any, known: Sequence[str] | None) -> Mapped:
        """A mapping whose keys are all known; None lets every key pass."""
        if not isinstance(value, Mapped):
            self.wrong("WRONG_TYPE", _at(value), f"here stands {kind_of(value)}; wanted: a mapping.")
            return Mapped()
        for key in value if known is not None else ():
            if key not in (known or ()):
                near = did_you_mean(key, known or ())
                self.wrong("UNKNOWN_KEY", value.key_at(key), f"`{key}` is no key here.{near}")
        return value

    def text(self, value: Any, wanted: str) -> str:
        if isinstance(value, Text) and value:
            return str(value)
        self.wrong("WRONG_TYPE", _at(value), f"here stands {kind_of(value)}; wanted: {wanted}.")
        return ""

    def texts(self, value: Any, wanted: str) -> tuple[str, ...]:
        items = value if isinstance(value, Listed) else [value]
        return tuple(str(item) if item == "" else self.text(item, wanted) for item in items)

    def file_format(self, value: Any) -> FileFormat:
        entries = self.entries(value, ("separator", "decimal", "thousands"))
        marks = {name: self.text(entries[name], "one character") for name in entries}
        marks = {name: "\t" if mark == "tab" else mark for name, mark in marks.items()}
        for name, mark in marks.items():
            if len(mark) != 1 or mark in '"0123456789-':
                self.wrong(
                    "NOT_A_MARK", entries.value_at(name), f"`{mark}` cannot be the {name}. Write one sign, or `tab`."
                )
        return FileFormat(**marks) if not self.problems else FileFormat()

    def sources(self, kind: str | None, value: Any) -> tuple[SourceMap, ...]:
        return tuple(self.source(kind, item) for item in (value if isinstance(value, Listed) else [value]))

    def source(self, kind: str | None, value: Any) -> SourceMap:
        known = ("file", "where", "distinct", "columns") if kind else ("file", "where")
        entries = self.entries(value, known)
        for name in ("file", "columns") if kind else ("file",):
            if name not in entries:
                self.wrong("MISSING_KEY", _at(value), f"`{name}` is missing here.")
        where = self.entries(entries.get("where", Mapped()), None)
        return SourceMap(
            file=self.text(entries["file"], "the name of a file") if "file" in entries else "",
            columns=self.columns(kind, entries["columns"]) if kind and "columns" in entries else {},
            where={name: self.texts(given, "a value, or a list of them") for name, given in where.items()},
            distinct=self.flag(entries["distinct"]) if "distinct" in entries else False,
            at=_at(value),
        )

    def flag(self, value: Any) -> bool:
        if value not in ("yes", "no"):
            self.wrong("NOT_YES_OR_NO", _at(value), f"here stands {kind_of(value)}; wanted: `yes` or `no`.")
        return bool(value == "yes")

    def columns(self, kind: str, value: Any) -> dict[str, ColumnMap]:
        entries, known = self.entries(value, None), file_columns(kind)
        for name in entries:
            if name not in known and not (kind == "deals" and name.startswith("attributes.")):
                told = f"`{name}` is no column of {kind}.{did_you_mean(name, known)}"
                self.wrong("UNKNOWN_COLUMN", entries.key_at(name), told)
        return {name: self.column(given) for name, given in entries.items()}

    def column(self, value: Any) -> ColumnMap:
        if isinstance(value, Text) and value:
            return ColumnMap(column=str(value), at=_at(value))
        entries = self.entries(value, ("column", "value", "values", "empty", "format"))
        if ("column" in entries) == ("value" in entries) and isinstance(value, Mapped):
            self.wrong("COLUMN_OR_VALUE", _at(value), "wanted: either `column` or the constant `value`.")
        if "value" in entries and len(entries) > 1:
            self.wrong("UNKNOWN_KEY", _at(value), "a constant `value` stands alone.")
        spellings = self.entries(entries.get("values", Mapped()), None)
        return ColumnMap(
            column=self.text(entries["column"], "a column of the file") if "column" in entries else "",
            value=self.text(entries["value"], "a value") if "value" in entries else None,
            values={name: self.text(given, "the right spelling") for name, given in spellings.items()},
            empty=self.texts(entries["empty"], "a word that stands for nothing") if "empty" in entries else (),
            date_format=self.date_format(entries["format"]) if "format" in entries else None,
            at=_at(value),
        )

    def date_format(self, value: Any) -> str | None:
        text = self.text(value, "a date format such as `%d.%m.%Y`")
        if not {"%d", "%m", "%Y"} <= set(re.findall("%.", text)) or len(re.findall("%.", text)) != 3:
            self.wrong("BAD_FORMAT", _at(value), "a date format has %Y, %m and %d, once each, as in `%d.%m.%Y`.")
            return None
        return text


def _at(value: Any) -> Position:
    return getattr(value, "at", NOWHERE)


# --- applied to a table


def taken(source: SourceMap, table: Table) -> pl.DataFrame:
    """The rows that `where` selects; columns that are not there are for `column_problems` to tell."""
    frame = table.frame
    for name, values in source.where.items():
        text = pl.col(name).cast(pl.String).fill_null("")
        frame = frame.filter(text.is_in(list(values))) if name in frame.columns else frame
    return frame


def mapped(
    kind: str, source: SourceMap, table: Table, form: FileFormat, *, sample: bool = False
) -> tuple[pl.DataFrame, list[FileRefusal]]:
    """The rows under our names, with LINE; amounts and dates in our spelling. A `sample` has the types alone."""
    frame = taken(source, table).head(0) if sample else taken(source, table)
    known = file_columns(kind)
    amounts = {name for name, fact in known.items() if fact.endswith("_minor") and name != fact} | {"quota_amount"}
    values = [
        _mapped(name, column, form if name in amounts else FileFormat()).alias(name)
        for name, column in source.columns.items()
    ]
    rows = frame.select(LINE, *values)
    refusals: list[FileRefusal] = []
    for name, column in source.columns.items():
        if column.date_format is not None:
            bad = frame.filter(rows[name].is_null() & pl.col(column.column).is_not_null())
            refusals += (
                _bad_date(kind, table.name, name, column, line, text)
                for line, text in bad.select(LINE, column.column).iter_rows()
            )
            rows = rows.join(bad.select(LINE), on=LINE, how="anti", maintain_order="left")
            frame = frame.join(bad.select(LINE), on=LINE, how="anti", maintain_order="left")
    if source.distinct:
        rows = rows.unique(list(source.columns), keep="first", maintain_order=True)
    return rows, refusals


def _mapped(name: str, column: ColumnMap, form: FileFormat) -> pl.Expr:
    if column.value is not None:
        return pl.lit(column.value)
    value = pl.col(column.column)
    if column.empty:
        value = pl.when(~value.cast(pl.String).is_in(list(column.empty))).then(value)
    if column.values:
        value = value.cast(pl.String).replace(dict(column.values))
    if column.date_format is not None:
        return value.str.to_date(column.date_format, strict=False).dt.strftime("%Y-%m-%d")
    if form.decimal != "." or form.thousands:
        value = _number(value.cast(pl.String), form)
    return value


def _number(text: pl.Expr, form: FileFormat) -> pl.Expr:
    """`1.234,56` as `1234.56` where it is written so; anything else stays, and is refused as no amount."""
    mark, point = re.escape(form.thousands), re.escape(form.decimal)
    grouped = rf"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+" if form.thousands else "[0-9]+"
    shape = rf"^-?(?:{grouped}|[0-9]+)(?:{point}[0-9]+)?$"
    plain = text.str.replace_all(form.thousands, "", literal=True) if form.thousands else text
    plain = plain.str.replace(form.decimal, ".", literal=True)
    foreign = text + pl.lit(f" (decimal `{form.decimal}`)")
    return pl.when(text.is_null()).then(None).when(text.str.contains(shape)).then(plain).otherwise(foreign)


def _bad_date(kind: str, file: str, name: str, column: ColumnMap, line: int, text: str) -> FileRefusal:
    message = f"{name} `{text}` is no date of the form `{column.date_format}`."
    return FileRefusal(file, line, kind, "", name, "BAD_DATE", message)


def column_problems(source: SourceMap, table: Table) -> Iterator[Problem]:
    """Columns that the mapping names and the file does not have."""
    there = [name for name in table.frame.columns if name != LINE]
    named = [(column.column, column.at) for column in source.columns.values() if column.column]
    for name, at in [*named, *((name, source.at) for name in source.where)]:
        if name not in there:
            found = ", ".join(f"`{column}`" for column in there)
            near = did_you_mean(name, there)
            near = near if near.startswith(" Did") else ""
            yield Problem("MISSING_COLUMN", at, f"{table.name} has no column `{name}`. Found: {found}.{near}")


def same_names(file: str, table: Table) -> SourceMap:
    """The mapping of a file that is already named as the facts are."""
    return SourceMap(file, {name: ColumnMap(column=name) for name in table.frame.columns if name != LINE})
