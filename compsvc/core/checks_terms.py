"""Whether people have what their plans ask for: terms, owners, quotas, targets, and no gap in what is carried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, get_args

import polars as pl
from pydantic import BaseModel

from compsvc.core.checks_circles import manager_cycles
from compsvc.core.checks_law import law_broken
from compsvc.core.checks_rules import (
    ROW,
    Frames,
    Known,
    Rule,
    Said,
    faults_of,
    matching,
    negative_term,
    one_of,
    refuse,
    said,
    say,
    unknown_id,
)
from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import ATTRIBUTES
from compsvc.core.jurisdiction import FORM, PayeeClass
from compsvc.core.periods import PER_YEAR
from compsvc.core.plan_values import Per
from compsvc.core.quotas import PPM

if TYPE_CHECKING:
    from compsvc.core.plan import Component, Plan


def check_terms(frames: Frames, found: list[pl.DataFrame], known: Known, plans: Sequence[Plan]) -> None:
    account = unknown_id("account_id", known.accounts, "UNKNOWN_ACCOUNT")
    rules: Mapping[str, Callable[[], list[Rule]]] = {
        "account_attributes": lambda: [account, one_of("attribute", ATTRIBUTES, "UNKNOWN_ATTRIBUTE")],
        "ownerships": lambda: [*_owner_rules(known), account],
        "territories": lambda: _owner_rules(known),
        "quotas": lambda: _quota_rules(known),
    }
    for kind in (kind for kind in rules if frames[kind].height):
        refuse(kind, frames, found, faults_of(kind, frames[kind], rules[kind]()))
    if frames["quotas"].height:
        refuse("quotas", frames, found, [_quotas_elsewhere(frames["quotas"], frames["assignments"], plans)])
    if frames["assignments"].height:
        _check_assignments(frames, found, known, plans)


def _check_assignments(frames: Frames, found: list[pl.DataFrame], known: Known, plans: Sequence[Plan]) -> None:
    refuse(
        "assignments", frames, found, faults_of("assignments", frames["assignments"], _assignment_rules(known, plans))
    )
    refuse(
        "assignments",
        frames,
        found,
        [
            _overlapping_assignments(frames["assignments"]),
            _balances_differ(frames["assignments"], plans),
            _draws_differ(frames["assignments"], plans),
            _pay_currencies_differ(frames["assignments"], plans),
            _legal_entities_differ(frames["assignments"], plans),
            law_broken(frames["assignments"], plans),
        ],
    )
    terms, assignments = _terms(plans), frames["assignments"]
    faults = [_quota_faults(assignments, frames["quotas"], terms), _carry_faults(assignments, terms)]
    refuse("assignments", frames, found, [*faults, manager_cycles(assignments)])


def _owner_rules(known: Known) -> list[Rule]:
    return [unknown_id("participant_id", known.participants, "UNKNOWN_PARTICIPANT"), negative_term()]


def _quota_rules(known: Known) -> list[Rule]:
    negative = Rule("NEGATIVE_AMOUNT", "amount_minor", pl.col("amount_minor") < 0, say("a quota is not below zero."))
    return [
        unknown_id("participant_id", known.participants, "UNKNOWN_PARTICIPANT"),
        one_of("plan", known.plans, "UNKNOWN_PLAN"),
        one_of("per", get_args(Per), "UNKNOWN_PER"),
        negative,
    ]


def _assignment_rules(known: Known, plans: Sequence[Plan]) -> list[Rule]:
    currency = pl.col("plan").replace_strict(
        {plan.plan: plan.currency for plan in plans}, default=None, return_dtype=pl.String
    )
    other = pl.col("currency_code").is_not_null() & (pl.col("currency_code") != currency)
    target = "target_incentive_minor"
    return [
        *(
            unknown_id(field, known.participants, "UNKNOWN_PARTICIPANT")
            for field in ("participant_id", "manager_id", "cover_id")
        ),
        one_of("plan", known.plans, "UNKNOWN_PLAN"),
        negative_term(),
        _no_day(),
        Rule("NEGATIVE_AMOUNT", target, pl.col(target) < 0, say("a target incentive is not below zero.")),
        _workload(),
        _jurisdiction(),
        one_of("payee_class", get_args(PayeeClass), "UNKNOWN_PAYEE_CLASS"),
        _pay_currency(),
        _pay_fx_missing(plans),
        Rule(
            "CURRENCY_NOT_OF_PLAN",
            "currency_code",
            other,
            Said(
                "the plan pays in {}, the assignment says {}. Give target and quota in the plan's currency.",
                (currency, pl.col("currency_code")),
            ),
        ),
    ]


def _jurisdiction() -> Rule:
    unknown = ~pl.col("jurisdiction").str.contains(FORM)
    told = say("`{}` is no jurisdiction. Write the code of ISO 3166, as `DE` or `US-CA`.", "jurisdiction")
    return Rule("UNKNOWN_JURISDICTION", "jurisdiction", unknown, told)


def _pay_currency() -> Rule:
    code = pl.col("pay_currency_code")
    told = say("pay_currency_code `{}` is no currency of ISO 4217. Write it as `GBP`.", "pay_currency_code")
    return Rule("UNKNOWN_CURRENCY", "pay_currency_code", ~code.is_in(list(EXPONENTS)), told)


def _pay_fx_missing(plans: Sequence[Plan]) -> Rule:
    """Who is paid in another currency than the plan's needs its words in every revision from their start on (M10)."""
    plan, since, names = pl.col("plan"), _says_pay_fx(plans), {item.plan: item.currency for item in plans}
    currency = plan.replace_strict(names, default=None, return_dtype=pl.String)
    said = plan.replace_strict(since, default=None, return_dtype=pl.Date)
    bad = (pl.col("pay_currency_code") != currency) & (pl.col("start_date") < said).fill_null(value=True)
    told = say(
        "`{}` is paid in {}, and on {} the plan does not say how its currency becomes that one. Write `pay_fx` with a "
        "table and a rate into the plan, or leave the pay currency out.",
        *("participant_id", "pay_currency_code", "start_date"),
    )
    return Rule("PAY_FX_MISSING", "pay_currency_code", bad, told)


