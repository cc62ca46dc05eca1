"""What is earned and not payable stands apart on the statement, with why it waits and its own sum (M8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.statement import statement
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import Statement
from compsvc.entry.statement_markdown import statement_markdown
from compsvc.entry.statement_text import statement_text
from compsvc.entry.statement_whole_proto import statement_message
from tests.oracle.small import OWN, Case, day, plan

FLAT = "pays: {flat_rate: {rate: 10%}}"
COMMISSION = OWN + f"components:\n  c: {{counts: acv, from: own, per: year, {FLAT}}}\n"
HALVES = "[{share: 50%, on: accepted}, {share: 50%, on: paid}]"
Found = list[tuple[str, date | None, int]]


def statement_of(of: Plan, case: Case, period: str) -> Statement:
    span = period_of(period, fiscal_year_starts=1)
    assert span is not None
    result = calculate([of], case.facts, PlainMatcher(), lines=True)
    found = statement(result, [of], case.facts, participant_id="ann", period=span)
    assert found is not None
    return found


def waits(found: Statement) -> Found:
    return [(item.reason, item.due_date, item.amount.minor) for item in found.provisional]


def sums(found: Statement) -> Sequence[int]:
    return [amount.minor for amount in found.provisional_totals]


def test_what_waits_for_the_customer_is_no_part_of_the_payout() -> None:
    # 10% of 1,000 is 100: 50 in January, and of the other 50 a quarter, 12.50, when a quarter is paid in March.
    case = Case().person("ann").deal("d1", "2024-01-05", 1_000_00)
    case.add("deal_payments", source="crm", external_id="d1", payment_id="p1", kind="paid",
             payment_date=day("2024-03-01"), share_num=1, share_den=4)  # fmt: skip
    of = plan(COMMISSION, payable=HALVES)
    january, march = statement_of(of, case, "2024-01"), statement_of(of, case, "2024-03")
    assert ([total.minor for total in january.totals], sums(january)) == ([50_00], [50_00])
    assert ([total.minor for total in march.totals], waits(march)) == ([12_50], [("paid", None, 37_50)])


def test_what_is_due_later_has_its_day() -> None:
    case = Case().person("ann").deal("d1", "2024-01-05", 1_000_00)
    of = plan(COMMISSION, payable="[{share: 75%, on: accepted}, {share: 25%, on: accepted, after: 90 days}]")
    assert waits(statement_of(of, case, "2024-01")) == [("later", day("2024-04-04"), 25_00)]


def test_what_can_still_change_is_provisional_until_the_period_ends() -> None:
    settles = COMMISSION.replace("acv, from", "delta_acv, settle: period_end, from").replace(
        "per: year", "per: quarter"
    )
    case = Case().person("ann").deal("d1", "2024-01-05", 1_000_00)
    found = statement_of(plan(settles), case, "2024-01")
    assert waits(found) == [("settles", day("2024-03-31"), 100_00)]
    assert [total.minor for total in found.totals] == [0]
    assert waits(statement_of(plan(settles), case, "2024-03")) == []


def test_what_waits_for_a_review_has_no_day() -> None:
    # 1,000, of which 400 are above 600: 40% of the 100 wait.
    reviewed = COMMISSION.replace("per: year", "per: year, windfall: {above: 600, pay: review}")
    case = Case().person("ann").deal("d1", "2024-01-05", 1_000_00)
    assert waits(statement_of(plan(reviewed), case, "2024-01")) == [("review", None, 40_00)]


def test_what_is_accepted_after_the_period_is_not_earned_in_it() -> None:
    case = Case().person("ann").deal("d1", "2024-01-05", 1_000_00, accepted="2024-02-01")
    assert waits(statement_of(plan(COMMISSION, payable=HALVES), case, "2024-01")) == []


@pytest.mark.parametrize("printed", [statement_text, statement_markdown])
def test_it_is_printed_apart_from_the_total(printed: object) -> None:
    case = Case().person("ann").deal("d1", "2024-01-05", 1_000_00)
    message = statement_message(statement_of(plan(COMMISSION, payable=HALVES), case, "2024-01"))
    assert callable(printed)
    text = printed(message, locale="de")
    assert "vom Kunden noch nicht bezahlt" in text
    assert text.index("Summe 2024-01") < text.index("vorläufig: verdient") < text.index("zusammen, nicht in der Summe")
