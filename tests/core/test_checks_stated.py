"""What no component can take of credit that somebody states: each with its code (B3, B4)."""

from __future__ import annotations

from datetime import date

import pytest

from compsvc.core.checks_stated import stated_faults
from tests.oracle.small import OWN, Case, plan

BODY = (
    OWN
    + """\
components:
  sales:
    counts: acv
    from: own
    per: year
    quota: from assignment
    zero_quota: pay_base
    pays: {flat_rate: {rate: 10%}}
  monthly: {counts: acv, from: own, per: month, pays: {flat_rate: {rate: 10%}}}
  logos: {counts: new_logos, logo: account, minimum_deal: 1, from: own, per: year, pays: {kicker: {every: 1, bonus: 7}}}
  margin: {counts: acv, pays_on: mrr, from: own, per: year, pays: {flat_rate: {rate: 10%}}}
  big:
    counts: acv
    from: own
    per: year
    pays: {rate_table: {by: deal, boundary: at, mode: marginal, tiers: [{to: 100, rate: 1%}, {rate: 2%}]}}
  same:
    counts: mrr
    from: own
    per: year
    pays:
      rate_table: {by: attainment of sales, boundary: at, mode: marginal, tiers: [{to: 100%, rate: 1%}, {rate: 2%}]}
  held: {counts: activities, activity: held, per: year, pays: {kicker: {every: 1, bonus: 7}}}
  fee: {per: month, pays: {fixed: {amount: 100, part_period: whole}}}
"""
)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ({}, []),
        ({"kind": "opening"}, []),
        ({"kind": "opening", "component": "monthly"}, ["OPENING_PERIOD_OVER"]),
        ({"component": "monthly"}, []),
        ({"amount_minor": 0}, ["CREDIT_OF_NOTHING"]),
        ({"counts": False, "pays": False}, ["CREDIT_OF_NOTHING"]),
        ({"count_millionths": 1}, ["CREDIT_AMOUNT_OR_COUNT"]),
        ({"amount_minor": None, "count_millionths": 1}, ["CREDIT_UNIT"]),
        ({"component": "logos"}, ["CREDIT_UNIT"]),
        ({"currency_code": "USD"}, ["CURRENCY_NOT_OF_PLAN"]),
        ({"participant_id": "zoe"}, ["UNKNOWN_PARTICIPANT"]),
        ({"plan": "none"}, ["UNKNOWN_PLAN"]),
        ({"component": "none"}, ["UNKNOWN_COMPONENT"]),
        ({"credit_date": date(2019, 12, 31)}, ["CREDIT_OUTSIDE_PLAN"]),
        ({"credit_date": date(2024, 12, 31)}, ["CREDIT_NOT_ASSIGNED"]),
        ({"component": "margin"}, ["CREDIT_PAYS_APART"]),
        ({"component": "margin", "counts": False}, []),
        ({"component": "big"}, ["CREDIT_WITHOUT_POSITION"]),
        ({"component": "fee"}, ["CREDIT_WITHOUT_POSITION"]),
        ({"component": "same"}, ["CREDIT_WITHOUT_POSITION"]),
        ({"component": "same", "counts": False}, []),
        ({"component": "held", "amount_minor": None, "count_millionths": 1, "pays": False}, ["CREDIT_PAYS_TOGETHER"]),
        (
            {"component": "held", "amount_minor": None, "count_millionths": 1, "external_id": "d1", "taken_back": True},
            ["CREDIT_TAKEN_BACK_ALONE"],
        ),
        ({"source": None, "taken_back": True}, ["CREDIT_TAKEN_BACK_ALONE"]),
        ({"external_id": "d1", "taken_back": True}, []),
        ({"external_id": "d9"}, ["UNKNOWN_DEAL"]),
        ({"external_id": "d1", "line": 2}, ["UNKNOWN_LINE"]),
        ({"external_id": "d2", "taken_back": True}, ["REQUIRED"]),
        ({"external_id": "d2", "line": 2, "taken_back": True}, []),
    ],
)
def test_a_credit_is_held_against_its_component(words: dict[str, object], codes: list[str]) -> None:
    given = {"kind": "adjustment", "credit_id": "a1", "participant_id": "ann", "plan": "rep", "component": "sales"}
    given |= {"credit_date": date(2024, 2, 29), "amount_minor": 1, "currency_code": "EUR", "counts": True, "pays": True}
    case = Case().person("ann", end="2024-06-01").deal("d1", "2024-01-01", 1).deal("d2", "2024-01-01")
    for line in (1, 2):
        case.add("deal_lines", source="crm", external_id="d2", line=line, annual_value_minor=1)
    case.add("stated_credits", **{**given, "source": "crm", **words})
    found = stated_faults(case.facts.stated_credits, case.facts, [plan(BODY)])
    assert [each.code for each in found] == codes
