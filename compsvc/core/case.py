"""A plan's own tests: facts in, amounts out. What a case expects, and how what was found differs from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import polars as pl

from compsvc.core.case_elsewhere import counts_in, payable_on
from compsvc.core.case_values import (
    Attained,
    Balance,
    Case,
    Difference,
    Earned,
    Expectation,
    Foreseen,
    LinePay,
    Paid,
    PaidIn,
    Payable,
    Placed,
    QuotaOf,
    Said,
    Silent,
    Uncredited,
)
from compsvc.core.currencies import EXPONENTS
from compsvc.core.forecast import Calculate, Runs, forecast, run
from compsvc.core.money import format_minor, round_ratio
from compsvc.core.pay import pay
from compsvc.core.pay_account import BALANCES, accounts_of
from compsvc.core.payable import due
from compsvc.core.payouts import NATURES, converted_pay, months_of, payouts
from compsvc.core.plan import Plan
from compsvc.core.problems import Problem, did_you_mean
from compsvc.core.results import Result
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import Span, key_of, totals

ADDS_NOTHING = (
    "it is credited and adds nothing: its lines are worth nothing as measured here, or its account had committed as "
    "much of the product before, such as by the last stage of a ramp (L3)"
)


def differences(case: Case, result: Result, calculate: Calculate) -> tuple[Difference, ...]:
    """Every expectation that was not met, as the case lists them."""
    days = sorted({expectation.day for expectation in case.expects if isinstance(expectation, Foreseen)})
    runs = {day: run(result, case.plans, case.facts, day, calculate) for day in days}
    found = (
        _foreseen(expectation, case, result, runs[expectation.day])
        if isinstance(expectation, Foreseen)
        else _difference(expectation, case, result)
        for expectation in case.expects
    )
    silent = _silent(result)
    told = (_with_silent(difference, silent) for difference in found if difference is not None)
    return tuple(replace(difference, elsewhere=tuple(_elsewhere(difference, case, result))) for difference in told)


def made_wrong(case: Case) -> Case | None:
    """The case with its first expectation one unit off, so that it has to fail. None where it expects nothing."""
    if not case.expects:
        return None
    first = case.expects[0]
    if isinstance(first, Uncredited):
        wrong: Expectation = replace(first, code=f"{first.code}_CANARY")
    elif isinstance(first, Attained):
        wrong = replace(first, percent=f"1{first.percent}")
    elif isinstance(first, Placed | PaidIn):
        wrong = replace(first, value=f"{first.value}1")
    else:
        wrong = replace(first, amount_minor=first.amount_minor + 1)
    return replace(case, expects=(wrong,), canary=True)


def _silent(result: Result) -> list[Silent]:
    """A pending deal that gives no reason is one that no acceptance was given for."""
    waits = "it is pending: give it `accepted`"
    pending = result.pending.select("external_id", "pending_reason").unique().sort(pl.all())
    nobody = result.uncredited.select("external_id", "code", "reason").unique().sort(pl.all())
    told = [Silent(deal, f"{waits}{f' ({reason})' if reason else ''}") for deal, reason in pending.iter_rows()]
    told += [Silent(deal, f"{code}{f': {why}' if why else ''}") for deal, code, why in nobody.iter_rows()]
    return [*told, *(Silent(deal, ADDS_NOTHING) for deal in _adding_nothing(result))]


def _adding_nothing(result: Result) -> list[str]:
    """Deals that are credited and move no component."""
    if result.lines is None:
        return []
    moved = pl.col("counts").cast(pl.Int128).abs().sum()
    deals = result.lines.filter(pl.col("external_id").is_not_null()).group_by("external_id").agg(moved)
    return deals.filter(pl.col("counts") == 0)["external_id"].sort().to_list()


def _with_silent(difference: Difference, silent: Iterable[Silent]) -> Difference:
    """A case is small: what pays nothing in it may be what is missing anywhere, unless the expectation names a deal."""
    if isinstance(difference.expectation, Uncredited):
        return difference
    deal = getattr(difference.expectation, "external_id", None)
    return replace(difference, silent=tuple(each for each in silent if deal in (None, each.external_id)))


def _elsewhere(difference: Difference, case: Case, result: Result) -> Iterator[tuple[str, str]]:
    """Of an expectation of an amount that finds none."""
    expected, who = difference.expectation, getattr(difference.expectation, "participant_id", None)
    if difference.found != 0 or who is None or result.lines is None:
        return
    if isinstance(expected, Earned | LinePay):
        deal = getattr(expected, "external_id", None)
        yield from counts_in(result, case.plans, who, expected.component, deal)
    elif isinstance(expected, Payable) or (isinstance(expected, Paid) and expected.nature is None):
        yield from payable_on(result, case.plans, who, getattr(expected, "component", None))


def unknown_names(case: Case) -> Iterator[Problem]:
    """Names in expectations that stand nowhere else: a slip there would compare nothing with nothing."""
    people = set(case.facts.participants["participant_id"])
    facts = case.facts
    deals = {*facts.deals["external_id"], *facts.activities["external_id"], *facts.stated_credits["credit_id"]}
    components = {name for plan in case.plans for name in plan.components}
    for expectation in case.expects:
        named = [("UNKNOWN_PARTICIPANT", "participant", getattr(expectation, "participant_id", None), people)]
        named.append(("UNKNOWN_DEAL", "deal", getattr(expectation, "external_id", None), deals))
        named.append(("UNKNOWN_COMPONENT", "component", getattr(expectation, "component", None), components))
        for code, what, name, known in named:
            if name is not None and name not in known:
                message = f"`{name}` is no {what} of this case.{did_you_mean(name, known)}"
                yield Problem(code, expectation.at, message)
        yield from _unknown_words(expectation)
        period = getattr(expectation, "period", None)
        if period is not None and period_of(period, fiscal_year_starts=1) is None:
            message = f"`{period}` is no period. Write `2026-11`, `2026-Q4`, `2026-H2` or `2026`."
            yield Problem("BAD_PERIOD", expectation.at, message)


def _unknown_words(expectation: Expectation) -> Iterator[Problem]:
    """Natures and balances, which are words of ours."""
    named = [("nature", "UNKNOWN_NATURE", NATURES), ("balance", "UNKNOWN_BALANCE", BALANCES)]
    for what, code, known in named:
        name = getattr(expectation, what, None)
        if name is not None and name not in known:
            yield Problem(code, expectation.at, f"`{name}` is no {what} of a pay period.{did_you_mean(name, known)}")


def _paid(expectation: Paid | Balance, case: Case, result: Result) -> Difference | None:
    """Only what the case's plans pay in their one currency."""
    span = _span(expectation.period, case.plans)
    if isinstance(expectation, Balance):
        found = pay(result, case.plans, case.facts, until=span.end_date, participant_id=expectation.participant_id)
        accounts = accounts_of(found, expectation.participant_id, span)
        amount = sum(account.closing[expectation.balance] for account in accounts)
    else:
        where = {"participant_id": expectation.participant_id}
        months = [payouts(result, case.plans, case.facts, month, where) for month in months_of(span)]
        rows = [row for month in months for row in month]
        amount = sum(row.amount.minor for row in rows if expectation.nature in (None, row.key.nature))
    return None if amount == expectation.amount_minor else Difference(expectation, expectation.amount_minor, amount)


