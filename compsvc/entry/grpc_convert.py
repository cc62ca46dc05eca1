"""Facts from messages to frames: one table of fields a kind, and a note of where each row came from.

A field that cannot be read becomes a fault with its path and null in the frame, so that everything wrong with a request
is told at once. What the values mean is not looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
from google.protobuf.message import Message

from compsvc.core.facts import SCHEMAS, Facts
from compsvc.core.limits import (
    MAX_ATTRIBUTES,
    MAX_DEAL_PARTS,
    MAX_ID_CHARACTERS,
    MAX_SHARE_DENOMINATOR,
    MAX_TEXT_CHARACTERS,
)
from compsvc.service.ports import InvalidArgument, Kind, PlanText, Violation
from compsvc.v1 import deal_service_pb2, fact_service_pb2, plan_service_pb2

_SHARE = re.compile(r"(\d{1,10})(?:\.(\d{1,9}))?(%)?|(\d{1,10})/(\d{1,10})")
_RATE = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?|(\d{1,15})/(\d{1,10})")
PER_MILLION = 1_000_000


class Unreadable(Exception):  # noqa: N818  # A value that this page tells the sender of, not an error of ours.
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass
class Batch:
    """The rows of one request, as they are read. `places` says where in the request each row of a frame stands."""

    rows: dict[str, list[dict[str, object]]] = field(default_factory=lambda: {kind: [] for kind in SCHEMAS})
    places: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in SCHEMAS})
    faults: list[Violation] = field(default_factory=list)

    def add(self, kind: str, place: str, message: Message, fields: Mapping[str, Reader], **more: object) -> None:
        """One row from one message. `more` is what its parent says."""
        values = dict(more)
        for name, reader in fields.items():
            try:
                values.update(reader(message, name))
            except Unreadable as fault:
                self.faults.append(Violation(f"{kind}[{len(self.rows[kind])}].{name}", fault.code, fault.message))
        self.rows[kind].append(values)
        self.places[kind].append(place)

    def fault(self, kind: str, name: str, code: str, message: str) -> None:
        """About the row that was added last."""
        self.faults.append(Violation(f"{kind}[{len(self.rows[kind]) - 1}].{name}", code, message))

    def facts(self) -> Facts:
        return Facts(**{kind: _frame(kind, rows) for kind, rows in self.rows.items() if rows})

    def place(self, field: str) -> str:
        """`stages[7].annual_value_minor` as the sender knows it: `deals[3].lines[0].stages[1].annual_value`."""
        found = re.fullmatch(r"(\w+)\[(\d+)\](?:\.(.*))?", field)
        if found is None or found[1] not in self.places or int(found[2]) >= len(self.places[found[1]]):
            return field
        place, column = self.places[found[1]][int(found[2])], found[3]
        return place if column is None else f"{place}.{_WIRE_NAMES.get(column, column.removesuffix('_minor'))}"


_WIRE_NAMES = {
    **{f"{name}_ppm": name for name in ("discount", "probability", "workload")},
    **{f"{name}_{part}": name for name in ("share", "rate") for part in ("num", "den")},
    "name": "display_name",
    "deal_lines": "lines",
    "deal_roles": "roles",
    "deal_attributes": "attributes",
    "target_incentive_minor": "target_incentive",
}
IN_A_CURRENCY = frozenset(
    {"opportunities", "losses", "deal_payments"}
)  # kinds with an amount and its currency beside it
Reader = Callable[[Any, str], Mapping[str, object]]


def batch_of(kind: Kind, rows: Iterable[Any]) -> Batch:
    """One request's rows of a kind, with their parts."""
    if kind == "assignments":
        return assignments(rows)
    return _flat(kind, rows)


