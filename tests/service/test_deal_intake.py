"""Deals that many bring at the same time: stored in one commit, each answered as if it had come alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest

from compsvc.core.facts import Facts
from compsvc.service.ports import AlreadyExists, DeadlineExceeded, Loaded, Mutation
from tests.adapters.store_facts import ask, deal, deals, frame, same
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_runs import ADMIN

Case = tuple[str, Mapping[str, Any], Facts]  # what it is, what is odd about the request, what it brings
Request = tuple[Facts, Mutation]


def _deal(external_id: str, revision: int = 1, **more: Any) -> Facts:
    day = datetime(2026, 2, 14)  # noqa: DTZ001  # Frames hold UTC so.
    told = {"seller_id": "ann", "closed_date": day.date(), "accepted_time": day, "annual_value_minor": 600_000}
    return deals(deal(external_id, revision, **(told | more)))


def _split(external_id: str, *shares: tuple[int, int]) -> Facts:
    of_deal = {"source": "crm", "external_id": external_id}
    rows = [
        {**of_deal, "position": place, "participant_id": who, "share_num": num, "share_den": den}
        for place, (who, (num, den)) in enumerate(zip(("ann", "bob"), shares, strict=True))
    ]
    return Facts(deals=_deal(external_id).deals, splits=frame("splits", *rows))


def _hung_up() -> None:
    raise DeadlineExceeded("DEADLINE_EXCEEDED", "Nobody waits any more.")


SOUND: list[Case] = [
    ("a new deal", {}, _deal("D-1")),
    ("another", {}, _deal("D-2")),
    ("one with parts", {}, _split("D-3", (1, 3), (2, 3))),
    ("an old one corrected", {}, _deal("old", 2, annual_value_minor=700_000, cause="data_correction")),
]
REFUSED: list[Case] = [
    ("an unknown account", {}, _deal("D-4", account_id="acmee")),
    ("shares that are no whole", {}, _split("D-5", (1, 3), (1, 3))),
    ("a customer change of nothing", {}, _deal("D-6", 2, cause="customer_change")),
    ("a line that replaces nothing", {}, _deal("D-7", replaces=["D-99/1"])),
    ("a line that replaces an old one", {}, _deal("D-8", replaces=["older/1"])),
    ("nobody waits", {"proceed": _hung_up}, _deal("D-9")),
    ("only validated", {"validate_only": True}, _deal("D-10")),
]
SENT_BEFORE: list[Case] = [("sent before", {"request_id": "older"}, _deal("older"))]
AT_ODDS: list[Case] = [
    *SENT_BEFORE,
    ("another under the same id", {"request_id": "old", "fingerprint": b"other"}, _deal("D-11")),
    ("another under the same revision", {}, _deal("older", annual_value_minor=1)),
]


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    with _opened(book) as found:
        yield found


@contextmanager
def _opened(book: str) -> Iterator[SmallHouse]:
    found = small_house(book)
    with closing(found.parts.store):
        for external_id in ("old", "older"):
            found.parts.intake.ingest(ADMIN, _deal(external_id), ask(external_id))
        yield found


@pytest.fixture
def commits(house: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests each commit of several has stored."""
    found: list[int] = []
    store = house.parts.store.append_together

    def counted(requests: Sequence[Request]) -> list[Loaded]:
        answers = store(requests)
        found.append(len(requests))
        return answers

    monkeypatch.setattr(house.parts.store, "append_together", counted)
    return found


def test_what_waits_is_stored_in_one_commit(house: SmallHouse, commits: list[int]) -> None:
    outcomes = _at_one_time(house, [(_deal(f"D-{number}"), ask(f"r{number}")) for number in range(6)])
    assert commits == [6]
    assert [_told(outcome) for outcome in outcomes] == [(1, 0, 0)] * 6
    assert house.parts.payroll.store.broken_links() == []


