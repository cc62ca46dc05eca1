"""What each stage event is worth in each measure, before it is split (L2, L3, M9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from compsvc.core.plan import Component, Plan
from compsvc.core.plan_measures import Ramp

from .calendar_rules import add_months, term_in_months
from .derived import GROWTH, Derived, Families
from .exact import rounded
from .losses import part_of
from .money_changed import changed, rate
from .rows import Company, Deal, Event, Line, Stage, Subject, begun_of
from .worth_more import change, first_year, lifetime, margin, monthly, one_deal, present_value, renewed, units

ONE_LOGO = 1_000_000
STAGES = "as_stages_start"


@dataclass(frozen=True)
class Loss:
    """A churn line that takes a logo back out of the count (`must_stay`)."""

    logo: Subject
    churn: Event


@dataclass
class Worth:
    """`None` as a value: the line has no term value (TERM_MISSING)."""

    values: Mapping[Subject, int | None]
    losses: Mapping[Subject, Loss]  # by the logo's subject

    def of(self, event: Event) -> int | None:
        return self.values.get(event.subject, 0)


def worth(measure: str, company: Company, families: Families, derived: Derived, plan: Plan, terms: Component) -> Worth:
    if measure == "acv" and terms.ramp == STAGES:
        return _in_plan_money(company, plan, stage_by_stage(company, derived, terms.one_time == "count", plan.rounding))
    if measure == "acv":
        own = {e.subject: acv(e, company, derived, terms.one_time == "count") for e in company.events}
        return _in_plan_money(company, plan, own)
    if measure == "tcv":
        return _in_plan_money(company, plan, {e.subject: tcv(e, derived, plan.rounding) for e in company.events})
    if measure == "final_stage_acv":
        return _in_plan_money(company, plan, final_stage_acv(company, derived, plan, terms))
    if measure != "new_logos":
        each = {e.subject: others(measure, e, company, derived.type_of(e), plan, terms) for e in company.events}
        return Worth(each, {}) if measure in ("units", "deals") else _in_plan_money(company, plan, each)
    return new_logos(company, families, derived, plan, terms)


def _in_plan_money(company: Company, plan: Plan, own: Mapping[Subject, int | None]) -> Worth:
    """The whole value of the line is converted, and rounded once."""
    values: dict[Subject, int | None] = {}
    for event in [*company.events, *begun_of(company.deals)]:
        value = own.get(event.subject, 0)
        deal = event.deal
        values[event.subject] = value and changed(company, plan, deal.currency, event.closed, value)
    return Worth(values, {})


def others(measure: str, event: Event, company: Company, kind: str, plan: Plan, terms: Component) -> int | None:
    """The measures that stand in `worth_more.py`."""
    had = _had_before(event, company)
    fee = event.line.one_time if terms.one_time == "count" and event.option is None else 0
    mode = plan.rounding
    match measure:
        case "units":
            return units(event, kind, _replaced(event, company))
        case "deals":
            size = changed(company, plan, event.deal.currency, event.deal.closed, event.deal.size)
            return one_deal(event, kind, size, terms.minimum_deal_minor or 0)
        case "mrr":
            return monthly(event, kind, had, mode)
        case "delta_acv":
            return change(event, kind, had)
        case "renewed_acv":
            return renewed(event, kind, had)
        case "margin":
            return margin(event, kind, mode, floor=terms.below_cost == "zero")
        case "first_year_acv":
            return first_year(event, kind, had, mode, fee)
        case "present_value":
            assert terms.present_value is not None
            return present_value(event, kind, terms.present_value.discount, terms.present_value.churn, mode, fee)
    assert measure == "ltv", measure
    assert terms.ltv is not None
    rates = terms.ltv.discount, terms.ltv.churn, terms.ltv.horizon
    return lifetime(event, kind, had, *rates, mode, fee)


def _had_before(event: Event, company: Company) -> int:
    """What the event is worth the difference to: replaced lines, or what the line of an option had."""
    if event.option is not None:
        taken = [option.level for option in event.line.options if _exercised_before(option, event)]
        return max([event.line.first_level, *taken])
    return sum(max(0, old.first_level) for old in _replaced(event, company))


def acv(event: Event, company: Company, derived: Derived, with_one_time: bool) -> int:
    line = event.line
    if derived.type_of(event) not in GROWTH:
        return 0
    if event.option is not None:
        before = [option.level for option in line.options if _exercised_before(option, event)]
        return max(0, event.option.level - max([line.first_level, *before]))
    replaced = sum(max(0, old.first_level) for old in _replaced(event, company))
    return max(0, line.first_level - replaced) + (line.one_time if with_one_time else 0)


def _exercised_before(option: Stage, event: Event) -> bool:
    return option.exercised is not None and (option.exercised, option.number) < (event.option.exercised, event.stage)


def _replaced(event: Event, company: Company) -> list[Line]:
    found = [company.lines.get((event.deal.source, name)) for name in event.line.replaces]
    return [line for line in found if line is not None]


def stage_by_stage(company: Company, derived: Derived, with_one_time: bool, mode: str) -> dict[Subject, int]:
    """Levels as they come into force: of the line, its stages as they start and its options as they are taken."""
    values = {}
    reached: dict[tuple[str, str, int], int] = {}
    for event in sorted([*company.events, *begun_of(company.deals)], key=lambda event: event.tail):
        key, line = (*event.deal.key, event.line.number), event.line
        further = event.option or event.begins
        level = further.level if further else line.first_level
        had = reached.get(key, 0)
        if further is None:
            had = sum(_level_then(old, event.closed) for old in _replaced(event, company))
        added = max(0, level - had)
        reached[key] = max(level, reached.get(key, 0))
        if event.begins is not None:
            added = rounded(added * _left_by(company, event.deal, line, event.begins.start), mode)
        elif event.option is None and with_one_time:
            added += line.one_time
        values[event.subject] = added if derived.type_of(event) in GROWTH else 0
    return values


def _level_then(line: Line, day: date) -> int:
    """The highest level that has started by the day."""
    return max([0, line.first_level, *(stage.level for stage in line.committed[1:] if stage.start <= day)])


def _left_by(company: Company, deal: Deal, line: Line, day: date) -> Fraction:
    """What of a line is neither lost nor replaced before the day."""
    name = deal.source, f"{deal.external_id}/{line.number}"
    for other in company.deals:
        named = [(other.source, text) for item in other.lines for text in item.replaces]
        if not other.provisional and other.closed < day and name in named:
            return Fraction(0)
    lost = [loss for loss in company.losses.get(deal.key, []) if loss.day < day and loss.line in (None, line.number)]
    return max(Fraction(0), 1 - sum((part_of(loss, deal, line) for loss in lost), Fraction(0)))


def tcv(event: Event, derived: Derived, mode: str) -> int | None:
    line = event.line
    if derived.type_of(event) in ("downsell", "churn"):
        return 0
    if event.option is not None:
        return rounded(_term_value(event.option.level, event.option.start, event.option.end), mode)
    if line.has_stages:
        value = sum((_term_value(stage.level, stage.start, stage.end) for stage in line.committed), Fraction(0))
    elif line.annual:
        if line.start is None or line.end is None:
            return None
        value = _term_value(line.annual, line.start, line.end)
    else:
        value = Fraction(0)
    return rounded(value, mode) + line.one_time


def _term_value(annual: int, start: date, end: date) -> Fraction:
    return annual * term_in_months(start, end) / 12


def credited_level(line: Line, ramp: Ramp | None, mode: str) -> int:
    """F: the level that a line of final_stage_acv is credited with, before any baseline (L3)."""
    stages = line.committed
    if len(stages) < 2:
        return line.first_level
    assert ramp is not None
    end = stages[-1].end
    long_enough = add_months(stages[0].start, ramp.term_at_least) <= end
    last_long_enough = add_months(stages[-1].start, ramp.last_stage_at_least) <= end
    if long_enough and last_long_enough:
        return stages[-1].level
    if ramp.below_limits == "first_stage":
        return stages[0].level
    terms = [term_in_months(stage.start, stage.end) for stage in stages]
    weighted = sum(stage.level * term for stage, term in zip(stages, terms, strict=True))
    return rounded(Fraction(weighted) / sum(terms), mode)


class _Baseline:
    """What an account is committed to for one product, as its lines come in."""

    def __init__(self) -> None:
        self.committed = 0  # C
        self.pulled = 0  # P
        self.schedule: Line | None = None
        self.credited = 0  # of the governing line

    def take(self, event: Event, level: int, replaced: int) -> int:
        """What the event counts; the baseline moves with it."""
        if event.option is not None:
            self.pulled = max(self.pulled, event.option.level)
            return self._raise_to(event.option.level)
        if len(event.line.committed) >= 2 or (event.line.committed and event.line.options):
            return self._take_schedule(event.line, level, replaced)
        if event.line.has_stages and not event.line.committed:
            return 0
        plain = max(0, level - replaced)
        if self.schedule is None:
            return plain
        in_force = min(_level_in_force(self.schedule, event.closed), self.credited)
        self.pulled = max(in_force, self.pulled) + plain
        return self._raise_to(self.pulled)

    def _take_schedule(self, line: Line, level: int, replaced: int) -> int:
        counted = max(0, level - self.committed - replaced)
        self.committed = max(self.committed, level)
        self.schedule, self.credited = line, level
        return counted

    def _raise_to(self, level: int) -> int:
        counted = max(0, level - self.committed)
        self.committed = max(self.committed, level)
        return counted


def _level_in_force(line: Line, day: date) -> int:
    level = line.committed[0].level
    for stage in line.committed:
        if stage.start <= day:
            level = stage.level
    return level


def final_stage_acv(company: Company, derived: Derived, plan: Plan, terms: Component) -> dict[Subject, int]:
    baselines: dict[tuple[str, str | None, str], _Baseline] = defaultdict(_Baseline)
    values = {}
    for event in company.events:
        if derived.type_of(event) not in GROWTH or rate(company, plan, event.deal.currency, event.closed) is None:
            continue
        level = credited_level(event.line, terms.ramp, plan.rounding)
        replaced = sum(max(0, credited_level(old, terms.ramp, plan.rounding)) for old in _replaced(event, company))
        counted = baselines[event.deal.account, event.line.product, event.deal.currency].take(event, level, replaced)
        extra = event.line.one_time if terms.one_time == "count" and event.option is None else 0
        values[event.subject] = counted + extra
    return values


def new_logos(company: Company, families: Families, derived: Derived, plan: Plan, terms: Component) -> Worth:
    by = terms.logo or "account"
    won: dict[str, Deal] = {}
    values: dict[Subject, int] = {}
    for deal in company.deals:
        logo = families.entity(deal.account, by)
        lines = [line for line in deal.lines if derived.types[(*deal.key, line.number)] == "new_logo"]
        if not lines or logo in won or rate(company, plan, deal.currency, deal.closed) is None:
            continue
        size = changed(company, plan, deal.currency, deal.closed, deal.size)
        if size >= (terms.minimum_deal_minor or 0) and not families.known_before(deal.account, by, deal.closed):
            won[logo] = deal
            values[(*deal.key, min(line.number for line in lines), 0)] = ONE_LOGO
    subjects = {subject[:2]: subject for subject in values}
    losses = _losses(company, families, derived, won, by, terms.must_stay) if terms.must_stay else {}
    return Worth(values, {subjects[key]: Loss(subjects[key], churn) for key, churn in losses.items()})


def _losses(
    company: Company, families: Families, derived: Derived, won: dict[str, Deal], by: str, must_stay: int
) -> dict[tuple[str, str], Event]:
    """For each logo's deal the first churn line that came too early, by D2's key."""
    found: dict[tuple[str, str], Event] = {}
    for event in sorted(company.events, key=lambda event: (event.closed, event.tail)):
        if derived.type_of(event) != "churn" or event.option is not None:
            continue
        deal = won.get(families.entity(event.deal.account, by))
        if deal and deal.closed <= event.closed < add_months(deal.closed, must_stay):
            found.setdefault(deal.key, event)
    return found
