"""What has to fit together in a plan, and across plans. Every check is a generator of problems over what could be read.

Where practice is split there is no default: a word that decides cents is demanded here wherever it decides any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from compsvc.core import eligibility, limits
from compsvc.core.conditions import rule_set
from compsvc.core.node import Listed, Mapped, Text, choices_of, name_in_file
from compsvc.core.plan import (
    COUNTED,
    MONEY,
    NOT_OF_DEALS,
    OPENED,
    OPENING_QUOTAS,
    UNMEASURED,
    WITH_FEES,
    Clawback,
    Component,
    CreditRule,
    Plan,
)
from compsvc.core.plan_check_contests import contests
from compsvc.core.plan_check_modifiers import modifiers
from compsvc.core.plan_check_parts import Parts as Parts
from compsvc.core.plan_check_pay import changed_pay, check_pay
from compsvc.core.plan_check_quotas import check_quotas
from compsvc.core.plan_check_ramps import ramps
from compsvc.core.plan_check_rules import check_rules
from compsvc.core.plan_types import MOVED_BY, NEW_BUSINESS, Ways, types_of, words
from compsvc.core.problems import Position, Problem, did_you_mean, in_order

LOGOS = "new_logos"
TEAM = "team"


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


def check_plans(plans: Iterable[Plan]) -> list[Problem]:
    """What does not fit together across plans: they have to be revisions that follow each other."""
    ordered = sorted(plans, key=lambda plan: (plan.plan, plan.effective, plan.at))
    pairs = [(one, two) for one, two in pairwise(ordered) if one.plan == two.plan]
    following = [problem for one, two in pairs for problem in _follows(one, two)]
    return in_order([*following, *_changed_terms(ordered)])


def _follows(one: Plan, two: Plan) -> Iterator[Problem]:
    if one.effective == two.effective:
        message = f"plan `{two.plan}` is already given from {two.effective} on, at {one.at}. Change one `effective`."
        yield Problem("SAME_EFFECTIVE_DATE", two.at, message)
        return
    for word, before, after in (
        ("currency", one.currency, two.currency),
        ("fiscal_year_starts", one.fiscal_year_starts, two.fiscal_year_starts),
    ):
        if before != after:
            message = f"`{word}` differs from the revision of {one.effective} at {one.at}. Give it a new plan name."
            yield Problem("REVISIONS_DIFFER", two.at, message)


def _instead(changed: Sequence[tuple[str, object, object]]) -> str:
    """A revision from mid-year needs `carry`, and so does the one that it goes on from."""
    if [word for word, _, _ in changed] == ["carry"]:
        return "Give the earlier revision the same `carry`, or this component another name."
    return "Give it another name."


def _changed_terms(ordered: Sequence[Plan]) -> Iterator[Problem]:
    """Running positions go on over a change of plan (M2), so what they are counted by holds as long as they do."""
    before: dict[tuple[str, str], tuple[Plan, Component]] = {}
    for one, two in pairwise(ordered):
        if one.plan == two.plan:
            yield from changed_pay(one, two)
        for word in ("cap", "floor"):
            was, now = (getattr(plan, word) for plan in (one, two))
            if one.plan == two.plan and was is not None and now is not None and was.per != now.per:
                message = (
                    f"`{word}` is per {was.per} in the revision of {one.effective} at {one.at}, and per {now.per} "
                    "here. It holds for the whole life of a plan; give it a new plan name."
                )
                yield Problem("REVISION_CHANGES_TERMS", now.at, message)
    for plan in ordered:
        for name, item in plan.components.items():
            if (last := before.get((plan.plan, name))) and (changed := _changes(last[1], item)):
                what = "; ".join(f"`{word}` was {_said(was)} and is {_said(now)}" for word, was, now in changed)
                message = (
                    f"`{name}` changes what it counted by in the revision of {last[0].effective} at {last[1].at}: "
                    f"{what}. Such terms hold for the whole life of a component (M2). {_instead(changed)}"
                )
                yield Problem("REVISION_CHANGES_TERMS", item.at, message)
            before[plan.plan, name] = plan, item


def _changes(one: Component, two: Component) -> list[tuple[str, object, object]]:
    pairs = zip(_lasting(one).items(), _lasting(two).values(), strict=True)
    return [(word, was, now) for (word, was), now in pairs if was != now]


def _lasting(item: Component) -> dict[str, object]:
    return {
        "per": item.per,
        "counts": item.counts,
        "pays_on": item.pays_on or item.counts,
        "quota": item.quota,
        "zero_quota": item.zero_quota,
        "weight": item.weight,
        "carry": item.carry,
        "one_time": item.one_time,
        "ramp stages count": "as they start" if item.by_stage else "at once",
        "settle": item.settle or "as_earned",
        "attainment of": item.pays.position_of,
        "one position per": item.pays.span,
        "moved by": "deal" if item.pays.counts_whole else "credit",
        "paid by": "what others have done" if item.pays.shared_out is not None else "its own measure",
    }


def _said(value: object) -> str:
    if value is None:
        return "not given"
    return f"`{_percent(value) if isinstance(value, Fraction) else value}`"


# --- what one word demands of another


def _missing(parts: Parts, name: str, word: str, because: str) -> Problem:
    fields = {name_in_file(key, item): item for key, item in Component.model_fields.items()}
    message = f"`{word}` is missing: {because}.{choices_of(fields[word])}"
    return Problem("MISSING_KEY", parts.at("components", name), message)


def _useless(at: Position, word: str, because: str) -> Problem:
    return Problem("USELESS_KEY", at, f"`{word}` does nothing here: {because}. Remove it.")


def _dates(parts: Parts) -> Iterator[Problem]:
    closed, within = parts.says("counts_on") == "closed", "accepted_within" in parts.root
    if closed and not within:
        message = "`accepted_within` is missing: `counts_on: closed` needs it (D1). Write a number such as `10 days`."
        yield Problem("MISSING_KEY", parts.at("counts_on"), message)
    if within and parts.says("counts_on") == "accepted":
        yield _useless(parts.at("accepted_within"), "accepted_within", "`counts_on` is `accepted`")


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
            "counts": (True, f"`{_kind(parts, name)}`"),
            "ramp": ("final_stage_acv" in measures, "`final_stage_acv` (L3)"),
            "logo": (item.counts == LOGOS, "`counts: new_logos` (M9)"),
            "minimum_deal": (item.counts in (LOGOS, "deals"), "`counts: new_logos` or `deals` (M9)"),
            "below_cost": ("margin" in measures, "`margin`"),
            "present_value": ("present_value" in measures, "`present_value`"),
            "ltv": ("ltv" in measures, "`ltv`"),
            "activity": (item.counts == "activities" and item.pays.weighs is None, _names_activities(item)),
            "from": (item.counts not in NOT_OF_DEALS | {UNMEASURED}, "a measure of deals"),
        }
        for word, (needed, by) in wanted.items():
            if needed and not _has(parts, name, word):
                yield _missing(parts, name, word, f"{by} needs it")
        only = {**wanted, "must_stay": (item.counts == LOGOS, "`counts: new_logos` (M9)")}
        only["ramp"] = (item.by_stage or "final_stage_acv" in measures, "`final_stage_acv` (L3)")
        only["outcome"] = (item.counts == "activities", "`counts: activities`")
        only["one_time"] = (bool(measures & WITH_FEES), f"{words(sorted(WITH_FEES))} (L2)")
        for word, (needed, by) in only.items():
            if not needed and _has(parts, name, word):
                yield _useless(parts.at("components", name, word), word, f"it belongs to {by}")


def _needs_no_measure(parts: Parts, name: str) -> Iterator[Problem]:
    """What a period pays by itself: nothing that is sold or counted decides about it."""
    for word in parts.root["components"][name]:
        if word in {name_in_file(key, item) for key, item in Component.model_fields.items()} - {"per", "pays"}:
            because = f"`{_kind(parts, name)}` pays for the period alone, whatever counts"
            yield _useless(parts.at("components", name, word), word, because)


def _names_activities(item: Component) -> str:
    return "`counts: activities`" if item.pays.weighs is None else "kinds that do not list the activities themselves"


def _has(parts: Parts, name: str, word: str) -> bool:
    return word in parts.root["components"][name]


def _kinds(parts: Parts) -> Iterator[Problem]:
    """What moves the position is a count or money, as the rule kind needs; a rate needs money."""
    for name, item in parts.components.items():
        if item.counts == UNMEASURED or item.pays.pays_without_measure:
            continue
        at, counted = parts.at("components", name, "counts"), item.counts in COUNTED
        if item.pays.position_of is None and counted != (item.pays.moved_by == "count"):
            needs, stands = ("money", "a count") if counted else ("a count", "money")
            choose = words(MONEY) if counted else words(sorted(COUNTED))
            message = f"`{_kind(parts, name)}` pays for {needs} here, and `{item.counts}` is {stands}."
            yield Problem("MEASURE_KIND", at, f"{message} Choose one of {choose}.")
        elif item.pays.has_rates and (item.pays_on or item.counts) in COUNTED and item.pays.position_of is None:
            message = f"`{_kind(parts, name)}` pays a share of money, and `{item.counts}` is a count."
            yield Problem("MEASURE_KIND", at, f"{message} Add `pays_on`: {words(MONEY)}.")
        elif item.pays.weighs is not None and item.counts not in NOT_OF_DEALS:
            message = f"`{_kind(parts, name)}` are told by activities. Write `counts: activities`."
            yield Problem("MEASURE_KIND", at, message)
        elif item.counts in NOT_OF_DEALS and (item.pays_on or item.pays.position_of):
            message = f"`{item.counts}` are no deals, so nothing of deals is paid on them. Choose another measure."
            yield Problem("MEASURE_KIND", at, message)
        if item.pays_on is not None and (item.pays_on in {*COUNTED, *OPENED} or not item.pays.has_rates):
            message = f"`pays_on` is what rates apply to, a measure of money; choose {words(MONEY)}, or leave it out."
            yield Problem("MEASURE_KIND", parts.at("components", name, "pays_on"), message)


def _kind(parts: Parts, name: str) -> str:
    """The rule kind as written."""
    return str(next(iter(parts.root["components"][name]["pays"])))


def _settling(parts: Parts) -> Iterator[Problem]:
    """M8: where a result depends on others, or a count can fall."""
    for name, item in parts.components.items():
        if item.settle is None and TEAM in item.credit:
            yield _missing(parts, name, "settle", "the credit of others can still change (M8)")
        elif item.counts in OPENED and item.settle != "period_end":
            at = parts.at("components", name, "settle" if item.settle else "counts")
            message = f"`{item.counts}` can fall until the period is over (M8). Write `settle: period_end`."
            yield Problem("MISSING_KEY" if item.settle is None else "SETTLES_AT_END", at, message)
        elif item.settle is None and item.must_stay is not None:
            yield _missing(parts, name, "settle", "with `must_stay` the count can fall (M8)")
        elif item.settle is None and (item.counts == "delta_acv" or item.below_cost == "subtract"):
            yield _missing(parts, name, "settle", f"`{item.counts}` can fall (M8)")


# --- names


def _sources(parts: Parts) -> Iterator[Problem]:
    """`from` names rules of this plan, or `team` alone. Read as written, so that other mistakes do not hide it."""
    for name in parts.names("components"):
        written = parts.root["components"][name]
        named = written.get("from") if isinstance(written, Mapped) else None
        if isinstance(named, Text):
            yield from _source(parts, Listed([named]), named.at)
        elif isinstance(named, Listed) and all(isinstance(item, Text) for item in named):
            yield from _source(parts, named, named.at)


def _source(parts: Parts, named: Sequence[Text], at: Position) -> Iterator[Problem]:
    known = parts.names("credits")
    if not named:
        yield Problem("EMPTY_LIST", at, "`from` names no credit rule, so nothing would ever be paid.")
    if TEAM in named and len(named) > 1:
        yield Problem("TEAM_ALONE", at, "`team` stands alone: make two components of it.")
    if len(set(named)) < len(named):
        yield Problem("NAME_TWICE", at, "`from` names a credit rule twice; remove one.")
    for rule in (item for item in named if item != TEAM and item not in known):
        hint = did_you_mean(rule, [*known, TEAM])
        yield Problem("UNKNOWN_CREDIT_RULE", rule.at, f"`{rule}` is no credit rule of this plan.{hint}")


def _team(parts: Parts) -> Iterator[Problem]:
    if TEAM in parts.names("credits"):
        message = "`team` means the credit of the reports (C3). Give this rule another name."
        yield Problem("RESERVED_NAME", parts.root["credits"].key_at(TEAM), message)
    for name, item in parts.components.items():
        if TEAM in item.credit and item.own_deals is None:
            yield _missing(parts, name, "own_deals", "a manager may sell too (C4)")
        if TEAM not in item.credit and item.own_deals is not None:
            yield _useless(parts.at("components", name, "own_deals"), "own_deals", "it belongs to `from: team` (C4)")
        if TEAM not in item.credit and item.levels is not None:
            yield _useless(parts.at("components", name, "levels"), "levels", "it belongs to `from: team` (C4)")


def _used(parts: Parts) -> Iterator[Problem]:
    used = {rule for item in parts.components.values() for rule in item.credit}
    if len(parts.components) < len(parts.names("components")) or not used <= {*parts.names("credits"), TEAM}:
        return  # a component that could not be read, or a name written wrong, may mean it
    for name in parts.credits:
        if name not in used:
            message = f"no component pays from `{name}`; it credits deals for nothing but the reports of managers."
            yield Problem("UNUSED_CREDIT_RULE", parts.root["credits"].key_at(name), message, "notice")


# --- credit rules


def _credited(parts: Parts) -> Iterator[Problem]:
    for name, rule in parts.credits.items():
        to_role = rule.to != "seller"
        if to_role and not rule.overlay:
            message = f"credit to a role stands on top of the seller's 100% (C3). Write `overlay: yes` in `{name}`."
            yield Problem("ROLE_WITHOUT_OVERLAY", parts.at("credits", name, "to"), message)
        if rule.overlay and not to_role:
            message = "the seller's credit is the 100%, not on top of it (C3). Name a role, or remove `overlay`."
            yield Problem("OVERLAY_TO_SELLER", parts.at("credits", name, "overlay"), message)
        if "roll_up" in parts.root["credits"][name] and not to_role:
            because = "the seller's credit is passed to the managers anyway (C4)"
            yield _useless(parts.at("credits", name, "roll_up"), "roll_up", because)
        if rule.handover is not None and to_role:
            because = "a window belongs to `to: seller` (C2)"
            yield _useless(parts.at("credits", name, "handover"), "handover", because)
        yield from _window(parts, name, rule)


def _window(parts: Parts, name: str, rule: CreditRule) -> Iterator[Problem]:
    if rule.handover is None:
        return
    window = ("credits", name, "handover")
    last = rule.handover.share_last
    if not rule.handover.types:
        yield Problem("EMPTY_LIST", parts.at(*window, "for"), "`for` names no deal type, so the window never applies.")
    if last is not None and last.hunter + last.successor != 1:
        message = f"hunter and successor have {_percent(last.hunter + last.successor)} together; it must be 100%."
        yield Problem("SHARES_NOT_WHOLE", last.at, message)
    if last is not None and last.months > rule.handover.keep:
        message = f"the last {last.months} months are more than the window's {rule.handover.keep}."
        yield Problem("OUT_OF_RANGE", parts.at(*window, "share_last", "months"), message)


def _percent(share: Fraction) -> str:
    hundredths = share * 100
    return f"{hundredths}%" if hundredths.denominator == 1 else str(share)


def _rule_limits(parts: Parts) -> Iterator[Problem]:
    """What the matchers cannot take safely."""
    match: eligibility.Mode = "first" if parts.says("match") == "first" else "all"
    for problem in eligibility.limits(rule_set("", parts.credits, match)):
        path = [
            "credits",
            *([problem.rule] if problem.rule else []),
            *(["when", problem.field] if problem.field else []),
        ]
        yield Problem(problem.code, parts.at(*path), problem.message)


def _deal_types(parts: Parts) -> Iterator[Problem]:
    """L6, and components that none of their deals can move."""
    equal = parts.says("provisioning") == "equal"
    for name, item in parts.components.items():
        if not item.credit or not set(item.credit) <= set(parts.credits) - {TEAM}:
            continue
        reached = types_of(item, parts.credits, first=parts.says("match") == "first")
        at = parts.at("components", name, "from")
        if not any(reached[kind] for kind in _that_move(item)):
            only = words(kind for kind in reached if reached[kind]) or "no deals"
            message = f"`{name}` never pays: `{item.counts}` of {only} is always 0."
            yield Problem("NEVER_PAYS", at, message)
        elif _counts_new_business(item) and (difference := _unequal(name, reached)):
            yield _provisioning(at, difference, equal=equal)


def _counts_new_business(item: Component) -> bool:
    return item.counts not in COUNTED and not {item.counts, item.pays_on or item.counts} <= {"renewed_acv"}


def _provisioning(at: Position, message: str, *, equal: bool) -> Problem:
    if not equal:
        return Problem("PROVISIONING_DIFFERS", at, message, "notice")
    hint = " Credit them alike, or write `provisioning: differs`."
    return Problem("PROVISIONING_NOT_EQUAL", at, message + hint)


def _that_move(item: Component) -> tuple[str, ...]:
    measures = {item.counts, item.pays_on or item.counts}
    return tuple({kind for measure in measures for kind in MOVED_BY.get(measure, NEW_BUSINESS)})


def _unequal(name: str, reached: Mapping[str, Ways]) -> str | None:
    paid = [kind for kind in NEW_BUSINESS if reached[kind]]
    unpaid = [kind for kind in NEW_BUSINESS if not reached[kind]]
    if not paid:
        return None
    if unpaid:
        return f"`{name}` pays for {words(paid)} and not for {words(unpaid)} (L6)."
    other = [kind for kind in paid if reached[kind] != reached[paid[0]]]
    return f"`{name}` pays for {words(other)} under other conditions than for `{paid[0]}` (L6)." if other else None


# --- quotas and positions


def _quotas(parts: Parts) -> Iterator[Problem]:
    for name, item in parts.components.items():
        if item.quota is None and item.zero_quota is not None:
            at = parts.at("components", name, "zero_quota")
            yield _useless(at, "zero_quota", "there is no `quota`")
        if item.quota is not None and item.zero_quota is None and item.pays.shared_out is None:
            yield _missing(parts, name, "zero_quota", f"`quota: {item.quota}` needs it (M4)")
        if item.quota_opens and name in parts.clean:
            yield from _opening_quota(parts, name, item)
        if name in parts.clean and item.quota is None:
            yield from _without_quota(parts, name, item)


def _opening_quota(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    """What a period opens with is a quota of the measure that opens with it, and no assignment's (M6)."""
    at, of_measure = parts.at("components", name, "quota"), OPENING_QUOTAS.get(item.counts)
    if item.quota != of_measure:
        measure = next(key for key, quota in OPENING_QUOTAS.items() if quota == item.quota)
        instead = f"`counts: {item.counts}` takes `{of_measure or 'from assignment'}`"
        yield Problem("MEASURE_KIND", at, f"`{item.quota}` belongs to `counts: {measure}`; {instead}.")
    if item.pays.template().uses_base:
        message = (
            "`base` is target incentive / full-year quota (M4), and what a period opens with is no quota of a year."
        )
        yield Problem("MEASURE_KIND", at, f"{message} Pay in `steps` of the target incentive.")
    if item.carry in ("reset", "blend"):
        message = f"`carry: {item.carry}` parts a period, and it opens once. Write `carry: continue`."
        yield Problem("CARRY_PARTS_OPENING", parts.at("components", name, "carry"), message)


