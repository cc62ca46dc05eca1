"""The oracle: slow, obvious, independent. Plain integers, one event after the other, by the rules and by 0001 alone.

Read `calculate` first; each module beside it is one chapter of the rules. Nothing here imports a stage of the core.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from compsvc.core.facts import Facts
from compsvc.core.plan import Component, Plan
from compsvc.core.rules.fixed import Fixed
from compsvc.core.rules.flat_rate import FlatRate
from compsvc.core.rules.pool import Pool
from compsvc.core.rules.rank import Rank
from compsvc.core.rules.rate_table import RateTable

from . import bounds, contests, retainers
from .activities import Activity, counted, order_of
from .calendar_rules import Period, period_of, periods_between
from .chain import (
    LAST,
    Chain,
    Governed,
    Terms,
    attained,
    blended,
    curve_of,
    payable_date,
    pays_target,
    period_target,
    prorated,
    shared_out,
    terms_of,
)
from .changes import as_it_was
from .credit import Credit, Crediting, Reason
from .curve import Curve
from .derived import lens_of
from .exact import rounded
from .lists import Binding, Entry, Line, ListKey, Named, in_order, paid
from .losses import Taken, taken
from .losses import terms_of as clawback_of
from .modifiers import NOTHING, Stands, asked_period, modified
from .quota import Part, Words
from .retention import OPENED, Kept, kept, known_days
from .rows import Company, Event, Row, Subject, company_of, with_pending_accepted
from .stated import SOURCE_OF, Stated, are_apart, stated
from .stated import order_of as stated_order
from .worth import STAGES

COUNTS = ("new_logos", "activities", "deals", "units", "logo_retention")


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
    book = _Book(crediting)
    for credit in crediting.credits(company.events):
        book.take(credit)
    for activity in counted(company, crediting.chains.values()):
        book.take_activity(activity)
    for credit in stated(company, crediting.chains.values()):
        book.take_stated(credit)
    book.take_kept()
    book.pay()
    pending, later = _pending(list(plans), company)
    return OracleResult(
        earnings=book.earnings,
        lines=[_reviewed(line, facts) for line in book.lines],
        uncredited=crediting.reasons,
        pending=pending,
        types=_types(later if later else crediting),
        events=book.events,
    )


class _Book:
    """All lists of a run, and what they come to."""

    def __init__(self, crediting: Crediting) -> None:
        self.crediting = crediting
        self.company, self.chains, self._by_subject = crediting.company, crediting.chains, crediting.by_subject
        self.earnings: dict[ListKey, tuple[int, int, int]] = {}
        self.lines: list[Line] = []
        self.events: dict[ListKey, list[tuple[Named, int, int]]] = {}
        self._current: dict[ListKey, dict[Named, Entry]] = defaultdict(dict)
        self._takes: list[tuple[ListKey, Subject, Taken, str, str]] = []  # with basis and rounding
        self._paid: dict[ListKey, list[Entry]] = {}
        self._periods: dict[tuple[str, str, str], Period] = {}  # by plan, component and name
        self._curves: dict[tuple[ListKey, Binding | None], Curve] = {}
        self._stands: dict[ListKey, int] = {}
        self._placed: dict[ListKey, tuple[list[Entry], list[int]]] = defaultdict(lambda: ([], []))

    def take(self, credit: Credit) -> None:
        governed, event = credit.governed, credit.event
        if credit.loss_of is not None and _is_settled(governed.component, governed.period, event.closed):
            return
        key = credit.participant, credit.plan, credit.component, governed.period.name
        self._periods[key[1:]] = governed.period
        is_count = self.chains[credit.plan].last(credit.component).counts in COUNTS
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
            binding=self._binding(credit.participant, credit.plan, governed.counting, governed.plan),
            payable=payable_date(governed.plan, event),
            route=credit.route,
            take_back=lost,
            kind="take_back" if lost else "own",
            step=int(lost),
            cause=event.deal.external_id if lost else None,
            whole=credit.whole,
        )
        assert entry.named not in self._current[key], entry
        self._current[key][entry.named] = entry
        if not lost and not (is_count and self._churned(credit)):
            losses = self.company.losses.get(event.deal.key, [])
            for take in taken(governed.plan, governed.component, event, losses):
                self._take_back(credit, entry, take)

    def _churned(self, credit: Credit) -> bool:
        """A churn has taken the logo already: a loss reaches a participant once (L5)."""
        worth = self.crediting.worth("new_logos", credit.governed.plan, credit.governed.component)
        return credit.event.subject in worth.losses

    def _take_back(self, credit: Credit, own: Entry, take: Taken) -> None:
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
            payable=max(own.payable, day), take_back=True, kind="take_back", step=self._number(loss.deal, loss.id),
            loss=loss.id,
        )  # fmt: skip
        period, chain = governed.period, self.chains[credit.plan]
        terms = None if governed.component.counts in COUNTS else clawback_of(governed.plan, governed.component)
        if terms is not None and terms.attainment != "original_period":
            having = [plan for plan in chain.revisions if credit.component in plan.components]
            revision = next((plan for plan in reversed(having) if plan.effective <= day), having[0])
            period = period_of(day, governed.component.per, governed.plan.fiscal_year_starts)
            entry.binding = self._binding(credit.participant, credit.plan, day, revision)
            if terms.attainment == "no":
                entry.counts = entry.pays = 0
        key = credit.participant, credit.plan, credit.component, period.name
        self._periods[key[1:]] = period
        self._current[key][entry.named] = entry
        if terms is not None and terms.basis != "recompute":
            self._takes.append((key, own.subject, take, terms.basis, mode))

    def _number(self, deal: tuple[str, str], loss: str) -> int:
        """Take-backs count from 100,000,000, by the number of the loss among those of its deal."""
        known = [item.id for item in self.company.known_losses.get(deal, [])]
        return 100_000_001 + known.index(loss)

    def take_activity(self, found: Activity) -> None:
        row, day = found.row, found.row["activity_date"]
        key = row["participant_id"], found.plan.plan, found.name, found.period.name
        self._periods[key[1:]] = found.period
        subject = row["source"], row["external_id"], None, None
        binding = self._binding(key[0], key[1], day, found.plan)
        entry = Entry(subject, found.count, found.count, order_of(row), day, binding, day, None)
        self._current[key][entry.named] = entry

    def take_stated(self, found: Stated) -> None:
        row, governed = found.row, found.governed
        key = row["participant_id"], row["plan"], row["component"], governed.period.name
        self._periods[key[1:]] = governed.period
        counts, pays = (found.amount if row[name] else 0 for name in ("counts", "pays"))
        binding = self._binding(key[0], key[1], governed.counting, governed.plan)
        entry = Entry(
            found.subject, counts, pays, found.order, governed.counting, binding, governed.counting, None,
            whole=found.amount,
        )  # fmt: skip
        self._current[key][entry.named] = entry
        for take in self._taken_with(found):
            named = Credit(key[0], key[1], key[2], governed, self._named_event(row), counts, pays, "")
            self._take_back(named, entry, take)

    def _taken_with(self, found: Stated) -> list[Taken]:
        """What the losses of the deal line that it names take of it, where it says so."""
        row, governed = found.row, found.governed
        if not row["taken_back"]:
            return []
        losses = self.company.losses.get((row["source"], row["external_id"]), [])
        event = self._named_event(row)
        return [] if event is None else list(taken(governed.plan, governed.component, event, losses))

    def _named_event(self, row: Row) -> Event | None:
        own = [
            event
            for subject, event in self._by_subject.items()
            if subject[:2] == (row["source"], row["external_id"]) and subject[3] == 0
        ]
        return next((event for event in own if row["line"] in (None, event.line.number)), None)

    def take_kept(self) -> None:
        for chain in self.chains.values():
            for name in chain.components:
                if chain.last(name).counts in OPENED:
                    for found in kept(self.crediting, chain, name):
                        self._keep(chain, name, found)

    def _keep(self, chain: Chain, name: str, found: Kept) -> None:
        """Openings stand first; what losses take, last (M6, T1)."""
        key = found.participant, chain.name, name, found.period.name
        self._periods[key[1:]] = found.period
        event, loss = found.event, found.loss
        tail = _account_order(found.account, found.day)[1:] if event is None else event.tail
        payable = found.day if event is None else payable_date(found.plan, event)
        binding = self._binding(found.participant, chain.name, found.day, found.plan)
        entry = Entry(
            found.subject, found.amount, found.amount, (found.day if event else date.min, *tail), found.day, binding,
            payable, None if event is None else "owner", whole=found.amount,
        )  # fmt: skip
        if loss is not None:
            entry.order = (found.day, *tail, *loss.order)
            entry.take_back, entry.kind, entry.step = True, "take_back", self._number(loss.deal, loss.id)
            entry.loss, entry.payable = loss.id, max(payable, found.day)
        assert entry.named not in self._current[key], entry
        self._current[key][entry.named] = entry

    def _opening(self, participant: str, chain: Chain, name: str, period: Period) -> int:
        """What the period opens with, as it is known now."""
        entries = self._current.get((participant, chain.name, name, period.name), {})
        return sum(entry.counts for entry in entries.values() if entry.subject[0] == "accounts")

    def _binding(self, participant: str, plan: str, counting: date, revision: Plan) -> Binding:
        assignment = self.company.assigned_or_last(participant, plan, counting)
        return Binding(assignment.start if assignment else None, revision.revision)

    def pay(self) -> None:
        self._share_positions()
        by_key: dict[ListKey, list[Line]] = {}
        ranks = {(chain.name, name): chain.rank(name) for chain in self.chains.values() for name in chain.components}
        for rank in sorted(set(ranks.values())):
            if rank == LAST:
                self._count_earnings(by_key)
            self._count_own_earnings(by_key, [at for at, own in ranks.items() if own == rank])
            self._pay_those(by_key, {at for at, own in ranks.items() if own == rank})
        for chain in self.chains.values():
            self._bound_plan(chain, by_key)
        self.lines = []
        for lines in self._lists_of(by_key).values():
            self.lines += bounds.numbered(
                lines, each_deal=bool(lines) and self._each_deal(lines[0].plan, lines[0].component)
            )
        for key, (measure, count, _) in self.earnings.items():
            self.earnings[key] = measure, count, sum(line.amount_minor for line in by_key[key])

    def _pay_those(self, by_key: dict[ListKey, list[Line]], those: set[tuple[str, str]]) -> None:
        """First what counts no earnings, then what counts those, last what counts the earnings of others (M7)."""

        def now(key: ListKey) -> bool:
            return key[1:3] in those

        keys = sorted(key for key in set(self._current) | set(self.company.fixed) if now(key))
        self.lines = []
        self._positions(keys, [(key, period) for key, period in self._all_periods() if now(key)])
        for key in keys:
            if not each_deal(self.chains[key[1]].last(key[2])):
                self._pay_list(key)
        for three in sorted({key[:3] for key in keys}):
            if each_deal(self.chains[three[1]].last(three[2])):
                self._pay_deals(sorted(key for key in keys if key[:3] == three))
        for take in self._takes:
            if now(take[0]):
                self._pay_gap(*take)
        for key, period in self._all_periods():
            if now(key):
                self._pay_period(key, period)
        self._award([(key, period) for key, period in self._all_periods() if now(key)])
        own: dict[ListKey, list[Line]] = defaultdict(list)
        for line in self.lines:
            own[line.participant, line.plan, line.component, line.period].append(line)
        for keys in self._lists_of({key: [key] for key in filter(now, self.earnings)}).values():
            self._bound_deals(keys, own)
        for three in sorted({key[:3] for key in self.earnings if now(key)}):
            whole = [line for key, lines in own.items() if key[:3] == three for line in lines]
            for line in bounds.unpaid_first(whole):
                own[line.participant, line.plan, line.component, line.period].append(line)
        for key in filter(now, self.earnings):
            by_key[key] = self._bound_period(key, own[key])

    def _each_deal(self, plan: str, name: str) -> bool:
        return each_deal(self.chains[plan].last(name))

    def _lists_of(self, by_key: dict[ListKey, list[Any]]) -> dict[tuple[str, ...], list[Any]]:
        """Together what has lists over several periods, since each deal has its own; all else by itself."""
        found: dict[tuple[str, ...], list[Any]] = defaultdict(list)
        for key, items in by_key.items():
            found[key[:3] if self._each_deal(key[1], key[2]) else key] += items
        return found

    def _award(self, periods: list[tuple[ListKey, Period]]) -> None:
        """What contests and pools pay, period by period, once all have counted (M7)."""
        together: dict[tuple[str, str, Period], list[ListKey]] = defaultdict(list)
        for key, period in periods:
            if isinstance(self.chains[key[1]].last(key[2]).pays, Rank | Pool):
                together[key[1], key[2], period].append(key)
        for (plan, name, period), keys in together.items():
            last_day = period.end - timedelta(days=1)
            having = [one for one in self.chains[plan].revisions if name in one.components]
            revision = next((one for one in reversed(having) if one.effective <= last_day), having[0])
            rivals = [self._rival(key, period) for key in keys]
            found = contests.won(revision.components[name].pays, rivals, revision)
            for key in keys:
                if key[0] in found:
                    self.lines.append(Line(*key, None, "period", 0, None, 0, 0, found[key[0]], last_day, None))

    def _rival(self, key: ListKey, period: Period) -> contests.Rival:
        participant, plan, name, _ = key
        chain = self.chains[plan]
        parts = self._parts(participant, chain, period)
        last, blend = parts[-1], chain.last(name).carry == "blend" and len(parts) > 1
        binding = None if blend else Binding(last.assignment.start, last.plan.revision)
        terms = self._terms(participant, chain, name, period, binding, chain.revisions[-1].rounding)
        known = terms.full_year_target is not None
        return contests.Rival(
            name=participant,
            manager=last.assignment.manager,
            stays=last.end == period.end,
            is_shut=self._curve(key, period, binding) is NOTHING,
            position=self._stands[key],
            quota=terms.quota,
            target=period_target(chain.last(name), terms, period, last.plan.rounding) if known else 0,
            came_there=contests.came_there(self._entries(key, period)),
        )

    def _count_earnings(self, by_key: dict[ListKey, list[Line]]) -> None:
        """Each manager's list: what the reports' lines for one deal line come to, before any plan's cap."""
        for chain in self.chains.values():
            for name in chain.components:
                if chain.last(name).counts == "earnings":
                    for key, lines in list(by_key.items()):
                        theirs = self.chains[key[1]]
                        if theirs.last(key[2]).counts in ("earnings", "own_earnings"):
                            continue
                        if theirs.revisions[-1].currency == chain.revisions[-1].currency:
                            for line in lines:
                                self._count_line(chain, name, line)

    def _count_line(self, chain: Chain, name: str, line: Line) -> None:
        event = self._by_subject.get(line.subject) if line.subject is not None else None
        governed = chain.governed(name, event) if event is not None else None
        if event is None or governed is None:
            return
        for manager in self.crediting.above(chain, governed.component, line.participant, event.closed):
            self._add_earned(governed, name, manager, event, line, "team")

    def _count_own_earnings(self, by_key: dict[ListKey, list[Line]], those: list[tuple[str, str]]) -> None:
        """What other components of the plan have paid the same participant for a deal line."""
        for plan, name in those:
            for key, lines in list(by_key.items()):
                for line in lines if key[1] == plan else ():
                    event = self._by_subject.get(line.subject) if line.subject is not None else None
                    governed = self.chains[plan].governed(name, event) if event is not None else None
                    if governed is not None and key[2] in (governed.component.of or ()):
                        self._add_earned(governed, name, line.participant, event, line, "own_earnings")

    def _add_earned(self, governed: Governed, name: str, who: str, event: Event, line: Line, route: str) -> None:
        key = who, governed.plan.plan, name, governed.period.name
        self._periods[key[1:]] = governed.period
        entry = self._current[key].get((event.subject, None))
        if entry is None:
            binding = self._binding(who, governed.plan.plan, governed.counting, governed.plan)
            order, payable = (governed.counting, *event.tail), payable_date(governed.plan, event)
            entry = Entry(event.subject, 0, 0, order, governed.counting, binding, payable, route)
            self._current[key][entry.named] = entry
        entry.counts += line.amount_minor
        entry.pays += line.amount_minor
        entry.whole += line.amount_minor
        entry.settles = max(entry.settles, self._settles(line))
        if entry.payable is not None:
            entry.payable = max(entry.payable, entry.settles)

    def _settles(self, line: Line) -> date:
        """When the pay of a deal has settled, and the pay that it is a share of (M8)."""
        key = line.participant, line.plan, line.component, line.period
        read = self._current.get(key, {}).get((line.subject, None)) if line.subject else None
        day = read.settles if read else date.min
        chain = self.chains[line.plan]
        if chain.last(line.component).settle != "period_end":
            return day
        return max(day, self._period(chain, line.component, line.period).end - timedelta(days=1))

    def _positions(self, keys: list[ListKey], periods: list[tuple[ListKey, Period]]) -> None:
        """Where each list stands at the end, before anything is paid: what gates and multipliers look at (M6)."""
        for key, _ in periods:
            self._stands[key] = 0
        for key in keys:
            self._stands[key] = self._position(key)

    def _position(self, key: ListKey) -> int:
        participant, plan, name, period_name = key
        chain = self.chains[plan]
        period = self._period(chain, name, period_name)
        entries = self._entries(key, period)
        parts = self._parts(participant, chain, period)
        if each_deal(chain.last(name)):
            return sum(entry.pays for entry in entries)
        if chain.last(name).carry == "reset" and parts:
            last = Binding(parts[-1].assignment.start, parts[-1].plan.revision)
            entries = [entry for entry in entries if entry.binding == last]
        elif chain.last(name).carry == "reset":
            entries = _spans(entries, chain.last(name), 0)[-1][0] if entries else []
        return sum(entry.counts for entry in entries)

    def _entries(self, key: ListKey, period: Period) -> list[Entry]:
        fixed = self.company.fixed.get(key, [])
        return in_order(self._current.get(key, {}), fixed, lambda named: self._gone(key, period, named))

    def _asked(self, key: ListKey, period: Period, plan: Plan, name: str) -> Stands | None:
        """The row of earnings of another component (or the own) in its period that holds our last day."""
        chain = self.chains[key[1]]
        theirs = asked_period(period, chain.last(name), plan)
        row = key[0], key[1], name, theirs.name
        if row not in self._stands:
            return None
        return Stands(self._stands[row], self._quota_shown(row, theirs))

    def _quota_shown(self, key: ListKey, period: Period) -> int | None:
        """Of the period's last part; blended under `blend`."""
        participant, plan, name, _ = key
        chain = self.chains[plan]
        parts = self._parts(participant, chain, period)
        of = attained(chain.last(name)) or name
        if parts and chain.last(name).carry == "blend" and len(parts) > 1:
            return self._terms(participant, chain, of, period, None, parts[-1][1].rounding).quota
        last = Binding(parts[-1].assignment.start, parts[-1].plan.revision) if parts else None
        if last is None:
            order = {plan.revision: place for place, plan in enumerate(chain.revisions)}
            bindings = [entry.binding for entry in self._entries(key, period)]
            last = max(bindings, key=lambda binding: (order[binding.revision], binding.assignment_start))
        return self._terms(participant, chain, of, period, last, "down").quota

    def _share_positions(self) -> None:
        """`by: attainment of COMPONENT`: the list has the events of both, counts from there and pays from here (M1)."""
        for chain in self.chains.values():
            for name in chain.components:
                other = attained(chain.last(name))
                if other is None:
                    continue
                for key in [key for key in self._current if key[1:3] in ((chain.name, name), (chain.name, other))]:
                    mine = key[0], key[1], name, key[3]
                    self._periods[mine[1:]] = self._periods[key[1:]]
                    theirs = self._current.get((key[0], key[1], other, key[3]), {})
                    if key[2] == name or mine not in self._current:
                        self._current[mine] = _joined(self._current.get(mine, {}), theirs)

    def _pay_list(self, key: ListKey) -> None:
        participant, plan, name, period_name = key
        chain = self.chains[plan]
        component = chain.last(name)
        period = self._period(chain, name, period_name)
        entries = self._entries(key, period)
        self.events[key] = [(entry.named, entry.counts, entry.pays) for entry in entries]
        self._paid[key] = entries
        other_amount = component.pays_on not in (None, component.counts) or attained(component) is not None
        apart = (other_amount or are_apart(entries)) and isinstance(component.pays, FlatRate | RateTable)
        parts = self._parts(participant, chain, period)
        position, lines = 0, []
        placed, numbers = self._placed[key]
        for number, (span, blend) in enumerate(self._spans(key, period, entries)):
            first = len(placed)
            placed += span
            numbers += [number] * len(span)
            found, end = paid(
                key,
                span,
                lambda entry, blend=blend: self._curve(key, period, None if blend else entry.binding),
                lambda entry, blend=blend: (
                    (parts[-1].plan if blend else chain.by_revision[entry.binding.revision]).rounding
                ),
                apart,
                first,
                number,
            )
            lines += found
            if component.carry != "reset" or self._is_last(span, parts):
                position = end
        lines = [_settled(line, component, period) for line in lines]
        self.lines.extend(lines)
        self._add(key, component, position, lines)

    def _pay_deals(self, keys: list[ListKey]) -> None:
        """Each deal has a position of its own, which goes on over the periods: what is fixed, then the rest (M2)."""
        chain, name = self.chains[keys[0][1]], keys[0][2]
        component = chain.last(name)
        lists = []
        for key in keys:
            period = self._period(chain, name, key[3])
            entries = [replace(entry, listed=key) for entry in self._entries(key, period)]
            self.events[key] = [(entry.named, entry.counts, entry.pays) for entry in entries]
            lists.append((period.start, entries, len(self.company.fixed.get(key, []))))
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
            found, _ = paid(keys[0], entries, self._listed_curve, self._listed_mode, apart, 0, number)
            lines += [replace(line, place=at[id(entries[line.place])]) for line in found]
            for entry in entries:
                entry.place = at[id(entry)]
        for key in keys:
            self._placed[key] = placed, [entry.span for entry in placed]
            self._paid[key] = [entry for entry in placed if entry.listed == key]
        lines = [_settled(line, component, self._period(chain, name, line.period)) for line in lines]
        self.lines.extend(lines)
        for key in keys:
            own = [line for line in lines if (line.participant, line.plan, line.component, line.period) == key]
            self._add(key, component, sum(pays for _, _, pays in self.events[key]), own)

    def _listed_curve(self, entry: Entry) -> Curve:
        return self._curve(entry.listed, *self._period_and_blend(entry))

    def _listed_mode(self, entry: Entry) -> str:
        period, binding = self._period_and_blend(entry)
        chain = self.chains[entry.listed[1]]
        last = self._parts(entry.listed[0], chain, period)[-1:]
        return (chain.by_revision[binding.revision] if binding else last[0].plan).rounding

    def _period_and_blend(self, entry: Entry) -> tuple[Period, Binding | None]:
        participant, plan, name, period_name = entry.listed
        period = self._period(self.chains[plan], name, period_name)
        blend = self.chains[plan].last(name).carry == "blend"
        several = len(self._parts(participant, self.chains[plan], period)) > 1
        return period, None if blend and several else entry.binding

    def _spans(self, key: ListKey, period: Period, entries: list[Entry]) -> list[tuple[list[Entry], bool]]:
        """The list in its spans, in the order of the parts they belong to."""
        parts = self._parts(key[0], self.chains[key[1]], period)
        order = {Binding(part.assignment.start, part.plan.revision): place for place, part in enumerate(parts)}
        found = _spans(entries, self.chains[key[1]].last(key[2]), len(parts))
        return sorted(found, key=lambda span: order.get(span[0][0].binding, -1) if len(found) > 1 else 0)

    def _pay_gap(self, key: ListKey, subject: Subject, take: Taken, basis: str, mode: str) -> None:
        """What is taken back beyond what the curve lost by it, on a line of its own where the take-back stands."""
        mine = [
            (at, entry)
            for at in sorted(self._paid)
            for entry in self._paid[at]
            if at[:3] == key[:3] and entry.subject == subject
        ]
        credits = [entry for _, entry in mine if entry.loss is None]
        backs = [(at, entry) for at, entry in mine if entry.loss == take.loss.id]
        if self._each_deal(key[1], key[2]):
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
            line = replace(line, in_span=last.in_span, loss=take.loss.id)
            chain = self.chains[at[1]]
            self.lines.append(_settled(line, chain.last(at[2]), self._period(chain, *at[2:])))
            measure, count, earned = self.earnings[at]
            self.earnings[at] = measure, count, earned + gap

    @staticmethod
    def _is_last(span: list[Entry], parts: list[Part]) -> bool:
        """Whether the list of a part (`reset`) is the one that runs at the period's end."""
        return not parts or span[0].binding == Binding(parts[-1].assignment.start, parts[-1].plan.revision)

    def _add(self, key: ListKey, component: Component, position: int, lines: list[Line]) -> None:
        earned = sum(line.amount_minor for line in lines)
        is_count = component.counts in COUNTS
        self.earnings[key] = 0 if is_count else position, position if is_count else 0, earned

    # --- fixed events that are nobody's any more

    def _gone(self, key: ListKey, period: Period, named: Named) -> Entry:
        chain = self.chains[key[1]]
        subject, loss = named
        event = self._by_subject.get(subject)
        activity = self.company.activities.get(subject[:2]) if subject[2] is None else None
        credit = self._stated_row(subject)
        if credit is not None:
            counting = payable = credit["credit_date"]
            order = stated_order(credit)
        elif activity is not None:
            counting = payable = activity["activity_date"]
            order = order_of(activity)
        elif event is not None:
            counting = chain.counting_of(key[2], event)
            order, payable = (counting, *event.tail), payable_date(chain.on(counting) or chain.revisions[0], event)
        elif subject[0] == "accounts":
            counting = payable = period.start
            order = (date.min, *_account_order(subject[1], counting)[1:])
        else:
            counting, payable = period.end - timedelta(days=1), None
            source, external_id, line, stage = subject
            order = (counting, datetime.combine(counting, time()), source, external_id.encode(), line, stage)
        binding = self._binding(key[0], key[1], counting, chain.on(counting) or chain.revisions[0])
        entry = Entry(subject, 0, 0, order, counting, binding, payable, None, loss=loss)
        if loss is not None:
            entry.take_back, entry.kind, entry.step = True, "take_back", self._number(subject[:2], loss)
            day = next(item.day for item in self.company.known_losses[subject[:2]] if item.id == loss)
            entry.counting, entry.order = (
                max(counting, day),
                (max(counting, day), *order[1:], day, subject[0], subject[1].encode(), loss.encode()),
            )
            entry.payable = max(payable, entry.counting) if payable else None
        return entry

    def _stated_row(self, subject: Subject) -> Row | None:
        kind = next((kind for kind, source in SOURCE_OF.items() if source == subject[0]), "")
        return self.company.stated.get((kind, subject[1]))

    def _period(self, chain: Chain, name: str, period_name: str) -> Period:
        key = chain.name, name, period_name
        if key not in self._periods:
            component, fiscal = chain.last(name), chain.revisions[-1].fiscal_year_starts
            year = int(period_name[:4])
            around = periods_between(date(year - 2, 1, 1), date(year + 1, 12, 31), component.per, fiscal)
            self._periods[key] = next(period for period in around if period.name == period_name)
        return self._periods[key]

    # --- curves

    def _parts(self, participant: str, chain: Chain, period: Period) -> list[Part]:
        """The period in parts of one assignment and one revision each, with their days."""
        found = []
        for assignment in self.company.assignments.get(participant, ()):
            for place, plan in enumerate(chain.revisions if assignment.plan == chain.name else ()):
                following = chain.revisions[place + 1].effective if place + 1 < len(chain.revisions) else date.max
                start = max(assignment.start, plan.effective, period.start)
                end = min(assignment.end or date.max, following, period.end)
                if start < end:
                    found.append(Part(assignment, plan, start, end))
        return sorted(found, key=lambda part: part.start)

    def _curve(self, key: ListKey, period: Period, binding: Binding | None) -> Curve:
        """Without binding: the one curve of a blended period."""
        if (key, binding) not in self._curves:
            participant, plan, name, _ = key
            chain = self.chains[plan]
            parts = self._parts(participant, chain, period)
            revision = chain.by_revision[binding.revision] if binding else parts[-1].plan
            component = revision.components[name]
            other = attained(component)
            own = self._terms(participant, chain, name, period, binding, revision.rounding)
            terms = self._terms(participant, chain, other, period, binding, revision.rounding) if other else own
            theirs = revision.components[other].zero_quota if other else None
            known = own.full_year_target is not None
            target = period_target(component, own, period, revision.rounding) if known else None
            curve = curve_of(component, terms, own, component.zero_quota or theirs, target)
            if not pays_target(component, own):
                curve = modified(
                    curve, name, revision, terms.quota, lambda other: self._asked(key, period, revision, other)
                )
            self._curves[key, binding] = curve
        return self._curves[key, binding]

    def _terms(
        self, participant: str, chain: Chain, name: str, period: Period, binding: Binding | None, mode: str
    ) -> Terms:
        terms = self._terms_given(participant, chain, name, period, binding, mode)
        if str(chain.last(name).quota).startswith("opening"):
            return replace(terms, quota=self._opening(participant, chain, name, period), full_year_quota=None)
        return terms

    def _terms_given(
        self, participant: str, chain: Chain, name: str, period: Period, binding: Binding | None, mode: str
    ) -> Terms:
        parts = self._parts(participant, chain, period)
        if binding is None:
            if all(Words(part.plan, name).silent for part in parts):
                place = period.month_of_year
                each = [
                    (terms_of(self.company, part.assignment, name, part.plan, place), (part.end - part.start).days)
                    for part in parts
                ]
                return blended(each, period, mode)
            return shared_out(self.company, parts, name, period, mode)
        own = self.company.assignments.get(participant, ())
        bound = [a for a in own if a.plan == chain.name and a.start == binding.assignment_start]
        if not bound:
            return Terms(None, None, None)
        revision = chain.by_revision[binding.revision]
        mine = [part for part in parts if part.assignment is bound[0] and part.plan is revision]
        if mine:
            return prorated(self.company, parts, mine[0], name, period, mode)
        return terms_of(self.company, bound[0], name, revision, period.month_of_year)

    # --- windfalls, minimums, caps and floors (T3)

    def _bound_deals(self, keys: list[ListKey], own: dict[ListKey, list[Line]]) -> None:
        """What is more and less for single deals, whose lists may go over several periods."""
        chain, name = self.chains[keys[0][1]], keys[0][2]

        def terms(entry: Entry) -> tuple[Component, str, bool]:
            key = entry.listed or keys[0]
            period = self._period(chain, name, key[3])
            revision = chain.by_revision[entry.binding.revision]
            component = revision.components[name]
            figures = self._terms(key[0], chain, name, period, entry.binding, revision.rounding)
            shut = self._curve(key, period, entry.binding) is NOTHING or pays_target(component, figures)
            return component, revision.rounding, shut

        placed, spans = max((self._placed[key] for key in keys), key=lambda found: len(found[0]))
        deals = bounds.deals_of(placed, spans, terms)
        lines = [line for key in keys for line in own[key]]
        more = bounds.windfalls(lines, deals)
        for line in more + bounds.minimums(lines + more, deals):
            own[line.participant, line.plan, line.component, line.period].append(line)

    def _bound_period(self, key: ListKey, lines: list[Line]) -> list[Line]:
        chain = self.chains[key[1]]
        period = self._period(chain, key[2], key[3])
        revision, target, assigned = self._last_terms(key, period)
        component = revision.components[key[2]]
        cap, floor = (_limit(limit, target, revision.rounding) for limit in (component.cap, component.floor))
        if cap is not None:
            lines = lines + bounds.cuts(bounds.in_order(lines), cap, "cap")
        earned = sum(line.amount_minor for line in lines)
        if floor is not None and assigned and earned < floor:
            payable = period.end - timedelta(days=1)
            step = bounds.FROM["floor"] + 1
            lines = [*lines, Line(*key, None, "floor", step, None, 0, 0, floor - earned, payable, None)]
        return lines

    def _last_terms(self, key: ListKey, period: Period) -> tuple[Plan, int | None, bool]:
        """The revision and the period's target of the last part; and whether anybody is assigned in the period."""
        participant, plan, name, _ = key
        chain = self.chains[plan]
        parts = self._parts(participant, chain, period)
        blend = chain.last(name).carry == "blend" and len(parts) > 1
        binding = Binding(parts[-1].assignment.start, parts[-1].plan.revision) if parts else self._outside(key, period)
        revision = chain.by_revision[binding.revision]
        mode = chain.revisions[-1].rounding
        terms = self._terms(participant, chain, name, period, None if blend else binding, mode)
        if terms.full_year_target is None:
            return revision, None, bool(parts)
        return revision, period_target(chain.last(name), terms, period, mode), bool(parts)

    def _outside(self, key: ListKey, period: Period) -> Binding:
        order = {plan.revision: place for place, plan in enumerate(self.chains[key[1]].revisions)}
        bindings = [entry.binding for entry in self._entries(key, period)]
        return max(bindings, key=lambda binding: (order[binding.revision], binding.assignment_start))

    def _bound_plan(self, chain: Chain, by_key: dict[ListKey, list[Line]]) -> None:
        fiscal = chain.revisions[-1].fiscal_year_starts
        order = {name: place for place, name in enumerate(chain.revisions[-1].components)}
        for word in ("cap", "floor"):
            bounds_ = [getattr(plan, word) for plan in chain.revisions if getattr(plan, word) is not None]
            if not bounds_:
                continue
            scopes: dict[tuple[str, Period], list[ListKey]] = defaultdict(list)
            for key in by_key:
                if key[1] == chain.name:
                    last_day = self._period(chain, key[2], key[3]).end - timedelta(days=1)
                    scopes[key[0], period_of(last_day, bounds_[-1].per, fiscal)].append(key)
            for (_, scope), keys in scopes.items():
                last_day = scope.end - timedelta(days=1)
                bound = getattr(chain.on(last_day) or chain.revisions[0], word)
                if bound is None:
                    continue
                if word == "cap":
                    lines = [line for key in keys for line in by_key[key]]
                    sealed = max((day for line in lines if (day := self._fixed_day(line))), default=date.min)
                    ordered = sorted(lines, key=lambda line, day=sealed: self._order(chain, order, line, day))  # type: ignore[misc]
                    for line in bounds.cuts(ordered, bound.amount_minor, "plan_cap"):
                        by_key[line.participant, line.plan, line.component, line.period].append(line)
                else:
                    self._raise(chain, by_key, keys, bound.amount_minor, last_day)

    def _fixed_day(self, line: Line) -> date | None:
        """The day of a fixed event's line."""
        if line.place is None:
            return None
        entry = self._placed[line.participant, line.plan, line.component, line.period][0][line.place]
        return self._day(entry) if entry.fixed else None

    @staticmethod
    def _day(entry: Entry) -> date:
        day: date = entry.counting if entry.subject[0] == "accounts" else entry.order[0]
        return day

    def _order(self, chain: Chain, order: dict[str, int], line: Line, sealed: date) -> tuple[object, ...]:
        """D2's key over all components, then the plan's order. A period's own line is among the fixed up to the day of
        the latest of them."""
        key = line.participant, line.plan, line.component, line.period
        period = self._period(chain, *key[2:])
        within = (order.get(line.component, len(order)), line.component, period.start, line.place is None)
        within += (line.place or 0, bounds.cause_of(line), line.held)
        if line.place is None:
            day = period.end - timedelta(days=1)
            return day > sealed, day, True, (), *within
        entry = self._placed[key][0][line.place]
        account = entry.subject[0] == "accounts"
        known = account or entry.subject in self._by_subject or entry.subject[:2] in self.company.activities
        known = known or self._stated_row(entry.subject) is not None
        day, (_, instant, *rest) = self._day(entry), entry.order
        activity = (entry.subject[2] is None) + account  # stands behind the deals of its instant
        return not entry.fixed, day, not known, (instant, activity, *rest) if known else (), *within

    def _raise(
        self, chain: Chain, by_key: dict[ListKey, list[Line]], keys: list[ListKey], floor: int, due: date
    ) -> None:
        first = next(name for name in chain.revisions[-1].components)
        own = sorted((key for key in keys if key[2] == first), key=lambda key: self._period(chain, first, key[3]).start)
        assigned = any(self._parts(key[0], chain, self._period(chain, first, key[3])) for key in own)
        earned = sum(line.amount_minor for key in keys for line in by_key[key])
        if assigned and earned < floor:
            step = bounds.FROM["plan_floor"] + 1
            by_key[own[-1]].append(Line(*own[-1], None, "plan_floor", step, None, 0, 0, floor - earned, due, None))

    # --- periods without events

    def _all_periods(self) -> list[tuple[ListKey, Period]]:
        """Every period that an assignment overlaps, from the earliest to the latest counting date of the run."""
        found = []
        for chain in self.chains.values():
            for name in chain.components:
                counting = [chain.counting_of(name, event) for event in self.company.events]
                counting += self._stage_starts(chain, name)
                counting += [row["credit_date"] for row in self.company.stated.values()]
                if chain.last(name).counts == "activities":
                    counting += [row["activity_date"] for row in self.company.activities.values()]
                if chain.last(name).counts in OPENED:
                    counting += known_days(self.company, chain, name)
                counting += self._lost_in(chain.name, name)
                if isinstance(chain.last(name).pays, Fixed):
                    counting = retainers.days(self.company, chain, name)
                if not counting:
                    continue
                fiscal = chain.revisions[-1].fiscal_year_starts
                periods = periods_between(min(counting), max(counting), chain.last(name).per, fiscal)
                for participant in self.company.assignments:
                    for period in periods:
                        if self._parts(participant, chain, period):
                            found.append(((participant, chain.name, name, period.name), period))
        return found

    def _stage_starts(self, chain: Chain, name: str) -> list[date]:
        """Only where they count: for the component, one whose position it shares, or the earnings that it counts."""
        item = chain.last(name)
        shared = chain.last(attained(item) or name)
        if STAGES not in (item.ramp, shared.ramp) and item.counts not in ("earnings", "own_earnings"):
            return []
        return [chain.counting_of(name, event) for event in self.crediting.begun]

    def _lost_in(self, plan: str, component: str) -> list[date]:
        """Days in the periods in which take-backs of the component stand."""
        keys = [key for key, entries in self._paid.items() if any(entry.loss for entry in entries)]
        return [self._periods[key[1:]].start for key in keys if key[1:3] == (plan, component)]

    def _pay_period(self, key: ListKey, period: Period) -> None:
        participant, plan, name, _ = key
        self.earnings.setdefault(key, (0, 0, 0))
        parts = self._parts(participant, self.chains[plan], period)
        assignment, revision = parts[-1].assignment, parts[-1].plan
        component = revision.components[name]
        blend = component.carry == "blend" and len(parts) > 1
        binding = None if blend else Binding(assignment.start, revision.revision)
        payable = period.end - timedelta(days=1)
        if isinstance(component.pays, Fixed):
            amount = retainers.amount(parts, name, period, self.chains[plan].revisions[-1].rounding)
            self.lines.append(Line(*key, None, "period", 0, None, 0, 0, amount, payable, None))
            self.earnings[key] = 0, 0, amount
            return
        terms = self._terms(participant, self.chains[plan], name, period, binding, revision.rounding)
        if not pays_target(component, terms):
            return
        amount = period_target(component, terms, period, revision.rounding)
        self.lines.append(Line(*key, None, "period", 0, None, 0, 0, amount, payable, None))
        measure, count, earned = self.earnings[key]
        self.earnings[key] = measure, count, earned + amount


