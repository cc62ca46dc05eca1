"""What the source system says that there is, beside what the book has: a file that came half or twice shows (B5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

import polars as pl

from compsvc.core.close_check import Finding
from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import DEAL, Facts
from compsvc.core.losses import line_sizes
from compsvc.core.money import format_minor
from compsvc.core.statement_values import Span

Basis = Literal["closed", "accepted"]


class Total(NamedTuple):
    """`minor`: annual and one-time values of all lines, of a ramp its last committed level."""

    deal_count: int
    minor: int


@dataclass(frozen=True, slots=True)
class Stated:
    """The deals of a source that were closed, or accepted, in a span, by currency; one that is not named has none."""

    source: str
    basis: Basis
    start_date: date
    end_date: date  # exclusive
    totals: Mapping[str, Total]
    author: str


def of_control_totals(stated: Stated, told: Facts) -> Iterator[Finding]:
    """Currencies in which the book has other deals than the source says. `told`: the deals as they were sent."""
    found = _in_book(stated, told)
    last = stated.end_date - timedelta(days=1)
    for currency in sorted({*stated.totals, *found}):
        says, has = (side.get(currency, Total(0, 0)) for side in (stated.totals, found))
        if says != has:
            message = (
                f"The source has {_shown(says, currency)} (stated by {stated.author}), the book "
                f"{_shown(has, currency)}: {_difference(says, has, currency)}. Load what is missing, mend what is "
                "wrong, or state the totals anew."
            )
            subject = f"{stated.source} {stated.basis} {stated.start_date} to {last} {currency}"
            yield Finding("CONTROL_TOTAL_DIFFERS", subject, message)


def is_checked_in(stated: Stated, month: Span) -> bool:
    """In the month of the last day."""
    return month.start_date < stated.end_date <= month.end_date


def _in_book(stated: Stated, told: Facts) -> Mapping[str, Total]:
    day = pl.col("closed_date") if stated.basis == "closed" else pl.col("accepted_time").dt.date()
    inside = (day >= stated.start_date) & (day < stated.end_date)
    deals = told.deals.filter(pl.col("source") == stated.source, inside)
    sized = line_sizes(deals, told.deal_lines, told.stages, only=deals)
    counted = sized.group_by("currency_code").agg(pl.struct(DEAL).n_unique(), minor=pl.col("size").sum())
    return {currency: Total(count, int(minor)) for currency, count, minor in counted.iter_rows()}


def _shown(total: Total, currency: str) -> str:
    deals = "1 deal" if total.deal_count == 1 else f"{total.deal_count:,} deals"
    return f"{deals} of {_money(total.minor, currency)}"


def _difference(says: Total, has: Total, currency: str) -> str:
    count, minor = has.deal_count - says.deal_count, has.minor - says.minor
    return f"{count:+,} and {'+' if minor > 0 else ''}{_money(minor, currency)}"


def _money(minor: int, currency: str) -> str:
    return f"{format_minor(minor, EXPONENTS.get(currency, 2))} {currency}"
