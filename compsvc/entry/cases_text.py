"""What `compsvc plan test` prints: each case that does not pass, and the count alone on the last line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from compsvc.core.case_values import (
    Attained,
    Balance,
    Case,
    Difference,
    Earned,
    Foreseen,
    LinePay,
    Paid,
    PaidIn,
    Payable,
    Placed,
    QuotaOf,
    Uncredited,
)
from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import format_minor
from compsvc.entry.statement_proto import explanation_message
from compsvc.entry.statement_text import explanation_text
from compsvc.service.cases import Outcome


def cases_text(outcomes: Sequence[Outcome], canary: Outcome | None = None) -> str:
    """An ERROR counts as failed: a case that could not be put to the test has shown nothing."""
    passed = sum(outcome.state == "PASS" for outcome in outcomes)
    shown = [*outcomes, *([canary] if canary is not None else [])]
    told = (line for outcome in shown if outcome.state != "PASS" for line in _outcome(outcome))
    return "\n".join([*told, f"{passed} passed, {len(outcomes) - passed} failed"]) + "\n"


def outcome_text(outcome: Outcome) -> str:
    """A case that does not pass, with its differences and their derivations."""
    return "\n".join(_outcome(outcome))


def exponent_of(case: Case) -> int:
    """The decimals of the amounts that it expects."""
    return EXPONENTS.get(min({plan.currency for plan in case.plans}, default=""), 2)


def _outcome(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.state} {outcome.case.at.file}:{outcome.case.at.line} {outcome.case.name}"
    yield from (f"  {problem}" for problem in outcome.problems)
    exponent = exponent_of(outcome.case)
    for difference in outcome.differences:
        what = _what(difference)
        at = difference.expectation.at
        expected, found = (_shown(value, exponent) for value in (difference.expected, difference.found))
        yield f"  {at} {what}: expected {expected}, found {found}"
        yield from (f"    {each.external_id} paid nothing: {each.reason}" for each in difference.silent)
        yield from (f"    {deal} {where}" for deal, where in difference.elsewhere)
        yield from _lines(outcome, difference)


def _what(difference: Difference) -> str:
    match difference.expectation:
        case Earned(participant_id=who, period=period, component=component):
            return f"{who} {period} {component}"
        case LinePay(external_id=deal, line=line, stage=stage, participant_id=who, component=component):
            place = "/".join(str(part) for part in (deal, line, stage) if part is not None)
            return " ".join(part for part in (place, who, component) if part)
        case Payable(participant_id=who, period=period, component=one):
            return " ".join(part for part in (who, "payable in", period, one) if part)
        case QuotaOf(participant_id=who, period=period, component=component):
            return f"{who} {period} {component} quota"
        case Attained(participant_id=who, period=period, component=component):
            return f"{who} {period} {component} attainment"
        case Placed(participant_id=who, period=period, component=component, word=word):
            return f"{who} {period} {component} {word}"
        case Foreseen(participant_id=who, period=period, component=component, scenario=scenario, figure=figure):
            return f"{who} {period} {component} {scenario} {figure} on {difference.expectation.day}"
        case Uncredited(external_id=deal):
            return f"{deal} uncredited"
        case Paid(participant_id=who, period=period, nature=one):
            return " ".join(part for part in (who, "paid in", period, one) if part)
        case PaidIn(participant_id=who, period=period):
            return f"{who} paid out in {period}"
        case Balance(participant_id=who, period=period, balance=one):
            return f"{who} {one} after {period}"


def _shown(value: int | str, exponent: int) -> str:
    return value if isinstance(value, str) else format_minor(value, exponent)


def _lines(outcome: Outcome, difference: Difference) -> Iterable[str]:
    """The derivation of what was found."""
    for key in difference.lines:
        explanation = (outcome.explanations or {}).get(key)
        if explanation is not None:
            text = explanation_text(explanation_message(explanation))
            yield from (f"    {line}" for line in text.splitlines())
