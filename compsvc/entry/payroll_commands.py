"""`compsvc payroll`: a month is run, approved by another, sealed, exported and acknowledged."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from compsvc.entry.answer_commands import KnownAt, Language, Reader, Token, TokenFile, instant_of
from compsvc.entry.payroll_place import At, Book, Form, Place, RequestId, Shown, Who, fresh
from compsvc.entry.payroll_run_text import amounts_text, in_short, payout_lines, print_lines, run_lines, tell_run
from compsvc.entry.screen import counted, many, progress, stop

app = typer.Typer(
    no_args_is_help=True,
    help="`compsvc payroll` and `compsvc ledger`: a month is run, approved by another, sealed, exported and "
    "acknowledged.",
)

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, as `payroll run` printed it.")]


class ExportForm(StrEnum):
    text = "text"
    json = "json"
    csv = "csv"
    parquet = "parquet"


class PeriodState(StrEnum):
    open = "open"
    locked = "locked"
    closed = "closed"


@app.command("run")
def run(
    period: Annotated[str, typer.Option(help="The pay period, a calendar month: `2026-11`.")],
    participant: Annotated[list[str] | None, typer.Option(help="Off the cycle: only these; repeat.")] = None,
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Compute what a month has to pay. Books nothing."""
    from compsvc.entry import payroll_desk as desk
    from compsvc.service.run_progress import STEPS
    from compsvc.v1 import payroll_run_service_pb2 as pb

    request = pb.ComputeRunRequest(
        pay_period=f"payPeriods/{period}", participant_ids=participant or [], request_id=request_id or fresh()
    )
    at = Place(book, server, token, token_file, who)
    with progress(STEPS) as step:
        found = at.works(lambda call: desk.computed(call, request, step), acts=True)
    tell_run(found, form)


