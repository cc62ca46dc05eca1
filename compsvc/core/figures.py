"""Figures that outgrow 64 bits: refused by the place in the plan that they came from, and never wrapped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from compsvc.core.problems import Position


class FiguresTooLarge(Exception):  # noqa: N818 - it names what is wrong, as every error a user sees
    """A figure would not fit: nothing is computed. The message names where it grew, and what would be right."""


@contextmanager
def within_64_bits(at: Position, name: str) -> Iterator[None]:
    """Amounts are cast back to 64 bits with a check; one that does not fit is refused by `name`, which stands `at`."""
    try:
        yield
    except pl.exceptions.InvalidOperationError as error:
        if not str(error).startswith("conversion from"):  # a fault of ours is none of the figures'
            raise
        raise FiguresTooLarge(
            f"{at.file}:{at.line} {name}: a value, a position or an amount grows beyond 64 bits. Look for a "
            "deal, a rate or a quota with a slip of the decimal point."
        ) from error
