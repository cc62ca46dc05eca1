"""What payroll is to pay in a pay period: the result of the pay stage, summed by what it is paid for (B6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import polars as pl

from compsvc.core.adjustments import ADJUSTED
from compsvc.core.facts import Facts
from compsvc.core.holds import HOLD_RELEASED, ON_HOLD, is_of_deals
from compsvc.core.lists import TAKE_BACK_STEPS
from compsvc.core.money import to_minor
from compsvc.core.pay import ACCOUNTS, COMES_IN, OF_ACCOUNTS, PAYABLE, account_moves, has_pay_words, pay
from compsvc.core.pay_fx import paid_as, pay_rates, with_paid_as
from compsvc.core.pay_labels import Labels, labels_of, with_labels
from compsvc.core.plan import Plan
from compsvc.core.reserve import FORFEITED, HELD, RELEASED, USED
from compsvc.core.results import EARNING, Result
from compsvc.core.statement_mine import Mine, line_of
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import ConvertedPay, Line, Money, PaidAs, Row, Span, key_of, totals

KEY = [*EARNING, "nature", "currency_code"]
SORTED = ["participant_id", "plan", "component", "period_start_date", "period", "nature", "currency_code"]


class PayoutKey(NamedTuple):
    """What a payout is for; nothing in it depends on the calculation, so it names the payout for good."""

    pay_period: str
    participant_id: str
    plan: str
    component: str
    earned_period: str  # the measurement period
    nature: str  # one of NATURES
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
    paid_as: PaidAs | None  # None where `amount` is paid
    labels: Labels


def payouts(
    result: Result, plans: Sequence[Plan], facts: Facts, pay_period: Span, where: Mapping[str, str]
) -> list[Payout]:
    """By participant, plan, component, measurement period and nature; lines that come to nothing together are none.

    `where` holds values of `participant_id`, `plan` or `currency_code`. The amounts of a participant sum to the total
    of their statement for the month. What an account adds stands under the plan whose words say it, without component.
    """
    rates = pay_rates(plans, facts, pay_period, where.get("participant_id"))
    if rates.height and "plan" in where:  # a row is converted after those of other plans before it
        of_all = {name: value for name, value in where.items() if name != "plan"}
        found_of_all = payouts(result, plans, facts, pay_period, of_all)
        return [payout for payout in found_of_all if payout.key.plan == where["plan"]]
    moves, accounts = _paid(result, plans, facts, pay_period, where.get("participant_id"))
    rows = _payable(moves, plans, pay_period, where)
    sums = rows.group_by(KEY).agg(amount=pl.col("amount_minor").cast(pl.Int128).sum(), line_count=pl.len())
    spans = result.earnings.select(*EARNING, "period_start_date", "period_end_date")
    found = sums.with_columns(to_minor(pl.col("amount"))).join(spans, on=EARNING, how="left")
    found = found.with_columns(
        pl.col("plan", "component").fill_null(""),  # an adjustment may be of none, and is of the pay period
        pl.col("period").fill_null(pay_period.name),
        pl.col("period_start_date").fill_null(pay_period.start_date),
        pl.col("period_end_date").fill_null(pay_period.end_date),
    )
    found = pl.concat([found, _of_accounts(accounts, pay_period, where).select(found.columns)])
    names = dict(facts.participants.select("participant_id", "display_name").iter_rows())
    found = found.filter(pl.col("amount") != 0).sort(SORTED).rename({"amount": "amount_minor"})
    found = with_labels(with_paid_as(found, rates), plans, facts, pay_period)
    return [_payout(row, pay_period, names) for row in found.iter_rows(named=True)]


def converted_pay(
    result: Result, plans: Sequence[Plan], facts: Facts, *, participant_id: str, period: Span
) -> Iterator[ConvertedPay]:
    """What each month of the period pays the participant in another currency, by the plans' currency (M10)."""
    where, revisions = {"participant_id": participant_id}, {plan.revision: plan for plan in plans}
    if facts.of("assignments", "participant_id", participant_id)["pay_currency_code"].is_null().all():
        return
    for month in months_of(period):
        rates = pay_rates(plans, facts, month, participant_id)
        rows = payouts(result, plans, facts, month, where) if rates.height else []
        said = dict(rates.select("currency_code", "revision").iter_rows())
        for total in totals(row.amount for row in rows if row.paid_as):
            own = [row.paid_as for row in rows if row.paid_as and row.amount.currency_code == total.currency_code]
            words = revisions[said[total.currency_code]].pay_fx
            assert words is not None, "rates are of plans that say so"
            yield ConvertedPay(month.name, total, _together(own), words.at.in_folder)


def converted_total(rows: pl.DataFrame) -> Iterator[tuple[Money, PaidAs]]:
    """By currency what rows with PAID_AS come to, and what is paid of it."""
    for (code,), own in sorted(rows.partition_by("currency_code", as_dict=True).items()):
        paid = [found for row in own.iter_rows(named=True) if (found := paid_as(row))]
        yield Money(int(own["amount_minor"].cast(pl.Int128).sum()), code), _together(paid)


def _together(rows: Sequence[PaidAs]) -> PaidAs:
    """All of one account and month, so of one rate."""
    amounts = [row.amount for row in rows if row.amount is not None]
    return replace(rows[0], amount=totals(amounts)[0] if amounts else None)


