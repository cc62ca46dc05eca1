"""Every sentence that core makes of why a route was taken, or why nobody is credited, is said in German too."""

from __future__ import annotations

import re

import pytest

from compsvc.core.derivation_lists import _REASONS
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.statement_explain import explain_all
from compsvc.entry.note_words import translated
from compsvc.entry.statement_formats import Formats, sentence
from compsvc.entry.statement_proto import step_message
from tests.oracle.small import Case, day, plan

ENGLISH = re.compile(
    r"\b(the|is|on|of|its|before|after|closed|until|window|order|day|days|no|and|not|but|so|has|fits?)\b"
)
KINDS_OF_NOTES = 8
HANDOVER = """\
credits:
  own:
    when: {type: [new_logo, upsell, cross_sell]}
    to: seller
    handover:
      {keep: 6 months, after: first order, for: [upsell], if_hunter_left: owner, survives_cancel: yes,
       protect_pipeline: 30 days}
components:
  c: {counts: acv, from: own, per: year, pays: {flat_rate: {rate: 10%}}}
  logos:
    counts: new_logos
    from: own
    per: year
    settle: as_earned
    logo: account
    minimum_deal: 0
    must_stay: 12 months
    pays: {kicker: {every: 1, bonus: 100}}
"""


def notes(of: Plan, case: Case) -> set[str]:
    result = calculate([of], case.facts, PlainMatcher())
    assert result.lines is not None
    return set(result.lines["route_note"].drop_nulls())


@pytest.mark.parametrize("reason", _REASONS.values(), ids=_REASONS)
def test_why_nobody_is_credited_is_said_in_german(reason: str) -> None:
    told = Formats("de").note(reason)
    assert told != reason
    assert not ENGLISH.search(told)
    assert Formats("en").note(reason) == reason


def test_a_rate_that_lacks_is_said_in_german() -> None:
    text = "the table `budget` has no rate from USD to EUR on 2026-03-01; load one"
    assert (
        Formats("de").note(text)
        == "die Tabelle `budget` hat keinen Kurs von USD nach EUR am 01.03.2026; er ist zu laden"
    )


def test_every_kind_of_note_on_a_line_is_said_in_german() -> None:
    """Ann wins acme on 10 January; her window ends on 10 July."""
    of = plan(HANDOVER, effective="2026-01-01")
    case = Case().person("ann").person("bob")
    case = case.deal("d0", "2026-01-10", 100_00, opened_date=None).deal("d1", "2026-03-01", 100_00, seller_id="bob")
    for name, closed in (("d2", "2026-07-05"), ("d3", "2026-07-09"), ("d6", "2026-07-15"), ("d7", "2026-07-11")):
        case = case.deal(name, closed, 100_00, seller_id="bob")
    for name, closed in (("d4", "2026-07-11"), ("d5", "2026-07-20")):
        case = case.deal(name, closed, 100_00, seller_id="bob", opened_date=day("2026-06-01"))
    case = case.deal("d9", "2026-08-01", type="churn")
    found = notes(of, case)
    kinds = {re.sub(r"\d[\d-]*", "9", note) for note in found}
    assert len(kinds) == KINDS_OF_NOTES, kinds
    for note in found:
        assert Formats("de").note(note) != note
        assert not ENGLISH.search(Formats("de").note(note)), note
    result = calculate([of], case.facts, PlainMatcher())
    for who in ("ann", "bob"):
        for line in explain_all(result, [of], case.facts, who).values():
            credit = next(step for step in line.derivation.steps if step.code == "CREDIT")
            assert not ENGLISH.search(sentence(step_message(credit), "de"))


def test_somebody_s_own_reason_stays_as_it_is() -> None:
    assert translated("agreed with the buyer", "de") == "agreed with the buyer"
