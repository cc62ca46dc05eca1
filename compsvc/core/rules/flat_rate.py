"""One rate for everything: `flat_rate: {rate: 10%}`."""

from __future__ import annotations

from typing import Literal

from compsvc.core.curves import NOTHING, Piece, Template
from compsvc.core.node import ExactRate
from compsvc.core.rules._rule import Rule, slope


class FlatRate(Rule):
    kind: Literal["flat_rate"]
    rate: ExactRate

    def template(self) -> Template:
        return Template((Piece(start=NOTHING, slope=slope(self.rate)),))
