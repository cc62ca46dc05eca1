"""What the service needs from outside: a book, a clock, tokens and readers of plans. Adapters provide them.

What can go wrong, each with a reason in upper case that clients may rely on:

    ServiceError
    +-- Unauthenticated        who asks is not known
    +-- PermissionDenied       who asks may not
    +-- InvalidArgument        what is asked makes no sense; every violation at once
    +-- NotFound
    +-- AlreadyExists          something else is stored under this id
    +-- FailedPrecondition     the book is not in a state for this
    +-- ResourceExhausted      over a limit; less, or later
    +-- DeadlineExceeded       nobody waits any more; nothing was stored
    +-- Unavailable            try again
"""

# ruff: noqa: N818  # The errors are named as gRPC names the codes.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol, Self, get_args

from compsvc.core.facts import Facts
from compsvc.core.plan import Plan
from compsvc.core.problems import Problem

ROLES = ("payroll", "rep", "manager", "finance", "admin")
Role = Literal["payroll", "rep", "manager", "finance", "admin"]
Kind = Literal[
    "participants",
    "assignments",
    "accounts",
    "account_attributes",
    "ownerships",
    "territories",
    "leaves",
    "exits",
    "fx_rates",
    "pipeline_stages",
    "opportunities",
    "activities",
    "deal_payments",
    "deals",
    "losses",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a request. `field` is a path such as `deals[3].splits[0].share`."""

    field: str
    code: str
    message: str


class ServiceError(Exception):
    """`metadata` has every changing part of the message, so that a program need not read the message."""

    def __init__(self, reason: str, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.reason, self.message, self.metadata = reason, message, metadata


class Unauthenticated(ServiceError): ...


class PermissionDenied(ServiceError): ...


class FailedPrecondition(ServiceError): ...


class Aborted(ServiceError):
    """Something has moved since the caller looked: look again, and decide anew."""


class ResourceExhausted(ServiceError): ...


class DeadlineExceeded(ServiceError): ...


class Unavailable(ServiceError): ...


class InvalidArgument(ServiceError):
    """The request makes no sense. Nothing of it was stored."""

    def __init__(self, reason: str, message: str, violations: Sequence[Violation], **metadata: str) -> None:
        super().__init__(reason, message, **metadata)
        self.violations = tuple(violations)

    @classmethod
    def of(cls, field: str, code: str, message: str, /, **metadata: str) -> Self:
        """With one violation, that of a field: its code is the reason."""
        return cls(code, message, [Violation(field, code, message)], **metadata)


class NotFound(ServiceError):
    def __init__(self, resource_type: str, name: str, message: str = "") -> None:
        told = message or f"There is no {resource_type} `{name}`."
        super().__init__("NOT_FOUND", told, resource_type=resource_type, name=name)
        self.resource_type, self.name = resource_type, name


class AlreadyExists(ServiceError):
    """`violations` name the rows, and of rows the fields, that differ from what is stored."""

    def __init__(
        self, reason: str, message: str, *, resource_type: str, name: str, violations: Sequence[Violation] = ()
    ) -> None:
        super().__init__(reason, message, resource_type=resource_type, name=name)
        self.resource_type, self.name, self.violations = resource_type, name, tuple(violations)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `subject` is the participant's id where the role is rep or manager."""

    subject: str
    role: Role


def _always() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Mutation:
    """A request to store something, once: the same id with the same fingerprint gets the first answer again."""

    request_id: str
    subject: str  # who asks
    fingerprint: bytes  # of the verb and the content
    validate_only: bool = False
    proceed: Callable[[], None] = _always  # asked last before the commit; raises where nobody waits any more


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a stored request did. Position and time are None where nothing was to be stored (`validate_only`)."""

    created: int
    unchanged: int
    revised: int
    position: int | None
    recorded_time: datetime | None


@dataclass(frozen=True, slots=True)
class PlanText:
    """A plan file and the terms files that it names, as they were sent."""

    file_name: str
    source: str
    terms: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A stored plan revision. Position and time are None where it was only validated."""

    plan: str
    revision: str
    title: str
    effective_date: date
    currency_code: str
    corrects_revision: str | None
    text: PlanText
    position: int | None = None
    recorded_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one kind with what belongs to them, sorted by key; `times` runs along the rows of the kind's frame."""

    facts: Facts
    times: Sequence[datetime]
    next_key: tuple[str | int, ...] | None  # of the last row, where there are more


class ReadStore(Protocol):
    """The book, to read from. Each stored request has moved `position` up by one."""

    def position(self) -> int:
        """The number of the last request that stored something; 0 for an empty book."""
        ...

    def position_at(self, instant: datetime) -> int:
        """The position as it was at that instant; 0 before anything was stored."""
        ...

    def facts_at(self, position: int | None = None, *, kinds: Sequence[Kind] = KINDS) -> Facts:
        """The newest version of every row of these kinds as of a position; None is now."""
        ...

    def last_erasure(self) -> int:
        """The position at which a name was erased last; 0 where none was. What was read before is to be forgotten."""
        ...

    def deals_of(self, source: str) -> frozenset[str]:
        """The external ids of all deals that a source has ever reported."""
        ...

    def plans_at(self, position: int | None = None) -> list[PlanRecord]:
        """Every stored plan revision as of a position, the oldest first; None is now."""
        ...

    def recorded(
        self, kind: str, key: Sequence[str | int | date | None], *, above: int, upto: int
    ) -> tuple[datetime, str] | None:
        """When, and by whose request, the newest version of a row was stored: of a kind of facts, or of `plans`, whose
        key is the plan's name. None where none of these positions stored one."""
        ...

    def page(
        self,
        kind: Kind,
        where: Mapping[str, str | int | date | datetime | None],
        *,
        after: tuple[str | int, ...] | None,
        limit: int,
        position: int | None,
        latest: bool = False,
    ) -> Page:
        """Up to `limit` rows after the key, each as its newest version as of the position.

        None in `where` asks for null; a `revision` in it asks for that one instead of the newest. `latest`: of the
        snapshots of one thing the latest alone.
        """
        ...


class Store(ReadStore, Protocol):
    """The book. Everything is only ever added."""

    def close(self) -> None: ...

    def answered(self, mutation: Mutation) -> Loaded | None:
        """The first answer to this request; None where it is new. AlreadyExists where its content was another."""
        ...

    def append(self, facts: Facts, mutation: Mutation) -> Loaded:
        """Stores every row of the facts that says something new, all or nothing, durable on return."""
        ...

    def append_together(self, requests: Sequence[tuple[Facts, Mutation]]) -> list[Loaded]:
        """Stores requests that each bring other deals, one after the other in one commit: all of them or, with the
        ServiceError of the first that cannot be stored, none."""
        ...

    def append_plan(self, record: PlanRecord, mutation: Mutation) -> PlanRecord:
        """Stores a plan revision, or answers with the one that is stored under the same hash.

        FailedPrecondition where a revision with the same effective date is in force and the record does not name
        it as the one it corrects.
        """
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...


class Tokens(Protocol):
    def caller(self, token: str) -> Caller:
        """Who the token speaks for. Unauthenticated where it is forged, expired or lacks a claim."""
        ...

    def mint(self, caller: Caller, *, expires_time: datetime) -> str: ...


ParsePlan = Callable[[bytes, str, Mapping[str, bytes]], tuple[Plan | None, list[Problem]]]
