"""Plan files (YAML 1.2) read into plans: every scalar is text, every key and value knows its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from compsvc.adapters.yaml_tree import read_tree
from compsvc.core.currencies import EXPONENTS
from compsvc.core.node import Mapped, Reading
from compsvc.core.plan import Plan
from compsvc.core.problems import Position, Problem, in_order


def load_plan(path: Path) -> tuple[Plan | None, list[Problem]]:
    terms = {item.name: item.read_bytes() for item in path.parent.glob("*.yaml") if item != path}
    return parse_plan(path.read_bytes(), str(path), terms)


def parse_plan(source: bytes, name: str, terms: Mapping[str, bytes]) -> tuple[Plan | None, list[Problem]]:
    tree = read_tree(source, name)
    if not isinstance(tree.root, Mapped):
        return None, tree.problems
    root, currency = tree.root, str(tree.root.get("currency", ""))
    context = Reading(EXPONENTS.get(currency, 2), currency)
    revision = hashlib.sha256(json.dumps(root, sort_keys=True).encode()).hexdigest()
    whole = Mapped({**root, "@revision": revision}, at=root.at, keys=root.keys_at)
    problems = list(tree.problems)
    plan = None
    try:
        plan = Plan.model_validate(whole, context=context)
    except ValidationError as error:
        problems += [Problem("INVALID", Position(name, 1, 1), item["msg"]) for item in error.errors()]
    problems += context.problems
    return (None if problems else plan), in_order(problems)
