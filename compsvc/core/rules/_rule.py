"""What the engine and the plan checker ask of a rule kind, without knowing which one it is."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

from compsvc.core.curves import Multiple, Template
from compsvc.core.node import Node, Rate


class Rule(Node):
    """A rule kind: plan parameters with a `kind` literal. Its template says whether it needs quota, base or target."""

    pays_for: ClassVar[Literal["money", "count"]] = "money"  # the measures it can stand on
    pays_without_measure: ClassVar[bool] = False

    if TYPE_CHECKING:
        kind: str

    @abstractmethod
    def template(self) -> Template:
        """The curve, before any assignment: worked out once per plan."""

    @property
    def position_of(self) -> str | None:
        """The component whose position this one shares (`by: attainment of COMPONENT`)."""
        return None


def slope(rate: Rate) -> Multiple:
    return Multiple(rate.ratio, "base" if rate.of_base else "one")
