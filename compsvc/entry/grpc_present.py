"""Facts from frames to messages with their names: the way back of grpc_convert.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from compsvc.core.facts import Facts
from compsvc.entry.grpc_convert import (
    FIELDS,
    PER_MILLION,
    Reader,
    read_account_name,
    read_date,
    read_money,
    read_needed_share,
    read_percentage,
    read_rate,
    read_replaces,
    read_share,
    read_time,
)
from compsvc.entry.grpc_names import FORMS
from compsvc.service.ports import Kind, Loaded
from compsvc.v1 import deal_service_pb2, fact_service_pb2
from compsvc.v1.types_pb2 import Money


def messages(kind: Kind, facts: Facts, times: Sequence[datetime]) -> Iterator[Any]:
    """One message for each row of the kind's frame, in order."""
    rows = getattr(facts, kind).to_dicts()
    build: Callable[[Row, Parts], Any] | None = {"assignments": _assignment, "deals": _deal}.get(kind)
    parts = _parts(facts)
    for row, time in zip(rows, times, strict=True):
        message: Any = build(row, parts) if build else _filled(_MESSAGES[kind](), row, FIELDS[kind])
        message.name = FORMS[kind].name(row)
        message.create_time.CopyFrom(timestamp(time))
        yield message


_MESSAGES: Mapping[str, Callable[[], Any]] = {
    "participants": fact_service_pb2.Participant,
    "accounts": fact_service_pb2.Account,
    "account_attributes": fact_service_pb2.AccountAttribute,
    "ownerships": fact_service_pb2.Ownership,
    "territories": fact_service_pb2.Territory,
    "leaves": fact_service_pb2.Leave,
    "exits": fact_service_pb2.Exit,
    "fx_rates": fact_service_pb2.FxRate,
    "pipeline_stages": fact_service_pb2.PipelineStage,
    "opportunities": fact_service_pb2.Opportunity,
    "activities": fact_service_pb2.Activity,
    "losses": fact_service_pb2.Loss,
    "deal_payments": fact_service_pb2.DealPayment,
}
Row = dict[str, Any]
Parts = Mapping[str, Mapping[tuple[object, ...], list[Row]]]


def _parts(facts: Facts) -> Parts:
    keys = {
        "quotas": ("participant_id", "plan", "start_date"),
        **dict.fromkeys(("deal_lines", "splits", "deal_roles"), ("source", "external_id")),
        "stages": ("source", "external_id", "line"),
    }
    found: dict[str, dict[tuple[object, ...], list[Row]]] = {}
    for kind, key in keys.items():
        found[kind] = {}
        for row in getattr(facts, kind).to_dicts():
            found[kind].setdefault(tuple(row[name] for name in key), []).append(row)
    return found


def _assignment(row: Row, parts: Parts) -> Any:
    currency = row["currency_code"] or ""
    message = _filled(fact_service_pb2.Assignment(), row, FIELDS["assignments"])
    for quota in parts["quotas"].get((row["participant_id"], row["plan"], row["start_date"]), ()):
        _filled(message.quotas.add(), {**quota, "currency_code": currency}, FIELDS["quotas"])
    return message


def _deal(row: Row, parts: Parts) -> Any:
    key, currency = (row["source"], row["external_id"]), row["currency_code"]
    message = _filled(deal_service_pb2.Deal(), row, FIELDS["deals"])
    for name, value in row.items():
        if name.startswith("attributes.") and value is not None:
            message.attributes[name.removeprefix("attributes.")] = value
    lines = parts["deal_lines"].get(key, [])
    for line in lines:
        part = _filled(message.lines.add(), {**line, "currency_code": currency}, FIELDS["deal_lines"])
        _add_stage_messages(part, parts["stages"].get((*key, line["line"]), ()), currency)
    if not lines:
        _add_stage_messages(message, parts["stages"].get((*key, 1), ()), currency)
    for split in parts["splits"].get(key, ()):
        _filled(message.splits.add(), split, FIELDS["splits"])
    for role in sorted(parts["deal_roles"].get(key, ()), key=lambda role: role["position"]):
        _filled(message.roles.add(), role, FIELDS["deal_roles"])
    return message


def _add_stage_messages(line: Any, stages: Iterable[Row], currency: str) -> None:
    for stage in stages:
        _filled(line.stages.add(), {**stage, "currency_code": currency}, FIELDS["stages"])


def _filled(message: Any, row: Row, fields: Mapping[str, Reader]) -> Any:
    """The message with what the row says; null leaves a field unset."""
    for name, reader in fields.items():
        if reader in (read_share, read_needed_share):
            if row["share_num"] is not None:
                message.share = share_text(Fraction(row["share_num"], row["share_den"]))
            continue
        if reader is read_rate:
            message.rate = rate_text(Fraction(row["rate_num"], row["rate_den"]))
            continue
        column = _column(name, reader)
        if row[column] is not None:
            _set(message, name, reader, row[column], row.get("currency_code") or "")
    return message


def _column(name: str, reader: Reader) -> str:
    if reader is read_money:
        return f"{name}_minor"
    return f"{name}_ppm" if reader is read_percentage else "name" if reader is read_account_name else name


def _set(message: Any, name: str, reader: Reader, value: Any, currency: str) -> None:
    if reader is read_money:
        getattr(message, name).CopyFrom(Money(currency_code=currency, minor_units=value))
    elif reader is read_date:
        getattr(message, name).CopyFrom(date_message(value))
    elif reader is read_time:
        getattr(message, name).CopyFrom(timestamp(value))
    elif reader is read_replaces:
        getattr(message, name).extend(value)
    elif reader is read_percentage:
        setattr(message, name, share_text(Fraction(value, PER_MILLION)))
    else:
        setattr(message, name, value)


def share_text(share: Fraction) -> str:
    """`12.5%` where that is exact in up to seven decimals, else `1/3`."""
    percent = share * 100 * 10**7
    if percent.denominator != 1:
        return f"{share.numerator}/{share.denominator}"
    whole, rest = divmod(percent.numerator, 10**7)
    return f"{whole}.{rest:07}".rstrip("0").rstrip(".") + "%"


def rate_text(rate: Fraction) -> str:
    """`1.0845` where that is exact in up to nine decimals, else `1/3`."""
    scaled = rate * 10**9
    if scaled.denominator != 1:
        return f"{rate.numerator}/{rate.denominator}"
    whole, rest = divmod(scaled.numerator, 10**9)
    return f"{whole}.{rest:09}".rstrip("0").rstrip(".")


def date_message(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


def timestamp(instant: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(instant.replace(tzinfo=None) if instant.tzinfo is UTC else instant)
    return message


def tell(answer: Any, loaded: Loaded) -> None:
    """What a load did, into the message that answers it."""
    answer.created_count, answer.unchanged_count = loaded.created, loaded.unchanged
    answer.revised_count = loaded.revised
    if loaded.position is not None:
        answer.position = loaded.position
    if loaded.recorded_time is not None:
        answer.create_time.CopyFrom(timestamp(loaded.recorded_time))
