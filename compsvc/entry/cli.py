"""`compsvc`: every command. Exit codes: 0 all is well; 1 problems were found or rows refused; 2 wrong usage.

What was asked for goes to standard output; problems, notices and progress go to standard error.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from compsvc import __version__
from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import format_minor
from compsvc.core.problems import Problem
from compsvc.entry import server_commands
from compsvc.entry.screen import say, stop
from compsvc.service.batch import STEPS, Computed, Job, Outcome, RefusedRow, compute, run
from compsvc.service.ports import Caller, InvalidArgument, PlanText, ServiceError

if TYPE_CHECKING:
    from compsvc.entry.statement_command import Found
    from compsvc.entry.statement_options import Wanted
    from compsvc.v1.simulation_service_pb2 import PlanComparison

T = TypeVar("T")
ALSO_READ = ("activities", "exits", "fx_rates", "leaves", "pipeline_stages")  # kinds that a run tells the number of
SHOWN_REFUSALS = 20  # on the screen; the report has all of them

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help=__doc__)
plan_app = typer.Typer(no_args_is_help=True, help="Check plans, test them, and help editors with them.")
app.add_typer(plan_app, name="plan")
app.add_typer(server_commands.app)

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Plan files, plan folders, or folders of them.")]
Plans = Annotated[Path, typer.Option(help="The folder with the plans.")]
Data = Annotated[Path, typer.Option(help="The folder with the files of facts.")]
Mapping = Annotated[Path | None, typer.Option(help="How to read files that are named otherwise: docs/import.md.")]
Token = Annotated[str, typer.Option(envvar="COMPSVC_TOKEN", help="For the server: who asks.")]
TokenFile = Annotated[Path | None, typer.Option(help="The same, from a file.")]


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


def main() -> None:
    """What a user did is told in words; only a fault of ours may show a traceback."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC's own lines; what they say, our messages say in words
    try:
        app()
    except ServiceError as error:
        stop(f"{error.reason} {error.message}")
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        stop(f"{error.filename}: {error.strerror}." if error.filename else str(error))


# --- plans


@plan_app.command("check")
def plan_check(paths: Paths) -> None:
    """Say everything that is wrong with plans, each with its place."""
    from compsvc.wiring import read_plans

    plans, problems = read_plans(paths)
    for problem in problems:
        print(f"{problem}" if problem.severity == "error" else f"{problem} (notice)")
    errors = _errors(problems)
    if errors:
        raise typer.Exit(1)
    print(f"{_many(len(plans), 'plan')} without errors.")


@plan_app.command("schema")
def plan_schema() -> None:
    """Print the plan language as JSON Schema, for editors."""
    from compsvc.core.plan_schema import schema

    print(json.dumps(schema(), indent=2, sort_keys=True, ensure_ascii=False))


@plan_app.command("test")
def plan_test(paths: Paths) -> None:
    """Put the cases beside the plans to the test. The last line says how many passed and failed.

    Where there are no cases this says where they would stand, and the exit code is 0: nothing has failed.
    """
    from compsvc.entry.cases_text import cases_text
    from compsvc.wiring import cases_tested

    outcomes, problems = cases_tested(paths)
    _tell(problems)
    if not outcomes:
        for path in paths:
            say(f"no cases in {path}" if path.is_file() else f"no cases in {path / 'cases'}")
    print(cases_text(outcomes), end="")
    if _errors(problems) or any(outcome.state != "PASS" for outcome in outcomes):
        raise typer.Exit(1)


# --- a run on files


@app.command("run")
def run_files(
    plans: Plans,
    data: Data,
    out: Annotated[Path, typer.Option(help="The folder for earnings.csv, lines.parquet and report.json.")],
    mapping: Mapping = None,
    lines: Annotated[bool, typer.Option(help="Write lines.parquet: how each amount came about.")] = True,
) -> None:
    """Compute what files say: earnings, the lines behind them, and a report. Refused rows are left out and told."""
    from compsvc.wiring import file_tools

    job = Job(plans=plans, data=data, out=out, mapping=mapping, lines=lines)
    with _progress() as step:
        outcome = run(job, file_tools(), step)
    _tell_outcome(outcome)
    if outcome.report is None:
        raise typer.Exit(1)
    for text in _summary(outcome.report):
        print(text)
    print(f"{'written' if outcome.changed else 'unchanged'}: {', '.join(_outputs(out, lines))}")
    if not outcome.clean:
        raise typer.Exit(1)


