"""Which recurring value is in force on a day, from accepted deals' lines and stages: what a period opens with (M6)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from compsvc.core.book import Book
from compsvc.core.counting import counting_dates
from compsvc.core.money import proportion, to_minor
from compsvc.core.plan_types import NEW_BUSINESS

if TYPE_CHECKING:
    from compsvc.core.measures import Clause

FOREVER = date(9999, 12, 31)
_LINE = ["deal_ix", "line"]
_LOST = ["churn", "downsell"]


def recurring_values(
    book: Book, clause: Clause, days: pl.Series, accounts: pl.Series, *, by_event: bool = False
) -> pl.DataFrame:
    """day, account_ix, value in the plan's money; `by_event`: day, event_ix of each line's first stage event, value,
    before what churns and downsells state without naming lines. Only of the accounts."""
    lines = _lines(book, clause, accounts)
    asked = pl.DataFrame([days.alias("day")]).unique()
    rows = _spans(book, clause, lines).join(asked, how="cross")
    rows = rows.filter(pl.col("begin") <= pl.col("day"), pl.col("day") < pl.col("finish"))
    keys = ["day", "account_ix", "bought", *_LINE]
    found = rows.group_by(keys).agg(level=pl.col("level").max())
    found = found.join(lines.filter(pl.col("stage") == 0).select(*_LINE, "event_ix"), on=_LINE)
    found = _after_losses(book, clause, found)
    if by_event:
        return found.select("day", "account_ix", "event_ix", "value")
    summed = found.group_by("day", "account_ix").agg(pl.col("value").cast(pl.Int128).sum())
    stated = _stated(lines, found)
    both = summed.join(stated, on=["day", "account_ix"], how="left").with_columns(pl.col("stated").fill_null(0))
    left = (pl.col("value") - pl.col("stated")).clip(lower_bound=0)
    return both.select("day", "account_ix", value=to_minor(left))


def _lines(book: Book, clause: Clause, accounts: pl.Series) -> pl.DataFrame:
    """Accepted events of the accounts with `since`, the first day on which they may be in force: a renewal from its own
    start, all others from the day after they count. `names` is how many lines they replace, `replaced` from when on
    another line stands in their own place."""
    reading = clause.credited.reading
    types = reading.exchange.counted(reading.types)
    day = counting_dates(book, clause.plan, clause.component.per)
    rows = book.events.select(
        *("event_ix", "account_ix", "bought", *_LINE, "stage", "start_date", "end_date", "closed_date", "replaces"),
        types["deal_type"], day, level=pl.coalesce("option_level", "annual_value_minor").fill_null(0),
    )  # fmt: skip
    names = pl.col("replaces").list.len().fill_null(0)
    rows = rows.with_columns(reading.exchange.converted(rows["level"]), names=names)
    own = pl.col("account_ix").is_in(accounts.implode())
    rows = rows.filter(
        pl.col("counting_date").is_not_null(), own | (pl.col("names") > 0),
        ~reading.exchange.unrated, pl.col("deal_type").is_not_null(), book.events["begins"].is_null(),
    )  # fmt: skip
    first = book.stages.filter("committed").group_by(_LINE, maintain_order=True)
    rows = rows.join(first.agg(starts=pl.col("start_date").first()), on=_LINE, how="left", maintain_order="left")
    renewed = (pl.col("deal_type") == "renewal") & (pl.col("stage") == 0)
    start = pl.coalesce("starts", "start_date", "closed_date")
    since = pl.when(renewed).then(start).otherwise(pl.col("counting_date").dt.offset_by("1d"))
    rows = rows.with_columns(since=since)
    replaced = _replaced(book, rows)  # by lines of any account
    rows = rows.filter(own).join(replaced, on=_LINE, how="left", maintain_order="left").drop("replaces")
    return rows.with_columns(pl.col("replaced").fill_null(FOREVER))


def _replaced(book: Book, rows: pl.DataFrame) -> pl.DataFrame:
    """Per line that others name: when the first of them takes its place."""
    keys = book.deals.select("deal_ix", "source", "external_id")
    names = book.events.filter(pl.col("stage") == 0).select(_LINE).join(keys, on="deal_ix")
    names = names.select(*_LINE, "source", replaces=pl.concat_str("external_id", pl.lit("/"), "line"))
    naming = rows.filter(pl.col("names") > 0, pl.col("stage") == 0, pl.col("level") >= 0)
    given = naming.select("deal_ix", "replaces", "since").join(keys, on="deal_ix").drop("deal_ix").explode("replaces")
    found = given.join(names, on=["source", "replaces"])
    return found.group_by(_LINE).agg(replaced=pl.col("since").min())


def _spans(book: Book, clause: Clause, lines: pl.DataFrame) -> pl.DataFrame:
    """account_ix, bought, deal_ix, line, level, begin, finish: of each line, every stage and option taken. The
    first begins when the line is in force at all; a downsell that names what it replaces is the smaller contract."""
    smaller = (pl.col("deal_type") == "downsell") & (pl.col("names") > 0) & (pl.col("level") >= 0)
    rows = lines.filter(pl.col("deal_type").is_in([*NEW_BUSINESS, "renewal"]) | smaller)
    own = rows.filter(pl.col("stage") == 0)
    plain = own.join(book.stages.select(_LINE).unique(), on=_LINE, how="anti").with_columns(begin="since")
    options = rows.filter(pl.col("stage") > 0).drop("start_date", "end_date")
    options = options.join(book.stages.select(*_LINE, "stage", "start_date", "end_date"), on=[*_LINE, "stage"])
    options = options.with_columns(begin=pl.max_horizontal("since", "start_date"))
    whose = own.select(*_LINE, "event_ix", "account_ix", "bought", "since", "replaced")
    committed = book.stages.filter("committed").join(whose, on=_LINE).sort(*_LINE, "stage")
    later = pl.max_horizontal("since", "start_date")
    begin = pl.when(pl.struct(_LINE).is_first_distinct()).then("since").otherwise(later)
    level = clause.credited.reading.exchange.converted_of(committed["level"], committed["event_ix"])
    committed = committed.with_columns(level, begin=begin)
    kept = ("account_ix", "bought", *_LINE, "level", "begin", "end_date", "replaced")
    spans = pl.concat([frame.select(kept) for frame in (plain, committed, options)])
    return spans.with_columns(finish=pl.min_horizontal(pl.col("end_date").fill_null(FOREVER), "replaced"))


def _after_losses(book: Book, clause: Clause, found: pl.DataFrame) -> pl.DataFrame:
    """`value`: the level less what losses before the day took of it."""
    if book.lost.is_empty():
        return found.with_columns(value="level")
    lost = found.select("day", *_LINE).join(book.lost, on=_LINE).filter(pl.col("loss_date") < pl.col("day"))
    lost = lost.group_by("day", *_LINE).agg(pl.col("lost").sum(), pl.col("whole").first())
    rows = found.join(lost, on=["day", *_LINE], how="left")
    share = pl.col("lost").fill_null(0), pl.col("whole").fill_null(1)
    taken = proportion(pl.col("level"), *share, clause.plan.rounding)
    return rows.with_columns(value=pl.col("level") - taken)


def _stated(lines: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """day, account_ix, `stated`: what churns and downsells that name no line take off: of what the lines of the product
    before them bring on the day, at most all."""
    said = lines.filter(pl.col("deal_type").is_in(_LOST), pl.col("stage") == 0, pl.col("level") != 0)
    said = said.filter((pl.col("names") == 0) | (pl.col("level") < 0))
    said = said.select("bought", "since", loser="event_ix", amount=pl.col("level").abs().cast(pl.Int128))
    rows = found.select("day", "account_ix", "bought", "event_ix", "value").join(said, on="bought")
    rows = rows.filter(pl.col("event_ix") < pl.col("loser"), pl.col("since") <= pl.col("day"))
    each = rows.group_by("day", "account_ix", "loser", "amount").agg(pl.col("value").cast(pl.Int128).sum())
    return each.group_by("day", "account_ix").agg(stated=pl.min_horizontal("amount", "value").sum())
