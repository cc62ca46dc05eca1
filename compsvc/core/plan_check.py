"""What has to fit together in a plan. Every check is a generator of problems over what could be read.

Where practice is split there is no default: a word that decides cents is demanded here wherever it decides any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import get_args

from compsvc.core import limits
from compsvc.core.node import Mapped, name_in_file
from compsvc.core.plan import (
    COUNTED,
    LOGOS,
    MONEY,
    NOT_OF_DEALS,
    OF_EARNINGS,
    OPENED,
    OWN_EARNINGS,
    UNMEASURED,
    WITH_FEES,
    Component,
    Measure,
)
from compsvc.core.plan_check_clawbacks import clawbacks
from compsvc.core.plan_check_contests import contests
from compsvc.core.plan_check_credits import TEAM, credited
from compsvc.core.plan_check_modifiers import modifiers
from compsvc.core.plan_check_parts import Parts as Parts
from compsvc.core.plan_check_parts import has_word, kind_written, missing, useless
from compsvc.core.plan_check_pay import check_pay
from compsvc.core.plan_check_people import people
from compsvc.core.plan_check_positions import positions
from compsvc.core.plan_check_quotas import check_quotas
from compsvc.core.plan_check_ramps import ramps
from compsvc.core.plan_check_rules import check_rules
from compsvc.core.plan_types import words
from compsvc.core.plan_values import percent
from compsvc.core.problems import Position, Problem
from compsvc.core.rules import KINDS


def check(parts: Parts) -> list[Problem]:
    """Everything in one plan that does not fit together."""
    doubtful = {at for section, name in parts.misspelt for at in _places(parts.root[section], name)}
    found = [problem for one in CHECKS for problem in one(parts)]
    return [problem for problem in found if problem.code != "USELESS_KEY" or problem.at not in doubtful]


def _places(written: Mapped, key: str) -> Iterator[Position]:
    """Of the value and all in it: beside a word that is written wrong nothing is useless yet."""
    yield written.value_at(key)
    value = written[key]
    if isinstance(value, Mapped):
        for each in value:
            yield from _places(value, each)


# --- what one word demands of another


def _dates(parts: Parts) -> Iterator[Problem]:
    closed, within = parts.says("counts_on") == "closed", "accepted_within" in parts.root
    if closed and not within:
        message = "`accepted_within` is missing: `counts_on: closed` needs it (D1). Write a number such as `10 days`."
        yield Problem("MISSING_KEY", parts.at("counts_on"), message)
    if within and parts.says("counts_on") == "accepted":
        yield useless(parts.at("accepted_within"), "accepted_within", "`counts_on` is `accepted`")


def _sizes(parts: Parts) -> Iterator[Problem]:
    for section, most in (("credits", limits.MAX_CREDIT_RULES), ("components", limits.MAX_COMPONENTS)):
        if (count := len(parts.names(section))) > most:
            yield Problem("TOO_MANY_ENTRIES", parts.at(section), f"{count} {section}; at most {most} in a plan.")
    if isinstance(parts.root.get("components"), Mapped) and not parts.names("components"):
        yield Problem("NO_COMPONENTS", parts.at("components"), "a plan without components pays nobody. Add one.")


def _measures(parts: Parts) -> Iterator[Problem]:
    """Words that a measure demands, and words that only another measure understands."""
    for name, item in parts.components.items():
        if item.pays.pays_without_measure:
            yield from _needs_no_measure(parts, name)
            continue
        measures = {item.counts, item.pays_on or item.counts}
        wanted = {
            "counts": (True, f"`{kind_written(parts, name)}`"),
            "activity": (item.counts == "activities" and item.pays.weighs is None, _names_activities(item)),
            **_demands(item.counts, item.pays_on),
        }
        for word, (needed, by) in wanted.items():
            if needed and not has_word(parts, name, word):
                yield missing(parts, name, word, f"{by} needs it")
        only = {**wanted, "must_stay": (item.counts == LOGOS, "`counts: new_logos` (M9)")}
        only["ramp"] = (item.by_stage or "final_stage_acv" in measures, "`final_stage_acv` (L3)")
        by_when = '`counts: new_logos` or `deals` (M9); of others a rule says it, such as `when: {acv: ">= 10_000"}`'
        only["minimum_deal"] = (wanted["minimum_deal"][0], by_when)
        only["outcome"] = (item.counts == "activities", "`counts: activities`")
        only["one_time"] = (bool(measures & WITH_FEES), f"{words(sorted(WITH_FEES))} (L2)")
        for word, (needed, by) in only.items():
            if not needed and has_word(parts, name, word):
                yield useless(parts.at("components", name, word), word, f"it belongs to {by}")


def _demands(counts: str, pays_on: str | None) -> dict[str, tuple[bool, str]]:
    """By word whether the measures demand it, and what of them does."""
    measures = {counts, pays_on or counts}
    return {
        "ramp": ("final_stage_acv" in measures, "`final_stage_acv` (L3)"),
        "logo": (counts == LOGOS, "`counts: new_logos` (M9)"),
        "minimum_deal": (counts in (LOGOS, "deals"), "`counts: new_logos` or `deals` (M9)"),
        "below_cost": ("margin" in measures, "`margin`"),
        "present_value": ("present_value" in measures, "`present_value`"),
        "ltv": ("ltv" in measures, "`ltv`"),
        "of": (counts == OWN_EARNINGS, "`counts: own_earnings` (M7)"),
        "from": (counts not in NOT_OF_DEALS | {UNMEASURED}, "a measure of deals"),
    }


FALLING = OPENED | {"delta_acv", OWN_EARNINGS}  # measures that can fall by themselves (M8)


def _unread(parts: Parts) -> Iterator[Problem]:
    """What the measures of a component demand, of which something else cannot be read."""
    for name in parts.names("components"):
        written = parts.root["components"][name]
        if name in parts.components or not isinstance(written, Mapped):
            continue
        counts, pays_on = written.get("counts"), written.get("pays_on")
        if not isinstance(counts, str) or counts not in get_args(Measure) or _pays_alone(written.get("pays")):
            continue
        for word, (needed, by) in _demands(counts, pays_on if isinstance(pays_on, str) else None).items():
            if needed and word not in written:
                yield missing(parts, name, word, f"{by} needs it")
        if "settle" not in written and (counts in FALLING or written.get("from") == TEAM):
            yield missing(parts, name, "settle", f"`{counts}` can still change (M8)")


def _pays_alone(pays: object) -> bool:
    """Whether the kind as written pays for the period, whatever counts."""
    kinds = [KINDS[word] for word in pays if word in KINDS] if isinstance(pays, Mapped) else []
    return any(kind.pays_without_measure for kind in kinds)


def _needs_no_measure(parts: Parts, name: str) -> Iterator[Problem]:
    """What a period pays by itself: nothing that is sold or counted decides about it."""
    for word in parts.root["components"][name]:
        if word in {name_in_file(key, item) for key, item in Component.model_fields.items()} - {"per", "pays"}:
            because = f"`{kind_written(parts, name)}` pays for the period alone, whatever counts"
            yield useless(parts.at("components", name, word), word, because)


def _names_activities(item: Component) -> str:
    return "`counts: activities`" if item.pays.weighs is None else "kinds that do not list the activities themselves"


def _kinds(parts: Parts) -> Iterator[Problem]:
    """What moves the position is a count or money, as the rule kind needs; a rate needs money."""
    for name, item in parts.components.items():
        if item.counts == UNMEASURED or item.pays.pays_without_measure:
            continue
        at, counted = parts.at("components", name, "counts"), item.counts in COUNTED
        if item.pays.position_of is None and counted != (item.pays.moved_by == "count"):
            needs, stands = ("money", "a count") if counted else ("a count", "money")
            choose = words(MONEY) if counted else words(sorted(COUNTED))
            message = f"`{kind_written(parts, name)}` pays for {needs} here, and `{item.counts}` is {stands}."
            yield Problem("MEASURE_KIND", at, f"{message} Choose one of {choose}.")
        elif item.pays.has_rates and (item.pays_on or item.counts) in COUNTED and item.pays.position_of is None:
            message = f"`{kind_written(parts, name)}` pays a share of money, and `{item.counts}` is a count."
            yield Problem("MEASURE_KIND", at, f"{message} Add `pays_on`: {words(MONEY)}.")
        elif item.pays.weighs is not None and item.counts not in NOT_OF_DEALS:
            message = f"`{kind_written(parts, name)}` are told by activities. Write `counts: activities`."
            yield Problem("MEASURE_KIND", at, message)
        elif item.counts in NOT_OF_DEALS - OF_EARNINGS and (item.pays_on or item.pays.position_of):
            message = f"`{item.counts}` are no deals, so nothing of deals is paid on them. Choose another measure."
            yield Problem("MEASURE_KIND", at, message)
        if item.pays_on is not None and (item.pays_on in {*COUNTED, *OPENED} or not item.pays.has_rates):
            message = f"`pays_on` is what rates apply to, a measure of money; choose {words(MONEY)}, or leave it out."
            yield Problem("MEASURE_KIND", parts.at("components", name, "pays_on"), message)


def _rates(parts: Parts) -> Iterator[Problem]:
    """More than the whole of what a deal is worth; of recurring revenue of a month, several of them are usual."""
    for name, item in parts.components.items():
        measure = item.pays_on or item.counts
        if name not in parts.clean or not item.pays.has_rates or measure in COUNTED | {"mrr", UNMEASURED}:
            continue
        template = item.pays.template()
        rates = [piece.slope.ratio for piece in template.pieces if piece.slope.of == "one" and not template.of_units]
        if (highest := max(rates, default=Fraction(0))) > 1:
            message = f"a rate of {percent(highest)} pays more than all of `{measure}`. See that it is meant."
            yield Problem("RATE_UNLIKELY", parts.at("components", name, "pays"), message, "notice")


def _settling(parts: Parts) -> Iterator[Problem]:
    """M8: where a result depends on others, or a count can fall."""
    for name, item in parts.components.items():
        if item.settle is None and TEAM in item.credit:
            yield missing(parts, name, "settle", "the credit of others can still change (M8)")
        elif item.settle is None and item.counts == OWN_EARNINGS:
            yield missing(parts, name, "settle", "what a deal has paid can still change (M8)")
        elif item.counts in OPENED and item.settle != "period_end":
            at = parts.at("components", name, "settle" if item.settle else "counts")
            message = f"`{item.counts}` can fall until the period is over (M8). Write `settle: period_end`."
            yield Problem("MISSING_KEY" if item.settle is None else "SETTLES_AT_END", at, message)
        elif item.settle is None and item.must_stay is not None:
            yield missing(parts, name, "settle", "with `must_stay` the count can fall (M8)")
        elif item.settle is None and (item.counts == "delta_acv" or item.below_cost == "subtract"):
            yield missing(parts, name, "settle", f"`{item.counts}` can fall (M8)")


# --- names


# --- credit rules


# --- quotas and positions


# --- taking back


Check = Callable[[Parts], Iterator[Problem]]
CHECKS: tuple[Check, ...] = (
    *(_dates, _sizes, _measures, _unread, _kinds, _rates, _settling),
    *(credited, positions, modifiers, check_pay, check_quotas, check_rules, clawbacks, contests, ramps, people),
)
