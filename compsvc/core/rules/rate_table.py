"""Rates by tier: `rate_table: {mode, by, boundary, tiers}`; the last tier has no `to` and goes on for ever (M3).

`by: count` takes the tier from a number of deals, units or logos, and pays on an amount (`pays_on`). `mode: overage`
pays the first tier's rate up to its end, and the rate of the tier reached on all that lies above it. `by: deal` and
`by: credit` begin anew with every deal: with its whole amount, or with what the participant is credited of it (M2).
`by: kept` says the edges in what is left of the amount after what the table pays of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, model_validator

from compsvc.core import limits
from compsvc.core.curves import NOTHING, Multiple, Piece, Template
from compsvc.core.node import Node, Reading, Sentences, reading, report
from compsvc.core.plan_values import Edge, ExactRate
from compsvc.core.rules._edges import edge_text, unit_problem, with_counts
from compsvc.core.rules._rule import EdgedRule, edge_start, slope

BY = r"^(attainment|amount|kept|count|deal|credit|attainment of [a-z][a-z0-9-]*)$"


class Tier(Node):
    to: Edge | None = Field(
        None, description="Where the tier ends: share of the quota, amount or count. The last has none."
    )
    rate: ExactRate


class RateTable(EdgedRule):
    kind: Literal["rate_table"]
    mode: Literal["marginal", "retroactive", "overage"] = Field(
        description="Each part at its own tier's rate, the tier reached for everything, or for all above the first."
    )
    by: Annotated[str, Field(pattern=BY)] = Field(
        description="`attainment`, `amount`, `kept`, `count`, `deal`, `credit` or `attainment of COMPONENT`."
    )
    boundary: Literal["at", "over"] = Field(description="A value exactly on an edge: in the higher tier, or the lower.")
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=limits.MAX_TIERS)]

    sentences: ClassVar[Sentences] = {
        "en": {
            "mode=marginal": "Each part of what counts is paid at the rate of the tier in which it lies.",
            "mode=retroactive": "The rate of the tier that is reached applies to all that counts, from the first on.",
            "mode=overage": "The first tier has its own rate; all above it has the rate of the tier that is reached.",
            "boundary=at": "A value exactly on an edge is in the higher tier.",
            "boundary=over": "A value exactly on an edge is in the lower tier.",
            "by=attainment": "The tiers go by attainment of the quota.",
            "by=amount": "The tiers go by amount.",
            "by=kept": "The tiers go by what is left of the amount after this pay.",
            "by=count": "The tiers go by the number counted.",
            "by=deal": "Each deal stands by itself: the tiers go by its whole amount.",
            "by=credit": "Each deal stands by itself: the tiers go by what is credited of it.",
            "by": "The tiers go by {by}.",
            "tiers": "",
        },
        "de": {
            "mode=marginal": "Jeder Teil dessen, was zählt, wird zum Satz der Stufe bezahlt, in der er liegt.",
            "mode=retroactive": "Der Satz der erreichten Stufe gilt für alles, was zählt, vom ersten an.",
            "mode=overage": "Die erste Stufe hat ihren Satz; für alles darüber gilt der Satz der erreichten Stufe.",
            "boundary=at": "Ein Wert genau auf einer Grenze liegt in der höheren Stufe.",
            "boundary=over": "Ein Wert genau auf einer Grenze liegt in der niedrigeren Stufe.",
            "by=attainment": "Die Stufen richten sich nach der Zielerreichung.",
            "by=amount": "Die Stufen richten sich nach dem Betrag.",
            "by=kept": "Die Stufen richten sich danach, was vom Betrag nach dieser Zahlung bleibt.",
            "by=count": "Die Stufen richten sich nach der gezählten Anzahl.",
            "by=deal": "Jeder Abschluss steht für sich: Die Stufen richten sich nach seinem ganzen Betrag.",
            "by=credit": "Jeder Abschluss steht für sich: Die Stufen richten sich nach dem gutgeschriebenen Betrag.",
            "by": "Die Stufen richten sich nach {by}.",
            "tiers": "",
        },
    }

    @model_validator(mode="before")
    @classmethod
    def _counts(cls, data: object) -> object:
        return with_counts(data, {"tiers": "to"})

    @model_validator(mode="after")
    def _edges(self, info: ValidationInfo) -> RateTable:
        for number, tier in enumerate(self.tiers, start=1):
            for code, message in self._wrong(number, tier, reading(info) or Reading()):
                report(info, code, tier.at, message)
            if self.by == "kept" and (unfit := self._keeps_nothing(number, tier)):
                report(info, "NOTHING_KEPT", tier.at, unfit)
        return self

    def _keeps_nothing(self, number: int, tier: Tier) -> str | None:
        """Why an edge in what is kept says nothing here: it is no amount, or is never reached."""
        if self.mode != "marginal":
            message = (
                f"`by: kept` goes with `mode: marginal`, where each part pays its own rate; not with `{self.mode}`."
            )
            return message if number == 1 else None
        if tier.rate.of_base:
            return f"tier {number} pays by `base`, which differs by person. With `by: kept` write a rate such as `80%`."
        if number < len(self.tiers) and tier.rate.ratio >= 1:
            return f"tier {number} pays all that counts, so nothing more is kept and its end is never reached."
        return None

    def _wrong(self, number: int, tier: Tier, reads: Reading) -> list[tuple[str, str]]:
        """What is wrong with the end of one tier, the first of it only."""
        if number == len(self.tiers):
            last = f"the last tier ends at {edge_text(tier.to, self.by, reads)}"
            ends = f"{last}: nothing says what is paid above. Leave out its `to`."
            return [("LAST_TIER_ENDS", ends)] if tier.to is not None else []
        if tier.to is None:
            return [("TIER_WITHOUT_END", f"tier {number} has no `to`, but more tiers follow. Only the last goes on.")]
        if wanted := unit_problem(tier.to, self.by):
            ends = f"tier {number} ends at {edge_text(tier.to, self.by, reads)}"
            return [("TIER_EDGE_UNIT", f"{ends}; {wanted}.")]
        return self._not_rising(number, tier.to, reads)

    def _not_rising(self, number: int, edge: Fraction | int, reads: Reading) -> list[tuple[str, str]]:
        before = self.tiers[number - 2].to if number > 1 else type(edge)(0)
        if before is None or isinstance(before, int) != isinstance(edge, int) or before < edge:
            return []
        below = f"not above tier {number - 1} ({edge_text(before, self.by, reads)})" if number > 1 else "not above 0"
        ends = f"tier {number} ends at {edge_text(edge, self.by, reads)}"
        return [("TIERS_NOT_RISING", f"{ends}, {below}. Tiers must rise; swap them or change `to`.")]

    @property
    def span(self) -> Literal["period", "deal", "line"]:
        return "deal" if self.by in ("deal", "credit") else "period"

    @property
    def counts_whole(self) -> bool:
        return self.by == "deal"

    def template(self) -> Template:
        pieces = tuple(
            Piece(start=start, slope=slope(tier.rate)) for start, tier in zip(self._starts(), self.tiers, strict=True)
        )
        return Template(pieces, mode=self.mode, boundary=self.boundary, position=self.moved_by)

    def _starts(self) -> Sequence[Multiple]:
        if self.by == "kept":
            return self._starts_by_kept()
        return [NOTHING, *(edge_start(tier.to, self.by) for tier in self.tiers[:-1] if tier.to is not None)]

    def _starts_by_kept(self) -> Sequence[Multiple]:
        """Of each part 1 - rate is kept, so a tier ends where the parts before it have left so much."""
        starts, kept = [Fraction(0)], 0
        for tier in self.tiers[:-1]:
            if isinstance(tier.to, int) and tier.rate.ratio < 1:
                starts.append(starts[-1] + Fraction(tier.to - kept, 1 - tier.rate.ratio))
                kept = tier.to
        return [Multiple(start) for start in starts]
