"""Finance compares: through a real server, from a book and over files; text, JSON and a workbook."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import grpc
import pytest
from typer.testing import CliRunner, Result

from compsvc.core.limits import MAX_MESSAGE_BYTES
from compsvc.entry import simulation_proto, simulation_servicer
from compsvc.entry.cli import app
from compsvc.entry.simulation_xlsx import simulation_xlsx
from compsvc.service.simulation import STEPS
from compsvc.v1 import simulation_service_pb2 as pb
from compsvc.v1.plan_service_pb2 import PlanText
from compsvc.v1.simulation_service_pb2_grpc import SimulationServiceStub
from compsvc.v1.types_pb2 import Money
from tests.nordwind import FOLDER

from .conftest import Client, Sample, Told, told
from .typed import typed

WANTS_BASE = {
    "rate: 15%": "rate: base",
    "    per: quarter": "    per: quarter\n    quota: from assignment\n    zero_quota: pay_base",
}
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def candidate(name: str = "hunter.yaml", **changes: str) -> PlanText:
    """By default hunters get 2 x base above 100% instead of 1.5 x base: Hanna 10,800.00 more, Jonas 2,500.00."""
    source = (FOLDER / name).read_text()
    for old, new in (changes or {"1.5 x base": "2 x base"}).items():
        assert old in source
        source = source.replace(old, new)
    return PlanText(file_name=name, source=source, terms={"terms.yaml": (FOLDER / "terms.yaml").read_text()})


def answers(sample: Sample, *texts: PlanText, role: str = "finance", **asked: Any) -> list[pb.SimulatePlanResponse]:
    request = pb.SimulatePlanRequest(candidates=texts, period=asked.get("period", ""))
    stub = SimulationServiceStub(sample.channel)
    headers = sample.headers("fay", role)
    return list(stub.SimulatePlan(request, metadata=headers, timeout=asked.get("timeout", 60)))


def compared(sample: Sample, *texts: PlanText, **asked: Any) -> pb.PlanComparison:
    found = pb.PlanComparison()
    for answer in answers(sample, *texts, **asked):
        found.MergeFrom(answer.comparison)
    return found


def refusal(call: Callable[[], Any]) -> Told:
    with pytest.raises(grpc.RpcError) as error:
        call()
    return told(error.value)


def test_progress_comes_first_and_the_comparison_last(sample: Sample) -> None:
    found = answers(sample, candidate(), period="2026")
    assert [answer.progress.step for answer in found[:-1]] == list(STEPS)
    assert [answer.progress.done_count for answer in found[:-1]] == [0, 1, 2, 3, 4]
    last = found[-1].comparison
    assert (last.period, last.start_date.year, last.end_date.year) == ("2026", 2026, 2027)
    assert last.totals[0].cost.difference == Money(currency_code="EUR", minor_units=13_300_00)
    assert (last.candidates[0].plan, len(last.candidates[0].replaced_revisions)) == ("hunter", 1)


def test_many_participants_come_in_further_messages(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = compared(sample, candidate())
    monkeypatch.setattr(simulation_proto, "PARTICIPANTS_A_MESSAGE", 5)
    parts = [answer.comparison for answer in answers(sample, candidate()) if answer.HasField("comparison")]
    assert [len(part.participants) for part in parts] == [5, 5, 5, 1]
    together = pb.PlanComparison()
    for part in parts:
        together.MergeFrom(part)
    assert together == whole


def test_one_after_the_other_and_one_who_hangs_up_holds_nobody(sample: Sample) -> None:
    stub, headers = SimulationServiceStub(sample.channel), sample.headers("fay", "finance")
    request = pb.SimulatePlanRequest(candidates=[candidate()])
    for _ in range(3):
        stream = stub.SimulatePlan(request, metadata=headers, timeout=30)
        next(stream)
        stream.cancel()
    began = time.monotonic()
    assert compared(sample, candidate()).totals[0].winner_count == 2
    assert time.monotonic() - began < 20


def test_a_deadline_is_kept_while_another_simulates(
    sample: Sample, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "compsvc")

    def endless(self: Any, context: grpc.ServicerContext) -> None:
        while True:
            time.sleep(0.05)
            simulation_servicer.still_wanted(context)

    monkeypatch.setattr(simulation_servicer.SimulationServicer, "_wait", endless)
    with pytest.raises(grpc.RpcError) as error:
        answers(sample, candidate(), timeout=0.3)
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    wanted, until = "SimulatePlan DEADLINE_EXCEEDED DEADLINE_EXCEEDED", time.monotonic() + 10
    while wanted not in caplog.text and time.monotonic() < until:
        time.sleep(0.05)
    assert wanted in caplog.text


@pytest.mark.parametrize(
    ("texts", "asked", "reason", "violations"),
    [
        (
            [candidate(**{"mode: marginal": "mode: sideways", "bonus: 5_000": "bonus: x"})],
            {},
            "PLAN_INVALID",
            {"hunter.yaml:28:15": "NOT_A_CHOICE", "hunter.yaml:44:30": "BAD_AMOUNT"},
        ),
        ([candidate(**{"plan: hunter": "plan: nobodys"})], {}, "PLAN_INVALID", {"hunter.yaml:1:1": "NO_SUCH_PLAN"}),
        ([PlanText(file_name="x.yaml", source="not: [a plan")], {}, "PLAN_INVALID", {"x.yaml:1:13": "YAML_SYNTAX"}),
        ([PlanText(file_name="x.yaml")], {}, "FIELD_MISSING", {"candidates[0].source": "REQUIRED"}),
        ([], {}, "CANDIDATES_OUT_OF_RANGE", {"candidates": "CANDIDATES_OUT_OF_RANGE"}),
        ([candidate()], {"period": "2026-13"}, "PERIOD_INVALID", {"period": "PERIOD_INVALID"}),
    ],
)
def test_what_cannot_be_simulated_is_told_whole(
    sample: Sample, texts: list[PlanText], asked: dict[str, Any], reason: str, violations: dict[str, str]
) -> None:
    found = refusal(lambda: answers(sample, *texts, **asked))
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert found.violations == violations


def test_a_candidate_that_needs_more_facts_names_the_rows(sample: Sample) -> None:
    """Kontor has neither a target incentive nor a quota, which `base` is made from."""
    found = refusal(lambda: answers(sample, candidate("reseller.yaml", **WANTS_BASE)))
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "CANDIDATE_REFUSES_FACTS")
    assert set(found.violations.values()) == {"BASE_NEEDS_TARGET", "QUOTA_MISSING"}
    assert all(field.startswith("assignments kontor/reseller/2025-01-01") for field in found.violations)


def test_a_message_over_the_limit_is_refused_by_the_transport(sample: Sample) -> None:
    """gRPC answers by itself, so there are no details."""
    huge = PlanText(file_name="x.yaml", source="#" * (MAX_MESSAGE_BYTES + 1))
    with pytest.raises(grpc.RpcError) as error:
        answers(sample, huge)
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_text_over_the_limit_of_plans_is_refused_with_a_reason(sample: Sample) -> None:
    found = refusal(lambda: answers(sample, PlanText(file_name="x.yaml", source="# \n" * 200_000)))
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PLAN_INVALID")


def test_on_an_empty_book_there_is_nothing_to_compare_with(admin: Client) -> None:
    stub = SimulationServiceStub(admin.channel)
    request = pb.SimulatePlanRequest(candidates=[candidate()])
    found = refusal(lambda: list(stub.SimulatePlan(request, metadata=admin.headers, timeout=30)))
    assert found.violations == {"hunter.yaml:1:1": "NO_SUCH_PLAN"}


# --- the command


@pytest.fixture
def plans(tmp_path: Path) -> list[str]:
    """Two candidates in a folder, as options of the command."""
    found = []
    for text in (candidate(), candidate("farmer.yaml", **{"rate: 6%": "rate: 5%"})):
        (tmp_path / text.file_name).write_text(text.source)
        found += ["--candidate", str(tmp_path / text.file_name)]
    (tmp_path / "terms.yaml").write_bytes((FOLDER / "terms.yaml").read_bytes())
    return found


def command(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)], catch_exceptions=False)


FILES = ("--plans", FOLDER, "--data", FOLDER / "data")


def test_files_a_book_and_a_server_give_the_same_answer(sample: Sample, plans: list[str]) -> None:
    token = sample.token("fay", "finance")
    of_server = command(*plans, "--period", "2026", "--server", sample.server.address, "--token", token)
    of_book = command(*plans, "--period", "2026", "--book", sample.book)
    of_files = command(*plans, "--period", "2026", *FILES)
    assert [each.exit_code for each in (of_server, of_book, of_files)] == [0, 0, 0], of_server.stderr
    assert of_server.stdout == of_book.stdout == of_files.stdout


@pytest.mark.parametrize("language", ["en", "de"])
def test_text_answers_finance_in_their_language(
    plans: list[str], golden: Callable[[str, str], None], language: str
) -> None:
    golden(f"simulate/2026.{language}.txt", command(*plans, "--period", "2026", *FILES, "--language", language).stdout)


def test_json_has_sorted_keys_and_whole_numbers(plans: list[str]) -> None:
    found = command(*plans, "--format", "json", *FILES).stdout
    message = json.loads(found)
    assert json.dumps(message, indent=2, sort_keys=True, ensure_ascii=False) + "\n" == found
    assert (
        message["totals"][0]["cost"]["difference"]["minor_units"] == "911000"
    )  # 10,800.00 + 2,500.00 - 3,190.00 - 1,000.00
    assert not re.search(r": -?\d+\.\d", found), "no amount is a float"


def test_every_problem_of_every_candidate_is_told_with_its_path(
    sample: Sample, plans: list[str], tmp_path: Path
) -> None:
    for name, old, new in (("hunter.yaml", "mode: marginal", "mode: x"), ("farmer.yaml", "rate: 5%", "rate: 5")):
        path = tmp_path / name
        path.write_text(path.read_text().replace(old, new))
    for where in (FILES, ("--book", sample.book)):
        found = command(*plans, *where)
        assert (found.exit_code, found.stdout) == (1, "")
        assert [line.split(" ")[:2] for line in found.stderr.splitlines()] == [
            [f"{tmp_path}/farmer.yaml:28:33", "RATE_WITHOUT_PERCENT"],
            [f"{tmp_path}/hunter.yaml:28:15", "NOT_A_CHOICE"],
        ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "Give one of --book, --plans with --data, or --server."),
        ((*FILES, "--format", "xlsx"), 2, "A workbook is a file: give --out FILE."),
        ((*FILES, "--candidate", "nothing.yaml"), 1, "nothing.yaml: No such file or directory."),
        ((*FILES, "--period", "soon"), 1, "PERIOD_INVALID `soon` is no period."),
        (
            (*FILES, "--candidate", "{folder}/no.yaml"),
            1,
            "no.yaml: a plan, and the terms that it names, are text in UTF-8.",
        ),
        (("--server", "localhost:1"), 1, "no compsvc server answers at localhost:1."),
    ],
)
def test_what_is_missing_is_said(
    plans: list[str], tmp_path: Path, arguments: tuple[object, ...], code: int, message: str
) -> None:
    (tmp_path / "no.yaml").write_bytes(b"\xff\xfe")
    found = typed("simulate", *plans, *(str(argument).format(folder=tmp_path) for argument in arguments))
    assert found[:2] == (code, "")
    assert message in found[2]
    assert "Traceback" not in found[2]


def test_a_refused_row_is_told_and_left_out_on_both_sides(plans: list[str], tmp_path: Path) -> None:
    for path in (FOLDER / "data").iterdir():
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / path.name).write_bytes(path.read_bytes())
    accounts = tmp_path / "data" / "accounts.csv"
    rows = accounts.read_text().splitlines()
    accounts.write_text("\n".join(row for row in rows if not row.startswith("gletscher")) + "\n")
    found = command(*plans, "--plans", FOLDER, "--data", tmp_path / "data")
    assert found.exit_code == 1
    assert "UNKNOWN_ACCOUNT" in found.stderr
    assert "INCOMPLETE: " in found.stdout
    assert "D-1010" not in found.stdout


# --- the workbook


def sheets(content: bytes) -> dict[str, list[list[tuple[str, str]]]]:
    """Each cell as its type and text: `s` is text, `n` a number; a formula would be `f`."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    shared = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    texts = ["".join(part.text or "" for part in item.iter(f"{SHEET}t")) for item in shared]
    names = [
        item.get("name") or "" for item in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
    ]
    found = {}
    for number, name in enumerate(names, start=1):
        root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
        found[name] = [[cell(item, texts) for item in row] for row in root.iter(f"{SHEET}row")]
    return found


