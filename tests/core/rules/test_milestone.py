"""`milestone`: worked examples. Amounts in the comments are major units."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from compsvc.core.curves_bound import Bound, Step
from compsvc.core.problems import Position
from compsvc.core.rules import Rule
from compsvc.core.rules.milestone import Milestone

AT = {"@": Position("plan.yaml", 1, 1)}
THREE = (("100%", "2_000"), ("125%", "3_000"), ("150%", "5_000"))


def milestone(*points: tuple[Any, Any], by: str = "attainment", boundary: str = "at") -> Milestone:
    rows = [{**AT, "reaches": reaches, "pays": pays} for reaches, pays in points]
    return Milestone(**AT, kind="milestone", by=by, boundary=boundary, at=rows)


def rules() -> st.SearchStrategy[Rule]:
    @st.composite
    def draw_milestones(draw: st.DrawFn) -> Rule:
        by = draw(st.sampled_from(["attainment", "amount", "count"]))
        shared = st.fractions(Fraction(1, 60), 2, max_denominator=60)
        where = {"attainment": shared, "amount": st.integers(1, 200_000), "count": st.integers(1, 4)}[by]
        reaches = sorted(draw(st.sets(where, min_size=1, max_size=4)))
        points = [(point, draw(st.integers(0, 10**6))) for point in reaches]
        return milestone(*points, by=by, boundary=draw(st.sampled_from(["at", "over"])))

    return draw_milestones()


@pytest.mark.parametrize(
    ("boundary", "position", "earned"),
    [
        ("at", 99_999_99, 0),
        ("at", 100_000_00, 2_000_00),
        ("over", 100_000_00, 0),
        ("at", 125_000_00, 5_000_00),  # 2,000 + 3,000
        ("at", 150_000_00, 10_000_00),  # 2,000 + 3,000 + 5,000
        ("at", 400_000_00, 10_000_00),  # once each
        ("at", -10_00, 0),
    ],
)
def test_bonuses_add_up(boundary: str, position: int, earned: int) -> None:
    assert Bound(milestone(*THREE, boundary=boundary).template(), quota_minor=100_000_00).value(position) == earned


def test_the_next_milestone_is_the_next_step() -> None:
    bound = Bound(milestone(*THREE).template(), quota_minor=100_000_00)
    assert bound.next_step(110_000_00) == Step(125_000_00, 2, Fraction(5_000_00))


def test_by_count() -> None:
    bound = Bound(milestone((3, "500"), (5, "1_000"), by="count").template())
    assert [bound.value(count * 10**6) for count in (2, 3, 5)] == [0, 500_00, 1_500_00]


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ((("100%", "10%"),), "POINT_PAYS milestone 1 pays a share"),
        ((("100%", "-1"),), "BONUS_NEGATIVE"),
        ((("0%", "1"),), "PAYS_FOR_NOTHING"),
        ((("100%", "1"), ("100%", "1")), "POINTS_NOT_RISING"),
        ((("10", "1"),), "POINT_UNIT"),
    ],
)
def test_milestones_that_cannot_be(points: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        milestone(*points)
