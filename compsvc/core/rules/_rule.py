"""What the engine and the plan checker ask of a rule kind, without knowing which one it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Literal

from compsvc.core.curves import Multiple, Template
from compsvc.core.node import Node, Rate

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
    def weighs(self) -> Weighed | None:
        """The kinds of activities that it names itself, where it does."""
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


def slope(rate: Rate) -> Multiple:
    return Multiple(rate.ratio, "base" if rate.of_base else "one")


def edge_start(edge: Fraction | int, by: str) -> Multiple:
    """Where a tier or step begins: a share of the quota, an amount, or a count."""
    if by == "count":
        return Multiple(Fraction(edge * MILLIONTHS))
    return Multiple(Fraction(edge), "one" if by in ("amount", "deal", "credit") else "quota")
