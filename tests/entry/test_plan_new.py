"""`compsvc plan new`: every template checks and passes its cases at once, and says what each choice means."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from compsvc.adapters.plan_yaml import load_plans
from compsvc.entry.cli import app
from compsvc.entry.plan_templates import files, templates

DECIDED = (
    *("rounding", "counts_on", "new_logo_by", "earned", "payable", "provisioning", "mode", "boundary", "zero_quota"),
    *("settle", "own_deals", "logo", "if_hunter_left", "survives_cancel", "per", "counts"),
)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["plan", *words])


@pytest.mark.parametrize("template", templates())
@pytest.mark.parametrize("year", [2026, 2028])
def test_a_new_plan_checks_and_passes_its_cases(template: str, year: int, tmp_path: Path) -> None:
    folder = str(tmp_path / "mine")
    made = run("new", template, "mine", "--in", folder, "--year", str(year))
    assert made.exit_code == 0, made.output
    checked = run("check", folder)
    assert checked.exit_code == 0, checked.output
    assert "(notice)" not in checked.output
    tested = run("test", "--coverage", folder)
    assert tested.exit_code == 0, tested.output
    assert re.search(r"[1-9] passed, 0 failed", tested.output)
    plans, _ = load_plans([Path(folder)])
    assert {plan.effective.year for plan in plans} == {year}
    assert "mine" in {plan.plan for plan in plans}


@pytest.mark.parametrize("template", templates())
def test_every_choice_is_explained_where_it_is_first_made(template: str) -> None:
    """A choice has a comment beside it, or the files have one on an earlier line with the same word."""
    texts = files(template, name="mine", year=2026)
    lines = [line for name in ("terms.yaml", "plan.yaml") for line in texts[name].splitlines()]
    for word in DECIDED:
        with_word = [line for line in lines if re.match(rf"\s*{word}:", line)]
        assert not with_word or "#" in with_word[0], f"{template}: `{word}` has no comment"


def test_the_templates_are_listed() -> None:
    assert run("new", "--list").output.split() == templates()
    named = {"account-executive", "hunter", "sdr", "manager", "customer-success", "reseller", "blank"}
    assert named <= set(templates())


@pytest.mark.parametrize(("options", "year"), [((), 2031), (("--year", "2032"), 2032)])
def test_a_year_in_the_name_dates_the_plan(options: tuple[str, ...], year: int, tmp_path: Path) -> None:
    said = run("new", "blank", "reps-2031", "--in", str(tmp_path), *options)
    assert f"begins on 1 January {year}" in said.output
    assert {plan.effective.year for plan in load_plans([tmp_path])[0]} == {year}


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "terms.yaml").write_text("currency: USD\n")
    said = run("new", "blank", "mine", "--in", str(tmp_path))
    assert said.exit_code == 1
    assert "terms.yaml is there already" in said.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["terms.yaml"]


def test_wrong_usage_says_what_would_be_right(tmp_path: Path) -> None:
    assert "Did you mean `hunter`?" in run("new", "huntr", "mine").output
    assert "is no name" in run("new", "blank", "My Plan").output
