"""The ordered list of credit events behind each position (D2): what is fixed first, then the rest, then take-backs."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from compsvc.core.book import Book
from compsvc.core.facts import DEAL
from compsvc.core.measures import MOVES
from compsvc.core.periods import PER_YEAR, period_name
from compsvc.core.stated_credits import SOURCES

ACCOUNTS = "accounts"  # stands in the source's place where an account is the subject
OWN, DIFFERENCE, TAKE_BACK = 0, 1, 2
KINDS = pl.Enum(["own", "difference", "take_back"])
ENTRIES = {
    **MOVES,
    "subject": pl.UInt32,  # the event or activity that names the entry: the churn for a take-back
    "kind": pl.UInt8,
    "number": pl.Int64,  # the step within the subject: 0 for its own entry (B1)
    "fixed_place": pl.Int64,  # null for what no run has sealed yet
}
# Within a subject re-ratings count from 1, differences and take-backs from here on, so that no two lines share a number
# (B1). A difference of a take-back is so many steps further; its basis difference stands as far above it as it above 0.
DIFFERENCE_STEPS = 50_000_000
TAKE_BACK_STEPS = 100_000_000
OF_ONE_TAKE_BACK = 1_000
_KEY = ["participant_ix", "period", "subject", "loss"]


def entries(book: Book, moves: pl.DataFrame) -> pl.DataFrame:
    """Moves as entries of a list none of which is fixed."""
    churned, lost = pl.col("lost_by").is_not_null(), pl.col("loss").is_not_null()
    number = churned.cast(pl.Int64)
    if moves["loss"].null_count() < moves.height:
        number = pl.coalesce(take_back_number(book, moves["loss"]), number)
    return moves.with_columns(
        subject=pl.coalesce("lost_by", "event_ix"),
        kind=pl.when(churned | lost).then(TAKE_BACK).otherwise(OWN).cast(pl.UInt8),
        number=number,
        fixed_place=pl.lit(None, dtype=pl.Int64),
    )


def take_back_number(book: Book, losses: pl.Series) -> pl.Series:
    """Its step within the subject: the loss's number within its deal, from TAKE_BACK_STEPS on."""
    return (book.losses["nth"][losses] + TAKE_BACK_STEPS).alias("number")


def shared_position(position: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    """`by: attainment of COMPONENT`: counts of the one, pays of the other; a subject of both is one entry (M1)."""
    keys = ["participant_ix", "period", "event_ix", "lost_by", "loss", "curve"]
    mover = position.filter(pl.col("counts") != 0).with_columns(pays=pl.lit(0, dtype=pl.Int64))
    payer = paid.with_columns(counts=pl.lit(0, dtype=pl.Int64))
    both = pl.concat([payer.select(*MOVES), mover.select(*MOVES)])
    summed = both.group_by(keys, maintain_order=True).agg(
        pl.all().exclude(*keys, "counts", "pays").first(), pl.col("counts", "pays").sum()
    )
    return summed.select(*MOVES)


def with_fixed(book: Book, moves: pl.DataFrame, fixed: pl.DataFrame, counting: pl.Series, *, per: str) -> pl.DataFrame:
    """Fixed entries keep their places; what has changed since is a new entry of *new minus fixed* (D2). A subject that
    was fixed several times (its own entry, then differences) is compared with the sum of them."""
    new = entries(book, moves)
    if fixed.is_empty():
        return new
    sealed = _sealed(book, fixed, per=per).sort("fixed_place")
    sealed = sealed.with_columns(number=pl.int_range(pl.len()).over(_KEY))
    gone = _gone(
        book, sealed.join(new, on=_KEY, how="anti", nulls_equal=True).unique(_KEY, maintain_order=True), counting
    )
    known = pl.concat([new, gone])
    stands = sealed.join(
        known.drop("counts", "pays", "fixed_place").rename({"number": "own_number"}), on=_KEY, nulls_equal=True
    ).with_columns(
        kind=pl.when(pl.col("number") == 0).then("kind").otherwise(DIFFERENCE).cast(pl.UInt8),
        number=pl.when(pl.col("number") == 0).then("own_number").otherwise(_difference(pl.col("number"))),
    )
    posted = sealed.group_by(_KEY).agg(
        posted_counts=pl.col("counts").sum(), posted_pays=pl.col("pays").sum(), posted=pl.len()
    )
    changed = known.join(posted, on=_KEY, nulls_equal=True).with_columns(
        counts=pl.col("counts") - pl.col("posted_counts"),
        pays=pl.col("pays") - pl.col("posted_pays"),
        kind=pl.lit(DIFFERENCE, dtype=pl.UInt8),
        number=_difference(pl.col("posted"), own="number"),
    )
    changed = changed.filter((pl.col("counts") != 0) | (pl.col("pays") != 0))
    fresh = new.join(sealed, on=_KEY, how="anti", nulls_equal=True)
    return pl.concat([_shaped(frame) for frame in (fresh, stands, changed)])


def _difference(number: pl.Expr, own: str = "own_number") -> pl.Expr:
    """The number of a difference within its subject; of one of a take-back within that."""
    of_take_back = pl.col(own) + number * OF_ONE_TAKE_BACK
    return pl.when(pl.col("loss").is_null()).then(number + DIFFERENCE_STEPS).otherwise(of_take_back)


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col(name).cast(dtype) for name, dtype in ENTRIES.items())