def test_each_request_has_a_position_of_its_own(house: SmallHouse) -> None:
    store, before = house.parts.store, house.parts.store.position() + 1  # who has the turn is stored first
    outcomes = _at_one_time(house, [(_deal(f"D-{number}"), ask(f"r{number}")) for number in range(4)])
    found = {outcome.position: f"D-{number}" for number, outcome in enumerate(outcomes) if isinstance(outcome, Loaded)}
    assert sorted(position or 0 for position in found) == [before + 1, before + 2, before + 3, before + 4]
    for position, external_id in found.items():
        assert position is not None
        then, earlier = (set(store.facts_at(at).deals["external_id"]) for at in (position, position - 1))
        assert then - earlier == {external_id}


@pytest.mark.parametrize(("odd", "in_one_commit"), [(REFUSED, [4]), (SENT_BEFORE, [5]), (AT_ODDS, [])])
def test_each_is_answered_as_if_it_had_come_alone(
    odd: list[Case], in_one_commit: list[int], house: SmallHouse, commits: list[int], tmp_path: Path
) -> None:
    requests = [
        (facts, ask(**{"request_id": what, **of_request})) for what, of_request, facts in [*SOUND[:2], *odd, *SOUND[2:]]
    ]
    with _opened(str(tmp_path / "alone.db")) as alone:
        expected = [_told(_outcome(alone, request)) for request in [_FIRST, *requests]][1:]
        outcomes = _at_one_time(house, requests)
        assert commits == in_one_commit
        assert [_told(outcome) for outcome in outcomes] == expected
        assert same(house.parts.store.facts_at(), alone.parts.store.facts_at())
    assert house.parts.payroll.store.broken_links() == []


def test_a_request_that_is_sent_twice_at_one_time_is_stored_once(house: SmallHouse) -> None:
    twice = [(_deal("D-1"), ask("r1")), (_deal("D-1"), ask("r1")), (_deal("D-2"), ask("r2"))]
    first, again, other = _at_one_time(house, twice)
    assert isinstance(first, Loaded)
    assert first == again
    assert _told(first) == _told(other) == (1, 0, 0)


def test_of_two_requests_with_one_id_the_second_is_refused(house: SmallHouse) -> None:
    """Also where both come at one time, and nobody else is the worse for it."""
    bodies = [(_deal("D-1"), ask("r1")), (_deal("D-2"), ask("r1", fingerprint=b"other")), (_deal("D-3"), ask("r3"))]
    first, second, other = _at_one_time(house, bodies)
    assert _told(first) == _told(other) == (1, 0, 0)
    assert isinstance(second, AlreadyExists)
    assert second.reason == "REQUEST_ID_REUSED"


def test_deals_told_in_other_columns_go_apart(house: SmallHouse, commits: list[int]) -> None:
    told = [{}, {}, {"attributes.campaign": "spring"}]
    requests = [(_deal(f"D-{number}", **more), ask(f"r{number}")) for number, more in enumerate(told)]
    assert [_told(outcome) for outcome in _at_one_time(house, requests)] == [(1, 0, 0)] * 3
    assert commits == [2]
    assert "spring" in set(house.parts.store.facts_at().deals["attributes.campaign"])


