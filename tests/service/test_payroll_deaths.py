"""Payroll where processes die and race, and where somebody edits the book, over both stores."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from compsvc.wiring import is_url
from tests.service.small_payroll import SmallHouse, pay, run_of, small_house

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("COMPSVC_PROVE", "0"))  # `make prove` says how many
POINTS = 21  # writes of a month: rows and commits of run, approval, seal, export and acknowledgement


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    found = small_house(book)
    yield found
    found.parts.store.close()


def program(text: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", f"import sys; from tests.service.small_payroll import *; {text}"]
    return subprocess.Popen(
        [*command, *map(str, arguments)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def paying(book: str, number: int, dies_at: int) -> tuple[int, str]:
    """How the process ended, and what it said: how many writes there were."""
    text = "print(pay_and_die(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))"
    with program(text, book, number, dies_at) as process:
        said, _ = process.communicate(timeout=100)
    return process.returncode, said


@pytest.mark.timeout(7200 if ROUNDS else 300)
def test_killed_at_any_write_a_month_is_whole_and_the_same_requests_finish_it(house: SmallHouse) -> None:
    """Each death at the next write; then the same requests are sent again by another process."""
    points = [number % POINTS + 1 for number in range(ROUNDS)] or [5, 11, 16]
    for number, dies_at in enumerate(points):
        house.sell(f"D-{number}", 1, 100)
        assert paying(house.book, number, dies_at) == (-signal.SIGKILL, "")
        assert house.wrong() == []
        assert house.unexplained() in ([], [0])
        for run in house.payroll.store.runs():
            if run.state == "sealed":
                assert house.payouts(run).height == run.payout_count == 1
        pay(house, number)
        balances = house.payroll.store.ledger()
        assert balances.filter(balances["account"] == "paid")["amount_minor"].sum() == -(number + 1) * 10_00
        assert [run.state for run in house.payroll.store.runs()] == ["sealed"] * (number + 1)
        assert (house.wrong(), house.unexplained()) == ([], [0])


def test_there_are_as_many_writes_as_deaths(house: SmallHouse) -> None:
    house.sell("D-0", 1, 100)
    assert paying(house.book, 0, 0) == (0, f"{POINTS}\n")


@contextmanager
def two_racers(book: str) -> Iterator[Callable[..., list[str]]]:
    """Tells two processes one line each (or both the same), and what they said, sorted."""
    racers = [program("race(sys.argv[1])", book) for _ in range(2)]

    def told(*lines: str) -> list[str]:
        for racer, line in zip(racers, lines * (2 // len(lines)), strict=True):
            assert racer.stdin
            racer.stdin.write(f"{line}\n")
            racer.stdin.flush()
        return sorted(racer.stdout.readline().strip() for racer in racers if racer.stdout)

    try:
        assert [racer.stdout.readline() for racer in racers if racer.stdout] == ["ready\n"] * 2
        yield told
    finally:
        for racer in racers:
            racer.communicate(timeout=60)


@pytest.mark.timeout(3600 if ROUNDS else 300)
def test_of_two_processes_one_wins_whatever_they_do(house: SmallHouse) -> None:
    """They compute by one request, seal one run, say two things of one payout and change one pay period."""
    rejected = 0
    with two_racers(house.book) as told:
        for number in range(min(ROUNDS, 50) or 3):
            house.sell(f"D-{number}", 1, 100)
            first, second = told(f"run 2026-01 raced-{number}")
            assert first == second
            run = house.approve(run_of(house, first))
            said = told(f"seal {run.run_id}")
            assert said[1] == "sealed"
            assert said[0] in ("BOOK_MOVED", "RUN_OUTDATED", "RUN_STATE")
            said = told(f"answer {run.run_id} paid", f"answer {run.run_id} rejected")
            assert said[0] in ("BOOK_MOVED", "OUTCOME_DIFFERS")
            assert {each.outcome for each in house.payroll.store.outcomes(run.run_id)} == {said[1]}
            rejected = rejected + 1 if said[1] == "rejected" else 0
            version = house.payroll.store.pay_period("2026-01").version
            said = told(*(f"change 2026-01 {state} {version}" for state in ("locked", "locked")))
            assert said == ["BOOK_MOVED", "locked"]
            house.period("2026-01", "open", version + 1, "raced")
            assert (house.wrong(), house.unexplained()) == ([], [0])
            paid = house.payroll.store.ledger().filter(pl.col("account") == "paid")["amount_minor"].sum()
            assert paid == -(number + 1 - rejected) * 10_00


EDITS = {
    "an amount": "UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE entry = 2",
    "two amounts that still sum to zero": "UPDATE ledger_entries SET amount_minor = amount_minor * 2 WHERE entry <= 2",
    "who is paid": "UPDATE ledger_entries SET participant_id = 'bnn' WHERE entry = 1",
    "the deal": "UPDATE ledger_entries SET external_id = 'D-9' WHERE entry = 1",
    "the account": "UPDATE ledger_entries SET account = 'held' WHERE entry = 2",
    "the pay period": "UPDATE ledger_entries SET pay_period = '2026-02' WHERE entry = 2",
    "a hash": "UPDATE ledger_entries SET hash = '0' WHERE entry = 3",
    "an entry that is gone": "DELETE FROM ledger_entries WHERE entry = 2",
    "the last transaction that is gone": "DELETE FROM ledger_entries WHERE entry > 2",
}


def test_an_edited_ledger_is_found(house: SmallHouse) -> None:
    for number in (0, 1):
        house.sell(f"D-{number}", 1, 100 + number)
        house.sealed("2026-01")
    assert house.wrong() == []
    for what, edit in EDITS.items():
        with edited(house.book, edit):
            assert len(house.wrong()) >= 1, what
        assert house.wrong() == []


@contextmanager
def edited(book: str, sql: str) -> Iterator[None]:
    """As the owner of the database can, who switches the triggers off that refuse it; afterwards it is as it was."""
    with unguarded(book) as write:
        rows = write("SELECT * FROM ledger_entries").fetchall()
        write(sql)
    yield
    mark = "%s" if is_url(book) else "?"
    with unguarded(book) as write:
        write("DELETE FROM ledger_entries")
        for row in rows:
            write(f"INSERT INTO ledger_entries VALUES ({', '.join([mark] * len(row))})", row)


@contextmanager
def unguarded(book: str) -> Iterator[Callable[..., Any]]:
    if is_url(book):
        with psycopg.connect(book) as connection:
            connection.execute("ALTER TABLE ledger_entries DISABLE TRIGGER ALL")
            yield connection.execute
        return
    with sqlite3.connect(book) as connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER IF EXISTS ledger_entries_no_{verb}")
        yield connection.execute
    connection.close()
