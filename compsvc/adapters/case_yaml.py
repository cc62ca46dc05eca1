"""Case files: facts in few words, and what the plans are expected to pay for them.

A file holds one case, several between lines of `---`, or a list of them. People and accounts that deals name need not
be listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from compsvc.adapters.case_expect import ExpectReader
from compsvc.adapters.case_given import GivenReader
from compsvc.adapters.case_reading import CaseReading
from compsvc.adapters.plan_yaml import load_plans, misfits
from compsvc.adapters.yaml_tree import read_tree
from compsvc.core.case_values import Case
from compsvc.core.facts import Facts
from compsvc.core.node import Listed, Mapped, Position, Text, place_of
from compsvc.core.plan import Plan
from compsvc.core.plan_values import kind_of
from compsvc.core.problems import Problem, did_you_mean, in_order

CASE_KEYS = ("case", "plan", "given", "expect", "canary")
_BETWEEN = re.compile(r"^---[ \t]*(?:#.*)?$", re.MULTILINE)


def load_cases(paths: Iterable[Path]) -> tuple[list[Case], list[Problem]]:
    """The cases of plan folders, of folders of them, or of single files; and what is wrong with their plans."""
    cases: list[Case] = []
    problems: list[Problem] = []
    for folder, files in sorted(_by_plan_folder(paths).items()):
        plans, found = load_plans([folder])
        errors = [problem for problem in (*found, *misfits(plans)) if problem.severity == "error"]
        problems += errors
        for file in sorted(files):
            cases += read_cases(file.read_bytes(), str(file), plans, errors)
    return cases, in_order(problems)


def read_cases(source: bytes, name: str, plans: Sequence[Plan], errors: Sequence[Problem] = ()) -> list[Case]:
    """The cases of one file; one that cannot be read is a case with problems. `errors`: those of the folder's plans."""
    found: list[Case] = []
    for document in _documents(source):
        tree = read_tree(document, name)
        roots = tree.root if isinstance(tree.root, Listed) else [tree.root]
        start = Position(name, 1 + len(document) - len(document.lstrip(b"\n")), 1)
        if tree.problems:
            found.append(Case(name, start, (), Facts(), (), tuple(tree.problems)))
        else:
            found += [_case(root, start, plans, errors) for root in roots]
    return found


def plan_folders(paths: Iterable[Path]) -> list[Path]:
    """Where the plans of these cases are: the folders themselves, and of a case file the one that it stands below."""
    return list(dict.fromkeys(_folder_of(path) if path.is_file() else path for path in paths))


def _by_plan_folder(paths: Iterable[Path]) -> dict[Path, set[Path]]:
    files = (file for path in paths for file in _case_files(path))
    folders: dict[Path, set[Path]] = {}
    for file in files:
        folders.setdefault(_folder_of(file), set()).add(file)
    return folders


def _folder_of(file: Path) -> Path:
    return file.parent.parent if file.parent.name == "cases" else file.parent


def _case_files(path: Path) -> list[Path]:
    """Those of a plan folder stand in `cases/` below it."""
    if path.is_file():
        return [path]
    below = (file.relative_to(path) for file in path.glob("**/cases/*.yaml"))
    return [path / file for file in below if not any(part.startswith(".") for part in file.parts)]


def _documents(source: bytes) -> Iterator[bytes]:
    """Each with empty lines before it for those that it does not have: places in it are places in the file."""
    text = source.decode("utf-8", "surrogateescape")
    start = 0
    for found in [*_BETWEEN.finditer(text), None]:
        end = len(text) if found is None else found.start()
        body = text[start:end]
        if re.search(r"^[ \t]*[^\s#]", body, re.MULTILINE):
            yield ("\n" * text.count("\n", 0, start) + body).encode("utf-8", "surrogateescape")
        start = end if found is None else found.end()


def _case(root: object, start: Position, plans: Sequence[Plan], errors: Sequence[Problem]) -> Case:
    """One case; everything that is wrong with it is collected."""
    reading = CaseReading()
    if not isinstance(root, Mapped):
        reading.problem("WRONG_TYPE", place_of(root, start), f"here stands {kind_of(root)}; a case is a mapping.")
        return Case("?", start, (), Facts(), (), tuple(reading.problems))
    reading.known(root, CASE_KEYS)
    name = reading.text(root, "case") or Text("?")
    plan, currency = _plan(reading, reading.text(root, "plan"), plans, errors)
    given = GivenReader(reading.problems, currency, plan)
    given.given(reading.mapping(root, "given"))
    expects = tuple(ExpectReader(reading.problems, currency).expectations(reading.mapping(root, "expect")))
    if not expects and not reading.problems:
        message = "the case expects nothing, so it would always pass."
        reading.problem("NOTHING_EXPECTED", root.key_at("expect"), message)
    facts = given.facts()
    named = given.plans()
    canary = "canary" in root and reading.flag(root, "canary")
    needed = tuple(item for item in plans if item.plan in named)
    return Case(str(name), root.at, needed, facts, expects, tuple(in_order(reading.problems)), canary, given.places())


def _plan(reading: CaseReading, name: Text | None, plans: Sequence[Plan], errors: Sequence[Problem]) -> tuple[str, str]:
    """The plan that the case is of, and its currency. `errors`: for which plans of the folder are missing."""
    known = {plan.plan: plan for plan in plans}
    if name is None:
        return "", "EUR"
    if name in known:
        return str(name), known[name].currency
    if errors:
        reading.problems.append(errors[0])
    else:
        message = f"`{name}` is no plan of this folder.{did_you_mean(name, known)}"
        reading.problem("UNKNOWN_PLAN", name.at, message)
    return "", "EUR"
