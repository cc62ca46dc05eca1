"""What bounds the pay of a period: windfalls, a minimum per deal, caps and floors (T3).

None of them changes the curve. Each is a line more beside those that it bounds: `windfall` and `cap` take from a line
what is not paid of it, with the date of that line; `minimum` adds to a deal, `floor` to the period.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import polars as pl

from compsvc.core.book import Book
from compsvc.core.components import Paid, adds_up, earned_from_lines
from compsvc.core.earnings import LINES, step_kind
from compsvc.core.lists import OWN, TAKE_BACK
from compsvc.core.measures import Clause
from compsvc.core.modifiers import is_shut
from compsvc.core.money import Rounding, rounded, to_minor
from compsvc.core.periods import period_index, period_span
from compsvc.core.plan import Component, Plan
from compsvc.core.plan_modifiers import PlanBound, Windfall
from compsvc.core.plan_revisions import in_force_on
from compsvc.core.running import risen, total_so_far

_OF = ["participant_ix", "period"]
_LIST = ["list", "place"]


def bounds(component: Component) -> bool:
    """Whether a component has any of them, so that its lines are asked for."""
    each = (component.windfall, component.minimum_per_deal_minor, component.cap, component.floor)
    return any(word is not None for word in each)


def bounded(book: Book, paid: Paid) -> Paid:
    """One component with its own windfalls, minimums, cap and floor."""
    for clause in paid.clauses:
        if clause.component.windfall is not None:
            paid = with_lines(paid, _windfall(book, paid, clause, clause.component.windfall))
        if clause.component.minimum_per_deal_minor is not None:
            paid = with_lines(paid, _minimum(book, paid, clause, clause.component.minimum_per_deal_minor))
    if any(clause.component.windfall is not None for clause in paid.clauses):
        paid = with_lines(paid, _unpaid_first(book, paid))
    limits = _limits(paid)
    if limits["cap"].null_count() < limits.height:
        paid = with_lines(paid, _capped(_in_order(paid), limits, "cap"))
    if limits["floor"].null_count() < limits.height:
        paid = with_lines(paid, _raised(paid, limits))
    return paid


def with_lines(paid: Paid, more: pl.DataFrame) -> Paid:
    if more.is_empty():
        return paid
    assert paid.lines is not None
    assert paid.entries is not None
    nothing = [pl.lit(None).alias(name) for name in LINES if name not in more.columns]
    added = more.with_columns(nothing).select(pl.col(name).cast(dtype) for name, dtype in LINES.items())
    lines = pl.concat([paid.lines, added])
    return replace(paid, lines=lines, earned=earned_from_lines(paid.binds, paid.entries, lines, adds_up(paid.clauses)))


# --- deals --------------------------------------------------------------------------------------------------------


def _of_deals(book: Book, paid: Paid, clause: Clause) -> pl.DataFrame:
    """Lines of deals under one revision, with the deal, in the order of their lists."""
    assert paid.lines is not None
    assert paid.entries is not None
    takes = (pl.col("kind") == TAKE_BACK) | pl.col("loss").is_not_null()
    entries = paid.entries.filter(pl.col("curve") == clause.curve, ~takes, pl.col("subject") < book.events.height)
    entries = entries.select(*_LIST, "subject", "kind", "whole", "counts", "curve")
    entries = entries.with_columns(deal_ix=book.events["deal_ix"][entries["subject"]])
    rows = paid.lines.drop_nulls("list").join(entries, on=_LIST, how="inner")
    return rows.sort(*_LIST, "cause_place", nulls_last=False, maintain_order=True)


def _values(book: Book, paid: Paid, clause: Clause) -> pl.DataFrame:
    """Per list and deal: what the deal's lines are worth, the participant's part of it, and where it stands first.
    Where the whole deal moves the position, what is paid on is the part (M2)."""
    assert paid.entries is not None
    entries = paid.entries.filter(pl.col("curve") == clause.curve, pl.col("kind") == OWN).drop_nulls("subject")
    entries = entries.filter(pl.col("subject") < book.events.height)
    entries = entries.with_columns(deal_ix=book.events["deal_ix"][entries["subject"]])
    own = "pays" if clause.component.pays.counts_whole else "counts"
    whole, part = (pl.col(name).cast(pl.Int128).sum() for name in ("whole", own))
    return entries.group_by("list", "deal_ix", maintain_order=True).agg(
        pl.col("bind").first(), pl.col("place").first(), value=whole, part=part
    )


def _windfall(book: Book, paid: Paid, clause: Clause, windfall: Windfall) -> pl.DataFrame:
    """Minus what is not paid of the part of a deal above the amount; under `review` the same amount again, held."""
    large = _values(book, paid, clause).filter(pl.col("value") > windfall.above_minor)
    unpaid = Fraction(1) - windfall.pays if isinstance(windfall.pays, Fraction) else Fraction(1)
    if large.is_empty() or not unpaid:
        return paid.binds.clear().select("bind")
    rows = _of_deals(book, paid, clause).join(large.select("list", "deal_ix", "value"), on=["list", "deal_ix"])
    above = (pl.col("value") - windfall.above_minor) * unpaid.numerator
    cut = _share(pl.col("amount_minor"), above, pl.col("value") * unpaid.denominator, clause.plan.rounding)
    rows = rows.with_columns(cut=cut).filter(pl.col("cut") != 0)
    names = ["bind", "list", "place", "cause_place"]
    taken = rows.select(*names, step_kind=step_kind("windfall"), amount_minor=-pl.col("cut"), held=pl.lit(False))
    if windfall.pays != "review":
        return taken
    held = rows.select(*names, step_kind=step_kind("review"), amount_minor="cut", held=pl.lit(True))
    return pl.concat([taken, held])


def _unpaid_first(book: Book, paid: Paid) -> pl.DataFrame:
    """What was never paid is not taken back: beside a take-back what it finds of the deal's windfall comes back to pay,
    and what waits for a review is that much less (T1, T2)."""
    assert paid.lines is not None
    assert paid.entries is not None
    is_lost = pl.col("loss").is_not_null()  # the difference to a loss that was withdrawn is one as well
    if paid.entries.filter(is_lost).is_empty():
        return paid.binds.clear().select("bind")
    who = paid.binds["participant_ix"]
    lines = paid.lines.drop_nulls("list").with_columns(participant_ix=who[paid.lines.drop_nulls("list")["bind"]])
    deal = paid.entries.filter(pl.col("subject") < book.events.height).select(*_LIST, "subject", "kind", "loss")
    deal = deal.with_columns(deal_ix=book.events["deal_ix"][deal["subject"]])
    rows = lines.join(deal, on=_LIST, how="inner")
    names = ["participant_ix", "deal_ix"]
    amount = (-pl.col("amount_minor")).cast(pl.Int128).sum()
    cuts = rows.filter(pl.col("step_kind") == "windfall").group_by(names).agg(unpaid=amount)
    waits = rows.filter(pl.col("step_kind") == "review").select(names).unique().with_columns(waits=pl.lit(True))
    cuts = cuts.join(waits, on=names, how="left")
    taken = rows.filter(is_lost).group_by(*names, *_LIST).agg(pl.col("bind").first(), taken=amount)
    taken = taken.join(cuts, on=names, how="inner").sort(*names, *_LIST).with_columns(_of=pl.struct(names).rle_id())
    so_far = total_so_far(pl.col("taken"), "_of")
    taken = taken.with_columns(_used=pl.min_horizontal(so_far, "unpaid").clip(lower_bound=0).cast(pl.Int64))
    taken = taken.with_columns(used=risen("_used", "_of")).filter(pl.col("used") != 0)
    place = {"cause_place": pl.col("place")}
    back = taken.select(
        "bind", *_LIST, **place, step_kind=step_kind("windfall"), amount_minor="used", held=pl.lit(False)
    )
    less = taken.filter(pl.col("waits")).select(
        "bind", *_LIST, **place, step_kind=step_kind("review"), amount_minor=-pl.col("used"), held=pl.lit(True)
    )
    return pl.concat([back, less])


def _share(amount: pl.Expr, num: pl.Expr, den: pl.Expr, rounding: Rounding) -> pl.Expr:
    return to_minor(rounded(amount.cast(pl.Int128) * num, den, rounding))


def _minimum(book: Book, paid: Paid, clause: Clause, least: int) -> pl.DataFrame:
    """What a deal is short of the participant's part of the minimum; nothing where the gate is shut."""
    assert paid.lines is not None
    deals = _values(book, paid, clause).filter(pl.col("value") > 0, pl.col("part") > 0)
    variant = paid.binds["variant"][deals["bind"]]
    deals = deals.filter(~is_shut(clause.component, variant) & ~paid.binds["pay_target"][deals["bind"]])
    paid_for = _of_deals(book, paid, clause).group_by("list", "deal_ix").agg(amount=pl.col("amount_minor").sum())
    deals = deals.join(paid_for, on=["list", "deal_ix"], how="left", maintain_order="left")
    owed = _share(pl.lit(least), pl.col("part"), pl.col("value"), clause.plan.rounding)
    short = deals.with_columns(amount_minor=owed - pl.col("amount").fill_null(0)).filter(pl.col("amount_minor") > 0)
    return short.select("bind", "list", "place", "amount_minor", step_kind=step_kind("minimum"))


