"""What bounds the pay of a period: windfalls, a minimum per deal, caps and floors, line by line (T3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby
from typing import Any

from compsvc.core.plan import Component

from .exact import rounded
from .lists import Entry, Line
from .stated import SOURCE_OF

FROM = {
    "windfall": 1_000_000,
    "review": 2_000_000,
    "minimum": 3_000_000,
    "cap": 4_000_000,
    "floor": 5_000_000,
    "plan_cap": 6_000_000,
    "plan_floor": 7_000_000,
}


@dataclass(frozen=True)
class Deal:
    """The entries of one deal in one running list under one revision, and what the deal is worth there."""

    places: frozenset[int]
    first: int
    value: int
    part: int
    component: Component
    mode: str
    shut: bool  # or paid by the period's target


def deals_of(
    placed: list[Entry], spans: list[int], terms: Callable[[Entry], tuple[Component, str, bool]]
) -> list[Deal]:
    """`spans` says in which running list each entry stands."""
    found: dict[Any, list[int]] = defaultdict(list)
    for place, entry in enumerate(placed):
        if not entry.take_back and entry.subject[0] not in SOURCE_OF.values():
            found[spans[place], entry.subject[:2], entry.binding.revision].append(place)
    deals = []
    for places in found.values():
        own = [place for place in places if placed[place].kind == "own"]
        if own:
            component, mode, shut = terms(placed[own[0]])
            paid_on = "pays" if getattr(component.pays, "by", "") == "deal" else "counts"
            value, part = (sum(getattr(placed[place], name) for place in own) for name in ("whole", paid_on))
            deals.append(Deal(frozenset(places), own[0], value, part, component, mode, shut))
    return deals


def windfalls(lines: list[Line], deals: Iterable[Deal]) -> list[Line]:
    more = []
    for deal in deals:
        rule = deal.component.windfall
        if rule is None or deal.value <= rule.above_minor:
            continue
        unpaid = 1 - (rule.pays if isinstance(rule.pays, Fraction) else 0)
        for line in lines:
            if line.place in deal.places:
                above = Fraction(deal.value - rule.above_minor, deal.value)
                cut = rounded(line.amount_minor * above * unpaid, deal.mode)
                more += [_beside(line, "windfall", -cut)] if cut else []
                if cut and rule.pays == "review":
                    more.append(replace(_beside(line, "review", cut), held=True))
    return more


def unpaid_first(lines: list[Line]) -> list[Line]:
    """Of all lines of a participant and component: a loss takes what a windfall left unpaid before anything else, by
    deal; what is taken there comes back to pay, and where it waits for a review that is less."""
    more = []
    for deal in {line.subject[:2] for line in lines if line.step_kind == "windfall" and line.subject}:
        own = [line for line in lines if line.subject and line.subject[:2] == deal]
        left = -sum(line.amount_minor for line in own if line.step_kind == "windfall")
        waits = any(line.step_kind == "review" for line in own)
        taken = used = 0
        backs = [line for line in own if line.loss is not None and line.step_kind in ("take_back", "difference")]
        for back in sorted(backs, key=lambda x: (x.period, x.in_span)):
            at = [x for x in own if (x.period, x.in_span) == (back.period, back.in_span)]
            taken -= sum(x.amount_minor for x in at if x.step_kind not in ("windfall", "review", "minimum"))
            now = max(0, min(left, taken))
            if now != used:
                beside = replace(back, cause_place=back.place or 0)
                more.append(_beside(beside, "windfall", now - used))
                more += [replace(_beside(beside, "review", used - now), held=True)] if waits else []
            used = now
    return more


def minimums(lines: list[Line], deals: Iterable[Deal]) -> list[Line]:
    more = []
    for deal in deals:
        least = deal.component.minimum_per_deal_minor
        if least is None or deal.value <= 0 or deal.part <= 0 or deal.shut:
            continue
        paid = sum(line.amount_minor for line in lines if line.place in deal.places)
        short = rounded(Fraction(least * deal.part, deal.value), deal.mode) - paid
        if short > 0:
            of = next(line for line in lines if line.place == deal.first and line.step_kind not in ("re_rating",))
            more.append(_beside(of, "minimum", short))
    return more


def in_order(lines: Iterable[Line]) -> list[Line]:
    """By place and cause, what is held last; the period's own lines after all."""
    return sorted(lines, key=lambda x: (x.place is None, x.place or 0, cause_of(x), x.held))


