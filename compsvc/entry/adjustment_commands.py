"""`compsvc payroll adjust|adjustments|proposals|accept|decline`: amounts that somebody states or a run has proposed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from compsvc.entry.answer_commands import Token, TokenFile
from compsvc.entry.payroll_commands import app
from compsvc.entry.payroll_place import At, Book, Form, Place, RequestId, Shown, Who
from compsvc.entry.screen import stop

if TYPE_CHECKING:
    from compsvc.v1 import payroll_run_service_pb2 as pb

Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as the list shows it.")]
Why = Annotated[str, typer.Option(help="Why; needed to decline, and to accept what takes something back.")]


@app.command("adjust")
def adjust(
    participant: Annotated[str, typer.Option(help="Who gets it, or gives it back.")],
    kind: Annotated[str, typer.Option(help="correction, goodwill, settlement, repayment or other.")],
    reason: Annotated[str, typer.Option(help="Why, in words that the participant may read.")],
    plan: Annotated[str, typer.Option(help="The plan that it belongs to.")] = "",
    component: Annotated[str, typer.Option(help="The component of the plan.")] = "",
    evidence: Annotated[str, typer.Option(help="What shows it, such as the number of a letter.")] = "",
    amount: Annotated[str, typer.Option(help="Money: `250.00`; `-80.00` takes back.")] = "",
    currency: Annotated[str, typer.Option(help="Of the money and the credit: `EUR`.")] = "",
    period: Annotated[str, typer.Option(help="In which month the money is to be paid: `2026-11`.")] = "",
    credit: Annotated[str, typer.Option(help="What the component counts of it, in money: `5000.00`.")] = "",
    count: Annotated[str, typer.Option(help="The same where it counts by number: `1`.")] = "",
    on: Annotated[str, typer.Option(help="The day on which the credit counts: `2026-11-03`.")] = "",
    counts: Annotated[str, typer.Option(help="Whether the credit moves the position: `yes`, `no`.")] = "",
    pays: Annotated[str, typer.Option(help="Whether the credit is paid where it stands: `yes`, `no`.")] = "",
    deal: Annotated[str, typer.Option(help="The deal that the credit is about: `SOURCE/ID`, `SOURCE/ID/LINE`.")] = "",
    taken_back: Annotated[bool, typer.Option(help="The credit goes as that deal is lost.")] = False,
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """State an amount, or credit that a component counts. It does nothing before somebody else accepts it."""
    from compsvc.entry.credit_words import credit_of
    from compsvc.v1 import payroll_run_service_pb2 as pb
    from compsvc.v1.types_pb2 import Money

    minor = _minor(credit, currency) if credit else None
    told = credit_of(minor, count, on, counts, pays, deal, taken_back=taken_back)
    if told is None and not (amount and currency and period):
        stop("Give --amount, --currency and --period, or --credit (or --count), --on, --counts and --pays.", code=2)
    stated = pb.Adjustment(
        participant_id=participant, plan=plan, component=component, kind=kind, reason=reason, evidence=evidence,
        pay_period=f"payPeriods/{period}" if period else "", credit=told,
        amount=Money(currency_code=currency, minor_units=_minor(amount, currency) if amount else 0),
    )  # fmt: skip
    at = Place(book, server, token, token_file, who)
    _tell([at.changes("WriteAdjustment", request_id, adjustment=stated)], form)


@app.command("adjustments")
def adjustments(
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text
) -> None:
    """Every stated amount, the oldest first, and who decided on it."""
    _list(Place(book, server, token, token_file, ""), "ORIGIN_MANUAL", form)


@app.command("proposals")
def proposals(
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text
) -> None:
    """What changed plans, quotas, splits, ownerships, assignments or account attributes would change in paid months."""
    _list(Place(book, server, token, token_file, ""), "ORIGIN_PROPOSED", form)


@app.command("openings")
def openings(
    file: Annotated[Path, typer.Argument(help="CSV or YAML; docs/payroll.md has the columns.")],
    source: Annotated[str, typer.Option(help="The system before this one; a YAML file says it itself.")] = "",
    cutover: Annotated[str, typer.Option("--date", help="The first day that this book pays for: `2026-07-01`.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Book what participants bring along at the cut-over, once."""
    from compsvc.entry.opening_files import read_openings
    from compsvc.entry.statement_proto import as_json

    try:
        fields = read_openings(file, source, cutover)
    except ValueError as error:
        stop(str(error))
    found = Place(book, server, token, token_file, who).changes("BookOpenings", request_id, **fields)
    if form is Form.json:
        print(as_json(found), end="")
    else:
        print(f"{found.entry_count:,} entries of opening balances, the last one {found.head_hash}")


