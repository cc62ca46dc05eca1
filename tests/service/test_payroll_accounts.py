"""Draws, guarantees and balances over several runs: a pay period tops up once, however many runs it has (T3, T4)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from compsvc.service.payroll_ports import Run
from tests.service.small_payroll import SmallHouse, small_house

GUARANTEE = "guarantee: {amount: 3_000, for: 6 months}\n"
DRAW = """\
draw: {amount: 3_000, per: month, recoverable: yes, until: 2026-02-01}
negative: {carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}
"""


def pays_ann(house: SmallHouse, run: Run) -> int:
    return int(house.payouts(run).filter(pl.col("participant_id") == "ann")["amount_minor"].sum())


@pytest.mark.parametrize(
    ("off_cycle", "later", "paid"),
    [
        (5_000, 40_000, (500_00, 4_000_00)),  # A = 500 + 4,000 is above 3,000: nothing is topped up
        (5_000, 10_000, (500_00, 2_500_00)),  # A = 500 + 1,000, and 1,500 is missing
        (40_000, 0, (4_000_00, 0)),
    ],
)
def test_a_guarantee_is_of_the_pay_period_not_of_each_run(
    tmp_path: Path, off_cycle: int, later: int, paid: Sequence[int]
) -> None:
    house = small_house(str(tmp_path / "book.db"), GUARANTEE)
    house.sell("D-1", 1, off_cycle)
    first = house.sealed("2026-01", "ann")
    house.sell("D-2", 1, later)
    rest = house.sealed("2026-01")
    assert (pays_ann(house, first), pays_ann(house, rest)) == paid
    assert house.run("2026-01").payout_count == 0
    assert house.unexplained() == [0]


def test_oldest_first_knows_from_the_book_since_when_each_balance_stands_open(tmp_path: Path) -> None:
    """January lends 2,000; in February its 1,000 are no more true. March's 1,500 go to the draw, which is older."""
    house = small_house(str(tmp_path / "book.db"), DRAW)
    house.sell("D-1", 1, 10_000)
    house.sealed("2026-01")
    house.sell("D-1", 1, 0, revision=2)
    house.sealed("2026-02")
    house.sell("D-2", 3, 15_000)
    house.sealed("2026-03")
    booked = house.payroll.store.ledger().filter(pl.col("account") == "recoverable", pl.col("pay_period") == "2026-03")
    assert booked.select("participant_id", "kind", "amount_minor").rows() == [("ann", "recovered_draw", -1_500_00)]
