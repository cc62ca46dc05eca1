"""A family of plan texts: every rule kind, mode and option that the language has, drawn at random."""

from __future__ import annotations

import re
from random import Random

from .clause_texts import BASE_RATES, RATES, counted, kicker
from .component_texts import component, modifiers
from .house import FX_TABLE, PAY_TABLE, House
from .pay_texts import clawback, earned, pay_words, with_own_clawback

CARRIES = ("continue", "reset", "blend")
GROWTH_TYPES = "[new_logo, upsell, cross_sell]"
WHENS = (
    f"{{type: {GROWTH_TYPES}}}",
    f"{{type: {GROWTH_TYPES}}}",
    "{type: [new_logo, upsell, cross_sell, renewal, churn]}",
    "{type: {not: churn}}",
    "{product: platform}",
    "{product: {not: [platform, storage]}}",
    "{acv: '>= 1_000'}",
    "{annual_value: 100..50_000}",
    "{first_order: yes}",
    "{first_order: no}",
    "{months_since_first_order: '<= 6'}",
    "{months_since_first_order: absent}",
    "{ramp: yes}",
    "{win_back: yes}",
    "{win_back: no}",
    "{margin: '>= 20%'}",
    "{margin: '< 99.9%'}",
    "{channel: absent}",
    "{channel: partner}",
    "{segment: [large, small]}",
    "{region: north, type: new_logo}",
    "{term_months: '>= 12'}",
    "{attributes.vertical: retail}",
    "{one_time_value: present}",
    "{closed_date: '>= 2024-02-29'}",
)


def plan_text(rng: Random, kind: str, terms: House, effective: str, carry: str | None) -> str:
    """One plan of the family."""
    body = {"hunter": _hunter, "farmer": _farmer, "engineer": _engineer, "manager": _manager}[kind]
    lines = [
        f"plan: {kind}",
        f"title: The {kind}s",
        "provisioning: differs",
        f"effective: {effective}",
        f"currency: {terms.currency}",
        f"fiscal_year_starts: {terms.fiscal_year_starts}",
        f"rounding: {terms.rounding}",
        f"counts_on: {terms.counts_on}",
        *([f"accepted_within: {terms.accepted_within} days"] if terms.counts_on == "closed" else []),
        f"new_logo_by: {terms.new_logo_by or rng.choice(('account', 'ultimate_parent'))}",
        *([f"win_back: {terms.win_back} months"] if terms.win_back else []),
        *([f"fx: {{table: {FX_TABLE}, rate: {terms.fx}}}"] if terms.fx else []),
        f"match: {rng.choice(('all', 'all', 'first'))}",
        *pay_words(rng, terms),
        *([f"cap: {{amount: {rng.choice(('5_000', '99'))}, per: year}}"] if rng.random() < 0.15 else []),
        *(["floor: {amount: 500, per: year}"] if rng.random() < 0.1 else []),
        *([f"clawback: {clawback(rng)}"] if terms.takes_back else []),
        *body(rng, carry),
        *(_counting(rng, kind, carry) if rng.random() < 0.4 else []),
        *(_meetings(rng, carry) if rng.random() < 0.5 else []),
        *(_retention(rng, carry) if carry in (None, "continue") and rng.random() < 0.4 else []),
    ]
    lines += _of_their_own(Random("\n".join(lines)), carry)
    if terms.takes_back and kind != "hunter":  # components that share a position take back alike
        lines = [line for each in lines for line in with_own_clawback(rng, each)]
    abroad = [f"pay_fx: {{table: {PAY_TABLE}, rate: {terms.pay_fx}}}"] if terms.pay_fx else []
    return "\n".join([*lines, earned(lines), *abroad]) + "\n"


def revised(rng: Random, text: str, effective: str) -> str:
    """The same components under other rates, modes, conditions and roundings, from another date on."""
    lines = []
    for line in text.splitlines():
        name, _, value = line.partition(": ")
        if name == "effective":
            line = f"effective: {effective}"
        elif name == "rounding":
            line = f"rounding: {rng.choice(('half_up', 'half_even', 'down'))}"
        elif name == "fx" and rng.random() < 0.3:
            line = f"fx: {{table: {FX_TABLE}, rate: {rng.choice(('plan_rate', 'close_date'))}}}"
        elif name == "clawback" and rng.random() < 0.5:
            line = f"clawback: {clawback(rng)}"
        elif name == "    when" and rng.random() < 0.3:
            line = f"    when: {rng.choice(WHENS)}"
        elif name == "    handover":
            line = f"    handover: {_handover(rng)}"
        elif name == "    pays" and "rank: " in value:
            line = line.replace("award: 500}", "award: 501}")
        elif name.strip() in ("rate_table", "flat_rate"):
            line = f"{name}: {_other_rates(rng, value)}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def _other_rates(rng: Random, clause: str) -> str:
    rates = BASE_RATES if "base}" in clause else RATES
    clause = re.sub(r"rate: [^}]*}", lambda _: f"rate: {rng.choice(rates)}}}", clause)
    return re.sub(r"mode: \w+", f"mode: {rng.choice(('marginal', 'retroactive', 'overage'))}", clause)


