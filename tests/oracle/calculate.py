"""The oracle: slow, obvious, independent. Plain integers, one event after the other, by the rules and by 0001 alone.

Read `calculate` first; each module beside it is one chapter of the rules. Nothing here imports a stage of the core.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from compsvc.core.facts import Facts
from compsvc.core.plan import Plan

from . import bounds
from .activities import counted
from .book import Book, each_deal
from .bounding import bound_deals, bound_period, bound_plan
from .by_period import all_periods, award, pay_period
from .chain import LAST
from .changes import as_it_was
from .credit import Crediting, Reason
from .derived import lens_of
from .earned import count_earnings, count_own_earnings
from .lists import Line, ListKey, Named
from .paying import pay_deals, pay_gap, pay_list
from .positions import set_positions, share_positions
from .rows import Company, Subject, company_of, with_pending_accepted
from .stated import stated
from .taking import take, take_activity, take_kept, take_stated


@dataclass(frozen=True)
class Pending:
    """What a pending line would be credited; nobody's where `participant` is None, without value where `counts` is."""

    source: str
    external_id: str
    line: int
    participant: str | None
    plan: str | None
    component: str | None
    counts: int | None


@dataclass(frozen=True)
class OracleResult:
    earnings: dict[ListKey, tuple[int, int, int]]  # measure_minor, count_millionths, earned_minor
    lines: list[Line]
    uncredited: set[Reason]
    pending: list[Pending]
    types: dict[tuple[str, str, str, int], str]  # plan, source, external id, line: given or derived, pending deals too
    events: dict[ListKey, list[tuple[Named, int, int]]]  # each list in its order: subject and loss, counts, pays


def calculate(plans: Sequence[Plan], facts: Facts) -> OracleResult:
    facts = as_it_was(facts)
    company = company_of(facts)
    crediting = Crediting(company, list(plans))
    book = Book(crediting)
    for credit in crediting.credits(company.events):
        take(book, credit)
    for activity in counted(company, crediting.chains.values()):
        take_activity(book, activity)
    for credit in stated(company, crediting.chains.values()):
        take_stated(book, credit)
    take_kept(book)
    _pay(book)
    pending, later = _pending(list(plans), company)
    return OracleResult(
        earnings=book.earnings,
        lines=[_reviewed(line, company) for line in book.lines],
        uncredited=crediting.reasons,
        pending=pending,
        types=_types(later if later else crediting),
        events=book.events,
    )


def _pay(book: Book) -> None:
    share_positions(book)
    by_key: dict[ListKey, list[Line]] = {}
    ranks = {(chain.name, name): chain.rank(name) for chain in book.chains.values() for name in chain.components}
    for rank in sorted(set(ranks.values())):
        if rank == LAST:
            count_earnings(book, by_key)
        count_own_earnings(book, by_key, [at for at, own in ranks.items() if own == rank])
        _pay_those(book, by_key, {at for at, own in ranks.items() if own == rank})
    for chain in book.chains.values():
        bound_plan(book, chain, by_key)
    book.lines = []
    for lines in _lists_of(book, by_key).values():
        book.lines += bounds.numbered(
            lines, each_deal=bool(lines) and book.each_deal(lines[0].plan, lines[0].component)
        )
    for key, (measure, count, _) in book.earnings.items():
        book.earnings[key] = measure, count, sum(line.amount_minor for line in by_key[key])


def _pay_those(book: Book, by_key: dict[ListKey, list[Line]], those: set[tuple[str, str]]) -> None:
    """First what counts no earnings, then what counts those, last what counts the earnings of others (M7)."""

    def now(key: ListKey) -> bool:
        return key[1:3] in those

    keys = sorted(key for key in set(book.current) | set(book.company.fixed) if now(key))
    book.lines = []
    set_positions(book, keys, [(key, period) for key, period in all_periods(book) if now(key)])
    for key in keys:
        if not each_deal(book.chains[key[1]].last(key[2])):
            pay_list(book, key)
    for three in sorted({key[:3] for key in keys}):
        if each_deal(book.chains[three[1]].last(three[2])):
            pay_deals(book, sorted(key for key in keys if key[:3] == three))
    for lost in book.takes:
        if now(lost[0]):
            pay_gap(book, *lost)
    for key, period in all_periods(book):
        if now(key):
            pay_period(book, key, period)
    award(book, [(key, period) for key, period in all_periods(book) if now(key)])
    own: dict[ListKey, list[Line]] = defaultdict(list)
    for line in book.lines:
        own[line.participant, line.plan, line.component, line.period].append(line)
    for keys in _lists_of(book, {key: [key] for key in filter(now, book.earnings)}).values():
        bound_deals(book, keys, own)
    for three in sorted({key[:3] for key in book.earnings if now(key)}):
        whole = [line for key, lines in own.items() if key[:3] == three for line in lines]
        for line in bounds.unpaid_first(whole):
            own[line.participant, line.plan, line.component, line.period].append(line)
    earlier: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for key in sorted(filter(now, book.earnings), key=lambda key: book.period(book.chains[key[1]], *key[2:]).start):
        by_key[key] = bound_period(book, key, own[key], earlier[key[:3]])
        earlier[key[:3]] += by_key[key]


def _lists_of(book: Book, by_key: dict[ListKey, list[Any]]) -> dict[tuple[str, ...], list[Any]]:
    """Together what has lists over several periods, since each deal has its own; all else by itself."""
    found: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for key, items in by_key.items():
        found[key[:3] if book.each_deal(key[1], key[2]) else key] += items
    return found


def _reviewed(line: Line, company: Company) -> Line:
    """What a windfall leaves for a review has no day before it is released, and none before that day."""
    if not line.held:
        return line
    free = company.released.get(line.about)
    if free is None or line.payable_date is None:
        return replace(line, payable_date=None)
    return replace(line, payable_date=max(line.payable_date, free))


def _pending(plans: list[Plan], company: Company) -> tuple[list[Pending], Crediting | None]:
    """What the waiting events would be credited if they were accepted now, and the crediting that says so."""
    if not company.pending:
        return [], None
    crediting = Crediting(with_pending_accepted(company), plans)
    waiting = [event for event in crediting.company.events if event.deal.provisional]
    found: dict[Subject, list[Pending]] = {event.subject: [] for event in waiting}
    for credit in crediting.credits(waiting):
        subject = credit.event.subject
        if credit.loss_of is None:
            who = credit.participant, credit.plan, credit.component, credit.counts
            found[subject].append(Pending(*subject[:3], *who))
    for subject, *who in crediting.unvalued:
        found[subject].append(Pending(*subject[:3], *who))
    nobody = None, None, None, None
    return [item for subject, items in found.items() for item in items or [Pending(*subject[:3], *nobody)]], crediting


def _types(crediting: Crediting) -> dict[tuple[str, str, str, int], str]:
    found = {}
    for name, chain in crediting.chains.items():
        types = crediting.derived(lens_of(chain.revisions[-1])).types
        found.update({(name, *line): kind for line, kind in types.items()})
    return found