def _limit(limit: Fraction | int | None, target: int | None, mode: str) -> int | None:
    if isinstance(limit, Fraction):
        return None if target is None else rounded(limit * target, mode)
    return limit


def _at_original_rates(entry: Entry, take: Taken, mode: str) -> int:
    """The lost credit at what a unit of it was paid."""
    lost = [rounded(entry.rated * share, mode) for share in (take.before, take.up_to)]
    before, up_to = (rounded(part * entry.worth / entry.rated, mode) for part in lost)
    return up_to - before


def _settled(line: Line, component: Component, period: Period) -> Line:
    """What settles with its period is payable on its last day at the earliest (M8)."""
    if component.settle != "period_end" or line.payable_date is None:
        return line
    return replace(line, payable_date=max(line.payable_date, period.end - timedelta(days=1)))


def _reviewed(line: Line, facts: Facts) -> Line:
    """What a windfall leaves for a review has no day before it is released, and none before that day."""
    if not line.held:
        return line
    assert line.subject is not None
    names = (line.participant, line.plan, line.component, *line.subject[:2])
    released = (row for row in facts.holds.to_dicts() if (row["origin"], row["state"]) == ("review", "released"))
    for answer in released:
        about = (answer[name] for name in ("participant_id", "plan", "component", "source", "external_id"))
        if tuple(about) == names and line.payable_date is not None:
            return replace(line, payable_date=max(line.payable_date, answer["free_date"]))
    return replace(line, payable_date=None)