def cause_of(line: Line) -> int:
    """What a loss uses of what waits is used before the take-back itself."""
    used = line.held and line.cause_place == line.place and line.amount_minor < 0
    return -2 if used else line.cause_place


def cuts(lines: list[Line], most: int, kind: str) -> list[Line]:
    """A running sum never goes beyond `most`; what one entry's lines go beyond it is taken from them together."""
    more, total, over = [], 0, 0
    for _, group in groupby(lines, key=_place_of):
        together = list(group)
        total += sum(line.amount_minor for line in together)
        now = max(0, total - most)
        if now != over:
            more.append(_beside(together[0], kind, over - now))
        over = now
    return more


def capped(lines: list[Line], most: int, kind: str, earlier: Iterable[Line]) -> list[Line]:
    """`cuts`, where a loss takes first what the same cap has cut `earlier` of the credit that is lost."""
    unpaid: dict[Any, int] = defaultdict(int)
    for line in earlier:
        if line.step_kind == kind and line.subject:
            unpaid[line.component, line.subject, line.held] -= line.amount_minor
    brought: dict[Any, int] = defaultdict(int)  # by what entries that take back bring about, at once
    for line in lines:
        brought[_brought_by(line)] += line.amount_minor
    taken: dict[Any, int] = defaultdict(int)
    used: dict[Any, int] = defaultdict(int)
    after, freed = [], []
    for line in lines:
        after.append(line)
        entry = _brought_by(line)
        if line.back and line.loss is not None and entry[2] == line.place and entry in brought:
            credit = line.component, line.subject, line.held
            taken[credit] -= brought.pop(entry)
            now = max(0, min(unpaid[credit], taken[credit]))
            freed += [_beside(line, kind, now - used[credit])] if now != used[credit] else []
            after += freed[-1:] if now != used[credit] else []
            used[credit] = now
    return _together(freed + cuts(after, most, kind))


def _together(lines: list[Line]) -> list[Line]:
    """Beside one entry, cause and payability one line."""
    found: dict[Any, Line] = {}
    for line in lines:
        other = found.get(_place_of(line))
        total = line.amount_minor + (other.amount_minor if other else 0)
        found[_place_of(line)] = replace(line, amount_minor=total)
    return [line for line in found.values() if line.amount_minor]


def _brought_by(line: Line) -> tuple[str, str, int | None, bool]:
    """In which list and by which place: its own, or that of the event that re-rated it."""
    own = line.place is None or line.cause_place < 0
    return line.component, line.period, line.place if own else line.cause_place, line.held


def _place_of(line: Line) -> Any:
    return line.participant, line.plan, line.component, line.period, line.place, line.cause_place, line.held


def _beside(line: Line, kind: str, amount: int) -> Line:
    return replace(line, step_kind=kind, amount_minor=amount, step=FROM[kind] + 1)


def numbered(lines: list[Line], *, each_deal: bool) -> list[Line]:
    """The lines of a subject and kind count on from the kind's number, by the cause of what they stand beside: in a
    period, or over all of them where each deal has one list (M2)."""
    counted: dict[Any, int] = defaultdict(int)
    found = []
    for line in sorted(lines, key=lambda x: (x.cause_place, x.in_span)):
        if line.step_kind in FROM and line.place is not None:
            period = "" if each_deal else line.period
            key = (line.participant, line.plan, line.component, period, line.span, line.subject, line.step_kind)
            counted[key] += 1
            line = replace(line, step=FROM[line.step_kind] + counted[key])
        found.append(line)
    return found
