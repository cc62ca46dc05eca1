"""Handover windows: how long the rep who won an account keeps credit for its later deals (C2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import lcm

import polars as pl

from compsvc.core.book import Book
from compsvc.core.columns import repeated
from compsvc.core.deals import History, first_orders, win_backs
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.money import NARROW
from compsvc.core.periods import plus_months
from compsvc.core.plan import Plan
from compsvc.core.plan_credits import Handover
from compsvc.core.reading import Reading

NEAR_DAYS = 7  # a deal this near to a window's end says so in its derivation


@dataclass(frozen=True, slots=True)
class _Terms:
    """The handover clause of one credit rule, by rank: plan, revision, priority, place in the file."""

    reading: Reading
    rule: int
    handover: Handover


def in_windows(book: Book, readings: Sequence[Reading], opening_parts: pl.DataFrame) -> pl.DataFrame:
    """The events that lie in a window or close up to NEAR_DAYS after its end (`inside` tells), one row per hunter:
    event_ix, opening, participant_ix, position, share_num, share_den (one denominator per event), pay_out, window_end.
    A part of 0 says: inside, but handed on."""
    terms = _all_terms(readings)
    scale = lcm(*(clause.handover.share_last.hunter.denominator for clause in terms if clause.handover.share_last))
    _prove_shares_fit(scale, opening_parts)
    nothing = pl.DataFrame(schema={"event_ix": pl.UInt32, "inside": pl.Boolean, "window_end": pl.Date})
    if not terms:
        return nothing
    openings = {history: _openings(book, history) for history in {_opened_by(reading.plan) for reading in readings}}
    every = pl.concat(openings.values())
    if len(openings) > 1:
        every = every.unique("opening").sort("opening")
    hunters = _hunters(book, terms, every, opening_parts)
    if hunters.is_empty():
        return nothing
    if len(openings) > 1:
        hunters = pl.concat(
            hunters.filter(pl.col("terms") == rank).join(
                openings[_opened_by(clause.reading.plan)], on="opening", how="semi"
            )
            for rank, clause in enumerate(terms)
        ).sort("opening", "position")
    later = _later_events(book, every, hunters)
    found = [_kept(book, later.filter(pl.col("terms") == rank), clause, scale) for rank, clause in enumerate(terms)]
    return found[0] if len(found) == 1 else pl.concat(found).sort("event_ix", "position")


def _prove_shares_fit(scale: int, parts: pl.DataFrame) -> None:
    """Shares of shares are whole numbers over one denominator: it has to fit 64 bits."""
    finest = int(parts["share_den"].max() or 1)  # type: ignore[arg-type]
    if scale * finest >= NARROW:
        raise FiguresTooLarge(
            f"the shares of `share_last` over all plans (in 1/{scale:,}) and of splits (in 1/{finest:,}) cannot be "
            "multiplied exactly in 64 bits. Write them with fewer digits."
        )


def _all_terms(readings: Sequence[Reading]) -> list[_Terms]:
    """All clauses in rank: by priority, plan and place in the file."""
    terms = []
    for reading in readings:
        for ix, rule in enumerate(reading.rules):
            if rule.handover is not None and rule.to == "seller":
                key = (rule.priority, reading.plan.plan, ix, reading.plan.effective)
                terms.append((key, _Terms(reading, ix, rule.handover)))
    return [clause for _, clause in sorted(terms, key=lambda term: term[0])]


def _opened_by(plan: Plan) -> History:
    """Whom a plan wins back decides whose windows begin anew; first orders are those of accounts."""
    return History.of(plan) if plan.win_back is not None else History("account", None)


def _openings(book: Book, history: History) -> pl.DataFrame:
    """The first order of each account, and each win-back: opening (its first event), account_ix, deal, first_close. A
    pending one opens a window for the deals that wait behind it."""
    events = book.events.select("event_ix", "deal_ix", "line", "stage", "account_ix", "closed_date")
    events = _of_entity(book, events, "account_ix", "known_since")
    is_first = first_orders(book, events, History("account", None))
    if history.win_back is not None:
        if history.new_logo_by != "account":
            events = _of_entity(book, events, "root_ix", "root_known_since")
        is_first |= win_backs(book, events, history)
    opened = events.filter(is_first & (pl.col("stage") == 0))
    firsts = opened.unique("deal_ix", keep="first", maintain_order=True)
    return firsts.select("account_ix", opening="event_ix", opening_deal="deal_ix", first_close="closed_date")


def _of_entity(book: Book, events: pl.DataFrame, entity: str, known: str) -> pl.DataFrame:
    own = (book.accounts[name][events["account_ix"]] for name in (entity, known))
    return events.with_columns(column.alias(name) for column, name in zip(own, ("entity", "known"), strict=True))


def _hunters(book: Book, terms: Sequence[_Terms], openings: pl.DataFrame, opening_parts: pl.DataFrame) -> pl.DataFrame:
    """The holders of first orders whose plan has a handover clause that fits: the first such clause of each."""
    parts = opening_parts.filter(pl.col("participant_ix").is_not_null()).select(
        "participant_ix", "position", "share_num", "share_den", opening="event_ix"
    )
    held = openings.join(parts, on="opening")
    rows = []
    for rank, clause in enumerate(terms):
        plan, fired = clause.reading.plan, clause.reading.fired.filter(pl.col("rule") == clause.rule)
        in_force = held.filter(
            pl.col("first_close") >= plan.effective, pl.col("first_close") < clause.reading.until
        ).join(fired.select(opening="event_ix"), on="opening", how="semi")
        assigned = book.assignments.filter(pl.col("plan") == plan.plan)
        covered = in_force.join(
            assigned.select("participant_ix", "start_date", "end_date"), on="participant_ix"
        ).filter(pl.col("start_date") <= pl.col("first_close"), pl.col("first_close") < pl.col("end_date"))
        rows.append(covered.drop("start_date", "end_date").with_columns(terms=pl.lit(rank, pl.UInt32)))
    found = pl.concat(rows)
    if len(rows) > 1:
        found = found.sort("opening", "participant_ix", "terms")
        found = found.unique(["opening", "participant_ix"], keep="first", maintain_order=True)
    return found.sort("opening", "position")


def _later_events(book: Book, openings: pl.DataFrame, hunters: pl.DataFrame) -> pl.DataFrame:
    """Each event with the hunters of the latest first order before it."""
    events = book.events.select("event_ix", "deal_ix", "account_ix", "closed_date", "opened_date")
    if openings["account_ix"].is_unique().all():
        opening = repeated(None, book.accounts.height, pl.UInt32)
        opening = opening.scatter(openings["account_ix"], pl.int_range(openings.height, dtype=pl.UInt32, eager=True))
        own = openings.drop("account_ix")[opening[events["account_ix"]]]
        rows = events.hstack(own).filter(pl.col("opening") < pl.col("event_ix"))
    else:
        rows = events.join_asof(
            openings.sort("opening").with_columns(event_ix=pl.col("opening")),
            on="event_ix", by="account_ix", allow_exact_matches=False, check_sortedness=False,
        ).filter(pl.col("opening").is_not_null())  # fmt: skip
    rows = rows.filter(~pl.col("deal_ix").is_in(openings["opening_deal"].implode()))
    theirs = hunters.drop("account_ix", "opening_deal", "first_close")
    return rows.join(theirs, on="opening", maintain_order="left_right")


def _kept(book: Book, rows: pl.DataFrame, clause: _Terms, scale: int) -> pl.DataFrame:
    """What the clause leaves to the hunters, of the events that lie in their windows or just behind them."""
    handover, kinds = clause.handover, clause.reading.types["deal_type"]
    rows = rows.with_columns(kind=kinds[rows["event_ix"]], end=plus_months(pl.col("first_close"), handover.keep))
    just_missed = (pl.col("closed_date") >= pl.col("end")) & (
        pl.col("closed_date") < pl.col("end") + timedelta(days=NEAR_DAYS)
    )
    rows = rows.with_columns(inside=_inside(handover)).filter(
        pl.col("inside") | just_missed, pl.col("kind").is_in(handover.types)
    )
    if not handover.survives_cancel:
        rows = _before_cancel(book, kinds, rows)
    return _with_leavers(book, clause, rows).select(
        "event_ix", "opening", "participant_ix", "position", "terms",
        share_num=_hunters_share(handover, scale), share_den=pl.col("share_den") * scale,
        pay_out=pl.col("left") & (handover.if_hunter_left == "pay_out"),
        inside=pl.col("inside"), window_end=pl.col("end"),
    )  # fmt: skip


def _inside(handover: Handover) -> pl.Expr:
    """Closed within the window, or later of an opportunity that was opened within it (`protect_pipeline`)."""
    day, first, end = pl.col("closed_date"), pl.col("first_close"), pl.col("end")
    within = (day >= first) & (day < end)
    if handover.protect_pipeline is None:
        return within
    begun = (pl.col("opened_date") >= first) & (pl.col("opened_date") < end)
    protected = begun & (day >= end) & (day < end + timedelta(days=handover.protect_pipeline))
    return within | protected.fill_null(value=False)


def _hunters_share(handover: Handover, scale: int) -> pl.Expr:
    """What the hunter keeps of their part: less in the last months (`share_last`), nothing where it is handed on."""
    share = pl.col("share_num") * scale
    if handover.share_last is not None:
        hunter = handover.share_last.hunter
        last = pl.col("closed_date") >= plus_months(pl.col("first_close"), handover.keep - handover.share_last.months)
        less = pl.col("share_num") * (scale * hunter.numerator // hunter.denominator)
        share = pl.when(last).then(less).otherwise(share)
    return pl.when(pl.col("left") & (handover.if_hunter_left == "owner")).then(0).otherwise(share)


def _before_cancel(book: Book, kinds: pl.Series, rows: pl.DataFrame) -> pl.DataFrame:
    """A window that does not survive a cancellation is shut from the first churn after the first order on."""
    churn = book.events.select("event_ix", "account_ix", "accepted_time", churn_date="closed_date").filter(
        kinds == "churn", pl.col("accepted_time").is_not_null()
    )
    if churn.is_empty():
        return rows
    windows = rows.select("opening", "account_ix").unique().join(churn, on="account_ix")
    shut = windows.filter(pl.col("event_ix") > pl.col("opening")).sort("event_ix")
    shut = shut.group_by("opening", maintain_order=True).agg(shut_date=pl.col("churn_date").first())
    rows = rows.join(shut, on="opening", how="left", maintain_order="left")
    return rows.filter((pl.col("closed_date") < pl.col("shut_date")).fill_null(True))


def _with_leavers(book: Book, clause: _Terms, rows: pl.DataFrame) -> pl.DataFrame:
    """`left`: the hunter is not assigned to the plan of the window on the close date."""
    assigned = book.assignments.filter(pl.col("plan") == clause.reading.plan.plan)
    spans = assigned.select("participant_ix", "start_date", "end_date")
    present = rows.select("participant_ix", "closed_date").with_row_index("row").join(spans, on="participant_ix")
    within = (pl.col("start_date") <= pl.col("closed_date")) & (pl.col("closed_date") < pl.col("end_date"))
    left = repeated(True, rows.height, pl.Boolean)
    return rows.with_columns(left.scatter(present.filter(within)["row"], False).alias("left"))
