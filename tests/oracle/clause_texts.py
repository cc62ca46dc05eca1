"""What a component pays: rates, tables, steps, milestones and kickers, by money or by a count."""

from __future__ import annotations

from random import Random

RATES = ("10%", "12.5%", "1/3", "7.77%", "0.125%", "2.5%", "100%", "0%", "1/7")
BASE_RATES = ("base", "1.5 x base", "0.5 x base", "2 x base", "1/3 x base", "1.25 x base")


def pays_clause(rng: Random, quota: str | None, of: str | None) -> tuple[str, bool, bool]:
    """The clause, whether it uses `base` or the target incentive, and whether it needs a quota."""
    if rng.random() < 0.25:
        return _points(rng, quota, of)
    with_base = quota is not None and rng.random() < 0.6
    rates = BASE_RATES if with_base else RATES
    if of is None and rng.random() < 0.2:
        return f"flat_rate: {{rate: {rng.choice(rates)}}}", with_base, False
    by = f"attainment of {of}" if of else "attainment" if quota and rng.random() < 0.7 else "amount"
    if of is None and rng.random() < 0.25:
        by = rng.choice(("deal", "credit"))
    edges = rng.choice((["100%"], ["50%", "100%", "150%"], ["1/3", "133.33%"], []))
    if not by.startswith("attainment"):
        edges = rng.choice((["1_000"], ["100", "1_000", "100_000"], ["33", "25_000"], []))
    tiers = [f"{{to: {edge}, rate: {rng.choice(rates)}}}" for edge in edges] + [f"{{rate: {rng.choice(rates)}}}"]
    mode = rng.choice(("marginal", "marginal", "retroactive", "overage"))
    boundary = rng.choice(("at", "over"))
    table = f"{{mode: {mode}, by: {by}, boundary: {boundary}, tiers: [{', '.join(tiers)}]}}"
    return f"rate_table: {table}", with_base, by == "attainment"


def _points(rng: Random, quota: str | None, of: str | None) -> tuple[str, bool, bool]:
    """Steps or milestones."""
    by = f"attainment of {of}" if of else "attainment" if quota and rng.random() < 0.7 else "amount"
    edges = rng.choice((["100%"], ["50%", "100%", "150%"], ["1/3", "133.33%"]))
    if by == "amount":
        edges = rng.choice((["1_000"], ["100", "1_000", "100_000"], ["33", "25_000"]))
    if rng.random() < 0.3:
        points = ", ".join(f"{{{edge}: {rng.choice((7, 500, 10_000))}}}" for edge in edges)
        return f"milestone: {{by: {by}, boundary: {rng.choice(('at', 'over'))}, at: [{points}]}}", False, by != "amount"
    shares = quota is not None and of is None and rng.random() < 0.6
    choices: tuple[object, ...] = ("10%", "1/3", "100%", "0%") if shares else (1, 99, 5_000, 0)
    pays = [rng.choice(choices) for _ in edges]
    words = [f"by: {by}", *(["of: target incentive"] if shares else [])]
    jump = len(edges) == 1 or rng.random() < 0.5
    words += [f"between: {'jump' if jump else 'interpolate'}"] if len(edges) > 1 else []
    if not jump:
        each = rng.choice(("1%", "1/3")) if by != "amount" else rng.choice(("100", "7"))
        words.append(f"above: {rng.choice(('stays', f'{{each: {each}, adds: {rng.choice(choices)}}}'))}")
    if (jump and len(edges) > 1) or pays[0] not in ("0%", 0):
        words.append(f"boundary: {rng.choice(('at', 'over'))}")
    points = ", ".join(f"{{{edge}: {amount}}}" for edge, amount in zip(edges, pays, strict=True))
    return f"steps: {{{', '.join(words)}, at: [{points}]}}", shares, by != "amount"


def kicker(rng: Random, name: str, rules: list[str], carry: str | None, own: str | None = None) -> list[str]:
    lines = [
        f"  {name}:",
        "    counts: new_logos",
        f"    logo: {rng.choice(('account', 'ultimate_parent'))}",
        f"    minimum_deal: {rng.choice(('1', '1_000', '10_000'))}",
        f"    from: [{', '.join(rules)}]",
        f"    per: {rng.choice(('quarter', 'year'))}",
        "    settle: as_earned",
    ]
    if rng.random() < 0.6:
        lines.append(f"    must_stay: {rng.choice((1, 3, 6, 12))} months")
    if own:
        lines.append(f"    own_deals: {own}")
    if carry:
        lines.append(f"    carry: {carry}")
    pays, pays_on = counted(rng)
    return [*lines, *(["    pays_on: acv"] if pays_on else []), "    pays:", f"      {pays}"]


def counted(rng: Random) -> tuple[str, bool]:
    """A clause that pays by a count, and whether its rates need money."""
    boundary, kind = rng.choice(("at", "over")), rng.random()
    if kind < 0.4:
        return f"kicker: {{{rng.choice(('at', 'every'))}: {rng.choice((1, 1, 2, 3))}, bonus: 500}}", False
    if kind < 0.5:
        return f"per_unit: {{amount: {rng.choice((120, 7, 0))}}}", False
    tiers = "[{to: 1, WORD: FIRST}, {to: 3, WORD: SECOND}, {WORD: THIRD}]"
    rates = [("amount", rng.choice((1, 99, 120))) if kind < 0.6 else ("rate", rng.choice(RATES)) for _ in range(3)]
    for word, (_, value) in zip(("FIRST", "SECOND", "THIRD"), rates, strict=True):
        tiers = tiers.replace(word, str(value))
    tiers = tiers.replace("WORD", rates[0][0])
    mode = rng.choice(("marginal", "retroactive") if kind < 0.6 else ("marginal", "retroactive", "overage"))
    if kind < 0.6:
        return f"per_unit: {{mode: {mode}, boundary: {boundary}, tiers: {tiers}}}", False
    if kind < 0.7:
        return f"milestone: {{by: count, boundary: {boundary}, at: [{{1: 100}}, {{2: 50}}]}}", False
    if kind < 0.8:
        return f"steps: {{by: count, between: jump, boundary: {boundary}, at: [{{1: 100}}, {{3: 333}}]}}", False
    return f"rate_table: {{mode: {mode}, by: count, boundary: {boundary}, tiers: {tiers}}}", True
