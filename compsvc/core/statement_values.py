"""What a statement is made of: frozen values, exact, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple

from compsvc.core.plan_mix import Mix
from compsvc.core.what_if_values import Change

Row = Mapping[str, Any]  # of a frame of the result


@dataclass(frozen=True, slots=True)
class Money:
    minor: int
    currency_code: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """Of whatever a component counts: minor units of a currency, or millionths where `currency_code` is None."""

    amount: int
    currency_code: str | None


class Span(NamedTuple):
    """A period by name; the end is the first day after it."""

    name: str
    start_date: date
    end_date: date

    def holds(self, day: date | None) -> bool:
        return day is not None and self.start_date <= day < self.end_date

    def touches(self, other: Span) -> bool:
        return self.start_date < other.end_date and other.start_date < self.end_date


class LineKey(NamedTuple):
    """What names a line for good (B1). Source and external id are empty where the line is about the period; line and
    stage are 0 where it is about an activity."""

    participant_id: str
    plan: str
    component: str
    period: str
    source: str
    external_id: str
    line: int
    stage: int
    step: int


@dataclass(frozen=True, slots=True)
class Tier:
    """`rate` is paid of the amount, `base` worked in; `of_base` is the plan's multiple where it names `base`."""

    number: int  # from 1
    count: int
    rate: Fraction
    of_base: Fraction | None


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next point at which the pay changes: by a bonus, by another rate, or by both."""

    at: Quantity
    distance: Quantity
    bonus: Money  # what reaching it pays above the rate so far: a bonus, or the higher rate on all that came before
    tier: Tier | None  # beyond the step; None where rates say nothing
    deals: int | None  # of the participant's own median size; None before the first one
    median_deal: Quantity | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a participant stands with one component in one measurement period."""

    plan: str
    plan_title: str
    component: str
    component_at: str
    period: Span
    measure: str
    position: Quantity
    quota: Quantity | None
    attainment: Fraction | None
    earned: Money
    tier: Tier | None
    next_step: NextStep | None
    place: Place | None = None
    as_at_date: date | None = None  # the last day that is counted, where the measurement period goes on after it
    lost: tuple[LostCount, ...] = ()


@dataclass(frozen=True, slots=True)
class LostCount:
    """What a count has lost again: a logo that left too early, or a deal that a loss took back (M9, T2)."""

    external_id: str  # of the deal that had counted; empty where several may have
    account_name: str
    lost_date: date
    counts: Quantity  # above zero
    must_stay_months: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """In a contest, as it stands now; nobody else is named (M7)."""

    number: int
    ranked: int
    winners: int
    prize: str


@dataclass(frozen=True, slots=True)
class PendingCredit:
    plan: str
    component: str
    period: str
    counts: Quantity | None  # None where the deal does not say enough, such as a term
    pays: Money | None  # None as well where the component pays on another measure, which is not known beforehand


