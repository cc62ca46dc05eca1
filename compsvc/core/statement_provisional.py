"""What is earned by the end of a period and not payable by then, apart from the payout (M8).

A line waits until its component settles, for the customer's invoice or money, for a review, or for a later day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.holds import refused
from compsvc.core.leavers import kept, left, with_exits
from compsvc.core.payable import due, is_plain
from compsvc.core.plan import OF_EARNINGS, Plan
from compsvc.core.plan_pay import CASH
from compsvc.core.plan_revisions import latest
from compsvc.core.results import Result
from compsvc.core.statement_values import Money, Provisional, Span

_OF = ["plan", "component", "period", "currency_code"]
_SHOWN = [*_OF, "reason", "due_date", "amount"]


def provisional(
    result: Result, plans: Sequence[Plan], facts: Facts, *, participant_id: str, period: Span
) -> Iterator[Provisional]:
    """One for each component, measurement period, reason and day, in this order; what comes to nothing is left out."""
    own = {plan.plan: plan for plan in latest(plans)}
    lines = _known(result.of("lines", "participant_id", participant_id), period.end_date)
    parts = with_exits(due(lines, plans, result.progress), plans, facts, result.earnings)
    later = kept(parts.filter(pl.col("payable_date") >= period.end_date))
    review = kept(parts.filter(pl.col("payable_date").is_null()))
    frames = [
        _summed(later.with_columns(_why(own), due_date="payable_date")),
        _summed(review.with_columns(_answered(review, facts), due_date=pl.lit(None, dtype=pl.Date))),
        _of_the_customer(lines, parts, _waiting_for(own, facts, participant_id, period.end_date)),
    ]
    found = pl.concat([frame.select(_SHOWN) for frame in frames]).filter(pl.col("amount") != 0).sort(_SHOWN)
    for row in found.iter_rows(named=True):
        amount = Money(row["amount"], row["currency_code"])
        names = (row["plan"], row["component"], row["period"], row["reason"])
        yield Provisional(*names, due_date=row["due_date"], amount=amount)


def _known(lines: pl.DataFrame, end: date) -> pl.DataFrame:
    """Lines of what was accepted, counted and lost before that day; what a period pays by itself waits for its end."""
    day = pl.max_horizontal(pl.col("accepted_time").dt.date(), "counting_date", "loss_date")
    return lines.filter(pl.col("counting_date").is_not_null(), day < end).with_columns(
        pl.col("currency_code").cast(pl.String)
    )


def _answered(review: pl.DataFrame, facts: Facts) -> pl.Series:
    """What waits for a review, and what was refused in it."""
    said = refused(facts.holds)
    names = review.select(pl.col(said.columns).cast(pl.String))
    found = names.join(said.with_columns(reason=pl.lit("refused")), on=said.columns, how="left", maintain_order="left")
    return found["reason"].fill_null("review")


def _why(plans: Mapping[str, Plan]) -> pl.Expr:
    settling = [
        (pl.col("plan") == name) & (pl.col("component") == component)
        for name, plan in plans.items()
        for component, item in plan.components.items()
        if item.settle == "period_end" or (item.counts in OF_EARNINGS and is_plain(plan))  # as what it is a share of
    ]
    settles = pl.any_horizontal(settling) if settling else pl.lit(value=False)
    return pl.when(settles).then(pl.lit("settles")).otherwise(pl.lit("later")).alias("reason")


def _summed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by(*_OF, "reason", "due_date").agg(amount=pl.col("amount_minor").cast(pl.Int128).sum())


def _waiting_for(plans: Mapping[str, Plan], facts: Facts, participant_id: str, end: date) -> Mapping[str, str]:
    """By plan, for what of the customer; nothing waits for those who forfeit it by leaving."""
    gone = left(facts).filter(pl.col("participant_id") == participant_id, pl.col("last_date") < end)
    found = {}
    for name, plan in plans.items():
        forfeits = plan.leaver is not None and plan.leaver.accepted_unpaid == "forfeit" and gone.height > 0
        triggers = [item.on for item in plan.instalments if item.on in CASH]
        if triggers and not forfeits:
            found[name] = max(triggers)  # `paid` comes after `invoiced`
    return found


def _of_the_customer(lines: pl.DataFrame, parts: pl.DataFrame, triggers: Mapping[str, str]) -> pl.DataFrame:
    """What of the lines is no part yet."""
    both = pl.concat(
        [lines.select(*_OF, "amount_minor"), parts.select(*_OF, amount_minor=-pl.col("amount_minor"))]
    ).filter(pl.col("plan").is_in(sorted(triggers)))
    waits = pl.col("plan").replace_strict(triggers, default=None, return_dtype=pl.String)
    return _summed(both.with_columns(waits.alias("reason"), due_date=pl.lit(None, dtype=pl.Date)))
