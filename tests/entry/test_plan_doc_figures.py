"""The printed plan works out and draws what gate, multiplier, cap and floor do; every word is said in German too."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from compsvc.adapters.plan_yaml import load_plans
from compsvc.core.node import NOWHERE
from compsvc.core.plan import PayFx, Plan
from compsvc.core.plan_sample import Terms, sample, strokes
from compsvc.entry.doc_blocks import Document, Drawing, Paragraph, Table, Together, as_text
from compsvc.entry.doc_html import as_html
from compsvc.entry.doc_pdf import as_pdf
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
    tables = [block for block in plan_document(of, TERMS, locale).flat() if isinstance(block, Table)]
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
        for block in plan_document(paying("gate: {measure: own, at_least: 90%}"), TERMS, "en").flat()
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


# --- rows where something else holds


TIERED = "rate_table: {mode: marginal, by: attainment, boundary: at, tiers: "
STEPS = "steps: {by: attainment, of: target incentive, between: jump, boundary: at, at: "


def test_each_tier_has_a_row_inside_it() -> None:
    """The third begins at 150%, where nothing is paid by it yet."""
    tiers = "[{to: 100%, rate: base}, {to: 150%, rate: 1.5 x base}, {rate: 1.2 x base}]"
    of = plan(OWN + f"components:\n  c: {{{BY_QUOTA}, pays: {{{TIERED}{tiers}}}}}}}\n")
    assert worked(of) == [
        ["50%", "€400,000.00 x 10%", "€40,000.00"],
        ["100%", "€800,000.00 x 10%", "€80,000.00"],
        ["125%", "€800,000.00 x 10% + €200,000.00 x 15%", "€110,000.00"],
        ["150%", "€800,000.00 x 10% + €400,000.00 x 15%", "€140,000.00"],
        ["175%", "€800,000.00 x 10% + €400,000.00 x 15% + €200,000.00 x 12%", "€164,000.00"],
    ]


def test_a_step_says_what_it_adds_and_what_is_paid_in_all() -> None:
    of = plan(OWN + f"components:\n  c: {{{BY_QUOTA}, pays: {{{STEPS}[{{110%: 80%}}, {{120%: 130%}}]}}}}}}\n")
    tiers = next(block for block in plan_document(of, TERMS, "en").flat() if isinstance(block, Table))
    assert list(tiers.head) == ["tier", "from", "up to", "adds at once", "in all"]
    assert [row[-2:] for row in tiers.rows] == [["", ""], ["€64,000.00", "€64,000.00"], ["€40,000.00", "€104,000.00"]]
    assert ["115%", "€64,000.00 (110%)", "€64,000.00"] in worked(of)
    german = next(block for block in plan_document(of, TERMS, "de").flat() if isinstance(block, Table))
    assert list(german.head)[-2:] == ["sofort dazu", "insgesamt"]


@pytest.mark.parametrize(
    ("pay", "words", "last", "said"),
    [
        # 1,500,000 x 10% = 150,000; a third lies above: 50,000, of which half is paid, or all of it waits.
        ("50%", "", "€125,000.00", "left out is €150,000.00 x €500,000.00 / €1,500,000.00 x 50% = €25,000.00."),
        ("review", "", "€100,000.00", "waits for a review: €150,000.00 x €500,000.00 / €1,500,000.00 = €50,000.00."),
        ("review", "cap: 110_000", "€100,000.00", "= €50,000.00. Of that the cap leaves €10,000.00."),
        ("review", "cap: 90_000", "€90,000.00", "= €50,000.00. Of that the cap leaves €0.00."),
    ],
)
def test_one_deal_above_a_windfall_s_limit_is_worked_out(pay: str, words: str, last: str, said: str) -> None:
    of = paying(f"windfall: {{above: 1_000_000, pay: {pay}}}", *([words] if words else []))
    row = worked(of)[-1]
    assert row[1].startswith("€1,500,000.00 x 10% - €")
    assert row[2] == last
    assert said in told(of, "en")
    assert "Die letzte Zeile ist ein einziger Abschluss" in told(of, "de")


def objectives(at_most: str, *words: str) -> Plan:
    listed = "[{activity: hiring, weight: 50%}, {activity: forecast, weight: 30%}, {activity: coaching, weight: 20%}]"
    pays = f"objectives: {{of: target incentive, at_most: {at_most}, list: {listed}}}"
    words = ("counts: activities", "per: quarter", "settle: period_end", *words)
    return plan(f"components:\n  c: {{{', '.join(words)}, pays: {{{pays}}}}}\n")


def test_objectives_are_named_and_worked_out() -> None:
    """A quarter of 80,000 is 20,000: 50% x 80% + 30% x 120% + 20% x 50% of it; beyond 120% nothing counts."""
    of = objectives("120%")
    tables = [block for block in plan_document(of, TERMS, "en").flat() if isinstance(block, Table)]
    assert tables[-1].rows == [
        ["hiring", "50%", "80%", "€20,000.00 x 50% x 80%", "€8,000.00"],
        ["forecast", "30%", "140%, counts as 120%", "€20,000.00 x 30% x 120%", "€7,200.00"],
        ["coaching", "20%", "50%", "€20,000.00 x 20% x 50%", "€2,000.00"],
        ["together", "100%", "", "", "€17,200.00"],
    ]
    assert "The objectives, with their weights: hiring (50%), forecast (30%) and coaching (20%)." in told(of, "en")
    assert "Die Aufgaben und ihre Gewichte: hiring (50 %), forecast (30 %) und coaching (20 %)." in told(of, "de")


@pytest.mark.parametrize(
    ("words", "en", "de"),
    [
        (
            "prorate: {by: days, for: [entry, exit], of: quota and target}",
            "The full amount is prorated for entry and exit, by days.",
            "Der volle Betrag wird anteilig gekürzt (Eintritt und Austritt), gerechnet nach Tagen.",
        ),
        ("prorate: no", "The full amount is not prorated.", "Der volle Betrag wird nicht anteilig gekürzt."),
        (
            "ramp_up: {months: [50%, 75%], of: quota and target}",
            "New hires have these shares of the full amount, month by month: 50% and 75%; the whole afterwards.",
            "Neue haben Monat für Monat diese Anteile des vollen Betrags: 50 % und 75 %; danach den ganzen.",
        ),
    ],
)
def test_of_objectives_no_quota_is_reduced(words: str, en: str, de: str) -> None:
    """They have none."""
    said = told(objectives("100%", words), "en")
    assert en in said
    assert "quota" not in said
    assert de in told(objectives("100%", words), "de")


@pytest.mark.parametrize(("months", "en", "de"), [(1, "1 month", "1 Monat"), (2, "2 months", "2 Monaten")])
@pytest.mark.parametrize("by_reason", [False, True])
def test_one_month_is_no_more_than_one(months: int, en: str, de: str, by_reason: bool) -> None:
    schedule = f"schedule: pro rata over {months} months"
    if by_reason:
        schedule = f"by: reason, losses: [{{for: fraud, schedule: full}}, {{for: any other, {schedule}}}]"
    words = f"{{{BY_QUOTA}, clawback: {{basis: as_paid, attainment: no, {schedule}}}, {TEN_PERCENT}}}"
    negative = "negative: {carry: yes, recover_at_most: 50%, never_below: 0, order: oldest first}\n"
    of = plan(f"{negative}{OWN}components:\n  c: {words}\n")
    assert f"after {en} nothing." in told(of, "en")
    assert f"nach {de} " in told(of, "de")


def test_objectives_are_worked_out_without_the_cap_and_say_so() -> None:
    assert "Shown without the cap." in told(objectives("100%", "cap: 10_000"), "en")


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "is converted from EUR by the exchange table t"), ("de", "aus EUR nach")]
)
def test_pay_in_another_currency_says_from_which_by_which_rate(locale: Locale, said: str) -> None:
    of = paying()
    fx = of.model_copy(update={"pay_fx": PayFx(table="t", rate="month_end", at=NOWHERE)})
    text = " ".join(as_text(plan_document(fx, TERMS, locale)).split())
    assert said in text
    assert {"en": "at the rate of the last day of the month that pays", "de": "(Kurs am letzten Tag"}[locale] in text


def test_a_table_and_its_drawing_stand_together_on_paper() -> None:
    of = load_plans([ROOT / "plans" / "roles" / "account-executive"])[0][0]
    kept = [block for block in plan_document(of, TERMS, "en").blocks if isinstance(block, Together)]
    assert [[type(each) for each in block.blocks] for block in kept] == [[Table, Drawing], [Table, Drawing]]
    assert '<div class="together">' in as_html(Document("t", "en", kept))
    assert as_pdf(Document("t", "en", kept)).startswith(b"%PDF")
