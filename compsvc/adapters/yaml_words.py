"""What YAML's parser finds wrong, in words of who writes plans: what is wrong, where, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ruamel.yaml.error import MarkedYAMLError

Place = tuple[int, int]  # line and column, from 0
Told = tuple[Place, str]
_CLOSING = {"{": "}", "[": "]"}


def in_words(error: MarkedYAMLError, text: str) -> Told:
    """The place of the mistake, which at times stands before the one where the parser stopped, and what to say."""
    lines = re.split(r"\r\n|\r|\n", text)
    mark = error.problem_mark or error.context_mark
    at = (mark.line, mark.column) if mark else (0, 0)
    context = (error.context_mark.line, error.context_mark.column) if error.context_mark else at
    told = _told(lines, at, context, error.context or "", error.problem or "") if at[0] < len(lines) else None
    return told or (at, _as_the_parser_says(error))


def _told(lines: Sequence[str], at: Place, context: Place, while_: str, problem: str) -> Told | None:
    opener = lines[context[0]][context[1] : context[1] + 1]
    if "quoted scalar" in while_ and "end of stream" in problem:
        return context, f"the quote {opener} that opens here is not closed. Put another {opener} where the text ends."
    if "while scanning a block scalar" in while_:
        return _to_be_quoted(lines, context)
    if "cannot start any token" in problem:
        return _to_be_quoted(lines, at)
    if "while parsing a flow" in while_ and opener in _CLOSING:
        return _not_closed(lines, at, context, opener)
    if "expected <block end>" in problem or "expected '<document start>'" in problem:
        return _entry_or_indent(lines, at)
    if "mapping values are not allowed" in problem:
        return _second_colon(lines, at) or _below_a_value(lines, at)
    if "expected ':'" in problem and ":" not in lines[context[0]]:
        return context, f"`{lines[context[0]].strip()}` has no colon. Write a word, a colon, a blank and the value."
    return None


def _to_be_quoted(lines: Sequence[str], at: Place) -> Told | None:
    rest = lines[at[0]][at[1] :]
    ends = r",\}\]" if re.search(r"[\[{]", lines[at[0]][: at[1]]) else ""
    found = re.match(rf"[^#{ends}]+", rest)
    if found is None or rest[0] == "\t":
        return None
    value = found[0].strip().replace('"', "'")
    return at, f'a value that begins with `{rest[0]}` stands in quotes: `"{value}"`.'


def _not_closed(lines: Sequence[str], at: Place, context: Place, opener: str) -> Told:
    where = f"the `{opener}` in line {context[0] + 1}, column {context[1] + 1}"
    closing = _CLOSING[opener]
    here = lines[at[0]][at[1] : at[1] + 1] if at[0] < len(lines) else ""
    if here in ("}", "]"):
        return at, f"{where} is not closed before this `{here}`. Write a `{closing}` before it."
    if not here or at[0] > context[0]:
        return at, f"{where} is not closed. Write a `{closing}` where it ends."
    return at, f"before this a comma is missing, or the `{closing}` of {where}."


def _entry_or_indent(lines: Sequence[str], at: Place) -> Told:
    line = lines[at[0]]
    if line[at[1] :].startswith("- ") and at[1] in _begun(lines, at[0]):
        return (
            at,
            "an entry of a list (`- `) stands here, and beside it words with values. Put it under the word it is of.",
        )
    return _indented(lines, at)


def _indented(lines: Sequence[str], at: Place) -> Told:
    """The blanks after which the lines above begin, the nearest first: one of them is meant."""
    begun = _begun(lines, at[0])
    named = [f"{blanks} (`{word}`)" for blanks, word in begun.items()]
    above = ", ".join(named[:-1]) + f" or {named[-1]}" if len(named) > 1 else "".join(named)
    own = _indent(lines[at[0]])
    where = f"this line begins after {own} blanks, and those above it after {above}."
    return at, f"{where} Begin it where what it stands beside begins."


def _begun(lines: Sequence[str], below: int) -> dict[int, str]:
    found: dict[int, str] = {}
    for line in reversed(lines[:below]):
        blank = not line.strip() or line.lstrip().startswith("#")
        if not blank and _indent(line) < min(found, default=_indent(line) + 1):
            found[_indent(line)] = line.strip().partition(":")[0]
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _second_colon(lines: Sequence[str], at: Place) -> Told | None:
    line = lines[at[0]]
    first = re.match(r"[\s-]*[^\s:'\"\[{][^:]*:\s+(?=\S)", line)
    if first is None or first.end() > at[1]:
        return None
    value = line[first.end() :].partition(" #")[0].strip().replace('"', "'")
    return at, f'a value with a colon and a blank in it stands in quotes: `{first[0].strip()} "{value}"`.'


def _below_a_value(lines: Sequence[str], at: Place) -> Told | None:
    """Of a line that seems to go on with the value of the one above it."""
    above = next((number for number in range(at[0] - 1, -1, -1) if lines[number].strip()), None)
    if above is None:
        return None
    if not re.search(r":(\s|$)", lines[above]):
        return (above, _indent(lines[above])), (
            f"`{lines[above].strip()}` has no colon. Write a word, a colon, a blank and the value."
        )
    return _indented(lines, (at[0], _indent(lines[at[0]])))


def _as_the_parser_says(error: MarkedYAMLError) -> str:
    begins = f" that begins in line {error.context_mark.line + 1}" if error.context and error.context_mark else ""
    context = f"{error.context}{begins}: " if error.context else ""
    return f"this is no YAML 1.2: {context}{error.problem}."
