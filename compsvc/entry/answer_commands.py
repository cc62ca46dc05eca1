"""The commands of the three who ask: a rep, payroll and finance; over files, a book or a server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from compsvc.entry.screen import admin, must_be_there, progress, row_count, say, stop, tell_outcome, tell_refusals
from compsvc.service.batch import Job, Outcome, RefusedRow, compute
from compsvc.service.ports import InvalidArgument, PlanText

if TYPE_CHECKING:
    from compsvc.entry.statement_command import Found
    from compsvc.entry.statement_options import Wanted
    from compsvc.v1.simulation_service_pb2 import PlanComparison

T = TypeVar("T")

app = typer.Typer()


class _Statements(TyperGroup):
    """`statement PARTICIPANT` shows one; a participant who is called as a command is asked for by `statement show`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if named else ["show", *args])


statement_app = typer.Typer(cls=_Statements, help="Where am I, where will I land, what is my payout, and what changed.")

Mapping = Annotated[Path | None, typer.Option(help="How to read files that are named otherwise: docs/import.md.")]
Token = Annotated[str, typer.Option(envvar="COMPSVC_TOKEN", help="For the server: who asks.")]
TokenFile = Annotated[Path | None, typer.Option(help="The same, from a file.")]
KnownAt = Annotated[
    str | None, typer.Option("--as-of", help="As it was known then: a date, or a time with its offset.")
]


