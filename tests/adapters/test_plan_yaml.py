"""Plan files: good ones are read, bad ones are told everything at once, and nothing crashes the reader."""

from __future__ import annotations

import ast
import pickle
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compsvc.adapters.plan_yaml import load_plan, load_plans, parse_plan
from compsvc.core import limits, node
from compsvc.core.plan import Component, Plan
from compsvc.core.plan_check_revisions import check_plans
from compsvc.core.plan_credits import Handover
from compsvc.core.problems import Problem
from tests.bad_plans.rewrite import HERE as BAD
from tests.bad_plans.rewrite import TERMS, bad_plans, expected_file, said_about

ROOT = BAD.parents[1]
SAMPLES = sorted(path for path in (ROOT / "plans").glob("*/*.yaml") if re.search(r"(?m)^plan:", path.read_text()))
TEXT = (BAD / "two-with-one-date" / "first.yaml").read_text()
TERMS_TEXT = (BAD / "terms.yaml").read_bytes()
READERS = (
    *sorted((ROOT / "compsvc/core").glob("plan*.py")),
    *sorted((ROOT / "compsvc/core/rules").glob("*.py")),
    *(ROOT / "compsvc/core" / name for name in ("node.py", "conditions.py", "jurisdiction.py")),
    *(ROOT / "compsvc/adapters" / name for name in ("plan_yaml.py", "yaml_tree.py")),
    ROOT / "compsvc/wiring.py",
)


def parsed(text: str, terms: bytes = TERMS_TEXT) -> tuple[Plan | None, list[Problem]]:
    return parse_plan(text.encode(), "plan.yaml", {"terms.yaml": terms})


def plan_of(text: str, terms: bytes = TERMS_TEXT) -> Plan:
    plan, problems = parsed(text, terms)
    assert plan is not None, "\n".join(map(str, problems))
    return plan


def changed(*changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


# --- good plans


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_sample_plans_are_good(path: Path) -> None:
    plan, problems = load_plan(path)
    assert plan is not None, "\n".join(map(str, problems))


def test_the_whole_language_is_read() -> None:
    text = changed(
        (
            "    to: seller\n",
            "    to: seller\n    priority: 10\n    handover: {keep: 12 months, after: first order, "
            "for: [upsell, cross_sell], if_hunter_left: owner, survives_cancel: no, protect_pipeline: 30 days, "
            "share_last: {months: 2 months, hunter: 50%, successor: 1/2}}\n",
        ),
        (
            "counts: acv",
            "counts: final_stage_acv\n    pays_on: tcv\n    one_time: count\n    carry: blend\n    weight: 60%",
        ),
        (
            "    pays:",
            "    ramp: {term_at_least: 36 months, last_stage_at_least: 12 months, below_limits: average}\n"
            "    quota: from assignment\n    zero_quota: pay_target\n    pays:",
        ),
    )
    plan = plan_of(text)
    assert isinstance(plan.credits["own"].handover, Handover)
    assert plan.credits["own"].handover.share_last is not None
    assert isinstance(plan.components["pay"], Component)
    assert plan.components["pay"].credit == ("own",)
    assert str(plan.components["pay"].at) == "plan.yaml:12:3"


def test_a_plan_is_made_of_plain_values() -> None:
    """No text that carries its place along: a plan is pickled to workers, and used as a key."""
    plan = plan_of(TEXT)
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert hash(plan) == hash(plan_of(TEXT))
    assert all(type(value) is not node.Text for value in _leaves(plan))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, node.Node):
        return [leaf for name in type(value).model_fields for leaf in _leaves(getattr(value, name))]
    if isinstance(value, dict):
        return [leaf for pair in value.items() for item in pair for leaf in _leaves(item)]
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, tuple) else [value]


def test_every_node_knows_its_place() -> None:
    plan = plan_of(TEXT)
    places = {str(plan.at), str(plan.credits["own"].at), str(plan.components["pay"].pays.at), str(plan.earned.at)}
    assert places == {"plan.yaml:1:1", "plan.yaml:6:3", "plan.yaml:15:18", "terms.yaml:8:9"}


def test_the_example_in_the_docs_is_good() -> None:
    page = (ROOT / "docs/plan-language.md").read_text()
    plan_of(
        page[page.index("plan: account") : page.index("```\n\n## Files")],
        TERMS_TEXT.replace(b"provisioning: equal\n", b""),
    )


# --- the revision


@pytest.mark.parametrize(
    "other",
    [
        changed(("counts: acv", "counts:   'acv'  # what the field calls it")),
        changed(("    counts: acv\n    from: own\n", "    from: [own]\n    counts: acv\n")),
        changed(("rate: 5%", "rate: 5.00%")),
        changed(("rate: 5%", "rate: 1/20")),
        changed(("    to: seller\n", "    to: seller\n    priority: 0\n")),
        changed(("terms: terms.yaml\n", TERMS_TEXT.decode())),
    ],
)
def test_the_revision_is_of_the_content(other: str) -> None:
    assert plan_of(other).revision == plan_of(TEXT).revision


