"""What has to fit together where a component pays by what others have done: contests and pools (M7, M8)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from compsvc.core.plan import Component
from compsvc.core.plan_check_parts import Parts
from compsvc.core.plan_modifiers import OWN_MEASURE
from compsvc.core.problems import Problem
from compsvc.core.rules import Contest

_SINGLE = "no deal is paid by itself"
_AWARDS = "an award is what the plan says, or a share of it"
UNFIT = {
    **dict.fromkeys(("windfall", "minimum_per_deal", "pays_on"), _SINGLE),
    **dict.fromkeys(("multiplier", "cap", "floor"), _AWARDS),
    "zero_quota": "whoever has no quota has no place",
}


def contests(parts: Parts) -> Iterator[Problem]:
    for name, item in parts.components.items():
        if item.pays.shared_out is not None:
            yield from _settles(parts, name, item)
            yield from _quota(parts, name, item)
            yield from _words(parts, name, item)


def _settles(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    """Until the period is over anybody can still come in between (M8)."""
    if item.settle != "period_end":
        at = parts.at("components", name, *(("settle",) if item.settle else ()))
        message = "what others do decides until the period is over (M8). Write `settle: period_end`."
        if item.settle is None:
            yield Problem("MISSING_KEY", at, f"`settle` is missing: {message}")
        else:
            yield Problem("SETTLES_AT_END", at, message)


def _quota(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    terms = item.pays.shared_out
    attained = isinstance(terms, Contest) and terms.by == "attainment"
    asked = any(gate.measure == OWN_MEASURE and isinstance(gate.at_least, Fraction) for gate in item.gates)
    if attained and item.quota is None:
        message = "`quota` is missing: attainment is the measure divided by it (M4). Write `from assignment`."
        yield Problem("MISSING_KEY", parts.at("components", name), message)
    if item.quota is not None and not attained and not asked:
        message = "`quota` does nothing here: neither places nor a gate go by it. Remove it."
        yield Problem("USELESS_KEY", parts.at("components", name, "quota"), message)


def _words(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    for word, because in UNFIT.items():
        if word in parts.root["components"][name]:
            message = f"`{word}` does nothing here: {because}. Remove it."
            yield Problem("USELESS_KEY", parts.at("components", name, word), message)
    for number, gate in enumerate(item.gates):
        if gate.above is not None:
            message = "a contest or a pool pays nothing on what is above a gate; the gate says who takes part."
            at = parts.at("components", name, "gate", number, "above")
            yield Problem("GATE_ABOVE", at, f"{message} Remove `above`.")
    taken_back = item.clawback
    if taken_back is not None and taken_back != "no":
        message = "what is lost within the period counts no more, and what is settled stays (M8)."
        at = parts.at("components", name, "clawback")
        yield Problem("USELESS_KEY", at, f"`clawback` does nothing here: {message} Remove it.")