def _paid_in(expectation: PaidIn, case: Case, result: Result) -> str:
    """`851.20 GBP`, several by their codes; what is missing where there is no rate."""
    span, who = _span(expectation.period, case.plans), expectation.participant_id
    rows = list(converted_pay(result, case.plans, case.facts, participant_id=who, period=span))
    missing = [row for row in rows if row.paid_as.amount is None]
    if missing:
        paid = missing[0].paid_as
        return f"no rate to {paid.currency_code} in {paid.fx_table} on {paid.fx_date}"
    found = totals(row.paid_as.amount for row in rows if row.paid_as.amount)
    words = [f"{format_minor(each.minor, EXPONENTS[each.currency_code])} {each.currency_code}" for each in found]
    return " + ".join(words) or "nothing"


def _span(period: str, plans: Sequence[Plan]) -> Span:
    starts = {plan.fiscal_year_starts for plan in plans}
    span = period_of(period, fiscal_year_starts=min(starts) if len(starts) == 1 else 1)
    assert span is not None, "unknown_names has refused it"
    return span


def _difference(expectation: Said, case: Case, result: Result) -> Difference | None:
    if isinstance(expectation, Uncredited):
        codes = result.uncredited.filter(pl.col("external_id") == expectation.external_id)["code"]
        found = ", ".join(codes.unique().sort()) or "credited"
        return None if expectation.code in codes else Difference(expectation, expectation.code, found)
    if isinstance(expectation, Paid | Balance):
        return _paid(expectation, case, result)
    if isinstance(expectation, PaidIn):
        told = _paid_in(expectation, case, result)
        return None if told == expectation.value else Difference(expectation, expectation.value, told)
    if isinstance(expectation, QuotaOf | Attained):
        return _reached(expectation, case, result)
    if isinstance(expectation, Placed):
        rows = result.standings.filter(_selected(expectation, case.plans))
        told = next((str(value) for value in rows[expectation.word].drop_nulls()), f"no {expectation.word}")
        return None if told == expectation.value else Difference(expectation, expectation.value, told)
    assert result.lines is not None, "cases need lines"
    lines = due(result.lines, case.plans, result.progress) if isinstance(expectation, Payable) else result.lines
    rows = lines.filter(_selected(expectation, case.plans))
    if isinstance(expectation, Earned):
        amount = sum(result.earnings.filter(_selected(expectation, case.plans))["earned_minor"].to_list())
    else:
        amount = sum(rows["amount_minor"].to_list())
    if amount == expectation.amount_minor:
        return None
    keys = tuple(key_of(row) for row in rows.iter_rows(named=True) if row["amount_minor"])
    return Difference(expectation, expectation.amount_minor, amount, keys)