def _sealed(book: Book, fixed: pl.DataFrame, *, per: str) -> pl.DataFrame:
    """Fixed events by number. The subject of an event that no longer exists is null."""
    subjects = _subjects(book, activities=fixed["line"].null_count() > 0)
    indexes = {period_name(ix, per=per): ix for ix in _period_range(fixed["period"].unique(), per)}
    numbered = fixed.join(book.participants, on="participant_id").join(
        subjects, on=["source", "external_id", "line", "stage"], how="left", nulls_equal=True
    )
    if not book.stated.is_empty():  # what is taken back with a deal answers that deal's loss
        own = [book.stated[name][book.of_stated(numbered["subject"])].alias(f"_{name}") for name in DEAL]
        numbered = numbered.with_columns(own).with_columns(pl.coalesce(f"_{name}", name).alias(name) for name in DEAL)
    losses = book.losses.select("source", "external_id", "loss_id", "loss")
    numbered = numbered.join(losses, on=["source", "external_id", "loss_id"], how="left")
    return numbered.select(
        "participant_ix", "subject", "loss", "counts", "pays", pl.col("place").alias("fixed_place"),
        pl.col("period").replace_strict(indexes, return_dtype=pl.Int32),
    )  # fmt: skip


def _subjects(book: Book, *, activities: bool) -> pl.DataFrame:
    """What names each subject. An activity, a stated credit and an account have neither line nor stage."""
    keys = book.deals.select("deal_ix", "source", "external_id")
    events = book.events.select("deal_ix", "line", "stage", subject="event_ix").join(keys, on="deal_ix").drop("deal_ix")
    if not activities:
        return events
    nothing = pl.lit(None, dtype=pl.Int64)
    others = book.activities.select("source", "external_id", "subject", line=nothing, stage=nothing)
    accounts = book.accounts.select(
        source=pl.lit(ACCOUNTS), external_id="account_id", subject=pl.col("account_ix") + book.accounts_from,
        line=nothing, stage=nothing,
    )  # fmt: skip
    accounts = accounts.with_columns(pl.col("subject").cast(events["subject"].dtype))
    stated = book.stated.select(
        pl.col("kind").replace_strict(SOURCES, return_dtype=pl.String).alias("source"), "subject",
        external_id="credit_id", line=nothing, stage=nothing,
    ) if book.stated.height else others.clear()  # fmt: skip
    frames = [events, others, stated, accounts]
    return pl.concat(frame.select(events.columns) for frame in frames)


def _period_range(names: pl.Series, per: str) -> Sequence[int]:
    years = [int(name[:4]) for name in names]
    spans = PER_YEAR[per]
    return range(min(years) * spans, (max(years) + 1) * spans)


