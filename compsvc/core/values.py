"""What each event is worth to a measure, before it is split (L2, L3).

Every function gives one Int64 column aligned with `book.events`: minor units of the deal's currency. A null says that
the value cannot be told (TERM_MISSING).
"""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from compsvc.core.book import Book, one_value
from compsvc.core.columns import repeated
from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import Rounding, rounded, to_minor
from compsvc.core.periods import plus_months
from compsvc.core.plan import WITH_FEES, Component
from compsvc.core.plan_measures import Ramp
from compsvc.core.running import most_so_far, risen, total_so_far
from compsvc.core.schedules import MONTH_PARTS, NO_TERM, first_years, had_before, present_values, spans, term, times

_ADDED = ["new_logo", "upsell", "cross_sell"]
_KEPT = [*_ADDED, "renewal"]
_LOST = ["downsell", "churn"]
_LINE = ["deal_ix", "line"]


def line_values(book: Book, types: pl.DataFrame, component: Component, measure: str, rounding: Rounding) -> pl.Series:
    """The whole value of each event under a measure of deal lines; of `units`, in millionths. `types` is aligned with
    the events."""
    kind = types["deal_type"]
    values, moved = _values(book, kind, component, measure, rounding)
    if component.one_time == "count" and measure in WITH_FEES:
        fees = book.events.select(pl.when(pl.col("stage") == 0).then("one_time_value_minor").fill_null(0)).to_series()
        values = values + fees
    return values.zip_with(kind.is_in(moved), _zeros(book)).alias("value")


def _values(
    book: Book, kind: pl.Series, component: Component, measure: str, rounding: Rounding
) -> tuple[pl.Series, list[str]]:
    """The values, and the deal types that have one; the others are worth nothing."""
    match measure:
        case "tcv":
            return _term_values(book, rounding), _KEPT
        case "margin":
            return _margins(book, component, rounding), _KEPT
        case "present_value":
            assert component.present_value is not None
            return present_values(book, component.present_value, rounding), _KEPT
        case "first_year_acv":
            return first_years(book, _levels(book, kind, None, rounding), rounding), _ADDED
        case "delta_acv":
            return _changes(book, kind, rounding), [*_ADDED, *_LOST]
        case "renewed_acv":
            return _renewed(book, kind, rounding), ["renewal"]
        case "units":
            return _units(book), _ADDED
    if component.by_stage and book.signed is not None:
        return _stage_by_stage(book, kind, rounding), _ADDED
    added = _added_values(book, kind, component.ramp_limits if measure == "final_stage_acv" else None, rounding)
    if measure == "mrr":
        return _over(added, Fraction(1, 12), rounding), _ADDED
    if measure == "ltv":
        assert component.ltv is not None
        return _over(added, component.ltv.years, rounding), _ADDED
    return added, _ADDED


def _over(values: pl.Series, ratio: Fraction, rounding: Rounding) -> pl.Series:
    """Each value times the ratio, rounded once."""
    return times(values.alias("value").to_frame(), ratio, rounding)


def _margins(book: Book, component: Component, rounding: Rounding) -> pl.Series:
    """Full-term value less cost. An option that was taken says nothing of its cost."""
    cost = book.events.select(pl.when(pl.col("stage") == 0).then("cost_minor")).to_series()
    margin = _term_values(book, rounding) - cost
    return margin.clip(lower_bound=0) if component.below_cost == "zero" else margin


def _changes(book: Book, kind: pl.Series, rounding: Rounding) -> pl.Series:
    """`delta_acv`: what a line adds, less what a downsell or churn takes away (L2)."""
    lines = _levels(book, kind, None, rounding)
    level, replaced = pl.col("level"), pl.col("replaced")
    named = book.events["replaces"].list.len().fill_null(0) > 0
    left = pl.when(pl.lit(named)).then((replaced - level).clip(lower_bound=0)).otherwise(level)
    ended = pl.when(level == 0).then(replaced).otherwise(level)
    loss = pl.when(level < 0).then(-level).when(pl.col("deal_type") == "churn").then(ended).otherwise(left)
    lost = pl.when(pl.col("stage") == 0).then(-loss).otherwise(0)
    return lines.select(
        pl.when(pl.col("deal_type").is_in(_LOST)).then(lost).otherwise(_above_what_was(lines))
    ).to_series()


