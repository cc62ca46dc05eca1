"""Files in a folder as facts: `deals.csv`, `accounts.parquet`, ... by their names, or anything by a mapping file.

A bad row is refused with file, line and reason, and takes only its deal with it; a file that cannot be read, or lacks a
column, is a problem, and nothing is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from compsvc.adapters.importer_columns import (
    EXPONENT,
    INLINE_QUOTA,
    defaults,
    exponents,
    file_columns,
    header_problems,
    type_problems,
    typed,
)
from compsvc.adapters.importer_files import LINE, FileRefusal, Table, digest_of, read_table
from compsvc.adapters.mapping import (
    KINDS,
    SUFFIXES,
    MappingFile,
    SourceMap,
    column_problems,
    mapped,
    read_mapping,
    resolved,
    same_names,
    taken,
    with_suffixes,
)
from compsvc.adapters.mapping_values import NOWHERE, FileFormat, as_text
from compsvc.core.checks_rules import PARTS, Refusal
from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import DEAL, SCHEMAS, Facts
from compsvc.core.problems import Position, Problem, did_you_mean, in_order

FILE, ROW = "_file", "_row"
FACT_ENDS = ("_minor", "_ppm", "_num", "_den")  # that the columns of files do not have
DEAL_ROW = [*DEAL, "account_id"]
TERMS = ["participant_id", "plan", "start_date"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Where there are `problems`, nothing was loaded. `refusals` are sorted by file and line."""

    facts: Facts
    refusals: tuple[FileRefusal, ...] = ()
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()
    digests: Mapping[str, str] = field(
        default_factory=dict
    )  # SHA-256 of each file that was read, by name; the mapping too
    read: Mapping[str, int] = field(default_factory=dict)  # rows by kind, refused ones included
    counted: Mapping[str, int] = field(default_factory=dict)  # rows that the mapping only counts, by its words
    origins: Mapping[str, pl.DataFrame] = field(default_factory=dict)  # file and line of each row of the facts
    deal_rows: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=dict.fromkeys(DEAL_ROW, pl.String))
    )  # of every row of deals, refused ones included, as far as it could be read

    def locate(self, refusal: Refusal) -> FileRefusal:
        """Where a row that the facts check refused stands in the files."""
        file, line = self.origins[refusal.kind].row(refusal.row)
        field_name = next((refusal.field.removesuffix(end) for end in FACT_ENDS if refusal.field.endswith(end)), "")
        field_name = field_name or refusal.field
        said = refusal.message
        if "in minor units" in said:  # elsewhere the figure is in the message without its unit
            said = said.replace(refusal.field, field_name)
        return FileRefusal(file, line, refusal.kind, refusal.key, field_name, refusal.code, said)


def load_files(folder: Path, mapping: Path | None = None) -> Loaded:
    """Everything in the folder that a mapping names, or that is named as a kind of facts is."""
    if not folder.is_dir():
        return _failed([Problem("NO_FOLDER", Position(str(folder), 1, 1), "is no folder.")])
    if mapping is not None:
        read, problems = read_mapping(mapping)
        if read is None:
            return _failed(problems)
        read, problems = with_suffixes(read, [path.name for path in folder.iterdir()])
        loaded = _failed(problems) if problems else _load(folder, read)
        return replace(loaded, digests={**loaded.digests, mapping.name: digest_of(mapping.read_bytes())})
    found, notices = _by_name(folder)
    problems = [notice for notice in notices if notice.severity == "error"]
    return _failed(notices) if problems else _load(folder, found, notices)


def _failed(problems: Sequence[Problem], digests: Mapping[str, str] | None = None) -> Loaded:
    errors = tuple(problem for problem in problems if problem.severity == "error")
    notices = tuple(problem for problem in problems if problem.severity == "notice")
    return Loaded(Facts(), problems=errors, notices=notices, digests=digests or {})


def _by_name(folder: Path) -> tuple[MappingFile, list[Problem]]:
    sources: dict[str, tuple[SourceMap, ...]] = {}
    problems: list[Problem] = []
    for path in sorted(folder.iterdir()):
        at = Position(path.name, 1, 1)
        if path.suffix not in SUFFIXES:
            continue
        if path.stem not in KINDS:
            near = did_you_mean(path.stem, KINDS)
            near = near if near.startswith(" Did") else ""
            problems.append(
                Problem("UNKNOWN_FILE", at, f"is named as no kind of facts; it is not read.{near}", "notice")
            )
        elif path.stem in sources:
            problems.append(
                Problem("FILE_TWICE", at, f"{sources[path.stem][0].file} is there as well. Keep one of them.")
            )
        else:
            sources[path.stem] = (SourceMap(path.name, {}),)
    if not sources and not problems:
        wanted = "deals.csv (or .parquet), participants.csv, assignments.csv, accounts.csv and so on"
        problems.append(Problem("NO_FILES", Position(str(folder), 1, 1), f"holds no files of facts. Wanted: {wanted}."))
    return MappingFile(sources), problems


