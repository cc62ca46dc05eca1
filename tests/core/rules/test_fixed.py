"""`fixed`: worked examples. What a period pays by itself moves along no curve."""

from fractions import Fraction

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.problems import Position
from compsvc.core.results import Result
from compsvc.core.rules import Rule
from compsvc.core.rules.fixed import Fixed
from compsvc.core.statement_explain import explain_all
from compsvc.entry.statement_sentences import SENTENCES
from tests.oracle.small import Case, day, plan

AT = {"@": Position("plan.yaml", 1, 1)}
RETAINER = "components:\n  retainer: {{per: month, pays: {{fixed: {{amount: {amount}, part_period: {part}}}}}}}\n"


def rules() -> st.SearchStrategy[Rule]:
    return st.builds(
        lambda amount, part: Fixed(**AT, kind="fixed", amount=amount, part_period=part),
        st.integers(0, 10**6), st.sampled_from(["by days", "whole"]),
    )  # fmt: skip


def paid(case: Case, *plans: str) -> dict[str, int]:
    """By period, of what ann is assigned to."""
    rows = _result(case, *plans).earnings.filter(participant_id="ann")
    return dict(rows.select("period", "earned_minor").iter_rows())


def _result(case: Case, *plans: str) -> Result:
    dates = ("2024-01-01", "2024-02-11")
    texts = [plan(text, effective=effective) for text, effective in zip(plans, dates, strict=False)]
    return calculate(texts, case.facts, PlainMatcher())


@pytest.mark.parametrize(
    ("part", "january", "march"),
    [("by days", 967_74, 645_16), ("whole", 2_000_00, 2_000_00)],  # 2,000 x 15/31, x 10/31
)
def test_a_period_that_is_covered_in_part(part: str, january: int, march: int) -> None:
    case = Case().person("ann", start="2024-01-17", end="2024-03-11").person("bob", start="2024-04-02")
    found = paid(case, RETAINER.format(amount="2_000", part=part))
    assert found == {"2024-01": january, "2024-02": 2_000_00, "2024-03": march}


@pytest.mark.parametrize(
    ("parts", "february"),
    [
        (("by days", "by days"), 2_310_34),  # (10 x 1,000 + 19 x 3,000) / 29, rounded once
        (("by days", "whole"), 3_000_00),
        (("whole", "by days"), 2_310_34),
    ],
)
def test_a_plan_that_changes_inside_a_period(parts: tuple[str, str], february: int) -> None:
    first, second = (
        RETAINER.format(amount=amount, part=part) for amount, part in zip(("1_000", "3_000"), parts, strict=True)
    )
    case = Case().person("ann", start="2024-01-01").person("bob", start="2024-03-31")
    assert paid(case, first, second) == {"2024-01": 1_000_00, "2024-02": february, "2024-03": 3_000_00}


def test_a_plan_that_begins_after_the_latest_that_anything_tells_of_pays_nothing_yet() -> None:
    """Both days are in one month; the plan begins on 11 February, the last thing told is ann's start on the 5th."""
    nothing = RETAINER.format(amount="0", part="whole")
    retainer = plan(RETAINER.format(amount="2_000", part="by days"), effective="2024-02-11")
    assert paid(Case().person("ann", start="2024-02-05"), nothing) == {"2024-02": 0}
    found = calculate([retainer], Case().person("ann", start="2024-02-05").facts, PlainMatcher())
    assert found.earnings.is_empty()


def test_the_line_says_what_the_period_pays_and_for_how_many_days() -> None:
    terms, case = RETAINER.format(amount="2_000", part="by days"), Case().person("ann", start="2024-01-17")
    made = plan(terms, effective="2024-01-01")
    found = explain_all(calculate([made], case.facts, PlainMatcher()), [made], case.facts, "ann")
    (one,) = found.values()
    (step,) = [step for step in one.derivation.steps if step.code == "OF_PERIOD"]
    assert (step.values["days"], step.values["of"], step.values["period"]) == (15, 31, "2024-01")
    assert one.line.payable_date == day("2024-01-31")
    assert all("OF_PERIOD" in words for words in SENTENCES.values())


def test_nothing_moves_it() -> None:
    rule = Fixed(**AT, kind="fixed", amount="2_000", part_period="whole")
    assert rule.of_period.amount_minor == 2_000_00
    assert [piece.slope.ratio for piece in rule.template().pieces] == [Fraction(0)]


def test_an_amount_below_zero_is_refused() -> None:
    with pytest.raises(ValidationError, match="below 0"):
        Fixed(**AT, kind="fixed", amount="-1", part_period="whole")
