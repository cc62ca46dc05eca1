"""A statement's line of credit that somebody states, opened down to the plan (B3, B4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.statement_explain import explain_all
from compsvc.entry.locales import Locale
from compsvc.entry.statement_formats import sentence
from compsvc.entry.statement_proto import step_message
from compsvc.v1 import statement_service_pb2 as pb
from tests.oracle.small import OWN, Case, plan

TIERS = (
    OWN
    + """\
components:
  sales:
    counts: acv
    from: own
    per: year
    pays: {rate_table: {by: amount, boundary: at, mode: marginal, tiers: [{to: 100_000, rate: 5%}, {rate: 10%}]}}
"""
)


def explained(case: Case, source: str, name: str, language: Locale) -> str:
    """Every step of the line, with its place in the plan."""
    plans = [plan(TIERS, "tiers")]
    result = calculate(plans, case.facts, PlainMatcher())
    found = explain_all(result, plans, case.facts, "ann")
    (own,) = [each for key, each in found.items() if (key.source, key.external_id) == (source, name)]
    return "\n".join(_sentences(iter([step_message(own.derivation)]), language))


def _sentences(steps: Iterator[pb.DerivationStep], language: Locale) -> Iterator[str]:
    for step in steps:
        yield f"{sentence(step, language)} {step.plan_at}"
        yield from _sentences(iter(step.steps), language)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_line_of_stated_credit_is_explained_down_to_the_plan(language: Locale) -> None:
    """90,000 stand; of the 20,000 that only count nothing is paid, and no rule and no deal stands behind it."""
    case = Case().person("ann", "tiers", "2026-01-01")
    named = {"participant_id": "ann", "plan": "tiers", "component": "sales", "counts": True}
    case.add("stated_credits", **named, kind="opening", credit_id="o", credit_date=date(2026, 1, 31),
             amount_minor=90_000_00, pays=True, reason="legacy")  # fmt: skip
    case.add("stated_credits", **named, kind="adjustment", credit_id="a", credit_date=date(2026, 2, 1),
             amount_minor=20_000_00, pays=False, reason="agreed", author="anna", approver="bert")  # fmt: skip
    text = explained(case, "credit_adjustments", "a", language)
    words = {"en": ["credit adjustment a: agreed (anna, accepted by bert)", "it moves the position, and is not paid"]}
    words["de"] = ["Korrektur des Gezählten a: agreed (anna, angenommen von bert)", "bewegt den Stand und wird selbst"]
    for each in (*words[language], "plan.yaml:11"):
        assert each in text, text
    opening = explained(case, "opening_positions", "o", language)
    assert {"en": "as it stood on 31 Jan 2026: legacy", "de": "Stand vom 31.01.2026: legacy"}[language] in opening


def test_stated_credit_that_pays_and_counts_nothing_opens_into_its_tier() -> None:
    """The position stands at 90,000 of 100,000, so 20,000 at 5% are 1,000."""
    case = Case().person("ann", "tiers", "2026-01-01")
    named = {"participant_id": "ann", "plan": "tiers", "component": "sales"}
    case.add("stated_credits", **named, kind="opening", credit_id="o", credit_date=date(2026, 1, 31), counts=True,
             amount_minor=90_000_00, pays=True, reason="legacy")  # fmt: skip
    case.add("stated_credits", **named, kind="adjustment", credit_id="a", credit_date=date(2026, 2, 1), counts=False,
             amount_minor=20_000_00, pays=True, reason="agreed", author="anna", approver="bert")  # fmt: skip
    text = explained(case, "credit_adjustments", "a", "en")
    assert "€20,000.00 in tier 1 of 2 x 5% = €1,000.00" in text, text
