"""Values are read from text, exactly, or refused with what would be right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import iso4217
import pytest
from pydantic import TypeAdapter, ValidationError

from compsvc.core import currencies, plan_values
from compsvc.core.node import NOWHERE, Reading
from compsvc.core.plan_values import Rate

EURO = Reading(exponent=2, currency="EUR")

GOOD: list[tuple[Any, str, object]] = [
    (plan_values.ExactRate, "12.5%", Rate(Fraction(1, 8), of_base=False)),
    (plan_values.ExactRate, "0.1 %", Rate(Fraction(1, 1000), of_base=False)),
    (plan_values.ExactRate, "1/3", Rate(Fraction(1, 3), of_base=False)),
    (plan_values.ExactRate, "base", Rate(Fraction(1), of_base=True)),
    (plan_values.ExactRate, "1.5 x base", Rate(Fraction(3, 2), of_base=True)),
    (plan_values.ExactRate, "150% x base", Rate(Fraction(3, 2), of_base=True)),
    (plan_values.ExactRate, "1/3 x base", Rate(Fraction(1, 3), of_base=True)),
    (plan_values.ExactRate, "0%", Rate(Fraction(0), of_base=False)),
    (plan_values.Share, "50%", Fraction(1, 2)),
    (plan_values.Amount, "4999.50", 499950),
    (plan_values.Amount, "4999.5", 499950),
    (plan_values.Amount, "5_000", 500000),
    (plan_values.Amount, "1_234_567.89", 123456789),
    (plan_values.Amount, "-7", -700),
    (plan_values.Amount, "007", 700),  # text, so never an octal
    (plan_values.Edge, "100%", Fraction(1)),
    (plan_values.Edge, "250_000", 25_000_000),
    (plan_values.Months, "12 months", 12),
    (plan_values.Months, "1 month", 1),
    (plan_values.Days, "0 days", 0),
    (plan_values.Count, "1_000", 1000),
    (plan_values.Flag, "no", False),
    (plan_values.IsoDate, "2024-02-29", date(2024, 2, 29)),
    (plan_values.Month, "april", 4),
    (plan_values.CurrencyCode, "JPY", "JPY"),
]

BAD: list[tuple[Any, str, str]] = [
    (plan_values.ExactRate, "0.1", "RATE_WITHOUT_PERCENT"),
    (plan_values.ExactRate, "5", "RATE_WITHOUT_PERCENT"),
    (plan_values.ExactRate, "-5%", "BAD_RATE"),
    (plan_values.ExactRate, "1/0", "BAD_RATE"),
    (plan_values.ExactRate, "1e2%", "BAD_RATE"),
    (plan_values.ExactRate, "base x 1.5", "BAD_RATE"),
    (plan_values.ExactRate, "x base", "BAD_RATE"),
    (plan_values.ExactRate, "\u0665%", "BAD_RATE"),  # digits of another script are letters here
    (plan_values.ExactRate, "10_001%", "RATE_TOO_LARGE"),
    (plan_values.ExactRate, "1/1_000", "BAD_RATE"),
    (plan_values.ExactRate, "1/1000000001", "RATE_TOO_FINE"),
    (plan_values.Share, "0.5", "RATE_WITHOUT_PERCENT"),
    (plan_values.Part, "0%", "OUT_OF_RANGE"),
    (plan_values.Part, "101%", "OUT_OF_RANGE"),
    (plan_values.Amount, "5,000", "BAD_AMOUNT"),
    (plan_values.Amount, "5_00", "BAD_AMOUNT"),
    (plan_values.Amount, "€5", "BAD_AMOUNT"),
    (plan_values.Amount, "1e3", "BAD_AMOUNT"),
    (plan_values.Amount, ".5", "BAD_AMOUNT"),
    (plan_values.Amount, "0x10", "BAD_AMOUNT"),
    (plan_values.Amount, "NaN", "BAD_AMOUNT"),
    (plan_values.Amount, "0.001", "TOO_MANY_DECIMALS"),
    (plan_values.Amount, "10_000_000_000_000.01", "AMOUNT_TOO_LARGE"),
    (plan_values.PositiveAmount, "-1", "OUT_OF_RANGE"),
    (plan_values.Months, "12", "BAD_SPAN"),
    (plan_values.Months, "0 months", "OUT_OF_RANGE"),
    (plan_values.Months, "601 months", "OUT_OF_RANGE"),
    (plan_values.Days, "1 month", "BAD_SPAN"),
    (plan_values.Count, "2.0", "BAD_NUMBER"),
    (plan_values.Count, "9" * 400, "OUT_OF_RANGE"),
    (plan_values.Flag, "true", "NOT_YES_OR_NO"),
    (plan_values.IsoDate, "2026-02-29", "BAD_DATE"),
    (plan_values.IsoDate, "20260101", "BAD_DATE"),
    (plan_values.IsoDate, "2026-01-01T00:00", "BAD_DATE"),
    (plan_values.Month, "January", "NOT_A_CHOICE"),
    (plan_values.CurrencyCode, "XAU", "UNKNOWN_CURRENCY"),
    (plan_values.CurrencyCode, "eur", "UNKNOWN_CURRENCY"),
    (plan_values.Slug, "Own Deals", "BAD_NAME"),
    (plan_values.Slug, "a" * 64, "BAD_NAME"),
    (plan_values.Title, "two\nlines", "BAD_TITLE"),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD)
def test_text_becomes_an_exact_value(kind: Any, text: str, value: object) -> None:
    assert TypeAdapter(kind).validate_python(text, context=EURO) == value


@pytest.mark.parametrize(("kind", "text", "code"), BAD)
def test_other_text_is_refused(kind: Any, text: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(text, context=EURO)
    assert [error["type"] for error in caught.value.errors()] == [code]


@pytest.mark.parametrize("kind", [kind for kind, *_ in GOOD])
@pytest.mark.parametrize("value", [0.1, None, [], {}])
def test_what_is_no_text_is_refused(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value, context=EURO)


@pytest.mark.parametrize(
    ("exponent", "text", "minor"), [(0, "5_000", 5000), (3, "1.234", 1234), (4, "0.0001", 1), (2, "0.05", 5)]
)
def test_an_amount_has_the_decimals_of_its_currency(exponent: int, text: str, minor: int) -> None:
    assert plan_values.amount_minor(text, exponent, "...") == minor


def test_the_pinned_currencies_are_those_of_the_standard() -> None:
    known = {currency.code: currency.exponent for currency in iso4217.Currency}
    assert dict(currencies.EXPONENTS) == {code: exponent for code, exponent in known.items() if exponent is not None}
    assert {code for code, exponent in known.items() if exponent is None} == currencies.NOT_PAYABLE


@pytest.mark.parametrize(("code", "exponent"), [("EUR", 2), ("JPY", 0), ("BHD", 3), ("IQD", 3), ("MGA", 2), ("CLF", 4)])
def test_decimals_of_some_currencies(code: str, exponent: int) -> None:
    assert currencies.EXPONENTS[code] == exponent


def test_a_check_outside_a_reading_is_an_error() -> None:
    from compsvc.core.rules import KINDS

    build: Callable[[object], object] = KINDS["kicker"].model_validate
    with pytest.raises(ValidationError, match="KICKER_AT_OR_EVERY"):
        build({"@": NOWHERE, "kind": "kicker", "bonus": "5"})
