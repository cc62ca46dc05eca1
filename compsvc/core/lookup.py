"""Rows by the value of a column, found without reading the others: for those who ask again and again."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


class Lookup:
    """Made once for a frame that does not change; what is found stands in the frame's order."""

    def __init__(self, frame: pl.DataFrame, column: str) -> None:
        self._frame = frame
        self._order = frame.select(column).with_row_index().sort(column, maintain_order=True)["index"]
        runs = frame[column][self._order].rle().struct.unnest()
        ends = runs["len"].cast(pl.Int64).cum_sum()
        starts = ends - runs["len"]
        self._places = dict(zip(runs["value"], zip(starts, runs["len"], strict=True), strict=True))

    def rows(self, *values: object, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows that hold one of the values; none for a value that no row holds. All columns, or those named: what
        is not read need not be gathered."""
        frame = self._frame if columns is None else self._frame.select(columns)
        found = [place for value in dict.fromkeys(values) if (place := self._places.get(value)) is not None]
        if len(found) == 1:
            return frame[self._order.slice(*found[0])]
        slices = [self._order.slice(start, length) for start, length in found]
        return frame[pl.concat(slices).sort()] if slices else frame.clear()


class Indexed:
    """A record of frames. The first who asks for rows by a column makes its lookup, and the others share it."""

    def of(self, frame: str, column: str, *values: object, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of one frame that hold one of the values in the column, in their order; see `Lookup.rows`."""
        lookups: dict[tuple[str, str], Lookup] = self.__dict__.setdefault("_lookups", {})
        if (frame, column) not in lookups:
            lookups[frame, column] = Lookup(getattr(self, frame), column)
        return lookups[frame, column].rows(*values, columns=columns)
