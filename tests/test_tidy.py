"""The code keeps its own rules, and the checker is shown to bite."""

from textwrap import dedent

import pytest

from tests.tidy import FUNCTION_LINES_MAX, ROOT, RULES, findings, our_files, rule_kinds

KINDS = frozenset({"rate_table", "kicker"})
LONG = "def run(x):\n" + "    x += 1\n" * FUNCTION_LINES_MAX

# A rule, where the source stands, and a source that the rule must report.
BAD = [
    ("short_functions", "compsvc/service/deals.py", LONG),
    ("short_functions", "compsvc/service/deals.py", "class A:\n    async " + LONG.replace("\n", "\n    ")),
    ("no_hidden_errors", "compsvc/entry/cli.py", "try:\n    run()\nexcept ValueError:\n    pass"),
    ("no_hidden_errors", "compsvc/entry/cli.py", "for x in y:\n    try:\n        run()\n    except:\n        continue"),
    ("no_hidden_errors", "compsvc/entry/cli.py", "try:\n    run()\nexcept OSError:\n    ..."),
    ("no_hidden_errors", "compsvc/entry/cli.py", "with contextlib.suppress(Exception):\n    run()"),
    ("arrows", "compsvc/core/pay.py", "from compsvc.service import deals"),
    ("arrows", "compsvc/core/pay.py", "from ..service.ports import Clock"),
    ("arrows", "compsvc/core/pay.py", "import compsvc"),
    ("arrows", "compsvc/core/pay.py", "from compsvc import wiring"),
    ("arrows", "compsvc/service/runs.py", "from compsvc.adapters.sqlite_store import Store"),
    ("arrows", "compsvc/service/runs.py", "def run():\n    from compsvc import v1"),
    ("arrows", "compsvc/service/runs.py", "import grpc"),
    ("arrows", "compsvc/adapters/plan_yaml.py", "from compsvc.service.runs import run"),
    ("arrows", "compsvc/adapters/plan_yaml.py", "from compsvc.entry import cli"),
    ("arrows", "compsvc/entry/cli.py", "from compsvc.adapters import plan_yaml"),
    ("arrows", "compsvc/entry/cli.py", "from .. import adapters"),
    ("arrows", "compsvc/__init__.py", "from compsvc.core.pipeline import calculate"),
    ("arrows", "compsvc/helpers.py", "x = 1"),
    ("fenced_durable", "compsvc/entry/cli.py", "import durable.lang"),
    ("fenced_durable", "compsvc/adapters/plan_yaml.py", "from durable.engine import Host"),
    ("fenced_durable", "compsvc/wiring.py", "engine = importlib.import_module('durable.engine')"),
    ("fenced_durable", "compsvc/core/eligibility.py", "import durable_rules_engine"),
    ("kinds_at_home", "compsvc/core/curves.py", "if rule.kind == 'rate_table':\n    pass"),
    ("kinds_at_home", "compsvc/core/curves.py", "if rule.kind in ('flat', 'kicker'):\n    pass"),
    ("kinds_at_home", "compsvc/core/statement.py", "frame.filter(pl.col('rule_kind') == 'kicker')"),
    ("kinds_at_home", "compsvc/entry/cli.py", "x = line['kind'] != 'kicker'"),
    ("kinds_at_home", "compsvc/entry/cli.py", "match rule.kind:\n    case 'rate_table' | 'kicker':\n        run()"),
    ("kinds_at_home", "compsvc/core/earnings.py", "from compsvc.core.rules.rate_table import RateTable"),
    ("kinds_at_home", "compsvc/core/earnings.py", "from .rules import kicker"),
    ("limits_at_home", "compsvc/entry/cli.py", "MAX_ROWS = 10_000"),
    ("limits_at_home", "compsvc/adapters/store.py", "_WAIT_LIMIT: int = 2**20"),
    ("core_imports", "compsvc/core/facts.py", "import os"),
    ("core_imports", "compsvc/core/facts.py", "import random"),
    ("core_imports", "compsvc/core/facts.py", "import time"),
    ("core_imports", "compsvc/core/facts.py", "from pathlib import Path"),
    ("core_imports", "compsvc/core/facts.py", "import grpc"),
    ("core_imports", "compsvc/core/facts.py", "from durable.lang import ruleset"),
    ("core_imports", "compsvc/core/money.py", "import iso4217"),
    ("core_imports", "compsvc/core/money.py", "import math"),
    ("core_imports", "compsvc/core/money.py", "from math import sqrt"),
    ("core_imports", "compsvc/core/plan.py", "import importlib"),
    ("core_without_floats", "compsvc/core/money.py", "rate = 0.125"),
    ("core_without_floats", "compsvc/core/money.py", "rate = 1e6"),
    ("core_without_floats", "compsvc/core/money.py", "x = float('1')"),
    ("core_without_floats", "compsvc/core/money.py", "def f(x: float) -> int: ..."),
    ("core_without_floats", "compsvc/core/money.py", "x = a / b"),
    ("core_without_floats", "compsvc/core/money.py", "x /= b"),
    ("core_without_floats", "compsvc/core/facts.py", "schema = {'amount': pl.Float64}"),
    ("core_without_floats", "compsvc/core/facts.py", "from polars import datatypes as t\nx = t.Float32()"),
    ("core_without_floats", "compsvc/core/forecast.py", "x = frame['pay'].quantile(9)"),
    ("core_without_world", "compsvc/core/periods.py", "x = date.today()"),
    ("core_without_world", "compsvc/core/periods.py", "x = datetime.datetime.now(UTC)"),
    ("core_without_world", "compsvc/core/plan.py", "text = open('plan.yaml').read()"),
    ("core_without_world", "compsvc/core/plan.py", "print('here')"),
    ("core_without_world", "compsvc/core/facts.py", "frame = pl.read_csv('deals.csv')"),
    ("core_without_world", "compsvc/core/facts.py", "frame.write_parquet(target)"),
]

