"""What a mapping makes of a column: joined, respelled, read as a date in its own form, numbered. It computes nothing.

Everything comes out as text in our spelling, or as it is typed. A float is left as it is, so that it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from compsvc.adapters.importer_columns import WRITES, file_columns
from compsvc.adapters.importer_files import LINE
from compsvc.core.facts import SCHEMAS
from compsvc.core.problems import Position

NOWHERE = Position("", 1, 1)
UNITS = ("percent", "fraction", "day")
FRACTION = r"^-?([0-9]*)(?:\.([0-9]*))?$"


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """`value` is a constant; else the column, or several joined, with spellings put right and other words for nothing.

    `formats` are date formats in Polars' spelling, `zone` is where a clock without an offset stands, `unit` what a bare
    number is one of, and `number_within` a column within whose values the rows are counted from 1."""

    column: str = ""
    columns: tuple[str, ...] = ()
    between: str = " "
    value: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ()
    default: str | None = None
    formats: tuple[str, ...] = ()
    zone: str | None = None
    unit: str | None = None
    number_within: str = ""
    by: str = ""
    at: Position = NOWHERE

    @property
    def read(self) -> tuple[str, ...]:
        """The columns of the file that it reads."""
        return tuple(name for name in (self.column, *self.columns, self.number_within, self.by) if name)


@dataclass(frozen=True, slots=True)
class FileFormat:
    separator: str = ","
    decimal: str = "."
    thousands: str = ""


def target(kind: str, name: str) -> object:
    """The type of the fact that a column of a file becomes."""
    return SCHEMAS[kind].get(file_columns(kind).get(name, ""))


def is_amount(kind: str, name: str) -> bool:
    fact = file_columns(kind).get(name, "")
    return (fact.endswith("_minor") and name != fact) or name in ("quota_amount", "rate")


def respelled(column: ColumnMap, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """All but dates and numbers: those are read from what stands here."""
    if column.value is not None:
        return pl.lit(column.value)
    if column.number_within:
        return _numbered(column)
    if column.columns:
        parts = [as_text(name, schema[name]) for name in column.columns]
        joined = pl.concat_str(parts, separator=column.between, ignore_nulls=True)
        value: pl.Expr = pl.when(joined != "").then(joined)
    elif column.empty or column.values or column.default is not None:
        value = as_text(column.column, schema[column.column])
    else:
        value = pl.col(column.column)
    if column.empty:
        value = pl.when(~value.is_in(list(column.empty))).then(value)
    if column.values:
        value = value.replace(dict(column.values))
    return value if column.default is None else value.fill_null(pl.lit(column.default))


def _numbered(column: ColumnMap) -> pl.Expr:
    """In the order of the file, or of another column; equal ones in the order of the file."""
    order = pl.col(column.by).cast(pl.String).fill_null("") if column.by else pl.col(LINE)
    return order.rank("ordinal").over(column.number_within).cast(pl.Int64)


def as_text(name: str, given: pl.DataType) -> pl.Expr:
    """A typed column as it would be written: no zeros that are its type's alone, instants with their offset."""
    value = pl.col(name)
    if isinstance(given, pl.Decimal):
        text = value.cast(pl.String)
        return text.str.strip_chars_end("0").str.strip_chars_end(".") if given.scale else text
    if isinstance(given, pl.Datetime):
        utc = value.dt.convert_time_zone("UTC") if given.time_zone else value
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    if isinstance(given, pl.List):
        return value.cast(pl.List(pl.String)).list.join(";")
    return value.cast(pl.String)


def read_as(column: ColumnMap, name: str, given: pl.DataType, wanted: object, form: FileFormat | None) -> pl.Expr:
    """The column `name`, which is respelled, with its date, unit or number read. `form` where it is an amount."""
    value = pl.col(name)
    if column.formats:
        return _time(column, value, given, wanted)
    if column.unit is not None:
        text = as_text(name, given)
        return _percent_of(text) if column.unit == "fraction" else text + pl.lit("%")
    if form is not None and (form.decimal != "." or form.thousands) and given == pl.String:
        return _number(value, form)
    return value


# --- dates and instants


