"""Every example that somebody else published, as a plan with cases; the page that lists them knows the same ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compsvc.entry.cases_text import cases_text
from compsvc.wiring import put_to_the_test

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "published-cases.md"
SOURCES = ROOT.parent / "shared" / "cases" / "published.yaml"
EXAMPLES = sorted(path.parent for path in HERE.glob("*/plan.yaml"))
ROW = re.compile(r"^\| ([a-z0-9.-]+) \| (case|differs|left out)(?:: (.+))? \|$", re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_pays_what_was_printed(example: Path) -> None:
    tested = put_to_the_test([example])
    assert [str(problem) for problem in tested.problems if problem.severity == "error"] == []
    assert tested.outcomes, "an example has a case"
    assert {outcome.state for outcome in tested.outcomes} == {"PASS"}, cases_text(tested.outcomes)


def test_the_page_and_the_folders_know_the_same_examples() -> None:
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    listed = [name for name, _, _ in rows]
    assert len(listed) == len(set(listed))
    assert sorted(name for name, state, _ in rows if state != "left out") == [example.name for example in EXAMPLES]
    assert [name for name, state, why in rows if state != "case" and not why] == [], "each says why"


def test_every_row_of_the_page_can_be_read() -> None:
    examples, _, _ = PAGE.read_text(encoding="utf-8").partition("\n## ")
    rows = [line for line in examples.splitlines() if line.startswith("| ")]
    assert [row for row in rows[1:] if not ROW.match(row)] == []


def test_the_page_lists_every_source() -> None:
    if not SOURCES.is_file():
        pytest.skip("the list of sources is not part of the repository")
    sources = re.findall(r"^- id: (\S+)$", SOURCES.read_text(encoding="utf-8"), re.MULTILINE)
    assert sources == [name for name, _, _ in ROW.findall(PAGE.read_text(encoding="utf-8"))]
