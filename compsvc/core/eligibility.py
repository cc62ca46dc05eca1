"""Which credit rules apply to a deal: conditions over the deal's own fields, and nothing else.

A deal's *signature* is what its condition fields say as far as the rules can tell. Deals with equal signatures get
equal answers, so a matcher is asked once per distinct signature and the rest is a join. `PlainMatcher` defines what a
rule set means; any other matcher is right exactly where it gives the same answer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import Literal, Protocol, runtime_checkable

import polars as pl

from compsvc.core.columns import repeated
from compsvc.core.limits import MAX_FIELDS, MAX_RULE_CONSTANTS, MAX_RULES

Value = str | bool | int
Deal = Mapping[str, Value | None]
FieldType = Literal["text", "boolean", "integer"]
Mode = Literal["first", "all"]
Op = Literal["eq", "ne", "in", "not_in", "lt", "le", "gt", "ge", "between", "absent", "present"]

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1

_TYPES: dict[FieldType, type] = {"text": str, "boolean": bool, "integer": int}
_ORDERED_OPS = frozenset({"lt", "le", "gt", "ge", "between"})
_KEYS_BELOW = 2**62


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one field. A null field fails every op except `absent`, so `ne` and `not_in` on null are false.

    Dates are integers like 20260331, amounts minor units, ratios parts per million. `between` includes both ends.
    """

    field: str
    op: Op
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Fires where every condition holds; a rule without conditions always fires."""

    name: str
    priority: int
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class RuleSet:
    """The credit rules of one plan revision. `types` names every field that a condition uses."""

    revision: str
    rules: tuple[Rule, ...]
    mode: Mode
    types: Mapping[str, FieldType]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields that conditions use, sorted; fields that are only declared are left out."""
        return tuple(sorted({condition.field for rule in self.rules for condition in rule.conditions}))

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Positions in `rules` in firing order: lower priority first, then as written."""
        return tuple(sorted(range(len(self.rules)), key=lambda position: (self.rules[position].priority, position)))

    @cached_property
    def codings(self) -> Mapping[str, Coding]:
        """How each used field is told apart, keyed by field in sorted order."""
        return {field: Coding(field, self.types[field], _constants(self, field)) for field in self.fields}


class Matcher(Protocol):
    @property
    def name(self) -> str: ...

    def match(self, rules: RuleSet, deal: Deal) -> tuple[str, ...]:
        """The names of the rules that fired, in firing order; at most one under `first`."""
        ...


@runtime_checkable
class Disables(Protocol):
    """A matcher that can refuse to serve a revision from now on."""

    def disable(self, revision: str, reason: str) -> None: ...


class EligibilityError(Exception):
    """The run cannot go on. MatcherDisagreement here; the adapters add their own below this one."""


class MatcherDisagreement(EligibilityError):  # noqa: N818  # It names what happened, as its readers do.
    """Two matchers answered one deal differently. The text holds no deal values; `deal` does, for the audit."""

    def __init__(self, revision: str, deal: Deal, got: tuple[str, ...], expected: tuple[str, ...]) -> None:
        super().__init__(revision, deal, got, expected)
        self.revision, self.deal, self.got, self.expected = revision, deal, got, expected

    def __str__(self) -> str:
        return (
            f"plan revision {self.revision}: the matcher says {self.got}, the reference says {self.expected}. "
            "Nothing is computed with this revision."
        )


class PlainMatcher:
    """The definition of what a rule set means, on raw values."""

    name = "plain"

    def match(self, rules: RuleSet, deal: Deal) -> tuple[str, ...]:
        fired = (rule.name for rule in map(rules.rules.__getitem__, rules.order) if _applies(rule, deal))
        return tuple(islice(fired, 1)) if rules.mode == "first" else tuple(fired)


def _applies(rule: Rule, deal: Deal) -> bool:
    return all(holds(condition, deal.get(condition.field)) for condition in rule.conditions)


def holds(condition: Condition, value: Value | None) -> bool:
    """Whether the condition is true of the value. A value that is not of the constants' type is a programmer error."""
    op, constants = condition.op, condition.values
    if value is None or op in ("absent", "present"):
        return (value is None) == (op == "absent")
    _same_type(condition.field, value, constants)
    if op in ("eq", "in"):
        return value in constants
    if op in ("ne", "not_in"):
        return value not in constants
    return _compares(op, value, constants)