def _says_pay_fx(plans: Sequence[Plan]) -> dict[str, date]:
    """By plan the day since which every revision says `pay_fx`; none for a plan whose last one does not."""
    found: dict[str, date] = {}
    for plan in sorted(plans, key=lambda plan: plan.effective):
        first = not any(other.plan == plan.plan and other.effective < plan.effective for other in plans)
        if plan.pay_fx is None:
            found.pop(plan.plan, None)
        else:
            found.setdefault(plan.plan, date.min if first else plan.effective)
    return found


def _workload() -> Rule:
    ppm = pl.col("workload_ppm")
    told = say("a workload of {} parts per million is not above 0% and up to 100% of full time.", "workload_ppm")
    return Rule("WORKLOAD_OUT_OF_RANGE", "workload_ppm", (ppm <= 0) | (ppm > PPM), told)


def _no_day() -> Rule:
    message = say(
        "the assignment ends on the day it starts, {}, so it holds for no day. The end is the first day that no longer "
        "counts; leave the assignment out, or mend a date.",
        "start_date",
    )
    return Rule("ASSIGNMENT_EMPTY", "end_date", pl.col("end_date") == pl.col("start_date"), message)


def _overlapping_assignments(assignments: pl.DataFrame) -> pl.DataFrame:
    ordered = assignments.sort("participant_id", "plan", "start_date", ROW)
    group = ["participant_id", "plan"]
    last_end = pl.col("end_date").fill_null(date.max).cum_max().shift(1).over(group)
    next_start = pl.col("start_date").shift(-1).over(group)
    overlaps = (pl.col("start_date") < last_end) | (next_start < pl.col("end_date").fill_null(date.max))
    message = say(
        "participant `{}` has two assignments to plan `{}` on one day. End the first on the day the next one starts.",
        *group,
    )
    return matching("assignments", ordered, Rule("ASSIGNMENTS_OVERLAP", "start_date", overlaps, message))


