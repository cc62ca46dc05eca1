"""Rows of the tables as frames and values: what readers and the writer of a book have in common."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

import polars as pl

from compsvc.adapters.sql import Sql, instant, instant_text, only
from compsvc.adapters.sql_tables import TABLES, Table
from compsvc.core.changes import revisions
from compsvc.core.facts import ADJUSTMENTS, FIXED_EVENTS, HOLDS, SCHEMAS, Facts, Schema, empty
from compsvc.core.limits import CHUNK_ROWS
from compsvc.service.ports import (
    AlreadyExists,
    Loaded,
    Mutation,
    PlanRecord,
    PlanText,
)

ATTRIBUTE = "attributes."

Value = str | int | None
Values = tuple[Value, ...]
Key = tuple[str | int, ...]


# --- requests


def position_of(read: Sql) -> int:
    """The number of the last request that stored something."""
    return only(read.execute("SELECT max(request) FROM requests WHERE created + revised > 0"))[0] or 0


def last_erasure(read: Sql) -> int:
    """The number of the last request that erased a name; 0 where none has."""
    return only(read.execute("SELECT max(request) FROM erased_names"))[0] or 0


def last_entry(read: Sql, upto: int = 2**62) -> int:
    """The number of the last entry that a request up to `upto` has booked."""
    return only(read.execute("SELECT max(entry) FROM ledger_entries WHERE request <= ?", (upto,)))[0] or 0


def first_answer(read: Sql, mutation: Mutation) -> Loaded | None:
    asked = "SELECT request, fingerprint FROM requests WHERE request_id = ?"
    found = read.execute(asked, (mutation.request_id,)).fetchone()
    if found is None:
        return None
    if found[1] != mutation.fingerprint:
        message = f"The request id `{mutation.request_id}` was used for another request. Use a new one for each."
        raise AlreadyExists("REQUEST_ID_REUSED", message, resource_type="request", name=mutation.request_id)
    return loaded_by(read, found[0])


def first_answers(read: Sql, mutations: Sequence[Mutation]) -> dict[str, Loaded]:
    """By id those of the requests that were answered before."""
    ids = [mutation.request_id for mutation in mutations]
    asked = f"SELECT request_id FROM requests WHERE request_id IN ({', '.join('?' * len(ids))})"
    known = {row[0] for row in read.execute(asked, ids)}
    answers = {each.request_id: first_answer(read, each) for each in mutations if each.request_id in known}
    return {request_id: answer for request_id, answer in answers.items() if answer is not None}


def loaded_by(read: Sql, request: int) -> Loaded:
    counts = "SELECT created, unchanged, revised, recorded_time FROM requests WHERE request = ?"
    created, unchanged, revised, time = only(read.execute(counts, (request,)))
    position = request
    if created + revised == 0:
        last = "SELECT max(request) FROM requests WHERE created + revised > 0 AND request <= ?"
        position = only(read.execute(last, (request,)))[0] or 0
    return Loaded(created, unchanged, revised, position, instant(time))


def time_of(read: Sql, request: int) -> datetime:
    return instant(only(read.execute("SELECT recorded_time FROM requests WHERE request = ?", (request,)))[0])


# --- frames


def newest_rows(
    read: Sql, kind: str, known: Mapping[str, pl.DataFrame], *, above: int, upto: int
) -> dict[str, pl.DataFrame]:
    """Per table the newest version of every row as of `upto`, with its request; `known` are those as of `above`."""
    if kind in known and not _brought(read, kind, above=above, upto=upto):
        return dict(known)
    table = TABLES[kind]
    rows = _merged(read, known, kind, above=above, upto=upto)
    frames = {kind: rows.unique(subset=list(table.key), keep="last", maintain_order=True)}
    for child in table.children:
        rows = _merged(read, known, child, above=above, upto=upto)
        frames[child] = rows.join(frames[kind], on=[*table.key, "request"], how="semi")
    return frames


def _brought(read: Sql, kind: str, *, above: int, upto: int) -> bool:
    """Whether these requests brought rows of a kind; parts only come with their row. Its links are found by their
    key, where the rows themselves would all be looked at."""
    asked = "SELECT 1 FROM chain_links WHERE request > ? AND request <= ? AND table_name = ? LIMIT 1"
    return read.execute(asked, (above, upto, kind)).fetchone() is not None


def _merged(read: Sql, known: Mapping[str, pl.DataFrame], name: str, *, above: int, upto: int) -> pl.DataFrame:
    table = TABLES[name]
    select = f"SELECT {names((*table.key, 'request', *table.columns))} FROM {name}"
    asked = f"{select} WHERE request > ? AND request <= ? ORDER BY request"
    chunks = [known[name]] if name in known else [frame_of(name, [])]
    chunks += [frame_of(name, chunk) for chunk in read.chunks(asked, (above, upto), CHUNK_ROWS)]
    return pl.concat(chunks)


def frame_of(name: str, rows: Sequence[Values]) -> pl.DataFrame:
    """Rows of key, request and columns, typed as the facts say; '' in a key stays."""
    table = TABLES[name]
    columns = (*table.key, "request", *table.columns)
    values = zip(*rows, strict=True) if rows else ([] for _ in columns)
    schema = SCHEMAS.get(name, dict.fromkeys(("source", "external_id", "name", "value"), pl.String))
    return pl.DataFrame(
        [_series(column, items, schema.get(column, pl.Int64)) for column, items in zip(columns, values, strict=True)]
    )


def _series(column: str, items: Iterable[Value], dtype: object) -> pl.Series:
    if dtype == pl.Date:
        return pl.Series(column, items, dtype=pl.String).str.to_date("%Y-%m-%d")
    if dtype == pl.Datetime("us"):
        texts = pl.Series(column, items, dtype=pl.String).replace("", None)  # as it stands in a key
        return texts.str.to_datetime("%Y-%m-%dT%H:%M:%S%.6f", time_unit="us")
    if dtype == pl.Boolean:
        return pl.Series(column, items, dtype=pl.Int64).cast(pl.Boolean)
    if column == "replaces":
        lists = [None if item is None else json.loads(cast(str, item)) for item in items]
        return pl.Series(column, lists, dtype=pl.List(pl.String))
    return pl.Series(column, items, dtype=dtype)  # type: ignore[arg-type]


def facts_of(frames: Mapping[str, pl.DataFrame]) -> Facts:
    """Frames as the core declares them: without the request, with null where a key has ''."""
    found = {name: _declared(name, frame) for name, frame in frames.items() if name != "deal_attributes"}
    attributes = frames.get("deal_attributes")
    if attributes is not None and attributes.height:
        found["deals"] = _with_attributes(found["deals"], attributes)
    return Facts(**found)


def _declared(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    nullable = {"quotas": ["component"], "territories": ["industry", "region", "segment"]}.get(name, [])
    return frame[list(SCHEMAS[name])].with_columns(pl.col(nullable).replace("", None))


def _with_attributes(deals: pl.DataFrame, attributes: pl.DataFrame) -> pl.DataFrame:
    on = ["source", "external_id"]
    wide = attributes.sort("name").pivot(on="name", index=on, values="value", maintain_order=True)
    wide = wide.rename({name: ATTRIBUTE + name for name in wide.columns if name not in on})
    return deals.join(wide, on=on, how="left", maintain_order="left")


def deal_revisions(read: Sql, upto: int) -> pl.DataFrame:
    """What the revisions of deals that customers have changed have told, as of a position."""
    changed = "SELECT source, external_id FROM deals WHERE cause = 'customer_change' AND request <= ?"
    if read.execute(f"{changed} LIMIT 1", (upto,)).fetchone() is None:
        return empty("deal_revisions")
    frames = {}
    for name in ("deals", "deal_lines", "stages"):
        columns = names((*TABLES[name].key, "request", *TABLES[name].columns))
        asked = f"SELECT {columns} FROM {name} WHERE request <= ? AND (source, external_id) IN ({changed})"
        frames[name] = frame_of(name, read.execute(asked, (upto, upto)).fetchall())
    key = ["source", "external_id", "request"]
    numbers = frames["deals"].select(*key, "revision")
    return revisions(frames["deals"], *(frames[name].join(numbers, on=key) for name in ("deal_lines", "stages")))


# --- rows


def page_rows(
    read: Sql,
    kind: str,
    where: Mapping[str, str | int | date | datetime | None],
    *,
    after: Key | None,
    limit: int,
    upto: int,
    latest: bool,
) -> list[Values]:
    table = TABLES[kind]
    tests: list[str] = ["t.request <= ?"]
    values: list[Value] = [upto]
    if "revision" not in where:
        same_key = " AND ".join(f"n.{column} = t.{column}" for column in table.key)
        newer = f"SELECT 1 FROM {kind} n WHERE {same_key} AND n.request > t.request AND n.request <= ?"
        tests.append(f"NOT EXISTS ({newer})")
        values.append(upto)
    if latest:
        same_thing = " AND ".join(f"n.{column} = t.{column}" for column in table.key[:-1])
        later = f"SELECT 1 FROM {kind} n WHERE {same_thing} AND n.{table.history} > t.{table.history}"
        tests.append(f"NOT EXISTS ({later} AND n.request <= ?)")
        values.append(upto)
    for column, value in where.items():
        assert column in table.key + table.columns, column
        tests.append(f"t.{column} IS NOT DISTINCT FROM ?")
        values.append(_kept_value(value))
    if after is not None:
        tests.append(f"({', '.join('t.' + column for column in table.key)}) > ({', '.join('?' * len(table.key))})")
        values += after
    columns = ", ".join(f"t.{column}" for column in (*table.key, "request", *table.columns))
    order = names([f"t.{column}" for column in table.key])
    select = f"SELECT {columns} FROM {kind} t WHERE {' AND '.join(tests)} ORDER BY {order} LIMIT ?"
    return read.execute(select, (*values, limit)).fetchall()


def _kept_value(value: str | int | date | datetime | None) -> Value:
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else value


def child_rows_of(read: Sql, kind: str, child: str, main: Values) -> Iterator[Values]:
    parent = TABLES[kind]
    key, request = cast(Key, main[: len(parent.key)]), cast(int, main[len(parent.key)])
    own_key = len(TABLES[child].key) - len(parent.key)
    for values in own_rows(read, parent, child, key, request):
        yield (*key, *values[:own_key], request, *values[own_key:])


def own_rows(read: Sql, parent: Table, child: str, key: Key, request: int) -> Iterable[Values]:
    own = own_columns(parent, child)
    where = f"{equal(parent.key)} AND request = ?"
    return read.execute(f"SELECT {names(own)} FROM {child} WHERE {where} ORDER BY {names(own[:2])}", (*key, request))


def own_columns(parent: Table, child: str) -> tuple[str, ...]:
    return (*TABLES[child].key[len(parent.key) :], *TABLES[child].columns)


def names(columns: Sequence[str]) -> str:
    return ", ".join(columns)


def equal(columns: Sequence[str]) -> str:
    return " AND ".join(f"{column} = ?" for column in columns)


# --- other tables

RENAMED = {"transaction": "transaction_number"}


def typed_rows(read: Sql, table: str, schema: Schema, where: str, values: Sequence[Any], order: str) -> pl.DataFrame:
    """All rows of one table, as a schema says; its `transaction`, a word of SQL, is stored as `transaction_number`."""
    stored = [RENAMED.get(name, name) for name in schema]
    asked = f"SELECT {names(stored)} FROM {table} WHERE {where} ORDER BY {order}"
    texts = {name: pl.String if dtype == pl.Date else dtype for name, dtype in schema.items()}
    chunks = [pl.DataFrame(chunk, schema=texts, orient="row") for chunk in read.chunks(asked, values, CHUNK_ROWS)] or [
        pl.DataFrame(schema=texts)
    ]
    dates = [name for name, dtype in schema.items() if dtype == pl.Date]
    return pl.concat(chunks).with_columns(pl.col(name).str.to_date("%Y-%m-%d") for name in dates)


def fixed_events(read: Sql, upto: int) -> pl.DataFrame:
    """facts.FIXED_EVENTS as of a position."""
    return typed_rows(read, "fixed_events", FIXED_EVENTS, "request <= ?", (upto,), "request")


def accepted_adjustments(read: Sql, upto: int) -> pl.DataFrame:
    """facts.ADJUSTMENTS as of a position: those that somebody wrote, and another accepted by then."""
    columns = "adjustment_id, participant_id, plan, component, amount_minor, currency_code, pay_period, kind, reason"
    asked = f"SELECT {columns}, author, decider FROM adjustments "
    where = "WHERE request <= ? AND origin = 'manual' AND state = 'accepted' AND amount_minor <> 0 "
    where += "ORDER BY adjustment_id"
    rows = [
        (*row[:2], row[2] or None, row[3] or None, *row[4:6], date.fromisoformat(f"{row[6]}-01"), *row[7:])
        for row in read.execute(asked + where, (upto,)).fetchall()
    ]
    return pl.DataFrame(rows, schema=dict(ADJUSTMENTS), orient="row")


def holds_of(read: Sql, upto: int) -> pl.DataFrame:
    """facts.HOLDS as of a position, each in its latest state by then."""
    own = {"held_date": "pay_period", "free_date": "released_period"}
    columns = [own.get(name, name) for name in HOLDS]
    asked = f"SELECT {names(columns)} FROM holds WHERE request <= ? ORDER BY request"
    found = {row[0]: row for row in read.execute(asked, (upto,)).fetchall()}
    texts = {name: pl.String if dtype == pl.Date else dtype for name, dtype in HOLDS.items()}
    rows = pl.DataFrame(list(found.values()), schema=texts, orient="row")
    rows = rows.with_columns(pl.col(pl.String).replace("", None))
    return rows.with_columns((pl.col(name) + "-01").str.to_date("%Y-%m-%d") for name in own)


# --- plans

PLAN_COLUMNS = (
    *("request", "plan", "revision", "title", "effective_date", "currency_code", "corrects_revision", "file_name"),
    "source",
)
PLANS = f"SELECT {names(PLAN_COLUMNS)} FROM plans"


def plan_record(read: Sql, row: tuple[object, ...]) -> PlanRecord:
    request, plan, revision, title, effective, currency, corrects, file_name, source = cast(tuple[str, ...], row)
    terms = read.execute("SELECT file_name, source FROM plan_terms WHERE request = ? ORDER BY file_name", (request,))
    return PlanRecord(
        plan=plan,
        revision=revision,
        title=title,
        effective_date=date.fromisoformat(effective),
        currency_code=currency,
        corrects_revision=corrects,
        text=PlanText(file_name, source, dict(terms.fetchall())),
        position=int(request),
        recorded_time=time_of(read, int(request)),
    )


def stored_plan(read: Sql, record: PlanRecord) -> PlanRecord | None:
    found = read.execute(PLANS + " WHERE plan = ? AND revision = ?", (record.plan, record.revision)).fetchone()
    return None if found is None else plan_record(read, found)
