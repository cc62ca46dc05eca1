"""An amount for each unit counted: `per_unit: {amount: 120}`, or by tiers of the count."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, model_validator

from compsvc.core import limits
from compsvc.core.curves import NOTHING, Multiple, Piece, Template
from compsvc.core.node import Node, Position, Sentences, report
from compsvc.core.plan_values import Count, PositiveAmount
from compsvc.core.rules._rule import MILLIONTHS, Rule, edge_start


class UnitTier(Node):
    to: Count | None = Field(None, description="The count at which the tier ends. The last has none.")
    amount: PositiveAmount


class PerUnit(Rule):
    kind: Literal["per_unit"]
    sentences: ClassVar[Sentences] = {
        "en": {
            "amount": "It pays {amount} for each.",
            "mode=marginal": "Each is paid at the amount of the tier in which it lies.",
            "mode=retroactive": "The amount of the tier that is reached is paid for each of them.",
            "boundary=at": "A count exactly on an edge is in the higher tier.",
            "boundary=over": "A count exactly on an edge is in the lower tier.",
            "tiers": "",
        },
        "de": {
            "amount": "Gezahlt werden {amount} je Einheit.",
            "mode=marginal": "Jede Einheit wird zum Betrag der Stufe bezahlt, in der sie liegt.",
            "mode=retroactive": "Der Betrag der erreichten Stufe gilt für alle Einheiten.",
            "boundary=at": "Eine Anzahl genau auf einer Grenze liegt in der höheren Stufe.",
            "boundary=over": "Eine Anzahl genau auf einer Grenze liegt in der niedrigeren Stufe.",
            "tiers": "",
        },
    }
    amount: PositiveAmount | None = Field(None, description="For each unit, such as `120`.")
    mode: Literal["marginal", "retroactive"] | None = Field(
        None, description="With tiers: each unit at its own tier's amount, or the tier reached for all of them."
    )
    boundary: Literal["at", "over"] | None = Field(
        None, description="With tiers: a count exactly on an edge is in the higher tier, or the lower."
    )
    tiers: Annotated[tuple[UnitTier, ...], Field(min_length=2, max_length=limits.MAX_TIERS)] | None = None

    @model_validator(mode="after")
    def _one_way(self, info: ValidationInfo) -> PerUnit:
        for at, code, message in self._wrong():
            report(info, code, at, message)
        return self

    def _wrong(self) -> Iterator[tuple[Position, str, str]]:
        if (self.amount is None) == (self.tiers is None):
            message = "one amount for each unit (`amount: 120`) or `tiers` of them. Write exactly one of the two."
            yield self.at, "AMOUNT_OR_TIERS", message
        for word in ("mode", "boundary"):
            given = getattr(self, word) is not None
            if given and self.tiers is None:
                yield self.at, "USELESS_KEY", f"`{word}` does nothing here: there are no `tiers`. Remove it."
            if not given and self.tiers is not None:
                choices = "`marginal` or `retroactive`" if word == "mode" else "`at` or `over`"
                yield self.at, "MISSING_KEY", f"`{word}` is missing. Write {choices} (M3)."
        for number, tier in enumerate(self.tiers or (), start=1):
            if (tier.to is None) != (number == len(self.tiers or ())):
                code = "TIER_WITHOUT_END" if tier.to is None else "LAST_TIER_ENDS"
                yield tier.at, code, "every tier but the last has a `to`; the last goes on for ever."
        for one, two in pairwise(tier for tier in self.tiers or () if tier.to is not None):
            if (one.to or 0) >= (two.to or 0):
                yield two.at, "TIERS_NOT_RISING", f"the tier ends at {two.to}, not above {one.to}. Tiers must rise."

    @property
    def moved_by(self) -> Literal["money", "count"]:
        return "count"

    @property
    def has_rates(self) -> bool:
        return False

    def template(self) -> Template:
        tiers = self.tiers or (UnitTier(at=self.at, to=None, amount=self.amount or 0),)
        starts = [NOTHING, *(edge_start(tier.to, "count") for tier in tiers if tier.to is not None)]
        pieces = tuple(
            Piece(start=start, slope=Multiple(Fraction(tier.amount, MILLIONTHS)))
            for start, tier in zip(starts, tiers, strict=True)
        )
        mode, boundary = self.mode or "marginal", self.boundary or "at"
        return Template(pieces, mode=mode, boundary=boundary, position="count", of_units=True)
