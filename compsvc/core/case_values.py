"""A case, what it expects, and how what was found differs from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from compsvc.core.facts import Facts
from compsvc.core.node import Position
from compsvc.core.plan import Plan
from compsvc.core.problems import Problem
from compsvc.core.statement_values import LineKey


@dataclass(frozen=True, slots=True)
class Earned:
    """What a participant earns with a component in a measurement period."""

    at: Position
    participant_id: str
    period: str
    component: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class LinePay:
    """What a deal pays with a component: all of its lines unless one is named, everybody unless one is named."""

    at: Position
    external_id: str
    line: int | None
    stage: int | None
    participant_id: str | None
    component: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Payable:
    """What becomes payable in a period; of all components unless one is named."""

    at: Position
    participant_id: str
    period: str
    component: str | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Uncredited:
    """That a deal is credited to nobody, and the code of the reason."""

    at: Position
    external_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Paid:
    """What is paid out for a pay period; of one nature (`draw`, `recovery`, `reserve`) where one is named."""

    at: Position
    participant_id: str
    period: str
    nature: str | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PaidIn:
    """What is paid out for a pay period in other currencies than the plan's: `851.20 GBP`."""

    at: Position
    participant_id: str
    period: str
    value: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands after a pay period: `draw` and `negative`, which are owed, or `held`."""

    at: Position
    participant_id: str
    period: str
    balance: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class QuotaOf:
    """What is to be reached for 100% in a measurement period, after all that is taken off (M4)."""

    at: Position
    participant_id: str
    period: str
    component: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Attained:
    """Measure / quota, to as many decimals as are written."""

    at: Position
    participant_id: str
    period: str
    component: str
    percent: str  # 99.5


@dataclass(frozen=True, slots=True)
class Placed:
    """The place in a contest, or the prize that it wins (M7)."""

    at: Position
    participant_id: str
    period: str
    component: str
    word: str  # place, prize
    value: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Where a forecast sees a component in a scenario: what it will have counted, or what that earns."""

    at: Position
    participant_id: str
    period: str
    component: str
    day: date
    scenario: str
    figure: str  # measure, earned
    amount_minor: int


# By the book as it is.
Said = Earned | LinePay | Payable | Uncredited | Paid | PaidIn | Balance | QuotaOf | Attained | Placed
Expectation = Said | Foreseen


@dataclass(frozen=True, slots=True)
class Case:
    """`problems` are what is wrong with the case itself: it then neither passes nor fails."""

    name: str
    at: Position
    plans: tuple[Plan, ...]
    facts: Facts
    expects: tuple[Expectation, ...]
    problems: tuple[Problem, ...] = ()
    canary: bool = False  # expects what is wrong, so it has to fail
    places: Mapping[str, Sequence[Position]] = field(default_factory=dict)  # of the rows of the facts, by kind


@dataclass(frozen=True, slots=True)
class Silent:
    """A given deal that moved nothing, and why: it waits for acceptance, is credited to nobody, or adds nothing."""

    external_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """An expectation that was not met. Amounts are minor units; codes are text. `lines` are those that made it up."""

    expectation: Expectation
    expected: int | str
    found: int | str
    lines: tuple[LineKey, ...] = ()
    silent: tuple[Silent, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()  # deals, and where they count instead of where nothing was found
