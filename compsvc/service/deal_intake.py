"""Deals as they come: what many callers send at the same time is checked once and committed once.

To check and to commit costs about as much for one deal as for a hundred, so whoever waits for a turn is taken along by
the one who has it. Each request stays one of its own: whole or not at all, with its own position and answer. Whatever
is not simply stored (refused, sent before, at odds with what is stored) is done alone, and told as if it had come so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Lock

from compsvc.core.changes import CUSTOMER_CHANGE
from compsvc.core.facts import DEAL, SCHEMAS, Facts, joined
from compsvc.core.limits import MAX_BATCH_ROWS, MAX_ROWS_TOGETHER
from compsvc.service.access import require
from compsvc.service.loading import PARTS, load_alone, refusals
from compsvc.service.plans import Plans
from compsvc.service.ports import Caller, Loaded, Mutation, ServiceError, Store, Violation

_FRAMES = ("deals", *PARTS["deals"])


@dataclass(slots=True)
class _Waiting:
    facts: Facts
    mutation: Mutation
    keys: frozenset[tuple[str, str]]
    answer: Loaded | None = None
    taken: bool = False  # by who had a turn, also where it is to be done alone; woken without it, it has the turn
    woken: Event = field(default_factory=Event)


class Intake:
    """Of one book; any number of threads bring deals to it."""

    def __init__(self, store: Store, plans: Plans) -> None:
        self._store, self._plans = store, plans
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._at_work = False  # somebody has the turn

    def ingest(self, caller: Caller, facts: Facts, mutation: Mutation, *, faults: Sequence[Violation] = ()) -> Loaded:
        """Stores one batch of deals, durable on return. `faults` were found where the rows were read."""
        require(caller, "ingest_deals")
        if faults or mutation.validate_only or not _by_themselves(facts):
            return load_alone(self._store, self._plans, "deals", facts, mutation, faults)
        own = _Waiting(facts, mutation, frozenset(zip(*(facts.deals[name] for name in DEAL), strict=True)))
        with self._lock:
            self._waiting.append(own)
            first, self._at_work = not self._at_work, True
        if not first:
            own.woken.wait()
        return (own.answer if own.taken else self._in_turn(own)) or self._alone(own)

    def _alone(self, own: _Waiting) -> Loaded:
        return load_alone(self._store, self._plans, "deals", own.facts, own.mutation, ())

    def _in_turn(self, own: _Waiting) -> Loaded:
        """Stores what waits, and gives the turn to the next one that has come meanwhile."""
        with self._lock:
            found, self._waiting = self._waiting, []
        try:
            self._store_together(found)
            return own.answer or self._alone(own)
        finally:
            with self._lock:
                self._at_work = bool(self._waiting)
                for following in self._waiting[:1]:
                    following.woken.set()

    def _store_together(self, found: Sequence[_Waiting]) -> None:
        try:
            together = self._sound(_disjoint([each for each in found if _wanted(each)]))
            answers = self._answers(together) if len(together) > 1 else []
            for each, answer in zip(together, answers, strict=False):
                each.answer = answer
        finally:
            for each in found:
                each.taken = True
                each.woken.set()

    def _answers(self, together: Sequence[_Waiting]) -> Sequence[Loaded]:
        """None where one of them cannot be stored so: each learns alone whether it is that one."""
        try:
            return self._store.append_together([(each.facts, each.mutation) for each in together])
        except ServiceError:
            return ()

    def _sound(self, found: Sequence[_Waiting]) -> list[_Waiting]:
        """Those that nothing is wrong with. They name no deals of each other, so that none is refused for another."""
        if len(found) < 2:
            return []
        refused = refusals(self._store, self._plans, "deals", joined([each.facts for each in found]))
        wrong = {
            number
            for name in _FRAMES
            for number, each in enumerate(_of_rows(found, name))
            if any(refusal.kind == name and refusal.row in each for refusal in refused)
        }
        return [each for number, each in enumerate(found) if number not in wrong]


def _by_themselves(facts: Facts) -> bool:
    """A few deals with their parts, of which each can be checked without any other deal."""
    deals, parts = facts.deals, [getattr(facts, name) for name in PARTS["deals"]]
    names_others = any(frame["replaces"].null_count() < frame.height for frame in (deals, facts.deal_lines))
    strange = any(part.join(deals, on=DEAL, how="anti").height for part in parts if part.height)
    few = 0 < deals.height <= MAX_ROWS_TOGETHER
    return few and not (names_others or strange or (deals["cause"] == CUSTOMER_CHANGE).any())


def _wanted(each: _Waiting) -> bool:
    try:
        each.mutation.proceed()
    except ServiceError:
        return False  # nobody waits for it any more; it is told so alone
    return True


def _disjoint(found: Sequence[_Waiting]) -> list[_Waiting]:
    """As many as one commit takes, each with another id and other deals than those before it, told in the same columns.
    Who is left out learns alone what becomes of the same deals sent again."""
    together: dict[str, _Waiting] = {}
    seen: set[tuple[str, str]] = set()
    for each in found:
        other = seen.isdisjoint(each.keys) and each.mutation.request_id not in together
        fits = len(seen) + len(each.keys) <= MAX_BATCH_ROWS
        if other and fits and _told_alike(each, found[0]):
            together[each.mutation.request_id] = each
            seen |= each.keys
    return list(together.values())


def _told_alike(one: _Waiting, other: _Waiting) -> bool:
    """Whether their deals have the same columns. Attributes may be of any type, the others never differ in theirs."""
    deals, others = one.facts.deals, other.facts.deals
    no_attributes = deals.width == len(SCHEMAS["deals"])
    return deals.columns == others.columns and (no_attributes or deals.schema == others.schema)


def _of_rows(found: Sequence[_Waiting], name: str) -> list[range]:
    """Which rows of the joined frame are whose."""
    ranges, start = [], 0
    for each in found:
        end = start + getattr(each.facts, name).height
        ranges.append(range(start, end))
        start = end
    return ranges
