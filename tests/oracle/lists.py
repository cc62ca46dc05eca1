"""One ordered list of credit events a participant, component and period; a line is a difference (D2, M2, M5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from .curve import Curve, Paid, Points, Tiers
from .exact import rounded
from .rows import Row, Subject


@dataclass(frozen=True)
class Line:
    participant: str
    plan: str
    component: str
    period: str
    subject: Subject | None  # None: the period itself
    step_kind: str  # own, re_rating, take_back, difference, period
    step: int
    cause: str | None
    counts: int
    pays: int
    amount_minor: int
    payable_date: date | None
    route: str | None
    place: int | None = None  # of the entry in its component's period; None for the period itself
    cause_place: int = -1
    span: int = 0
    held: bool = False
    loss: str | None = None  # of a take-back (T1)
    in_span: int = -1  # its entry's place in the running list
    back: bool = False  # of an entry that takes back

    @property
    def about(self) -> tuple[str, ...]:
        """What a review of it names."""
        assert self.subject is not None
        return (self.participant, self.plan, self.component, *self.subject[:2])


@dataclass(frozen=True)
class Binding:
    """Under which assignment and plan revision an event is paid."""

    assignment_start: date | None
    revision: str


@dataclass
class Entry:
    """A credit event. `order` is D2's key; take-backs stand behind all others."""

    subject: Subject
    counts: int
    pays: int
    order: tuple[Any, ...]
    counting: date
    binding: Binding
    payable: date | None
    route: str | None
    take_back: bool = False
    kind: str = "own"
    step: int = 0
    cause: str | None = None
    fixed: bool = False
    whole: int = 0  # the value of the deal's line before it was split
    place: int = 0
    in_span: int = 0
    span: int = 0
    loss: str | None = None
    moved: int = 0  # what it moves the curve by: its own line and those that it re-rates
    posted: int = 0  # its own line and its re-ratings, those of take-backs left out
    rated: int = 0  # what rates apply to
    worth: Fraction = Fraction(0)  # what its rates alone come to (`original_rate`)

    settles: date = date.min  # when the pay has settled that it is a share of (M8)
    listed: ListKey | None = None  # whose list it stands in, where its span goes over several

    @property
    def named(self) -> Named:
        return self.subject, self.loss


Named = tuple[Subject, str | None]  # a credit, or what a loss takes of it
ListKey = tuple[str, str, str, str]  # participant, plan, component, period


def in_order(current: dict[Named, Entry], fixed: list[Row], gone: Callable[[Named], Entry]) -> list[Entry]:
    """Fixed events in their places, then the rest by D2's key; a changed fixed event is followed by the difference.

    `gone(subject)` is what is left of a fixed event that is nobody's any more: where it stands and is payable.
    """
    standing: list[Entry] = []
    posted: dict[Named, tuple[int, int, int]] = {}  # counts, pays, number of rows
    for row in fixed:
        subject = (row["source"], row["external_id"], row["line"], row["stage"]), row["loss_id"]
        counts, pays, number = posted.get(subject, (0, 0, 0))
        entry = _copy(current.get(subject) or gone(subject), row["counts"], row["pays"])
        entry.fixed = True
        if number:
            entry.kind, entry.step = "difference", _difference(entry, number)
        standing.append(entry)
        posted[subject] = counts + row["counts"], pays + row["pays"], number + 1
    rest = [entry for subject, entry in current.items() if subject not in posted]
    for subject, (counts, pays, number) in posted.items():
        now = current.get(subject)
        entry = _copy(now or gone(subject), (now.counts if now else 0) - counts, (now.pays if now else 0) - pays)
        entry.kind, entry.step = "difference", _difference(entry, number)
        if entry.counts or entry.pays:
            rest.append(entry)
    return standing + sorted(rest, key=lambda entry: (entry.take_back, entry.order))


def _difference(entry: Entry, number: int) -> int:
    """Its number within the subject, from 50,000,001; of a difference of a take-back, a thousand each within that."""
    return 50_000_000 + number if entry.loss is None else entry.step + 1_000 * number


def _copy(entry: Entry, counts: int, pays: int) -> Entry:
    return replace(entry, counts=counts, pays=pays)


