"""What a request changes: its rows compared with what is stored, and those that say something new written beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, cast

import polars as pl

from compsvc.adapters.sql import Sql
from compsvc.adapters.sql_rows import ATTRIBUTE, PLAN_COLUMNS, Key, Value, Values, equal, names, own_columns, own_rows
from compsvc.adapters.sql_tables import TABLES
from compsvc.core.changes import AMOUNTS, CUSTOMER_CHANGE, OF_REVISION, VALUES, asks_for_cause, lowered
from compsvc.core.facts import DEAL_REVISIONS, Facts, joined
from compsvc.core.limits import KEYS_AT_ONCE
from compsvc.service.ports import (
    KINDS,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    Loaded,
    PlanRecord,
    Violation,
)

_INSTANT = "%Y-%m-%dT%H:%M:%S%.6f"


class _Version(NamedTuple):
    """One version of a row: the values of `columns`, and per child table its rows (key of its own, then columns)."""

    row: int  # in the frame that brought it; -1 where it is stored
    values: Values
    children: tuple[tuple[Values, ...], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Of one kind what a request tells, what of that is stored in another version, and what says something new."""

    kind: str
    told: Mapping[Key, _Version]
    known: Set[Key]
    new: Mapping[Key, _Version]

    @property
    def created(self) -> int:
        return len(self.told.keys() - self.known)

    @property
    def unchanged(self) -> int:
        return len(self.told) - len(self.new)

    @property
    def revised(self) -> int:
        return len(self.new) - self.created

    def of(self, rows: range) -> Change:
        """What these rows of the frame tell."""
        told = {key: version for key, version in self.told.items() if version.row in rows}
        return Change(self.kind, told, self.known, {key: told[key] for key in self.new.keys() & told.keys()})


def changes_of(read: Sql, facts: Facts) -> list[Change]:
    """By kind what comes, compared with what is stored, key by key."""
    return [_change_of(read, kind, facts) for kind in KINDS if getattr(facts, kind).height]


def changes_of_each(read: Sql, batches: Sequence[Facts]) -> list[list[Change]]:
    """The same for batches of deals, each of other ones and all told in the same columns, looked at in one go."""
    change, start, found = _change_of(read, "deals", joined(batches)), 0, []
    for facts in batches:
        found.append([change.of(range(start, start + facts.deals.height))])
        start += facts.deals.height
    return found


def _change_of(read: Sql, kind: str, facts: Facts) -> Change:
    told = _versions(kind, facts)
    known = _newest(read, kind, told)
    if kind == "deals":
        _must_be_told_right(read, {key: (version, known[key]) for key, version in told.items() if key in known})
    new = {key: each for key, each in told.items() if not _says_the_same(read, kind, key, each, known.get(key))}
    return Change(kind, told, known.keys(), new)


Revised = Mapping[Key, tuple[_Version, _Version]]  # the version that comes, and the latest that is stored


def _must_be_told_right(read: Sql, revised: Revised) -> None:
    """Every deal that must be refused is named at once."""
    faults = {key: list(_revision_faults(read, key, *pair)) for key, pair in revised.items()}
    if conflicting := [key for key, found in faults.items() if found]:
        raise _conflict("/".join(map(str, conflicting[0])), [each for found in faults.values() for each in found])
    told_besides = (each for pair in revised.values() for each in _told_besides(*pair))
    if of_causes := [*told_besides, *_causes_missing(revised)]:
        message = f"{of_causes[0].message} Nothing was stored."
        raise InvalidArgument("FACTS_REFUSED", message, of_causes, kind="deals", count=str(len(of_causes)))


def _says_the_same(read: Sql, kind: str, key: Key, version: _Version, stored: _Version | None) -> bool:
    if stored is None:
        return False
    if kind == "deals" and version.values[0] != stored.values[0]:
        return _of_revision(read, key, version.values[0]) is not None  # an old report, sent again
    return not _differences(kind, version, stored)


