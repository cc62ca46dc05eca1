"""`compsvc ledger`: is it as it was booked, and who is owed what."""

from __future__ import annotations

from typing import Annotated

import typer

from compsvc.entry.answer_commands import Token, TokenFile
from compsvc.entry.payroll_place import At, Book, Form, Place, Shown
from compsvc.entry.payroll_run_text import amount_text, print_lines
from compsvc.entry.screen import many

app = typer.Typer(no_args_is_help=True, help="The ledger: is it as it was booked, and who is owed what.")


@app.command("verify")
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
        print_lines(faults or ["every entry is what was booked, and every transaction sums to zero"])
    if faults:
        raise typer.Exit(1)


@app.command("balances")
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
            amounts = "".join(f"{amount_text(getattr(each, name)):>14}" for name in ACCOUNTS)
            print(f"{each.participant_id[:15]:<16}{each.currency_code:<4}{amounts}")
    if any(each.unexplained.minor_units for each in found):
        raise typer.Exit(1)
