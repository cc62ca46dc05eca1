"""A company while it is being drawn: its rows by kind, and days and amounts at the edges."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl

from compsvc.core.facts import SCHEMAS, Facts

from .calendar_rules import add_months
from .house import House

Row = dict[str, Any]
FIRST_DAY = date(2023, 1, 1)
ANCHORS = [date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 5, 15)]
HOT_DAYS = sorted(
    {
        add_months(anchor, months) + timedelta(days=days)
        for anchor in ANCHORS
        for months in (0, 0, 1, 3, 6, 12)
        for days in (-1, 0, 1)
    }
)


@dataclass
class Draft:
    """Rows by kind, while a company is being drawn."""

    rng: Random
    house: House
    rows: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in SCHEMAS})
    people: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    currencies: dict[str, str] = field(default_factory=dict)  # by account
    abroad: list[str] = field(default_factory=list)  # currencies for which some plan may have a rate
    days: list[date] = field(default_factory=lambda: HOT_DAYS)

    def add(self, kind: str, /, **values: object) -> Row:
        row = {**dict.fromkeys(SCHEMAS[kind]), **values}
        self.rows[kind].append(row)
        return row

    def day(self) -> date:
        if self.rng.random() < 0.8:
            return self.rng.choice(self.days)
        return date(2023, 11, 1) + timedelta(days=self.rng.randint(0, 600))

    def amount(self) -> int:
        """Minor units: odd cents, round, at the edges of the plan texts, huge and nothing."""
        unit = 10**self.house.exponent
        kind = self.rng.randint(0, 9)
        if kind <= 2:
            return self.rng.choice((1, 7, 99, 101, 10_001, 3_333, 100_003))
        if kind <= 5:
            return self.rng.choice((100, 500, 1_000, 5_000, 10_000, 25_000, 50_000)) * unit
        if kind <= 7:
            return self.rng.randint(1, 100_000 * unit)
        if kind == 8:
            return self.rng.choice((999, 1_000, 1_001)) * unit + self.rng.choice((-1, 0, 1))
        return self.rng.choice((0, 10**9, 10**10 + 7) if self.abroad else (0, 10**12, 10**13 + 7))

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def facts(self) -> Facts:
        deals = dict(SCHEMAS["deals"]) | {"attributes.vertical": pl.String}
        frames = {
            kind: pl.DataFrame(rows, schema=deals if kind == "deals" else dict(SCHEMAS[kind]), orient="row")
            for kind, rows in self.rows.items()
        }
        return Facts(**frames)