def _revision_faults(read: Sql, key: Key, version: _Version, latest: _Version) -> Iterator[Violation]:
    """A revision that is stored says the same as before; a new one is higher than the latest."""
    revision, known = cast(int, version.values[0]), cast(int, latest.values[0])
    place = f"deals[{version.row}]"
    same = latest if revision == known else _of_revision(read, key, revision)
    if same is not None:
        for column in _differences("deals", version, same):
            message = f"Revision {revision} is stored with another {column}. Send what changed as revision {known + 1}."
            yield Violation(f"{place}.{column}", "REVISION_DIFFERS", message)
    elif revision < known:
        message = f"Revision {revision} is below the latest stored one, {known}. Send revision {known + 1} or higher."
        yield Violation(f"{place}.revision", "REVISION_NOT_NEWER", message)


def _told_besides(version: _Version, latest: _Version) -> Iterator[Violation]:
    """What a new customer change tells otherwise besides what the lines are worth: that would calculate the deal anew,
    where only the loss is to be (L4)."""
    said, was = _deal(version), _deal(latest)
    if said["cause"] != CUSTOMER_CHANGE or cast(int, said["revision"]) <= cast(int, was["revision"]):
        return
    others = [name for name in said if name not in (*AMOUNTS, "revision", *OF_REVISION) and said[name] != was[name]]
    for child, now, before in zip(TABLES["deals"].children, version.children, latest.children, strict=True):
        own = own_columns(TABLES["deals"], child)
        known = {_but_amounts(own, row) for row in before}
        same = known == {_but_amounts(own, row) for row in now}
        fewer = child in ("deal_lines", "stages") and all(_but_amounts(own, row) in known for row in now)
        if not (same or fewer):
            others.append(child)
    for name in others:
        message = f"This customer change tells another {name} as well. Send that as a data_correction of its own."
        yield Violation(f"deals[{version.row}].{name}", "CHANGE_TELLS_MORE", message)


def _causes_missing(revised: Revised) -> Iterator[Violation]:
    """A new revision that makes an accepted deal worth less says why: whether it never was worth more, or the customer
    has less from a day on, decides what is taken back (L4)."""
    asked = {key: pair for key, pair in revised.items() if asks_for_cause(*map(_deal, pair))}
    rows = [row for key, pair in asked.items() for version in pair for row in _lines(key, version)]
    for key in lowered(pl.DataFrame(rows, schema=_TOLD, orient="row")).iter_rows() if rows else ():
        version = asked[key][0]
        message = (
            f"Revision {version.values[0]} makes an accepted deal worth less, and does not say why. Write `cause`: "
            "`data_correction` where it never was worth more, `customer_change` where the customer has less from "
            "`changed_date` on."
        )
        yield Violation(f"deals[{version.row}].cause", "CAUSE_MISSING", message)


_AMOUNTS_OF = ("line", "stage", "type", *VALUES, "committed")
_TOLD = {**dict.fromkeys(("source", "external_id"), pl.String), "revision": pl.Int64} | {
    name: dtype for name, dtype in DEAL_REVISIONS.items() if name in _AMOUNTS_OF
}


def _deal(version: _Version) -> dict[str, Value]:
    return dict(zip(TABLES["deals"].columns, version.values, strict=True))


def _lines(key: Key, version: _Version) -> Iterator[list[Value]]:
    """Rows of _TOLD. A deal without lines is one itself."""
    table, deal = TABLES["deals"], _deal(version)
    told = {
        child: [dict(zip(own_columns(table, child), row, strict=True)) for row in rows]
        for child, rows in zip(table.children, version.children, strict=True)
    }
    lines = [{**line, "stage": 0} for line in told["deal_lines"]] or [{**deal, "line": 1, "stage": 0}]
    for each in [*lines, *told["stages"]]:
        yield [*key, deal["revision"], *(each.get(name) for name in list(_TOLD)[3:])]


def _but_amounts(columns: Sequence[str], row: Values) -> Values:
    return tuple(value for name, value in zip(columns, row, strict=True) if name not in AMOUNTS)


def _conflict(name: str, violations: Sequence[Violation]) -> AlreadyExists:
    message = "Some deals differ from what is stored under the same revision, or are older than what is stored."
    resource = "compsvc.dev/Deal"
    return AlreadyExists("REVISION_CONFLICT", message, resource_type=resource, name=name, violations=violations)


