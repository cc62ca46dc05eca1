"""The plan: what a plan file says, as values that know their place in it.

Field by field only: what has to fit together (a rule that `from` names, a word that another word demands) stands in
plan_check.py, so that one wrong field never hides another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, cast, get_args

from pydantic import (
    BeforeValidator,
    Field,
    WithJsonSchema,
)

from compsvc.core.limits import MAX_GATES, MAX_LEVELS
from compsvc.core.node import Mapped, Node, Text, place_of, wrong
from compsvc.core.node import Position as Position
from compsvc.core.plan_clawback import Clawback, TakenBack
from compsvc.core.plan_credits import CreditRule
from compsvc.core.plan_measures import AS_STAGES_START, Lifetime, PresentValue, Ramp, RampPolicy
from compsvc.core.plan_mix import Mix
from compsvc.core.plan_modifiers import Gate, Multiplier, PlanBound, Windfall
from compsvc.core.plan_pay import Draw, Earned, Guarantee, Instalment, Leaver, Negative, Payable, Reserve
from compsvc.core.plan_payroll import Codes, Payroll
from compsvc.core.plan_people import Agreed, MadeFor
from compsvc.core.plan_quotas import ProrateOrNo, RampUp, SeasonalWeights
from compsvc.core.plan_values import (
    CurrencyCode,
    Days,
    Edge,
    IsoDate,
    Month,
    Months,
    Part,
    Per,
    PositiveAmount,
    Slug,
    Title,
    kind_of,
    one_or_list,
)
from compsvc.core.plan_values import Rate as Rate
from compsvc.core.problems import did_you_mean
from compsvc.core.rules import KINDS, Pays

Money = Literal[
    "acv",
    "first_year_acv",
    "final_stage_acv",
    "tcv",
    "mrr",
    "delta_acv",
    "renewed_acv",
    "margin",
    "present_value",
    "ltv",
    "earnings",
    "own_earnings",
    "retained_arr",
]
Counts = Literal["units", "deals", "new_logos", "activities", "logo_retention"]
Measure = Literal[Money, Counts]
MONEY: tuple[str, ...] = get_args(Money)
COUNTED = frozenset(get_args(Counts))  # measures that are counts, in millionths; all others are money
WITH_FEES = frozenset({"acv", "final_stage_acv", "first_year_acv", "present_value", "ltv"})  # `one_time: count`
EARNINGS = "earnings"  # of the reports: the one measure that waits for what others are paid (M7)
OWN_EARNINGS = "own_earnings"  # of other components of the plan, by the same participant
OF_EARNINGS = frozenset({EARNINGS, OWN_EARNINGS})
LOGOS = "new_logos"
UNMEASURED = "nothing"  # in place of a measure where the rule kind needs none; no word of a plan
RETAINED_ARR, LOGO_RETENTION = "retained_arr", "logo_retention"
OPENED = frozenset({RETAINED_ARR, LOGO_RETENTION})  # over the accounts owned on the first day (M6)
OPENING_QUOTAS = {RETAINED_ARR: "opening_arr", LOGO_RETENTION: "opening_accounts"}
NOT_OF_DEALS = frozenset({"activities", OWN_EARNINGS}) | OPENED  # measures without credit rules
KINDS_INSTEAD = {  # what the field calls by a name of its own, and other words say
    "spiff": "Write a credit rule with its dates or products, `when: {closed_date: 2026-03-01..2026-03-31}` say, and a "
    "component with `per_unit` or `flat_rate`.",
    "bonus": "Write `milestone`, `steps`, `kicker` or `fixed`, by what the bonus is paid for.",
    "multiplier": "`multiplier` stands in the component, beside `pays`.",
    "margin_table": "Write `rate_table` with `counts: margin`, or credit rules with `when: {margin: ...}`.",
}
# Words of the language that this version does not compute, as values of a field.
SLIDING = "a rate that slides with the attainment says two things at once, since it moves while it is applied (M3)"
OF_ONE_PLAN = frozenset({"plan", "title", "effective", "credits", "components"})  # never in terms that plans share
WORDS_NOT_YET = frozenset({"week", "deal"})


_FACT_NAME = re.compile(r"[A-Za-z0-9_.-]{1,63}")


def _read_fact_name(value: object) -> str:
    if not isinstance(value, str) or not _FACT_NAME.fullmatch(value):
        raise wrong("BAD_FACT_NAME", f"{kind_of(value)} is no word of the facts. Write it as they do: `meeting_held`.")
    return str(value)


FactName = Annotated[
    str,
    BeforeValidator(_read_fact_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_FACT_NAME.pattern}$", "examples": ["meeting_held"]}),
]


def _unfold_kind(value: object) -> object:
    """`{rate_table: {...}}` becomes `{kind: rate_table, ...}`: the one key names the rule kind."""
    if not isinstance(value, Mapped):
        return value
    if len(value) != 1:
        raise wrong("NOT_ONE_KIND", f"one rule kind belongs here, not {len(value)}. Make each a component of its own.")
    (kind, body), *_ = value.items()
    at = value.key_at(kind)
    _check_kind(kind, at)
    if not isinstance(body, Mapped):
        raise wrong(
            "WRONG_TYPE", f"here stands {kind_of(body)}; wanted: its parameters as a mapping.", place_of(body, at)
        )
    if "kind" in body:
        raise wrong("UNKNOWN_KEY", "`kind` is not known here; the key above names the rule kind.", body.key_at("kind"))
    return Mapped({**body, "kind": Text.placed(kind, at)}, at=body.at, keys={**body.keys_at, "kind": at})


def _check_kind(kind: str, at: Position) -> None:
    if kind in KINDS:
        return
    if kind == "sliding_rate":
        instead = "Write `steps` with `between: interpolate`, where the amount paid slides, or more tiers."
        raise wrong("SLIDING_RATE", f"{SLIDING}. {instead}", at)
    if kind in KINDS_INSTEAD:
        raise wrong("UNKNOWN_KIND", f"`{kind}` is no rule kind. {KINDS_INSTEAD[kind]}", at)
    raise wrong("UNKNOWN_KIND", f"`{kind}` is no rule kind.{did_you_mean(kind, KINDS)}", at)


_LEVELS = re.compile(r"([1-9][0-9]?)(\.\.([1-9][0-9]?)?)?")


def _read_levels(value: object) -> str:
    found = _LEVELS.fullmatch(value) if isinstance(value, str) else None
    if found is None or (found[3] and int(found[3]) < int(found[1])):
        raise wrong("BAD_NUMBER", f"{kind_of(value)} names no levels. Write `1`, `2..3` or, from the second on, `2..`.")
    return str(value)


def span_of_levels(levels: str) -> tuple[int, int]:
    """The first and the last level; of `2..` the last that there can be."""
    first, _, last = levels.partition("..")
    return int(first), int(last or (MAX_LEVELS if ".." in levels else first))


Levels = Annotated[
    str,
    BeforeValidator(_read_levels),
    WithJsonSchema({"type": ["string", "number"], "pattern": f"^{_LEVELS.pattern}$"}),
]


class Component(Node):
    """One earning clause: what counts, per which period, against which quota, and what it pays."""

    not_yet: ClassVar[frozenset[str]] = frozenset(
        {"reserve", "known_since", "span", "by"} | {"payable", "earned", "when", "include"}
    )

    counts: Measure = Field(cast("Measure", UNMEASURED), description="The measure that moves the position.")
    pays_on: Measure | None = Field(None, description="What rates apply to, where it is another measure (M1).")
    credit: Annotated[tuple[str, ...], BeforeValidator(one_or_list)] = Field(
        (), alias="from", description="Names of this plan's credit rules, or `team`."
    )
    per: Per
    quota: Literal["from assignment", "opening_arr", "opening_accounts"] | None = Field(
        None, description="Where it comes from; `opening_arr` is what the accounts brought on the first day (M6)."
    )
    zero_quota: Literal["pay_base", "pay_target"] | None = None
    weight: Part = Field(Fraction(1), description="Its share of the target incentive, such as `50%` (M4).")
    carry: Literal["continue", "reset", "blend"] | None = Field(
        None, description="What an assignment's change inside a period does (M2)."
    )
    prorate: ProrateOrNo = Field(None, description="`no`, or `{by: days, for: [entry, exit, leave, part_time]}` (M4).")
    ramp_up: RampUp | None = Field(
        None, description="New hires' shares of the quota: `{months: [50%, 75%], of: quota}`."
    )
    seasonal: SeasonalWeights = Field(None, description="How a year's quota is divided: `{Q1: 20%, ...}` (M4).")
    settle: Literal["as_earned", "period_end"] | None = None
    one_time: Literal["count", "leave out"] = Field("leave out", description="One-time fees in annual values (L2).")
    ramp: RampPolicy | None = Field(
        None,
        description="`{term_at_least: 36 months, last_stage_at_least: 12 months, below_limits: first_stage}`, say; "
        "with `acv`: `as_stages_start`, or nothing for the first stage alone (L3).",
    )
    logo: Literal["account", "ultimate_parent"] | None = None
    minimum_deal_minor: PositiveAmount | None = Field(
        None,
        alias="minimum_deal",
        description="A smaller deal is none; write an amount such as `10_000`, or `0` where every deal is one.",
    )
    must_stay: Months | None = None
    below_cost: Literal["zero", "subtract"] | None = Field(
        None, description="With `margin`: whether a line sold below its cost counts nothing, or takes away."
    )
    present_value: PresentValue | None = Field(None, description="With that measure: `{discount: 8%, churn: 5%}`, say.")
    ltv: Lifetime | None = Field(None, description="With it: `{discount: 8%, churn: 20%, horizon: 5 years}`, say.")
    of: Annotated[tuple[Slug, ...], BeforeValidator(one_or_list), Field(min_length=1)] | None = Field(
        None, description="With `counts: own_earnings`: the components of this plan whose pay counts."
    )
    activity: FactName | None = Field(None, description="With `counts: activities`: their kind, as the facts name it.")
    outcome: Annotated[tuple[FactName, ...], BeforeValidator(one_or_list)] | None = Field(
        None, description="With `counts: activities`: the outcomes that count; left out: all but `no_show`."
    )
    clawback: TakenBack | None = Field(None, description="Instead of the plan's own: its terms, or `no` (T1).")
    own_deals: Literal["in", "out"] | None = None
    levels: Levels | None = Field(
        None, description="With `from: team`: how far below the manager, such as `1`, `2..3` or `2..`; all if left out."
    )
    gates: Annotated[tuple[Gate, ...], BeforeValidator(one_or_list), Field(min_length=1, max_length=MAX_GATES)] = Field(
        (), alias="gate", description="`{measure: own, at_least: 90%}`, say, or a list: all must be reached (M6)."
    )
    multiplier: Multiplier | None = Field(None, description="`{by: attainment of COMPONENT, boundary, tiers}` (M6).")
    windfall: Windfall | None = Field(None, description="`{above: 1_000_000, pay: 50%}`, or `pay: review`.")
    minimum_per_deal_minor: PositiveAmount | None = Field(
        None, alias="minimum_per_deal", description="At least so much for each deal: an amount such as `1_000`."
    )
    cap: Edge | None = Field(None, description="Per measurement period: an amount, or a share of its target (T3).")
    floor: Edge | None = Field(None, description="Per measurement period: an amount, or a share of its target (T3).")
    payroll: Codes | None = Field(
        None, description="`{earnings_code: 1210, gl_account: 6020}`: what payroll is told (B6)."
    )
    pays: Annotated[Pays, BeforeValidator(_unfold_kind)] = Field(description="One rule kind and its parameters.")

    @property
    def ramp_limits(self) -> Ramp | None:
        """From when on a ramp counts with its last stage."""
        return self.ramp if isinstance(self.ramp, Ramp) else None

    @property
    def by_stage(self) -> bool:
        """Whether each committed stage counts when it begins (L3)."""
        return self.ramp == AS_STAGES_START

    @property
    def quota_opens(self) -> bool:
        """Whether the quota is what the period opens with, and no assignment's."""
        return self.quota in OPENING_QUOTAS.values()


