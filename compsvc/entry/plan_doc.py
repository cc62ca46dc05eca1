"""A plan in plain language: who is credited, what counts, what it pays, drawn and worked out, and its terms.

Made of the plan's models and of the components' curves. It knows no rule kind and no word of the language by name but
those that begin a section; everything else is said by `plan_sentences.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from compsvc.core.conditions import field_of
from compsvc.core.currencies import EXPONENTS
from compsvc.core.curves import Multiple
from compsvc.core.eligibility import Condition
from compsvc.core.plan import COUNTED, Component, Plan
from compsvc.core.plan_credits import CreditRule
from compsvc.core.plan_modifiers import OWN_MEASURE, Gate
from compsvc.core.plan_sample import Example, Sample, Terms, elsewhere, examples, sample, strokes
from compsvc.core.plan_sample_handover import Landing, landings
from compsvc.core.rules import Award, Contest, Pooled
from compsvc.core.statement_standing import measure, pays_apart
from compsvc.entry.curve_svg import Axis, Chart, drawn, ticks
from compsvc.entry.doc_blocks import Block, Bullets, Document, Drawing, Heading, Paragraph, Table
from compsvc.entry.locales import Locale
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
    found = None if component.pays.weighs or component.pays.shared_out else sample(plan, component, terms)
    shares = _shares(speaker, component, found) if found else {}
    said = [*speaker.sentences(component, but=_LED | frozenset(shares) | {"gate"}), *shares.values()]
    said += [text for gate in component.gates for text in _gate(speaker, plan, component, gate)]
    yield Paragraph(" ".join([_counts(speaker, plan, component), *said]))
    yield Paragraph(" ".join(speaker.sentences(component.pays)))
    if component.pays.weighs is not None:
        return
    if component.pays.shared_out is not None:
        yield Paragraph(" ".join(_shared_out(speaker, component.pays.shared_out)))
        return
    if found is None:
        yield Paragraph(speaker.words["no_curve"])
        return
    shown = _Shown(speaker, plan, name, found)
    yield from shown.tiers()
    yield shown.drawing()
    yield shown.worked()
    if pays_apart(component):
        yield Paragraph(speaker.words["apart"])
    if without := [speaker.words[f"without_{word}"] for word in elsewhere(component)]:
        yield Paragraph(speaker.phrase("shown_without", what=speaker.listed(without)))
    if alone := [speaker.words[f"alone_{word}"] for word in ("cap", "floor") if getattr(plan, word) is not None]:
        yield Paragraph(speaker.phrase("shown_alone", what=speaker.listed(alone)))


def _gate(speaker: Speaker, plan: Plan, component: Component, gate: Gate) -> Iterator[str]:
    """What a gate asks for is an amount, a share of the quota, or so many of what is counted."""
    asked, words = plan.components.get(gate.measure, component), speaker.table(gate)
    at_least = speaker.value(gate.at_least, Gate.model_fields["at_least"])
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
    if component.credit == (_TEAM,):
        return speaker.phrase("counts_team", **said)
    if component.of:
        return speaker.phrase("counts_own", **said, components=speaker.listed(list(component.of)))
    if not component.credit:
        return speaker.phrase("counts_any", **said)
    phrase = "counts_deals" if component.counts == "deals" else "counts"
    return speaker.phrase(phrase, **said, rules=speaker.listed(list(component.credit)))


class _Shown:
    """The curve of a component for sample figures: its tiers, its drawing and what it pays."""

    def __init__(self, speaker: Speaker, plan: Plan, name: str, of: Sample) -> None:
        self.speaker, self.plan, self.name, self.of = speaker, plan, name, of
        self.component = plan.components[name]

    def tiers(self) -> Iterator[Block]:
        """Nothing where there is one rate for everything."""
        words, curve = self.speaker.words, self.of.curve
        pieces = curve.curve.pieces
        if len(pieces) < 2:
            return
        ends = [*(self.place(edge) for edge in self.of.edges), words["no_end"]]
        begins = [self.place(Fraction(0)), *ends[:-1]]
        rows = [
            [str(number + 1), begins[number], ends[number], self.rate(number), self.bonus(pieces[number].jump)]
            for number in range(len(pieces))
        ]
        head = [words[name] for name in ("tier", "from", "to", "rate", "bonus")]
        kept = [column for column in range(len(head)) if any(row[column] for row in rows)]
        yield Table(
            self.speaker.phrase("tiers", component=self.name),
            [head[column] for column in kept],
            [[row[column] for column in kept] for row in rows],
            frozenset(range(1, len(kept))),
        )

    def place(self, position: Fraction) -> str:
        """`100% = €800,000.00` where tiers go by attainment."""
        if self.of.curve.curve.needs_quota and self.of.quota_minor:
            return f"{self.speaker.formats.ratio(position / self.of.quota_minor)} = {self.quantity(position)}"
        return self.quantity(position)

    def quantity(self, position: Fraction) -> str:
        if self.of.counted:
            return self.speaker.formats.count(position / 10**6, measure(self.plan, self.component))
        return self.money(position)

    def money(self, minor: Fraction) -> str:
        return self.speaker.formats.exact_money(minor, self.plan.currency)

    def rate(self, number: int) -> str:
        slope = self.of.curve.curve.pieces[number].slope
        if not any(piece.slope.ratio for piece in self.of.curve.curve.pieces):
            return ""
        if self.of.curve.curve.of_units:
            return self.each(self.of.curve.rate(number))
        rate = self.speaker.formats.ratio(self.of.curve.rate(number))
        return f"{self.speaker.formats.multiple(slope.ratio)} = {rate}" if slope.of == "base" else rate

    def each(self, rate: Fraction) -> str:
        """Of a rate that is an amount for each unit."""
        return self.money(rate * 10**6)

    def bonus(self, jump: Multiple) -> str:
        if not jump.ratio:
            return ""
        return self.money(jump.ratio * (self.of.curve.target_minor if jump.of == "target" else 1))

    # --- worked out

    def worked(self) -> Table:
        words = self.speaker.words
        by_quota = bool(self.of.quota_minor)
        head = [words[name] for name in (*(["attainment"] if by_quota else []), "counted", "because", "paid")]
        rows = [self.row(example, by_quota) for example in examples(self.plan, self.of)]
        figures = frozenset({len(head) - 1, len(head) - 3} | ({0} if by_quota else set()))
        return Table(self.caption(), head, rows, figures)

    def caption(self) -> str:
        said = {"component": self.name, "per": self.speaker.word(self.component.per)}
        if not self.of.quota_minor:
            return self.speaker.phrase("example_plain", **said)
        target, quota = (self.money(Fraction(each)) for each in (self.of.terms.target_minor, self.of.terms.quota_minor))
        if not self.of.terms.target_minor:
            return self.speaker.phrase("example_quota", **said, quota=quota)
        return self.speaker.phrase("example", **said, target=target, quota=quota)

    def row(self, example: Example, by_quota: bool) -> list[str]:
        ratio = self.speaker.formats.attainment
        attained = [ratio(Fraction(example.position, self.of.quota_minor or 1))] if by_quota else []
        counted, pays = self.quantity(Fraction(example.position)), self.money(Fraction(example.pays_minor))
        return [*attained, counted, self.because(example), pays]

    def because(self, example: Example) -> str:
        """`€400,000.00 x 10% + €200,000.00 x 15%`; said where the sum is rounded, and what the period makes of it."""
        if not example.times and self.of.around.opens is not None:
            opens = Fraction(self.of.around.opens)
            of_quota = f"{self.mark(opens)} = " if self.of.quota_minor and not self.of.counted else ""
            return self.speaker.phrase("shut", opens=of_quota + self.quantity(opens)) + self.cut(example)
        rate = self.each if self.of.curve.curve.of_units else self.speaker.formats.ratio
        parts = [part for part in example.parts if part.rate]
        terms = [f"{self.quantity(part.amount)} x {rate(part.rate)}" for part in parts]
        terms += [f"{self.money(amount)} ({self.quantity(Fraction(at))})" for at, amount in example.bonuses]
        exact = sum((part.amount * part.rate for part in parts), start=Fraction(0)) * example.times
        rounded = f", {self.speaker.words['rounded']}" if exact.denominator > 1 else ""
        return (self.multiplied(terms, example.times) + rounded if terms else "0") + self.cut(example)

    def multiplied(self, terms: list[str], times: Fraction) -> str:
        whole = " + ".join(terms)
        if times == 1:
            return whole
        return f"{f'({whole})' if len(terms) > 1 else whole} x {self.speaker.formats.number(times)}"

    def cut(self, example: Example) -> str:
        """What a cap takes off, or a floor adds."""
        if example.pays_minor == example.before_minor:
            at_cap = example.pays_minor == self.of.around.cap_minor
            return (
                f", {self.speaker.phrase('capped', limit=self.money(Fraction(example.pays_minor)))}" if at_cap else ""
            )
        word = "capped" if example.pays_minor < example.before_minor else "raised"
        before = self.money(Fraction(example.before_minor))
        return f" = {before}, {self.speaker.phrase(word, limit=self.money(Fraction(example.pays_minor)))}"

    # --- drawn

    def drawing(self) -> Drawing:
        lines = strokes(self.of)
        top = max([value for line in lines for _, value in line] or [Fraction(0)])
        title = self.speaker.phrase("drawing", component=self.name, what=self.over())
        end = self.speaker.phrase("drawing_from", end=self.place(Fraction(self.of.end)), paid=self.money(top))
        chart = Chart(
            title,
            self.across(),
            self.upward(top),
            [[(Fraction(position), value) for position, value in line] for line in lines],
            [(edge, self.mark(edge)) for edge in sorted({*self.of.edges, *self.changes()})],
        )
        return Drawing(drawn(chart), f"{title}. {end}")

    def changes(self) -> Iterator[Fraction]:
        """Where the gate opens, and where the multiplier's tiers after the first begin."""
        if self.of.around.opens is not None:
            yield Fraction(self.of.around.opens)
        yield from (Fraction(start) for start, _ in self.of.around.factors[1:])

    def over(self) -> str:
        if self.of.quota_minor and not self.of.counted:
            return self.speaker.words["attainment"]
        return self.speaker.word(measure(self.plan, self.component))

    def across(self) -> Axis:
        unit = Fraction(self.of.quota_minor or (10**6 if self.of.counted else 10**self.exponent))
        places = [number * unit for number in ticks(self.of.end / unit)]
        return Axis(self.over(), Fraction(self.of.end), [(place, self.mark(place)) for place in places])

    def mark(self, position: Fraction) -> str:
        """Short: of the quota, a count, or an amount without empty decimals."""
        if self.of.counted:
            return self.speaker.formats.number(position / 10**6)
        if self.of.quota_minor:
            return self.speaker.formats.ratio(position / self.of.quota_minor)
        return self.speaker.formats.short_money(position, self.plan.currency)

    def upward(self, top: Fraction) -> Axis:
        unit = 10**self.exponent
        high = max(top, Fraction(unit)) * Fraction(21, 20)
        money = self.speaker.formats.short_money
        marks = [(tick * unit, money(tick * unit, self.plan.currency)) for tick in ticks(high / unit)]
        return Axis(self.speaker.words["paid"], high, marks)

    @property
    def exponent(self) -> int:
        return self.speaker.formats.decimals(self.plan.currency)
