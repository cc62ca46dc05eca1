"""`compsvc statement`: besides showing one, what has changed between two recorded times."""

from __future__ import annotations

from typing import Annotated

import typer

from compsvc.entry.answer_commands import Language, Reader, Token, TokenFile, statement_app
from compsvc.entry.payroll_commands import At, Book, Form, Place, Shown
from compsvc.entry.screen import say

app = statement_app

Participant = Annotated[str, typer.Option(help="The participant's id.")]


@app.command("diff")
def diff(
    participant: Participant,
    start: Annotated[str, typer.Option("--from", help="As it was recorded then: a date, or a time with its offset.")],
    end: Annotated[str, typer.Option("--to", help="And as it was recorded then.")],
    period: Annotated[str, typer.Option(help="Only measurement periods that touch it: `2026-11`, `2026-Q4`.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text,
    language: Reader = Language.en,
) -> None:  # fmt: skip
    """What changed between two recorded times and why, line by line; the sums add up."""
    from compsvc.entry import statement_options as options
    from compsvc.entry.grpc_names import encoded
    from compsvc.entry.statement_diff_text import comparison_text
    from compsvc.entry.statement_proto import as_json
    from compsvc.entry.statement_whole_proto import time_message

    try:
        times = [options.instant(text) for text in (start, end)]
    except options.Wrong as wrong:
        for line in wrong.lines:
            say(f"compsvc: {line}")
        raise typer.Exit(wrong.code) from None
    at = Place(book, server, token, token_file, "", service="statement")
    found = at.asks(
        "CompareStatements", participant=f"participants/{encoded(participant)}",
        from_time=time_message(times[0]), to_time=time_message(times[1]), period=period,
    )  # fmt: skip
    print(as_json(found) if form is Form.json else comparison_text(found, locale=language.value), end="")
