"""Templates, bounds and the curve over columns."""

from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsvc.core.curves import (
    NOTHING,
    Curve,
    Every,
    Multiple,
    Piece,
    Template,
    decimal_text,
    paid,
    prepared,
    prove_bounds,
    ratio_text,
)
from compsvc.core.curves_bound import Bound
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.money import Rounding, round_ratio, to_minor
from tests.core import plain_curve as plain
from tests.core.plain_curve import Assigned

Unit = Literal["one", "quota", "base", "target"]


def of(ratio: Fraction | int | str, unit: Unit = "one") -> Multiple:
    return Multiple(Fraction(ratio), unit)


def ratios(most: int, denominator: int) -> st.SearchStrategy[Fraction]:
    """With one common denominator, as in a plan; a plan of many prime denominators is refused, and rightly."""
    return st.integers(0, most * denominator).map(lambda numerator: Fraction(numerator, denominator))


def multiples(units: tuple[Unit, ...], most: int, denominator: int) -> st.SearchStrategy[Multiple]:
    return st.builds(Multiple, ratios(most, denominator), st.sampled_from(units))


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """Any curve: mixed slopes, jumps of money and of target, periodic jumps; more than today's kinds make."""
    unit: Unit = draw(st.sampled_from(["one", "quota"]))
    edge = st.integers(1, 300_000).map(Fraction) if unit == "one" else ratios(3, 360).filter(bool)
    starts = sorted(draw(st.sets(edge, max_size=4)))
    slopes = [draw(multiples(("one", "base"), 2, 200)) for _ in range(len(starts) + 1)]
    jumps = [NOTHING, *(draw(multiples(("one", "target"), 2000, 12)) for _ in starts)]
    pieces = tuple(
        Piece(start=start, slope=slope, jump=jump)
        for start, slope, jump in zip([NOTHING, *(of(start, unit) for start in starts)], slopes, jumps, strict=True)
    )
    every = Every(draw(st.integers(1, 10**5)), draw(multiples(("one", "target"), 50, 4)))
    return Template(
        pieces=pieces,
        mode=draw(st.sampled_from(["marginal", "retroactive", "overage"])),
        boundary=draw(st.sampled_from(["at", "over"])),
        every=draw(st.sampled_from([None, every])),
    )


assigned = st.builds(
    Assigned,
    quota=st.integers(1, 300_000),
    base=ratios(2, 840),
    target=st.integers(0, 100_000),
    first_tier_only=st.booleans(),
)
modes: st.SearchStrategy[Rounding] = st.sampled_from(["half_up", "half_even", "down"])


def paid_at(curve: Curve, given_: list[Assigned], positions: list[int]) -> list[int]:
    most = max(map(abs, positions))
    ready = prepared([curve], plain.bindings(*given_), most)
    wide = prove_bounds(curve, ready, most)
    frame = ready.with_columns(position=pl.Series(positions, dtype=pl.Int64))
    return frame.select(to_minor(paid(curve, position=pl.col("position"), wide=wide))).to_series().to_list()


@given(
    templates(),
    modes,
    st.lists(st.tuples(assigned, st.integers(-(10**6), 10**6)), min_size=1, max_size=6),
    st.booleans(),
)
def test_the_columns_give_what_the_fractions_give(
    template: Template, mode: Rounding, rows: list[tuple[Assigned, int]], far: bool
) -> None:
    # The same in both widths: one large deal forces 128 bits.
    curve = Curve(name="any", template=template, rounding=mode)
    given_ = [one for one, _ in rows] + ([Assigned(quota=10**12, target=1000)] if far else [])
    positions = [position for _, position in rows] + ([10**12] if far else [])
    exact = [plain.value(template, one, position) for one, position in zip(given_, positions, strict=True)]
    assert paid_at(curve, given_, positions) == [
        round_ratio(value.numerator, value.denominator, mode) for value in exact
    ]


@given(templates(), assigned, st.integers(-(10**6), 10**6))
def test_the_curve_for_one_gives_what_the_fractions_give(template: Template, one: Assigned, position: int) -> None:
    bound = Bound(template, one.quota, one.base, one.target, one.first_tier_only)
    assert bound.value(position) == plain.value(template, one, position)
    assert bound.value(0) == 0


@given(templates().filter(lambda template: len(template.pieces) > 1), assigned, st.integers(-1, 1))
def test_an_edge_belongs_where_the_boundary_says(template: Template, one: Assigned, beside: int) -> None:
    edge = plain.units(template.pieces[1].start, one)
    if edge.denominator == 1 and not one.first_tier_only:
        inside = Bound(template, one.quota, one.base, one.target).tier(int(edge) + beside) > 0
        assert inside == (beside > 0 or (beside == 0 and template.boundary == "at"))


