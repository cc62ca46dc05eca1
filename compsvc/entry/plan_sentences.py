"""A part of a plan as sentences: each word that it says, by the sentences of its model, or else as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, get_args

from babel.dates import get_month_names
from google.type.date_pb2 import Date
from pydantic import WithJsonSchema
from pydantic.fields import FieldInfo

from compsvc.core.node import Node, literal_words, name_in_file
from compsvc.core.plan_clawback import FullWithin
from compsvc.core.plan_pay import Wait
from compsvc.core.plan_payroll import PayDay
from compsvc.core.plan_quotas import SEASONS, Seasonal
from compsvc.core.plan_values import MONTHS, Rate
from compsvc.entry.locales import Locale
from compsvc.entry.plan_words import NODE_SENTENCES, PLAN_WORDS
from compsvc.entry.statement_formats import Formats

_SPAN = re.compile(r"\^\[0-9\]\+ ([a-z]+)s\?\$")  # how spans are written, as the schema has it
_OF = re.compile(r"([a-z]+) of ([a-z][a-z0-9-]*)")  # `attainment of commission`
_NUMBERED = re.compile(r"\^([a-z]+) \[0-9\]\+\$")  # `month 4`
_DECIMALS = r"(\.[0-9]+)?"  # of whole numbers only amounts are written with decimals

_IN_CENTS = frozenset({"EUR", "USD", "CAD", "AUD", "NZD"})


class Speaker:
    """Says parts of one plan in one language."""

    def __init__(self, locale: Locale, currency: str) -> None:
        self.locale, self.currency = locale, currency
        self.formats = Formats(locale)
        self.words = PLAN_WORDS[locale]

    def word(self, name: str) -> str:
        return self.formats.words.get(name) or self.words.get(name) or self.untold(name)

    def untold(self, written: str) -> str:
        """A word of the language that has none in this one is said as the plan writes it."""
        return written

    def phrase(self, name: str, **values: str) -> str:
        return self.words[name].format_map(values)

    def sentences(self, node: Node, *, but: frozenset[str] = frozenset(), by: str = "") -> list[str]:
        """What the node says besides the words `but`; its mappings as their own sentences. `by`: those of this name."""
        table = NODE_SENTENCES[by][self.locale] if by else self.table(node)
        said = {name: (item, value) for name, item, value in said_by(node) if name not in but}
        values = _Said(self, said)
        whole = table.get("", "")
        told = [whole.format_map(values)] if whole and _names(whole) <= set(values) else []
        for name, (_, value) in said.items():
            if not told or name not in _names(whole):
                told += self._sentence(name, value, table, values)
        return told

    def table(self, node: Node) -> Mapping[str, str]:
        own = type(node).sentences.get(self.locale, {})
        return {**NODE_SENTENCES.get(type(node).__name__, {}).get(self.locale, {}), **own}

    def _sentence(self, name: str, value: object, table: Mapping[str, str], values: Mapping[str, str]) -> list[str]:
        sentence = table.get(f"{name}={_written(value)}", table.get(name))
        if sentence is not None and _names(sentence) <= set(values):
            return [sentence.format_map(values)] if sentence else []
        parts = value if isinstance(value, tuple) else (value,)
        if parts and all(isinstance(part, Node) and _has_words(part, self.locale) for part in parts):
            return [" ".join(self.sentences(part)) for part in parts]
        return [self.untold(f"{name}: {values[name]}.")]

    # --- values

    def value(self, value: object, item: FieldInfo | None = None) -> str:
        match value:
            case bool():
                return self.words["yes" if value else "no"]
            case Rate(ratio=ratio, of_base=of_base):
                return self.formats.multiple(ratio) if of_base else self.formats.ratio(ratio)
            case Fraction():
                return self.formats.ratio(value)
            case date():
                return self.formats.date(Date(year=value.year, month=value.month, day=value.day))
            case int():
                return self._whole(value, _schema(item))
            case Seasonal():
                names = self.months() if value.per == "month" else SEASONS[value.per]
                return ", ".join(
                    f"{name} {self.value(share)}" for name, share in zip(names, value.weights, strict=True)
                )
            case Node() if whole := self.table(value).get(""):
                return whole.format_map(_Said(self, {name: (of, part) for name, of, part in said_by(value)}))
            case Node():
                return "; ".join(f"{name} {self.value(part, of)}" for name, of, part in said_by(value))
            case tuple() | list():
                return self.listed([self.value(part, item) for part in value])
            case dict():
                return "; ".join(f"{self.word(str(key))} {self.value(part, item)}" for key, part in value.items())
            case FullWithin(months=months, over=over):
                name = "full_within_then" if over else "full_within"
                return self.phrase(name, months=self.span(months, "month"), over=str(over))
            case Wait(number=number, unit=unit):
                return self.span(number, unit)
            case PayDay(day=day, next_month=later):
                month = self.words["pay_day_next" if later else "pay_day_this"]
                return self.phrase("pay_day" if day < PayDay.LAST else "pay_day_last", day=str(day), month=month)
        if (position := _OF.fullmatch(str(value))) and f"{position[1]}_of" in self.words:
            return self.phrase(f"{position[1]}_of", component=position[2])
        return self.word(str(value)) if _is_word(str(value), item) else str(value)

    def _whole(self, number: int, schema: Mapping[str, Any]) -> str:
        """An amount, a span, a month or a count, as the schema of the word says."""
        pattern = str(schema.get("pattern", ""))
        if _DECIMALS in pattern:
            return self.formats.exact_money(Fraction(number), self.currency)
        if schema.get("enum") == list(MONTHS):
            return self.months()[number - 1]
        if numbered := _NUMBERED.fullmatch(pattern):
            return f"{self.word(numbered[1])} {number}"
        span = _SPAN.fullmatch(pattern)
        return self.span(number, span[1]) if span else self.formats.number(Fraction(number))

    def smallest(self) -> str:
        """`cent`, or `£0.01` of a currency whose smallest amount has another name."""
        if self.currency in _IN_CENTS:
            return self.words["cent"]
        return self.formats.exact_money(Fraction(1), self.currency)

    def months(self) -> list[str]:
        return [str(name) for _, name in sorted(get_month_names("wide", locale=self.locale).items())]

    def span(self, number: int, unit: str) -> str:
        if (name := f"span_{unit}") in self.words:
            return self.phrase(f"{name}:one" if number == 1 else name, count=str(number))
        return f"{number} {unit}{'' if number == 1 else 's'}"

    def listed(self, parts: list[str], between: str = "and") -> str:
        """`a`, `a and b`, `a, b and c`."""
        return f" {self.words[between]} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


_SMALLEST, _CURRENCY = "smallest", "plan_currency"  # beside a node's own words: the plan's, and its smallest amount


class _Said(Mapping[str, str]):
    """What a node says, put into words only where a sentence asks for it."""

    def __init__(self, speaker: Speaker, said: Mapping[str, tuple[FieldInfo, Any]]) -> None:
        self._speaker, self._said = speaker, said

    def __getitem__(self, name: str) -> str:
        if name == _SMALLEST:
            return self._speaker.smallest()
        if name == _CURRENCY:
            return self._speaker.currency
        item, value = self._said[name]
        return self._speaker.value(value, item)

    def __iter__(self) -> Iterator[str]:
        return iter([*self._said, _SMALLEST, _CURRENCY])

    def __len__(self) -> int:
        return len(self._said) + 2


def said_by(node: Node) -> Iterator[tuple[str, FieldInfo, Any]]:
    """The words of a mapping that are given and are not the default."""
    for field, item in type(node).model_fields.items():
        name, value = name_in_file(field, item), getattr(node, field)
        default = None if item.is_required() else item.get_default(call_default_factory=True)
        if not name.startswith("@") and name != "kind" and value is not None and value != default:
            yield name, item, value


def _written(value: object) -> object:
    """As the keys of the sentences have it."""
    if isinstance(value, bool):
        return ("no", "yes")[value]
    if isinstance(value, FullWithin):
        return "full within"
    return "no" if value == () else value


def _has_words(node: Node, locale: Locale) -> bool:
    return type(node).__name__ in NODE_SENTENCES or locale in type(node).sentences


def _is_word(text: str, item: FieldInfo | None) -> bool:
    """A word of the language; another text is a name, and stays as it is."""
    return item is None or text in literal_words(item.annotation)


def _names(sentence: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", sentence))


def _schema(item: FieldInfo | None) -> Mapping[str, Any]:
    """How the word is written, where its type says so: also inside of `... | None` and of lists."""
    if item is None:
        return {}
    found = next((part.json_schema for part in _parts(item) if isinstance(part, WithJsonSchema)), None)
    return found or {}


def _parts(item: Any) -> Iterator[Any]:
    yield from getattr(item, "metadata", ())
    yield from getattr(item, "__metadata__", ())
    for part in (getattr(item, "annotation", None), *get_args(item)):
        if part is not None:
            yield from _parts(part)
