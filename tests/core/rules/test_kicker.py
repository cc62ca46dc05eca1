"""`kicker`: worked examples (M9). Counts are in millionths: 3 logos are 3,000,000."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from compsvc.core.curves_bound import Bound, Step
from compsvc.core.problems import Position
from compsvc.core.rules import Rule
from compsvc.core.rules.kicker import Kicker

AT = {"@": Position("plan.yaml", 1, 1)}
LOGO = 1_000_000


def kicker(**keys: Any) -> Kicker:
    return Kicker(**AT, kind="kicker", **keys)


def rules() -> st.SearchStrategy[Rule]:
    counts, bonuses = st.integers(1, 4), st.integers(0, 10**6)
    words = st.sampled_from(["at", "every"])
    return st.builds(lambda word, count, bonus: kicker(**{word: count}, bonus=bonus), words, counts, bonuses)


@pytest.mark.parametrize(
    ("keys", "position", "earned"),
    [
        ({"at": "3"}, 2_999_999, 0),
        ({"at": "3"}, 3 * LOGO, 5_000_00),  # reached exactly
        ({"at": "3"}, 7 * LOGO, 5_000_00),  # once a period
        ({"every": "3"}, 2 * LOGO, 0),
        ({"every": "3"}, 3 * LOGO, 5_000_00),
        ({"every": "3"}, 7 * LOGO, 10_000_00),  # floor(7 / 3) = 2
        ({"every": "3"}, -4 * LOGO, 0),  # below 0 pays nothing: the floor of -4/3 is not a debt
        ({"at": "3"}, -4 * LOGO, 0),
    ],
)
def test_the_bonus_is_paid_when_the_count_is_reached(keys: dict[str, str], position: int, earned: int) -> None:
    assert Bound(kicker(**keys, bonus="5_000").template()).value(position) == earned


def test_the_next_step_is_the_count_that_pays() -> None:
    once, each = (Bound(kicker(**{word: "3"}, bonus="5_000").template()) for word in ("at", "every"))
    assert once.next_step(2 * LOGO) == Step(3 * LOGO, 1, Fraction(5_000_00))
    assert once.next_step(3 * LOGO) is None
    assert each.next_step(3 * LOGO) == Step(6 * LOGO, 0, Fraction(10_000_00))
    assert each.next_step(-5 * LOGO) == Step(3 * LOGO, 0, Fraction(5_000_00))


def test_a_kicker_counts_and_needs_no_quota() -> None:
    rule = kicker(at="3", bonus="5_000")
    template = rule.template()
    assert (rule.moved_by, template.position) == ("count", "count")
    assert not template.needs_quota
    assert not template.uses_base


@pytest.mark.parametrize("keys", [{}, {"at": "3", "every": "3"}])
def test_at_or_every_but_one_of_them(keys: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"plan.yaml:1:1 KICKER_AT_OR_EVERY .* Write exactly one of the two"):
        kicker(**keys, bonus="5_000")


def test_a_bonus_below_zero_is_refused() -> None:
    with pytest.raises(ValidationError, match="BONUS_NEGATIVE"):
        kicker(at="3", bonus="-1")
