"""What was handed out after a seal stays as it was, over both stores (B8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from google.protobuf.json_format import Parse

from compsvc.core.facts import Facts
from compsvc.entry.statement_text import statement_text
from compsvc.entry.statement_whole_proto import statement_message, written
from compsvc.service import issued_statements as issued
from compsvc.service.issued_statements import Issuing
from compsvc.service.payroll_ports import IssuedStatement, Run
from compsvc.service.ports import Caller, DeadlineExceeded, FailedPrecondition, Mutation, NotFound, PermissionDenied
from compsvc.service.statements import Asked, get_statement
from compsvc.v1 import statement_service_pb2 as pb
from tests.adapters.store_facts import frame
from tests.service import small_payroll
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_runs import ADMIN, ANNA, ask

NAME = "participants/ann/statements/2026-01"


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    found = small_house(book)
    found.sell("D-1", 1, 10_000)
    found.sell("D-2", 1, 5_000, bobs_tenths=10)
    yield found
    found.parts.store.close()


def issue(house: SmallHouse, run: Run, caller: Caller = ANNA, mutation: Mutation | None = None) -> list[Issuing]:
    of = (house.payroll, house.parts.issued, caller)
    return list(issued.issue_statements(*of, run_id=run.run_id, written=written, mutation=mutation or ask()))


def read(house: SmallHouse, caller: Caller = ANNA, run_id: str = "") -> IssuedStatement:
    of = (house.payroll, house.parts.issued, caller)
    return issued.get_issued_statement(*of, participant_id="ann", period="2026-01", name=NAME, run_id=run_id)


def test_everybody_whom_the_run_pays_gets_the_statement_of_its_seal(house: SmallHouse) -> None:
    run = house.sealed("2026-01")
    assert issue(house, run) == [Issuing(0, 2), Issuing(2, 2)]
    found = read(house)
    assert (found.run_id, found.as_of_time) == (run.run_id, run.recorded_time)
    said = json.loads(found.content)
    assert (said["hash"], said["name"]) == (found.statement_hash, NAME)
    of = (house.parts.calculations, house.payroll.store, house.parts.clock, ADMIN)
    as_of = Asked("ann", "2026-01", NAME, as_of_time=run.recorded_time)
    assert get_statement(*of, as_of, statement_message).hash == found.statement_hash


def test_the_name_can_be_erased_and_the_hash_stays(house: SmallHouse) -> None:
    """J4: it has the id in place of the name, and who is renamed keeps the hash of what they were told."""

    def named(name: str) -> None:
        house.load(Facts(participants=frame("participants", {"participant_id": "ann", "display_name": name})))

    def shown(run: Run) -> pb.Statement:
        of = (house.parts.calculations, house.payroll.store, house.parts.clock, ADMIN)
        return get_statement(*of, Asked("ann", "2026-01", NAME, as_of_time=run.recorded_time), statement_message)

    named("Ann Arbor")
    first = house.sealed("2026-01")
    issue(house, first)
    assert "Arbor" not in read(house).content
    assert json.loads(read(house).content)["display_name"] == "ann"
    assert shown(first).display_name == "Ann Arbor"
    assert shown(first).hash == read(house).statement_hash


def test_the_names_of_colleagues_can_be_erased_and_the_hash_stays(house: SmallHouse) -> None:
    """J4: whom a deal on one's own account is credited to is an id in what is stored, and a name where it is shown."""

    def bob_is(name: str | None) -> None:
        bob = {"participant_id": "bob", "display_name": name, "personnel_number": "7", "pay_group": "DE"}
        house.load(Facts(participants=frame("participants", bob)))

    def shown(**as_of: datetime) -> pb.Statement:
        of = (house.parts.calculations, house.payroll.store, house.parts.clock, ADMIN)
        return get_statement(*of, Asked("ann", "2026-01", NAME, **as_of), statement_message)

    owned = {"account_id": "acme", "participant_id": "ann", "start_date": date(2026, 1, 1)}
    house.load(Facts(ownerships=frame("ownerships", owned)))
    house.sell("D-3", 1, 3_000, seller="bob")
    bob_is("Bob Baumann")
    run = house.sealed("2026-01")
    issue(house, run)
    as_told = shown(as_of_time=run.recorded_time)
    assert [list(each.holders) for each in as_told.elsewhere_deals] == [["Bob Baumann"], ["Bob Baumann"]]
    assert "Baumann" not in read(house).content
    assert [each["holders"] for each in json.loads(read(house).content)["elsewhere_deals"]] == [["bob"], ["bob"]]
    assert as_told.hash == read(house).statement_hash
    before = shown()
    printed = statement_text(Parse(read(house).content, pb.Statement()))
    bob_is(None)  # erased
    assert statement_text(Parse(read(house).content, pb.Statement())) == printed
    assert "to bob" in printed
    now = shown()
    assert [list(each.holders) for each in now.elsewhere_deals] == [["bob"], ["bob"]]
    assert now.hash == before.hash


def test_the_statement_of_a_month_that_is_over_has_no_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it can be reached when it is sealed; the hash does not see such advice."""
    monthly = small_payroll.PLAN.replace("per: year", "per: month")
    tiers = "rate_table: {mode: marginal, by: amount, boundary: at, tiers: [{to: 50_000, rate: 1%}, {rate: 2%}]}"
    monthly = monthly.replace("flat_rate: {rate: 10%}", tiers)
    monkeypatch.setattr(small_payroll, "PLAN", monthly)
    found = small_house(str(tmp_path / "book.db"))
    found.sell("D-1", 1, 30_000)
    issue(found, found.sealed("2026-01"))
    (standing,) = json.loads(read(found).content)["standings"]
    assert "tier" in standing
    assert "next_step" not in standing


def test_it_stays_to_the_byte_when_the_book_goes_on(house: SmallHouse) -> None:
    run = house.sealed("2026-01")
    issue(house, run)
    before = read(house)
    house.sell("D-1", 1, 7_000, revision=2)
    assert issue(house, run) == [Issuing(2, 2)]
    assert read(house) == before
    now = house.sealed("2026-01", "ann")
    issue(house, now)
    assert read(house).run_id == now.run_id
    assert read(house, run_id=run.run_id) == before


def test_after_a_call_that_ended_early_the_next_one_goes_on(house: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issued, "AT_ONCE", 1)
    run = house.sealed("2026-01")
    asked: list[str] = []

    def once() -> None:
        asked.append("")
        if len(asked) > 2:  # before the first part, as it is stored, before the second
            raise DeadlineExceeded("DEADLINE_EXCEEDED", "Nobody waits.")

    with pytest.raises(DeadlineExceeded):
        issue(house, run, mutation=replace(ask("one"), proceed=once))
    assert issue(house, run, mutation=ask("one")) == [Issuing(1, 2), Issuing(2, 2)]


def test_only_what_is_sealed_is_issued_and_only_by_who_may(house: SmallHouse) -> None:
    run = house.run("2026-01")
    with pytest.raises(FailedPrecondition, match="cannot be issued"):
        issue(house, run)
    with pytest.raises(PermissionDenied):
        issue(house, run, Caller("ann", "rep"))
    with pytest.raises(NotFound):
        read(house)


def test_a_rep_reads_their_own(house: SmallHouse) -> None:
    issue(house, house.sealed("2026-01"))
    assert read(house, Caller("ann", "rep")) == read(house)
    with pytest.raises(PermissionDenied):
        read(house, Caller("bob", "rep"))