def cell(item: ElementTree.Element, texts: list[str]) -> tuple[str, str]:
    value = item.find(f"{SHEET}v")
    assert value is not None
    text = value.text or ""
    if item.find(f"{SHEET}f") is not None:
        return "f", text
    return ("s", texts[int(text)]) if item.get("t") == "s" else ("n", text)


def test_a_workbook_has_a_sheet_for_each_question_and_the_same_bytes_each_time(
    plans: list[str], tmp_path: Path
) -> None:
    outs = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    for out in outs:
        assert command(*plans, "--period", "2026", *FILES, "--format", "xlsx", "--out", out).exit_code == 0
        time.sleep(1.1)
    assert outs[0].read_bytes() == outs[1].read_bytes()
    found = sheets(outs[0].read_bytes())
    assert list(found) == ["total", "components", "roles", "participants", "deals"]
    total = dict(zip([text for _, text in found["total"][0]], found["total"][1], strict=True))
    assert total["today"] == ("n", "472368.33")
    assert total["difference"] == ("n", "9110.00")
    who = [[text for _, text in row] for row in found["participants"][1:]]
    assert (who[0][0], who[-1][0]) == ("hanna", "finn")
    assert (
        "unchanged: " in command(*plans, "--period", "2026", *FILES, "--format", "xlsx", "--out", outs[0]).stdout
    ) is True