def _same_type(field: str, value: Value, constants: tuple[Value, ...]) -> None:
    """Python holds True equal to 1; here they are different, and mixing them is never meant."""
    if any(type(value) is not type(constant) for constant in constants):
        raise TypeError(f"field {field}: got {type(value).__name__}, the rules compare it with {constants}")


def _compares(op: Op, value: Value, constants: tuple[Value, ...]) -> bool:
    number, low, high = _integer(value), _integer(constants[0]), _integer(constants[-1])
    match op:
        case "lt":
            return number < low
        case "le":
            return number <= low
        case "gt":
            return number > low
        case "ge":
            return number >= low
        case "between":
            return low <= number <= high
    raise AssertionError(f"unknown op {op}")


def _integer(value: Value) -> int:
    if type(value) is not int:
        raise TypeError(f"only integers can be compared, got {type(value).__name__}")
    return value


# --- what a rule set may hold


@dataclass(frozen=True, slots=True)
class RuleSetProblem:
    """Why a rule set is refused; `rule` and `field` say where, None where it is the whole set."""

    code: str
    message: str
    rule: str | None = None
    field: str | None = None


def limits(rules: RuleSet) -> list[RuleSetProblem]:
    """All that keeps the rule set from being used; empty where nothing does."""
    return [*_set_problems(rules), *chain.from_iterable(_rule_problems(rules, rule) for rule in rules.rules)]


def _set_problems(rules: RuleSet) -> Iterator[RuleSetProblem]:
    if len(rules.rules) > MAX_RULES:
        yield RuleSetProblem("RULES_TOO_MANY", f"{len(rules.rules)} credit rules; at most {MAX_RULES} in a plan.")
    if len(rules.fields) > MAX_FIELDS:
        message = f"{len(rules.fields)} condition fields; at most {MAX_FIELDS} in a plan."
        yield RuleSetProblem("FIELDS_TOO_MANY", message)
    names = Counter(rule.name for rule in rules.rules)
    for name in sorted(name for name, count in names.items() if count > 1):
        yield RuleSetProblem("RULE_NAME_TWICE", "two credit rules have this name; rename one.", rule=name)


def _rule_problems(rules: RuleSet, rule: Rule) -> Iterator[RuleSetProblem]:
    constants = {(condition.field, value) for condition in rule.conditions for value in condition.values}
    if len(constants) > MAX_RULE_CONSTANTS:
        message = f"{len(constants)} values in one rule; at most {MAX_RULE_CONSTANTS}. Split the rule."
        yield RuleSetProblem("CONSTANTS_TOO_MANY", message, rule=rule.name)
    for condition in rule.conditions:
        for code, message in _condition_problems(condition, rules.types.get(condition.field)):
            yield RuleSetProblem(code, message, rule=rule.name, field=condition.field)


def _condition_problems(condition: Condition, kind: FieldType | None) -> Iterator[tuple[str, str]]:
    op, values = condition.op, condition.values
    if kind is None:
        yield "FIELD_UNKNOWN", "no type is declared for this field."
        return
    if op in _ORDERED_OPS and kind != "integer":
        yield "OP_NEEDS_INTEGER", f"`{op}` compares integers; this field is {kind}."
    if not _value_count_fits(op, len(values)):
        yield "VALUES_WRONG_COUNT", f"`{op}` cannot have {len(values)} values."
    elif any(not _value_fits(value, kind) for value in values):
        yield "VALUE_WRONG_TYPE", f"a value is not a {kind} (integers are 64-bit, text is valid Unicode)."
    elif op == "between" and kind == "integer" and _integer(values[0]) > _integer(values[1]):
        yield "BETWEEN_EMPTY", f"nothing is between {values[0]} and {values[1]}; write the lower one first."


