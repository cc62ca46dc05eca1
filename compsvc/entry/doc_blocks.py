"""A document as values: headings, paragraphs, lists, tables and drawings. As text here, as HTML and PDF elsewhere."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compsvc.entry.statement_layout import WIDTH


@dataclass(frozen=True, slots=True)
class Heading:
    level: int  # 2, 3: the title is 1
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """`figures` are the columns that are set flush right."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG; `alt` says in words what it shows."""

    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Together:
    """What no page break comes between, where a page has room for it."""

    blocks: Sequence[Table | Drawing]


Single = Heading | Paragraph | Bullets | Table | Drawing
Block = Single | Together


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    language: str
    blocks: Sequence[Block] = field(default_factory=list)
    foot: str = ""

    def flat(self) -> Iterator[Single]:
        """The blocks, those that are kept together one by one."""
        for block in self.blocks:
            yield from block.blocks if isinstance(block, Together) else [block]


def as_text(document: Document) -> str:
    lines = [document.title, "=" * len(document.title), ""]
    for block in document.flat():
        lines += [*_text(block), ""] if not isinstance(block, Drawing) else []
    return "\n".join([*lines, *_wrapped(document.foot)]) + "\n"


def _text(block: Single) -> Iterator[str]:
    match block:
        case Heading(level=level, text=text):
            yield text
            yield ("-" if level == 2 else ".") * len(text)
        case Paragraph(text=text):
            yield from _wrapped(text)
        case Bullets(items=items):
            for item in items:
                yield from _wrapped(item, "- ", "  ")
        case Table():
            yield from _table(block)


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )


def _table(table: Table) -> Iterator[str]:
    yield from _wrapped(table.caption)
    widths = [max(len(row[column]) for row in [table.head, *table.rows]) for column in range(len(table.head))]
    for row in [table.head, *table.rows]:
        cells = (
            f"{text:>{width}}" if number in table.figures else f"{text:<{width}}"
            for number, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"  {'  '.join(cells)}".rstrip()
