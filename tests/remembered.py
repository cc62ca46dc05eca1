"""A calculation made once in this process is not made again: it follows from plans, facts and matcher alone, which
`tests/core` shows on the calculation itself. Most tests through the command line and servers ask for the same few."""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import fields
from threading import Lock
from typing import Any

from compsvc.core.facts import Facts
from compsvc.core.plan import Plan
from compsvc.core.results import Result

KEPT = 100


def remembered(calculate: Callable[..., Result]) -> Callable[..., Result]:
    known: OrderedDict[tuple[Any, ...], Result] = OrderedDict()  # the one asked for last at the end
    lock = Lock()

    def found(plans: Sequence[Plan], facts: Facts, *matchers: Any, **more: Any) -> Result:
        key = (_content(plans, facts), *matchers, *sorted(more.items()))
        with lock:
            result = known.pop(key, None)
        if result is None:
            result = calculate(plans, facts, *matchers, **more)
        with lock:
            known[key] = result
            if len(known) > KEPT:
                known.popitem(last=False)
        return result

    return found


def _content(plans: Sequence[Plan], facts: Facts) -> str:
    """With the places of the plans' words, and with the order of the rows."""
    whole = hashlib.sha256(pickle.dumps([repr(plan) for plan in plans]))
    for item in fields(facts):
        frame = getattr(facts, item.name)
        whole.update(f"{item.name} {frame.height} ".encode())
        if frame.height:
            whole.update(frame.serialize())
    return whole.hexdigest()
