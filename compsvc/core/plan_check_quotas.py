"""What has to fit together in what a plan makes of its quotas: proration, ramp-up, seasonal weights (M4)."""

from __future__ import annotations

from collections.abc import Iterator

from compsvc.core.plan import Component
from compsvc.core.plan_check_parts import Parts
from compsvc.core.problems import Problem

WORDS = ("prorate", "ramp_up", "seasonal")


def check_quotas(parts: Parts) -> Iterator[Problem]:
    for name, item in parts.components.items():
        of_target = name in parts.clean and item.quota is None and _pays_target(item)
        for word in WORDS:
            quoted = item.quota == "from assignment" or (of_target and word != "seasonal")
            if getattr(item, word) is not None and not quoted and (name in parts.clean or item.quota is not None):
                yield _useless(parts, name, word, "there is no `quota: from assignment`")
        if of_target:
            yield from _of_target(parts, name, item)
        if item.quota == "from assignment" and name in parts.clean:
            yield from _prorate(parts, name, item)
            yield from _ramp_up(parts, name, item)
            yield from _seasonal(parts, name, item)


def _of_target(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    """Where shares of a target or of an amount are paid without any quota, as of objectives, it alone is reduced."""
    for word in ("prorate", "ramp_up"):
        said = getattr(item, word)
        if said is not None and said.of == "quota" and (word == "ramp_up" or said.reasons):
            message = "`of: quota` does nothing here: there is no quota, only a target. Write `of: quota and target`."
            yield Problem("USELESS_KEY", parts.at("components", name, word, "of"), message)
    yield from _prorate(parts, name, item)
    yield from _ramp_up(parts, name, item)


def _useless(parts: Parts, name: str, word: str, because: str, *below: str) -> Problem:
    at = parts.at("components", name, word, *below)
    return Problem("USELESS_KEY", at, f"`{(word, *below)[-1]}` does nothing here: {because}. Remove it.")


def _pays_target(item: Component) -> bool:
    return item.zero_quota == "pay_target" or item.pays.template().uses_target


def _prorate(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    said = item.prorate
    if said is None or not said.reasons:
        return
    at = parts.at("components", name, "prorate")
    if said.by == "months" and said.part_month is None:
        message = "`part_month` is missing: `by: months` needs it (M4). Write one of `counts`, `leave out`, `by days`."
        yield Problem("MISSING_KEY", at, message)
    if said.by == "days" and said.part_month is not None:
        yield _useless(parts, name, "prorate", "it belongs to `by: months`", "part_month")
    if said.of is None and _pays_target(item):
        message = "`of` is missing: this component pays a target. Write one of `quota`, `quota and target` (M4)."
        yield Problem("MISSING_KEY", at, message)
    if said.of is not None and not _pays_target(item):
        yield _useless(parts, name, "prorate", "this component pays no target", "of")


def _ramp_up(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    said = item.ramp_up
    if said is not None and said.of == "quota and target" and not _pays_target(item):
        message = "this component pays no target that could be ramped. Write `of: quota`."
        yield Problem("USELESS_KEY", parts.at("components", name, "ramp_up", "of"), message)
    if said is not None and all(share == 1 for share in said.months):
        yield _useless(parts, name, "ramp_up", "every month has the full quota")


def _seasonal(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    """A year's quota as a whole has no season, unless a part of the year is taken off."""
    prorated = item.prorate is not None and item.prorate.reasons
    if item.seasonal is not None and item.per == "year" and not prorated and item.ramp_up is None:
        yield _useless(parts, name, "seasonal", "a quota `per: year` that stays whole is not divided")