def payable_before(result: Result, day: date) -> tuple[list[Money], date | None]:
    """By currency what all lines before a day come to, but for what comes to nothing, and the first day of them."""
    assert result.lines is not None, "a book's calculation has its lines"
    rows = result.lines.filter(pl.col("payable_date") < day)
    sums = rows.group_by(pl.col("currency_code").cast(pl.String)).agg(pl.col("amount_minor").cast(pl.Int128).sum())
    first = rows["payable_date"].min()
    assert first is None or isinstance(first, date)
    return [Money(int(minor), code) for code, minor in sums.sort("currency_code").iter_rows() if minor], first


def lines_of(payout: Payout, result: Result, plans: Sequence[Plan], facts: Facts, pay_period: Span) -> tuple[Line, ...]:
    """The lines, or the parts of lines, that the payout is the sum of, the earliest payable first."""
    key = payout.key
    mine = Mine.of(result, plans, facts, key.participant_id)
    moves, _ = _paid(result, plans, facts, pay_period, key.participant_id)
    rows = _payable(moves, plans, pay_period, {"participant_id": key.participant_id, "plan": key.plan})
    wanted = {"component": key.component, "period": key.earned_period, "nature": key.nature}
    rows = rows.filter(*(pl.col(name) == value for name, value in wanted.items()))
    ordered = sorted(rows.iter_rows(named=True), key=lambda row: (row["payable_date"], row["place"] or 0, *key_of(row)))
    return tuple(line_of(mine, row) for row in ordered)


def _paid(
    result: Result, plans: Sequence[Plan], facts: Facts, pay_period: Span, participant_id: str | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The moves of the pay period, and its accounts; without a look at earlier ones where no plan asks for it."""
    assert result.lines is not None, "payouts are sums of lines"
    inside = pl.col("payable_date").is_between(pay_period.start_date, pay_period.end_date, closed="left")
    if not has_pay_words(plans) and facts.adjustments.is_empty() and is_of_deals(facts.holds).is_empty():
        return result.lines.filter(inside).with_columns(kind=pl.lit(PAYABLE)), pl.DataFrame(schema=dict(ACCOUNTS))
    found = pay(result, plans, facts, until=pay_period.end_date, participant_id=participant_id)
    return found.moves.filter(inside), found.accounts.filter(pl.col("month") >= pay_period.start_date)


def _payable(moves: pl.DataFrame, plans: Sequence[Plan], pay_period: Span, where: Mapping[str, str]) -> pl.DataFrame:
    """The moves that `where` asks for, with their nature, and with the sign that they have in a payout."""
    rows = moves.filter(*(pl.col(name) == value for name, value in where.items()))
    rows = rows.with_columns(pl.col("revision", "currency_code").cast(pl.String))
    of_churn = pl.col("step_kind").cast(pl.String) == "take_back"  # which answers a deal, and has no number of a loss
    of_line = nature_of_line(pl.when(of_churn).then(pl.lit("clawback")).otherwise("nature"))
    return rows.join(_natures(plans), on=["revision", "component"], how="left").with_columns(
        nature=pl.coalesce(pl.col("kind").replace_strict(OF_MOVES, default=None, return_dtype=pl.String), of_line),
        amount_minor=pl.col("amount_minor") * pl.col("kind").replace_strict(COMES_IN, return_dtype=pl.Int64),
    )


OF_MOVES = {HELD: "reserve", USED: "reserve_release", RELEASED: "reserve_release", FORFEITED: "forfeited"}
OF_MOVES |= {ADJUSTED: "adjustment", ON_HOLD: "hold", HOLD_RELEASED: "hold_release"}
NATURES = ("commission", "bonus", "clawback", *dict.fromkeys(OF_MOVES.values()), *OF_ACCOUNTS)


def nature_of_line(of_component: pl.Expr) -> pl.Expr:
    """What answers a loss is a clawback, by the number of its step (B1)."""
    return pl.when(pl.col("step") >= TAKE_BACK_STEPS).then(pl.lit("clawback")).otherwise(of_component)


def months_of(span: Span) -> list[Span]:
    """The pay periods that make up a span of whole months."""
    found, first = [], span.start_date
    while first < span.end_date:
        month = period_of(f"{first.year:04}-{first.month:02}", fiscal_year_starts=1)
        assert month is not None, span
        found.append(month)
        first = month.end_date
    return found


def _of_accounts(accounts: pl.DataFrame, pay_period: Span, where: Mapping[str, str]) -> pl.DataFrame:
    """What recoveries, draws and what is carried on add to the lines, as rows of payouts."""
    rows = accounts.filter(*(pl.col(name) == value for name, value in where.items()))
    frames = [
        rows.select(
            *("participant_id", "plan", "currency_code"),
            component=pl.lit(""),
            period=pl.lit(pay_period.name),
            nature=pl.lit(nature),
            amount=amount,
            line_count=pl.lit(0, dtype=pl.UInt32),
            period_start_date=pl.lit(pay_period.start_date),
            period_end_date=pl.lit(pay_period.end_date),
        )
        for nature, amount in account_moves(rows).items()
    ]
    return pl.concat(frames)


def _natures(plans: Iterable[Plan]) -> pl.DataFrame:
    """A component that pays rates of money pays a commission; any other one, amounts for points or units, a bonus."""
    rows = {
        (plan.revision, name): "commission" if component.pays.has_rates else "bonus"
        for plan in plans
        for name, component in plan.components.items()
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
        amount=Money(row["amount_minor"], row["currency_code"]),
        line_count=row["line_count"],
        paid_as=paid_as(row),
        labels=labels_of(row),
    )
