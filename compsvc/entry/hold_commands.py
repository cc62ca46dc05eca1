"""`compsvc payroll hold|holds|release|refuse`: pay of one deal that waits for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from compsvc.entry.answer_commands import Token, TokenFile
from compsvc.entry.payroll_commands import app
from compsvc.entry.payroll_place import At, Book, Form, Place, RequestId, Shown, Who
from compsvc.entry.screen import stop

if TYPE_CHECKING:
    from compsvc.v1 import payroll_run_service_pb2 as pb

Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as `compsvc payroll holds` shows it.")]
Why = Annotated[str, typer.Option(help="Why, in words that the participant may read.")]


@app.command("hold")
def hold(
    deal: Annotated[str, typer.Argument(metavar="SOURCE/ID", help="The deal: `crm/O-1042`.")],
    period: Annotated[str, typer.Option(help="From which month on nothing of it is paid: `2026-11`.")],
    code: Annotated[str, typer.Option(help="The company's word for the reason, such as `dispute`.")],
    reason: Why,
    participant: Annotated[str, typer.Option(help="Whose pay of it; without it everybody's.")] = "",
    plan: Annotated[str, typer.Option(help="The plan that pays it; without it every one.")] = "",
    component: Annotated[str, typer.Option(help="The component of the plan; without it every one.")] = "",
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Put pay of one deal on hold. It stays so until somebody else releases it."""
    from compsvc.v1 import payroll_run_service_pb2 as pb

    source, slash, external_id = deal.partition("/")
    if not slash:
        stop(f"`{deal}` names no deal. Write its source and its id there as `crm/O-1042`.", code=2)
    stated = pb.Hold(
        source=source, external_id=external_id, participant_id=participant, plan=plan, component=component,
        pay_period=f"payPeriods/{period}", reason_code=code, reason=reason,
    )  # fmt: skip
    _tell([Place(book, server, token, token_file, who).changes("HoldDeal", request_id, hold=stated)], form)


@app.command("holds")
def holds(
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, form: Shown = Form.text
) -> None:
    """Every hold with what it keeps, the oldest first, and what plans leave for a review."""
    from compsvc.entry import payroll_desk as desk
    from compsvc.v1 import payroll_run_service_pb2 as pb

    at, asked = Place(book, server, token, token_file, ""), pb.ListHoldsRequest(page_size=500)
    _tell(at.works(lambda call: desk.every(call, "ListHolds", asked, "holds")), form)


@app.command("release")
def release(
    found: Id,
    period: Annotated[str, typer.Option(help="In which month what is on hold is to be paid: `2026-12`.")],
    reason: Why,
    book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None, who: Who = "",
    request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Release what another has put on hold, or what a plan has left for a review."""
    fields = {"decision": "STATE_RELEASED", "pay_period": f"payPeriods/{period}", "reason": reason}
    at = Place(book, server, token, token_file, who)
    _tell([at.changes("DecideHold", request_id, name=f"holds/{found}", **fields)], form)


@app.command("refuse")
def refuse(
    found: Id, reason: Why, book: Book = None, server: At = None, token: Token = "", token_file: TokenFile = None,
    who: Who = "", request_id: RequestId = "", form: Shown = Form.text,
) -> None:  # fmt: skip
    """Refuse what a plan has left for a review: it is never paid."""
    fields = {"name": f"holds/{found}", "decision": "STATE_REFUSED", "reason": reason}
    _tell([Place(book, server, token, token_file, who).changes("DecideHold", request_id, **fields)], form)


def _tell(found: list[Any], form: Form) -> None:
    from compsvc.entry.statement_proto import as_json
    from compsvc.v1 import payroll_run_service_pb2 as pb

    if form is Form.json:
        print(as_json(pb.ListHoldsResponse(holds=found)), end="")
        return
    for each in found:
        print(_line(each))
    if not found:
        print("none")


def _line(each: pb.Hold) -> str:
    from compsvc.core.currencies import EXPONENTS
    from compsvc.core.money import format_minor
    from compsvc.v1 import payroll_run_service_pb2 as pb

    state = pb.Hold.State.Name(each.state).removeprefix("STATE_").lower()
    months = [name.removeprefix("payPeriods/") for name in (each.pay_period, each.released_period) if name]
    amounts = ", ".join(
        f"{format_minor(money.minor_units, EXPONENTS[money.currency_code])} {money.currency_code}"
        for money in each.amounts
    )
    whose = " ".join(text for text in (each.participant_id, each.plan, each.component) if text) or "everybody"
    by = ", ".join(name for name in (each.author, each.decider) if name)
    why = f"{each.reason}; {each.decision_reason}" if each.decision_reason else each.reason
    deal, id_ = f"{each.source}/{each.external_id}", each.name.removeprefix("holds/")
    who = f" ({by})" if by else ""
    return f"{id_} {state:<8} {'..'.join(months)} {deal:<16} {whose} {amounts or '-'}  {each.reason_code}{who}: {why}"
