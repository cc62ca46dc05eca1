"""`compsvc plan doc`: a plan in plain language, its curves drawn, its figures worked out."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from compsvc.adapters.plan_yaml import load_plans
from compsvc.core.curves import NOTHING, Multiple, Piece, Template
from compsvc.core.node import NOWHERE
from compsvc.core.plan import Plan
from compsvc.core.plan_sample import Terms, sample, strokes
from compsvc.core.plan_values import Amount, Months, Rate
from compsvc.core.rules import Rule
from compsvc.entry.cli import app
from compsvc.entry.curve_svg import ticks
from compsvc.entry.doc_blocks import as_text
from compsvc.entry.doc_html import as_html
from compsvc.entry.doc_pdf import as_pdf
from compsvc.entry.locales import LOCALES, Locale
from compsvc.entry.plan_doc import plan_document
from compsvc.entry.plan_sentences import Speaker

PLANS = Path(__file__).parents[2] / "plans"
SAMPLES = load_plans([PLANS])[0]
TERMS = Terms(target_minor=8_000_000, quota_minor=80_000_000)


def named(name: str) -> Plan:
    return max((plan for plan in SAMPLES if plan.plan == name), key=lambda plan: plan.effective)


def plan_doc(*options: str) -> Result:
    return CliRunner().invoke(app, ["plan", "doc", *options])


@pytest.mark.parametrize("locale", LOCALES)
def test_a_plan_in_plain_language(golden: Callable[[str, str], None], locale: Locale) -> None:
    golden(f"plan-doc/hunter.{locale}.txt", as_text(plan_document(named("hunter"), TERMS, locale)))


def test_the_figures_are_those_of_the_curve() -> None:
    """80,000 at 800,000: base is 10%. 150%: 800,000 at 10% and 400,000 at 15% are 80,000 + 60,000."""
    path = str(PLANS / "nordwind" / "account-executive.yaml")
    said = plan_doc(path, "--target", "80_000", "--quota", "800_000")
    assert said.exit_code == 0
    rows = [re.split(r"  +", line.strip()) for line in said.output.splitlines()]
    assert ["50%", "€400,000.00", "€400,000.00 x 10%", "€40,000.00"] in rows
    assert ["100%", "€800,000.00", "€800,000.00 x 10%", "€80,000.00"] in rows
    assert ["150%", "€1,200,000.00", "€800,000.00 x 10% + €400,000.00 x 15%", "€140,000.00"] in rows


def test_finance_sees_what_a_handover_makes_of_landing_small() -> None:
    """10% of 200,000, a quarter of the quota; of the half that is sold after the window another one is paid."""
    said = plan_doc(str(PLANS / "pilot" / "plan.yaml"), "--quota", "800_000")
    rows = [re.split(r"  +", line.strip()) for line in said.output.splitlines()]
    assert ["all with the first order", "€20,000.00", "€0.00"] in rows
    assert ["half at first, €100,000.00 on 16 Jan 2024, inside the window", "€20,000.00", "€0.00"] in rows
    assert ["half at first, €100,000.00 on 1 Feb 2024, after the window", "€10,000.00", "-€10,000.00"] in rows
    assert "is paid €10,000.00 less" in " ".join(said.output.split())


def test_what_a_handover_rewards_is_no_part_of_a_letter() -> None:
    shown = as_text(plan_document(named("pilot"), TERMS, "en", {}))
    assert "handover window" in shown
    assert "after the window" not in shown


def test_the_revision_stands_at_the_end() -> None:
    plan = named("hunter")
    assert plan.revision in as_text(plan_document(plan, TERMS, "en"))


@pytest.mark.parametrize(
    ("locale", "words"), [("en", "What counts: the number of deals credited by"), ("de", "Was zählt: die Anzahl der")]
)
def test_where_deals_are_counted_they_are_named_once(locale: Locale, words: str) -> None:
    assert words in as_text(plan_document(named("role-sales-engineer"), TERMS, locale))


@pytest.mark.parametrize(("locale", "words"), [("en", "reaches 80 activities"), ("de", "80 Aktivitäten erreicht")])
def test_a_gate_on_a_count_asks_for_so_many(tmp_path: Path, locale: str, words: str) -> None:
    hunter = (PLANS / "pilot" / "plan.yaml").read_text()
    assert "components:\n" in hunter
    calls = "  calls: {counts: activities, activity: call, per: quarter, pays: {per_unit: {amount: 5}}}\n"
    gated = "  gated: {counts: acv, from: own-deals, per: quarter, gate: {measure: calls, at_least: 80}, pays: "
    more = calls + gated + "{flat_rate: {rate: 1%}}}\n"
    (tmp_path / "plan.yaml").write_text(hunter.replace("components:\n", f"components:\n{more}"))
    shown = plan_doc(str(tmp_path / "plan.yaml"), "--language", locale, "--quota", "800_000", "--target", "80_000")
    assert words in " ".join(shown.output.split()), shown.output


class Bricks(Rule):
    """A kind that has no sentences."""

    kind: Literal["bricks"]
    wall: Amount
    within: Months

    def template(self) -> Template:
        return Template((Piece(start=NOTHING, slope=NOTHING), Piece(Multiple(Fraction(100)), NOTHING, NOTHING)))


def test_a_kind_without_words_is_said_as_it_is_written() -> None:
    bricks = Bricks(kind="bricks", wall=123_450, within=6, at=NOWHERE)
    assert Speaker("en", "EUR").sentences(bricks) == ["wall: €1,234.50.", "within: 6 months."]
    assert Speaker("de", "EUR").sentences(bricks) == ["wall: 1.234,50 €.", "within: 6 Monate."]


def test_rates_are_said_as_the_plan_means_them() -> None:
    speaker = Speaker("en", "EUR")
    assert speaker.value(Rate(Fraction(3, 2), of_base=True)) == "1.5 x base"
    assert speaker.value(Rate(Fraction(1, 8), of_base=False)) == "12.5%"


# --- curves


def test_a_retroactive_table_is_drawn_with_its_steps() -> None:
    every = ((plan, name, item) for plan in SAMPLES for name, item in plan.components.items())
    plan, name = next((plan, name) for plan, name, item in every if item.pays.template().mode == "retroactive")
    found = sample(plan, plan.components[name], TERMS)
    assert found is not None
    lines = strokes(found)
    assert len(lines) == len(plan.components[name].pays.template().pieces)
    for line in lines:
        for position, value in line:
            assert value == found.curve.value(position)


def test_a_marginal_table_is_one_stroke() -> None:
    plan = named("account-executive")
    found = sample(plan, plan.components["commission"], TERMS)
    assert found is not None
    assert [position for position, _ in strokes(found)[0]] == [0, 79_999_999, 80_000_000, 120_000_000]
    assert len(strokes(found)) == 1


@pytest.mark.parametrize(
    ("end", "step"), [(1, "1/5"), (Fraction(3, 2), "1/2"), (7, "2"), (140_000, "50000"), (999, "200"), (6, "1")]
)
def test_ticks_are_round_numbers(end: Fraction, step: str) -> None:
    found = ticks(Fraction(end))
    assert found[1] == Fraction(step)
    assert len(found) <= 7


# --- forms


class Outline(HTMLParser):
    """Tags that are open, and what a reader with a screen reader hears of tables and drawings."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("plan", SAMPLES, ids=lambda plan: f"{plan.plan}-{plan.effective}")