@pytest.mark.parametrize(
    ("mode", "boundary", "expected"),
    [  # 10% to 1,000 and 20% above it, at 999, 1,000, 1,001 and 1,010
        ("retroactive", "at", [100, 200, 200, 202]),
        ("retroactive", "over", [100, 100, 200, 202]),
        ("marginal", "at", [100, 100, 100, 102]),
        ("overage", "over", [100, 100, 100, 102]),
    ],
)
def test_in_columns_too_an_edge_belongs_where_the_boundary_says(mode: Any, boundary: Any, expected: list[int]) -> None:
    pieces = (Piece(NOTHING, of("1/10")), Piece(of(1_000), of("2/10")))
    curve = Curve("any", Template(pieces, mode=mode, boundary=boundary), "half_up")
    assert paid_at(curve, [Assigned()] * 4, [999, 1_000, 1_001, 1_010]) == expected


def test_the_tier_reached_of_an_overage_table_pays_all_that_lies_above_the_first() -> None:
    # 10% to 100, then 20%, from 200 on 30% of all above 100: 5; 10 + 10; 10 + 75.
    pieces = (Piece(NOTHING, of("1/10")), Piece(of(100), of("2/10")), Piece(of(200), of("3/10")))
    curve = Curve("any", Template(pieces, mode="overage"), "half_up")
    assert paid_at(curve, [Assigned()] * 3, [50, 150, 350]) == [5, 20, 85]


@pytest.mark.parametrize(
    ("first", "then", "pay"),
    [  # of a quota of 1,000, a base of 10% and a target of 500, at 300
        (of("1", "base"), Multiple(Fraction(1), "target/quota"), 10 + 100),
        (of("2", "base"), Multiple(Fraction(100), "one/quota"), 20 + 20),
        (of("1/10"), Multiple(Fraction(100), "one/quota"), 10 + 20),
        (Multiple(Fraction(1), "target/quota"), of("1/10"), 50 + 20),
    ],
)
def test_slopes_of_base_and_per_unit_of_quota_stand_in_one_curve(first: Multiple, then: Multiple, pay: int) -> None:
    curve = Curve("any", Template((Piece(NOTHING, first), Piece(of(100), then))), "half_up")
    one = Assigned(quota=1_000, base=Fraction(1, 10), target=500)
    assert paid_at(curve, [one], [300]) == [pay]
    assert plain.value(curve.template, one, 300) == pay


FLAT = Template((Piece(start=NOTHING, slope=of(1)),))


@pytest.mark.parametrize(
    ("largest", "rate", "wide"),
    [
        # The proof adds up: rate x position, position, denominator.
        (2**61 - 1, "1", False),  # 2**61 - 1 + 2**61 - 1 + 1 = 2**62 - 1
        (2**61, "1", True),
        (2**63, "1", True),
        (2**62, "1/1000000000", True),
    ],
)
def test_64_bits_are_used_only_where_they_are_proved_to_suffice(largest: int, rate: str, wide: bool) -> None:
    curve = Curve("flat", Template((Piece(start=NOTHING, slope=of(rate)),)), "half_up")
    assert prove_bounds(curve, prepared([curve], plain.bindings(Assigned()), largest), largest) is wide


@pytest.mark.parametrize("position", [2**62 - 1, 2**62, 2**63 - 1, -(2**62), -(2**63) + 1, -(2**63)])
def test_positions_at_the_edge_of_64_bits_are_paid_exactly(position: int) -> None:
    halves = Curve("half", Template((Piece(start=NOTHING, slope=of("1/2")),)), "half_up")
    assert paid_at(halves, [Assigned()], [position]) == [round_ratio(position, 2, "half_up")]
    assert paid_at(Curve("flat", FLAT, "half_up"), [Assigned()], [position]) == [position]


def test_pay_beyond_64_bits_stops_the_run() -> None:
    twice = Curve("twice", Template((Piece(start=NOTHING, slope=of(2)),)), "half_up")
    with pytest.raises(pl.exceptions.InvalidOperationError, match=r"i128.*i64"):
        paid_at(twice, [Assigned()], [2**62])


