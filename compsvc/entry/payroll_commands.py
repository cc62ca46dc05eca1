"""`compsvc payroll` and `compsvc ledger`: a month is run, approved by another, sealed, exported and acknowledged."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compsvc.entry.answer_commands import KnownAt, Language, Reader, Token, TokenFile, answered, instant_of, token_of
from compsvc.entry.screen import counted, many, must_be_there, progress, stop
from compsvc.service.ports import Caller, Role

if TYPE_CHECKING:
    from compsvc.v1 import payroll_run_service_pb2 as pb

app = typer.Typer(no_args_is_help=True, help=__doc__)
ledger_app = typer.Typer(no_args_is_help=True, help="The ledger: is it as it was booked, and who is owed what.")

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, as `payroll run` printed it.")]
Book = Annotated[str | None, typer.Option(help="A book on this machine.")]
At = Annotated[str | None, typer.Option("--server", help="A server, HOST:PORT.")]
Who = Annotated[str, typer.Option("--as", help="Over --book: who acts. A server knows it from the token.")]
RequestId = Annotated[str, typer.Option(help="To send the same again after a lost answer; new if left out.")]


class Form(StrEnum):
    text = "text"
    json = "json"


class ExportForm(StrEnum):
    text = "text"
    json = "json"
    csv = "csv"
    parquet = "parquet"


class PeriodState(StrEnum):
    open = "open"
    locked = "locked"
    closed = "closed"


Shown = Annotated[Form, typer.Option("--format", help="`json` prints the answer of gRPC.")]


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
        pay_period=f"payPeriods/{period}", participant_ids=participant or [], request_id=request_id or _fresh()
    )
    at = Place(book, server, token, token_file, who)
    with progress(STEPS) as step:
        found = at.works(lambda call: desk.computed(call, request, step), acts=True)
    _tell_run(found, form)


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
    _tell_run(at.changes("ApproveRun", request_id, name=f"runs/{run}", digest=whole), form)


@app.command("seal")
def seal(
    run: RunId, book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Book an approved run: from now on it never changes."""
    at = Place(book, server, token, token_file, who)
    _tell_run(at.changes("SealRun", request_id, name=f"runs/{run}"), form)


@app.command("issue")
def issue(
    run: RunId, book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "",
) -> None:  # fmt: skip
    """Keep the statement of everybody whom a sealed run pays, as it is handed out; called again, it goes on."""
    from compsvc.entry import payroll_desk as desk
    from compsvc.v1 import payroll_run_service_pb2 as pb

    request = pb.IssueStatementsRequest(name=f"runs/{run}", request_id=request_id or _fresh())
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
    _tell_run(at.changes("CancelRun", request_id, name=f"runs/{run}"), form)


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
    found, payouts = at.works(lambda call: desk.exported(call, f"runs/{run}", request_id or _fresh()), acts=True)
    if form is ExportForm.parquet:
        content = desk.payouts_parquet(payouts)
    elif form is ExportForm.csv:
        content = desk.payouts_csv(payouts).encode()
    elif form is ExportForm.json:
        content = as_json(ExportRunResponse(run=found, payouts=payouts)).encode()
    else:
        content = "".join(f"{line}\n" for line in [*_run_lines(found), *_payout_lines(payouts)]).encode()
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
        _print([*_run_lines(found), *_payout_lines(payouts)])


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
        _print(f"{_short(each)}  {many(each.payout_count, 'payout')}, {_amounts(each.totals)}" for each in found)


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


# --- the ledger


