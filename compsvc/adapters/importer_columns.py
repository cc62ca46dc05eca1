"""The columns of a file as the typed columns of the facts; a value that cannot be read refuses its row, in words.

Amounts are major units as decimal text, in `NAME` for the fact `NAME_minor`; `NAME_minor` itself takes whole minor
units. No value passes through a binary float, and a float column is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from compsvc.core.checks import REQUIRED
from compsvc.core.checks_rules import KEYS, said
from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import SCHEMAS
from compsvc.core.problems import Position, Problem, did_you_mean

WRITES = " (this file writes "  # put behind what is no number as its file is set, with one that is
NO_NUMBER_OF_ITS_FILE = rf"^(.*){re.escape(WRITES)}(.*)\)$"
EXPONENT = "_exponent"  # the decimals of the row's currency, put there before amounts are read
HIDDEN = "_"  # columns that begin with it are ours
RATIOS = ("share", "rate")  # in a file one column, in the facts a numerator and a denominator
INLINE_QUOTA = ("quota_amount", "quota_per")
AMOUNT = r"^-?(?:[0-9]{1,3}(?:_[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?$"
RATE = r"^([0-9]{1,9})(?:\.([0-9]{1,9}))?$"
PERCENT = r"^([0-9]+)(?:\.([0-9]+))? ?%$"
DECIMAL = r"^([01])(?:\.([0-9]+))?$"
RATIO = r"^([0-9]+) ?/ ?([0-9]+)$"


class Column(NamedTuple):
    """How the columns of a fact come out of the columns of a file. A value that is null where the file's `field` is not
    could not be read; then `code` and `message` say why. Without a code nothing can go wrong."""

    values: list[pl.Expr]
    field: str = ""
    code: pl.Expr | None = None
    message: pl.Expr | None = None


def file_columns(kind: str) -> dict[str, str]:
    """The columns that a file of this kind may have, each with the fact it is for."""
    names: dict[str, str] = {}
    for name in SCHEMAS[kind]:
        if name.endswith("_minor"):
            names |= {name.removesuffix("_minor"): name, name: name}
        elif name == "share_num":
            names |= {"share": "share_num", "share_num": "share_num", "share_den": "share_den"}
        elif name.endswith("_ppm"):
            names |= {name.removesuffix("_ppm"): name, name: name}
        elif name == "rate_num":
            names |= {"rate": "rate_num", "rate_num": "rate_num", "rate_den": "rate_den"}
        else:
            names[name] = name
    if kind == "accounts":
        names["display_name"] = "name"
    if kind == "assignments":
        names |= dict.fromkeys(INLINE_QUOTA, "")
    return names


def defaults(kind: str) -> dict[str, str | int]:
    """What an empty cell or a missing column stands for. A deal's lines are numbered by their writer."""
    of_kind: dict[str, dict[str, str | int]] = {"deals": {"revision": 1}, "stages": {"line": 1}}
    return ({"source": "file"} if "source" in SCHEMAS[kind] else {}) | of_kind.get(kind, {})


def header_problems(kind: str, at: Position, columns: Sequence[str], *, has_parts: bool) -> Iterator[Problem]:
    """Columns that are missing (errors) and columns that nobody knows (notices)."""
    known = file_columns(kind)
    given = {known[name] for name in columns if name in known}
    given |= {f"{ratio}_den" for ratio in RATIOS if ratio in columns}
    strange = [name for name in columns if name not in known and not _may_have(kind, name)]
    for fact in REQUIRED[kind]:
        name = next(name for name, is_for in known.items() if is_for == fact)
        if fact not in given and fact not in defaults(kind) and fact != "position":
            found = f"Found: {', '.join(f'`{column}`' for column in columns)}."
            yield Problem("MISSING_COLUMN", at, f"{kind} need the column `{name}`. {found}{_near(name, strange)}")
    if kind == "deals" and not has_parts and not {"annual_value_minor", "one_time_value_minor"} & given:
        yield Problem(
            "MISSING_COLUMN", at, "deals need `annual_value`, `one_time_value` or both, or a file of deal_lines."
        )
    for name in strange:
        near = _near(name, sorted(set(known) - set(columns)))
        yield Problem("UNKNOWN_COLUMN", at, f"`{name}` is no column of {kind}; it is not read.{near}", "notice")
    for name, fact in known.items():
        if fact.endswith(("_minor", "_ppm")) and name != fact and {name, fact} <= set(columns):
            yield Problem("COLUMN_TWICE", at, f"`{name}` and `{fact}` say the same thing. Keep one of them.")