# --- the four plans


def _hunter(rng: Random, carry: str | None) -> list[str]:
    second = rng.random() < 0.4
    rules = ["own", "more"] if second else ["own"]
    lines = ["credits:", *_rule(rng, "own", f"{{type: {GROWTH_TYPES}}}" if rng.random() < 0.6 else rng.choice(WHENS))]
    if second:
        lines += _rule(rng, "more", rng.choice(WHENS))
    lines += ["components:"]
    quota = rng.choice(("pay_base", "pay_target"))
    per = rng.choice(("month", "quarter", "year"))
    commission = component(rng, "commission", rules, carry, quota=quota, per=per, weight=rng.choice(("60%", "1/3")))
    lines += commission
    if rng.random() < 0.6:
        lines += kicker(rng, "logos", rules, carry)
    by_deal = any("by: deal" in line or "by: credit" in line for line in commission)
    if "    quota: from assignment" in commission and not by_deal and rng.random() < 0.5:
        lines += component(rng, "shared", rules, carry, per=per, of="commission")
    return lines


def _farmer(rng: Random, carry: str | None) -> list[str]:
    lines = ["credits:", *_rule(rng, "growth", f"{{type: {GROWTH_TYPES}}}"), *_rule(rng, "renewals", "{type: renewal}")]
    lines += ["components:", *component(rng, "growing", ["growth"], carry)]
    lines += component(rng, "keeping", ["renewals", "growth"], carry, counts="tcv")
    return lines


def _engineer(rng: Random, carry: str | None) -> list[str]:
    lines = ["credits:", "  helped:", f"    when: {rng.choice(WHENS)}", "    to: role engineer", "    overlay: yes"]
    lines += ["    roll_up: yes"] if Random(repr(lines)).random() < 0.5 else []  # apart from what the seed draws
    rules = ["helped"]
    if rng.random() < 0.3:
        lines += _rule(rng, "own", rng.choice(WHENS))
        rules = ["helped", "own"]
    lines += ["components:", *component(rng, "overlay", rules, carry)]
    if rng.random() < 0.4:
        lines += kicker(rng, "logos", rules, carry)
    return lines


def _manager(rng: Random, carry: str | None) -> list[str]:
    lines = ["components:", *component(rng, "team", ["team"], carry, own=rng.choice(("in", "out")))]
    if rng.random() < 0.4:
        lines += kicker(rng, "team-logos", ["team"], carry, own=rng.choice(("in", "out")))
    if rng.random() < 0.5:
        lines += [
            "  override:",
            "    counts: earnings",
            "    from: team",
            f"    own_deals: {rng.choice(('in', 'out'))}",
        ]
        lines += ["    settle: as_earned", f"    per: {rng.choice(('month', 'quarter', 'year'))}"]
        lines += [f"    carry: {carry}"] if carry else []
        lines += modifiers(rng, "override", "flat_rate", quoted=False, quoted_other=None, apart=True)
        lines += ["    pays:", f"      flat_rate: {{rate: {rng.choice(RATES)}}}"]
    return lines


# --- their clauses


def _of_their_own(rng: Random, carry: str | None) -> list[str]:
    """Components that need nothing of the others. They are drawn apart, so that a further one changes no company."""
    lines = _retainer(rng) if rng.random() < 0.2 else []
    return lines + (_objectives(rng, carry) if rng.random() < 0.3 else [])


def _objectives(rng: Random, carry: str | None) -> list[str]:
    weights = rng.choice((("100%",), ("40%", "60%"), ("12.34%", "87.66%")))
    kinds = ("meeting_held", "lead_qualified")
    listed = ", ".join(f"{{activity: {kind}, weight: {weight}}}" for kind, weight in zip(kinds, weights, strict=False))
    most = rng.choice(("1%", "8%", "100%", "150%"))
    return [
        "  objectives:", "    counts: activities", f"    per: {rng.choice(('month', 'quarter', 'year'))}",
        "    weight: 1/30", *([f"    carry: {carry}"] if carry else []),
        f"    pays: {{objectives: {{of: target incentive, at_most: {most}, list: [{listed}]}}}}",
    ]  # fmt: skip


def _retainer(rng: Random) -> list[str]:
    terms = f"amount: {rng.choice((7, 2_000))}, part_period: {rng.choice(('by days', 'whole'))}"
    return ["  retainer:", f"    per: {rng.choice(('month', 'quarter', 'year'))}", f"    pays: {{fixed: {{{terms}}}}}"]


