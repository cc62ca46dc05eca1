"""Lines and totals: worked lists, and every list once more in fractions."""

from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsvc.core.curves import NOTHING, Curve, Multiple, Piece, Template
from compsvc.core.earnings import EVENTS, LINES, SUMS, lines, totals
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.money import round_ratio
from tests.core import plain_curve as plain
from tests.core.plain_curve import Assigned
from tests.core.test_curves import assigned, modes, templates

Entries = list[tuple[int, int]]


def of_quota(*tiers: tuple[str | None, str], mode: Any = "marginal", **more: Any) -> Template:
    """Tiers as (from, rate), the first from None."""
    return Template(
        tuple(
            Piece(
                start=NOTHING if start is None else Multiple(Fraction(start), "quota"), slope=Multiple(Fraction(rate))
            )
            for start, rate in tiers
        ),
        mode=mode,
        **more,
    )


def same(*amounts: int) -> Entries:
    return [(amount, amount) for amount in amounts]


def found(curve: Curve, entries: Entries, one: Assigned) -> pl.DataFrame:
    return lines([curve], plain.bindings(one), plain.events(entries))


def amounts(frame: pl.DataFrame, kind: str = "own") -> list[int]:
    return frame.filter(step_kind=kind)["amount_minor"].to_list()


TIERS = of_quota((None, "1/10"), ("1", "3/20"))
RETROACTIVE = of_quota((None, "1/5"), ("1/4", "3/10"), ("1", "2/5"), mode="retroactive")
QUOTA = Assigned(quota=1_000_00)


def test_a_line_is_the_difference_of_two_rounded_sums() -> None:
    # 1% of 50 cents each: F = 0.5, 1, 1.5, 2 cents -> 1, 1, 2, 2 rounded -> lines 1, 0, 1, 0: together 2, not 4.
    cents = Curve("flat", of_quota((None, "1/100")), "half_up")
    frame = found(cents, same(50, 50, 50, 50), QUOTA)
    assert amounts(frame) == [1, 0, 1, 0]
    assert frame["earned_after_minor"].to_list() == [1, 1, 2, 2]
    assert frame["earned_before_minor"].to_list() == [0, 1, 1, 2]


def test_the_deal_that_crosses_an_edge_is_paid_in_both_tiers() -> None:
    # 900.00 at 10% = 90.00; the next 300.00: 100.00 at 10% + 200.00 at 15% = 40.00.
    # Back 250.00: 200.00 at 15% and 50.00 at 10%.
    frame = found(Curve("c", TIERS, "half_up"), same(900_00, 300_00, -250_00), QUOTA)
    assert amounts(frame) == [90_00, 40_00, -35_00]
    assert frame["position_before"].to_list() == [0, 900_00, 1_200_00]
    assert frame["position_after"].to_list() == [900_00, 1_200_00, 950_00]
    assert frame["tier_before"].to_list() == [0, 0, 1]
    assert frame["tier_after"].to_list() == [0, 1, 0]
    assert frame.columns == list(LINES)
    assert dict(frame.schema) == dict(LINES)


def test_a_retroactive_step_is_posted_to_the_deals_it_re_rates() -> None:
    # 100.00 and 100.00 at 20%; the third, 100.00, reaches 300.00 of 250.00: 30% of everything = 90.00, of which its own
    # line is 30.00 and each earlier deal gets 10.00 more. The fourth, 700.00, reaches 1,000.00: 40%.
    frame = found(Curve("c", RETROACTIVE, "half_up"), same(100_00, 100_00, 100_00, 700_00), QUOTA)
    assert amounts(frame) == [20_00, 20_00, 30_00, 280_00]
    re_rated = frame.filter(step_kind="re_rating")
    assert re_rated.select("place", "step", "cause_place", "tier_before", "tier_after", "amount_minor").rows() == [
        (0, 1, 2, 0, 1, 10_00),
        (0, 2, 3, 1, 2, 10_00),
        (1, 1, 2, 0, 1, 10_00),
        (1, 2, 3, 1, 2, 10_00),
        (2, 1, 3, 1, 2, 10_00),
    ]
    assert frame["amount_minor"].sum() == 400_00


def test_a_take_back_that_falls_below_an_edge_re_rates_down() -> None:
    # 300.00 at 30% = 90.00; back 100.00 leaves 200.00 at 20% = 40.00: the first deal loses 30.00, the take-back 20.00.
    frame = found(Curve("c", RETROACTIVE, "half_up"), same(300_00, -100_00), QUOTA)
    assert amounts(frame) == [90_00, -20_00]
    assert amounts(frame, "re_rating") == [-30_00]


