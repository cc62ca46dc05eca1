"""The JSON Schema for editors agrees with the reader about the shape of a plan."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from compsvc.adapters.yaml_tree import read_tree
from compsvc.core.plan_schema import schema
from compsvc.core.rules import KINDS
from tests.adapters.test_plan_yaml import SAMPLES, TEXT
from tests.bad_plans.rewrite import HERE as BAD

SCHEMA = schema()
TYPES = {"object": dict, "array": list, "string": str}


def complaints(value: Any, rule: dict[str, Any], at: str = "") -> list[str]:
    """As much of JSON Schema as ours uses. Every scalar is text here, so a number is a text that looks like one."""
    if "$ref" in rule:
        return complaints(value, SCHEMA["$defs"][rule["$ref"].removeprefix("#/$defs/")], at)
    found = [] if _has_type(value, rule.get("type")) else [f"{at}: not {rule['type']}"]
    if "anyOf" in rule and all(complaints(value, option, at) for option in rule["anyOf"]):
        found.append(f"{at}: none of the options")
    if "enum" in rule and value not in rule["enum"]:
        found.append(f"{at}: {value} is not in the enum")
    if "const" in rule and value != rule["const"]:
        found.append(f"{at}: {value} is not {rule['const']}")
    if isinstance(value, str) and not re.search(rule.get("pattern", ""), value):
        found.append(f"{at}: {value} does not fit {rule['pattern']}")
    return [*found, *_inside(value, rule, at)]


def _has_type(value: Any, wanted: str | list[str] | None) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    return names is None or any(isinstance(value, TYPES.get(name, str)) for name in names)


def _inside(value: Any, rule: dict[str, Any], at: str) -> list[str]:
    if isinstance(value, list):
        short = [f"{at}: too short"] if len(value) < rule.get("minItems", 0) else []
        return short + [text for item in value for text in complaints(item, rule.get("items", {}), f"{at}[]")]
    if not isinstance(value, dict):
        return []
    found = [f"{at}: {name} is missing" for name in rule.get("required", []) if name not in value]
    if not rule.get("minProperties", 0) <= len(value) <= rule.get("maxProperties", 10**6):
        found.append(f"{at}: {len(value)} entries")
    for name, item in value.items():
        options = [inner for pattern, inner in rule.get("patternProperties", {}).items() if re.search(pattern, name)]
        options += [rule["properties"][name]] if name in rule.get("properties", {}) else []
        if not options and rule.get("additionalProperties") is False:
            found.append(f"{at}: {name} is not known")
        found += [text for inner in options for text in complaints(item, inner, f"{at}.{name}")]
    return found


def about(source: bytes) -> list[str]:
    return complaints(read_tree(source, "plan.yaml").root, SCHEMA)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_sample_plans_satisfy_it(path: Path) -> None:
    assert about(path.read_bytes()) == []


@pytest.mark.parametrize(
    "name",
    [
        *(
            "unknown-keys",
            "rate-without-percent",
            "rate-words",
            "kind-unknown",
            "two-kinds",
            "wrong-choices",
            "bad-names",
        ),
        *(
            "everything-missing",
            "table-without-mode",
            "field-unknown",
            "german-amount",
            "from-nothing",
            "currency-of-gold",
        ),
    ],
)
def test_an_editor_marks_what_the_reader_refuses(name: str) -> None:
    assert about((BAD / f"{name}.yaml").read_bytes())


def test_terms_may_hold_what_the_plan_leaves_out() -> None:
    assert about(TEXT.encode()) == []
    assert about(TEXT.replace("terms: terms.yaml\n", "").encode())


def test_every_rule_kind_is_offered() -> None:
    assert set(SCHEMA["$defs"]["Component"]["properties"]["pays"]["properties"]) == set(KINDS)


def test_nothing_of_the_reader_shows() -> None:
    text = str(SCHEMA)
    assert "'@" not in text
    assert "Position" not in text
