"""What credit rules mean, in worked examples; and that signatures lose nothing that a rule could see."""

import pickle
import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import polars as pl
import pytest

from compsvc.core.eligibility import (
    Condition,
    Deal,
    MatcherDisagreement,
    PlainMatcher,
    Rule,
    RuleSet,
    Value,
    ask,
    eligible,
    holds,
    limits,
    signatures,
)
from compsvc.core.eligibility_probes import probes

TYPES = {"segment": "text", "partner": "boolean", "amount_minor": "integer"}
PLAIN = PlainMatcher()
CONSTANTS: dict[str, list[Value]] = {
    "segment": ["6", "ENT", "é"],
    "partner": [True, False],
    "amount_minor": [0, 6, 9],
}


def rule_set(*rules: Rule, mode: str = "all", revision: str = "r1", types: Mapping[str, str] = TYPES) -> RuleSet:
    return RuleSet(revision=revision, rules=rules, mode=mode, types=types)  # type: ignore[arg-type]


def one(op: str, *values: Value, field: str = "amount_minor") -> RuleSet:
    return rule_set(Rule("only", 1, (Condition(field, op, values),)))  # type: ignore[arg-type]


class TestMeaning:
    @pytest.mark.parametrize(
        ("op", "constants", "yes", "no"),
        [
            ("eq", (100,), [100], [99, 101, None]),
            ("ne", (100,), [99, 101], [100, None]),
            ("in", (1, 3), [1, 3], [0, 2, 4, None]),
            ("not_in", (1, 3), [0, 2, 4], [1, 3, None]),
            ("lt", (100,), [99, -(2**63)], [100, 101, None]),
            ("le", (100,), [99, 100], [101, None]),
            ("gt", (100,), [101, 2**63 - 1], [100, 99, None]),
            ("ge", (100,), [101, 100], [99, None]),
            ("between", (10, 20), [10, 15, 20], [9, 21, None]),
            ("absent", (), [None], [0, 1]),
            ("present", (), [0, 1], [None]),
        ],
    )
    def test_each_op_on_integers(
        self, op: str, constants: tuple[Value, ...], yes: list[int | None], no: list[int | None]
    ) -> None:
        condition = one(op, *constants).rules[0].conditions[0]
        assert [value for value in yes if not holds(condition, value)] == []
        assert [value for value in no if holds(condition, value)] == []

    def test_text_is_compared_letter_by_letter(self) -> None:
        condition = Condition("segment", "eq", ("6",))
        assert [holds(condition, text) for text in ("6", "06", "6 ", "\uff16", "", None)] == [True] + [False] * 5

    def test_a_field_the_deal_does_not_have_is_null(self) -> None:
        assert PLAIN.match(one("absent"), {}) == ("only",)
        assert PLAIN.match(one("ne", 5), {}) == ()

    def test_all_names_every_rule_by_priority_then_as_written(self) -> None:
        rules = rule_set(Rule("late", 9), Rule("b", 1), Rule("a", 1), Rule("minus", -1))
        assert PLAIN.match(rules, {}) == ("minus", "b", "a", "late")
        assert PLAIN.match(replace(rules, mode="first"), {}) == ("minus",)

    def test_every_condition_must_hold(self) -> None:
        rules = rule_set(
            Rule("big", 1, (Condition("segment", "eq", ("ENT",)), Condition("amount_minor", "ge", (5_000,))))
        )
        assert PLAIN.match(rules, {"segment": "ENT", "amount_minor": 5_000}) == ("big",)
        assert PLAIN.match(rules, {"segment": "ENT", "amount_minor": 4_999}) == ()
        assert PLAIN.match(rules, {"segment": "SMB", "amount_minor": 5_000}) == ()

    def test_no_rules_and_no_conditions(self) -> None:
        assert PLAIN.match(rule_set(), {}) == ()
        assert PLAIN.match(rule_set(mode="first"), {}) == ()
        assert PLAIN.match(rule_set(Rule("always", 1)), {"segment": None}) == ("always",)

    @pytest.mark.parametrize("value", ["6", True])
    def test_a_value_of_another_type_is_a_programmer_error(self, value: Value) -> None:
        with pytest.raises(TypeError, match="amount_minor"):
            PLAIN.match(one("eq", 6), {"amount_minor": value})


