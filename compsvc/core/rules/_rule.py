"""What the engine and the plan checker ask of a rule kind, without knowing which one it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Literal

from compsvc.core.curves import Multiple, Template
from compsvc.core.node import Node
from compsvc.core.plan_values import Rate

MILLIONTHS = 10**6  # counts are in millionths, so that a split logo stays exact
OF_COMPONENT = "attainment of "


@dataclass(frozen=True, slots=True)
class OfPeriod:
    """What a measurement period pays by itself, and whether one that is covered in part pays by its days."""

    amount_minor: int
    by_days: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """Activities that count by weight: of each kind, in a period, at most so many."""

    worth: Mapping[str, int]  # by kind of activity: what each of its quantity counts, in millionths
    most: int  # of a kind's quantity in a period
    whole: int  # the quantity of one that gives none


Among = Literal["plan", "team"]
Assigned = Literal["any day", "last day"]


@dataclass(frozen=True, slots=True)
class Award:
    """What each place up to `top` wins that no award before this one has: a place, or a share of those who count."""

    top: int | Fraction
    value_minor: int
    prize: str | None  # what is given in its place; None: the money itself
    is_paid: bool  # in money


@dataclass(frozen=True, slots=True)
class Contest:
    """Who wins what of those who are measured against each other (M7)."""

    by: Literal["attainment", "amount", "count"]
    ties: Literal["share", "all", "earliest"]
    awards: tuple[Award, ...]
    among: Among
    assigned: Assigned
    of: Literal["assigned", "eligible"] | None  # of whom shares are shares
    winners: Literal["round up", "round down", "round half up"] | None


@dataclass(frozen=True, slots=True)
class Pooled:
    """An amount that is shared out by weights (M7)."""

    of: Fraction | int  # a share of what all have counted, or an amount
    weights: Mapping[str, int] | Literal["equal", "amount", "count", "target incentive"]  # by participant, or by what
    among: Among
    assigned: Assigned


class Rule(Node):
    """A rule kind: plan parameters with a `kind` literal. Its template says whether it needs quota, base or target."""

    pays_without_measure: ClassVar[bool] = False

    if TYPE_CHECKING:
        kind: str

    @abstractmethod
    def template(self) -> Template:
        """The curve, before any assignment: worked out once per plan."""

    @property
    def moved_by(self) -> Literal["money", "count"]:
        """The measures that may move its position."""
        return "money"

    @property
    def has_rates(self) -> bool:
        """Whether it pays shares of money: of `pays_on`, or of what it counts."""
        return True

    @property
    def of_period(self) -> OfPeriod | None:
        """What a period pays whatever counts, where the kind needs no measure."""
        return None

    @property
    def amount_minor(self) -> int | None:
        """What a period's target is, where the rule names an amount in place of the assignment's (M4)."""
        return None

    @property
    def weighs(self) -> Weighed | None:
        """The kinds of activities that it names itself, where it does."""
        return None

    @property
    def shared_out(self) -> Contest | Pooled | None:
        """What depends on the other participants and is known once the period is over, where the kind is of that."""
        return None

    @property
    def span(self) -> Literal["period", "deal", "line"]:
        """What one position runs over: a measurement period, or each deal or deal line on its own (M2)."""
        return "period"

    @property
    def counts_whole(self) -> bool:
        """Whether the position is moved by the whole deal line, whoever is credited with how much of it."""
        return False

    @property
    def position_of(self) -> str | None:
        """The component whose position this one shares (`by: attainment of COMPONENT`)."""
        return None


class EdgedRule(Rule):
    """A rule kind whose tiers or points go `by` the attainment, an amount, a count, or another component's position."""

    if TYPE_CHECKING:
        by: str

    @property
    def moved_by(self) -> Literal["money", "count"]:
        return "count" if self.by == "count" else "money"

    @property
    def position_of(self) -> str | None:
        return self.by.removeprefix(OF_COMPONENT) if self.by.startswith(OF_COMPONENT) else None


def slope(rate: Rate) -> Multiple:
    return Multiple(rate.ratio, "base" if rate.of_base else "one")


def edge_start(edge: Fraction | int, by: str) -> Multiple:
    """Where a tier or step begins: a share of the quota, an amount, or a count."""
    if by == "count":
        return Multiple(Fraction(edge * MILLIONTHS))
    return Multiple(Fraction(edge), "one" if by in ("amount", "deal", "credit") else "quota")
