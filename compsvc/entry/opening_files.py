"""Opening balances of a file as the request that books them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from google.type.date_pb2 import Date

from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import parse_minor
from compsvc.v1 import payroll_run_service_pb2 as pb
from compsvc.wiring import read_opening_file

AMOUNTS = ("earned", "advanced", "held", "draw", "negative")
COLUMNS = ("participant_id", "currency_code", *AMOUNTS)


def read_openings(file: Path, source: str, cutover: str) -> Mapping[str, Any]:
    """The fields of BookOpenings. ValueError where the file says none of it, with its row."""
    found = read_opening_file(file)
    text = cutover or found.cutover
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{file}: the cut-over date `{text}` is no date. Write it as 2026-07-01.") from None
    return {
        "source": source or found.source,
        "cutover_date": Date(year=day.year, month=day.month, day=day.day),
        "openings": [_opening(row, f"{file}: row {number}") for number, row in enumerate(found.rows, start=1)],
    }


def _opening(row: Mapping[str, str], at: str) -> pb.Opening:
    unknown = [str(name) for name in row if name not in COLUMNS]
    if unknown:
        raise ValueError(f"{at} has `{unknown[0]}`, which is none of {', '.join(COLUMNS)}.")
    code = row.get("currency_code") or ""
    if not row.get("participant_id") or code not in EXPONENTS:
        raise ValueError(f"{at} needs a participant_id, and a currency_code of ISO 4217.")
    amounts: dict[str, Any] = {f"{name}_minor": _minor(row.get(name) or "0", code, f"{at} {name}") for name in AMOUNTS}
    return pb.Opening(participant_id=row["participant_id"], currency_code=code, **amounts)


def _minor(text: str, code: str, at: str) -> int:
    found = parse_minor(text, EXPONENTS[code])
    if found is None:
        raise ValueError(f"{at} `{text}` is no amount of {code}. Write it as 1250.00.")
    return found
