"""What has to fit together where a component looks at a measure besides its own: gates and multipliers (M6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from compsvc.core.currencies import EXPONENTS
from compsvc.core.modifiers import asked
from compsvc.core.money import format_minor
from compsvc.core.node import Mapped
from compsvc.core.periods import PER_YEAR
from compsvc.core.plan import COUNTED, EARNINGS, NOT_OF_DEALS, OF_EARNINGS, OWN_EARNINGS, UNMEASURED, Component
from compsvc.core.plan_check_parts import Parts, useless
from compsvc.core.plan_modifiers import OWN_MEASURE, Gate, PlanBound
from compsvc.core.problems import Position, Problem, did_you_mean


def modifiers(parts: Parts) -> Iterator[Problem]:
    for name, item in parts.components.items():
        for number, gate in enumerate(item.gates):
            at = parts.at("components", name, "gate", number, "measure")
            yield from _asked(parts, name, gate.measure, at, share=isinstance(gate.at_least, Fraction))
            yield from _gate(parts, name, item, number)
        yield from _gates_twice(parts, name, item.gates)
        if item.multiplier is not None:
            at = parts.at("components", name, "multiplier", "by")
            yield from _asked(parts, name, item.multiplier.of, at, share=True)
        yield from _bounds(parts, name, item)
        yield from _earnings(parts, name, item)
    yield from _circles(parts)
    yield from _plan_bounds(parts)


def _asked(parts: Parts, name: str, measure: str, at: Position, *, share: bool) -> Iterator[Problem]:
    """The component that is asked: it is there, it is another one, and has a quota where shares of it are meant."""
    if measure == name:
        yield Problem("POSITION_OF_ITSELF", at, "a component asks its own measure by the word `own`, or `attainment`.")
        return
    if measure != OWN_MEASURE and measure not in parts.names("components"):
        known = [OWN_MEASURE, *(key for key in parts.names("components") if key != name)]
        yield Problem(
            "UNKNOWN_COMPONENT", at, f"`{measure}` is no component of this plan.{did_you_mean(measure, known)}"
        )
        return
    other = parts.components.get(name if measure == OWN_MEASURE else measure)
    if other is None or not share:
        return
    shared = parts.components.get(other.pays.position_of) if other.pays.position_of is not None else other
    if shared is not None and shared.quota is None:
        whose = "this component" if measure == OWN_MEASURE else f"`{measure}`"
        what = "a number" if other.counts in COUNTED else "an amount"
        message = (
            f"{whose} has no quota, so there is no share of it. Give it `quota: from assignment`, or ask for {what}."
        )
        yield Problem("QUOTA_OF_OTHER", at, message)


def _gate(parts: Parts, name: str, item: Component, number: int) -> Iterator[Problem]:
    gate = item.gates[number]
    if gate.at_least <= 0:
        message = "this gate is always open: nothing is below 0. Write what has to be reached, or leave the gate out."
        yield Problem("GATE_ALWAYS_OPEN", parts.at("components", name, "gate", number, "at_least"), message)
    yield from _like_a_share(parts, name, gate, number)
    if gate.above is None:
        return
    at = parts.at("components", name, "gate", number, "above")
    if gate.measure != OWN_MEASURE:
        message = "only of a component's own measure is there a part above the gate (M6). Remove `above`."
        yield Problem("GATE_ABOVE", at, message)
    elif name in parts.clean and (why := _not_above(item, gate)):
        yield Problem("GATE_ABOVE", at, f"{why} Remove `above`, or write the table to fit.")


LIKE_A_SHARE = 200  # in units of the currency: who writes so little of a measure with a quota means percent


def _like_a_share(parts: Parts, name: str, gate: Gate, number: int) -> Iterator[Problem]:
    asked = parts.components.get(name if gate.measure == OWN_MEASURE else gate.measure)
    if asked is None or asked.quota is None or asked.counts in COUNTED or isinstance(gate.at_least, Fraction):
        return
    currency = parts.says("currency") or ""
    exponent = EXPONENTS.get(currency, 2)
    if 0 < gate.at_least <= LIKE_A_SHARE * 10**exponent:
        amount = format_minor(gate.at_least, exponent)
        message = f"this is an amount, {amount} {currency}. A share of the quota has a percent sign, as `80%`."
        at = parts.at("components", name, "gate", number, "at_least")
        yield Problem("GATE_LIKE_SHARE", at, message, severity="notice")


def _gates_twice(parts: Parts, name: str, gates: Sequence[Gate]) -> Iterator[Problem]:
    """Of two that ask one measure in one unit the higher decides; one beside `above: only` is higher than that."""
    for number, gate in enumerate(gates):
        others = [other for other in gates[:number] if _asks_the_same(other, gate)]
        alike = next((other for other in others if (other.above is None) == (gate.above is None)), None)
        at = parts.at("components", name, "gate", number)
        if alike is not None and gate.above is not None:
            message = "only what is above one gate pays: two of them say `above: only`. Keep the higher one."
            yield Problem("GATE_TWICE", at, message)
        elif alike is not None:
            whose = "its own measure" if gate.measure == OWN_MEASURE else f"`{gate.measure}`"
            message = (
                f"another gate of this component asks {whose} in this unit too, and the higher one decides. Keep it."
            )
            yield Problem("GATE_TWICE", at, message)
        elif any(_does_nothing(one, other) for other in others for one, other in ((gate, other), (other, gate))):
            message = "one of two gates does nothing: below `above: only` nothing is paid, reached or not."
            yield Problem("GATE_TWICE", at, f"{message} Raise the other one, or remove it.")


def _asks_the_same(one: Gate, other: Gate) -> bool:
    both_above = one.above is not None and other.above is not None
    return both_above or (one.measure == other.measure and type(one.at_least) is type(other.at_least))


def _does_nothing(one: Gate, other: Gate) -> bool:
    return one.above is None and other.above is not None and one.at_least <= other.at_least


def _not_above(item: Component, gate: Gate) -> str | None:
    made = item.pays.template()
    if item.pays.span != "period":
        return "each deal begins anew here, and a gate has one value for the period."
    if made.mode == "retroactive":
        return (
            "a retroactive table pays the tier reached on everything, and `above: only` not on what is below the gate."
        )
    if made.position == "count" or any(jump.ratio for jump in made.jumps):
        return "a bonus at a point has no part above the gate."
    of_quota = isinstance(gate.at_least, Fraction)
    if len(made.pieces) > 1 and made.needs_quota != of_quota:
        return "the gate and the tiers are of different units: shares of the quota and amounts."
    return None


def _earnings(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    """`counts: earnings` are those of the reports, and known last; `own_earnings` are of other components (M7)."""
    yield from _read_by(parts, name, item)
    if item.counts in OF_EARNINGS and item.clawback is not None:
        because = "earnings that count fall with those that they are of (M7)"
        yield useless(parts.at("components", name, "clawback"), "clawback", because)
    if item.counts == EARNINGS and item.credit and item.credit != ("team",):
        message = "earnings that count are those of the reports. Write `from: team`."
        yield Problem("MEASURE_KIND", parts.at("components", name, "from"), message)
    if item.pays_on is not None and OF_EARNINGS & {item.counts, item.pays_on}:
        message = "rates on earnings apply to what counts. Leave `pays_on` out."
        yield Problem("MEASURE_KIND", parts.at("components", name, "pays_on"), message)
    shared = parts.components.get(item.pays.position_of or "")
    if shared is not None and OF_EARNINGS & {shared.counts, item.counts}:
        message = "a position of earnings is not shared: it is known only once all the others are paid."
        yield Problem("MEASURE_KIND", parts.at("components", name, "pays"), message)


def _read_by(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    """The components whose pay counts: they are there, and pay for deals; none waits for a review that may refuse."""
    for other in (item.of or ()) if item.counts == OWN_EARNINGS else ():
        at = parts.at("components", name, "of")
        known = [key for key in parts.names("components") if key != name]
        found = parts.components.get(other)
        if other not in known:
            message = f"`{other}` is no other component of this plan.{did_you_mean(other, known)}"
            yield Problem("UNKNOWN_COMPONENT", at, message)
        elif found is not None and found.counts in (NOT_OF_DEALS | {UNMEASURED}) - OF_EARNINGS:
            message = f"`{other}` pays for no deals, and pay counts deal by deal. Name components that pay for deals."
            yield Problem("MEASURE_KIND", at, message)
        elif found is not None and found.windfall is not None and found.windfall.pays == "review":
            message = f"`{other}` leaves windfalls to a review, and no rule says which share of them counts before it. "
            message += "Write a share there, such as `pay: 50%`, or count another component."
            yield Problem("MODIFIER_UNFIT", at, message)


def _circles(parts: Parts) -> Iterator[Problem]:
    """Components that wait for each other."""
    waits = {name: {*asked(item), *(item.of or ())} - {OWN_MEASURE, name} for name, item in parts.components.items()}
    earned = {name for name, item in parts.components.items() if item.counts == EARNINGS}
    waits |= {name: waits[name] | (waits.keys() - earned) for name in earned}
    for name in waits:
        reached, level = [name], waits[name]
        while level and name not in level:
            reached += sorted(level)
            level = {other for each in level for other in waits.get(each, ())} - set(reached[1:])
        if name in level:
            at = parts.at("components", name)
            message = f"`{name}` looks at itself by way of {', '.join(f'`{other}`' for other in reached[1:])}."
            yield Problem("COMPONENTS_IN_CIRCLE", at, f"{message} Let one of them look at something else.")


# --- caps, floors, minimums, windfalls (T3)


def _bounds(parts: Parts, name: str, item: Component) -> Iterator[Problem]:
    cap, floor = item.cap, item.floor
    if type(cap) is type(floor) and cap is not None and floor is not None and cap < floor:
        message = "the cap is below the floor, so both cannot hold. Raise the one, or lower the other."
        yield Problem("CAP_BELOW_FLOOR", parts.at("components", name, "cap"), message)
    for word in ("cap", "floor"):
        if getattr(item, word) is not None and getattr(item, word) <= 0:
            yield Problem("OUT_OF_RANGE", parts.at("components", name, word), f"a {word} stands above 0.")
    for word, given in (("windfall", item.windfall), ("minimum_per_deal", item.minimum_per_deal_minor)):
        if given is None:
            continue
        at = parts.at("components", name, word)
        if item.counts in COUNTED:
            message = f"`{word}` is about the value of a deal, and a count has none. Remove it."
            yield Problem("MODIFIER_UNFIT", at, message)
        elif item.pays_on is not None or item.pays.position_of is not None:
            other = (
                "`pays_on` names another one" if item.pays_on is not None else "another component moves the position"
            )
            message = (
                f"`{word}` goes by the value of a deal as this component counts and pays it, and {other}: two values, "
                "and no rule says which. Make a component of its own."
            )
            yield Problem("MODIFIER_UNFIT", at, message)


def _plan_bounds(parts: Parts) -> Iterator[Problem]:
    yield from _plan_amounts(parts, parts.pay.get("cap"), parts.pay.get("floor"))
    bounds = {word: _read_bound(parts, word) for word in ("cap", "floor")}
    for word, per in bounds.items():
        for name, item in parts.components.items():
            if per in PER_YEAR and PER_YEAR[item.per] < PER_YEAR[per]:
                adds = f"which adds up per {item.per}"
                message = f"a {word} per {per} cannot hold for `{name}`, {adds}. Write `per: {item.per}`."
                yield Problem("PERIODS_DIFFER", parts.at(word, "per"), message)
                break


def _plan_amounts(parts: Parts, cap: object, floor: object) -> Iterator[Problem]:
    for word, found in (("cap", cap), ("floor", floor)):
        if isinstance(found, PlanBound) and found.amount_minor == 0:
            yield Problem("OUT_OF_RANGE", parts.at(word, "amount"), f"a {word} stands above 0.")
    if not isinstance(cap, PlanBound) or not isinstance(floor, PlanBound) or cap.per != floor.per:
        return
    if 0 < cap.amount_minor < floor.amount_minor:
        message = f"the plan's cap per {cap.per} is below its floor, so both cannot hold. Raise the one, or lower"
        yield Problem("CAP_BELOW_FLOOR", parts.at("cap", "amount"), f"{message} the other.")


def _read_bound(parts: Parts, word: str) -> str:
    written = parts.root.get(word)
    return str(written.get("per", "")) if isinstance(written, Mapped) else ""
