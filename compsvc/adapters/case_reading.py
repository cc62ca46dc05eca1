"""What the readers of case files share: values out of the text, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import parse_minor
from compsvc.core.node import Listed, Mapped, Position, Text, place_of
from compsvc.core.plan_values import kind_of
from compsvc.core.problems import Problem, did_you_mean


@dataclass
class CaseReading:
    """Reads values of one case; `problems` collects what is wrong."""

    problems: list[Problem] = field(default_factory=list)
    currency: str = "EUR"

    def problem(self, code: str, at: Position, message: str) -> None:
        self.problems.append(Problem(code, at, message))

    def known(self, mapping: Mapped, keys: Sequence[str]) -> None:
        for key in mapping:
            if key not in keys:
                self.problem("UNKNOWN_KEY", mapping.key_at(key), f"`{key}` is not known here.{did_you_mean(key, keys)}")

    def text(self, mapping: Mapped, key: str) -> Text | None:
        value = mapping.get(key)
        if isinstance(value, Text):
            return value
        message = f"`{key}` has {kind_of(value)}; wanted: text." if key in mapping else f"`{key}` is missing."
        self.problem("WRONG_TYPE" if key in mapping else "MISSING_KEY", mapping.value_at(key), message)
        return None

    def flag(self, mapping: Mapped, key: str) -> bool:
        value = mapping[key]
        if value not in ("yes", "no"):
            self.problem("NOT_YES_OR_NO", mapping.value_at(key), f"{kind_of(value)} is neither `yes` nor `no`.")
        return bool(value == "yes")

    def mapping(self, mapping: Mapped, key: str) -> Mapped:
        value = mapping.get(key)
        if isinstance(value, Mapped):
            return value
        if key not in mapping:
            self.problem("MISSING_KEY", mapping.at, f"`{key}` is missing.")
        else:
            self.problem("WRONG_TYPE", place_of(value, mapping.at), f"`{key}` has {kind_of(value)}; wanted: a mapping.")
        return Mapped(at=mapping.at)

    def entries(self, mapping: Mapped, key: str) -> Iterator[Mapped]:
        value = mapping.get(key, Listed())
        if not isinstance(value, Listed):
            self.problem("WRONG_TYPE", place_of(value, mapping.at), f"`{key}` has {kind_of(value)}; wanted: a list.")
            return
        for entry in value:
            if isinstance(entry, Mapped):
                yield entry
            else:
                self.problem("WRONG_TYPE", place_of(entry, mapping.at), f"{kind_of(entry)} is no entry of `{key}`.")

    def amounts(self, parent: Mapped, key: str) -> Iterator[tuple[str, int, Position]]:
        for component, value in self.mapping(parent, key).items():
            if (amount := self.amount(value)) is not None:
                yield component, amount, place_of(value)

    def amount(self, value: object) -> int | None:
        """Minor units of the plan's currency."""
        minor = parse_minor(value, EXPONENTS.get(self.currency, 2)) if isinstance(value, Text) else None
        if minor is None:
            message = f"{kind_of(value)} is no amount in {self.currency}. Write it as `4999.50` or `5_000`."
            self.problem("BAD_AMOUNT", place_of(value), message)
        return minor
