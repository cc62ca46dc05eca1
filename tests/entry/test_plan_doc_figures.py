"""The printed plan works out and draws what gate, multiplier, cap and floor do; every word is said in German too."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from compsvc.adapters.plan_yaml import load_plans
from compsvc.core.plan import Plan
from compsvc.core.plan_sample import Terms, sample, strokes
from compsvc.entry.doc_blocks import Drawing, Paragraph, Table, as_text
from compsvc.entry.locales import LOCALES, Locale
from compsvc.entry.plan_doc import plan_document
from compsvc.entry.plan_sentences import Speaker
from tests.oracle.small import OWN, plan

ROOT = Path(__file__).parents[2]
TERMS = Terms(target_minor=80_000_00, quota_minor=800_000_00)
BY_QUOTA = "counts: acv, from: own, per: year, quota: from assignment, zero_quota: pay_base"
TEN_PERCENT = "pays: {flat_rate: {rate: 10%}}"


def paying(*words: str) -> Plan:
    return plan(OWN + f"components:\n  c: {{{', '.join([BY_QUOTA, *words, TEN_PERCENT])}}}\n")


def worked(of: Plan, name: str = "c", locale: Locale = "en") -> list[list[str]]:
    tables = [block for block in plan_document(of, TERMS, locale).blocks if isinstance(block, Table)]
    return [[*row[:-3], *row[-2:]] for row in tables[-1].rows if name in tables[-1].caption]


def test_a_gate_is_worked_out() -> None:
    rows = worked(paying("gate: {measure: own, at_least: 90%}"))
    assert rows[0] == ["50%", "nothing below the gate at 90% = €720,000.00", "€0.00"]
    assert rows[1] == ["100%", "€800,000.00 x 10%", "€80,000.00"]


def test_a_multiplier_is_worked_out() -> None:
    # 400,000 x 10% x 0.5 = 20,000; 800,000 x 10% x 1.25 = 100,000; 1,200,000 x 10% x 1.25 = 150,000
    tiers = "[{to: 80%, times: 0.5 x}, {times: 1.25 x}]"
    rows = worked(paying(f"multiplier: {{by: attainment, boundary: at, tiers: {tiers}}}"))
    assert rows == [
        ["50%", "€400,000.00 x 10% x 0.5", "€20,000.00"],
        ["100%", "€800,000.00 x 10% x 1.25", "€100,000.00"],
        ["150%", "€1,200,000.00 x 10% x 1.25", "€150,000.00"],
    ]


def test_a_cap_and_a_floor_are_worked_out() -> None:
    # The cap is 125% of the target of 80,000; the floor 50,000.
    rows = worked(paying("cap: 125%", "floor: 50_000"))
    assert rows == [
        ["50%", "€400,000.00 x 10% = €40,000.00, raised to €50,000.00", "€50,000.00"],
        ["100%", "€800,000.00 x 10%", "€80,000.00"],
        ["125%", "€1,000,000.00 x 10%, capped at €100,000.00", "€100,000.00"],
        ["150%", "€1,200,000.00 x 10% = €120,000.00, capped at €100,000.00", "€100,000.00"],
    ]


def test_a_cap_is_worked_out_in_money_and_reached_in_table_and_curve() -> None:
    # 300% of 80,000 is 240,000, which 10% reach at 2,400,000: 300% of the quota.
    of = paying("cap: 300%")
    assert "at most 300% of the period's target incentive: €240,000.00 a year here." in told(of, "en")
    assert "höchstens 300 % der Zielvergütung des Zeitraums: hier 240.000,00 € je Jahr." in told(of, "de")
    assert worked(of)[-1] == ["300%", "€2,400,000.00 x 10%, capped at €240,000.00", "€240,000.00"]
    shown = sample(of, of.components["c"], TERMS)
    assert shown is not None
    assert shown.end == 2_760_000_00  # and a little further
    assert strokes(shown)[-1][-1] == (shown.end, Fraction(240_000_00))


def test_a_cap_far_beyond_the_quota_is_not_drawn() -> None:
    of = paying("cap: 10_000_000")
    assert [row[0] for row in worked(of)] == ["50%", "100%", "150%"]


PLACES = "[{top: 1, award: 3_000}, {top: 5, award: 1_000}, {top: 10%, award: 500, prize: A bike, paid: no}]"


def test_places_of_a_contest_are_named_one_by_one() -> None:
    among = "by: amount, ties: all, among: plan, assigned: last day, of: assigned, winners: round up"
    rank = f"counts: acv, from: own, per: year, settle: period_end, pays: {{rank: {{{among}, places: {PLACES}}}}}"
    of = plan(OWN + f"components:\n  c: {{{rank}}}\n")
    assert "1st place: €3,000.00. Places 2 to 5: €1,000.00 each. The best 10%, as far as no award" in told(of, "en")
    assert "goes to them: A bike, worth €500.00 each. Its worth is not paid in money." in told(of, "en")
    assert "Der erste Platz gewinnt 3.000,00 €. Die Plätze 2 bis 5 gewinnen je 1.000,00 €." in told(of, "de")


def test_only_the_bound_that_a_plan_has_is_named() -> None:
    of = plan(OWN + f"cap: {{amount: 90_000, per: year}}\ncomponents:\n  c: {{{BY_QUOTA}, {TEN_PERCENT}}}\n")
    assert "Shown before the cap of the whole plan" in told(of, "en")
    assert "Gezeigt ohne den Höchstbetrag des ganzen Plans" in told(of, "de")


def told(of: Plan, locale: Locale) -> str:
    return " ".join(block.text for block in plan_document(of, TERMS, locale).blocks if isinstance(block, Paragraph))


def test_the_curve_bends_where_cap_and_floor_begin() -> None:
    """The floor of 50,000 is left at 500,000, the cap of 100,000 is met at 1,000,000."""
    of = paying("cap: 125%", "floor: 50_000")
    found = sample(of, of.components["c"], TERMS)
    assert found is not None
    (stroke,) = strokes(found)
    cents = [(Fraction(0), Fraction(50_000_00)), (Fraction(500_000_00), Fraction(50_000_00))]
    assert stroke == [*cents, (1_000_000_00, 100_000_00), (1_200_000_00, 100_000_00)]


def test_the_curve_jumps_where_a_gate_opens_and_a_factor_changes() -> None:
    of = paying(
        "gate: {measure: own, at_least: 50%}",
        "multiplier: {by: attainment, boundary: over, tiers: [{to: 100%, times: 1 x}, {times: 2 x}]}",
    )
    found = sample(of, of.components["c"], TERMS)
    assert found is not None
    begins = [(int(stroke[0][0]), int(stroke[0][1])) for stroke in strokes(found)]
    assert begins == [(0, 0), (400_000_00, 40_000_00), (800_000_01, 160_000_00)]


@pytest.mark.parametrize(
    ("locale", "own", "said"),
    [
        ("en", "", "Shown without the gate: "),
        ("de", "", "Gezeigt ohne Schwelle: "),
        ("en", "{measure: own, at_least: 50%}, ", "Shown without the other gate: "),
        ("de", "{measure: own, at_least: 50%}, ", "Gezeigt ohne weitere Schwelle: "),
    ],
)
def test_what_looks_at_another_component_is_said_not_to_be_shown(locale: Locale, own: str, said: str) -> None:
    gated = f"  d: {{{BY_QUOTA}, gate: [{own}{{measure: c, at_least: 90%}}], {TEN_PERCENT}}}\n"
    of = plan(OWN + f"components:\n  c: {{{BY_QUOTA}, {TEN_PERCENT}}}\n" + gated)
    told = [block.text for block in plan_document(of, TERMS, locale).blocks if isinstance(block, Paragraph)]
    assert [text for text in told if text.startswith(said)]


def test_units_are_worked_out_in_money() -> None:
    pays = "pays: {per_unit: {mode: marginal, boundary: over, tiers: [{to: 10, amount: 60}, {amount: 90}]}}"
    of = plan(f"components:\n  c: {{counts: activities, activity: meeting_held, per: month, {pays}}}\n")
    assert worked(of)[-1] == ["10 activities x €60.00 + 5 activities x €90.00", "€1,050.00"]


def test_drawings_mark_the_gate() -> None:
    (drawing,) = [
        block
        for block in plan_document(paying("gate: {measure: own, at_least: 90%}"), TERMS, "en").blocks
        if isinstance(block, Drawing)
    ]
    assert ">90%</text>" in drawing.svg


def test_every_word_of_every_plan_is_said_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the sample plans and of those that others have published: nothing is printed as the file writes it."""
    untold: set[tuple[str, str, str]] = set()
    plans = [plan for folder in ("plans", "tests/published") for plan in load_plans([ROOT / folder])[0]]
    for of in plans:
        for locale in LOCALES:

            def note(speaker: Speaker, written: str, of: Plan = of) -> str:
                untold.add((of.plan, speaker.locale, written))
                return written

            monkeypatch.setattr(Speaker, "untold", note)
            as_text(plan_document(of, TERMS, locale))
    assert len(plans) > 100
    assert untold == set()
