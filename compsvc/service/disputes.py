"""What participants object to, and what finance says to it; nobody's silence is an answer or an acceptance."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from compsvc.core.limits import MAX_TEXT_CHARACTERS
from compsvc.core.statement_explain import explain
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import LineKey, Money, Span
from compsvc.service import pages
from compsvc.service.access import READERS, require
from compsvc.service.agreement_ports import (
    Acknowledgement,
    AgreementStore,
    Dispute,
    DisputeAction,
    DisputeEntry,
    DisputeState,
)
from compsvc.service.calculation import Calculation, Calculations
from compsvc.service.line_references import Referred, line_of
from compsvc.service.payroll_ports import PayrollStore
from compsvc.service.ports import (
    Caller,
    FailedPrecondition,
    InvalidArgument,
    Mutation,
    NotFound,
    PermissionDenied,
)
from compsvc.service.statements import ALWAYS, may_read, not_yours, sees_period, span_of

NO_TIME = datetime.fromtimestamp(0, UTC)  # until the store says when it was recorded
ENDED: tuple[DisputeState, ...] = ("accepted", "withdrawn")


@dataclass(frozen=True, slots=True)
class Agreements:
    """What the verbs need of the house."""

    store: AgreementStore
    calculations: Calculations
    payroll: PayrollStore


@dataclass(frozen=True, slots=True)
class DisputePage:
    disputes: Sequence[Dispute]
    next_page_token: str


def open_dispute(
    house: Agreements, caller: Caller, *, subject: str, key: LineKey | tuple[str, str], text: str, mutation: Mutation
) -> Dispute:
    """`key` is what the name of the subject says: a line, or a participant and a period."""
    require(caller, "open_dispute")
    participant_id = key.participant_id if isinstance(key, LineKey) else key[0]
    must_be_own(caller, participant_id)
    if (first := house.store.answered_dispute(mutation)) is not None:
        return first
    check_text(text, needed=True)
    calculation = house.calculations.newest()
    period, amount = _subject(calculation, subject, key)
    for known in house.store.disputes(participant_id):
        if known.subject == subject and known.state not in ENDED:
            message = f"Dispute {known.dispute_id} about this is {known.state}. Reply to it instead of opening another."
            raise FailedPrecondition("DISPUTE_OPEN", message, dispute=known.dispute_id)
    dispute_id = hashlib.sha256(f"{subject}/{mutation.request_id}".encode()).hexdigest()[:12]
    entry = DisputeEntry(1, "opened", caller.subject, text.strip(), "", NO_TIME)
    return house.store.open_dispute(Dispute(dispute_id, participant_id, subject, period, amount, (entry,)), mutation)


def line_meant(house: Agreements, caller: Caller, asked: Referred) -> LineKey:
    """The line that the caller calls so; only one of their own."""
    require(caller, "open_dispute")
    must_be_own(caller, asked.participant_id)
    return line_of(house.calculations.newest(), asked)


def reply_dispute(
    house: Agreements,
    caller: Caller,
    *,
    which: tuple[str, str],
    action: DisputeAction,
    text: str,
    mutation: Mutation,
) -> Dispute:
    require(caller, "open_dispute")
    must_be_own(caller, which[0])
    if (first := house.store.answered_dispute(mutation)) is not None:
        return first
    check_text(text, needed=action == "replied")
    seen = _dispute(house, which)
    if seen.state in ENDED or (action == "accepted" and seen.state == "open"):
        raise _wrong_state(seen, action)
    return _add(house, seen, DisputeEntry(0, action, caller.subject, text.strip(), "", NO_TIME), mutation)


def answer_dispute(
    house: Agreements,
    caller: Caller,
    *,
    which: tuple[str, str],
    action: DisputeAction,
    text: str,
    adjustment_id: str,
    mutation: Mutation,
) -> Dispute:
    require(caller, "answer_dispute")
    if (first := house.store.answered_dispute(mutation)) is not None:
        return first
    check_text(text, needed=True)
    if (action == "adjusted") != bool(adjustment_id.strip()):
        message = "An answer that adjusts names what it adjusts by in adjustment_id, and no other answer does."
        raise InvalidArgument.of("adjustment_id", "ADJUSTMENT_MISSING", message)
    seen = _dispute(house, which)
    if caller.subject == seen.participant_id:
        message = f"`{caller.subject}` cannot answer their own dispute; somebody else of finance has to."
        raise PermissionDenied("FOUR_EYES", message, dispute=seen.dispute_id)
    if seen.state in ENDED:
        raise _wrong_state(seen, action)
    if action == "adjusted":
        _must_be_theirs(house, adjustment_id.strip(), seen.participant_id)
    entry = DisputeEntry(0, action, caller.subject, text.strip(), adjustment_id.strip(), NO_TIME)
    return _add(house, seen, entry, mutation)


def _must_be_theirs(house: Agreements, adjustment_id: str, participant_id: str) -> None:
    known = (each for each in house.payroll.adjustments() if each.adjustment_id == adjustment_id)
    if not any(each.participant_id == participant_id and each.state != "declined" for each in known):
        message = (
            f"`{adjustment_id[:64]}` is no adjustment of `{participant_id}`, or it was declined. "
            "`compsvc payroll adjustments` and `compsvc payroll proposals` list them."
        )
        raise InvalidArgument.of("adjustment_id", "UNKNOWN_ADJUSTMENT", message)


def get_dispute(house: Agreements, caller: Caller, *, which: tuple[str, str]) -> Dispute:
    require(caller, "read_disputes")
    may_read(house.calculations, caller, which[0])
    found = _dispute(house, which)
    if not _sees(house, caller)(found):
        raise not_yours(caller, which[0])
    return found


def list_disputes(
    house: Agreements,
    caller: Caller,
    *,
    participant_id: str,
    state: DisputeState | None,
    page_size: int,
    page_token: str,
) -> DisputePage:
    """The oldest first; of one participant, or of all whom the caller may read."""
    require(caller, "read_disputes")
    if participant_id:
        may_read(house.calculations, caller, participant_id)
    sees = _sees(house, caller)
    disputes = [
        each for each in house.store.disputes(participant_id or None) if state in (None, each.state) and sees(each)
    ]
    page = pages.of_list(disputes, "disputes", {"who": participant_id, "state": state}, page_size, page_token)
    return DisputePage(*page)


def disputes_on(
    house: Agreements, calculation: Calculation, participant_id: str, span: Span, lines: set[str]
) -> list[Dispute]:
    """Those that a statement shows: about one of its lines, about itself, or about what touches its period."""
    return [
        each
        for each in house.store.disputes(participant_id)
        if each.subject in lines or _span(calculation, each).touches(span)
    ]


def as_of(dispute: Dispute, time: datetime) -> Dispute | None:
    """What had been said by then; None before it was opened."""
    entries = tuple(entry for entry in dispute.entries if entry.recorded_time <= time)
    return replace(dispute, entries=entries) if entries else None


def acknowledge(
    house: Agreements,
    caller: Caller,
    *,
    which: tuple[str, str],
    seen_hash: str,
    says: Callable[[str], bool],
    text: str,
    mutation: Mutation,
) -> Acknowledgement:
    """By the participant alone, of the text that stands now, or that was issued: `says` tells of a hash whether it is
    of one of them. Who does not acknowledge has accepted nothing."""
    require(caller, "acknowledge_statement")
    must_be_own(caller, which[0])
    check_text(text, needed=False)
    if not house.store.is_answered(mutation) and not says(seen_hash):
        message = "The statement says something else than the text of this hash by now. Read it again."
        raise FailedPrecondition("HASH_DIFFERS", message, period=which[1])
    told = Acknowledgement(*which, seen_hash, caller.subject, text.strip(), NO_TIME)
    return house.store.acknowledge_statement(told, mutation)


# --- whose


def must_be_own(caller: Caller, participant_id: str) -> None:
    if caller.subject != participant_id:
        message = f"Only `{participant_id}` may do this for themselves, not `{caller.subject}`."
        raise PermissionDenied("NOT_YOUR_STATEMENT", message, role=caller.role, participant=participant_id)


def _sees(house: Agreements, caller: Caller) -> Callable[[Dispute], bool]:
    """A manager sees those of the periods in which the participant was below them."""
    if caller.role in READERS:
        return lambda found: True
    calculation = house.calculations.newest()

    def seen(found: Dispute) -> bool:
        if caller.subject == found.participant_id or caller.role != "manager":
            return caller.subject == found.participant_id
        return sees_period(calculation.facts, caller, found.participant_id, _span(calculation, found))

    return seen


# --- what


def check_text(text: str, *, needed: bool, field: str = "text") -> None:
    if needed and not text.strip():
        code, message = "TEXT_MISSING", f"Say it in words: `{field}` is empty."
    elif len(text) > MAX_TEXT_CHARACTERS:
        code = "TEXT_TOO_LONG"
        message = f"`{field}` has {len(text):,} characters; up to {MAX_TEXT_CHARACTERS:,} are kept."
    else:
        return
    raise InvalidArgument.of(field, code, message)


def _subject(calculation: Calculation, subject: str, key: LineKey | tuple[str, str]) -> tuple[str, Money | None]:
    """The period, and of a line the amount. NotFound where there is no such line, or no such participant."""
    if isinstance(key, LineKey):
        found = explain(calculation.result, calculation.plans, calculation.facts, key)
        if found is None:
            raise NotFound("compsvc.dev/StatementLine", subject)
        return key.period, found.line.amount
    if calculation.facts.of("participants", "participant_id", key[0]).is_empty():
        raise NotFound("compsvc.dev/Statement", subject)
    return span_of(calculation, *key).name, None


def _span(calculation: Calculation, dispute: Dispute) -> Span:
    """Of a line its measurement period; one whose name is no period of the calendar is always."""
    found = period_of(dispute.period, fiscal_year_starts=1)
    return ALWAYS if found is None else span_of(calculation, dispute.participant_id, dispute.period)


def _dispute(house: Agreements, which: tuple[str, str]) -> Dispute:
    participant_id, dispute_id = which
    found = next((each for each in house.store.disputes(participant_id) if each.dispute_id == dispute_id), None)
    if found is None:
        raise NotFound("compsvc.dev/Dispute", f"participants/{participant_id}/disputes/{dispute_id}")
    return found


def _add(house: Agreements, seen: Dispute, entry: DisputeEntry, mutation: Mutation) -> Dispute:
    numbered = replace(entry, number=len(seen.entries) + 1)
    return house.store.add_to_dispute(seen, numbered, mutation)


def _wrong_state(seen: Dispute, action: DisputeAction) -> FailedPrecondition:
    todo = "Wait for an answer, or withdraw it." if seen.state == "open" else "Open another one if something is wrong."
    message = f"Dispute {seen.dispute_id} is {seen.state}; it cannot be {action}. {todo}"
    return FailedPrecondition("DISPUTE_STATE", message, dispute=seen.dispute_id, state=seen.state)
