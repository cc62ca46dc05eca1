"""Names of resources: from a row to its name, and from a name to the row that it asks for.

In a name every byte of an id that is not a letter, a digit or one of `-._~` is percent-encoded, so `@`, `,` and `*`
are free to stand between ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from compsvc.core.facts import ATTRIBUTES
from compsvc.entry.grpc_errors import bad_name
from compsvc.service.pages import Where
from compsvc.service.ports import Kind

Row = Mapping[str, Any]


class Form(NamedTuple):
    """`where` is None where a text is no name of this form."""

    resource: str
    form: str
    name: Callable[[Row], str]
    where: Callable[[str], Where | None]

    def wanted(self, name: str) -> Where:
        """The row that the name asks for. InvalidArgument where it is none."""
        found = self.where(name)
        if found is None:
            raise bad_name(name, self.form)
        return found


@lru_cache(maxsize=65_536)
def encoded(text: str) -> str:
    """An id as a part of a resource name: every byte but letters, digits and `-._~` percent-encoded."""
    return quote(text, safe="")


def decoded(name: str, *words: str) -> list[str] | None:
    """The ids of `participants/{id}` for the words `participants`; None where the name is not of that form."""
    parts = name.split("/")
    if len(parts) != 2 * len(words) or tuple(parts[::2]) != words or not all(parts[1::2]):
        return None
    found = [_unquoted(part) for part in parts[1::2]]
    return None if None in found else [part for part in found if part is not None]


def _unquoted(text: str) -> str | None:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None


# --- one id, or two


def _plain(resource: str, words: tuple[str, ...], columns: tuple[str, ...]) -> Form:
    """`accounts/{account_id}`, `sources/{source}/activities/{external_id}`."""

    def where(name: str) -> Where | None:
        found = decoded(name, *words)
        return None if found is None else dict(zip(columns, found, strict=True))

    pairs = list(zip(words, columns, strict=True))
    form = "/".join(f"{word}/{{{column}}}" for word, column in pairs)
    return Form(resource, form, lambda row: "/".join(f"{word}/{encoded(row[col])}" for word, col in pairs), where)


def _dated(resource: str, words: tuple[str, str], owner: str, column: str) -> Form:
    """`participants/{participant_id}/leaves/{start_date}`."""
    plain = _plain(resource, words, (owner, column))

    def where(name: str) -> Where | None:
        found = plain.where(name)
        day = None if found is None else _day(str(found[column]))
        return None if found is None or day is None else {owner: found[owner], column: day}

    return plain._replace(name=lambda row: plain.name({**row, column: f"{row[column]}"}), where=where)


# --- those with more to tell


def _assignment(row: Row) -> str:
    return f"participants/{encoded(row['participant_id'])}/assignments/{row['plan']}@{row['start_date']}"


def _assignment_where(name: str) -> Where | None:
    found, day = _at_day(name, "participants", "assignments")
    return None if found is None or day is None else {"participant_id": found[0], "plan": found[1], "start_date": day}


def _account_attribute(row: Row) -> str:
    return f"accounts/{encoded(row['account_id'])}/attributes/{encoded(row['attribute'])}@{row['start_date']}"


def _account_attribute_where(name: str) -> Where | None:
    found, day = _at_day(name, "accounts", "attributes")
    return None if found is None or day is None else {"account_id": found[0], "attribute": found[1], "start_date": day}


def _territory(row: Row) -> str:
    fields = ",".join("*" if row[name] is None else encoded(row[name]) for name in ATTRIBUTES)
    return f"participants/{encoded(row['participant_id'])}/territories/{fields}@{row['start_date']}"


def _territory_where(name: str) -> Where | None:
    text, _, day = name.rpartition("@")
    owner, _, fields = text.rpartition("/territories/")
    found, start, parts = decoded(owner, "participants"), _day(day), fields.split(",")
    values = ["" if part == "*" else _unquoted(part) for part in parts]  # in a key '' stands for null
    if found is None or start is None or len(parts) != len(ATTRIBUTES) or not all(parts) or None in values:
        return None
    return {"participant_id": found[0], **dict(zip(ATTRIBUTES, values, strict=True)), "start_date": start}


def _fx_rate(row: Row) -> str:
    pair = f"{row['from_currency_code']}-{row['to_currency_code']}"
    return f"fxTables/{encoded(row['fx_table'])}/fxRates/{pair}@{row['start_date']}"


def _fx_rate_where(name: str) -> Where | None:
    found, day = _at_day(name, "fxTables", "fxRates")
    if found is None or day is None or found[1].count("-") != 1:
        return None
    one, other = found[1].split("-")
    return {"fx_table": found[0], "from_currency_code": one, "to_currency_code": other, "start_date": day}


def _opportunity(row: Row) -> str:
    name, time = (
        f"sources/{encoded(row['source'])}/opportunities/{encoded(row['opportunity_id'])}",
        row["snapshot_time"],
    )
    return name if time is None else f"{name}@{time.isoformat()}Z"


def _opportunity_where(name: str) -> Where | None:
    text, at, time = name.partition("@")
    found, instant = decoded(text, "sources", "opportunities"), _instant(time)
    if found is None or (at and instant is None):
        return None
    where: Where = {"source": found[0], "opportunity_id": found[1]}
    return {**where, "snapshot_time": instant} if at else where


def _deal_where(name: str) -> Where | None:
    text, at, revision = name.partition("@")
    found = decoded(text, "sources", "deals")
    if found is None or (at and not (revision.isascii() and revision.isdigit() and len(revision) < 19)):
        return None
    where: Where = {"source": found[0], "external_id": found[1]}
    return {**where, "revision": int(revision)} if at else where


def deal_name(source: str, external_id: str) -> str:
    return f"sources/{encoded(source)}/deals/{encoded(external_id)}"


def _at_day(name: str, *words: str) -> tuple[list[str] | None, date | None]:
    """What stands before the last `@`, and the day behind it."""
    text, _, day = name.rpartition("@")
    return decoded(text, *words), _day(day)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None


FORMS: Mapping[Kind, Form] = {
    "participants": _plain("Participant", ("participants",), ("participant_id",)),
    "assignments": Form(
        "Assignment", "participants/{participant_id}/assignments/{plan}@{start_date}", _assignment, _assignment_where
    ),
    "accounts": _plain("Account", ("accounts",), ("account_id",)),
    "account_attributes": Form(
        "AccountAttribute",
        "accounts/{account_id}/attributes/{attribute}@{start_date}",
        _account_attribute,
        _account_attribute_where,
    ),
    "ownerships": _dated("Ownership", ("accounts", "ownerships"), "account_id", "start_date"),
    "territories": Form(
        "Territory",
        "participants/{participant_id}/territories/{industry},{region},{segment}@{start_date}",
        _territory,
        _territory_where,
    ),
    "leaves": _dated("Leave", ("participants", "leaves"), "participant_id", "start_date"),
    "exits": _dated("Exit", ("participants", "exits"), "participant_id", "last_date"),
    "fx_rates": Form("FxRate", "fxTables/{fx_table}/fxRates/{from}-{to}@{start_date}", _fx_rate, _fx_rate_where),
    "pipeline_stages": _plain("PipelineStage", ("pipelineStages",), ("stage",)),
    "opportunities": Form(
        "Opportunity",
        "sources/{source}/opportunities/{opportunity_id}, with or without @{snapshot_time}",
        _opportunity,
        _opportunity_where,
    ),
    "activities": _plain("Activity", ("sources", "activities"), ("source", "external_id")),
    "losses": _plain("Loss", ("sources", "deals", "losses"), ("source", "external_id", "loss_id")),
    "deal_payments": _plain("DealPayment", ("sources", "deals", "payments"), ("source", "external_id", "payment_id")),
    "deals": Form(
        "Deal",
        "sources/{source}/deals/{external_id}, with or without @{revision}",
        lambda row: deal_name(row["source"], row["external_id"]),
        _deal_where,
    ),
}
