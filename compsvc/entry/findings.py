"""What `compsvc doctor` says: one finding a line, with what would be right."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    state: Literal["OK", "WARN", "FAIL"]
    check: str
    found: str
    right: str  # what would be right; empty where it is

    def __str__(self) -> str:
        return f"{self.state:<4}  {self.check}: {self.found}{f'. {self.right}' if self.right else ''}"


def ok(check: str, found: str) -> Finding:
    return Finding("OK", check, found, "")


def warn(check: str, found: str, right: str) -> Finding:
    return Finding("WARN", check, found, right)


def fail(check: str, found: str, right: str) -> Finding:
    return Finding("FAIL", check, found, right)
