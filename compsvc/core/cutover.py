"""What the system before this one has paid, and what only later events make payable (B3).

No more is taken back for a deal after the cut-over than was paid for it. What of earlier events a gate or a multiplier
brings after the cut-over, as a retroactive step does, is the difference to what they come to by what had happened then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from compsvc.core.facts import DEAL, Facts, Schema
from compsvc.core.ledger import SUBJECT
from compsvc.core.modifiers import asked
from compsvc.core.money import to_minor
from compsvc.core.pay import COMES_IN, PAYABLE
from compsvc.core.plan import OF_EARNINGS, Plan
from compsvc.core.reserve import FORFEITED
from compsvc.core.results import EARNING, Result
from compsvc.core.stated_credits import SOURCES

PAID_BEFORE: Schema = {  # a row a participant and component of a deal
    **dict.fromkeys(("participant_id", "source", "external_id"), pl.String),
    "component": pl.String,  # null: all those of the deal that have no row of their own
    "currency_code": pl.String,
    "amount_minor": pl.Int64,
}
_DEAL = ["participant_id", "source", "external_id", "currency_code"]
_PART = [*_DEAL, "component"]
_CHOICE = [*EARNING, "word", "number", "open", "times_num", "times_den"]


def paid_before(moves: pl.DataFrame, stated: pl.DataFrame) -> pl.DataFrame:
    """PAID_BEFORE: as stated, and of what nothing is stated what the deal comes to. `moves`: those of Pay that are due
    before the cut-over."""
    sign = pl.col("kind").replace_strict({kind: COMES_IN[kind] for kind in (PAYABLE, FORFEITED)}, default=None)
    own = moves.filter(sign.is_not_null(), pl.col("external_id").is_not_null())
    own = own.select(pl.col(_PART).cast(pl.String), amount=pl.col("amount_minor").cast(pl.Int128) * sign)
    known = own.group_by(_PART).agg(amount_minor=pl.max_horizontal(to_minor(pl.col("amount").sum()), 0))
    both = (stated, _without(known, stated))
    return pl.concat([frame.select(*PAID_BEFORE) for frame in both]).sort(_PART, nulls_last=True)


def _never_paid(before: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    own = before.filter(pl.col("kind") == PAYABLE, pl.col("external_id").is_not_null())
    own = _without(own.select(pl.col(_PART).cast(pl.String)).unique(), paid)
    return own.with_columns(amount_minor=pl.lit(0, dtype=pl.Int64)).select(*PAID_BEFORE)


def _without(parts: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The parts of deals that have no row there, nor has their deal as a whole."""
    whole = known.filter(pl.col("component").is_null())
    return parts.join(known, on=_PART, how="anti").join(whole, on=_DEAL, how="anti")


