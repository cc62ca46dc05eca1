"""One plan revision as read against the events: their types by its terms, and which of its credit rules fired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

import polars as pl

from compsvc.core.account_attributes import attribute_of
from compsvc.core.book import Book
from compsvc.core.columns import repeated
from compsvc.core.conditions import is_amount, rule_set
from compsvc.core.counting import counting_dates
from compsvc.core.deals import History, derived, months_since_first_order, products, ramps
from compsvc.core.eligibility import Matcher, RuleSet, eligible
from compsvc.core.exchange import Exchange, exchange
from compsvc.core.facts import ATTRIBUTES
from compsvc.core.figures import within_64_bits
from compsvc.core.periods import whole_months
from compsvc.core.plan import Plan
from compsvc.core.plan_credits import CreditRule
from compsvc.core.values import acv, margin_ppm

FOREVER = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Reading:
    plan: Plan
    until: date  # the first day of the next revision of the same plan
    types: pl.DataFrame  # aligned with the events: deal_type, type_derived, first_order, ...
    fired: pl.DataFrame  # event_ix, rule (position in the file); by event, then in firing order
    in_force: pl.Series  # per event: whether this revision decides it, by the counting date of any component (D4)
    exchange: Exchange  # how it converts deals in other currencies
    early: pl.Series  # per event: whether it counts before the plan's first revision, which is this one
    asked: int  # distinct signatures put to the matcher

    @property
    def rules(self) -> Sequence[CreditRule]:
        return tuple(self.plan.credits.values())

    def rule_ixs(self, *, to_seller: bool) -> list[int]:
        return [ix for ix, rule in enumerate(self.rules) if (rule.to == "seller") == to_seller]


def read(book: Book, plans: Sequence[Plan], matcher: Matcher, reference: Matcher | None) -> list[Reading]:
    """Every revision, by plan and date. Revisions that derive types alike share one derivation."""
    ordered = sorted(plans, key=lambda plan: (plan.plan, plan.effective))
    types = {history: derived(book, history) for history in sorted({History.of(plan) for plan in ordered}, key=repr)}
    readings: list[Reading] = []
    for plan, following in zip_longest(ordered, ordered[1:]):
        until = following.effective if following is not None and following.plan == plan.plan else FOREVER
        changed = exchange(book, plan)
        with within_64_bits(plan.at, plan.plan):
            fired, asked = _fired(book, changed, types[History.of(plan)], matcher, reference)
        first = not readings or readings[-1].plan.plan != plan.plan
        in_force, early = _in_force(book, plan, until)
        early = early if first else early & False
        readings.append(Reading(plan, until, types[History.of(plan)], fired, in_force, changed, early, asked))
    return readings


def _in_force(book: Book, plan: Plan, until: date) -> tuple[pl.Series, pl.Series]:
    """The events that count while the revision is in force, and those that count before it; pending by close date."""
    within = before = repeated(False, book.events.height, pl.Boolean)
    for per in sorted({component.per for component in plan.components.values()}):
        counting = counting_dates(book, plan, per)
        day = (
            counting.zip_with(counting.is_not_null(), book.events["closed_date"]) if counting.null_count() else counting
        )
        within = within | ((day >= plan.effective) & (day < until))
        before = before | (day < plan.effective)
    return within, before & ~within


def _fired(
    book: Book, changed: Exchange, types: pl.DataFrame, matcher: Matcher, reference: Matcher | None
) -> tuple[pl.DataFrame, int]:
    plan = changed.plan
    rules = rule_set(plan.revision, plan.credits, plan.match)
    if not rules.rules:
        return pl.DataFrame(schema={"event_ix": pl.UInt32, "rule": pl.UInt16}), 0
    counted = _Counted(matcher)
    fired = eligible(_fields(book, changed, types, rules), rules, counted, reference)
    return fired.rename({"row": "event_ix"}), counted.asked


class _Counted:
    """The matcher, and how often it was asked."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher, self.name, self.asked = matcher, matcher.name, 0

    def match(self, rules: RuleSet, deal: Mapping[str, str | bool | int | None]) -> tuple[str, ...]:
        self.asked += 1
        return self._matcher.match(rules, deal)

    def disable(self, revision: str, reason: str) -> None:
        disable = getattr(self._matcher, "disable", None)
        if disable is not None:
            disable(revision, reason)


def _fields(book: Book, changed: Exchange, types: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """The condition fields that the rules use, one column each, aligned with the events; amounts in the plan's
    currency."""
    found = {name: _field(book, types, name) for name in rules.fields}
    found |= {name: changed.converted(column) for name, column in found.items() if is_amount(name)}
    if book.signed is not None:  # a stage that begins by itself is credited as its line was
        found = {name: column[book.signed] for name, column in found.items()}
    return pl.DataFrame([book.events["event_ix"], *(column.alias(name) for name, column in found.items())])


def _field(book: Book, types: pl.DataFrame, name: str) -> pl.Series:
    events = book.events
    if name in ATTRIBUTES:
        return attribute_of(book, events, name)
    if name in _DERIVED:
        return types[_DERIVED[name]]
    if name in _COMPUTED:
        return _COMPUTED[name](book, types)
    column = _RENAMED.get(name, name)
    if column not in events.columns:  # a custom field that no deal has
        return repeated(None, events.height, pl.String)
    series = events[column]
    return series if series.dtype != pl.Date else _as_number(series)


def _as_number(dates: pl.Series) -> pl.Series:
    """20260331 for 31 March 2026."""
    year, month, day = (part.cast(pl.Int64) for part in (dates.dt.year(), dates.dt.month(), dates.dt.day()))
    return year * 10_000 + month * 100 + day


def _term_months(book: Book, types: pl.DataFrame) -> pl.Series:
    """Of a line whose own dates are not given, from its first committed stage to the end of its last one."""
    events = book.events.select("deal_ix", "line", "start_date", "end_date")
    if book.stages.height:
        committed = book.stages.filter("committed").group_by("deal_ix", "line")
        spans = committed.agg(_first=pl.col("start_date").min(), _last=pl.col("end_date").max())
        events = events.join(spans, on=["deal_ix", "line"], how="left", maintain_order="left")
        events = events.with_columns(
            start_date=pl.coalesce("start_date", "_first"), end_date=pl.coalesce("end_date", "_last")
        )
    return events.select(whole_months(pl.col("start_date"), pl.col("end_date"))).to_series()


_DERIVED = {
    "type": "deal_type",
    "first_order": "first_order",
    "win_back": "win_back",
}
_RENAMED = {
    "currency": "currency_code",
    "annual_value": "annual_value_minor",
    "one_time_value": "one_time_value_minor",
    "discount": "discount_ppm",
}
_COMPUTED: Mapping[str, Callable[[Book, pl.DataFrame], pl.Series]] = {
    "acv": acv,
    "margin": margin_ppm,
    "months_since_first_order": months_since_first_order,
    "products": lambda book, types: products(book),
    "ramp": lambda book, types: ramps(book),
    "term_months": _term_months,
}
