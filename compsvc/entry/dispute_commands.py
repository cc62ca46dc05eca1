"""`compsvc dispute`: a participant objects to a line of their statement, and finance answers, adjusts or declines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from compsvc.entry.answer_commands import Reader, Token, TokenFile
from compsvc.entry.payroll_place import At, Book, Form, Place, RequestId, Shown, Who
from compsvc.entry.screen import stop

if TYPE_CHECKING:
    from compsvc.entry.answer_commands import Language
    from compsvc.v1 import dispute_service_pb2 as pb

app = typer.Typer(no_args_is_help=True, help=__doc__)

Name = Annotated[str, typer.Argument(metavar="DISPUTE", help="Its name, as `dispute list` prints it.")]
Text = Annotated[str, typer.Option(help="In words.")]


class Answer(StrEnum):
    answered = "answered"
    adjusted = "adjusted"
    declined = "declined"


class Reply(StrEnum):
    replied = "replied"
    accepted = "accepted"
    withdrawn = "withdrawn"


class State(StrEnum):
    open = "open"
    answered = "answered"
    adjusted = "adjusted"
    declined = "declined"
    accepted = "accepted"
    withdrawn = "withdrawn"


@app.command("open")
def open_one(
    subject: Annotated[
        str,
        typer.Argument(help="The line as deal/component, `D-1010/commission`, or by its name; or a statement's name."),
    ],
    text: Text,
    participant: Annotated[str, typer.Option(help="Whose line it is, where it is named by deal and component.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None,
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Object to a line of one's own statement, or to a statement where a line is missing."""
    from compsvc.entry.grpc_names import encoded

    if participant:
        subject = f"participants/{encoded(participant)}/lines/{subject}"
    at = _place(book, server, token, token_file, _whose(subject))
    _tell(at.changes("OpenDispute", request_id, subject=subject, text=text), form)


@app.command("reply")
def reply(
    dispute: Name,
    action: Annotated[Reply, typer.Argument(help="What the participant says to the answer.")],
    text: Text = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None,
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Say more, accept the answer, or withdraw: the participant's turn."""
    at = _place(book, server, token, token_file, _whose(dispute))
    _tell(at.changes("ReplyDispute", request_id, name=dispute, action=_action(action), text=text), form)


@app.command("answer")
def answer(
    dispute: Name,
    action: Annotated[Answer, typer.Argument(help="What finance says.")],
    text: Text,
    adjustment: Annotated[str, typer.Option(help="What was adjusted by; needed for `adjusted`.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Answer, adjust or decline: finance's turn."""
    at = Place(book, server, token, token_file, who, service="dispute")
    fields = {"name": dispute, "action": _action(action), "text": text, "adjustment_id": adjustment}
    _tell(at.changes("AnswerDispute", request_id, **fields), form)


@app.command("list")
def list_all(
    participant: Annotated[str, typer.Option(help="Only of this participant.")] = "",
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text,
    language: Reader = "en",  # type: ignore[assignment]
) -> None:  # fmt: skip
    """Every dispute with what was said, the oldest first."""
    from compsvc.entry.statement_proto import as_json
    from compsvc.v1 import dispute_service_pb2 as pb

    wanted = pb.Dispute.State.Value(f"STATE_{state.value.upper()}") if state else 0
    at = Place(book, server, token, token_file, "", service="dispute")
    found = at.lists("ListDisputes", "disputes", participant_id=participant, state=wanted)
    if form is Form.json:
        print(as_json(pb.ListDisputesResponse(disputes=found)), end="")
        return
    for each in found:
        print("\n".join(_lines(each, language)))


def _place(book: Book, server: At, token: str, token_file: TokenFile, who: str) -> Place:
    """Over a book it is the participant who acts; a server knows from the token."""
    return Place(book, server, token, token_file, "" if server else who, service="dispute", role="rep")


def _whose(name: str) -> str:
    from compsvc.entry.grpc_names import decoded

    found = decoded("/".join(re.split("/", name)[:2]), "participants")
    if found is None:
        stop(f"`{name}` is no name of a line, a statement or a dispute: participants/NAME/...", code=2)
    return found[0]


def _action(action: StrEnum) -> int:
    from compsvc.v1 import dispute_service_pb2 as pb

    return pb.DisputeEntry.Action.Value(f"ACTION_{action.value.upper()}")


def _tell(found: pb.Dispute, form: Form) -> None:
    from compsvc.entry.statement_proto import as_json

    print(as_json(found) if form is Form.json else "\n".join(_lines(found, "en")) + "\n", end="")


def _lines(found: pb.Dispute, language: Language | str) -> Iterator[str]:
    from compsvc.entry.dispute_text import dispute_lines
    from compsvc.entry.statement_formats import Formats

    formats = Formats("de" if str(language) == "de" else "en")
    yield found.name
    yield from dispute_lines(found, formats, "  ")
