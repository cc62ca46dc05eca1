"""What every store promises, put to each of them: what is stored stays, what is not whole is not there, and a process
may die at any time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from compsvc.adapters.sql_tables import TABLES
from compsvc.core.facts import Facts
from compsvc.service.loading import KEYS
from compsvc.service.ports import (
    AlreadyExists,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    Store,
)
from compsvc.wiring import open_store
from tests.adapters.store_facts import (
    RICH,
    RICH_ROWS,
    START,
    Ticking,
    account,
    accounts,
    ask,
    deal,
    deals,
    frame,
    plan,
    same,
)


@pytest.fixture
def store(book: str) -> Iterator[Store]:
    found = open_store(book, Ticking())
    yield found
    found.close()


def test_a_book_is_read_the_same_by_another_process(store: Store, book: str) -> None:
    store.append(RICH, ask("r"))
    other = open_store(book, Ticking())
    assert same(other.facts_at(), RICH)
    other.close()


def test_time_never_runs_backwards(book: str) -> None:
    clock = Ticking(START)
    store = open_store(book, clock)
    first = store.append(accounts(account("a")), ask("1"))
    clock._now = START - timedelta(days=1)
    second = store.append(accounts(account("b")), ask("2"))
    assert first.recorded_time is not None
    assert second.recorded_time == first.recorded_time
    store.close()


def test_two_processes_may_start_one_book(book: str) -> None:
    program = (
        "import sys; from compsvc.adapters.system_clock import SystemClock; from compsvc.wiring import open_store; "
        "open_store(sys.argv[1], SystemClock()).close()"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, book]) for _ in range(3)]
    assert [each.wait(120) for each in running] == [0, 0, 0]


def test_what_is_stored_is_read_as_it_was(store: Store) -> None:
    loaded = store.append(RICH, ask("r"))
    assert (loaded.created, loaded.unchanged, loaded.revised, loaded.position) == (RICH_ROWS, 0, 0, 1)
    assert same(store.facts_at(), RICH)
    assert store.append(RICH, ask("again")).unchanged == RICH_ROWS


def test_the_newest_version_counts_and_every_position_can_be_read_again(store: Store) -> None:
    store.append(accounts(account("acme", region="north"), account("birk")), ask("1"))
    store.append(accounts(account("acme", region="south")), ask("2"))
    store.append(accounts(account("acme", region="west"), account("colt")), ask("3"))
    regions = [
        dict(store.facts_at(position).accounts.sort("account_id").select("account_id", "region").iter_rows())
        for position in (1, 2, 3, None)
    ]
    assert regions[0] == {"acme": "north", "birk": None}
    assert regions[1] == {"acme": "south", "birk": None}
    assert regions[2] == regions[3] == {"acme": "west", "birk": None, "colt": None}


def test_a_later_assignment_brings_its_own_quotas(store: Store) -> None:
    store.append(RICH, ask("1"))
    fewer = Facts(assignments=RICH.assignments, quotas=RICH.quotas.head(1))
    assert store.append(fewer, ask("2")).revised == 1
    assert store.facts_at().quotas.height == 1
    assert store.facts_at(1).quotas.height == 2


def test_parts_of_a_superseded_deal_are_gone_with_it(store: Store) -> None:
    store.append(RICH, ask("1"))
    store.append(deals(deal("D-2", 2)), ask("2"))
    facts = store.facts_at()
    assert (facts.deal_lines.height, facts.stages.height, facts.splits.height) == (0, 0, 1)
    assert "attributes.campaign" not in facts.deals.columns


def test_an_unchanged_request_leaves_the_position(store: Store) -> None:
    store.append(accounts(account("acme")), ask("1"))
    loaded = store.append(accounts(account("acme")), ask("2"))
    assert (loaded.unchanged, loaded.position, store.position()) == (1, 1, 1)


def test_a_request_is_answered_once(store: Store) -> None:
    first = store.append(accounts(account("acme")), ask("r"))
    assert store.append(accounts(account("acme")), ask("r")) == first == store.answered(ask("r"))
    for tell in (store.answered, lambda other: store.append(accounts(account("birk")), other)):
        with pytest.raises(AlreadyExists, match="used for another request") as error:
            tell(ask("r", fingerprint=b"other"))
        assert error.value.reason == "REQUEST_ID_REUSED"
    assert store.facts_at().accounts.height == 1


def test_revisions_of_deals_rise(store: Store) -> None:
    store.append(deals(deal("D-1", 2, channel="direct")), ask("1"))
    with pytest.raises(AlreadyExists) as error:
        store.append(deals(deal("D-0"), deal("D-1", 1), deal("D-1x", 1)), ask("2"))
    assert [(each.field, each.code) for each in error.value.violations] == [("deals[1].revision", "REVISION_NOT_NEWER")]
    with pytest.raises(AlreadyExists) as error:
        store.append(deals(deal("D-1", 2)), ask("3"))
    assert [(each.field, each.code) for each in error.value.violations] == [("deals[0].channel", "REVISION_DIFFERS")]
    assert store.facts_at().deals.height == 1


def test_one_key_twice_in_a_request_is_refused_unless_it_says_the_same(store: Store) -> None:
    assert store.append(accounts(account("acme"), account("acme")), ask("1")).created == 1
    with pytest.raises(InvalidArgument, match="same key"):
        store.append(accounts(account("birk"), account("birk", region="north")), ask("2"))


def test_the_keys_of_the_service_are_those_of_the_tables() -> None:
    assert {kind: TABLES[kind].key for kind in KEYS} == KEYS


def test_validation_stores_nothing(store: Store) -> None:
    loaded = store.append(RICH, ask("r", validate_only=True))
    assert (loaded.created, loaded.position) == (RICH_ROWS, None)
    assert (store.position(), store.answered(ask("r"))) == (0, None)
    assert same(store.facts_at(), Facts())


def test_nothing_is_committed_where_nobody_waits(store: Store) -> None:
    def late() -> None:
        raise DeadlineExceeded("DEADLINE_EXCEEDED", "late")

    with pytest.raises(DeadlineExceeded):
        store.append(RICH, ask("r", proceed=late))
    assert (store.position(), store.answered(ask("r"))) == (0, None)
    assert store.append(RICH, ask("r")).created == RICH_ROWS


def test_plans_are_kept_with_their_terms(store: Store) -> None:
    stored = store.append_plan(plan("1"), ask("1"))
    assert store.append_plan(plan("1"), ask("2")) == stored
    assert store.plans_at() == [stored]
    assert (stored.position, stored.text.terms) == (1, {"terms.yaml": "x"})
    assert store.plans_at(0) == []


def test_a_correction_names_the_one_in_force(store: Store) -> None:
    store.append_plan(plan("1"), ask("1"))
    with pytest.raises(FailedPrecondition, match="corrects_revision"):
        store.append_plan(plan("2"), ask("2"))
    store.append_plan(plan("2", corrects="1"), ask("3"))
    with pytest.raises(FailedPrecondition, match="evision 2"):
        store.append_plan(plan("3", corrects="1"), ask("4"))
    store.append_plan(plan("4", date(2027, 1, 1)), ask("5"))
    with pytest.raises(FailedPrecondition, match="not in force"):
        store.append_plan(plan("5", date(2028, 1, 1), corrects="4"), ask("6"))


def test_a_time_has_its_position(store: Store) -> None:
    assert store.position_at(START) == 0
    times = [store.append(accounts(account(name)), ask(name)).recorded_time for name in ("a", "b")]
    assert [store.position_at(time) for time in times if time is not None] == [1, 2]
    assert store.position_at(START + timedelta(days=9)) == 2


def test_the_latest_snapshot_is_the_latest_as_of_then(store: Store) -> None:
    """A later snapshot that was stored later is not seen before, and filters ask of the latest alone."""

    def snapshot(stage: str, day: int | None, request_id: str) -> int:
        time = None if day is None else datetime(2026, 2, day)  # noqa: DTZ001  # Frames hold UTC without saying so.
        row = {"source": "crm", "opportunity_id": "O-1", "stage": stage, "snapshot_time": time}
        return store.append(Facts(opportunities=frame("opportunities", row)), ask(request_id)).position or 0

    def stages(position: int | None = None, **where: str) -> list[str]:
        page = store.page("opportunities", where, after=None, limit=9, position=position, latest=True)
        return page.facts.opportunities["stage"].to_list()

    first, second = snapshot("identify", None, "a"), snapshot("confirm", 20, "b")
    snapshot("discover", 10, "c")
    assert (stages(first), stages(second), stages()) == (["identify"], ["confirm"], ["confirm"])
    assert (stages(stage="discover"), stages(stage="confirm")) == ([], ["confirm"])


def test_one_request_sent_by_many_at_once_is_stored_once(store: Store) -> None:
    start = threading.Barrier(8)

    def send(number: int) -> Any:
        start.wait()
        return store.append(accounts(account(f"a{number % 2}")), ask(f"r{number % 2}"))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert len({answer.position for answer in answers}) == 2
    assert all(answer.created == 1 for answer in answers)
    assert store.facts_at().accounts.height == 2


def test_readers_see_whole_requests_only(store: Store) -> None:
    done = threading.Event()

    def write() -> None:
        for number in range(30):
            store.append(deals(*(deal(f"D-{i}", number + 1) for i in range(20))), ask(f"r{number}"))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        revisions = store.facts_at().deals["revision"]
        assert revisions.n_unique() <= 1
        assert revisions.len() in (0, 20)
    writer.join()


# --- deaths


INGEST = """
import sys
from datetime import date
import polars as pl
from compsvc.adapters.system_clock import SystemClock
from compsvc.core.facts import DEALS, SPLITS, Facts
from compsvc.service.ports import Mutation
from compsvc.wiring import open_store

