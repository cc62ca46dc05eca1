"""One-off bonuses that add up: `milestone: {by: attainment, boundary: at, at: [{100%: 2_000}, {125%: 3_000}]}`."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, model_validator

from compsvc.core.curves import NOTHING, Multiple, Piece, Template
from compsvc.core.node import Position, Reading, Sentences, reading, report
from compsvc.core.rules._edges import By, Points, with_counts, wrong_points
from compsvc.core.rules._rule import EdgedRule, edge_start


class Milestone(EdgedRule):
    kind: Literal["milestone"]
    by: By
    sentences: ClassVar[Sentences] = {
        "en": {
            "by=attainment": "The points go by attainment of the quota.",
            "by=amount": "The points go by amount.",
            "by=count": "The points go by the number counted.",
            "by": "The points go by {by}.",
            "boundary=at": "A value exactly on an edge has reached it.",
            "boundary=over": "A value exactly on an edge has not reached it yet.",
            "at": "Each point pays its bonus once a period, on top of those before.",
        },
        "de": {
            "by=attainment": "Die Punkte richten sich nach der Zielerreichung.",
            "by=amount": "Die Punkte richten sich nach dem Betrag.",
            "by=count": "Die Punkte richten sich nach der gezählten Anzahl.",
            "by": "Die Punkte richten sich nach {by}.",
            "boundary=at": "Ein Wert genau auf einer Grenze hat sie erreicht.",
            "boundary=over": "Ein Wert genau auf einer Grenze hat sie noch nicht erreicht.",
            "at": "Jeder Punkt zahlt seinen Bonus einmal je Zeitraum, zusätzlich zu den früheren.",
        },
    }
    boundary: Literal["at", "over"] = Field(description="A value exactly on a milestone: it is reached, or not yet.")
    points: Points = Field(alias="at", description="What each milestone adds, rising: `{125%: 3_000}`.")

    @model_validator(mode="before")
    @classmethod
    def _counts(cls, data: object) -> object:
        return with_counts(data, {"at": ""})

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> Milestone:
        reads = reading(info) or Reading()
        for at, code, message in [*wrong_points(self.points, self.by, reads), *self._bonuses()]:
            report(info, code, at, message)
        return self

    def _bonuses(self) -> Iterator[tuple[Position, str, str]]:
        for number, point in enumerate(self.points, start=1):
            if not isinstance(point.pays, int):
                message = f"milestone {number} pays a share; write an amount such as `5_000`. Shares belong to `steps`."
                yield point.at, "POINT_PAYS", message
            elif point.pays < 0:
                yield point.at, "BONUS_NEGATIVE", "a bonus below 0 would take pay away. Write an amount above 0."
        if self.points[0].reaches == 0:
            yield self.points[0].at, "PAYS_FOR_NOTHING", "a milestone at 0 would pay for nothing sold. Begin above 0."

    @property
    def has_rates(self) -> bool:
        return False

    def template(self) -> Template:
        reached = (
            Piece(start=edge_start(point.reaches, self.by), slope=NOTHING, jump=Multiple(Fraction(point.pays)))
            for point in self.points
        )
        still = Piece(start=NOTHING, slope=NOTHING)
        return Template((still, *reached), boundary=self.boundary, position=self.moved_by)
