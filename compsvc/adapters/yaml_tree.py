"""YAML 1.2 text into a tree of Mapped, Listed and Text: no types, no floats, no Norway; places kept, sizes bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from compsvc.adapters.yaml_words import in_words
from compsvc.core import limits
from compsvc.core.node import Listed, Mapped, Text
from compsvc.core.problems import Position, Problem

Value = Mapped | Listed | Text


@dataclass
class Tree:
    """`root` is None where nothing could be read; then there is at least one problem."""

    root: Value | None
    problems: list[Problem]


class _StopError(Exception):
    """Reading cannot go on; the problem is recorded."""


def read_tree(source: bytes, file: str) -> Tree:
    builder = _Builder(file)
    text = ""
    try:
        text = builder.decoded(source)
        builder.refuse_tabs(text)
        root = builder.document(_events(text))
    except _StopError:
        root = None
    except MarkedYAMLError as error:
        root = None
        (line, column), told = in_words(error, text)
        builder.problem("YAML_SYNTAX", Position(file, line + 1, column + 1), told)
    except ReaderError as error:
        root = None
        told = f"this is no YAML 1.2: the character #x{error.character:04x} is not allowed."
        builder.problem("YAML_SYNTAX", builder.at_index(text, error.position), told)
    except (YAMLError, ValueError) as error:
        root = None
        builder.problem("YAML_SYNTAX", Position(file, 1, 1), f"this is no YAML 1.2: {str(error).splitlines()[0]}.")
    return Tree(root, builder.problems)


def _events(text: str) -> Iterator[Event]:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = "1.2"
    return iter(yaml.parse(text))


@dataclass
class _Builder:
    file: str
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, Value] = field(default_factory=dict)
    aliases: int = 0
    nodes: int = 0

    def problem(self, code: str, at: Position, message: str) -> None:
        self.problems.append(Problem(code, at, message))

    def stop(self, code: str, at: Position, message: str) -> _StopError:
        self.problem(code, at, message)
        return _StopError()

    def decoded(self, source: bytes) -> str:
        start = Position(self.file, 1, 1)
        if len(source) > limits.MAX_PLAN_BYTES:
            message = f"{len(source):,} bytes; a plan has at most {limits.MAX_PLAN_BYTES:,}."
            raise self.stop("FILE_TOO_LARGE", start, message)
        try:
            return source.decode("utf-8")
        except UnicodeDecodeError as error:
            before = source[: error.start]
            line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
            message = f"byte {source[error.start]:#04x} is not UTF-8. Save the file as UTF-8."
            raise self.stop("NOT_UTF8", Position(self.file, line, column), message) from None

    def at_index(self, text: str, index: int) -> Position:
        lines = re.split(r"\r\n|\r|\n", text[:index])
        return Position(self.file, len(lines), len(lines[-1]) + 1)

    def refuse_tabs(self, text: str) -> None:
        """All of them, where they indent: YAML reports only the first, in words nobody understands."""
        for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
            indent = line[: len(line) - len(line.lstrip(" \t"))]
            if "\t" in indent and line.strip():
                at = Position(self.file, number, indent.index("\t") + 1)
                self.problem("TAB", at, "a tab indents this line. Indent with spaces.")
        if self.problems:
            raise _StopError

    def document(self, events: Iterator[Event]) -> Value | None:
        root: Value | None = None
        for event in events:
            if not isinstance(event, DocumentStartEvent):
                continue
            if root is not None:
                raise self.stop("MANY_DOCUMENTS", self.place(event), "a second document starts; one plan a file.")
            root = self.value(next(events), events, 1, None)
        if root is None:
            raise self.stop("EMPTY_FILE", Position(self.file, 1, 1), "nothing stands in this file.")
        return root

    def place(self, event: Event) -> Position:
        return Position(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def value(self, event: Event, events: Iterator[Event], depth: int, key_at: Position | None) -> Value:
        """The tree below one event; a mapping in block style stands where its key does."""
        at = self.place(event)
        self.count(at, depth)
        if isinstance(event, AliasEvent):
            return self.alias(event, at)
        self.refuse_tag(event, at)
        value: Value
        if isinstance(event, ScalarEvent):
            value = Text.placed(event.value, at)
        elif isinstance(event, MappingStartEvent):
            value = self.mapping(events, depth, at if event.flow_style or key_at is None else key_at)
        else:
            assert isinstance(event, SequenceStartEvent), event
            value = self.listed(events, depth, at)
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def count(self, at: Position, depth: int, size: int = 1) -> None:
        self.nodes += size
        if depth > limits.MAX_PLAN_DEPTH:
            raise self.stop("TOO_DEEP", at, f"nested deeper than {limits.MAX_PLAN_DEPTH} levels.")
        if self.nodes > limits.MAX_PLAN_NODES:
            raise self.stop("TOO_MANY_VALUES", at, f"more than {limits.MAX_PLAN_NODES:,} keys and values.")

    def alias(self, event: AliasEvent, at: Position) -> Value:
        self.aliases += 1
        if self.aliases > limits.MAX_ALIASES:
            raise self.stop("TOO_MANY_ALIASES", at, f"more than {limits.MAX_ALIASES} aliases; write the values out.")
        if event.anchor not in self.anchors:
            raise self.stop("UNKNOWN_ALIAS", at, f"`*{event.anchor}` names nothing that stands before it.")
        value = self.anchors[event.anchor]
        self.count(at, 1, _size(value))
        return value

    def refuse_tag(self, event: Any, at: Position) -> None:
        tag = getattr(event, "ctag", None) or getattr(event, "tag", None)
        if tag is not None and str(tag) not in ("None", "", "!"):
            short = str(tag).replace("tag:yaml.org,2002:", "!!")
            self.problem("TAG", at, f"`{short}` is a YAML tag; a plan has none. Write the value alone.")

    def mapping(self, events: Iterator[Event], depth: int, at: Position) -> Mapped:
        found = Mapped(at=at)
        while not isinstance(event := next(events), MappingEndEvent):
            key_at = self.place(event)
            key = self.key(event, events, depth)
            value = self.value(next(events), events, depth + 1, key_at)
            self.enter(found, key, key_at, value)
        return found

    def key(self, event: Event, events: Iterator[Event], depth: int) -> str | None:
        at = self.place(event)
        if isinstance(event, ScalarEvent) and event.value and not event.value.startswith("@"):
            self.count(at, depth)
            self.refuse_tag(event, at)
            return str(event.value)
        self.value(event, events, depth + 1, None)
        self.problem("BAD_KEY", at, "a key is a word.")
        return None

    def enter(self, found: Mapped, key: str | None, at: Position, value: Value) -> None:
        if key is None:
            return
        if key in found:
            first = found.key_at(key)
            self.problem("DUPLICATE_KEY", at, f"`{key}` stands already in line {first.line}; keep one of them.")
            return
        found[key] = value
        found.keys_at[key] = at

    def listed(self, events: Iterator[Event], depth: int, at: Position) -> Listed:
        found = Listed()
        found.at = at
        while not isinstance(event := next(events), SequenceEndEvent):
            found.append(self.value(event, events, depth + 1, None))
        return found


def _size(value: Value) -> int:
    """Keys and values below; bounded, since every value was counted when it was read."""
    if isinstance(value, Mapped):
        return 1 + sum(1 + _size(item) for item in value.values())
    return 1 + sum(_size(item) for item in value) if isinstance(value, Listed) else 1