def test_the_turn_is_passed_on_where_the_store_fails(house: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(requests: Sequence[Request]) -> list[Loaded]:
        raise OSError("no such disk")

    monkeypatch.setattr(house.parts.store, "append_together", broken)
    requests = [(_deal(f"D-{number}"), ask(f"r{number}")) for number in range(3)]
    outcomes = _at_one_time(house, requests)
    assert sorted(map(str, map(_told, outcomes))) == ["('OSError', 'no such disk')", "(1, 0, 0)", "(1, 0, 0)"]
    assert _told(_outcome(house, (_deal("D-9"), ask("r9")))) == (1, 0, 0)


_FIRST: Request = (_deal("first"), ask("first"))


def _at_one_time(house: SmallHouse, requests: Sequence[Request]) -> list[Loaded | Exception]:
    """What each is answered where all of them wait for one that has the turn."""
    gate, taken = Event(), Event()

    def held() -> None:
        taken.set()
        assert gate.wait(60)

    facts, mutation = _FIRST
    with ThreadPoolExecutor(len(requests) + 1) as pool:
        first = pool.submit(_outcome, house, (facts, ask(mutation.request_id, proceed=held)))
        assert taken.wait(60)
        running = [_submitted(house, pool, request) for request in requests]
        gate.set()
        assert _told(first.result(60)) == (1, 0, 0)
        return [each.result(60) for each in running]


def _submitted(house: SmallHouse, pool: ThreadPoolExecutor, request: Request) -> Future[Loaded | Exception]:
    """Waits until it waits, or is done: so they stand in their order."""
    waiting = house.parts.intake._waiting
    before, until = len(waiting), monotonic() + 60
    found = pool.submit(_outcome, house, request)
    while len(waiting) == before and not found.done():
        assert monotonic() < until
        sleep(0.001)
    return found


def _outcome(house: SmallHouse, request: Request) -> Loaded | Exception:
    try:
        return house.parts.intake.ingest(ADMIN, *request)
    except Exception as error:
        return error


def _told(outcome: Loaded | Exception) -> tuple[Any, ...]:
    """What the caller learns, but where in the book it stands."""
    if isinstance(outcome, Loaded):
        return outcome.created, outcome.unchanged, outcome.revised
    return type(outcome).__name__, str(outcome), *map(str, getattr(outcome, "violations", ()))


def test_two_processes_with_many_callers_lose_nothing_and_store_nothing_twice(house: SmallHouse, book: str) -> None:
    """Deals and request ids of which some meet: each answer is one that the book bears out."""
    before = _requests(house)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        told = [each for found in processes.map(_many_callers, [book] * 2, (1, 2)) for each in found]
    stored = [(*of_request, outcome) for *of_request, outcome in told if isinstance(outcome, Loaded)]
    answers = {(request_id, outcome) for request_id, _, outcome in stored}
    assert len({request_id for request_id, _ in answers}) == len(answers)  # who asks again is answered the same
    assert len(answers) == _requests(house) - before
    new = [outcome.position for _, outcome in answers if outcome.created + outcome.revised]
    assert len(new) == len(set(new))
    assert set(house.parts.store.facts_at().deals["external_id"]) == {"old", "older", *(name for _, name, _ in stored)}
    refused = {outcome for *_, outcome in told if not isinstance(outcome, Loaded)}
    assert refused == {"FACTS_REFUSED", "REQUEST_ID_REUSED", "REVISION_CONFLICT"}
    assert house.parts.payroll.store.broken_links() == []


def _requests(house: SmallHouse) -> int:
    with house.parts.store.reading() as read:  # type: ignore[attr-defined]
        return int(read.execute("SELECT count(*) FROM requests").fetchone()[0])


def _many_callers(book: str, seed: int) -> list[tuple[str, str, Loaded | str]]:
    """The id, the deal and the outcome of each request."""
    house, draw = SmallHouse(book), Random(seed)
    requests = [_drawn(draw, f"{seed}-{number}") for number in range(90)]
    with closing(house.parts.store), ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(lambda request: _outcome(house, request), requests))
    names = [(mutation.request_id, facts.deals["external_id"][0]) for facts, mutation in requests]
    return [
        (*of_request, outcome if isinstance(outcome, Loaded) else getattr(outcome, "reason", str(outcome)))
        for of_request, outcome in zip(names, outcomes, strict=True)
    ]


def _drawn(draw: Random, own: str) -> Request:
    """A deal of its own or one of a few, at times bad or at odds, under an id of its own or one of a few."""
    kind, name = draw.random(), f"D-{draw.randrange(25)}"
    value = 600_000 + 100 * draw.randrange(2)
    if kind < 0.1:
        facts = _deal(name, account_id="nobody")
    elif kind < 0.3:
        facts = _deal(name, draw.randrange(1, 4), annual_value_minor=value, cause="data_correction")
    else:
        facts = _deal(name if kind < 0.4 else own)
    body = str(facts.deals.rows()).encode()
    return facts, ask(own if draw.random() < 0.8 else f"shared-{draw.randrange(12)}", fingerprint=body)
