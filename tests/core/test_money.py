"""Rounding, splitting and casting of amounts."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compsvc.core.limits import MAX_DENOMINATOR
from compsvc.core.money import (
    INT64_MAX,
    NARROW,
    WIDE,
    Rounding,
    apportioned,
    assert_no_nulls,
    format_minor,
    parse_minor,
    proportion,
    round_ratio,
    rounded,
    split,
    to_minor,
)

MODES: tuple[Rounding, ...] = ("half_up", "half_even", "down")
modes = st.sampled_from(MODES)


@pytest.mark.parametrize(
    ("numerator", "half_up", "half_even", "down"),
    [
        (5, 3, 2, 2),  # 2.5
        (7, 4, 4, 3),  # 3.5: even is 4
        (3, 2, 2, 1),  # 1.5
        (1, 1, 0, 0),  # 0.5
        (4, 2, 2, 2),  # 2
        (0, 0, 0, 0),
        (-1, -1, 0, 0),  # away from zero, not up
        (-5, -3, -2, -2),
        (-7, -4, -4, -3),
    ],
)
def test_halves_go_where_the_mode_says(numerator: int, half_up: int, half_even: int, down: int) -> None:
    assert [round_ratio(numerator, 2, mode) for mode in MODES] == [half_up, half_even, down]


def plainly(value: Fraction, mode: Rounding) -> int:
    """The same from the definitions: the nearest whole numbers and the distance to them."""
    low = value.__floor__()
    if value == low:
        return low
    rest, towards_zero = value - low, low if value > 0 else low + 1
    away, even = 2 * low + 1 - towards_zero, low if low % 2 == 0 else low + 1
    if mode == "down":
        return towards_zero
    if rest == Fraction(1, 2):
        return away if mode == "half_up" else even
    return low if rest < Fraction(1, 2) else low + 1


@given(st.integers(-(10**40), 10**40), st.integers(1, 10**20), modes)
def test_rounding_is_what_its_name_says_and_symmetric(numerator: int, denominator: int, mode: Rounding) -> None:
    assert round_ratio(numerator, denominator, mode) == plainly(Fraction(numerator, denominator), mode)
    assert round_ratio(-numerator, denominator, mode) == -round_ratio(numerator, denominator, mode)


@given(
    st.lists(st.tuples(st.integers(-(2**125), 2**125), st.integers(1, 2**62)), min_size=1, max_size=20),
    modes,
)
def test_columns_round_as_integers_do(pairs: list[tuple[int, int]], mode: Rounding) -> None:
    frame = pl.DataFrame(pairs, schema={"n": pl.Int128, "d": pl.Int128}, orient="row")
    found = frame.select(rounded(pl.col("n"), pl.col("d"), mode)).to_series().to_list()
    assert found == [round_ratio(numerator, denominator, mode) for numerator, denominator in pairs]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("dtype", "edge"), [(pl.Int64, NARROW), (pl.Int128, WIDE)])
def test_rounding_holds_up_to_the_proven_edge(mode: Rounding, dtype: type[pl.DataType], edge: int) -> None:
    # |numerator| + denominator = edge - 1 is the most that a proof lets through.
    for denominator in (1, 2, 3, edge // 3):
        numerators = [sign * (edge - 1 - denominator - less) for sign in (1, -1) for less in (0, 1, 2)]
        frame = pl.DataFrame({"n": pl.Series(numerators, dtype=dtype), "d": pl.Series([denominator] * 6, dtype=dtype)})
        found = frame.select(rounded(pl.col("n"), pl.col("d"), mode)).to_series().to_list()
        assert found == [round_ratio(numerator, denominator, mode) for numerator in numerators]


@pytest.mark.parametrize("amount", [2**63, -(2**63) - 1, 2**100])
def test_an_amount_outside_64_bits_stops_the_run(amount: int) -> None:
    frame = pl.DataFrame({"amount": pl.Series([amount], dtype=pl.Int128)})
    with pytest.raises(pl.exceptions.InvalidOperationError, match="conversion from `i128` to `i64` failed"):
        frame.select(to_minor(pl.col("amount")))


@pytest.mark.parametrize("amount", [2**63 - 1, -(2**63), 2**62, 0])
def test_an_amount_inside_64_bits_is_itself(amount: int) -> None:
    frame = pl.DataFrame({"amount": pl.Series([amount], dtype=pl.Int128)})
    found = frame.select(to_minor(pl.col("amount"))).to_series()
    assert (found.dtype, found.to_list()) == (pl.Int64, [amount])


def test_what_a_split_leaves_goes_out_in_declared_order() -> None:
    # 100 by thirds: 33 each, the one left to the first. -101: 33 each, two left to the first two, sign restored.
    thirds = [(1, 3)] * 3
    assert split(100, thirds) == [34, 33, 33]
    assert split(-101, thirds) == [-34, -34, -33]
    assert split(1, [(1, 10), (9, 10)]) == [1, 0]
    assert split(0, thirds) == [0, 0, 0]
    assert split(1, [(0, 1), (1, 2), (1, 2)]) == [0, 1, 0]  # a share of nothing gets no cent


@given(st.integers(-(10**18), 10**18), st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any))
def test_parts_sum_to_the_whole_and_are_mirrored(total: int, weights: list[int]) -> None:
    shares = [(weight, sum(weights)) for weight in weights]
    parts = split(total, shares)
    assert sum(parts) == total
    assert split(-total, shares) == [-part for part in parts]
    assert all(
        abs(part * sum(weights) - total * weight) < 2 * sum(weights)
        for part, weight in zip(parts, weights, strict=True)
    )


def test_shares_that_are_not_a_whole_are_refused() -> None:
    with pytest.raises(AssertionError, match="do not sum to 1"):
        split(100, [(1, 3), (1, 3)])


@pytest.mark.parametrize(
    ("text", "exponent", "minor"),
    [
        ("4999.50", 2, 499950),
        ("4_999.5", 2, 499950),
        ("1.15", 2, 115),  # as a binary fraction it would be 114 cents
        ("-0.01", 2, -1),
        ("5_000", 0, 5000),
        ("0.001", 3, 1),
        ("1.001", 2, None),  # finer than the currency
        ("1,5", 2, None),
        ("1000_000", 0, 1_000_000),  # `_` between thousands may begin anywhere
        ("1_00", 2, None),
        ("1__0", 2, None),
        pytest.param("9" * 5_000, 2, None, id="more digits than Python turns into a number"),
        ("1e3", 2, None),
        ("", 2, None),
        ("٣", 2, None),
    ],
)
def test_decimal_text_becomes_minor_units_exactly(text: str, exponent: int, minor: int | None) -> None:
    assert parse_minor(text, exponent) == minor


@given(st.integers(-(10**18), 10**18), st.integers(0, 4))
def test_formatted_amounts_read_back(amount: int, exponent: int) -> None:
    assert parse_minor(format_minor(amount, exponent), exponent) == amount


def test_a_null_amount_stops_the_run() -> None:
    frame = pl.DataFrame({"amount_minor": [1, None], "pays": [1, 2]})
    with pytest.raises(AssertionError, match="null in amount_minor"):
        assert_no_nulls(frame, ["amount_minor", "pays"])
    assert_no_nulls(frame, ["pays"])


@pytest.mark.parametrize(
    ("total", "shares"),
    [
        (100, [(-1, 2), (3, 2)]),  # nobody has less than nothing
        (6, [(1, 3), (1, 3)]),  # as much is left as there are takers: a unit each would hide a third
        (2, [(1, 2)]),
        (2, [(2, 1)]),
        (1, [(0, 1)]),  # nobody takes it
    ],
)
def test_shares_that_do_not_sum_to_the_whole_stop_the_run(total: int, shares: list[tuple[int, int]]) -> None:
    with pytest.raises(AssertionError):
        split(total, shares)


def test_no_split_divides_by_zero() -> None:
    with pytest.raises(AssertionError):
        split(100, [(1, 0)])


def test_an_amount_has_at_most_a_hundred_characters() -> None:
    assert parse_minor("1" * 100, 0) == int("1" * 100)
    assert parse_minor("1" * 101, 0) is None


@pytest.mark.parametrize(
    ("minor", "exponent", "text"),
    [(0, 2, "0.00"), (5, 2, "0.05"), (-5, 2, "-0.05"), (0, 0, "0"), (7, 0, "7"), (-1, 3, "-0.001")],
)
def test_an_amount_as_text_has_one_figure_before_the_point_at_least(minor: int, exponent: int, text: str) -> None:
    assert format_minor(minor, exponent) == text


# --- proportions and parts by weights


@given(
    amount=st.integers(-INT64_MAX, INT64_MAX),
    numerator=st.integers(-(10**9), 10**9),
    denominator=st.integers(1, MAX_DENOMINATOR - 1),
    mode=st.sampled_from(["half_up", "half_even", "down"]),
)
@example(amount=INT64_MAX, numerator=1, denominator=2, mode="half_up")
@example(amount=-INT64_MAX, numerator=-1, denominator=2, mode="half_even")
@example(amount=5, numerator=1, denominator=2, mode="half_even")  # 2.5 -> 2
@example(amount=7, numerator=1, denominator=2, mode="half_even")  # 3.5 -> 4
@example(amount=-5, numerator=3, denominator=2, mode="half_up")  # -7.5 -> -8
@example(amount=INT64_MAX, numerator=10**9, denominator=1, mode="down")
def test_a_proportion_of_columns_is_the_exact_one_rounded_once(
    amount: int, numerator: int, denominator: int, mode: Rounding
) -> None:
    frame = pl.DataFrame(
        {"a": [amount], "n": [numerator], "d": [denominator]}, schema=dict.fromkeys("and", pl.Int128)
    ).with_columns(pl.col("a").cast(pl.Int64))
    found = frame.select(proportion(pl.col("a"), pl.col("n"), pl.col("d"), mode)).item()
    assert found == round_ratio(amount * numerator, denominator, mode)


def test_parts_by_weights_go_by_the_largest_remainder_and_the_earlier_first() -> None:
    third, tenth = Fraction(1, 3), Fraction(1, 10)
    assert apportioned(100, [third] * 3) == [34, 33, 33]
    assert apportioned(101, [third] * 3) == [34, 34, 33]
    assert apportioned(10, [Fraction(1, 4), Fraction(3, 4)]) == [3, 7]  # 2.5 and 7.5: the first takes the odd one
    assert apportioned(7, [tenth, 4 * tenth, 5 * tenth]) == [1, 3, 3]  # 0.7, 2.8, 3.5: most was lost of 2.8, then 0.7
    assert apportioned(7, [5 * tenth, 4 * tenth, tenth]) == [3, 3, 1]  # the same, and the first has lost least
    assert apportioned(10, [Fraction(11, 20), Fraction(1, 4), 2 * tenth]) == [6, 2, 2]  # 5.5, 2.5, 2: not the least
    assert apportioned(0, [third] * 3) == [0, 0, 0]
    assert apportioned(5, [Fraction(1)]) == [5]


@given(total=st.integers(0, 10**15), weights=st.lists(st.integers(0, 1_000), min_size=1, max_size=12))
def test_parts_by_weights_sum_to_the_whole_and_each_is_next_to_its_share(total: int, weights: list[int]) -> None:
    whole = sum(weights) or 1
    shares = [Fraction(weight, whole) for weight in weights] if sum(weights) else [Fraction(1)]
    parts = apportioned(total, shares)
    assert sum(parts) == total
    assert all(abs(part - total * share) < 1 for part, share in zip(parts, shares, strict=True))