def _balances_differ(assignments: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """The balances of one participant and currency stand together, so on no day may two plans say otherwise (T4)."""
    words = [(plan, _of_balances(plan)) for plan in plans if plan.negative is not None]
    why = "their `negative` differs. A balance is one for both; let both say the same."
    return _differ(assignments, words, "NEGATIVES_DIFFER", why)


def _draws_differ(assignments: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """Draws add up to one top-up, of which nobody has said what is lent and what is given (T3)."""
    draws = [(plan, plan.draw) for plan in plans if plan.draw is not None]
    words = [(plan, str(draw.recoverable)) for plan, draw in draws]
    why = "only one of their draws is recoverable. They top up a month together; let both say the same."
    limits = [(plan, str(draw.owes_at_most_minor)) for plan, draw in draws if draw.recoverable]
    most = "their `owes_at_most` differs. What is lent by both is one balance; let both say the same."
    found = [_differ(assignments, words, "DRAWS_DIFFER", why), _differ(assignments, limits, "DRAWS_DIFFER", most)]
    return pl.concat(found)


def _pay_currencies_differ(assignments: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """What a participant is paid of one currency is one amount, so it is paid in one currency and by one rate (M10)."""
    paid = pl.col("pay_currency_code")
    words = [(plan, repr((plan.pay_fx.table, plan.pay_fx.rate)) if plan.pay_fx else "") for plan in plans]
    of_plans = _latest(words if assignments["pay_currency_code"].is_not_null().any() else [])
    own = assignments.join(of_plans, on="plan", maintain_order="left").with_columns(
        _words=pl.concat_str(
            pl.coalesce(paid, "_currency"), pl.when(paid != pl.col("_currency")).then("_words"), ignore_nulls=True
        )
    )
    why = "is paid by one of them in another currency or by another rate. Both are one payout; let both say the same."
    return _at_odds(own, "PAY_CURRENCIES_DIFFER", why)


def _legal_entities_differ(assignments: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """What a participant is paid and owes in one currency is one account, and no two legal entities share it (T4)."""
    told = say(
        "participant `{}` is paid by `{}` here and by `{}` under another assignment in the same currency. Nothing "
        "is netted across legal entities; who is paid by another one has another participant_id there.",
        *("participant_id", "legal_entity", "_other"),
    )
    rule = Rule("LEGAL_ENTITIES_DIFFER", "legal_entity", pl.col("legal_entity") != pl.col("_other"), told)
    own = assignments.filter(pl.col("legal_entity").is_not_null()).join(
        _latest([(plan, "") for plan in plans]), on="plan", maintain_order="left"
    )
    first = pl.col("legal_entity").sort_by("start_date", "plan").first().over("participant_id", "_currency")
    return matching("assignments", own.with_columns(_other=first), rule)


def _differ(assignments: pl.DataFrame, said: Sequence[tuple[Plan, str]], code: str, why: str) -> pl.DataFrame:
    """Where on one day a participant is under two plans of one currency whose latest words differ."""
    return _at_odds(assignments.join(_latest(said), on="plan"), code, why)


def _latest(said: Sequence[tuple[Plan, str]]) -> pl.DataFrame:
    """The currency of each plan, and what its latest revision says."""
    rows = {plan.plan: (plan.plan, plan.currency, word) for plan, word in sorted(said, key=lambda x: x[0].effective)}
    schema = dict.fromkeys(("plan", "_currency", "_words"), pl.String)
    return pl.DataFrame(list(rows.values()), schema=schema, orient="row")


def _at_odds(own: pl.DataFrame, code: str, why: str) -> pl.DataFrame:
    """Assignments with `_currency` and `_words`: where those of a participant and day in one currency differ."""
    message = say(
        f"participant `{{}}` is under the plans `{{}}` and `{{}}` on one day, and {why}",
        *("participant_id", "plan", "_other"),
    )
    rule = Rule(code, "plan", pl.lit(value=True), message)
    if own["_words"].n_unique() < 2:
        return matching("assignments", own.clear().with_columns(_other=pl.lit("")), rule)
    own = own.with_columns(pl.col("end_date").fill_null(date.max))
    names = {name: f"_{name}" for name in ("start_date", "end_date")} | {"plan": "_other", "_words": "_said"}
    other = own.select("participant_id", "_currency", *names).rename(names)
    both = own.join(other, on=["participant_id", "_currency"]).filter(
        pl.col("_words") != pl.col("_said"),
        pl.col("start_date") < pl.col("_end_date"),
        pl.col("_start_date") < pl.col("end_date"),
    )
    return matching("assignments", both.unique([ROW, "_other"], maintain_order=True).unique(ROW, keep="first"), rule)


def _of_balances(plan: Plan) -> str:
    assert plan.negative is not None
    said = plan.negative
    return repr((said.carry, said.recover_at_most, said.never_below, said.order))


# --- what a plan asks of its assignments

TERMS = {
    "plan": pl.String,
    "component": pl.String,
    "effective": pl.Date,
    "until": pl.Date,  # the next revision's date
    "first": pl.Boolean,  # the component's first revision: nothing to carry on its date
    "needs_quota": pl.Boolean,
    "uses_base": pl.Boolean,
    "uses_target": pl.Boolean,  # by its steps, or by a cap or a floor that is a share of it
    "zero_quota": pl.String,
    "pays_target": pl.Boolean,  # of the assignment, where its quota is zero
    "carries": pl.Boolean,
    "per": pl.String,
    "year_starts": pl.Int32,
}


def _terms(plans: Sequence[Plan]) -> pl.DataFrame:
    rows: list[tuple[object, ...]] = []
    by_plan: dict[str, list[Plan]] = {}
    for plan in sorted(plans, key=lambda plan: (plan.plan, plan.effective)):
        by_plan.setdefault(plan.plan, []).append(plan)
    for name, revisions in by_plan.items():
        for i, plan in enumerate(revisions):
            until = revisions[i + 1].effective if i + 1 < len(revisions) else None
            before = revisions[i - 1].components if i else {}
            for component, terms in plan.components.items():
                what = _component_terms(terms)
                rows.append(
                    (name, component, plan.effective, until, component not in before, *what, plan.fiscal_year_starts)
                )
    return pl.DataFrame(rows, schema=TERMS, orient="row")


def _component_terms(component: Component) -> tuple[bool, bool, bool, str | None, bool, bool, str]:
    bounds, assigned = (component.cap, component.floor), component.pays.amount_minor is None
    return (
        component.quota == "from assignment",
        _uses_base(component.pays),
        assigned and (component.pays.template().uses_target or any(type(x) is Fraction for x in bounds)),
        component.zero_quota,
        assigned and component.zero_quota == "pay_target",
        component.carry is not None or component.pays.pays_without_measure,
        component.per,
    )


def _uses_base(value: object) -> bool:
    """Whether any rate in here is a share of `base`, whatever the rule kind calls it."""
    if getattr(value, "of_base", False):
        return True
    if isinstance(value, BaseModel):
        return any(_uses_base(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, Mapping):
        return any(_uses_base(item) for item in value.values())
    return isinstance(value, tuple | list) and any(_uses_base(item) for item in value)


def _quotas_elsewhere(quotas: pl.DataFrame, assigned: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    on = ["participant_id", "plan", "start_date"]
    lost = quotas.join(assigned.unique(), on=on, how="anti")
    message = say("no assignment of `{}` to plan `{}` starts on {}. A quota has the start_date of its assignment.", *on)
    components = sorted({(plan.plan, component) for plan in plans for component in plan.components})
    known = pl.DataFrame(components, schema={"plan": pl.String, "component": pl.String}, orient="row")
    named = quotas.filter(pl.col("component").is_not_null()).join(known, on=["plan", "component"], how="anti")
    unknown = say("plan `{}` has no component `{}`. Leave `component` empty for all of them.", "plan", "component")
    return pl.concat(
        [
            matching("quotas", lost, Rule("QUOTA_WITHOUT_ASSIGNMENT", "start_date", pl.lit(value=True), message)),
            matching("quotas", named, Rule("UNKNOWN_COMPONENT", "component", pl.lit(value=True), unknown)),
        ]
    )


def _quota_faults(assignments: pl.DataFrame, quotas: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    on = ["participant_id", "plan", "start_date"]
    bound = assignments.join(terms, on="plan").filter(
        (pl.col("end_date").is_null() | (pl.col("effective") < pl.col("end_date")))
        & (pl.col("until").is_null() | (pl.col("start_date") < pl.col("until")))
    )
    named = quotas.filter(pl.col("component").is_not_null()).select(*on, "component", named="amount_minor")
    whole = quotas.filter(pl.col("component").is_null()).select(*on, whole="amount_minor")
    bound = bound.join(named, on=[*on, "component"], how="left").join(whole, on=on, how="left")
    bound = bound.with_columns(quota=pl.coalesce("named", "whole"))
    return pl.concat([matching("assignments", bound, rule) for rule in _quota_fault_rules()])


def _quota_fault_rules() -> list[Rule]:
    need, base, zero = pl.col("needs_quota"), pl.col("uses_base"), pl.col("quota") == 0
    no_target, way = pl.col("target_incentive_minor").is_null(), pl.col("zero_quota")
    by_target = base | pl.col("uses_target") | (zero & pl.col("pays_target"))
    target = "target_incentive_minor"
    missing = "component `{}` counts against a quota and `{}` has none. Add a quota that starts on {}."
    needs = "component `{}` pays by the target incentive and `{}` has none. Add target_incentive."
    said = "component `{}` has a quota of zero for `{}`, and the plan is silent on `zero_quota`. Give a quota."
    based = "component `{}` pays by `base`, target / quota, and `{}` has a quota of zero. Give a quota."
    who = ("component", "participant_id")
    return [
        Rule("QUOTA_MISSING", "quota", need & pl.col("quota").is_null(), say(missing, *who, "start_date")),
        Rule("BASE_NEEDS_TARGET", target, no_target & by_target, say(needs, *who)),
        Rule("ZERO_QUOTA", "quota", (need & zero & way.is_null()), say(said, *who)),
        Rule("ZERO_QUOTA_BASE", "quota", (zero & base & (way == "pay_base")), say(based, *who)),
    ]


def _carry_faults(assignments: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """A second assignment or revision inside one measurement period, where the plan does not say `carry` (M2)."""
    silent = terms.filter(~pl.col("carries"))
    before_end = pl.col("end_date").shift(1).over(["participant_id", "plan"], order_by="start_date")
    seconds = (
        assignments.with_columns(_before=before_end)
        .join(silent, on="plan")
        .filter(
            (pl.col("effective") <= pl.col("start_date"))
            & (pl.col("until").is_null() | (pl.col("start_date") < pl.col("until")))
        )
    )
    changed = silent.filter(~pl.col("first") & (_period_start("effective") < pl.col("effective")))
    across = assignments.join(changed, on="plan").filter(
        (pl.col("start_date") < pl.col("effective"))
        & (pl.col("end_date").is_null() | (pl.col("end_date") > pl.col("effective")))
    )
    message = (
        "the {} changes on {{}}, inside a {{}} of component `{{}}`. "
        "See that {} `carry`, or change on a period's first day."
    )
    inside = _period_start("start_date") < pl.col("_before")
    second = say(message.format("assignment", "the plan says"), "start_date", "per", "component")
    changes = say(
        message.format("plan", "both revisions, the one before that day and the one from it on, say"),
        "effective",
        "per",
        "component",
    )
    return pl.concat(
        [
            matching("assignments", seconds, Rule("CARRY_MISSING", "start_date", inside, second)),
            matching("assignments", across, Rule("CARRY_MISSING", "start_date", pl.lit(value=True), changes)),
        ]
    )


def _period_start(field: str) -> pl.Expr:
    """The first day of the measurement period (`per`, on a fiscal year that starts with month `year_starts`)."""
    month = (pl.col(field).dt.month().cast(pl.Int32) - pl.col("year_starts")) % 12
    length = pl.col("per").replace_strict({per: 12 // spans for per, spans in PER_YEAR.items()}, return_dtype=pl.Int32)
    back = month % length
    return pl.col(field).dt.month_start().dt.offset_by(said("-{}mo", back))
