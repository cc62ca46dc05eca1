"""Credit that somebody states: an event of nobody's deal, which counts on its own day (B3, B4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from .calendar_rules import period_of
from .chain import Chain, Governed
from .lists import Entry
from .rows import Company, Row, Subject

SOURCE_OF = {"opening": "opening_positions", "adjustment": "credit_adjustments"}
OPENINGS = SOURCE_OF["opening"]
BEHIND_ALL = chr(0x10FFFF)  # in the place of a source: after the deals that were accepted at 00:00


@dataclass(frozen=True)
class Stated:
    row: Row
    governed: Governed

    @property
    def subject(self) -> Subject:
        return SOURCE_OF[self.row["kind"]], self.row["credit_id"], None, None

    @property
    def amount(self) -> int:
        money = self.row["amount_minor"]
        return int(self.row["count_millionths"] if money is None else money)

    @property
    def order(self) -> tuple[date, datetime, str, bytes, int, int]:
        return order_of(self.row)


def order_of(row: Row) -> tuple[date, datetime, str, bytes, int, int]:
    day, name = row["credit_date"], f"{row['kind']} {row['credit_id']}"
    return day, datetime.combine(day, time()), BEHIND_ALL, name.encode(), 0, 0


def stated(company: Company, chains: Iterable[Chain]) -> Iterator[Stated]:
    """Each under the revision that is in force on its day."""
    for chain in chains:
        for row in company.stated.values():
            day, plan = row["credit_date"], chain.on(row["credit_date"])
            if row["plan"] == chain.name and plan is not None and row["component"] in plan.components:
                component = plan.components[row["component"]]
                period = period_of(day, component.per, plan.fiscal_year_starts)
                yield Stated(row, Governed(plan, component, day, period))


def are_apart(entries: Iterable[Entry]) -> bool:
    """Whether one of them moves the position by something else than what rates apply to (M1)."""
    return any(entry.counts != entry.pays for entry in entries if entry.subject[0] in SOURCE_OF.values())
