"""Figures and steps as a reader of a locale writes them.

A step of a derivation is put into words by its code: the first of its sentences whose figures are all there. A code
without sentences prints its figures, so that a new kind of step can be read before it has words.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

from babel import Locale as BabelLocale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent
from google.type.date_pb2 import Date

from compsvc.core.currencies import EXPONENTS
from compsvc.entry.locales import DATES, Locale
from compsvc.entry.note_words import translated
from compsvc.entry.statement_sentences import SENTENCES
from compsvc.entry.statement_words import TRANSLATED, WORDS
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.types_pb2 import Money

_DECIMALS_SHOWN = 6
_EXCHANGE_DECIMALS = 9  # as many as a rate of exchange may have
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")


class Formats:
    """Amounts, ratios and dates as a reader of the locale writes them; never rounded without a sign that says so."""

    def __init__(self, locale: Locale) -> None:
        self.locale = locale
        self.words = WORDS[locale]

    def word(self, name: str) -> str:
        """The locale's word for a name of the plan language; names that it does not know are shown as they are."""
        return self.words.get(name, name)

    def money(self, amount: Money) -> str:
        return self.exact_money(Fraction(amount.minor_units), amount.currency_code)

    def exact_money(self, minor: Fraction, currency_code: str) -> str:
        """With the currency's own decimals, and more only where the amount has them."""
        exponent = EXPONENTS.get(currency_code, 2)
        sign, number, decimals = _decimal(minor / 10**exponent, least=exponent, most=exponent + 4)
        pattern = _money_pattern(self.locale, decimals)
        text = format_currency(number, currency_code, pattern, locale=self.locale, currency_digits=False)
        return sign + re.sub(r"([A-Z]{3})(?=\d)", r"\1 ", _plain(text))

    def short_money(self, minor: Fraction, currency_code: str) -> str:
        """Without decimals where they are zeros: for the marks of an axis."""
        if minor % 10 ** self.decimals(currency_code):
            return self.exact_money(minor, currency_code)
        amount = int(minor) // 10 ** self.decimals(currency_code)
        text = format_currency(
            amount, currency_code, _money_pattern(self.locale, 0), locale=self.locale, currency_digits=False
        )
        return re.sub(r"([A-Z]{3})(?=\d)", r"\1 ", _plain(text))

    def decimals(self, currency_code: str) -> int:
        return EXPONENTS.get(currency_code, 2)

    def ratio(self, ratio: Fraction) -> str:
        if ratio.denominator % 3 == 0 and ratio.denominator <= 12:
            return f"{ratio.numerator}/{ratio.denominator}"
        sign, number, decimals = _decimal(ratio, least=2, most=_DECIMALS_SHOWN)
        pattern = _percent_pattern(self.locale, max(decimals - 2, 0) if sign == "" else 2)
        return sign + _plain(format_percent(number, pattern, locale=self.locale))

    def attainment(self, ratio: Fraction) -> str:
        """A percentage to one decimal, `≈ 152.9%`; short of 100% it never says 100%."""
        tenths = Fraction((ratio * 1000 + Fraction(1, 2)).__floor__(), 1000)  # half up
        shown = Fraction(999, 1000) if ratio < 1 <= tenths else tenths
        text = self.ratio(shown) if shown.denominator % 3 else str(shown)
        return text if shown == ratio else f"≈ {text}"

    def rate_of(self, name: str, ratio: Fraction) -> str:
        """A multiple of `base`, a rate of exchange, or a percentage."""
        if name == "exchange":
            return self.number(ratio, most=_EXCHANGE_DECIMALS)
        return self.multiple(ratio) if name == "of_base" else self.ratio(ratio)

    def multiple(self, of_base: Fraction) -> str:
        """`base`, `1.5 x base`."""
        base = self.word("base")
        return base if of_base == 1 else f"{self.number(of_base)} x {base}"

    def number(self, number: Fraction, most: int = _DECIMALS_SHOWN) -> str:
        sign, value, _ = _decimal(number, least=0, most=most)
        return sign + _plain(format_decimal(value, f"#,##0.{'#' * most}", locale=self.locale))

    def count(self, count: Fraction, unit: str) -> str:
        """`1 new logo`, `2.5 new logos`."""
        text = _thirds(count) or self.number(count)
        words = self.words.get(f"{unit}:one" if count == 1 else unit)
        return f"{text} {words}" if words else text

    def date(self, day: Date) -> str:
        return _plain(format_date(date(day.year, day.month, day.day), DATES[self.locale], locale=self.locale))

    def last_day(self, end: Date) -> str:
        """The day before an end that is exclusive."""
        last = date(end.year, end.month, end.day) - timedelta(days=1)
        return self.date(Date(year=last.year, month=last.month, day=last.day))

    def counted(self, name: str, number: int) -> str:
        """The locale's words for one or for several."""
        return self.word(f"{name}:one" if number == 1 else name)

    def time(self, instant: datetime) -> str:
        """UTC; without the hour where it is midnight, as for a date that came without one (D2)."""
        if instant.hour == instant.minute == instant.second == 0:
            return _plain(format_date(instant.date(), DATES[self.locale], locale=self.locale))
        return _plain(format_datetime(instant, f"{DATES[self.locale]} HH:mm 'UTC'", locale=self.locale))

    def note(self, text: str) -> str:
        """A sentence of the calculation in the reader's words, with its dates as they write them."""
        return _DATE.sub(lambda found: self.date(_day(found[0])), translated(text, self.locale))

    def quantity(self, amount: pb.Quantity, unit: str = "") -> str:
        if amount.WhichOneof("amount") == "money":
            return self.money(amount.money)
        return self.count(Fraction(amount.count or "0"), unit)