def _rule(rng: Random, name: str, when: str) -> list[str]:
    lines = [f"  {name}:", f"    when: {when}", "    to: seller"]
    if rng.random() < 0.3:
        lines.append(f"    priority: {rng.choice((1, 2, 3))}")
    if rng.random() < 0.6:
        lines.append(f"    handover: {_handover(rng)}")
    return lines


def _handover(rng: Random) -> str:
    keep = rng.choice((1, 3, 6, 12))
    parts = [
        f"keep: {keep} months",
        "after: first order",
        f"for: {rng.choice(('[upsell, cross_sell]', 'upsell', '[upsell, cross_sell, renewal]', GROWTH_TYPES))}",
        f"if_hunter_left: {rng.choice(('owner', 'pay_out'))}",
        f"survives_cancel: {rng.choice(('yes', 'no'))}",
    ]
    if rng.random() < 0.4:
        hunter, successor = rng.choice((("50%", "50%"), ("1/3", "2/3"), ("70%", "30%")))
        months = rng.choice([months for months in (1, 2, 3, 12) if months <= keep])
        parts.append(f"share_last: {{months: {months} months, hunter: {hunter}, successor: {successor}}}")
    if rng.random() < 0.4:
        parts.append(f"protect_pipeline: {rng.choice((1, 30, 60))} days")
    return "{" + ", ".join(parts) + "}"


def _counting(rng: Random, kind: str, carry: str | None) -> list[str]:
    """Deals or units, under the plan's first credit rule or of the team."""
    source = {"hunter": "own", "farmer": "growth", "engineer": "helped", "manager": "team"}[kind]
    counts = rng.choice(("deals", "units"))
    pays, pays_on = f"kicker: {{{rng.choice(('at', 'every'))}: {rng.choice((1, 2, 3))}, bonus: 77}}", False
    if rng.random() < 0.5:
        pays, pays_on = counted(rng)
    return [
        "  counting:",
        f"    counts: {counts}",
        *([f"    minimum_deal: {rng.choice(('1', '1_000', '10_000'))}"] if counts == "deals" else []),
        f"    from: {source}",
        *(["    own_deals: in", "    settle: as_earned"] if source == "team" else []),
        f"    per: {rng.choice(('month', 'quarter', 'year'))}",
        *([f"    carry: {carry}"] if carry else []),
        *(["    pays_on: acv"] if pays_on else []),
        "    pays:",
        f"      {pays}",
    ]


def _retention(rng: Random, carry: str | None) -> list[str]:
    """What is kept of the accounts owned on the first day, in money and in accounts (M6)."""
    per = rng.choice(("month", "quarter", "quarter", "year"))
    zero = rng.choice(("pay_base", "pay_target"))
    terms = [f"    per: {per}", "    settle: period_end", *([f"    carry: {carry}"] if carry else [])]
    jump = rng.random() < 0.5
    table = (
        "{mode: MODE, by: attainment, boundary: at, tiers: [{to: 90%, rate: 1%}, {to: 100%, rate: 1/3}, {rate: 2%}]}"
    )
    pays = rng.choice((
        f"rate_table: {table.replace('MODE', rng.choice(('marginal', 'retroactive', 'overage')))}",
        "steps: {by: attainment, of: target incentive, between: jump, boundary: over, at: [{90%: 80%}, {110%: 1/3}]}",
        "flat_rate: {rate: 0.5%}",
    ))  # fmt: skip
    quota = [] if pays.startswith("flat") and jump else ["    quota: opening_arr", f"    zero_quota: {zero}"]
    weight = ["    weight: 10%"] if "of: target" in pays or (quota and zero == "pay_target") else []
    gate = ["    gate: {measure: kept-logos, at_least: 90%}"] if rng.random() < 0.5 else []
    lines = ["  kept:", "    counts: retained_arr", *terms, *quota, *weight, *gate, "    pays:", f"      {pays}"]
    lines += ["  kept-logos:", "    counts: logo_retention", "    quota: opening_accounts", "    zero_quota: pay_base"]
    return [*lines, *terms, "    pays:", "      per_unit: {amount: 7}"]


def _meetings(rng: Random, carry: str | None) -> list[str]:
    return [
        "  meetings:",
        "    counts: activities",
        f"    activity: {rng.choice(('meeting_held', 'meeting_held', 'meeting_held', 'lead_qualified'))}",
        *([f"    outcome: {rng.choice(('held', '[held, no_show]'))}"] if rng.random() < 0.4 else []),
        f"    per: {rng.choice(('month', 'quarter', 'year'))}",
        *([f"    carry: {carry}"] if carry else []),
        "    pays:",
        f"      kicker: {{{rng.choice(('at', 'every'))}: {rng.choice((1, 2, 3))}, bonus: 120}}",
    ]
