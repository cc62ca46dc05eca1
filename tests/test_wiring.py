"""A plan is used only where the matcher answers its own constants as its rules say."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from compsvc import wiring
from compsvc.core.eligibility import Deal, PlainMatcher, RuleSet
from compsvc.entry.cli import app
from compsvc.service.bulk_load import load_plan_texts
from compsvc.service.plans import check_plan
from compsvc.service.ports import Caller, FailedPrecondition, InvalidArgument
from tests.service.test_batch import FILES, PLAN

CALLER = Caller("test", "admin")
CASE = """
case: nothing sold
plan: ae
given:
  assignments: [{participant: hanna, from: 2026-01-01}]
expect:
  hanna:
    2026-Q1: {commission: 0}
"""


class Deaf(PlainMatcher):
    """Hears nothing: no rule ever fires."""

    name = "deaf"

    def match(self, rules: RuleSet, deal: Deal) -> tuple[str, ...]:
        return ()


@pytest.fixture
def company(tmp_path: Path) -> Path:
    for name in ("plans/cases", "data"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "plans" / "plan.yaml").write_text(PLAN)
    (tmp_path / "plans" / "cases" / "one.yaml").write_text(CASE)
    for name, text in FILES.items():
        (tmp_path / "data" / f"{name}.csv").write_text(text)
    return tmp_path


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "matchers", lambda: (Deaf(), PlainMatcher()))


@pytest.mark.usefixtures("deaf")
class TestADisagreement:
    @pytest.mark.parametrize(
        "command",
        [("plan", "check", "plans"), ("plan", "test", "plans"), ("run", "--plans", "plans", "--data", "data")],
    )
    def test_is_told_by_every_command_that_reads_plans(
        self, company: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(company)
        out = ("--out", "out") if command[0] == "run" else ()
        result = CliRunner().invoke(app, [*command, *out], catch_exceptions=False)
        assert result.exit_code == 1
        assert "plans/plan.yaml:2:1 MATCHER_DISAGREES" in result.output
        assert not (company / "out").exists()

    def test_keeps_a_plan_out_of_the_book(self, company: Path) -> None:
        parts = wiring.open_parts(company / "book.db")
        texts = wiring.plan_texts(company / "plans")
        with pytest.raises(InvalidArgument) as refused:
            load_plan_texts(parts.store, parts.plans, parts.parse_plan, CALLER, texts)
        assert [each.code for each in refused.value.violations] == ["MATCHER_DISAGREES"]
        assert parts.plans.in_force() == ()
        plan, problems = check_plan(parts.parse_plan, CALLER, texts[0])
        assert (plan, [problem.code for problem in problems]) == (None, ["MATCHER_DISAGREES"])
        parts.store.close()


def test_a_matcher_that_goes_wrong_later_stops_the_calculation_in_words(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ("--plans", str(company / "plans"), "--data", str(company / "data"))
    CliRunner().invoke(app, ["load", "--book", str(company / "book.db"), *files])
    monkeypatch.setattr(wiring, "matchers", lambda: (Deaf(), PlainMatcher()))
    parts = wiring.open_parts(company / "book.db")
    with pytest.raises(FailedPrecondition, match="the matcher says") as stopped:
        parts.calculations.newest()
    assert stopped.value.reason == "MATCHER_DISAGREES"
    parts.store.close()


def test_one_process_has_one_matcher() -> None:
    assert wiring.matchers() is wiring.matchers()