def _is_settled(component: Component, period: Period, day: date) -> bool:
    """A contest and a pool stand once their period is over (M8)."""
    return isinstance(component.pays, Rank | Pool) and day >= period.end


def _account_order(account: str, day: date) -> tuple[object, ...]:
    return day, datetime.combine(day, time()), "", account.encode(), 0, 0


def _joined(mine: dict[Named, Entry], theirs: dict[Named, Entry]) -> dict[Named, Entry]:
    joined = {}
    for subject in {**mine, **theirs}:
        entry = mine.get(subject) or theirs[subject]
        counts = theirs[subject].counts if subject in theirs else 0
        pays = mine[subject].pays if subject in mine else 0
        if counts or subject in mine:
            joined[subject] = replace(entry, counts=counts, pays=pays)
    return joined


def each_deal(component: Component) -> bool:
    """Whether every deal begins anew, in place of a position that adds up."""
    return getattr(component.pays, "by", "") in ("deal", "credit")


def _spans(entries: list[Entry], component: Component, parts: int) -> list[tuple[list[Entry], bool]]:
    """The list in its spans (M2), and whether they are paid by blended figures."""
    if component.carry == "blend" and parts > 1:
        return [(entries, True)]
    if component.carry != "reset":
        return [(entries, False)]
    spans: dict[Binding, list[Entry]] = {}
    for entry in entries:
        spans.setdefault(entry.binding, []).append(entry)
    return [(span, False) for span in spans.values()]


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