def _differences(kind: str, one: _Version, other: _Version) -> list[str]:
    """The columns that differ; of rows that belong to it only the table is named."""
    table = TABLES[kind]
    columns = [name for name, a, b in zip(table.columns, one.values, other.values, strict=True) if a != b]
    return columns + [name for name, a, b in zip(table.children, one.children, other.children, strict=True) if a != b]


def _versions(kind: str, facts: Facts) -> dict[Key, _Version]:
    table = TABLES[kind]
    width = len(table.key)
    children = [(len(TABLES[child].key) - width, _child_rows(child, facts, width)) for child in table.children]
    without = tuple(() for _ in children)
    having = set().union(*(rows.keys() for _, rows in children))
    found: dict[Key, _Version] = {}
    for row, values in enumerate(_encoded(kind, getattr(facts, kind)).iter_rows()):
        key = cast(Key, values[:width])
        version = _Version(row, values[width:], _parts(key, children) if key in having else without)
        if key in found and _differences(kind, version, found[key]):
            message = f"This row and row {found[key].row} have the same key ({', '.join(table.key)}). Send one of them."
            place = f"{kind}[{row}].{table.key[0]}"
            raise InvalidArgument.of(place, "KEY_TWICE", message)
        found.setdefault(key, version)
    return found


def _parts(key: Key, children: Sequence[tuple[int, Mapping[Key, list[Values]]]]) -> tuple[tuple[Values, ...], ...]:
    """Per child table the rows of one parent, by the key of their own, which is so many columns."""
    return tuple(tuple(sorted(rows.get(key, ()), key=lambda part: part[:own])) for own, rows in children)


def _child_rows(child: str, facts: Facts, width: int) -> dict[Key, list[Values]]:
    frame = _attributes(facts.deals) if child == "deal_attributes" else getattr(facts, child)
    found: dict[Key, list[Values]] = {}
    if frame.is_empty():
        return found
    for values in _encoded(child, frame).unique(maintain_order=True).iter_rows():  # of a row sent twice, one
        found.setdefault(cast(Key, values[:width]), []).append(values[width:])
    return found


def _attributes(deals: pl.DataFrame) -> pl.DataFrame:
    custom = [name for name in deals.columns if name.startswith(ATTRIBUTE)]
    if not custom:
        return pl.DataFrame()
    tall = deals.select("source", "external_id", *custom).unpivot(
        on=custom, index=["source", "external_id"], variable_name="name", value_name="value"
    )
    return tall.filter(pl.col("value").is_not_null()).with_columns(
        pl.col("name").str.strip_prefix(ATTRIBUTE), pl.col("value").cast(pl.String)
    )