# --- a component's period -----------------------------------------------------------------------------------------


def _limits(paid: Paid) -> pl.DataFrame:
    """Per participant and period: cap and floor under the terms of its last part."""
    last = paid.binds.group_by(_OF, maintain_order=True).agg(
        pl.col("bind", "curve", "target_minor", "period_end").last(),
        assigned=(pl.col("part_start") < pl.col("part_end")).any(),
    )
    for name in ("cap", "floor"):
        limit = pl.lit(None, dtype=pl.Int64)
        for clause in paid.clauses:
            own = _limit(getattr(clause.component, name), clause.plan.rounding)
            limit = pl.when(pl.col("curve") == clause.curve).then(own).otherwise(limit)
        last = last.with_columns(limit.alias(name))
    return last


def _limit(limit: Fraction | int | None, rounding: Rounding) -> pl.Expr:
    if not isinstance(limit, Fraction):
        return pl.lit(limit, dtype=pl.Int64)
    den = pl.lit(limit.denominator, dtype=pl.Int128)
    return _share(pl.col("target_minor"), pl.lit(limit.numerator, dtype=pl.Int128), den, rounding)


def _in_order(paid: Paid) -> pl.DataFrame:
    """A component's lines by participant, period, list, place and cause; those of the period last. Where each deal has
    a list of its own, by the place of their entry in its period's list."""
    assert paid.lines is not None
    assert paid.entries is not None
    rows = paid.lines.with_columns(paid.binds[name][paid.lines["bind"]] for name in _OF)
    rows = rows.with_columns(rank=pl.int_range(pl.len(), dtype=pl.Int64))
    of_entry = paid.entries.select(*_LIST, "subject", takes=pl.col("loss").is_not_null())
    rows = rows.join(of_entry, on=_LIST, how="left", maintain_order="left")
    last = pl.col("place").is_null()
    held = pl.col("held").fill_null(value=False)
    used = held & (pl.col("cause_place") == pl.col("place")) & (pl.col("amount_minor") < 0)
    cause = pl.when(used).then(-2).otherwise(pl.col("cause_place").fill_null(-1))  # a loss uses what waits first
    keys = [*_OF, last, *_LIST, cause, held, "rank"]
    if "list_place" not in paid.entries.columns:
        return rows.sort(keys)
    period = paid.binds["period"][paid.entries["bind"]].alias("of_period")
    stands = paid.entries.select(*_LIST, period, of_place="list_place")
    keys[3:5] = ["of_period", "of_place"]
    return rows.join(stands, on=_LIST, how="left").sort(keys).drop("of_period", "of_place")


