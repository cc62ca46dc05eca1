"""What other people have printed about pay, as plans with cases: each passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from compsvc.entry.cases_text import cases_text
from compsvc.wiring import put_to_the_test

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/plan.yaml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_plan_pays_what_was_printed(folder: Path) -> None:
    tested = put_to_the_test([folder])
    outcomes, problems = tested.outcomes, tested.problems
    assert not [problem for problem in problems if problem.severity == "error"]
    assert outcomes
    assert {outcome.state for outcome in outcomes} == {"PASS"}, cases_text(outcomes)
