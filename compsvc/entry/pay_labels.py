"""What payroll is told of a payout beside its amount, as fields of messages and as columns of files."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from google.type.date_pb2 import Date

from compsvc.core.pay_labels import LABELS, Labels
from compsvc.entry.statement_proto import date_message

COLUMNS = tuple(LABELS)


def label_fields(labels: Labels) -> dict[str, Any]:
    """By name, as a message takes them."""
    said = {name: value for name, value in asdict(labels).items() if value is not None}
    return {name: date_message(value) if isinstance(value, date) else value for name, value in said.items()}


def cells(payout: Any) -> dict[str, Any]:
    """By COLUMNS, of a message that has them; None where nobody has said it."""
    return {name: _cell(getattr(payout, name)) for name in COLUMNS}


def _cell(value: Any) -> Any:
    if isinstance(value, Date):
        return date(value.year, value.month, value.day) if value.year else None
    return value or None
