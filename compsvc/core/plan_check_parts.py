"""What could be read of a plan: what the checks of what has to fit together look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from compsvc.core.node import Listed, Mapped, choices_of, name_in_file, place_of
from compsvc.core.plan import Component
from compsvc.core.plan_credits import CreditRule
from compsvc.core.problems import Position, Problem


@dataclass(frozen=True, slots=True)
class Parts:
    """What could be read of one plan. `clean` names the components against which nothing was said."""

    root: Mapped
    credits: Mapping[str, CreditRule]
    components: Mapping[str, Component]
    clean: frozenset[str]
    pay: Mapping[str, object] = field(default_factory=dict)  # the plan's own words that could be read, by name
    misspelt: frozenset[tuple[str, str]] = frozenset()  # section and name of entries with an unknown key

    def names(self, section: str) -> Sequence[str]:
        entries = self.root.get(section)
        return tuple(entries) if isinstance(entries, Mapped) else ()

    def says(self, word: str) -> str | None:
        value = self.root.get(word)
        return value if isinstance(value, str) else None

    def at(self, *path: str | int) -> Position:
        """Where the value at the path stands; of its last step that is there, otherwise. The number of an entry goes
        for nothing where one stands without a list."""
        written: object = self.root
        at = self.root.at
        for step in path:
            if isinstance(step, int):
                written = written[step] if isinstance(written, Listed) else written
                at = place_of(written, at)
                continue
            if not isinstance(written, Mapped) or step not in written:
                return at
            at, written = written.value_at(step), written[step]
        return at


def missing(parts: Parts, name: str, word: str, because: str) -> Problem:
    fields = {name_in_file(key, item): item for key, item in Component.model_fields.items()}
    message = f"`{word}` is missing: {because}.{choices_of(fields[word])}"
    return Problem("MISSING_KEY", parts.at("components", name), message)


def useless(at: Position, word: str, because: str) -> Problem:
    return Problem("USELESS_KEY", at, f"`{word}` does nothing here: {because}. Remove it.")


def has_word(parts: Parts, name: str, word: str) -> bool:
    return word in parts.root["components"][name]


def kind_written(parts: Parts, name: str) -> str:
    """The rule kind as written."""
    return str(next(iter(parts.root["components"][name]["pays"])))