def _load(folder: Path, mapping: MappingFile, notices: Sequence[Problem] = ()) -> Loaded:
    tables = {name: read_table(folder / name, separator=form.separator) for name, form in _files(mapping)}
    digests = {name: table.digest for name, table in tables.items()}
    problems = [*notices, *(problem for table in tables.values() for problem in table.problems)]
    if not _errors(problems):
        mapping = _named(mapping, tables)
        problems += _table_problems(mapping, tables)
        mapping = resolved(mapping, tables)
    if _errors(problems):
        return _failed(in_order(problems), digests)
    refusals = [refusal for table in tables.values() for refusal in table.refusals]
    raws = {kind: _raw(kind, mapping, tables, refusals) for kind in mapping.sources}
    notes = in_order([*problems, *_left_over(folder, mapping, tables)])
    counted = {name: _count(sources, tables) for name, sources in mapping.counted.items()}
    read = {kind: raw.height for kind, raw in raws.items()}
    deal_rows = _deal_rows(raws, mapping, tables)
    read |= {"deals": deal_rows.height} if "deals" in raws else {}
    facts, origins, unread = _facts(raws, _misfit_deals(mapping, tables))
    told = sorted([*refusals, *unread], key=lambda one: (one.file, one.line, one.kind, one.field, one.code))
    return Loaded(facts, tuple(told), (), tuple(notes), digests, read, counted, origins, deal_rows)


