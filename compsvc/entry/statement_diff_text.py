"""What has changed between two recorded times, as text in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from textwrap import wrap

from compsvc.core.currencies import EXPONENTS
from compsvc.entry.locales import Locale
from compsvc.entry.statement_diff_words import FIELD_WORDS
from compsvc.entry.statement_formats import Formats
from compsvc.entry.statement_layout import WIDTH, amounts, apart
from compsvc.v1 import statement_service_pb2 as pb

_MONEY = re.compile(r"(-?[0-9,]+(?:\.[0-9]+)?) ([A-Z]{3})")
_SHARE = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)%")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")
SHOWN_FIELDS = 4  # of one row; JSON has all


def comparison_text(found: pb.StatementComparison, *, locale: Locale = "en") -> str:
    return "\n".join(line.rstrip() for line in _lines(found, Formats(locale))) + "\n"


def _lines(found: pb.StatementComparison, formats: Formats) -> Iterator[str]:
    start, end = (formats.time(each.ToDatetime()) for each in (found.from_time, found.to_time))
    yield found.display_name
    yield formats.word("compared").format(start=start, end=end)
    yield "=" * WIDTH
    if not found.lines:
        yield f"  {formats.word('nothing_changed')}"
    for line in found.lines:
        yield from _line(line, formats)
    yield "-" * WIDTH
    yield apart(formats.word("earned_before").format(time=start), amounts(found.before_totals, formats))
    yield apart(formats.word("difference_total"), amounts(found.difference_totals, formats))
    yield apart(formats.word("earned_after").format(time=end), amounts(found.after_totals, formats))


def _line(line: pb.LineDifference, formats: Formats) -> Iterator[str]:
    kind = "line_new" if not line.HasField("before_amount") else "line_gone"
    kind = kind if not (line.HasField("before_amount") and line.HasField("after_amount")) else "line_changed"
    what = f"{line.component}, {line.period}: {line.external_id or formats.word('period')}"
    left = f"  {formats.word(kind):<11} {what} {line.account_display_name}"
    stands = [formats.money(each) for each in (line.before_amount, line.after_amount)] if kind == "line_changed" else []
    yield apart(left, f"{' → '.join(stands)}: {formats.money(line.difference)}".removeprefix(": "))
    yield from _wrapped(_because(line, formats))


def _because(line: pb.LineDifference, formats: Formats) -> str:
    if not line.causes:
        return formats.word("follows_others")
    text = "; ".join(_cause(cause, formats) for cause in line.causes)
    return formats.word("by_lines_around").format(what=text) if line.moved else text


def _cause(cause: pb.RecordedCause, formats: Formats) -> str:
    text = formats.word(f"row_{cause.change}").format(what=formats.word(f"row_{cause.kind}").format(name=cause.key))
    if cause.HasField("record_time"):
        time = formats.time(cause.record_time.ToDatetime())
        text = formats.word("row_when").format(what=text, time=time, who=cause.author)
    fields = [
        formats.word("field_change").format(
            name=_field(each.name, formats), before=_value(each.before, formats), after=_value(each.after, formats)
        )
        for each in cause.fields[:SHOWN_FIELDS]
    ]
    more = ", …" if len(cause.fields) > SHOWN_FIELDS else ""
    return f"{text} ({', '.join(fields)}{more})" if fields else text


def _field(name: str, formats: Formats) -> str:
    """`Jahreswert`; of a part of the row with its place: `Jahreswert [1, 2]`."""
    part, _, own = name.rpartition(".")
    word = FIELD_WORDS[formats.locale].get(own, own.replace("_", " "))
    return f"{word} {part[part.index('[') :]}" if "[" in part else word


def _value(text: str, formats: Formats) -> str:
    """As the comparison writes it: an amount with its currency, a share, a time or a date; else as it stands."""
    if found := _MONEY.fullmatch(text):
        exponent = EXPONENTS.get(found[2], 2)
        return formats.exact_money(Fraction(found[1].replace(",", "")) * 10**exponent, found[2])
    if found := _SHARE.fullmatch(text):
        return formats.ratio(Fraction(found[1]) / 100)
    if _TIME.fullmatch(text):
        return formats.time(datetime.fromisoformat(text))
    return FIELD_WORDS[formats.locale].get(text, formats.note(text)) if text else "-"


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=" " * 14, subsequent_indent=" " * 14, break_on_hyphens=False)
