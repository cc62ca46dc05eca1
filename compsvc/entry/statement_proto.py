"""The parts of statements and derivations as messages, and messages as JSON that reads the same every time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import singledispatch
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.type.date_pb2 import Date

from compsvc.core import statement_values as core
from compsvc.core.curves import decimal_text
from compsvc.core.statement_explain import Exact, Explanation, Step, Value
from compsvc.core.statement_references import Reference
from compsvc.entry.grpc_names import decoded, encoded
from compsvc.entry.statement_formats import sentence
from compsvc.service.line_references import Referred
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.types_pb2 import Money
from compsvc.v1.types_pb2 import PaidAs as PaidAsMessage

MILLION = 1_000_000


def explanation_message(found: Explanation) -> pb.LineExplanation:
    return pb.LineExplanation(line=line_message(found.line), derivation=step_message(found.derivation))


def as_json(message: Message, **more: Sequence[Message]) -> str:
    """All fields, proto names, sorted keys, so that equal messages are equal texts (B8). `more` stands beside them."""
    fields = _fields(message) | {name: [_fields(item) for item in items] for name, items in more.items() if items}
    return json.dumps(fields, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _fields(message: Message) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


# --- names of resources


def statement_name(participant_id: str, period: str) -> str:
    return f"participants/{encoded(participant_id)}/statements/{encoded(period)}"


def line_name(key: core.LineKey) -> str:
    """The parts of the key, percent-encoded, with `~` between them: it names the line in every calculation."""
    parts = (encoded(str(part)).replace("~", "%7E") for part in key[1:])
    return f"participants/{encoded(key.participant_id)}/lines/{'~'.join(parts)}"


def parse_statement_name(name: str) -> tuple[str, str] | None:
    """Participant and period; None where it names no statement."""
    found = decoded(name, "participants", "statements")
    return None if found is None else (found[0], found[1])


def parse_line_name(name: str) -> core.LineKey | None:
    """None where it names no line."""
    person, _, line = name.rpartition("/lines/")
    participant = decoded(person, "participants")
    texts = [decoded(f"part/{part}", "part") if part else [""] for part in line.split("~")]
    if participant is None or len(texts) != 8 or any(text is None for text in texts):
        return None
    plan, component, period, source, external_id, *numbers = (text[0] for text in texts if text is not None)
    if not all(number.isascii() and number.isdigit() and len(number) < 10 for number in numbers):
        return None
    deal_line, stage, step = map(int, numbers)
    return core.LineKey(participant[0], plan, component, period, source, external_id, deal_line, stage, step)


def reference_text(reference: Reference) -> str:
    """`D-1010/commission`."""
    return "/".join(encoded(part) if part else "-" for part in reference)


def parse_reference(name: str) -> Referred | None:
    """Of `participants/{participant}/lines/{deal}/{component}`, with more parts where they are needed; else None."""
    person, _, line = name.partition("/lines/")
    participant = decoded(person, "participants")
    parts = [decoded(f"part/{part}", "part") for part in line.split("/")]
    if participant is None or len(parts) < 2:
        return None
    found = tuple(part[0] for part in parts if part is not None)
    return Referred(participant[0], found) if len(found) == len(parts) else None


# --- values


def money_message(amount: core.Money) -> Money:
    return Money(currency_code=amount.currency_code, minor_units=amount.minor)


def quantity_message(amount: core.Quantity) -> pb.Quantity:
    if amount.currency_code is None:
        return pb.Quantity(count=count_text(amount.amount))
    return pb.Quantity(money=Money(currency_code=amount.currency_code, minor_units=amount.amount))


def count_text(millionths: int) -> str:
    return decimal_text(Fraction(millionths, MILLION))


def date_message(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


def _optional_text(ratio: Fraction | None) -> str:
    return "" if ratio is None else decimal_text(ratio)


# --- a statement's parts


def standing_message(found: core.Standing) -> pb.Standing:
    return pb.Standing(
        plan=found.plan,
        plan_title=found.plan_title,
        component=found.component,
        component_at=found.component_at,
        period=found.period.name,
        measure=found.measure,
        position=quantity_message(found.position),
        quota=None if found.quota is None else quantity_message(found.quota),
        attainment=_optional_text(found.attainment),
        earned_amount=money_message(found.earned),
        tier=tier_message(found.tier),
        next_step=None if found.next_step is None else next_step_message(found.next_step),
        place=None if found.place is None else _place_message(found.place),
        as_at_date=None if found.as_at_date is None else date_message(found.as_at_date),
        lost_counts=map(_lost_message, found.lost),
    )


def _lost_message(found: core.LostCount) -> pb.LostCount:
    return pb.LostCount(
        external_id=found.external_id,
        account_display_name=found.account_name,
        lost_date=date_message(found.lost_date),
        counts=quantity_message(found.counts),
        must_stay_months=found.must_stay_months,
    )


def _place_message(found: core.Place) -> pb.Place:
    counts = {"ranked_count": found.ranked, "winning_count": found.winners}
    return pb.Place(number=found.number, **counts, prize=found.prize)


def tier_message(found: core.Tier | None) -> pb.Tier | None:
    if found is None:
        return None
    rate, multiple = decimal_text(found.rate), _optional_text(found.of_base)
    return pb.Tier(number=found.number, tier_count=found.count, rate=rate, base_multiple=multiple)


def next_step_message(found: core.NextStep) -> pb.NextStep:
    return pb.NextStep(
        at=quantity_message(found.at),
        distance=quantity_message(found.distance),
        bonus_amount=money_message(found.bonus),
        tier=tier_message(found.tier),
        deal_count=found.deals,
        median_deal=None if found.median_deal is None else quantity_message(found.median_deal),
    )


def pending_message(found: core.PendingDeal) -> pb.PendingDeal:
    return pb.PendingDeal(
        source=found.source,
        external_id=found.external_id,
        account_id=found.account_id,
        account_display_name=found.account_name,
        closed_date=date_message(found.closed_date),
        pending_reason=found.reason,
        credits=[_pending_credit(credit) for credit in found.credits],
        totals=map(money_message, found.totals),
    )


def _pending_credit(found: core.PendingCredit) -> pb.PendingCredit:
    return pb.PendingCredit(
        plan=found.plan,
        component=found.component,
        period=found.period,
        counts=None if found.counts is None else quantity_message(found.counts),
        amount=None if found.pays is None else money_message(found.pays),
    )


def payout_message(found: core.ComponentPayout) -> pb.ComponentPayout:
    return pb.ComponentPayout(
        plan=found.plan,
        plan_title=found.plan_title,
        component=found.component,
        amount=money_message(found.amount),
        lines=map(line_message, found.lines),
    )


def line_message(found: core.Line) -> pb.StatementLine:
    key = found.key
    return pb.StatementLine(
        name=line_name(key),
        plan=key.plan,
        plan_revision=found.revision,
        component=key.component,
        rule_kind=found.rule_kind,
        period=key.period,
        step_kind=found.step_kind,
        source=key.source,
        external_id=key.external_id,
        line=key.line,
        stage=key.stage,
        cause_external_id=found.cause_external_id,
        account_id=found.account_id,
        account_display_name=found.account_name,
        product=found.product,
        deal_type=found.deal_type,
        activity=found.activity,
        counting_date=None if found.counting_date is None else date_message(found.counting_date),
        payable_date=None if found.payable_date is None else date_message(found.payable_date),
        counts=quantity_message(found.counts),
        amount=money_message(found.amount),
        part=found.part or 0,
        whole_amount=None if found.whole is None else money_message(found.whole),
        corrects_pay_period=found.corrects_pay_period,
        current_amount=None if found.current_amount is None else money_message(found.current_amount),
        corrected_from=None if found.corrected is None else quantity_message(found.corrected[0]),
        corrected_to=None if found.corrected is None else quantity_message(found.corrected[1]),
        deal_cause=found.deal_cause,
    )


def paid_as_message(found: core.PaidAs | None) -> PaidAsMessage | None:
    if found is None:
        return None
    return PaidAsMessage(
        currency_code=found.currency_code,
        amount=None if found.amount is None else money_message(found.amount),
        fx_table=found.fx_table,
        rate_date=date_message(found.fx_date),
        rate_start_date=None if found.fx_start_date is None else date_message(found.fx_start_date),
        rate=_optional_text(found.rate),
    )


def account_message(found: core.Account) -> pb.PayAccount:
    steps = (
        pb.PayStep(kind=step.kind, amount=money_message(step.amount), plan_at=step.plan_at, note=step.note)
        for step in found.steps
    )
    return pb.PayAccount(currency_code=found.currency_code, steps=steps)


# --- a derivation


def step_message(found: Step) -> pb.DerivationStep:
    message = pb.DerivationStep(code=found.code, plan_at=found.plan_at, steps=map(step_message, found.steps))
    for name in sorted(found.values):
        _set(message.values.add(name=name), found.values[name])
    message.text = sentence(message, "en")
    return message


def _set(target: pb.DerivationValue, value: Value) -> None:
    name, content = _typed(value)
    if isinstance(content, Message):
        getattr(target, name).CopyFrom(content)
    else:
        setattr(target, name, content)


@singledispatch
def _typed(value: Value) -> tuple[str, Message | str | int]:
    """The field of DerivationValue that holds the value, and what it holds."""
    raise AssertionError(f"a derivation holds {value!r}")


_typed.register(str, lambda value: ("text", value))
_typed.register(int, lambda value: ("number", value))
_typed.register(Fraction, lambda value: ("ratio", decimal_text(value)))
_typed.register(date, lambda value: ("date", date_message(value)))
_typed.register(core.Money, lambda value: ("money", money_message(value)))


@_typed.register
def _of_time(value: datetime) -> tuple[str, Message]:
    message = pb.DerivationValue()
    message.time.FromDatetime(value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value)
    return "time", message.time


@_typed.register
def _of_quantity(value: core.Quantity) -> tuple[str, Message | str]:
    if value.currency_code is None:
        return "count", count_text(value.amount)
    return "money", Money(currency_code=value.currency_code, minor_units=value.amount)


@_typed.register
def _of_exact(value: Exact) -> tuple[str, Message | str]:
    if value.currency_code is None:
        return "count", decimal_text(value.amount / MILLION)
    return "exact_money", pb.ExactMoney(currency_code=value.currency_code, minor_units=decimal_text(value.amount))