def at_most_paid(true: pl.DataFrame, paid: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """What is true by subject, in which no deal is taken back by more than was paid for it before and since. `before`:
    the moves that are due before the cut-over; what of them is not known as paid was not."""
    taken = true.filter(pl.col("kind") == PAYABLE, pl.col("amount_minor") < 0).select(_DEAL).unique()
    if (paid.is_empty() and before.is_empty()) or taken.is_empty():
        return true
    paid = pl.concat([paid.select(*PAID_BEFORE), _never_paid(before, paid)])
    of_part = paid.filter(pl.col("component").is_not_null()).rename({"amount_minor": "_part"})
    of_deal = paid.filter(pl.col("component").is_null()).select(*_DEAL, _deal="amount_minor")
    marked = true.join(taken.with_columns(_taken=True), on=_DEAL, how="left", nulls_equal=True, maintain_order="left")
    marked = marked.join(of_part, on=_PART, how="left", maintain_order="left")
    marked = marked.join(of_deal, on=_DEAL, how="left", maintain_order="left")
    most = pl.coalesce("_part", "_deal")
    bound = (pl.col("kind") == PAYABLE) & pl.col("_taken").fill_null(value=False) & most.is_not_null()
    whose = [*_DEAL, pl.when(pl.col("_part").is_not_null()).then("component")]
    rows = marked.filter(bound).sort("effective_date", *SUBJECT, nulls_last=True)
    sums = pl.col("amount_minor").cast(pl.Int128).cum_sum().over(whose)
    rows = rows.with_columns(_left=pl.max_horizontal(sums, (-most).cast(pl.Int128)))
    left = pl.col("_left") - pl.col("_left").shift(1, fill_value=0).over(whose)
    rows = rows.with_columns(amount_minor=to_minor(left)).filter(pl.col("amount_minor") != 0)
    return pl.concat([marked.filter(~bound), rows.drop("_left")]).select(true.columns)


# --- what had happened by then


def chooses(plans: Sequence[Plan]) -> bool:
    """Whether a gate or a multiplier may make another amount of what came before."""
    return any(asked(component) for plan in plans for component in plan.components.values())


def happened_before(facts: Facts, cutover: date) -> Facts:
    """The facts, whenever they were told, without what happened on the day of the cut-over or later: closings and
    acceptances, options taken, losses, activities and stated credit. What is paid and by whom stays."""
    late = _is_late(cutover)
    deals = facts.deals.with_columns(accepted_time=pl.when(~late).then("accepted_time"))
    taken = (pl.col("exercised_time").dt.date() >= cutover).fill_null(value=False)
    stages = facts.stages.with_columns(exercised_time=pl.when(~taken).then("exercised_time"))
    losses = _earlier(facts, "losses", "loss_date", cutover)
    activities = _earlier(facts, "activities", "activity_date", cutover)
    stated = _earlier(facts, "stated_credits", "credit_date", cutover)
    pending, not_done = facts.deals.filter(late), facts.activities.join(activities, on=DEAL, how="anti")
    gone = pl.concat([pending.select(DEAL), not_done.select(DEAL), _not_stated(facts, stated)])
    fixed = facts.fixed_events.join(gone, on=DEAL, how="anti")
    fixed = fixed.join(facts.stages.filter(taken), on=[*DEAL, "line", "stage"], how="anti")
    fixed = fixed.join(facts.losses.join(losses, on=[*DEAL, "loss_id"], how="anti"), on=[*DEAL, "loss_id"], how="anti")
    return replace(
        facts, deals=deals, stages=stages, losses=losses.join(pending, on=DEAL, how="anti"), activities=activities,
        stated_credits=stated, fixed_events=fixed,
    )  # fmt: skip


def _is_late(cutover: date) -> pl.Expr:
    """Of a deal, or a line of one."""
    return (pl.max_horizontal("closed_date", pl.col("accepted_time").dt.date()) >= cutover).fill_null(value=False)


def _earlier(facts: Facts, kind: str, day: str, cutover: date) -> pl.DataFrame:
    rows: pl.DataFrame = getattr(facts, kind)
    return rows.filter((pl.col(day) < cutover).fill_null(value=True))


def _not_stated(facts: Facts, stated: pl.DataFrame) -> pl.DataFrame:
    rows = facts.stated_credits.join(stated, on=["kind", "credit_id"], how="anti")
    return rows.select(source=pl.col("kind").replace_strict(SOURCES, return_dtype=pl.String), external_id="credit_id")


def become_since(
    now: pl.DataFrame, then: pl.DataFrame, results: tuple[Result, Result], plans: Sequence[Plan], cutover: date
) -> pl.DataFrame:
    """Moves of the first day that is paid here: what earlier events come to now less what they came to by what had
    happened then, where a gate or a multiplier chooses otherwise. `now`, `then`: moves due before the cut-over, of the
    two `results`."""
    chosen = [result.chosen.select(_CHOICE) for result in results]
    other = pl.concat(
        one.join(two, on=_CHOICE, how="anti", nulls_equal=True).select(EARNING) for one, two in (chosen, chosen[::-1])
    ).unique()
    if other.is_empty():
        return now.clear()
    reads = [
        (plan.plan, name) for plan in plans for name, item in plan.components.items() if item.counts in OF_EARNINGS
    ]
    reading = pl.DataFrame(reads, schema={"plan": pl.String, "component": pl.String}, orient="row").unique()
    both = [now.filter(~_is_late(cutover)), then.with_columns(-pl.col("amount_minor"))]
    rows = pl.concat(both, how="diagonal").with_columns(pl.col(pl.Categorical).cast(pl.String))
    of_period = rows.join(other, on=EARNING, how="semi")
    of_earnings = rows.join(reading, on=["plan", "component"], how="semi").join(other, on=EARNING, how="anti")
    amount = to_minor(pl.col("amount_minor").cast(pl.Int128).sum().over(SUBJECT))
    found = pl.concat([of_period, of_earnings]).with_columns(amount_minor=amount, payable_date=pl.lit(cutover))
    return found.unique(SUBJECT, keep="first", maintain_order=True).filter(pl.col("amount_minor") != 0)