def test_figures_that_128_bits_do_not_hold_are_refused_by_name() -> None:
    fine = Template((Piece(start=NOTHING, slope=of("3000000/1000000007", "base")),))
    curve = Curve("plans/ae/plan.yaml:31 commission", fine, "half_up")
    one = Assigned(base=Fraction(10**15 + 1, 10**18 + 9))
    with pytest.raises(
        FiguresTooLarge,
        match=r"^plans/ae/plan.yaml:31 commission: amounts up to 9,000,.* exactly in 128 "
        r"bits\. Write rates with fewer decimals, or check the largest deal and quota for a slip of the decimal "
        r"point\.$",
    ):
        paid_at(curve, [one], [9 * 10**18])
    assert paid_at(curve, [one], [9 * 10**9]) == [27_000]  # 9 x 10**9 x 0.003 x 0.001, rounded


def test_the_proof_counts_every_part() -> None:
    # Each of them alone needs the wide type: an edge, a slope of base or of target, a jump, a periodic jump, a
    # denominator.
    flat = Piece(start=NOTHING, slope=of("1/10"))
    large = Assigned(quota=2**40, base=Fraction(2**40 + 1, 2**40), target=2**40)
    narrow = prepared([Curve("x", FLAT, "down")], plain.bindings(large), 1000)
    for template in (
        replace(FLAT, pieces=(flat, Piece(start=of(2**22 + 1, "quota"), slope=of(1)))),
        replace(FLAT, pieces=(Piece(start=NOTHING, slope=of(2**20, "base")),)),
        replace(FLAT, pieces=(Piece(start=NOTHING, slope=of(2**20, "target")),)),
        replace(FLAT, pieces=(flat, Piece(start=of(1), slope=of(1), jump=of(2**20, "target")))),
        replace(FLAT, every=Every(1, of(2**20, "target"))),
        replace(FLAT, pieces=(Piece(start=NOTHING, slope=of(Fraction(1, 2**62))),)),
    ):
        assert prove_bounds(Curve("x", template, "down"), narrow, 1000)
    assert not prove_bounds(Curve("x", FLAT, "down"), narrow, 1000)
    bonus = replace(FLAT, pieces=(flat, Piece(start=of(1), slope=of(1), jump=of(2**62))))
    assert prove_bounds(Curve("x", bonus, "down"), narrow, 1)  # also where hardly anything is counted
    shared = replace(Curve("x", FLAT, "down"), pays_apart=True)  # what is paid on is shared out over the tiers
    assert prove_bounds(shared, narrow, 2**31)
    assert not prove_bounds(replace(shared, pays_apart=False), narrow, 2**31)


