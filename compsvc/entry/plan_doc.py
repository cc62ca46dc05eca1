"""A plan in plain language: who is credited, what counts, what it pays, drawn and worked out, and its terms.

Made of the plan's models and of the components' curves. It knows no rule kind and no word of the language by name but
those that begin a section; everything else is said by `plan_sentences.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from compsvc.core.conditions import field_of
from compsvc.core.currencies import EXPONENTS
from compsvc.core.eligibility import Condition
from compsvc.core.plan import COUNTED, EARNINGS, Component, Plan
from compsvc.core.plan_credits import CreditRule
from compsvc.core.plan_modifiers import OWN_MEASURE, Gate
from compsvc.core.plan_sample import Sample, Terms, elsewhere, sample
from compsvc.core.plan_sample_handover import Landing, landings
from compsvc.core.rules import Award, Contest, Pooled
from compsvc.core.statement_standing import measure, pays_apart
from compsvc.entry.doc_blocks import Block, Bullets, Document, Heading, Paragraph, Table, Together
from compsvc.entry.locales import Locale
from compsvc.entry.plan_doc_curve import Shown
from compsvc.entry.plan_doc_objectives import objectives
from compsvc.entry.plan_sentences import Speaker

_TITLED = frozenset({"plan", "title", "effective", "currency", "credits", "components"})
_LED = frozenset({"counts", "of", "from", "per", "pays"})
_TEAM = "team"


def plan_document(plan: Plan, terms: Terms, locale: Locale, own: Mapping[str, Terms] | None = None) -> Document:
    """`terms` are those of the worked examples, where a component has none of its `own`."""
    speaker = Speaker(locale, plan.currency)
    blocks = [
        Paragraph(speaker.phrase("intro", plan=plan.plan, date=speaker.value(plan.effective), currency=plan.currency)),
        *_credited(speaker, plan, terms if own is None else None),
        *(block for name in plan.components for block in _component(speaker, plan, name, (own or {}).get(name, terms))),
        Heading(2, speaker.words["terms"]),
        Bullets(speaker.sentences(plan, but=_TITLED)),
    ]
    return Document(plan.title, locale, blocks, speaker.phrase("foot", revision=plan.revision))


# --- who is credited


def _credited(speaker: Speaker, plan: Plan, terms: Terms | None) -> Iterator[Block]:
    """With `terms`, what each handover makes of landing small stands beside it: what a plan rewards is for those who
    write it, and no part of anybody's letter."""
    if not plan.credits:
        return
    yield Heading(2, speaker.words["who"])
    for name, rule in plan.credits.items():
        yield Heading(3, name)
        yield Paragraph(" ".join([_rule(speaker, rule), *speaker.sentences(rule)]))
        if rule.handover is not None and terms is not None:
            yield from _handed_over(speaker, landings(plan, rule.handover, terms))


def _handed_over(speaker: Speaker, found: Sequence[Landing]) -> Iterator[Block]:
    """What the first seller is paid for the same contract at once, and in two orders."""
    if not found:
        return
    first, rows = found[0].pays_minor, []
    for word, landing in zip(("landed_whole", "landed_inside", "landed_after"), found, strict=True):
        day, minor = landing.orders[-1]
        order = speaker.phrase(word, value=_money_text(speaker, minor), date=speaker.value(day))
        rows.append([order, *(_money_text(speaker, pays) for pays in (landing.pays_minor, landing.pays_minor - first))])
    head = [speaker.words[name] for name in ("landed", "paid", "landed_difference")]
    whole = _money_text(speaker, found[0].orders[0][1])
    yield Table(speaker.phrase("landings", value=whole), head, rows, frozenset({1, 2}))
    if (lost := first - found[-1].pays_minor) > 0:
        yield Paragraph(speaker.phrase("landings_bend", amount=_money_text(speaker, lost)))


