"""Where a command of the payroll acts, a book or a server, and as whom."""

from __future__ import annotations

import uuid
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compsvc.entry.answer_commands import answered, token_of
from compsvc.entry.screen import must_be_there, stop
from compsvc.service.ports import Caller, Role

if TYPE_CHECKING:
    from compsvc.v1 import payroll_run_service_pb2 as pb

Book = Annotated[str | None, typer.Option(help="A book on this machine.")]
At = Annotated[str | None, typer.Option("--server", help="A server, HOST:PORT.")]
Who = Annotated[str, typer.Option("--as", help="Over --book: who acts. A server knows it from the token.")]
RequestId = Annotated[str, typer.Option(help="To send the same again after a lost answer; new if left out.")]


class Form(StrEnum):
    text = "text"
    json = "json"


Shown = Annotated[Form, typer.Option("--format", help="`json` prints the answer of gRPC.")]


class Place:
    """A book or a server, and the service that is called; exits with 2 where it is neither or both. Over a book whoever
    acts does so in the role."""

    def __init__(
        self, book: str | None, server: str | None, token: str, token_file: Path | None, who: str,
        *, service: str = "payroll_run", role: Role = "admin",
    ) -> None:  # fmt: skip
        if (book is None) == (server is None):
            stop("Give one of --book or --server.", code=2)
        if server is not None and who:
            stop("--as is for --book. A server knows from the token who acts.", code=2)
        if book is not None:
            must_be_there(book)
        self._book, self._server, self._who, self._service, self._role = book, server, who, service, role
        self._token = token_of(token, token_file) if server else ""

    def works(self, ask: Any, *, acts: bool = False) -> Any:
        """The answer of a function that is given the calls. `acts`: something is stored, so somebody has done it."""
        from compsvc.entry import payroll_desk as desk

        if self._server is not None:
            server = self._server

            def asked() -> Any:
                with desk.at_server(server, self._token, self._service) as call:
                    return ask(call)

            return answered(server, asked)
        if acts and not self._who:
            stop("Say who acts: --as NAME. Whoever computes a run does not approve it.", code=2)
        caller = Caller(self._who or "cli", self._role if self._who else "admin")
        with desk.at_book(str(self._book), caller, self._service) as call:
            return ask(call)

    def asks(self, call_name: str, **fields: Any) -> Any:
        return self.works(lambda call: call(call_name, self.request(call_name, fields)))

    def changes(self, call_name: str, request_id: str, **fields: Any) -> Any:
        request = self.request(call_name, {**fields, "request_id": request_id or fresh()})
        return self.works(lambda call: call(call_name, request), acts=True)

    def request(self, call_name: str, fields: dict[str, Any]) -> Any:
        from compsvc.entry import payroll_desk as desk

        return getattr(desk.SERVICES[self._service].messages, f"{call_name}Request")(**fields)

    def lists(self, call_name: str, field: str, **fields: Any) -> list[Any]:
        """The rows of all pages."""
        from compsvc.entry import payroll_desk as desk

        asked = self.request(call_name, {**fields, "page_size": 500})
        found: list[Any] = self.works(lambda call: desk.every(call, call_name, asked, field))
        return found

    def all_paid(self, run: str, day: date) -> list[pb.PayoutOutcome]:
        """Of every payout that was exported and has no outcome."""
        from compsvc.entry import payroll_desk as desk
        from compsvc.v1 import payroll_run_service_pb2 as pb

        asked = pb.ListRunPayoutsRequest(parent=run, state=pb.RunPayout.STATE_UNKNOWN, page_size=500)
        found = self.works(lambda call: desk.every(call, "ListRunPayouts", asked, "payouts"))
        if not found:
            stop(
                "No payout of this run waits for an outcome. Before `compsvc payroll export` there is nothing to "
                "acknowledge; `compsvc payroll show` tells what was told."
            )
        return [desk.outcome_of(each.payout_id, "paid", day) for each in found]


def fresh() -> str:
    return str(uuid.uuid4())
