"""Exact values of a plan, read from text: rates, shares, amounts, spans, dates, names; and their types."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from compsvc.core import limits
from compsvc.core.currencies import EXPONENTS, NOT_PAYABLE, near_currencies
from compsvc.core.money import parse_minor
from compsvc.core.node import WRITE_AMOUNTS, Reading, reading, wrong
from compsvc.core.problems import Position as Position
from compsvc.core.problems import did_you_mean


@dataclass(frozen=True, slots=True)
class Rate:
    """An exact ratio of what is paid for: `12.5%`, `1/3`, `base`, `1.5 x base` (M4)."""

    ratio: Fraction
    of_base: bool


_THOUSANDS = r"-?[0-9]{1,3}\.[0-9]{3}"
_DECIMAL = r"[0-9]+(?:_[0-9]{3})*(?:\.[0-9]+)?"
_PERCENT = re.compile(rf"({_DECIMAL})\s?%")
_RATIO = re.compile(r"([0-9]+)\s?/\s?([0-9]+)")
_OF_BASE = re.compile(r"(?:(\S.*?)\s+x\s+)?base")


def _text(value: object, wanted: str) -> str:
    if not isinstance(value, str):
        raise wrong("WRONG_TYPE", f"here stands {kind_of(value)}; wanted: {wanted}.")
    if len(value) > limits.MAX_SCALAR_CHARACTERS:
        raise wrong("TOO_LONG", f"{len(value)} characters; at most {limits.MAX_SCALAR_CHARACTERS}.")
    return value


def kind_of(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "nothing" if value is None or value == "" else f"`{value}`"


def read_ratio(text: str) -> Fraction | None:
    """`12.5%` or `1/3`, not negative; None where it is neither."""
    if match := _PERCENT.fullmatch(text):
        return Fraction(match[1].replace("_", "")) / 100
    if (match := _RATIO.fullmatch(text)) and int(match[2]) != 0:
        return Fraction(int(match[1]), int(match[2]))
    return None


def read_rate(value: object) -> Rate:
    if isinstance(value, Rate):
        return value
    text = _text(value, "a rate such as `12.5%`, `1/3` or `1.5 x base`")
    if match := _OF_BASE.fullmatch(text):
        return Rate(_checked_ratio(_factor(match[1], text), text), of_base=True)
    if (ratio := read_ratio(text)) is None:
        raise _no_rate(text)
    return Rate(_checked_ratio(ratio, text), of_base=False)


def _factor(text: str | None, whole: str) -> Fraction:
    if text is None:
        return Fraction(1)
    if re.fullmatch(_DECIMAL, text):
        return Fraction(text.replace("_", ""))
    if (ratio := read_ratio(text)) is None:
        raise wrong("BAD_RATE", f"`{whole}` is no rate. Write `base` or a multiple such as `1.5 x base`.")
    return ratio


def _checked_ratio(ratio: Fraction, text: str) -> Fraction:
    if ratio > limits.MAX_RATE:
        raise wrong("RATE_TOO_LARGE", f"`{text}` is above {limits.MAX_RATE * 100:,}%.")
    if ratio.denominator > limits.MAX_RATE_DENOMINATOR:
        raise wrong("RATE_TOO_FINE", f"`{text}` has more digits than can be computed exactly; at most seven decimals.")
    return ratio


def _no_rate(text: str) -> PydanticCustomError:
    if re.fullmatch(_DECIMAL, text):
        number = Fraction(text.replace("_", ""))
        readings = [f"{_decimal(number * 100)}%", f"{_decimal(number)}%"]
        could = f"{text} could be {readings[0]} or {readings[1]}"
        return wrong("RATE_WITHOUT_PERCENT", f"{could}. Write the one you mean.")
    return wrong("BAD_RATE", f"`{text}` is no rate. Write it as `12.5%`, `1/3`, `base` or `1.5 x base`.")


def _decimal(number: Fraction) -> str:
    """A terminating decimal without trailing zeros."""
    whole, rest = divmod(number, 1)
    digits = ""
    while rest:
        digit, rest = divmod(rest * 10, 1)
        digits += str(digit)
    return f"{whole}.{digits}" if digits else str(whole)


def read_share(value: object) -> Fraction:
    if isinstance(value, Fraction):
        return value
    text = _text(value, "a share such as `50%` or `1/3`")
    if (ratio := read_ratio(text)) is None:
        raise _no_rate(text)
    return _checked_ratio(ratio, text)


def percent(share: Fraction) -> str:
    """`12.5%`, or `1/3` where the percentage has no end."""
    hundredths = share * 100
    return f"{_decimal(hundredths)}%" if 10**9 % hundredths.denominator == 0 else str(share)


_FACTOR = re.compile(rf"({_DECIMAL})\s?x")


def read_factor(value: object) -> Fraction:
    if isinstance(value, Fraction):
        return value
    text = _text(value, "a factor such as `0.5 x`")
    if (match := _FACTOR.fullmatch(text)) is None:
        raise wrong("BAD_FACTOR", f"`{text}` is no factor. Write it as `0.5 x` or `1.5 x`.")
    return _checked_ratio(Fraction(match[1].replace("_", "")), text)


def read_part(value: object) -> Fraction:
    """A share above 0 and up to the whole."""
    share = read_share(value)
    if not 0 < share <= 1:
        raise wrong("OUT_OF_RANGE", f"`{value}` is not above 0% and up to 100%.")
    return share


def read_amount(value: object, info: ValidationInfo) -> int:
    """Minor units of the plan's currency, exact."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    context = reading(info) or Reading()
    return amount_minor(_text(value, "an amount such as `4999.50` or `5_000`"), context.exponent, context.currency)