def _rule(speaker: Speaker, rule: CreditRule) -> str:
    role = rule.to.removeprefix("role ")
    who = speaker.phrase("to_role", role=role) if role != rule.to else speaker.words.get(f"to_{rule.to}", rule.to)
    if not rule.when:
        return speaker.phrase("every_deal", who=who)
    conditions = speaker.listed([_condition(speaker, condition) for condition in rule.when])
    return speaker.phrase("some_deals", who=who, conditions=conditions)


def _condition(speaker: Speaker, condition: Condition) -> str:
    field = field_of(condition.field)
    values = [_constant(speaker, field.reads if field else "text", value) for value in condition.values]
    said = {"field": speaker.words.get(condition.field) or speaker.word(condition.field)}
    if condition.op == "between":
        said |= {"low": values[0], "high": values[1]}
    elif values:
        said |= {"values": speaker.listed(values, "or")}
    return speaker.phrase(condition.op, **said)


def _constant(speaker: Speaker, reads: str, value: str | bool | int) -> str:
    """A value as the matcher has it, as people read it."""
    if isinstance(value, str):
        return speaker.word(value) if reads == "deal type" else value
    if isinstance(value, bool):
        return speaker.value(value)
    if reads == "amount":
        return speaker.formats.exact_money(Fraction(value), speaker.currency)
    if reads == "percent":
        return speaker.formats.ratio(Fraction(value, 10**6))
    if reads == "date":
        return speaker.formats.note(f"{value // 10000}-{value // 100 % 100:02d}-{value % 100:02d}")
    return speaker.value(value)


# --- what counts, and what it pays


def _component(speaker: Speaker, plan: Plan, name: str, terms: Terms) -> Iterator[Block]:
    component = plan.components[name]
    yield Heading(2, name)
    if component.pays.pays_without_measure:
        each = speaker.phrase("each_period", per=speaker.word(component.per))
        yield Paragraph(" ".join([each, *speaker.sentences(component.pays)]))
        return
    found = None if component.pays.shared_out else sample(plan, component, terms)
    shares = _shares(speaker, component, found) if found else {}
    reduced = _reduced(speaker, component)
    apart = _LED | frozenset(shares) | frozenset(reduced) | {"gate"}
    said = [*speaker.sentences(component, but=apart), *reduced.values(), *shares.values()]
    said += [text for gate in component.gates for text in _gate(speaker, plan, component, gate)]
    yield Paragraph(" ".join([_counts(speaker, plan, component), *said]))
    yield Paragraph(" ".join(speaker.sentences(component.pays)))
    if component.pays.shared_out is not None:
        yield Paragraph(" ".join(_shared_out(speaker, component.pays.shared_out)))
        return
    if found is None:
        yield Paragraph(speaker.words["no_curve"])
        return
    shown = Shown(speaker, plan, name, found)
    if component.pays.weighs is not None:
        yield from objectives(shown, component.pays.weighs)
        return
    yield Together([*shown.tiers(), shown.drawing()])
    yield from shown.worked()
    if pays_apart(component):
        yield Paragraph(speaker.words["apart"])
    if without := [speaker.words[f"without_{word}"] for word in elsewhere(component)]:
        yield Paragraph(speaker.phrase("shown_without", what=speaker.listed(without)))
    if alone := [speaker.words[f"alone_{word}"] for word in ("cap", "floor") if getattr(plan, word) is not None]:
        yield Paragraph(speaker.phrase("shown_alone", what=speaker.listed(alone)))


def _reduced(speaker: Speaker, component: Component) -> dict[str, str]:
    """By the words that say it, how pay without a quota is reduced: of the target or amount alone."""
    if component.quota is not None:
        return {}
    told = {"prorate": component.prorate, "ramp_up": component.ramp_up}
    by = {name: f"{type(part).__name__} without quota" for name, part in told.items()}
    return {name: " ".join(speaker.sentences(part, by=by[name])) for name, part in told.items() if part is not None}


