"""What is wrong with a plan, as values that say where, what, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "notice"]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where a value stands in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def in_folder(self) -> str:
        """`hunter.yaml:24`: the same wherever the plan folder lies, so that results of two machines are alike."""
        name = self.file.replace("\\", "/").rpartition("/")[2]
        return f"{name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """`plans/ae/plan.yaml:31:20 TIERS_NOT_RISING tier 2 ends at 90%, ...`. A notice does not stop a plan."""

    code: str
    at: Position
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.at} {self.code} {self.message}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean `type`?` where a known word is near, else the words to choose from where they are few."""
    words = sorted(set(known))
    if near := nearest(word, words):
        return near
    return f" Known: {', '.join(words)}." if 0 < len(words) <= 12 else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """` Did you mean `type`?` where a known word is near."""
    near = difflib.get_close_matches(word, sorted(set(known)), n=1)
    return f" Did you mean `{near[0]}`?" if near else ""


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By place, each once: the order in which someone mends a file."""
    return sorted(set(problems), key=lambda problem: (problem.at, problem.code, problem.message))
