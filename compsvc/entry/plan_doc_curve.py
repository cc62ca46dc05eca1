"""The curve of a component in the printed plan: its tiers, its drawing, and what it pays at sample figures."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate

from compsvc.core.curves import Multiple
from compsvc.core.plan import Plan
from compsvc.core.plan_sample import Example, Sample, examples, strokes
from compsvc.core.plan_sample_windfall import LargeDeal, large_deal
from compsvc.core.statement_standing import measure
from compsvc.entry.curve_svg import Axis, Chart, drawn, ticks
from compsvc.entry.doc_blocks import Block, Drawing, Paragraph, Table
from compsvc.entry.plan_sentences import Speaker

_BONUSES = ("adds", "in_all")


class Shown:
    """The curve of a component for sample figures: its tiers, its drawing and what it pays."""

    def __init__(self, speaker: Speaker, plan: Plan, name: str, of: Sample) -> None:
        self.speaker, self.plan, self.name, self.of = speaker, plan, name, of
        self.component = plan.components[name]

    def tiers(self) -> Iterator[Table]:
        """Nothing where there is one rate for everything."""
        words, curve = self.speaker.words, self.of.curve
        pieces = curve.curve.pieces
        if len(pieces) < 2:
            return
        ends = [*(self.place(edge) for edge in self.of.edges), words["no_end"]]
        begins = [self.place(Fraction(0)), *ends[:-1]]
        rows = [
            [str(number + 1), begins[number], ends[number], self.rate(number), *bonuses]
            for number, bonuses in enumerate(self.bonuses())
        ]
        head = [words[name] for name in ("tier", "from", "to", "rate", *_BONUSES)]
        if not any(row[-1] for row in rows):
            head[-2] = words["bonus"]
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

    def bonuses(self) -> Iterator[tuple[str, str]]:
        """By tier what reaching it pays at once, and with the tiers below it where there are several."""
        jumps = [self.jump(piece.jump) for piece in self.of.curve.curve.pieces]
        several = sum(1 for jump in jumps if jump) > 1
        for jump, so_far in zip(jumps, accumulate(jumps), strict=True):
            yield self.money(jump) if jump else "", self.money(so_far) if several and so_far else ""

    def jump(self, jump: Multiple) -> Fraction:
        return jump.ratio * (self.of.curve.target_minor if jump.of == "target" else 1)

    # --- worked out

    def worked(self) -> Iterator[Block]:
        words = self.speaker.words
        by_quota = self.by_quota
        head = [words[name] for name in (*(["attainment"] if by_quota else []), "counted", "because", "paid")]
        rows = [self.row(example, by_quota) for example in examples(self.plan, self.of)]
        large = large_deal(self.plan, self.component, self.of)
        if large is not None:
            rows.append(self.large_row(large, by_quota))
        figures = frozenset({len(head) - 1, len(head) - 3} | ({0} if by_quota else set()))
        yield Table(self.caption(), head, rows, figures)
        if large is not None:
            yield Paragraph(self.large(large))

    def caption(self) -> str:
        said = {"component": self.name, "per": self.speaker.word(self.component.per)}
        target, quota = (self.money(Fraction(each)) for each in (self.of.terms.target_minor, self.of.terms.quota_minor))
        if not self.by_quota:
            to_target = self.to_target and self.of.curve.curve.uses_target
            return self.speaker.phrase("example_target" if to_target else "example_plain", **said, target=target)
        if self.component.quota_opens:
            of = "example_opening" if self.to_target else "example_opening_alone"
            return self.speaker.phrase(of, **said, **({"target": target} if self.to_target else {}), quota=quota)
        if not self.to_target:
            return self.speaker.phrase("example_quota", **said, quota=quota)
        return self.speaker.phrase("example", **said, target=target, quota=quota)

    @property
    def to_target(self) -> bool:
        """Whether the assignment's target incentive may decide anything."""
        return bool(self.of.terms.target_minor) and self.component.pays.amount_minor is None

    def row(self, example: Example, by_quota: bool) -> list[str]:
        ratio = self.speaker.formats.attainment
        attained = [ratio(Fraction(example.position, self.of.quota_minor or 1))] if by_quota else []
        counted, pays = self.quantity(Fraction(example.position)), self.money(Fraction(example.pays_minor))
        return [*attained, counted, self.because(example), pays]

    @property
    def by_quota(self) -> bool:
        """Not of counts whose tiers do not ask for the quota: sample quotas are amounts."""
        return bool(self.of.quota_minor) and (not self.of.counted or self.of.curve.curve.needs_quota)

    def large_row(self, large: LargeDeal, by_quota: bool) -> list[str]:
        """What is paid of one deal above the windfall's limit."""
        example, less = large.example, self.money(Fraction(large.cut_minor))
        told = self.speaker.phrase("large", made=self.made(example), less=less)
        if large.paid_minor != example.before_minor - large.cut_minor:
            capped = large.paid_minor < example.before_minor - large.cut_minor
            limit = self.money(Fraction(large.paid_minor))
            told += f", {self.speaker.phrase('capped' if capped else 'raised', limit=limit)}"
        row = self.row(example, by_quota)
        return [*row[:-2], told, self.money(Fraction(large.paid_minor))]

    def large(self, large: LargeDeal) -> str:
        """What the last row is about."""
        said = {
            "part": self.money(Fraction(large.example.position - large.above_minor)),
            "whole": self.money(Fraction(large.example.position)),
            "above": self.money(Fraction(large.above_minor)),
            "pay": self.money(Fraction(large.example.before_minor)),
            "cut": self.money(Fraction(large.cut_minor)),
            "waits": self.money(Fraction(large.waits_minor)),
        }
        phrases = ["large_deal", "large_review"]
        if large.pays is not None:
            ratio = self.speaker.formats.ratio
            said |= {"pays": ratio(large.pays), "unpaid": ratio(1 - large.pays)}
            phrases[1] = "large_share"
        elif large.waits_minor != large.cut_minor:
            phrases.append("large_capped")
        return " ".join(self.speaker.phrase(phrase, **said) for phrase in phrases)

    def because(self, example: Example) -> str:
        """`€400,000.00 x 10% + €200,000.00 x 15%`; said where the sum is rounded, and what the period makes of it."""
        if not example.times and self.of.around.opens is not None:
            opens = Fraction(self.of.around.opens)
            of_quota = f"{self.mark(opens)} = " if self.of.quota_minor and not self.of.counted else ""
            return self.speaker.phrase("shut", opens=of_quota + self.quantity(opens)) + self.cut(example)
        return self.made(example) + self.cut(example)

    def made(self, example: Example) -> str:
        rate = self.each if self.of.curve.curve.of_units else self.speaker.formats.ratio
        parts = [part for part in example.parts if part.rate]
        terms = [f"{self.quantity(part.amount)} x {rate(part.rate)}" for part in parts]
        terms += [f"{self.money(amount)} ({self.at(Fraction(at))})" for at, amount in example.bonuses]
        exact = sum((part.amount * part.rate for part in parts), start=Fraction(0)) * example.times
        rounded = f", {self.speaker.words['rounded']}" if exact.denominator > 1 else ""
        return self.multiplied(terms, example.times) + rounded if terms else "0"

    def at(self, position: Fraction) -> str:
        """Of the quota where the tiers go by it."""
        return self.mark(position) if self.of.curve.curve.needs_quota else self.quantity(position)

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
