"""`compsvc payouts`: a pay period's payouts from a server or straight from a book, as text, CSV or JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import groupby
from typing import Literal

from google.type.date_pb2 import Date

from compsvc.core.currencies import EXPONENTS
from compsvc.core.limits import MAX_PAGE_SIZE
from compsvc.core.money import format_minor
from compsvc.core.statement_values import Money, totals
from compsvc.entry import paid_as_text, pay_labels
from compsvc.entry.client import TIMEOUT_SECONDS, channel, headers
from compsvc.entry.grpc_names import encoded
from compsvc.entry.locales import Locale
from compsvc.entry.payroll_servicer import list_message
from compsvc.entry.report_words import REPORT_WORDS
from compsvc.entry.statement_formats import Formats
from compsvc.entry.statement_layout import WIDTH, amounts, apart
from compsvc.entry.statement_proto import as_json, money_message
from compsvc.entry.statement_whole_proto import time_message
from compsvc.service import payroll
from compsvc.service.ports import Caller
from compsvc.v1 import payroll_service_pb2 as pb
from compsvc.v1 import payroll_service_pb2_grpc
from compsvc.v1.types_pb2 import Money as MoneyMessage
from compsvc.wiring import open_parts

FILTERS = {"participant_id": "participant", "plan": "plan", "currency_code": "currency"}  # and their words
COLUMNS = (
    "payout_id", "pay_period", "participant_id", "display_name", "plan", "component", "nature", "earned_period",
    "earned_start_date", "earned_end_date", "amount", "currency_code", *paid_as_text.COLUMNS,
    *pay_labels.COLUMNS,
)  # fmt: skip


def payouts_from_server(
    address: str, token: str, *, period: str, where: Mapping[str, str], as_of: datetime | None = None
) -> pb.ListPayoutsResponse:
    """All pages as one. Raises grpc.RpcError where the server refuses."""
    with channel(address) as opened:
        stub = payroll_service_pb2_grpc.PayrollServiceStub(opened)

        def page(page_token: str) -> pb.ListPayoutsResponse:
            request = pb.ListPayoutsRequest(
                parent=f"payPeriods/{encoded(period)}",
                page_size=MAX_PAGE_SIZE,
                page_token=page_token,
                as_of_time=None if as_of is None else time_message(as_of),
                **where,
            )
            return stub.ListPayouts(request, metadata=headers(token), timeout=TIMEOUT_SECONDS)

        return _together(page)


def payouts_from_store(
    book: str, caller: Caller, *, period: str, where: Mapping[str, str], as_of: datetime | None = None
) -> pb.ListPayoutsResponse:
    """Raises ServiceError as the server would answer it."""
    parts = open_parts(book)
    try:

        def page(page_token: str) -> pb.ListPayoutsResponse:
            found = payroll.list_payouts(
                parts.calculations,
                caller,
                pay_period=period,
                where=where,
                page_size=MAX_PAGE_SIZE,
                page_token=page_token,
                as_of=as_of,
            )
            return list_message(found)

        return _together(page)
    finally:
        parts.store.close()


def _together(page: Callable[[str], pb.ListPayoutsResponse]) -> pb.ListPayoutsResponse:
    found = page("")
    while found.next_page_token:
        following = page(found.next_page_token)
        found.payouts.extend(following.payouts)
        found.next_page_token = following.next_page_token
    return found


def shown(
    found: pb.ListPayoutsResponse,
    *,
    period: str,
    where: Mapping[str, str],
    form: Literal["text", "csv", "json"],
    locale: Locale,
) -> str:
    if form == "json":
        return as_json(found)
    return _csv(found) if form == "csv" else "\n".join(_text(found, period, where, Formats(locale))) + "\n"


def _csv(found: pb.ListPayoutsResponse) -> str:
    """For programs: ids as they are stored, amounts in major units with all decimals of the currency."""
    target = io.StringIO()
    writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for payout in found.payouts:
        row = paid_as_text.cells(payout.paid_as if payout.HasField("paid_as") else None)
        row |= pay_labels.cells(payout)
        row |= {name: getattr(payout, name) for name in COLUMNS if name not in {"currency_code", *row}}
        row |= {name: _iso(row[name]) for name in ("earned_start_date", "earned_end_date")}
        code = payout.amount.currency_code
        writer.writerow(
            {**row, "amount": format_minor(payout.amount.minor_units, EXPONENTS[code]), "currency_code": code}
        )
    return target.getvalue()


def _iso(day: Date) -> str:
    return f"{day.year:04}-{day.month:02}-{day.day:02}"


def _text(found: pb.ListPayoutsResponse, period: str, where: Mapping[str, str], formats: Formats) -> Iterator[str]:
    """A block for each participant, and the control totals."""
    words = REPORT_WORDS[formats.locale]
    filters = ", ".join(f"{words[FILTERS[name]]} {value}" for name, value in where.items())
    yield apart(f"{words['payouts']} {period}", words["only"].format(what=filters) if filters else "")
    yield "=" * WIDTH
    for _, rows in groupby(found.payouts, key=lambda payout: payout.participant_id):
        own = list(rows)
        yield ""
        yield apart(f"{own[0].display_name} ({own[0].participant_id})", amounts(_sums(own), formats))
        for payout in own:
            what = f"    {payout.plan} {payout.component}"
            yield apart(f"{what:<50} {payout.earned_period:<9} {words[payout.nature]}", formats.money(payout.amount))
        yield from _converted(own, words, formats)
    yield ""
    yield "-" * WIDTH
    if found.total_size:
        count = words["payout_count:one" if found.total_size == 1 else "payout_count"].format(count=found.total_size)
        total = f"{words['total']} {period}, {words['gross']}, {count}"
        yield apart(total, amounts(found.totals, formats))
    else:
        yield words["nothing_payable"].format(period=period)
    if found.refused_row_count:
        yield words["refused"].format(count=found.refused_row_count)


def _converted(payouts: Sequence[pb.Payout], words: Mapping[str, str], formats: Formats) -> Iterator[str]:
    """What a participant is paid in other currencies than the plans', all rows of a currency and rate together."""
    rates: dict[tuple[str, str], int] = {}
    for paid in (payout.paid_as for payout in payouts if payout.HasField("paid_as")):
        key = (paid.currency_code, paid.rate)
        rates[key] = rates.get(key, 0) + paid.amount.minor_units
    for (code, rate), minor in rates.items():
        amount = formats.money(MoneyMessage(currency_code=code, minor_units=minor))
        told = words["paid_as"].format(rate=formats.rate_of("exchange", Fraction(rate))) if rate else words["no_rate"]
        yield apart(f"    {told}", amount if rate else code)


def _sums(payouts: Sequence[pb.Payout]) -> list[MoneyMessage]:
    found = totals(Money(payout.amount.minor_units, payout.amount.currency_code) for payout in payouts)
    return [money_message(amount) for amount in found]
