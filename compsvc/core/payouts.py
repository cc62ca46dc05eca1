"""What payroll is to pay in a pay period: the payable lines of a result, summed by what they are paid for (B6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.money import to_minor
from compsvc.core.plan import Plan
from compsvc.core.results import EARNING, Result
from compsvc.core.statement import Mine, line_of
from compsvc.core.statement_values import Line, Money, Row, Span, key_of

KEY = [*EARNING, "nature", "currency_code"]
SORTED = ["participant_id", "plan", "component", "period_start_date", "period", "nature", "currency_code"]


class PayoutKey(NamedTuple):
    """What a payout is for; nothing in it depends on the calculation, so it names the payout for good."""

    pay_period: str
    participant_id: str
    plan: str
    component: str
    earned_period: str  # the measurement period
    nature: str  # commission, bonus, clawback
    currency_code: str

    @property
    def payout_id(self) -> str:
        """32 digits: with a reference of its own it still fits the 35 characters of a SEPA payment."""
        text = json.dumps(list(self), ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Payout:
    key: PayoutKey
    display_name: str
    earned_start_date: date
    earned_end_date: date
    amount: Money
    line_count: int


def payouts(
    result: Result, plans: Sequence[Plan], facts: Facts, pay_period: Span, where: Mapping[str, str]
) -> list[Payout]:
    """By participant, plan, component, measurement period and nature; lines that come to nothing together are none.

    `where` holds values of `participant_id`, `plan` or `currency_code`. The amounts of a participant sum to the total
    of their statement for the month.
    """
    rows = _payable(result, plans, pay_period, where)
    sums = rows.group_by(KEY).agg(amount=pl.col("amount_minor").cast(pl.Int128).sum(), line_count=pl.len())
    spans = result.earnings.select(*EARNING, "period_start_date", "period_end_date")
    found = (
        sums.filter(pl.col("amount") != 0).with_columns(to_minor(pl.col("amount"))).join(spans, on=EARNING, how="left")
    )
    names = dict(facts.participants.select("participant_id", "display_name").iter_rows())
    return [_payout(row, pay_period, names) for row in found.sort(SORTED).iter_rows(named=True)]


def lines_of(payout: Payout, result: Result, plans: Sequence[Plan], facts: Facts, pay_period: Span) -> tuple[Line, ...]:
    """The lines that the payout is the sum of, the earliest payable first."""
    key = payout.key
    mine = Mine.of(result, plans, facts, key.participant_id)
    rows = _payable(result, plans, pay_period, {"participant_id": key.participant_id, "plan": key.plan})
    wanted = {"component": key.component, "period": key.earned_period, "nature": key.nature}
    rows = rows.filter(*(pl.col(name) == value for name, value in wanted.items()))
    ordered = sorted(rows.iter_rows(named=True), key=lambda row: (row["payable_date"], row["place"] or 0, *key_of(row)))
    return tuple(line_of(mine, row) for row in ordered)


def _payable(result: Result, plans: Sequence[Plan], pay_period: Span, where: Mapping[str, str]) -> pl.DataFrame:
    """LINES whose payable date lies in the pay period, with their nature."""
    assert result.lines is not None, "payouts are sums of lines"
    rows = result.lines.filter(
        pl.col("payable_date") >= pay_period.start_date,
        pl.col("payable_date") < pay_period.end_date,
        *(pl.col(name) == value for name, value in where.items()),
    )
    rows = rows.with_columns(pl.col("revision", "currency_code").cast(pl.String))
    return rows.join(_natures(plans), on=["revision", "component"], how="left").with_columns(
        nature=pl.when(pl.col("step_kind") == "take_back").then(pl.lit("clawback")).otherwise("nature")
    )


def _natures(plans: Iterable[Plan]) -> pl.DataFrame:
    """A component whose curve has no rates, only amounts at points, pays a bonus; any other one a commission."""
    rows = {
        (plan.revision, name): "commission" if any(piece.slope.ratio for piece in pieces) else "bonus"
        for plan in plans
        for name, component in plan.components.items()
        for pieces in [component.pays.template().pieces]
    }
    schema = dict.fromkeys(("revision", "component", "nature"), pl.String)
    return pl.DataFrame([(*key, nature) for key, nature in rows.items()], schema=schema, orient="row")


def _payout(row: Row, pay_period: Span, names: Mapping[str, str | None]) -> Payout:
    who = row["participant_id"]
    return Payout(
        key=PayoutKey(
            pay_period=pay_period.name,
            participant_id=who,
            plan=row["plan"],
            component=row["component"],
            earned_period=row["period"],
            nature=row["nature"],
            currency_code=row["currency_code"],
        ),
        display_name=names.get(who) or who,
        earned_start_date=row["period_start_date"],
        earned_end_date=row["period_end_date"],
        amount=Money(row["amount"], row["currency_code"]),
        line_count=row["line_count"],
    )
