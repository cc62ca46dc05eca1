"""What holds for every rule kind. Kinds are found by discovery; the test file of a kind says what to try (`rules`)."""

import importlib
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from compsvc.core import rules as kinds
from compsvc.core.curves import Curve
from compsvc.core.curves_bound import Bound
from compsvc.core.earnings import lines, totals
from compsvc.core.money import Rounding, round_ratio
from compsvc.core.problems import Position
from compsvc.core.rules import KINDS, Pays, Rule
from tests.core import plain_curve as plain
from tests.core.plain_curve import Assigned


def rules_of(kind: str) -> st.SearchStrategy[Rule]:
    return importlib.import_module(f"tests.core.rules.test_{kind}").rules()  # type: ignore[no-any-return]


every_kind = pytest.mark.parametrize("kind", sorted(KINDS))
modes: st.SearchStrategy[Rounding] = st.sampled_from(["half_up", "half_even", "down"])
assigned = st.builds(
    Assigned,
    quota=st.integers(1, 300_000),
    base=st.fractions(0, 2, max_denominator=300),
    target=st.integers(0, 100_000),
    first_tier_only=st.booleans(),
)
entries = st.lists(st.integers(-150_000, 250_000).map(lambda amount: (amount, amount)), max_size=8)


def drawn(data: st.DataObject, kind: str) -> tuple[Curve, Assigned, list[tuple[int, int]]]:
    rule = data.draw(rules_of(kind))
    curve = Curve(name=f"plan.yaml:1 {kind}", template=rule.template(), rounding=data.draw(modes))
    by = 10 if rule.moved_by == "count" else 1  # counts are in millionths: a few logos, split
    return curve, data.draw(assigned), [(counts * by, pays * by) for counts, pays in data.draw(entries)]


@every_kind
@given(st.data())
def test_nothing_earns_from_nothing(kind: str, data: st.DataObject) -> None:
    rule, given_ = data.draw(rules_of(kind)), data.draw(assigned)
    template = rule.template()
    if not rule.pays_without_measure:
        assert Bound(template, given_.quota, given_.base, given_.target, given_.first_tier_only).value(0) == 0
        nothing = Curve(name=kind, template=template, rounding="half_up")
        assert lines([nothing], plain.bindings(given_), plain.events([])).height == 0
        assert lines([nothing], plain.bindings(given_), plain.events([(0, 0)]))["amount_minor"].to_list() == [0]


@every_kind
@given(st.data())
def test_lines_are_those_worked_out_by_hand_and_sum_to_the_payout(kind: str, data: st.DataObject) -> None:
    curve, given_, entries_ = drawn(data, kind)
    found = lines([curve], plain.bindings(given_), plain.events(entries_))
    expected = plain.plain_lines(curve, given_, entries_)
    own, rerated = found.filter(step_kind="own"), found.filter(step_kind="re_rating")
    assert own["amount_minor"].to_list() == expected.own
    assert rerated.select("place", "step", "cause_place", "amount_minor").rows() == expected.rerated
    total = sum(counts for counts, _ in entries_)
    exact = plain.value(curve.template, given_, total)
    earned = rounded(exact, curve.rounding)
    assert found["amount_minor"].sum() == earned
    sums = pl.DataFrame({"bind": [0], "total": [total]}, schema={"bind": pl.UInt32, "total": pl.Int64})
    assert totals([curve], plain.bindings(given_), sums)["earned_minor"].to_list() == [earned]


def rounded(exact: Fraction, mode: Rounding) -> int:
    return round_ratio(exact.numerator, exact.denominator, mode)


@every_kind
@given(st.data())
def test_the_payout_does_not_depend_on_the_order(kind: str, data: st.DataObject) -> None:
    curve, given_, entries_ = drawn(data, kind)
    other = data.draw(st.permutations(entries_))
    one, two = (lines([curve], plain.bindings(given_), plain.events(list(some))) for some in (entries_, other))
    assert one["amount_minor"].sum() == two["amount_minor"].sum()


@every_kind
@given(st.data())
def test_binding_for_one_is_binding_for_all(kind: str, data: st.DataObject) -> None:
    curve, given_, entries_ = drawn(data, kind)
    bound = Bound(curve.template, given_.quota, given_.base, given_.target, given_.first_tier_only)
    found = lines([curve], plain.bindings(given_), plain.events(entries_)).filter(step_kind="own")
    for row in found.iter_rows(named=True):
        position = row["position_after"]
        assert bound.value(position) == plain.value(curve.template, given_, position)
        assert bound.tier(position) == row["tier_after"] == plain.tier_of(curve.template, given_, position)
        assert rounded(bound.value(position), curve.rounding) == row["earned_after_minor"]


@every_kind
@given(st.data(), st.integers(-400_000, 400_000), st.integers(-400_000, 400_000))
def test_a_move_is_the_sum_of_its_parts(kind: str, data: st.DataObject, before: int, after: int) -> None:
    rule, given_ = data.draw(rules_of(kind)), data.draw(assigned)
    bound = Bound(rule.template(), given_.quota, given_.base, given_.target, given_.first_tier_only)
    parts = bound.parts(before, after)
    assert sum(part.amount for part in parts) == after - before
    assert [part.tier for part in parts] == sorted({part.tier for part in parts})
    if rule.template().mode == "marginal" and not any(jump.ratio for jump in rule.template().jumps):
        assert sum(part.amount * part.rate for part in parts) == bound.value(after) - bound.value(before)


@every_kind
@given(st.data(), st.integers(-400_000, 8_000_000))
def test_before_the_next_step_nothing_changes(kind: str, data: st.DataObject, position: int) -> None:
    rule, given_ = data.draw(rules_of(kind)), data.draw(assigned)
    bound = Bound(rule.template(), given_.quota, given_.base, given_.target, given_.first_tier_only)
    step = bound.next_step(position)
    if step is None:
        assert bound.tier(position) == bound.tier(position + 10**9)
        return
    assert step.position > position
    assert bound.tier(step.position - 1) == bound.tier(position)
    assert (step.tier, step.earned) == (bound.tier(step.position), bound.value(step.position))
    every = bound.template.every
    times = (max(step.position, 0) // every.step - max(position, 0) // every.step) if every else 0
    assert step.tier > bound.tier(position) or times == 1


def test_every_kind_has_worked_examples() -> None:
    for kind in KINDS:
        assert rules_of(kind) is not None


def test_a_plan_finds_a_rule_by_its_kind() -> None:
    rule = TypeAdapter(Pays).validate_python({"@": Position("plan.yaml", 1, 1), "kind": "flat_rate", "rate": "1%"})
    assert type(rule) is KINDS["flat_rate"]


def test_two_files_with_one_kind_are_a_mistake() -> None:
    rule = KINDS["flat_rate"]
    with pytest.raises(AssertionError, match=r"two rule kinds are named flat_rate: compsvc.core.rules.flat_rate"):
        kinds._by_kind([rule, rule])


def test_a_kind_is_found_in_its_own_file_only() -> None:
    assert {rule.__module__ for rule in KINDS.values()} == {f"compsvc.core.rules.{kind}" for kind in KINDS}