def _summary(report: dict[str, Any]) -> Iterator[str]:
    deals = report["deals"]
    entirely = deals["uncredited_entirely_count"]
    words = [f"{deals['credited']:,} credited", f"{len(deals['pending']):,} pending", f"{entirely:,} uncredited"]
    words += [f"{deals[f'{name}_count']:,} {name}" for name in ("refused", "repeated") if deals[f"{name}_count"]]
    yield f"deals: {deals['read']:,} read: {', '.join(words)}"
    if partly := deals["uncredited_count"] - entirely:
        yield f"of the credited deals, {partly:,} in part only"
    if deals["refused_count"]:
        yield (
            "A refused deal can change who is credited with later deals of its account, and as what: see "
            "accounts_of_refused_deals in report.json"
        )
    opportunities = report["opportunities"]
    if opportunities["read"]:
        homeless = opportunities["without_account_count"]
        yield f"opportunities: {opportunities['read']:,} read, {homeless:,} without an account"
    if others := [f"{count:,} {kind}" for kind, count in sorted(report["rows_read"].items()) if kind in ALSO_READ]:
        yield f"also read: {', '.join(others)}"
    for name, count in sorted(report["rows_counted_only"].items()):
        yield f"{name}: {count:,} rows, counted only"
    for total in report["totals_by_component"]:
        amount = format_minor(total["earned_minor"], EXPONENTS[total["currency_code"]])
        yield f"{total['plan']} {total['component']}: {amount} {total['currency_code']}"


def _outputs(out: Path, lines: bool) -> list[str]:
    names = ("earnings.csv", *(("lines.parquet",) if lines else ()), "report.json")
    return [str(out / name) for name in names]


def _tell_outcome(outcome: Outcome | Computed) -> None:
    if isinstance(outcome, Outcome):
        _tell(outcome.problems)
    _tell(outcome.notices)
    _tell_refusals(outcome.refusals)


def _tell_refusals(refusals: Sequence[RefusedRow]) -> None:
    for row in refusals[:SHOWN_REFUSALS]:
        say(str(row))
    if refusals:
        more = len(refusals) - SHOWN_REFUSALS
        rest = f" {_many(more, 'reason')} more not shown; report.json has all." if more > 0 else ""
        say(f"{_rows_were(refusals)} refused; everything else is computed.{rest}")


def _rows_were(refusals: Sequence[RefusedRow]) -> str:
    count = _row_count(refusals)
    return f"{_many(count, 'row')} {'was' if count == 1 else 'were'}"


def _quarter(period: str) -> str:
    """`2026-q4` is a quarter too."""
    return re.sub(r"-q(?=[1-4])", "-Q", period)


def _row_count(refusals: Sequence[RefusedRow]) -> int:
    """One row may be refused for several reasons."""
    return len({(row.file, row.line) for row in refusals})


# --- statements