# Looks like one of the above, and is right.
GOOD = [
    ("compsvc/service/deals.py", LONG.replace("    x += 1\n", "", 1)),
    ("compsvc/service/deals.py", LONG.replace("    x += 1\n", '    """One.\n\n    Two.\n    """\n', 1)),
    ("compsvc/core/pay.py", "from . import money\nfrom compsvc.core.curves import Curve\nfrom math import gcd, lcm"),
    ("compsvc/core/rules/__init__.py", "import importlib\nimport pkgutil"),
    ("compsvc/core/rules/kicker.py", "from .base import Rule\nif rule.kind == 'kicker':\n    run()"),
    ("compsvc/core/plan.py", "if isinstance(value, (bool, float)):\n    refuse()"),
    ("compsvc/core/money.py", "x = Fraction(text) / 100 * (a // b)"),
    ("compsvc/core/facts.py", "if deal.kind == 'deal' or cap.name == 'kicker':\n    run()"),
    ("compsvc/service/runs.py", "from compsvc.core import pipeline\nfrom .ports import Clock"),
    ("compsvc/adapters/durable_matcher.py", "import durable.lang\nfrom compsvc.service.ports import Clock"),
    (
        "compsvc/entry/grpc_server.py",
        "import grpc\nfrom compsvc import __version__, wiring\nfrom compsvc.v1 import a_pb2",
    ),
    ("compsvc/entry/cli.py", "rate = 0.5\nprint(open('x').read(), time.now())"),
    ("compsvc/wiring.py", "from compsvc.adapters import plan_yaml\nfrom compsvc.service import runs"),
]


def test_the_code_is_tidy() -> None:
    kinds = rule_kinds((ROOT / name).read_text() for name in our_files("compsvc/core/rules"))
    found = [finding for name in our_files() for finding in findings(name, (ROOT / name).read_text(), kinds)]
    assert not found, "\n" + "\n".join(map(str, found))


@pytest.mark.parametrize(("rule", "path", "source"), BAD)
def test_the_checker_bites(rule: str, path: str, source: str) -> None:
    assert rule in {finding.rule for finding in findings(path, source, KINDS)}


@pytest.mark.parametrize(("path", "source"), GOOD)
def test_the_checker_lets_go(path: str, source: str) -> None:
    assert [str(finding) for finding in findings(path, source, KINDS)] == []


def test_each_rule_is_shown_to_bite() -> None:
    assert {rule for rule, _, _ in BAD} == set(RULES)


def test_rule_kinds_are_found_by_their_literal() -> None:
    source = dedent("""
        class RateTable(Rule):
            kind: Literal["rate_table"] = "rate_table"
            mode: Literal["marginal", "retroactive"]
    """)
    assert rule_kinds([source]) == {"rate_table"}


def test_a_folder_that_is_not_there_has_no_files() -> None:
    assert our_files("compsvc/not_there") == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-build.lock"])
def test_locks_pin_everything_and_name_no_place(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text().split("\n") if line.strip() and not line.startswith("#")]
    pins = [line for line in lines if not line.startswith(" ")]
    assert all("==" in pin and pin.endswith("\\") for pin in pins)
    assert all(line.strip().startswith("--hash=sha256:") for line in lines if line not in pins)
    assert not [line for line in lines if "://" in line or "file:" in line or "@" in line]
