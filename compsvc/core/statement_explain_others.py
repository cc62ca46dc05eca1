"""Why a contest or a pool pays what it pays: the place among the others, the share of what all have (M7)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from compsvc.core.plan import COUNTED
from compsvc.core.statement_mine import Mine, place
from compsvc.core.statement_step import Step, Value
from compsvc.core.statement_values import Money, Row


def among_others(mine: Mine, row: Row) -> Iterator[Step]:
    """Of a line of the period; nobody else is named."""
    found = mine.standings.get((row["plan"], row["component"], row["period"]))
    if found is None or row["step_kind"] != "period":
        return
    yield _place(mine, row, found) if found["word"] == "rank" else _share(mine, row, found)
    if found["worth_minor"] is not None:
        yield _award(mine, row, found)


def _place(mine: Mine, row: Row, found: Row) -> Step:
    component = mine.component(row)
    values: dict[str, Value] = {
        "place": found["place"],
        "ranked": found["ranked"],
        "assigned": found["assigned"],
        "winners": found["winners"],
        "reached": mine.quantity(row, found["reached"]),
        "period": row["period"],
    }
    values |= {"unit": component.counts} if component.counts in COUNTED else {}
    if component.quota is not None and found["quota_minor"]:
        values["attainment"] = Fraction(found["reached"], found["quota_minor"])
    values |= {"tied": found["tied"]} if found["tied"] > 1 else {}
    return Step("PLACE", values, place(component.pays))


def _award(mine: Mine, row: Row, found: Row) -> Step:
    """In money, or a prize with what it is worth, which is paid too or not."""
    values: dict[str, Value] = {"worth": Money(found["worth_minor"], row["currency_code"])}
    prized = found["prize"] is not None
    values |= {"prize": found["prize"]} if prized else {}
    code = "PRIZE" if prized and not found["paid_minor"] else "AWARD"
    return Step(code, values, place(mine.component(row).pays))


def _share(mine: Mine, row: Row, found: Row) -> Step:
    values: dict[str, Value] = {
        "pool": Money(found["pool_minor"], row["currency_code"]),
        "members": found["ranked"],
        "share": Fraction(found["weight"], found["weights"]),
        "period": row["period"],
    }
    return Step("POOL_SHARE", values, place(mine.component(row).pays))
