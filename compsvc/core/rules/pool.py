"""An amount shared out by weights: `pool: {of: 2%, weights: equal, among: team, assigned: any day}` (M7).

`of` is an amount, or a share of what all who take part have counted together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from compsvc.core import limits
from compsvc.core.curves import NOTHING, Piece, Template
from compsvc.core.node import Position, Sentences, report, wrong
from compsvc.core.plan_values import Edge, kind_of, percent, read_count
from compsvc.core.rules._rule import Pooled
from compsvc.core.rules._shared import AMONG, AmongOthers

_WORDS = ("equal", "amount", "count", "target incentive")


def _read_weights(value: object) -> object:
    """One of the words, or a whole number for each participant by id."""
    if isinstance(value, str) and value in _WORDS:
        return str(value)
    if not isinstance(value, Mapping):
        known = ", ".join(f"`{word}`" for word in _WORDS)
        raise wrong("BAD_WEIGHTS", f"{kind_of(value)} is no weight. Write {known}, or `{{hanna: 3, ben: 2}}`.")
    if not value or len(value) > limits.MAX_TIERS:
        raise wrong("BAD_WEIGHTS", f"here stand {len(value)} weights; wanted: from 1 to {limits.MAX_TIERS}.")
    return {str(key): read_count(item) for key, item in value.items()}


Weights = Annotated[
    Literal["equal", "amount", "count", "target incentive"] | dict[str, int],
    BeforeValidator(_read_weights),
    WithJsonSchema(
        {"anyOf": [{"enum": list(_WORDS)}, {"type": "object", "additionalProperties": {"type": ["integer", "string"]}}]}
    ),
]


def _at_most_all(of: Fraction | int) -> Fraction | int:
    if isinstance(of, Fraction) and of > 1:
        raise wrong("OUT_OF_RANGE", f"{percent(of)} is more than all that counts. Write a share of it such as `2%`.")
    return of


class Pool(AmongOthers):
    kind: Literal["pool"]
    of: Annotated[Edge, AfterValidator(_at_most_all)] = Field(
        description="What is shared out: an amount such as `10_000`, or a share of what counts: `2%`."
    )
    weights: Weights = Field(
        description="`equal`, by `amount` or `count` of what each has counted, by `target incentive`, or by name."
    )

    sentences: ClassVar[Sentences] = {
        "en": {
            "of": "",
            "weights": "",
            "weights=equal": "All have equal shares.",
            "weights=amount": "The shares go by what each has counted.",
            "weights=count": "The shares go by what each has counted.",
            "weights=target incentive": "The shares go by the target incentives of the period.",
            **AMONG["en"],
        },
        "de": {
            "of": "",
            "weights": "",
            "weights=equal": "Alle haben gleiche Anteile.",
            "weights=amount": "Die Anteile richten sich nach dem, was jeder gezählt hat.",
            "weights=count": "Die Anteile richten sich nach dem, was jeder gezählt hat.",
            "weights=target incentive": "Die Anteile richten sich nach den Zielvergütungen des Zeitraums.",
            **AMONG["de"],
        },
    }

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> Pool:
        for at, code, message in self._wrong():
            report(info, code, at, message)
        return self

    def _wrong(self) -> Iterator[tuple[Position, str, str]]:
        if self.of <= 0:
            yield self.at, "OUT_OF_RANGE", "a pool of nothing pays nobody. Write an amount or a share above 0."
        if self.weights == "count" and isinstance(self.of, Fraction):
            yield self.at, "MEASURE_KIND", "a share of a number is no money. Write an amount in `of`, such as `10_000`."

    @property
    def moved_by(self) -> Literal["money", "count"]:
        return "count" if self.weights == "count" else "money"

    @property
    def shared_out(self) -> Pooled:
        return Pooled(self.of, self.weights, self.among, self.assigned)

    def template(self) -> Template:
        return Template((Piece(start=NOTHING, slope=NOTHING),), position=self.moved_by)
