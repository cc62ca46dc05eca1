"""Rates by tier: `rate_table: {mode, by, boundary, tiers}`; the last tier has no `to` and goes on for ever (M3)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, model_validator

from compsvc.core import limits
from compsvc.core.curves import NOTHING, Multiple, Piece, Template, ratio_text
from compsvc.core.money import format_minor
from compsvc.core.node import Edge, ExactRate, Node, Reading, Sentences, reading, report
from compsvc.core.rules._rule import Rule, slope

OF_COMPONENT = "attainment of "


class Tier(Node):
    to: Edge | None = Field(None, description="Where the tier ends: share of the quota, or amount. The last has none.")
    rate: ExactRate


class RateTable(Rule):
    kind: Literal["rate_table"]
    mode: Literal["marginal", "retroactive"] = Field(
        description="Each part at its own tier's rate, or the tier reached for everything."
    )
    by: Annotated[str, Field(pattern=r"^(attainment|amount|attainment of [a-z][a-z0-9-]*)$")] = Field(
        description="`attainment`, `amount` or `attainment of COMPONENT`."
    )
    boundary: Literal["at", "over"] = Field(description="A value exactly on an edge: in the higher tier, or the lower.")
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=limits.MAX_TIERS)]

    sentences: ClassVar[Sentences] = {
        "en": {
            "mode=marginal": "Each part of what counts is paid at the rate of the tier in which it lies.",
            "mode=retroactive": "The rate of the tier that is reached applies to all that counts, from the first on.",
            "boundary=at": "A value exactly on an edge is in the higher tier.",
            "boundary=over": "A value exactly on an edge is in the lower tier.",
            "by=attainment": "The tiers go by attainment of the quota.",
            "by=amount": "The tiers go by amount.",
            "by": "The tiers go by {by}.",
            "tiers": "",
        },
        "de": {
            "mode=marginal": "Jeder Teil dessen, was zählt, wird zum Satz der Stufe bezahlt, in der er liegt.",
            "mode=retroactive": "Der Satz der erreichten Stufe gilt für alles, was zählt, vom ersten an.",
            "boundary=at": "Ein Wert genau auf einer Grenze liegt in der höheren Stufe.",
            "boundary=over": "Ein Wert genau auf einer Grenze liegt in der niedrigeren Stufe.",
            "by=attainment": "Die Stufen richten sich nach der Zielerreichung.",
            "by=amount": "Die Stufen richten sich nach dem Betrag.",
            "by": "Die Stufen richten sich nach {by}.",
            "tiers": "",
        },
    }

    @model_validator(mode="after")
    def _edges(self, info: ValidationInfo) -> RateTable:
        for number, tier in enumerate(self.tiers, start=1):
            for code, message in self._wrong(number, tier, reading(info) or Reading()):
                report(info, code, tier.at, message)
        return self

    def _wrong(self, number: int, tier: Tier, reads: Reading) -> list[tuple[str, str]]:
        """What is wrong with the end of one tier, the first of it only."""
        if number == len(self.tiers):
            last = f"the last tier ends at {_text(tier.to, reads)}"
            ends = f"{last}: nothing says what is paid above. Leave out its `to`."
            return [("LAST_TIER_ENDS", ends)] if tier.to is not None else []
        if tier.to is None:
            return [("TIER_WITHOUT_END", f"tier {number} has no `to`, but more tiers follow. Only the last goes on.")]
        if isinstance(tier.to, int) == self._of_quota:
            wanted = "a share of the quota such as `100%`" if self._of_quota else "an amount such as `250_000`"
            ends = f"tier {number} ends at {_text(tier.to, reads)}"
            return [("TIER_EDGE_UNIT", f"{ends}; `by: {self.by}` needs {wanted}.")]
        return self._not_rising(number, tier.to, reads)

    def _not_rising(self, number: int, edge: Fraction | int, reads: Reading) -> list[tuple[str, str]]:
        before = self.tiers[number - 2].to if number > 1 else type(edge)(0)
        if before is None or isinstance(before, int) != isinstance(edge, int) or before < edge:
            return []
        below = f"not above tier {number - 1} ({_text(before, reads)})" if number > 1 else "not above 0"
        message = f"tier {number} ends at {_text(edge, reads)}, {below}. Tiers must rise; swap them or change `to`."
        return [("TIERS_NOT_RISING", message)]

    @property
    def _of_quota(self) -> bool:
        return self.by != "amount"

    @property
    def position_of(self) -> str | None:
        return self.by.removeprefix(OF_COMPONENT) if self.by.startswith(OF_COMPONENT) else None

    def template(self) -> Template:
        pieces = tuple(
            Piece(start=start, slope=slope(tier.rate)) for start, tier in zip(self._starts(), self.tiers, strict=True)
        )
        return Template(pieces, mode=self.mode, boundary=self.boundary)

    def _starts(self) -> Sequence[Multiple]:
        unit: Literal["one", "quota"] = "quota" if self._of_quota else "one"
        return [NOTHING, *(Multiple(Fraction(tier.to), unit) for tier in self.tiers[:-1] if tier.to is not None)]


def _text(edge: Fraction | int | None, reads: Reading) -> str:
    if isinstance(edge, int):
        return f"{format_minor(edge, reads.exponent)} {reads.currency}".rstrip()
    return ratio_text(edge) if edge is not None else ""