@pytest.mark.parametrize(
    "other",
    [
        changed(("rate: 5%", "rate: 5.01%")),
        changed(("2026-01-01", "2026-01-02")),
        changed(("Sales Rep 2026", "Sales Rep")),
        changed(("  own:", "  mine:"), ("from: own", "from: mine")),
        changed(("new_logo, upsell, cross_sell", "upsell, new_logo, cross_sell")),
    ],
)
def test_other_content_is_another_revision(other: str) -> None:
    assert plan_of(other).revision != plan_of(TEXT).revision


def test_how_an_editor_saves_text_is_no_content() -> None:
    for source in (b"\xef\xbb\xbf" + TEXT.encode(), TEXT.replace("\n", "\r\n").encode(), TEXT.rstrip().encode()):
        plan, _ = parse_plan(source, "plan.yaml", {"terms.yaml": TERMS_TEXT})
        assert plan is not None
        assert plan.revision == plan_of(TEXT).revision


def test_the_revision_covers_the_terms() -> None:
    assert plan_of(TEXT).revision != plan_of(TEXT, TERMS_TEXT.replace(b"half_up", b"down")).revision
    assert plan_of(TEXT).revision == plan_of(TEXT, b"# remark\n" + TERMS_TEXT).revision


def test_the_order_of_components_is_content() -> None:
    """A plan cap falls on components in the order of the plan (T3)."""
    more = TEXT[TEXT.index("  pay:") :]
    one, two = TEXT + more.replace("  pay:", "  more:"), TEXT.replace("  pay:", "  more:") + more
    assert plan_of(one).revision != plan_of(two).revision


def test_a_revision_never_moves_by_itself() -> None:
    """Books name plans by it: if this fails, stored plans no longer match their texts."""
    assert plan_of(TEXT).revision == "f72eae4f44a847c2bb1857c4defc848cb01a25725429741aadf86f5c76999928"


# --- bad plans


@pytest.mark.parametrize("name", bad_plans())
def test_a_bad_plan_is_told_exactly(name: str) -> None:
    assert said_about(name) == expected_file(name).read_text()


def test_there_are_no_expectations_without_a_plan() -> None:
    assert {path.name for path in BAD.glob("*.expected")} == {expected_file(name).name for name in bad_plans()}
    assert all((BAD / f"{name}.yaml").exists() for name in TERMS)


def long_list(item: str, count: int) -> str:
    return "[" + ", ".join(item.format(number) for number in range(count)) + "]"


TOO_LARGE: dict[str, Callable[[], str]] = {
    "FILE_TOO_LARGE": lambda: TEXT + "#" * limits.MAX_PLAN_BYTES,
    "TOO_MANY_VALUES": lambda: changed(("rate: 5%", "rate: " + long_list("a", limits.MAX_PLAN_NODES))),
    "TOO_MANY_ENTRIES": lambda: (
        TEXT + "".join(TEXT[TEXT.index("  pay:") :].replace("  pay:", f"  p{n}:") for n in range(limits.MAX_COMPONENTS))
    ),
    "CONDITION_TOO_LONG": lambda: changed(
        ("[new_logo, upsell, cross_sell]", "upsell, product: " + long_list("p{}", limits.MAX_CONDITION_VALUES + 1))
    ),
    "LIST_TOO_LONG": lambda: changed(
        (
            "flat_rate: {rate: 5%}",
            "rate_table: {mode: marginal, by: amount, boundary: at, tiers: "
            + long_list("{{to: {}, rate: 5%}}", limits.MAX_TIERS + 1)
            + "}",
        )
    ),
    "DUPLICATE_KEY": lambda: "x:\n" + " a: 1\n" * limits.MAX_PLAN_NODES,
    "MORE_PROBLEMS": lambda: TEXT + "".join(f"word-{number}: x\n" for number in range(limits.MAX_PROBLEMS + 1)),
}


@pytest.mark.parametrize("code", TOO_LARGE)
def test_everything_has_a_limit(code: str) -> None:
    plan, problems = parsed(TOO_LARGE[code]())
    assert plan is None
    assert code in {problem.code for problem in problems}
    assert len(problems) <= limits.MAX_PROBLEMS + 1


