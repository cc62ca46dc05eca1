"""`steps`: worked examples (M3). Amounts in the comments are major units."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from compsvc.core.curves_bound import Bound
from compsvc.core.node import Listed, Mapped, Text
from compsvc.core.problems import Position
from compsvc.core.rules import Rule
from compsvc.core.rules.steps import Steps

AT = {"@": Position("plan.yaml", 1, 1)}


def steps(*points: tuple[Any, Any], **keys: Any) -> Steps:
    rows = [{**AT, "reaches": reaches, "pays": pays} for reaches, pays in points]
    if isinstance(keys.get("above"), tuple):
        keys["above"] = {**AT, **dict(zip(("each", "adds"), keys["above"], strict=True))}
    return Steps(**AT, kind="steps", at=rows, **keys)


def rules() -> st.SearchStrategy[Rule]:
    @st.composite
    def draw_steps(draw: st.DrawFn) -> Rule:
        by, shares = draw(st.sampled_from(["attainment", "amount", "count"])), draw(st.booleans())
        shared = st.fractions(Fraction(1, 60), 2, max_denominator=60)
        where = {"attainment": shared, "amount": st.integers(1, 200_000), "count": st.integers(1, 4)}[by]
        reaches = sorted(draw(st.sets(where, min_size=1, max_size=4)))
        amount = st.fractions(0, 2, max_denominator=50) if shares else st.integers(0, 100_000)
        pays = [draw(amount) for _ in reaches]
        keys: dict[str, Any] = {"by": by} | ({"of": "target incentive"} if shares else {})
        several = len(reaches) > 1
        if several:
            keys["between"] = draw(st.sampled_from(["jump", "interpolate"]))
        if keys.get("between") == "interpolate":
            keys["above"] = draw(st.one_of(st.none(), st.tuples(where, amount)))
        if pays[0] or (several and keys["between"] == "jump"):
            keys["boundary"] = draw(st.sampled_from(["at", "over"]))
        return steps(*zip(reaches, pays, strict=True), **keys)

    return draw_steps()


def test_linear_from_the_threshold_and_twice_as_steep_above_the_target() -> None:
    # Quota 100,000, target bonus 10,000 at 100%, nothing below 70%, straight from there; above, each 1% adds 2%.
    rule = steps(
        ("70%", "0%"),
        ("100%", "100%"),
        by="attainment",
        of="target incentive",
        between="interpolate",
        above=("1%", "2%"),
    )
    bound = Bound(rule.template(), quota_minor=100_000_00, target_minor=10_000_00)
    assert bound.value(70_000_00) == 0
    assert bound.value(85_000_00) == 5_000_00  # half of the way from 70% to 100%
    assert bound.value(100_000_00) == 10_000_00
    assert bound.value(120_000_00) == 14_000_00  # 10,000 + 20 x 2% of 10,000
    assert bound.value(50_000_00) == 0
    assert not rule.template().jumps[0].ratio


@pytest.mark.parametrize(
    ("boundary", "position", "share"),
    [("at", 109_999_99, 0), ("at", 110_000_00, 80), ("over", 110_000_00, 0), ("over", 110_000_01, 80),
     ("at", 115_000_00, 100), ("at", 124_999_99, 130), ("at", 125_000_00, 160), ("at", 300_000_00, 160)],
)  # fmt: skip
def test_a_point_pays_its_share_until_the_next(boundary: str, position: int, share: int) -> None:
    points = (("110%", "80%"), ("115%", "100%"), ("120%", "130%"), ("125%", "160%"))
    rule = steps(*points, by="attainment", of="target incentive", between="jump", boundary=boundary)
    bound = Bound(rule.template(), quota_minor=100_000_00, target_minor=20_000_00)
    assert bound.value(position) == 20_000_00 * Fraction(share, 100)


def test_fixed_amounts_by_amount_and_by_count() -> None:
    by_amount = steps(
        ("100_000", "1_000"), ("200_000", "3_000"), by="amount", between="interpolate", above=None, boundary="at"
    )
    bound = Bound(by_amount.template())
    assert bound.value(99_999_99) == 0
    assert bound.value(100_000_00) == 1_000_00  # the first point jumps
    assert bound.value(150_000_00) == 2_000_00  # half of the way
    assert bound.value(250_000_00) == 3_000_00  # stays
    by_count = Bound(steps((5, "500"), (10, "1_500"), by="count", between="jump", boundary="at").template())
    assert [by_count.value(count * 10**6) for count in (4, 5, 9, 10)] == [0, 500_00, 500_00, 1_500_00]


def test_the_file_writes_a_point_as_one_entry() -> None:
    place = Position("plan.yaml", 7, 3)
    point = Mapped({"12": Text("500")}, at=place, keys={"12": place})
    written = Mapped({"kind": "steps", "by": "count", "boundary": "at", "at": Listed([point])}, at=place)
    rule = Steps.model_validate(written)
    assert (rule.points[0].reaches, rule.points[0].pays, rule.points[0].at) == (12, 500_00, place)


@pytest.mark.parametrize(
    ("points", "keys", "message"),
    [
        ((("100%", "5_000"), ("90%", "6_000")), {"between": "jump", "boundary": "at"},
         "POINTS_NOT_RISING point 2 is at 90%, not above point 1"),
        ((("100_000", "5_000"),), {"boundary": "at"}, "POINT_UNIT .* needs a share of the quota"),
        ((("100%", "80%"),), {"boundary": "at"}, "POINT_PAYS point 1 pays 80%; the points pay amounts"),
        ((("100%", "80"),), {"boundary": "at", "of": "target incentive"}, "POINT_PAYS .* pay shares such as"),
        ((("0%", "80"),), {"boundary": "at"}, "PAYS_FOR_NOTHING"),
        ((("100%", "-80"),), {"boundary": "at"}, "BONUS_NEGATIVE"),
        ((("90%", "1"), ("100%", "2")), {"boundary": "at"}, "MISSING_KEY `between` is missing"),
        ((("90%", "1"),), {"boundary": "at", "between": "jump"}, "USELESS_KEY `between` does nothing"),
        ((("90%", "1"),), {}, "MISSING_KEY `boundary` is missing"),
        ((("90%", "0"), ("100%", "2")), {"between": "interpolate", "above": None, "boundary": "at"},
         "USELESS_KEY `boundary`"),
        ((("90%", "0"), ("100%", "2")), {"between": "interpolate"}, "MISSING_KEY `above` is missing"),
        ((("90%", "0"), ("100%", "2")), {"between": "jump", "boundary": "at", "above": ("1%", "1")},
         "USELESS_KEY `above`"),
        ((("90%", "0"), ("100%", "2")), {"between": "interpolate", "above": ("1", "1")}, "POINT_UNIT `each`"),
        ((("90%", "0"), ("100%", "2")), {"between": "interpolate", "above": ("0%", "1")}, "OUT_OF_RANGE `each`"),
        ((("90%", "0"), ("100%", "2")), {"between": "interpolate", "above": ("1%", "1%")}, "POINT_PAYS `adds`"),
    ],
)  # fmt: skip
def test_steps_that_can_mean_two_things_are_refused(
    points: tuple[Any, ...], keys: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        steps(*points, by="attainment", **keys)
