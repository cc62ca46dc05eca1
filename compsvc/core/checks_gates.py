"""Gates that ask the measure of a team, of somebody who has none: they never open, which is told, not refused (M6)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from compsvc.core.checks_rules import NOTHING, ROW, Rule, matching, say
from compsvc.core.plan import Plan


def gates_never_open(assignments: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """Assignments of those whom no assignment names as manager while theirs holds: what their team counts is 0."""
    asked = [(plan.plan, name, gate) for plan in plans for name, gate in _of_team(plan)]
    if not asked or assignments.is_empty():
        return NOTHING
    gates = pl.DataFrame(asked, schema=["plan", "_component", "_gate"], orient="row").unique(maintain_order=True)
    found = assignments.join(gates, on="plan", maintain_order="left")
    named = assignments.filter(pl.col("manager_id").is_not_null())
    below = named.select(participant_id="manager_id", _from="start_date", _to="end_date")
    at_once = (pl.col("_from") < pl.col("end_date")).fill_null(value=True)
    at_once &= (pl.col("start_date") < pl.col("_to")).fill_null(value=True)
    managers = found.join(below, on="participant_id").filter(at_once)
    message = say(
        "`{}` is nobody's manager, and `{}` pays only where `{}` of a team is reached: it stays shut. Name them as the "
        "manager of their reports, if that is not meant.",
        *("participant_id", "_component", "_gate"),
    )
    rule = Rule("GATE_NEVER_OPENS", "plan", pl.lit(value=True), message)
    return matching("assignments", found.join(managers, on=ROW, how="anti", maintain_order="left"), rule)


def _of_team(plan: Plan) -> list[tuple[str, str]]:
    """Components with a gate on one of the plan that counts what the reports are credited, and nothing of one's own."""
    found = []
    for name, component in plan.components.items():
        for gate in component.gates:
            asked = plan.components.get(gate.measure)
            if asked is not None and "team" in asked.credit and asked.own_deals == "out":
                found.append((name, gate.measure))
    return found
