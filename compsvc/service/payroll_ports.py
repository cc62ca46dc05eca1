"""What a store keeps of payroll: runs and their states, the ledger, sealed payouts and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

import polars as pl

from compsvc.core.facts import Schema
from compsvc.core.ledger import AMOUNTS, ENTRIES
from compsvc.core.payroll_run import PAYOUTS
from compsvc.service.ports import Mutation

RunState = Literal["computed", "approved", "sealed", "cancelled"]
PeriodState = Literal["open", "locked", "closed"]
Outcome = Literal["paid", "rejected"]
AdjustmentState = Literal["written", "accepted", "declined", "superseded"]
AdjustmentOrigin = Literal["manual", "proposed"]
HoldState = Literal["held", "released", "refused"]
HoldOrigin = Literal["deal", "review"]

BOOKED: Schema = {  # ENTRIES as they stand in the book, in the order of `entry`, from 1 without a gap
    "entry": pl.Int64,
    "run_id": pl.String,
    "pay_period": pl.String,
    **ENTRIES,
    "previous_hash": pl.String,  # of the entry before it; of the first one 64 zeros
    "hash": pl.String,
}

PARTS: Schema = {  # what a proposal comes to of each subject
    "adjustment_id": pl.String,
    "place": pl.Int64,
    **AMOUNTS,
    "terms_position": pl.Int64,  # where the book had the terms that its event goes by until somebody accepts
}

BOOKED_PAYOUTS: Schema = {  # of sealed runs
    **dict.fromkeys(("payout_id", "run_id", "pay_period"), pl.String),
    **PAYOUTS,
}


@dataclass(frozen=True, slots=True)
class Run:
    """A calculation of what a pay period is to pay, in its latest state. `digest` covers every entry and payout."""

    run_id: str
    pay_period: str
    participant_ids: tuple[str, ...]  # empty: everybody; otherwise an off-cycle run for these
    state: RunState
    created_by: str
    approved_by: str
    book_position: int  # that it saw
    ledger_position: int  # the last entry that it saw
    calculation_version: str
    digest: str
    payout_count: int
    totals: str  # JSON: {"EUR": minor units}
    head_hash: str  # of the ledger after the seal; empty before
    recorded_time: datetime  # of the latest state


@dataclass(frozen=True, slots=True)
class Credit:
    """What an adjustment counts or pays by, beside money or in its place (B4)."""

    credit_date: date  # on which it counts
    amount_minor: int | None  # where the component counts money
    count_millionths: int | None  # where it counts anything else
    counts: bool  # whether it moves the position
    pays: bool  # whether rates apply to it
    source: str = ""  # of the deal that it is about
    external_id: str = ""
    line: int = 0
    taken_back: bool = False  # with that deal (T1)


@dataclass(frozen=True, slots=True)
class OpeningPosition:
    """What a participant brings along of a component's period at the cut-over (B3)."""

    participant_id: str
    plan: str
    component: str
    currency_code: str
    amount_minor: int | None
    count_millionths: int | None
    counts: bool
    pays: bool

    @property
    def position_id(self) -> str:
        moved = "" if self.counts and self.pays else "/counts" if self.counts else "/pays"
        return f"{self.participant_id}/{self.plan}/{self.component}{moved}"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A stated amount, or a difference that a run has proposed; in its latest state (B4, T5)."""

    adjustment_id: str
    state: AdjustmentState
    origin: AdjustmentOrigin
    participant_id: str
    plan: str  # empty where it belongs to none
    component: str
    amount_minor: int
    currency_code: str
    pay_period: str  # in which it is to be paid; of a proposal, that of the run that found it
    corrects_pay_period: str  # of a proposal; empty otherwise
    kind: str  # of one that was written: adjustments.KINDS; of a proposal what has changed, such as `plan, quota`
    reason: str
    evidence: str
    author: str  # of a proposal who computed the run that found it
    decider: str  # empty until it is decided
    decision_reason: str
    decision_code: str = ""  # proposals.CODES: of an accepted proposal that takes back
    acknowledged_time: datetime | None = None  # when its participant said that they have been told of it
    credit: Credit | None = None  # of one that was written; its component is then given


@dataclass(frozen=True, slots=True)
class Hold:
    """Pay of a deal that waits: put on hold by somebody, or left for a review by a plan; in its latest state."""

    hold_id: str
    state: HoldState
    origin: HoldOrigin
    source: str
    external_id: str
    participant_id: str  # empty: of everybody; likewise plan and component
    plan: str
    component: str
    pay_period: str  # from which on it holds
    reason_code: str
    reason: str
    author: str
    released_period: str  # in which what it has kept becomes payable; empty before, and of what is refused
    decider: str  # empty while it stands
    decision_reason: str
    ledger_position: int  # the last entry that was booked before it


@dataclass(frozen=True, slots=True)
class PayPeriod:
    """`version` grows with each change of state; who changes it names the one that they saw."""

    name: str
    state: PeriodState
    version: int
    changed_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class PayoutOutcome:
    payout_id: str
    outcome: Outcome
    paid_date: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class IssuedStatement:
    """A participant's statement of a sealed run, as it was handed out (B8)."""

    run_id: str
    participant_id: str
    period: str  # the run's pay period
    as_of_time: datetime  # of the seal
    statement_hash: str
    content: str  # its canonical JSON
    recorded_time: datetime | None = None  # None before it is stored


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a run proposes that was not proposed yet, the PARTS of it, and what was proposed and is no more so."""

    proposed: Sequence[Adjustment]
    parts: pl.DataFrame
    superseded: Sequence[Adjustment]


@dataclass(frozen=True, slots=True)
class Sealing:
    """Everything that a seal stores at one time, or nothing of it."""

    run: Run
    entries: pl.DataFrame  # BOOKED
    payouts: pl.DataFrame  # BOOKED_PAYOUTS
    fixed: pl.DataFrame  # facts.FIXED_EVENTS
    proposals: Renewed


class PayrollStore(Protocol):
    """Each call is one transaction. Aborted where the book has moved since what the caller saw."""

    def answered_run(self, mutation: Mutation) -> Run | None:
        """The first answer to this request; None where it is new. AlreadyExists where its content was another."""
        ...

    def answered_period(self, mutation: Mutation) -> PayPeriod | None:
        """Likewise of a change of a pay period."""
        ...

    def is_answered(self, mutation: Mutation) -> bool:
        """Whether the request was stored before. AlreadyExists as above."""
        ...

    def runs(self, pay_period: str | None = None, as_of: datetime | None = None) -> Sequence[Run]:
        """In their latest states, or those in which they were then; the oldest first."""
        ...

    def ledger(self, upto: int | None = None, participant_id: str = "") -> pl.DataFrame:
        """BOOKED; of one participant, where one is named."""
        ...

    def last_entry(self) -> int:
        """The number of the last entry of the ledger; 0 where nothing is booked."""
        ...

    def input_digest(self, book_position: int) -> str:
        """The hash of every row that the book had at a position: what a calculation at it has gone by (B1)."""
        ...

    def payouts_of(self, participant_id: str) -> pl.DataFrame:
        """BOOKED_PAYOUTS of all sealed runs, in the order in which they were sealed."""
        ...

    def payout(self, payout_id: str) -> pl.DataFrame:
        """BOOKED_PAYOUTS: the one of that id, or none."""
        ...

    def last_change(self) -> int:
        """A number that grows with whatever is stored in the book."""
        ...

    def as_of(self, request: int) -> PayrollStore:
        """What could be read after a request."""
        ...

    def sealed_at(self, run_id: str) -> int:
        """The request that sealed a run."""
        ...

    def signed_off(self, pay_period: str) -> frozenset[str]:
        """The findings of a pay period that somebody has signed off."""
        ...

    def plan_authors(self) -> Sequence[tuple[str, str, str]]:
        """Of each plan's revision who stored it."""
        ...

    def openings_author(self) -> str:
        """Who booked the opening balances; empty where nobody did."""
        ...

    def broken_links(self) -> Sequence[str]:
        """What of the book, whichever table, is not as a request has stored it, in words."""
        ...

    def last_link(self) -> str:
        """The hash of everything that was stored."""
        ...

    def cutover_entries(self) -> pl.DataFrame:
        """BOOKED: the opening balances."""
        ...

    def run_payouts(self, run_id: str) -> pl.DataFrame:
        """BOOKED_PAYOUTS of a sealed run."""
        ...

    def outcomes(self, run_id: str | None = None) -> Sequence[PayoutOutcome]:
        """The latest of each payout that has one."""
        ...

    def exported(self) -> frozenset[str]:
        """The runs whose payouts somebody has fetched."""
        ...

    def pay_period(self, name: str) -> PayPeriod:
        """Open, of version 0, where nobody ever said otherwise."""
        ...

    def record_run(self, run: Run, mutation: Mutation, *, seen: Run | None) -> Run:
        """A new run, or a new state of one; `seen` is the state that the caller saw."""
        ...

    def seal(self, sealing: Sealing, mutation: Mutation, *, seen: Run, pay_period: PayPeriod) -> Run: ...

    def record_export(self, run_id: str, mutation: Mutation) -> None: ...

    def acknowledge(
        self,
        run_id: str,
        outcomes: Sequence[PayoutOutcome],
        entries: pl.DataFrame,
        mutation: Mutation,
        *,
        head: int,
        known: int,
    ) -> None:
        """`entries` are BOOKED, the first of them right after `head`. ABORTED where the run has not `known` outcomes:
        what they may be depends on those before them."""
        ...

    def answered_adjustment(self, mutation: Mutation) -> Adjustment | None:
        """Likewise of an adjustment."""
        ...

    def adjustments(self) -> Sequence[Adjustment]:
        """In their latest states, the oldest first."""
        ...

    def parts(self, adjustment_ids: Sequence[str]) -> pl.DataFrame:
        """PARTS of proposals."""
        ...

    def kept(self) -> pl.DataFrame:
        """proposals.KEPT: the events of which the last proposal is undecided or declined."""
        ...

    def record_adjustment(self, adjustment: Adjustment, mutation: Mutation, *, seen: Adjustment | None) -> Adjustment:
        """A new one, or a decision on one; `seen` is the state that the caller saw."""
        ...

    def acknowledge_proposal(self, proposal: Adjustment, mutation: Mutation) -> Adjustment:
        """By its participant; the first one stands. Nothing is stored where it is acknowledged already."""
        ...

    def book_openings(
        self,
        entries: pl.DataFrame,
        paid: pl.DataFrame,
        positions: Sequence[OpeningPosition],
        mutation: Mutation,
        *,
        cutover: date,
        source: str,
    ) -> None:
        """BOOKED, the first ones of the ledger, PAID_BEFORE, and positions as they stand before the cut-over."""
        ...

    def paid_before(self) -> pl.DataFrame:
        """PAID_BEFORE; nothing where no opening balances were booked."""
        ...

    def signed_terms(self) -> frozenset[str]:
        """The hashes of the terms that participants have signed in letters which still stand."""
        ...

    def change_period(self, changed: PayPeriod, mutation: Mutation) -> PayPeriod:
        """Aborted unless the stored version is the one before the changed one's."""
        ...


class HoldStore(Protocol):
    """Each call is one transaction."""

    def answered_hold(self, mutation: Mutation) -> Hold | None:
        """The first answer to this request; None where it is new. AlreadyExists where its content was another."""
        ...

    def holds(self) -> Sequence[Hold]:
        """In their latest states, the oldest first."""
        ...

    def record_hold(self, hold: Hold, mutation: Mutation, *, seen: Sequence[Hold]) -> Hold:
        """A new one, which gets its `ledger_position` here, or a decision on one; `seen` are all of them as the caller
        saw them. Aborted where one was stored since."""
        ...


class IssuedStatements(Protocol):
    """What a store keeps of them. Each call is one transaction."""

    def issued_to(self, run_id: str) -> frozenset[str]:
        """The participants whose statement of the run is stored."""
        ...

    def issue(self, statements: Sequence[IssuedStatement], mutation: Mutation) -> None:
        """Stores those of them that are not stored yet."""
        ...

    def issued(self, participant_id: str, period: str) -> Sequence[IssuedStatement]:
        """Of one participant and pay period, in the order in which their runs were sealed."""
        ...
