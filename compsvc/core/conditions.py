"""Conditions of a credit rule: from what a plan writes to what a matcher asks.

`FIELDS` is the fact model of conditions: every field, its type and where its value comes from. What may be written:

    type: new_logo                      equal                    acv: ">= 50_000"       also <=, > and <
    type: [new_logo, upsell]            one of                   acv: 10_000..50_000    between, both ends included
    vertical: {not: retail}             not, or none of a list   channel: absent        not given (or `present`)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from compsvc.core import limits
from compsvc.core.currencies import EXPONENTS
from compsvc.core.eligibility import Condition, FieldType, Mode, Op, Rule, RuleSet, Value
from compsvc.core.node import Mapped, Position, Reading, place_of, reading, report, wrong
from compsvc.core.plan_values import amount_minor, currency_meant, kind_of, read_date, read_flag, read_ratio
from compsvc.core.problems import did_you_mean

Reads = Literal["deal type", "text", "currency", "amount", "percent", "number", "date", "flag"]
DEAL_TYPES = ("new_logo", "upsell", "cross_sell", "renewal", "downsell", "churn")
ATTRIBUTE = re.compile(r"attributes\.[A-Za-z][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Field:
    """How a plan writes values of the field, and where the fact comes from."""

    reads: Reads
    comes_from: str

    @property
    def type(self) -> FieldType:
        if self.reads == "flag":
            return "boolean"
        return "text" if self.reads in ("deal type", "text", "currency") else "integer"


FIELDS: Mapping[str, Field] = {
    "type": Field("deal type", "the line's type, given or derived (L1)"),
    "product": Field("text", "the line's product"),
    "channel": Field("text", "the deal's channel"),
    "currency": Field("currency", "the deal's currency"),
    "industry": Field("text", "the account's industry on the close date"),
    "region": Field("text", "the account's region on the close date"),
    "segment": Field("text", "the account's segment on the close date"),
    "quantity": Field("number", "the line's quantity"),
    "products": Field("number", "how many different products the deal's lines name"),
    "discount": Field("percent", "the line's discount off the list price; in parts per million"),
    "term_months": Field(
        "number",
        "whole months from the line's start to its end, or over its committed stages",
    ),
    "months_since_first_order": Field("number", "whole months from the account's first order to this close date"),
    "acv": Field("amount", "what the line counts as `acv` (L2), in the plan's currency"),
    "annual_value": Field("amount", "the line's annual value as given, in the plan's currency"),
    "one_time_value": Field("amount", "the line's one-time value, in the plan's currency"),
    "closed_date": Field("date", "the deal's close date; as yyyymmdd"),
    "opened_date": Field("date", "the day on which the opportunity was opened; as yyyymmdd"),
    "first_order": Field("flag", "whether the deal is the first of its account, or a win-back"),
    "win_back": Field("flag", "whether the deal wins an account back after so long without contract (`win_back`)"),
    "margin": Field("percent", "full-term value less cost, of that value; in parts per million, rounded down"),
    "ramp": Field("flag", "whether the line has two or more committed stages (L3)"),
}
_ATTRIBUTE_FIELD = Field("text", "a custom field of the deal, as imported")


def field_of(name: str) -> Field | None:
    return _ATTRIBUTE_FIELD if ATTRIBUTE.fullmatch(name) else FIELDS.get(name)


def is_amount(name: str) -> bool:
    """Whether the field is an amount of money."""
    field = field_of(name)
    return field is not None and field.reads == "amount"


def read_conditions(value: object, info: ValidationInfo) -> tuple[Condition, ...]:
    """All conditions of a `when`; each wrong one is reported and left out."""
    if isinstance(value, tuple) and all(isinstance(item, Condition) for item in value):
        return value
    if not isinstance(value, dict):
        raise wrong("WRONG_TYPE", f"here stands {kind_of(value)}; wanted: conditions such as `type: new_logo`.")
    mapping = value if isinstance(value, Mapped) else Mapped(value)
    return tuple(_conditions(mapping, info))


class _HasWhen(Protocol):
    @property
    def when(self) -> tuple[Condition, ...]: ...
    @property
    def priority(self) -> int: ...


def rule_set(revision: str, credits: Mapping[str, _HasWhen], match: Mode) -> RuleSet:
    """What the matchers are asked with."""
    rules = tuple(Rule(name, rule.priority, rule.when) for name, rule in credits.items())
    names = sorted({condition.field for rule in rules for condition in rule.conditions})
    fields = {name: field_of(name) for name in names}
    return RuleSet(revision, rules, match, {name: field.type for name, field in fields.items() if field is not None})


def _conditions(mapping: Mapped, info: ValidationInfo) -> Iterator[Condition]:
    for name, written in mapping.items():
        field = field_of(name)
        if field is None:
            report(info, "UNKNOWN_FIELD", mapping.key_at(name), _unknown_field(name))
            continue
        at = place_of(written, mapping.key_at(name))
        try:
            yield _condition(name, field, written, reading(info) or Reading())
        except _PlacedError as problem:
            report(info, problem.code, problem.at or at, problem.message)
        except PydanticCustomError as problem:
            report(info, problem.type, at, problem.message())


def _unknown_field(name: str) -> str:
    if name.startswith("attributes."):
        return f"`{name}` is no custom field: after `attributes.` stands a letter, then letters, digits and `_`."
    hint = did_you_mean(name, FIELDS) or f" A custom field is written `attributes.{name}`."
    return f"`{name}` is no field of a deal.{hint}"


class _PlacedError(Exception):
    def __init__(self, code: str, at: Position | None, message: str) -> None:
        super().__init__(message)
        self.code, self.at, self.message = code, at, message


def _condition(name: str, field: Field, written: object, context: Reading) -> Condition:
    if isinstance(written, dict):
        return _negated(name, field, written, context)
    if isinstance(written, (list, tuple)):
        return _one_of(name, field, written, ("eq", "in"), context)
    if not isinstance(written, str) or not written:
        raise wrong("BAD_CONDITION", f"here stands {kind_of(written)}; wanted: a value, a list or `absent`.")
    return _from_text(name, field, written, context)


def _negated(name: str, field: Field, written: Mapping[str, object], context: Reading) -> Condition:
    if set(written) != {"not"}:
        keys = ", ".join(f"`{key}`" for key in sorted(written)) or "nothing"
        raise wrong("BAD_CONDITION", f"a mapping here has the one key `not`, not {keys}. Write `{{not: VALUE}}`.")
    value = written["not"]
    if value in ("absent", "present"):
        opposite = "present" if value == "absent" else "absent"
        raise wrong("BAD_CONDITION", f"`not: {value}` is written `{opposite}`.")
    return _one_of(name, field, value if isinstance(value, (list, tuple)) else [value], ("ne", "not_in"), context)


def _one_of(name: str, field: Field, items: Iterable[object], ops: tuple[Op, Op], context: Reading) -> Condition:
    values = tuple(_placed_value(field, item, context) for item in items)
    if not values:
        raise wrong("BAD_CONDITION", f"the list for `{name}` is empty, so nothing would ever fit.")
    if len(values) > limits.MAX_CONDITION_VALUES:
        raise wrong(
            "CONDITION_TOO_LONG", f"{len(values)} values; at most {limits.MAX_CONDITION_VALUES} in a condition."
        )
    if len(set(values)) < len(values):
        raise wrong("VALUE_TWICE", f"a value stands twice in the list for `{name}`; remove one.")
    return Condition(name, ops[0] if len(values) == 1 else ops[1], values)


def _placed_value(field: Field, item: object, context: Reading) -> Value:
    try:
        return _value(field, item, context)
    except PydanticCustomError as problem:
        raise _PlacedError(problem.type, place_of(item, None), problem.message()) from None  # type: ignore[arg-type]


_COMPARED = re.compile(r"(>=|<=|>|<)\s*(.*)")
_OPS: Mapping[str, Op] = {">=": "ge", "<=": "le", ">": "gt", "<": "lt"}


def _from_text(name: str, field: Field, text: str, context: Reading) -> Condition:
    if text == "absent" or text == "present":
        return Condition(name, "absent" if text == "absent" else "present")
    if match := _COMPARED.fullmatch(text):
        _must_be_ordered(name, field, match[1])
        return Condition(name, _OPS[match[1]], (_value(field, match[2], context),))
    if field.type == "integer" and ".." in text:
        return _between(name, field, text, context)
    return Condition(name, "eq", (_value(field, text, context),))


def _between(name: str, field: Field, text: str, context: Reading) -> Condition:
    low, _, high = text.partition("..")
    values = (_value(field, low.strip(), context), _value(field, high.strip(), context))
    if values[0] > values[1]:  # type: ignore[operator]  # both are integers: the field is one
        raise wrong("BAD_CONDITION", f"nothing is between {low.strip()} and {high.strip()}; write the lower one first.")
    return Condition(name, "between", values)


def _must_be_ordered(name: str, field: Field, operator: str) -> None:
    if field.type != "integer":
        what = "yes or no" if field.type == "boolean" else "text"
        raise wrong("WRONG_CONDITION_TYPE", f"`{name}` is {what} and cannot be compared with `{operator}`.")


def _value(field: Field, item: object, context: Reading) -> Value:
    if not isinstance(item, str) or not item:
        raise wrong("BAD_CONDITION", f"here stands {kind_of(item)}; wanted: a value.")
    match field.reads:
        case "amount":
            return _amount(item, context)
        case "percent":
            return _percent_ppm(item)
        case "number":
            return _number(item)
        case "date":
            found = read_date(item)
            return found.year * 10_000 + found.month * 100 + found.day
        case "flag":
            return read_flag(item)
        case "deal type":
            return _choice(item, DEAL_TYPES, "deal type")
        case "currency":
            if item not in EXPONENTS:
                raise wrong("NOT_A_CHOICE", f"`{item}` is no currency.{currency_meant(item)}")
            return str(item)
        case "text":
            return str(item)


def _amount(text: str, context: Reading) -> int:
    if not re.match(r"-?[0-9]", text):
        raise wrong("WRONG_CONDITION_TYPE", f"`{text}` is no amount. Write it as `50_000`.")
    return amount_minor(text, context.exponent, context.currency)


def _percent_ppm(text: str) -> int:
    ratio = read_ratio(text)
    if ratio is None or "%" not in text:
        raise wrong("WRONG_CONDITION_TYPE", f"`{text}` is no percentage. Write it as `12.5%`.")
    ppm = ratio * 1_000_000
    if ppm.denominator != 1 or ppm > 1_000_000 * limits.MAX_RATE:
        raise wrong("WRONG_CONDITION_TYPE", f"`{text}` has more than four decimals or is too large.")
    return int(ppm)


def _number(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,12}(_[0-9]{3}){0,4}", text):
        raise wrong("WRONG_CONDITION_TYPE", f"`{text}` is no whole number.")
    number = int(text.replace("_", ""))
    if abs(number) > limits.MAX_AMOUNT_MINOR:
        raise wrong("WRONG_CONDITION_TYPE", f"`{text}` is too large.")
    return number


def _choice(text: str, words: Iterable[str], what: str) -> str:
    if text not in words:
        raise wrong("NOT_A_CHOICE", f"`{text}` is no {what}.{did_you_mean(text, words)}")
    return str(text)


_ONE: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_SOME: dict[str, Any] = {"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1}]}
_NOT: dict[str, Any] = {
    "type": "object",
    "properties": {"not": _SOME},
    "required": ["not"],
    "additionalProperties": False,
}
_WRITTEN: dict[str, Any] = {"anyOf": [*_SOME["anyOf"], _NOT]}
WHEN_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {name: {**_WRITTEN, "description": field.comes_from} for name, field in FIELDS.items()},
    "patternProperties": {f"^{ATTRIBUTE.pattern}$": {**_WRITTEN, "description": _ATTRIBUTE_FIELD.comes_from}},
    "additionalProperties": False,
}
