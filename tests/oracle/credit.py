"""Which part of which stage event moves whose list: rules, roles, overlays, team credit (C1 to C5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from compsvc.core.plan import Component, Plan
from compsvc.core.plan_credits import CreditRule

from .chain import Chain, Governed, counting_date
from .derived import Derived, Families, Lens, condition_facts, holds, lens_of
from .exact import split
from .holders import Holders, Part
from .money_changed import changed, rate
from .rows import Company, Event, Subject, begun_of
from .team import ManagerLine
from .worth import STAGES, Loss, Worth, acv, worth

Reason = tuple[str, str, int, int, str | None, str | None, str]  # subject, plan, component, code
TEAM = ("team",)
AMOUNTS = ("acv", "annual_value", "one_time_value")  # condition fields in the plan's currency


@dataclass
class Credit:
    participant: str
    plan: str
    component: str
    governed: Governed
    event: Event  # what it is for; of a take-back, the churn line
    counts: int
    pays: int
    route: str
    loss_of: Event | None = None  # of a take-back: the logo's event
    whole: int = 0  # the value of the line before it is split


@dataclass(frozen=True)
class Share:
    """Somebody's place in the split of one event, under one component."""

    participant: str
    place: int
    of: tuple[Fraction, ...]
    route: str


class Crediting:
    def __init__(self, company: Company, plans: list[Plan]) -> None:
        names = sorted({plan.plan for plan in plans})
        self.company = company
        self.chains = {name: Chain(plan for plan in plans if plan.plan == name) for name in names}
        self.families = Families(company)
        self.reasons: set[Reason] = set()
        self.unvalued: list[tuple[Subject, str, str, str, int | None]] = []  # what lines without term value would count
        self._derived: dict[Lens, Derived] = {}
        self._facts: dict[tuple[Lens, Subject], dict[str, object]] = {}
        self._fired: dict[tuple[str, Subject], list[str]] = {}
        self._worth: dict[tuple[object, ...], Worth] = {}
        self._lines = ManagerLine(company)
        staged = any(item.ramp == STAGES for plan in plans for item in plan.components.values())
        self.begun = begun_of(company.deals) if staged else []
        self.by_subject = {event.subject: event for event in [*company.events, *self.begun]}
        self.holders = Holders(company, lambda name, day: self.chains[name].on(day), self.derived, self.fired, plans)
        self._credited: dict[Subject, set[str]] = {}  # holders whom a rule of a plan of theirs credits
        self._listed: dict[Subject, set[str]] = {}  # the same, also where the plan is not in force yet
        self._any_fired: set[Subject] = set()  # by a rule to the seller

    def credits(self, events: list[Event]) -> Iterator[Credit]:
        """All credits for these events; `reasons` is complete once they are read."""
        for chain in self.chains.values():
            for event in events:
                self._note_rules(chain, event)
        for chain in self.chains.values():
            for event in events:
                for name in chain.components:
                    yield from self._for_component(chain, name, event)
        for event in events:
            self._note_reasons(event)
        lines = {event.subject for event in events}
        yield from self._stages_that_begin([event for event in self.begun if (*event.subject[:3], 0) in lines])

    def _stages_that_begin(self, begun: list[Event]) -> Iterator[Credit]:
        """Each under the components that say so and that counted its line. What keeps it from counting is listed with
        the line; managers have their part by the credit of the line."""
        listed = set(self.reasons)
        for chain in self.chains.values():
            for event in begun:
                self._note_rules(chain, event)
        for chain in self.chains.values():
            for event in begun:
                for name in chain.components:
                    if chain.last(name).ramp == STAGES and self._since(chain, name, event):
                        yield from self._for_component(chain, name, event)
        self.reasons = listed

    def _since(self, chain: Chain, name: str, event: Event) -> bool:
        """Whether the component was there when the stage's line counted."""
        first = next(plan for plan in chain.revisions if name in plan.components)
        return counting_date(first, chain.last(name).per, self._line_of(event)) >= first.effective

    def _line_of(self, event: Event) -> Event:
        return self.by_subject[(*event.subject[:3], 0)] if event.begins is not None else event

    # --- derived facts and worth, worked out once for all that agree on what decides them

    def derived(self, lens: Lens) -> Derived:
        if lens not in self._derived:
            self._derived[lens] = Derived(self.company, self.families, lens)
        return self._derived[lens]

    def worth(self, measure: str, plan: Plan, terms: Component) -> Worth:
        limits: tuple[object, ...] = (terms.logo, terms.minimum_deal_minor, terms.must_stay, terms.below_cost)
        for rates in (terms.present_value, terms.ltv):
            limits += (rates and (rates.discount, rates.churn, getattr(rates, "horizon", None)),)
        key = (
            measure,
            lens_of(plan),
            plan.rounding,
            plan.currency,
            _fx(plan),
            terms.one_time,
            _plain(terms.ramp),
            limits,
        )
        if key not in self._worth:
            derived = self.derived(lens_of(plan))
            self._worth[key] = worth(measure, self.company, self.families, derived, plan, terms)
        return self._worth[key]

    def _condition_facts(self, lens: Lens, event: Event) -> dict[str, object]:
        key = lens, event.subject
        if key not in self._facts:
            derived = self.derived(lens)
            account = self.company.account_on(event.deal.account, event.closed)
            self._facts[key] = condition_facts(event, derived, acv(event, self.company, derived, False), account)
        return self._facts[key]

    def _fits(self, plan: Plan, rule: str, event: Event) -> bool:
        facts = self._condition_facts(lens_of(plan), self._line_of(event))
        money = {name: facts[name] for name in AMOUNTS if facts[name] is not None}
        deal = event.deal
        changed_money = {
            name: changed(self.company, plan, deal.currency, event.closed, minor) for name, minor in money.items()
        }
        return holds(plan.credits[rule].when, {**facts, **changed_money})

    def fired(self, plan: Plan, event: Event) -> list[str]:
        """The names of the rules whose conditions hold, by priority and then as written; under `first` only one."""
        key = plan.revision, event.subject
        if key not in self._fired:
            ordered = sorted(plan.credits, key=lambda name: plan.credits[name].priority)
            names = [name for name in ordered if self._fits(plan, name, event)]
            self._fired[key] = names[:1] if plan.match == "first" else names
        return self._fired[key]

    # --- rules

    def _note_rules(self, chain: Chain, event: Event) -> None:
        """Whom the rules of the plan credit, and what then keeps the credit from counting."""
        governed = [chain.governed(name, event) for name in chain.components]
        in_force = {item.plan.revision: item.plan for item in governed if item is not None}
        for plan in in_force.values() or chain.revisions[:1]:
            for name in self.fired(plan, event):
                rule = plan.credits[name]
                parts = self._parts(plan, rule, event)
                if parts is None:
                    continue
                credited = {part.participant for part in parts if self._is_credited(part, chain.name, event.closed)}
                if rule.to == "seller":
                    self._any_fired.add(event.subject)
                    self._listed.setdefault(event.subject, set()).update(credited)
                if rule.to == "seller" and in_force:
                    self._credited.setdefault(event.subject, set()).update(credited)
                if credited and not in_force:
                    self._reason(event, chain.name, None, "BEFORE_PLAN")
                elif credited and rate(self.company, plan, event.deal.currency, event.closed) is None:
                    self._reason(event, chain.name, None, "CURRENCY_WITHOUT_RATE")

    def _parts(self, plan: Plan, rule: CreditRule, event: Event) -> list[Part] | None:
        """Whom the rule means; None where it does not concern the deal."""
        if rule.to == "seller":
            return self.holders.of(event)
        named = event.deal.roles.get(rule.to.removeprefix("role "), [])
        if not named:
            return None
        if len(named) > 1 and any(share is None for _, share in named):
            self._reason(event, plan.plan, None, "ROLE_WITHOUT_SHARES")
            return []
        return [Part(person, Fraction(1) if share is None else share, "role") for person, share in named]

    def _is_credited(self, part: Part, plan: str, day: date) -> bool:
        if part.participant is None:
            return False
        return part.paid_out_by == plan or self.company.assigned(part.participant, plan, day) is not None

    def _reason(self, event: Event, plan: str | None, component: str | None, code: str) -> None:
        self.reasons.add((*event.subject, plan, component, code))

    def _note_reasons(self, event: Event) -> None:
        """What keeps a part of the 100% from its holder; overlay credit does not help."""
        credited = self._listed.get(event.subject, set())
        for part in self.holders.of(event):
            if part.code is not None:
                self._reason(event, None, None, part.code)
            elif event.subject not in self._any_fired:
                self._reason(event, None, None, "NO_RULE")
            elif part.participant not in credited:
                self._reason(event, None, None, "NOT_ASSIGNED")

    # --- credits

    def _for_component(self, chain: Chain, name: str, event: Event) -> Iterator[Credit]:
        governed = chain.governed(name, event)
        if governed is None:
            return
        component, plan = governed.component, governed.plan
        if component.counts in ("earnings", "own_earnings"):
            return
        team = component.credit == TEAM
        shares = self._team_shares(chain, component, event) if team else self._shares(plan, component, event)
        if shares and rate(self.company, plan, event.deal.currency, event.closed) is None:
            self._reason(event, chain.name, None, "CURRENCY_WITHOUT_RATE")
            return
        if not shares:
            return
        counts_worth = self.worth(component.counts, plan, component)
        pays_worth = self.worth(component.pays_on or component.counts, plan, component)
        counts, pays = counts_worth.of(event), pays_worth.of(event)
        if counts is None or pays is None:
            self._reason(event, chain.name, name, _missing(component, event))
            for participant, of in _by_participant(shares).items():
                self.unvalued.append((event.subject, participant, chain.name, name, _moved(component, counts, of)))
            return
        if component.counts == "deals" and not self._counts_the_deal(chain, name, event, counts_worth):
            counts, pays = 0, pays if component.pays_on else 0  # what rates apply to is each line's own
        loss = counts_worth.losses.get(event.subject)
        for participant, of in _by_participant(shares).items():
            figures = _moved(component, counts, of), _part(pays, of)
            credit = Credit(participant, chain.name, name, governed, event, *figures, of[0].route, whole=counts)
            yield credit
            if loss is not None:
                yield _taken_back(credit, loss)

    def _counts_the_deal(self, chain: Chain, name: str, event: Event, values: Worth) -> bool:
        """Whether no line before it is credited and counts the deal already."""
        before = [other for other in self.company.events if other.deal is event.deal and other.option is None]
        before = [other for other in before if other.line.number < event.line.number and values.of(other)]
        return not any(self._shares_of(chain, name, other) for other in before)

    def _shares_of(self, chain: Chain, name: str, event: Event) -> list[Share]:
        governed = chain.governed(name, event)
        if governed is None:  # of another counting date, under no revision that has the component
            return []
        if governed.component.credit == TEAM:
            return self._team_shares(chain, governed.component, event)
        return self._shares(governed.plan, governed.component, event)

    def _shares(self, plan: Plan, component: Component, event: Event) -> list[Share]:
        """Each participant once, by the first rule that gives a part."""
        found: dict[str, Share] = {}
        for name in self.fired(plan, event):
            parts = self._parts(plan, plan.credits[name], event) if name in component.credit else None
            of = tuple(part.share for part in parts or ())
            for place, part in enumerate(parts or ()):
                if part.participant not in found and self._is_credited(part, plan.plan, event.closed):
                    found[part.participant] = Share(part.participant, place, of, part.route)
        return list(found.values())

    def above(self, chain: Chain, component: Component, participant: str, day: date) -> set[str]:
        """Who under this plan has the participant's earnings counted."""
        steps = self._lines.above(participant, day)
        managers = {manager for manager, number in steps.items() if _in_levels(number, component.levels)}
        if component.own_deals == "in":
            managers.add(participant)
        return {manager for manager in managers if self.company.assigned(manager, chain.name, day)}

    def _team_shares(self, chain: Chain, component: Component, event: Event) -> list[Share]:
        """The holders' parts, passed to each manager above who is under this plan; to whom none of them is the own or
        comes from below, what an overlay rule passes."""
        credited = self._credited.get(event.subject, set())
        parts = self.holders.of(event)
        held = [(place, part) for place, part in enumerate(parts) if part.participant in credited]
        found = self._passed(chain, component, event, parts, held, "team")
        reached = {person for _, part in held for person in self._and_above(part.participant, event.closed)}
        for overlay, own in self._rolled_up(event):
            passed = self._passed(chain, component, event, overlay, own, "team_overlay")
            found += [share for share in passed if share.participant not in reached]
            reached |= {person for _, part in own for person in self._and_above(part.participant, event.closed)}
        return found

    def _passed(
        self, chain: Chain, component: Component, event: Event,
        parts: Sequence[Part], held: list[tuple[int, Part]], route: str,
    ) -> list[Share]:  # fmt: skip
        of = tuple(part.share for part in parts)
        return [
            Share(manager, place, of, route)
            for place, part in held
            for manager in sorted(self.above(chain, component, str(part.participant), event.closed))
        ]

    def _and_above(self, participant: str | None, day: date) -> set[str]:
        assert participant is not None
        return {participant, *self._lines.above(participant, day)}

    def _rolled_up(self, event: Event) -> Iterator[tuple[Sequence[Part], list[tuple[int, Part]]]]:
        """The parts of each overlay rule that says `roll_up` and fired, by priority, plan and place in the file."""
        rules = []
        for chain in self.chains.values():
            in_force = {
                item.plan.revision: item.plan for name in chain.components if (item := chain.governed(name, event))
            }
            for plan in sorted(in_force.values(), key=lambda plan: plan.effective):
                for place, (name, rule) in enumerate(plan.credits.items()):
                    if rule.roll_up and name in self.fired(plan, event):
                        rules.append(((rule.priority, plan.plan, place, plan.effective), plan, rule))
        for _, plan, rule in sorted(rules, key=lambda each: each[0]):
            parts = self._parts(plan, rule, event) or []
            yield parts, [pair for pair in enumerate(parts) if self._is_credited(pair[1], plan.plan, event.closed)]


