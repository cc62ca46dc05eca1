"""Edges as a plan writes them: shares of the quota, amounts or counts, as the rule's `by` says (M3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from compsvc.core import limits
from compsvc.core.curves import ratio_text
from compsvc.core.money import format_minor
from compsvc.core.node import Listed, Mapped, Node, Position, Reading, Text, place_of, wrong
from compsvc.core.plan_values import Edge, read_count

BY = r"^(attainment|amount|count|attainment of [a-z][a-z0-9-]*)$"
By = Annotated[str, Field(pattern=BY, description="`attainment`, `amount`, `count` or `attainment of COMPONENT`.")]


class Point(Node):
    """`{110%: 80%}`: what reaching a position pays."""

    reaches: Edge
    pays: Edge

    @model_validator(mode="before")
    @classmethod
    def _unfold(cls, data: object) -> object:
        if not isinstance(data, Mapped) or "reaches" in data:
            return data
        if len(data) != 1:
            raise wrong("NOT_ONE_POINT", f"here stand {len(data)} points; write each by itself: `- {{110%: 80%}}`.")
        ((reaches, pays),) = data.items()
        at = data.key_at(reaches)
        return Mapped({"reaches": Text.placed(reaches, at), "pays": pays}, at=data.at, keys={"reaches": at, "pays": at})


_POINT = {"type": "object", "minProperties": 1, "maxProperties": 1}
_POINT |= {"additionalProperties": {"type": ["string", "number"]}}


def _some(points: tuple[Point, ...]) -> tuple[Point, ...]:
    if not points:
        raise wrong("EMPTY_LIST", "this list is empty.")
    return points


Points = Annotated[
    tuple[Point, ...],
    Field(max_length=limits.MAX_TIERS),
    AfterValidator(_some),
    WithJsonSchema({"type": "array", "minItems": 1, "maxItems": limits.MAX_TIERS, "items": _POINT}),
]


def with_counts(data: object, words: Mapping[str, str]) -> object:
    """A rule as written; with `by: count` the edges in its lists are read as whole numbers. `words` names each list and
    the key that an edge stands under; an empty key: it is the key itself."""
    if not isinstance(data, Mapped) or data.get("by") != "count":
        return data
    read = {word: _counts(data[word], key) for word, key in words.items() if isinstance(data.get(word), Listed)}
    return Mapped({**data, **read}, at=data.at, keys=data.keys_at)


def _counts(entries: Listed, key: str) -> Listed:
    counted = Listed(_counted(entry, key) for entry in entries)
    counted.at = entries.at
    return counted


def _counted(entry: object, key: str) -> object:
    if not isinstance(entry, Mapped) or (key and key not in entry) or (not key and len(entry) != 1):
        return entry
    name = key or next(iter(entry))
    written = entry[name] if key else Text.placed(name, entry.key_at(name))
    try:
        edge = read_count(written)
    except PydanticCustomError as error:
        raise wrong(error.type, error.message(), place_of(written, entry.at)) from error
    if key:
        return Mapped({**entry, key: edge}, at=entry.at, keys=entry.keys_at)
    return Mapped({"reaches": edge, "pays": entry[name]}, at=entry.at, keys=entry.keys_at)


def unit_problem(edge: Fraction | int, by: str) -> str | None:
    """What the rule's edges have to be, where this one is not."""
    if isinstance(edge, int) == (by in ("amount", "kept", "count", "deal", "credit")):
        return None
    amount = "an amount such as `250_000`"
    wanted = {"count": "a whole number such as `3`", **dict.fromkeys(("amount", "kept", "deal", "credit"), amount)}
    return f"`by: {by}` needs {wanted.get(by, 'a share of the quota such as `100%`')}"


def edge_text(edge: Fraction | int | None, by: str, reads: Reading) -> str:
    if isinstance(edge, int):
        return f"{edge:,}" if by == "count" else f"{format_minor(edge, reads.exponent)} {reads.currency}".rstrip()
    return ratio_text(edge) if edge is not None else ""


def wrong_points(points: Sequence[Point], by: str, reads: Reading) -> Iterator[tuple[Position, str, str]]:
    """Points of the wrong unit, and those that do not rise."""
    before: Fraction | int | None = None
    for number, point in enumerate(points, start=1):
        here = edge_text(point.reaches, by, reads)
        if wanted := unit_problem(point.reaches, by):
            yield point.at, "POINT_UNIT", f"point {number} is at {here}; {wanted}."
            return
        if before is not None and point.reaches <= before:
            below = f"not above point {number - 1} ({edge_text(before, by, reads)})"
            yield point.at, "POINTS_NOT_RISING", f"point {number} is at {here}, {below}. Points must rise; swap them."
        before = point.reaches
