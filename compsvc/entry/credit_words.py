"""Credit that an adjustment states: from words of a command to the message, and back to words."""

from __future__ import annotations

from datetime import date

from google.type.date_pb2 import Date

from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import format_minor, parse_minor
from compsvc.entry.screen import stop
from compsvc.v1 import payroll_run_service_pb2 as pb

MILLIONTHS = 6  # the decimals of a count
WORDS = {"yes": True, "no": False}


def credit_of(
    credit_minor: int | None, count: str, on: str, counts: str, pays: str, deal: str, *, taken_back: bool
) -> pb.StatedCredit | None:
    """None where no word of it is given; stops where one is missing or cannot be read."""
    if credit_minor is None and not any((count, on, counts, pays, deal, taken_back)):
        return None
    if (credit_minor is not None) == bool(count) or not on or counts not in WORDS or pays not in WORDS:
        stop("A credit needs --credit or --count, --on, and of --counts and --pays `yes` or `no` each.", code=2)
    source, _, rest = deal.partition("/")
    external_id, _, line = rest.partition("/")
    return pb.StatedCredit(
        credit_date=_day(on),
        amount_minor=credit_minor,
        count_millionths=_count(count) if count else None,
        counts=WORDS[counts],
        pays=WORDS[pays],
        source=source,
        external_id=external_id,
        line=int(line) if line.isdigit() else 0,
        taken_back=taken_back,
    )


def _day(text: str) -> Date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        stop(f"`{text}` is no date. Write it as --on 2026-11-03.", code=2)
    return Date(year=day.year, month=day.month, day=day.day)


def _count(text: str) -> int:
    found = parse_minor(text, MILLIONTHS)
    if found is None:
        stop(f"`{text}` is no number. Write it as --count 1.", code=2)
    return found


def said_credit(each: pb.Adjustment) -> str:
    """`credit 5000.00 EUR on 2026-11-03 (counts, pays)`."""
    found, day = each.credit, each.credit.credit_date
    code = each.amount.currency_code
    what = f"{format_minor(found.amount_minor, EXPONENTS[code])} {code}"
    if found.WhichOneof("what") == "count_millionths":
        what = format_minor(found.count_millionths, MILLIONTHS).rstrip("0").rstrip(".")
    moved = ", ".join(word for word in ("counts", "pays") if getattr(found, word))
    return f"credit {what} on {date(day.year, day.month, day.day)} ({moved})"
