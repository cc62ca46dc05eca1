"""`compsvc payroll close-check` and `sign-off`: what is mended or answered for before a month closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from compsvc.entry.answer_commands import Token, TokenFile
from compsvc.entry.payroll_commands import app as payroll_app
from compsvc.entry.payroll_place import At, Book, Form, Place, RequestId, Shown, Who
from compsvc.entry.screen import many, stop

if TYPE_CHECKING:
    from google.type.date_pb2 import Date

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


@payroll_app.command("state-totals")
def state_totals(
    totals: Annotated[
        list[str], typer.Argument(metavar="TOTAL...", help="`12 1_200_000.00 EUR`, one of each currency.")
    ],
    source: Annotated[str, typer.Option(help="The system that says so, as its deals name it.")],
    first: Annotated[str, typer.Option("--from", help="The first day: `2026-03-01`.")],
    until: Annotated[str, typer.Option("--until", help="The day after the last one: `2026-04-01`.")],
    basis: Annotated[str, typer.Option("--by", help="closed or accepted: by which date of the deals.")],
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """State how many deals of which value a source has; the close of the month in which the span ends compares it."""
    from compsvc.v1 import close_service_pb2 as pb

    named = {"closed": pb.ControlTotals.BASIS_CLOSED, "accepted": pb.ControlTotals.BASIS_ACCEPTED}
    if basis not in named:
        stop(f"--by {basis} is neither closed nor accepted.", code=2)
    told = pb.ControlTotals(
        source=source, basis=named[basis], start_date=_day(first), end_date=_day(until), totals=map(_total, totals)
    )
    at = Place(book, server, token, token_file, who, service="close")
    _tell_totals([at.changes("StateControlTotals", request_id, control_totals=told)], form)


@payroll_app.command("totals")
def totals(
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text
) -> None:
    """What was stated of the source systems, and by whom."""
    at = Place(book, server, token, token_file, "", service="close")
    _tell_totals(list(at.asks("ListControlTotals").control_totals), form)


def _total(text: str) -> pb.ControlTotal:
    from compsvc.core.currencies import EXPONENTS
    from compsvc.core.money import parse_minor
    from compsvc.v1 import close_service_pb2 as pb
    from compsvc.v1.types_pb2 import Money

    count, _, money = text.partition(" ")
    amount, _, currency = money.partition(" ")
    minor = parse_minor(amount, EXPONENTS[currency]) if currency in EXPONENTS else None
    if minor is None or not count.isdigit():
        stop(f"`{text}` is no total. Write it as '12 1_200_000.00 EUR': how many deals, of which value.", code=2)
    return pb.ControlTotal(deal_count=int(count), amount=Money(currency_code=currency, minor_units=minor))


def _day(text: str) -> Date:
    from datetime import date

    from compsvc.entry.grpc_present import date_message

    try:
        return date_message(date.fromisoformat(text))
    except ValueError:
        stop(f"`{text}` is no date. Write year-month-day, as `2026-03-01`.", code=2)


def _tell_totals(found: list[pb.ControlTotals], form: Form) -> None:
    from compsvc.core.currencies import EXPONENTS
    from compsvc.core.money import format_minor
    from compsvc.entry.statement_proto import as_json
    from compsvc.v1 import close_service_pb2 as pb

    if form is Form.json:
        print(as_json(pb.ListControlTotalsResponse(control_totals=found)), end="")
        return
    for each in found:
        basis = pb.ControlTotals.Basis.Name(each.basis).removeprefix("BASIS_").lower()
        start, end = (f"{day.year:04}-{day.month:02}-{day.day:02}" for day in (each.start_date, each.end_date))
        said = [
            f"{many(total.deal_count, 'deal')} of "
            f"{format_minor(total.amount.minor_units, EXPONENTS[total.amount.currency_code])} "
            f"{total.amount.currency_code}"
            for total in each.totals
        ]
        print(f"{each.source}, {basis} from {start} until {end}: {', '.join(said)} [stated by {each.author}]")


def _tell(found: pb.CloseFinding) -> None:
    from compsvc.v1 import close_service_pb2 as pb

    state = pb.CloseFinding.State.Name(found.state).removeprefix("STATE_").lower().replace("_", " ")
    last = found.entries[-1]
    by = f" by {last.author}: {last.reason}" if last.reason else f" by {last.author}"
    print(f"{found.name} {found.code} {found.subject}: {found.message} [{state}{by}]")