def _near(word: str, known: Sequence[str]) -> str:
    said = did_you_mean(word, known)
    return said if said.startswith(" Did") else ""


def _may_have(kind: str, name: str) -> bool:
    return name.startswith(HIDDEN) or (kind == "deals" and name.startswith("attributes.") and len(name) > 11)


def type_problems(kind: str, at: Position, frame: pl.DataFrame) -> Iterator[Problem]:
    """Columns of a Parquet file whose type cannot hold the fact exactly."""
    for name, fact in file_columns(kind).items():
        dtype = frame.schema.get(name)
        if dtype is not None and not _readable(dtype, fact, name):
            wanted = _wanted(fact, name)
            yield Problem("COLUMN_TYPE", at, f"`{name}` is {dtype}, which is not exact here. {wanted}")


def _readable(dtype: pl.DataType, fact: str, name: str) -> bool:
    if dtype in (pl.String, pl.Null, pl.Categorical, pl.Enum) or dtype.is_integer():
        return True
    target = next((schema[fact] for schema in SCHEMAS.values() if fact in schema), None)
    if isinstance(dtype, pl.Decimal):
        counts = target == pl.Int64 and not fact.endswith(("_minor", "_ppm", "_num", "_den"))
        return name != fact or name in INLINE_QUOTA or counts
    return (
        dtype == target
        or (dtype.is_temporal() and target in (pl.Date, pl.Datetime("us")))
        or (isinstance(dtype, pl.List) and isinstance(target, pl.List))
    )


def _wanted(fact: str, name: str) -> str:
    if fact.endswith("_minor") or name in INLINE_QUOTA:
        return f"Write `{fact or name}` as Int64 minor units where there is such a column, or decimal text or Decimal."
    return "Write it as text, or in the type of the fact."


# --- values


