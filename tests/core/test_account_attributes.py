"""What a line says of an account that moved, in two languages."""

from __future__ import annotations

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.statement_explain import Step, explain_all
from compsvc.entry.locales import Locale
from compsvc.entry.statement_formats import sentence
from compsvc.entry.statement_proto import step_message
from tests.oracle.small import OWN, Case, day, plan
from tests.oracle.test_oracle_examples import component

PLAN = plan(OWN + component("counts: acv, from: own, per: year, pays: {flat_rate: {rate: 10%}}"))


def steps(closed: str) -> list[Step]:
    """Of Acme: in the north, from March in the south, from May nowhere; large from April on, and nothing before."""
    case = Case().person("ann").add("accounts", account_id="acme", region="north").deal("d1", closed, 100_00)
    for attribute, value, start in (
        ("region", None, "2024-05-01"), ("region", "south", "2024-03-01"), ("segment", "large", "2024-04-01")
    ):  # fmt: skip
        case.add("account_attributes", account_id="acme", attribute=attribute, value=value, start_date=day(start))
    result = calculate([PLAN], case.facts, matcher=PlainMatcher(), reference=None, lines=True)
    (found,) = explain_all(result, [PLAN], case.facts, "ann").values()
    (deal,) = (step for step in found.derivation.steps if step.code == "DEAL")
    return [step for step in deal.steps if step.code == "ATTRIBUTE"]


def told(closed: str, locale: Locale) -> list[str]:
    return [sentence(step_message(step), locale) for step in steps(closed)]


@pytest.mark.parametrize(
    ("closed", "english"),
    [
        (
            "2024-02-29",
            ["region of the customer: north, before it changed", "segment of the customer: none, before it had one"],
        ),
        (
            "2024-03-01",
            ["region of the customer: south, since 1 Mar 2024", "segment of the customer: none, before it had one"],
        ),
        (
            "2024-05-01",
            [
                "region of the customer: none any more since 1 May 2024",
                "segment of the customer: large, since 1 Apr 2024",
            ],
        ),
    ],
)
def test_the_deal_says_what_the_account_was_on_its_close_date(closed: str, english: list[str]) -> None:
    assert told(closed, "en") == english


def test_it_is_said_in_german_too() -> None:
    assert told("2024-05-01", "de") == [
        "Region des Kunden: seit 01.05.2024 nicht mehr bestimmt",
        "Segment des Kunden: large, seit 01.04.2024",
    ]