@pytest.mark.parametrize("locale", LOCALES)
def test_html_is_whole_and_readable_aloud(plan: Plan, locale: Locale) -> None:
    text = as_html(plan_document(plan, TERMS, locale))
    outline = Outline()
    outline.feed(text)
    assert outline.open == []
    assert next(attrs["lang"] for tag, attrs in outline.seen if tag == "html") == locale
    tags = [tag for tag, _ in outline.seen]
    assert tags.count("table") == tags.count("caption") > 0
    assert all(attrs.get("scope") for tag, attrs in outline.seen if tag == "th")
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert drawings
    for svg in drawings:
        assert ElementTree.fromstring(svg).attrib["aria-label"]
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")  # nothing is loaded from elsewhere


@pytest.mark.parametrize("locale", LOCALES)
def test_a_pdf_is_the_same_each_time(tmp_path: Path, locale: Locale) -> None:
    path = str(PLANS / "nordwind" / "hunter.yaml")
    for name in ("one.pdf", "two.pdf"):
        said = plan_doc(path, "--format", "pdf", "--language", locale, "--out", str(tmp_path / name))
        assert said.exit_code == 0, said.output
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF")


def test_marks_of_any_markup_are_only_text() -> None:
    document = plan_document(named("hunter").model_copy(update={"title": '#<b>"*_$\\'}), TERMS, "en")
    assert "<b>" not in as_html(document)
    assert as_pdf(document).startswith(b"%PDF")


# --- wrong usage


def test_wrong_usage_says_what_would_be_right(tmp_path: Path) -> None:
    path = str(PLANS / "nordwind" / "hunter.yaml")
    assert "give --out FILE" in plan_doc(path, "--format", "pdf").output
    assert "name the file of one" in plan_doc(str(PLANS / "nordwind")).output
    assert "no amount above 0" in plan_doc(path, "--quota", "0").output
    (tmp_path / "broken.yaml").write_text("plan: rep\n")
    said = plan_doc(str(tmp_path / "broken.yaml"))
    assert said.exit_code == 1
    assert "MISSING_KEY" in said.output
