"""Every example that somebody else published, as a plan with a case: it pays the printed figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from compsvc.entry.cases_text import cases_text
from compsvc.wiring import put_to_the_test, read_plans

HERE = Path(__file__).parent
EXAMPLES = sorted(path.parent for path in HERE.glob("*/plan.yaml"))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 10


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_pays_what_was_printed(example: Path) -> None:
    problems = read_plans([example])[1]
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    outcomes = put_to_the_test([example]).outcomes
    assert outcomes, "an example has a case"
    assert {outcome.state for outcome in outcomes} == {"PASS"}, cases_text(outcomes)