def _renewed(book: Book, kind: pl.Series, rounding: Rounding) -> pl.Series:
    """What a renewal keeps: its own value, at most that of the lines it replaces, where it names any (L2)."""
    named = book.events["replaces"].list.len().fill_null(0) > 0
    kept = pl.when(pl.lit(named)).then(pl.min_horizontal("level", "replaced")).otherwise("level").clip(lower_bound=0)
    return _levels(book, kind, None, rounding).select(pl.when(pl.col("stage") == 0).then(kept).otherwise(0)).to_series()


def _units(book: Book) -> pl.Series:
    """What is bought, less what it replaces, in millionths; an option that was taken adds money and no units."""
    lines = book.events.select("event_ix", "deal_ix", "line", "stage", level=pl.col("quantity").fill_null(0))
    more = (pl.col("quantity") - pl.lit(_replaced(book, lines))).clip(lower_bound=0).cast(pl.Int128) * 1_000_000
    return book.events.select(pl.when(pl.col("stage") == 0).then(to_minor(more)).otherwise(0)).to_series()


def acv(book: Book, types: pl.DataFrame) -> pl.Series:
    """Annualised recurring value that each event adds, without one-time fees: the condition field `acv` (L2)."""
    kind = types["deal_type"]
    return _added_values(book, kind, None, "down").zip_with(kind.is_in(_ADDED), _zeros(book))


