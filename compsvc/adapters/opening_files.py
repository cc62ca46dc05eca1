"""Opening balances from a file: CSV, or YAML that names its source and date itself."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from compsvc.adapters.yaml_tree import read_tree


class OpeningFile(NamedTuple):
    """As it is written: nothing of it is checked yet."""

    source: str
    cutover: str
    rows: Sequence[Mapping[str, str]]
    paid: Sequence[Mapping[str, str]] = ()
    positions: Sequence[Mapping[str, str]] = ()


def read_opening_file(file: Path) -> OpeningFile:
    """ValueError where the file cannot be read, with its first fault. A CSV has neither source nor date."""
    if file.suffix.lower() not in (".yaml", ".yml"):
        with file.open(newline="", encoding="utf-8-sig") as opened:
            return OpeningFile("", "", list(csv.DictReader(opened)))
    tree = read_tree(file.read_bytes(), str(file))
    root = tree.root
    rows, paid, positions = (
        root.get(word, []) if isinstance(root, dict) else [] for word in ("openings", "paid", "positions")
    )
    if tree.problems:
        raise ValueError(str(tree.problems[0]))
    if not isinstance(root, dict) or "openings" not in root or not _are_rows(rows):
        raise ValueError(f"{file} needs `source`, `date`, and `openings`, a list of participants with their balances.")
    if not _are_rows(paid):
        raise ValueError(f"{file}: `paid` is a list of deals with what was paid for them.")
    if not _are_rows(positions):
        raise ValueError(f"{file}: `positions` is a list of participants and components with where they stand.")
    return OpeningFile(str(root.get("source", "")), str(root.get("date", "")), rows, paid, positions)


def _are_rows(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(row, dict) for row in found)