@app.command("statement")
def statement(
    participant: Annotated[str, typer.Argument(metavar="PARTICIPANT", help="The participant's id.")],
    period: Annotated[str, typer.Option(help="A month, quarter or year: `2026-11`, `2026-Q4`, `2026`.")],
    book: Annotated[Path | None, typer.Option(help="From a book on this machine.")] = None,
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

    given = [book is not None, plans is not None and data is not None, server is not None]
    if sum(given) != 1:
        stop("Give one of --book, --plans with --data, or --server.", code=2)
    texts = options.Texts(pipeline_date=pipeline_date, as_of=as_of, since=since, what_if=what_if)
    missing = ""
    try:
        wanted = options.wanted(participant, _quarter(period), texts, explain=explain, from_files=data is not None)
        if server is not None:
            who = _token(token, token_file)
            found = _answered(server, lambda: options.from_server(server, who, wanted))
        elif book is not None:
            _must_be_there(book)
            found = options.from_store(book, _admin(), wanted)
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


# --- payroll


@app.command("payouts")
def payouts(
    period: Annotated[str, typer.Option(help="The pay period, a calendar month: `2026-11`.")],
    book: Annotated[Path | None, typer.Option(help="From a book on this machine.")] = None,
    server: Annotated[str | None, typer.Option(help="From a server, HOST:PORT.")] = None,
    token: Token = "",
    token_file: TokenFile = None,
    participant: Annotated[str, typer.Option(help="Only this participant.")] = "",
    plan: Annotated[str, typer.Option(help="Only this plan.")] = "",
    currency: Annotated[str, typer.Option(help="Only this currency.")] = "",
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
    if server is not None:
        who = _token(token, token_file)
        found = _answered(server, lambda: command.payouts_from_server(server, who, period=period, where=where))
    else:
        assert book is not None
        _must_be_there(book)
        found = command.payouts_from_store(book, _admin(), period=period, where=where)
    print(command.shown(found, period=period, where=where, form=form.value, locale=language.value), end="")
    if found.refused_row_count:
        raise typer.Exit(1)


def _token(token: str, token_file: Path | None) -> str:
    return token_file.read_text().strip() if token_file else token


def _answered(server: str, ask: Callable[[], T]) -> T:
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


def _must_be_there(book: Path) -> None:
    """To read from a book that is not there would make an empty one."""
    if not book.is_file():
        stop(f"{book}: there is no such book.")


def _from_files(job: Job, wanted: Wanted, language: Language) -> tuple[Found, str]:
    """The statement, and what has to be said with it where rows were refused."""
    from compsvc.entry import statement_options as options
    from compsvc.wiring import file_tools

    tools = file_tools()
    with _progress() as step:
        computed = compute(job, tools, step)
    _tell_outcome(computed)
    if isinstance(computed, Outcome):
        raise typer.Exit(1)
    return options.from_files(computed, tools, wanted), _incomplete(computed.refusals, language)


def _incomplete(refusals: Sequence[RefusedRow], language: Language) -> str:
    """In the reader's language: the statement says it too."""
    from compsvc.entry.report_words import REPORT_WORDS

    if not refusals:
        return ""
    count = _row_count(refusals)
    words = REPORT_WORDS[language.value]["incomplete:one" if count == 1 else "incomplete"]
    return words.format(count=f"{count:,}", where=f"{refusals[0].file}:{refusals[0].line}")


# --- finance


@app.command("simulate")
def simulate(
    candidate: Annotated[list[Path], typer.Option(help="A plan file to compare with today's; repeat for several.")],
    plans: Annotated[Path | None, typer.Option(help="Over files: the folder with today's plans, ...")] = None,
    data: Annotated[Path | None, typer.Option(help="... and the folder with the files of facts.")] = None,
    mapping: Mapping = None,
    book: Annotated[Path | None, typer.Option(help="Over a book on this machine.")] = None,
    server: Annotated[str | None, typer.Option(help="Over a server's book, HOST:PORT.")] = None,
    token: Token = "",
    token_file: TokenFile = None,
    period: Annotated[
        str, typer.Option(help="What counts in `2026`, `2026-Q4`, `2026-11`, or `2026-Q1..2026-Q3`; all if left out.")
    ] = "",
    form: Annotated[
        ReportForm, typer.Option("--format", help="`json` prints the answer of gRPC; `xlsx` needs --out.")
    ] = ReportForm.text,
    out: Annotated[Path | None, typer.Option(help="A file to write instead of standard output.")] = None,
    language: Reader = Language.en,
) -> None:
    """What it would cost to change plans: who wins, who loses, by how much, by which deals. Stores nothing."""
    from compsvc.entry import simulation_command as command
    from compsvc.wiring import write_file

    given = [book is not None, plans is not None and data is not None, server is not None]
    if sum(given) != 1:
        stop("Give one of --book, --plans with --data, or --server.", code=2)
    if form is ReportForm.xlsx and out is None:
        stop("A workbook is a file: give --out FILE.", code=2)
    texts = [_plan_text(path) for path in candidate]
    refusals: Sequence[RefusedRow] = ()
    with _simulating() as step:
        asked: dict[str, Any] = {"texts": texts, "period": _quarter(period), "progress": step}
        if server is not None:
            who = _token(token, token_file)
            found = _answered(server, lambda: command.simulated_by_server(server, who, **asked))
        elif book is not None:
            _must_be_there(book)
            found = command.simulated_on_store(book, _admin(), **asked)
        else:
            found, refusals = _simulated_on_files(Job(plans or Path(), data or Path(), mapping=mapping), asked)
    content = command.shown(found, form=form.value, locale=language.value)
    if out is None:
        print(content.decode(), end="")
    else:
        print(f"{'written' if write_file(out, content) else 'unchanged'}: {out}")
    _tell_refusals(refusals)
    if refusals or found.refused_row_count:
        raise typer.Exit(1)


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


def _simulated_on_files(job: Job, asked: dict[str, Any]) -> tuple[PlanComparison, Sequence[RefusedRow]]:
    from compsvc.entry import simulation_command as command
    from compsvc.wiring import file_tools, simulation_on_files

    computed = compute(job, file_tools())
    if isinstance(computed, Outcome):
        _tell_outcome(computed)
        raise typer.Exit(1)
    return command.simulated(simulation_on_files(computed), _admin(), **asked), computed.refusals


@contextmanager
def _simulating() -> Iterator[Callable[[str], None]]:
    """What is being done, where somebody is watching. Of a plan that is refused every problem is told."""
    from compsvc.service.simulation import STEPS as SIMULATING

    try:
        with _progress(SIMULATING) as step:
            yield step
    except InvalidArgument as error:
        if error.reason not in ("PLAN_INVALID", "CANDIDATE_REFUSES_FACTS"):
            raise
        for each in error.violations:
            say(f"{each.field} {each.code} {each.message}")
        raise typer.Exit(1) from error


# --- a book


@app.command("load")
def load(
    book: Annotated[Path, typer.Option(help="The book; it is made where there is none.")],
    data: Data,
    plans: Annotated[Path | None, typer.Option(help="The folder with plans to store first.")] = None,
    mapping: Mapping = None,
) -> None:
    """Store plans and files of facts in a book. Refused rows are left out and told; loading again stores nothing."""
    from compsvc.service.bulk_load import load_all, load_plan_texts
    from compsvc.wiring import file_tools, open_parts, plan_texts, read_plans

    if plans is not None:
        problems = read_plans([plans])[1]
        _tell(problems)
        if _errors(problems):
            raise typer.Exit(1)
    loaded = file_tools().load_files(data, mapping)
    _tell([*loaded.problems, *loaded.notices])
    if loaded.problems:
        raise typer.Exit(1)
    parts = open_parts(book)
    if plans is not None:
        texts = plan_texts(plans)
        created = load_plan_texts(parts.store, parts.plans, parts.parse_plan, _admin(), texts)
        for name, count in sorted(Counter(created).items()):
            print(f"{_many(count, 'new revision')} of {name}")
        print(f"{_many(len(texts), 'plan')} in the book")
    stored = load_all(parts.store, parts.plans, _admin(), loaded.facts)
    refusals = [*loaded.refusals, *(loaded.locate(refusal) for refusal in stored.refusals)]
    refusals.sort(key=lambda row: (row.file, row.line, row.kind, row.field, row.code))
    for row in refusals:
        say(str(row))
    refused_rows = len({(row.file, row.line) for row in refusals})
    counts = f"{stored.created:,} created, {stored.revised:,} revised, {stored.unchanged:,} unchanged"
    print(f"rows: {counts}, {refused_rows:,} refused")
    if refusals:
        raise typer.Exit(1)


@app.command("version")
def version() -> None:
    """Print the version, and which engine matches credit rules."""
    from compsvc.wiring import file_tools

    tools = file_tools()
    print(f"compsvc {__version__}")
    if tools.reference is None:
        print(f"matcher: {tools.matcher}; durable_rules is not there, so no second engine compares its answers")
    else:
        print(f"matcher: {tools.matcher}, every first answer compared with {tools.reference}")


# --- words on the screen


def _admin() -> Caller:
    """Who works on the book's own file may do everything with it anyway."""
    return Caller("cli", "admin")


def _errors(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


def _tell(problems: Iterable[Problem]) -> None:
    for problem in problems:
        say(f"{problem}" if problem.severity == "error" else f"{problem} (notice)")


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


@contextmanager
def _progress(steps: Sequence[str] = STEPS) -> Iterator[Callable[[str], None]]:
    """A bar where somebody is watching; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(steps[0], total=len(steps))
        yield lambda step: bar.update(task, description=step, completed=steps.index(step))


if __name__ == "__main__":
    main()
