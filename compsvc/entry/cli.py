"""`compsvc`: every command. Exit codes: 0 all is well; 1 problems were found or rows refused; 2 wrong usage.

What was asked for goes to standard output; problems, notices and progress go to standard error.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compsvc import __version__
from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import format_minor
from compsvc.entry import adjustment_commands as adjustment_commands  # adds to payroll_commands.app
from compsvc.entry import (
    answer_commands,
    close_commands,
    dispute_commands,
    ledger_commands,
    letter_commands,
    name_commands,
    plan_commands,
    server_commands,
    statement_commands,
)
from compsvc.entry import hold_commands as hold_commands  # adds to payroll_commands.app
from compsvc.entry.load_text import tell_stored
from compsvc.entry.payroll_place import Form, Shown
from compsvc.entry.screen import admin, errors_of, many, progress, say, stop, tell, tell_outcome
from compsvc.service.batch import Job, run
from compsvc.service.ports import ServiceError

if TYPE_CHECKING:
    from compsvc.wiring import Parts

ALSO_READ = (  # kinds that a run tells the number of
    *("account_attributes", "activities", "deal_payments", "exits", "fx_rates", "leaves", "losses", "pipeline_stages"),
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help=__doc__)
app.add_typer(plan_commands.plan_app, name="plan")
app.add_typer(answer_commands.app)
app.add_typer(statement_commands.app, name="statement")
app.add_typer(close_commands.payroll_app, name="payroll")
app.add_typer(ledger_commands.app, name="ledger")
app.add_typer(dispute_commands.app, name="dispute")
app.add_typer(letter_commands.app, name="letter")
app.add_typer(name_commands.app, name="names")
app.add_typer(server_commands.app)

Plans = Annotated[Path, typer.Option(help="The folder with the plans.")]
Data = Annotated[Path, typer.Option(help="The folder with the files of facts.")]
Mapping = Annotated[Path | None, typer.Option(help="How to read files that are named otherwise: docs/import.md.")]


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
    with progress() as step:
        outcome = run(job, file_tools(), step)
    tell_outcome(outcome)
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


# --- a book


@app.command("load")
def load(
    book: Annotated[str, typer.Option(help="The book, a file or a URL; it is made where there is none.")],
    data: Data,
    plans: Annotated[Path | None, typer.Option(help="The folder with plans to store first.")] = None,
    mapping: Mapping = None,
    corrects: Annotated[
        list[str] | None,
        typer.Option(metavar="REVISION", help="A stored revision that a text of --plans for the same day replaces."),
    ] = None,
    form: Shown = Form.text,
) -> None:
    """Store plans and files of facts in a book. Refused rows are left out and told; loading again stores nothing."""
    from compsvc.service.bulk_load import absent_deals, load_all
    from compsvc.wiring import file_tools, open_parts, read_plans

    if corrects and plans is None:
        stop("--corrects says which revision a text of --plans replaces: give --plans FOLDER too.", code=2)
    if plans is not None:
        problems = read_plans([plans])[1]
        tell(problems)
        if errors_of(problems):
            raise typer.Exit(1)
    loaded = file_tools().load_files(data, mapping)
    tell([*loaded.problems, *loaded.notices])
    if loaded.problems:
        raise typer.Exit(1)
    parts = open_parts(book)
    if plans is not None:
        _load_plans(parts, plans, corrects or (), print if form is Form.text else say)
    stored = load_all(parts.store, parts.plans, admin(), loaded.facts)
    refusals = [*loaded.refusals, *(loaded.locate(refusal) for refusal in stored.refusals)]
    refusals.sort(key=lambda row: (row.file, row.line, row.kind, row.field, row.code))
    absent = absent_deals(parts.store, admin(), loaded.deal_rows)
    tell_stored(stored, refusals, absent, form)
    if refusals:
        raise typer.Exit(1)


def _load_plans(parts: Parts, folder: Path, corrects: Sequence[str], told: Callable[[str], None]) -> None:
    from compsvc.service.bulk_load import load_plan_texts
    from compsvc.wiring import plan_texts

    texts = plan_texts(folder)
    created = load_plan_texts(parts.store, parts.plans, parts.parse_plan, admin(), texts, corrects=corrects)
    for name, count in sorted(Counter(created).items()):
        told(f"{many(count, 'new revision')} of {name}")
    told(f"{many(len(texts), 'plan')} in the book")


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


if __name__ == "__main__":
    main()
