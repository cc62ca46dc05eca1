"""`compsvc plan test`: figures written into the case files, coverage, JUnit XML, and canaries that have to fail."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from compsvc.core import case as core_case
from compsvc.entry.cli import app

ROOT = Path(__file__).parents[2]
CASES = """\
# What finance has agreed to.
case: ten percent
plan: pilot
given:
  assignments: [{participant: hanna, from: 2026-01-01}]
  deals:
    - {id: d1, seller: hanna, account: acme, closed: 2026-02-01, accepted: 2026-02-02, acv: 10_000}   # the first
    - {id: d2, account: birk, closed: 2026-02-01, accepted: 2026-02-02, acv: 10_000}
expect:
  hanna:   {2026-02: {commission: 1_000}}      # 10,000 at 10%
  lines: {d1: {commission: '1000.00'}}
  uncredited: {d2: NO_HOLDER}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "plans" / "pilot", tmp_path / "pilot")
    shutil.rmtree(tmp_path / "pilot" / "cases")
    (tmp_path / "pilot" / "cases").mkdir()
    return tmp_path / "pilot"


def plan_test(folder: Path, text: str, *options: str) -> Result:
    (folder / "cases" / "one.yaml").write_bytes(text.encode())
    return CliRunner().invoke(app, ["plan", "test", *options, str(folder)])


def written(folder: Path) -> str:
    return (folder / "cases" / "one.yaml").read_bytes().decode()


def test_revisions_that_do_not_follow_each_other_are_an_error_of_their_cases(folder: Path) -> None:
    """Each reads well by itself; `plan check` refuses them together (M2)."""
    (plan,) = folder.glob("*.yaml")
    text = plan.read_text()
    later = text.replace("effective: 2024-01-01", "effective: 2027-01-01").replace("counts: acv", "counts: tcv")
    (folder / "later.yaml").write_text(later)
    said = plan_test(folder, CASES)
    assert "REVISION_CHANGES_TERMS" in said.output
    assert "ERROR" in said.output
    assert said.stdout.splitlines()[-1].startswith("0 passed")
    assert said.exit_code == 1


# --- update


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_the_figures_that_differ_are_written(folder: Path, end: str) -> None:
    right = CASES.replace("\n", end)
    wrong = right.replace("1_000}", "123_456}").replace("'1000.00'", "'7.25'").replace("NO_HOLDER", "NO_RULE")
    said = plan_test(folder, wrong, "--update")
    assert written(folder) == right
    assert "one.yaml:10:35 123_456 -> 1_000" in said.output
    assert said.output.splitlines()[-1] == "1 passed, 0 failed"
    assert said.exit_code == 0


def test_what_holds_is_left_alone(folder: Path) -> None:
    assert plan_test(folder, CASES, "--update").exit_code == 0
    assert written(folder) == CASES


def test_an_alias_is_not_written_over(folder: Path) -> None:
    """Its figure stands elsewhere, where it is right for somebody else."""
    text = CASES.replace("hanna:   {2026-02: {commission: 1_000}} ", "hanna: {2026-02: {commission: &x 2_000}} ")
    said = plan_test(folder, text, "--update")
    assert said.exit_code == 1
    assert "cannot be set right here" in said.output
    assert written(folder) == text


def test_a_deal_that_is_credited_has_no_reason_to_write(folder: Path) -> None:
    text = CASES.replace("{d2: NO_HOLDER}", "{d1: NO_HOLDER}")
    assert plan_test(folder, text, "--update").exit_code == 1
    assert written(folder) == text


def test_a_plan_with_errors_is_what_its_cases_are_told(folder: Path) -> None:
    plan = folder / "plan.yaml"
    plan.write_text(plan.read_text().replace("rate: 10%", "rate: 0.1"))
    said = plan_test(folder, CASES)
    assert "RATE_WITHOUT_PERCENT" in said.output
    assert "UNKNOWN_PLAN" not in said.output
    assert said.exit_code == 1


def test_a_check_of_plans_finds_the_quota_that_a_case_beside_them_lacks(folder: Path) -> None:
    """`plan test` said it as well, but not who writes the plan (M4)."""
    plan = folder / "plan.yaml"
    plan.write_text(plan.read_text().replace("flat_rate: {rate: 10%}", "flat_rate: {rate: base}"))
    plan.write_text(
        plan.read_text().replace("    pays:", "    quota: from assignment\n    zero_quota: pay_base\n    pays:")
    )
    text = CASES.replace("from: 2026-01-01", "from: 2026-01-01, target_incentive: 10_000")
    plan_test(folder, text)
    for asked in (folder, plan):
        said = CliRunner().invoke(app, ["plan", "check", str(asked)])
        assert said.exit_code == 1
        assert ":5:17 QUOTA_MISSING component `commission` counts against a quota and `hanna` has none." in said.output
    plan_test(folder, text.replace("10_000}]", "10_000, quota: {amount: 100_000, per: year}}]"))
    assert CliRunner().invoke(app, ["plan", "check", str(folder)]).output == "1 plan without errors.\n"


