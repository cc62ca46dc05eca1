"""Whether a component can take credit that somebody states: its position has to be there to be moved (B3, B4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from compsvc.core.checks_rules import (
    ROW,
    Frames,
    Known,
    Refusal,
    Rule,
    Said,
    faults_of,
    matching,
    one_of,
    refusals_of,
    refuse,
    say,
    unknown_id,
)
from compsvc.core.facts import DEAL, Facts
from compsvc.core.limits import MAX_AMOUNT_MINOR
from compsvc.core.losses import line_sizes
from compsvc.core.periods import period_index
from compsvc.core.plan import COUNTED, OF_EARNINGS, OPENED, UNMEASURED
from compsvc.core.stated_credits import ADJUSTMENT, OPENING

if TYPE_CHECKING:
    from compsvc.core.plan import Component, Plan

KIND = "stated_credits"
TERMS = {  # what a component in force says of credit that somebody states
    "plan": pl.String,
    "component": pl.String,
    "effective": pl.Date,
    "until": pl.Date,
    "plan_currency": pl.String,
    "is_count": pl.Boolean,
    "none": pl.String,  # why it takes none; null where it does
    "pays_alone": pl.String,  # why what is paid on does not count here
    "apart": pl.String,  # why a credit does not both count and pay
    "together": pl.String,  # why a credit does not count without paying, nor pay without counting
    "kept": pl.String,  # why no deal's loss takes anything of it
    "per": pl.String,
    "starts": pl.Int64,
}


def check_stated(frames: Frames, found: list[pl.DataFrame], known: Known, plans: Sequence[Plan]) -> None:
    if frames[KIND].is_empty():
        return
    refuse(KIND, frames, found, faults_of(KIND, frames[KIND], _own_rules(known, plans)))
    refuse(KIND, frames, found, _outside_terms(frames, plans))
    joined = _with_terms(frames[KIND], plans)
    refuse(KIND, frames, found, faults_of(KIND, joined, [*_term_rules(), _period_over(joined)]))
    refuse(KIND, frames, found, _of_no_deal(frames))


def stated_faults(credits: pl.DataFrame, facts: Facts, plans: Sequence[Plan]) -> tuple[Refusal, ...]:
    """What is wrong with credits that somebody is about to state, beside the facts as they are."""
    kinds = ("participants", "accounts", "assignments", "deals", "deal_lines", "stages")
    frames = {kind: getattr(facts, kind).with_row_index(ROW) for kind in kinds}
    frames[KIND] = credits.with_row_index(ROW)
    found: list[pl.DataFrame] = []
    check_stated(frames, found, Known.of(frames, plans), plans)
    return refusals_of(found)


def _own_rules(known: Known, plans: Sequence[Plan]) -> list[Rule]:
    components = sorted({name for plan in plans for name in plan.components})
    amount, count = pl.col("amount_minor"), pl.col("count_millionths")
    once = say("a stated credit is `amount` where the component counts money, else `count`; it is one of them.")
    nothing = say("the credit comes to nothing. Say what it counts or pays, above or below zero.")
    moves = (pl.coalesce(amount, count) != 0) & (pl.col("counts") | pl.col("pays"))
    back = pl.col("taken_back").fill_null(value=False)
    of_deal = say("a credit that is taken back with a deal names the deal. Name it, or write `no`.")
    limit = say(f"count {{}} is out of range; the largest is {MAX_AMOUNT_MINOR:,} millionths.", "count_millionths")
    return [
        one_of("kind", (OPENING, ADJUSTMENT), "UNKNOWN_KIND"),
        unknown_id("participant_id", known.participants, "UNKNOWN_PARTICIPANT"),
        one_of("plan", known.plans, "UNKNOWN_PLAN"),
        one_of("component", components, "UNKNOWN_COMPONENT"),
        Rule("CREDIT_AMOUNT_OR_COUNT", "amount", amount.is_null() == count.is_null(), once),
        Rule("CREDIT_OF_NOTHING", "amount", ~moves, nothing),
        Rule("AMOUNT_TOO_LARGE", "count", count.abs() > MAX_AMOUNT_MINOR, limit),
        Rule("CREDIT_TAKEN_BACK_ALONE", "taken_back", back & pl.col("external_id").is_null(), of_deal),
    ]


def _outside_terms(frames: Frames, plans: Sequence[Plan]) -> list[pl.DataFrame]:
    """Of a day on which the plan has no such component, or does not have the participant."""
    rows, day = frames[KIND], pl.col("credit_date")
    inside = rows.join(_with_terms(rows, plans), on=ROW, how="semi")
    terms = frames["assignments"].select("participant_id", "plan", "start_date", "end_date")
    under = inside.join(terms, on=["participant_id", "plan"]).filter(
        pl.col("start_date") <= day, pl.col("end_date").is_null() | (day < pl.col("end_date"))
    )
    outside = say("plan `{}` has no component `{}` in force on {}. Mend the date.", "plan", "component", "credit_date")
    unassigned = say(
        "`{}` is not assigned to plan `{}` on {}. Mend the date, or the assignment.",
        *("participant_id", "plan", "credit_date"),
    )
    always = pl.lit(value=True)
    found = [
        (rows.join(inside, on=ROW, how="anti"), Rule("CREDIT_OUTSIDE_PLAN", "credit_date", always, outside)),
        (inside.join(under, on=ROW, how="anti"), Rule("CREDIT_NOT_ASSIGNED", "credit_date", always, unassigned)),
    ]
    return [matching(KIND, those, rule) for those, rule in found]


def _term_rules() -> list[Rule]:
    counts, pays, back = pl.col("counts"), pl.col("pays"), pl.col("taken_back").fill_null(value=False)
    unit = Said(
        "component `{}` counts {}. State the credit in that.",
        (pl.col("component"), pl.when("is_count").then(pl.lit("by number")).otherwise(pl.lit("money"))),
    )
    other = pl.col("currency_code").is_not_null() & (pl.col("currency_code") != pl.col("plan_currency"))
    currency = say("the credit is in {}, and plan `{}` counts in {}.", "currency_code", "plan", "plan_currency")
    because = {name: Said("{}", (pl.col(name),)) for name in ("none", "pays_alone", "apart", "together", "kept")}
    wrong = {name: pl.col(name).is_not_null() for name in because}
    return [
        Rule("CREDIT_WITHOUT_POSITION", "component", wrong["none"], because["none"]),
        Rule("CREDIT_WITHOUT_POSITION", "counts", wrong["pays_alone"] & counts, because["pays_alone"]),
        Rule("CREDIT_UNIT", "amount", pl.col("is_count") != pl.col("count_millionths").is_not_null(), unit),
        Rule("CURRENCY_NOT_OF_PLAN", "currency_code", other, currency),
        Rule("CREDIT_PAYS_APART", "pays", wrong["apart"] & counts & pays, because["apart"]),
        Rule("CREDIT_PAYS_TOGETHER", "pays", wrong["together"] & (counts != pays), because["together"]),
        Rule("CREDIT_TAKEN_BACK_ALONE", "taken_back", wrong["kept"] & back, because["kept"]),
    ]


def _period_over(joined: pl.DataFrame) -> Rule:
    """An opening position is of a period that goes on behind the cut-over, by the calendar of its own component."""
    over, last, day = pl.lit(value=False), pl.col("credit_date"), pl.col("credit_date").dt.offset_by("1d")
    for per, starts in joined.select("per", "starts").unique().sort("per", "starts").iter_rows():
        before, after = (period_index(each, per=per, fiscal_year_starts=starts) for each in (last, day))
        over = over | ((pl.col("per") == per) & (pl.col("starts") == starts) & (before != after))
    told = say(
        "the position of `{}` runs over a {} and begins anew on the day of the cut-over: nothing is brought along.",
        *("component", "per"),
    )
    return Rule("OPENING_PERIOD_OVER", "credit_date", (pl.col("kind") == OPENING) & over, told)


def _of_no_deal(frames: Frames) -> list[pl.DataFrame]:
    rows = frames[KIND].filter(pl.col("external_id").is_not_null())
    if rows.is_empty():
        return []
    lines = line_sizes(*(frames[kind] for kind in ("deals", "deal_lines", "stages")), only=rows)
    many = lines.group_by(DEAL).agg(_lines=pl.len(), _numbers=pl.col("line"))
    dealt = rows.join(many, on=DEAL, how="left", maintain_order="left")
    no_line = pl.col("line").is_not_null() & ~pl.col("line").is_in("_numbers")
    several = pl.col("line").is_null() & (pl.col("_lines") > 1) & pl.col("taken_back").fill_null(value=False)
    deal = say("no deal `{}` of source `{}` was taken. Mend the id, or load the deal first.", *reversed(DEAL))
    which = say("deal `{}` has several lines. Say with which one the credit is taken back.", "external_id")
    rules = [
        Rule("UNKNOWN_DEAL", "external_id", pl.col("_lines").is_null(), deal),
        Rule("UNKNOWN_LINE", "line", no_line, say("deal `{}` has no line {}.", "external_id", "line")),
        Rule("REQUIRED", "line", several, which),
    ]
    return faults_of(KIND, dealt, rules)


# --- what components say


def _with_terms(rows: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """Each row with the terms of its component on its day; without rows for which there are none."""
    day = pl.col("credit_date")
    joined = rows.join(_terms(plans), on=["plan", "component"])
    return joined.filter(day >= pl.col("effective"), day < pl.col("until"))


def _terms(plans: Sequence[Plan]) -> pl.DataFrame:
    rows = []
    for plan in plans:
        later = [each.effective for each in plans if each.plan == plan.plan and each.effective > plan.effective]
        until, per_plan = min(later, default=date.max), (plan.currency, plan.fiscal_year_starts)
        for name, item in plan.components.items():
            said = [why(name, item) for why in (_none, _pays_alone, _apart, _together, _kept)]
            rows.append((plan.plan, name, plan.effective, until, per_plan[0], item.counts in COUNTED, *said, item.per,
                         per_plan[1]))  # fmt: skip
    return pl.DataFrame(rows, schema=TERMS, orient="row")


def _none(name: str, item: Component) -> str | None:
    """Why the component has no position that somebody could state."""
    if item.counts == UNMEASURED:
        return f"`{name}` pays without counting anything: state an amount of money instead."
    if item.counts in OPENED:
        return f"`{name}` counts what is kept of the accounts owned on the first day: load these and their deals."
    if item.counts in OF_EARNINGS:
        return f"`{name}` counts what others pay, which follows from their own lines: state their credit instead."
    if item.pays.weighs is not None:
        return f"`{name}` weighs activities one by one: load these."
    if item.pays.span != "period":
        return f"`{name}` begins anew with each {item.pays.span}: there is no position over a period."
    return None


def _pays_alone(name: str, item: Component) -> str | None:
    other = item.pays.position_of
    return None if other is None else f"`{name}` stands where `{other}` does: state there what counts."


def _apart(name: str, item: Component) -> str | None:
    if item.pays_on in (None, item.counts) or item.pays.position_of is not None:
        return None
    return f"`{name}` counts {item.counts} and pays on {item.pays_on}: state each by itself."


def _together(name: str, item: Component) -> str | None:
    if item.pays.position_of is not None or item.pays.has_rates:
        return None
    return f"`{name}` pays by where the position stands: a credit counts and is paid, both or none."


def _kept(name: str, item: Component) -> str | None:
    return f"`{name}` counts activities, which no loss takes back." if item.counts == "activities" else None
