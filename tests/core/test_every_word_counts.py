"""No word of the plan language is read and then ignored: each is asked for where pay is calculated, or is text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import compsvc.core.plan
import compsvc.core.rules  # noqa: F401 - the rule kinds are words as well
from compsvc.core.node import Node

CORE = Path(__file__).parents[2] / "compsvc" / "core"
# What only checks, prints or compares plans: a word that is asked for nowhere else decides nothing.
NO_PAY = ("plan_check", "plan_sample", "plan_schema", "statement", "comparison", "coverage", "forecast")
ELSEWHERE = {
    ("Plan", "mix"),  # what is healthy stands beside what is, on the statement
    *(("Mix", word) for word in ("customers", "targets")),
    ("Plan", "title"),  # text, for people alone
    ("Plan", "provisioning"),  # a promise: `plan check` holds the plan to it (L6)
    ("CreditRule", "overlay"),  # goes without saying with a role; `plan check` wants it said (C3)
    *(("AgreedWith", word) for word in ("works_council", "reference")),  # who agreed: the law asks for it (J2)
    ("Plan", "agreed_with"),
    ("ShareLast", "successor"),  # what the hunter has not; `plan check` wants both to be the whole (C2)
}


def models() -> Iterator[type[Node]]:
    """Those of the package; tests make some of their own."""
    found = [Node]
    while found:
        model = found.pop()
        found += model.__subclasses__()
        if model is not Node and model.__module__.startswith("compsvc."):
            yield model


def asked_for() -> set[str]:
    """Every attribute that the calculation reads."""
    files = [path for path in CORE.rglob("*.py") if not path.name.startswith(NO_PAY)]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text()))]
    return {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}


def test_every_word_of_a_plan_is_asked_for_where_pay_is_calculated() -> None:
    asked = asked_for()
    words = {(model.__name__, name) for model in models() for name in model.model_fields if name != "at"}
    ignored = {word for word in words if word[1] not in asked}
    assert len(words) > 100
    assert ignored == ELSEWHERE


def test_a_word_that_nobody_asks_for_would_be_found() -> None:
    assert "a_word_that_decides_nothing" not in asked_for()
