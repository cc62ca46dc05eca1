"""durable_rules behind a fence: the only file that imports it. Why each bar of the fence: docs/decisions/0002.

The engine sees codes (`eligibility.Coding`), small integers that stand for null, a constant of the plan or an interval
between two; never a text, an amount or a name of the plan. Its answers are kept per revision and signature, and count
only because they are compared with the plain matcher.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from compsvc.core.eligibility import (
    Coding,
    Condition,
    Deal,
    EligibilityError,
    Matcher,
    PlainMatcher,
    Rule,
    RuleSet,
    ask,
    limits,
)
from compsvc.core.eligibility_probes import probes
from compsvc.core.limits import MAX_KEPT_ANSWERS, MAX_LIVE_REVISIONS

try:
    import durable_rules_engine
    from durable import engine
except ImportError:  # No build of it loads on Python 3.13 and later.
    engine = durable_rules_engine = None

RULES_PER_RULESET = 64  # a 65th rule with a condition true at the same level is error 303
CONSTANTS_PER_RULESET = 500  # 512 equality tests below one node, of any fields together, hang the engine

Codes = tuple[int, ...]


class MatcherUnavailableError(EligibilityError):
    """durable_rules does not import on this Python."""


class EngineError(EligibilityError):
    """The engine did something other than answer; its revision is disabled."""


class RevisionDisabledError(EligibilityError):
    """An earlier ask of this revision went wrong; it is not asked again in this process."""


def available() -> bool:
    """Whether durable_rules imports here."""
    return engine is not None


def best_matcher() -> tuple[Matcher, Matcher | None]:
    """The matcher to use and the reference that every first answer is compared with, None where plain serves alone."""
    return (DurableMatcher(), PlainMatcher()) if available() else (PlainMatcher(), None)


def verify(matcher: Matcher, reference: Matcher | None, rules: RuleSet) -> int:
    """How many deals made from the plan's constants were compared; a difference disables the revision and raises."""
    if reference is None:
        return 0
    return len(ask(matcher, reference, rules, probes(rules)))


@dataclass(frozen=True, slots=True)
class _Part:
    """One ruleset of the engine: the rules it holds, in firing order, and what the engine calls the fields they use."""

    name: str
    positions: tuple[int, ...]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Registered:
    rules: RuleSet
    parts: tuple[_Part, ...]
    answers: OrderedDict[Codes, tuple[str, ...]] = field(default_factory=OrderedDict)


class DurableMatcher:
    """Threads may share it: one ask at a time. Use one a process; dropped revisions leave memory behind."""

    def __init__(self) -> None:
        if not available():
            raise MatcherUnavailableError("durable_rules does not import here; use the plain matcher.")
        self.name = f"durable_rules {version('durable_rules')}"
        self._lock = threading.Lock()
        self._fired: list[int] = []
        self._host = _quiet_host()
        self._registered: OrderedDict[str, _Registered] = OrderedDict()
        self._disabled: dict[str, str] = {}

    def match(self, rules: RuleSet, deal: Deal) -> tuple[str, ...]:
        with self._lock:
            if rules.revision in self._disabled:
                raise RevisionDisabledError(
                    f"plan revision {rules.revision} is disabled: {self._disabled[rules.revision]}"
                )
            registered = self._revision(rules)
            codes = tuple(coding.code(deal.get(name)) for name, coding in rules.codings.items())
            if codes not in registered.answers:
                if len(registered.answers) >= MAX_KEPT_ANSWERS:
                    registered.answers.popitem(last=False)
                registered.answers[codes] = self._answer(registered, codes)
            return registered.answers[codes]

    def disable(self, revision: str, reason: str) -> None:
        """Every later ask of the revision raises RevisionDisabledError."""
        with self._lock:
            self._disabled[revision] = reason

    def _revision(self, rules: RuleSet) -> _Registered:
        """The revision's rulesets, made at the first ask; the one asked longest ago makes room."""
        registered = self._registered.get(rules.revision)
        if registered is None:
            return self._register(rules)
        if registered.rules is not rules and registered.rules != rules:
            raise EligibilityError(f"plan revision {rules.revision} names two different rule sets")
        self._registered.move_to_end(rules.revision)
        return registered

    def _register(self, rules: RuleSet) -> _Registered:
        if problems := limits(rules):
            raise EligibilityError(f"plan revision {rules.revision} has rules that are refused: {problems}")
        if len(self._registered) >= MAX_LIVE_REVISIONS:
            self._forget(self._registered.popitem(last=False)[1])
        parts = []
        for number, positions in enumerate(_split(rules)):
            name = f"{sha256(rules.revision.encode()).hexdigest()}_{number}"
            engine_names = _engine_names(rules, positions)
            definition = _definition(rules, positions, engine_names, self._fired.append)
            self._host.register_rulesets({name: definition})
            parts.append(_Part(name, positions, engine_names))
        self._registered[rules.revision] = _Registered(rules, tuple(parts))
        return self._registered[rules.revision]

    def _forget(self, registered: _Registered) -> None:
        """Gives back what the library gives back, about half."""
        for part in registered.parts:
            ruleset = self._host._ruleset_directory.pop(part.name)
            self._host._ruleset_list.remove(ruleset)
            durable_rules_engine.delete_ruleset(ruleset._handle)

    def _answer(self, registered: _Registered, codes: Codes) -> tuple[str, ...]:
        rules = registered.rules
        code_of = dict(zip(rules.fields, codes, strict=True))
        fired: list[int] = []
        for part in registered.parts:
            fact = {engine_name: code_of[name] for name, engine_name in part.fields.items()}
            try:
                fired.extend(self._ask_engine(part.name, {"kind": "deal", "id": "deal", **fact}))
            except Exception as error:
                self._disabled[rules.revision] = f"durable_rules failed: {error!r}"
                raise EngineError(f"plan revision {rules.revision}: {self._disabled[rules.revision]}") from error
        rank = {position: rank for rank, position in enumerate(rules.order)}
        names = tuple(rules.rules[position].name for position in sorted(fired, key=rank.__getitem__))
        return names[:1] if rules.mode == "first" else names

    def _ask_engine(self, ruleset: str, fact: dict[str, str | int]) -> list[int]:
        """Assert, read, retract. The engine swallows what an action raises; it can only be read in the state."""
        self._fired.clear()
        try:
            state = self._host.assert_fact(ruleset, dict(fact))
        except engine.MessageNotHandledException:
            if self._fired:
                raise EngineError("rules fired for a fact that the engine calls unhandled") from None
            return []
        if not isinstance(state, dict) or "exception" in state or not self._fired:
            raise EngineError(f"the engine answered with the state {state!r} and {len(self._fired)} rules")
        fired = list(self._fired)
        self._host.retract_fact(ruleset, dict(fact))
        return fired


