"""`rate_table`: worked examples (M3). Amounts in the comments are major units."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from compsvc.core.curves_bound import Bound, Part, Step
from compsvc.core.plan_values import Rate
from compsvc.core.problems import Position
from compsvc.core.rules import Rule
from compsvc.core.rules.rate_table import RateTable

AT = {"@": Position("plan.yaml", 1, 1)}
TENTH = Fraction(80_000_00, 800_000_00)  # base


def table(*tiers: tuple[Any, Any], by: str = "attainment", mode: str = "marginal", boundary: str = "at") -> RateTable:
    rows = [{**AT, "rate": rate} | ({} if to is None else {"to": to}) for to, rate in tiers]
    return RateTable(**AT, kind="rate_table", mode=mode, by=by, boundary=boundary, tiers=rows)


def rules() -> st.SearchStrategy[Rule]:
    @st.composite
    def draw_table(draw: st.DrawFn) -> Rule:
        by = draw(st.sampled_from(["attainment", "amount"]))
        one = st.fractions(Fraction(1, 60), 2, max_denominator=60) if by == "attainment" else st.integers(1, 200_000)
        edges: list[Any] = sorted(draw(st.sets(one, max_size=4)))
        rates = st.builds(Rate, st.fractions(0, 2, max_denominator=200), st.booleans())
        tiers = [(edge, draw(rates)) for edge in [*edges, None]]
        mode, boundary = (
            draw(st.sampled_from(["marginal", "retroactive", "overage"])),
            draw(st.sampled_from(["at", "over"])),
        )
        return table(*tiers, by=by, mode=mode, boundary=boundary)

    return draw_table()


@pytest.mark.parametrize(
    ("position", "earned"),
    [
        (65_000_00, 52_000_00),  # 80%: 13,000 are kept
        (75_000_00, 60_000_00),  # 15,000 are
        (127_000_00, 107_000_00),  # 60,000 + 50,000 at 90%, when 20,000 are kept, + 2,000
    ],
)
def test_edges_in_what_is_kept(position: int, earned: int) -> None:
    rates = [Rate(Fraction(share, 100), of_base=False) for share in (80, 90, 100)]
    rule = table((15_000_00, rates[0]), (20_000_00, rates[1]), (None, rates[2]), by="kept")
    assert Bound(rule.template(), quota_minor=0, base=Fraction(0)).value(position) == earned


ACCELERATOR = (("100%", "base"), ("150%", "1.5 x base"), (None, "1.2 x base"))


@pytest.mark.parametrize(
    ("position", "earned"),
    [
        (400_000_00, 40_000_00),  # 400,000 at 10%
        (800_000_00, 80_000_00),  # 100%: the target incentive
        (1_000_000_00, 110_000_00),  # 80,000 + 200,000 at 15%
        (1_200_000_00, 140_000_00),  # 80,000 + 400,000 at 15%
        (1_300_000_00, 152_000_00),  # 140,000 + 100,000 at 12%
        (-10_000_00, -1_000_00),  # below 0 at the first tier's rate
        (0, 0),
    ],
)
def test_marginal_pays_each_part_at_its_own_rate(position: int, earned: int) -> None:
    bound = Bound(table(*ACCELERATOR).template(), quota_minor=800_000_00, base=TENTH)
    assert bound.value(position) == earned


@pytest.mark.parametrize(
    ("boundary", "position", "earned"),
    [
        # 20% to 250,000, 30% to 1,000,000, 40% above, of everything.
        ("at", 249_999_99, Fraction(249_999_99, 5)),
        ("at", 250_000_00, 75_000_00),  # on the edge: 30% of 250,000
        ("over", 250_000_00, 50_000_00),  # on the edge: 20% of 250,000
        ("over", 250_000_01, Fraction(250_000_01 * 3, 10)),
        ("at", 1_000_000_00, 400_000_00),
        ("over", 1_000_000_00, 300_000_00),
        ("at", -100_00, -20_00),
    ],
)
def test_retroactive_pays_everything_at_the_rate_reached(boundary: str, position: int, earned: Fraction) -> None:
    tiers = (("250_000", "20%"), ("1_000_000", "30%"), (None, "40%"))
    template = table(*tiers, by="amount", mode="retroactive", boundary=boundary).template()
    assert Bound(template).value(position) == earned


def test_two_boundary_conventions_differ_by_11250_on_1500000() -> None:
    # Retroactive, 5% up to 1,500,000 and 5.75% from there. At exactly 1,500,000:
    # over: 1,500,000 x 5% = 75,000; at: 1,500,000 x 5.75% = 86,250; the difference is 11,250.
    tiers = (("1_500_000", "5%"), (None, "5.75%"))
    over, at = (
        Bound(table(*tiers, by="amount", mode="retroactive", boundary=word).template()).value(1_500_000_00)
        for word in ("over", "at")
    )
    assert (over, at, at - over) == (75_000_00, 86_250_00, 11_250_00)


def test_a_marginal_curve_does_not_feel_the_boundary() -> None:
    for position in (799_999_99, 800_000_00, 800_000_01, 1_200_000_00):
        over, at = (
            Bound(table(*ACCELERATOR, boundary=word).template(), quota_minor=800_000_00, base=TENTH)
            for word in ("over", "at")
        )
        assert over.value(position) == at.value(position)


@pytest.mark.parametrize(
    ("mode", "total"),
    [("marginal", 15_000_00), ("retroactive", 40_000_00)],  # 160,000 on 100,000; published by others
)
def test_six_tiers_as_published(mode: str, total: int) -> None:
    tiers = (("50%", "0%"), ("75%", "5%"), ("100%", "10%"), ("125%", "15%"), ("150%", "20%"), (None, "25%"))
    bound = Bound(table(*tiers, mode=mode).template(), quota_minor=100_000_00)
    assert bound.value(160_000_00) == total
    assert bound.value(40_000_00) == 0
    if mode == "marginal":  # 0 + 1,250 + 2,500 + 3,750 + 5,000 + 2,500
        parts = [part.amount * part.rate for part in bound.parts(0, 160_000_00)]
        assert parts == [0, 1_250_00, 2_500_00, 3_750_00, 5_000_00, 2_500_00]


def test_the_deal_that_crosses_an_edge_shows_its_parts() -> None:
    # At 145,000, a deal of 20,000: 5,000 at 4% and 15,000 at 6% = 200 + 900 = 1,100.
    tiers = (("150_000", "4%"), ("250_000", "6%"), (None, "8%"))
    bound = Bound(table(*tiers, by="amount").template())
    parts = bound.parts(145_000_00, 165_000_00)
    assert parts == [
        Part(0, Fraction(5_000_00), Fraction(4, 100)),
        Part(1, Fraction(15_000_00), Fraction(6, 100)),
    ]
    assert bound.value(165_000_00) - bound.value(145_000_00) == 1_100_00
    assert [part.amount for part in bound.parts(165_000_00, 145_000_00)] == [-5_000_00, -15_000_00]


def test_the_next_step_is_the_first_whole_position_in_the_next_tier() -> None:
    # A third of 100.00 is 33.33 1/3: at 33.34 the rate changes. With `over`, an edge of 50.00 is passed at 50.01.
    third = Bound(table(("1/3", "10%"), (None, "20%")).template(), quota_minor=100_00)
    assert third.next_step(0) == Step(33_34, 1, Fraction(33_34, 10) + (Fraction(33_34) - Fraction(100_00, 3)) / 10)
    half = Bound(table(("50%", "10%"), (None, "20%"), boundary="over").template(), quota_minor=100_00)
    step = half.next_step(50_00)
    assert step is not None
    assert step.position == 50_01
    assert third.next_step(33_34) is None


def test_a_rate_says_what_it_is() -> None:
    bound = Bound(table(*ACCELERATOR).template(), quota_minor=800_000_00, base=TENTH)
    assert [bound.rate_text(number) for number in range(3)] == ["base = 10%", "1.5 x base = 15%", "1.2 x base = 12%"]
    plain = Bound(table(("50%", "1/3"), (None, "12.5%")).template(), quota_minor=1)
    assert [plain.rate_text(number) for number in range(2)] == ["1/3", "12.5%"]


def test_what_a_table_needs() -> None:
    by_attainment, by_amount = table(*ACCELERATOR), table(("5", "1%"), (None, "2%"), by="amount")
    assert (by_attainment.template().needs_quota, by_attainment.template().uses_base) == (True, True)
    assert (by_amount.template().needs_quota, by_amount.template().uses_base) == (False, False)
    shared = table(*ACCELERATOR, by="attainment of new-business")
    assert (shared.position_of, by_attainment.position_of) == ("new-business", None)
    assert shared.template() == by_attainment.template()


@pytest.mark.parametrize(
    ("tiers", "by", "message"),
    [
        (
            (("100%", "1%"), ("90%", "2%"), (None, "3%")),
            "attainment",
            r"TIERS_NOT_RISING tier 2 ends at 90%, not above tier 1 \(100%\). Tiers must rise; swap them or change",
        ),
        ((("100%", "1%"), ("100%", "2%"), (None, "3%")), "attainment", "TIERS_NOT_RISING"),
        ((("0%", "1%"), (None, "3%")), "attainment", "TIERS_NOT_RISING tier 1 ends at 0%, not above 0"),
        ((("100%", "1%"), ("150%", "3%")), "attainment", "LAST_TIER_ENDS the last tier ends at 150%"),
        (((None, "1%"), (None, "3%")), "attainment", "TIER_WITHOUT_END tier 1 has no `to`"),
        ((("100_000", "1%"), (None, "3%")), "attainment", "TIER_EDGE_UNIT .* a share of the quota such as `100%`"),
        ((("100%", "1%"), (None, "3%")), "amount", "TIER_EDGE_UNIT .* an amount such as `250_000`"),
        ((("100%", "1%"), (None, "3%")), "the moon", "String should match pattern"),
        ((), "amount", "at least 1 item"),
    ],
)
def test_a_table_that_can_mean_two_things_is_refused(tiers: tuple[Any, ...], by: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        table(*tiers, by=by)
