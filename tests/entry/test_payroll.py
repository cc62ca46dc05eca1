"""Payroll reads through a real server and from a book: pages, filters, names, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner, Result

from compsvc.entry.cli import app
from compsvc.service import pages
from compsvc.service.calculation import Calculations
from compsvc.service.ports import ROLES
from compsvc.v1 import payroll_service_pb2 as pb
from compsvc.v1.payroll_service_pb2_grpc import PayrollServiceStub

from .conftest import Client, Running, Sample, Told, batch, deal, told

NOVEMBER = "payPeriods/2026-11"


def listed(sample: Sample, role: str = "payroll", **asked: Any) -> pb.ListPayoutsResponse:
    request = pb.ListPayoutsRequest(**{"parent": NOVEMBER, **asked})
    return PayrollServiceStub(sample.channel).ListPayouts(request, metadata=sample.headers("pat", role), timeout=30)


def refusal(call: Callable[[], Any]) -> Told:
    with pytest.raises(grpc.RpcError) as error:
        call()
    return told(error.value)


def test_payroll_gets_the_month_with_control_totals(sample: Sample) -> None:
    found = listed(sample)
    amounts = {(each.participant_id, each.component): each.amount.minor_units for each in found.payouts}
    assert amounts == {
        ("finn", "commission"): 3_500_00,
        ("finn", "renewals"): 900_00,
        ("hanna", "commission"): 22_500_00,
        ("lena", "commission"): 4_400_00,  # 44,000 x 10%
        ("mara", "team"): 1_850_00,
        ("nils", "team"): 440_00,  # 44,000 x 1%
        ("samira", "new-logos"): 750_00,
        ("vera", "team"): 925_00,
    }
    assert [(each.currency_code, each.minor_units) for each in found.totals] == [("EUR", 35_265_00)]
    assert (found.total_size, found.refused_row_count, found.next_page_token) == (8, 0, "")


@pytest.mark.parametrize("size", [1, 3, 4, 8, 500])
def test_pages_together_are_the_list(sample: Sample, size: int) -> None:
    whole, token, found = listed(sample), "", []
    while True:
        page = listed(sample, page_size=size, page_token=token)
        assert (page.total_size, page.totals[0].minor_units) == (8, 35_265_00)
        found += list(page.payouts)
        token = page.next_page_token
        if not token:
            break
    assert found == list(whole.payouts)


def test_a_payout_is_found_by_its_name_and_opens_into_lines(sample: Sample) -> None:
    stub, headers = PayrollServiceStub(sample.channel), sample.headers("pat", "payroll")
    for payout in listed(sample).payouts:
        opened = stub.GetPayout(pb.GetPayoutRequest(name=payout.name), metadata=headers, timeout=30)
        assert sum(line.amount.minor_units for line in opened.lines) == opened.amount.minor_units
        assert len(opened.lines) == opened.line_count > 0
        del opened.lines[:]
        assert opened == payout


def test_filters_go_with_their_pages(sample: Sample) -> None:
    assert [each.participant_id for each in listed(sample, participant_id="finn").payouts] == ["finn", "finn"]
    assert [each.plan for each in listed(sample, plan="hunter").payouts] == ["hunter"]
    assert listed(sample, currency_code="EUR").total_size == listed(sample).total_size
    first = listed(sample, participant_id="finn", page_size=1)
    assert (first.total_size, first.totals[0].minor_units) == (2, 4_400_00)
    rest = listed(sample, participant_id="finn", page_token=first.next_page_token)
    assert [each.component for each in rest.payouts] == ["renewals"]


@pytest.mark.parametrize("role", ROLES)
def test_reps_and_managers_are_refused(sample: Sample, role: str) -> None:
    if role in ("payroll", "finance", "admin"):
        assert listed(sample, role).total_size == 8
        return
    found = refusal(lambda: listed(sample, role))
    assert (found.code, found.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_PERMITTED")
    assert found.metadata == {"role": role, "verb": "read_payouts"}


# --- while the book moves


def on(company: Client, **asked: Any) -> pb.ListPayoutsResponse:
    request = pb.ListPayoutsRequest(**{"parent": "payPeriods/2026-02", "page_size": 1, **asked})
    return company.call(PayrollServiceStub(company.channel).ListPayouts, request)


def test_a_listing_stays_what_it_was_and_the_next_one_is_of_now(company: Client) -> None:
    """Each deal of 1,000.00 pays 10%; Moses Frase sorts before ann."""
    company.ingest(batch(deal("D-1"), deal("D-2", seller_id="Moses Frase", account_id="birk")))
    first = on(company)
    assert [(each.participant_id, each.amount.minor_units) for each in first.payouts] == [("Moses Frase", 100_00)]
    company.ingest(batch(deal("D-3")))
    again = on(company)
    assert again.totals[0].minor_units == 300_00
    rest = on(company, page_token=first.next_page_token)
    assert [(each.participant_id, each.amount.minor_units) for each in rest.payouts] == [("ann", 100_00)]
    assert (rest.totals[0].minor_units, rest.position) == (200_00, first.position)
    assert again.position > first.position
    later = on(company, page_token=again.next_page_token)
    assert [(each.payout_id, each.amount.minor_units) for each in later.payouts] == [
        (rest.payouts[0].payout_id, 200_00)
    ]


def test_an_empty_book_pays_nothing(admin: Client) -> None:
    found = on(admin)
    assert (found.total_size, list(found.payouts), list(found.totals), found.position) == (0, [], [], 0)


# --- what is refused


def test_a_token_of_another_request_or_book_is_refused(company: Client, sample: Sample) -> None:
    company.ingest(batch(deal("D-1"), deal("D-2", seller_id="Moses Frase", account_id="birk")))
    own = on(company).next_page_token
    of_sample = listed(sample, page_size=1).next_page_token
    cases: list[dict[str, Any]] = [
        {"page_token": own, "parent": "payPeriods/2026-03"},
        {"page_token": own, "participant_id": "ann"},
        {"page_token": own, "plan": "account-executive"},
        {"page_token": own, "currency_code": "EUR"},
        {"page_token": of_sample, "parent": NOVEMBER},  # the sample's book has been further than this one
        {"page_token": own[:-4]},
        {"page_token": pages.token(of="payouts", where={"pay_period": "2026-02"}, position=1, after=(1, 2))},
        {"page_token": "nonsense"},
        {"page_token": "x" * 9_000},
    ]
    for asked in cases:
        found = refusal(lambda asked=asked: on(company, **asked))  # type: ignore[misc]
        assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"), asked
        assert found.violations == {"page_token": "PAGE_TOKEN_INVALID"}


@pytest.mark.parametrize(
    ("asked", "reason", "field"),
    [
        ({"parent": ""}, "NAME_INVALID", "parent"),
        ({"parent": "periods/2026-11"}, "NAME_INVALID", "parent"),
        ({"parent": "payPeriods/2026-13"}, "PERIOD_INVALID", "parent"),
        ({"parent": "payPeriods/2026-Q4"}, "PERIOD_INVALID", "parent"),  # payroll pays by the month
        ({"parent": "payPeriods/2026-H1"}, "PERIOD_INVALID", "parent"),
        ({"parent": "payPeriods/2026"}, "PERIOD_INVALID", "parent"),
        ({"page_size": -1}, "PAGE_SIZE_NEGATIVE", "page_size"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_field(
    sample: Sample, asked: dict[str, Any], reason: str, field: str
) -> None:
    found = refusal(lambda: listed(sample, **asked))
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert found.violations == {field: reason}


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        (f"{NOVEMBER}/payouts/{'0' * 32}", grpc.StatusCode.NOT_FOUND, "NOT_FOUND"),
        ("payPeriods/2026-1/payouts/x", grpc.StatusCode.INVALID_ARGUMENT, "PERIOD_INVALID"),
        ("payouts/x", grpc.StatusCode.INVALID_ARGUMENT, "NAME_INVALID"),
    ],
)
def test_a_payout_that_is_not_there(sample: Sample, name: str, code: grpc.StatusCode, reason: str) -> None:
    stub, headers = PayrollServiceStub(sample.channel), sample.headers("pat", "payroll")
    found = refusal(lambda: stub.GetPayout(pb.GetPayoutRequest(name=name), metadata=headers, timeout=30))
    assert (found.code, found.reason) == (code, reason)
    detail = "ResourceInfo" if code is grpc.StatusCode.NOT_FOUND else "BadRequest"
    assert set(found.details) == {detail}


def test_a_deadline_is_kept_while_another_calculates(
    running: Running, company: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "compsvc")
    newest, go = Calculations.newest, threading.Event()

    def slow(self: Calculations) -> Any:
        go.wait(10)
        return newest(self)

    monkeypatch.setattr(Calculations, "newest", slow)
    request = pb.ListPayoutsRequest(parent=NOVEMBER)
    with pytest.raises(grpc.RpcError) as error:
        company.call(PayrollServiceStub(company.channel).ListPayouts, request, timeout=0.2)
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    go.set()
    wanted, until = "ListPayouts DEADLINE_EXCEEDED DEADLINE_EXCEEDED", time.monotonic() + 10
    while wanted not in caplog.text and time.monotonic() < until:
        time.sleep(0.05)
    assert wanted in caplog.text


# --- the command


def command(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["payouts", *map(str, arguments)], catch_exceptions=False)


def test_the_command_says_the_same_of_a_book_and_of_a_server(sample: Sample) -> None:
    token = sample.token("pat", "payroll")
    for form in ("text", "csv", "json"):
        asked = ("--period", "2026-11", "--format", form)
        of_book = command(*asked, "--book", sample.book)
        of_server = command(*asked, "--server", sample.server.address, "--token", token)
        assert (of_book.exit_code, of_book.stdout) == (0, of_server.stdout)
        assert of_server.exit_code == 0


def test_csv_is_for_programs(sample: Sample) -> None:
    found = command("--period", "2026-07", "--format", "csv", "--book", sample.book).stdout
    rows = list(csv.DictReader(io.StringIO(found)))
    ben = next(row for row in rows if row["participant_id"] == "ben")
    assert (ben["amount"], ben["currency_code"], ben["nature"]) == ("-3000.00", "EUR", "clawback")
    assert (ben["earned_start_date"], ben["earned_end_date"]) == ("2026-01-01", "2026-04-01")
    assert len({row["payout_id"] for row in rows}) == len(rows) == 5


def test_json_is_the_message_with_sorted_keys(sample: Sample) -> None:
    found = command("--period", "2026-11", "--format", "json", "--plan", "hunter", "--book", sample.book).stdout
    message = json.loads(found)
    assert json.dumps(message, indent=2, sort_keys=True, ensure_ascii=False) + "\n" == found
    assert message["payouts"][0]["amount"] == {"currency_code": "EUR", "minor_units": "2250000"}


def test_text_is_for_people_in_their_language(sample: Sample, golden: Callable[[str, str], None]) -> None:
    for language in ("en", "de"):
        shown = command("--period", "2026-07", "--book", sample.book, "--language", language)
        golden(f"payouts/2026-07.{language}.txt", shown.stdout)


@pytest.mark.parametrize(
    ("filters", "field", "code", "said"),
    [
        ({"participant_id": "hana"}, "participant_id", "UNKNOWN_PARTICIPANT", "Did you mean `hanna`?"),
        (
            {"plan": "quux"},
            "plan",
            "UNKNOWN_PLAN",
            "is no plan of this book. Known: account-executive, ",
        ),
        ({"currency_code": "XAU"}, "currency_code", "UNKNOWN_CURRENCY", "`XAU` is no currency of a plan of this book."),
    ],
)
def test_a_filter_that_the_book_does_not_know_is_refused(
    sample: Sample, filters: dict[str, str], field: str, code: str, said: str
) -> None:
    found = refusal(lambda: listed(sample, **filters))
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FILTER_UNKNOWN")
    assert found.violations == {field: code}
    assert said in found.details["BadRequest"].field_violations[0].description
    assert found.metadata == filters


def test_the_text_tells_its_filters_and_one_payout_as_one(sample: Sample) -> None:
    one = command("--period", "2026-11", "--plan", "hunter", "--currency", "EUR", "--book", sample.book).stdout
    assert re.match(r"Payouts 2026-11 +only plan hunter, currency EUR\n=", one)
    assert "1 payout " in one
    german = command("--period", "2026-11", "--plan", "hunter", "--book", sample.book, "--language", "de").stdout
    assert "nur Plan hunter" in german
    assert "1 Auszahlung " in german


def test_a_month_without_payouts_says_so(sample: Sample) -> None:
    found = command("--period", "2031-01", "--book", sample.book)
    assert found.stdout.splitlines()[-1] == "Nothing is payable in 2031-01."
    assert found.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--period", "2026-11"), 2, "Give one of --book or --server."),
        (("--period", "2026-11", "--book", "nothing.db"), 1, "nothing.db: there is no such book."),
        (("--period", "2026-11", "--server", "localhost:1"), 1, "no compsvc server answers at localhost:1."),
    ],
)
def test_the_command_says_what_is_missing(arguments: tuple[str, ...], code: int, said: str) -> None:
    found = command(*arguments)
    assert found.exit_code == code
    assert said in found.stderr


def test_a_server_refuses_the_command_in_its_own_words(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(sample.token("hanna", "rep"))
    asked = ("--period", "2026-11", "--server", sample.server.address, "--token-file", tmp_path / "token")
    found = command(*asked)
    assert (found.exit_code, found.stdout) == (1, "")
    assert "PERMISSION_DENIED The role rep may not read payouts." in found.stderr
