"""The catalogue of codes: every code that is used has an entry, every entry is used, and the page is made of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from compsvc.entry.cli import app
from compsvc.entry.codes import ABOUT, catalogue, page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "error-codes-plans.md"
# Who tells problems of plans, facts, files and cases. The steps of a derivation have codes too, in core/statement*.py.
SPEAKERS = (
    *(path for path in (ROOT / "compsvc/core").rglob("*.py") if not path.name.startswith("statement")),
    *(
        path
        for path in (ROOT / "compsvc/adapters").glob("*.py")
        if not path.name.startswith(("sql", "postgres", "jwt", "durable"))
    ),
    *(ROOT / "compsvc" / name for name in ("service/cases.py", "wiring.py")),
)
ONE_WORD = {"TAB", "TAG", "REQUIRED", "UNREADABLE"}


def used() -> set[str]:
    """Every text in capitals with an underscore, and the codes of one word."""
    texts = {
        node.value
        for path in SPEAKERS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", text)} | (texts & ONE_WORD)


def test_every_code_has_an_entry_and_every_entry_is_used() -> None:
    missing, idle = used() - set(catalogue()), set(catalogue()) - used()
    assert not missing, f"compsvc/entry/codes.toml has no entry for {sorted(missing)}"
    assert not idle, f"compsvc/entry/codes.toml has entries that nothing says: {sorted(idle)}"


def test_entries_say_cause_and_remedy() -> None:
    for code in catalogue().values():
        assert code.about in ABOUT, code.name
        for sentence in (code.cause, code.remedy):
            assert sentence.endswith("."), f"{code.name}: {sentence}"


def test_the_page_is_made_of_the_catalogue(golden: object, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page())
    assert PAGE.read_text() == page(), "docs/error-codes-plans.md is older than codes.toml: `make golden` writes it"


def test_a_code_is_explained() -> None:
    said = CliRunner().invoke(app, ["plan", "explain-code", "tiers_not_rising"])
    assert said.exit_code == 0
    assert "Each tier ends above the one before." in said.output
    assert "Swap the tiers" in said.output


def test_a_code_shows_what_is_wrong_and_what_is_right_where_that_helps() -> None:
    said = CliRunner().invoke(app, ["plan", "explain-code", "RATE_WITHOUT_PERCENT"])
    assert said.output.endswith("\n  wrong: rate: 0.1\n  right: rate: 10%\n")
    alone = [code.name for code in catalogue().values() if bool(code.before) != bool(code.after)]
    assert not alone


def test_an_unknown_code_suggests_the_nearest() -> None:
    said = CliRunner().invoke(app, ["plan", "explain-code", "TIER_NOT_RISING"])
    assert said.exit_code == 1
    assert "Did you mean `TIERS_NOT_RISING`?" in said.output


def test_all_codes_are_listed() -> None:
    said = CliRunner().invoke(app, ["plan", "explain-code", "--list"])
    assert said.exit_code == 0
    assert [line.split()[0] for line in said.output.splitlines()] == list(catalogue())
