"""Plan letters on a real server: every refusal of docs/errors.md; and by commands over a book, printed for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from compsvc.core.facts import ASSIGNMENTS
from compsvc.entry.cli import app
from compsvc.entry.letter_doc import NOT_SHOWN, _territories
from compsvc.entry.letter_words import LETTER_WORDS
from compsvc.entry.plan_sentences import Speaker
from compsvc.v1 import letter_service_pb2 as pb
from compsvc.v1.letter_service_pb2_grpc import LetterServiceStub
from tests.pages import table

from .conftest import Sample, Told, is_as_the_page_says, told
from .payroll_server import fresh

PAGE = Path(__file__).resolve().parents[2] / "docs/errors.md"
HANNA, ADA, ANNA = ("hanna", "rep"), ("ada", "rep"), ("anna", "finance")


class Desk(Sample):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.stub: Any = LetterServiceStub(self.channel)
        self.sent = self.call("SendLetter", ANNA, participant_id="hanna", plan="hunter")
        self.signed = self.call("SendLetter", ANNA, participant_id="ada", plan="account-executive", request_id="ada")
        self.call("AnswerLetter", ADA, **answering(self.signed))

    def call(self, method: str, who: tuple[str, str], **fields: Any) -> Any:
        if method != "ListLetters":
            fields.setdefault("request_id", fresh())
        request = getattr(pb, f"{method}Request")(**fields)
        return getattr(self.stub, method)(request, metadata=self.headers(*who), timeout=30)

    def refusal(self, method: str, who: tuple[str, str], **fields: Any) -> Told:
        with pytest.raises(grpc.RpcError) as error:
            self.call(method, who, **fields)
        return told(error.value)


def answering(letter: pb.Letter, **more: str) -> dict[str, str]:
    return {"name": letter.name, "action": "signed", "terms_hash": letter.terms_hash, **more}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    found = Desk(tmp_path_factory.mktemp("letters"))
    yield found
    found.stop()


CASES: dict[tuple[str, str], Callable[[Desk], tuple[tuple[str, str], dict[str, str]]]] = {
    ("no assignment under this plan", "SendLetter"): lambda desk: (ANNA, {"participant_id": "hanna", "plan": "none"}),
    ("these terms were sent already", "SendLetter"): lambda desk: (
        ANNA, {"participant_id": "hanna", "plan": "hunter"}),
    ("a rep sends", "SendLetter"): lambda desk: (HANNA, {"participant_id": "hanna", "plan": "hunter"}),
    ("a request id of another letter", "SendLetter"): lambda desk: (
        ANNA, {"participant_id": "ben", "plan": "account-executive", "request_id": "ada"}),
    ("a name of no letter", "AnswerLetter"): lambda desk: (HANNA, answering(desk.sent, name="participants/hanna")),
    ("another's letter", "AnswerLetter"): lambda desk: (ADA, answering(desk.sent)),
    ("finance signs for a rep", "AnswerLetter"): lambda desk: (ANNA, answering(desk.sent)),
    ("an answer that is none", "AnswerLetter"): lambda desk: (HANNA, answering(desk.sent, action="agreed")),
    ("declined without words", "AnswerLetter"): lambda desk: (HANNA, answering(desk.sent, action="declined")),
    ("an unknown letter", "AnswerLetter"): lambda desk: (
        HANNA, answering(desk.sent, name="participants/hanna/letters/none")),
    ("another hash than the letter's", "AnswerLetter"): lambda desk: (
        HANNA, answering(desk.sent, terms_hash=desk.signed.terms_hash)),
    ("signed already", "AnswerLetter"): lambda desk: (ADA, answering(desk.signed)),
    ("another's letters", "ListLetters"): lambda desk: (ADA, {"participant_id": "hanna"}),
}  # fmt: skip
ROWS = list(table(PAGE, "Plan letters, case by case"))


def test_every_row_of_the_page_is_made_and_every_case_is_on_the_page() -> None:
    assert [(what, call) for what, call, *_ in ROWS] == list(CASES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]}: {row[0]}")
def test_each_error_is_as_the_page_says(desk: Desk, row: list[str]) -> None:
    what, method, code, reason, detail = row
    who, fields = CASES[what, method](desk)
    is_as_the_page_says(desk.refusal(method, who, **fields), code, reason, detail)


def test_by_commands_over_a_book(tmp_path: Path) -> None:
    """Sent, read, signed; then other terms are sent, and the old letter is superseded."""
    plans = Path(__file__).parents[2] / "plans" / "nordwind"
    book = str(tmp_path / "book.db")

    def command(*words: str) -> str:
        found = CliRunner().invoke(app, [*words, "--book", book])
        assert found.exit_code == 0, (found.output, found.exception)
        return found.stdout

    command("load", "--plans", str(plans), "--data", str(plans / "data"))
    command("letter", "send", "--participant", "hanna", "--plan", "hunter", "--as", "anna")
    (letter,) = json.loads(command("letter", "list", "--participant", "hanna", "--format", "json"))["letters"]
    german = command("letter", "show", letter["name"], "--language", "de")
    # The assignment of assignments.csv, and the plan's worked examples for it: base = 80,000 / 800,000 = 10%.
    for said in (
        "80.000,00 €",
        "Ziel je Jahr",
        "Basis = 10 %",
        "An hanna, gesendet",
        letter["terms_hash"],
    ):
        assert said in german
    html = command("letter", "show", letter["name"], "--format", "html")
    assert "<caption>Your terms</caption>" in html
    assert "Yearly target incentive" in html
    command("letter", "show", letter["name"], "--format", "pdf", "--out", str(tmp_path / "letter.pdf"))
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF")
    signed = command("letter", "answer", letter["name"], "signed", "--hash", letter["terms_hash"])
    assert f"{letter['name']} signed, hunter" in signed
    assert "hanna signed it on" in command("letter", "show", letter["name"])

    data = tmp_path / "data"
    data.mkdir()
    rows = (plans / "data" / "assignments.csv").read_text().splitlines()
    (data / "assignments.csv").write_text(f"{rows[0]}\n{rows[1].replace('80_000', '90_000')}\n")
    command("load", "--data", str(data))
    sent = command("letter", "send", "--participant", "hanna", "--plan", "hunter", "--as", "anna").split()[0]
    listed = command("letter", "list", "--participant", "hanna")
    assert f"{letter['name']} superseded by {sent}, hunter" in listed
    assert "Superseded by letter" in command("letter", "show", letter["name"])
    assert "€90,000.00" in command("letter", "show", sent)


def test_every_term_has_words_in_every_language() -> None:
    names = {*ASSIGNMENTS} - NOT_SHOWN
    for words in LETTER_WORDS.values():
        assert names <= set(words)
        assert set(words) == set(LETTER_WORDS["en"])


def test_the_letter_shows_the_territories_that_it_covers() -> None:
    row = {"industry": None, "region": "east", "segment": "smb", "start_date": "2026-01-01", "end_date": None}
    speaker = Speaker("en", "EUR")
    assert list(_territories([row], speaker)) == [("Territory", "east, smb; From 1 Jan 2026")]
    everywhere = {**row, "region": None, "segment": None}
    assert list(_territories([everywhere], speaker)) == [("Territory", "every account; From 1 Jan 2026")]