def _gate(speaker: Speaker, plan: Plan, component: Component, gate: Gate) -> Iterator[str]:
    """What a gate asks for is an amount, a share of the quota, or so many of what is counted."""
    asked, words = plan.components.get(gate.measure, component), speaker.table(gate)
    at_least = speaker.value(gate.at_least, Gate.model_fields["at_least"])
    if isinstance(gate.at_least, Fraction):
        at_least = speaker.phrase("of_quota", share=at_least)
    if isinstance(gate.at_least, int) and asked.counts in COUNTED:
        number = speaker.formats.number(Fraction(gate.at_least, 10 ** EXPONENTS[plan.currency]))
        at_least = f"{number} {speaker.word(measure(plan, asked))}"
    sentence = words["measure=own" if gate.measure == OWN_MEASURE else "measure"]
    yield sentence.format(measure=gate.measure, at_least=at_least)
    if gate.above is not None:
        yield words[f"above={gate.above}"]


def _shares(speaker: Speaker, component: Component, found: Sample) -> dict[str, str]:
    """Of a cap and a floor that are shares of the target: what they come to."""
    amounts = {"cap": found.around.cap_minor, "floor": found.around.floor_minor}
    per = speaker.word(component.per)
    return {
        word: speaker.phrase(
            f"{word}_share", share=speaker.value(getattr(component, word)), amount=_money_text(speaker, minor), per=per
        )
        for word, minor in amounts.items()
        if minor is not None and isinstance(getattr(component, word), Fraction)
    }


def _shared_out(speaker: Speaker, terms: Contest | Pooled) -> Iterator[str]:
    """What each place wins, or what is shared out: known once the period is over."""
    if isinstance(terms, Pooled):
        if isinstance(terms.of, Fraction):
            yield speaker.phrase("pool_of_share", of=speaker.formats.ratio(terms.of))
        else:
            yield speaker.phrase("pool_of", of=_money_text(speaker, terms.of))
        if isinstance(terms.weights, Mapping):
            said = [f"{name} {weight}" for name, weight in terms.weights.items()]
            yield speaker.phrase("pool_weights", weights=speaker.listed(said))
        return
    before: Award | None = None
    for award in terms.awards:
        worth = _money_text(speaker, award.value_minor)
        won = worth if award.prize is None else speaker.phrase("prize", prize=award.prize, worth=worth)
        yield _places(speaker, before, award, won)
        before = award
        if award.prize is not None:
            yield speaker.words["prize_paid" if award.is_paid else "prize_not_paid"]


def _places(speaker: Speaker, before: Award | None, award: Award, won: str) -> str:
    """From behind the award before: `1st place: €3,000.00`, `Places 2 to 10: ...`, `The best 10%: ...`."""
    if isinstance(award.top, Fraction):
        return speaker.phrase("best_others" if before else "best", last=speaker.formats.ratio(award.top), worth=won)
    first = 1 + (int(before.top) if before else 0)
    if first < award.top:
        return speaker.phrase("places", first=str(first), last=str(award.top), worth=won)
    word = f"place_{first}" if f"place_{first}" in speaker.words else "place"
    return speaker.phrase(word, last=str(first), worth=won)


def _money_text(speaker: Speaker, minor: int) -> str:
    return speaker.formats.exact_money(Fraction(minor), speaker.currency)


def _counts(speaker: Speaker, plan: Plan, component: Component) -> str:
    said = {"measure": speaker.word(measure(plan, component)), "per": speaker.word(component.per)}
    if component.counts == EARNINGS:
        return speaker.phrase("counts_team_earnings", **said)
    if component.credit == (_TEAM,):
        return speaker.phrase("counts_team", **said)
    if component.pays.weighs is not None:
        return speaker.phrase("counts_objectives", **said)
    if component.of:
        return speaker.phrase("counts_own", **said, components=speaker.listed(list(component.of)))
    if not component.credit:
        return speaker.phrase("counts_any", **said)
    phrase = "counts_deals" if component.counts == "deals" else "counts"
    return speaker.phrase(phrase, **said, rules=speaker.listed(list(component.credit)))
