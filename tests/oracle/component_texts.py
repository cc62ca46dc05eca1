"""The words of a component that counts credited deals: measure, quota, modifiers and bounds."""

from __future__ import annotations

from random import Random

from compsvc.core.plan_values import MONTHS

from .clause_texts import pays_clause

OTHER_MEASURES = ("first_year_acv", "mrr", "delta_acv", "margin", "present_value", "ltv", "renewed_acv")


def component(
    rng: Random,
    name: str,
    rules: list[str],
    carry: str | None,
    *,
    counts: str | None = None,
    quota: str | None = None,
    per: str | None = None,
    weight: str | None = None,
    own: str | None = None,
    of: str | None = None,
) -> list[str]:
    common = ("acv", "final_stage_acv", "final_stage_acv", "tcv")
    counts = counts or rng.choice((*common, *common, *OTHER_MEASURES))
    pays, uses_base, uses_quota = pays_clause(rng, quota, of)
    others = [measure for measure in ("acv", "tcv", "final_stage_acv") if measure != counts]
    others += [name for name in OTHER_MEASURES if name != counts] if rng.random() < 0.2 else []
    pays_on = rng.choice([None, None, *others]) if pays.startswith(("rate_table", "flat_rate")) else None
    measures = {counts, pays_on}
    lines = [f"  {name}:", f"    counts: {counts}"]
    if pays_on:
        lines.append(f"    pays_on: {pays_on}")
    if "final_stage_acv" in measures:
        limits = rng.choice(("first_stage", "average"))
        term, last = rng.choice(((36, 12), (24, 6), (12, 1)))
        lines.append(
            f"    ramp: {{term_at_least: {term} months, last_stage_at_least: {last} months, below_limits: {limits}}}"
        )
    if measures == {"acv", None} and rng.random() < 0.3:
        lines.append("    ramp: as_stages_start")
    lines += _terms_of(rng, measures)
    if measures & {"acv", "final_stage_acv", "first_year_acv", "present_value", "ltv"} and rng.random() < 0.4:
        lines.append(f"    one_time: {rng.choice(('count', 'leave out'))}")
    lines += [f"    from: [{', '.join(rules)}]", f"    per: {per or rng.choice(('month', 'quarter', 'year'))}"]
    if quota and (uses_quota or uses_base):
        lines += ["    quota: from assignment", f"    zero_quota: {quota}"]
        if uses_base or quota == "pay_target":
            lines.append(f"    weight: {weight}")
        lines += quota_words(rng, per, of_target=quota == "pay_target" or "of: target" in pays)
    if own:
        lines.append(f"    own_deals: {own}")
        lines += [f"    levels: {rng.choice(('1', '2', '2..', '1..2'))}"] if rng.random() < 0.4 else []
    if own or counts == "delta_acv" or "    below_cost: subtract" in lines:
        lines.append(f"    settle: {rng.choice(('as_earned', 'period_end'))}")
    if carry:
        lines.append(f"    carry: {carry}")
    lines += modifiers(
        rng, name, pays, quoted="    quota: from assignment" in lines, quoted_other=of, apart=pays_on is not None
    )
    return [*lines, "    pays:", f"      {pays}"]


def quota_words(rng: Random, per: str | None, *, of_target: bool) -> list[str]:
    """What becomes of a quota that is given: proration, the ramp-up of new hires, seasonal weights (M4)."""
    lines = []
    if rng.random() < 0.5:
        reasons = rng.sample(("entry", "exit", "leave", "part_time"), rng.randint(1, 4))
        by = rng.choice(("days", "days", "months"))
        part_month = f", part_month: {rng.choice(('counts', 'leave out', 'by days'))}" if by == "months" else ""
        of = f", of: {rng.choice(('quota', 'quota and target'))}" if of_target else ""
        words = f"{{by: {by}{part_month}, for: [{', '.join(reasons)}]{of}}}"
        lines.append(f"    prorate: {rng.choice(('no', words, words))}")
    if rng.random() < 0.3:
        months = rng.choice(("0%", "0%, 25%, 50%, 75%, 100%", "1/3, 2/3", "50%, 0%, 12.5%"))
        of = rng.choice(("quota", "quota and target")) if of_target else "quota"
        start = rng.choice(("", ", from: first assignment", ", from: first assignment to this plan"))
        lines.append(f"    ramp_up: {{months: [{months}], of: {of}{start}}}")
    if rng.random() < 0.3 and (per != "year" or any("prorate: {" in line for line in lines)):
        quarters = "{Q1: 20%, Q2: 0%, Q3: 1/3, Q4: 7/15}"
        months_of = dict.fromkeys(MONTHS, "5%") | {"march": "42.5%", "december": "12.5%", "august": "0%"}
        by_month = "{" + ", ".join(f"{month}: {weight}" for month, weight in months_of.items()) + "}"
        lines.append(f"    seasonal: {rng.choice((quarters, by_month))}")
    return lines


