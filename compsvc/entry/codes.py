"""What each code of a message means and what to do about it: the catalogue `codes.toml`, as text and as a page."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from compsvc.core.problems import did_you_mean

ABOUT = {  # in the order of the page
    "plan": "Plans",
    "facts": "Facts",
    "credit": "Deals that nobody is credited for",
    "file": "Files and mappings",
    "case": "Cases",
    "close": "The close of a month",
}
_HEAD = """# What can be wrong

Every message about a plan reads `file:line:column CODE what is wrong and what would be right`. All problems are told
at once. Notices do not stop a plan; all other codes do. Each code of a plan has at least one broken plan with its exact
messages in `tests/bad_plans/` (those about sheer size are made in `tests/adapters/test_plan_yaml.py`).
`compsvc plan explain-code CODE` prints an entry of this page, which is made from `compsvc/entry/codes.toml`.
"""


@dataclass(frozen=True, slots=True)
class Code:
    """`cause` says what is wrong, `remedy` what to do, `de` is a title in German; `before` and `after` show both."""

    name: str
    cause: str
    remedy: str
    de: str = ""
    before: str = ""  # what is wrong, and what is right, where that shows it best
    after: str = ""
    about: str = "plan"


@cache
def catalogue() -> Mapping[str, Code]:
    source = resources.files("compsvc.entry").joinpath("codes.toml").read_text(encoding="utf-8")
    return {name: Code(name, **entry) for name, entry in sorted(tomllib.loads(source).items())}


def explained(name: str) -> str | None:
    """None where there is no such code."""
    code = catalogue().get(name)
    if code is None:
        return None
    german = f" (deutsch: {code.de})" if code.de else ""
    shown = f"\n  wrong: {code.before}\n  right: {code.after}\n" if code.before else ""
    return f"{code.name}{german}\n\n  {code.cause}\n  {code.remedy}\n{shown}"


def unknown(name: str) -> str:
    return (
        f"`{name}` is no code of a message about plans or files.{did_you_mean(name, catalogue())} `--list` prints all; "
        "what a server refuses, such as HASH_DIFFERS, is in docs/errors.md."
    )


def listed() -> str:
    width = max(map(len, catalogue()))
    return "".join(f"{code.name:<{width}}  {code.cause}\n" for code in catalogue().values())


def page() -> str:
    """docs/error-codes-plans.md."""
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for about, title in ABOUT.items():
        codes = [code for code in catalogue().values() if code.about == about]
        yield f"## {title}\n\n| code | what it says | what to do |\n|---|---|---|\n{_rows(codes)}"


def _rows(codes: Iterable[Code]) -> str:
    return "".join(f"| `{code.name}` | {_cell(code.cause)} | {_cell(code.remedy)} |\n" for code in codes)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
