"""What the service needs from outside: a book, a clock, tokens and readers of plans. Adapters provide them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from compsvc.core.facts import Facts
from compsvc.core.plan import Plan
from compsvc.core.problems import Problem

Role = Literal["payroll", "rep", "manager", "finance", "admin"]
Kind = Literal["participants", "assignments", "accounts", "ownerships", "territories", "deals"]


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


class Store(Protocol):
    """The book. Everything is only ever added; each stored request moves `position` up by one."""

    def position(self) -> int:
        """How many requests are stored; 0 for an empty book."""
        ...

    def facts_at(self, position: int | None = None) -> Facts:
        """The newest version of every row as of a position; None is now."""
        ...

    def plans_at(self, position: int | None = None) -> list[PlanRecord]:
        """Every stored plan revision as of a position, the oldest first; None is now."""
        ...

    def answered(self, mutation: Mutation) -> int | None:
        """The position at which this request is stored; None where it is new. Another content is an AlreadyExists."""
        ...

    def loaded(self, position: int) -> Loaded:
        """What the stored request at this position was answered."""
        ...

    def append(self, facts: Facts, mutation: Mutation) -> Loaded:
        """Stores every row of the facts that says something new, all or nothing, durable on return."""
        ...

    def append_plan(self, record: PlanRecord, mutation: Mutation) -> PlanRecord:
        """Stores a plan revision, or answers with the one that is stored under the same hash."""
        ...

    def page(
        self,
        kind: Kind,
        where: Mapping[str, str | int | None],
        *,
        after: tuple[str | int, ...] | None,
        limit: int,
        position: int | None,
    ) -> Page:
        """Up to `limit` rows after the key, each as its newest version as of the position. None in `where`: is null."""
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
