"""What a store keeps of what people say to a calculation: disputes, plan letters, acknowledgements and sign-offs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from compsvc.core.control_totals import Stated
from compsvc.core.statement_values import Money
from compsvc.service.ports import Mutation

DisputeAction = Literal["opened", "replied", "accepted", "withdrawn", "answered", "adjusted", "declined"]
DisputeState = Literal["open", "answered", "adjusted", "declined", "accepted", "withdrawn"]
LetterAction = Literal["received", "signed", "declined"]
LetterState = Literal["sent", "received", "signed", "declined", "superseded"]
FindingAction = Literal["found", "mended", "signed_off"]

# --- disputes


@dataclass(frozen=True, slots=True)
class DisputeEntry:
    """What one side says, in the order of `number`, from 1."""

    number: int
    action: DisputeAction
    author: str
    text: str
    adjustment_id: str  # of an answer that adjusts: what is adjusted by; empty otherwise
    recorded_time: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """What a participant objects to, and all that was said of it. Silence is no answer and no acceptance."""

    dispute_id: str
    participant_id: str
    subject: str  # the name of a line or of a statement
    period: str  # of the line's measure, or of the statement
    amount: Money | None  # of the line, as it was when the dispute was opened
    entries: tuple[DisputeEntry, ...]

    @property
    def state(self) -> DisputeState:
        """What was said last; open where it is the participant's turn that came last."""
        last = self.entries[-1].action
        return "open" if last in ("opened", "replied") else last  # type: ignore[return-value]


# --- plan letters


@dataclass(frozen=True, slots=True)
class LetterEntry:
    number: int
    action: LetterAction
    author: str
    text: str
    recorded_time: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """The terms of one assignment as they were sent to the participant (J3)."""

    letter_id: str
    participant_id: str
    plan: str
    revision: str
    start_date: date  # of the assignment
    terms: str  # canonical JSON of all that the hash covers
    terms_hash: str
    sender: str
    sent_time: datetime
    entries: tuple[LetterEntry, ...]
    superseded_by: str = ""  # the next letter of the same assignment

    @property
    def state(self) -> LetterState:
        if self.superseded_by:
            return "superseded"
        return self.entries[-1].action if self.entries else "sent"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That a participant has seen a statement: its hash says which text of it."""

    participant_id: str
    period: str
    statement_hash: str
    author: str
    text: str
    recorded_time: datetime


# --- the close of a pay period


@dataclass(frozen=True, slots=True)
class FindingEntry:
    number: int
    action: FindingAction
    author: str
    reason: str
    recorded_time: datetime


@dataclass(frozen=True, slots=True)
class RecordedFinding:
    """A finding of a pay period's close with its trace: when it was found, mended or signed off, by whom and why."""

    pay_period: str
    finding_id: str
    code: str
    subject: str
    message: str
    entries: tuple[FindingEntry, ...]

    @property
    def state(self) -> FindingAction:
        return self.entries[-1].action


class AgreementStore(Protocol):
    """Each writing call is one transaction; the same request again gets the first answer. AlreadyExists where its
    content was another, Aborted where somebody else was first."""

    def is_answered(self, mutation: Mutation) -> bool: ...

    def disputes(self, participant_id: str | None = None) -> Sequence[Dispute]:
        """The oldest first."""
        ...

    def answered_dispute(self, mutation: Mutation) -> Dispute | None:
        """As this request left it; None where the request is new."""
        ...

    def open_dispute(self, dispute: Dispute, mutation: Mutation) -> Dispute: ...

    def add_to_dispute(self, seen: Dispute, entry: DisputeEntry, mutation: Mutation) -> Dispute: ...

    def letters(self, participant_id: str | None = None) -> Sequence[Letter]:
        """The oldest first."""
        ...

    def answered_letter(self, mutation: Mutation) -> Letter | None: ...

    def send_letter(self, letter: Letter, mutation: Mutation) -> Letter: ...

    def add_to_letter(self, seen: Letter, entry: LetterEntry, mutation: Mutation) -> Letter: ...

    def acknowledgements(self, participant_id: str) -> Sequence[Acknowledgement]: ...

    def acknowledge_statement(self, told: Acknowledgement, mutation: Mutation) -> Acknowledgement:
        """The first one stands: who acknowledges the same statement again is answered with it."""
        ...

    def findings(self, pay_period: str) -> Sequence[RecordedFinding]:
        """In the order in which they were found."""
        ...

    def answered_totals(self, mutation: Mutation) -> Stated | None:
        """As this request stated them; None where the request is new."""
        ...

    def stated_totals(self) -> Sequence[Stated]:
        """What was stated last of each source, basis and span, in that order."""
        ...

    def state_totals(self, stated: Stated, mutation: Mutation) -> Stated: ...

    def add_findings(self, changed: Sequence[RecordedFinding], mutation: Mutation) -> None:
        """Of each the last entry is new."""
        ...