@app.command("approve")
def approve(
    run: RunId,
    digest: Annotated[str, typer.Option(help="What you have looked at: the run's digest, or its first 8 digits.")],
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Approve what another has computed."""
    at = Place(book, server, token, token_file, who)
    known = at.asks("GetRun", name=f"runs/{run}").digest
    whole = known if len(digest) >= 8 and known.startswith(digest) else digest
    tell_run(at.changes("ApproveRun", request_id, name=f"runs/{run}", digest=whole), form)


@app.command("seal")
def seal(
    run: RunId, book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Book an approved run: from now on it never changes."""
    at = Place(book, server, token, token_file, who)
    tell_run(at.changes("SealRun", request_id, name=f"runs/{run}"), form)


@app.command("issue")
def issue(
    run: RunId, book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "",
) -> None:  # fmt: skip
    """Keep the statement of everybody whom a sealed run pays, as it is handed out; called again, it goes on."""
    from compsvc.entry import payroll_desk as desk
    from compsvc.v1 import payroll_run_service_pb2 as pb

    request = pb.IssueStatementsRequest(name=f"runs/{run}", request_id=request_id or fresh())
    at = Place(book, server, token, token_file, who)
    with counted("statements") as told:
        found = at.works(lambda call: desk.issued(call, request, told), acts=True)
    print(f"{many(found, 'statement')} of run {run} are kept as they were sealed.")


@app.command("cancel")
def cancel(
    run: RunId, book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Give up a run that is not sealed."""
    at = Place(book, server, token, token_file, who)
    tell_run(at.changes("CancelRun", request_id, name=f"runs/{run}"), form)


@app.command("export")
def export(
    run: RunId,
    out: Annotated[Path | None, typer.Option(help="A file to write instead of standard output.")] = None,
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "",
    form: Annotated[ExportForm, typer.Option("--format", help="`csv` and `parquet` have all columns.")] = (
        ExportForm.text
    ),
) -> None:  # fmt: skip
    """Hand over a sealed run's payouts, as often as wanted; until they are acknowledged they are unknown."""
    from compsvc.entry import payroll_desk as desk
    from compsvc.entry.statement_proto import as_json
    from compsvc.v1.payroll_run_service_pb2 import ExportRunResponse
    from compsvc.wiring import write_file

    if form is ExportForm.parquet and out is None:
        stop("parquet is not for the screen: give --out FILE.", code=2)
    at = Place(book, server, token, token_file, who)
    found, payouts = at.works(lambda call: desk.exported(call, f"runs/{run}", request_id or fresh()), acts=True)
    if form is ExportForm.parquet:
        content = desk.payouts_parquet(payouts)
    elif form is ExportForm.csv:
        content = desk.payouts_csv(payouts).encode()
    elif form is ExportForm.json:
        content = as_json(ExportRunResponse(run=found, payouts=payouts)).encode()
    else:
        content = "".join(f"{line}\n" for line in [*run_lines(found), *payout_lines(payouts)]).encode()
    if out is None:
        sys.stdout.write(content.decode())
    else:
        write_file(out, content)
        print(f"written: {out}, {many(len(payouts), 'payout')}, sealed as {found.head_hash}")


@app.command("acknowledge")
def acknowledge(
    run: RunId,
    head_hash: Annotated[str, typer.Option("--hash", help="What the run was sealed as, as the export told it.")],
    outcomes: Annotated[Path | None, typer.Option(help="CSV: payout_id, outcome, paid_date, reason.")] = None,
    all_paid: Annotated[str, typer.Option(help="Instead: every payout without an outcome was paid on this day.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Tell what became of payouts, each once; telling the same again changes nothing."""
    from compsvc.entry import payroll_desk as desk
    from compsvc.entry.statement_proto import as_json

    if (outcomes is None) == (not all_paid):
        stop("Give one of --outcomes or --all-paid.", code=2)
    at = Place(book, server, token, token_file, who)
    try:
        told = desk.read_outcomes(outcomes) if outcomes else at.all_paid(f"runs/{run}", date.fromisoformat(all_paid))
    except ValueError as error:
        stop(str(error))
    fields = {"name": f"runs/{run}", "head_hash": head_hash, "outcomes": told}
    found = at.changes("AcknowledgePayouts", request_id, **fields)
    if form is Form.json:
        print(as_json(found), end="")
        return
    paid = sum(each.HasField("paid_date") for each in found.outcomes)
    print(
        f"{many(len(found.outcomes), 'outcome')} of run {run}: {paid:,} paid, {len(found.outcomes) - paid:,} rejected"
    )


@app.command("show")
def show(
    run: RunId, book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None,
    form: Shown = Form.text,
) -> None:  # fmt: skip
    """A run and its payouts: what an approver looks at, and later what became of each."""
    from compsvc.entry import payroll_desk as desk
    from compsvc.entry.statement_proto import as_json
    from compsvc.v1 import payroll_run_service_pb2 as pb

    at = Place(book, server, token, token_file, "")
    found = at.asks("GetRun", name=f"runs/{run}")
    asked = pb.ListRunPayoutsRequest(parent=f"runs/{run}", page_size=500)
    payouts = at.works(lambda call: desk.every(call, "ListRunPayouts", asked, "payouts"))
    if form is Form.json:
        print(as_json(pb.ListRunPayoutsResponse(run=found, payouts=payouts)), end="")
    else:
        print_lines([*run_lines(found), *payout_lines(payouts)])


@app.command("explain")
def explain(
    payout: Annotated[str, typer.Argument(metavar="PAYOUT", help="The payout's id, as `payroll show` prints it.")],
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None,
    form: Shown = Form.text, language: Reader = Language.en,
) -> None:  # fmt: skip
    """A payout of a sealed run down to the ledger's entries and the deals. Exits with 1 where any is unexplained."""
    from compsvc.entry.payout_text import payout_text
    from compsvc.entry.statement_proto import as_json

    found = Place(book, server, token, token_file, "").asks("ExplainPayout", name=f"runs/-/payouts/{payout}")
    text = as_json(found) if form is Form.json else payout_text(found, locale=language.value)
    print(text, end="")
    if found.unexplained.minor_units:
        raise typer.Exit(1)


@app.command("runs")
def runs(
    period: Annotated[str, typer.Option(help="Only of this month.")] = "",
    as_of: KnownAt = None,
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text,
) -> None:  # fmt: skip
    """Every run, the oldest first."""
    from compsvc.entry import payroll_desk as desk
    from compsvc.entry.statement_proto import as_json
    from compsvc.entry.statement_whole_proto import time_message
    from compsvc.v1 import payroll_run_service_pb2 as pb

    time = instant_of(as_of)
    asked = pb.ListRunsRequest(
        pay_period=f"payPeriods/{period}" if period else "",
        page_size=500,
        as_of_time=None if time is None else time_message(time),
    )
    at = Place(book, server, token, token_file, "")
    found = at.works(lambda call: desk.every(call, "ListRuns", asked, "runs"))
    if form is Form.json:
        print(as_json(pb.ListRunsResponse(runs=found)), end="")
    else:
        print_lines(
            f"{in_short(each)}  {many(each.payout_count, 'payout')}, {amounts_text(each.totals)}" for each in found
        )


@app.command("period")
def period(
    name: Annotated[str, typer.Argument(metavar="PERIOD", help="A calendar month: `2026-11`.")],
    state: Annotated[PeriodState | None, typer.Option(help="The state it is to have; left out, it is shown.")] = (
        None
    ),
    reason: Annotated[str, typer.Option(help="Why; needed to open again what was closed.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Show, open, lock or close a pay period."""
    from compsvc.entry.statement_proto import as_json
    from compsvc.v1 import payroll_run_service_pb2 as pb

    at = Place(book, server, token, token_file, who)
    found = at.asks("GetPayPeriod", name=f"payPeriods/{name}")
    if state is not None:
        number = pb.PayPeriod.State.Value(f"STATE_{state.value.upper()}")
        fields = {"name": found.name, "state": number, "version": found.version, "reason": reason}
        found = at.changes("ChangePayPeriod", request_id, **fields)
    if form is Form.json:
        print(as_json(found), end="")
        return
    now = pb.PayPeriod.State.Name(found.state).removeprefix("STATE_").lower()
    by = f", by {found.changer}" if found.changer else ""
    print(f"{name} is {now}{by}{': ' + found.reason if found.reason else ''}")
