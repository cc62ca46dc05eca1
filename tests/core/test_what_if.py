"""What a what-if may change, and what it does to the facts; and what a statement says has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import polars as pl
import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.forecast import Runs
from compsvc.core.pipeline import calculate
from compsvc.core.statement import statement
from compsvc.core.statement_changes import Stand, changes
from compsvc.core.statement_elsewhere import elsewhere
from compsvc.core.statement_mine import Mine
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_standing import on_day
from compsvc.core.statement_values import Changes, Elsewhere, Money, Recorded, Span
from compsvc.core.what_if import Fault, sight, what_if
from compsvc.core.what_if_values import Add, Change, Drop, Move
from compsvc.service.calculation import Calculation
from compsvc.service.ports import FailedPrecondition
from compsvc.service.statements import Asked, drawn_up
from tests.nordwind import landing, nordwind

Q4 = Span("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
NEW = Add("deal", "X-1", date(2026, 12, 10), 5_000_000, "EUR")


def tried(*what: Change, who: str = "hanna") -> tuple[Facts, list[Fault]]:
    company = nordwind()
    seen = sight(company.result, landing(), company.facts, who)
    return what_if(company.facts, company.plans, what, seen, participant_id=who)


def stand(facts: Facts, who: str = "hanna", period: Span = Q4) -> Stand:
    company = nordwind()
    result = company.result if facts is company.facts else calculate(company.plans, facts, PlainMatcher())
    return Stand(statement(result, company.plans, facts, participant_id=who, period=period), company.plans, facts)


def changed(*what: Change) -> Changes:
    facts, faults = tried(*what)
    assert not faults
    return changes(stand(nordwind().facts), stand(facts), since=None)


def test_an_added_deal_is_the_participants_and_of_a_new_customer() -> None:
    found = changed(NEW)
    lines = [(line.after.key.component, line.after.amount.minor) for line in found.lines if line.after]
    # 50,000 x 15% = 7,500, and it is the third new logo of the quarter.
    assert lines == [("commission", 750_000), ("new-logo-kicker", 500_000)]
    assert {cause for line in found.lines for cause in line.causes} == {Recorded("deal", "X-1", "what-if", "new")}
    assert found.totals_before == (Money(3_930_000, "EUR"),)


def test_what_nobody_can_calculate_takes_away_the_forecast_and_not_the_statement() -> None:
    company = nordwind()
    calculation = Calculation(1, company.plans, company.facts, company.result, ())

    def too_large() -> Runs:
        raise FailedPrecondition("FIGURES_TOO_LARGE", "hunter.yaml:19 commission: amounts too large")

    found = drawn_up(calculation, Asked("hanna", "2026-Q4", "name"), Q4, date(2026, 12, 31), too_large)
    assert found is not None
    assert (found.forecast, found.forecast_refusal) == (None, "hunter.yaml:19 commission: amounts too large")
    assert found.totals == (Money(3_930_000, "EUR"),)
    over = drawn_up(calculation, Asked("hanna", "2026-Q4", "name"), Q4, Q4.end_date, too_large)
    # Nothing is calculated that nobody is shown.
    assert over == on_day(replace(found, forecast_refusal=""), Q4.end_date)
    quarter = [each for each in over.standings if each.period.end_date <= Q4.end_date]
    assert quarter
    assert all(each.next_step is None for each in quarter)


def test_a_dropped_deal_takes_its_lines_and_moves_those_after_it() -> None:
    found = changed(Drop("deal", "D-1010"))
    by_deal = {
        (*(line.after or line.before).key[5:6], line.before is not None, line.after is not None): line  # type: ignore[union-attr]
        for line in found.lines
        if (line.after or line.before).key.component == "commission"
    }  # type: ignore[union-attr]
    assert set(by_deal) == {("D-1010", True, False), ("D-1011", True, True), ("D-1005", True, True)}
    moved = by_deal["D-1011", True, True]
    # Without the 90,000 she stands at 731,000 before it: 45,000 x 10% instead of 15%.
    assert (moved.before.amount, moved.after.amount) == (Money(675_000, "EUR"), Money(450_000, "EUR"))  # type: ignore[union-attr]
    assert moved.causes == ()  # nothing was recorded about it: the lines before it moved it


def test_a_moved_deal_is_closed_and_accepted_on_the_day() -> None:
    facts, faults = tried(Move("deal", "D-1011", date(2027, 1, 4)), Move("deal", "D-1012", date(2026, 12, 1)))
    rows = facts.deals.filter(pl.col("external_id").is_in(["D-1011", "D-1012"])).sort("external_id")
    assert not faults
    assert rows.select("closed_date", "accepted_time").rows() == [
        (date(2027, 1, 4), datetime.fromisoformat("2027-01-04")),
        (date(2026, 12, 1), None),  # it goes on waiting
    ]


def test_an_opportunity_can_come_go_and_come_later() -> None:
    new = Add("opportunity", "X-2", date(2026, 12, 1), 100, "EUR", account_id="ozean", stage="confirm")
    facts, faults = tried(new, Drop("opportunity", "O-5002"), Move("opportunity", "O-5001", date(2027, 2, 1)))
    assert not faults
    found = facts.opportunities.filter(pl.col("seller_id") == "hanna").sort("opportunity_id")
    days = dict(found.select("opportunity_id", "expected_close_date").iter_rows())
    assert (days["X-2"], days["O-5001"], "O-5002" in days) == (date(2026, 12, 1), date(2027, 2, 1), False)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        (Drop("deal", "D-2009"), "drop.id", "UNKNOWN_DEAL"),  # ada's: it exists, and that is not told
        (Drop("deal", "D-0000"), "drop.id", "UNKNOWN_DEAL"),
        (Drop("deal", "D-1010", source="web"), "drop.id", "UNKNOWN_DEAL"),
        (Move("opportunity", "O-5008", date(2026, 12, 1)), "move.id", "UNKNOWN_OPPORTUNITY"),
        (replace(NEW, account_id="opal"), "add.account_id", "UNKNOWN_ACCOUNT"),
        (replace(NEW, account_id="nowhere"), "add.account_id", "UNKNOWN_ACCOUNT"),
        (replace(NEW, currency_code="JPY"), "add.currency_code", "CURRENCY_OF_NO_PLAN"),
        (replace(NEW, sale="opportunity", stage="dreaming"), "add.stage", "STAGE_UNKNOWN"),
        (replace(NEW, end_date=date(2026, 1, 1), start_date=date(2026, 2, 1)), "add.end_date", "NEGATIVE_TERM"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_field(change: Change, field: str, code: str) -> None:
    _, faults = tried(NEW, replace(change, id="X-9") if isinstance(change, Add) else change)
    assert [(fault.change, fault.field, fault.code) for fault in faults] == [(1, field, code)]


def test_what_does_not_exist_and_what_is_anothers_are_told_in_the_same_words() -> None:
    texts = [tried(Drop("deal", name))[1][0].message.replace(name, "?") for name in ("D-2009", "D-0000")]
    assert texts[0] == texts[1]


def test_a_deal_that_two_sources_have_needs_its_source() -> None:
    company = nordwind()
    seen = sight(company.result, landing(), company.facts, "hanna")
    both = replace(seen, deal=seen.deal | {("web", "D-1010")})
    _, faults = what_if(company.facts, company.plans, [Drop("deal", "D-1010")], both, participant_id="hanna")
    assert [(fault.field, fault.code) for fault in faults] == [("drop.source", "SOURCE_MISSING")]


def test_a_manager_may_try_what_stands_on_their_own_statement() -> None:
    _, faults = tried(Drop("deal", "D-2009"), Move("opportunity", "O-5008", date(2026, 12, 1)), who="mara")
    assert faults == []


# --- what has changed since


def test_new_deals_new_terms_and_new_plans_are_told_as_causes() -> None:
    company = nordwind()
    earlier = replace(
        company.facts,
        deals=company.facts.deals.filter(pl.col("external_id") != "D-1011"),
        quotas=company.facts.quotas.with_columns(
            amount_minor=pl.when(pl.col("participant_id") == "hanna").then(90_000_000).otherwise("amount_minor")
        ),
    )
    found = changes(stand(earlier), stand(company.facts), since=datetime.fromisoformat("2026-11-01"))
    causes = {line.after.key.external_id: line.causes for line in found.lines if line.after and line.after.amount.minor}
    deal, quota = Recorded("deal", "D-1011", "crm", "new"), Recorded("quota", "hunter", "hunter", "changed")
    assert causes["D-1011"] == (deal, quota)
    assert causes["D-1010"] == (quota,)
    assert found.recorded == (deal, quota)


def test_a_statement_of_somebody_new_has_only_new_lines() -> None:
    company = nordwind()
    nobody = Stand(None, (), Facts())
    found = changes(nobody, stand(company.facts), since=datetime.fromisoformat("2026-01-01"))
    assert all(line.before is None for line in found.lines)
    assert {row.kind for row in found.recorded} == {"assignment", "deal", "plan", "quota"}
    assert found.totals_before == ()


def test_deals_of_others_are_no_news() -> None:
    company = nordwind()
    earlier = replace(company.facts, deals=company.facts.deals.filter(pl.col("seller_id").fill_null("") != "ada"))
    assert changes(stand(earlier), stand(company.facts), since=datetime.fromisoformat("2026-01-01")).lines == ()
    assert changes(stand(earlier), stand(company.facts), since=datetime.fromisoformat("2026-01-01")).recorded == ()


# --- deals on my accounts that went to others


def owned(account_id: str, who: str, start: date = date(2026, 1, 1)) -> tuple[Elsewhere, ...]:
    company = nordwind()
    ownerships = company.facts.ownerships
    row = pl.DataFrame(
        {"account_id": [account_id], "participant_id": [who], "start_date": [start], "end_date": [None]},
        schema=ownerships.schema,
    )
    facts = replace(company.facts, ownerships=pl.concat([ownerships, row]))
    year = period_of("2026", fiscal_year_starts=1)
    assert year is not None
    credited = Mine.of(company.result, company.plans, facts, who).deals
    return elsewhere(company.result, facts, participant_id=who, period=year, credited=credited)


def test_a_deal_in_the_hunters_window_is_told_to_the_accounts_owner_with_the_reason() -> None:
    found = owned("albatros", "finn", date(2026, 7, 1))  # D-1007 closed on 11 July, the last day of hanna's window
    assert [(deal.external_id, deal.holders, deal.route) for deal in found] == [("D-1007", ("Hanna Vogt",), "window")]
    assert "D-1001" in found[0].reason


def test_a_deal_that_nobody_is_credited_with_is_told_with_the_reason() -> None:
    (found,) = owned("xylo", "hanna")
    assert (found.external_id, found.holders, found.route) == ("W-0001", (), "")
    assert found.reason.startswith("no split, open window, seller")


def test_a_shared_deal_and_one_closed_before_the_account_was_mine_are_not_told() -> None:
    assert owned("linde", "ben") == ()  # half of it is his
    assert owned("albatros", "finn", date(2026, 7, 12)) == ()
