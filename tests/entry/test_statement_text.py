"""Printed statements: golden files, and what no locale may do to an amount."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from compsvc.core.forecast import forecast
from compsvc.core.statement import statement
from compsvc.core.statement_explain import Exact, Step, explain_all
from compsvc.core.statement_scope import period_of
from compsvc.entry.locales import LOCALES, Locale
from compsvc.entry.statement_formats import Formats, sentence
from compsvc.entry.statement_layout import WIDTH
from compsvc.entry.statement_markdown import statement_markdown
from compsvc.entry.statement_proto import as_json, explanation_message, line_name, step_message
from compsvc.entry.statement_sentences import SENTENCES
from compsvc.entry.statement_text import explanation_text, is_shown, statement_text
from compsvc.entry.statement_whole_proto import statement_message
from compsvc.entry.statement_words import WORDS
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.types_pb2 import Money
from tests.nordwind import landing, nordwind

Golden = Callable[[str, str], None]


def message(participant_id: str, period: str) -> pb.Statement:
    company = nordwind()
    span = period_of(period, fiscal_year_starts=1)
    assert span is not None
    found = statement(company.result, company.plans, company.facts, participant_id=participant_id, period=span)
    assert found is not None
    ahead = forecast(
        company.result, landing(), company.plans, company.facts, participant_id=participant_id, period=span
    )
    return statement_message(replace(found, forecast=ahead))


def explanations(participant_id: str) -> dict[str, pb.LineExplanation]:
    company = nordwind()
    opened = explain_all(company.result, company.plans, company.facts, participant_id)
    return {line_name(key): explanation_message(explanation) for key, explanation in opened.items()}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("participant_id", "period"),
    [("hanna", "2026-Q4"), ("finn", "2026-Q4"), ("ben", "2026"), ("sven", "2026-11"), ("vera", "2026-Q1")],
)
def test_a_statement_prints_as_it_did(golden: Golden, participant_id: str, period: str, locale: Locale) -> None:
    text = statement_text(message(participant_id, period), locale=locale)
    golden(f"statement/{participant_id}-{period}.{locale}.txt", text)
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("participant_id", "period"), [("hanna", "2026-Q4"), ("finn", "2026-Q1"), ("ben", "2026-Q3")])
def test_an_opened_statement_prints_as_it_did(golden: Golden, participant_id: str, period: str, locale: Locale) -> None:
    text = statement_text(message(participant_id, period), locale=locale, explanations=explanations(participant_id))
    golden(f"statement/{participant_id}-{period}-explained.{locale}.txt", text)
    assert max(map(len, text.splitlines())) <= WIDTH


def test_a_statement_as_json_prints_as_it_did(golden: Golden) -> None:
    text = as_json(message("hanna", "2026-Q4"))
    golden("statement/hanna-2026-Q4.json", text)
    fields = json.loads(text)
    assert list(fields) == sorted(fields)
    assert fields["totals"] == [{"currency_code": "EUR", "minor_units": "3930000"}]


def test_a_derivation_as_json_prints_as_it_did(golden: Golden) -> None:
    name = "participants/hanna/lines/hunter~commission~2026~crm~D-1010~1~0~0"
    golden("statement/hanna-D-1010.json", as_json(explanations("hanna")[name]))


def test_a_line_explained_alone_begins_with_its_amount() -> None:
    name = "participants/hanna/lines/hunter~commission~2026~crm~D-1010~1~0~0"
    text = explanation_text(explanations("hanna")[name])
    assert text.startswith("commission for D-1010, Gletscher Wasser AG: €10,050.00\n├─ ")


def test_an_empty_statement_says_so_in_words() -> None:
    empty = pb.Statement(participant_id="nora", display_name="Nora Neu", period="2026-Q4")
    empty.start_date.year, empty.start_date.month, empty.start_date.day = 2026, 10, 1
    empty.end_date.year, empty.end_date.month, empty.end_date.day = 2027, 1, 1
    text = statement_text(empty)
    assert "Nothing counts in this period" in text
    assert "Nothing is payable in this period." in text


def test_every_locale_has_every_word_and_every_sentence() -> None:
    english, names = WORDS["en"], {"channel"}  # the word is the same in English
    for locale in LOCALES:
        assert set(WORDS[locale]) - names == set(english) - names
        assert set(SENTENCES[locale]) == set(SENTENCES["en"])
        for code, texts in SENTENCES["en"].items():
            assert [_figures(text) for text in SENTENCES[locale][code]] == [_figures(text) for text in texts], code


def test_every_step_of_the_company_has_a_sentence_in_every_locale() -> None:
    def walk(step: pb.DerivationStep) -> None:
        for locale in LOCALES:
            assert sentence(step, locale) != _bare(step), step.code
        for below in step.steps:
            walk(below)

    for participant in nordwind().facts.participants["participant_id"]:
        for explanation in explanations(participant).values():
            walk(explanation.derivation)


def test_a_step_without_words_still_shows_its_figures() -> None:
    step = step_message(Step("BRAND_NEW", {"amount": Exact(Fraction(12345), "EUR")}))
    assert step.text == "brand new, amount €123.45"


@pytest.mark.parametrize(
    ("locale", "minor", "currency", "text"),
    [
        ("en", 123_456_789, "EUR", "€1,234,567.89"),
        ("de", 123_456_789, "EUR", "1.234.567,89 €"),
        ("en", -5, "EUR", "-€0.05"),
        ("de", -5, "EUR", "-0,05 €"),
        ("en", 1_234, "JPY", "¥1,234"),
        ("en", 1_234, "KWD", "KWD 1.234"),
        ("en", 1_234, "IQD", "IQD 1.234"),  # three decimals in ISO 4217, none in Babel
        ("en", 1_234, "MGA", "MGA 12.34"),  # two in ISO 4217, none in Babel
        ("en", 10**15 + 1, "EUR", "€10,000,000,000,000.01"),
    ],
)
def test_an_amount_has_the_decimals_of_iso_4217(locale: Locale, minor: int, currency: str, text: str) -> None:
    assert Formats(locale).money(Money(currency_code=currency, minor_units=minor)) == text


@pytest.mark.parametrize(
    ("ratio", "en", "de"),
    [
        (Fraction(127, 100), "127%", "127 %"),
        (Fraction(1, 8), "12.5%", "12,5 %"),
        (Fraction(1, 3), "1/3", "1/3"),
        (Fraction(1, 7), "≈ 14.29%", "≈ 14,29 %"),  # never rounded without a sign that says so
        (Fraction(0), "0%", "0 %"),
        (Fraction(-1, 4), "-25%", "-25 %"),
    ],
)
def test_a_ratio_is_exact_or_says_that_it_is_not(ratio: Fraction, en: str, de: str) -> None:
    assert (Formats("en").ratio(ratio), Formats("de").ratio(ratio)) == (en, de)


def test_an_exact_amount_shows_the_decimals_it_has() -> None:
    formats = Formats("en")
    assert formats.exact_money(Fraction(3333334, 10), "EUR") == "€3,333.334"
    assert formats.exact_money(Fraction(1, 3), "EUR") == "≈ €0.003333"


def _figures(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def _bare(step: pb.DerivationStep) -> str:
    return sentence(pb.DerivationStep(code="X" + step.code, values=step.values), "en").replace(
        "x" + step.code.lower(), ""
    )


def test_a_re_rating_counts_nothing_again() -> None:
    lines = _table(statement_text(message("finn", "2026-Q4")), "commission ")
    assert re.search(r"payable from +counts +pays$", lines[0])
    counted = [re.findall(r"€([\d,]+)\.00", line) for line in lines[1:]]
    assert sum(int(amounts[0].replace(",", "")) for amounts in counted if len(amounts) == 2) == 105_000  # the position
    assert [len(amounts) for amounts in counted] == [2, 1, 2]  # the second one is re-rated
    assert "11 Nov 2026" in lines[2]  # payable with what caused it, and not with its own deal


def _table(text: str, heading: str) -> list[str]:
    below = text.split("WHAT IS MY PAYOUT", 1)[1].splitlines()
    start = next(number for number, line in enumerate(below) if line.startswith(f"  {heading}"))
    return below[start + 1 : below.index("", start)]


@pytest.mark.parametrize(("locale", "words"), [("en", ", less than now"), ("de", ", weniger als jetzt")])
def test_a_step_to_a_lower_rate_is_no_goal(locale: Locale, words: str) -> None:
    hanna, finn = message("hanna", "2026-Q4"), message("finn", "2026-Q4")
    for form in (statement_text, statement_markdown):
        assert form(hanna, locale=locale).count(words) == 2  # where she stands, and where she will land
    assert words not in statement_text(finn, locale=locale)  # there the rate rises


@pytest.mark.parametrize("locale", LOCALES)
def test_columns_of_a_forecast_stay_apart_however_large_the_amounts(locale: Locale) -> None:
    found = message("hanna", "2026-Q4")
    for item in found.forecast.components[0].outlooks:
        item.position.money.minor_units *= 10_000
        item.earned_amount.minor_units *= 10_000
        item.attainment = str(Fraction(item.attainment) * Fraction(12345, 1000))
    text = statement_text(found, locale=locale)
    assert max(map(len, text.splitlines())) <= WIDTH
    rows = [line for line in text.splitlines() if "]  3/3" in line or "]  2/3" in line]
    assert len(rows) == 5
    assert all(re.search(r"\S  +≈ [\d.,]+ ?%  \[", row) for row in rows)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (Fraction(127, 100), "127%"),
        (Fraction(1528875, 1000000), "≈ 152.9%"),
        (Fraction(10625, 10000), "≈ 106.3%"),  # half up
        (Fraction(1, 3), "≈ 33.3%"),
        (Fraction(99999, 100000), "≈ 99.9%"),  # not yet 100%
        (Fraction(2, 3) * Fraction(3, 4), "50%"),
    ],
)
def test_an_attainment_has_one_decimal_at_most(ratio: Fraction, text: str) -> None:
    assert Formats("en").attainment(ratio) == text


def test_no_line_of_a_derivation_breaks_before_a_currency() -> None:
    for explanation in explanations("ben").values():
        for line in explanation_text(explanation, locale="de").splitlines():
            assert not re.match(r"[│ ├└─]*(€|%)", line)
            assert not re.search(r"\d (€|%)", line)


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en", "The period is over: no forecast."), ("de", "Der Zeitraum ist vorbei: keine Prognose.")],
)
def test_a_period_that_is_over_says_so(locale: Locale, words: str) -> None:
    past, running = message("finn", "2026-Q1"), message("finn", "2026-Q4")
    for form in (statement_text, statement_markdown):
        assert words in form(past, locale=locale)
        assert words not in form(running, locale=locale)


def test_markdown_has_what_does_not_count_in_a_table_of_its_own() -> None:
    text = statement_markdown(message("hanna", "2026-Q4"))
    counting, rest = text.split("**what is open**")[1].split("**counts in no scenario**")
    heads = "| deal | customer | stage | category | reason | expected | probability | amount |"
    assert counting.count(heads) == rest.count(heads) == 1
    assert "O-5002" in counting
    assert "O-5004" in rest
    assert "O-5004" not in counting
    assert "next step: €184,000.00 to go: D-1012 and O-5001 would take you there" in text


def _sentences(step: pb.DerivationStep) -> Iterator[str]:
    yield sentence(step, "en")
    for below in step.steps:
        yield from _sentences(below)


def test_markdown_opens_lines_as_the_text_does() -> None:
    hanna = message("hanna", "2026-Q4")
    opened = statement_markdown(hanna, explanations=explanations("hanna"))
    closed = statement_markdown(hanna)
    assert "tier 1 of 3 x 10% (base)" not in closed
    paid = [line.name for payout in hanna.payouts for line in payout.lines if is_shown(line)]
    assert paid
    for name in paid:
        wanted = list(_sentences(explanations("hanna")[name].derivation))
        assert [text for text in wanted if re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", text) in opened] == wanted
    assert "[hunter.yaml:19\\]" in opened


def test_markdown_says_the_tier_and_the_way_to_the_next_one() -> None:
    text = statement_markdown(message("hanna", "2026-Q4"))
    assert "| so far | rate | next step | earned |" in text
    assert "tier 2 of 3" in text


def test_stages_have_words_in_german_and_a_companys_own_keep_theirs() -> None:
    found = message("hanna", "2026-Q4")
    assert " Verhandlung " in statement_text(found, locale="de")
    found.forecast.prospects[1].stage = "Proposal"
    assert " Proposal " in statement_text(found, locale="de")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_place_and_its_prize_stand_in_text_and_markdown_alike(locale: Locale) -> None:
    shown = message("hanna", "2026-Q4")
    shown.standings[0].place.CopyFrom(pb.Place(number=2, ranked_count=9, winning_count=3, prize="a week on Crete"))
    place = WORDS[locale]["place_of"].format(number=2, ranked=9, winners=3)
    for printed in (statement_text(shown, locale=locale), statement_markdown(shown, locale=locale)):
        assert f"{place}: a week on Crete" in printed
