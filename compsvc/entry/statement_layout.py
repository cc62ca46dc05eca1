"""How lines of a printed statement are laid out: 96 columns, amounts flush right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from compsvc.entry.statement_formats import Formats
from compsvc.v1.types_pb2 import Money

WIDTH = 96
LABEL = 16
_INSIDE = re.compile(
    r"(?<=\d) (?=%|[^\W\d_]{0,2}[€$£¥₹₩₪₫₦₱]|[A-Z]{3}\b)|(?<=\b[A-Z]{3}) (?=-?\d)|(?<=≈) (?=\S)"
)  # `5,00 €`, `12,5 %`, `1.234 CHF`, `KWD 1.234`, `≈ 54.4%`


def row(label: str, text: str) -> str:
    return f"    {label:<{LABEL}}{text}"


def apart(left: str, right: str) -> str:
    return f"{left}{right:>{max(WIDTH - len(left), len(right) + 2)}}" if right else left


def unbroken(text: str) -> str:
    """With no-break spaces between amounts and the signs of their currencies, so that no line ends there."""
    return _INSIDE.sub("\u00a0", text)


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def amounts(each: Iterable[Money], formats: Formats) -> str:
    return " + ".join(formats.money(amount) for amount in each) or "0"


def bar(attainment: Fraction, cells: int, *, full: Fraction = Fraction(1)) -> str:
    """Full at `full`; where that is more than 100%, a stroke stands at 100%."""
    filled = min(max(int(attainment / full * cells), 0), cells)
    text = "#" * filled + "." * (cells - filled)
    mark = int(cells / full)
    return f"[{text}]" if full <= 1 else f"[{text[:mark]}|{text[mark:]}]"
