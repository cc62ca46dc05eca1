"""Plan files read into plans. A plan folder holds plans and the terms files that they name, side by side.

A plan file is a `.yaml` directly in a plan folder with `plan` among its top-level keys, and without `case`. Terms,
mappings and data files have no such key; `cases/` and other folders below are not looked into.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from compsvc.adapters.yaml_tree import read_tree
from compsvc.core import limits
from compsvc.core.node import Mapped, Text, place_of
from compsvc.core.plan import OF_ONE_PLAN, Plan
from compsvc.core.plan_build import build
from compsvc.core.plan_check_revisions import check_plans
from compsvc.core.plan_values import kind_of
from compsvc.core.problems import Position, Problem, did_you_mean, in_order

NOT_SHARED = OF_ONE_PLAN | {"terms"}
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_A_PLAN = re.compile(rb"^(?:\xef\xbb\xbf)?plan[ ]*:", re.MULTILINE)
_A_CASE = re.compile(rb"^case[ ]*:", re.MULTILINE)

ReadTerms = Callable[[str], bytes | None]


def load_plans(paths: Iterable[Path]) -> tuple[list[Plan], list[Problem]]:
    """Every plan in the files and folders, each once, by name and date; and every problem, by place."""
    plans: dict[Path, Plan] = {}
    problems: list[Problem] = []
    for path in paths:
        files, missing = _plan_files(path)
        problems += missing
        for file in files:
            if file.resolve() not in plans:
                plan, found = load_plan(file)
                problems += found
                plans.update({file.resolve(): plan} if plan is not None else {})
    return sorted(plans.values(), key=lambda plan: (plan.plan, plan.effective, plan.at)), in_order(problems)


def misfits(plans: Iterable[Plan]) -> list[Problem]:
    """Plans of one folder are those of one company, and have to fit together."""
    by_folder = groupby(sorted(plans, key=_folder), key=_folder)
    return [problem for _, some in by_folder for problem in check_plans(some)]


def _folder(plan: Plan) -> str:
    return str(Path(plan.at.file).parent)


def load_plan(path: Path) -> tuple[Plan | None, list[Problem]]:
    """The plan in the file, and what is to be said against it; notices alone do not stop it."""
    source = _bytes(path)
    if isinstance(source, Problem):
        return None, [source]

    def beside(name: str) -> bytes | None:
        found = _bytes(path.parent / name)
        return found if isinstance(found, bytes) else None

    others = sorted(item.name for item in path.parent.glob("*.yaml") if item != path)
    return _parsed(source, str(path), beside, others)


def parse_plan(source: bytes, name: str, terms: Mapping[str, bytes]) -> tuple[Plan | None, list[Problem]]:
    """The same for a text with a name, and the terms files that it may name."""
    return _parsed(source, name, terms.get, sorted(terms))


def _plan_files(path: Path) -> tuple[list[Path], list[Problem]]:
    if path.is_file():
        return [path], []
    start = Position(str(path), 1, 1)
    if not path.is_dir():
        return [], [Problem("FILE_NOT_FOUND", start, "there is no such file or folder.")]
    found = _below(path)
    message = "no plan is in this folder: no .yaml file with `plan:` among its top-level keys."
    return found, [] if found else [Problem("NO_PLANS", start, message)]


def _below(folder: Path) -> list[Path]:
    """Of the folder itself, or where it has no plans, of the folders in it, however deep."""
    inside = (each for each in sorted(folder.iterdir()) if each.is_dir() and not each.name.startswith("."))
    return _in_folder(folder) or [file for each in inside for file in _below(each)]


def _in_folder(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.yaml") if file.is_file() and _is_plan(file))


def _is_plan(file: Path) -> bool:
    """By its text, so that a plan with a syntax error is reported and not overlooked."""
    source = _bytes(file)
    return isinstance(source, bytes) and bool(_A_PLAN.search(source)) and not _A_CASE.search(source)


def _bytes(path: Path) -> bytes | Problem:
    """At most one byte more than a plan may have; the reader says the rest."""
    try:
        with path.open("rb") as file:
            return file.read(limits.MAX_PLAN_BYTES + 1)
    except OSError as error:
        code = "FILE_NOT_FOUND" if isinstance(error, FileNotFoundError) else "FILE_UNREADABLE"
        return Problem(code, Position(str(path), 1, 1), f"cannot be read: {error.strerror}.")


def _parsed(
    source: bytes, name: str, read_terms: ReadTerms, others: Iterable[str]
) -> tuple[Plan | None, list[Problem]]:
    tree = read_tree(source, name)
    if not isinstance(tree.root, Mapped):
        wrong = [_no_mapping(tree.root)] if tree.root is not None else []
        return None, _at_most(in_order([*tree.problems, *wrong]))
    root, terms_problems = _with_terms(tree.root, name, read_terms, others)
    plan, problems = build(root)
    found = _at_most(in_order([*tree.problems, *terms_problems, *problems]))
    stopped = any(problem.severity == "error" for problem in found)
    return (None if stopped else plan), found


def _no_mapping(root: object) -> Problem:
    message = f"here stands {kind_of(root)}; a plan is a mapping that begins with `plan: NAME`."
    return Problem("WRONG_TYPE", place_of(root), message)


def _at_most(problems: list[Problem]) -> list[Problem]:
    most = limits.MAX_PROBLEMS
    if len(problems) <= most:
        return problems
    errors_first = sorted(problems, key=lambda problem: problem.severity == "notice")[:most]
    more = Problem(
        "MORE_PROBLEMS", problems[-1].at, f"{len(problems) - most} more problems are not shown; mend these first."
    )
    return [*in_order(errors_first), more]


# --- terms: what a company decides once


def _with_terms(root: Mapped, name: str, read_terms: ReadTerms, others: Iterable[str]) -> tuple[Mapped, list[Problem]]:
    """The plan's keys and those of the terms file that it names; a key stands in one of them."""
    if "terms" not in root:
        return root, []
    named, at = root["terms"], root.value_at("terms")
    own = Mapped({key: value for key, value in root.items() if key != "terms"}, at=root.at, keys=root.keys_at)
    own.complete = False  # what is missing may stand in the terms, as long as they are not read
    if not isinstance(named, Text) or not _FILE_NAME.fullmatch(named):
        message = f"here stands {kind_of(named)}; wanted: the name of a file beside this one, such as `terms.yaml`."
        return own, [Problem("BAD_TERMS", at, message)]
    source = read_terms(named)
    if source is None:
        message = f"there is no `{named}` beside this file.{did_you_mean(named, others)}"
        return own, [Problem("TERMS_NOT_FOUND", at, message)]
    terms = read_tree(source, name[: len(name) - len(Path(name).name)] + named)
    if not isinstance(terms.root, Mapped):
        message = f"`{named}` is no mapping of words such as `rounding: half_up`."
        return own, [*terms.problems, *([] if terms.root is None else [Problem("BAD_TERMS", at, message)])]
    return _merged(own, terms.root), [*terms.problems, *_clashes(own, terms.root)]


def _merged(own: Mapped, terms: Mapped) -> Mapped:
    said = {key: value for key, value in terms.items() if key not in NOT_SHARED}
    return Mapped({**said, **own}, at=own.at, keys={**terms.keys_at, **own.keys_at})


def _clashes(own: Mapped, terms: Mapped) -> Iterator[Problem]:
    for key in terms:
        if key in NOT_SHARED:
            message = f"`{key}` belongs to one plan, not to terms that several share. Move it to the plan."
            yield Problem("NOT_IN_TERMS", terms.key_at(key), message)
        elif key in own:
            message = f"`{key}` stands here and in the terms, at {terms.key_at(key)}. Keep one of them."
            yield Problem("IN_PLAN_AND_TERMS", own.key_at(key), message)
