"""What one participant sees of a contest and a pool: the same cents as the whole run, and nobody else's name (M7)."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from compsvc.adapters.case_yaml import load_cases
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import OPPORTUNITIES, Facts
from compsvc.core.forecast import forecast, run
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.core.statement import statement
from compsvc.core.statement_explain import Step, explain_all
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import Money, Place, Quantity, Span
from compsvc.core.what_if import sight, what_if
from compsvc.core.what_if_values import Add
from compsvc.entry.cases_text import cases_text
from compsvc.entry.locales import LOCALES
from compsvc.entry.statement_proto import explanation_message
from compsvc.entry.statement_text import explanation_text, statement_text
from compsvc.entry.statement_whole_proto import statement_message
from compsvc.service.cases import run_case
from tests.oracle.small import OWN, Case, plan

TERMS = """
components:
  club:
    counts: acv
    from: own
    per: quarter
    settle: period_end
    pays:
      rank:
        {by: amount, ties: all, among: plan, assigned: last day, places: [
          {top: 1, award: 5_000}, {top: 2, award: 900, prize: A watch, paid: no}]}
  pot:
    counts: acv
    from: own
    per: quarter
    settle: period_end
    pays: {pool: {of: 10%, weights: amount, among: plan, assigned: any day}}
"""
ROOT = Path(__file__).parents[2]
QUARTER = period_of("2024-Q1", fiscal_year_starts=1)


def company(*, open_deal: int = 0) -> tuple[list[Plan], Facts, Result]:
    case = Case()
    for person, amount in (("ann", 300_00), ("ben", 200_00), ("cas", 100_00)):
        case.person(person)
        case.deal(f"of-{person}", "2024-02-01", amount, seller_id=person, account_id=f"{person}-co")
    if open_deal:
        row = {**dict.fromkeys(OPPORTUNITIES), "source": "crm", "opportunity_id": "o1", "account_id": "ben-co"}
        row |= {"seller_id": "ben", "stage": "finalise", "stage_since_date": date(2024, 2, 20), "currency_code": "EUR"}
        row |= {"amount_minor": open_deal, "expected_close_date": date(2024, 3, 10), "opened_date": date(2024, 1, 5)}
        case.add("opportunities", **{name: row[name] for name in OPPORTUNITIES})
    plans = [plan(OWN + TERMS)]
    return plans, case.facts, calculate(plans, case.facts, PlainMatcher())


def quarter() -> Span:
    assert QUARTER is not None
    return QUARTER


def steps(step: Step) -> dict[str, Step]:
    found = {step.code: step}
    for below in step.steps:
        found |= steps(below)
    return found


def test_everybodys_statements_sum_to_the_awards_and_the_pool() -> None:
    plans, facts, result = company()
    paid = {}
    for person in ("ann", "ben", "cas"):
        found = statement(result, plans, facts, participant_id=person, period=quarter())
        assert found is not None
        paid[person] = [amount.minor for amount in found.totals]
        club, pot = found.standings
        places = {"ann": Place(1, 3, 2, ""), "ben": Place(2, 3, 2, "A watch"), "cas": Place(3, 3, 2, "")}
        assert (club.place, pot.place) == (places[person], None)
        words = {"en": "as it stands, 2 win", "de": "nach jetzigem Stand, 2 gewinnen"}
        for locale in LOCALES:
            assert words[locale] in statement_text(statement_message(found), locale=locale)
    assert paid == {"ann": [5_000_00 + 30_00], "ben": [20_00], "cas": [10_00]}
    assert result.earnings["earned_minor"].sum() == 5_000_00 + 60_00  # 10% of 600.00


def test_a_line_tells_the_place_and_the_prize_and_no_other_name() -> None:
    plans, facts, result = company()
    opened = explain_all(result, plans, facts, "ben")
    club = next(found for key, found in opened.items() if key.component == "club" and not key.external_id)
    told = steps(club.derivation)
    assert told["PLACE"].values["place"] == 2
    assert told["PLACE"].values["reached"] == Quantity(200_00, "EUR")
    assert told["PRIZE"].values == {"worth": Money(900_00, "EUR"), "prize": "A watch"}
    assert told["PLACE"].plan_at == "plan.yaml:23"
    pot = next(found for key, found in opened.items() if key.component == "pot" and not key.external_id)
    assert steps(pot.derivation)["POOL_SHARE"].values["share"] == Fraction(1, 3)
    for locale, words in (("en", "A watch, worth €900.00"), ("de", "A watch, 900,00 € wert")):
        text = explanation_text(explanation_message(club), locale=locale).replace("\xa0", " ")
        assert words in text
        assert "ann" not in text


@pytest.mark.parametrize(("amount", "earned"), [(50_00, 0), (150_00, 5_000_00)])
def test_a_scenario_ranks_everybody_again(amount: int, earned: int) -> None:
    """With 50 more Ben stays second; with 150 more he has 350 and is first. The average of the two says nothing."""
    plans, facts, result = company(open_deal=amount)
    runs = run(result, plans, facts, date(2024, 3, 1), lambda some, of: calculate(some, of, PlainMatcher()))
    ahead = forecast(result, runs, plans, facts, participant_id="ben", period=quarter())
    assert ahead is not None
    club = next(item for item in ahead.components if item.component == "club")
    by_name = {outlook.scenario: outlook.earned for outlook in club.outlooks}
    assert by_name["now"] == Money(0, "EUR")
    assert by_name["commit"] == Money(earned, "EUR")
    assert by_name["weighted"] is None
    lines = runs.results["commit"].of("lines", "participant_id", "ann")
    assert lines.filter(pl.col("component") == "club")["amount_minor"].sum() == 5_000_00 - earned


def test_what_waits_says_not_what_it_would_win() -> None:
    plans, facts, _ = company()
    accepted = pl.when(pl.col("seller_id") != "ann").then("accepted_time")
    waits = facts.deals.with_columns(accepted.alias("accepted_time"), pending_reason=pl.lit("a signature"))
    facts = Facts(**{**vars(facts), "deals": waits})
    result = calculate(plans, facts, PlainMatcher())
    found = statement(result, plans, facts, participant_id="ann", period=quarter())
    assert found is not None
    assert [credit.pays for deal in found.pending for credit in deal.credits] == [None, None]


def test_a_case_tells_the_place_that_it_did_not_expect(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "practices" / "presidents-club.md").read_text()
    text, cases = (re.split(r"```yaml\n# .*\n", page)[number].split("```")[0] for number in (1, 2))
    (tmp_path / "cases").mkdir()
    (tmp_path / "plan.yaml").write_text(text)
    (tmp_path / "cases" / "one.yaml").write_text(cases.replace("{club: 1}", "{club: 2}").replace("Lisbon", "Porto"))
    (case,), problems = load_cases([tmp_path])
    assert not problems
    outcome = run_case(case, lambda plans, facts: calculate(plans, facts, PlainMatcher()))
    printed = cases_text([outcome])
    assert "ben 2026 club place: expected 2, found 1" in printed
    assert "ann 2026 club prize: expected A trip to Porto, found A trip to Lisbon" in printed


def test_a_deal_that_is_tried_moves_the_place() -> None:
    """Ben's 200.00 and another 150.00 are above Ann's 300.00, so he would win; he learns it of nobody by name."""
    plans, facts, result = company()
    scenarios = run(result, plans, facts, date(2024, 2, 10), lambda some, of: calculate(some, of, PlainMatcher()))
    added = Add("deal", "X-1", date(2024, 3, 1), 150_00, "EUR")
    tried, faults = what_if(facts, plans, [added], sight(result, scenarios, facts, "ben"), participant_id="ben")
    assert not faults
    for given, number in ((facts, 2), (tried, 1)):
        again = calculate(plans, given, PlainMatcher())
        found = statement(again, plans, given, participant_id="ben", period=quarter())
        assert found is not None
        club, _ = found.standings
        assert club.place is not None
        assert (club.place.number, club.place.ranked) == (number, 3)
        assert sum(amount.minor for amount in found.totals) == (20_00 if number == 2 else 5_000_00 + 35_00)
