"""Drawn histories of changed splits: declined, it is as if none had changed; accepted, as if it had always been so; and
deals that are worth nothing any more leave nobody anything (T5).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import polars as pl
import pytest

from compsvc.core.facts import Facts
from compsvc.service import payroll_runs as runs
from tests.adapters.store_facts import frame
from tests.service.payroll_year import SEEDS
from tests.service.small_payroll import small_house
from tests.service.test_payroll_adjustments import decided
from tests.service.test_payroll_proposals import proposed
from tests.service.test_payroll_runs import ANNA

WORDS = """\
reserve: {share: 10%, for: 2 months}
clawback: {basis: as_paid, attainment: no, schedule: full}
negative: {carry: yes, recover_at_most: 50%, never_below: 0, order: negative first}
"""
LAST = 5


@dataclass(frozen=True)
class Event:
    month: int
    what: str  # sold, valued, lost or split
    deal: str
    number: int  # euros, thirds of the deal that are lost, tenths of it that are Bob's


def drawn(rng: Random) -> list[Event]:
    """Two deals a month; what is paid changes its value, is lost in part once, and is split anew."""
    found: list[Event] = []
    for month in range(1, LAST):
        paid = [each.deal for each in found if each.what == "sold"]
        found += [Event(month, "sold", f"D-{month}{each}", rng.randint(1, 9_999)) for each in "ab"]
        for what, most, likely in (("split", 10, 0.8), ("valued", 9_999, 0.5), ("lost", 3, 0.3), ("split", 9, 0.3)):
            deal = rng.choice(paid) if paid else ""
            again = what == "lost" and any((each.what, each.deal) == (what, deal) for each in found)
            if deal and not again and rng.random() < likely:
                found.append(Event(month, what, deal, rng.randint(1, most)))
    return found


class World:
    """The same history, in which splits change or do not, and proposals are decided on so."""

    def __init__(self, book: str, decision: str) -> None:
        self.house, self.decision = small_house(book, WORDS), decision

    def live(self, history: list[Event]) -> None:
        for month in range(1, LAST + 4):
            for event in history:
                if event.month == month and (event.what != "split" or self.decision):
                    getattr(self, event.what)(event)
            self.pay(month)

    def pay(self, month: int) -> None:
        self.house.sealed(f"2026-0{month}")
        waiting = [each for each in proposed(self.house) if each.state == "written"]
        for each in waiting:
            decided(self.house, each, self.decision, "so agreed")
        if waiting:
            self.house.sealed(f"2026-0{month}")

    def sold(self, event: Event) -> None:
        self.house.sell(event.deal, event.month, event.number)

    def valued(self, event: Event) -> None:
        value = pl.lit(event.number * 100, dtype=pl.Int64)
        facts = self.house.parts.store.facts_at()
        own = pl.col("external_id") == event.deal
        cause = pl.lit("data_correction")
        deals = facts.deals.filter(own).with_columns(pl.col("revision") + 1, annual_value_minor=value, cause=cause)
        self.house.load(Facts(deals=deals, splits=facts.splits.filter(own)))

    def lost(self, event: Event) -> None:
        row = {"source": "crm", "external_id": event.deal, "loss_id": "1", "loss_date": date(2026, event.month, 20),
               "kind": "cancellation", "share_num": event.number, "share_den": 3, "reason": "budget",
               "attributable_to": "customer", "evidence": "letter"}  # fmt: skip
        self.house.load(Facts(losses=frame("losses", row)))

    def split(self, event: Event) -> None:
        shares = [("ann", 10 - event.number), ("bob", event.number)]
        of_deal = {"source": "crm", "external_id": event.deal, "share_den": 10}
        rows = [
            {**of_deal, "position": place, "participant_id": who, "share_num": tenths}
            for place, (who, tenths) in enumerate(shares) if tenths
        ]  # fmt: skip
        deals = self.house.parts.store.facts_at().deals.filter(pl.col("external_id") == event.deal)
        self.house.load(Facts(deals=deals.with_columns(pl.col("revision") + 1), splits=frame("splits", *rows)))

    def worth_nothing(self, history: list[Event]) -> None:
        for deal in sorted({each.deal for each in history}):
            self.valued(Event(LAST + 4, "valued", deal, 0))
        self.pay(LAST + 4)

    def balances(self) -> dict[str, tuple[int, ...]]:
        """What everybody has earned, and has or owes: earned, held, and paid or payable less what is owed."""
        assert (self.house.wrong(), self.house.unexplained()) == ([], [0])
        rows = runs.reconcile(self.house.payroll, ANNA)
        has = pl.col("paid_minor") + pl.col("payable_minor") - pl.col("recoverable_minor")
        found = rows.select("participant_id", "earned_minor", "held_minor", has).iter_rows()
        return {who: amounts for who, *amounts in found if any(amounts)}

    def lines(self) -> dict[str, int]:
        """What the lines of today's deals under today's terms come to."""
        lines = self.house.payroll.calculations.newest().result.lines
        assert lines is not None
        sums = lines.group_by("participant_id").agg(pl.col("amount_minor").sum())
        return {who: amount for who, amount in sums.iter_rows() if amount}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_declined_nothing_has_changed_and_accepted_everything_has(seed: int, tmp_path: Path) -> None:
    history = drawn(Random(seed))
    ends = {}
    for decision in ("", "declined", "accepted"):
        world = World(str(tmp_path / f"{decision}.db"), decision)
        with closing(world.house.parts.store):
            world.live(history)
            ends[decision] = world.balances()
            if decision != "declined":
                assert {who: amounts[0] for who, amounts in ends[decision].items()} == world.lines()
            world.worth_nothing(history)
            assert world.balances() == {}
    assert ends["declined"] == ends[""]
    assert any(each.what == "split" for each in history)
