"""Disputes between values and messages, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compsvc.core.statement_values import LineKey
from compsvc.entry.grpc_convert import named_state
from compsvc.entry.grpc_errors import bad_name
from compsvc.entry.grpc_names import decoded, encoded
from compsvc.entry.grpc_present import timestamp
from compsvc.entry.statement_proto import money_message, parse_line_name, parse_reference, parse_statement_name
from compsvc.service.agreement_ports import Dispute, DisputeAction, DisputeEntry, DisputeState
from compsvc.service.line_references import Referred
from compsvc.v1 import dispute_service_pb2 as pb

STATES: Mapping[DisputeState, Any] = {
    "open": pb.Dispute.STATE_OPEN,
    "answered": pb.Dispute.STATE_ANSWERED,
    "adjusted": pb.Dispute.STATE_ADJUSTED,
    "declined": pb.Dispute.STATE_DECLINED,
    "accepted": pb.Dispute.STATE_ACCEPTED,
    "withdrawn": pb.Dispute.STATE_WITHDRAWN,
}
ACTIONS: Mapping[DisputeAction, Any] = {
    "opened": pb.DisputeEntry.ACTION_OPENED,
    "replied": pb.DisputeEntry.ACTION_REPLIED,
    "accepted": pb.DisputeEntry.ACTION_ACCEPTED,
    "withdrawn": pb.DisputeEntry.ACTION_WITHDRAWN,
    "answered": pb.DisputeEntry.ACTION_ANSWERED,
    "adjusted": pb.DisputeEntry.ACTION_ADJUSTED,
    "declined": pb.DisputeEntry.ACTION_DECLINED,
}
REPLIES: tuple[DisputeAction, ...] = ("replied", "accepted", "withdrawn")
ANSWERS: tuple[DisputeAction, ...] = ("answered", "adjusted", "declined")
FORM = "participants/{participant}/disputes/{dispute}"


def dispute_message(found: Dispute) -> pb.Dispute:
    return pb.Dispute(
        name=dispute_name(found.participant_id, found.dispute_id),
        participant_id=found.participant_id,
        subject=found.subject,
        period=found.period,
        amount=None if found.amount is None else money_message(found.amount),
        state=STATES[found.state],
        entries=map(_entry, found.entries),
    )


def _entry(found: DisputeEntry) -> pb.DisputeEntry:
    return pb.DisputeEntry(
        action=ACTIONS[found.action],
        author=found.author,
        text=found.text,
        adjustment_id=found.adjustment_id,
        create_time=timestamp(found.recorded_time),
    )


def dispute_name(participant_id: str, dispute_id: str) -> str:
    return f"participants/{encoded(participant_id)}/disputes/{encoded(dispute_id)}"


def read_dispute_name(name: str) -> tuple[str, str]:
    found = decoded(name, "participants", "disputes")
    if found is None:
        raise bad_name(name, FORM)
    return found[0], found[1]


def read_subject(name: str) -> LineKey | Referred | tuple[str, str]:
    """A line by its name or its reference, or the participant and the period of a statement."""
    found = parse_line_name(name) or parse_statement_name(name) or parse_reference(name)
    if found is None:
        form = "participants/{participant}/lines/{line} or participants/{participant}/statements/{period}"
        raise bad_name(name, form, field="subject")
    return found


def read_action(action: int, allowed: tuple[DisputeAction, ...]) -> DisputeAction:
    known = ", ".join(f"ACTION_{name.upper()}" for name in allowed)
    found: DisputeAction = named_state({name: ACTIONS[name] for name in allowed}, action, "action", known)
    return found


def read_state(state: int) -> DisputeState | None:
    if state == pb.Dispute.STATE_UNSPECIFIED:
        return None
    found: DisputeState = named_state(STATES, state, "state", "a state of a dispute")
    return found
