"""The changes of a what-if: messages to values with everything that is wrong with them, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from compsvc.core.currencies import EXPONENTS
from compsvc.core.what_if_values import Add, Change, Drop, Move, Sale
from compsvc.entry import statement_proto as parts
from compsvc.entry.grpc_convert import Reader, Unreadable, read_date, read_id, read_money, read_text
from compsvc.service.ports import InvalidArgument, Violation
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.types_pb2 import Money

SALES: Mapping[pb.SaleKind, Sale] = {pb.SALE_KIND_DEAL: "deal", pb.SALE_KIND_OPPORTUNITY: "opportunity"}
KINDS = {sale: kind for kind, sale in SALES.items()}
Values = dict[str, Any]


def read_changes(messages: Sequence[pb.WhatIfChange]) -> list[Change]:
    """InvalidArgument with every violation at once."""
    found: list[Change] = []
    violations: list[Violation] = []
    for index, message in enumerate(messages):
        verb = message.WhichOneof("change")
        if verb is None:
            violations.append(Violation(f"what_if[{index}]", "REQUIRED", "One of add, drop and move is needed."))
            continue
        values, faults = _read(getattr(message, verb), _FIELDS[verb])
        violations += [Violation(f"what_if[{index}].{verb}.{name}", *fault) for name, *fault in faults]
        if not faults:
            found.append(_MAKE[verb](**values))
    if violations:
        raise InvalidArgument("WHAT_IF_INVALID", violations[0].message, violations)
    return found


def change_message(change: Change) -> pb.WhatIfChange:
    kind = KINDS[change.sale]
    if isinstance(change, Add):
        return pb.WhatIfChange(add=_added(change, kind))
    if isinstance(change, Drop):
        return pb.WhatIfChange(drop=pb.DroppedSale(kind=kind, id=change.id, source=change.source or ""))
    to_date = parts.date_message(change.to_date)
    return pb.WhatIfChange(move=pb.MovedSale(kind=kind, id=change.id, source=change.source or "", to_date=to_date))


def _added(change: Add, kind: pb.SaleKind) -> pb.AddedSale:
    message = pb.AddedSale(
        kind=kind,
        id=change.id,
        account_id=change.account_id or "",
        product=change.product or "",
        type=change.type or "",
        amount=Money(currency_code=change.currency_code, minor_units=change.amount_minor),
        close_date=parts.date_message(change.close_date),
        stage=change.stage or "",
    )
    for name in ("start_date", "end_date"):
        if getattr(change, name) is not None:
            getattr(message, name).CopyFrom(parts.date_message(getattr(change, name)))
    return message


# --- reading fields


def _read(message: Any, fields: Mapping[str, Reader]) -> tuple[Values, list[tuple[str, str, str]]]:
    values: Values = {}
    faults = []
    for name, reader in fields.items():
        try:
            values.update(reader(message, name))
        except Unreadable as fault:
            faults.append((name, fault.code, fault.message))
    return values, faults


def _sale(message: Any, name: str) -> Mapping[str, object]:
    if message.kind not in SALES:
        raise Unreadable("REQUIRED", "kind is missing: deal or opportunity.")
    return {"sale": SALES[message.kind]}


def _stage(message: Any, name: str) -> Mapping[str, object]:
    found = read_id(message, name)
    if message.kind == pb.SALE_KIND_OPPORTUNITY and found[name] is None:
        raise Unreadable("REQUIRED", "stage is missing: an opportunity is as sure as its stage.")
    return found


def _amount(message: Any, name: str) -> Mapping[str, object]:
    currency = message.amount.currency_code
    if currency not in EXPONENTS:
        raise Unreadable("UNKNOWN_CURRENCY", f"currency_code `{currency[:20]}` is no currency of ISO 4217.")
    return {**read_money(message, name), "currency_code": currency}


def _needed(reader: Reader) -> Reader:
    def read(message: Any, name: str) -> Mapping[str, object]:
        found = reader(message, name)
        if all(value is None for value in found.values()):
            raise Unreadable("REQUIRED", f"{name} is missing.")
        return found

    return read


_NAMED: Mapping[str, Reader] = {"kind": _sale, "id": _needed(read_id)}
_FIELDS: Mapping[str, Mapping[str, Reader]] = {
    "add": {
        **_NAMED,
        "account_id": read_id,
        "product": read_text,
        "type": read_text,
        "amount": _amount,
        "close_date": _needed(read_date),
        "stage": _stage,
        "start_date": read_date,
        "end_date": read_date,
    },
    "drop": {**_NAMED, "source": read_id},
    "move": {**_NAMED, "source": read_id, "to_date": _needed(read_date)},
}
_MAKE: Mapping[str, Callable[..., Change]] = {"add": Add, "drop": Drop, "move": Move}
