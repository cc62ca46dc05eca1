"""The manager line as of a day (C4)."""

from __future__ import annotations

from datetime import date

from .rows import Assignment, Company

LEVELS = 20


class ManagerLine:
    def __init__(self, company: Company) -> None:
        self._company = company
        self._known: dict[tuple[str, date], dict[str, int]] = {}

    def above(self, participant: str, day: date) -> dict[str, int]:
        """All managers above, by every plan, each once, with the number of steps up to them by the shortest way."""
        key = participant, day
        if key not in self._known:
            self._known[key] = self._climb(participant, day)
        return self._known[key]

    def _climb(self, participant: str, day: date) -> dict[str, int]:
        found: dict[str, int] = {}
        level = {participant}
        for number in range(1, LEVELS + 1):
            named = {a.manager for person in level for a in self._on(person, day) if a.manager is not None}
            present = {self._present(manager, day) for manager in named}
            level = {manager for manager in present if manager is not None} - set(found)
            found |= dict.fromkeys(level, number)
        return {manager: number for manager, number in found.items() if manager != participant}

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
