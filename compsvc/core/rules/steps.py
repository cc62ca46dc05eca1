"""What reaching a point pays in all: `steps: {by: attainment, of: target incentive, at: [{110%: 80%}, ...]}` (M3).

`between: jump` pays a point's amount until the next one; `interpolate` goes straight from one to the next, in amounts,
and `above` says how it goes on past the last: `stays`, or `{each: 1%, adds: 2%}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from compsvc.core.curves import NOTHING, Multiple, Piece, Template, Unit
from compsvc.core.node import Node, Position, Reading, Sentences, notice, reading, report
from compsvc.core.plan_values import Edge
from compsvc.core.rules._edges import By, Points, edge_text, unit_problem, with_counts, wrong_points
from compsvc.core.rules._rule import EdgedRule, edge_start
from compsvc.core.rules._target import OfTarget, OfTargetRule

_SLOPES: dict[tuple[str, str], Unit] = {
    ("quota", "target"): "target/quota",
    ("quota", "one"): "one/quota",
    ("one", "target"): "target",
    ("one", "one"): "one",
}


class Above(Node):
    """`{each: 1%, adds: 2%}`: past the last point, each further 1% of the quota adds 2% of the target incentive."""

    sentences: ClassVar[Sentences] = {
        "en": {"": "each further {each} adds {adds}"},
        "de": {"": "je weitere {each} kommen {adds} hinzu"},
    }
    each: Edge
    adds: Edge


def _stays(value: object) -> object:
    return None if value == "stays" else value


_ABOVE = {"type": "object", "properties": {"each": {}, "adds": {}}, "required": ["each", "adds"]}
GoesOn = Annotated[
    Above | None,
    BeforeValidator(_stays),
    WithJsonSchema({"anyOf": [{"const": "stays"}, {**_ABOVE, "additionalProperties": False}]}),
]


class Steps(EdgedRule, OfTargetRule):
    kind: Literal["steps"]
    by: By
    sentences: ClassVar[Sentences] = {
        "en": {
            "by=attainment": "The points go by attainment of the quota.",
            "by=amount": "The points go by amount.",
            "by=count": "The points go by the number counted.",
            "by": "The points go by {by}.",
            "above": "Past the last point {above}.",
            "boundary=at": "A value exactly on an edge has reached it.",
            "boundary=over": "A value exactly on an edge has not reached it yet.",
            "of=target incentive": "What a point pays is a share of the period's target incentive.",
            "of": "What a point pays is a share of {of} each period.",
            "between=jump": "Between two points what the lower one pays stands still.",
            "between=interpolate": "Between two points what is paid rises evenly.",
            "at": "",
        },
        "de": {
            "by=attainment": "Die Punkte richten sich nach der Zielerreichung.",
            "by=amount": "Die Punkte richten sich nach dem Betrag.",
            "by=count": "Die Punkte richten sich nach der gezählten Anzahl.",
            "by": "Die Punkte richten sich nach {by}.",
            "above": "Über dem letzten Punkt: {above}.",
            "boundary=at": "Ein Wert genau auf einer Grenze hat sie erreicht.",
            "boundary=over": "Ein Wert genau auf einer Grenze hat sie noch nicht erreicht.",
            "of=target incentive": "Was ein Punkt zahlt, ist ein Anteil der Zielvergütung des Zeitraums.",
            "of": "Was ein Punkt zahlt, ist ein Anteil von {of} je Zeitraum.",
            "between=jump": "Zwischen zwei Punkten bleibt es bei dem, was der untere zahlt.",
            "between=interpolate": "Zwischen zwei Punkten steigt die Zahlung gleichmäßig.",
            "at": "",
        },
    }
    of: OfTarget | None = Field(
        None, description="What the points are shares of: `target incentive`, or an amount for each period."
    )
    between: Literal["jump", "interpolate"] | None = Field(
        None, description="Whether the amount jumps at the next point, or rises to it in a straight line (M3)."
    )
    boundary: Literal["at", "over"] | None = Field(
        None, description="A value exactly on a point: it is reached, or not yet."
    )
    points: Points = Field(alias="at", description="What reaching a point pays in all, rising: `{110%: 80%}`.")
    above: GoesOn = Field(None, description="Past the last point: `stays`, or `{each: 1%, adds: 2%}`.")

    @model_validator(mode="before")
    @classmethod
    def _counts(cls, data: object) -> object:
        return with_counts(data, {"at": ""})

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> Steps:
        reads = reading(info) or Reading()
        for at, code, message in [*wrong_points(self.points, self.by, reads), *self._amounts(reads), *self._words()]:
            report(info, code, at, message)
        for before, after in pairwise(self.points):
            if isinstance(after.pays, type(before.pays)) and after.pays < before.pays:
                message = "from here on less is paid in all than before this point: who sells more loses pay."
                notice(info, "PAY_FALLS", after.at, message)
        return self

    def _amounts(self, reads: Reading) -> Iterator[tuple[Position, str, str]]:
        wanted = "amounts such as `5_000`" if self.of is None else "shares such as `80%`"
        of = f"the {self.of}" if isinstance(self.of, str) else edge_text(self.of, "amount", reads)
        why = "there is no `of`" if self.of is None else f"they are shares of {of}"
        for number, point in enumerate(self.points, start=1):
            if isinstance(point.pays, int) != (self.of is None):
                said = edge_text(point.pays, "amount", reads)
                yield point.at, "POINT_PAYS", f"point {number} pays {said}; the points pay {wanted}, since {why}."
            if point.pays < 0:
                yield point.at, "BONUS_NEGATIVE", "a step below 0 would take pay away. Write an amount from 0 on."
        if self.points[0].reaches == 0 and self.points[0].pays != 0:
            message = "a step at 0 would pay for nothing sold. Begin above 0, or make the fixed part a component."
            yield self.points[0].at, "PAYS_FOR_NOTHING", message
        if self.above is not None and unit_problem(self.above.each, self.by):
            yield (
                self.above.at,
                "POINT_UNIT",
                f"`each` is no step of these points: {unit_problem(self.above.each, self.by)}.",
            )
        elif self.above is not None and self.above.each <= 0:
            yield self.above.at, "OUT_OF_RANGE", "`each` is a step above 0, such as `1%`."
        if self.above is not None and isinstance(self.above.adds, int) != (self.of is None):
            yield self.above.at, "POINT_PAYS", f"`adds` is one of the amounts here: they are {wanted}, since {why}."

    def _words(self) -> Iterator[tuple[Position, str, str]]:
        """What decides is said, and what decides nothing is not."""
        several, jumps = len(self.points) > 1, self._boundary_decides
        if several and self.between is None:
            message = (
                "`between` is missing. Write `jump`, or `interpolate` for a straight line from point to point (M3)."
            )
            yield self.at, "MISSING_KEY", message
        if not several and self.between is not None:
            yield self.at, "USELESS_KEY", "`between` does nothing here: there is one point. Remove it."
        if jumps and self.boundary is None:
            message = (
                "`boundary` is missing: a value exactly on a point has reached it (`at`), or not yet (`over`) (M3)."
            )
            yield self.at, "MISSING_KEY", message
        if not jumps and self.boundary is not None:
            yield self.at, "USELESS_KEY", "`boundary` does nothing here: the amount rises without a jump. Remove it."
        if self.between == "jump" and self.above is not None:
            yield (
                self.above.at,
                "USELESS_KEY",
                "`above` does nothing with `between: jump`: the last point's amount stays.",
            )
        if self.between == "interpolate" and "above" not in self.model_fields_set:
            message = (
                "`above` is missing. Write `stays`, or how it goes on past the last point: `{each: 1%, adds: 2%}`."
            )
            yield self.at, "MISSING_KEY", message

    @property
    def _boundary_decides(self) -> bool:
        """Whether the amount jumps anywhere."""
        return bool(self.points[0].pays) or (self.between != "interpolate" and len(self.points) > 1)

    @property
    def has_rates(self) -> bool:
        return False

    def template(self) -> Template:
        starts = [edge_start(point.reaches, self.by) for point in self.points]
        pays = [Fraction(point.pays) for point in self.points]
        slopes = self._slopes(starts, pays)
        jumps = [
            pays[0],
            *(after - before if self.between != "interpolate" else Fraction(0) for before, after in pairwise(pays)),
        ]
        pieces = [
            Piece(start=start, slope=slope, jump=Multiple(jump, "one" if self.of is None else "target"))
            for start, slope, jump in zip(starts, slopes, jumps, strict=True)
        ]
        if starts[0].ratio == 0:
            pieces[0] = Piece(start=NOTHING, slope=slopes[0])
        else:
            pieces.insert(0, Piece(start=NOTHING, slope=NOTHING))
        return Template(tuple(pieces), boundary=self.boundary or "at", position=self.moved_by)

    def _slopes(self, starts: list[Multiple], pays: list[Fraction]) -> list[Multiple]:
        """Of what follows each point."""
        unit = _SLOPES[starts[0].of, "one" if self.of is None else "target"]
        rising = [
            Fraction(two - one, after.ratio - before.ratio)
            for (one, two), (before, after) in zip(pairwise(pays), pairwise(starts), strict=True)
        ]
        if self.between != "interpolate":
            rising = [Fraction(0)] * len(rising)
        last = Fraction(0)
        if self.above is not None:
            last = Fraction(self.above.adds, edge_start(self.above.each, self.by).ratio)
        return [Multiple(slope, unit) for slope in (*rising, last)]