def _quiet_host() -> Any:
    """A host without the two polling threads of the library, which would run our actions on their own."""

    class QuietHost(engine.Host):  # type: ignore[misc]
        def _run(self) -> None:
            return

    return QuietHost()


def _split(rules: RuleSet) -> Iterator[tuple[int, ...]]:
    """Positions in firing order, cut where the next rule would take a ruleset over what the engine bears."""
    part: list[int] = []
    constants: set[tuple[str, object]] = set()
    for position in rules.order:
        more = _tested(rules.rules[position])
        if len(part) == RULES_PER_RULESET or (part and len(constants | more) > CONSTANTS_PER_RULESET):
            yield tuple(part)
            part, constants = [], set()
        part.append(position)
        constants |= more
    if part:
        yield tuple(part)


def _tested(rule: Rule) -> set[tuple[str, object]]:
    return {(condition.field, value) for condition in rule.conditions for value in condition.values}


def _engine_names(rules: RuleSet, positions: Iterable[int]) -> dict[str, str]:
    """`f0`, `f1`, ...: a field of the plan may be called `id`, `sid` or `$and`, which mean something to the engine."""
    used = {condition.field for position in positions for condition in rules.rules[position].conditions}
    return {name: f"f{number}" for number, name in enumerate(sorted(used))}


def _definition(
    rules: RuleSet, positions: tuple[int, ...], names: Mapping[str, str], fire: Callable[[int], None]
) -> dict[str, Any]:
    return {
        f"r{rank}": {
            "all": [{"m": {"$and": [{"kind": "deal"}, *_rule_tests(rules, rules.rules[position], names)]}}],
            "pri": rank + 1,
            "run": _action(position, fire),
        }
        for rank, position in enumerate(positions)
    }


def _action(position: int, fire: Callable[[int], None]) -> Callable[[Any], None]:
    def run(_: Any) -> None:  # The engine counts parameters: one means that it need not wait.
        fire(position)

    return run


def _rule_tests(rules: RuleSet, rule: Rule, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for condition in rule.conditions:
        yield from _tests(condition, names[condition.field], rules.codings[condition.field])


def _tests(condition: Condition, name: str, coding: Coding) -> list[dict[str, Any]]:
    """The condition on codes. Each form is true at one node at most, which keeps 64 rules below the engine's limit."""
    codes = sorted({coding.code(value) for value in condition.values})
    present = {"$gt": {name: 0}}
    match condition.op:
        case "absent":
            return [{name: 0}]
        case "present":
            return [present]
        case "eq" | "in":
            return [{name: codes[0]}] if len(codes) == 1 else [{"$or": [{name: code} for code in codes]}]
        case "ne" | "not_in":
            return [present, *({"$neq": {name: code}} for code in codes)]
        case "lt":
            return [present, {"$lt": {name: codes[0]}}]
        case "le":
            return [present, {"$lte": {name: codes[0]}}]
        case "gt":
            return [{"$gt": {name: codes[0]}}]
        case "ge":
            return [{"$gte": {name: codes[0]}}]
        case "between":
            return [{"$gte": {name: codes[0]}}, {"$lte": {name: codes[-1]}}]
