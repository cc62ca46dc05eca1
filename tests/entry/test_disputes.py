"""Disputes on a real server: a rep objects to their own line, finance answers, and the statement has both."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date
from typer.testing import CliRunner

from compsvc.core.statement_references import references, referred
from compsvc.core.statement_values import LineKey
from compsvc.entry.cli import app
from compsvc.entry.statement_markdown import statement_markdown
from compsvc.entry.statement_text import statement_text
from compsvc.v1 import dispute_service_pb2 as pb
from compsvc.v1 import payroll_run_service_pb2 as run_pb
from compsvc.v1 import statement_service_pb2 as statement_pb
from compsvc.v1.dispute_service_pb2_grpc import DisputeServiceStub
from compsvc.v1.payroll_run_service_pb2_grpc import PayrollRunServiceStub
from tests.pages import table

from .conftest import Told, eur, is_as_the_page_says, told
from .nordwind_server import Nordwind
from .payroll_server import fresh

PAGE = Path(__file__).resolve().parents[2] / "docs/errors.md"
HANNA, MARA, ANNA = ("hanna", "rep"), ("mara", "manager"), ("anna", "finance")
Entry = pb.DisputeEntry


class Desk(Nordwind):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.disputes: Any = DisputeServiceStub(self.channel)
        self.line = self.statement(*HANNA, "participants/hanna/statements/2026").payouts[0].lines[0]

    def call(self, method: str, who: tuple[str, str], **fields: Any) -> Any:
        request = getattr(pb, f"{method}Request")(**fields)
        return getattr(self.disputes, method)(request, metadata=self.headers(*who), timeout=30)

    def adjustment(self, participant_id: str) -> str:
        """The id of one of 250.00 that nobody has decided on."""
        fields = {"pay_period": "payPeriods/2027-01", "kind": "correction", "reason": "The split was half."}
        stated = run_pb.Adjustment(participant_id=participant_id, amount=eur(250_00), **fields)
        asked = run_pb.WriteAdjustmentRequest(adjustment=stated, request_id=fresh())
        stub: Any = PayrollRunServiceStub(self.channel)
        found = stub.WriteAdjustment(asked, metadata=self.headers(*ANNA), timeout=30)
        return str(found.name.removeprefix("adjustments/"))

    def opened(self, subject: str, text: str = "The split was half.", who: tuple[str, str] = HANNA) -> pb.Dispute:
        return self.call("OpenDispute", who, subject=subject, text=text, request_id=fresh())

    def answered(self, dispute: pb.Dispute, action: Any, text: str = "No.", **more: str) -> pb.Dispute:
        fields = {"name": dispute.name, "action": action, "text": text, "request_id": fresh(), **more}
        return self.call("AnswerDispute", ANNA, **fields)

    def replied(self, dispute: pb.Dispute, action: Any, text: str = "") -> pb.Dispute:
        fields = {"name": dispute.name, "action": action, "text": text, "request_id": fresh()}
        return self.call("ReplyDispute", HANNA, **fields)

    def refusal(self, method: str, who: tuple[str, str], **fields: Any) -> Told:
        with pytest.raises(grpc.RpcError) as error:
            self.call(method, who, **fields)
        return told(error.value)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    found = Desk(tmp_path_factory.mktemp("disputes"))
    yield found
    found.stop()


def test_a_rep_objects_finance_answers_and_the_statement_has_both(desk: Desk) -> None:
    position = desk.server._parts.store.position()
    dispute = desk.opened(desk.line.name)
    assert (dispute.state, dispute.amount, dispute.period) == (
        pb.Dispute.STATE_OPEN,
        desk.line.amount,
        desk.line.period,
    )
    assert [entry.author for entry in dispute.entries] == ["hanna"]
    declined = desk.answered(dispute, Entry.ACTION_DECLINED, "The CRM has no split.")
    assert declined.state == pb.Dispute.STATE_DECLINED
    replied = desk.replied(dispute, Entry.ACTION_REPLIED, "See the mail of 3 March.")
    assert replied.state == pb.Dispute.STATE_OPEN
    owed = desk.adjustment("hanna")
    adjusted = desk.answered(dispute, Entry.ACTION_ADJUSTED, "Right, we owe it.", adjustment_id=owed)
    assert (adjusted.state, adjusted.entries[-1].adjustment_id) == (pb.Dispute.STATE_ADJUSTED, owed)
    assert desk.server._parts.store.position() == position  # what people say changes no amount

    statement = desk.statement(*HANNA, "participants/hanna/statements/2026")
    assert list(statement.disputes) == [adjusted]
    text = statement_text(statement)
    assert text.count("objected to: adjusted") == 1
    assert "hanna objected on" in text
    assert "anna adjusted on" in text
    assert f"(by {owed}): Right, we owe it." in text
    german = statement_text(statement, locale="de")
    assert "EINWÄNDE" in german
    assert "Einwand: berichtigt" in german
    assert "anna lehnte am" in german
    assert "## What is objected to" in statement_markdown(statement)
    assert desk.replied(dispute, Entry.ACTION_ACCEPTED).state == pb.Dispute.STATE_ACCEPTED


def test_a_command_stands_on_a_line_of_its_own_however_long_it_is() -> None:
    """So that it can be copied."""
    who, id_ = "hanna-of-a-company-that-gives-everybody-a-long-id", "20af81f60000000000000000"
    day = Date(year=2026, month=11, day=1)
    statement = statement_pb.Statement(participant_id=who, start_date=day, end_date=day)
    name = "D-2026-11-0000004711/commission-of-the-first-year"
    line = statement.payouts.add().lines.add(reference=name, amount=eur(1), payable_date=day)
    back = {"participant_id": who, "amount": eur(-1), "origin": run_pb.Adjustment.ORIGIN_PROPOSED}
    statement.adjustments.add(name=f"adjustments/{id_}", state=run_pb.Adjustment.STATE_WRITTEN, **back)
    commands = [
        f"compsvc statement acknowledge-proposal {id_} --participant {who}",
        f'compsvc dispute open {line.reference} --participant {who} --text "..."',
    ]
    assert len(commands[1]) > 96
    for text in (
        statement_text(statement),
        statement_text(statement, locale="de"),
        statement_markdown(statement),
    ):
        assert [each.strip() for each in text.splitlines() if "compsvc" in each] == commands


def test_a_manager_sees_those_of_their_line_and_finance_all(desk: Desk) -> None:
    whole = desk.opened("participants/hanna/statements/2026-Q2", "D-1 is missing.")
    names = [each.name for each in desk.call("ListDisputes", MARA, participant_id="hanna").disputes]
    assert whole.name in names
    assert desk.call("GetDispute", MARA, name=whole.name) == whole
    assert whole in desk.call("ListDisputes", ANNA, state=pb.Dispute.STATE_OPEN).disputes
    assert desk.refusal("ListDisputes", HANNA, participant_id="mara").reason == "NOT_YOUR_STATEMENT"
    own = desk.call("ListDisputes", HANNA).disputes  # of a rep: their own
    assert own == desk.call("ListDisputes", HANNA, participant_id="hanna").disputes
    assert len(own) > 0
    page = desk.call("ListDisputes", ANNA, page_size=1)
    rest = desk.call("ListDisputes", ANNA, page_token=page.next_page_token)
    assert [*page.disputes, *rest.disputes] == list(desk.call("ListDisputes", ANNA).disputes)
    assert desk.replied(whole, Entry.ACTION_WITHDRAWN).state == pb.Dispute.STATE_WITHDRAWN


def test_the_same_request_gets_the_first_answer(desk: Desk) -> None:
    fields = {"subject": "participants/hanna/statements/2026-Q1", "text": "Mine?", "request_id": fresh()}
    first = desk.call("OpenDispute", HANNA, **fields)
    answered = desk.answered(first, Entry.ACTION_ANSWERED, "Yes.")
    assert desk.call("OpenDispute", HANNA, **fields) == first
    assert desk.call("GetDispute", HANNA, name=first.name) == answered
    assert desk.refusal("OpenDispute", HANNA, **{**fields, "text": "Other"}).reason == "REQUEST_ID_REUSED"
    desk.replied(first, Entry.ACTION_WITHDRAWN)


def test_who_reads_an_earlier_statement_reads_what_was_said_by_then(desk: Desk) -> None:
    name = "participants/hanna/statements/2026-Q3"
    first = desk.opened(name)
    desk.answered(first, Entry.ACTION_ANSWERED)
    by_then = desk.asked(*HANNA, as_of_time=first.entries[0].create_time)
    assert all(entry.create_time.ToDatetime() <= first.entries[0].create_time.ToDatetime()
               for each in by_then.disputes for entry in each.entries)  # fmt: skip
    desk.replied(first, Entry.ACTION_WITHDRAWN)


def test_a_rep_acknowledges_the_text_that_they_saw(desk: Desk) -> None:
    name = "participants/hanna/statements/2026-11"

    def told(seen: str, who: tuple[str, str] = HANNA) -> Any:
        request = statement_pb.AcknowledgeStatementRequest(name=name, hash=seen, text="Seen.", request_id=fresh())
        return desk.stub.AcknowledgeStatement(request, metadata=desk.headers(*who), timeout=30)

    seen = desk.statement(*HANNA, name)
    assert len(seen.hash) == 64
    first = told(seen.hash)
    assert told(seen.hash) == first  # again: the first one stands
    for given, who in ((seen.hash[:-1], HANNA), (seen.hash, ("mara", "manager"))):
        with pytest.raises(grpc.RpcError):
            told(given, who)
    after = desk.statement(*HANNA, name)
    assert (list(after.acknowledgements), after.hash) == ([first], seen.hash)
    assert "hanna acknowledged this statement on" in statement_text(after)
    assert "zur Kenntnis genommen" in statement_text(after, locale="de")


def wrong(desk: Desk, what: str) -> tuple[tuple[str, str], dict[str, Any]]:
    """Who asks, and for what, by the words of the page."""
    line, own = {"subject": desk.line.name}, "participants/hanna/statements/2026-11"
    answer = {"action": Entry.ACTION_DECLINED, "text": "No."}

    def known(who: tuple[str, str], subject: str) -> str:
        return desk.opened(subject, who=who).name

    cases: dict[str, Callable[[], tuple[tuple[str, str], dict[str, Any]]]] = {
        "another's line": lambda: (("mara", "manager"), line),
        "a line that is none": lambda: (HANNA, {"subject": desk.line.name[:-1] + "99", "text": "x"}),
        "a name of neither": lambda: (HANNA, {"subject": "participants/hanna", "text": "x"}),
        "no words": lambda: (HANNA, {**line, "text": " "}),
        "words without end": lambda: (HANNA, {**line, "text": "x" * 2001}),
        "open already": lambda: (HANNA, {"subject": known(HANNA, own) and own, "text": "Again."}),
        "an unknown dispute": lambda: (ANNA, {"name": "participants/hanna/disputes/none", **answer}),
        "an answer that is none": lambda: (ANNA, {"name": "participants/hanna/disputes/none", "text": "x"}),
        "adjusted by nothing": lambda: (
            ANNA, {"name": "participants/hanna/disputes/none", "action": Entry.ACTION_ADJUSTED, "text": "x"}),
        "adjusted by what is another's": lambda: (
            ANNA, {"name": known(HANNA, f"{own[:-2]}08"), "action": Entry.ACTION_ADJUSTED, "text": "x",
                   "adjustment_id": desk.adjustment("finn")}),
        "the own dispute": lambda: (
            ("mara", "finance"), {"name": known(MARA, "participants/mara/statements/2026"), **answer}),
        "withdrawn already": lambda: (
            ANNA, {"name": desk.replied(desk.opened(f"{own[:-2]}10"), Entry.ACTION_WITHDRAWN).name, **answer}),
        "accepted unanswered": lambda: (
            HANNA, {"name": known(HANNA, f"{own[:-2]}09"), "action": Entry.ACTION_ACCEPTED}),
    }  # fmt: skip
    return cases[what]()


@pytest.mark.parametrize("row", list(table(PAGE, "Disputes, case by case")), ids=lambda row: row[0])
def test_each_error_is_as_the_page_says(desk: Desk, row: list[str]) -> None:
    what, method, code, reason, detail = row
    who, fields = wrong(desk, what)
    is_as_the_page_says(desk.refusal(method, who, request_id=fresh(), **fields), code, reason, detail)


class Shell:
    """`compsvc` over a book with the sample company; each command has to succeed."""

    def __init__(self, folder: Path) -> None:
        self.book, self.out = str(folder / "book.db"), folder / "out"
        sample = Path(__file__).parents[2] / "plans" / "nordwind"
        self("load", "--plans", str(sample), "--data", str(sample / "data"))

    def invoke(self, *words: str) -> Any:
        return CliRunner().invoke(app, [*words, "--book", self.book])

    def __call__(self, *words: str) -> str:
        found = self.invoke(*words)
        assert found.exit_code == 0, (found.output, found.exception)
        return found.stdout


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(tmp_path_factory.mktemp("shell"))


def test_a_dispute_by_commands_over_a_book(shell: Shell) -> None:
    opened = shell("dispute", "open", "participants/hanna/statements/2026-Q1", "--text", "D-9 is mine")
    name = opened.splitlines()[0]
    said = shell("dispute", "answer", name, "answered", "--text", "It is Ben's", "--as", "anna")
    assert "Statement 2026-Q1: answered" in said
    listed = shell("dispute", "list", "--language", "de")
    assert "hanna wandte am" in listed
    assert "anna antwortete am" in listed
    assert "WHAT IS OBJECTED TO" in shell("statement", "hanna", "--period", "2026-Q1")
    assert "accepted" in shell("dispute", "reply", name, "accepted")
    assert shell("dispute", "list", "--state", "open") == ""


def test_what_has_changed_by_commands_over_a_book(shell: Shell) -> None:
    compared = ("--participant", "hanna", "--from", "2020-01-01", "--to", "2100-01-01", "--period", "2026-Q1")
    text = shell("statement", "diff", *compared, "--language", "de")
    assert "Was sich geändert hat von 01.01.2020 bis 01.01.2100" in text
    assert "wurde erfasst am" in text
    found = json.loads(shell("statement", "diff", *compared, "--format", "json"))
    sums = {name: int(found[f"{name}_totals"][0]["minor_units"]) for name in ("difference", "after")}
    assert sums["difference"] == sums["after"] == sum(int(line["difference"]["minor_units"]) for line in found["lines"])
    assert found["lines"][0]["causes"][0]["author"] == "cli"
    assert shell("statement", "show", "hanna", "--period", "2026-Q1").startswith("Hanna")


def test_an_export_by_commands_over_a_book(shell: Shell) -> None:
    shell(
        "statement", "export", "--participant", "hanna", "--from", "2026-01", "--to", "2026-03", "--out", str(shell.out)
    )
    rows = list(csv.DictReader((shell.out / "lines.csv").read_text().splitlines()))
    for month in ("2026-01", "2026-02", "2026-03"):
        statement = json.loads((shell.out / f"statement-{month}.json").read_text())
        cents = sum(int(row["amount"].replace(".", "")) for row in rows if row["statement"] == month)
        assert cents == sum(int(each["amount"]["minor_units"]) for each in statement["payouts"])
        assert (shell.out / f"statement-{month}.txt").read_text().startswith("Hanna")
    assert all(row["payable_date"].startswith(row["statement"]) for row in rows)
    opened = (shell.out / "calculation.txt").read_text().count("participants/hanna/lines/")
    assert opened == len({row["line"] for row in rows}) > 0
    assert (shell.out / "deals.csv").read_text().startswith("statement,state,source,external_id")


def test_a_close_check_by_commands_over_a_book(shell: Shell) -> None:
    shell("dispute", "open", "participants/hanna/statements/2026-10", "--text", "Low")
    check = ["payroll", "close-check", "2026-11", "--as", "anna"]
    found = shell.invoke(*check)
    assert (found.exit_code, "neither mended nor signed off" in found.stdout) == (1, True)
    names = [line.split()[0] for line in found.stdout.splitlines() if line.startswith("payPeriods/")]
    signed = shell("payroll", "sign-off", *names, "--reason", "seen", "--as", "bert")
    assert signed.count("[signed off by bert: seen]") == len(names) > 0
    assert "0 findings of 2026-11" in shell(*check)


def test_control_totals_by_commands_over_a_book(shell: Shell) -> None:
    of = ["--source", "crm", "--by", "closed", "--from", "2026-11-01", "--until", "2026-12-01"]
    told = "crm, closed from 2026-11-01 until 2026-12-01: 1 deal of 5000.00 EUR [stated by anna]\n"
    assert shell("payroll", "state-totals", "1 5_000.00 EUR", *of, "--as", "anna") == told
    assert shell("payroll", "totals") == told
    found = shell.invoke("payroll", "close-check", "2026-11", "--as", "anna")
    assert "CONTROL_TOTAL_DIFFERS crm closed 2026-11-01 to 2026-11-30 EUR: The source has 1 deal of" in found.stdout
    for wrong in (["1 EUR", *of], ["1 5_000.00 EUR", *of[:-1], "2026-13-01"], ["1 2.00 EUR", *of[:3], "won", *of[4:]]):
        assert shell.invoke("payroll", "state-totals", *wrong, "--as", "anna").exit_code == 2
    nothing = shell.invoke("payroll", "state-totals", "1 5.00 EUR", *of[:-1], "2026-11-01", "--as", "anna")
    assert (nothing.exit_code, "is after its start" in str(nothing.exception)) == (1, True)


def test_a_line_is_named_by_deal_and_component_as_the_statement_prints_it(desk: Desk) -> None:
    """Every line's reference leads to that line; where deal and component are not enough, the refusal lists them."""
    lines = [
        line for payout in desk.statement(*HANNA, "participants/hanna/statements/2026").payouts for line in payout.lines
    ]
    names = {line.reference: line.name for line in lines}
    assert len(names) == len(lines)
    short = next(name for name in names if name.count("/") == 1)
    found = desk.opened(f"participants/hanna/lines/{short}")
    assert found.subject == names[short]
    desk.replied(found, Entry.ACTION_WITHDRAWN)
    refused = desk.refusal(
        "OpenDispute", HANNA, subject="participants/hanna/lines/D-0/commission", text="?", request_id=fresh()
    )
    assert "Write deal/component, as D-1010/commission." in str(refused)
    hidden = desk.refusal(
        "OpenDispute", HANNA, subject=f"participants/finn/lines/{short}", text="?", request_id=fresh()
    )
    assert "NOT_YOUR" in str(hidden)


def test_what_tells_lines_apart_is_listed() -> None:
    keys = [LineKey("ann", "ae", "commission", "2026", "crm", "D-1", 1, 0, step) for step in (0, 1)]
    other = LineKey("ann", "ae", "kicker", "2026", "crm", "D-1", 1, 0, 0)
    assert list(references([*keys, other]).values()) == [
        ("D-1", "commission", "2026", "1.0.0"), ("D-1", "commission", "2026", "1.0.1"), ("D-1", "kicker"),
    ]  # fmt: skip
    assert referred([*keys, other], ("D-1", "commission")) == keys
