"""A document as one HTML file: no scripts, nothing loaded from elsewhere, readable aloud and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from compsvc.entry.doc_blocks import Block, Bullets, Document, Drawing, Heading, Paragraph, Table, Together

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.25rem; margin-top: 2.2rem; } h3 { font-size: 1.05rem; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #ccc; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; }
footer { margin-top: 3rem; border-top: 1px solid #ccc; padding-top: .5rem; font-size: .85rem; overflow-wrap: anywhere; }
@media print {
  @page { size: A4; margin: 20mm; }
  body { font-size: 10.5pt; max-width: none; margin: 0; padding: 0; }
  h2, h3, caption { break-after: avoid; } table, figure, .together { break-inside: avoid; }
}
"""  # noqa: E501


SCOPE = ' scope="row"'


def as_html(document: Document) -> str:
    body = "\n".join(line for block in document.blocks for line in _block(block))
    title = escape(document.title)
    return f"""<!DOCTYPE html>
<html lang="{escape(document.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
<footer>{escape(document.foot)}</footer>
</body>
</html>
"""


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(level=level, text=text):
            yield f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text=text):
            yield f"<p>{escape(text)}</p>"
        case Bullets(items=items):
            yield "<ul>"
            yield from (f"<li>{escape(item)}</li>" for item in items)
            yield "</ul>"
        case Table():
            yield from _table(block)
        case Together(blocks=blocks):
            yield '<div class="together">'
            yield from (line for each in blocks for line in _block(each))
            yield "</div>"
        case Drawing(svg=svg):
            yield f"<figure>{svg}</figure>"


def _table(table: Table) -> Iterator[str]:
    def cell(tag: str, column: int, text: str, scope: str = "") -> str:
        kind = ' class="figure"' if column in table.figures else ""
        return f"<{tag}{scope}{kind}>{escape(text)}</{tag}>"

    yield f"<table>\n<caption>{escape(table.caption)}</caption>\n<thead>"
    head = "".join(cell("th", column, text, ' scope="col"') for column, text in enumerate(table.head))
    yield f"<tr>{head}</tr>\n</thead>\n<tbody>"
    for row in table.rows:
        first, *rest = row
        cells = "".join(cell("td", column, text) for column, text in enumerate(rest, 1))
        yield f"<tr>{cell('th', 0, first, SCOPE)}{cells}</tr>"
    yield "</tbody>\n</table>"