class Fx(Node):
    """How deals in another currency than the plan's are converted (C5)."""

    table: Title = Field(description="The name of a table of exchange rates, such as `budget`.")
    rate: Literal["plan_rate", "close_date"] = Field(
        description="`plan_rate`: in force on the plan's `effective` date; `close_date`: on each deal's close date."
    )


class PayFx(Node):
    """How pay becomes the currency of a participant who is paid in another one than the plan's (M10)."""

    table: Title = Field(description="The name of a table of exchange rates, such as `budget`.")
    rate: Literal["plan_rate", "month_start", "month_end"] = Field(
        description="`plan_rate`: in force on the plan's `effective` date; else on that day of the month that pays."
    )


class Plan(Node):
    """What a group of people is paid for, from a date on."""

    not_yet: ClassVar[frozenset[str]] = frozenset({"profile", "gate", "quota", "known_since", "present_value"})
    elsewhere: ClassVar[Mapping[str, str]] = {
        "corrects": "which revision a text corrects is said where it is stored: `compsvc load --corrects REVISION` "
        "(D4). Remove it here, and leave `effective` as the revision has it."
    }

    plan: Slug
    title: Title = Field(description="One line for people.")
    provisioning: Literal["equal", "differs"] = Field(description="Whether upsell pays what new logo pays (L6).")
    effective: IsoDate = Field(description="The first day that this text applies to, such as `2026-01-01`.")
    currency: CurrencyCode = Field(description="A code of ISO 4217, such as `EUR`.")
    fiscal_year_starts: Month = Field(description="The month in which the fiscal year starts, such as `january`.")
    rounding: Literal["half_up", "half_even", "down"]
    counts_on: Literal["accepted", "closed"] = Field(description="Decides the measurement period (D1).")
    accepted_within: Days | None = Field(None, description="Of the period's end, with `counts_on: closed` (D1).")
    new_logo_by: Literal["account", "ultimate_parent"] = Field(description="Whose first order is a new logo.")
    win_back: Months | None = Field(None, description="After how long without contract an account is new again.")
    made_for: MadeFor | None = Field(
        None, description="`{jurisdictions: [DE], payees: [employee]}`: whose law the plan is held to (J2)."
    )
    agreed_with: Agreed | None = Field(
        None, description="`{works_council, reference, date}`, or `no` where there is none (J2)."
    )
    match: Literal["all", "first"] = Field("all", description="Whether all rules that fit apply, or the first.")
    prorate: ProrateOrNo = Field(None, description="Of every component that does not say it itself.")
    ramp_up: RampUp | None = Field(None, description="Of every component that does not say it itself.")
    seasonal: SeasonalWeights = Field(None, description="Of every component that does not say it itself.")
    fx: Fx | None = Field(None, description="`{table: budget, rate: plan_rate}`: for deals in other currencies (C5).")
    pay_fx: PayFx | None = Field(
        None, description="`{table: budget, rate: month_start}`: for participants paid in other currencies (M10)."
    )
    mix: Mix | None = Field(
        None, description="`{customers: 5..10, targets: 20..30}`: of a seller's accounts, for the statement alone."
    )
    credits: dict[Slug, CreditRule] = Field(default_factory=dict, description="Credit rules by name.")
    components: dict[Slug, Component] = Field(description="Earning clauses by name.")
    payroll: Payroll | None = Field(
        None, description="`{pay_day: last day of the month, earnings_code: 1210}`: what payroll is told (B6)."
    )
    earned: Earned = Field(description="From when on pay is earned, such as `{on: accepted}` (J1).")
    clawback: TakenBack | None = Field(
        None, description="What a loss takes back: `{basis, attainment, schedule}`, or `no` (T1)."
    )
    payable: Payable = Field(description="When pay is due, such as `{on: accepted}`, in one part or several (D1).")
    reserve: Reserve | None = Field(
        None, description="What is held of each line, such as `{share: 10%, for: 12 months}`."
    )
    negative: Negative | None = Field(None, description="What a balance below zero does (T4).")
    draw: Draw | None = Field(
        None, description="Pay ahead of earnings, such as `{amount: 3_000, per: month, recoverable: yes}`."
    )
    guarantee: Guarantee | None = Field(None, description="For new hires, such as `{amount: 5_000, for: 3 months}`.")
    leaver: Leaver | None = Field(None, description="What happens when somebody leaves (T6).")
    cap: PlanBound | None = Field(None, description="`{amount: 100_000, per: year}`, over all components (T3).")
    floor: PlanBound | None = Field(None, description="`{amount: 1_000, per: month}`, over all components (T3).")
    revision: str = Field(alias="@revision")  # hash of the content, terms included

    @property
    def instalments(self) -> tuple[Instalment, ...]:
        """The parts in which each line becomes payable; together they are the whole."""
        return self.payable if isinstance(self.payable, tuple) else (self.payable,)

    @property
    def earned_in(self) -> Instalment:
        """As what pay of one part would be due on the day on which it is earned."""
        return Instalment.model_construct(at=self.earned.at, share=Fraction(1), on=self.earned.on)

    def clawback_of(self, component: str) -> Clawback | None:
        """The terms by which a component's pay is taken back: its own, else the plan's; None where it is kept."""
        own = self.components[component].clawback
        if self.components[component].counts in OPENED:
            return None  # losses lower what is kept by themselves (L5)
        said = self.clawback if own is None else own
        if isinstance(said, Clawback) and self.components[component].pays.shared_out is not None:
            whole = {"attainment": "original_period", "basis": "recompute", "schedule": "full", "share": Fraction(1)}
            whole |= {"by": None, "losses": ()}
            return said.model_copy(update=whole)  # what is lost in time was not sold; awards themselves stay (M8)
        return said if isinstance(said, Clawback) else None

    def recounts(self, component: str) -> bool:
        """Whether deals and units that a component counts leave the count with a loss: unless `no` stands (T1)."""
        own = self.components[component].clawback
        return (self.clawback if own is None else own) != "no"

    @property
    def says_clawback(self) -> bool:
        """Whether nothing is left open: of each component that counts money it is said what losses take back."""
        money = [item for item in self.components.values() if item.counts in MONEY]
        return self.clawback is not None or all(item.clawback is not None for item in money)

    def __hash__(self) -> int:
        return hash(self.revision)