class TestLimits:
    @pytest.mark.parametrize(
        ("condition", "code"),
        [
            (Condition("colour", "eq", ("red",)), "FIELD_UNKNOWN"),
            (Condition("segment", "lt", ("M",)), "OP_NEEDS_INTEGER"),
            (Condition("amount_minor", "eq", ()), "VALUES_WRONG_COUNT"),
            (Condition("amount_minor", "eq", (1, 2)), "VALUES_WRONG_COUNT"),
            (Condition("amount_minor", "absent", (1,)), "VALUES_WRONG_COUNT"),
            (Condition("amount_minor", "in", ()), "VALUES_WRONG_COUNT"),
            (Condition("amount_minor", "between", (1,)), "VALUES_WRONG_COUNT"),
            (Condition("amount_minor", "between", (2, 1)), "BETWEEN_EMPTY"),
            (Condition("amount_minor", "eq", ("6",)), "VALUE_WRONG_TYPE"),
            (Condition("amount_minor", "eq", (True,)), "VALUE_WRONG_TYPE"),
            (Condition("amount_minor", "eq", (1.0,)), "VALUE_WRONG_TYPE"),  # type: ignore[arg-type]
            (Condition("amount_minor", "le", (2**63,)), "VALUE_WRONG_TYPE"),
            (Condition("segment", "eq", (6,)), "VALUE_WRONG_TYPE"),
            (Condition("segment", "eq", ("\ud800",)), "VALUE_WRONG_TYPE"),
            (Condition("partner", "eq", (1,)), "VALUE_WRONG_TYPE"),
            (Condition("amount_minor", "in", tuple(range(501))), "CONSTANTS_TOO_MANY"),
        ],
    )
    def test_each_refusal_names_the_rule(self, condition: Condition, code: str) -> None:
        (problem,) = limits(rule_set(Rule("bad", 1, (condition,)), Rule("good", 2)))
        assert (problem.code, problem.rule) == (code, "bad")

    def test_what_is_just_within_the_limits(self) -> None:
        values = tuple(range(499))
        rules = [Rule(f"r{i}", i, (Condition("amount_minor", "in", (*values, i * 1_000)),)) for i in range(200)]
        assert limits(rule_set(*rules)) == []

    def test_sizes_of_the_whole_set(self) -> None:
        fields = [f"f{i}" for i in range(251)]
        wide = rule_set(
            *(Rule(field, 1, (Condition(field, "present"),)) for field in fields), types=dict.fromkeys(fields, "text")
        )
        assert [problem.code for problem in limits(wide)] == ["FIELDS_TOO_MANY"]
        long = rule_set(*(Rule(f"r{i}", 1) for i in range(4_097)))
        assert [problem.code for problem in limits(long)] == ["RULES_TOO_MANY"]

    def test_a_name_stands_for_one_rule(self) -> None:
        problems = limits(rule_set(Rule("a", 1), Rule("b", 1), Rule("a", 2)))
        assert [(problem.code, problem.rule) for problem in problems] == [("RULE_NAME_TWICE", "a")]

    def test_eligible_refuses_a_set_with_problems(self) -> None:
        with pytest.raises(AssertionError, match="FIELD_UNKNOWN"):
            eligible(pl.DataFrame({"colour": ["red"]}), one("eq", "red", field="colour"), PLAIN, None)