def _terms_of(rng: Random, measures: set[str | None]) -> list[str]:
    """The words that a measure demands."""
    rates = f"discount: {rng.choice(('0%', '8%', '8.25%', '1/3'))}, churn: {rng.choice(('1%', '5%', '20%', '100%'))}"
    words = {
        "margin": f"    below_cost: {rng.choice(('zero', 'subtract'))}",
        "present_value": f"    present_value: {{{rates}}}",
        "ltv": f"    ltv: {{{rates}, horizon: {rng.choice(('open', '1 year', '5 years', '12 years'))}}}",
    }
    return [line for measure, line in words.items() if measure in measures]


def modifiers(rng: Random, name: str, pays: str, *, quoted: bool, quoted_other: str | None, apart: bool) -> list[str]:
    """A gate and a multiplier, each on what has a quota where it needs one (M6)."""
    other = rng.choice(("own", quoted_other)) if quoted_other else "own"
    lines = []
    if rng.random() < 0.2:
        amounts = ["100", "1_000", "25_000", *(["50%", "100%", "1/3"] if quoted or quoted_other else [])]
        only = "flat_rate" in pays and rng.random() < 0.5
        amount = rng.choice(amounts[:3] + (["50%"] if quoted else [])) if only else rng.choice(amounts)
        measure, rest = ("own", ", above: only") if only else (other, "")
        gates = [f"{{measure: {measure}, at_least: {amount}{rest}}}"]
        gates += _second_gate(Random(pays + amount), measure, amount, quoted_other)  # drawn apart from the seed
        lines.append(f"    gate: {gates[0] if len(gates) == 1 else '[' + ', '.join(gates) + ']'}")
    if (quoted or quoted_other) and rng.random() < 0.25:
        by = "attainment" if other == "own" else f"attainment of {other}"
        tiers = rng.choice(
            ("{to: 80%, times: 0.5 x}, {times: 1.25 x}", "{to: 1/3, times: 0 x}, {to: 100%, times: 1 x}, {times: 2 x}")
        )
        lines.append(f"    multiplier: {{by: {by}, boundary: {rng.choice(('at', 'over'))}, tiers: [{tiers}]}}")
    each_deal = "by: deal" in pays or "by: credit" in pays
    apart = quoted_other is not None or apart
    return lines + bounds(Random(pays) if each_deal else rng, apart=apart)  # deals draw apart from the seed


def _second_gate(rng: Random, measure: str, amount: str, quoted_other: str | None) -> list[str]:
    """Of the other component, and not in the unit in which the first one asks it already."""
    more = rng.choice(("1", "2_000", "30%", "90%"))
    alike = measure == quoted_other and (more[-1] == "%") == (amount in ("50%", "100%", "1/3"))
    return [f"{{measure: {quoted_other}, at_least: {more}}}"] if quoted_other and not alike else []


def bounds(rng: Random, *, apart: bool) -> list[str]:
    """Caps, floors, windfalls and minimums (T3)."""
    lines = []
    if rng.random() < 0.15:
        lines.append(f"    cap: {rng.choice(('1_000', '33', '50_000', '100%', '1/3'))}")
    if rng.random() < 0.1:
        lines.append(f"    floor: {rng.choice(('7', '20', '0.1%'))}")
    if not apart and rng.random() < 0.1:
        lines.append(f"    minimum_per_deal: {rng.choice(('50', '1'))}")
    if not apart and rng.random() < 0.12:
        above, pay = rng.choice(("1_000", "33", "25_000")), rng.choice(("50%", "1/3", "review"))
        lines.append(f"    windfall: {{above: {above}, pay: {pay}}}")
    return lines
