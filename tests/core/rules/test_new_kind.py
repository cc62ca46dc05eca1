"""A kind that nobody knew is one file in core/rules: put there while nothing runs, every part of the house knows it."""

import json
import os
import subprocess
import sys
from pathlib import Path

KIND = """
from typing import ClassVar, Literal

from compsvc.core.curves import NOTHING, Piece, Template
from compsvc.core.node import Sentences
from compsvc.core.plan_values import ExactRate
from compsvc.core.rules._rule import Rule, slope


class Doubled(Rule):
    kind: Literal["doubled"]
    rate: ExactRate
    sentences: ClassVar[Sentences] = {"en": {"": "It pays twice {rate}."}, "de": {"": "Gezahlt wird zweimal {rate}."}}

    def template(self) -> Template:
        once = slope(self.rate)
        return Template((Piece(start=NOTHING, slope=type(once)(2 * once.ratio, once.of)),))
"""
PLAN = """\
plan: rep
title: A kind of its own
provisioning: differs
effective: 2024-01-01
currency: EUR
fiscal_year_starts: january
rounding: half_up
counts_on: accepted
new_logo_by: account
earned: {on: accepted}
payable: {on: accepted}
credits: {own: {to: seller}}
components: {pay: {counts: acv, from: own, per: year, pays: {doubled: {rate: RATE}}}}
"""
ASK = """
import importlib.util, json, sys
found = importlib.util.find_spec("compsvc.core.rules")
found.submodule_search_locations.append(sys.argv[1])
sys.modules[found.name] = rules = importlib.util.module_from_spec(found)
found.loader.exec_module(rules)
from compsvc.adapters.plan_yaml import parse_plan
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.plan_schema import schema
from compsvc.core.statement_explain import explain_all
from compsvc.core.plan_sample import Terms
from compsvc.entry.doc_blocks import as_text
from compsvc.entry.plan_doc import plan_document
from tests.oracle.small import Case
text = open(sys.argv[2]).read()
plan, problems = parse_plan(text.replace("RATE", "5%").encode(), "plan.yaml", {})
wrong = parse_plan(text.replace("RATE", "0.05").encode(), "plan.yaml", {})[1]
case = Case().person("ann", start="2024-01-01").deal("d1", "2024-03-01", 10_000_00)
found = calculate([plan], case.facts, PlainMatcher())
steps = [str(each.derivation) for each in explain_all(found, [plan], case.facts, "ann").values()]
print(json.dumps({
    "problems": [str(each) for each in problems], "wrong": [each.code for each in wrong],
    "schema": "doubled" in json.dumps(schema()), "earned": found.earnings["earned_minor"].to_list(),
    "kinds": found.lines["rule_kind"].to_list(), "steps": steps,
    "doc": as_text(plan_document(plan, Terms(100, 100), "en")),
}))
"""


def test_a_kind_put_beside_the_others_is_known_everywhere(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "doubled.py").write_text(KIND)
    (tmp_path / "plan.yaml").write_text(PLAN)
    asked = [sys.executable, "-c", ASK, str(tmp_path / "kinds"), str(tmp_path / "plan.yaml")]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    run = subprocess.run(asked, capture_output=True, text=True, check=False, env=env)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert (told["problems"], told["wrong"]) == ([], ["RATE_WITHOUT_PERCENT"])
    assert told["schema"]
    assert (told["earned"], told["kinds"]) == ([1_000_00], ["doubled"])  # 10,000 x 2 x 5%
    assert "TIER_PART" in told["steps"][0]
    assert "It pays twice 5%." in told["doc"]
