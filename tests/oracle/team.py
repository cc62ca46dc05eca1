"""The manager line as of a day (C4)."""

from __future__ import annotations

from datetime import date

from .rows import Assignment, Company

LEVELS = 20


class ManagerLine:
    def __init__(self, company: Company) -> None:
        self._company = company
        self._known: dict[tuple[str, date], frozenset[str]] = {}

    def above(self, participant: str, day: date) -> frozenset[str]:
        """All managers above, by every plan, each once."""
        key = participant, day
        if key not in self._known:
            self._known[key] = frozenset(self._climb(participant, day))
        return self._known[key]

    def _climb(self, participant: str, day: date) -> set[str]:
        found: set[str] = set()
        level = {participant}
        for _ in range(LEVELS):
            named = {a.manager for person in level for a in self._on(person, day) if a.manager is not None}
            present = {self._present(manager, day) for manager in named}
            level = {manager for manager in present if manager is not None} - found
            found |= level
        return found - {participant}

    def _present(self, manager: str | None, day: date) -> str | None:
        """The manager, or who covers the vacant seat."""
        seen: set[str] = set()
        while manager is not None and not self._on(manager, day):
            if manager in seen:
                return None
            seen.add(manager)
            ended = [a for a in self._company.assignments.get(manager, ()) if a.end is not None and a.end <= day]
            latest = max(ended, key=lambda a: (a.end, a.start, a.plan), default=None)
            manager = latest.cover if latest else None
        return manager

    def _on(self, participant: str, day: date) -> list[Assignment]:
        return [a for a in self._company.assignments.get(participant, ()) if a.covers(day)]
