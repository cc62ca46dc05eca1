"""Plans that nobody would write: the reader neither crashes nor hangs, and whatever it says has a place.

`make fuzz` looks for FUZZ_SECONDS (60); the ordinary suite for two. What it draws are sample plans that are cut,
swapped and mixed, and trees made of the language's own words (from its JSON Schema, so a new word is drawn as well).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from compsvc.adapters.plan_yaml import parse_plan
from compsvc.core import limits
from compsvc.core.plan import Plan
from compsvc.core.plan_check_revisions import check_plans
from compsvc.core.plan_sample import Terms
from compsvc.core.plan_schema import schema
from compsvc.core.problems import Problem
from compsvc.entry.codes import catalogue
from compsvc.entry.doc_blocks import as_text
from compsvc.entry.plan_doc import plan_document

ROOT = Path(__file__).parents[2]
SECONDS = int(os.environ.get("FUZZ_SECONDS", "2"))
BATCH = 100  # examples drawn between two looks at the clock
CPU_SECONDS = 5  # that one text may take; the largest that is let in takes about one
TEXTS = [path.read_text() for path in sorted((ROOT / "plans").glob("*/*.yaml"))]
TEXTS += [path.read_bytes().decode("utf-8", "replace") for path in sorted((ROOT / "tests/bad_plans").glob("*.yaml"))]
TERMS = (ROOT / "plans/nordwind/terms.yaml").read_bytes()


def read(source: bytes) -> tuple[Plan | None, list[Problem]]:
    """With what has to hold of every answer."""
    started = time.process_time()
    plan, problems = parse_plan(source, "plan.yaml", {"terms.yaml": TERMS})
    assert time.process_time() - started < CPU_SECONDS
    assert (plan is None) == any(problem.severity == "error" for problem in problems)
    lines = max(source.count(b"\n"), TERMS.count(b"\n")) + source.count(b"\r") + 2
    for problem in problems:
        assert problem.at.file in ("plan.yaml", "terms.yaml"), problem
        assert 1 <= problem.at.line <= lines + source.decode("utf-8", "replace").count("\u2028"), problem
        assert problem.at.column >= 1, problem
        assert problem.code in catalogue(), problem
        assert problem.message.strip(), problem
    if plan is not None:
        check_plans([plan])
        assert plan.revision in as_text(plan_document(plan, Terms(8_000_000, 80_000_000), "de"))
    return plan, problems


def for_a_while(test: Callable[[], None]) -> None:
    """New examples each time, until the time is up; a failure prints its example and the number of its seed."""
    ends, number = time.monotonic() + SECONDS, 0
    while number == 0 or time.monotonic() < ends:
        seed(number)(test)()
        number += 1


SETTINGS = settings(
    max_examples=BATCH, deadline=None, derandomize=False, database=None, suppress_health_check=list(HealthCheck)
)

# --- sample plans, mutated


def words_of(found: Any) -> set[str]:
    """Keys and choices of the schema."""
    if isinstance(found, dict):
        own = {*found.get("properties", {}), *map(str, found.get("enum", ())), *map(str, found.get("examples", ()))}
        return own.union(*map(words_of, found.values()))
    return set().union(*map(words_of, found)) if isinstance(found, list) else set()


WORDS = sorted(words_of(json.loads(json.dumps(schema()))))
ODD = [
    "",
    "~",
    "null",
    "-1",
    "0",
    "1e9",
    "0.1",
    "99999999999999999999",
    "1/0",
    "100%",
    "1_0",
    "2026-02-30",
    "&a x",
    "*a",
]
ODD += [
    "!!str x",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "|",
    ">",
    "%",
    "@",
    "`",
    "\t",
    "\u0000",
    "\u2028",
    "😀",
    "- ",
    ": ",
    "#",
    "---",
]
Lines = list[str]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    lines = draw(st.sampled_from(TEXTS)).split("\n")
    for _ in range(draw(st.integers(1, 6))):
        lines = draw(st.sampled_from(CHANGES))(draw, lines) or [""]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def place(draw: st.DrawFn, lines: Lines) -> int:
    return draw(st.integers(0, len(lines) - 1))


def cut(draw: st.DrawFn, lines: Lines) -> Lines:
    at = place(draw, lines)
    return lines[:at] + lines[at + draw(st.integers(1, 3)) :]


def doubled(draw: st.DrawFn, lines: Lines) -> Lines:
    at = place(draw, lines)
    return lines[: at + 1] + lines[at:]


def swapped(draw: st.DrawFn, lines: Lines) -> Lines:
    one, two = place(draw, lines), place(draw, lines)
    lines = list(lines)
    lines[one], lines[two] = lines[two], lines[one]
    return lines


def shifted(draw: st.DrawFn, lines: Lines) -> Lines:
    at, by = place(draw, lines), draw(st.integers(-4, 4))
    moved = " " * by + lines[at] if by >= 0 else lines[at][-by:]
    return [*lines[:at], moved, *lines[at + 1 :]]


def mixed(draw: st.DrawFn, lines: Lines) -> Lines:
    other = draw(st.sampled_from(TEXTS)).split("\n")
    return lines[: place(draw, lines)] + other[place(draw, other) :]


def retyped(draw: st.DrawFn, lines: Lines) -> Lines:
    """A value or a part of a line becomes another word."""
    at = place(draw, lines)
    line, word = lines[at], draw(st.sampled_from([*WORDS, *ODD]))
    start = draw(st.integers(0, len(line)))
    end = draw(st.integers(start, len(line)))
    key, colon, _ = line.partition(": ")
    changed = f"{key}{colon}{word}" if colon and draw(st.booleans()) else line[:start] + word + line[end:]
    return [*lines[:at], changed, *lines[at + 1 :]]


CHANGES = (cut, doubled, swapped, shifted, mixed, retyped, retyped, retyped)


def test_mutated_plans_are_read_or_refused_with_a_place() -> None:
    @SETTINGS
    @given(mutated())
    def one(source: bytes) -> None:
        read(source)

    for_a_while(one)


# --- trees of the language's own words

SCALARS = st.one_of(st.sampled_from([*WORDS, *ODD]), st.text(max_size=8), st.integers().map(str))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), inner, max_size=6),
    ),
    max_leaves=25,
)
SECTIONS = (
    "plan",
    "title",
    "terms",
    "provisioning",
    "effective",
    "credits",
    "components",
    "match",
    "payable",
    "win_back",
)


def test_trees_of_words_are_read_or_refused_with_a_place() -> None:
    @SETTINGS
    @given(st.dictionaries(st.sampled_from([*SECTIONS, *WORDS]), TREES, max_size=12))
    def one(tree: dict[str, Any]) -> None:
        read(json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))  # JSON is YAML 1.2

    for_a_while(one)


def test_any_bytes_are_read_or_refused_with_a_place() -> None:
    @SETTINGS
    @given(st.binary(max_size=200))
    def one(source: bytes) -> None:
        read(source)

    for_a_while(one)


# --- what is too much


def billion() -> bytes:
    """Nine levels of ten: a billion values, were they written out."""
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]
    return "\n".join(["a0: &a0 x", *levels]).encode()


TOO_MUCH = {
    "deep lists": (b"plan: " + b"[" * 50_000, {"TOO_DEEP"}),
    "deep mappings": (b"{a: " * 50_000, {"TOO_DEEP"}),
    "deep keys": (b"? " * 5_000 + b"a", {"TOO_DEEP", "YAML_SYNTAX"}),
    "deep indents": ("\n".join(f"{' ' * depth}a:" for depth in range(400)).encode(), {"TOO_DEEP"}),
    "aliases": (b"a: &a x\nb: [" + b"*a, " * 1_000 + b"]", {"TOO_MANY_ALIASES"}),
    "a billion laughs": (billion(), {"TOO_MANY_ALIASES", "TOO_MANY_VALUES"}),
    "10 MB": (b"a" * 10_000_000, {"FILE_TOO_LARGE"}),
    "10 MB of brackets": (b"[" * 10_000_000, {"FILE_TOO_LARGE"}),
    "many values": (b"a: [" + b"x," * 30_000 + b"]", {"TOO_MANY_VALUES"}),
    "a long number": (b"plan: rep\ntitle: " + b"9" * 100_000, {"TOO_LONG", "BAD_TITLE"}),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_is_refused_by_a_limit(name: str) -> None:
    source, codes = TOO_MUCH[name]
    started = time.process_time()
    plan, problems = parse_plan(source[: limits.MAX_PLAN_BYTES + 1], "plan.yaml", {"terms.yaml": TERMS})
    assert time.process_time() - started < CPU_SECONDS
    assert plan is None
    assert codes & {problem.code for problem in problems}, problems[:3]


SMALL = (ROOT / "plans/pilot/plan.yaml").read_text()
HEAD = "plan: rep\ntitle: A plan\n"
ODD_TEXT = {
    "UTF-16": (SMALL.encode("utf-16"), (1, 1), "NOT_UTF8"),
    "Latin-1": (HEAD.replace("A plan", "Ä plan").encode("latin-1"), (2, 8), "NOT_UTF8"),
    "half a character": (HEAD.encode() + b"effective: \xf0\x9f", (3, 12), "NOT_UTF8"),
    "a null": (HEAD.replace("A plan", "A \0 plan").encode(), (2, 10), "YAML_SYNTAX"),
    "a bell after CRLF": (b"plan: rep\r\ntitle: A\x07 plan\r\n", (2, 9), "YAML_SYNTAX"),
    "a long key": (f"{HEAD}{'k' * 1_020}: 1\n".encode(), (3, 1), "UNKNOWN_KEY"),
    "a very long key": (f"{HEAD}{'k' * 5_000}: 1\n".encode(), (3, 5_001), "YAML_SYNTAX"),
    "a far year": (f"{HEAD}effective: 9999-01-01\n".encode(), (3, 12), "OUT_OF_RANGE"),
    "a year of five digits": (f"{HEAD}effective: 12026-01-01\n".encode(), (3, 12), "BAD_DATE"),
    "an early year": (f"{HEAD}effective: 0001-01-01\n".encode(), (3, 12), "OUT_OF_RANGE"),
    "many digits": (f"{HEAD}cap: {{amount: {'9' * 1_500}, per: year}}\n".encode(), (3, 15), "BAD_AMOUNT"),
    "a large amount": (f"{HEAD}cap: {{amount: {10**17}, per: year}}\n".encode(), (3, 15), "AMOUNT_TOO_LARGE"),
    "many months": (f"{HEAD}win_back: 999999 months\n".encode(), (3, 11), "OUT_OF_RANGE"),
    "very many months": (f"{HEAD}win_back: {'9' * 1_500} months\n".encode(), (3, 11), "BAD_SPAN"),
}


@pytest.mark.parametrize("name", ODD_TEXT)
def test_odd_text_is_refused_where_it_stands(name: str) -> None:
    source, place, code = ODD_TEXT[name]
    plan, problems = read(source)
    assert plan is None
    found = {(problem.at.line, problem.at.column): problem.code for problem in problems if problem.code == code}
    assert found == {place: code}, problems


def test_a_file_of_ten_megabytes_is_not_read_whole(tmp_path: Path) -> None:
    from compsvc.adapters.plan_yaml import load_plan

    (tmp_path / "plan.yaml").write_bytes(b"#" * 10_000_000)
    assert [problem.code for problem in load_plan(tmp_path / "plan.yaml")[1]] == ["FILE_TOO_LARGE"]
