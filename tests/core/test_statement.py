"""Statements of the sample company, each figure worked out beside it; `base` is 10% for hanna, ada and ben."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

import polars as pl
import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.core.statement import statement
from compsvc.core.statement_explain import Exact, Step, explain, explain_all
from compsvc.core.statement_scope import fiscal_year_starts, manages, period_of
from compsvc.core.statement_values import LineKey, Money, Quantity, Span, Standing, Statement, totals
from tests.nordwind import nordwind
from tests.oracle.companies import company as company_of
from tests.oracle.small import Case


def eur(amount: int) -> Money:
    return Money(amount * 100, "EUR")


def of(participant_id: str, period: str) -> Statement:
    company = nordwind()
    span = period_of(period, fiscal_year_starts=1)
    assert span is not None
    found = statement(company.result, company.plans, company.facts, participant_id=participant_id, period=span)
    assert found is not None
    return found


def standing(found: Statement, component: str, period: str) -> Standing:
    return next(item for item in found.standings if (item.component, item.period.name) == (component, period))


# --- where am I


def test_a_standing_tells_position_quota_attainment_and_what_was_earned() -> None:
    found = standing(of("hanna", "2026-Q4"), "commission", "2026")
    # 40 + 25 + 350 in Q1, 36 + 100 in Q2, 20 + 100 + 60 in Q3, 90 + 45 + 150 in Q4 = 1,016 thousand.
    assert found.position == Quantity(101_600_000, "EUR")
    assert found.quota == Quantity(80_000_000, "EUR")
    assert found.attainment == Fraction(127, 100)
    assert found.earned == eur(112_400)  # 800,000 x 10% + 216,000 x 15% = 80,000 + 32,400


def test_a_standing_tells_the_tier_and_the_way_to_the_next_one() -> None:
    found = standing(of("hanna", "2026-Q4"), "commission", "2026")
    assert found.tier is not None
    assert (found.tier.number, found.tier.count, found.tier.rate) == (2, 3, Fraction(15, 100))
    assert found.tier.of_base == Fraction(3, 2)
    step = found.next_step
    assert step is not None
    assert step.tier is not None
    assert step.at == Quantity(120_000_000, "EUR")  # 150% of 800,000
    assert step.distance == Quantity(18_400_000, "EUR")  # 1,200,000 - 1,016,000
    assert step.tier.rate == Fraction(12, 100)
    assert step.bonus == eur(0)
    # Her deals counted 20, 25, 36, 40, 45, 60, 90, 350 and 350 (with its options) thousand: the middle one is 45.
    assert step.median_deal == Quantity(4_500_000, "EUR")
    assert step.deals == 5  # 184,000 / 45,000 = 4.09: four would not do


def test_a_kicker_tells_how_many_are_there_and_what_the_last_one_brings() -> None:
    found = standing(of("hanna", "2026-Q4"), "new-logo-kicker", "2026-Q4")
    assert found.position == Quantity(2_000_000, None)  # millionths of a logo
    assert found.tier is None
    assert found.next_step is not None
    assert (found.next_step.at, found.next_step.bonus) == (Quantity(3_000_000, None), eur(5_000))
    reached = standing(of("hanna", "2026-Q1"), "new-logo-kicker", "2026-Q1")
    assert (reached.position, reached.earned, reached.next_step) == (Quantity(3_000_000, None), eur(5_000), None)


def test_a_retroactive_step_tells_what_it_adds_to_everything_before() -> None:
    found = standing(of("finn", "2026-Q1"), "commission", "2026-Q1")
    assert found.next_step is not None
    # From 110,000 to 250,000: there 8% instead of 6% on the whole 250,000, so 5,000 at once.
    assert (found.next_step.distance, found.next_step.bonus) == (Quantity(14_000_000, "EUR"), eur(5_000))


def test_every_measurement_period_that_touches_the_asked_one_is_shown() -> None:
    month = [(item.component, item.period.name) for item in of("hanna", "2026-11").standings]
    assert month == [("commission", "2026"), ("new-logo-kicker", "2026-Q4")]
    year = [item.period.name for item in of("hanna", "2026").standings]
    assert year == ["2026", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]


# --- what waits


def test_a_pending_deal_tells_what_is_missing_and_what_it_would_pay() -> None:
    (deal,) = of("hanna", "2026-Q4").pending
    assert (deal.external_id, deal.account_name, deal.closed_date) == ("D-1012", "Inselwerk AG", date(2026, 11, 18))
    assert deal.reason.startswith("The order form lacks the second signature")
    pays = {credit.component: credit.pays for credit in deal.credits}
    assert pays == {
        "commission": eur(7_200),  # 48,000 x 15%: she stands at 127% and stays below 150%
        "new-logo-kicker": eur(5_000),  # the third new logo of the quarter
    }
    assert deal.totals == (eur(12_200),)


def test_a_retroactive_curve_counts_what_a_pending_deal_would_lift() -> None:
    (deal,) = of("finn", "2026-Q4").pending
    # 105,000 at 6% = 6,300 now; 145,000 at 6% = 8,700: no step between them.
    assert deal.totals == (eur(2_400),)
    assert of("finn", "2026-Q4").pending_together == (eur(2_400),)


def test_a_deal_that_closes_after_the_period_does_not_wait_in_it() -> None:
    assert of("hanna", "2026-Q3").pending == ()


# --- what is my payout


def test_a_payout_is_the_sum_of_the_lines_that_become_payable_in_the_period() -> None:
    found = of("hanna", "2026-Q4")
    commission, kicker = found.payouts
    assert [(line.key.external_id, line.amount) for line in commission.lines] == [
        ("D-1010", eur(10_050)),  # 69,000 x 10% + 21,000 x 15%
        ("D-1011", eur(6_750)),  # 45,000 x 15%
        ("D-1005", eur(22_500)),  # the second option, 150,000 x 15%
    ]
    assert commission.amount == eur(39_300)
    assert [line.amount for line in kicker.lines] == [eur(0), eur(0)]
    assert found.totals == (eur(39_300),)


def test_months_add_up_to_the_quarter_and_quarters_to_the_year() -> None:
    for participant in nordwind().facts.participants["participant_id"]:
        year = of(participant, "2026").totals[0].minor
        assert year == sum(of(participant, f"2026-Q{quarter}").totals[0].minor for quarter in (1, 2, 3, 4))
        assert year == sum(of(participant, f"2026-{month:02}").totals[0].minor for month in range(1, 13))


def test_all_payouts_together_are_all_earnings_together() -> None:
    earned = nordwind().result.earnings["earned_minor"].sum()
    people = nordwind().facts.participants["participant_id"]
    paid = sum(of(participant, year).totals[0].minor for participant in people for year in ("2025", "2026", "2027"))
    assert paid == earned


def test_a_take_back_names_itself_and_lowers_the_payout_of_the_period_it_comes_in() -> None:
    kicker = of("ben", "2026-Q3").payouts[1]
    (line,) = [line for line in kicker.lines if line.step_kind == "take_back"]
    assert (line.key.external_id, line.key.period, line.amount) == ("D-2105", "2026-Q1", eur(-3_000))
    (credit,) = steps(derivation("ben", "new-logo-kicker", "2026-Q1", "D-2105", step=1), "CREDIT")
    assert credit.values["note"] == "the logo won with D-2102 is lost"


# --- empty and unknown


def test_a_participant_without_deals_has_an_honest_statement_of_zero() -> None:
    company = nordwind()
    facts = replace(company.facts, participants=_with(company.facts.participants, "nora", "Nora Neu"))
    span = period_of("2026-Q4", fiscal_year_starts=1)
    assert span is not None
    found = statement(company.result, company.plans, facts, participant_id="nora", period=span)
    assert found is not None
    assert (found.standings, found.pending, found.payouts, found.totals) == ((), (), (), ())


def test_a_period_without_pay_says_zero_in_the_plans_currency() -> None:
    found = of("hanna", "2027-Q2")
    assert (found.payouts, found.totals) == ((), (eur(0),))


def test_an_unknown_participant_has_no_statement() -> None:
    company = nordwind()
    span = Span("2026", date(2026, 1, 1), date(2027, 1, 1))
    assert statement(company.result, company.plans, company.facts, participant_id="nobody", period=span) is None


def test_the_order_of_the_facts_does_not_matter() -> None:
    company = nordwind()
    shuffled = replace(
        company.facts, accounts=company.facts.accounts.reverse(), participants=company.facts.participants.reverse()
    )
    lines = company.result.lines
    assert lines is not None
    result = replace(
        company.result,
        lines=lines.reverse(),
        earnings=company.result.earnings.reverse(),
        pending=company.result.pending.reverse(),
    )
    span = period_of("2026", fiscal_year_starts=1)
    assert span is not None
    for participant in company.facts.participants["participant_id"]:
        again = statement(result, company.plans[::-1], shuffled, participant_id=participant, period=span)
        assert again == of(participant, "2026")


# --- periods and people


@pytest.mark.parametrize(
    ("name", "starts", "first", "after"),
    [
        ("2026-11", 1, date(2026, 11, 1), date(2026, 12, 1)),
        ("2026-Q4", 1, date(2026, 10, 1), date(2027, 1, 1)),
        ("2026", 1, date(2026, 1, 1), date(2027, 1, 1)),
        ("2027-Q1", 4, date(2026, 4, 1), date(2026, 7, 1)),  # fiscal years are named by the year in which they end
        ("2027", 4, date(2026, 4, 1), date(2027, 4, 1)),
        ("2026-04", 4, date(2026, 4, 1), date(2026, 5, 1)),  # months by the calendar
    ],
)
def test_a_period_is_read_on_the_fiscal_calendar(name: str, starts: int, first: date, after: date) -> None:
    assert period_of(name, fiscal_year_starts=starts) == Span(name, first, after)


@pytest.mark.parametrize(
    "name", ["", "26", "2026-", "2026-Q5", "2026-Q", "2026-13", "2026-00", "2026-1", "Q4", "2026-Q4 ", "٢٠٢٦", "0000"]
)
def test_what_is_no_period_is_none(name: str) -> None:
    assert period_of(name, fiscal_year_starts=1) is None


def test_the_fiscal_year_is_that_of_the_participants_plans() -> None:
    company = nordwind()
    assert fiscal_year_starts(company.plans, company.facts, "hanna") == 1
    april = [plan.model_copy(update={"fiscal_year_starts": 4}) for plan in company.plans]
    assert fiscal_year_starts(april, company.facts, "hanna") == 4
    assert fiscal_year_starts(april, company.facts, "nobody") == 1


def test_a_manager_stands_above_everybody_below_in_the_line_and_nobody_else() -> None:
    facts = nordwind().facts
    span = Span("2026", date(2026, 1, 1), date(2027, 1, 1))

    def sees(manager: str, participant: str, period: Span = span) -> bool:
        return manages(facts, manager_id=manager, participant_id=participant, period=period)

    assert sees("mara", "hanna")
    assert sees("vera", "hanna")  # two levels
    assert sees("vera", "mara")
    assert not sees("mara", "vera")
    assert not sees("hanna", "finn")
    assert not sees("mara", "nobody")
    assert not sees("mara", "mara")
    assert not sees("mara", "hanna", Span("2025", date(2025, 1, 1), date(2026, 1, 1)))


def test_a_line_of_managers_counts_only_where_all_of_it_holds_on_one_day() -> None:
    # Bob was below m1 in January, and m1 below m2 only from July: m2 was never above bob, m8 was until February.
    people = ("bob", "m1", "m2", "m8", "m9")
    case = Case()
    case.person("bob", start="2026-01-01", end="2026-02-01", manager_id="m1")
    case.person("bob", start="2026-02-01", manager_id="m9")
    case.person("m1", start="2026-01-01", end="2026-07-01", manager_id="m8")
    case.person("m1", start="2026-07-01", manager_id="m2")
    period = Span("2026", date(2026, 1, 1), date(2027, 1, 1))
    above = {m for m in people if manages(case.facts, manager_id=m, participant_id="bob", period=period)}
    assert above == {"m1", "m8", "m9"}


def test_totals_keep_currencies_apart() -> None:
    amounts = [Money(5, "USD"), Money(7, "EUR"), Money(-2, "USD")]
    assert totals(amounts) == (Money(7, "EUR"), Money(3, "USD"))
    assert totals([], otherwise=["JPY"]) == (Money(0, "JPY"),)


# --- why


def derivation(participant_id: str, component: str, period: str, deal: str, *, stage: int = 0, step: int = 0) -> Step:
    company = nordwind()
    plan = {"hanna": "hunter", "finn": "farmer", "ben": "account-executive", "ada": "account-executive"}[participant_id]
    key = LineKey(participant_id, plan, component, period, "crm", deal, 1, stage, step)
    found = explain(company.result, company.plans, company.facts, key)
    assert found is not None
    assert found.line.key == key
    return found.derivation


def steps(root: Step, code: str) -> list[Step]:
    return [found for below in root.steps for found in ([below] if below.code == code else []) + steps(below, code)]


def test_a_crossing_opens_into_its_parts_with_the_plans_line_of_each_tier() -> None:
    root = derivation("hanna", "commission", "2026", "D-1010")
    (difference,) = steps(root, "DIFFERENCE")
    assert (difference.values["after"], difference.values["before"]) == (eur(83_150), eur(73_100))
    first, second = steps(root, "TIER_PART")
    assert (first.values["part"], first.values["pays"]) == (
        Exact(Fraction(6_900_000), "EUR"),
        Exact(Fraction(690_000), "EUR"),
    )
    assert (second.values["part"], second.values["pays"]) == (
        Exact(Fraction(2_100_000), "EUR"),
        Exact(Fraction(315_000), "EUR"),
    )
    assert [part.plan_at for part in (first, second)] == ["hunter.yaml:32", "hunter.yaml:33"]
    (base,) = steps(root, "BASE")
    assert (base.values["target"], base.values["quota"], base.values["base"]) == (
        eur(80_000),
        eur(800_000),
        Fraction(1, 10),
    )


def test_a_ramp_opens_into_its_stages_and_names_the_one_that_counts() -> None:
    root = derivation("hanna", "commission", "2026", "D-1003")
    assert [stage.values["value"] for stage in steps(root, "STAGE")] == [eur(100_000), eur(200_000), eur(350_000)]
    (level,) = steps(root, "LEVEL")
    assert (level.values["number"], level.values["value"]) == (3, eur(350_000))


def test_an_option_says_what_of_it_was_counted_before() -> None:
    root = derivation("hanna", "commission", "2026", "D-1005", stage=3)
    (before,) = steps(root, "COUNTED_BEFORE")
    assert before.values["amount"] == eur(200_000)  # 350,000 - 150,000


def test_a_split_opens_into_whole_times_share() -> None:
    (share,) = steps(derivation("ben", "commission", "2026", "D-2004"), "SHARE")
    assert share.values == {
        "whole": Quantity(10_000_000, "EUR"),
        "share": Fraction(1, 3),
        "part": Quantity(3_333_333, "EUR"),  # 66,666.67 is ada's: the odd cent goes to the first named
    }


def test_a_re_rating_names_the_deal_that_caused_it_and_the_causing_deal_what_it_posted() -> None:
    (re_rating,) = steps(derivation("finn", "commission", "2026-Q1", "D-3001", step=1), "RE_RATING")
    assert re_rating.values["cause"] == "D-3002"
    assert (re_rating.values["rate_before"], re_rating.values["rate_after"]) == (Fraction(4, 100), Fraction(6, 100))
    assert re_rating.values["pays"] == Exact(Fraction(120_000), "EUR")  # 60,000 x (6% - 4%)
    (difference,) = steps(derivation("finn", "commission", "2026-Q1", "D-3002"), "DIFFERENCE")
    assert difference.values["posted"] == eur(1_200)


def test_a_bonus_stands_at_the_count_that_brings_it_and_is_taken_back_there() -> None:
    (bonus,) = steps(derivation("ben", "new-logo-kicker", "2026-Q1", "D-2103"), "BONUS")
    assert (bonus.values["at"], bonus.values["pays"]) == (Quantity(3_000_000, None), Exact(Fraction(300_000), "EUR"))
    (back,) = steps(derivation("ben", "new-logo-kicker", "2026-Q1", "D-2105", step=1), "BONUS")
    assert (back.values["at"], back.values["pays"]) == (Quantity(3_000_000, None), Exact(Fraction(-300_000), "EUR"))


def test_a_window_says_why_the_hunter_is_credited_with_a_deal_that_another_sold() -> None:
    (credit,) = steps(derivation("hanna", "commission", "2026", "D-1007"), "CREDIT")
    assert credit.values["route"] == "window"
    assert "D-1001" in str(credit.values["note"])
    assert credit.plan_at == "hunter.yaml:8"


def test_every_line_of_the_company_opens_into_parts_that_come_to_it() -> None:
    company = nordwind()
    lines = company.result.lines
    assert lines is not None
    opened = assert_every_line_opens(company.result, company.plans, company.facts)
    assert opened == lines.filter(pl.col("step_kind") != "re_rating").height


@pytest.mark.parametrize("seed", [*range(20), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(20, 40))])
def test_every_line_of_a_generated_company_opens_into_parts_that_come_to_it(seed: int) -> None:
    """Every measure, mode, boundary, carry, currency and rounding, and amounts at every edge."""
    plans, facts = company_of(seed)
    assert_every_line_opens(calculate(plans, facts, PlainMatcher()), plans, facts)


def assert_every_line_opens(result: Result, plans: Sequence[Plan], facts: Facts) -> int:
    """amount = round(F(after)) - round(F(before)) - what is posted to earlier deals; and the exact parts differ from it
    by no more than those two roundings, and those of the lines that it posts."""
    opened = 0
    for participant in facts.participants["participant_id"].unique():
        for key, found in explain_all(result, plans, facts, participant).items():
            for difference in steps(found.derivation, "DIFFERENCE"):
                opened += 1
                nothing = Money(0, found.line.amount.currency_code)
                figures = [difference.values.get(name, nothing) for name in ("after", "before", "posted")]
                after, before, posted = (figure.minor for figure in figures if isinstance(figure, Money))
                assert found.line.amount.minor == after - before - posted, key
                parts = [
                    part.values["pays"] for part in difference.steps if part.code in ("TIER_PART", "UNIT_PART", "BONUS")
                ]
                exact = sum((part.amount for part in parts if isinstance(part, Exact)), start=Fraction(0))
                assert parts or found.line.amount.minor == 0, key
                crosses = any(crosses_zero(step) for step in steps(difference, "ROUNDED"))
                crosses = crosses or min(before, after) < 0 < max(before, after)
                assert abs(exact - found.line.amount.minor) <= 1 + bool(posted) + crosses, key
    return opened


def crosses_zero(rounded: Step) -> bool:
    """`down` then rounds both ends towards each other."""
    ends = [rounded.values[name] for name in ("before", "after")]
    return len({end.amount > 0 for end in ends if isinstance(end, Exact) and end.amount}) == 2


def test_a_line_that_is_not_there_is_not_explained() -> None:
    company = nordwind()
    key = LineKey("hanna", "hunter", "commission", "2026", "crm", "D-9999", 1, 0, 0)
    assert explain(company.result, company.plans, company.facts, key) is None


def _with(participants: pl.DataFrame, participant_id: str, name: str) -> pl.DataFrame:
    row = pl.DataFrame({"participant_id": [participant_id], "display_name": [name]})
    return pl.concat([participants, row], how="diagonal")


def test_a_statement_needs_lines() -> None:
    company = nordwind()
    result = replace(company.result, lines=None)
    with pytest.raises(AssertionError, match="lines"):
        statement(
            result,
            company.plans,
            Facts(participants=company.facts.participants),
            participant_id="hanna",
            period=Span("2026", date(2026, 1, 1), date(2027, 1, 1)),
        )
