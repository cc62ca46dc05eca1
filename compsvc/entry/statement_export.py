"""All that a participant is entitled to see of some months, as files: statements, lines, deals, calculation."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from google.type.date_pb2 import Date

from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import format_minor
from compsvc.entry.locales import Locale
from compsvc.entry.payroll_desk import Call
from compsvc.entry.statement_proto import as_json, statement_name
from compsvc.entry.statement_text import explanation_text, statement_text
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.types_pb2 import Money
from compsvc.wiring import write_file

LINES = (
    *("statement", "line", "plan", "plan_revision", "component", "period", "step_kind", "source", "external_id"),
    *("account_id", "account", "product", "deal_type", "counting_date", "payable_date", "counts", "amount"),
    "currency_code",
)
DEALS = ("statement", "state", "source", "external_id", "account_id", "account", "closed_date", "reason")


def exported(call: Call, participant_id: str, months: Sequence[str], folder: Path, locale: Locale) -> list[Path]:
    """The files, written whole. Raises what the service raises."""
    statements = [_statement(call, participant_id, month) for month in months]
    found: dict[str, str] = {}
    for statement in statements:
        found[f"statement-{statement.period}.json"] = as_json(statement)
        found[f"statement-{statement.period}.txt"] = statement_text(statement, locale=locale)
    names = dict.fromkeys(line.name for each in statements for payout in each.payouts for line in payout.lines)
    opened = [call("ExplainLine", pb.ExplainLineRequest(name=name)) for name in names]
    texts = (explanation_text(each, locale=locale) for each in opened)
    found["calculation.txt"] = "\n".join(f"{name}\n{text}" for name, text in zip(names, texts, strict=True))
    found["lines.csv"] = _csv(LINES, (row for each in statements for row in _lines(each)))
    found["deals.csv"] = _csv(DEALS, (row for each in statements for row in _deals(each)))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in found.items():
        write_file(folder / name, text.encode())
    return [folder / name for name in sorted(found)]


def _statement(call: Call, participant_id: str, month: str) -> pb.Statement:
    statement: pb.Statement = call("GetStatement", pb.GetStatementRequest(name=statement_name(participant_id, month)))
    return statement


def _lines(statement: pb.Statement) -> Iterator[Mapping[str, str]]:
    for payout in statement.payouts:
        for line in payout.lines:
            same = {name: str(getattr(line, name)) for name in LINES if name in line.DESCRIPTOR.fields_by_name}
            yield {
                **same,
                "statement": statement.period,
                "line": line.name,
                "account": line.account_display_name,
                "counting_date": _day(line.counting_date),
                "payable_date": _day(line.payable_date),
                "counts": line.counts.count or _amount(line.counts.money),
                "amount": _amount(line.amount),
                "currency_code": line.amount.currency_code,
            }


def _deals(statement: pb.Statement) -> Iterator[Mapping[str, str]]:
    """Each deal of the statement once: credited, waiting, or on an own account and credited to others."""
    credited = {
        (line.source, line.external_id): line
        for payout in statement.payouts
        for line in payout.lines
        if line.line and line.external_id
    }
    for line in credited.values():
        yield _deal(statement, "credited", line, "", "")
    for deal in statement.pending_deals:
        yield _deal(statement, "pending", deal, _day(deal.closed_date), deal.pending_reason)
    for other in statement.elsewhere_deals:
        state = "credited to others" if other.holders else "uncredited"
        yield _deal(statement, state, other, _day(other.closed_date), other.reason)


def _deal(
    statement: pb.Statement,
    state: str,
    deal: pb.StatementLine | pb.PendingDeal | pb.ElsewhereDeal,
    closed: str,
    reason: str,
) -> Mapping[str, str]:
    values = (statement.period, state, deal.source, deal.external_id, deal.account_id, deal.account_display_name)
    return dict(zip(DEALS, (*values, closed, reason), strict=True))


def _csv(columns: Sequence[str], rows: Iterator[Mapping[str, str]]) -> str:
    target = io.StringIO()
    writer = csv.DictWriter(target, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def _amount(amount: Money) -> str:
    return format_minor(amount.minor_units, EXPONENTS.get(amount.currency_code, 2))


def _day(day: Date) -> str:
    return date(day.year, day.month, day.day).isoformat() if day.year else ""