class TestSignatures:
    def test_below_at_and_above_each_threshold_are_apart_and_so_is_null(self) -> None:
        # Thresholds 100 and 200: null | <100 | 100 | 101..199 | 200 | >200.
        rules = rule_set(
            Rule("a", 1, (Condition("amount_minor", "ge", (100,)),)),
            Rule("b", 2, (Condition("amount_minor", "lt", (200,)),)),
        )
        frame = pl.DataFrame({"amount_minor": [None, -(2**63), 99, 100, 101, 199, 200, 201, 2**63 - 1]})
        found = signatures(frame, rules)
        assert found.signature.to_list() == [0, 1, 1, 2, 3, 3, 4, 5, 5]
        assert found.signature.dtype == pl.UInt32
        assert [deal["amount_minor"] for deal in found.representatives] == [None, -(2**63), 100, 101, 200, 201]

    def test_neighbouring_thresholds_at_both_ends_of_64_bits(self) -> None:
        ends = (-(2**63), -(2**63) + 1, 2**63 - 2, 2**63 - 1)
        frame = pl.DataFrame({"amount_minor": [*ends, 0]})
        assert signatures(frame, one("in", *ends)).signature.to_list() == [0, 1, 3, 4, 2]

    def test_texts_that_no_rule_names_are_one(self) -> None:
        frame = pl.DataFrame({"segment": ["ENT", "x", None, "SMB", "y", "ENT", "ent", ""]})
        found = signatures(frame, one("in", "SMB", "ENT", field="segment"))
        assert found.signature.to_list() == [1, 3, 0, 2, 3, 1, 3, 3]
        assert [deal["segment"] for deal in found.representatives] == [None, "ENT", "SMB", "x"]

    def test_texts_of_every_kind_keep_apart(self) -> None:
        texts = ["", " ", "6", "06", "é", "e\u0301", "nul\x00", 'quo"te', "new\nline", "🙂", "x" * 70_000, "x" * 70_001]
        found = signatures(pl.DataFrame({"segment": [*texts, *texts, None]}), one("in", *texts, field="segment"))
        assert found.signature.n_unique() == len(texts) + 1
        assert [found.representatives[number]["segment"] for number in found.signature] == [*texts, *texts, None]

    def test_a_text_field_without_constants_is_null_or_not(self) -> None:
        frame = pl.DataFrame({"segment": ["ENT", None, "x"]})
        assert signatures(frame, one("present", field="segment")).signature.to_list() == [1, 0, 1]

    def test_booleans(self) -> None:
        frame = pl.DataFrame({"partner": [True, None, False]})
        assert signatures(frame, one("ne", True, field="partner")).signature.to_list() == [2, 0, 1]

    def test_a_rule_set_without_fields_has_one_signature(self) -> None:
        found = signatures(pl.DataFrame({"segment": ["a", "b"]}), rule_set(Rule("always", 1)))
        assert (found.signature.to_list(), found.representatives) == ([0, 0], [{}])

    def test_an_empty_frame_has_none(self) -> None:
        found = signatures(pl.DataFrame(schema={"amount_minor": pl.Int64}), one("eq", 1))
        assert (found.signature.len(), found.representatives) == (0, [])

    def test_a_column_of_nulls_only_needs_no_type(self) -> None:
        assert signatures(pl.DataFrame({"amount_minor": [None, None]}), one("eq", 1)).signature.to_list() == [0, 0]

    def test_categories_are_text(self) -> None:
        frame = pl.DataFrame({"segment": ["ENT", None, "x"]}, schema={"segment": pl.Categorical})
        found = signatures(frame, one("eq", "ENT", field="segment"))
        assert found.signature.to_list() == [1, 0, 2]
        assert found.representatives[1] == {"segment": "ENT"}

    @pytest.mark.parametrize("column", [[1.0], ["1"], [True]])
    def test_a_column_of_another_type_is_refused(self, column: list[object]) -> None:
        with pytest.raises(TypeError, match="amount_minor is integer"):
            signatures(pl.DataFrame({"amount_minor": column}), one("eq", 1))

    def test_more_combinations_than_64_bits_hold(self) -> None:
        # 60 fields of 7 constants, so 16 codes each: 2^240 combinations. Rows that differ in one field only stay apart.
        fields = [f"f{i:02}" for i in range(60)]
        rules = rule_set(
            *(Rule(field, 1, (Condition(field, "in", tuple(range(7))),)) for field in fields),
            types=dict.fromkeys(fields, "integer"),
        )
        rows = [dict.fromkeys(fields, 3) | {field: 4} for field in fields]
        found = signatures(pl.DataFrame(rows * 2), rules)
        assert found.signature.n_unique() == 60
        assert found.signature[:60].to_list() == found.signature[60:].to_list()
        assert [found.representatives[number] for number in found.signature[:60]] == rows

    def test_many_deals_have_few_signatures(self) -> None:
        n = 100_000
        generator = random.Random(7)
        frame = pl.DataFrame(
            {
                "segment": generator.choices(["ENT", "SMB", "MID", None], k=n),
                "partner": generator.choices([True, False, None], k=n),
                "amount_minor": generator.choices(range(0, 10_000_000, 7), k=n),
            }
        )
        rules = rule_set(
            Rule("a", 1, (Condition("segment", "in", ("ENT", "SMB")), Condition("partner", "ne", (True,)))),
            Rule("b", 2, (Condition("amount_minor", "between", (1_000_000, 5_000_000)),)),
        )
        found = signatures(frame, rules)
        assert len(found.representatives) <= 4 * 3 * 6
        assert found.signature.len() == n


