"""What somebody is called can be erased from a book, and nothing else can (J4); over both stores."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from compsvc.adapters.sql_chain import columns_of
from compsvc.adapters.sql_first_steps import BESIDES_NAME, NAME
from compsvc.core.facts import Facts
from compsvc.entry.statement_whole_proto import written
from compsvc.service.names import erase_name
from compsvc.service.ports import Caller, InvalidArgument, Loaded, NotFound, PermissionDenied
from compsvc.service.statements import Asked, span_of, statement_of
from compsvc.wiring import Parts, is_url, open_parts
from tests.adapters.store_facts import ask, frame
from tests.adapters.test_chain import unguarded
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_runs import ADMIN, ANNA

OLD, NEW = "Annemarie Quillfeder", "Annemarie Vogelsang"
NAMES = (OLD, NEW)


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    """Ann has had two names; there are enough others for the table to have several pages."""
    found = small_house(book)
    others = [{"participant_id": f"p{number:04}", "display_name": f"Person {number}" * 4} for number in range(600)]
    for name in NAMES:
        ann = {"participant_id": "ann", "display_name": name, "personnel_number": "4711"}
        found.load(Facts(participants=frame("participants", ann, *others)))
    found.sell("D-1", 1, 6_000)
    found.sealed("2026-01")
    yield found
    found.parts.store.close()


def test_a_name_is_nowhere_to_be_read_any_more(house: SmallHouse, book: str) -> None:
    assert any(name in _all_rows(book) for name in NAMES)
    if not is_url(book):  # some builds of SQLite overwrite what is freed, most do not
        house.parts.store._writer.execute("PRAGMA secure_delete = OFF")  # type: ignore[attr-defined]
    assert _erase(house).revised == 3  # `fill` called her by her id
    assert not any(name in _all_rows(book) for name in NAMES)
    assert "4711" in _all_rows(book)
    if not is_url(book):
        files = [Path(book), *(Path(f"{book}{end}") for end in ("-wal", "-shm"))]
        content = b"".join(path.read_bytes() for path in files if path.exists())
        assert [name for name in NAMES if name.encode() in content] == []


def test_the_id_stands_in_its_place_as_of_every_time_and_in_every_process(house: SmallHouse, book: str) -> None:
    elsewhere = open_parts(book)
    with closing(elsewhere.store):
        before = [_statements(parts) for parts in (house.parts, elsewhere)]
        assert [{name for name, _ in each} for each in before] == [{"ann", *NAMES}] * 2
        _erase(house)
        after = [_statements(parts)[: len(before[0])] for parts in (house.parts, elsewhere)]
    assert [{name for name, _ in each} for each in after] == [{"ann"}] * 2
    assert [[told for _, told in each] for each in after] == [[told for _, told in each] for each in before]


def test_who_erased_when_and_why_stays_and_the_book_verifies(house: SmallHouse, book: str) -> None:
    _erase(house)
    assert house.parts.payroll.store.broken_links() == []
    assert "asked for on 3 May" in _all_rows(book)
    assert house.parts.store.facts_at().participants.filter(participant_id="ann").rows()[0][:3] == ("ann", None, "4711")


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("UPDATE participants SET personnel_number = '4712' WHERE participant_id = 'ann' AND personnel_number = '4711'",
         "participants has rows that were not stored so"),
        (f"UPDATE participants SET display_name = '{NEW}' WHERE participant_id = 'ann' AND personnel_number = '4711'",
         "has a name of ann again that was erased"),
        ("UPDATE participants SET display_name = NULL WHERE participant_id = 'bob'",
         "participants has rows that were not stored so"),
        ("UPDATE erased_names SET reason = 'none'", "erased_names has rows that were not stored so"),
        ("UPDATE erased_names SET named_hash = 'x'", "participants has rows that were not stored so"),
        ("DELETE FROM erased_names", "rows of erased_names are missing"),
    ],
)  # fmt: skip
def test_what_is_edited_beside_is_still_found(edit: str, told: str, house: SmallHouse, book: str) -> None:
    _erase(house)
    with unguarded(book) as write:
        write(edit)
    assert any(told in line for line in house.parts.payroll.store.broken_links())


def test_the_book_refuses_every_other_change_of_a_participant(house: SmallHouse, book: str) -> None:
    columns = {*BESIDES_NAME, NAME}
    assert columns == set(_columns(house))  # a column that is added later has to be guarded as well
    edits = [f"UPDATE participants SET {name} = {_other(name)}, {NAME} = NULL" for name in BESIDES_NAME]
    edits += [f"UPDATE participants SET {NAME} = 'Bob'", "DELETE FROM participants"]
    for edit in edits:
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="only ever added to"):
            _execute(book, edit)


def test_an_erasure_sent_again_answers_the_same_and_a_second_one_finds_nothing(house: SmallHouse) -> None:
    first = _erase(house)
    position = house.parts.store.position()
    assert _erase(house) == first
    assert house.parts.store.position() == position
    assert _erase(house, request_id="r2").revised == 0


def test_an_erasure_says_why_and_whose_and_is_asked_for_by_an_admin(house: SmallHouse) -> None:
    with pytest.raises(InvalidArgument, match="Say why"):
        _erase(house, reason=" ")
    with pytest.raises(NotFound, match="nobody"):
        _erase(house, participant_id="nobody")
    with pytest.raises(PermissionDenied):
        _erase(house, caller=ANNA)
    assert NEW in set(house.parts.store.facts_at().participants["display_name"])


def test_a_run_after_it_pays_the_same(house: SmallHouse) -> None:
    _erase(house)
    assert house.run("2026-01").payout_count == 0
    house.sell("D-2", 2, 12_000)
    run = house.sealed("2026-02")
    assert house.payouts(run)["amount_minor"].to_list() == [120_000]


def _erase(house: SmallHouse, *, caller: Caller = ADMIN, request_id: str = "r1", **other: str) -> Loaded:
    asked = {"participant_id": "ann", "reason": "asked for on 3 May", **other}
    return erase_name(house.parts.names, caller, **asked, mutation=ask(request_id))


def _statements(parts: Parts) -> list[tuple[str, str]]:
    """As of every position that has Ann: what she is called, and the statement's hash."""
    found = []
    for position in range(1, parts.store.position() + 1):
        calculation = parts.calculations.at(position)
        assert calculation is not None
        asked = Asked("ann", "2026-01", "statement")
        if calculation.facts.of("participants", "participant_id", "ann").height and calculation.plans:
            told = statement_of(calculation, asked, span_of(calculation, "ann", "2026-01"))
            assert told is not None
            found.append((told.display_name, written(told)[0]))
    return found


def _all_rows(book: str) -> str:
    """Every row of every table, as text."""
    if is_url(book):
        with psycopg.connect(book) as read:
            tables = read.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            return "".join(str(read.execute(f"SELECT * FROM {table}").fetchall()) for (table,) in tables)  # type: ignore[arg-type]
    with closing(sqlite3.connect(book)) as opened:
        found = opened.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return "".join(str(opened.execute(f"SELECT * FROM {table}").fetchall()) for (table,) in found)


def _columns(house: SmallHouse) -> tuple[str, ...]:
    with house.parts.store.reading() as read:  # type: ignore[attr-defined]
        return columns_of(read, "participants")


def _other(name: str) -> str:
    return "request + 100000" if name == "request" else f"coalesce({name}, '') || 'x'"


def _execute(book: str, edit: str) -> None:
    if is_url(book):
        with psycopg.connect(book, autocommit=True) as write:
            write.execute(edit)  # type: ignore[arg-type]
        return
    with closing(sqlite3.connect(book)) as opened, opened:
        opened.execute(edit)
