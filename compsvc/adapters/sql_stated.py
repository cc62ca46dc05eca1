"""Credit that somebody states, in a book: positions of the cut-over, and what adjustments count (B3, B4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from compsvc.adapters.sql import Sql, instant
from compsvc.core.facts import STATED_CREDITS
from compsvc.core.stated_credits import ADJUSTMENT, OPENING
from compsvc.service.payroll_ports import Adjustment, Credit, OpeningPosition

_WHOSE = ("participant_id", "plan", "component")
_CREDIT = (
    *("credit_date", "amount_minor", "count_millionths", "counts", "pays", "source", "external_id", "line"),
    "taken_back",
)
_COLUMNS = ("kind", "credit_id", *_WHOSE, "currency_code", *_CREDIT, "reason", "request")
_NO_DEAL = (None, None, None)
_FLAGS = ("counts", "pays", "taken_back")


def insert_positions(write: Sql, positions: Iterable[OpeningPosition], day: date, source: str, request: int) -> None:
    """`day`: the last before the cut-over; `source`: the system before this one."""
    rows = [
        (OPENING, each.position_id, *(getattr(each, name) for name in _WHOSE), each.currency_code, day.isoformat(),
         each.amount_minor, each.count_millionths, int(each.counts), int(each.pays), *_NO_DEAL, 0, source, request)
        for each in positions
    ]  # fmt: skip
    write.insert("stated_credits", _COLUMNS, rows)


def insert_credit(write: Sql, adjustment: Adjustment, request: int) -> None:
    """With the adjustment itself, which says why."""
    if (credit := adjustment.credit) is None or adjustment.state != "written":
        return
    of = (ADJUSTMENT, adjustment.adjustment_id, *(getattr(adjustment, name) for name in _WHOSE))
    amounts = (credit.credit_date.isoformat(), credit.amount_minor, credit.count_millionths)
    deal = (credit.source or None, credit.external_id or None, credit.line or None)
    moves = (int(credit.counts), int(credit.pays))
    row = (*of, adjustment.currency_code, *amounts, *moves, *deal, int(credit.taken_back), None, request)
    write.insert("stated_credits", _COLUMNS, [row])


def credits(read: Sql, upto: int) -> Mapping[str, Credit]:
    """What adjustments count, by their ids."""
    asked = f"SELECT credit_id, {', '.join(_CREDIT)} FROM stated_credits WHERE kind = ? AND request <= ?"
    return {row[0]: _credit(row[1:]) for row in read.execute(asked, (ADJUSTMENT, upto)).fetchall()}


def _credit(row: Any) -> Credit:
    told = dict(zip(_CREDIT, row, strict=True))
    flags = {name: bool(told[name]) for name in _FLAGS}
    deal = {"source": told["source"] or "", "external_id": told["external_id"] or "", "line": told["line"] or 0}
    return Credit(**{**told, **flags, **deal, "credit_date": date.fromisoformat(told["credit_date"])})


def stated_credits(read: Sql, upto: int) -> pl.DataFrame:
    """facts.STATED_CREDITS as of a position: openings, and adjustments that another than their author accepted."""
    own = ", ".join(f"c.{name}" for name in ("kind", "credit_id", *_WHOSE, "currency_code", *_CREDIT))
    accepted = "a.adjustment_id = c.credit_id AND a.state = 'accepted' AND a.request <= ?"
    asked = (
        f"SELECT {own}, a.kind, COALESCE(c.reason, a.reason), a.evidence, COALESCE(a.author, r.subject), a.decider "
        f"FROM stated_credits c JOIN requests r ON r.request = c.request LEFT JOIN adjustments a ON {accepted} "
        "WHERE c.request <= ? AND (c.kind = ? OR a.state = 'accepted') ORDER BY c.kind, c.credit_id"
    )
    told = ("reason_kind", "reason", "evidence", "author", "approver")
    names = ("kind", "credit_id", *_WHOSE, "currency_code", *_CREDIT, *told)
    texts = {**STATED_CREDITS, "credit_date": pl.String, **dict.fromkeys(_FLAGS, pl.Int64)}
    rows = read.execute(asked, (upto, upto, OPENING)).fetchall()
    frame = pl.DataFrame(rows, schema={name: texts[name] for name in names}, orient="row")
    days = pl.col("credit_date").str.to_date("%Y-%m-%d")
    return frame.with_columns(days, pl.col(_FLAGS).cast(pl.Boolean)).select(*STATED_CREDITS)


def recorded_credit(
    read: Sql, key: Sequence[str | int | date | None], *, above: int, upto: int
) -> tuple[datetime, str] | None:
    """When a position was booked, or an adjustment accepted, and by whom; None outside of these positions."""
    booked = "SELECT request FROM stated_credits WHERE kind = ? AND credit_id = ?"
    accepted = "SELECT request FROM adjustments WHERE state = 'accepted' AND adjustment_id = ?"
    kind, credit_id = key
    which, values = (booked, (OPENING, credit_id)) if kind == OPENING else (accepted, (credit_id,))
    asked = f"SELECT recorded_time, subject FROM requests WHERE request IN ({which}) AND request > ? AND request <= ?"
    row = read.execute(asked, (*values, above, upto)).fetchone()
    return None if row is None else (instant(row[0]), row[1])