def _value_count_fits(op: Op, count: int) -> bool:
    if op in ("absent", "present"):
        return count == 0
    if op in ("in", "not_in"):
        return count >= 1
    return count == (2 if op == "between" else 1)


def _value_fits(value: Value, kind: FieldType) -> bool:
    if type(value) is not _TYPES[kind]:
        return False
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    return INTEGER_MIN <= value <= INTEGER_MAX


# --- codes and signatures


def _constants(rules: RuleSet, field: str) -> tuple[Value, ...]:
    used = {
        value
        for rule in rules.rules
        for condition in rule.conditions
        if condition.field == field
        for value in condition.values
    }
    return tuple(sorted(used))  # One type a field: `limits` refuses any other.


@dataclass(frozen=True, slots=True)
class Coding:
    """A field's values as small integers; values with the same code answer every condition of the rule set alike.

    0 is null. Booleans are 1 and 2. A text that some condition names has its rank from 1; all others share the last
    code. An integer has 1 + the index of its interval: x < t, x = t and x > t are apart for each threshold t.
    """

    field: str
    type: FieldType
    constants: tuple[Value, ...]

    @property
    def size(self) -> int:
        """Codes are in 0 .. size - 1."""
        return {"text": len(self.constants) + 2, "boolean": 3, "integer": 2 * len(self.constants) + 2}[self.type]

    def code(self, value: Value | None) -> int:
        """The code of one value."""
        if value is None:
            return 0
        if type(value) is not _TYPES[self.type]:
            raise TypeError(f"field {self.field} is {self.type}, got {type(value).__name__}")
        if self.type == "boolean":
            return 1 + int(value)
        below = bisect_left(self.constants, value)
        upto = bisect_right(self.constants, value)
        if self.type == "integer":
            return 1 + below + upto
        return 1 + (below if upto > below else len(self.constants))

    def column(self, frame: pl.DataFrame) -> pl.Series:
        """The codes of the frame's column, Int64 and without nulls."""
        raw = frame.get_column(self.field)
        if raw.dtype == pl.Null:
            return repeated(0, raw.len(), pl.Int64)
        if not _dtype_fits(raw.dtype, self.type):
            raise TypeError(f"field {self.field} is {self.type}, its column is {raw.dtype}")
        return (self._ranks(raw) + 1) * raw.is_not_null().cast(pl.Int64)

    def _ranks(self, raw: pl.Series) -> pl.Series:
        """Codes less one; what stands where the value is null does not matter, but it is a number."""
        if self.type == "boolean":
            return raw.cast(pl.Int64).fill_null(0)
        if self.type == "text":
            known = raw.cast(pl.String).cast(pl.Enum(self.constants), strict=False)  # type: ignore[arg-type]
            return known.to_physical().cast(pl.Int64).fill_null(len(self.constants))
        thresholds, numbers = pl.Series(self.constants, dtype=pl.Int64), raw.cast(pl.Int64).fill_null(0)
        below, upto = thresholds.search_sorted(numbers, "left"), thresholds.search_sorted(numbers, "right")
        return below.cast(pl.Int64) + upto.cast(pl.Int64)

    def samples(self) -> tuple[Value | None, ...]:
        """Null, each constant, its neighbours or an unknown text: at least one value of every code that can occur."""
        if self.type == "boolean":
            return (None, False, True)
        if self.type == "text":
            return (None, *self.constants, max(map(str, self.constants), default="") + "?")
        near = {_integer(value) + step for value in self.constants or (0,) for step in (-1, 0, 1)}
        return (None, *sorted(value for value in near if INTEGER_MIN <= value <= INTEGER_MAX))


def _dtype_fits(dtype: pl.DataType, kind: FieldType) -> bool:
    """Floats never fit: an amount is an integer of minor units."""
    if kind == "text":
        return isinstance(dtype, (pl.String, pl.Categorical, pl.Enum))
    if kind == "boolean":
        return dtype == pl.Boolean
    return dtype.is_integer()


