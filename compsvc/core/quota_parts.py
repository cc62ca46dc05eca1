"""One participant's quota of one period, part by part, as the calculation made it: what derivations show (M4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from compsvc.core.bindings import full_year_terms, period_quotas
from compsvc.core.book import Book, book
from compsvc.core.facts import Facts
from compsvc.core.periods import period_index
from compsvc.core.plan import Component, Plan
from compsvc.core.proration import QuotaTerms, Situation
from compsvc.core.quotas import detailed, sides, situation_of

FOREVER = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Revised:
    """One component of one revision, and until when it holds."""

    plan: Plan
    name: str
    curve: int
    until: date

    @property
    def component(self) -> Component:
        return self.plan.components[self.name]


@dataclass(frozen=True, slots=True)
class QuotaPart:
    """`whole_minor` is what falls on the period of what is given; `share` of it counts for this part."""

    given_minor: int
    given_per: str
    whole_minor: int
    share: Fraction
    situation: Situation
    terms: QuotaTerms


def quota_parts(
    facts: Facts, plans: Sequence[Plan], *, plan: str, name: str, participant_id: str, period: tuple[date, date]
) -> list[QuotaPart]:
    """In the order of their days. Empty where the plan says nothing that makes a quota other than the one given."""
    revised = _revisions(plans, plan, name)
    position = revised[-1].component.pays.position_of or name
    of = sides(revised, position)
    if not any(terms.prorate or terms.ramp_up or terms.seasonal for terms in of["edge"]):
        return []
    ledger = book(_of(facts, participant_id))
    terms = full_year_terms(
        ledger, facts.of("quotas", "participant_id", participant_id), revised[-1].plan, name, position
    )
    parts = _parts(terms, revised, period)
    per, starts = revised[-1].component.per, revised[-1].plan.fiscal_year_starts
    quoted = period_quotas(parts, of, per=per, fiscal_year_starts=starts)
    return _told(ledger, quoted, parts, revised, of["edge"])


def _told(
    ledger: Book, quoted: pl.DataFrame, parts: pl.DataFrame, revised: Sequence[Revised], terms: Sequence[QuotaTerms]
) -> list[QuotaPart]:
    rows = detailed(ledger, quoted.with_row_index("row"), terms, carry=revised[-1].component.carry)
    found = []
    for given, row in zip(parts.rows(named=True), rows.rows(named=True), strict=True):
        if given["edge_amount"] is not None and row["window_days"]:
            share = Fraction(int(row["num"]), int(row["den"]))
            what = given["edge_amount"], given["edge_per"], row["quota_minor"], share
            found.append(QuotaPart(*what, situation_of(row), terms[row["curve"]]))
    return found


def _revisions(plans: Sequence[Plan], plan: str, name: str) -> list[Revised]:
    own = sorted((each for each in plans if each.plan == plan), key=lambda each: each.effective)
    untils = [*(each.effective for each in own[1:]), FOREVER]
    having = [(each, until) for each, until in zip(own, untils, strict=True) if name in each.components]
    return [Revised(each, name, curve, until) for curve, (each, until) in enumerate(having)]


def _of(facts: Facts, participant_id: str) -> Facts:
    kinds = ("participants", "assignments", "leaves", "exits")
    return Facts(**{kind: facts.of(kind, "participant_id", participant_id) for kind in kinds})


def _parts(terms: pl.DataFrame, revised: Sequence[Revised], period: tuple[date, date]) -> pl.DataFrame:
    """The period in parts of one assignment and one revision each."""
    last = revised[-1]
    held = pl.DataFrame(
        [(each.curve, each.plan.effective, each.until) for each in revised],
        schema={"curve": pl.UInt32, "effective": pl.Date, "until": pl.Date},
        orient="row",
    )
    start, end = (pl.lit(day, dtype=pl.Date) for day in period)
    index = period_index(start, per=last.component.per, fiscal_year_starts=last.plan.fiscal_year_starts)
    rows = terms.join(held, how="cross").with_columns(
        period=index.cast(pl.Int32), period_start=start, period_end=end,
        part_start=pl.max_horizontal("start_date", "effective", start),
        part_end=pl.min_horizontal("end_date", "until", end),
    )  # fmt: skip
    return rows.filter(pl.col("part_start") < pl.col("part_end")).sort("part_start", "curve")
