"""Objectives in the printed plan: an example, worked out one by one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from compsvc.core.plan_sample_objectives import objectives_met
from compsvc.core.rules import Weighed
from compsvc.entry.doc_blocks import Block, Paragraph, Table
from compsvc.entry.plan_doc_curve import Shown

_AROUND = ("multiplier", "cap", "floor")  # and gates: what changes the pay of the whole period


def objectives(shown: Shown, weighed: Weighed) -> Iterator[Block]:
    words, ratio, component = shown.speaker.words, shown.speaker.formats.ratio, shown.component
    target = Fraction(shown.of.curve.target_minor)
    rows, total = [], 0
    for item in objectives_met(shown.plan, weighed, shown.of):
        met = ratio(item.met)
        if item.counts < item.met:
            met += f", {shown.speaker.phrase('counts_as', share=ratio(item.counts))}"
        made = f"{shown.money(target)} x {ratio(item.weight)} x {ratio(item.counts)}"
        rows.append([item.activity, ratio(item.weight), met, made, shown.money(Fraction(item.pays_minor))])
        total += item.pays_minor
    rows.append([words["together"], ratio(Fraction(1)), "", "", shown.money(Fraction(total))])
    head = [words[name] for name in ("objective", "weight", "met", "because", "paid")]
    yield Table(shown.caption(), head, rows, frozenset({1, 4}))
    around = ["gate"] if component.gates else []
    around += [word for word in _AROUND if getattr(component, word) is not None]
    if around:
        told = [words.get(f"without_{word}") or words[f"alone_{word}"] for word in around]
        yield Paragraph(shown.speaker.phrase("shown_before", what=shown.speaker.listed(told)))