def test_a_re_rating_of_zero_is_left_out_and_keeps_its_number() -> None:
    # 1 cent re-rated from 20% to 30% is 0.1 cent: no line, and what the crossing deal gets makes up the sum.
    frame = found(Curve("c", RETROACTIVE, "half_up"), same(1, 300_00), QUOTA)
    assert amounts(frame, "re_rating") == []
    assert frame["amount_minor"].sum() == 90_00  # 30% of 300.01 = 90.003


def test_pays_is_divided_over_the_tiers_that_counts_crosses() -> None:
    # counts 900.00 then 300.00 (100.00 below the edge, 200.00 above); pays 1.00 on the second: 33 cents at 10% and
    # 66 at 15% by floor, the cent left to the lowest: 34 and 66. F = 3.4 + 9.9 = 13.3 cents -> 13.
    frame = found(Curve("c", TIERS, "half_up", pays_apart=True), [(900_00, 0), (300_00, 1_00)], QUOTA)
    assert amounts(frame) == [0, 13]


def test_a_deal_that_does_not_count_is_paid_where_the_list_stands() -> None:
    # At 1,000.00, exactly on the edge: 15% where the boundary is `at`, 10% where it is `over`.
    for boundary, paid in (("at", 15_00), ("over", 10_00)):
        tiers = of_quota((None, "1/10"), ("1", "3/20"), boundary=boundary)
        frame = found(Curve("c", tiers, "half_up", pays_apart=True), [(1_000_00, 0), (0, 100_00)], QUOTA)
        assert amounts(frame) == [0, paid]


def test_retroactive_pays_follow_the_tier_of_the_position() -> None:
    # Position 300.00 is 30%: pays so far 10.00 -> 3.00. The first deal (pays 6.00 at 20% = 1.20) gets 0.60 more.
    curve = Curve("c", RETROACTIVE, "half_up", pays_apart=True)
    frame = found(curve, [(200_00, 6_00), (100_00, 4_00)], QUOTA)
    assert (amounts(frame), amounts(frame, "re_rating")) == ([1_20, 1_20], [60])


def test_zero_quota_pays_base_or_the_target() -> None:
    # pay_base: 10% of everything, however much. pay_target: the target as one line, the deals nothing.
    by_base, by_target = Assigned(quota=0, first_tier_only=True), Assigned(quota=0, target=5_000_00, pay_target=True)
    curve, deals = Curve("c", TIERS, "half_up"), same(700_00, 900_00)
    assert amounts(found(curve, deals, by_base)) == [70_00, 90_00]
    frame = found(curve, deals, by_target)
    assert (amounts(frame), amounts(frame, "period")) == ([0, 0], [5_000_00])
    assert frame.filter(step_kind="period").select("bind", "list", "place", "step").rows() == [(0, None, None, 0)]
    assert frame["position_after"].to_list() == [700_00, 1_600_00, None]
    nothing_sold = lines([curve], plain.bindings(by_target), plain.events([]))
    assert nothing_sold["amount_minor"].to_list() == [5_000_00]


def test_totals_are_what_the_lines_sum_to_for_every_bind() -> None:
    one = [QUOTA, Assigned(quota=0, first_tier_only=True), Assigned(quota=0, target=77, pay_target=True), QUOTA]
    curve = Curve("c", TIERS, "half_up")
    sums = pl.DataFrame({"bind": [0, 1, 2], "total": [1_200_00, 1_200_00, 5]}, schema=dict(SUMS))
    frame = totals([curve], plain.bindings(*one), sums)
    assert frame.rows() == [(0, 1_200_00, 130_00), (1, 1_200_00, 120_00), (2, 5, 77), (3, 0, 0)]


def test_carry_continue_keeps_the_position_and_pays_each_event_at_its_own_curve() -> None:
    # Quota 1,000.00 at 10%, then in the same list 500.00 with 20% and 40% above: the second deal, from 400.00 to
    # 700.00, is 100.00 at 20% and 200.00 at 40% = 100.00. What was paid before stays.
    second = of_quota((None, "1/5"), ("1", "2/5"))
    curves = [Curve("old", TIERS, "half_up"), Curve("new", second, "half_up")]
    binds = plain.bindings(QUOTA, Assigned(quota=500_00), curves=[0, 1])
    rows = [(0, 0, 0, 400_00, 400_00), (1, 0, 1, 300_00, 300_00), (0, 0, 2, 100_00, 100_00)]
    frame = lines(curves, binds, pl.DataFrame(rows, schema=dict(EVENTS), orient="row"))
    assert amounts(frame) == [40_00, 100_00, 10_00]
    assert frame["position_before"].to_list() == [0, 400_00, 700_00]
    assert frame["tier_before"].to_list() == [0, 0, 0]
    assert frame["tier_after"].to_list() == [0, 1, 0]


