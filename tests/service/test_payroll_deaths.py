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

import psycopg
import pytest

from compsvc.wiring import is_url
from tests.service.small_payroll import SmallHouse, pay, small_house

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("COMPSVC_PROVE", "0"))  # `make prove` says how many
POINTS = 20  # writes of a month: rows and commits of run, approval, seal, export and acknowledgement


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


@pytest.mark.timeout(1200 if ROUNDS else 300)
def test_killed_at_any_write_a_month_is_whole_and_the_same_requests_finish_it(house: SmallHouse) -> None:
    """Each death at another write; then the same requests are sent again by another process."""
    points = range(1, POINTS + 1) if ROUNDS else (5, 11, 16)
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


@pytest.mark.timeout(1200 if ROUNDS else 300)
def test_of_two_processes_that_seal_one_run_one_wins(house: SmallHouse) -> None:
    racers = [program("race(sys.argv[1])", house.book) for _ in range(2)]
    try:
        assert [racer.stdout.readline() for racer in racers if racer.stdout] == ["ready\n"] * 2
        for number in range(min(ROUNDS, 50) or 3):
            house.sell(f"D-{number}", 1, 100)
            run = house.approve(house.run("2026-01"))
            for racer in racers:
                assert racer.stdin
                racer.stdin.write(f"{run.run_id}\n")
                racer.stdin.flush()
            said = sorted(racer.stdout.readline().strip() for racer in racers if racer.stdout)
            assert said[1] == "sealed"
            assert said[0] in ("BOOK_MOVED", "RUN_OUTDATED", "RUN_STATE")
            assert house.payroll.store.ledger().height == 2 * (number + 1)
            assert house.wrong() == []
    finally:
        for racer in racers:
            racer.communicate(timeout=60)


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
