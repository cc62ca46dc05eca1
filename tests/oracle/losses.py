"""What a loss takes of a credit, worked out loss by loss in plain fractions (T1, C5, L3, M9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from compsvc.core.plan import Component, Plan
from compsvc.core.plan_clawback import FullWithin
from compsvc.core.rules.pool import Pool
from compsvc.core.rules.rank import Rank

from .calendar_rules import add_months, whole_months

if TYPE_CHECKING:
    from .rows import Deal, Event, Line, Loss


@dataclass(frozen=True)
class Taken:
    """One loss of one event: the share lost before it and the share lost with it."""

    loss: Loss
    before: Fraction
    up_to: Fraction


@dataclass(frozen=True)
class Terms:
    basis: str
    attainment: str
    schedule: str | int | FullWithin
    share: Fraction = Fraction(1)
    by: str | None = None
    each: tuple[tuple[tuple[str, ...], str | int | FullWithin, Fraction], ...] = ()  # names, schedule, share

    def of(self, loss: Loss) -> tuple[str | int | FullWithin, Fraction]:
        """The schedule and the share that answer this loss."""
        if self.by is None:
            return self.schedule, self.share
        name = {"reason": loss.reason, "kind": loss.kind}[self.by]
        for names, schedule, share in self.each:
            if name in names:
                return schedule, share
        return next((schedule, share) for names, schedule, share in self.each if "any other" in names)


def terms_of(plan: Plan, component: Component) -> Terms | None:
    """The component's own words, else the plan's; None where nothing is taken back."""
    said = component.clawback if component.clawback is not None else plan.clawback
    if said is not None and said != "no" and isinstance(component.pays, Rank | Pool):
        return Terms("recompute", "original_period", "full")
    if said is None or said == "no":
        return None
    each = tuple((way.of, way.schedule, way.share) for way in said.losses)
    return Terms(said.basis, said.attainment, said.schedule or "full", said.share, said.by, each)


def taken(plan: Plan, component: Component, event: Event, losses: list[Loss]) -> Iterator[Taken]:
    """The losses of the event in their order. A logo is lost with the whole deal, and only while it must stay; a deal
    is lost as a whole too; units go as their line does."""
    if component.counts in ("new_logos", "deals"):
        last = _end_of(event.deal, losses)
        if last is None or last.day < event.closed:
            return
        if component.counts == "deals" and not _kept(plan, component):
            yield Taken(last, Fraction(0), Fraction(1))
        if component.must_stay and last.day < add_months(event.closed, component.must_stay):
            yield Taken(last, Fraction(0), Fraction(1))
        return
    terms = terms_of(plan, component)
    if component.counts == "units":
        terms = None if _kept(plan, component) else Terms("recompute", "original_period", "full")
    before = Fraction(0)
    for loss in losses if terms else ():
        owed_from = event.begins.start if event.begins is not None else event.closed
        if loss.line not in (None, event.line.number) or loss.day < owed_from:
            continue
        schedule, share = terms.of(loss)
        owed = Fraction(0) if schedule == "none" else _owed(component, event, loss.day, schedule)
        up_to = before + _lost(loss, event) * owed * share
        yield Taken(loss, before, up_to)
        before = up_to


def _kept(plan: Plan, component: Component) -> bool:
    """What is counted is kept where `clawback: no` stands."""
    return (plan.clawback if component.clawback is None else component.clawback) == "no"


def _size(line: Line) -> int:
    return line.last_level + line.one_time


def _lost(loss: Loss, event: Event) -> Fraction:
    return part_of(loss, event.deal, event.line)


def part_of(loss: Loss, deal: Deal, line: Line) -> Fraction:
    """The share of the line that is lost; an amount is one of the deal's size, or of the line's where it names one."""
    if loss.share is not None:
        return loss.share
    of = sum(_size(item) for item in deal.lines) if loss.line is None else _size(line)
    return Fraction(loss.amount, of) if loss.amount else Fraction(0)


def _owed(component: Component, event: Event, day: date, schedule: str | int | FullWithin) -> Fraction:
    """What of the lost part is still owed that day, by the months since the start."""
    if schedule == "full":
        return Fraction(1)
    pieces = _pieces(component, event)
    whole = sum(weight for _, weight in pieces)
    owed = sum(weight * _owed_after(schedule, whole_months(start, day)) for start, weight in pieces)
    return owed / whole


def _owed_after(schedule: int | FullWithin, months: int) -> Fraction:
    """What of one piece is owed after so many whole months."""
    if isinstance(schedule, int):
        return Fraction(max(0, schedule - months), schedule)
    if months < schedule.months:
        return Fraction(1)
    since = months - schedule.months
    return Fraction(schedule.over - since, schedule.over) if since < schedule.over else Fraction(0)


def _pieces(component: Component, event: Event) -> list[tuple[date, int]]:
    """The days from which parts of the event are owed, and how much each part is."""
    line = event.line
    if event.begins is not None:
        return [(event.begins.start, 1)]
    if event.option is not None:
        return [(event.option.start or line.start or event.closed, 1)]
    starts = [stage.start for stage in line.committed if stage.start is not None]
    return pieces_of_stages(component, line) or [(starts[0] if starts else line.start or event.closed, 1)]


def pieces_of_stages(component: Component, line: Line) -> list[tuple[date, int]]:
    """What each stage adds to the last level, from its start on; nothing where that level is not what is paid (L3)."""
    if not _with_last_stage(component, line):
        return []
    kept = [min(later.level for later in line.committed[place:]) for place in range(len(line.committed))]
    steps = [high - low for low, high in zip([0, *kept], kept, strict=False)]
    return [(stage.start, step) for stage, step in zip(line.committed, steps, strict=True) if step]


def _with_last_stage(component: Component, line: Line) -> bool:
    """Whether what is paid is the last committed level (L3)."""
    if (component.pays_on or component.counts) != "final_stage_acv" or len(line.committed) < 2:
        return False
    first, last = line.committed[0], line.committed[-1]
    ramp = component.ramp
    return (
        add_months(first.start, ramp.term_at_least) <= last.end
        and add_months(last.start, ramp.last_stage_at_least) <= last.end
    )


def _end_of(deal: Deal, losses: list[Loss]) -> Loss | None:
    """The loss with which the last line of the deal is gone, if all are."""
    ends = []
    for line in deal.lines:
        lost = Fraction(0)
        for loss in losses:
            if loss.line in (None, line.number):
                lost += part_of(loss, deal, line)
                if lost >= 1:
                    ends.append(loss)
                    break
    return max(ends, key=lambda loss: loss.order) if len(ends) == len(deal.lines) else None