class TestEligible:
    FRAME = pl.DataFrame({"segment": ["ENT", "SMB", None, "ENT"], "amount_minor": [50, 500, 500, 500]})
    RULES = rule_set(
        Rule("any segment", 5, (Condition("segment", "present"),)),
        Rule("big", 1, (Condition("amount_minor", "ge", (100,)), Condition("segment", "eq", ("ENT",)))),
    )

    def test_all_gives_every_pair_by_row_in_firing_order(self) -> None:
        pairs = eligible(self.FRAME, self.RULES, PLAIN, None)
        assert pairs.rows() == [(0, 0), (1, 0), (3, 1), (3, 0)]
        assert pairs.schema == {"row": pl.UInt32, "rule": pl.UInt16}

    def test_first_gives_at_most_one_a_row(self) -> None:
        pairs = eligible(self.FRAME, replace(self.RULES, mode="first"), PLAIN, None)
        assert pairs.rows() == [(0, 0), (1, 0), (3, 1)]
        assert pairs.schema == {"row": pl.UInt32, "rule": pl.UInt16}

    @pytest.mark.parametrize("mode", ["first", "all"])
    def test_one_rule_for_every_deal(self, mode: str) -> None:
        pairs = eligible(self.FRAME, rule_set(Rule("always", 1), mode=mode), PLAIN, None)
        assert pairs.rows() == [(0, 0), (1, 0), (2, 0), (3, 0)]
        assert pairs.schema == {"row": pl.UInt32, "rule": pl.UInt16}

    @pytest.mark.parametrize("rules", [rule_set(), one("eq", 7)])
    @pytest.mark.parametrize("frame", [FRAME, FRAME.clear()])
    def test_nothing_fires(self, rules: RuleSet, frame: pl.DataFrame) -> None:
        pairs = eligible(frame, rules, PLAIN, None)
        assert pairs.rows() == []
        assert pairs.schema == {"row": pl.UInt32, "rule": pl.UInt16}

    def test_frames_say_what_the_plain_matcher_says_of_each_row(self) -> None:
        texts = [None, "", "6", "ENT", "é", "x"]
        numbers = [None, -(2**63), -1, 0, 5, 6, 7, 9, 2**63 - 1]
        rows = [dict(zip(TYPES, row, strict=True)) for row in product(texts, [None, True, False], numbers)]
        generator = random.Random(11)
        for turn in range(300):
            rules = _random_rules(generator, turn)
            frame = pl.DataFrame(generator.sample(rows, len(rows)), schema_overrides={"amount_minor": pl.Int64})
            pairs = eligible(frame, rules, PLAIN, None)
            expected = [
                (row, [rule.name for rule in rules.rules].index(name))
                for row, deal in enumerate(frame.to_dicts())
                for name in PLAIN.match(rules, deal)
            ]
            assert pairs.rows() == expected