def paid(
    key: ListKey,
    entries: Iterable[Entry],
    curve_of: Callable[[Entry], Curve],
    mode_of: Callable[[Entry], str],
    apart: bool,
    first: int = 0,
    span: int = 0,
) -> tuple[list[Line], int]:
    """The lines of one span, and the position at its end. `first` is the place of its first entry."""
    entries = list(entries)
    total = Paid(apart)
    credited = sum(entry.counts for entry in entries if not entry.take_back)
    earlier: list[tuple[Entry, Paid]] = []  # with what all had come to through each
    numbers: Counter[Subject] = Counter()
    lines: list[Line] = []
    for place, entry in enumerate(entries, first):
        curve, mode = curve_of(entry), mode_of(entry)
        before = rounded(total.amount_under(curve), mode)
        rate_before = _rate(curve, total.position)
        entry.worth = _worth(curve, total, entry, credited)
        entry.rated = entry.pays if apart else entry.counts
        total.take(curve, entry.counts, entry.pays)
        own = rounded(total.amount_under(curve), mode) - before
        if isinstance(curve, Tiers) and curve.mode != "marginal":
            step = _rate(curve, total.position) - rate_before
            through = [(other, so_far.re_rated_by(curve)) for other, so_far in earlier] if step else []
            re_rated = list(_re_rated(key, step, through, entry, mode, numbers, first))
            own -= sum(line.amount_minor for line, _ in re_rated)
            lines.extend(replace(line, cause_place=place, span=span) for line, _ in re_rated)
            for line, of in re_rated:
                of.posted += 0 if entry.take_back else line.amount_minor
                entry.moved += line.amount_minor
        entry.moved += own
        entry.posted += own
        entry.place, entry.in_span, entry.span = place, place, span
        lines.append(replace(_own(key, entry, own), place=place, in_span=place, span=span))
        earlier.append((entry, replace(total, in_tiers=list(total.in_tiers))))
    return lines, total.position


def _own(key: ListKey, entry: Entry, amount: int) -> Line:
    what = entry.subject, entry.kind, entry.step, entry.cause, entry.counts, entry.pays
    line = Line(*(entry.listed or key), *what, amount, entry.payable, entry.route, loss=entry.loss)
    return replace(line, back=entry.take_back)


def _worth(curve: Curve, total: Paid, entry: Entry, credited: int) -> Fraction:
    """Rate by rate what the entry's credit is paid, without bonuses; what steps re-rate, at the tier of all credits."""
    before, after = total.position, total.position + entry.counts
    if isinstance(curve, Points):
        return curve.sloped(after) - curve.sloped(before)
    if not isinstance(curve, Tiers):
        return Fraction(0)
    parts = [Fraction(part) for part in curve.divide(before, entry.counts, entry.pays)] if total.apart else []
    if curve.mode == "retroactive":
        return curve.rates[curve.tier_of(credited)] * (entry.pays if total.apart else entry.counts)
    if curve.mode == "overage":
        over = sum(parts[1:], Fraction(0)) if total.apart else curve.over(after) - curve.over(before)
        rest = (entry.pays if total.apart else entry.counts) - over
        return curve.rates[0] * rest + curve.rates[curve.paying(credited)] * over
    if total.apart:
        return sum((rate * part for rate, part in zip(curve.rates, parts, strict=True)), Fraction(0))
    return curve.amount(after) - curve.amount(before)


def _rate(curve: Curve, position: int) -> Fraction:
    return curve.rates[curve.paying(position)] if isinstance(curve, Tiers) else Fraction(0)


def _re_rated(
    key: ListKey,
    step: Fraction,
    earlier: list[tuple[Entry, Fraction]],
    cause: Entry,
    mode: str,
    numbers: Counter[Subject],
    first: int,
) -> Iterator[tuple[Line, Entry]]:
    """One line per earlier event, in proportion, numbered within its subject (M5)."""
    before = 0
    for place, (entry, through) in enumerate(earlier, first):
        after = rounded(step * through, mode)
        if after != before:
            numbers[entry.subject] += 2 if entry.step == 1 and not numbers[entry.subject] else 1
            payable = max(entry.payable, cause.counting, cause.settles) if entry.payable else None
            what = entry.subject, "re_rating", numbers[entry.subject], cause.subject[1], entry.counts, entry.pays
            found = Line(*(cause.listed or key), *what, after - before, payable, entry.route, place)
            yield replace(found, loss=entry.loss, in_span=place, back=entry.take_back), entry
        before = after
