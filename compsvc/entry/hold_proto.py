"""Holds between values and messages, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compsvc.entry.grpc_names import decoded
from compsvc.entry.statement_proto import money_message
from compsvc.service.payroll_holds import Held
from compsvc.service.payroll_ports import Hold, HoldOrigin, HoldState
from compsvc.v1 import payroll_run_service_pb2 as pb

STATES: Mapping[HoldState, Any] = {
    "held": pb.Hold.STATE_HELD,
    "released": pb.Hold.STATE_RELEASED,
    "refused": pb.Hold.STATE_REFUSED,
}
ORIGINS: Mapping[HoldOrigin, Any] = {"deal": pb.Hold.ORIGIN_DEAL, "review": pb.Hold.ORIGIN_REVIEW}
_STATED = ("source", "external_id", "participant_id", "plan", "component", "reason_code", "reason")
_DECIDED = ("author", "decider", "decision_reason")


def hold_message(found: Held) -> pb.Hold:
    hold = found.hold
    return pb.Hold(
        name=f"holds/{hold.hold_id}",
        state=STATES[hold.state],
        origin=ORIGINS[hold.origin],
        pay_period=f"payPeriods/{hold.pay_period}",
        released_period=f"payPeriods/{hold.released_period}" if hold.released_period else "",
        amounts=map(money_message, found.amounts),
        **{name: getattr(hold, name) for name in (*_STATED, *_DECIDED)},
    )


def read_hold(message: pb.Hold) -> Hold:
    """What an author states; the service fills in the rest."""
    return Hold(
        hold_id="",
        state="held",
        origin="deal",
        pay_period=period_of(message.pay_period),
        author="",
        released_period="",
        decider="",
        decision_reason="",
        ledger_position=0,
        **{name: getattr(message, name) for name in _STATED},
    )


def period_of(name: str) -> str:
    period = decoded(name, "payPeriods")
    return period[0] if period else name