def _random_rules(generator: random.Random, turn: int) -> RuleSet:
    def condition() -> Condition:
        field = generator.choice(list(TYPES))
        constants = CONSTANTS[field]
        ops = ["eq", "ne", "in", "not_in", "absent", "present"]
        op = generator.choice(ops + (["lt", "le", "gt", "ge", "between"] if field == "amount_minor" else []))
        count = {"absent": 0, "present": 0, "in": 2, "not_in": 2, "between": 2}.get(op, 1)
        return Condition(field, op, tuple(sorted(generator.sample(constants, count))))  # type: ignore[arg-type]

    rules = (
        Rule(f"r{i}", generator.randrange(3), tuple(condition() for _ in range(generator.randrange(3))))
        for i in range(generator.randrange(1, 6))
    )
    return rule_set(*rules, mode=generator.choice(["first", "all"]), revision=f"t{turn}")


class Liar:
    """Says what plain says, but for one deal."""

    name = "liar"

    def __init__(self) -> None:
        self.asked = 0
        self.disabled: list[str] = []

    def match(self, rules: RuleSet, deal: Deal) -> tuple[str, ...]:
        self.asked += 1
        return ("invented",) if deal.get("amount_minor") == 500 else PLAIN.match(rules, deal)

    def disable(self, revision: str, reason: str) -> None:
        self.disabled.append(revision)


class TestAsk:
    def test_a_lie_stops_the_run_and_disables_the_revision(self) -> None:
        liar = Liar()
        with pytest.raises(MatcherDisagreement) as caught:
            eligible(TestEligible.FRAME, TestEligible.RULES, liar, PLAIN)
        error = caught.value
        assert error.revision == "r1"
        assert error.deal["amount_minor"] == 500
        assert (error.got, error.expected) in [(("invented",), ("any segment",)), (("invented",), ())]
        assert liar.disabled == ["r1"]

    def test_another_order_is_a_lie_too(self) -> None:
        class Reversed(PlainMatcher):
            def match(self, rules: RuleSet, deal: Deal) -> tuple[str, ...]:
                return super().match(rules, deal)[::-1]

        with pytest.raises(MatcherDisagreement):
            ask(Reversed(), PLAIN, rule_set(Rule("a", 1), Rule("b", 2)), [{}])

    def test_the_text_holds_no_values_of_the_deal_and_survives_a_process_border(self) -> None:
        error = MatcherDisagreement("r1", {"amount_minor": 123_456}, ("a",), ())
        assert "123" not in str(error)
        assert "r1" in str(error)
        copy = pickle.loads(pickle.dumps(error))
        assert (copy.deal, str(copy)) == ({"amount_minor": 123_456}, str(error))

    def test_each_signature_is_asked_once(self) -> None:
        liar = Liar()
        frame = pl.DataFrame({"amount_minor": [1, 2, 3, 100, 499] * 100, "segment": ["ENT"] * 500})
        eligible(frame, TestEligible.RULES, liar, PLAIN)
        assert liar.asked == 3  # below 100, at 100, above


class TestProbes:
    def test_they_hold_every_value_that_a_condition_can_tell_apart(self) -> None:
        made = probes(one("ge", 100))
        assert {deal["amount_minor"] for deal in made} == {None, 99, 100, 101}

    def test_they_are_the_same_each_time(self) -> None:
        rules = _random_rules(random.Random(3), 1)
        assert probes(rules) == probes(replace(rules))

    def test_every_rule_that_can_fire_does_and_the_number_is_bounded(self) -> None:
        rules = rule_set(
            *(
                Rule(f"r{i}", 1, (Condition("amount_minor", "eq", (i * 10,)), Condition("segment", "ne", (f"s{i}",))))
                for i in range(300)
            )
        )
        made = probes(rules)
        assert len(made) <= 300 + 2 * 1_000
        assert {name for deal in made for name in PLAIN.match(rules, deal)} == {rule.name for rule in rules.rules}

    def test_no_fields_is_one_deal(self) -> None:
        assert probes(rule_set(Rule("always", 1))) == [{}, {}]