store = open_store(sys.argv[1], SystemClock())
row = {"source": "crm", "revision": 1, "account_id": "a", "closed_date": date(2026, 2, 1), "currency_code": "EUR"}
split = {"source": "crm", "position": 0, "participant_id": "p", "share_num": 1, "share_den": 1}
number = int(sys.stdin.readline())
while True:
    ids = [f"{number}-{i}" for i in range(20)]
    facts = Facts(
        deals=pl.DataFrame([{**dict.fromkeys(DEALS), **row, "external_id": each} for each in ids], schema=dict(DEALS)),
        splits=pl.DataFrame([{**split, "external_id": each} for each in ids], schema=dict(SPLITS)),
    )
    store.append(facts, Mutation(f"r{number}", "crm", b"x"))
    print(number, flush=True)
    number += 1
"""


def ingesting(book: str) -> subprocess.Popen[str]:
    """Starts to ingest once it is told the number of its first batch."""
    command = [sys.executable, "-c", INGEST, book]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def killed(process: subprocess.Popen[str], *, first: int, after: int) -> int:
    """The number of the last batch that was acknowledged."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{first}\n")
    process.stdin.flush()
    last = [int(process.stdout.readline()) for _ in range(after)][-1]
    os.kill(process.pid, signal.SIGKILL)
    return max(last, *map(int, process.stdout.read().split()), last)


def stored_batches(book: str) -> int:
    """How many there are; every one of them is whole."""
    store = open_store(book, Ticking())
    facts = store.facts_at()
    batch = pl.col("external_id").str.split("-").list.first()
    batches = facts.deals.with_columns(batch).group_by("external_id").len()
    assert batches["len"].unique().to_list() == [20]
    assert facts.splits.height == facts.deals.height
    store.close()
    return batches.height


def test_killing_the_process_loses_nothing_acknowledged_and_leaves_nothing_torn(book: str) -> None:
    """Six deaths in mid-ingest, each at another place in the work."""
    batches = 0
    following = ingesting(book)
    for round_ in range(6):
        process, following = following, ingesting(book)
        with process:
            acknowledged = killed(process, first=batches, after=1 + round_ * 7) + 1
        batches = stored_batches(book)
        assert acknowledged <= batches <= acknowledged + 1  # at most one that was stored and not yet told
    with following:
        following.kill()