def margin_ppm(book: Book, types: pl.DataFrame) -> pl.Series:
    """The condition field `margin`: of full-term value, what is left above cost, in parts per million; null where
    either is not told, or there is no value."""
    value = _term_values(book, "down")
    both = pl.DataFrame([value.alias("value"), book.events["cost_minor"], book.events["stage"]])
    kept = (pl.col("value").cast(pl.Int128) - pl.col("cost_minor")) * 1_000_000
    told = (pl.col("value") > 0) & (pl.col("stage") == 0)
    return both.select(pl.when(told).then(to_minor(kept // pl.col("value").clip(lower_bound=1)))).to_series()


def sizes(book: Book) -> pl.DataFrame:
    """How large each deal is, whatever it counts for: annual values of its lines (stages by their last committed level)
    plus one-time values. Columns deal_ix, size_minor."""
    events = book.events.select("deal_ix", "line", "stage", "annual_value_minor", "one_time_value_minor")
    committed = pl.when("committed").then("level").drop_nulls().last().fill_null(0)
    last = book.stages.group_by(_LINE, maintain_order=True).agg(last=committed)
    lines = events.filter(pl.col("stage") == 0)
    level = pl.col("annual_value_minor")
    if not last.is_empty():
        lines, level = lines.join(last, on=_LINE, how="left"), pl.coalesce("last", "annual_value_minor")
    size = level.fill_null(0).cast(pl.Int128) + pl.col("one_time_value_minor").fill_null(0)
    if lines.height == book.deals.height:  # one line each
        return lines.select("deal_ix", size_minor=to_minor(size))
    return lines.group_by("deal_ix").agg(size_minor=to_minor(size.sum()))


def _zeros(book: Book) -> pl.Series:
    return repeated(0, book.events.height, pl.Int64)


def _term_values(book: Book, rounding: Rounding) -> pl.Series:
    """Full-term value of the recurring part, rounded once per line, plus the one-time value."""
    terms = spans(book)
    product = pl.col("level").cast(pl.Int128) * term(pl.col("start_date"), pl.col("end_date"))
    whole = terms.group_by("event_ix").agg(product=product.sum(), missing=NO_TERM.any())
    worth = rounded(pl.col("product"), pl.lit(12 * MONTH_PARTS, dtype=pl.Int128), rounding)
    values = whole.select(
        "event_ix", term_value=pl.when(~pl.col("missing")).then(to_minor(worth)), has_term=pl.lit(True)
    )
    all_events = book.events.select("event_ix", "stage", "one_time_value_minor")
    if values.height:
        all_events = all_events.join(values, on="event_ix", how="left", maintain_order="left")
        recurring = pl.when("has_term").then("term_value").otherwise(0)
    else:
        recurring = pl.lit(0, dtype=pl.Int64)
    fee = pl.when(pl.col("stage") == 0).then("one_time_value_minor").otherwise(None).fill_null(0)
    return all_events.select((recurring + fee).alias("value")).to_series()


def _above_what_was(lines: pl.DataFrame) -> pl.Expr:
    """A line adds what its level is above the lines it replaces; an option, above everything its line had before."""
    return (pl.col("level") - had_before(lines)).clip(lower_bound=0)


def _added_values(book: Book, kind: pl.Series, ramp: Ramp | None, rounding: Rounding) -> pl.Series:
    """Annualised recurring value that each event adds (L2); with `ramp`, the credited level above the baseline (L3)."""
    lines = _levels(book, kind, ramp, rounding)
    if ramp is None or book.stages.is_empty():
        return lines.select(_above_what_was(lines)).to_series()
    return _above_baseline(book, lines)


def _stage_by_stage(book: Book, kind: pl.Series, rounding: Rounding) -> pl.Series:
    """`acv` of a ramp as each of its stages begins: its level above everything that its line had before (L3)."""
    lines = _levels(book, kind, None, rounding).with_columns(book.events["stage_level"], book.events["begins"])
    lines = lines.with_columns(level=pl.coalesce("stage_level", "level"))
    known = lines.filter((pl.col("stage") == 0) | pl.col("begins").is_not_null())
    lines = lines.with_columns(_of_replaced(book, lines, known))
    return _what_begins(book, lines.with_columns(added=_above_what_was(lines)), rounding)


def _what_begins(book: Book, lines: pl.DataFrame, rounding: Rounding) -> pl.Series:
    """`added`, of stages without what was lost before their day; one whose line was replaced before does not begin."""
    rows = lines.filter(pl.col("begins").is_not_null()).select("event_ix", *_LINE, "begins", "added")
    lost = rows.select("event_ix", *_LINE, "begins").join(book.lost, on=_LINE)
    lost = lost.filter(pl.col("loss_date") < pl.col("begins"))
    lost = lost.group_by("event_ix").agg(pl.col("lost").sum(), pl.col("whole").first())
    rows = rows.join(lost, on="event_ix", how="left")
    left = pl.col("added").cast(pl.Int128) * (pl.col("whole") - pl.col("lost")).clip(lower_bound=0)
    left = pl.when(pl.col("whole") > 0).then(rounded(left, pl.col("whole").clip(lower_bound=1), rounding))
    replaced = (
        _replacing(book)
        .filter(pl.col("accepted_time").is_not_null())
        .select("names", day="closed_date")
        .join(_names(book), on="names")
    )
    ended = replaced.group_by(_LINE).agg(ended=pl.col("day").min())
    rows = rows.join(ended, on=_LINE, how="left")
    begins = (pl.col("begins") <= pl.col("ended")).fill_null(value=True)
    rows = rows.select("event_ix", value=pl.when(begins).then(pl.coalesce(to_minor(left), "added")).otherwise(0))
    return lines["added"].scatter(rows["event_ix"], rows["value"])


def _levels(book: Book, kind: pl.Series, ramp: Ramp | None, rounding: Rounding) -> pl.DataFrame:
    """Per event the level that it brings, and what the lines that it replaces had."""
    lines = book.events.select(
        "event_ix", "deal_ix", "line", "stage", "closed_date", "option_level",
        level=pl.col("annual_value_minor").fill_null(0),
    ).with_columns(kind, _baselines(book))  # fmt: skip
    schedules = _schedules(book, ramp, rounding)
    if schedules.height:
        lines = lines.join(schedules, on=_LINE, how="left", maintain_order="left")
        lines = lines.with_columns(
            level=pl.coalesce("option_level", "credited_level", "level"), scheduled=pl.col("scheduled").fill_null(False)
        )
    else:
        lines = lines.with_columns(scheduled=pl.lit(False))
    if book.signed is not None:  # a stage that begins by itself brings nothing but to those that credit it so
        begun = pl.lit(book.events["begins"]).is_not_null()
        lines = lines.with_columns(level=pl.when(begun).then(0).otherwise("level"))
    return lines.with_columns(_replaced(book, lines))


def _baselines(book: Book) -> pl.Series:
    """`bought`, apart by currency: what an account has committed to is a level in the currency it was agreed in."""
    bought, currencies = book.events["bought"], book.events["currency_code"]
    if one_value(currencies):
        return bought
    number = currencies.cast(pl.Enum(sorted(EXPONENTS))).to_physical().cast(pl.UInt64)
    return book.events.select(bought=pl.col("bought") * len(EXPONENTS) + number).to_series()


def _schedules(book: Book, ramp: Ramp | None, rounding: Rounding) -> pl.DataFrame:
    """Per line with stages: its credited level, and whether its stages or options set a baseline (`scheduled`)."""
    committed = book.stages.filter("committed").group_by(_LINE, maintain_order=True).agg(
        stages=pl.len(),
        first=pl.col("level").first(),
        last=pl.col("level").last(),
        start=pl.col("start_date").first(),
        last_start=pl.col("start_date").last(),
        end=pl.col("end_date").last(),
        weighed=(pl.col("level").cast(pl.Int128) * term(pl.col("start_date"), pl.col("end_date"))).sum(),
        term=term(pl.col("start_date"), pl.col("end_date")).sum().cast(pl.Int128),
    )  # fmt: skip
    every = book.stages.group_by(_LINE, maintain_order=True).agg(options=(~pl.col("committed")).any())
    lines = every.join(committed, on=_LINE, how="left", maintain_order="left")
    level = pl.col("first") if ramp is None else _credited_level(ramp, rounding)
    return lines.select(
        *_LINE,
        credited_level=level.fill_null(0),
        optional=pl.col("stages").is_null(),
        scheduled=((pl.col("stages") >= 2) | ((pl.col("stages") == 1) & pl.col("options"))).fill_null(False),
    )


def last_stage_counts(committed: pl.DataFrame, ramp: Ramp) -> pl.DataFrame:
    """The lines, of these committed stages in their order, that are credited with their last one (L3)."""
    starts, end = pl.col("start_date"), pl.col("end_date").last()
    lines = committed.group_by(_LINE, maintain_order=True).agg(
        stages=pl.len(), start=starts.first(), last_start=starts.last(), end=end
    )
    return lines.filter((pl.col("stages") >= 2) & _qualifies(ramp)).select(_LINE)


def _qualifies(ramp: Ramp) -> pl.Expr:
    return (plus_months(pl.col("start"), ramp.term_at_least) <= pl.col("end")) & (
        plus_months(pl.col("last_start"), ramp.last_stage_at_least) <= pl.col("end")
    )


def _credited_level(ramp: Ramp, rounding: Rounding) -> pl.Expr:
    """The last committed level where the ramp is long enough, else what `below_limits` says."""
    below = pl.col("first")
    if ramp.below_limits == "average":
        below = to_minor(rounded(pl.col("weighed"), pl.col("term").clip(lower_bound=1), rounding))
    ramped = pl.when(_qualifies(ramp)).then("last").otherwise(below)
    return pl.when(pl.col("stages") >= 2).then(ramped).otherwise("first")


def _replaced(book: Book, lines: pl.DataFrame) -> pl.Series:
    """The annual values of the lines that each line `replaces`, by the same measure of a level; of one that took away,
    a downsell say, nothing is there to be replaced."""
    never = pl.lit(None, dtype=pl.Date).alias("begins")
    return _of_replaced(book, lines, lines.filter(pl.col("stage") == 0).with_columns(never))


def _of_replaced(book: Book, lines: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """The same where lines have several levels: the highest of each that has begun by the close date."""
    naming = _replacing(book)
    if naming.is_empty():
        return repeated(0, lines.height, pl.Int64).alias("replaced")
    levels = known.select(*_LINE, "begins", pl.col("level").clip(lower_bound=0)).join(_names(book), on=_LINE)
    found = naming.with_row_index("named").join(levels, on="names")
    found = found.filter((pl.col("begins") <= pl.col("closed_date")).fill_null(value=True))
    found = found.group_by("event_ix", "named").agg(pl.col("level").max())
    summed = found.group_by("event_ix").agg(replaced=pl.col("level").sum())
    aligned = lines.select("event_ix").join(summed, on="event_ix", how="left", maintain_order="left")
    return aligned["replaced"].fill_null(0)


def _replacing(book: Book) -> pl.DataFrame:
    """The lines that replace others: event_ix, closed_date, accepted_time, `names` of what they replace."""
    naming = book.events.select("event_ix", "deal_ix", "stage", "closed_date", "accepted_time", "replaces")
    naming = naming.filter(pl.col("replaces").is_not_null(), pl.col("stage") == 0)
    keys = book.deals.select("deal_ix", "source")
    return naming.join(keys, on="deal_ix").explode("replaces").select(
        "event_ix", "closed_date", "accepted_time", names=pl.struct("source", name="replaces")
    )  # fmt: skip


def _names(book: Book) -> pl.DataFrame:
    """Every line with the name by which others of its source replace it."""
    keys = book.deals.select("deal_ix", "source", "external_id")
    lines = book.events.filter(pl.col("stage") == 0).select(*_LINE).join(keys, on="deal_ix")
    name = pl.concat_str("external_id", pl.lit("/"), "line")
    return lines.select(*_LINE, names=pl.struct("source", name=name))


def _above_baseline(book: Book, lines: pl.DataFrame) -> pl.Series:
    """`final_stage_acv`: per account and product the committed baseline only rises, and orders count above it (L3)."""
    signed = pl.col("optional").fill_null(False) & (pl.col("stage") == 0)  # options alone: nothing is ordered yet
    plain = pl.when(signed).then(0).otherwise((pl.col("level") - pl.col("replaced")).clip(lower_bound=0))
    adding = lines.filter(pl.col("deal_type").is_in(_ADDED))
    if book.signed is not None:
        adding = adding.filter(book.events["begins"].is_null()[adding["event_ix"]])
    ramped = adding["bought"].filter(adding.select(pl.col("scheduled") | (pl.col("stage") > 0)).to_series()).unique()
    rows = adding.filter(adding["bought"].is_in(ramped.implode())).with_columns(plain=plain)
    rows = rows.sort("bought", maintain_order=True).with_columns(group=pl.col("bought").rle_id())
    rows = _with_level_in_force(book, rows)
    rows = rows.filter((pl.col("governing").is_not_null() & ~signed) | (pl.col("stage") > 0))
    chained = ~(pl.col("scheduled") & (pl.col("stage") == 0))  # plain orders and options move the pulled level
    step = pl.when(chained & (pl.col("stage") == 0)).then("plain").otherwise(0)
    total = total_so_far(step, "group")
    from_level = pl.when(chained).then(pl.col("in_force") - total + step)
    pulled = total + most_so_far(from_level, "group")
    reached = pl.when(chained).then(pulled).otherwise("level")
    rows = rows.with_columns(reached=reached).with_columns(baseline=most_so_far(pl.col("reached"), "group"))
    first_taken_off = pl.when(~chained).then("replaced").otherwise(0)
    counted = rows.select("event_ix", counted=(risen("baseline", "group") - first_taken_off).clip(lower_bound=0))
    aligned = lines.select("event_ix", plain=plain).join(counted, on="event_ix", how="left", maintain_order="left")
    return aligned.select(pl.coalesce("counted", "plain")).to_series()


def _with_level_in_force(book: Book, rows: pl.DataFrame) -> pl.DataFrame:
    """`governing`: the latest line with a schedule, null before the first; `in_force`: its committed level on the close
    date, at most what was credited, and for an option its own level."""
    governs = pl.when(pl.col("scheduled") & (pl.col("stage") == 0))
    rows = rows.with_columns(
        governing=governs.then("event_ix").forward_fill().over("group"),
        credited=governs.then("level").forward_fill().over("group"),
    )
    levels = book.stages.filter("committed").join(
        rows.filter(pl.col("stage") == 0).select(*_LINE, governing="event_ix"), on=_LINE
    ).select("governing", "start_date", stage_level="level")  # fmt: skip
    levels = levels.sort("governing", "start_date")
    at_close = rows.select("event_ix", "governing", "closed_date").drop_nulls().sort("governing", "closed_date")
    found = at_close.join_asof(
        levels, left_on="closed_date", right_on="start_date", by="governing", check_sortedness=False
    ).select("event_ix", "stage_level")  # fmt: skip
    first = levels.group_by("governing", maintain_order=True).agg(first_level=pl.col("stage_level").first())
    rows = rows.join(found, on="event_ix", how="left", maintain_order="left")
    rows = rows.join(first, on="governing", how="left", maintain_order="left")
    level = pl.min_horizontal(pl.coalesce("stage_level", "first_level").fill_null(0), "credited")
    return rows.with_columns(in_force=pl.when(pl.col("stage") > 0).then("level").otherwise(level))
