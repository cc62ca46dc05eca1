"""Opening balances of a file as the request that books them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
PAID_COLUMNS = ("participant_id", "source", "external_id", "component", "currency_code", "amount")

POSITION_COLUMNS = ("participant_id", "plan", "component", "currency_code", "amount", "count", "counts", "pays")


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
        "paid": [_paid(row, f"{file}: row {number} of paid") for number, row in enumerate(found.paid, start=1)],
        "positions": [
            _position(row, f"{file}: row {number} of positions") for number, row in enumerate(found.positions, start=1)
        ],
    }


def _opening(row: Mapping[str, str], at: str) -> pb.Opening:
    code = _checked(row, at, COLUMNS)
    amounts: dict[str, Any] = {f"{name}_minor": _minor(row.get(name) or "0", code, f"{at} {name}") for name in AMOUNTS}
    return pb.Opening(participant_id=row["participant_id"], currency_code=code, **amounts)


def _paid(row: Mapping[str, str], at: str) -> pb.PaidDeal:
    code = _checked(row, at, PAID_COLUMNS)
    texts = {name: str(row.get(name) or "") for name in PAID_COLUMNS if name != "amount"}
    return pb.PaidDeal(**texts, amount_minor=_minor(row.get("amount") or "0", code, f"{at} amount"))


def _position(row: Mapping[str, str], at: str) -> pb.OpeningPosition:
    """It counts and is paid on where the row does not say otherwise."""
    code = _checked(row, at, POSITION_COLUMNS)
    given: dict[str, Any] = {name: _flag(row.get(name) or "yes", f"{at} {name}") for name in ("counts", "pays")}
    given |= {name: str(row.get(name) or "") for name in ("participant_id", "plan", "component")}
    if row.get("amount"):
        given["amount_minor"] = _minor(row["amount"], code, f"{at} amount")
    elif row.get("count"):
        given["count_millionths"] = _count(row["count"], f"{at} count")
    return pb.OpeningPosition(currency_code=code, **given)


def _flag(text: str, at: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(f"{at} `{text}` is neither `yes` nor `no`.")
    return text == "yes"


def _count(text: str, at: str) -> int:
    found = parse_minor(text, 6)
    if found is None:
        raise ValueError(f"{at} `{text}` is no number. Write it as 3 or 1.5.")
    return found


def _checked(row: Mapping[str, str], at: str, columns: Sequence[str]) -> str:
    """The currency of a row that has these columns and no others."""
    unknown = [str(name) for name in row if name not in columns]
    if unknown:
        raise ValueError(f"{at} has `{unknown[0]}`, which is none of {', '.join(columns)}.")
    code = row.get("currency_code") or ""
    if not row.get("participant_id") or code not in EXPONENTS:
        raise ValueError(f"{at} needs a participant_id, and a currency_code of ISO 4217.")
    return code


def _minor(text: str, code: str, at: str) -> int:
    found = parse_minor(text, EXPONENTS[code])
    if found is None:
        raise ValueError(f"{at} `{text}` is no amount of {code}. Write it as 1250.00.")
    return found