def test_each_row_of_several_curves_is_rounded_by_its_own_plan() -> None:
    curves = [Curve("up", of_quota((None, "1/2")), "half_up"), Curve("down", of_quota((None, "1/2")), "down")]
    frame = lines(curves, plain.bindings(QUOTA, QUOTA, curves=[0, 1]), plain.events(same(1), same(1)))
    assert amounts(frame) == [1, 0]


entry = st.integers(-150_000, 250_000)
pairs = st.lists(st.tuples(entry | st.just(0), entry), max_size=7)


@given(templates(), modes, st.lists(st.tuples(assigned, pairs), min_size=1, max_size=4), st.booleans())
def test_every_list_is_worked_out_the_same_in_fractions(
    template: Template, mode: Any, given_: list[tuple[Assigned, Entries]], apart: bool
) -> None:
    curve = Curve("any", template, mode, pays_apart=apart)
    ones = [one for one, _ in given_]
    lists = [entries if apart else same(*(counts for counts, _ in entries)) for _, entries in given_]
    frame = lines([curve], plain.bindings(*ones), plain.events(*lists))
    for number, (one, entries) in enumerate(zip(ones, lists, strict=True)):
        expected = plain.plain_lines(curve, one, entries)
        own = frame.filter(pl.col("list") == number)
        assert amounts(own) == expected.own
        re_rated = own.filter(step_kind="re_rating").select("place", "step", "cause_place", "amount_minor")
        assert re_rated.rows() == expected.rerated
        if not apart:
            value = plain.value(template, one, sum(counts for counts, _ in entries))
            assert own["amount_minor"].sum() == round_ratio(value.numerator, value.denominator, mode)


@given(templates(), modes, st.lists(st.tuples(assigned, pairs), min_size=2, max_size=4))
def test_wide_and_narrow_arithmetic_give_the_same_lines(
    template: Template, mode: Any, given_: list[tuple[Assigned, Entries]]
) -> None:
    # A list with one large deal forces 128 bits on everybody, and moves nobody else's cents.
    curve, ones = Curve("any", template, mode), [one for one, _ in given_]
    lists = [same(*(counts for counts, _ in entries)) for _, entries in given_]
    narrow = lines([curve], plain.bindings(*ones), plain.events(*lists))
    wide = lines([curve], plain.bindings(*ones, QUOTA), plain.events(*lists, same(10**11)))
    assert wide.filter(pl.col("list") < len(ones)).equals(narrow)


def test_a_position_beyond_64_bits_is_refused_and_never_wraps() -> None:
    curve = Curve("c", of_quota((None, "1/1000")), "half_up")
    with pytest.raises(FiguresTooLarge, match="the position grows beyond 64 bits"):
        found(curve, same(2**62, 2**62), QUOTA)
    # 2**62 + (2**62 - 1) = 2**63 - 1 still fits; so does a sum over many lists that is larger than one list's.
    assert found(curve, same(2**62, 2**62 - 1), QUOTA)["position_after"].to_list() == [2**62, 2**63 - 1]
    both = lines([curve], plain.bindings(QUOTA, QUOTA), plain.events(same(2**62), same(2**62)))
    assert both["position_after"].to_list() == [2**62, 2**62]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(0, 0, 1, 5, 5), (0, 0, 0, 5, 5)], "sorted by list and place"),
        ([(0, 0, 0, 5, 5), (0, 0, 0, 5, 5)], "sorted by list and place"),
        ([(0, 0, 0, 5, 6)], "pays is counts"),
        ([(0, 0, 0, None, 6)], "null in counts"),
    ],
)
def test_events_that_are_not_in_order_or_whole_are_a_mistake(rows: list[tuple[Any, ...]], message: str) -> None:
    frame = pl.DataFrame(rows, schema=dict(EVENTS), orient="row")
    with pytest.raises(AssertionError, match=message):
        lines([Curve("c", TIERS, "half_up")], plain.bindings(QUOTA), frame)
