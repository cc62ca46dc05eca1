"""`compsvc statement`: besides showing one, what has changed between two recorded times."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from compsvc.entry.answer_commands import Language, Reader, Token, TokenFile, statement_app
from compsvc.entry.payroll_place import At, Book, Form, Place, RequestId, Shown
from compsvc.entry.screen import say, stop

app = statement_app

Participant = Annotated[str, typer.Option(help="The participant's id.")]


@app.command("diff")
def diff(
    participant: Participant,
    start: Annotated[str, typer.Option("--from", help="As it was recorded then: a date, or a time with its offset.")],
    end: Annotated[str, typer.Option("--to", help="And as it was recorded then.")],
    period: Annotated[str, typer.Option(help="Only measurement periods that touch it: `2026-11`, `2026-H2`.")] = "",
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


@app.command("issued")
def issued(
    participant: Participant,
    period: Annotated[str, typer.Option(help="The pay period: `2026-05`.")],
    run: Annotated[str, typer.Option(help="Of this run; else of the last one that paid them in it.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text,
    language: Reader = Language.en,
) -> None:  # fmt: skip
    """A statement as it was handed out after a seal. As JSON to the byte: it never changes."""
    from google.protobuf.json_format import Parse

    from compsvc.entry.statement_proto import statement_name
    from compsvc.entry.statement_text import statement_text
    from compsvc.v1 import statement_service_pb2 as pb

    at = Place(book, server, token, token_file, "", service="statement")
    of_run = f"runs/{run}" if run else ""
    found = at.asks("GetIssuedStatement", name=statement_name(participant, period), run=of_run)
    as_told = Parse(found.content, pb.Statement(), ignore_unknown_fields=True)
    print(found.content if form is Form.json else statement_text(as_told, locale=language.value), end="")


@app.command("acknowledge")
def acknowledge(
    participant: Participant,
    period: Annotated[str, typer.Option(help="The statement's period.")],
    seen: Annotated[str, typer.Option("--hash", help="The `hash` of the statement that was seen, as JSON prints it.")],
    text: Annotated[str, typer.Option(help="What is said with it.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None,
    request_id: RequestId = "",
) -> None:  # fmt: skip
    """Say that one has seen one's own statement. Nothing follows from it, and nothing from its absence."""
    from compsvc.entry.statement_proto import statement_name

    who = "" if server else participant
    at = Place(book, server, token, token_file, who, service="statement", role="rep")
    fields = {"name": statement_name(participant, period), "hash": seen, "text": text}
    found = at.changes("AcknowledgeStatement", request_id, **fields)
    print(f"{found.author} acknowledged {period} as {found.statement_hash}")


@app.command("acknowledge-proposal")
def acknowledge_proposal(
    proposal: Annotated[str, typer.Argument(metavar="ID", help="Its id, as the statement shows it.")],
    participant: Participant,
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None,
    request_id: RequestId = "",
) -> None:  # fmt: skip
    """Say that one has been told of what would be taken back from oneself. It is no consent; finance decides then."""
    who = "" if server else participant
    at = Place(book, server, token, token_file, who, role="rep")
    found = at.changes("AcknowledgeProposal", request_id, name=f"adjustments/{proposal}")
    print(f"{participant} has been told of proposal {proposal} ({found.reason}); finance decides on it.")


@app.command("export")
def export(
    participant: Participant,
    start: Annotated[str, typer.Option("--from", help="The first month: `2026-01`.")],
    end: Annotated[str, typer.Option("--to", help="The last month: `2026-03`.")],
    out: Annotated[Path, typer.Option(help="The folder for the files; it is made where there is none.")],
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None,
    language: Reader = Language.en,
) -> None:  # fmt: skip
    """All that a participant is entitled to see of some months: statements, lines, deals, calculation, due dates."""
    from compsvc.entry.statement_export import exported

    months = _months(start, end)
    at = Place(book, server, token, token_file, "", service="statement")
    for path in at.works(lambda call: exported(call, participant, months, out, language.value)):
        print(f"written: {path}")


def _months(start: str, end: str) -> list[str]:
    from compsvc.core.payouts import months_of
    from compsvc.core.periods import month_after
    from compsvc.core.statement_values import Span

    try:
        first, last = (date.fromisoformat(f"{month}-01") for month in (start, end))
    except ValueError:
        stop(f"`{start}` to `{end}` are no months. Write them as `2026-01` and `2026-03`.", code=2)
    if last < first:
        stop(f"{end} is before {start}. Give the earlier month first.", code=2)
    return [month.name for month in months_of(Span("", first, month_after(last, 1)))]