def test_the_limits_of_the_proof_are_no_more_within() -> None:
    """At a rate of 2 it adds up three times the position, and 1: 2**62 and 2**126 exactly."""
    twice = Curve("twice", Template((Piece(start=NOTHING, slope=of(2)),)), "down")
    ready = prepared([twice], plain.bindings(Assigned()), 1)
    assert prove_bounds(twice, ready, (2**62 - 1) // 3)
    assert not prove_bounds(twice, ready, (2**62 - 1) // 3 - 1)
    with pytest.raises(FiguresTooLarge):
        prove_bounds(twice, ready, (2**126 - 1) // 3)
    assert prove_bounds(twice, ready, (2**126 - 1) // 3 - 1)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"quota": 0}, "no quota above 0"),
        ({"quota": -1}, "no quota above 0"),
    ],
)
def test_a_binding_that_lacks_what_the_curve_needs_is_a_mistake(broken: dict[str, Any], message: str) -> None:
    needs = Curve("c", replace(FLAT, pieces=(*FLAT.pieces, Piece(start=of(1, "quota"), slope=of(1, "base")))), "down")
    with pytest.raises(AssertionError, match=message):
        prepared([needs], plain.bindings(Assigned(**broken)), 1)
    with pytest.raises(AssertionError, match="no quota above 0"):
        prepared([needs], plain.bindings(Assigned()).with_columns(quota_minor=pl.lit(None, dtype=pl.Int64)), 1)
    with pytest.raises(AssertionError, match="no base"):
        prepared([needs], plain.bindings(Assigned()).with_columns(base_num=pl.lit(None, dtype=pl.Int64)), 1)
    with pytest.raises(AssertionError, match="bind is the row's number"):
        prepared([needs], plain.bindings(Assigned(), Assigned()).reverse(), 1)
    prepared([needs], plain.bindings(Assigned(quota=0, first_tier_only=True)), 1)


@pytest.mark.parametrize(("unit", "lacks"), [("base", "base_num"), ("target", "target_minor")])
def test_a_curve_is_asked_for_what_it_alone_needs(unit: Any, lacks: str) -> None:
    """The first of two curves needs nothing; what its own binding lacks is no mistake."""
    rises = Piece(start=of(1), slope=of(1, "base")) if unit == "base" else Piece(of(1), of(1), jump=of(1, unit))
    curves = [Curve("flat", FLAT, "down"), Curve("needs", replace(FLAT, pieces=(*FLAT.pieces, rises)), "down")]
    rows = plain.bindings(Assigned(), Assigned()).with_columns(curve=pl.Series([0, 1], dtype=pl.UInt32))
    nothing = pl.lit(None, dtype=rows.schema[lacks])
    prepared(curves, rows.with_columns(pl.when(pl.col("curve") == 0).then(nothing).otherwise(lacks).alias(lacks)), 1)
    with pytest.raises(AssertionError, match=f"needs: no {unit}"):
        prepared(
            curves, rows.with_columns(pl.when(pl.col("curve") == 1).then(nothing).otherwise(lacks).alias(lacks)), 1
        )


def test_a_template_whose_starts_do_not_rise_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="starts rise"):
        replace(FLAT, pieces=(*FLAT.pieces, Piece(start=of(5), slope=of(1)), Piece(start=of(5), slope=of(1))))
    with pytest.raises(AssertionError, match="starts are all of one or all of quota"):
        replace(FLAT, pieces=(*FLAT.pieces, Piece(start=of(5), slope=of(1)), Piece(start=of(6, "quota"), slope=of(1))))
    with pytest.raises(AssertionError, match="a step is above 0"):
        replace(FLAT, every=Every(0, of(1)))


@pytest.mark.parametrize(
    ("ratio", "percent", "decimal"),
    [
        (Fraction(1, 8), "12.5%", "0.125"),
        (Fraction(3, 2), "150%", "1.5"),
        (Fraction(1, 3), "1/3", "1/3"),
        (Fraction(-1, 200), "-0.5%", "-0.005"),
        (Fraction(0), "0%", "0"),
        (Fraction(1, 2**5), "3.125%", "0.03125"),
        (Fraction(1, 2**11), "0.048828125%", "0.00048828125"),
        (Fraction(1, 2**12), "0.0244140625%", "1/4096"),
    ],
)
def test_ratios_as_text(ratio: Fraction, percent: str, decimal: str) -> None:
    assert (ratio_text(ratio), decimal_text(ratio)) == (percent, decimal)


def test_a_step_lifts_what_was_paid_before_it() -> None:
    """Retroactive from 5% to 8% at 1,000: what was before, 1,200, is paid 3% more. Of base 1/10: 2 x base - base."""
    plain_rates = Template((Piece(NOTHING, of("5/100")), Piece(of(1_000), of("8/100"))), mode="retroactive")
    assert Bound(plain_rates).lift(1_200, 0, 1) == Fraction(36)
    assert Bound(plain_rates).lift(1_200, 1, 0) == Fraction(-36)
    assert Bound(plain_rates).lift(1_200, 1, 1) == 0
    of_base = Template((Piece(NOTHING, of(1, "base")), Piece(of(1, "quota"), of(2, "base"))), mode="retroactive")
    assert Bound(of_base, quota_minor=900, base=Fraction(1, 10)).lift(1_200, 0, 1) == Fraction(120)
    thirds = Template((Piece(NOTHING, of("1/7")), Piece(of("1/3", "quota"), of("1/2"))), mode="retroactive")
    assert Bound(thirds, quota_minor=900).lift(1_200, 0, 1) == 1_200 * (Fraction(1, 2) - Fraction(1, 7))
    assert Bound(replace(plain_rates, mode="marginal")).lift(1_200, 0, 1) == 0


@pytest.mark.parametrize(
    ("position", "steps", "lifted"),
    [
        (350, (1, 2), Fraction(250, 10)),  # 250 above the first tier, from 20% to 30%
        (350, (2, 1), Fraction(-250, 10)),
        (350, (0, 2), Fraction(250, 10)),  # nothing lies above the first tier before the second one is reached
        (350, (0, 1), Fraction(0)),
        (100, (1, 2), Fraction(0)),
        (60, (1, 2), Fraction(0)),  # what is below the first edge is never lifted, and is no debt either
    ],
)
def test_a_step_of_an_overage_table_lifts_what_lies_above_its_first_tier(
    position: int, steps: tuple[int, int], lifted: Fraction
) -> None:
    pieces = zip((0, 100, 200), ("0.1", "0.2", "0.3"), strict=True)
    curve = Template(tuple(Piece(of(start), of(Fraction(rate)), NOTHING) for start, rate in pieces), mode="overage")
    assert Bound(curve).lift(position, *steps) == lifted


def test_the_edges_of_an_overage_table_may_be_shares_of_the_quota() -> None:
    """From 100% of a quota of 900 at 20%, from 150% at 30%: 300 of 1,200 lie above the first tier."""
    pieces = zip((of(0), of(1, "quota"), of("3/2", "quota")), ("0.1", "0.2", "0.3"), strict=True)
    curve = Template(tuple(Piece(start, of(Fraction(rate)), NOTHING) for start, rate in pieces), mode="overage")
    assert Bound(curve, quota_minor=900).lift(1_200, 1, 2) == Fraction(300, 10)


def test_a_table_of_one_tier_has_nothing_above_it() -> None:
    assert Bound(Template((Piece(of(0), of(Fraction(1, 10)), NOTHING),), mode="overage")).lift(350, 0, 0) == 0
    two = tuple(Piece(of(start), of(Fraction(start or 50, 1000)), NOTHING) for start in (0, 100))
    assert Bound(Template(two, mode="overage")).lift(350, 0, 1) == 0


@pytest.mark.parametrize(
    ("unit", "rate"),
    [
        ("one", Fraction(1, 2)),
        ("base", Fraction(1, 20)),  # half of a base of 1/10
        ("target", Fraction(3_000)),
        ("target/quota", Fraction(10, 3)),  # half of 6,000 on 900
        ("one/quota", Fraction(1, 1_800)),
    ],
)
def test_a_rate_is_of_what_its_slope_is_of(unit: Any, rate: Fraction) -> None:
    template = Template((Piece(NOTHING, Multiple(Fraction(1, 2), unit)),))
    assert Bound(template, quota_minor=900, base=Fraction(1, 10), target_minor=6_000).rate(0) == rate


TIERS = Template((Piece(NOTHING, of("1/10")), Piece(of(100), of("2/10")), Piece(of(300), of("3/10"))))
TENTH, FIFTH, THREE = Fraction(1, 10), Fraction(1, 5), Fraction(3, 10)


@pytest.mark.parametrize(
    ("mode", "before", "after", "parts"),
    [
        ("marginal", 50, 350, [(0, 50, TENTH), (1, 200, FIFTH), (2, 50, THREE)]),
        ("marginal", 350, 50, [(0, -50, TENTH), (1, -200, FIFTH), (2, -50, THREE)]),
        ("marginal", 120, 130, [(1, 10, FIFTH)]),
        ("marginal", 120, 120, []),
        ("retroactive", 50, 350, [(2, 300, THREE)]),
        ("retroactive", 50, 50, []),
        ("retroactive", 350, 50, [(0, -300, TENTH)]),
        ("overage", 0, 350, [(0, 100, TENTH), (2, 250, THREE)]),
        ("overage", 0, 150, [(0, 100, TENTH), (1, 50, FIFTH)]),
        ("overage", 120, 60, [(0, -40, TENTH), (1, -20, FIFTH)]),
        ("overage", 10, 60, [(0, 50, TENTH)]),
    ],
)
def test_a_move_falls_into_tiers(mode: Any, before: int, after: int, parts: list[tuple[int, int, Fraction]]) -> None:
    found = Bound(replace(TIERS, mode=mode)).parts(before, after)
    assert [(part.tier, part.amount, part.rate) for part in found] == parts


@pytest.mark.parametrize(
    ("mode", "reached", "paid_as"),
    [
        *((mode, reached, [reached] * 3) for mode in ("retroactive",) for reached in (0, 1, 2)),
        *(("marginal", reached, [0, 1, 2]) for reached in (0, 1, 2)),
        ("overage", 0, [0, 1, 1]),
        ("overage", 1, [0, 1, 1]),
        ("overage", 2, [0, 2, 2]),
    ],
)
def test_what_lies_in_a_tier_is_paid_by_the_rate_of_one(mode: Any, reached: int, paid_as: list[int]) -> None:
    bound = Bound(replace(TIERS, mode=mode))
    assert [bound.pays_as(number, reached) for number in range(3)] == paid_as


def test_the_next_periodic_bonus_is_ahead_of_a_position_below_zero_and_of_zero_alike() -> None:
    every = Template((Piece(NOTHING, NOTHING),), every=Every(step=1, jump=of(10)), position="count")
    assert [step.position for at in (-5, 0, 1, 2) if (step := Bound(every).next_step(at))] == [1, 1, 2, 3]
