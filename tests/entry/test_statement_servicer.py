"""StatementService through a real server, with the sample company in its book."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from compsvc.core.statement_values import LineKey
from compsvc.entry.statement_command import Wanted, shown, statement_from_server, statement_from_store
from compsvc.entry.statement_proto import line_name, parse_line_name, parse_statement_name, statement_name
from compsvc.service.ports import Caller, NotFound, PermissionDenied

from .nordwind_server import Nordwind

CROSSING = "participants/hanna/lines/hunter~commission~2026~crm~D-1010~1~0~0"


@pytest.fixture(scope="module")
def nordwind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nordwind]:
    found = Nordwind(tmp_path_factory.mktemp("nordwind"))
    yield found
    found.stop()


def test_a_rep_gets_their_own_statement(nordwind: Nordwind) -> None:
    found = nordwind.statement("hanna", "rep", "participants/hanna/statements/2026-Q4")
    assert (found.name, found.display_name) == ("participants/hanna/statements/2026-Q4", "Hanna Vogt")
    assert [(total.currency_code, total.minor_units) for total in found.totals] == [("EUR", 3_930_000)]
    assert (found.start_date.month, found.end_date.year, found.end_date.month) == (10, 2027, 1)


@pytest.mark.parametrize(
    ("subject", "role"),
    [
        ("hanna", "rep"),
        ("mara", "manager"),
        ("vera", "manager"),
        ("fay", "finance"),
        ("pat", "payroll"),
        ("root", "admin"),
    ],
)
def test_who_may_see_it_sees_the_same_bytes(nordwind: Nordwind, subject: str, role: str) -> None:
    name = "participants/hanna/statements/2026-Q4"
    own = nordwind.statement("hanna", "rep", name)
    assert nordwind.statement(subject, role, name).SerializeToString(deterministic=True) == own.SerializeToString(
        deterministic=True
    )


@pytest.mark.parametrize(
    ("subject", "role", "participant"),
    [
        ("finn", "rep", "hanna"),
        ("finn", "rep", "nobody"),  # whether there is one is not told
        ("mara", "rep", "hanna"),  # a manager's line is seen by the role of a manager
        ("mara", "manager", "vera"),
        ("mara", "manager", "nobody"),
        ("hanna", "manager", "finn"),
    ],
)
def test_who_may_not_see_it_is_told_so_whether_or_not_it_exists(
    nordwind: Nordwind, subject: str, role: str, participant: str
) -> None:
    for name in (
        f"participants/{participant}/statements/2026-Q4",
        f"participants/{participant}/lines/hunter~commission~2026~crm~D-1010~1~0~0",
        f"participants/{participant}/lines/hunter~commission~2026~crm~D-0000~1~0~0",
    ):
        found = nordwind.refused(subject, role, name)
        assert (found.code, found.reason) == (grpc.StatusCode.PERMISSION_DENIED, "NOT_YOUR_STATEMENT")
        assert found.metadata == {"role": role, "participant": participant}


def test_what_is_not_there_is_not_found_by_those_who_may_know(nordwind: Nordwind) -> None:
    for name in (
        "participants/nobody/statements/2026-Q4",
        "participants/hanna/lines/hunter~commission~2026~crm~D-0000~1~0~0",
    ):
        found = nordwind.refused("root", "admin", name)
        assert (found.code, found.details["ResourceInfo"].resource_name) == (grpc.StatusCode.NOT_FOUND, name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "NAME_INVALID"),
        ("participants/hanna", "NAME_INVALID"),
        ("participants//statements/2026", "NAME_INVALID"),
        ("statements/hanna/participants/2026", "NAME_INVALID"),
        ("participants/hanna/statements/2026-H3", "PERIOD_INVALID"),
        ("participants/hanna/statements/2026-Q5", "PERIOD_INVALID"),
        ("participants/hanna/statements/last%20year", "PERIOD_INVALID"),
        ("participants/hanna/lines/D-1010", "NAME_INVALID"),
        ("participants/hanna/lines/a~b~2026~c~d~1~0~x", "NAME_INVALID"),
    ],
)
def test_a_name_that_makes_no_sense_is_refused_with_the_form_it_should_have(
    nordwind: Nordwind, name: str, reason: str
) -> None:
    found = nordwind.refused("root", "admin", name)
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert found.violations == {"name": reason}


def test_every_line_of_a_statement_opens(nordwind: Nordwind) -> None:
    for participant in ("hanna", "finn", "ben", "sven", "mara"):
        found = nordwind.statement("root", "admin", f"participants/{participant}/statements/2026")
        for line in (line for payout in found.payouts for line in payout.lines):
            opened = nordwind.explained("root", "admin", line.name)
            assert opened.line == line
            assert opened.derivation.code == "LINE"
            assert opened.derivation.text
            assert opened.derivation.steps


def test_a_line_names_the_plans_file_as_it_was_sent(nordwind: Nordwind) -> None:
    opened = nordwind.explained("hanna", "rep", CROSSING)
    assert opened.derivation.plan_at == "hunter.yaml:19"
    assert [step.plan_at for step in opened.derivation.steps[0].steps[:2]] == ["hunter.yaml:32", "hunter.yaml:33"]


def test_from_a_server_and_from_its_book_comes_the_same_text(nordwind: Nordwind) -> None:
    wanted = Wanted("hanna", "2026-Q4", explain=True)
    served = statement_from_server(nordwind.server.address, nordwind.token("hanna", "rep"), wanted)
    stored = statement_from_store(nordwind.book, Caller("cli", "admin"), wanted)
    for form in ("text", "json"):
        assert shown(served, form=form, locale="de") == shown(stored, form=form, locale="de")  # type: ignore[arg-type]
    assert len(served.explanations) == 3


def test_from_a_book_nobody_sees_more_than_by_a_server(nordwind: Nordwind) -> None:
    with pytest.raises(PermissionDenied):
        statement_from_store(nordwind.book, Caller("finn", "rep"), Wanted("hanna", "2026"))
    with pytest.raises(NotFound):
        statement_from_store(nordwind.book, Caller("a", "admin"), Wanted("nobody", "2026"))


def test_names_hold_every_character() -> None:
    key = LineKey("Ann Wu/ü~", "p", "c", "2026-Q1", "cr~m", "D/1~%~", 1, 0, 2)
    assert parse_line_name(line_name(key)) == key
    assert line_name(key).isascii()
    assert parse_statement_name(statement_name("Ann Wu/ü", "2026-Q1")) == ("Ann Wu/ü", "2026-Q1")
    of_period = LineKey("hanna", "p", "c", "2026-Q1", "", "", 0, 0, 0)
    assert parse_line_name(line_name(of_period)) == of_period
