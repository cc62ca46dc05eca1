"""What components count that others have paid: the earnings of a team (M7), and the own ones."""

from __future__ import annotations

from datetime import date, timedelta

from .book import Book
from .chain import Chain, Governed, payable_date
from .lists import Entry, Line, ListKey
from .rows import Event


def count_earnings(book: Book, by_key: dict[ListKey, list[Line]]) -> None:
    """Each manager's list: what the reports' lines for one deal line come to, before any plan's cap."""
    for chain in book.chains.values():
        for name in chain.components:
            if chain.last(name).counts == "earnings":
                for key, lines in list(by_key.items()):
                    theirs = book.chains[key[1]]
                    if theirs.last(key[2]).counts in ("earnings", "own_earnings"):
                        continue
                    if theirs.revisions[-1].currency == chain.revisions[-1].currency:
                        for line in lines:
                            _count_line(book, chain, name, line)


def _count_line(book: Book, chain: Chain, name: str, line: Line) -> None:
    event = book.by_subject.get(line.subject) if line.subject is not None else None
    governed = chain.governed(name, event) if event is not None else None
    if event is None or governed is None:
        return
    for manager in book.crediting.above(chain, governed.component, line.participant, event.closed):
        _add_earned(book, governed, name, manager, event, line, "team")


def count_own_earnings(book: Book, by_key: dict[ListKey, list[Line]], those: list[tuple[str, str]]) -> None:
    """What other components of the plan have paid the same participant for a deal line."""
    for plan, name in those:
        for key, lines in list(by_key.items()):
            for line in lines if key[1] == plan else ():
                event = book.by_subject.get(line.subject) if line.subject is not None else None
                governed = book.chains[plan].governed(name, event) if event is not None else None
                if governed is not None and key[2] in (governed.component.of or ()):
                    _add_earned(book, governed, name, line.participant, event, line, "own_earnings")


def _add_earned(book: Book, governed: Governed, name: str, who: str, event: Event, line: Line, route: str) -> None:
    if line.held and line.about not in book.company.released:
        return
    key = who, governed.plan.plan, name, governed.period.name
    book.periods[key[1:]] = governed.period
    entry = book.current[key].get((event.subject, None))
    if entry is None:
        binding = book.binding(who, governed.plan.plan, governed.counting, governed.plan)
        order, payable = (governed.counting, *event.tail), payable_date(governed.plan, event)
        entry = Entry(event.subject, 0, 0, order, governed.counting, binding, payable, route)
        book.current[key][entry.named] = entry
    entry.counts += line.amount_minor
    entry.pays += line.amount_minor
    entry.whole += line.amount_minor
    entry.settles = max(entry.settles, _settles(book, line))
    if entry.payable is not None:
        entry.payable = max(entry.payable, entry.settles)


def _settles(book: Book, line: Line) -> date:
    """When the pay of a deal has settled, and the pay that it is a share of (M8). Nothing is waited for where nothing
    is paid, and not once more for what a loss takes back later."""
    key = line.participant, line.plan, line.component, line.period
    read = book.current.get(key, {}).get((line.subject, None)) if line.subject else None
    day = read.settles if read else date.min
    chain = book.chains[line.plan]
    if chain.last(line.component).settle != "period_end" or not line.amount_minor or line.back:
        return day
    return max(day, book.period(chain, line.component, line.period).end - timedelta(days=1))
