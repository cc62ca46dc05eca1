"""What every fact adds to the lists: credits and what losses take of them, activities, stated credits, kept values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from compsvc.core.plan import Component
from compsvc.core.rules.pool import Pool
from compsvc.core.rules.rank import Rank

from .activities import Activity, order_of
from .book import COUNTS, Book, account_order
from .calendar_rules import Period, period_of
from .chain import Chain, payable_date
from .credit import Credit
from .exact import rounded
from .lists import Entry
from .losses import Taken, taken
from .losses import terms_of as clawback_of
from .retention import OPENED, Kept, kept
from .rows import Event, Row
from .stated import Stated


def take(book: Book, credit: Credit) -> None:
    governed, event = credit.governed, credit.event
    if credit.loss_of is not None and _is_settled(governed.component, governed.period, event.closed):
        return
    key = credit.participant, credit.plan, credit.component, governed.period.name
    book.periods[key[1:]] = governed.period
    is_count = book.chains[credit.plan].last(credit.component).counts in COUNTS
    if is_count and credit.counts == 0 and credit.pays == 0:
        return
    lost = credit.loss_of is not None
    counting = event.closed if lost else governed.counting
    entry = Entry(
        subject=event.subject,
        counts=credit.counts,
        pays=credit.pays,
        order=(counting, *event.tail),
        counting=counting,
        binding=book.binding(credit.participant, credit.plan, governed.counting, governed.plan),
        payable=payable_date(governed.plan, event),
        route=credit.route,
        take_back=lost,
        kind="take_back" if lost else "own",
        step=int(lost),
        cause=event.deal.external_id if lost else None,
        whole=credit.whole,
    )
    assert entry.named not in book.current[key], entry
    book.current[key][entry.named] = entry
    if not lost and not (is_count and _churned(book, credit)):
        losses = book.company.losses.get(event.deal.key, [])
        for take in taken(governed.plan, governed.component, event, losses):
            _take_back(book, credit, entry, take)


def _churned(book: Book, credit: Credit) -> bool:
    """A churn has taken the logo already: a loss reaches a participant once (L5)."""
    worth = book.crediting.worth("new_logos", credit.governed.plan, credit.governed.component)
    return credit.event.subject in worth.losses


def _take_back(book: Book, credit: Credit, own: Entry, take: Taken) -> None:
    """The lost credit, in the list that the plan says; it stands there behind all credits (T1)."""
    governed, loss = credit.governed, take.loss
    mode, day = governed.plan.rounding, max(loss.day, governed.counting)
    if _is_settled(governed.component, governed.period, loss.day):
        return
    counts, pays = (
        rounded(part * take.up_to, mode) - rounded(part * take.before, mode) for part in (own.counts, own.pays)
    )
    entry = replace(
        own, counts=-counts, pays=-pays, order=(day, *own.order[1:], *loss.order), counting=day,
        payable=max(own.payable, day), take_back=True, kind="take_back", step=book.number(loss.deal, loss.id),
        loss=loss.id,
    )  # fmt: skip
    period, chain = governed.period, book.chains[credit.plan]
    terms = None if governed.component.counts in COUNTS else clawback_of(governed.plan, governed.component)
    if terms is not None and terms.attainment != "original_period":
        having = [plan for plan in chain.revisions if credit.component in plan.components]
        revision = next((plan for plan in reversed(having) if plan.effective <= day), having[0])
        period = period_of(day, governed.component.per, governed.plan.fiscal_year_starts)
        entry.binding = book.binding(credit.participant, credit.plan, day, revision)
        if terms.attainment == "no":
            entry.counts = entry.pays = 0
    key = credit.participant, credit.plan, credit.component, period.name
    book.periods[key[1:]] = period
    book.current[key][entry.named] = entry
    if terms is not None and terms.basis != "recompute":
        book.takes.append((key, own.subject, take, terms.basis, mode))


def take_activity(book: Book, found: Activity) -> None:
    row, day = found.row, found.row["activity_date"]
    key = row["participant_id"], found.plan.plan, found.name, found.period.name
    book.periods[key[1:]] = found.period
    subject = row["source"], row["external_id"], None, None
    binding = book.binding(key[0], key[1], day, found.plan)
    entry = Entry(subject, found.count, found.count, order_of(row), day, binding, day, None)
    book.current[key][entry.named] = entry


def take_stated(book: Book, found: Stated) -> None:
    row, governed = found.row, found.governed
    key = row["participant_id"], row["plan"], row["component"], governed.period.name
    book.periods[key[1:]] = governed.period
    counts, pays = (found.amount if row[name] else 0 for name in ("counts", "pays"))
    binding = book.binding(key[0], key[1], governed.counting, governed.plan)
    entry = Entry(
        found.subject, counts, pays, found.order, governed.counting, binding, governed.counting, None,
        whole=found.amount,
    )  # fmt: skip
    book.current[key][entry.named] = entry
    for take in _taken_with(book, found):
        named = Credit(key[0], key[1], key[2], governed, _named_event(book, row), counts, pays, "")
        _take_back(book, named, entry, take)


def _taken_with(book: Book, found: Stated) -> list[Taken]:
    """What the losses of the deal line that it names take of it, where it says so."""
    row, governed = found.row, found.governed
    if not row["taken_back"]:
        return []
    losses = book.company.losses.get((row["source"], row["external_id"]), [])
    event = _named_event(book, row)
    return [] if event is None else list(taken(governed.plan, governed.component, event, losses))


def _named_event(book: Book, row: Row) -> Event | None:
    own = [
        event
        for subject, event in book.by_subject.items()
        if subject[:2] == (row["source"], row["external_id"]) and subject[3] == 0
    ]
    return next((event for event in own if row["line"] in (None, event.line.number)), None)


def take_kept(book: Book) -> None:
    for chain in book.chains.values():
        for name in chain.components:
            if chain.last(name).counts in OPENED:
                for found in kept(book.crediting, chain, name):
                    _keep(book, chain, name, found)


def _keep(book: Book, chain: Chain, name: str, found: Kept) -> None:
    """Openings stand first; what losses take, last (M6, T1)."""
    key = found.participant, chain.name, name, found.period.name
    book.periods[key[1:]] = found.period
    event, loss = found.event, found.loss
    tail = account_order(found.account, found.day)[1:] if event is None else event.tail
    payable = found.day if event is None else payable_date(found.plan, event)
    binding = book.binding(found.participant, chain.name, found.day, found.plan)
    entry = Entry(
        found.subject, found.amount, found.amount, (found.day if event else date.min, *tail), found.day, binding,
        payable, None if event is None else "owner", whole=found.amount,
    )  # fmt: skip
    if loss is not None:
        entry.order = (found.day, *tail, *loss.order)
        entry.take_back, entry.kind, entry.step = True, "take_back", book.number(loss.deal, loss.id)
        entry.loss, entry.payable = loss.id, max(payable, found.day)
    assert entry.named not in book.current[key], entry
    book.current[key][entry.named] = entry


def _is_settled(component: Component, period: Period, day: date) -> bool:
    """A contest and a pool stand once their period is over (M8)."""
    return isinstance(component.pays, Rank | Pool) and day >= period.end