@dataclass(frozen=True, slots=True)
class PendingDeal:
    source: str
    external_id: str
    account_id: str
    account_name: str
    closed_date: date
    reason: str
    credits: tuple[PendingCredit, ...]
    totals: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One payable amount, with what a reader needs to know it by; `explain` says where it comes from."""

    key: LineKey
    revision: str
    rule_kind: str
    step_kind: str
    cause_external_id: str
    account_id: str
    account_name: str
    product: str
    deal_type: str
    activity: str  # its kind, where the line is for one and not for a deal
    counting_date: date | None  # None for a line of the period, which no deal makes
    payable_date: date | None
    counts: Quantity
    amount: Money
    part: int | None = None  # which one, where the line is payable in parts, and then what the line comes to
    whole: Money | None = None
    corrects_pay_period: str = ""  # of a line that is booked for another month than the statement's
    current_amount: Money | None = None  # what it comes to by now, where something else is booked
    corrected: tuple[Quantity, Quantity] | None = None  # of a difference: what its event counted before, and with it
    deal_cause: str = ""  # of a line that corrects one: why the deal was told anew (L4); empty where nobody has said


@dataclass(frozen=True, slots=True)
class ComponentPayout:
    plan: str
    plan_title: str
    component: str
    amount: Money
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class AccountStep:
    """What came to a pay account or went from it: owed and held back is negative. `plan_at` is where a plan says so."""

    kind: str  # opening_draw, payable, held, released, recovered_draw, draw, paid, closing_draw, ...
    amount: Money
    plan_at: str
    note: str = ""  # of an adjustment: which one, why, who wrote it and who accepted it; of `late` the month


@dataclass(frozen=True, slots=True)
class Account:
    """From the opening balance to the closing one, in the order in which it happened."""

    currency_code: str
    steps: tuple[AccountStep, ...]
    paid: Money


@dataclass(frozen=True, slots=True)
class BookedPay:
    """That payouts are those of payroll's ledger: `sealed`, of `open` pay periods what their next runs would book, or
    `partly` the one and the other."""

    state: str
    open_date: date  # of the first pay period that is open for the participant
    available: tuple[Money, ...]  # what the lines of the period come to by now, booked or not, one a currency


@dataclass(frozen=True, slots=True)
class PaidAs:
    """What is paid in another currency than the plan's, and the rate that it is converted by (M10)."""

    currency_code: str
    amount: Money | None  # None where the table has no rate
    fx_table: str
    fx_date: date  # the day that the plan names
    fx_start_date: date | None  # from when on the rate holds
    rate: Fraction | None  # one unit of the plan's currency is so many