_GROUP = (*_OF, "key", "bind", *_LIST, "cause_place", "held", "due_date", "subject", "takes")
_POSTED = ("key", "bind", *_LIST, "cause_place", "amount_minor", "held", "due_date")


def _capped(rows: pl.DataFrame, limits: pl.DataFrame, name: str) -> pl.DataFrame:
    """The `cap` lines of what stands by scope (participant and period of the cap) and in order within it. A loss in a
    later period of the cap takes first what the cap has cut of the credit, since that was never paid (T1, T3)."""
    rows = rows.join(limits.select(*_OF, name), on=_OF, how="left", maintain_order="left")
    rows = rows.filter(pl.col(name).is_not_null()).with_columns(pl.col("held").fill_null(value=False))
    keys = [column for column in (*_GROUP, name) if column in rows.columns]
    rows = rows.group_by(keys, maintain_order=True).agg(pl.col("amount_minor").sum())
    cut = _cut(rows, name)
    for period in rows.filter("takes")["period"].unique().sort() if cut.height else ():
        now = pl.col("period") == period
        back = _never_paid(rows.filter(now), cut.filter(pl.col("period") < period))
        freed = back.with_columns(amount_minor="back").filter(pl.col("back") != 0).drop("back")
        if freed.height:
            again = _cut(back.with_columns(pl.col("amount_minor") + pl.col("back")).drop("back"), name)
            both = pl.concat([freed, again]).group_by(keys, maintain_order=True).agg(pl.col("amount_minor").sum())
            cut = pl.concat([cut.filter(~now), both.filter(pl.col("amount_minor") != 0)])
    return cut.select(
        *(column for column in _POSTED if column in cut.columns),
        step_kind=step_kind(name),
        step=pl.when(pl.col("list").is_null()).then(pl.lit(STEPS[name] + 1, dtype=pl.Int64)),
    )