def _gone(book: Book, sealed: pl.DataFrame, counting: pl.Series) -> pl.DataFrame:
    """What is left of fixed events that are nobody's any more: entries of nothing, in their place of the list."""
    nothing = pl.lit(0, dtype=pl.Int64)
    rows = sealed.select(
        "participant_ix", "period", "subject", "loss", event_ix="subject", curve=pl.lit(0), overlay=pl.lit(False),
        counting_date=counting[sealed["subject"]], counts=nothing, pays=nothing,
        kind=pl.when(pl.col("loss").is_null()).then(OWN).otherwise(TAKE_BACK),
        number=pl.when(pl.col("loss").is_null()).then(nothing).otherwise(take_back_number(book, sealed["loss"])),
    )  # fmt: skip
    missing = [name for name in ENTRIES if name not in rows.columns]
    return _shaped(rows.with_columns(pl.lit(None).alias(name) for name in missing))


def ordered(book: Book, rows: pl.DataFrame) -> pl.DataFrame:
    """By list, then D2's order; `place` counts from 0 within the list. `subject` follows the acceptance order; a
    take-back stands by the date of the loss."""
    unfixed, backs = (rows[name].null_count() == rows.height for name in ("fixed_place", "loss"))
    opens, stated = rows["subject"] >= book.accounts_from, not book.stated.is_empty()
    in_order = unfixed and backs and not rows["lost_by"].is_not_null().any() and not opens.any() and not stated
    if in_order and rows["subject"].is_sorted() and _follows(rows):
        return _placed(rows.sort("list", maintain_order=True))
    lost = book.events["closed_date"][rows["lost_by"]]
    rows = _counted_when_lost(book, rows)
    rows = rows.with_columns(order_date=pl.coalesce(lost, pl.col("counting_date")))
    if opens.any():  # before all that counts on the first day (M6)
        first = pl.col("subject") >= book.accounts_from
        rows = rows.with_columns(order_date=pl.when(first).then(pl.date(1, 1, 1)).otherwise("order_date"))
    keys = ["list", "fixed_place", "last", "order_date", *(["instant"] if stated else []), "subject", "loss"]
    if stated:
        rows = rows.with_columns(_instant(book, rows["subject"]))
    last = rows["lost_by"].is_not_null() | rows["loss"].is_not_null()
    if rows["fixed_place"].null_count() == rows.height:
        keys.remove("fixed_place")
    if not last.any():
        keys.remove("last")
    placed = rows.with_columns(last=last).sort(keys, nulls_last=True).drop("last", "instant", strict=False)
    return _placed(placed).drop("order_date")


def _instant(book: Book, subjects: pl.Series) -> pl.Series:
    """What acceptance orders deals by; of what has a date alone its beginning (D2)."""
    accepted = book.events["accepted_time"][book.of_deals(subjects)]
    done = book.activities["activity_date"][book.of_activities(subjects)]
    stated = book.stated["credit_date"][book.of_stated(subjects)]
    dated = pl.coalesce(done, stated).cast(accepted.dtype)
    return pl.select(pl.coalesce(accepted, dated).alias("instant")).to_series()


def _counted_when_lost(book: Book, rows: pl.DataFrame) -> pl.DataFrame:
    """A take-back counts on the day of its loss, if its credit counted by then (D2)."""
    if rows["loss"].null_count() == rows.height:
        return rows
    day = book.losses["loss_date"][rows["loss"]]
    return rows.with_columns(counting_date=pl.max_horizontal("counting_date", day))


def _follows(rows: pl.DataFrame) -> bool:
    """Whether the counting dates rise with the acceptance order, as they do under `counts_on: accepted`."""
    return rows["counting_date"].is_sorted()


def _placed(rows: pl.DataFrame) -> pl.DataFrame:
    first = rows["list"].search_sorted(rows["list"], "left").cast(pl.Int64)
    return rows.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64) - first)


def spans(book: Book, listed: pl.DataFrame, span: str) -> pl.DataFrame:
    """Entries by the deals or deal lines whose positions they move, each a list of its own that goes on over periods
    (M2): what is fixed first, then by period and place. `list_place` keeps the place in the period's list. A take-back
    belongs to the deal that it takes back."""
    deal = book.events["deal_ix"][book.of_deals(listed["event_ix"])]
    of = listed.with_columns(deal if span == "deal" else pl.col("event_ix").alias("deal_ix"), list_place="place")
    of = of.with_columns(list=pl.struct("participant_ix", "deal_ix").rank("dense").cast(pl.UInt32) - 1)
    of = of.with_columns(open=pl.col("fixed_place").is_null())
    return _placed(of.sort("list", "open", "period", "list_place")).drop("open", "deal_ix")
