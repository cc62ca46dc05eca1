"""A contest: `rank: {by: amount, ties: all, among: plan, assigned: last day, places: [{top: 10, award: 5_000}]}` (M7).

A place is a number or, as in a President's Club, a share of those who take part: `top: 10%`, with `of` and `winners`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from compsvc.core import limits
from compsvc.core.curves import NOTHING, Piece, Template
from compsvc.core.node import Mapped, Node, Position, Sentences, notice, reading, report, wrong
from compsvc.core.plan_values import Flag, PositiveAmount, Title, percent, read_count, read_part
from compsvc.core.rules._rule import Award, Contest
from compsvc.core.rules._shared import AMONG, AmongOthers

_CHOICES = {"of": "`assigned` or `eligible`", "winners": "`round up`, `round down` or `round half up`"}


def _is_share(top: object) -> bool:
    """Whether it carries `%` or `/`; else it is a place."""
    return isinstance(top, Fraction) or (isinstance(top, str) and ("%" in top or "/" in top))


def _read_top(value: object) -> int | Fraction:
    if _is_share(value):
        return read_part(value)
    if isinstance(value, str) and re.fullmatch(r"0?\.[0-9]{1,9}", value):
        raise wrong("BAD_NUMBER", f"`{value}` is no place. Write a share as `{percent(Fraction(value))}`.")
    return read_count(value)


Top = Annotated[
    int | Fraction,
    BeforeValidator(_read_top),
    WithJsonSchema({"type": ["string", "number"], "examples": ["3", "10%"]}),
]


def _missing(tops: Iterable[object], said: Set[str]) -> Iterator[tuple[str, str]]:
    """`of` and `winners` decide where a place is a share."""
    if any(map(_is_share, tops)):
        for word in (word for word in _CHOICES if word not in said):
            because = "the number of winners is a share of those who take part"
            yield "MISSING_KEY", f"`{word}` is missing: {because}. Write {_CHOICES[word]}."


class Place(Node):
    top: Top = Field(description="The last place that wins this: `3`, or a share of those who take part: `10%`.")
    award: PositiveAmount = Field(description="What it is worth: an amount such as `5_000`.")
    prize: Title | None = Field(None, description="What is given instead of money, such as `A trip to Lisbon`.")
    paid: Flag | None = Field(None, description="With `prize`: whether its worth is paid in money as well.")

    @property
    def of_contest(self) -> Award:
        return Award(self.top, self.award, self.prize, is_paid=self.prize is None or bool(self.paid))


class Rank(AmongOthers):
    kind: Literal["rank"]
    by: Literal["attainment", "amount", "count"] = Field(description="What they are ranked by.")
    ties: Literal["share", "all", "earliest"] = Field(
        description="Who reached the same: shares the places' awards, all win the best of them, or the earliest does."
    )
    of: Literal["assigned", "eligible"] | None = Field(
        None, description="With a share: of all who are assigned, or of those whose gate is open."
    )
    winners: Literal["round up", "round down", "round half up"] | None = Field(
        None, description="With a share: how the number of winners becomes a whole one."
    )
    places: Annotated[tuple[Place, ...], Field(min_length=1, max_length=limits.MAX_TIERS)] = Field(
        description="What the places win: `[{top: 1, award: 5_000}, {top: 10%, award: 2_000}]`."
    )

    sentences: ClassVar[Sentences] = {
        "en": {
            "by=attainment": "The places go by attainment of the quota.",
            "by=amount": "The places go by amount.",
            "by=count": "The places go by number.",
            "ties=share": "Who reached the same shares what their places win.",
            "ties=all": "Who reached the same wins the best of their places.",
            "ties=earliest": "Of those who reached the same, whoever did so earlier is ahead.",
            "of=assigned": "Shares are of all who take part.",
            "of=eligible": "Shares are of those whose gate is open.",
            "winners=round up": "A number of winners that is not whole is rounded up.",
            "winners=round down": "A number of winners that is not whole is rounded down.",
            "winners=round half up": "A number of winners that is not whole is rounded, a half up.",
            "places": "",
            **AMONG["en"],
        },
        "de": {
            "by=attainment": "Die Plätze richten sich nach der Zielerreichung.",
            "by=amount": "Die Plätze richten sich nach dem Betrag.",
            "by=count": "Die Plätze richten sich nach der Anzahl.",
            "ties=share": "Wer gleich viel erreicht hat, teilt sich, was die Plätze gewinnen.",
            "ties=all": "Wer gleich viel erreicht hat, gewinnt, was der beste dieser Plätze gewinnt.",
            "ties=earliest": "Von denen, die gleich viel erreicht haben, steht vorn, wer es früher erreicht hat.",
            "of=assigned": "Anteile sind solche aller, die teilnehmen.",
            "of=eligible": "Anteile sind solche derer, die ihre Schwelle erreicht haben.",
            "winners=round up": "Eine Zahl von Gewinnern, die nicht ganz ist, wird aufgerundet.",
            "winners=round down": "Eine Zahl von Gewinnern, die nicht ganz ist, wird abgerundet.",
            "winners=round half up": "Eine Zahl von Gewinnern, die nicht ganz ist, wird gerundet, die Hälfte auf.",
            "places": "",
            **AMONG["de"],
        },
    }

    @model_validator(mode="before")
    @classmethod
    def _says_of_what(cls, data: object, info: ValidationInfo) -> object:
        """Told of a file beside all else that it lacks, where `_fits` would wait until nothing else is missing."""
        if isinstance(data, Mapped) and data.complete and isinstance(data.get("places"), list):
            tops = [place.get("top") for place in data["places"] if isinstance(place, Mapped)]
            for code, message in _missing(tops, {*data}):
                report(info, code, data.at, message)
        return data

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> Rank:
        for at, code, message in [*self._rising(), *self._shares(), *self._prizes()]:
            report(info, code, at, message)
        if reading(info) is None:
            for code, message in _missing((place.top for place in self.places), self._said()):
                report(info, code, self.at, message)
        for number, (one, two) in enumerate(pairwise(self.places), start=2):
            if two.award > one.award:
                message = f"entry {number} of `places` wins more than the one before it. See whether that is meant."
                notice(info, "AWARDS_RISE", two.at, message)
        return self

    def _rising(self) -> Iterator[tuple[Position, str, str]]:
        for number, (one, two) in enumerate(pairwise(self.places), start=2):
            share_first = isinstance(one.top, Fraction) and isinstance(two.top, int)
            if share_first or (type(one.top) is type(two.top) and two.top <= one.top):
                message = f"entry {number} of `places` is not behind the one before it. Places go down the ranking"
                yield two.at, "POINTS_NOT_RISING", f"{message}, numbers before shares; swap them."

    def _shares(self) -> Iterator[tuple[Position, str, str]]:
        if not any(isinstance(place.top, Fraction) for place in self.places):
            for word in (word for word in _CHOICES if word in self._said()):
                yield self.at, "USELESS_KEY", f"`{word}` does nothing here: no place is a share. Remove it."

    def _said(self) -> Set[str]:
        return {word for word in _CHOICES if getattr(self, word) is not None}

    def _prizes(self) -> Iterator[tuple[Position, str, str]]:
        for place in self.places:
            if place.prize is not None and place.paid is None:
                message = "`paid` is missing: whether the worth of the prize is paid in money too. Write `yes` or `no`."
                yield place.at, "MISSING_KEY", message
            if place.prize is None and place.paid is not None:
                yield place.at, "USELESS_KEY", "`paid` does nothing here: an award without `prize` is money. Remove it."
            if place.prize is not None and self.ties == "share":
                message = "a prize cannot be shared. Write `ties: all` or `earliest`, or leave out `prize`."
                yield place.at, "PRIZE_SHARED", message

    @property
    def moved_by(self) -> Literal["money", "count"]:
        return "count" if self.by == "count" else "money"

    @property
    def shared_out(self) -> Contest:
        terms: dict[str, Any] = {name: getattr(self, name) for name in ("by", "ties", "among", "assigned")}
        awards = tuple(place.of_contest for place in self.places)
        return Contest(**terms, awards=awards, of=self.of, winners=self.winners)

    def template(self) -> Template:
        return Template((Piece(start=NOTHING, slope=NOTHING),), position=self.moved_by)
