"""When a stage event recurs, and at which level a year."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from .calendar_rules import term_in_months
from .rows import Event

Span = tuple[date, date, int]


def spans(event: Event) -> list[Span] | None:
    """The recurring spans, none where nothing recurs; None where a span does not say when it is."""
    line = event.line
    if event.option is not None:
        return [(event.option.start, event.option.end, event.option.level)]
    if line.has_stages:
        return [(stage.start, stage.end, stage.level) for stage in line.committed]
    if not line.annual:
        return []
    return None if line.start is None or line.end is None else [(line.start, line.end, line.annual)]


def within(found: list[Span], start: date, end: date) -> Fraction:
    """What falls between the two days."""
    total = Fraction(0)
    for first, last, level in found:
        begin, stop = max(first, start), min(last, end)
        if begin < stop:
            total += Fraction(level) * term_in_months(begin, stop) / 12
    return total
