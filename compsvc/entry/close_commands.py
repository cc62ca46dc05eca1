"""`compsvc payroll close-check` and `sign-off`: what is mended or answered for before a month closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from compsvc.entry.answer_commands import Token, TokenFile
from compsvc.entry.payroll_commands import At, Book, Form, Place, RequestId, Shown, Who
from compsvc.entry.payroll_commands import app as payroll_app
from compsvc.entry.screen import many

if TYPE_CHECKING:
    from compsvc.v1 import close_service_pb2 as pb

__all__ = ["payroll_app"]


@payroll_app.command("close-check")
def close_check(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="The pay period, a calendar month: `2026-11`.")],
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """What has to be mended or signed off before the month closes. Exits with 1 where anything is left."""
    from compsvc.entry.statement_proto import as_json

    at = Place(book, server, token, token_file, who, service="close")
    found = at.changes("CheckClose", request_id, pay_period=f"payPeriods/{period}")
    if form is Form.json:
        print(as_json(found), end="")
    else:
        for each in found.findings:
            _tell(each)
        print(f"{many(found.open_count, 'finding')} of {period} neither mended nor signed off")
    if found.open_count:
        raise typer.Exit(1)


@payroll_app.command("sign-off")
def sign_off(
    findings: Annotated[list[str], typer.Argument(metavar="FINDING...", help="As `payroll close-check` prints them.")],
    reason: Annotated[str, typer.Option(help="Why it may stay as it is.")],
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
) -> None:  # fmt: skip
    """Answer by name for findings that stay as they are."""
    at = Place(book, server, token, token_file, who, service="close")
    for name in findings:
        _tell(at.changes("SignOffFinding", "", name=name, reason=reason))


def _tell(found: pb.CloseFinding) -> None:
    from compsvc.v1 import close_service_pb2 as pb

    state = pb.CloseFinding.State.Name(found.state).removeprefix("STATE_").lower().replace("_", " ")
    last = found.entries[-1]
    by = f" by {last.author}: {last.reason}" if last.reason else f" by {last.author}"
    print(f"{found.name} {found.code} {found.subject}: {found.message} [{state}{by}]")