def assignments(rows: Iterable[fact_service_pb2.Assignment]) -> Batch:
    batch = Batch()
    for index, row in enumerate(rows):
        place = f"assignments[{index}]"
        batch.add("assignments", place, row, FIELDS["assignments"])
        key = {name: batch.rows["assignments"][-1].get(name) for name in ("participant_id", "plan", "start_date")}
        _check_currencies(batch, "assignments", row, ["target_incentive"], row.currency_code)
        for number, quota in enumerate(_few(batch, "assignments", "quotas", row.quotas)):
            batch.add("quotas", f"{place}.quotas[{number}]", quota, FIELDS["quotas"], **key)
            _check_currencies(batch, "quotas", quota, ["amount"], row.currency_code)
    return batch


def deals(rows: Iterable[deal_service_pb2.Deal]) -> Batch:
    batch = Batch()
    for index, deal in enumerate(rows):
        _add_deal(batch, f"deals[{index}]", deal)
    return batch


def _flat(kind: str, rows: Iterable[Message]) -> Batch:
    batch = Batch()
    for index, row in enumerate(rows):
        batch.add(kind, f"{kind}[{index}]", row, FIELDS[kind])
        if kind in IN_A_CURRENCY:
            _check_currencies(batch, kind, row, ["amount"], row.currency_code)  # type: ignore[attr-defined]
    return batch


def _add_deal(batch: Batch, place: str, deal: deal_service_pb2.Deal) -> None:
    batch.add("deals", place, deal, FIELDS["deals"])
    _add_attributes(batch, deal)
    _check_currencies(batch, "deals", deal, _AMOUNTS, deal.currency_code)
    key = {name: batch.rows["deals"][-1].get(name) for name in ("source", "external_id")}
    _add_stages(batch, "deals", place, deal, {**key, "line": 1}, deal.currency_code)
    for number, split in enumerate(_few(batch, "deals", "splits", deal.splits)):
        batch.add("splits", f"{place}.splits[{number}]", split, FIELDS["splits"], **key, position=number)
    for number, role in enumerate(_few(batch, "deals", "roles", deal.roles)):
        batch.add("deal_roles", f"{place}.roles[{number}]", role, FIELDS["deal_roles"], **key, position=number)
    for number, line in enumerate(_few(batch, "deals", "lines", deal.lines)):
        spot = f"{place}.lines[{number}]"
        batch.add("deal_lines", spot, line, FIELDS["deal_lines"], **key)
        _check_currencies(batch, "deal_lines", line, _AMOUNTS, deal.currency_code)
        line_key = {**key, "line": batch.rows["deal_lines"][-1].get("line")}
        _add_stages(batch, "deal_lines", spot, line, line_key, deal.currency_code)


def _add_stages(batch: Batch, kind: str, place: str, line: Any, key: Mapping[str, object], currency_code: str) -> None:
    for number, stage in enumerate(_few(batch, kind, "stages", line.stages)):
        batch.add("stages", f"{place}.stages[{number}]", stage, FIELDS["stages"], **key)
        _check_currencies(batch, "stages", stage, ["annual_value"], currency_code)


def _add_attributes(batch: Batch, deal: deal_service_pb2.Deal) -> None:
    if len(deal.attributes) > MAX_ATTRIBUTES:
        message = f"{len(deal.attributes)} attributes; a deal may have {MAX_ATTRIBUTES}."
        batch.fault("deals", "attributes", "TOO_MANY_ATTRIBUTES", message)
        return
    for name, value in deal.attributes.items():
        if not 0 < len(name) <= MAX_ID_CHARACTERS or not name.isprintable() or len(value) > MAX_TEXT_CHARACTERS:
            message = f"An attribute has a printable name of 1 to {MAX_ID_CHARACTERS} characters and a value of up to "
            batch.fault("deals", "attributes", "ATTRIBUTE_INVALID", f"{message}{MAX_TEXT_CHARACTERS}.")
        batch.rows["deals"][-1][f"attributes.{name}"] = value


def _few(batch: Batch, kind: str, name: str, parts: Sequence[Any]) -> Sequence[Any]:
    if len(parts) <= MAX_DEAL_PARTS:
        return parts
    batch.fault(kind, name, "TOO_MANY_PARTS", f"{len(parts)} {name}; there may be {MAX_DEAL_PARTS}.")
    return parts[:MAX_DEAL_PARTS]


