"""What the documentation pages say, for the tests that hold them to it."""

import re
from collections.abc import Iterator
from pathlib import Path


def table(page: Path, heading: str) -> Iterator[list[str]]:
    """The cells of the table's rows below a heading of the second level, without marks."""
    section = page.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for line in re.findall(r"^\|(.+)\|$", section, re.MULTILINE)[2:]:
        yield [cell.strip().replace("`", "") for cell in line.split("|")]
