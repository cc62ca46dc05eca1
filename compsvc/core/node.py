"""What every part of a plan is made of: mappings that know their place, and the models that read them.

A model of a plan's mapping derives from `Node`. The reader hands it a `Mapped` of `Text`, `Listed` and further
`Mapped`, which know where they stand; Python code may hand it a plain dict with `"@": Position`. A value type
(plan_values.py) reads text, and lets a value pass that has the type already:

    class Kicker(Node):
        kind: Literal["kicker"]
        reaches: Count | None = Field(None, alias="at")   # a plan's key may be `at`: Node's own comes from "@"
        bonus: Amount                                     # minor units of the plan's currency

A check over several fields is an after-validator that calls `report(info, code, at, message)`: all are reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from compsvc.core.problems import Position as Position
from compsvc.core.problems import Problem, did_you_mean

NOWHERE = Position("", 1, 1)
Sentences = Mapping[str, Mapping[str, str]]
WRITE_AMOUNTS = "Write decimals after a point and thousands by `_`"


class Text(str):
    """A scalar as it stands in the file, and where."""

    at: Position = NOWHERE

    @classmethod
    def placed(cls, text: str, at: Position) -> Text:
        made = cls(text)
        made.at = at
        return made


class Listed(list[Any]):
    """A list of the file, and where it begins."""

    at: Position = NOWHERE


class Mapped(dict[str, Any]):
    """A mapping of the file: where it and its keys stand. Not `complete` where a part could not be read."""

    at: Position = NOWHERE
    complete: bool = True

    def __init__(self, *entries: Any, at: Position = NOWHERE, keys: dict[str, Position] | None = None) -> None:
        super().__init__(*entries)
        self.at = at
        self.keys_at: dict[str, Position] = dict(keys or {})

    def key_at(self, key: str) -> Position:
        return self.keys_at.get(key, self.at)

    def value_at(self, key: str) -> Position:
        """Of the value, or of the key where there is none."""
        return place_of(self.get(key), self.key_at(key))


def place_of(value: object, otherwise: Position = NOWHERE) -> Position:
    return value.at if isinstance(value, (Text, Listed, Mapped)) else otherwise


@dataclass
class Reading:
    """What a plan is read with: its currency's decimals, and the problems found so far."""

    exponent: int = 2
    currency: str = ""
    problems: list[Problem] = field(default_factory=list)


def reading(info: ValidationInfo) -> Reading | None:
    return info.context if isinstance(info.context, Reading) else None


def report(info: ValidationInfo, code: str, at: Position, message: str) -> None:
    """One more problem; outside a reading, where nobody collects them, a ValueError."""
    problem = Problem(code, at, message)
    context = reading(info)
    if context is None:
        raise ValueError(str(problem))
    context.problems.append(problem)


def notice(info: ValidationInfo, code: str, at: Position, message: str) -> None:
    """What does not stop a plan; outside a reading nobody asks for it."""
    if context := reading(info):
        context.problems.append(Problem(code, at, message, "notice"))


class Node(BaseModel):
    """A mapping of the plan file. `at` is its position, put there by the reader."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, validate_by_name=True, validate_by_alias=True
    )
    not_yet: ClassVar[frozenset[str]] = frozenset()  # words of the language that this version does not compute
    elsewhere: ClassVar[Mapping[str, str]] = {}  # words that are said in another place, and where
    # By language, sentences for the printed plan: under a word (`per`), a word and its value (`per=month`), "" for all
    # of it, with values in braces. An empty one says nothing; a word without one is printed as it is written.
    sentences: ClassVar[Sentences] = {}
    at: Position = Field(alias="@")

    @model_validator(mode="before")
    @classmethod
    def _known_and_complete(cls, data: object, info: ValidationInfo) -> object:
        """Unknown and missing keys, all at once, with what would be right."""
        if not isinstance(data, Mapped):
            return data
        fields = {name_in_file(name, item): item for name, item in cls.model_fields.items()}
        unknown = [key for key in data if key not in fields]
        for key in unknown:
            _report_unknown(cls, key, data.key_at(key), fields, info)
        for name, item in fields.items():
            if data.complete and item.is_required() and name not in data and not name.startswith("@"):
                report(info, "MISSING_KEY", data.at, f"`{name}` is missing.{choices_of(item)}")
        known = {key: value for key, value in data.items() if key not in unknown}
        return Mapped({**known, "@": data.at}, at=data.at, keys=data.keys_at)


def _report_unknown(
    model: type[Node], key: str, at: Position, fields: dict[str, FieldInfo], info: ValidationInfo
) -> None:
    if key in model.elsewhere:
        report(info, "UNKNOWN_KEY", at, model.elsewhere[key])
        return
    if key in model.not_yet:
        report(info, "NOT_SUPPORTED", at, not_supported(key))
        return
    if re.match("[0-9]", key):
        message = f"a comma ends an entry, so `{key}` stands alone. {WRITE_AMOUNTS}, such as `3_000.00`."
        report(info, "UNKNOWN_KEY", at, message)
        return
    known = [name for name in fields if not name.startswith("@") and name != "kind"]
    report(info, "UNKNOWN_KEY", at, f"`{key}` is not known here.{did_you_mean(key, known)}")


def not_supported(word: str) -> str:
    return f"this version does not compute `{word}`, so it would be silently ignored; remove it."


def name_in_file(name: str, item: FieldInfo) -> str:
    return item.alias or name


def choices_of(item: FieldInfo) -> str:
    """What may be written: the field's own description, else the words of its Literal."""
    described = f" {item.description}" if item.description else ""
    words = [f"`{word}`" for word in literal_words(item.annotation)]
    some = "one of " if len(words) > 1 else ""
    return f" Write {some}{', '.join(words)}.{described}" if words else described


def literal_words(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, str):
        yield annotation
    elif get_origin(annotation) is not None:
        for part in get_args(annotation):
            yield from literal_words(part)


def wrong(code: str, message: str, at: Position | None = None) -> PydanticCustomError:
    """For a value type's reader; without a place, it is that of the value."""
    return PydanticCustomError(code, "{message}", {"message": message, "at": at})
