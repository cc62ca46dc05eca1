"""`rank`: the words that fit each other. The figures: tests/oracle/test_examples_contests.py."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from compsvc.core.problems import Position
from compsvc.core.rules import Award, Rule
from compsvc.core.rules.rank import Rank

AT = {"@": Position("plan.yaml", 1, 1)}


def rank(*places: dict[str, Any], **words: Any) -> Rank:
    terms = {"by": "amount", "ties": "all", "among": "plan", "assigned": "last day", **words}
    return Rank(**AT, kind="rank", places=[{**AT, **place} for place in places], **terms)


def rules() -> st.SearchStrategy[Rule]:
    return st.sampled_from(["amount", "count"]).map(lambda by: rank({"top": "3", "award": "500"}, by=by))


def test_a_place_is_a_number_or_a_share_and_wins_money_or_a_prize() -> None:
    rule = rank(
        {"top": "1", "award": "5_000"},
        {"top": "3", "award": "900", "prize": "A watch", "paid": "yes"},
        {"top": "10%", "award": "6_000", "prize": "A trip", "paid": "no"},
        of="assigned", winners="round up",
    )  # fmt: skip
    assert rule.shared_out.awards == (
        Award(1, 5_000_00, None, is_paid=True),
        Award(3, 900_00, "A watch", is_paid=True),
        Award(Fraction(1, 10), 6_000_00, "A trip", is_paid=False),
    )


@pytest.mark.parametrize(
    ("places", "words", "message"),
    [
        ([{"top": "3", "award": "5"}, {"top": "3", "award": "4"}], {}, "POINTS_NOT_RISING entry 2 of `places`"),
        ([{"top": "10%", "award": "5"}], {"of": "assigned"}, "MISSING_KEY `winners` is missing"),
        ([{"top": "3", "award": "5"}], {"of": "assigned"}, "USELESS_KEY `of` does nothing here"),
        ([{"top": "3", "award": "5", "paid": "no"}], {}, "USELESS_KEY `paid` does nothing here"),
        ([{"top": "3", "award": "5", "prize": "A trip"}], {}, "MISSING_KEY `paid` is missing"),
        ([{"top": "3", "award": "5", "prize": "A trip", "paid": "no"}], {"ties": "share"}, "PRIZE_SHARED"),
        ([{"top": "0", "award": "5"}], {}, "OUT_OF_RANGE|not between 1"),
        ([{"top": "110%", "award": "5"}], {}, "up to 100%"),
    ],
)
def test_what_does_not_fit_is_refused(places: list[dict[str, Any]], words: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        rank(*places, **words)
