"""The sample company, calculated once: what tests of statements look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from compsvc.adapters.importers import load_files
from compsvc.adapters.plan_yaml import parse_plan
from compsvc.core.checks import check_facts
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.forecast import Runs, run
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.results import Result

FOLDER = Path(__file__).parents[1] / "plans" / "nordwind"


@dataclass(frozen=True)
class Company:
    plans: tuple[Plan, ...]
    facts: Facts
    result: Result


TODAY = date(2026, 11, 21)


@cache
def landing() -> Runs:
    """The forecast's scenarios on the day of the demo."""
    company = nordwind()
    return run(
        company.result,
        company.plans,
        company.facts,
        TODAY,
        lambda plans, facts: calculate(plans, facts, PlainMatcher()),
    )


@cache
def nordwind() -> Company:
    """Plans are named by their files alone, so that what is printed is the same on every machine."""
    texts = {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.yaml"))}
    read = [parse_plan(text, name, texts) for name, text in texts.items() if name != "terms.yaml"]
    plans = tuple(plan for plan, _ in read if plan is not None)
    loaded = load_files(FOLDER / "data")
    checked = check_facts(loaded.facts, plans)
    assert not [
        *loaded.refusals,
        *loaded.problems,
        *checked.refusals,
        *(problem for _, found in read for problem in found),
    ]
    return Company(plans, checked.facts, calculate(plans, checked.facts, PlainMatcher()))
