"""What a plan says at times besides: drawn from its text, not from the seed, so that nothing else of it changes."""

from __future__ import annotations

import re
from random import Random

from .component_texts import quota_words

CONTEST = "against-others"
PAYERS = ("commission", "shared", "growing", "keeping", "overlay", "team", "logos")  # components that pay for deals


def with_contest(text: str, kind: str, carry: str | None) -> str:
    """The same plan, at times with a contest or a pool: drawn from the text, so that nothing else of it changes."""
    lines = text.splitlines()
    return "\n".join([*lines[:-1], *_against_others(Random(text), kind, carry), lines[-1]]) + "\n"


def _against_others(rng: Random, kind: str, carry: str | None) -> list[str]:
    """A contest or a pool, under the plan's first credit rule or of the team (M7)."""
    if rng.random() >= 0.4:
        return []
    source = {"hunter": "own", "farmer": "growth", "engineer": "helped", "manager": "team"}[kind]
    by = rng.choice(("amount", "amount", "attainment", "count"))
    counts = rng.choice(("deals", "units")) if by == "count" else rng.choice(("acv", "tcv"))
    per = rng.choice(("month", "quarter", "year"))
    gates = [
        "",
        "    gate: {measure: own, at_least: 1}",
        *(["    gate: {measure: own, at_least: 50%}"] * (by == "attainment")),
    ]
    among = f"among: {rng.choice(('plan', 'plan', 'team'))}, assigned: {rng.choice(('any day', 'last day'))}"
    gate = rng.choice(gates)
    return [
        f"  {CONTEST}:", f"    counts: {counts}", f"    from: {source}", f"    per: {per}",
        "    settle: period_end",
        *(["    minimum_deal: 1_000"] if counts == "deals" else []),
        *(["    own_deals: in"] if source == "team" else []), *([f"    carry: {carry}"] if carry else []),
        *(["    quota: from assignment", *quota_words(rng, per, of_target=False)] if by == "attainment" else []),
        *([gate] if gate else []), f"    pays: {{{_race(rng, by, among)}}}",
    ]  # fmt: skip


def _race(rng: Random, by: str, among: str) -> str:
    if by != "attainment" and rng.random() < 0.4:
        weights = by if rng.random() < 0.4 else rng.choice(("equal", "target incentive", "{p1: 3, p0: 1, p2: 7}"))
        if (weights == "count") != (by == "count"):
            weights = by
        of = rng.choice(("1_000", "100", *(["1/3", "0.7%"] if by == "amount" else [])))
        return f"pool: {{of: {of}, weights: {weights}, {among}}}"
    ties = rng.choice(("share", "all", "earliest"))
    prize = ", prize: A trip, paid: no" if ties != "share" and rng.random() < 0.3 else ""
    more = rng.choice(("yes", "no"))
    last = rng.choice(("4", "50%", "1/3", "10%"))
    words = ""
    if last != "4":
        rounds = rng.choice(("round up", "round down", "round half up"))
        words = f", of: {rng.choice(('assigned', 'eligible'))}, winners: {rounds}"
    paid = f", prize: A watch, paid: {more}" if ties != "share" and rng.random() < 0.2 else ""
    places = f"{{top: 1, award: 1_000{prize}}}, {{top: 2, award: 77{paid}}}, {{top: {last}, award: 500}}"
    return f"rank: {{by: {by}, ties: {ties}, {among}{words}, places: [{places}]}}"


def with_products(text: str) -> str:
    """The same plan, at times with a rule by the number of products: drawn from the text, as contests are."""
    rng = Random(text + "products")
    found = [line for line in text.splitlines() if line.startswith("    when: ")]
    if not found or rng.random() >= 0.3:
        return text
    return text.replace(
        rng.choice(found), f"    when: {{products: {rng.choice(('1', '2', chr(39) + '>= 2' + chr(39)))}}}", 1
    )


def with_amounts(text: str) -> str:
    """The same plan, at times with an amount in place of the target incentive of a component; as above."""
    rng = Random(text + "amounts")
    found = [block for block in re.split(r"\n(?=  [a-z])", text) if "of: target incentive" in block]
    if not found or rng.random() >= 0.5:
        return text
    block = rng.choice(found)
    own = re.sub(r"\n    weight: .*", "", block).replace(
        "of: target incentive", f"of: {rng.choice(('3_000', '77', '1'))}"
    )
    return text.replace(block, own, 1)


def with_half_years(text: str) -> str:
    """The same plan, at times with half-years where it had quarters or years; as above."""
    rng = Random(text + "half-years")
    span = rng.choice(("quarter", "year"))
    if rng.random() >= 0.35:
        return text
    text = re.sub(r"seasonal: \{Q1.*", rng.choice((r"\g<0>", "seasonal: {H1: 1/3, H2: 2/3}")), text)
    return text.replace(f"per: {span}", "per: half_year").replace(
        f"held_until: {span} end", "held_until: half_year end"
    )


def with_own_earnings(text: str) -> str:
    """The same plan, at times with a component that counts what others pay, and one that counts that; as above."""
    rng = Random(text + "own earnings")
    payers = [name for name in PAYERS if "    counts:" in _words(text, name) and "review" not in _words(text, name)]
    if not payers or rng.random() >= 0.3:
        return text
    carry = next(([line] for line in text.splitlines() if line.startswith("    carry: ")), [])
    tiers = "[{to: 500, rate: 70%}, {to: 9_000, rate: 1/3}, {rate: 100%}]"
    lines: list[str] = []
    for name in ("on-top", "on-that")[: rng.choice((1, 1, 2))]:
        mode = rng.choice(("marginal", "retroactive"))
        by = rng.choice(("amount", "kept")) if mode == "marginal" else "amount"
        table = f"rate_table: {{mode: {mode}, by: {by}, boundary: at, tiers: {tiers}}}"
        of = rng.sample(payers, min(len(payers), rng.choice((1, 1, 2))))
        lines += [f"  {name}:", "    counts: own_earnings", f"    of: [{', '.join(of)}]"]
        per, settle = rng.choice(("month", "year")), rng.choice(("as_earned", "period_end"))
        lines += [f"    per: {per}", *carry, f"    settle: {settle}"]
        lines += rng.choice(([], ["    cap: 700"], ["    gate: {measure: own, at_least: 100}"]))
        lines += [f"    pays: {{{rng.choice((table, 'flat_rate: {rate: 12.5%}'))}}}"]
        payers = [name]
    return text.replace("components:\n", "components:\n" + "\n".join(lines) + "\n", 1)


def _words(text: str, name: str) -> str:
    """What the plan says of one component."""
    return (re.findall(rf"^  {name}:\n((?:    .*\n)*)", text, re.MULTILINE) or [""])[0]
