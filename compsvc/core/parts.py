"""Values of events split into the parts of those who hold them, exact to the unit (C5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import polars as pl


@dataclass(frozen=True)
class Parts:
    """`frame` has one row per part: event_ix (and role), share_num, share_den, by event (and role) and position."""

    frame: pl.DataFrame
    _known: list[tuple[pl.Series, pl.Series]] = field(default_factory=list)

    def values(self, whole: pl.Series) -> pl.Series:
        """Each part of the whole value of its event, aligned with the frame; worked out once for the same series."""
        for given, found in self._known:
            if given is whole:
                return found
        split = self._split(whole)
        self._known.append((whole, split))
        return split

    @cached_property
    def _shared(self) -> pl.DataFrame:
        """The parts that are not a whole: row, share_num, share_den, and the first and last place of the same whole."""
        frame = self.frame
        rows = (frame["share_num"] != frame["share_den"]).fill_null(value=True).arg_true().alias("row")
        keys = [name for name in ("event_ix", "role") if name in frame.columns]
        shares = frame.select(*keys, "share_num", "share_den")[rows]
        begins = shares.select(pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in keys))
        firsts = begins.to_series().arg_true().rename("first")
        number = begins.to_series().cast(pl.UInt32).cum_sum() - 1
        lasts = firsts.shift(-1, fill_value=rows.len()) - 1
        columns = [rows, firsts[number], lasts[number].alias("last")]
        return shares.select("share_num", "share_den").with_columns(columns)

    def _split(self, whole: pl.Series) -> pl.Series:
        """Magnitudes are split, each share floored, what is left one unit each in declared order, the sign restored."""
        value = whole[self.frame["event_ix"]]
        rows = self._shared
        if rows.is_empty():
            return value
        magnitude = pl.col("value").abs()
        floor = (magnitude.cast(pl.Int128) * pl.col("share_num") // pl.col("share_den")).cast(pl.Int64)
        rows = rows.with_columns(value[rows["row"]].alias("value"))
        rows = rows.with_columns(floor=floor, place=pl.int_range(pl.len(), dtype=pl.UInt32))
        up_to = pl.col("floor").cast(pl.Int128).cum_sum()
        floors = up_to.gather(pl.col("last")) - up_to.gather(pl.col("first")) + pl.col("floor").gather(pl.col("first"))
        odd = (pl.col("place") - pl.col("first")).cast(pl.Int128) < magnitude - floors
        split = rows.select((pl.col("floor") + odd.cast(pl.Int64)) * pl.col("value").sign()).to_series()
        return value.scatter(rows["row"], split)