def test_a_german_workbook_has_german_words(plans: list[str], tmp_path: Path) -> None:
    out = tmp_path / "aus.xlsx"
    command(*plans, *FILES, "--format", "xlsx", "--out", out, "--language", "de")
    assert list(sheets(out.read_bytes())) == ["Summe", "Komponenten", "Rollen", "Personen", "Abschlüsse"]


def comparison(*amounts: int, code: str = "EUR", name: str = "Ann") -> pb.PlanComparison:
    people = []
    for amount in amounts:
        money = Money(currency_code=code, minor_units=amount)
        pay = pb.Change(today=money, candidate=money, difference=money)
        deal = pb.DealChange(source=name, external_id=name, account_display_name=name, pay=pay)
        people.append(pb.ParticipantChange(participant_id=name, display_name=name, role=name, pay=pay, deals=[deal]))
    return pb.PlanComparison(participants=people, components=[pb.ComponentChange(plan=name, component=name, cost=pay)])


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "https://x", "1e5", "{=1}", "mailto:a"]
)
def test_text_stays_text_whatever_it_begins_with(text: str) -> None:
    content = simulation_xlsx(comparison(1, name=text))
    found = sheets(content)
    kinds = {kind for rows in found.values() for row in rows for kind, _ in row}
    assert kinds == {"s", "n"}
    for name in ("participants", "deals", "components"):
        assert ("s", text) in found[name][1]
    assert b"<hyperlink" not in b"".join(
        zipfile.ZipFile(io.BytesIO(content)).read(f"xl/worksheets/sheet{n}.xml") for n in range(1, 6)
    )


@pytest.mark.parametrize(
    ("code", "decimals", "pattern"), [("EUR", 2, "#,##0.00"), ("JPY", 0, "#,##0"), ("KWD", 3, "#,##0.000")]
)
def test_an_amount_is_exact_or_it_is_text(code: str, decimals: int, pattern: str) -> None:
    amounts = [0, 1, -1, 10, 333_333, 10**11 + 1, 2**53 - 1, 2**53 + 1, 10**15 - 1, -(10**15), 2**63 - 1, -(2**63)]
    amounts += [7 * 10**n + 3 for n in range(17)] + [90_000_000_000_000_1]
    content = simulation_xlsx(comparison(*amounts, code=code))
    rows = sheets(content)["participants"][1:]
    shown = sorted(Decimal(row[4][1]).scaleb(decimals) for row in rows)
    assert shown == sorted(amounts)
    assert all(kind == "n" for row in rows for kind, text in row[4:] if len(text.strip("-").replace(".", "")) <= 12)
    assert all(kind == "s" for row in rows for kind, text in row[4:] if abs(Decimal(text).scaleb(decimals)) >= 10**15)
    assert pattern.encode() in zipfile.ZipFile(io.BytesIO(content)).read("xl/styles.xml") or pattern == "#,##0.00"
