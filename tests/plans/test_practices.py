"""Every page of docs/practices is a folder of plans and cases: it checks without an error, and each case passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compsvc.entry.cases_text import cases_text
from compsvc.wiring import put_to_the_test, read_plans

PRACTICES = Path(__file__).parents[2] / "docs" / "practices"
PAGES = sorted(path for path in PRACTICES.glob("*.md") if path.stem != "README")
BLOCK = re.compile(r"^```yaml\n# (?P<name>[\w./-]+\.yaml)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_is_a_plan_that_passes_its_cases(page: Path, tmp_path: Path) -> None:
    files = {match["name"]: match["text"] for match in BLOCK.finditer(page.read_text())}
    assert any(name.startswith("cases/") for name in files), "a page shows its figures in a case"
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    problems = read_plans([tmp_path])[1]
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    tested = put_to_the_test([tmp_path])
    assert not tested.problems
    assert tested.outcomes
    assert {outcome.state for outcome in tested.outcomes} == {"PASS"}, cases_text(tested.outcomes)
    assert tested.canary is not None
    assert tested.canary.state == "PASS"


def test_the_index_names_every_page() -> None:
    index = (PRACTICES / "README.md").read_text()
    assert [page.name for page in PAGES if f"({page.name})" not in index] == []
