"""`compsvc names`: what participants are called, which can be erased."""

from __future__ import annotations

from typing import Annotated

import typer

from compsvc.entry.answer_commands import Token, TokenFile
from compsvc.entry.payroll_place import At, Book, Form, Place, RequestId, Shown, Who
from compsvc.entry.screen import many

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command("erase")
def erase(
    participant: Annotated[str, typer.Argument(help="Their id.")],
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")],
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Erase what a participant is called: their id stands in its place, as of every time. This cannot be undone."""
    from compsvc.entry.grpc_names import encoded
    from compsvc.entry.statement_proto import as_json

    at = Place(book, server, token, token_file, who, service="fact")
    found = at.changes("EraseName", request_id, name=f"participants/{encoded(participant)}", reason=reason)
    if form is Form.json:
        print(as_json(found), end="")
    elif found.erased_count:
        print(f"The name of {participant} is erased, in {many(found.erased_count, 'version')} of their row.")
    else:
        print(f"{participant} has no name in this book.")