def read_amount_from_zero(value: object, info: ValidationInfo) -> int:
    minor = read_amount(value, info)
    if minor < 0:
        raise wrong("OUT_OF_RANGE", f"`{value}` is below 0.")
    return minor


def amount_minor(text: str, exponent: int, currency: str, *, or_share: bool = False) -> int:
    minor = parse_minor(text, exponent)
    if minor is None:
        raise _no_amount(text, exponent, currency, or_share=or_share)
    if abs(minor) > limits.MAX_AMOUNT_MINOR:
        raise wrong(
            "AMOUNT_TOO_LARGE", f"`{text}` is above the largest amount, {limits.MAX_AMOUNT_MINOR // 10**exponent:,}."
        )
    return minor


def _no_amount(text: str, exponent: int, currency: str, *, or_share: bool) -> PydanticCustomError:
    decimals = len(text.partition(".")[2])
    if re.fullmatch(f"-?{_DECIMAL}", text) and decimals > exponent:
        allowed = f"{currency or 'the currency'} has {exponent} decimals" if exponent else f"{currency} has no decimals"
        hint = f" Write thousands by `_`: `{text.replace('.', '_')}`." if re.fullmatch(_THOUSANDS, text) else ""
        return wrong("TOO_MANY_DECIMALS", f"`{text}` has {decimals} decimals; {allowed}.{hint}")
    if "," in text:
        return wrong(
            "BAD_AMOUNT", f"`{text}` has a comma, and an amount has none. {WRITE_AMOUNTS}{_without_comma(text)}."
        )
    hint = "thousands as `5_000`, decimals after a point, and no currency sign."
    if or_share:
        return wrong(
            "BAD_AMOUNT",
            f"`{text}` is neither a share nor an amount. Write a share such as `90%`, or an amount: {hint}",
        )
    return wrong("BAD_AMOUNT", f"`{text}` is no amount. Write {hint}")


def _without_comma(text: str) -> str:
    """`: `3_000.00`` of `3.000,00` and `3,000.00`; nothing of `3,000`, which could be either."""
    for thousands, point in ((".", ","), (",", ".")):
        if re.fullmatch(rf"-?[0-9]{{1,3}}(\{thousands}[0-9]{{3}})+\{point}[0-9]+", text):
            return f": `{text.replace(thousands, '_').replace(point, '.')}`"
    return ""


