"""What-if files: what they say, and where stands what is wrong with them."""

from __future__ import annotations

from datetime import date

import pytest

from compsvc.adapters.what_if_yaml import read_what_if
from compsvc.core.what_if_values import Add, Drop, Move

FILE = b"""\
currency: EUR
add:
  - {deal: X-1, amount: 1_000.50, closed: 2026-12-10}
  - opportunity: X-2
    account: ozean
    stage: confirm
    currency: JPY
    amount: 500
    expected: 2026-12-11
    start: 2027-01-01
move:
  - {opportunity: O-1, to: 2027-01-15, source: crm}
drop:
  - {deal: D-1}
"""


def test_a_file_says_its_changes_in_order_and_where_each_stands() -> None:
    found = read_what_if(FILE, "try.yaml")
    assert found.problems == ()
    assert found.changes == (
        Add("deal", "X-1", date(2026, 12, 10), 100_050, "EUR"),
        Add(
            *("opportunity", "X-2", date(2026, 12, 11), 500, "JPY"),
            account_id="ozean",
            stage="confirm",
            start_date=date(2027, 1, 1),
        ),
        Move("opportunity", "O-1", date(2027, 1, 15), source="crm"),
        Drop("deal", "D-1"),
    )
    places = ("what_if[1].add.account_id", "what_if[2].move.to_date", "what_if[3].drop.id", "what_if[3].drop.source")
    assert [str(found.at(path)) for path in (*places, "what_if")] == [
        *("try.yaml:5:14", "try.yaml:12:28", "try.yaml:14:12", "try.yaml:14:5"),
        "try.yaml:1:1",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- drop", "1:1 WRONG_TYPE a what-if is a mapping"),
        ("{}", "1:1 MISSING_KEY nothing is tried."),
        ("drops: []", "1:1 UNKNOWN_KEY `drops` is not known here. Did you mean `drop`?"),
        ("drop: D-1", "1:7 WRONG_TYPE `drop` has `D-1`; wanted: a list."),
        ("drop: [D-1]", "1:8 WRONG_TYPE `D-1` is no entry of `drop`."),
        ("drop: [{source: crm}]", "1:8 MISSING_KEY one of `deal` and `opportunity` is needed"),
        ("drop: [{deal: D-1, opportunity: O-1}]", "1:8 MISSING_KEY one of `deal` and `opportunity` is needed"),
        ("drop: [{deal: D-1, to: 2026-01-01}]", "1:20 UNKNOWN_KEY `to` is not known here."),
        ("move: [{deal: D-1}]", "1:8 MISSING_KEY `to` is missing."),
        ("move: [{deal: D-1, to: 1 May}]", "1:24 BAD_DATE `1 May` is no date."),
        ("move: [{deal: [D-1], to: 2026-01-01}]", "1:15 WRONG_TYPE `deal` has a list; wanted: text."),
        ("add: [{deal: X, amount: 5, closed: 2026-01-01}]", "1:7 UNKNOWN_CURRENCY an amount needs a currency"),
        ("add: [{deal: X, amount: 5, currency: EURO, closed: 2026-01-01}]", "1:38 UNKNOWN_CURRENCY `EURO`"),
        ("add: [{deal: X, amount: 5.005, currency: EUR, closed: 2026-01-01}]", "1:25 BAD_AMOUNT `5.005`"),
        ("add: [{deal: X, stage: confirm, currency: EUR, amount: 5, closed: 2026-01-01}]", "1:17 UNKNOWN_KEY `stage`"),
        (
            "add: [{opportunity: X, amount: 5, currency: EUR, expected: 2026-01-01}]",
            "1:7 MISSING_KEY `stage` is missing",
        ),
        ("drop: [{deal: D-1", "YAML_SYNTAX"),
        ("drop: [{deal: D-1}]\ndrop: [{deal: D-2}]", "2:1 DUPLICATE_KEY `drop` stands already in line 1"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    found = read_what_if(text.encode(), "try.yaml")
    assert len(found.problems) == 1
    assert told in str(found.problems[0])