@app.command("accept")
def accept(
    adjustment: Id, reason: Why = "",
    code: Annotated[str, typer.Option(help="wrong_terms, agreed_change, reassignment or other; goes with a proposal "
        "that takes something back.")] = "",
    book: Book = None, server: At = None, token: Token = "",
    token_file: TokenFile = None, who: Who = "", request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Accept an adjustment or a proposal that another has written: the next run pays it."""
    fields = {"name": f"adjustments/{adjustment}", "decision": "STATE_ACCEPTED", "reason": reason, "reason_code": code}
    _tell([Place(book, server, token, token_file, who).changes("DecideAdjustment", request_id, **fields)], form)


@app.command("decline")
def decline(
    adjustment: Id, reason: Why = "", book: Book = None, server: At = None, token: Token = "",
    token_file: TokenFile = None, who: Who = "", request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Decline one: it is never paid, and not proposed again until terms change."""
    fields = {"name": f"adjustments/{adjustment}", "decision": "STATE_DECLINED", "reason": reason}
    _tell([Place(book, server, token, token_file, who).changes("DecideAdjustment", request_id, **fields)], form)


def _minor(amount: str, currency: str) -> int:
    from compsvc.core.currencies import EXPONENTS
    from compsvc.core.money import parse_minor

    found = parse_minor(amount, EXPONENTS[currency]) if currency in EXPONENTS else None
    if found is None:
        stop(f"`{amount} {currency}` is no amount. Write it as --amount 250.00 --currency EUR.", code=2)
    return found


def _list(at: Place, origin: Literal["ORIGIN_MANUAL", "ORIGIN_PROPOSED"], form: Form) -> None:
    from compsvc.entry import payroll_desk as desk
    from compsvc.v1 import payroll_run_service_pb2 as pb

    asked = pb.ListAdjustmentsRequest(origin=origin, page_size=500)
    _tell(at.works(lambda call: desk.every(call, "ListAdjustments", asked, "adjustments")), form)


def _tell(found: list[Any], form: Form) -> None:
    from compsvc.entry.statement_proto import as_json
    from compsvc.v1 import payroll_run_service_pb2 as pb

    if form is Form.json:
        print(as_json(pb.ListAdjustmentsResponse(adjustments=found)), end="")
        return
    for each in found:
        print(_line(each))
    if not found:
        print("none")


def _line(each: pb.Adjustment) -> str:
    from compsvc.core.currencies import EXPONENTS
    from compsvc.core.money import format_minor
    from compsvc.entry.credit_words import said_credit
    from compsvc.v1 import payroll_run_service_pb2 as pb

    state = pb.Adjustment.State.Name(each.state).removeprefix("STATE_").lower()
    amount = (
        f"{format_minor(each.amount.minor_units, EXPONENTS[each.amount.currency_code])} {each.amount.currency_code}"
    )
    what = " ".join(text for text in (each.plan, each.component) if text)
    late = f" corrects {each.corrects_pay_period}" if each.corrects_pay_period else ""
    by = f"{each.author}, {each.decider}" if each.decider else each.author
    why = f"{each.reason}; {each.decision_reason}" if each.decision_reason else each.reason
    if each.HasField("credit"):
        what = f"{what}, {said_credit(each)}"
    id_, period = each.name.removeprefix("adjustments/"), each.pay_period.removeprefix("payPeriods/")
    return f"{id_} {state:<8} {period} {each.participant_id:<16} {amount:>18}  {each.kind} {what}{late} ({by}): {why}"
