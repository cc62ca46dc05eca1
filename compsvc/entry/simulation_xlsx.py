"""A comparison as an Excel workbook, one sheet a question. The same comparison gives the same bytes.

Text is only ever written as text: a customer named `=1+1` stays one, and is never a formula. Amounts are numbers in
major units. A cell holds a binary double; an amount that would not come back from one as it is stands there as text.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import xlsxwriter
from google.type.date_pb2 import Date

from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import format_minor
from compsvc.entry.locales import Locale
from compsvc.entry.report_words import REPORT_WORDS
from compsvc.v1 import simulation_service_pb2 as pb
from compsvc.v1.types_pb2 import Money

EXACT_BELOW = 10**15  # minor units: 15 digits come back from a double as they were, and Excel shows no more
ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  # of creation: the workbook has no time of its own
Cell: TypeAlias = str | int | Money | Date | Fraction
Table: TypeAlias = tuple[Sequence[str], Iterator[Sequence[Cell]]]  # names of the columns, and rows


def simulation_xlsx(found: pb.PlanComparison, *, locale: Locale = "en") -> bytes:
    words, target = REPORT_WORDS[locale], io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_numbers": False})
    book.set_properties({"title": f"{words['simulation']} {found.period}".strip(), "created": ANY_DAY})
    formats = _Formats(book, locale)
    tables = (_totals, _components, _roles, _participants, _deals)
    for name, table in zip(words["sheets"].split(), tables, strict=True):
        columns, rows = table(found)
        _write(book.add_worksheet(name), formats, [words[column] for column in columns], rows)
    book.close()
    return target.getvalue()


# --- sheets

CHANGE = ("today", "candidate", "difference")


def _cells(change: pb.Change) -> tuple[Money, Money, Money]:
    return change.today, change.candidate, change.difference


def _totals(found: pb.PlanComparison) -> Table:
    columns = (
        "currency", *CHANGE, "revenue", "per_revenue_today", "per_revenue_candidate",
        "winners", "won", "losers", "lost", "unchanged",
    )  # fmt: skip
    rows: Iterator[Sequence[Cell]] = (
        (
            each.revenue.currency_code, *_cells(each.cost), each.revenue,
            _ratio(each.today_cost_per_revenue), _ratio(each.candidate_cost_per_revenue),
            each.winner_count, each.won_amount, each.loser_count, each.lost_amount, each.unchanged_count,
        )
        for each in found.totals
    )  # fmt: skip
    return columns, rows


def _ratio(text: str) -> Cell:
    return Fraction(text) if text else ""


def _components(found: pb.PlanComparison) -> Table:
    rows: Iterator[Sequence[Cell]] = (
        (each.plan, each.component, each.cost.today.currency_code, *_cells(each.cost)) for each in found.components
    )
    return ("plan", "component", "currency", *CHANGE), rows


def _roles(found: pb.PlanComparison) -> Table:
    rows: Iterator[Sequence[Cell]] = (
        (each.role, each.participant_count, each.cost.today.currency_code, *_cells(each.cost)) for each in found.roles
    )
    return ("role", "people", "currency", *CHANGE), rows


def _participants(found: pb.PlanComparison) -> Table:
    """Everyone, the winners first, the largest difference first and the losers' last."""
    ordered = sorted(found.participants, key=lambda each: (-each.pay.difference.minor_units, each.participant_id))
    rows: Iterator[Sequence[Cell]] = (
        (each.participant_id, each.display_name, each.role, each.pay.today.currency_code, *_cells(each.pay))
        for each in ordered
    )
    return ("participant", "name", "role", "currency", *CHANGE), rows


def _deals(found: pb.PlanComparison) -> Table:
    """The deals behind each participant's difference; with the rest they sum to it."""
    columns = ("participant", "name", "source", "deal", "customer", "closed", "currency", *CHANGE)
    return columns, _deal_rows(found)


def _deal_rows(found: pb.PlanComparison) -> Iterator[Sequence[Cell]]:
    for person in found.participants:
        who, code = (person.participant_id, person.display_name), person.pay.today.currency_code
        for deal in person.deals:
            closed: Cell = deal.closed_date if deal.HasField("closed_date") else ""
            what = (deal.source, deal.external_id, deal.account_display_name, closed)
            yield (*who, *what, code, *_cells(deal.pay))
        if person.other_deal_count:
            yield (*who, "", f"+ {person.other_deal_count}", "", "", code, "", "", person.other_difference)


# --- cells


class _Formats:
    """One format for each number of decimals; Excel shows separators as the reader's system has them."""

    def __init__(self, book: Any, locale: Locale) -> None:
        self._book = book
        self._money: dict[int, Any] = {}
        self.heading = book.add_format({"bold": True, "bottom": 1})
        self.percent = book.add_format({"num_format": "0.00%"})
        self.date = book.add_format({"num_format": "dd.mm.yyyy" if locale == "de" else "d mmm yyyy"})

    def money(self, decimals: int) -> Any:
        if decimals not in self._money:
            pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._money[decimals] = self._book.add_format({"num_format": pattern})
        return self._money[decimals]


def _write(sheet: Any, formats: _Formats, columns: Sequence[str], rows: Iterator[Sequence[Cell]]) -> None:
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name, formats.heading)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            _put(sheet, number, column, cell, formats)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 18)


def _put(sheet: Any, row: int, column: int, cell: Cell, formats: _Formats) -> None:
    """Each kind of cell by its own call: none that guesses from a text what it might be."""
    if isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, Fraction):
        sheet.write_number(row, column, Decimal(round(cell * 10**12)).scaleb(-12), formats.percent)
    elif isinstance(cell, Date):
        sheet.write_datetime(row, column, date(cell.year, cell.month, cell.day), formats.date)
    else:
        _put_money(sheet, row, column, cell, formats)


def _put_money(sheet: Any, row: int, column: int, amount: Money, formats: _Formats) -> None:
    decimals = EXPONENTS[amount.currency_code]
    text = format_minor(amount.minor_units, decimals)
    if abs(amount.minor_units) < EXACT_BELOW:
        sheet.write_number(row, column, Decimal(text), formats.money(decimals))
    else:
        sheet.write_string(row, column, text)
