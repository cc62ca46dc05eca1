"""`mapping.yaml`: which rows and columns of somebody else's files are our facts. Strict: every problem with its place.

docs/import.md describes the file. A mapping only renames, selects and respells; it computes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from compsvc.adapters.importer_columns import file_columns
from compsvc.adapters.importer_files import LINE, FileRefusal, Table
from compsvc.adapters.mapping_values import (
    NOWHERE,
    UNITS,
    ColumnMap,
    FileFormat,
    as_text,
    format_problem,
    formats_told,
    in_polars,
    is_amount,
    read_as,
    respelled,
    target,
    zone_exists,
)
from compsvc.adapters.yaml_tree import read_tree
from compsvc.core.checks import REQUIRED
from compsvc.core.facts import OF_A_BOOK
from compsvc.core.node import Listed, Mapped, Text
from compsvc.core.plan_values import kind_of
from compsvc.core.problems import Position, Problem, did_you_mean, in_order

KINDS = tuple(kind for kind in REQUIRED if kind not in OF_A_BOOK)
SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Among:
    """The values of a column of another file, of the rows that `where` selects."""

    file: str
    column: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class SourceMap:
    """One file as rows of one kind. A row is taken where every column of `where` has one of its values, and every
    column of `among` one of those that stand in another file."""

    file: str
    columns: Mapping[str, ColumnMap]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    among: Mapping[str, Among] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # rows with one of these values stay out
    distinct: bool = False
    at: Position = NOWHERE

    @property
    def asked(self) -> tuple[str, ...]:
        """The columns by which rows are selected."""
        return (*self.where, *self.among, *self.without)


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
            where=self.listed({name: given for name, given in where.items() if not isinstance(given, Mapped)}),
            among={name: self.among(given) for name, given in where.items() if _is_among(given)},
            without=self.listed(
                {
                    name: self.entries(given, ("not",))["not"]
                    for name, given in where.items()
                    if isinstance(given, Mapped) and "not" in given
                }
            ),
            distinct=self.flag(entries["distinct"]) if "distinct" in entries else False,
            at=_at(value),
        )

    def listed(self, where: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        return {name: self.texts(given, "a value, or a list of them") for name, given in where.items()}

    def among(self, value: Mapped) -> Among:
        entries = self.entries(value, ("in", "of", "where"))
        for name in ("in", "of"):
            if name not in entries:
                self.wrong("MISSING_KEY", _at(value), f"`{name}` is missing here: the column `in` the file `of`.")
        where = self.entries(entries.get("where", Mapped()), None)
        return Among(
            file=self.text(entries["of"], "the name of a file") if "of" in entries else "",
            column=self.text(entries["in"], "a column of the file") if "in" in entries else "",
            where=self.listed(where),
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
        return {name: self.column(kind, name, given) for name, given in entries.items()}

    def column(self, kind: str, name: str, value: Any) -> ColumnMap:
        if isinstance(value, Text) and value:
            return ColumnMap(column=str(value), at=_at(value))
        entries = self.entries(value, COLUMN_KEYS)
        sources = [key for key in SOURCE_KEYS if key in entries]
        if len(sources) != 1 and isinstance(value, Mapped):
            self.wrong("COLUMN_OR_VALUE", _at(value), f"wanted: either `column` or the constant `value`{MORE_SOURCES}.")
        if "value" in entries and len(entries) > 1:
            self.wrong("UNKNOWN_KEY", _at(value), "a constant `value` stands alone.")
        spellings = self.entries(entries.get("values", Mapped()), None)

        def text(key: str, wanted: str) -> str | None:
            return self.text(entries[key], wanted) if key in entries else None

        return ColumnMap(
            column=text("column", "a column of the file") or "",
            columns=self.texts(entries["columns"], "columns of the file") if "columns" in entries else (),
            between=str(entries.get("between", " ")),
            value=text("value", "a value"),
            values={name: self.text(given, "the right spelling") for name, given in spellings.items()},
            empty=self.texts(entries["empty"], "a word that stands for nothing") if "empty" in entries else (),
            default=text("default", "what stands for nothing"),
            formats=self.formats(entries, target(kind, name)),
            zone=self.zone(entries),
            unit=self.unit(entries),
            number_within=text("number_within", "a column of the file") or "",
            by=text("by", "a column of the file") or "",
            at=_at(value),
        )

    def formats(self, entries: Mapped, wanted: object) -> tuple[str, ...]:
        if "format" not in entries:
            return ()
        at, found = entries.value_at("format"), self.texts(entries["format"], "a date format such as `%d.%m.%Y`")
        is_day = wanted == pl.Date or entries.get("unit") == "day"
        for text in found:
            has_time, has_offset = bool(re.search("%[HI]", text)), "%z" in text
            if problem := format_problem(text):
                self.wrong("BAD_FORMAT", at, problem)
            elif not is_day and has_time and not has_offset and "zone" not in entries:
                self.wrong("BAD_FORMAT", at, "an instant needs its offset, `%z`, or a `zone` for its clock.")
            elif is_day and has_offset and "zone" not in entries:
                self.wrong("BAD_FORMAT", at, "the day of an instant is another one elsewhere. Say the `zone`.")
        return tuple(in_polars(text) for text in found)

    def zone(self, entries: Mapped) -> str | None:
        if "zone" not in entries:
            return None
        zone, at = self.text(entries["zone"], "a time zone such as `Europe/Berlin`"), entries.value_at("zone")
        if "format" not in entries:
            self.wrong("BAD_ZONE", at, "a `zone` goes with a `format`.")
        elif zone and not zone_exists(zone):
            self.wrong("BAD_ZONE", at, f"`{zone}` is no time zone. Write it as `Europe/Berlin` or `UTC`.")
        return zone

    def unit(self, entries: Mapped) -> str | None:
        if "unit" not in entries:
            return None
        unit = self.text(entries["unit"], "a unit")
        if unit not in UNITS or (unit == "day") != ("format" in entries):
            told = (
                f"`{unit}` is no unit here. Known: `percent` (25 is 25%), `fraction` (0.25 is 25%), and with a "
                "`format` `day` (of an instant the day alone)."
            )
            self.wrong("BAD_UNIT", entries.value_at("unit"), told)
        return unit


SOURCE_KEYS = ("column", "columns", "value", "number_within")
COLUMN_KEYS = (*SOURCE_KEYS, "between", "values", "empty", "default", "format", "zone", "unit", "by")
MORE_SOURCES = ", several `columns`, or `number_within`"


def _is_among(value: Any) -> bool:
    return isinstance(value, Mapped) and "not" not in value


def _at(value: Any) -> Position:
    return getattr(value, "at", NOWHERE)


# --- applied to a table


def taken(source: SourceMap, table: Table) -> pl.DataFrame:
    """The rows that `where` selects; columns that are not there are for `column_problems` to tell."""
    frame = table.frame
    asked = [(name, values, True) for name, values in source.where.items()]
    asked += [(name, values, False) for name, values in source.without.items()]
    for name, values, wanted in asked:
        if name in frame.columns:
            fits = as_text(name, frame.schema[name]).fill_null("").is_in(list(values))
            frame = frame.filter(fits if wanted else ~fits)
    return frame


def mapped(
    kind: str, source: SourceMap, table: Table, form: FileFormat, *, sample: bool = False
) -> tuple[pl.DataFrame, list[FileRefusal]]:
    """The rows under our names, with LINE; amounts and dates in our spelling. A `sample` has the types alone."""
    frame = taken(source, table).head(0) if sample else taken(source, table)
    floats = [name for name, dtype in frame.schema.items() if dtype.is_float()]
    as_is = {name for name, column in source.columns.items() if set(column.read) & set(floats)}
    plain = frame.select(
        LINE,
        *(
            (pl.col(column.read[0]) if name in as_is else respelled(column, frame.schema)).alias(name)
            for name, column in source.columns.items()
        ),
    )
    rows = plain.with_columns(
        read_as(column, name, plain.schema[name], target(kind, name), form if is_amount(kind, name) else None).alias(
            name
        )
        for name, column in source.columns.items()
        if name not in as_is and column.value is None
    )
    refusals: list[FileRefusal] = []
    for name, column in source.columns.items():
        if column.formats and name not in as_is:
            bad = plain.filter(rows[name].is_null() & plain[name].is_not_null()).select(LINE, name)
            refusals += (_bad_time(kind, table.name, name, column, line, text) for line, text in bad.iter_rows())
            rows = rows.join(bad.select(LINE), on=LINE, how="anti", maintain_order="left")
            plain = plain.join(bad.select(LINE), on=LINE, how="anti", maintain_order="left")
    if source.distinct:
        rows = rows.unique(list(source.columns), keep="first", maintain_order=True)
    return rows, refusals


def _bad_time(kind: str, file: str, name: str, column: ColumnMap, line: int, text: str) -> FileRefusal:
    is_date = target(kind, name) == pl.Date
    message = f"{name} `{text}` is no {'date' if is_date else 'instant'} of the form {formats_told(column.formats)}."
    return FileRefusal(file, line, kind, "", name, "BAD_DATE" if is_date else "BAD_INSTANT", message)


def resolved(mapping: MappingFile, tables: Mapping[str, Table]) -> MappingFile:
    """With the values of other files looked up; columns that are not there are for `column_problems` to tell."""

    def looked_up(source: SourceMap) -> SourceMap:
        found = {
            name: tuple(_values(among, tables[among.file]))
            for name, among in source.among.items()
            if {among.column, *among.where} <= set(tables[among.file].frame.columns)
        }
        return replace(source, where={**source.where, **found}) if found else source

    def all_of(given: Mapping[str, tuple[SourceMap, ...]]) -> dict[str, tuple[SourceMap, ...]]:
        return {name: tuple(map(looked_up, sources)) for name, sources in given.items()}

    return replace(mapping, sources=all_of(mapping.sources), counted=all_of(mapping.counted))


def _values(among: Among, table: Table) -> list[str]:
    rows = taken(SourceMap(among.file, {}, among.where), table)
    return rows.select(as_text(among.column, rows.schema[among.column])).to_series().drop_nulls().unique().to_list()


def with_suffixes(mapping: MappingFile, there: Sequence[str]) -> tuple[MappingFile, list[Problem]]:
    """`Opportunity` is whichever of `Opportunity.csv` and `Opportunity.parquet` is there."""
    problems: set[Problem] = set()

    def whole(name: str, at: Position) -> str:
        found = [name + suffix for suffix in SUFFIXES if name + suffix in there and not name.endswith(SUFFIXES)]
        if len(found) > 1 and at != NOWHERE:
            problems.add(Problem("FILE_TWICE", at, f"{found[0]} and {found[1]} are both there. Keep one of them."))
        return found[0] if found else name

    def named(source: SourceMap) -> SourceMap:
        among = {name: replace(one, file=whole(one.file, one.at)) for name, one in source.among.items()}
        return replace(source, file=whole(source.file, source.at), among=among)

    def all_of(given: Mapping[str, tuple[SourceMap, ...]]) -> dict[str, tuple[SourceMap, ...]]:
        return {name: tuple(map(named, sources)) for name, sources in given.items()}

    formats = {whole(name, NOWHERE): form for name, form in mapping.formats.items()}
    return MappingFile(all_of(mapping.sources), all_of(mapping.counted), formats), in_order(problems)


def column_problems(source: SourceMap, tables: Mapping[str, Table]) -> Iterator[Problem]:
    """Columns that the mapping names and the file does not have."""
    named = [(name, column.at) for column in source.columns.values() for name in column.read]
    yield from _missing(tables[source.file], [*named, *((name, source.at) for name in source.asked)])
    for among in source.among.values():
        yield from _missing(tables[among.file], [(name, among.at) for name in (among.column, *among.where)])


def _missing(table: Table, named: Sequence[tuple[str, Position]]) -> Iterator[Problem]:
    there = [name for name in table.frame.columns if name != LINE]
    for name, at in named:
        if name not in there:
            found = ", ".join(f"`{column}`" for column in there)
            near = did_you_mean(name, there)
            near = near if near.startswith(" Did") else ""
            yield Problem("MISSING_COLUMN", at, f"{table.name} has no column `{name}`. Found: {found}.{near}")


def same_names(file: str, table: Table) -> SourceMap:
    """The mapping of a file that is already named as the facts are."""
    return SourceMap(file, {name: ColumnMap(column=name) for name in table.frame.columns if name != LINE})