def _encoded(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the table in order, as the book keeps them."""
    table = TABLES[kind]
    frame = frame.select(*table.key, *table.columns).with_columns(
        pl.col(pl.Date).dt.to_string("%Y-%m-%d"),
        pl.col(pl.Datetime).dt.to_string(_INSTANT),
        pl.col(pl.Boolean).cast(pl.Int64),
    )
    if "replaces" in table.columns:
        lists = [None if not names else json.dumps(list(names)) for names in frame["replaces"].to_list()]
        frame = frame.with_columns(pl.Series("replaces", lists, dtype=pl.String))
    return frame.with_columns(pl.col(name).fill_null("") for name in table.key if frame.schema[name] == pl.String)


def _newest(read: Sql, kind: str, keys: Iterable[Key]) -> dict[Key, _Version]:
    """The newest stored version of each key that is stored, a thousand keys at a time."""
    found: dict[Key, _Version] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        found |= _newest_of(read, kind, wanted[start : start + KEYS_AT_ONCE])
    return found


def _newest_of(read: Sql, kind: str, keys: Sequence[Key]) -> dict[Key, _Version]:
    table = TABLES[kind]
    width, near = len(table.key), 2 if table.key[0] == "source" else 1  # of the key what an index finds them by
    asked = [sorted({key[place] for key in keys}) for place in range(near)]
    where = " AND ".join(
        f"{column} IN ({', '.join('?' * len(values))})" for column, values in zip(table.key, asked, strict=False)
    )
    values, wanted = list(chain.from_iterable(asked)), set(keys)
    select = f"SELECT {names((*table.key, 'request', *table.columns))} FROM {kind} WHERE {where} ORDER BY request"
    newest = {row[:width]: row[width:] for row in read.execute(select, values) if row[:width] in wanted}
    if not newest:
        return {}
    children = [_children(read, child, width, where, values, newest) for child in table.children]
    return {key: _Version(-1, row[1:], tuple(tuple(of.get(key, ())) for of in children)) for key, row in newest.items()}


def _children(
    read: Sql, child: str, width: int, where: str, values: Sequence[Value], newest: Mapping[Key, Values]
) -> dict[Key, list[Values]]:
    """The rows of one table that belong to the newest version of their parent, by its key."""
    table = TABLES[child]
    own_key = table.key[width:]
    columns = (*table.key[:width], "request", *own_key, *table.columns)
    found: dict[Key, list[Values]] = {}
    for row in read.execute(f"SELECT {names(columns)} FROM {child} WHERE {where} ORDER BY {names(own_key)}", values):
        key = row[:width]
        if key in newest and newest[key][0] == row[width]:
            found.setdefault(key, []).append(row[width + 1 :])
    return found


def _of_revision(read: Sql, key: Key, revision: Value) -> _Version | None:
    """The stored version of a deal with that revision."""
    table = TABLES["deals"]
    select = f"SELECT request, {names(table.columns)} FROM deals WHERE {equal(table.key)} AND revision = ?"
    found = read.execute(select, (*key, revision)).fetchone()
    if found is None:
        return None
    children = tuple(tuple(own_rows(read, table, child, key, found[0])) for child in table.children)
    return _Version(-1, found[1:], children)


def counted(changes: Sequence[Change]) -> Loaded:
    """What they do, not stored yet."""
    return Loaded(
        created=sum(change.created for change in changes),
        unchanged=sum(change.unchanged for change in changes),
        revised=sum(change.revised for change in changes),
        position=None,
        recorded_time=None,
    )


def insert(write: Sql, changes: Sequence[tuple[Change, int]]) -> None:
    """What is new of each, under the number of its request."""
    for kind in dict.fromkeys(change.kind for change, _ in changes):
        table = TABLES[kind]
        new = [
            (key, request, version)
            for change, request in changes
            if change.kind == kind
            for key, version in change.new.items()
        ]
        rows = [(*key, request, *version.values) for key, request, version in new]
        write.insert(kind, (*table.key, "request", *table.columns), rows)
        for index, child in enumerate(table.children):
            own = [(*key, request, *values) for key, request, version in new for values in version.children[index]]
            write.insert(child, (*table.key, "request", *own_columns(table, child)), own)


# --- plans


def refuse_second_text(read: Sql, record: PlanRecord) -> None:
    """Two texts for the same days would leave open which one pays: the later one has to name what it corrects."""
    in_force = (
        "SELECT revision FROM plans p WHERE plan = ? AND effective_date = ? AND NOT EXISTS "
        "(SELECT 1 FROM plans c WHERE c.plan = p.plan AND c.corrects_revision = p.revision)"
    )
    found = read.execute(in_force, (record.plan, record.effective_date.isoformat())).fetchone()
    corrects = record.corrects_revision
    if (None if found is None else found[0]) == corrects:
        return
    if found is None:
        message = f"Revision {corrects} is not in force from {record.effective_date} on. Name the one that is, or none."
        raise FailedPrecondition("CORRECTS_NOT_IN_FORCE", message, plan=record.plan, corrects_revision=str(corrects))
    message = (
        f"{record.text.file_name}: revision {found[0]} of `{record.plan}` is effective from {record.effective_date} as "
        "well. Give the file a later `effective`; or, to correct that revision, name it: `compsvc load --corrects "
        "REVISION`, or `corrects_revision` of CreatePlan."
    )
    raise FailedPrecondition("PLAN_DATE_TAKEN", message, plan=record.plan, revision=found[0])


def insert_plan(write: Sql, record: PlanRecord, request: int) -> None:
    text = record.text
    row = (request, record.plan, record.revision, record.title, record.effective_date.isoformat(), record.currency_code)
    write.insert("plans", PLAN_COLUMNS, [(*row, record.corrects_revision, text.file_name, text.source)])
    terms = [(request, name, source) for name, source in text.terms.items()]
    write.insert("plan_terms", ("request", "file_name", "source"), terms)