class Form(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"


class ListForm(StrEnum):
    text = "text"
    csv = "csv"
    json = "json"


class ReportForm(StrEnum):
    text = "text"
    json = "json"
    xlsx = "xlsx"


class Language(StrEnum):
    en = "en"
    de = "de"


Reader = Annotated[Language, typer.Option(case_sensitive=False, help="The reader's language.")]


# --- statements


def statement(
    participant: Annotated[str, typer.Argument(metavar="PARTICIPANT", help="The participant's id.")],
    period: Annotated[str, typer.Option(help="`2026-11`, `2026-Q4`, `2026-H2` or `2026`.")],
    book: Annotated[str | None, typer.Option(help="From a book on this machine.")] = None,
    plans: Annotated[Path | None, typer.Option(help="From files: the folder with the plans, ...")] = None,
    data: Annotated[Path | None, typer.Option(help="... and the folder with the files of facts.")] = None,
    mapping: Mapping = None,
    server: Annotated[str | None, typer.Option(help="From a server, HOST:PORT.")] = None,
    token: Token = "",
    token_file: TokenFile = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Open every line down to the deal and the plan's line.")
    ] = False,
    pipeline_date: Annotated[str | None, typer.Option(help="The day of the forecast; without it today.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was known then: a date, or a time with its offset.")] = None,
    since: Annotated[str | None, typer.Option(help="Tell what has changed since then, and why.")] = None,
    what_if: Annotated[
        Path | None, typer.Option(help="A file of deals to add, drop or move; nothing is stored.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="`json` prints the message that gRPC answers.")] = Form.text,
    language: Reader = Language.en,
) -> None:
    """Where am I, where will I land, and what is my payout: a participant's statement of a period."""
    from compsvc.entry import statement_options as options
    from compsvc.entry.statement_command import shown

    _must_be_one(book, plans, data, server)
    texts = options.Texts(pipeline_date=pipeline_date, as_of=as_of, since=since, what_if=what_if)
    missing = ""
    try:
        wanted = options.wanted(participant, _named(period), texts, explain=explain, from_files=data is not None)
        if server is not None:
            who = token_of(token, token_file)
            found = answered(server, lambda: options.from_server(server, who, wanted))
        elif book is not None:
            must_be_there(book)
            found = options.from_store(book, admin(), wanted)
        else:
            found, missing = _from_files(Job(plans or Path(), data or Path(), mapping=mapping), wanted, language)
    except options.Wrong as wrong:
        for line in wrong.lines:
            say(f"compsvc: {line}")
        raise typer.Exit(wrong.code) from None
    print(shown(found, form=form.value, locale=language.value), end="")
    if missing:
        if form is not Form.json:
            print(f"\n{missing}")
        say(missing)
        raise typer.Exit(1)


statement_app.command("show")(statement)


# --- payroll


@app.command("payouts")
def payouts(
    period: Annotated[str, typer.Option(help="The pay period, a calendar month: `2026-11`.")],
    book: Annotated[str | None, typer.Option(help="From a book on this machine.")] = None,
    server: Annotated[str | None, typer.Option(help="From a server, HOST:PORT.")] = None,
    token: Token = "",
    token_file: TokenFile = None,
    participant: Annotated[str, typer.Option(help="Only this participant.")] = "",
    plan: Annotated[str, typer.Option(help="Only this plan.")] = "",
    currency: Annotated[str, typer.Option(help="Only this currency.")] = "",
    as_of: KnownAt = None,
    form: Annotated[
        ListForm, typer.Option("--format", help="`csv` for programs; `json` prints the answer of gRPC.")
    ] = (ListForm.text),
    language: Reader = Language.en,
) -> None:
    """What payroll is to pay for a month, from a book or a server."""
    from compsvc.entry import payroll_command as command

    filters = {"participant_id": participant, "plan": plan, "currency_code": currency}
    where = {name: value for name, value in filters.items() if value}
    if (book is None) == (server is None):
        stop("Give one of --book or --server.", code=2)
    time = instant_of(as_of)
    if server is not None:
        who = token_of(token, token_file)
        found = answered(
            server, lambda: command.payouts_from_server(server, who, period=period, where=where, as_of=time)
        )
    else:
        assert book is not None
        must_be_there(book)
        found = command.payouts_from_store(book, admin(), period=period, where=where, as_of=time)
    print(command.shown(found, period=period, where=where, form=form.value, locale=language.value), end="")
    if found.refused_row_count:
        raise typer.Exit(1)


def instant_of(text: str | None) -> datetime | None:
    """Exits with 2 where it is no time."""
    from compsvc.entry.statement_options import Wrong, instant

    try:
        return None if text is None else instant(text)
    except Wrong as error:
        stop(" ".join(error.lines), code=error.code)


def token_of(token: str, token_file: Path | None) -> str:
    return token_file.read_text().strip() if token_file else token


def answered(server: str, ask: Callable[[], T]) -> T:
    """A server's refusal in its own words."""
    import grpc
    from grpc_status import rpc_status

    try:
        return ask()
    except grpc.RpcError as error:
        code = error.code()
        if code is grpc.StatusCode.UNAVAILABLE and rpc_status.from_call(error) is None:  # type: ignore[arg-type]
            stop(f"no compsvc server answers at {server}.")
        hint = " Set COMPSVC_TOKEN, or give --token-file." if code is grpc.StatusCode.UNAUTHENTICATED else ""
        stop(f"{code.name} {error.details()}{hint}")


def _from_files(job: Job, wanted: Wanted, language: Language) -> tuple[Found, str]:
    """The statement, and what has to be said with it where rows were refused."""
    from compsvc.entry import statement_options as options
    from compsvc.wiring import file_tools

    tools = file_tools()
    with progress() as step:
        computed = compute(job, tools, step)
    tell_outcome(computed)
    if isinstance(computed, Outcome):
        raise typer.Exit(1)
    return options.from_files(computed, tools, wanted), _incomplete(computed.refusals, language)


def _incomplete(refusals: Sequence[RefusedRow], language: Language) -> str:
    """In the reader's language: the statement says it too."""
    from compsvc.entry.report_words import REPORT_WORDS

    if not refusals:
        return ""
    count = row_count(refusals)
    words = REPORT_WORDS[language.value]["incomplete:one" if count == 1 else "incomplete"]
    return words.format(count=f"{count:,}", where=f"{refusals[0].file}:{refusals[0].line}")


# --- finance


@app.command("simulate")
def simulate(
    candidate: Annotated[list[Path], typer.Option(help="A plan file to compare with today's; repeat for several.")],
    plans: Annotated[Path | None, typer.Option(help="Over files: the folder with today's plans, ...")] = None,
    data: Annotated[Path | None, typer.Option(help="... and the folder with the files of facts.")] = None,
    mapping: Mapping = None,
    book: Annotated[str | None, typer.Option(help="Over a book on this machine.")] = None,
    server: Annotated[str | None, typer.Option(help="Over a server's book, HOST:PORT.")] = None,
    token: Token = "",
    token_file: TokenFile = None,
    period: Annotated[
        str,
        typer.Option(
            help="What counts in `2026`, `2026-H2`, `2026-Q4`, `2026-11`, or `2026-Q1..2026-Q3`; all if left out."
        ),
    ] = "",
    as_of: KnownAt = None,
    form: Annotated[
        ReportForm, typer.Option("--format", help="`json` prints the answer of gRPC; `xlsx` needs --out.")
    ] = ReportForm.text,
    out: Annotated[Path | None, typer.Option(help="A file to write instead of standard output.")] = None,
    language: Reader = Language.en,
) -> None:
    """What it would cost to change plans: who wins, who loses, by how much, by which deals. Stores nothing."""
    from compsvc.entry import simulation_command as command
    from compsvc.wiring import write_file

    _must_be_one(book, plans, data, server)
    _must_fit(form, out, as_of, plans)
    texts = [_plan_text(path) for path in candidate]
    refusals: Sequence[RefusedRow] = ()
    with _simulating() as step:
        known: dict[str, Any] = {"texts": texts, "period": _named(period), "as_of": instant_of(as_of)}
        asked = {**known, "progress": step}
        if server is not None:
            who = token_of(token, token_file)
            found = answered(server, lambda: command.simulated_by_server(server, who, **asked))
        elif book is not None:
            must_be_there(book)
            found = command.simulated_on_store(book, admin(), **asked)
        else:
            found, refusals = _simulated_on_files(Job(plans or Path(), data or Path(), mapping=mapping), asked)
    content = command.shown(found, form=form.value, locale=language.value)
    if out is None:
        print(content.decode(), end="")
    else:
        print(f"{'written' if write_file(out, content) else 'unchanged'}: {out}")
    tell_refusals(refusals)
    if refusals or found.refused_row_count:
        raise typer.Exit(1)


def _must_be_one(book: str | None, plans: Path | None, data: Path | None, server: str | None) -> None:
    given = [book is not None, plans is not None and data is not None, server is not None]
    if sum(given) != 1:
        stop("Give one of --book, --plans with --data, or --server.", code=2)


def _plan_text(path: Path) -> PlanText:
    from compsvc.wiring import plan_text

    if path.is_dir():
        stop(
            f"{path} is a folder. A candidate is one plan file, as `{path / 'plan.yaml'}`; repeat it for several.",
            code=2,
        )
    try:
        return plan_text(path)
    except UnicodeDecodeError:
        stop(f"{path}: a plan, and the terms that it names, are text in UTF-8.")


def _must_fit(form: ReportForm, out: Path | None, as_of: str | None, plans: Path | None) -> None:
    if form is ReportForm.xlsx and out is None:
        stop("A workbook is a file: give --out FILE.", code=2)
    if as_of is not None and plans is not None:
        stop("--as-of needs --book or --server: files do not tell when something was known.", code=2)


def _simulated_on_files(job: Job, asked: dict[str, Any]) -> tuple[PlanComparison, Sequence[RefusedRow]]:
    from compsvc.entry import simulation_command as command
    from compsvc.wiring import file_tools, simulation_on_files

    computed = compute(job, file_tools())
    if isinstance(computed, Outcome):
        tell_outcome(computed)
        raise typer.Exit(1)
    return command.simulated(simulation_on_files(computed), admin(), **asked), computed.refusals


@contextmanager
def _simulating() -> Iterator[Callable[[str], None]]:
    """What is being done, where somebody is watching. Of a plan that is refused every problem is told."""
    from compsvc.service.simulation import STEPS as SIMULATING

    try:
        with progress(SIMULATING) as step:
            yield step
    except InvalidArgument as error:
        if error.reason not in ("PLAN_INVALID", "CANDIDATE_REFUSES_FACTS"):
            raise
        for each in error.violations:
            say(f"{each.field} {each.code} {each.message}")
        raise typer.Exit(1) from error


def _named(period: str) -> str:
    """`2026-q4` is a quarter too, and `2026-h2` a half-year."""
    return re.sub(r"-[qh](?=[1-4])", lambda found: found[0].upper(), period)
