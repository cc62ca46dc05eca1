"""`compsvc letter`: the terms of a plan as they are sent to a participant, who signs or declines them by their hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from compsvc.entry.answer_commands import Token, TokenFile
from compsvc.entry.locales import Locale
from compsvc.entry.payroll_place import At, Book, Form, Place, RequestId, Shown, Who
from compsvc.entry.screen import stop

if TYPE_CHECKING:
    from compsvc.core.plan import Plan
    from compsvc.v1 import letter_service_pb2 as pb

app = typer.Typer(no_args_is_help=True, help=__doc__)

Name = Annotated[str, typer.Argument(metavar="LETTER", help="Its name, as `letter list` prints it.")]
Whose = Annotated[str, typer.Option(help="The participant.")]


class Action(StrEnum):
    received = "received"
    signed = "signed"
    declined = "declined"


@app.command("send")
def send(
    participant: Whose,
    plan: Annotated[str, typer.Option(help="The plan that they are assigned to.")],
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Send the terms that are in force now; an earlier letter of the assignment is superseded."""
    at = Place(book, server, token, token_file, who, service="letter")
    _tell([at.changes("SendLetter", request_id, participant_id=participant, plan=plan)], form)


@app.command("answer")
def answer(
    letter: Name,
    action: Annotated[Action, typer.Argument(help="What the participant says.")],
    terms_hash: Annotated[str, typer.Option("--hash", help="Of the terms that they have read: `letter show` has it.")],
    text: Annotated[str, typer.Option(help="In words; needed to decline.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None,
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Say that it was received, sign it, or decline it: by the participant alone."""
    who = "" if server else _whose(letter)
    at = Place(book, server, token, token_file, who, service="letter", role="rep")
    fields = {"name": letter, "action": action.value, "terms_hash": terms_hash, "text": text}
    _tell([at.changes("AnswerLetter", request_id, **fields)], form)


@app.command("list")
def list_all(
    participant: Whose,
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text,
) -> None:  # fmt: skip
    """A participant's letters, the oldest first."""
    _tell(_letters(Place(book, server, token, token_file, "", service="letter"), participant), form)


@app.command("show")
def show(
    letter: Name,
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None,
    language: Annotated[Locale, typer.Option(help="Of the words, amounts and dates.")] = "en",
    form: Annotated[Literal["text", "html", "pdf"], typer.Option("--format", help="html is one file.")] = "text",
    out: Annotated[Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Write it there.")] = None,
) -> None:  # fmt: skip
    """Print a letter: the participant's own terms, and the plan in plain language with examples for those."""
    from compsvc.entry.letter_doc import letter_document
    from compsvc.entry.plan_commands import print_document

    at = (book, server, token, token_file, "")
    found = next((each for each in _letters(Place(*at, service="letter"), _whose(letter)) if each.name == letter), None)
    if found is None:
        stop(f"There is no letter {letter}. `compsvc letter list --participant {_whose(letter)}` prints them.")
    print_document(letter_document(found, _plan(Place(*at, service="plan"), found), language), form, out)


def _letters(at: Place, participant: str) -> list[pb.Letter]:
    return list(at.asks("ListLetters", participant_id=participant).letters)


def _plan(at: Place, letter: pb.Letter) -> Plan | None:
    """In the letter's own revision, as it was stored."""
    from compsvc.wiring import parse_verified

    if not letter.revision:
        return None
    text = at.asks("GetPlan", name=f"plans/{letter.plan}@{letter.revision}").text
    terms = {name: source.encode() for name, source in text.terms.items()}
    plan, problems = parse_verified(text.source.encode(), text.file_name, terms)
    if plan is None:
        stop(f"This version cannot read the plan of the letter: {problems[0]}")
    return plan


def _whose(name: str) -> str:
    from compsvc.entry.grpc_names import decoded

    found = decoded(name, "participants", "letters")
    if found is None:
        stop(f"`{name}` is no name of a letter: participants/NAME/letters/LETTER", code=2)
    return found[0]


def _tell(found: Sequence[Any], form: Form) -> None:
    from compsvc.entry.statement_proto import as_json
    from compsvc.v1 import letter_service_pb2 as pb

    if form is Form.json:
        print(as_json(pb.ListLettersResponse(letters=found)), end="")
        return
    for each in found:
        print("\n".join(_lines(each)))
    if not found:
        print("none")


def _lines(letter: pb.Letter) -> Iterator[str]:
    when = f"{letter.update_time.ToDatetime():%Y-%m-%d %H:%M}"
    by = f" by {letter.superseded_by}" if letter.superseded_by else ""
    yield f"{letter.name} {letter.state}{by}, {letter.plan}, sent by {letter.sender}, {when}"
    yield f"  hash {letter.terms_hash}"