def _opened(parts: Parts) -> Iterator[Problem]:
    """Words about single deals, where accounts open the period (M6)."""
    for name, item in parts.components.items():
        if item.counts not in OPENED:
            continue
        own = "losses lower what is kept by themselves (L5)"
        words_ = {"clawback": own, "windfall": "no deal is paid by itself", "minimum_per_deal": "no deal is"}
        for word, because in words_.items():
            if _has(parts, name, word):
                yield _useless(parts.at("components", name, word), word, because)
        if item.pays.span != "period":
            message = f"`{item.counts}` adds up over the period, and here each deal would begin anew."
            yield Problem("MEASURE_KIND", parts.at("components", name, "counts"), f"{message} Write `by: attainment`.")


def _without_quota(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    template = item.pays.template()
    if template.uses_base:
        yield _missing(parts, name, "quota", "`base` is target incentive x weight / quota (M4)")
    elif template.needs_quota and item.pays.position_of is None:
        yield _missing(parts, name, "quota", "attainment is the measure divided by it (M4)")


def _by_target(parts: Parts) -> list[str]:
    """The components that pay shares of the target incentive: by `base`, or in steps of it."""
    templates = {name: parts.components[name].pays.template() for name in parts.components if name in parts.clean}
    return [name for name, template in templates.items() if template.uses_base or template.uses_target]


def _weights(parts: Parts) -> Iterator[Problem]:
    by_base = _by_target(parts)
    weighed = {name: item.weight for name, item in parts.components.items() if _has(parts, name, "weight")}
    for name in by_base if len(by_base) > 1 else ():
        if name not in weighed:
            because = f"{words(by_base)} all pay shares of the target incentive (M4)"
            yield _missing(parts, name, "weight", because)
    if (total := sum(weighed.values(), Fraction(0))) > 1:
        at = parts.at("components", list(weighed)[-1], "weight")
        yield Problem("WEIGHTS_ABOVE_100", at, f"the weights sum to {_percent(total)}; at most 100% can be paid out.")
    if 0 < total < 1 and set(by_base) == set(weighed) == set(parts.names("components")):
        at = parts.at("components", list(weighed)[-1], "weight")
        message = (
            f"the weights sum to {_percent(total)}: at 100% of every quota less than the target incentive is paid."
        )
        yield Problem("WEIGHTS_BELOW_100", at, message, "notice")
    for name in weighed:
        if name in parts.clean and name not in by_base and not _uses_target(parts.components[name]):
            because = "neither `base` nor steps of the target incentive nor `zero_quota: pay_target` use it"
            yield _useless(parts.at("components", name, "weight"), "weight", because)


def _uses_target(item: Component) -> bool:
    """Whether the period's target, of which the weight is a part, decides any cents."""
    return item.zero_quota == "pay_target" or isinstance(item.cap, Fraction) or isinstance(item.floor, Fraction)


def _positions(parts: Parts) -> Iterator[Problem]:
    """`by: attainment of COMPONENT` (M1)."""
    for name, item in parts.components.items():
        if item.pays.position_of is None:
            continue
        at = parts.at("components", name, "pays", _kind(parts, name), "by")
        other = parts.components.get(item.pays.position_of)
        if item.pays.position_of not in parts.names("components"):
            known = [key for key in parts.names("components") if key != name]
            message = (
                f"`{item.pays.position_of}` is no component of this plan.{did_you_mean(item.pays.position_of, known)}"
            )
            yield Problem("UNKNOWN_COMPONENT", at, message)
        elif other is not None:
            yield from (
                Problem(code, at, message) for code, message in _shared(name, item, item.pays.position_of, other)
            )


def _shared(name: str, item: Component, other_name: str, other: Component) -> Iterator[tuple[str, str]]:
    if other_name == name:
        yield "POSITION_OF_ITSELF", "a component has its own position by itself. Write `by: attainment`."
    elif other.pays.position_of is not None:
        message = f"`{other_name}` itself stands at the position of `{other.pays.position_of}`; name that one."
        yield "POSITION_DERIVED", message
    elif other.pays.span != "period":
        yield "POSITION_DERIVED", f"in `{other_name}` each deal begins anew, so it has no attainment to go by."
    elif other.counts in COUNTED:
        yield "MEASURE_KIND", f"`{other_name}` counts `{other.counts}`; a shared position is one of money."
    elif other.per != item.per:
        yield "PERIODS_DIFFER", f"`{other_name}` is per {other.per}, `{name}` per {item.per}; they must be the same."
    elif other.quota is None:
        yield (
            "QUOTA_OF_OTHER",
            f"`{other_name}` has no quota, so it has no attainment. Give it `quota: from assignment`.",
        )


# --- taking back


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
            yield _useless(parts.at("components", name, "clawback"), "clawback", because)
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
    return (said.basis, said.attainment, said.schedule) if isinstance(said, Clawback) else said


Check = Callable[[Parts], Iterator[Problem]]
CHECKS: tuple[Check, ...] = (
    *(_dates, _sizes, _measures, _kinds, _settling, _sources, _team, _used, _credited, _rule_limits, _deal_types),
    *(
        _quotas,
        _weights,
        _positions,
        modifiers,
        check_pay,
        check_quotas,
        check_rules,
        _clawbacks,
        _beyond_clawback,
        _lost_twice,
        _clawbacks_of_shared,
    ),
    *(_opened, contests, ramps),
)