def test_aliases_do_not_multiply() -> None:
    """Nine levels of ten aliases each would be a billion values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 5)}]" for n in range(1, 10)]
    _, problems = parsed("\n".join(lines))
    assert problems[-1].code in ("TOO_MANY_ALIASES", "TOO_MANY_VALUES")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert [problem.code for problem in load_plans([tmp_path / "none"])[1]] == ["FILE_NOT_FOUND"]
    assert [problem.code for problem in load_plan(tmp_path / "none.yaml")[1]] == ["FILE_NOT_FOUND"]
    assert [problem.code for problem in load_plan(tmp_path)[1]] == ["FILE_UNREADABLE"]


def codes_in_code() -> set[str]:
    """Text in capitals with an underscore or from the few without: every code that the reader can give."""
    texts = {
        item.value
        for path in READERS
        for item in ast.walk(ast.parse(path.read_text()))
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    }
    return {text for text in texts if re.fullmatch(r"[A-Z][A-Z0-9]+(_[A-Z0-9]+)+|TAB|TAG", text)}


def test_every_code_has_a_bad_plan() -> None:
    shown = {line.split()[1] for name in bad_plans() for line in expected_file(name).read_text().splitlines()}
    elsewhere = {*TOO_LARGE, "FILE_NOT_FOUND", "FILE_UNREADABLE", "MATCHER_DISAGREES"}
    assert shown | elsewhere == codes_in_code()


# --- folders


def test_a_folder_is_its_plans(tmp_path: Path) -> None:
    folder = tmp_path / "plans" / "company"
    (folder / "cases").mkdir(parents=True)
    (folder / "terms.yaml").write_bytes(TERMS_TEXT)
    (folder / "rep.yaml").write_text(TEXT)
    (folder / "next.yaml").write_text(TEXT.replace("2026-01-01", "2027-01-01"))
    (folder / "mapping.yaml").write_text("amount: Amount\n")
    (folder / "case.yaml").write_text("case: one deal\nplan: rep\n")
    (folder / "cases" / "one.yaml").write_text("plan: rep\n")
    for paths in ([folder], [tmp_path / "plans"], [folder, folder / "rep.yaml"]):
        plans, problems = load_plans(paths)
        assert [str(plan.effective) for plan in plans] == ["2026-01-01", "2027-01-01"]
        assert problems == check_plans(plans) == []


def test_a_broken_plan_in_a_folder_is_not_overlooked(tmp_path: Path) -> None:
    (tmp_path / "rep.yaml").write_text("plan: [rep\n")
    assert [problem.code for problem in load_plans([tmp_path])[1]] == ["YAML_SYNTAX"]


def test_places_are_as_the_user_named_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ae").mkdir()
    (tmp_path / "ae" / "plan.yaml").write_text(TEXT.replace("terms: terms.yaml", "terms: our.yaml"))
    (tmp_path / "ae" / "our.yaml").write_text("rounding: up\n")
    monkeypatch.chdir(tmp_path)
    places = {problem.at.file for problem in load_plans([Path("ae")])[1]}
    assert places == {"ae/plan.yaml", "ae/our.yaml"}


# --- nothing crashes the reader

WORDS = [
    *sorted(set(re.findall(r"[A-Za-z0-9_%.-]+", TEXT + TERMS_TEXT.decode()))),
    *[
        ":",
        ": ",
        "- ",
        "  ",
        "\n",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!int ",
        "|",
        ">",
        "'",
        '"',
        "#",
        "@",
        "%",
        "\t",
        "~",
    ],
    *["rate_table", "kicker", "tiers", "team", "1/0", "9" * 30, "-1", "é", "\u2028", "\x00", "\ud7ff", "<<", "? "],
]


def assert_told(text: str) -> None:
    plan, problems = parsed(text)
    assert (plan is None) == any(problem.severity == "error" for problem in problems)
    assert all(problem.at.file in ("plan.yaml", "terms.yaml") for problem in problems)
    assert all(problem.at.line >= 1 and problem.at.column >= 1 and problem.message for problem in problems)


@settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS), max_size=60).map("".join))
def test_any_text_is_told(text: str) -> None:
    assert_told(text)


@settings(max_examples=400, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_plan_with_a_few_words_exchanged_is_told(data: st.DataObject) -> None:
    text = TEXT
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        text = text[:start] + data.draw(st.sampled_from(WORDS)) + text[start + length :]
    assert_told(text)


TREES = st.recursive(
    st.sampled_from(["5%", "own", "team", "acv", "", "3", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rate", "to", "at", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def flow(tree: Any) -> str:
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in tree.items()) + "}"
    return "[" + ", ".join(map(flow, tree)) + "]" if isinstance(tree, list) else f"'{tree}'"


@settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_shape_at_any_place_is_told(data: st.DataObject) -> None:
    values = [match.span(1) for match in re.finditer(r"(?m): ([^ \n][^\n]*)$", TEXT)]
    start, end = data.draw(st.sampled_from(values))
    assert_told(TEXT[:start] + flow(data.draw(TREES)) + TEXT[end:])


@settings(max_examples=200, deadline=2000)
@given(st.binary(max_size=200))
def test_any_bytes_are_told(source: bytes) -> None:
    plan, problems = parse_plan(source, "plan.yaml", {})
    assert plan is None
    assert problems


def test_the_largest_file_is_read_in_seconds() -> None:
    line = "  - {a: 1, b: 2}\n"
    text = "x:\n" + line * (limits.MAX_PLAN_NODES // 5 - 10)
    started = time.perf_counter()
    parsed(text[: limits.MAX_PLAN_BYTES - 100])
    assert time.perf_counter() - started < 20