def read_edge(value: object, info: ValidationInfo) -> Fraction | int:
    """A tier's edge: a share of the quota where it carries `%` or `/`, else an amount."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str) and ("%" in value or "/" in value):
        return read_share(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    context = reading(info) or Reading()
    text = _text(value, "a share such as `90%`, or an amount such as `5_000`")
    return amount_minor(text, context.exponent, context.currency, or_share=True)


def _spans(unit: str, most: int, least: int) -> Any:
    pattern = re.compile(rf"([0-9]{{1,6}}) {unit}s?")

    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        text = _text(value, f"a number of {unit}s such as `12 {unit}s`")
        match = pattern.fullmatch(text)
        if match is None:
            raise wrong("BAD_SPAN", f"`{text}` is no number of {unit}s. Write it as `12 {unit}s`.")
        if not least <= int(match[1]) <= most:
            raise wrong("OUT_OF_RANGE", f"`{text}` is not between {least} and {most:,} {unit}s.")
        return int(match[1])

    return read


def read_count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value, "a whole number such as `3`")
    if not re.fullmatch(r"[0-9]+(?:_[0-9]{3})*", text):
        raise wrong("BAD_NUMBER", f"`{text}` is no whole number.")
    number = int(text.replace("_", "")) if len(text) < 20 else limits.MAX_COUNT + 1
    if not 1 <= number <= limits.MAX_COUNT:
        raise wrong("OUT_OF_RANGE", f"`{text}` is not between 1 and {limits.MAX_COUNT:,}.")
    return number


def read_currency(value: object) -> str:
    text = _text(value, "a currency such as `EUR`")
    if text in NOT_PAYABLE:
        raise wrong("UNKNOWN_CURRENCY", f"`{text}` is a code of ISO 4217, but no money that anyone is paid in.")
    if text not in EXPONENTS:
        raise wrong("UNKNOWN_CURRENCY", f"`{text}` is no currency of ISO 4217.{currency_meant(text)}")
    return str(text)


def currency_meant(text: str) -> str:
    near = [f"`{code}`" for code in near_currencies(text)]
    if not 1 <= len(near) <= 4:
        return " Write its three letters, such as `EUR`."
    return f" Did you mean {' or '.join([*([', '.join(near[:-1])] if near[1:] else []), near[-1]])}?"


def read_priority(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value, "a whole number such as `10`")
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        raise wrong("BAD_NUMBER", f"`{text}` is no whole number of up to six digits.")
    return int(text)


def read_flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = _text(value, "`yes` or `no`")
    if text not in ("yes", "no"):
        raise wrong("NOT_YES_OR_NO", f"`{text}` is neither `yes` nor `no`.")
    return text == "yes"


def read_date(value: object) -> date:
    if isinstance(value, date):
        return value
    text = _text(value, "a date such as `2026-01-01`")
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        raise wrong("BAD_DATE", f"`{text}` is no date. Write it as year-month-day: `2026-01-31`.")
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise wrong("BAD_DATE", f"the calendar has no `{text}`. Write a day that there is.") from None
    if not limits.MIN_YEAR <= found.year <= limits.MAX_YEAR:
        raise wrong("OUT_OF_RANGE", f"`{text}` is not between {limits.MIN_YEAR} and {limits.MAX_YEAR}.")
    return found


MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def read_month(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 12:
        return value
    text = _text(value, "a month such as `january`")
    if text not in MONTHS:
        begun = [month for month in MONTHS if len(text) >= 3 and month.startswith(text.lower())]
        hint = f" Did you mean `{begun[0]}`?" if begun else did_you_mean(text.lower(), MONTHS)
        raise wrong("NOT_A_CHOICE", f"`{text}` is no month.{hint}")
    return MONTHS.index(text) + 1


NAME = re.compile(rf"[a-z]([a-z0-9-]{{0,{limits.MAX_NAME_CHARACTERS - 2}}}[a-z0-9])?")


def read_name(value: object) -> str:
    text = _text(value, "a name such as `own-deals`")
    if not NAME.fullmatch(text):
        raise wrong("BAD_NAME", f"`{text}` is no name. Use small letters, digits and `-`, beginning with a letter.")
    return str(text)


def read_title(value: object) -> str:
    text = _text(value, "a line of text")
    if not text.strip() or len(text) > limits.MAX_TITLE_CHARACTERS or not text.isprintable():
        most = limits.MAX_TITLE_CHARACTERS
        raise wrong("BAD_TITLE", f"a title is one line of 1 to {most} printable characters.")
    return str(text)


def one_or_list(value: object) -> object:
    """`x` is `[x]`."""
    return value if isinstance(value, (list, tuple)) else (value,)


def _written(pattern: str, example: str, *, number: bool = False) -> WithJsonSchema:
    """A bare number is no rate: editors mark it as `plan check` does."""
    return WithJsonSchema(
        {"type": ["string", "number"] if number else "string", "pattern": pattern, "examples": [example]}
    )


_RATE_PATTERN = r"^([0-9_]+(\.[0-9]+)? ?%|[0-9]+ ?/ ?[0-9]+|(.+ +x +)?base)$"
_SHARE_PATTERN = r"^([0-9_]+(\.[0-9]+)? ?%|[0-9]+ ?/ ?[0-9]+)$"
AMOUNT_PATTERN = r"^-?[0-9]+(_[0-9]{3})*(\.[0-9]+)?$"
_EDGE_PATTERN = rf"{_SHARE_PATTERN}|{AMOUNT_PATTERN}"

Slug = Annotated[str, BeforeValidator(read_name), _written(rf"^{NAME.pattern}$", "own-deals")]
Title = Annotated[
    str,
    BeforeValidator(read_title),
    WithJsonSchema({"type": ["string", "number"], "maxLength": limits.MAX_TITLE_CHARACTERS}),
]
ExactRate = Annotated[Rate, BeforeValidator(read_rate), _written(_RATE_PATTERN, "12.5%")]
Share = Annotated[Fraction, BeforeValidator(read_share), _written(_SHARE_PATTERN, "50%")]
Part = Annotated[Fraction, BeforeValidator(read_part), _written(_SHARE_PATTERN, "50%")]  # above 0, up to 1
Amount = Annotated[int, BeforeValidator(read_amount), _written(AMOUNT_PATTERN, "5_000", number=True)]  # minor units
PositiveAmount = Annotated[int, BeforeValidator(read_amount_from_zero), _written(AMOUNT_PATTERN, "5_000", number=True)]
Edge = Annotated[
    Fraction | int, BeforeValidator(read_edge), _written(_EDGE_PATTERN, "100%", number=True)
]  # of quota | minor units
Factor = Annotated[Fraction, BeforeValidator(read_factor), _written(r"^[0-9_]+(\.[0-9]+)? ?x$", "1.5 x")]
read_months = _spans("month", limits.MAX_MONTHS, 1)
Months = Annotated[int, BeforeValidator(read_months), _written("^[0-9]+ months?$", "12 months")]
Days = Annotated[int, BeforeValidator(_spans("day", limits.MAX_DAYS, 0)), _written("^[0-9]+ days?$", "30 days")]
Count = Annotated[int, BeforeValidator(read_count), _written("^[0-9_]+$", "3", number=True)]
Priority = Annotated[int, BeforeValidator(read_priority), _written("^-?[0-9]{1,6}$", "10", number=True)]
Flag = Annotated[bool, BeforeValidator(read_flag), WithJsonSchema({"enum": ["yes", "no", True, False]})]
CurrencyCode = Annotated[str, BeforeValidator(read_currency), WithJsonSchema({"enum": sorted(EXPONENTS)})]
IsoDate = Annotated[date, BeforeValidator(read_date), _written("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2026-01-01")]
Per = Literal["month", "quarter", "half_year", "year"]
Month = Annotated[int, BeforeValidator(read_month), WithJsonSchema({"enum": list(MONTHS)})]
