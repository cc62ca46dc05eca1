"""Assignments and losses under the law of a place (J1, J2)."""

from __future__ import annotations

from typing import Any

import pytest

from compsvc.core.checks import check_facts
from tests.oracle.small import Case, day, plan

OWN = """
credits:
  own: {when: {type: [new_logo, upsell, cross_sell]}, to: seller}
components:
  pay: {counts: acv, from: own, per: quarter, pays: {flat_rate: {rate: 10%}}}
"""
BACK = "{basis: as_paid, attainment: period_of_loss, schedule: full}"
NEGATIVE = "{carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}"
LATE = "{on: accepted, held_until: year end}"
HALF = "{on: accepted, held_until: half_year end}"


def refused(case: Case, **header: str) -> list[tuple[str, str]]:
    found = check_facts(case.facts, [plan(OWN, **header)]).refusals
    return [(item.code, item.message) for item in found]


@pytest.mark.parametrize(
    ("payee", "header", "told"),
    [
        ({"jurisdiction": "DE"}, {}, ["AGREEMENT_MISSING"]),
        ({"jurisdiction": "DE", "payee_class": "employee"}, {"agreed_with": "no", "payable": LATE}, ["PAID_TOO_LATE"]),
        ({"jurisdiction": "DE", "payee_class": "commercial_agent"}, {}, []),
        ({"jurisdiction": "DE", "payee_class": "commercial_agent"}, {"payable": LATE}, ["PAID_TOO_LATE"]),
        ({"jurisdiction": "DE", "payee_class": "commercial_agent"}, {"payable": HALF}, ["PAID_TOO_LATE"]),
        ({"jurisdiction": "DE", "payee_class": "firm"}, {"payable": LATE}, []),
        ({"jurisdiction": "US-CA"}, {"clawback": BACK, "negative": NEGATIVE}, ["EARNED_TAKEN_BACK"]),
        ({"jurisdiction": "US-CA"}, {"clawback": BACK, "negative": NEGATIVE, "earned": "{on: paid}"}, []),
        ({"jurisdiction": "US-TX"}, {"clawback": BACK, "negative": NEGATIVE, "payable": LATE}, []),
        ({}, {"payable": LATE}, []),
    ],
)  # fmt: skip
def test_an_assignment_under_a_plan_that_its_place_does_not_allow_is_refused(
    payee: dict[str, Any], header: dict[str, str], told: list[str]
) -> None:
    found = refused(Case().person("ann", **payee), **header)
    assert [code for code, _ in found] == ["JURISDICTION_BROKEN"] * len(told)
    assert all(code in message and "plan.yaml:" in message for code, (_, message) in zip(told, found, strict=True))


def test_a_plan_is_held_to_those_whom_it_is_made_for() -> None:
    made_for = "{jurisdictions: [US-NY], payees: [employee]}"
    found = refused(Case().person("ann", jurisdiction="US-NY").person("ben", jurisdiction="FR"), made_for=made_for)
    assert [code for code, _ in found] == ["JURISDICTION_NOT_OF_PLAN"]
    assert "is made for employee in US-NY, not for employee in FR" in found[0][1]


def test_a_later_revision_binds_only_who_is_there_then() -> None:
    gone = Case().person("ann", jurisdiction="DE", payee_class="commercial_agent", end="2026-06-01")
    plans = [plan(OWN), plan(OWN, effective="2026-07-01", payable=LATE)]
    assert check_facts(gone.facts, plans).refusals == ()
    gone.rows["assignments"][0]["end_date"] = None
    assert [item.code for item in check_facts(gone.facts, plans).refusals] == ["JURISDICTION_BROKEN"]


@pytest.mark.parametrize(
    ("payee", "loss", "code"),
    [
        ({"jurisdiction": "DE"}, {"attributable_to": "company", "evidence": "call of 3 May"}, "LOSS_OF_THE_COMPANY"),
        ({"jurisdiction": "DE"}, {"attributable_to": "customer"}, "LOSS_WITHOUT_EVIDENCE"),
        ({"jurisdiction": "DE"}, {"attributable_to": "customer", "evidence": "call of 3 May"}, None),
        ({"jurisdiction": "DE"}, {"attributable_to": "company", "withdrawn": True}, None),
        ({"jurisdiction": "DE", "payee_class": "firm"}, {"attributable_to": "company"}, None),
        ({}, {"attributable_to": "company"}, None),
    ],
)
def test_a_loss_that_may_take_nothing_back_is_refused(
    payee: dict[str, Any], loss: dict[str, Any], code: str | None
) -> None:
    case = Case().person("ann", **payee).deal("d1", "2026-01-10", 900_00)
    own = {"source": "crm", "external_id": "d1", "loss_id": "1", "loss_date": day("2026-05-15"), "kind": "cancellation"}
    case.add("losses", **own, share_num=1, share_den=1, **loss)
    found = refused(case, clawback=BACK, negative=NEGATIVE, agreed_with="no")
    assert [each for each, _ in found] == ([code] if code else [])


def test_nothing_is_asked_where_nothing_is_taken_back() -> None:
    case = Case().person("ann", jurisdiction="DE").deal("d1", "2026-01-10", 900_00)
    own = {"source": "crm", "external_id": "d1", "loss_id": "1", "loss_date": day("2026-05-15"), "kind": "cancellation"}
    case.add("losses", **own, share_num=1, share_den=1, attributable_to="company")
    assert refused(case, clawback="no", agreed_with="no") == []
