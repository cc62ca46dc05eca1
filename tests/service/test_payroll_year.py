"""What was transferred in a drawn year is what the final statements say, to the cent, whatever came late or changed."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from compsvc.service import payroll_runs as runs
from tests.oracle.calculate import calculate as oracle
from tests.service.payroll_year import PEOPLE, SEEDS, YEAR, Year
from tests.service.statement_ties import tie
from tests.service.test_payroll_runs import ANNA

LAST = date(YEAR + 1, 4, 1)
MONTHS = [f"{YEAR + number // 12}-{number % 12 + 1:02}" for number in range(15)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_year_paid_is_what_its_final_statements_say(seed: int, tmp_path: Path) -> None:
    year = Year(str(tmp_path / "book.db"), seed)
    with closing(year.parts.store):
        year.live()
        assert year.run(f"{YEAR + 1}-03").payout_count == 0  # nothing more is to be posted
        assert year.wrong() == []
        assert year.unexplained() in ([], [0])
        assert paid_less_owed(year) == earned(year)
        assert tie(year, PEOPLE, MONTHS) == 45


def paid_less_owed(year: Year) -> dict[str, int]:
    """What was transferred, less what a participant still owes."""
    balances = runs.reconcile(year.payroll, ANNA)
    assert dict(balances.select("participant_id", "paid_minor").iter_rows()) == {
        who: year.bank[who] for who in balances["participant_id"]
    }
    owed = dict(balances.select("participant_id", pl.col("recoverable_minor")).iter_rows())
    return {who: year.bank[who] - owed.get(who, 0) for who in PEOPLE}


def earned(year: Year) -> dict[str, int]:
    """All lines that are payable by the end, of the slow calculation on the final facts, and what was stated."""
    calculation = year.payroll.calculations.newest()
    sums = Counter(year.stated)
    for line in oracle(calculation.plans, calculation.facts).lines:
        assert line.payable_date is not None
        sums[line.participant] += line.amount_minor if line.payable_date < LAST else 0
    return {who: sums[who] for who in PEOPLE}
