"""What a case expects: figures of people, periods, components and deals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from compsvc.adapters.case_reading import CaseReading
from compsvc.core.case_values import (
    Attained,
    Balance,
    Earned,
    Expectation,
    Foreseen,
    LinePay,
    Paid,
    PaidIn,
    Payable,
    Placed,
    QuotaOf,
    Uncredited,
)
from compsvc.core.currencies import EXPONENTS
from compsvc.core.forecast import SCENARIOS
from compsvc.core.money import format_minor, parse_minor
from compsvc.core.node import Mapped, Position, Text, place_of
from compsvc.core.plan_values import kind_of

FORESEEN = ("now", *SCENARIOS, "weighted")
FIGURES = ("measure", "earned")
_DEAL = re.compile(r"([^/]+)(?:/([0-9]{1,9}))?(?:/([0-9]{1,9}))?")
PLACED = {"places": "place", "prizes": "prize"}
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]{1,9})?) ?%")


@dataclass
class ExpectReader(CaseReading):
    """Reads the expectations of one case."""

    def expectations(self, expect: Mapped) -> Iterator[Expectation]:
        for key in expect:
            below = self.mapping(expect, key)
            if key == "lines":
                yield from self.line_pays(below)
            elif key == "payable":
                yield from (Payable(*found) for found in self.of_people(below))
            elif key == "payouts":
                yield from (Paid(*found) for found in self.of_people(below))
            elif key == "paid_in":
                yield from self.paid_in(below)
            elif key == "balances":
                yield from self.balances(below)
            elif key == "quota":
                yield from self.quotas(below)
            elif key == "attainment":
                yield from self.attained(below)
            elif key in PLACED:
                yield from self.placed(below, PLACED[key])
            elif key == "forecast":
                yield from self.foreseen(below)
            elif key == "uncredited":
                yield from (Uncredited(place_of(code), deal, str(code)) for deal, code in below.items())
            else:
                yield from self.earned(key, below)

    def quotas(self, people: Mapped) -> Iterator[QuotaOf]:
        for who in people:
            periods = self.mapping(people, who)
            for period in periods:
                for component, amount, at in self.amounts(periods, period):
                    yield QuotaOf(at, who, period, component, amount)

    def attained(self, people: Mapped) -> Iterator[Attained]:
        for who in people:
            periods = self.mapping(people, who)
            for period in periods:
                for component, value in self.mapping(periods, period).items():
                    found = _PERCENT.fullmatch(value) if isinstance(value, Text) else None
                    if found is None:
                        message = f"{kind_of(value)} is no attainment. Write it as `99.5%`."
                        self.problem("BAD_SHARE", place_of(value), message)
                    else:
                        yield Attained(place_of(value), who, period, component, found[1])

    def placed(self, people: Mapped, word: str) -> Iterator[Placed]:
        for who in people:
            periods = self.mapping(people, who)
            for period in periods:
                for component, value in self.mapping(periods, period).items():
                    yield Placed(place_of(value), who, period, component, word, str(value))

    def foreseen(self, days: Mapped) -> Iterator[Foreseen]:
        """By the day of the forecast, participant, period, component and scenario: what it will count or earn."""
        for day in days:
            try:
                as_of = date.fromisoformat(day)
            except ValueError:
                self.problem("BAD_DATE", days.key_at(day), f"`{day}` is no date. Write it as `2026-01-31`.")
                continue
            for at, who, period, component, scenario, figure, amount in self._outlooks(self.mapping(days, day)):
                yield Foreseen(at, who, period, component, as_of, scenario, figure, amount)

    def _outlooks(self, people: Mapped) -> Iterator[tuple[Position, str, str, str, str, str, int]]:
        for who in people:
            periods = self.mapping(people, who)
            for period in periods:
                components = self.mapping(periods, period)
                for component in components:
                    scenarios = self.mapping(components, component)
                    self.known(scenarios, FORESEEN)
                    for scenario in scenarios:
                        self.known(self.mapping(scenarios, scenario), FIGURES)
                        for figure, amount, at in self.amounts(scenarios, scenario):
                            yield at, who, period, component, scenario, figure, amount

    def earned(self, who: str, periods: Mapped) -> Iterator[Earned]:
        for period in periods:
            for component, amount, at in self.amounts(periods, period):
                yield Earned(at, who, period, component, amount)

    def of_people(self, people: Mapped) -> Iterator[tuple[Position, str, str, str | None, int]]:
        """By participant and period, an amount in all, or several by name."""
        for who in people:
            periods = self.mapping(people, who)
            for period, value in periods.items():
                if isinstance(value, Mapped):
                    for name, amount, at in self.amounts(periods, period):
                        yield at, who, period, name, amount
                elif (in_all := self.amount(value)) is not None:
                    yield place_of(value), who, period, None, in_all

    def paid_in(self, people: Mapped) -> Iterator[PaidIn]:
        """By participant and period an amount with its currency: `851.20 GBP`."""
        for who in people:
            for period, value in self.mapping(people, who).items():
                number, _, code = str(value).partition(" ")
                minor = parse_minor(number, EXPONENTS[code]) if code in EXPONENTS else None
                if minor is None:
                    message = f"{kind_of(value)} is no amount with its currency. Write it as `4999.50 GBP`."
                    self.problem("BAD_AMOUNT", place_of(value), message)
                else:
                    yield PaidIn(place_of(value), who, period, f"{format_minor(minor, EXPONENTS[code])} {code}")

    def balances(self, people: Mapped) -> Iterator[Balance]:
        """Each is named: what is owed and what is held are no sum."""
        for at, who, period, name, amount in self.of_people(people):
            if name is None:
                self.problem("WRONG_TYPE", at, "write balances by name: `{draw: 500.00}`; draw, negative or held.")
            else:
                yield Balance(at, who, period, name, amount)

    def line_pays(self, deals: Mapped) -> Iterator[LinePay]:
        for key in deals:
            found = _DEAL.fullmatch(key)
            deal, line, stage = found.groups() if found else (key, None, None)
            place = (deal, None if line is None else int(line), None if stage is None else int(stage))
            below = self.mapping(deals, key)
            for name, value in below.items():
                if isinstance(value, Mapped):
                    for component, amount, at in self.amounts(below, name):
                        yield LinePay(at, *place, name, component, amount)
                elif (of_all := self.amount(value)) is not None:
                    yield LinePay(place_of(value), *place, None, name, of_all)