def sentence(step: pb.DerivationStep, locale: Locale) -> str:
    """The step in words, without its place in the plan."""
    formats = Formats(locale)
    unit = next((value.text for value in step.values if value.name == "unit"), "")
    figures = {value.name: _figure(value, formats, unit) for value in step.values}
    if "note" in figures and not any(value.name == "route" and value.text == "split" for value in step.values):
        figures["note"] = formats.note(figures["note"])
    for text in SENTENCES[locale].get(step.code, ()):
        if set(re.findall(r"{(\w+)}", text)) <= set(figures):
            return text.format_map(figures)
    return ", ".join([step.code.lower().replace("_", " "), *(f"{name} {text}" for name, text in figures.items())])


def _day(text: str) -> Date:
    day = date.fromisoformat(text)
    return Date(year=day.year, month=day.month, day=day.day)


def _figure(value: pb.DerivationValue, formats: Formats, unit: str) -> str:
    match value.WhichOneof("value"):
        case "money":
            return formats.money(value.money)
        case "exact_money":
            return formats.exact_money(Fraction(value.exact_money.minor_units), value.exact_money.currency_code)
        case "count":
            return formats.count(Fraction(value.count), unit)
        case "ratio":
            ratio = Fraction(value.ratio)
            return formats.rate_of(value.name, ratio)
        case "date":
            return formats.date(value.date)
        case "time":
            return formats.time(value.time.ToDatetime())
        case "number":
            return str(value.number)
    return formats.word(value.text) if value.name in TRANSLATED else value.text


# --- numbers


def _thirds(count: Fraction) -> str:
    """`≈ 2/3`, `≈ 1 1/3`: counts are kept in millionths, which split in three leave one over."""
    whole, third = divmod(round(abs(count) * 3), 3)
    if not third or abs(abs(count) - whole - Fraction(third, 3)) >= Fraction(1, 10**6):
        return ""
    return f"≈ {'-' if count < 0 else ''}{f'{whole} ' if whole else ''}{third}/3"


def _decimal(ratio: Fraction, *, least: int, most: int) -> tuple[str, Decimal, int]:
    """The number with as many decimals as it has; `≈ ` before it where it has more than `most`."""
    for decimals in range(least, most + 1):
        if 10**decimals % ratio.denominator == 0:
            return "", Decimal(ratio.numerator * (10**decimals // ratio.denominator)).scaleb(-decimals), decimals
    return "≈ ", Decimal(round(ratio * 10**most)).scaleb(-most), most


@cache
def _money_pattern(locale: Locale, decimals: int) -> str:
    """The locale's pattern with these decimals: Babel has other ones than ISO 4217 for some currencies."""
    pattern = BabelLocale.parse(locale).currency_formats["standard"].pattern
    return re.sub(r"0(\.0+)?(?=[^0.]|$)", "0" + ("." + "0" * decimals if decimals else ""), pattern, count=1)


@cache
def _percent_pattern(locale: Locale, decimals: int) -> str:
    pattern = BabelLocale.parse(locale).percent_formats[None].pattern
    return str(pattern.replace("0", "0" + ("." + "#" * decimals if decimals else ""), 1)) if decimals else str(pattern)


def _plain(text: str) -> str:
    """Ordinary spaces: a terminal breaks and pads no others."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")
