"""Where the sample company's people will land, each figure worked out beside it; `base` is 10% for hanna."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import OPPORTUNITIES, PIPELINE_STAGES, Facts
from compsvc.core.forecast import SCENARIOS, Runs, forecast, run
from compsvc.core.pipeline import calculate
from compsvc.core.pipeline_stages import DEFAULT, pipeline_stages
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import ComponentForecast, Forecast, Money, Outlook, Quantity
from tests.nordwind import TODAY, landing, nordwind

Row = dict[str, Any]
SOLD: Row = {
    "source": "crm",
    "opportunity_id": "O-1",
    "account_id": "ozean",
    "seller_id": "hanna",
    "product": "platform",
    "stage": "negotiate",
    "stage_since_date": date(2026, 11, 2),
    "amount_minor": 16_000_000,
    "currency_code": "EUR",
    "opened_date": date(2026, 7, 2),
    "expected_close_date": date(2026, 12, 11),
}


def eur(amount: int) -> Money:
    return Money(amount * 100, "EUR")


def with_opportunities(*rows: Row, stages: Sequence[Row] = ()) -> Facts:
    frame = pl.DataFrame([{**dict.fromkeys(OPPORTUNITIES), **row} for row in rows], schema=dict(OPPORTUNITIES))
    own = pl.DataFrame([{**dict.fromkeys(PIPELINE_STAGES), **row} for row in stages], schema=dict(PIPELINE_STAGES))
    return replace(nordwind().facts, opportunities=frame, pipeline_stages=own)


def calculated(plans: Sequence[Plan], facts: Facts) -> Result:
    return calculate(plans, facts, PlainMatcher())


def runs_of(facts: Facts, day: date = TODAY) -> Runs:
    return run(nordwind().result, nordwind().plans, facts, day, calculated)


def landed(facts: Facts, runs: Runs, who: str = "hanna", period: str = "2026-Q4") -> Forecast:
    span = period_of(period, fiscal_year_starts=1)
    assert span is not None
    found = forecast(nordwind().result, runs, nordwind().plans, facts, participant_id=who, period=span)
    assert found is not None
    return found


def sample(who: str = "hanna") -> Forecast:
    return landed(nordwind().facts, landing(), who)


def component(found: Forecast, name: str) -> ComponentForecast:
    return next(item for item in found.components if item.component == name)


def outlooks(found: Forecast, name: str) -> dict[str, Outlook]:
    return {item.scenario: item for item in component(found, name).outlooks}


def states(facts: Facts, day: date = TODAY) -> dict[str, str]:
    return dict(runs_of(facts, day).prospects.select("opportunity_id", "state").iter_rows())


# --- scenarios


def test_a_commit_deal_crosses_a_tier_and_reaches_the_third_new_logo() -> None:
    commission, kicker = outlooks(sample(), "commission"), outlooks(sample(), "new-logo-kicker")
    # 1,016,000 now; D-1012 waits with 48,000 and O-5001 is in negotiation with 160,000: 1,224,000 of 800,000.
    assert commission["commit"].position == Quantity(122_400_000, "EUR")
    assert commission["commit"].attainment == Fraction(153, 100)
    # 800,000 x 10% + 400,000 x 15% + 24,000 x 12% = 80,000 + 60,000 + 2,880: the third tier begins at 1,200,000.
    assert commission["commit"].earned == eur(142_880)
    assert (commission["now"].tier.number, commission["commit"].tier.number) == (2, 3)  # type: ignore[union-attr]
    assert commission["commit"].deals == 2
    # Two new logos stand, and both deals bring one.
    assert kicker["commit"].position == Quantity(4_000_000, None)
    assert (kicker["now"].bonuses, kicker["commit"].bonuses) == (0, 1)
    assert (kicker["commit"].bonus, kicker["commit"].earned) == (eur(5_000), eur(5_000))


def test_each_scenario_holds_the_surer_ones() -> None:
    commission = outlooks(sample(), "commission")
    assert list(commission) == ["now", *SCENARIOS, "weighted"]
    assert commission["best_case"].position == Quantity(126_400_000, "EUR")  # O-5002 more: 40,000
    assert commission["pipeline"].position == Quantity(133_400_000, "EUR")  # O-5003 more: 70,000
    assert commission["pipeline"].earned == eur(156_080)  # 142,880 + 110,000 x 12%


def test_the_weighted_figure_is_what_the_average_position_pays() -> None:
    weighted = outlooks(sample(), "commission")["weighted"]
    # 48,000 x 95% + 160,000 x 75% + 40,000 x 60% + 70,000 x 25% = 45,600 + 120,000 + 24,000 + 17,500 = 207,100
    assert weighted.position == Quantity(122_310_000, "EUR")
    assert weighted.earned == Money(14_277_200, "EUR")  # 140,000 + 23,100 x 12% = 142,772


def test_the_average_of_counts_need_not_reach_what_the_likely_case_reaches() -> None:
    facts = with_opportunities({**SOLD, "stage": "confirm"})
    kicker = outlooks(landed(facts, runs_of(facts)), "new-logo-kicker")
    # 2 + 95% of D-1012 + 60% of O-1 = 3.55 new logos: three are reached.
    assert (kicker["weighted"].position, kicker["weighted"].earned) == (Quantity(3_550_000, None), eur(5_000))
    without = replace(facts, deals=facts.deals.filter(pl.col("external_id") != "D-1012"))
    kicker = outlooks(landed(without, runs_of(without)), "new-logo-kicker")
    assert (kicker["weighted"].position, kicker["weighted"].earned) == (Quantity(2_600_000, None), eur(0))
    assert kicker["best_case"].earned == eur(5_000)


def test_the_manager_moves_with_the_team() -> None:
    team = outlooks(sample("mara"), "team")
    # Pending 32 + 48 + 40, then O-5008 60, O-5009 110 and O-5001 160: 635 + 450 = 1,085 thousand at 1%.
    assert (team["now"].earned, team["commit"].earned) == (eur(6_350), eur(10_850))
    assert team["commit"].deals == 6


def test_a_retroactive_tier_lifts_the_whole_quarter() -> None:
    commission = outlooks(sample("finn"), "commission")
    # 105,000 + D-3009 40,000 + O-5009 110,000 = 255,000, all of it at 8%; the average stays at 6%.
    assert commission["commit"].earned == eur(20_400)
    # 105,000 + 38,000 + 82,500 = 225,500 x 6%
    assert commission["weighted"].earned == eur(13_530)


def test_the_payout_of_the_period_is_that_of_its_lines() -> None:
    payouts = {item.scenario: item.totals for item in sample().payouts}
    assert payouts["now"] == (eur(39_300),)
    assert payouts["commit"] == (eur(74_780),)  # 39,300 + (142,880 - 112,400) + 5,000
    assert payouts["weighted"] == (eur(74_672),)  # 39,300 + (142,772 - 112,400) + 5,000


def test_the_next_step_names_the_surest_that_would_reach_it() -> None:
    found = component(sample(), "commission")
    assert found.next_step is not None
    assert found.next_step.distance == Quantity(18_400_000, "EUR")  # to 150% of 800,000
    assert found.reached_by == ("D-1012", "O-5001")  # 48,000 would not do; 208,000 do
    assert component(sample(), "new-logo-kicker").reached_by == ("D-1012",)
    assert component(sample("mara"), "team").reached_by == ()


def test_a_pending_order_counts_once_though_its_opportunity_is_still_open() -> None:
    assert "O-5010" in set(nordwind().facts.opportunities["opportunity_id"])  # D-1012 names it
    listed = [item.external_id for item in sample().prospects]
    assert ("O-5010" in listed, listed.count("D-1012")) == (False, 1)
    only = nordwind().facts.opportunities.filter(pl.col("opportunity_id") == "O-5010")
    facts = replace(nordwind().facts, opportunities=only)
    assert outlooks(landed(facts, runs_of(facts)), "commission")["commit"].position == Quantity(106_400_000, "EUR")


def test_only_a_deal_of_the_same_source_takes_an_opportunity_out() -> None:
    facts = with_opportunities({**SOLD, "opportunity_id": "O-5010", "source": "other"})
    assert states(facts) == {"O-5010": "open"}


def test_what_is_not_open_any_more_is_not_forecast() -> None:
    span = period_of("2026-Q3", fiscal_year_starts=1)
    assert span is not None
    of = (nordwind().result, landing(), nordwind().plans, nordwind().facts)
    assert forecast(*of, participant_id="hanna", period=span) is None


def test_without_anything_open_nothing_is_calculated_again() -> None:
    facts = replace(
        nordwind().facts,
        deals=nordwind().facts.deals.filter(pl.col("accepted_time").is_not_null()),
        opportunities=nordwind().facts.opportunities.clear(),
    )
    found = run(nordwind().result, nordwind().plans, facts, TODAY, lambda plans, facts: pytest.fail("calculated"))
    assert all(result is nordwind().result for result in found.results.values())


def test_a_hypothetical_deal_never_takes_the_name_of_a_stored_one() -> None:
    company = nordwind()
    renamed = company.facts.deals.with_columns(pl.lit("~crm").alias("source"))
    facts = replace(with_opportunities(SOLD), deals=renamed)
    assert runs_of(facts).prospects["deal_source"].to_list() == ["~~crm"]


# --- what is open


def test_an_opportunity_is_dead_from_the_day_on_which_its_stage_has_lasted_too_long() -> None:
    facts = with_opportunities(SOLD)  # in negotiation since 2 November: 60 days are over on 1 January
    assert states(facts, date(2026, 12, 31)) == {"O-1": "open"}
    assert states(facts, date(2027, 1, 1)) == {"O-1": "dead"}


def test_a_reactivated_opportunity_lives_from_that_day_on() -> None:
    row = {**SOLD, "stage_since_date": date(2026, 8, 1)}
    assert states(with_opportunities(row)) == {"O-1": "dead"}
    assert states(with_opportunities({**row, "reactivated_date": date(2026, 11, 10)})) == {"O-1": "open"}
    assert states(with_opportunities({**row, "reactivated_date": date(2026, 11, 22)})) == {"O-1": "dead"}  # tomorrow
    earlier = {**SOLD, "reactivated_date": date(2026, 3, 1)}  # before it came into this stage: that day counts
    assert states(with_opportunities(earlier)) == {"O-1": "open"}


def test_the_newest_snapshot_of_the_day_speaks() -> None:
    first = {**SOLD, "snapshot_time": datetime.fromisoformat("2026-10-05"), "stage": "confirm"}
    second = {**SOLD, "snapshot_time": datetime.fromisoformat("2026-11-21T23:59"), "stage": "negotiate"}
    facts = with_opportunities(second, first)
    found = {day: runs_of(facts, day).prospects["stage"].to_list() for day in (date(2026, 11, 20), TODAY)}
    assert found == {date(2026, 11, 20): ["confirm"], TODAY: ["negotiate"]}
    assert states(facts, date(2026, 10, 4)) == {}  # nothing was known of it yet


def test_the_snapshots_say_since_when_it_has_been_in_its_stage() -> None:
    times = [
        datetime.fromisoformat("2026-09-01"),
        datetime.fromisoformat("2026-10-01"),
        datetime.fromisoformat("2026-11-01"),
    ]
    rows = [
        {**SOLD, "snapshot_time": time, "stage": stage, "stage_since_date": None}
        for time, stage in zip(times, ("negotiate", "confirm", "negotiate"), strict=True)
    ]
    # Back in negotiation since 1 November: 60 days until 31 December, whatever was in September.
    assert runs_of(with_opportunities(*rows)).prospects["dead_date"].to_list() == [date(2026, 12, 31)]
    alone = {**SOLD, "stage_since_date": None}
    assert runs_of(with_opportunities(alone)).prospects["dead_date"].to_list() == [date(2026, 8, 31)]  # opened 2 July


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"stage": "identify"}, "omitted"),
        ({"category": "omitted"}, "omitted"),
        ({"stage": "won"}, "won"),
        ({"account_id": None}, "no_account"),
        ({"expected_close_date": None}, "no_close_date"),
        ({"amount_minor": None}, "no_amount"),
        ({"currency_code": "JPY"}, "refused"),  # no plan pays in yen: the checks of deals say so
        ({"expected_close_date": date(2199, 1, 1)}, "open"),
    ],
)
def test_what_counts_in_no_scenario_is_told_with_the_reason(change: Row, state: str) -> None:
    facts = with_opportunities({**SOLD, **change})
    assert states(facts) == {"O-1": state}
    shown = [item for item in landed(facts, runs_of(facts)).prospects if item.external_id == "O-1"]
    assert [item.state for item in shown] == ([state] if state != "open" else [])  # 2199 is not this quarter's
    assert all(bool(item.reason) == (state == "refused") for item in shown)


def test_what_is_overdue_counts_on_the_day_of_the_forecast() -> None:
    facts = with_opportunities({**SOLD, "expected_close_date": date(2026, 9, 13)})
    found = landed(facts, runs_of(facts))
    (shown,) = [item for item in found.prospects if item.external_id == "O-1"]
    assert (shown.overdue, shown.state) == (True, "open")
    assert outlooks(found, "new-logo-kicker")["commit"].position == Quantity(4_000_000, None)  # in this quarter


def test_own_category_and_probability_go_before_those_of_the_stage() -> None:
    facts = with_opportunities({**SOLD, "category": "pipeline", "probability_ppm": 333_333})
    found = landed(facts, runs_of(facts))
    (shown,) = [item for item in found.prospects if item.external_id == "O-1"]
    assert (shown.category, shown.probability) == ("pipeline", Fraction(333_333, 1_000_000))
    assert outlooks(found, "commission")["best_case"].position == Quantity(106_400_000, "EUR")  # D-1012 alone
    # 1,016,000 + 48,000 x 95% + 160,000 x 0.333333 = 1,016,000 + 45,600 + 53,333.28
    assert outlooks(found, "commission")["weighted"].position == Quantity(111_493_328, "EUR")


def test_a_companys_own_stages_replace_the_default_ones() -> None:
    own = [{"stage": "talk", "position": 1, "probability_ppm": 500_000, "category": "commit", "limit_days": 5}]
    facts = with_opportunities({**SOLD, "stage": "talk"}, stages=own)
    assert states(facts, date(2026, 11, 6)) == {"O-1": "open"}
    assert states(facts, date(2026, 11, 7)) == {"O-1": "dead"}
    assert pipeline_stages(facts)["stage"].to_list() == ["talk"]
    # A pending order is as sure as the default says where the company has no such stage: 48,000 x 95%.
    assert outlooks(landed(facts, runs_of(facts)), "commission")["weighted"].position == Quantity(106_160_000, "EUR")


def test_the_default_stages_are_those_of_the_field() -> None:
    rows = DEFAULT.select("stage", "probability_ppm", "category").rows()
    assert [(stage, ppm // 10_000, category) for stage, ppm, category in rows] == [
        ("identify", 10, "omitted"),
        ("discover", 25, "pipeline"),
        ("validate", 40, "pipeline"),
        ("confirm", 60, "best_case"),
        ("negotiate", 75, "commit"),
        ("finalise", 90, "commit"),
        ("pending", 95, "commit"),
        ("won", 100, "closed"),
    ]
    assert DEFAULT["limit_days"].is_not_null().to_list() == [False, True, True, True, True, True, False, False]
