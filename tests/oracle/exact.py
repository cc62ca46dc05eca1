"""Rounding and splitting in plain integers and fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def rounded(value: Fraction | int, mode: str) -> int:
    """`half_up` rounds away from zero, `half_even` to the even neighbour, `down` toward zero (M10)."""
    numerator, denominator = abs(value.numerator), value.denominator
    whole, rest = divmod(numerator, denominator)
    if mode == "half_up":
        whole += 2 * rest >= denominator
    elif mode == "half_even":
        whole += 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
    else:
        assert mode == "down", mode
    return whole if value >= 0 else -whole


def split(value: int, shares: Sequence[Fraction]) -> list[int]:
    """Floor each share of the magnitude, one unit each of what is left in declared order, restore the sign (C5).

    Where the shares are less than 1, the rest is a last part that nobody gets.
    """
    if len(shares) == 1 and shares[0] == 1:
        return [value]
    missing = 1 - sum(shares, Fraction(0))
    assert missing >= 0, shares
    everyone = [*shares, missing] if missing else list(shares)
    parts = [abs(value) * share.numerator // share.denominator for share in everyone]
    left = abs(value) - sum(parts)
    for place in range(left):
        parts[place] += 1
    return [part if value >= 0 else -part for part in parts[: len(shares)]]
