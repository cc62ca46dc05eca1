"""One rate for everything: `flat_rate: {rate: 10%}`."""

from __future__ import annotations

from typing import ClassVar, Literal

from compsvc.core.curves import NOTHING, Piece, Template
from compsvc.core.node import Sentences
from compsvc.core.plan_values import ExactRate
from compsvc.core.rules._rule import Rule, slope


class FlatRate(Rule):
    kind: Literal["flat_rate"]
    rate: ExactRate

    sentences: ClassVar[Sentences] = {
        "en": {"": "It pays {rate} of everything that counts."},
        "de": {"": "Gezahlt werden {rate} von allem, was zählt."},
    }

    def template(self) -> Template:
        return Template((Piece(start=NOTHING, slope=slope(self.rate)),))