def _foreseen(expectation: Foreseen, case: Case, result: Result, runs: Runs) -> Difference | None:
    """What counts is compared in minor units as well: a case expects no forecast of a number of deals."""
    person, span = expectation.participant_id, _span(expectation.period, case.plans)
    found = forecast(result, runs, case.plans, case.facts, participant_id=person, period=span)
    if found is None:
        return Difference(expectation, expectation.amount_minor, f"no forecast, since {span.name} is over")
    seen = [
        outlook
        for component in found.components
        if (component.component, component.period.name) == (expectation.component, expectation.period)
        for outlook in component.outlooks
        if outlook.scenario == expectation.scenario
    ]
    if not seen:
        return Difference(expectation, expectation.amount_minor, "nothing that could move")
    earned = seen[0].earned
    amount = seen[0].position.amount if expectation.figure == "measure" else None if earned is None else earned.minor
    if amount is None:
        return Difference(expectation, expectation.amount_minor, "no average, since it pays on another measure")
    return None if amount == expectation.amount_minor else Difference(expectation, expectation.amount_minor, amount)


def _reached(expectation: QuotaOf | Attained, case: Case, result: Result) -> Difference | None:
    rows = result.earnings.filter(_selected(expectation, case.plans)).rows(named=True)
    quota = next((row["quota_minor"] for row in rows), None)
    if isinstance(expectation, QuotaOf):
        wanted: int | str = expectation.amount_minor
        found = "no quota" if quota is None else quota
    else:
        wanted, found = f"{expectation.percent}%", "no quota above zero"
        if quota:
            position = rows[0]["count_millionths"] or rows[0]["measure_minor"]
            found = f"{_rounded_percent(position, quota, expectation.percent)}%"
    return None if wanted == found else Difference(expectation, wanted, found)


def _rounded_percent(position: int, quota: int, like: str) -> str:
    """To the decimals of `like`; halves away from zero."""
    decimals = len(like.partition(".")[2])
    return format_minor(round_ratio(position * 100 * 10**decimals, quota, "half_up"), decimals)


def _selected(expectation: Earned | LinePay | Payable | QuotaOf | Attained | Placed, plans: Sequence[Plan]) -> pl.Expr:
    wanted = {name: getattr(expectation, name, None) for name in ("participant_id", "component", "external_id")}
    wanted |= {name: getattr(expectation, name, None) for name in ("line", "stage")}
    tests = [pl.col(name) == value for name, value in wanted.items() if value is not None]
    if isinstance(expectation, Earned | QuotaOf | Attained | Placed):
        tests.append(pl.col("period") == expectation.period)
    if isinstance(expectation, Payable):
        span = _span(expectation.period, plans)
        tests.append(pl.col("payable_date").is_between(span.start_date, span.end_date, closed="left"))
    return pl.all_horizontal(tests)