@dataclass(frozen=True, slots=True)
class ConvertedPay:
    """What a month pays of the plan's currency, and as what. `plan_at` is where the plan says by which rate."""

    pay_period: str
    total: Money
    paid_as: PaidAs
    plan_at: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where one component comes to in one scenario."""

    scenario: str  # now, commit, best_case, pipeline or weighted
    position: Quantity
    attainment: Fraction | None
    tier: Tier | None
    bonuses: int  # of kickers and other jumps, reached
    bonus: Money  # all of them together
    earned: Money | None  # None where the average cannot be put through the curve: it pays on another measure (M1)
    deals: int  # pending orders and opportunities that count in it


@dataclass(frozen=True, slots=True)
class ComponentForecast:
    plan: str
    component: str
    period: Span
    measure: str
    quota: Quantity | None
    outlooks: tuple[Outlook, ...]
    next_step: NextStep | None  # from where it stands now
    reached_by: tuple[str, ...]  # ids of the surest that would together reach it; empty where all would not


@dataclass(frozen=True, slots=True)
class ScenarioPayout:
    """What would be payable in the period of the statement. Empty where that cannot be told."""

    scenario: str
    totals: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class ProspectCredit:
    plan: str
    component: str
    period: str
    counts: Quantity


@dataclass(frozen=True, slots=True)
class Prospect:
    """An opportunity, or an order that waits: `state` is `open`, `pending`, or why it counts in no scenario."""

    source: str
    external_id: str
    account_id: str
    account_name: str
    product: str
    stage: str
    category: str
    probability: Fraction
    amount: Money | None
    expected_close_date: date | None
    overdue: bool
    dead_date: date | None
    state: str
    reason: str
    credits: tuple[ProspectCredit, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where will I land, as the pipeline was at the end of a day."""

    day: date
    components: tuple[ComponentForecast, ...]
    payouts: tuple[ScenarioPayout, ...]
    prospects: tuple[Prospect, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A deal on an account that the participant looks after, credited to others or to nobody."""

    source: str
    external_id: str
    account_id: str
    account_name: str
    closed_date: date
    holder_ids: tuple[str, ...]  # empty where nobody is credited
    holders: tuple[str, ...]  # their names, one each
    route: str  # split, window, seller, owner, territory; empty where nobody is credited
    reason: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """Something that was stored between two times: a deal, a plan's revision, or the participant's terms under one."""

    kind: str  # deal, plan, assignment, quota
    name: str  # the deal's external id, or the plan
    source: str  # of a deal; the plan of an assignment or quota
    change: str  # new, changed, gone


@dataclass(frozen=True, slots=True)
class LineChange:
    """`before` is None for a new line, `after` for one that is gone."""

    before: Line | None
    after: Line | None
    causes: tuple[Recorded, ...]  # empty where an earlier line's change moved it


@dataclass(frozen=True, slots=True)
class Changes:
    """What the period pays now that it did not at an earlier time."""

    since: datetime | None  # None where the difference is a what-if
    lines: tuple[LineChange, ...]
    recorded: tuple[Recorded, ...]
    totals_before: tuple[Money, ...]
    totals_after: tuple[Money, ...] = ()
    nothing_stored: bool = False  # nothing at all was recorded by then, so that there is nothing to compare with


@dataclass(frozen=True, slots=True)
class Provisional:
    """Earned, and not payable yet."""

    plan: str
    component: str
    period: str  # the measurement period
    reason: str  # settles, invoiced, paid, review, refused, later
    due_date: date | None  # None where no day is known
    amount: Money


@dataclass(frozen=True, slots=True)
class BookMix:
    """Of the accounts that a participant owns on the period's last day."""

    customers: int  # that have ordered
    targets: int  # without an order
    healthy: Mix | None  # what the plan calls so


@dataclass(frozen=True, slots=True)
class Statement:
    participant_id: str
    display_name: str
    period: Span
    standings: tuple[Standing, ...]
    pending: tuple[PendingDeal, ...]
    pending_together: tuple[Money, ...]  # what all of them would pay: not the sum, since curves bend
    payouts: tuple[ComponentPayout, ...]
    totals: tuple[Money, ...]  # one a currency; a single zero where nothing is payable
    elsewhere: tuple[Elsewhere, ...] = ()
    mix: BookMix | None = None  # None where the participant owns no account
    accounts: tuple[Account, ...] = ()  # one a currency, where a plan holds, lends or carries
    provisional: tuple[Provisional, ...] = ()  # what is earned and no part of the payout yet
    provisional_totals: tuple[Money, ...] = ()  # one a currency; none where nothing is provisional
    forecast: Forecast | None = None  # None once the period is over: nothing can land in it any more
    forecast_refusal: str = ""  # why there is none although the period runs
    changes: Changes | None = None  # None where nobody asked
    nothing_recorded: bool = False  # of the participant, at the earlier time that was asked for
    converted_pay: tuple[ConvertedPay, ...] = ()  # by month and currency, where it is paid in another one
    booked_pay: BookedPay | None = None  # None where no ledger pays
    what_if: tuple[Change, ...] = ()  # with any of them it is a preview, and nothing of it is stored


def nameless(found: Statement) -> Statement:
    """With ids in place of the names of participants, which can be erased (J4)."""
    elsewhere = tuple(replace(each, holders=each.holder_ids) for each in found.elsewhere)
    return replace(found, display_name=found.participant_id, elsewhere=elsewhere)


def totals(amounts: Iterable[Money], *, otherwise: Sequence[str] = ()) -> tuple[Money, ...]:
    """One sum a currency, sorted; a single zero in the first of `otherwise` where there is nothing to add."""
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.currency_code] = sums.get(amount.currency_code, 0) + amount.minor
    if not sums and otherwise:
        sums = {otherwise[0]: 0}
    return tuple(Money(minor, code) for code, minor in sorted(sums.items()))


def pay_totals(found: Statement) -> tuple[Money, ...]:
    """The totals in the currencies that they are paid in; none where that is the plans' own, or a rate is missing."""
    paid = [each.paid_as.amount for each in found.converted_pay]
    if not paid or None in paid:
        return ()
    less = (Money(-each.total.minor, each.total.currency_code) for each in found.converted_pay)
    rest = (amount for amount in totals((*found.totals, *less)) if amount.minor)
    return totals((*rest, *(amount for amount in paid if amount is not None)))


def key_of(row: Row) -> LineKey:
    """Of a row of LINES."""
    return LineKey(
        participant_id=row["participant_id"],
        plan=row["plan"],
        component=row["component"],
        period=row["period"],
        source=row["source"] or "",
        external_id=row["external_id"] or "",
        line=row["line"] or 0,
        stage=row["stage"] or 0,
        step=row["step"],
    )


def span_of(row: Row) -> Span:
    """The measurement period of a row of EARNINGS."""
    return Span(row["period"], row["period_start_date"], row["period_end_date"])
