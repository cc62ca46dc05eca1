"""What a `when` says, as conditions that a matcher is asked with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from compsvc.core.conditions import FIELDS, field_of, rule_set
from compsvc.core.eligibility import Condition, limits
from compsvc.core.node import Mapped, Reading
from compsvc.core.plan_credits import CreditRule

EXAMPLES: list[tuple[str, Any, Condition]] = [
    ("type", "new_logo", Condition("type", "eq", ("new_logo",))),
    ("type", ["new_logo", "upsell"], Condition("type", "in", ("new_logo", "upsell"))),
    ("type", ["upsell"], Condition("type", "eq", ("upsell",))),
    ("product", {"not": "storage"}, Condition("product", "ne", ("storage",))),
    ("product", {"not": ["storage", "seats"]}, Condition("product", "not_in", ("storage", "seats"))),
    ("product", "a..b", Condition("product", "eq", ("a..b",))),  # text has no order, so this is a name
    ("channel", "absent", Condition("channel", "absent")),
    ("channel", "present", Condition("channel", "present")),
    ("acv", ">= 50_000", Condition("acv", "ge", (5_000_000,))),
    ("acv", ">50_000", Condition("acv", "gt", (5_000_000,))),
    ("acv", "< 0.01", Condition("acv", "lt", (1,))),
    ("acv", "10_000..50_000", Condition("acv", "between", (1_000_000, 5_000_000))),
    ("acv", "50_000", Condition("acv", "eq", (5_000_000,))),
    ("discount", "<= 12.5%", Condition("discount", "le", (125_000,))),
    ("discount", "0%..20%", Condition("discount", "between", (0, 200_000))),
    ("quantity", ["1", "10", "100"], Condition("quantity", "in", (1, 10, 100))),
    ("products", ">= 3", Condition("products", "ge", (3,))),
    ("term_months", ">= 36", Condition("term_months", "ge", (36,))),
    ("closed_date", ">= 2026-03-31", Condition("closed_date", "ge", (20260331,))),
    ("closed_date", "2026-01-01..2026-03-31", Condition("closed_date", "between", (20260101, 20260331))),
    ("first_order", "yes", Condition("first_order", "eq", (True,))),
    ("ramp", {"not": "yes"}, Condition("ramp", "ne", (True,))),
    ("attributes.vertical", {"not": "retail"}, Condition("attributes.vertical", "ne", ("retail",))),
    ("currency", "CHF", Condition("currency", "eq", ("CHF",))),
]


def rule(when: dict[str, Any]) -> tuple[CreditRule, Reading]:
    reading = Reading(exponent=2, currency="EUR")
    return CreditRule.model_validate(Mapped({"to": "seller", "when": Mapped(when)}), context=reading), reading


@pytest.mark.parametrize(("field", "written", "condition"), EXAMPLES)
def test_what_is_written_becomes_a_condition(field: str, written: Any, condition: Condition) -> None:
    read, reading = rule({field: written})
    assert (read.when, reading.problems) == ((condition,), [])


def test_every_condition_is_one_that_the_matchers_take() -> None:
    for field, written, _ in EXAMPLES:
        read, _reading = rule({field: written})
        assert limits(rule_set("r", {"own": read}, "all")) == []


def test_a_rule_without_conditions_takes_every_deal() -> None:
    assert rule({})[0].when == ()


def test_every_field_has_a_type_and_a_source() -> None:
    assert {field.type for field in FIELDS.values()} == {"text", "integer", "boolean"}
    assert all(field.comes_from for field in FIELDS.values())
    assert field_of("attributes.Vertical_2") is not None
    assert field_of("attributes.") is None
    assert field_of("typ") is None


def test_the_fields_are_listed_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs/plan-language.md").read_text()
    rows = [f"| `{name}` | {field.reads} | {field.comes_from} |" for name, field in FIELDS.items()]
    assert "\n".join(rows) in page


def test_all_wrong_conditions_are_reported_and_the_others_kept() -> None:
    read, reading = rule({"typ": "x", "type": "upsell", "acv": ">= much"})
    assert [problem.code for problem in reading.problems] == ["UNKNOWN_FIELD", "WRONG_CONDITION_TYPE"]
    assert [condition.field for condition in read.when] == ["type"]
