"""A component's curve drawn as SVG: what is paid over attainment, amount or count, each tier's edge marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

Points = Sequence[tuple[Fraction, Fraction]]

WIDE, HIGH = 680, 340
LEFT, RIGHT, TOP, BOTTOM = 96, 24, 34, 52
TICKS = 6
APART = 64  # between two labels of edges


@dataclass(frozen=True, slots=True)
class Axis:
    """`marks` are places on it with their labels."""

    name: str
    end: Fraction
    marks: Sequence[tuple[Fraction, str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """`strokes` have no step in themselves; between two of them the curve jumps."""

    title: str
    x: Axis
    y: Axis
    strokes: Sequence[Points]
    edges: Sequence[tuple[Fraction, str]]


def ticks(end: Fraction) -> list[Fraction]:
    """Round numbers from 0 to the end: steps of 1, 2 or 5 times a power of ten."""
    if end <= 0:
        return [Fraction(0)]
    step = Fraction(1)
    while step * TICKS > end:
        step /= 10
    while step * TICKS < end:
        step = next((step * factor for factor in (2, 5) if step * factor * TICKS >= end), step * 10)
    return [step * number for number in range(int(end / step) + 1)]


def drawn(chart: Chart) -> str:
    """The label of the drawing is its title; the text beside it says the figures."""
    title = escape(chart.title, quote=True)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" '
        f'role="img" aria-label="{title}" font-family="Libertinus Serif, Georgia, serif" font-size="13">'
    )
    lines = [*_axes(chart), *_edges(chart), *_curve(chart)]
    return "\n".join([head, f"<title>{title}</title>", *lines, "</svg>"])


def _x(chart: Chart, value: Fraction) -> str:
    return _pixels(LEFT + value / chart.x.end * (WIDE - LEFT - RIGHT))


def _y(chart: Chart, value: Fraction) -> str:
    return _pixels(HIGH - BOTTOM - value / chart.y.end * (HIGH - TOP - BOTTOM))


def _pixels(value: Fraction) -> str:
    tenths = round(value * 10)
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def _axes(chart: Chart) -> Iterator[str]:
    floor, right = HIGH - BOTTOM, WIDE - RIGHT
    for value, label in chart.y.marks:
        y = _y(chart, value)
        yield f'<line x1="{LEFT}" y1="{y}" x2="{right}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 8}" y="{y}" dy="4" text-anchor="end">{escape(label)}</text>'
    for value, label in chart.x.marks:
        yield f'<text x="{_x(chart, value)}" y="{floor + 18}" text-anchor="middle">{escape(label)}</text>'
    yield f'<path d="M{LEFT} {TOP}V{floor}H{right}" fill="none" stroke="#333"/>'
    yield f'<text x="{right}" y="{HIGH - 10}" text-anchor="end">{escape(chart.x.name)}</text>'
    yield f'<text x="{LEFT}" y="14" text-anchor="middle">{escape(chart.y.name)}</text>'


def _edges(chart: Chart) -> Iterator[str]:
    """A label is left out where it would stand on the one before."""
    free = Fraction(0)
    for value, label in chart.edges:
        x = _x(chart, value)
        yield (
            f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{HIGH - BOTTOM}" '
            'stroke="#777" stroke-width="1" stroke-dasharray="3 4"/>'
        )
        if Fraction(x) >= free:
            yield f'<text x="{x}" y="{TOP - 6}" text-anchor="middle" fill="#444">{escape(label)}</text>'
            free = Fraction(x) + APART


def _curve(chart: Chart) -> Iterator[str]:
    for before, after in zip(chart.strokes, chart.strokes[1:], strict=False):
        (x1, y1), (x2, y2) = before[-1], after[0]
        ends = f'x1="{_x(chart, x1)}" y1="{_y(chart, y1)}" x2="{_x(chart, x2)}" y2="{_y(chart, y2)}"'
        yield f'<line {ends} stroke="#1f5fa8" stroke-width="1.5" stroke-dasharray="2 3"/>'
    for stroke in chart.strokes:
        points = " ".join(f"{_x(chart, x)},{_y(chart, y)}" for x, y in stroke)
        yield f'<polyline points="{points}" fill="none" stroke="#1f5fa8" stroke-width="2.5" stroke-linejoin="round"/>'
