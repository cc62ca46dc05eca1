"""What has to fit together: the cases that need a word more than a bad plan shows."""

from __future__ import annotations

import pytest

from compsvc.core.plan_check_revisions import check_plans
from compsvc.core.plan_types import types_of
from tests.adapters.test_plan_yaml import TEXT, changed, parsed, plan_of

TYPES = "{type: [new_logo, upsell, cross_sell]}"
OWN = f"    when: {TYPES}\n    to: seller\n"


def codes(text: str) -> list[str]:
    return [problem.code for problem in parsed(text)[1]]


def rules(*whens: str) -> str:
    """A plan with one rule a condition, all of them paid from by one component."""
    names = [f"r{number}" for number in range(len(whens))]
    listed = "".join(f"  {name}:\n    when: {when}\n    to: seller\n" for name, when in zip(names, whens, strict=True))
    return changed((f"  own:\n{OWN}", listed), ("from: own", f"from: [{', '.join(names)}]"))


@pytest.mark.parametrize(
    "whens",
    [
        ["{}"],
        ["{type: [new_logo, upsell, cross_sell, renewal]}"],
        ["{type: {not: renewal}}"],
        ["{type: new_logo}", "{type: [upsell, cross_sell]}"],
        ["{first_order: yes}", "{first_order: no}"],
        ['{type: new_logo, acv: ">= 5"}', '{type: [upsell, cross_sell], acv: ">= 5"}'],
        ["{}", "{type: new_logo, product: platform}"],  # the second adds nothing to the first
    ],
)
def test_provisioning_is_equal(whens: list[str]) -> None:
    assert codes(rules(*whens)) == []


@pytest.mark.parametrize(
    "whens",
    [
        ["{type: new_logo}"],
        ["{type: {not: upsell}}"],
        ["{first_order: yes}"],
        ["{type: new_logo, product: platform}", "{type: [upsell, cross_sell]}"],
        ['{type: new_logo, acv: ">= 5"}', '{type: [upsell, cross_sell], acv: ">= 6"}'],
    ],
)
def test_provisioning_is_not_equal(whens: list[str]) -> None:
    assert codes(rules(*whens)) == ["PROVISIONING_NOT_EQUAL"]


def test_with_match_first_an_earlier_rule_takes_the_deals() -> None:
    """`first` is before `own` by priority and takes every new_logo, so `own` sees upsell and cross_sell only."""
    text = changed(
        (f"  own:\n{OWN}", f"  own:\n{OWN}  first:\n    priority: -1\n    when: {{type: new_logo}}\n    to: seller\n"),
        ("effective:", "match: first\neffective:"),
    )
    assert codes(text) == ["UNUSED_CREDIT_RULE", "PROVISIONING_NOT_EQUAL"]
    assert codes(text.replace("match: first", "match: all")) == ["UNUSED_CREDIT_RULE"]


def test_renewals_alone_are_outside_of_provisioning() -> None:
    text = changed((TYPES, "{type: renewal}"), ("counts: acv", "counts: tcv"))
    assert codes(text) == []
    plan = plan_of(text)
    assert [kind for kind, ways in types_of(plan.components["pay"], plan.credits, first=False).items() if ways] == [
        "renewal"
    ]


def test_more_values_than_the_matchers_take_safely() -> None:
    """Two conditions of 300 values each are within their own limit and above that of a rule."""
    products, regions = (", ".join(f"{letter}{number}" for number in range(300)) for letter in "pr")
    text = changed((TYPES, f"{{product: [{products}], region: [{regions}]}}"))
    assert codes(text) == ["CONSTANTS_TOO_MANY"]


def test_one_component_by_base_may_omit_its_weight() -> None:
    quota = "    quota: from assignment\n    zero_quota: pay_base\n    pays:"
    assert codes(changed(("rate: 5%", "rate: base"), ("    pays:", quota))) == []


def test_mistakes_in_one_component_do_not_hide_another() -> None:
    text = TEXT + TEXT[TEXT.index("  pay:") :].replace("  pay:", "  more:").replace("5%", "0.1").replace("own", "owned")
    assert codes(text + "earnt: x\n") == ["UNKNOWN_CREDIT_RULE", "RATE_WITHOUT_PERCENT", "UNKNOWN_KEY"]


def test_revisions_that_follow_each_other_are_fine() -> None:
    assert check_plans([plan_of(TEXT), plan_of(changed(("2026-01-01", "2026-07-01")))]) == []


def test_terms_hold_over_a_revision_that_leaves_the_component_out() -> None:
    without = changed(("2026-01-01", "2026-04-01"), ("  pay:", "  other:"))
    again = changed(("2026-01-01", "2026-07-01"), ("per: quarter", "per: month"))
    told = check_plans([plan_of(text) for text in (TEXT, without, again)])
    assert [problem.code for problem in told] == ["REVISION_CHANGES_TERMS"]
    assert "`per` was `quarter` and is `month`" in told[0].message


def test_a_revision_may_change_rates_and_conditions() -> None:
    later = changed(("2026-01-01", "2026-07-01"), ("rate: 5%", "rate: 6%"), (TYPES, "{}"))
    assert check_plans([plan_of(TEXT), plan_of(later)]) == []


def test_a_component_pays_shares_of_an_amount_or_of_the_target_for_its_life() -> None:
    points = "steps: {by: amount, of: OF, boundary: at, at: [{5_000: 50%}]}"
    one = changed(("flat_rate: {rate: 5%}", points.replace("OF", "target incentive")))
    two = changed(("flat_rate: {rate: 5%}", points.replace("OF", "3_000")), ("2026-01-01", "2026-07-01"))
    told = check_plans([plan_of(one), plan_of(two)])
    assert [problem.code for problem in told] == ["REVISION_CHANGES_TERMS"]
    assert "`shares of` was `the target incentive` and is `an amount`" in told[0].message


def test_plans_of_other_names_have_nothing_to_do_with_each_other() -> None:
    assert check_plans([plan_of(TEXT), plan_of(changed(("plan: rep", "plan: boss")))]) == []
