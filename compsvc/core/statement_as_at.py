"""Where somebody stood at the end of a period, in measurement periods that go on after it: without what counted later.

What became known later of an earlier day is in it: it is the past as it is known now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from compsvc.core.statement_mine import Mine
from compsvc.core.statement_standing import position_of
from compsvc.core.statement_values import Row

MOVING = frozenset({"own", "difference", "take_back"})  # the lines that move a position; others stand beside one


def as_at(mine: Mine, end: date) -> Mine:
    """The rows as they were before a day; those of measurement periods that were over are as they are. What a gate, a
    multiplier or a rank has decided, and what a period pays by itself, is as it is known now."""
    days = _days(mine.lines)
    later = [line for line, day in zip(mine.lines, days, strict=True) if day is not None and day >= end]
    before = [line for line, day in zip(mine.lines, days, strict=True) if day is None or day < end]
    earnings = [row if row["period_end_date"] <= end else _cut(mine, row, before, later, end) for row in mine.earnings]
    return replace(mine, earnings=earnings, lines=before)


def _days(lines: Sequence[Row]) -> list[date | None]:
    """When each line came to be: of a re-rating with the deal that caused it, of a take-back with the loss."""
    counted = {_deal(line, line["external_id"]): line["counting_date"] for line in lines if line["step_kind"] == "own"}

    def day(line: Row) -> date | None:
        cause = counted.get(_deal(line, line["cause_external_id"])) if line["step_kind"] == "re_rating" else None
        found = [each for each in (line["counting_date"], line["loss_date"], cause) if each is not None]
        return max(found, default=None)

    return [day(line) for line in lines]


def _deal(line: Row, external_id: str | None) -> tuple[object, ...]:
    return (line["plan"], line["component"], line["period"], line["source"], external_id)


def _cut(mine: Mine, row: Row, before: Sequence[Row], later: Sequence[Row], end: date) -> Row:
    component = mine.component(row)
    name = component.pays.position_of or row["component"]
    moves = [line for line in later if line["step_kind"] in MOVING and _is_of(line, row, name)]
    position = position_of(mine, row) - sum(map(_moved, moves))
    if moves and component.carry == "reset":  # what counts on begins anew within the period (M2)
        stood = [line for line in before if line["step_kind"] in MOVING and _is_of(line, row, name)]
        position = max(stood, key=lambda line: line["place"])["position_after"] or 0 if stood else 0
    gone = sum(line["amount_minor"] for line in later if _is_of(line, row, row["component"]))
    counted = component.pays.template().position == "count"
    at: Mapping[str, object] = {
        "count_millionths" if counted else "measure_minor": position,
        "earned_minor": row["earned_minor"] - gone,
        "as_at_date": end - timedelta(days=1),
    }
    return {**row, **at}


def _is_of(line: Row, row: Row, component: str) -> bool:
    return bool((line["plan"], line["component"], line["period"]) == (row["plan"], component, row["period"]))


def _moved(line: Row) -> int:
    if line["position_after"] is None or line["position_before"] is None:
        return int(line["counts"])
    return int(line["position_after"] - line["position_before"])
