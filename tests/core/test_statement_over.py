"""A standing says what a count has lost again, and gives no advice where nothing can be done any more."""

from __future__ import annotations

from datetime import date

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.statement import statement
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_standing import on_day
from compsvc.core.statement_values import LostCount, Quantity, Statement
from compsvc.entry.locales import Locale
from compsvc.entry.statement_markdown import statement_markdown
from compsvc.entry.statement_text import statement_text
from compsvc.entry.statement_whole_proto import statement_message
from tests.oracle.small import OWN, Case, day, plan

LOGOS = plan(
    OWN + "components:\n  logos: {counts: new_logos, from: own, per: quarter, settle: as_earned, logo: account, "
    "minimum_deal: 0, must_stay: 6 months, pays: {kicker: {at: 3, bonus: 1_000}}}\n",
)


def logos(period: str = "2026-Q1") -> Statement:
    """Of three customers one leaves within six months."""
    case = Case().person("ann")
    for number in (1, 2, 3):
        case = case.deal(f"d{number}", f"2026-0{number}-10", 100_00, account_id=f"a{number}")
    case = case.deal("gone", "2026-08-01", type="churn", account_id="a2")
    span = period_of(period, fiscal_year_starts=1)
    assert span is not None
    result = calculate([LOGOS], case.facts, PlainMatcher())
    found = statement(result, [LOGOS], case.facts, participant_id="ann", period=span)
    assert found is not None
    return found


def test_what_a_count_has_lost_again_is_named() -> None:
    (standing,) = logos().standings
    assert standing.position == Quantity(2 * 10**6, None)
    assert standing.lost == (LostCount("d2", "a2", day("2026-08-01"), Quantity(10**6, None), 6),)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "1 new logo: a2 (d2), on 1 Aug 2026, within 6 months"),
        ("de", "1 Neukunde: a2 (d2), am 01.08.2026, binnen 6 Monaten"),
    ],
)
def test_it_is_said_in_both_languages_and_forms(locale: Locale, said: str) -> None:
    message = statement_message(logos())
    assert said in statement_text(message, locale=locale)
    assert said in statement_markdown(message, locale=locale)


@pytest.mark.parametrize(("today", "advised"), [("2026-03-31", True), ("2026-04-01", False)])
def test_there_is_no_next_step_once_the_period_is_over(today: str, advised: bool) -> None:
    (standing,) = on_day(logos(), date.fromisoformat(today)).standings
    assert (standing.next_step is not None) == advised


def test_the_hash_is_of_what_was_and_not_of_the_day() -> None:
    open_, over = (statement_message(on_day(logos(), day(text))) for text in ("2026-03-31", "2026-04-01"))
    assert open_.standings[0].HasField("next_step")
    assert not over.standings[0].HasField("next_step")
    assert open_.hash == over.hash
