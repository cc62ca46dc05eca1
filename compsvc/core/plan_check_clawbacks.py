"""Terms that take nothing back, or the same thing twice (T1, L5)."""

from __future__ import annotations

from collections.abc import Iterator

from compsvc.core.node import Mapped
from compsvc.core.plan import COUNTED, LOGOS
from compsvc.core.plan_check_parts import Parts, useless
from compsvc.core.plan_clawback import Clawback
from compsvc.core.plan_types import types_of, words
from compsvc.core.problems import Problem


def clawbacks(parts: Parts) -> Iterator[Problem]:
    for check in (_clawbacks, _beyond_clawback, _lost_twice, _clawbacks_of_shared):
        yield from check(parts)


def _clawbacks(parts: Parts) -> Iterator[Problem]:
    """T1: terms that take nothing back, and words where no terms are known."""
    places: list[tuple[tuple[str, ...], object]] = [(("clawback",), parts.root.get("clawback"))]
    for name in parts.names("components"):
        written, item = parts.root["components"][name], parts.components.get(name)
        own = written.get("clawback") if isinstance(written, Mapped) else None
        places.append((("components", name, "clawback"), own))
        counts = item is not None and item.counts in COUNTED
        kept = item is not None and item.counts in ("deals", "units") and item.clawback == "no"
        if counts and own is not None and not kept:
            because = "what is counted is recomputed in its own period, logos within `must_stay` (T1)"
            yield useless(parts.at("components", name, "clawback"), "clawback", because)
    for path, terms in places:
        if isinstance(terms, Mapped) and (terms.get("basis"), terms.get("attainment")) == ("recompute", "no"):
            message = (
                "the curve loses nothing where the position does not move, so nothing would be taken back. Choose "
            )
            message += "`attainment: original_period` or `period_of_loss`, or another `basis`."
            yield Problem("CLAWBACK_TAKES_NOTHING", parts.at(*path, "basis"), message)


def _beyond_clawback(parts: Parts) -> Iterator[Problem]:
    """Logos leave the count only within `must_stay` (T1, M9)."""
    if not isinstance(parts.root.get("clawback"), Mapped):
        return
    for name, item in parts.components.items():
        if item.counts == LOGOS and item.must_stay is None and name in parts.clean:
            message = (
                f"`clawback` does not reach `{name}`: a new logo that is lost stays counted without `must_stay`. "
                "Write `must_stay: 6 months`, say, where it has to leave the count."
            )
            yield Problem("CLAWBACK_NOT_REACHING", parts.at("components", name, "counts"), message, "notice")


def _lost_twice(parts: Parts) -> Iterator[Problem]:
    """Where a downsell or a churn lowers the measure, a loss of the same deal takes nothing back besides (L5)."""
    first = parts.says("match") == "first"
    for name, item in parts.components.items():
        own = item.clawback if item.clawback is not None else parts.root.get("clawback")
        if "delta_acv" not in (item.counts, item.pays_on) or not isinstance(own, (Clawback, Mapped)):
            continue
        ways = types_of(item, parts.credits, first=first)
        if falls := [kind for kind in ("downsell", "churn") if ways[kind]]:
            at = parts.at("components", name, "clawback" if item.clawback is not None else "counts")
            message = (
                f"`{name}` counts {words(falls)} in `delta_acv`, and `clawback` takes back for the same loss; it "
                "reaches a participant once (L5). Write `clawback: no` in the component, or leave those types out of "
                "its rules."
            )
            yield Problem("LOST_TWICE", at, message)


def _clawbacks_of_shared(parts: Parts) -> Iterator[Problem]:
    """A shared position has one list, so both components take back in the same place of it (M1)."""
    for name, item in parts.components.items():
        other = parts.components.get(item.pays.position_of or "")
        if other is None or item.clawback == other.clawback:
            continue
        if _terms(item.clawback) != _terms(other.clawback):
            message = (
                f"`{item.pays.position_of}` moves the position of `{name}`, and takes back otherwise. Give both the "
                "same `clawback`, or leave it to the plan."
            )
            at = name if item.clawback is not None else str(item.pays.position_of)
            yield Problem("CLAWBACKS_DIFFER", parts.at("components", at, "clawback"), message)


def _terms(said: object) -> object:
    """Without its place."""
    if not isinstance(said, Clawback):
        return said
    return said.basis, said.attainment, said.by, [(way.of, way.schedule, way.share) for way in said.ways]
