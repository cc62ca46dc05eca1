"""Amounts are integer minor units, ratios are integer pairs; every rounding happens here, by name.

The same rounding exists for Python integers (`round_ratio`) and for Polars columns (`rounded`); both are symmetric
around zero: what a credit earns, its exact opposite takes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

import polars as pl

Rounding = Literal["half_up", "half_even", "down"]

INT64_MAX = 2**63 - 1
NARROW = 2**62  # below it one doubling and one addition still fit Int64
WIDE = 2**126  # the same for Int128


def round_ratio(numerator: int, denominator: int, mode: Rounding) -> int:
    """`half_up` rounds halves away from zero, `half_even` to the even neighbour, `down` towards zero (M10)."""
    assert denominator > 0, denominator
    magnitude = abs(numerator)
    if mode == "half_up":
        rounded_magnitude = (2 * magnitude + denominator) // (2 * denominator)
    elif mode == "half_even":
        whole, rest = divmod(magnitude, denominator)
        rounded_magnitude = whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))
    else:
        rounded_magnitude = magnitude // denominator
    return rounded_magnitude if numerator >= 0 else -rounded_magnitude


def rounded(numerator: pl.Expr, denominator: pl.Expr, mode: Rounding) -> pl.Expr:
    """`round_ratio` over columns of one integer type. |numerator| + denominator must be below 2**62 (Int64) or
    2**126 (Int128): Polars wraps without a word, so prove it first. The denominator is above 0."""
    magnitude = numerator.abs()
    if mode == "half_up":
        rounded_magnitude = (magnitude * 2 + denominator) // (denominator * 2)
    elif mode == "half_even":
        whole = magnitude // denominator
        twice_rest = (magnitude - whole * denominator) * 2
        up = (twice_rest > denominator) | ((twice_rest == denominator) & (whole % 2 == 1))
        rounded_magnitude = pl.when(up).then(whole + 1).otherwise(whole)
    else:
        rounded_magnitude = magnitude // denominator
    return rounded_magnitude * numerator.sign()


def proportion(amount: pl.Expr, numerator: pl.Expr, denominator: pl.Expr, mode: Rounding) -> pl.Expr:
    """round(amount x numerator / denominator) over columns: exact where the product would not fit, by long division of
    the amount in digits of 16 bits. The amount is of 64 bits, the denominator above 0 and below MAX_DENOMINATOR."""
    part, of, magnitude = numerator.abs() % denominator, denominator, amount.cast(pl.Int128).abs()
    digit = 2**16
    whole, rest = magnitude * (numerator.abs() // denominator), magnitude * 0
    quotient = magnitude * 0
    for power in (3, 2, 1, 0):
        total = rest * digit + magnitude // digit**power % digit * part
        quotient, rest = quotient * digit + total // of, total % of
    found = whole + quotient
    if mode == "half_up":
        found = found + (rest * 2 >= of).cast(pl.Int128)
    elif mode == "half_even":
        up = (rest * 2 > of) | ((rest * 2 == of) & (found % 2 == 1))
        found = found + up.cast(pl.Int128)
    return found * amount.sign() * numerator.sign()


def to_minor(amount: pl.Expr) -> pl.Expr:
    """Int128 to Int64, and the run stops at a value that does not fit: a cast that wraps would be a wrong payout."""
    return amount.cast(pl.Int64, strict=True)


def split(total: int, shares: Sequence[tuple[int, int]]) -> list[int]:
    """Parts by shares (numerator, denominator) that sum to 1: the magnitude is split, each part floored, what is left
    handed out one unit each in declared order (a share of 0 gets none), the sign restored. They sum to it (C5)."""
    assert all(numerator >= 0 and denominator > 0 for numerator, denominator in shares), shares
    magnitude = abs(total)
    parts = [magnitude * numerator // denominator for numerator, denominator in shares]
    takers = [position for position, (numerator, _) in enumerate(shares) if numerator]
    left = magnitude - sum(parts)
    assert 0 <= left < max(len(takers), 1), f"shares {list(shares)} do not sum to 1"
    for position in takers[:left]:
        parts[position] += 1
    return [part if total >= 0 else -part for part in parts]


def apportioned(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Parts by weights that sum to 1, by largest remainder: each floored, what is left one unit each to those that lost
    the most, the earlier first among equals (M4). `total` is not below 0."""
    exact = [total * weight for weight in weights]
    parts = [part.__floor__() for part in exact]
    losers = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in losers[: total - sum(parts)]:
        parts[place] += 1
    return parts


def parse_minor(text: str, exponent: int) -> int | None:
    """`4_999.5` with two decimals is 499950. None where it is no decimal number, or a finer one."""
    found = _DECIMAL.fullmatch(text) if len(text) <= 100 else None  # int() raises above 4,300 digits
    if found is None or len(found["decimals"] or "") > exponent:
        return None
    whole, decimals = found["whole"].replace("_", ""), found["decimals"] or ""
    magnitude = int(whole + decimals.ljust(exponent, "0"))
    return -magnitude if found["sign"] else magnitude


def format_minor(amount_minor: int, exponent: int) -> str:
    """-499950 with two decimals is `-4999.50`; `parse_minor` reads it back."""
    digits = str(abs(amount_minor)).rjust(exponent + 1, "0")
    whole, decimals = digits[: len(digits) - exponent], digits[len(digits) - exponent :]
    return f"{'-' if amount_minor < 0 else ''}{whole}{'.' + decimals if decimals else ''}"


def assert_no_nulls(frame: pl.DataFrame, columns: Iterable[str]) -> None:
    """A null in an amount would vanish from every sum: it stops the run, naming the columns."""
    missing = [name for name in columns if frame[name].null_count()]
    assert not missing, f"null in {', '.join(missing)}"


_DECIMAL = re.compile(r"(?P<sign>-)?(?P<whole>[0-9]+(?:_[0-9]{3})*)(?:\.(?P<decimals>[0-9]+))?", re.ASCII)