def _check_currencies(batch: Batch, kind: str, message: Any, names: Iterable[str], currency_code: str) -> None:
    for name in names:
        if message.HasField(name) and getattr(message, name).currency_code != currency_code:
            said = getattr(message, name).currency_code
            text = f"This amount is in `{said}`, currency_code says `{currency_code}`. Give both the same."
            batch.fault(kind, name, "CURRENCY_DIFFERS", text)


def _frame(kind: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    schema: dict[str, Any] = dict(SCHEMAS[kind])
    if kind == "deals":
        extra = {name for row in rows for name in row if name.startswith("attributes.")}
        schema |= dict.fromkeys(sorted(extra), pl.String)
    return pl.DataFrame({name: pl.Series(name, [row.get(name) for row in rows], dtype=schema[name]) for name in schema})


# --- reading fields: each reader gives the columns that a field becomes


def read_text(message: Any, name: str) -> Mapping[str, object]:
    """Empty text is null."""
    return {name: _checked_text(getattr(message, name), MAX_TEXT_CHARACTERS)}


def read_id(message: Any, name: str) -> Mapping[str, object]:
    return {name: _checked_text(getattr(message, name), MAX_ID_CHARACTERS)}


def read_needed_id(message: Any, name: str) -> Mapping[str, object]:
    found = read_id(message, name)
    if found[name] is None:
        raise Unreadable("REQUIRED", f"{name} is missing.")
    return found


def _checked_text(value: str, longest: int) -> str | None:
    if not value:
        return None
    if len(value) > longest:
        raise Unreadable("TEXT_TOO_LONG", f"{len(value)} characters; at most {longest} are taken.")
    if not value.isprintable():
        raise Unreadable("TEXT_NOT_PRINTABLE", "The text holds line breaks or control characters. Take them out.")
    return value


def read_account_name(message: Any, name: str) -> Mapping[str, object]:
    return {"name": _checked_text(getattr(message, name), MAX_TEXT_CHARACTERS)}


def read_number(message: Any, name: str) -> Mapping[str, object]:
    return {name: getattr(message, name)}


def read_optional(message: Any, name: str) -> Mapping[str, object]:
    return {name: getattr(message, name) if message.HasField(name) else None}


def read_money(message: Any, name: str) -> Mapping[str, object]:
    return {f"{name}_minor": getattr(message, name).minor_units if message.HasField(name) else None}


def read_date(message: Any, name: str) -> Mapping[str, object]:
    if not message.HasField(name):
        return {name: None}
    value = getattr(message, name)
    try:
        return {name: date(value.year, value.month, value.day)}
    except (ValueError, OverflowError):
        text = f"{value.year}-{value.month}-{value.day} is no date. Year, month and day are all needed."
        raise Unreadable("DATE_INVALID", text) from None


def read_time(message: Any, name: str) -> Mapping[str, object]:
    if not message.HasField(name):
        return {name: None}
    try:
        return {name: getattr(message, name).ToDatetime()}
    except (ValueError, OverflowError):
        raise Unreadable("TIME_INVALID", "This instant is outside the years 1 to 9999.") from None


def read_share(message: Any, name: str) -> Mapping[str, object]:
    share = _ratio(getattr(message, name))
    if share is None:
        return {"share_num": None, "share_den": None}
    return {"share_num": share.numerator, "share_den": share.denominator}


def read_needed_share(message: Any, name: str) -> Mapping[str, object]:
    if not getattr(message, name):
        raise Unreadable("REQUIRED", "The share is missing. Write it as `60%`, `1/3` or `0.6`.")
    return read_share(message, name)


def _ratio(text: str) -> Fraction | None:
    """Exact; None where there is no text. The sign is left out: a share is not negative."""
    if not text:
        return None
    found = _SHARE.fullmatch(text)
    if found is None or (found[5] is not None and int(found[5]) == 0):
        raise Unreadable("SHARE_INVALID", f"`{text[:40]}` is no share. Write it as `60%`, `1/3` or `0.6`.")
    if found[4] is not None:
        ratio = Fraction(int(found[4]), int(found[5]))
    else:
        ratio = Fraction(f"{found[1]}.{found[2] or '0'}") / (100 if found[3] else 1)
    if ratio.denominator > MAX_SHARE_DENOMINATOR:
        raise Unreadable("SHARE_TOO_FINE", f"`{text[:40]}` is finer than a billionth. Round it.")
    return ratio


def read_percentage(message: Any, name: str) -> Mapping[str, object]:
    text = getattr(message, name)
    if not text:
        return {f"{name}_ppm": None}
    if not text.endswith("%"):
        raise Unreadable(
            "RATE_WITHOUT_PERCENT", f"`{text[:40]}` could be a share or a percentage. Write it as `12.5%`."
        )
    ppm = (_ratio(text) or Fraction(0)) * PER_MILLION
    if ppm.denominator != 1:
        raise Unreadable(f"{name.upper()}_TOO_FINE", f"`{text[:40]}` has more than four decimals.")
    return {f"{name}_ppm": ppm.numerator}


def read_rate(message: Any, name: str) -> Mapping[str, object]:
    """A rate of exchange: one unit is so many."""
    text = getattr(message, name)
    if not text:
        raise Unreadable("REQUIRED", "The rate is missing. Write it as `1.0845` or `1/3`.")
    found = _RATE.fullmatch(text)
    if found is None or (found[4] is not None and int(found[4]) == 0):
        raise Unreadable("RATE_INVALID", f"`{text[:40]}` is no rate. Write it as `1.0845`, with nine decimals at most.")
    if found[3] is not None:
        rate = Fraction(int(found[3]), int(found[4]))
    else:
        rate = Fraction(f"{found[1]}.{found[2] or '0'}")
    return {f"{name}_num": rate.numerator, f"{name}_den": rate.denominator}


def read_replaces(message: Any, name: str) -> Mapping[str, object]:
    names = list(getattr(message, name))
    if len(names) > MAX_DEAL_PARTS:
        raise Unreadable("TOO_MANY_PARTS", f"{len(names)} lines are replaced; there may be {MAX_DEAL_PARTS}.")
    return {name: [_checked_text(each, MAX_ID_CHARACTERS + 12) or "" for each in names] or None}


_AMOUNTS = ("annual_value", "one_time_value", "cost")
_LINE: dict[str, Reader] = {
    "product": read_id,
    "type": read_id,
    "quantity": read_optional,
    "start_date": read_date,
    "end_date": read_date,
    **dict.fromkeys(_AMOUNTS, read_money),
    "discount": read_percentage,
    "replaces": read_replaces,
}
_TERM: dict[str, Reader] = {"start_date": read_date, "end_date": read_date}
FIELDS: Mapping[str, Mapping[str, Reader]] = {
    "participants": {
        "participant_id": read_needed_id,
        "display_name": read_text,
        **dict.fromkeys(("personnel_number", "pay_group"), read_id),
    },
    "assignments": {
        **dict.fromkeys(("participant_id", "plan", "currency_code"), read_needed_id),
        **dict.fromkeys(("role", "manager_id", "cover_id"), read_id),
        **dict.fromkeys(("jurisdiction", "payee_class", "pay_currency_code"), read_id),
        **dict.fromkeys(("legal_entity", "cost_centre"), read_id),
        **_TERM,
        "target_incentive": read_money,
        "workload": read_percentage,
        "ramp_up_date": read_date,
    },
    "quotas": {"component": read_id, "amount": read_money, "per": read_id},
    "accounts": {
        "account_id": read_needed_id,
        "display_name": read_account_name,
        **dict.fromkeys(("parent_id", "industry", "region", "segment"), read_id),
        "known_since": read_date,
    },
    "account_attributes": {
        **dict.fromkeys(("account_id", "attribute"), read_needed_id),
        "value": read_id,
        "start_date": read_date,
    },
    "ownerships": {**dict.fromkeys(("account_id", "participant_id"), read_needed_id), **_TERM},
    "territories": {
        "participant_id": read_needed_id,
        **dict.fromkeys(("industry", "region", "segment"), read_id),
        **_TERM,
    },
    "leaves": {"participant_id": read_needed_id, "kind": read_needed_id, **_TERM},
    "exits": {
        "participant_id": read_needed_id,
        "last_date": read_date,
        "reason_code": read_id,
        "withdrawn": read_optional,
    },
    "fx_rates": {
        **dict.fromkeys(("fx_table", "from_currency_code", "to_currency_code"), read_needed_id),
        "start_date": read_date,
        "rate": read_rate,
    },
    "pipeline_stages": {
        "stage": read_needed_id,
        "position": read_optional,
        "probability": read_percentage,
        "category": read_id,
        "limit_days": read_optional,
    },
    "opportunities": {
        **dict.fromkeys(("source", "opportunity_id", "stage"), read_needed_id),
        **dict.fromkeys(("account_id", "seller_id", "product", "type", "category", "currency_code"), read_id),
        "snapshot_time": read_time,
        "probability": read_percentage,
        "amount": read_money,
        **dict.fromkeys(("stage_since_date", "opened_date", "expected_close_date", "reactivated_date"), read_date),
        **_TERM,
    },
    "activities": {
        **dict.fromkeys(("source", "external_id", "participant_id", "kind"), read_needed_id),
        **dict.fromkeys(("account_id", "opportunity_id", "outcome"), read_id),
        "activity_date": read_date,
        "quantity": read_optional,
    },
    "losses": {
        **dict.fromkeys(("source", "external_id", "loss_id", "kind", "attributable_to"), read_needed_id),
        "line": read_optional,
        "loss_date": read_date,
        "amount": read_money,
        "currency_code": read_id,
        "share": read_share,
        **dict.fromkeys(("reason", "evidence"), read_text),
        "withdrawn": read_optional,
    },
    "deal_payments": {
        **dict.fromkeys(("source", "external_id", "payment_id", "kind"), read_needed_id),
        "payment_date": read_date,
        "amount": read_money,
        "currency_code": read_id,
        "share": read_share,
    },
    "deals": {
        **dict.fromkeys(("source", "external_id", "account_id", "currency_code"), read_needed_id),
        **dict.fromkeys(("seller_id", "channel", "opportunity_id", "cause"), read_id),
        **dict.fromkeys(("pending_reason", "split_reason", "change_evidence"), read_text),
        "changed_date": read_date,
        "revision": read_number,
        "opened_date": read_date,
        "closed_date": read_date,
        "accepted_time": read_time,
        **_LINE,
    },
    "deal_lines": {"line": read_number, **_LINE},
    "stages": {
        "stage": read_number,
        **_TERM,
        "annual_value": read_money,
        "committed": read_optional,
        "exercised_time": read_time,
    },
    "splits": {"participant_id": read_needed_id, "share": read_needed_share},
    "deal_roles": {"role": read_needed_id, "participant_id": read_needed_id, "share": read_share},
}


# --- plans


def read_plan_text(text: plan_service_pb2.PlanText, field: str) -> PlanText:
    missing = [name for name in ("file_name", "source") if not getattr(text, name)]
    if missing:
        violations = [Violation(f"{field}.{name}", "REQUIRED", f"{name} is missing.") for name in missing]
        raise InvalidArgument("FIELD_MISSING", "The text of the plan is missing.", violations)
    return PlanText(text.file_name, text.source, dict(text.terms))


def named_state(words: Mapping[Any, Any], number: int, field: str, known: str) -> Any:
    """The word for a number of an enum. InvalidArgument where it has none here."""
    for word, value in words.items():
        if value == number:
            return word
    message = f"{field} has to be {known}."
    raise InvalidArgument.of(field, "STATE_INVALID", message)
