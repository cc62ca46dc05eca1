"""A family of plan texts: every rule kind, mode and option that the language has, drawn at random."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from compsvc.core.plan_values import MONTHS

FX_TABLE = "budget 2024"
PAY_TABLE = "payroll"  # of the rates of pay
CONTEST = "against-others"
PAYERS = ("commission", "shared", "growing", "keeping", "overlay", "team", "logos")  # components that pay for deals
CARRIES = ("continue", "reset", "blend")
RATES = ("10%", "12.5%", "1/3", "7.77%", "0.125%", "2.5%", "100%", "0%", "1/7")
BASE_RATES = ("base", "1.5 x base", "0.5 x base", "2 x base", "1/3 x base", "1.25 x base")
GROWTH_TYPES = "[new_logo, upsell, cross_sell]"
OTHER_MEASURES = ("first_year_acv", "mrr", "delta_acv", "margin", "present_value", "ltv", "renewed_acv")
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


@dataclass(frozen=True)
class House:
    """What a company decides once."""

    currency: str
    exponent: int
    fiscal_year_starts: str
    rounding: str
    counts_on: str
    accepted_within: int
    win_back: int | None
    new_logo_by: str | None  # the same in all plans, or each its own; with `win_back` it is the same
    payable: str
    takes_back: bool  # every plan says what a loss takes back
    lends: bool  # every plan has a draw; else each plan decides
    recoverable: str  # all draws, or none, since those of a participant are one top-up (T3)
    negative: str  # one for all, since the balances of a participant are one for all their plans (T4)
    fx: str | None = None  # by which rate other currencies are converted

    @property
    def pay_fx(self) -> str | None:
        """By which rate pay becomes another currency, apart from what the seed draws; the same in all plans."""
        return Random(self.negative + self.currency).choice((None, "plan_rate", "month_start", "month_end"))


def house(rng: Random) -> House:
    currency, exponent = rng.choice((("EUR", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3)))
    win_back = rng.choice((None, None, 1, 6))
    lends, recoverable = rng.random() < 0.4, rng.choice(("yes", "no"))
    return House(
        currency=currency,
        exponent=exponent,
        fiscal_year_starts=rng.choice(("january", "january", "april", "february", "october")),
        rounding=rng.choice(("half_up", "half_even", "down")),
        counts_on=rng.choice(("accepted", "closed")),
        accepted_within=rng.choice((0, 1, 10, 45)),
        win_back=win_back,
        new_logo_by=rng.choice(("account", "ultimate_parent")) if win_back else None,
        payable=rng.choice(("accepted", "closed")),
        takes_back=rng.random() < 0.5,
        lends=lends,
        recoverable=recoverable,
        negative=_negative(rng, recoverable if lends else None),
    )


def _negative(rng: Random, draw: str | None) -> str:
    never = rng.choice(("0", "150", *(["draw"] if draw else [])))
    order = rng.choice(("oldest first", "draw first", "negative first"))
    most = rng.choice(("100%", "50%", "1/3"))
    carry = rng.choice(("yes", "yes", "no") if draw == "yes" else ("yes",))
    return f"{{carry: {carry}, recover_at_most: {most}, never_below: {never}, order: {order}}}"


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
        *([f"clawback: {_clawback(rng)}"] if terms.takes_back else []),
        *body(rng, carry),
        *(_counting(rng, kind, carry) if rng.random() < 0.4 else []),
        *(_meetings(rng, carry) if rng.random() < 0.5 else []),
        *(_retention(rng, carry) if carry in (None, "continue") and rng.random() < 0.4 else []),
    ]
    lines += _of_their_own(Random("\n".join(lines)), carry)
    if terms.takes_back and kind != "hunter":  # components that share a position take back alike
        lines = [line for each in lines for line in _with_own_clawback(rng, each)]
    abroad = [f"pay_fx: {{table: {PAY_TABLE}, rate: {terms.pay_fx}}}"] if terms.pay_fx else []
    return "\n".join([*lines, earned(lines), *abroad]) + "\n"


def with_contest(text: str, kind: str, carry: str | None) -> str:
    """The same plan, at times with a contest or a pool: drawn from the text, so that nothing else of it changes."""
    lines = text.splitlines()
    return "\n".join([*lines[:-1], *_against_others(Random(text), kind, carry), lines[-1]]) + "\n"


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


def earned(lines: list[str]) -> str:
    """Drawn from the text, so that the other words stay those of the seed."""
    return f"earned: {{on: {Random(repr(lines)).choice(('accepted', 'accepted', 'closed', 'invoiced', 'paid'))}}}"


PARTS = (
    "[{share: 50%, on: accepted}, {share: 50%, on: closed, after: 90 days}]",
    "[{share: 1/3, on: closed}, {share: 1/3, on: accepted, held_until: quarter end}, {share: 1/3, on: accepted}]",
    "{on: accepted, over: 12 months}",
    "[{share: 75%, on: accepted}, {share: 25%, on: accepted, after: 9 months, over: 3 months}]",
    "{on: closed, held_until: year end}",
    "{on: paid}",
    "[{share: 60%, on: invoiced}, {share: 40%, on: paid, after: 10 days}]",
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


SCHEDULES = (
    *("full", "full", "pro rata over 12 months", "pro rata over 7 months"),
    *("full within 6 months", "full within 1 month", "full within 3 months then pro rata over 9 months"),
)


def _clawback(rng: Random) -> str:
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


def _with_own_clawback(rng: Random, line: str) -> list[str]:
    if line in ("    counts: deals", "    counts: units"):
        return [line, "    clawback: no"] if rng.random() < 0.25 else [line]
    own = re.match(r"    counts: (acv|tcv|final_stage_acv)", line) and rng.random() < 0.25
    return [line, f"    clawback: {_clawback(rng)}"] if own else [line]


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
            line = f"clawback: {_clawback(rng)}"
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
    commission = _component(rng, "commission", rules, carry, quota=quota, per=per, weight=rng.choice(("60%", "1/3")))
    lines += commission
    if rng.random() < 0.6:
        lines += _kicker(rng, "logos", rules, carry)
    by_deal = any("by: deal" in line or "by: credit" in line for line in commission)
    if "    quota: from assignment" in commission and not by_deal and rng.random() < 0.5:
        lines += _component(rng, "shared", rules, carry, per=per, of="commission")
    return lines


def _farmer(rng: Random, carry: str | None) -> list[str]:
    lines = ["credits:", *_rule(rng, "growth", f"{{type: {GROWTH_TYPES}}}"), *_rule(rng, "renewals", "{type: renewal}")]
    lines += ["components:", *_component(rng, "growing", ["growth"], carry)]
    lines += _component(rng, "keeping", ["renewals", "growth"], carry, counts="tcv")
    return lines


def _engineer(rng: Random, carry: str | None) -> list[str]:
    lines = ["credits:", "  helped:", f"    when: {rng.choice(WHENS)}", "    to: role engineer", "    overlay: yes"]
    lines += ["    roll_up: yes"] if Random(repr(lines)).random() < 0.5 else []  # apart from what the seed draws
    rules = ["helped"]
    if rng.random() < 0.3:
        lines += _rule(rng, "own", rng.choice(WHENS))
        rules = ["helped", "own"]
    lines += ["components:", *_component(rng, "overlay", rules, carry)]
    if rng.random() < 0.4:
        lines += _kicker(rng, "logos", rules, carry)
    return lines


def _manager(rng: Random, carry: str | None) -> list[str]:
    lines = ["components:", *_component(rng, "team", ["team"], carry, own=rng.choice(("in", "out")))]
    if rng.random() < 0.4:
        lines += _kicker(rng, "team-logos", ["team"], carry, own=rng.choice(("in", "out")))
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
        *(["    quota: from assignment", *_quota_words(rng, per, of_target=False)] if by == "attainment" else []),
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


def _component(
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
    pays, uses_base, uses_quota = _pays(rng, quota, of)
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
        lines += _quota_words(rng, per, of_target=quota == "pay_target" or "of: target" in pays)
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


def _quota_words(rng: Random, per: str | None, *, of_target: bool) -> list[str]:
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


def _pays(rng: Random, quota: str | None, of: str | None) -> tuple[str, bool, bool]:
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


def _kicker(rng: Random, name: str, rules: list[str], carry: str | None, own: str | None = None) -> list[str]:
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
    pays, pays_on = _counted(rng)
    return [*lines, *(["    pays_on: acv"] if pays_on else []), "    pays:", f"      {pays}"]


def _counted(rng: Random) -> tuple[str, bool]:
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


def _counting(rng: Random, kind: str, carry: str | None) -> list[str]:
    """Deals or units, under the plan's first credit rule or of the team."""
    source = {"hunter": "own", "farmer": "growth", "engineer": "helped", "manager": "team"}[kind]
    counts = rng.choice(("deals", "units"))
    pays, pays_on = f"kicker: {{{rng.choice(('at', 'every'))}: {rng.choice((1, 2, 3))}, bonus: 77}}", False
    if rng.random() < 0.5:
        pays, pays_on = _counted(rng)
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