def _cut(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """c' = min(c, cap) along the running sum c of each scope; the rows whose amount is what c' lacks or regains."""
    rows = rows.with_columns(scope=pl.struct(_OF).rle_id())
    over = total_so_far(pl.col("amount_minor"), "scope") - pl.col(name)
    rows = rows.with_columns(over=over.clip(lower_bound=0)).with_columns(amount_minor=-risen("over", "scope"))
    return rows.filter(pl.col("amount_minor") != 0).drop("scope", "over")


def _never_paid(rows: pl.DataFrame, cut: pl.DataFrame) -> pl.DataFrame:
    """The rows of one period of the cap with `back`: at a take-back what of it was cut in earlier ones."""
    of = [column for column in ("participant_ix", "key", "subject", "held") if column in rows.columns]
    unpaid = cut.drop_nulls("subject").group_by(of).agg(unpaid=-pl.col("amount_minor").sum())
    rows = rows.with_row_index("_row").with_columns(by=pl.coalesce("cause_place", "place"))
    at = [column for column in ("key", "list", "by", "held") if column in rows.columns]
    backs = rows.filter(pl.col("takes") & (pl.col("by") == pl.col("place"))).unique(at, keep="first")
    taken = rows.drop_nulls("list").group_by(at).agg(taken=-pl.col("amount_minor").sum())
    backs = backs.join(taken, on=at).join(unpaid, on=of).sort(*of, "_row")
    backs = backs.with_columns(_of=pl.struct(of).rle_id())
    used = pl.min_horizontal(total_so_far(pl.col("taken"), "_of"), "unpaid").clip(lower_bound=0)
    backs = backs.with_columns(_used=used).select("_row", back=risen("_used", "_of"))
    rows = rows.join(backs, on="_row", how="left", maintain_order="left")
    return rows.with_columns(pl.col("back").fill_null(0)).drop("_row", "by")


def _raised(paid: Paid, limits: pl.DataFrame) -> pl.DataFrame:
    """What the period is short of the floor, as one line of it, for everybody assigned in it."""
    rows = limits.filter("assigned", pl.col("floor").is_not_null()).join(paid.earned, on=_OF, maintain_order="left")
    rows = rows.with_columns(amount_minor=pl.col("floor") - pl.col("earned_minor"))
    return rows.filter(pl.col("amount_minor") > 0).select(
        "bind", "amount_minor", step_kind=step_kind("floor"), step=pl.lit(STEPS["floor"] + 1, dtype=pl.Int64)
    )


STEPS: Mapping[str, int] = {  # the numbers within a subject (B1) go on from here, so that they never meet re-ratings
    "windfall": 1_000_000,
    "review": 2_000_000,
    "minimum": 3_000_000,
    "cap": 4_000_000,
    "floor": 5_000_000,
    "plan_cap": 6_000_000,
    "plan_floor": 7_000_000,
}


# --- all components of a plan -------------------------------------------------------------------------------------


def plan_bounded(book: Book, found: Mapping[str, Paid]) -> dict[str, Paid]:
    """The components of one plan under its cap and floor: their lines in D2's order, then in the plan's (T3)."""
    plans = sorted({c.plan.effective: c.plan for each in found.values() for c in each.clauses}.items())
    revisions = [plan for _, plan in plans]
    paid = dict(found)
    if any(plan.cap is not None for plan in revisions):
        rows = _all_lines(book, paid, revisions, "cap")
        limits = _plan_limits(rows.select(_OF).unique(maintain_order=True), revisions, "cap")
        cut = _capped(rows, limits.rename({"cap": "plan_cap"}), "plan_cap")
        for key, name in enumerate(paid):
            paid[name] = with_lines(paid[name], cut.filter(pl.col("key") == key).drop("key"))
    if any(plan.floor is not None for plan in revisions):
        first = next(name for name in revisions[-1].components if name in paid)
        paid[first] = with_lines(paid[first], _plan_raised(paid, paid[first], revisions))
    return paid


def _bound_of(revisions: Sequence[Plan], word: str) -> PlanBound:
    """The revisions have one `per` for it; the plan check sees to that."""
    bounds: list[PlanBound | None] = [plan.cap if word == "cap" else plan.floor for plan in reversed(revisions)]
    return next(bound for bound in bounds if bound is not None)


def _plan_limits(scopes: pl.DataFrame, revisions: Sequence[Plan], word: str) -> pl.DataFrame:
    """The amount of the revision in force on the last day of each period of the cap or floor."""
    per, starts = _bound_of(revisions, word).per, revisions[-1].fiscal_year_starts
    amounts: dict[int, int | None] = {}
    for period in scopes["period"].unique():
        last_day = period_span(period, per=per, fiscal_year_starts=starts)[1] - timedelta(days=1)
        governing = in_force_on(last_day, revisions, lambda plan: plan.effective)
        bound: PlanBound | None = getattr(governing, word)
        amounts[period] = None if bound is None else bound.amount_minor
    table = pl.DataFrame(list(amounts.items()), schema={"period": pl.Int32, word: pl.Int64}, orient="row")
    return scopes.join(table, on="period", how="left", maintain_order="left")


def _scope(paid: Paid, revisions: Sequence[Plan], word: str) -> pl.Series:
    """Of each bind, the period of the cap or floor that holds its measurement period."""
    index = period_index(
        pl.col("period_end").dt.offset_by("-1d"),
        per=_bound_of(revisions, word).per,
        fiscal_year_starts=revisions[-1].fiscal_year_starts,
    )
    return paid.binds.select(index.cast(pl.Int32).alias("period")).to_series()


def _all_lines(book: Book, found: Mapping[str, Paid], revisions: Sequence[Plan], word: str) -> pl.DataFrame:
    """Every line of the plan by participant and period of the cap, in D2's order over all components."""
    order = {name: number for number, name in enumerate(revisions[-1].components)}
    frames = []
    for key, (name, paid) in enumerate(found.items()):
        assert paid.entries is not None
        rows = _in_order(paid).with_columns(rank=pl.int_range(pl.len(), dtype=pl.Int64))
        entries = paid.entries.select(*_LIST, "fixed_place", "lost_by", "loss", "counting_date")
        rows = rows.join(entries, on=_LIST, how="left", maintain_order="left")
        lost = book.events["closed_date"][rows["lost_by"]]
        accepted = book.events["accepted_time"][book.of_deals(rows["subject"])]
        of_period = paid.binds["period_end"][rows["bind"]].dt.offset_by("-1d")
        frames.append(
            rows.with_columns(
                _scope(paid, revisions, word)[rows["bind"]],
                day=pl.coalesce(lost, "counting_date", of_period),
                nth_loss=pl.col("loss").cast(pl.Int64).fill_null(-1),  # a credit stands before what is lost of it
                instant=pl.coalesce(accepted, pl.col("counting_date").cast(pl.Datetime("us"))),
                component=pl.lit(order.get(name, len(order)), dtype=pl.Int32),
                key=pl.lit(key, dtype=pl.Int32),
            )
        )
    fixed, no_event = pl.col("fixed_place").is_not_null(), pl.col("subject").is_null()
    sealed = pl.col("day").filter(fixed).max().over(_OF)  # a period's own line is among them up to the latest's day
    later = ~pl.when(no_event).then(pl.col("day") <= sealed).otherwise(fixed).fill_null(value=False)
    return pl.concat(frames).sort(
        *_OF, later, "day", no_event, "instant", "subject", "nth_loss", "component", "key", "rank", nulls_last=True
    )


def _plan_raised(found: Mapping[str, Paid], first: Paid, revisions: Sequence[Plan]) -> pl.DataFrame:
    """One line of the plan's first component, due on the last day of the floor's period."""
    bound = _bound_of(revisions, "floor")
    earned = pl.concat([_scoped_earnings(paid, revisions) for paid in found.values()])
    earned = earned.group_by(_OF).agg(pl.col("earned_minor").cast(pl.Int128).sum().cast(pl.Int64))
    binds = first.binds.with_columns(_scope(first, revisions, "floor"))
    rows = binds.group_by(_OF, maintain_order=True).agg(
        pl.col("bind").last(), assigned=(pl.col("part_start") < pl.col("part_end")).any()
    )
    rows = _plan_limits(rows.filter("assigned"), revisions, "floor").join(earned, on=_OF, how="left")
    rows = rows.with_columns(amount_minor=pl.col("floor") - pl.col("earned_minor").fill_null(0))
    rows = rows.filter(pl.col("amount_minor") > 0).sort(_OF)
    due = [_last_day(period, bound.per, revisions[-1].fiscal_year_starts) for period in rows["period"]]
    return rows.select(
        "bind", "amount_minor", step_kind=step_kind("plan_floor"),
        step=pl.lit(STEPS["plan_floor"] + 1, dtype=pl.Int64), due_date=pl.Series(due, dtype=pl.Date),
    )  # fmt: skip


def _last_day(period: int, per: str, starts: int) -> date:
    return period_span(period, per=per, fiscal_year_starts=starts)[1] - timedelta(days=1)


def _scoped_earnings(paid: Paid, revisions: Sequence[Plan]) -> pl.DataFrame:
    periods = paid.binds.select(*_OF, _scope(paid, revisions, "floor").alias("scope")).unique()
    rows = paid.earned.join(periods, on=_OF, how="left")
    return rows.select("participant_ix", "earned_minor", period="scope")
