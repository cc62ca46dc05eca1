"""durable_rules, fenced, says what the plain matcher says; where it does not, nothing is paid."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from compsvc.adapters import durable_matcher
from compsvc.adapters.durable_matcher import (
    DurableMatcher,
    EngineError,
    MatcherUnavailableError,
    RevisionDisabledError,
    available,
    best_matcher,
    verify,
)
from compsvc.core.eligibility import (
    Coding,
    Condition,
    Deal,
    EligibilityError,
    MatcherDisagreement,
    PlainMatcher,
    Rule,
    RuleSet,
    Value,
    ask,
    limits,
)

needs_durable = pytest.mark.skipif(not available(), reason="durable_rules does not import on this Python")
PLAIN = PlainMatcher()
TEXTS: tuple[str, ...] = (
    *(
        "6",
        "06",
        "6.0",
        "-1",
        "true",
        "null",
        "None",
        "",
        " ",
        "ENT",
        "ent",
        "SMB",
        "EMEA",
        "é",
        "e\u0301",
        "日本",
        "🙂",
    ),
    *('quo"te', "apo'strophe", "back\\slash", "new\nline", "nul\x00", "$and", "$neq", "id", "deal", "x" * 70_000),
)
NUMBERS = (-(2**63), -(2**63) + 1, -1, 0, 1, 6, 66, 20260331, 2**31, 2**53, 2**53 + 1, 2**63 - 2, 2**63 - 1)
# Names that would mean something to the engine if it ever saw them.
TYPES = {"kind": "text", "$and": "text", "sid": "boolean", "id": "integer", 'a "b".c': "integer", "f0": "text"}
VALUES: dict[str, tuple[Value, ...]] = {"text": TEXTS, "boolean": (True, False), "integer": NUMBERS}
ANY_OPS, INTEGER_OPS = ("eq", "ne", "in", "not_in", "absent", "present"), ("lt", "le", "gt", "ge", "between")
VALUE_COUNTS = {"absent": (0, 0), "present": (0, 0), "in": (1, 6), "not_in": (1, 6), "between": (2, 2)}


@pytest.fixture(scope="module")
def durable() -> DurableMatcher:
    return DurableMatcher()


def random_condition(generator: random.Random) -> Condition:
    field = generator.choice(list(TYPES))
    kind = TYPES[field]
    op = generator.choice(ANY_OPS + (INTEGER_OPS if kind == "integer" else ()))
    low, high = VALUE_COUNTS.get(op, (1, 1))
    values = generator.choices(VALUES[kind], k=generator.randint(low, high))
    return Condition(field, op, tuple(sorted(values)) if op == "between" else tuple(values))  # type: ignore[arg-type]


def random_rules(generator: random.Random, turn: int, count: int) -> RuleSet:
    rules = tuple(
        Rule(f"r{number}", generator.randint(-2, 2), tuple(random_condition(generator) for _ in range(conditions)))
        for number, conditions in enumerate(generator.choices(range(5), weights=(1, 4, 4, 2, 1), k=count))
    )
    return RuleSet(f"revision {turn}", rules, generator.choice(("first", "all")), TYPES)  # type: ignore[arg-type]


def random_deal(generator: random.Random, rules: RuleSet) -> dict[str, Value | None]:
    """Values of the plan, values beside them, values it never names, nulls and missing fields."""
    deal: dict[str, Value | None] = {}
    for field in TYPES:
        pool = [
            *VALUES[TYPES[field]],
            *(v for r in rules.rules for c in r.conditions if c.field == field for v in c.values),
        ]
        choice = generator.random()
        if choice < 0.1:
            deal[field] = None
        elif choice < 0.95:
            deal[field] = generator.choice(pool)
    return deal


def thresholds(*amounts: int, revision: str = "thresholds") -> RuleSet:
    rules = tuple(Rule(f"from {amount}", 1, (Condition("id", "ge", (amount,)),)) for amount in amounts)
    return RuleSet(revision, rules, "all", TYPES)  # type: ignore[arg-type]


@needs_durable
class TestSameAsPlain:
    @pytest.mark.parametrize("turns", [400, pytest.param(2_500, marks=pytest.mark.slow)])
    def test_thousands_of_rule_sets(self, durable: DurableMatcher, turns: int) -> None:
        generator = random.Random(20260331)
        fired = 0
        for turn in range(turns):
            rules = random_rules(generator, turn, count=generator.randint(1, 9))
            assert limits(rules) == []
            answers = ask(durable, PLAIN, rules, [random_deal(generator, rules) for _ in range(8)])
            fired += sum(map(len, answers))
        assert fired > turns * 4  # else the comparison says little

    @pytest.mark.parametrize("count", [64, 65, 200])
    def test_more_rules_than_a_ruleset_takes(self, durable: DurableMatcher, count: int) -> None:
        generator = random.Random(count)
        for turn in range(10):
            rules = random_rules(generator, turn * 1_000 + count, count)
            ask(durable, PLAIN, rules, [random_deal(generator, rules) for _ in range(40)])

    def test_two_hundred_rules_that_all_fire(self, durable: DurableMatcher) -> None:
        rules = tuple(Rule(f"r{i}", -i, (Condition("id", "ne", (i,)),)) for i in range(200))
        every = RuleSet("all fire", rules, "all", TYPES)  # type: ignore[arg-type]
        assert durable.match(every, {"id": 1_000}) == tuple(f"r{i}" for i in reversed(range(200)))
        assert durable.match(every, {"id": 199}) == tuple(f"r{i}" for i in reversed(range(199)))
        assert durable.match(replace(every, mode="first", revision="first fires"), {"id": 199}) == ("r198",)

    def test_constants_that_would_hang_one_ruleset(self, durable: DurableMatcher) -> None:
        # 512 equality tests below one node hang the engine, whatever the fields: 5 rules of 300 are 5 rulesets here.
        rules = tuple(
            Rule(f"r{i}", i, (Condition(field, "in", tuple(range(i * 300, i * 300 + 300))),))
            for i, field in enumerate(("id", 'a "b".c', "id", "id", 'a "b".c'))
        )
        many = RuleSet("many constants", rules, "all", TYPES)  # type: ignore[arg-type]
        assert len(list(durable_matcher._split(many))) == 5
        deals: list[Deal] = [{"id": i, 'a "b".c': i + 1} for i in range(-1, 1_502, 50)]
        ask(durable, PLAIN, many, deals)

    def test_the_widest_rule_and_the_most_fields(self, durable: DurableMatcher) -> None:
        fields = [f"field {i}" for i in range(250)]
        wide = RuleSet(
            "wide", (Rule("all of them", 1, tuple(Condition(f, "present") for f in fields)),), "all",
            dict.fromkeys(fields, "text"),
        )  # fmt: skip
        assert limits(wide) == []
        assert durable.match(wide, dict.fromkeys(fields, "x")) == ("all of them",)
        assert durable.match(wide, dict.fromkeys(fields[1:], "x")) == ()
        long = RuleSet(
            "long", (Rule("listed", 1, (Condition("id", "in", tuple(range(500))),)),
                     Rule("unlisted", 2, (Condition("id", "not_in", tuple(range(500))),))), "all", {"id": "integer"},
        )  # fmt: skip
        assert limits(long) == []
        assert [durable.match(long, {"id": i}) for i in (-1, 0, 499, 500, None)] == [
            ("unlisted",), ("listed",), ("listed",), ("unlisted",), (),
        ]  # fmt: skip

    def test_only_absence_asked_for(self, durable: DurableMatcher) -> None:
        # The engine's own absence hangs in this shape; here null is a value like any other.
        rules = RuleSet("absence", (Rule("no partner", 1, (Condition("sid", "absent"),)),), "all", TYPES)  # type: ignore[arg-type]
        assert [durable.match(rules, deal) for deal in ({}, {"sid": None}, {"sid": False})] == [
            ("no partner",), ("no partner",), (),
        ]  # fmt: skip

    def test_empty_rule_sets_and_rules_without_conditions(self, durable: DurableMatcher) -> None:
        assert durable.match(RuleSet("none", (), "all", {}), {"id": 1}) == ()
        assert durable.match(RuleSet("always", (Rule("b", 1), Rule("a", 0)), "all", {}), {}) == ("a", "b")

    def test_eight_threads_get_only_right_answers(self) -> None:
        shared = DurableMatcher()
        generator = random.Random(8)
        work = []
        for turn in range(12):
            rules = random_rules(generator, turn, count=12)
            work += [
                (rules, deal, PLAIN.match(rules, deal))
                for deal in (random_deal(generator, rules) for _ in range(60))
            ]  # fmt: skip
        start = threading.Barrier(8)

        def wrong(seed: int) -> int:
            mine = random.Random(seed).sample(work, len(work))
            start.wait()
            return sum(shared.match(rules, deal) != expected for rules, deal, expected in mine)

        threads_before = threading.active_count()
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(wrong, range(8))) == [0] * 8
        assert threading.active_count() == threads_before  # the library's polling threads never start


@needs_durable
class TestVerify:
    def test_a_right_engine_passes(self, durable: DurableMatcher) -> None:
        generator = random.Random(5)
        for turn in range(10):
            assert verify(durable, PLAIN, random_rules(generator, 50_000 + turn, count=10)) > 10

    def test_nothing_to_compare_with(self) -> None:
        assert verify(PLAIN, None, thresholds(100)) == 0

    @pytest.mark.parametrize("wrong", ["$gt", "$lte"])
    def test_an_engine_that_misreads_an_edge_is_caught_at_load(
        self, monkeypatch: pytest.MonkeyPatch, wrong: str
    ) -> None:
        def misread(condition: Condition, name: str, coding: Coding) -> list[dict[str, object]]:
            return [{wrong: {name: coding.code(condition.values[0])}}]

        monkeypatch.setattr(durable_matcher, "_tests", misread)
        matcher, rules = DurableMatcher(), thresholds(100, 200)
        with pytest.raises(MatcherDisagreement) as caught:
            verify(matcher, PLAIN, rules)
        assert caught.value.revision == "thresholds"
        with pytest.raises(RevisionDisabledError, match="thresholds is disabled"):
            matcher.match(rules, {"id": 5})
        monkeypatch.undo()
        assert matcher.match(replace(rules, revision="another"), {"id": 150}) == ("from 100",)


@needs_durable
class TestAFailingEngineStopsTheRun:
    @pytest.fixture
    def matcher(self) -> DurableMatcher:
        return DurableMatcher()

    @pytest.mark.parametrize("state", [None, {"sid": "0", "exception": "caught in another rule"}])
    def test_a_state_that_is_no_answer_though_rules_fired(
        self, matcher: DurableMatcher, monkeypatch: pytest.MonkeyPatch, state: object
    ) -> None:
        asked = matcher._host.assert_fact
        monkeypatch.setattr(matcher._host, "assert_fact", lambda *fact: (asked(*fact), state)[1])
        with pytest.raises(EngineError, match="revision thresholds"):
            matcher.match(thresholds(100), {"id": 100})
        monkeypatch.undo()
        with pytest.raises(RevisionDisabledError):
            matcher.match(thresholds(100), {"id": 100})

    def test_an_answer_before_the_rules_ran(self, matcher: DurableMatcher, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(matcher._host, "assert_fact", lambda *_: {"sid": "0"})
        with pytest.raises(EngineError, match="0 rules"):
            matcher.match(thresholds(100), {"id": 100})

    def test_a_rule_that_raises_inside_the_engine(
        self, matcher: DurableMatcher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(position: int, fire: object) -> object:
            def run(_: object) -> None:
                raise RuntimeError("swallowed by the engine")

            return run

        monkeypatch.setattr(durable_matcher, "_action", broken)
        with pytest.raises(EngineError, match="swallowed by the engine"):
            matcher.match(thresholds(100), {"id": 100})

    def test_an_error_of_the_engine_itself(self, matcher: DurableMatcher, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(durable_matcher, "RULES_PER_RULESET", 65)  # one more than it takes: its error 303
        rules = tuple(Rule(f"r{i}", i, (Condition("id", "ne", (i,)),)) for i in range(65))
        with pytest.raises(EngineError, match="303"):
            matcher.match(RuleSet("too many", rules, "all", TYPES), {"id": 1_000})  # type: ignore[arg-type]

    def test_a_fact_left_behind(self, matcher: DurableMatcher, monkeypatch: pytest.MonkeyPatch) -> None:
        matcher.match(thresholds(100), {"id": 100})
        monkeypatch.setattr(matcher._host, "retract_fact", lambda *_: None)
        matcher.match(thresholds(100), {"id": 101})
        matcher._registered["thresholds"].answers.clear()  # so that the engine is asked again
        with pytest.raises(EngineError, match="MessageObserved"):
            matcher.match(thresholds(100), {"id": 101})

    def test_one_revision_cannot_mean_two_things(self, matcher: DurableMatcher) -> None:
        matcher.match(thresholds(100), {"id": 100})
        matcher.match(thresholds(100), {"id": 100})
        with pytest.raises(EligibilityError, match="two different rule sets"):
            matcher.match(thresholds(101), {"id": 100})

    def test_rules_beyond_the_limits_never_reach_the_engine(self, matcher: DurableMatcher) -> None:
        rules = RuleSet("big", (Rule("r", 1, (Condition("id", "in", tuple(range(501))),)),), "all", TYPES)  # type: ignore[arg-type]
        with pytest.raises(EligibilityError, match="CONSTANTS_TOO_MANY"):
            matcher.match(rules, {"id": 1})

    @pytest.mark.parametrize("value", ["6", True])
    def test_a_value_of_another_type(self, matcher: DurableMatcher, value: Value) -> None:
        with pytest.raises(TypeError, match="field id is integer"):
            matcher.match(thresholds(6), {"id": value})


@needs_durable
class TestMemo:
    def test_a_signature_is_put_to_the_engine_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        matcher, asks = DurableMatcher(), []
        original = matcher._ask_engine

        def counted(ruleset: str, fact: dict[str, str | int]) -> list[int]:
            asks.append(fact)
            return original(ruleset, fact)

        monkeypatch.setattr(matcher, "_ask_engine", counted)
        rules = thresholds(100, 200)
        for amount in range(400):
            matcher.match(rules, {"id": amount})
        assert len(asks) == 5  # <100, 100, between, 200, >200

    def test_answers_and_revisions_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(durable_matcher, "MAX_LIVE_REVISIONS", 3)
        monkeypatch.setattr(durable_matcher, "MAX_KEPT_ANSWERS", 2)
        matcher = DurableMatcher()
        for turn in range(40):
            rules = thresholds(100, 200, 100 + turn, revision=f"revision {turn % 7}-{turn % 2}")
            rules = replace(rules, rules=rules.rules[:2])
            ask(matcher, PLAIN, rules, [{"id": amount} for amount in (50, 100, 150, 200, 250)])
        assert len(matcher._registered) == 3
        assert len(matcher._host._ruleset_list) == len(matcher._host._ruleset_directory) == 3
        assert all(len(kept.answers) <= 2 for kept in matcher._registered.values())


class TestWhereItDoesNotImport:
    def test_plain_serves_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(durable_matcher, "engine", None)
        matcher, reference = best_matcher()
        assert (matcher.name, reference) == ("plain", None)
        with pytest.raises(MatcherUnavailableError):
            DurableMatcher()

    @needs_durable
    def test_else_plain_is_the_reference(self) -> None:
        matcher, reference = best_matcher()
        assert matcher.name.startswith("durable_rules 2.")
        assert isinstance(reference, PlainMatcher)


def test_nothing_else_imports_durable() -> None:
    package = Path(durable_matcher.__file__).parents[1]
    importing = [path for path in package.rglob("*.py") if "durable" in _imported(path)]
    assert importing == [Path(durable_matcher.__file__)]


def _imported(path: Path) -> set[str]:
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return {words[1].split(".")[0] for words in lines if len(words) > 1 and words[0] in ("import", "from")}
