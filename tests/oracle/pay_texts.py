"""The words of a plan about its pay: when it is due, what is held, lent, carried, forgiven and taken back."""

from __future__ import annotations

import re
from random import Random

from .house import House

PARTS = (
    "[{share: 50%, on: accepted}, {share: 50%, on: closed, after: 90 days}]",
    "[{share: 1/3, on: closed}, {share: 1/3, on: accepted, held_until: quarter end}, {share: 1/3, on: accepted}]",
    "{on: accepted, over: 12 months}",
    "[{share: 75%, on: accepted}, {share: 25%, on: accepted, after: 9 months, over: 3 months}]",
    "{on: closed, held_until: year end}",
    "{on: paid}",
    "[{share: 60%, on: invoiced}, {share: 40%, on: paid, after: 10 days}]",
)
SCHEDULES = (
    *("full", "full", "pro rata over 12 months", "pro rata over 7 months"),
    *("full within 6 months", "full within 1 month", "full within 3 months then pro rata over 9 months"),
)


def pay_words(rng: Random, terms: House) -> list[str]:
    """When pay is due, and for some plans what is held, lent, carried and forgiven."""
    lines = [f"payable: {rng.choice(PARTS) if rng.random() < 0.25 else f'{{on: {terms.payable}}}'}"]
    if rng.random() < 0.3:
        lines.append(f"reserve: {{share: {rng.choice(('10%', '1/3', '100%'))}, for: {rng.choice((1, 6, 12))} months}}")
    draw = terms.recoverable if terms.lends or rng.random() < 0.4 else None
    if draw:
        ends = rng.choice(("", ", periods: 3", ", until: 2024-05-15"))
        own = rng.choice(("", ", recovery_from: month 4", ", recover_at_most: 50%")) if draw == "yes" else ""
        own += Random(own + ends + repr(lines)).choice(("", ", below_zero: nothing"))  # apart from the seed
        limit = Random(terms.negative).choice(("", ", owes_at_most: 250", ", owes_at_most: 1_500"))  # of all plans
        own += limit if draw == "yes" else ""
        lines.append(f"draw: {{amount: {rng.choice((100, 1_000))}, per: month, recoverable: {draw}{own}{ends}}}")
    if draw == "yes" or rng.random() < 0.3 or terms.takes_back:
        lines.append(f"negative: {terms.negative}")
    if rng.random() < 0.2:
        lines.append(f"guarantee: {{amount: {rng.choice((200, 2_000))}, for: {rng.choice((1, 3, 6))} months}}")
    return lines + ([leaver(rng)] if rng.random() < 0.4 else [])


def leaver(rng: Random) -> str:
    words = {
        "accepted_unpaid": rng.choice(("pay", "forfeit")),
        "pending_accepted_within": rng.choice(("0 days", "30 days")),
        "reserve": rng.choice(("keep dates", "pay out", "forfeit")),
        "draw": rng.choice(("claim", "forgive")),
        "negative": rng.choice(("claim", "forgive")),
        "later_clawback": rng.choice(("claim", "none")),
    }
    words["period_bonus"] = Random(repr(words)).choice(("full", "pro rata", "forfeit"))
    return f"leaver: {{{', '.join(f'{word}: {value}' for word, value in words.items())}}}"


def earned(lines: list[str]) -> str:
    """Drawn from the text, so that the other words stay those of the seed."""
    return f"earned: {{on: {Random(repr(lines)).choice(('accepted', 'accepted', 'closed', 'invoiced', 'paid'))}}}"


def clawback(rng: Random) -> str:
    if rng.random() < 0.1:
        return "no"
    attainment = rng.choice(("original_period", "original_period", "period_of_loss", "period_of_loss", "no"))
    basis = rng.choice(
        ("as_paid", "original_rate") if attainment == "no" else ("as_paid", "original_rate", "recompute")
    )
    schedule = rng.choice(SCHEDULES)
    apart = Random(f"each {basis} {attainment} {schedule}")  # from the seed
    if apart.random() < 0.3:
        return f"{{basis: {basis}, attainment: {attainment}, {_each(apart)}}}"
    share = Random(basis + attainment + schedule).choice(
        ("", "", ", share: 50%", ", share: 1/3")
    )  # apart from the seed
    return f"{{basis: {basis}, attainment: {attainment}, schedule: {schedule}{share}}}"


def _each(rng: Random) -> str:
    """A schedule for each reason, or for each kind, of a loss."""
    by = rng.choice(("reason", "kind"))
    names = {"reason": ("fraud", "[moved, wrong terms]", "any other"), "kind": ("refund", "non_payment", "any other")}
    schedules = rng.sample(sorted({*SCHEDULES, "none"}), 3)
    shares = ["" if each == "none" else rng.choice(("", ", share: 50%", ", share: 2/3")) for each in schedules]
    ways = zip(names[by], schedules, shares, strict=True)
    return f"by: {by}, losses: [{', '.join(f'{{for: {of}, schedule: {when}{share}}}' for of, when, share in ways)}]"


def with_own_clawback(rng: Random, line: str) -> list[str]:
    if line in ("    counts: deals", "    counts: units"):
        return [line, "    clawback: no"] if rng.random() < 0.25 else [line]
    own = re.match(r"    counts: (acv|tcv|final_stage_acv)", line) and rng.random() < 0.25
    return [line, f"    clawback: {clawback(rng)}"] if own else [line]