@ledger_app.command("verify")
def verify(
    head_hash: Annotated[str, typer.Option("--hash", help="One that you have kept: it has to be the last one.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text,
) -> None:  # fmt: skip
    """Compute every hash anew. Exits with 1 where an entry is not what was booked."""
    from compsvc.entry.statement_proto import as_json

    found = Place(book, server, token, token_file, "").asks("VerifyLedger")
    faults = list(found.faults)
    if head_hash and head_hash != found.head_hash:
        faults.append(f"the last entry has the hash {found.head_hash}, not the one that you have kept")
    if form is Form.json:
        print(as_json(found), end="")
    else:
        print(f"{many(found.entry_count, 'entry').replace('entrys', 'entries')}, the last one {found.head_hash}")
        _print(faults or ["every entry is what was booked, and every transaction sums to zero"])
    if faults:
        raise typer.Exit(1)


@ledger_app.command("balances")
def balances(
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text
) -> None:
    """What each participant's accounts hold. Exits with 1 where anything is unexplained."""
    from compsvc.entry import payroll_desk as desk
    from compsvc.entry.payroll_run_proto import ACCOUNTS
    from compsvc.entry.statement_proto import as_json
    from compsvc.v1 import payroll_run_service_pb2 as pb

    at = Place(book, server, token, token_file, "")
    asked = pb.ReconcileRequest(page_size=500)
    found = at.works(lambda call: desk.every(call, "Reconcile", asked, "balances"))
    if form is Form.json:
        print(as_json(pb.ReconcileResponse(balances=found)), end="")
    else:
        print(f"{'':<20}{''.join(f'{name:>14}' for name in ACCOUNTS)}")
        for each in found:
            amounts = "".join(f"{_amount(getattr(each, name)):>14}" for name in ACCOUNTS)
            print(f"{each.participant_id[:15]:<16}{each.currency_code:<4}{amounts}")
    if any(each.unexplained.minor_units for each in found):
        raise typer.Exit(1)


# --- where and who


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
        request = self.request(call_name, {**fields, "request_id": request_id or _fresh()})
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


def _fresh() -> str:
    return str(uuid.uuid4())


# --- on the screen


def _tell_run(run: pb.Run, form: Form) -> None:
    from compsvc.entry.statement_proto import as_json

    if form is Form.json:
        print(as_json(run), end="")
    else:
        _print(_run_lines(run))


def _run_lines(run: pb.Run) -> Iterator[str]:
    yield _short(run)
    yield f"  {many(run.payout_count, 'payout')}, {_amounts(run.totals)}"
    yield f"  computed by {run.creator}{f', approved by {run.approver}' if run.approver else ''}"
    yield f"  digest {run.digest}"
    if run.head_hash:
        yield f"  sealed as {run.head_hash}"
    for warning in run.warnings:
        yield f"  warning: {warning}"


def _payout_lines(payouts: Sequence[pb.RunPayout]) -> Iterator[str]:
    from compsvc.entry import paid_as_text
    from compsvc.v1 import payroll_run_service_pb2 as pb

    for each in payouts:
        state = pb.RunPayout.State.Name(each.state).removeprefix("STATE_").lower()
        what = " ".join(text for text in (each.plan, each.component, each.earned_period, each.nature) if text)
        late = f" corrects {each.corrects_pay_period}" if each.corrects_pay_period else ""
        again = f" again for {each.repeats_payout_id}" if each.repeats_payout_id else ""
        amount = f"{_amount(each.amount)} {each.amount.currency_code}"
        paid = paid_as_text.text(each.paid_as if each.HasField("paid_as") else None)
        who = f"{each.display_name} ({each.participant_id})" if each.display_name else each.participant_id
        yield f"{each.payout_id} {state:<9} {who:<24} {amount:>18}  {what}{late}{again}{paid}"


def _short(run: pb.Run) -> str:
    from compsvc.v1 import payroll_run_service_pb2 as pb

    state = pb.Run.State.Name(run.state).removeprefix("STATE_").lower()
    only = f" for {', '.join(run.participant_ids)}" if run.participant_ids else ""
    return f"run {run.name.removeprefix('runs/')} of {run.pay_period.removeprefix('payPeriods/')}{only}: {state}"


def _amounts(totals: Sequence[Any]) -> str:
    return " + ".join(f"{_amount(each)} {each.currency_code}" for each in totals) or "0"


def _amount(money: Any) -> str:
    from compsvc.core.currencies import EXPONENTS
    from compsvc.core.money import format_minor

    return format_minor(money.minor_units, EXPONENTS[money.currency_code])


def _print(lines: Any) -> None:
    for line in lines:
        print(line)
