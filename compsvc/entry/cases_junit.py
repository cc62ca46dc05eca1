"""The outcomes of cases as JUnit XML, which build servers show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from compsvc.entry.cases_text import outcome_text
from compsvc.service.cases import Outcome

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that XML 1.0 cannot hold


def cases_junit(outcomes: Sequence[Outcome], canary: Outcome | None = None) -> bytes:
    """One suite a file. Only a canary that did not fail is shown: it is an error of the whole run."""
    root = Element("testsuites", _counts(outcomes))
    shown = [*outcomes, *([canary] if canary is not None and canary.state != "PASS" else [])]
    for file, some in groupby(shown, key=lambda outcome: outcome.case.at.file):
        of_file = list(some)
        suite = SubElement(root, "testsuite", {"name": file, **_counts(of_file)})
        for outcome in of_file:
            _case(suite, outcome)
    indent(root)
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _counts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    states = [outcome.state for outcome in outcomes]
    counts = {"tests": len(states), "failures": states.count("FAIL"), "errors": states.count("ERROR")}
    return {name: str(count) for name, count in counts.items()}


def _case(suite: Element, outcome: Outcome) -> None:
    case = outcome.case
    names = {"name": case.name, "classname": case.at.file, "file": case.at.file, "line": str(case.at.line)}
    found = SubElement(suite, "testcase", {name: _xml(text) for name, text in names.items()})
    if outcome.state != "PASS":
        told = _xml(outcome_text(outcome))
        kind = "failure" if outcome.state == "FAIL" else "error"
        SubElement(found, kind, {"message": told.splitlines()[1].strip()}).text = told


def _xml(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
