"""A document as PDF, set by typst: tagged for screen readers (PDF/UA-1), the same bytes for the same document."""

from __future__ import annotations

import json

from compsvc.entry.doc_blocks import Block, Bullets, Document, Drawing, Heading, Paragraph, Table, Together

_HEAD = """
#set page(paper: "a4", margin: (x: 22mm, y: 20mm), numbering: "1 / 1")
#set text(font: "Libertinus Serif", size: 10.5pt)
#set par(justify: false)
#set table(stroke: none, inset: (x: 0pt, y: 3pt), column-gutter: 12pt)
#show heading: set block(sticky: true)
#show table.cell.where(y: 0): strong
#show figure.caption: it => align(left, strong(it.body))
#set figure.caption(position: top)
#show figure: set align(left)
"""

_ROWS_ON_A_PAGE = 20  # of a table beside a drawing


def as_pdf(document: Document) -> bytes:
    import typst

    lines = [
        f"#set document(title: {_text(document.title)}, date: none)",
        f"#set text(lang: {_text(document.language)})",
        _HEAD,
        f"#title({_text(document.title)})",
        *(_block(block) for block in document.blocks),
        f"#v(1.5em)\n#text(size: 8pt, {_text(document.foot)})",
    ]
    return typst.compile("\n".join(lines).encode(), format="pdf", pdf_standards="ua-1", ignore_system_fonts=True)


def _block(block: Block) -> str:
    match block:
        case Heading(level=level, text=text):
            return f"#heading(level: {level - 1}, {_text(text)})"
        case Paragraph(text=text):
            return f"#par({_text(text)})"
        case Bullets(items=items):
            return f"#list({', '.join(map(_text, items))})"
        case Drawing(svg=svg, alt=alt):
            return f'#image(bytes({_text(svg)}), format: "svg", alt: {_text(alt)}, width: 100%)'
        case Table():
            return _table(block)
        case Together(blocks=blocks):
            inner = "\n".join(map(_block, blocks))
            rows = sum(len(each.rows) for each in blocks if isinstance(each, Table))
            return f"#block(breakable: {'false' if rows <= _ROWS_ON_A_PAGE else 'true'})[\n{inner}\n]"


def _table(table: Table) -> str:
    columns = ", ".join("right" if column in table.figures else "left" for column in range(len(table.head)))
    head = ", ".join(map(_text, table.head))
    rows = ", ".join(_text(text) for row in table.rows for text in row)
    body = f"table(columns: {len(table.head)}, align: ({columns},), table.header({head}), {rows})"
    return f"#figure({body}, caption: {_text(table.caption)}, kind: table, supplement: none, numbering: none)"


def _text(text: str) -> str:
    """A string of typst, in which nothing is markup; its escapes are those of JSON but for the non-ASCII ones."""
    return json.dumps(text, ensure_ascii=False)