def _time(column: ColumnMap, value: pl.Expr, given: pl.DataType, wanted: object) -> pl.Expr:
    """A date is that of the clock in `zone`; an instant is told in UTC, or as that date. What is typed needs none."""
    if given == pl.Date:
        return value
    if isinstance(given, pl.Datetime):
        moments = [_in_zone(value, column.zone, zoned=given.time_zone is not None)]
    else:
        moments = [_parsed(value, one, column.zone) for one in column.formats]
    if wanted == pl.Date or column.unit == "day":
        return pl.coalesce(moment.dt.strftime("%Y-%m-%d") for moment in moments)
    return pl.coalesce(_utc_text(moment, has_zone=column.zone is not None) for moment in moments)


def _parsed(value: pl.Expr, form: str, zone: str | None) -> pl.Expr:
    if not re.search("%[HI]", form):
        return value.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    zoned = "%#z" in form
    return _in_zone(value.str.to_datetime(form, strict=False, time_unit="us"), zone, zoned=zoned)


def _in_zone(moment: pl.Expr, zone: str | None, *, zoned: bool) -> pl.Expr:
    """Hours that a clock shows twice are the earlier ones; those that it skips are none."""
    if zone is None:
        return moment
    if zoned:
        return moment.dt.convert_time_zone(zone)
    return moment.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")


def _utc_text(moment: pl.Expr, *, has_zone: bool) -> pl.Expr:
    utc = moment.dt.convert_time_zone("UTC") if has_zone else moment
    return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")


DATE_PARTS = ("Yy", "mbB", "d")
TIME_PARTS = ("H", "I", "M", "S", "f", "p", "z")


def format_problem(text: str) -> str:
    """What is wrong with a date format; nothing where it is one."""
    parts = re.findall("%(.)", text)
    once = all(sum(part in group for part in parts) == 1 for group in DATE_PARTS)
    known = set("".join((*DATE_PARTS, *TIME_PARTS)))
    if not once or len(parts) != len(set(parts)) or not set(parts) <= known:
        return "a date format has %Y, %m and %d, once each, as in `%d.%m.%Y`, and may have %H, %M, %S, %f, %p and %z."
    return ""


def in_polars(text: str) -> str:
    """Fractions of a second with their point, offsets with or without a colon, or `Z`."""
    return text.replace(".%f", "%.f").replace("%z", "%#z")


# --- numbers


def _percent_of(text: pl.Expr) -> pl.Expr:
    """`0.125` as `12.5%`: the point two places on, so that nothing is computed."""
    whole, decimals = text.str.extract(FRACTION, 1), text.str.extract(FRACTION, 2).fill_null("")
    padded = decimals.str.pad_end(2, "0")
    digits = (whole + padded.str.slice(0, 2)).str.strip_chars_start("0")
    shown = pl.when(digits == "").then(pl.lit("0")).otherwise(digits)
    rest = padded.str.slice(2).str.strip_chars_end("0")
    behind = pl.when(rest == "").then(pl.lit("")).otherwise(pl.lit(".") + rest)
    fits = text.str.contains(FRACTION) & text.str.contains(r"[0-9]") & ~text.str.starts_with("-")
    return pl.when(fits).then(shown + behind + pl.lit("%")).otherwise(text)


def _number(text: pl.Expr, form: FileFormat) -> pl.Expr:
    """`1.234,56` as `1234.56` where it is written so; anything else stays, and is refused as no amount."""
    mark, point = re.escape(form.thousands), re.escape(form.decimal)
    grouped = rf"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+" if form.thousands else "[0-9]+"
    shape = rf"^-?(?:{grouped}|[0-9]+)(?:{point}[0-9]+)?$"
    plain = text.str.replace_all(form.thousands, "", literal=True) if form.thousands else text
    plain = plain.str.replace(form.decimal, ".", literal=True)
    foreign = text + pl.lit(f"{WRITES}5{form.thousands}000{form.decimal}00)")
    return pl.when(text.is_null()).then(None).when(text.str.contains(shape)).then(plain).otherwise(foreign)


def zone_exists(zone: str) -> bool:
    try:
        pl.Series([0]).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone)
    except pl.exceptions.PolarsError:
        return False
    return True


def formats_told(formats: Sequence[str]) -> str:
    return " or ".join(f"`{form.replace('%.f', '.%f').replace('%#z', '%z')}`" for form in formats)
