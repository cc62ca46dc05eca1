"""What the lists are paid: each in its spans, each deal anew where a component says so, and gaps of take-backs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import partial

from compsvc.core.plan import Component
from compsvc.core.rules.flat_rate import FlatRate
from compsvc.core.rules.rate_table import RateTable

from .book import COUNTS, Book
from .calendar_rules import Period
from .chain import attained
from .curve import Curve
from .exact import rounded
from .lists import Binding, Entry, Line, ListKey, paid
from .losses import Taken
from .positions import spans_of
from .quota import Part
from .rows import Subject
from .stated import are_apart


def pay_list(book: Book, key: ListKey) -> None:
    participant, plan, name, period_name = key
    chain = book.chains[plan]
    component = chain.last(name)
    period = book.period(chain, name, period_name)
    entries = book.entries(key, period)
    book.events[key] = [(entry.named, entry.counts, entry.pays) for entry in entries]
    book.paid[key] = entries
    other_amount = component.pays_on not in (None, component.counts) or attained(component) is not None
    apart = (other_amount or are_apart(entries)) and isinstance(component.pays, FlatRate | RateTable)
    parts = book.parts(participant, chain, period)
    position, lines = 0, []
    placed, numbers = book.placed[key]
    for number, (span, blend) in enumerate(_ordered_spans(book, key, period, entries)):
        first = len(placed)
        placed += span
        numbers += [number] * len(span)
        found, end = paid(
            key,
            span,
            lambda entry, blend=blend: book.curve(key, period, None if blend else entry.binding),
            lambda entry, blend=blend: (
                (parts[-1].plan if blend else chain.by_revision[entry.binding.revision]).rounding
            ),
            apart,
            first,
            number,
        )
        lines += found
        if component.carry != "reset" or _is_last(span, parts):
            position = end
    lines = [_settled(line, component, period) for line in lines]
    book.lines.extend(lines)
    _add(book, key, component, position, lines)


def pay_deals(book: Book, keys: list[ListKey]) -> None:
    """Each deal has a position of its own, which goes on over the periods: what is fixed, then the rest (M2)."""
    chain, name = book.chains[keys[0][1]], keys[0][2]
    component = chain.last(name)
    lists = []
    for key in keys:
        period = book.period(chain, name, key[3])
        entries = [replace(entry, listed=key) for entry in book.entries(key, period)]
        book.events[key] = [(entry.named, entry.counts, entry.pays) for entry in entries]
        lists.append((period.start, entries, len(book.company.fixed.get(key, []))))
    lists.sort(key=lambda item: item[0])
    placed = [entry for _, entries, _ in lists for entry in entries]
    at = {id(entry): place for place, entry in enumerate(placed)}
    fixed = [entry for _, entries, many in lists for entry in entries[:many]]
    rest = [entry for _, entries, many in lists for entry in entries[many:]]
    deals: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in [*fixed, *rest]:
        deals[entry.subject[:2]].append(entry)
    apart = component.pays_on not in (None, component.counts) or component.pays.by == "deal"
    lines: list[Line] = []
    for number, entries in enumerate(deals.values()):
        found, _ = paid(keys[0], entries, partial(_listed_curve, book), partial(_listed_mode, book), apart, 0, number)
        lines += [replace(line, place=at[id(entries[line.place])]) for line in found]
        for entry in entries:
            entry.place = at[id(entry)]
    for key in keys:
        book.placed[key] = placed, [entry.span for entry in placed]
        book.paid[key] = [entry for entry in placed if entry.listed == key]
    lines = [_settled(line, component, book.period(chain, name, line.period)) for line in lines]
    book.lines.extend(lines)
    for key in keys:
        own = [line for line in lines if (line.participant, line.plan, line.component, line.period) == key]
        _add(book, key, component, sum(pays for _, _, pays in book.events[key]), own)


def _listed_curve(book: Book, entry: Entry) -> Curve:
    return book.curve(entry.listed, *_period_and_blend(book, entry))


def _listed_mode(book: Book, entry: Entry) -> str:
    period, binding = _period_and_blend(book, entry)
    chain = book.chains[entry.listed[1]]
    last = book.parts(entry.listed[0], chain, period)[-1:]
    return (chain.by_revision[binding.revision] if binding else last[0].plan).rounding


def _period_and_blend(book: Book, entry: Entry) -> tuple[Period, Binding | None]:
    participant, plan, name, period_name = entry.listed
    period = book.period(book.chains[plan], name, period_name)
    blend = book.chains[plan].last(name).carry == "blend"
    several = len(book.parts(participant, book.chains[plan], period)) > 1
    return period, None if blend and several else entry.binding


def _ordered_spans(book: Book, key: ListKey, period: Period, entries: list[Entry]) -> list[tuple[list[Entry], bool]]:
    """The list in its spans, in the order of the parts they belong to."""
    parts = book.parts(key[0], book.chains[key[1]], period)
    order = {Binding(part.assignment.start, part.plan.revision): place for place, part in enumerate(parts)}
    found = spans_of(entries, book.chains[key[1]].last(key[2]), len(parts))
    return sorted(found, key=lambda span: order.get(span[0][0].binding, -1) if len(found) > 1 else 0)


def pay_gap(book: Book, key: ListKey, subject: Subject, take: Taken, basis: str, mode: str) -> None:
    """What is taken back beyond what the curve lost by it, on a line of its own where the take-back stands."""
    mine = [
        (at, entry)
        for at in sorted(book.paid)
        for entry in book.paid[at]
        if at[:3] == key[:3] and entry.subject == subject
    ]
    credits = [entry for _, entry in mine if entry.loss is None]
    backs = [(at, entry) for at, entry in mine if entry.loss == take.loss.id]
    if book.each_deal(key[1], key[2]):
        backs.sort(key=lambda found: found[1].in_span)
    if basis == "as_paid":
        posted = sum(entry.posted for entry in credits)
        due = rounded(posted * take.up_to, mode) - rounded(posted * take.before, mode)
    else:
        due = sum(_at_original_rates(entry, take, mode) for entry in credits if entry.rated)
    gap = -due - sum(entry.moved for _, entry in backs)
    at, last = backs[-1]
    if gap:
        what = subject, "basis_difference", last.step + 100_000_000, None, last.counts, last.pays
        line = Line(*at, *what, gap, last.payable, last.route, last.place, span=last.span)
        line = replace(line, in_span=last.in_span, loss=take.loss.id, back=True)
        chain = book.chains[at[1]]
        book.lines.append(_settled(line, chain.last(at[2]), book.period(chain, *at[2:])))
        measure, count, earned = book.earnings[at]
        book.earnings[at] = measure, count, earned + gap


def _is_last(span: list[Entry], parts: list[Part]) -> bool:
    """Whether the list of a part (`reset`) is the one that runs at the period's end."""
    return not parts or span[0].binding == Binding(parts[-1].assignment.start, parts[-1].plan.revision)


def _add(book: Book, key: ListKey, component: Component, position: int, lines: list[Line]) -> None:
    earned = sum(line.amount_minor for line in lines)
    is_count = component.counts in COUNTS
    book.earnings[key] = 0 if is_count else position, position if is_count else 0, earned


def _settled(line: Line, component: Component, period: Period) -> Line:
    """What settles with its period is payable on its last day at the earliest (M8)."""
    if component.settle != "period_end" or line.payable_date is None:
        return line
    return replace(line, payable_date=max(line.payable_date, period.end - timedelta(days=1)))


def _at_original_rates(entry: Entry, take: Taken, mode: str) -> int:
    """The lost credit at what a unit of it was paid."""
    lost = [rounded(entry.rated * share, mode) for share in (take.before, take.up_to)]
    before, up_to = (rounded(part * entry.worth / entry.rated, mode) for part in lost)
    return up_to - before
