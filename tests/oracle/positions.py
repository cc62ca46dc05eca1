"""Positions that components share (M1), the spans of a list (M2), and where each list stands at its end (M6)."""

from __future__ import annotations

from dataclasses import replace

from compsvc.core.plan import Component

from .book import Book, each_deal
from .calendar_rules import Period
from .chain import attained
from .lists import Binding, Entry, ListKey, Named


def share_positions(book: Book) -> None:
    """`by: attainment of COMPONENT`: the list has the events of both, counts from there and pays from here (M1)."""
    for chain in book.chains.values():
        for name in chain.components:
            other = attained(chain.last(name))
            if other is None:
                continue
            for key in [key for key in book.current if key[1:3] in ((chain.name, name), (chain.name, other))]:
                mine = key[0], key[1], name, key[3]
                book.periods[mine[1:]] = book.periods[key[1:]]
                theirs = book.current.get((key[0], key[1], other, key[3]), {})
                if key[2] == name or mine not in book.current:
                    book.current[mine] = _joined(book.current.get(mine, {}), theirs)


def set_positions(book: Book, keys: list[ListKey], periods: list[tuple[ListKey, Period]]) -> None:
    """Where each list stands at the end, before anything is paid: what gates and multipliers look at (M6)."""
    for key, _ in periods:
        book.stands[key] = 0
    for key in keys:
        book.stands[key] = _position(book, key)


def _position(book: Book, key: ListKey) -> int:
    participant, plan, name, period_name = key
    chain = book.chains[plan]
    period = book.period(chain, name, period_name)
    entries = book.entries(key, period)
    parts = book.parts(participant, chain, period)
    if each_deal(chain.last(name)):
        return sum(entry.pays for entry in entries)
    if chain.last(name).carry == "reset" and parts:
        last = Binding(parts[-1].assignment.start, parts[-1].plan.revision)
        entries = [entry for entry in entries if entry.binding == last]
    elif chain.last(name).carry == "reset":
        entries = spans_of(entries, chain.last(name), 0)[-1][0] if entries else []
    return sum(entry.counts for entry in entries)


def spans_of(entries: list[Entry], component: Component, parts: int) -> list[tuple[list[Entry], bool]]:
    """The list in its spans (M2), and whether they are paid by blended figures."""
    if component.carry == "blend" and parts > 1:
        return [(entries, True)]
    if component.carry != "reset":
        return [(entries, False)]
    spans: dict[Binding, list[Entry]] = {}
    for entry in entries:
        spans.setdefault(entry.binding, []).append(entry)
    return [(span, False) for span in spans.values()]


def _joined(mine: dict[Named, Entry], theirs: dict[Named, Entry]) -> dict[Named, Entry]:
    joined = {}
    for subject in {**mine, **theirs}:
        entry = mine.get(subject) or theirs[subject]
        counts = theirs[subject].counts if subject in theirs else 0
        pays = mine[subject].pays if subject in mine else 0
        if counts or subject in mine:
            joined[subject] = replace(entry, counts=counts, pays=pays)
    return joined
