"""Probes: deals made from a rule set's own constants, by which a matcher is tried before it is trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import gcd, prod

from compsvc.core.eligibility import Rule, RuleSet, Value, holds
from compsvc.core.limits import MAX_PROBES


def probes(rules: RuleSet) -> list[dict[str, Value | None]]:
    """Deals that try the rules where they can go wrong: hits, near misses and an even walk; the same ones each time."""
    samples = {field: coding.samples() for field, coding in rules.codings.items()}
    hits = [_hit(rule, samples, turn) for turn, rule in enumerate(rules.rules)]
    misses = [deal for rule, hit in zip(rules.rules, hits, strict=True) for deal in _misses(rule, hit, samples)]
    return [*hits, *_thinned(misses, MAX_PROBES), *_walk(samples, MAX_PROBES)]


def _hit(rule: Rule, samples: Mapping[str, tuple[Value | None, ...]], turn: int) -> dict[str, Value | None]:
    """A deal for which the rule fires where one sample a field can do that; the other fields take turns."""
    return {field: _fitting(rule, field, values, turn) for field, values in samples.items()}


def _fitting(rule: Rule, field: str, values: tuple[Value | None, ...], turn: int) -> Value | None:
    conditions = [condition for condition in rule.conditions if condition.field == field]
    fitting = [value for value in values if all(holds(condition, value) for condition in conditions)] or values
    return fitting[turn % len(fitting)]


def _misses(
    rule: Rule, hit: dict[str, Value | None], samples: Mapping[str, tuple[Value | None, ...]]
) -> Iterator[dict[str, Value | None]]:
    """The hit with one of the rule's fields set to each of its samples."""
    for field in sorted({condition.field for condition in rule.conditions}):
        yield from ({**hit, field: value} for value in samples[field])


def _thinned(deals: list[dict[str, Value | None]], limit: int) -> list[dict[str, Value | None]]:
    return deals[:: max(1, -(-len(deals) // limit))]


def _walk(samples: Mapping[str, tuple[Value | None, ...]], limit: int) -> Iterator[dict[str, Value | None]]:
    """All combinations where they are few; else `limit` different ones, in steps of the golden section."""
    total = prod(len(values) for values in samples.values())
    step = max(1, total * 618_033_988_749_895 // 10**15)
    while gcd(step, total) != 1:
        step += 1
    for turn in range(min(limit, total)):
        yield _combination(samples, turn * step % total)


def _combination(samples: Mapping[str, tuple[Value | None, ...]], number: int) -> dict[str, Value | None]:
    deal: dict[str, Value | None] = {}
    for field, values in samples.items():
        number, index = divmod(number, len(values))
        deal[field] = values[index]
    return deal
