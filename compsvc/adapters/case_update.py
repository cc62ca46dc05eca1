"""Expectations of case files set to what was found, for review: figures change where they stand, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from compsvc.adapters.exports import write_whole
from compsvc.core.case_values import Difference, Uncredited
from compsvc.core.money import format_minor, parse_minor
from compsvc.core.problems import Position

_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # as YAML counts lines
_WRITTEN = re.compile(r"""(?P<quote>["']?)(?P<text>[^\s"',{}\[\]#]+)(?P=quote)""")


@dataclass(frozen=True, slots=True)
class Change:
    """`after` is None where the file cannot be set right: nothing stands there that could be written."""

    at: Position
    before: str
    after: str | None


def update_files(differences: Iterable[tuple[Difference, int]]) -> list[Change]:
    """Each with the decimals of its currency. Files are written whole; what was done stands in the order of places."""
    by_file: dict[str, list[tuple[Difference, int]]] = {}
    for difference, exponent in differences:
        by_file.setdefault(difference.expectation.at.file, []).append((difference, exponent))
    changes = []
    for file, found in sorted(by_file.items()):
        source = Path(file).read_bytes()
        text, done = updated(source.decode("utf-8"), found)
        write_whole(Path(file), text.encode("utf-8"))
        changes += done
    return changes


def updated(text: str, differences: Sequence[tuple[Difference, int]]) -> tuple[str, list[Change]]:
    """From the last place to the first, so that the places before stay where they are."""
    changes = []
    for difference, exponent in sorted(differences, key=lambda item: item[0].expectation.at, reverse=True):
        text, change = _updated(text, difference, exponent)
        changes.append(change)
    return text, changes[::-1]


def _updated(text: str, difference: Difference, exponent: int) -> tuple[str, Change]:
    at = difference.expectation.at
    start = _offset(text, at)
    written = _WRITTEN.match(text, start)
    before = written["text"] if written else ""
    after = _after(difference, before, exponent)
    if written is None or after is None:
        return text, Change(at, before, None)
    return text[: written.start("text")] + after + text[written.end("text") :], Change(at, before, after)


def _offset(text: str, at: Position) -> int:
    lines = [0, *(found.end() for found in _LINE_END.finditer(text))]
    return lines[at.line - 1] + at.column - 1


def _after(difference: Difference, before: str, exponent: int) -> str | None:
    """None where what stands in the file is not what was expected (an alias, say), or a deal has no one reason."""
    found = difference.found
    if isinstance(difference.expectation, Uncredited) or not isinstance(found, int):
        single = isinstance(found, str) and re.fullmatch(r"[A-Z][A-Z_]+", found)
        return str(found) if single and before == difference.expected else None
    if parse_minor(before, exponent) != difference.expected:
        return None
    return _as_written(found, before, exponent)


def _as_written(minor: int, before: str, exponent: int) -> str:
    """With decimals and `_` between thousands where the figure before had them."""
    whole, point, decimals = format_minor(minor, exponent).partition(".")
    if "_" in before:
        whole = f"{int(whole):_}" if int(whole) else whole
    return whole if "." not in before and not decimals.strip("0") else f"{whole}{point}{decimals}"
