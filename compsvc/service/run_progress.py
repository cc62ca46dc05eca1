"""How far a run is while it is computed, and the end of one that nobody wants any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from compsvc.service.payroll_ports import Run
from compsvc.service.ports import Aborted

STEPS = ("calculating", "comparing with earlier terms", "comparing with the ledger", "storing")
WAIT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A step that begins; `done` are those before it."""

    run_id: str
    step: str
    done: int


@dataclass(eq=False, slots=True)
class _One:
    run: Run  # as far as it is known before it is computed
    stopped: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def proceed(self) -> None:
        if self.stopped.is_set():
            message = f"Run {self.run.run_id} was cancelled while it was computed; nothing of it is stored."
            raise Aborted("RUN_CANCELLED", message, run=self.run.run_id)


class Computing:
    """The runs that are computed now, by this process. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock, self._runs = threading.Lock(), set[_One]()

    @contextmanager
    def of(self, run: Run) -> Iterator[Callable[[], None]]:
        """A call that raises once somebody has stopped the run."""
        one = _One(run)
        with self._lock:
            self._runs.add(one)
        try:
            yield one.proceed
        finally:
            with self._lock:
                self._runs.discard(one)
            one.ended.set()

    def stop(self, run_id: str, proceed: Callable[[], None]) -> Run | None:
        """The run, where it was computed; it is not any more when this returns. `proceed` raises where nobody waits."""
        with self._lock:
            found = [one for one in self._runs if one.run.run_id == run_id]
        for one in found:
            one.stopped.set()
        for one in found:
            while not one.ended.wait(WAIT_SECONDS):
                proceed()
        return found[0].run if found else None
