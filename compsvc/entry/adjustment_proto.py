"""Adjustments and opening balances between values and messages, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from compsvc.entry.grpc_convert import Unreadable, read_date
from compsvc.entry.grpc_names import decoded
from compsvc.entry.statement_proto import date_message
from compsvc.entry.statement_whole_proto import time_message
from compsvc.service.payroll_openings import Opening, PaidDeal
from compsvc.service.payroll_ports import Adjustment, AdjustmentOrigin, AdjustmentState, Credit, OpeningPosition
from compsvc.service.ports import InvalidArgument
from compsvc.v1 import payroll_run_service_pb2 as pb
from compsvc.v1.types_pb2 import Money

STATES: Mapping[AdjustmentState, Any] = {
    "written": pb.Adjustment.STATE_WRITTEN,
    "accepted": pb.Adjustment.STATE_ACCEPTED,
    "declined": pb.Adjustment.STATE_DECLINED,
    "superseded": pb.Adjustment.STATE_SUPERSEDED,
}
ORIGINS: Mapping[AdjustmentOrigin, Any] = {
    "manual": pb.Adjustment.ORIGIN_MANUAL,
    "proposed": pb.Adjustment.ORIGIN_PROPOSED,
}
_TEXTS = (
    *("participant_id", "plan", "component", "corrects_pay_period", "kind", "reason", "evidence", "author", "decider"),
    *("decision_reason", "decision_code"),
)


def adjustment_message(found: Adjustment) -> pb.Adjustment:
    return pb.Adjustment(
        name=f"adjustments/{found.adjustment_id}",
        state=STATES[found.state],
        origin=ORIGINS[found.origin],
        amount=Money(currency_code=found.currency_code, minor_units=found.amount_minor),
        pay_period=f"payPeriods/{found.pay_period}",
        acknowledge_time=None if found.acknowledged_time is None else time_message(found.acknowledged_time),
        credit=None if found.credit is None else _credit_message(found.credit),
        **{name: getattr(found, name) for name in _TEXTS},
    )


def _credit_message(found: Credit) -> pb.StatedCredit:
    what = ("amount_minor", "count_millionths")
    named = {name: getattr(found, name) for name in what if getattr(found, name) is not None}
    plain = ("counts", "pays", "source", "external_id", "line", "taken_back")
    day = date_message(found.credit_date)
    return pb.StatedCredit(credit_date=day, **named, **{name: getattr(found, name) for name in plain})


def _read_credit(message: pb.StatedCredit) -> Credit:
    plain = ("counts", "pays", "source", "external_id", "line", "taken_back")
    return Credit(
        credit_date=_day(message, "credit_date", "credit_date is the day on which the credit counts."),
        **_what(message),
        **{name: getattr(message, name) for name in plain},
    )


def _what(message: pb.StatedCredit | pb.OpeningPosition) -> dict[str, Any]:
    """The one of both that is given."""
    given = message.WhichOneof("what")
    return {name: getattr(message, name) if name == given else None for name in ("amount_minor", "count_millionths")}


def read_position(message: pb.OpeningPosition) -> OpeningPosition:
    plain = ("participant_id", "plan", "component", "currency_code", "counts", "pays")
    return OpeningPosition(**_what(message), **{name: getattr(message, name) for name in plain})


def read_adjustment(message: pb.Adjustment) -> Adjustment:
    """What an author states; the service fills in the rest."""
    period = decoded(message.pay_period, "payPeriods")
    stated = ("participant_id", "plan", "component", "kind", "reason", "evidence")
    return Adjustment(
        adjustment_id="",
        state="written",
        origin="manual",
        amount_minor=message.amount.minor_units,
        currency_code=message.amount.currency_code,
        pay_period=period[0] if period else message.pay_period,
        corrects_pay_period="",
        author="",
        decider="",
        decision_reason="",
        credit=_read_credit(message.credit) if message.HasField("credit") else None,
        **{name: getattr(message, name) for name in stated},
    )


def read_opening(message: pb.Opening) -> Opening:
    return Opening(**{field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields})


def read_paid_deal(message: pb.PaidDeal) -> PaidDeal:
    return PaidDeal(**{field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields})


def read_cutover(message: pb.BookOpeningsRequest) -> date:
    return _day(message, "cutover_date", "cutover_date is the first day that this book pays for.")


def _day(message: pb.BookOpeningsRequest | pb.StatedCredit, field: str, missing: str) -> date:
    try:
        found = read_date(message, field)[field]
    except Unreadable as error:
        raise InvalidArgument.of(field, error.code, error.message) from None
    if not isinstance(found, date):
        raise InvalidArgument.of(field, "REQUIRED", missing)
    return found


def read_word(words: Mapping[Any, Any], number: int, field: str) -> str:
    """The word of a number; empty where it is unset."""
    found = next((word for word, value in words.items() if value == number), "")
    if number and not found:
        raise InvalidArgument.of(field, "STATE_INVALID", f"{field} has to be one of those that the proto names.")
    return str(found)
