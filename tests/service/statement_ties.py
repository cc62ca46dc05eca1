"""Whether the statements of a book say what payroll did: each sealed month by itself, and one month after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from compsvc.core.statement_values import Account, Statement
from compsvc.service.statements import Asked, get_statement
from tests.service.test_payroll_runs import ANNA, House

MOVES = {  # what each step does to the payout of the month, and to each balance; steps tell what is owed below zero
    **{kind: {"paid": 1} for kind in ("payable", "late", "adjusted", "forfeited", "repeated", "returned")},
    **{kind: {"paid": 1, "held": -1} for kind in ("held", "used", "released")},
    **{kind: {"paid": 1, "on_hold": -1} for kind in ("on_hold", "hold_released")},
    "carried": {"paid": 1, "negative": -1},
    "recovered_draw": {"paid": 1, "draw": -1},
    "recovered_negative": {"paid": 1, "negative": -1},
    "draw": {"paid": 1, "draw": -1},
    "guarantee": {"paid": 1},
}
BALANCES = ("draw", "negative", "held", "on_hold")


def statement(house: House, who: str, period: str) -> Statement:
    asked = Asked(who, period, f"participants/{who}/statements/{period}")
    return get_statement(
        house.parts.calculations, house.payroll.store, house.parts.clock, ANNA, asked, lambda found: found
    )


def tie(house: House, people: Sequence[str], months: Sequence[str]) -> int:
    """How many statements were compared. The months are all sealed, one after the other."""
    payouts = [house.payouts(run) for run in house.payroll.store.runs() if run.state == "sealed"]
    refused = [each.payout_id for each in house.payroll.store.outcomes() if each.outcome == "rejected"]
    taken = pl.concat(payouts).filter(~pl.col("payout_id").is_in(refused))
    paid = taken.group_by("participant_id", "pay_period").agg(amount="amount_minor")
    by_run = {(who, month): sum(amounts) for who, month, amounts in paid.iter_rows()}
    compared = 0
    for who in people:
        before = dict.fromkeys(BALANCES, 0)
        for month in months:
            found = statement(house, who, month)
            assert found.booked_pay is not None
            assert found.booked_pay.state == "sealed"
            assert sum(total.minor for total in found.totals) == by_run.get((who, month), 0), (who, month)
            for account in found.accounts:
                before = closes(account, before)
            lines = sum(payout.amount.minor for payout in found.payouts)
            assert lines == _posted(house, who, month), (who, month)
            compared += 1
        assert before["draw"] + before["negative"] == -_owed(house, who)
    return compared


def closes(account: Account, before: dict[str, int]) -> dict[str, int]:
    """Balance before + movements = balance after, and what moves the payout sums to it; the balances after."""
    amounts: Counter[str] = Counter()
    for step in account.steps:
        amounts[step.kind] += step.amount.minor
    opening = {name: amounts[f"opening_{name}"] for name in BALANCES}
    closing = {name: amounts[f"closing_{name}"] for name in BALANCES}
    assert opening == before
    moved: Counter[str] = Counter()
    for kind, effects in MOVES.items():
        for what, sign in effects.items():
            moved[what] += sign * amounts[kind]
    assert moved["paid"] == amounts["paid"] == account.paid.minor
    for kept in ("held", "on_hold"):
        assert opening[kept] + moved[kept] == closing[kept]
    owed = [sum(each[name] for name in ("draw", "negative")) for each in (opening, moved, closing)]
    assert owed[0] + owed[1] + amounts["forgiven"] == owed[2]
    return closing


def _posted(house: House, who: str, month: str) -> int:
    rows = house.payroll.store.ledger(participant_id=who).filter(
        pl.col("pay_period") == month, pl.col("kind") == "payable", pl.col("account") == "earned"
    )
    return _sum(rows)


def _owed(house: House, who: str) -> int:
    return _sum(house.payroll.store.ledger(participant_id=who).filter(pl.col("account") == "recoverable"))


def _sum(rows: Any) -> int:
    return int(rows["amount_minor"].sum())
