"""What a participant may call a line by: as few of its parts as name no other of theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from compsvc.core.statement_values import LineKey

Reference = tuple[str, ...]  # deal and component; then period; then line.stage.step; then plan and source


def references(keys: Iterable[LineKey]) -> Mapping[LineKey, Reference]:
    """The shortest one of each."""
    every = list(dict.fromkeys(keys))
    counts = Counter(form for key in every for form in _forms(key))
    return {key: next(form for form in _forms(key) if counts[form] == 1) for key in every}


def referred(keys: Iterable[LineKey], reference: Reference) -> Sequence[LineKey]:
    """All lines that may be meant."""
    return [key for key in dict.fromkeys(keys) if reference in _forms(key)]


def _forms(key: LineKey) -> Iterator[Reference]:
    """A line that is about the period is called by it in the place of a deal."""
    parts: Reference = (key.external_id or key.period, key.component)
    for more in ((), (key.period,), (f"{key.line}.{key.stage}.{key.step}",), (key.plan, key.source or "-")):
        parts = (*parts, *more)
        yield parts