@dataclass(frozen=True)
class Signatures:
    """`signature` (UInt32) gives each row the index of its representative: the raw values of one row of that kind."""

    signature: pl.Series
    representatives: list[dict[str, Value | None]]


def signatures(frame: pl.DataFrame, rules: RuleSet) -> Signatures:
    """Which rows no condition can tell apart. Numbered by code, so the order of the rows does not matter."""
    key = _key([(coding.column(frame), coding.size) for coding in rules.codings.values()], frame.height)
    rows = key.arg_unique()
    distinct = key[rows]
    order = distinct.arg_sort()
    signature = distinct[order].search_sorted(key).cast(pl.UInt32).alias("signature")
    return Signatures(signature, _raw_values(frame, rules.fields, rows[order]))


def _raw_values(frame: pl.DataFrame, fields: Sequence[str], rows: pl.Series) -> list[dict[str, Value | None]]:
    if not fields:
        return [{} for _ in range(rows.len())]
    return frame.select(fields)[rows].to_dicts()


def _key(columns: Iterable[tuple[pl.Series, int]], height: int) -> pl.Series:
    """One integer a row, equal exactly where all codes are: in mixed radix, renumbered before it could overflow."""
    key, radix = repeated(0, height, pl.Int64), 1
    for codes, size in columns:
        if radix * size >= _KEYS_BELOW:
            distinct = key.unique().sort()
            key, radix = distinct.search_sorted(key).cast(pl.Int64), distinct.len()
        key, radix = key * size + codes, radix * size
    return key


# --- asking, and the answer for a whole frame


def ask(
    matcher: Matcher, reference: Matcher | None, rules: RuleSet, representatives: Iterable[Deal]
) -> list[tuple[str, ...]]:
    """The answer for each representative. A difference from the reference disables the revision and stops the run."""
    return [_ask_one(matcher, reference, rules, deal) for deal in representatives]


def _ask_one(matcher: Matcher, reference: Matcher | None, rules: RuleSet, deal: Deal) -> tuple[str, ...]:
    got = matcher.match(rules, deal)
    expected = got if reference is None else reference.match(rules, deal)
    if got == expected:
        return got
    disagreement = MatcherDisagreement(rules.revision, dict(deal), got, expected)
    if isinstance(matcher, Disables):
        matcher.disable(rules.revision, str(disagreement))
    raise disagreement


def eligible(frame: pl.DataFrame, rules: RuleSet, matcher: Matcher, reference: Matcher | None) -> pl.DataFrame:
    """Each pair that fired: `row` (UInt32), `rule` (UInt16, position in `rules.rules`); by row, then in firing order.

    The rule set must be without problems (`limits`); one that has some is a programmer error here.
    """
    assert not (problems := limits(rules)), problems
    found = signatures(frame, rules)
    position = {rule.name: index for index, rule in enumerate(rules.rules)}
    fired = [[position[name] for name in names] for names in ask(matcher, reference, rules, found.representatives)]
    return _pairs(found.signature, fired)


def _pairs(signature: pl.Series, fired: list[list[int]]) -> pl.DataFrame:
    rows = pl.int_range(signature.len(), dtype=pl.UInt32, eager=True).alias("row")
    if len(fired) >= 1 and len(fired[0]) == 1 and all(rules == fired[0] for rules in fired):
        return pl.DataFrame({"row": rows}).with_columns(rule=pl.lit(fired[0][0], dtype=pl.UInt16))
    if all(len(rules) <= 1 for rules in fired):
        only = pl.Series("rule", [rules[0] if rules else None for rules in fired], dtype=pl.UInt16)
        return pl.DataFrame({"row": rows, "rule": only[signature]}).drop_nulls()
    lists = pl.Series("rule", fired, dtype=pl.List(pl.UInt16))[signature]
    return pl.DataFrame({"row": rows, "rule": lists}).filter(pl.col("rule").list.len() > 0).explode("rule")