def _errors(problems: Sequence[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _files(mapping: MappingFile) -> Iterator[tuple[str, FileFormat]]:
    every = [source for sources in (*mapping.sources.values(), *mapping.counted.values()) for source in sources]
    for name in sorted({name for source in every for name in (source.file, *(a.file for a in source.among.values()))}):
        yield name, mapping.formats.get(name, FileFormat())


def _named(mapping: MappingFile, tables: Mapping[str, Table]) -> MappingFile:
    """A file found by its name has our columns; a source of a mapping file always says its own."""
    sources = {
        kind: tuple(source if source.columns else same_names(source.file, tables[source.file]) for source in listed)
        for kind, listed in mapping.sources.items()
    }
    return replace(mapping, sources=sources)


def _table_problems(mapping: MappingFile, tables: Mapping[str, Table]) -> Iterator[Problem]:
    for kind, sources in mapping.sources.items():
        for source in sources:
            table = tables[source.file]
            missing = list(column_problems(source, tables))
            at = source.at if source.at != NOWHERE else Position(source.file, 1, 1)
            yield from missing
            yield from header_problems(
                kind, at, list(source.columns), has_parts=bool({"deal_lines", "stages"} & set(mapping.sources))
            )
            if not missing:
                yield from type_problems(kind, at, mapped(kind, source, table, FileFormat(), sample=True)[0])
    for source in (source for sources in mapping.counted.values() for source in sources):
        yield from column_problems(source, tables)


def _raw(kind: str, mapping: MappingFile, tables: Mapping[str, Table], refusals: list[FileRefusal]) -> pl.DataFrame:
    """All rows of a kind from all its sources, under our column names, with FILE, LINE and ROW."""
    frames = []
    for source in mapping.sources[kind]:
        form = mapping.formats.get(source.file, FileFormat())
        rows, refused = mapped(kind, source, tables[source.file], form)
        frames.append(rows.with_columns(pl.lit(source.file).alias(FILE)))
        refusals += refused
    return _stacked(frames).with_row_index(ROW)


def _stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """A column that is typed alike everywhere stays so; any other becomes text."""
    if len(frames) == 1:
        return frames[0]
    types: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            types.setdefault(name, set()).add(dtype)
    mixed = {name for name, found in types.items() if len(found) > 1 and name != LINE}
    return pl.concat(
        [frame.with_columns(as_text(n, t).alias(n) for n, t in frame.schema.items() if n in mixed) for frame in frames],
        how="diagonal",
    )


def _count(sources: Sequence[SourceMap], tables: Mapping[str, Table]) -> int:
    return sum(taken(source, tables[source.file]).height for source in sources)


def _left_over(folder: Path, mapping: MappingFile, tables: Mapping[str, Table]) -> Iterator[Problem]:
    """What stands in the folder and nothing was made of: files, columns, rows. Only a mapping can leave any."""
    sources = [source for listed in mapping.sources.values() for source in listed]
    every = [*sources, *(source for listed in mapping.counted.values() for source in listed)]
    if all(source.at == NOWHERE for source in every):
        return
    for path in sorted(folder.iterdir()):
        if path.suffix in SUFFIXES and path.name not in tables:
            yield Problem("UNUSED_FILE", Position(path.name, 1, 1), "the mapping does not name this file.", "notice")
    for name, table in tables.items():
        here, at = [source for source in every if source.file == name], Position(name, 1, 1)
        used = {column for source in here for given in source.columns.values() for column in given.read}
        used |= {column for source in here for column in source.asked}
        lists = [among for source in every for among in source.among.values() if among.file == name]
        used |= {column for among in lists for column in (among.column, *among.where)}
        if unused := [column for column in table.frame.columns if column not in used and column != LINE]:
            listed = ", ".join(f"`{column}`" for column in unused)
            yield Problem("UNUSED_COLUMN", at, f"the mapping does not use {listed}.", "notice")
        lines = pl.concat([taken(source, table)[LINE] for source in here]).n_unique() if here else table.frame.height
        if lines < table.frame.height:
            rest = table.frame.height - lines
            yield Problem(
                "UNUSED_ROWS", at, f"{rest:,} of {table.frame.height:,} rows fit no `where` of the mapping.", "notice"
            )


# --- rows into facts

Read = tuple[Facts, dict[str, pl.DataFrame], list[FileRefusal]]


def _facts(raws: Mapping[str, pl.DataFrame], misfits: pl.DataFrame) -> Read:
    """The facts; file and line of each of their rows; and the rows that could not be read."""
    whole = {kind: raw.with_columns(_defaults(kind, raw)) for kind, raw in raws.items()}
    whole = _with_inline_quotas(whole)
    frames: dict[str, pl.DataFrame] = {}
    found: dict[str, pl.DataFrame] = {}
    for kind, raw in whole.items():
        frames[kind], found[kind] = typed(kind, _with_currency(kind, raw, whole))
    kept = _kept(whole, found, misfits)
    facts = {kind: _only(frame, kept.get(kind)) for kind, frame in frames.items()}
    origins = {kind: _only(raw.select(FILE, LINE), kept.get(kind)) for kind, raw in whole.items()}
    return Facts(**facts), origins, [one for kind in whole for one in _told(kind, whole[kind], found[kind])]


def _defaults(kind: str, raw: pl.DataFrame) -> list[pl.Expr]:
    """Of the keys by which rows find each other, before anything is typed."""
    return [
        pl.lit(value).cast(pl.String).alias(name)
        if name not in raw.columns
        else pl.col(name).fill_null(pl.lit(value).cast(pl.String))
        for name, value in defaults(kind).items()
        if name != "revision" and raw.schema.get(name, pl.String) == pl.String
    ]


def _with_inline_quotas(raws: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """`quota_amount` and `quota_per` of an assignment are a quota for every component of its plan."""
    assignments = raws.get("assignments", pl.DataFrame())
    if not set(INLINE_QUOTA) & set(assignments.columns):
        return raws
    names = dict(zip(INLINE_QUOTA, ("amount", "per"), strict=True))
    given = [name for name in INLINE_QUOTA if name in assignments.columns]
    rows = assignments.filter(pl.any_horizontal(pl.col(given).is_not_null()))
    rows = rows.select(
        FILE,
        LINE,
        *(name for name in TERMS if name in rows.columns),
        *(pl.col(name).alias(names[name]) for name in given),
    )
    listed = raws["quotas"].drop(ROW) if "quotas" in raws else None
    stacked = rows if listed is None else _stacked([listed, rows])
    return {**raws, "assignments": assignments.drop(given), "quotas": stacked.with_row_index(ROW)}


def _with_currency(kind: str, raw: pl.DataFrame, raws: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Lines and stages are in their deal's currency, quotas in their assignment's. Where that is missing, amounts are
    read anyhow: the facts check refuses the row for it."""
    amounts = [name for name, fact in file_columns(kind).items() if fact.endswith("_minor") and name != fact]
    if not set(amounts) & set(raw.columns):
        return raw
    if "currency_code" in SCHEMAS[kind]:
        code = pl.col("currency_code") if "currency_code" in raw.columns else pl.lit(None, dtype=pl.String)
        return raw.with_columns(exponents(code))
    owner, on = ("assignments", TERMS) if kind == "quotas" else ("deals", DEAL)
    owners = raws.get(owner, pl.DataFrame())
    if not {*on, "currency_code"} <= set(owners.columns) or not set(on) <= set(raw.columns):
        return raw.with_columns(exponents(pl.lit("UYW")))
    keys = [pl.col(name).cast(pl.String).alias(f"_{name}") for name in on]
    known = owners.select(*keys, *exponents(pl.col("currency_code")), _known=pl.lit(value=True)).unique(
        [f"_{name}" for name in on], keep="first", maintain_order=True
    )
    joined = raw.with_columns(keys).join(known, on=[f"_{name}" for name in on], how="left", maintain_order="left")
    most = pl.when(pl.col("_known").is_null()).then(pl.lit(MOST_DECIMALS)).otherwise(pl.col(EXPONENT))
    return joined.with_columns(most.alias(EXPONENT))


MOST_DECIMALS = max(EXPONENTS.values())


def _misfit_deals(mapping: MappingFile, tables: Mapping[str, Table]) -> pl.DataFrame:
    """Deals that a row with too many or too few fields names, as far as one can tell: they may lack a part."""
    frames = [pl.DataFrame(schema=dict.fromkeys(DEAL, pl.String))]
    for kind in ("deals", *PARTS):
        for source in mapping.sources.get(kind, ()):
            table = tables[source.file]
            if table.misfits.height:
                rows, _ = mapped(kind, replace(source, where={}), replace(table, frame=table.misfits), FileFormat())
                frames.append(rows.with_columns(_defaults(kind, rows)).select(_text(DEAL)))
    return pl.concat(frames).unique()


def _deal_rows(raws: Mapping[str, pl.DataFrame], mapping: MappingFile, tables: Mapping[str, Table]) -> pl.DataFrame:
    """Rows with too many or too few fields too."""
    frames = [raws["deals"].with_columns(_defaults("deals", raws["deals"]))] if "deals" in raws else []
    for source in mapping.sources.get("deals", ()):
        table = tables[source.file]
        if table.misfits.height:
            rows, _ = mapped("deals", source, replace(table, frame=table.misfits), FileFormat())
            frames.append(rows.with_columns(_defaults("deals", rows)))
    empty = pl.DataFrame(schema=dict.fromkeys(DEAL_ROW, pl.String))
    return pl.concat(
        [empty, *(frame.select(_text([n for n in DEAL_ROW if n in frame.columns])) for frame in frames)], how="diagonal"
    )


def _kept(
    raws: Mapping[str, pl.DataFrame], found: Mapping[str, pl.DataFrame], misfits: pl.DataFrame
) -> dict[str, pl.Series]:
    """Which rows stay, for kinds that lose any: a deal goes with all its parts, an assignment with its quotas."""
    lost = {
        kind: raws[kind][ROW].is_in(faults["row"].unique().implode()) for kind, faults in found.items() if faults.height
    }
    groups = (("deals", *PARTS), DEAL), (("assignments", "quotas"), TERMS)
    for kinds, on in groups:
        keyed = {kind: raws[kind] for kind in kinds if kind in raws and set(on) <= set(raws[kind].columns)}
        owners = kinds if kinds[0] == "deals" else kinds[:1]
        names = [keyed[kind].filter(lost[kind]).select(_text(on)) for kind in owners if kind in keyed and kind in lost]
        first = misfits if on == DEAL else pl.DataFrame(schema=dict.fromkeys(on, pl.String))
        gone = pl.concat([first, *names]).unique()
        for kind, raw in keyed.items() if gone.height else ():
            lost[kind] = (
                lost.get(kind, pl.repeat(value=False, n=raw.height, eager=True))
                | raw.select(_text(on)).select(pl.struct(on).is_in(gone.to_struct().implode())).to_series()
            )
    return {kind: ~rows for kind, rows in lost.items()}


def _text(names: Sequence[str]) -> list[pl.Expr]:
    return [pl.col(name).cast(pl.String) for name in names]


def _only(frame: pl.DataFrame, kept: pl.Series | None) -> pl.DataFrame:
    return frame if kept is None else frame.filter(kept)


def _told(kind: str, raw: pl.DataFrame, found: pl.DataFrame) -> Iterator[FileRefusal]:
    placed = found.join(raw.select(ROW, FILE, LINE), left_on="row", right_on=ROW, how="left")
    for row in placed.iter_rows(named=True):
        yield FileRefusal(row[FILE], row[LINE], kind, row["key"], row["field"], row["code"], row["message"])
