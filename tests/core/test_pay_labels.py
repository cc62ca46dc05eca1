"""What payroll is told of a payout beside its amount (B6), and one legal entity an account (T4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from compsvc.core.checks import check_facts
from compsvc.core.pay_labels import LABELS, with_labels
from compsvc.core.plan import Plan
from compsvc.core.plan_payroll import PayDay
from compsvc.core.statement_scope import period_of
from compsvc.core.statement_values import Span
from tests.oracle.small import OWN, Case, plan

TWO = """
components:
  pay: {counts: acv, from: own, per: month, payroll: {gl_account: 6020}, pays: {flat_rate: {rate: 10%}}}
  spiff: {counts: acv, from: own, per: month, pays: {flat_rate: {rate: 1%}}}
"""
DAY = "day 30 of the next month"


def terms(name: str = "rep", **header: str) -> Plan:
    return plan(OWN + TWO, name, **header)


def month(name: str) -> Span:
    found = period_of(name, fiscal_year_starts=1)
    assert found is not None
    return found


def told(case: Case, plans: list[Plan], name: str, *of: tuple[str, str, str]) -> list[tuple[Any, ...]]:
    rows = pl.DataFrame(of, schema=dict.fromkeys(("participant_id", "plan", "component"), pl.String), orient="row")
    return with_labels(rows, plans, case.facts, month(name)).select(*LABELS).rows()


def test_a_payout_names_who_is_paid_by_whom_and_by_which_codes() -> None:
    case = Case().person("ann", legal_entity="DE01", cost_centre="S-12")
    case.rows["participants"][0] |= {"personnel_number": "0815", "pay_group": "monthly"}
    said = terms(payroll=f"{{pay_day: {DAY}, earnings_code: 1210, gl_account: 6000}}")
    found = told(case, [said], "2026-01", ("ann", "rep", "pay"), ("ann", "rep", ""), ("ann", "", ""))
    both = ("0815", "DE01", "monthly", date(2026, 2, 28), "1210", "S-12")  # February has no 30th
    assert found == [(*both, "6020", "employee"), (*both, "6000", "employee"), (*both, "6000", "employee")]


def test_the_assignment_and_the_revision_of_the_month_go() -> None:
    case = (
        Case().person("ann", cost_centre="old", end="2026-03-01").person("ann", start="2026-03-01", cost_centre="new")
    )
    before = terms(payroll="{earnings_code: 1}", effective="2026-01-01")
    after = terms(payroll="{earnings_code: 2}", effective="2026-02-01")
    found = [
        told(case, [before, after], name, ("ann", "rep", "spiff"))[0] for name in ("2026-01", "2026-02", "2026-03")
    ]
    assert [(row[4], row[5]) for row in found] == [("1", "old"), ("2", "old"), ("2", "new")]


def test_where_nobody_says_anything_nothing_is_told() -> None:
    silent = plan(OWN + TWO.replace("payroll: {gl_account: 6020}, ", ""))
    assert told(Case().person("ann"), [silent], "2026-01", ("ann", "rep", "pay")) == [(None,) * len(LABELS)]


@pytest.mark.parametrize(
    ("day", "found"),
    [(PayDay(31, next_month=False), date(2026, 2, 28)), (PayDay(15, next_month=True), date(2026, 3, 15))],
)
def test_the_day_of_payment(day: PayDay, found: date) -> None:
    assert day.of(date(2026, 2, 28)) == found


def test_no_two_legal_entities_share_an_account() -> None:
    """Balances of one participant and currency stand together, so another legal entity has another participant."""
    case = Case().person("ann", legal_entity="DE01", end="2026-04-01")
    case.person("ann", start="2026-04-01", legal_entity="AT01").person("bob", legal_entity="AT01")
    found = check_facts(case.facts, [terms()]).refusals
    assert [(each.code, each.field) for each in found] == [("LEGAL_ENTITIES_DIFFER", "legal_entity")]
    assert "`ann` is paid by `AT01` here and by `DE01`" in found[0].message


def test_another_currency_is_another_account() -> None:
    case = Case().person("ann", legal_entity="DE01").person("ann", "us", legal_entity="US01")
    case.rows["assignments"][1]["currency_code"] = "USD"
    assert not check_facts(case.facts, [terms(), terms("us", currency="USD")]).refusals