def _in_levels(number: int, levels: str | None) -> bool:
    """`2` is the second level alone, `2..3` two of them, `2..` all from the second on."""
    if levels is None:
        return True
    first, dots, last = levels.partition("..")
    return int(first) <= number and (number <= int(last) if last else bool(dots) or number == int(first))


def _by_participant(shares: list[Share]) -> dict[str, list[Share]]:
    found: dict[str, list[Share]] = {}
    for share in shares:
        found.setdefault(share.participant, []).append(share)
    return found


def _part(value: int | None, shares: list[Share]) -> int | None:
    return None if value is None else sum(split(value, share.of)[share.place] for share in shares)


def _moved(component: Component, value: int | None, shares: list[Share]) -> int | None:
    """What moves the position: the participant's part, or the whole where the deal's amount decides the tier."""
    return value if getattr(component.pays, "by", "") == "deal" else _part(value, shares)


def _taken_back(credit: Credit, loss: Loss) -> Credit:
    return Credit(
        credit.participant,
        credit.plan,
        credit.component,
        credit.governed,
        loss.churn,
        -credit.counts,
        -credit.pays,
        credit.route,
        loss_of=credit.event,
    )


def _fx(plan: Plan) -> object:
    return None if plan.fx is None else (plan.fx.table, plan.fx.rate, plan.effective)


def _missing(component: Component, event: Event) -> str:
    if component.counts == "units":
        return "QUANTITY_MISSING"
    by_cost = "margin" in (component.counts, component.pays_on)
    return "COST_MISSING" if by_cost and (event.line.cost is None or event.option is not None) else "TERM_MISSING"


def _plain(ramp: object) -> object:
    """A ramp's terms without their place in the file."""
    return ramp if ramp in (None, STAGES) else (ramp.term_at_least, ramp.last_stage_at_least, ramp.below_limits)
