"""Which component is paid before which: gates, multipliers and measures of others look at another (M6, M7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compsvc.core.measures import Clause
from compsvc.core.modifiers import asked
from compsvc.core.plan import EARNINGS, OF_EARNINGS
from compsvc.core.plan_modifiers import OWN_MEASURE

Key = tuple[str, str]  # plan, component


def needs(clauses: Sequence[Clause]) -> set[str]:
    """The other components of the plan that any revision of this one looks at."""
    own = {OWN_MEASURE, clauses[-1].name}
    return {name for clause in clauses for name in {*asked(clause.component), *(clause.component.of or ())}} - own


def earnings_read(clauses: Mapping[Key, Sequence[Clause]]) -> set[Key]:
    """The components whose pay counts for another one of their plan."""
    each = [(key[0], clause) for key, of in clauses.items() for clause in of]
    return {(plan, name) for plan, clause in each for name in clause.component.of or ()}


def counts_earnings(clauses: Sequence[Clause]) -> bool:
    """Whether it waits for whatever anybody is paid by the other components."""
    return clauses[-1].component.counts == EARNINGS


def of_deals(clauses: Sequence[Clause]) -> bool:
    """Whether it counts no earnings, neither of others nor its participants' own."""
    return clauses[-1].component.counts not in OF_EARNINGS


def in_dependency_order(clauses: Mapping[Key, Sequence[Clause]]) -> list[Key]:
    """Every component after those that it looks at, otherwise by name. The plan check has refused circles."""
    ordered: list[Key] = []
    waiting = list(clauses)
    while waiting:
        ready = [key for key in waiting if all((key[0], name) not in waiting for name in needs(clauses[key]))]
        others = [key for key in waiting if not counts_earnings(clauses[key])]
        ready = [key for key in ready if not (others and counts_earnings(clauses[key]))]
        assert ready, f"these look at each other: {waiting}"
        ordered += ready
        waiting = [key for key in waiting if key not in ready]
    return ordered