# --- coverage


def test_coverage_names_the_tiers_that_no_case_reaches(folder: Path) -> None:
    plan = folder / "plan.yaml"
    table = "rate_table: {mode: marginal, by: amount, boundary: at, tiers: [{to: 15_000, rate: 10%}, {rate: 12%}]}"
    assert "flat_rate: {rate: 10%}" in plan.read_text()
    plan.write_text(plan.read_text().replace("flat_rate: {rate: 10%}", table))
    said = plan_test(folder, CASES, "--coverage")
    told = said.output.splitlines()
    assert f"{plan}" in told[0]
    (missed,) = (text for text in told if text.endswith("tier 2 of `commission`: no case reaches it"))
    line, column = (int(number) for number in missed.split()[0].split(":")[-2:])
    assert plan.read_text().splitlines()[line - 1][column - 1 :].startswith("{rate: 12%}")
    reached = plan_test(folder, CASES.replace("acv: 10_000}   #", "acv: 15_000.01}   #"), "--coverage").output
    assert "tier 2 of `commission`" not in reached
    assert "handover of `own-deals`: no case reaches it" in reached


def test_coverage_names_the_bounds_and_what_the_pay_stage_has_not_done(folder: Path) -> None:
    """A draw of 500 tops February's 100 up, and the cap of 150 cuts only where more is sold."""
    plan = folder / "plan.yaml"
    says = "draw: {amount: 500, per: month, recoverable: yes}\n"
    says += "negative: {carry: yes, recover_at_most: 50%, never_below: 0, "
    says += "order: oldest first}\nguarantee: {amount: 600, for: 1 month}\ncomponents:\n"
    text = plan.read_text().replace("components:\n", says)
    more = "cap: 1_500\n    gate: {measure: own, at_least: 1_000}\n    pays:"
    plan.write_text(text.replace("pays:", more, 1))
    case = CASES.replace("from: 2026-01-01", "from: 2025-12-01")
    below, above = (
        plan_test(folder, case.replace("10_000", sold), "--coverage").output for sold in ("10_000", "20_000")
    )
    assert "`cap` of `commission`: no case reaches it" in below
    assert "`cap` of `commission`: no case reaches it" not in above
    assert "`negative`: no case reaches it" in below
    for reached in ("`gate` of `commission`", "`draw`", "`guarantee`"):
        assert f"{reached}: no case reaches it" not in below


def test_a_plan_without_cases_is_reached_nowhere(folder: Path) -> None:
    said = CliRunner().invoke(app, ["plan", "test", "--coverage", str(folder)])
    assert " 0%" in said.output
    assert said.exit_code == 0


# --- JUnit


def test_outcomes_are_written_as_junit(folder: Path, tmp_path: Path) -> None:
    failing = CASES.replace("1_000}", "1_000.01}")
    broken = CASES.replace("plan: pilot", "plan: pillot")
    said = plan_test(folder, f"{CASES}---\n{failing}---\n{broken}", "--junit", str(tmp_path / "out.xml"))
    assert said.exit_code == 1
    root = ElementTree.fromstring((tmp_path / "out.xml").read_bytes())
    assert root.attrib == {"tests": "3", "failures": "1", "errors": "1"}
    cases = root.findall("testsuite/testcase")
    assert [[child.tag for child in case] for case in cases] == [[], ["failure"], ["error"]]
    failure = cases[1].find("failure")
    assert failure is not None
    assert "expected 1000.01, found 1000.00" in failure.attrib["message"]
    assert "x 10%" in str(failure.text)


# --- canaries


def test_a_canary_has_to_fail(folder: Path) -> None:
    canary = CASES.replace("plan: pilot", "plan: pilot\ncanary: yes")
    said = plan_test(folder, canary.replace("1_000}", "1_001}"))
    assert said.output == "1 passed, 0 failed\n"
    said = plan_test(folder, canary)
    assert said.exit_code == 1
    assert "ERROR" in said.output
    assert "CANARY_PASSED" in said.output


def test_a_canary_is_not_set_right(folder: Path) -> None:
    canary = CASES.replace("plan: pilot", "plan: pilot\ncanary: yes").replace("1_000}", "1_001}")
    plan_test(folder, canary, "--update")
    assert written(folder) == canary


def test_a_runner_that_compares_nothing_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_case, "_difference", lambda *_: None)
    said = plan_test(folder, CASES)
    assert said.exit_code == 1
    assert "CANARY_PASSED" in said.output