def typed(kind: str, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows as facts, aligned with `raw`, and what could not be read: row, key, field, code, message.

    `raw` has `_row`, and where amounts are to be read `exponents`."""
    columns = [_column(kind, raw, name, dtype) for name, dtype in SCHEMAS[kind].items() if not name.endswith("_den")]
    extra = [pl.col(name).cast(pl.String) for name in raw.columns if kind == "deals" and name.startswith("attributes.")]
    frame = raw.lazy().select(*(value for column in columns for value in column.values), *extra).collect()
    found = [_unread(kind, raw, frame, column) for column in columns if column.code is not None]
    return frame, pl.concat([pl.DataFrame(schema=UNREAD), *found])


UNREAD = {"row": pl.Int64, "key": pl.String, "field": pl.String, "code": pl.String, "message": pl.String}


def _unread(kind: str, raw: pl.DataFrame, frame: pl.DataFrame, column: Column) -> pl.DataFrame:
    assert column.code is not None
    assert column.message is not None
    value = column.values[0].meta.output_name()
    unread = raw[column.field].is_not_null() & frame[value].is_null()
    if not unread.any():
        return pl.DataFrame(schema=UNREAD)
    rows = raw.filter(unread)
    key = [pl.col(name).cast(pl.String).fill_null("?") for name in KEYS[kind] if name in rows.columns]
    return rows.select(
        row=pl.col("_row").cast(pl.Int64),
        key=pl.concat_str(key, separator="/") if key else pl.lit(""),
        field=pl.lit(column.field),
        code=column.code,
        message=column.message,
    )


def _column(kind: str, raw: pl.DataFrame, name: str, dtype: pl.DataType | type[pl.DataType]) -> Column:
    if name.endswith("_num"):
        return _ratio(raw, name.removesuffix("_num"))
    if name.endswith("_ppm") and name.removesuffix("_ppm") in raw.columns:
        return _percentage(name.removesuffix("_ppm"))
    if name.endswith("_minor") and name.removesuffix("_minor") in raw.columns:
        return _amount(raw, name.removesuffix("_minor"), name)
    if name == "name" and "display_name" in raw.columns:
        return Column([pl.col("display_name").cast(pl.String).alias(name)])
    if name not in raw.columns:
        return Column([_default(kind, name, dtype)])
    column = _plain(name, raw.schema[name], dtype)
    if (default := defaults(kind).get(name)) is not None:  # for an empty cell, not for one that cannot be read
        value = pl.when(pl.col(name).is_null()).then(pl.lit(default, dtype=dtype)).otherwise(column.values[0])
        return column._replace(values=[value.alias(name)])
    return column


def _default(kind: str, name: str, dtype: pl.DataType | type[pl.DataType]) -> pl.Expr:
    if name == "position":
        return pl.col("_row").cast(pl.Int64).alias(name)
    return pl.repeat(defaults(kind).get(name), pl.len(), dtype=dtype).alias(name)


def _plain(name: str, given: pl.DataType, dtype: pl.DataType | type[pl.DataType]) -> Column:
    """A typed column passes as it is; text is read."""
    if isinstance(given, pl.Datetime) and given != dtype:
        return _from_instant(name, given, dtype)
    passes = given == dtype or dtype == pl.String or given in (pl.Null, pl.Date) or isinstance(given, pl.List)
    if passes or (dtype == pl.Int64 and given.is_integer()):
        return Column([pl.col(name).cast(dtype)])
    text = pl.col(name).cast(pl.String)
    if isinstance(dtype, pl.List):
        return Column([text.str.split(";").list.eval(pl.element().str.strip_chars()).alias(name)])
    value, code, wanted = _READERS[str(dtype)](text)
    return Column([value.alias(name)], name, pl.lit(code), said(f"{name} `{{}}` is {wanted}", text))


def _from_instant(name: str, given: pl.Datetime, dtype: pl.DataType | type[pl.DataType]) -> Column:
    """With a zone it becomes UTC, without one it is UTC; as a date it must be midnight, else a day would be guessed."""
    if dtype == pl.Date:
        value = pl.when(pl.col(name).dt.truncate("1d") == pl.col(name)).then(pl.col(name).dt.date())
        message = said(f"{name} {{}} is an instant; a date is wanted.", pl.col(name))
        return Column([value.alias(name)], name, pl.lit("BAD_DATE"), message)
    utc = pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None) if given.time_zone else pl.col(name)
    return Column([utc.cast(pl.Datetime("us")).alias(name)])


def _date(text: pl.Expr) -> tuple[pl.Expr, str, str]:
    """Ten characters that begin with a digit: what strptime would let pass besides is no ISO date."""
    is_iso = (text.str.len_bytes() == 10) & (text.str.slice(0, 1) >= "0")
    value = pl.when(is_iso).then(text.str.to_date("%Y-%m-%d", strict=False))
    return value, "BAD_DATE", "no date. Write year-month-day, as `2026-01-31`."


def _instant(text: pl.Expr) -> tuple[pl.Expr, str, str]:
    midnight = _date(text)[0].cast(pl.Datetime("us"))
    iso = text.str.replace(" ", "T", literal=True)
    zoned = [iso.str.to_datetime(form, strict=False, time_unit="us") for form in _INSTANT_FORMS]
    value = pl.coalesce(midnight, *(item.dt.replace_time_zone(None) for item in zoned))
    return value, "BAD_INSTANT", "no instant. Write a date, or a time with its offset, as `2026-01-31T14:30:00+01:00`."


_INSTANT_FORMS = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z")


def _integer(text: pl.Expr) -> tuple[pl.Expr, str, str]:
    """`5.0` is 5: programs that know no whole numbers write it so."""
    whole = text.str.contains(r"^-?[0-9]{1,18}(?:\.0+)?$")
    value = pl.when(whole).then(text.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False))
    return value, "BAD_NUMBER", "no whole number of up to 18 digits."


def _flag(text: pl.Expr) -> tuple[pl.Expr, str, str]:
    words = {"yes": True, "true": True, "no": False, "false": False}
    value = text.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
    return value, "NOT_YES_OR_NO", "neither `yes` nor `no`."


_READERS = {
    "Date": _date,
    str(pl.Datetime("us")): _instant,
    "Int64": _integer,
    "Boolean": _flag,
}


# --- amounts and shares


def _amount(raw: pl.DataFrame, name: str, fact: str) -> Column:
    """Exact: the digits without their point, times ten for each decimal that is not written; in 128 bits, so that
    nothing wraps."""
    text = _decimal_text(name, raw.schema[name])
    is_amount, exponent = text.str.contains(AMOUNT), pl.col(EXPONENT)
    point = text.str.find(".", literal=True)
    decimals = pl.when(point.is_null()).then(0).otherwise(text.str.len_bytes() - point - 1).cast(pl.Int64)
    fits = decimals <= exponent
    digits = text.str.replace_all("_", "", literal=True).str.replace(".", "", literal=True).cast(pl.Int64, strict=False)
    times = (exponent - decimals).replace_strict({i: 10**i for i in range(5)}, default=None, return_dtype=pl.Int128)
    value = pl.when(is_amount & fits).then((digits.cast(pl.Int128) * times).cast(pl.Int64, strict=False))
    return Column([value.alias(fact)], name, *_amount_faults(name, text, is_amount, fits))


def _amount_faults(name: str, text: pl.Expr, is_amount: pl.Expr, fits: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    currency, exponent = pl.col("_currency"), pl.col(EXPONENT)
    no_amount = "no amount. Write decimals after a point, thousands as `5_000`, and no sign of a currency."
    too_fine = f"{name} `{{}}` has more decimals than {{}}, which has {{}}. Amounts are exact; none is rounded here."
    foreign, sample = (text.str.extract(NO_NUMBER_OF_ITS_FILE, part) for part in (1, 2))
    as_set = "Write it as `{}`, as the mapping sets this file."
    cases = [
        (foreign.is_not_null(), "BAD_AMOUNT", said(f"{name} `{{}}` is no amount. {as_set}", foreign, sample)),
        (~is_amount, "BAD_AMOUNT", said(f"{name} `{{}}` is {no_amount}", text)),
        (exponent.is_null(), "UNKNOWN_CURRENCY", said(f"{name} {{}} is in no known currency: `{{}}`.", text, currency)),
        (~fits, "MORE_DECIMALS_THAN_CURRENCY", said(too_fine, text, currency, exponent)),
        (pl.lit(value=True), "AMOUNT_TOO_LARGE", said(f"{name} {{}} is too large to be an amount.", text)),
    ]
    codes = [pl.when(holds).then(pl.lit(code)) for holds, code, _ in cases]
    return pl.coalesce(codes), pl.coalesce([pl.when(holds).then(message) for holds, _, message in cases])


def _decimal_text(name: str, given: pl.DataType) -> pl.Expr:
    """A Decimal column's trailing zeros are its type's, not its writer's."""
    text = pl.col(name).cast(pl.String)
    if isinstance(given, pl.Decimal) and given.scale:
        return text.str.strip_chars_end("0").str.strip_chars_end(".")
    return text


def _ratio(raw: pl.DataFrame, name: str) -> Column:
    """A share or a rate of exchange."""
    names = (f"{name}_num", f"{name}_den")
    if name not in raw.columns and not set(names) <= set(raw.columns):
        return Column([pl.lit(None, dtype=pl.Int64).alias(part) for part in names])
    if name not in raw.columns:
        read = _plain(names[0], raw.schema[names[0]], pl.Int64)
        return read._replace(values=[*read.values, *_plain(names[1], raw.schema[names[1]], pl.Int64).values])
    text = _decimal_text(name, raw.schema[name])
    forms, code, wanted = _share_forms(text) if name == "share" else _rate_forms(text)
    num, den = (pl.coalesce(pl.when(text.str.contains(form[0])).then(form[at]) for form in forms) for at in (1, 2))
    whole = num.is_not_null() & den.is_not_null()
    values = [pl.when(whole).then(part).alias(column) for column, part in zip(names, (num, den), strict=True)]
    return Column(values, name, pl.lit(code), said(f"{name} `{{}}` is {wanted}", text))


Forms = tuple[list[tuple[str, pl.Expr, pl.Expr]], str, str]  # each: what it looks like, numerator, denominator


def _share_forms(text: pl.Expr) -> Forms:
    forms = [
        (PERCENT, _digits(text, PERCENT), 100 * _scale(text, PERCENT)),
        (RATIO, _int(text.str.extract(RATIO, 1)), _int(text.str.extract(RATIO, 2))),
        (DECIMAL, _digits(text, DECIMAL), _scale(text, DECIMAL)),
    ]
    return forms, "BAD_SHARE", "no share. Write it as `50%`, `1/3` or `0.5`, with at most seven decimals."


def _rate_forms(text: pl.Expr) -> Forms:
    """Rates have more digits than shares: nine before the point and nine behind it."""
    digits = text.str.extract(RATE, 1) + text.str.extract(RATE, 2).fill_null("")
    forms = [
        (RATE, _int(digits), _scale(text, RATE, most=9)),
        (RATIO, _int(text.str.extract(RATIO, 1)), _int(text.str.extract(RATIO, 2))),
    ]
    return forms, "BAD_RATE", "no rate. Write it as `1.0845` with at most nine decimals, or as a ratio `1/3`."


def _percentage(name: str) -> Column:
    text = pl.col(name).cast(pl.String)
    exact = text.str.contains(PERCENT) & (text.str.extract(PERCENT, 2).fill_null("").str.len_bytes() <= 4)
    value = pl.when(exact).then(_digits(text, PERCENT) * 10_000 // _scale(text, PERCENT))
    message = said(f"{name} `{{}}` is no percentage with at most four decimals. Write it as `12.5%`.", text)
    return Column([value.alias(f"{name}_ppm")], name, pl.lit("BAD_SHARE"), message)


def _digits(text: pl.Expr, pattern: str) -> pl.Expr:
    """The number without its point; null beyond nine digits, which no limit allows anyway."""
    digits = text.str.extract(pattern, 1) + text.str.extract(pattern, 2).fill_null("")
    return pl.when(digits.str.len_bytes() <= 9).then(_int(digits))


def _scale(text: pl.Expr, pattern: str, *, most: int = 7) -> pl.Expr:
    decimals = text.str.extract(pattern, 2).fill_null("").str.len_bytes()
    return decimals.replace_strict({i: 10**i for i in range(most + 1)}, default=None, return_dtype=pl.Int64)


def _int(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Int64, strict=False)


def exponents(currency: pl.Expr) -> list[pl.Expr]:
    """EXPONENT and `_currency` of each row; null where the code is none."""
    exponent = currency.cast(pl.String).replace_strict(dict(EXPONENTS), default=None, return_dtype=pl.Int64)
    return [exponent.alias(EXPONENT), currency.cast(pl.String).alias("_currency")]
