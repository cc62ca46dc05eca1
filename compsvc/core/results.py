"""What a calculation gives back: frames with declared schemas. Amounts are Int64 minor units of `currency_code`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from compsvc.core.facts import Schema
from compsvc.core.lookup import Indexed

CALCULATION = "0.1.0"  # changes where equal facts and plans give another result or statement, and only there (B8)
EARNING = ["participant_id", "plan", "component", "period"]  # what names a row of EARNINGS
WORD = pl.Categorical  # text of few kinds: each kind is held once

EARNINGS: Schema = {  # one row per participant, plan, component and measurement period; zeros included
    "participant_id": pl.String,
    "plan": pl.String,
    "revision": pl.String,  # the last one in force in the period
    "component": pl.String,
    "period": pl.String,  # 2026-Q4, 2026-11, 2026
    "period_start_date": pl.Date,
    "period_end_date": pl.Date,  # exclusive
    "measure_minor": pl.Int64,  # the position at the end; 0 for counted components
    "count_millionths": pl.Int64,  # 0 for components that count money
    "quota_minor": pl.Int64,  # null without a quota
    "target_incentive_minor": pl.Int64,  # of the period; null without one
    "base_num": pl.Int64,  # `base` as a ratio; null without one
    "base_den": pl.Int64,
    "earned_minor": pl.Int64,
    "currency_code": pl.String,
}

LINES: Schema = {  # one derived amount; sorted by plan, component, participant, period, place, step
    "participant_id": pl.String,
    "plan": pl.String,
    "revision": WORD,
    "component": pl.String,
    "rule_kind": WORD,
    "component_at": WORD,  # plan.yaml:31
    "period": pl.String,
    "place": pl.Int64,  # of the event in the period's list, from 0 (D2)
    "step": pl.Int64,  # 0: the event's own line; 1..: re-ratings (M5); for a difference or take-back its number (B1)
    "step_kind": WORD,  # own, re_rating, take_back, basis_difference, difference, period; windfall, ...: caps.STEPS
    "source": pl.String,  # of the deal or activity, `opening_positions` of an opening; null where it is the period
    "external_id": pl.String,
    "deal_revision": pl.Int64,
    "line": pl.Int64,
    "stage": pl.Int64,
    "activity": WORD,  # its kind, where the subject is one: then neither line nor stage; null for deals
    "stated": WORD,  # opening or adjustment, where the subject is a stated credit; null for all else
    "cause_external_id": pl.String,  # the deal that crossed the edge, or that took back
    "account_id": pl.String,
    "product": WORD,
    "deal_type": WORD,
    "type_derived": pl.Boolean,
    "closed_date": pl.Date,
    "accepted_time": pl.Datetime("us"),
    "counting_date": pl.Date,
    "payable_date": pl.Date,
    "credit_rule": WORD,  # `team` for team credit
    "credit_rule_at": WORD,
    "route": WORD,  # split, window, seller, owner, territory, role, team
    "route_note": pl.String,  # why, in words: the window and how near its end is, the split's reason
    "share_num": pl.Int64,
    "share_den": pl.Int64,
    "measure": WORD,  # the measure that moves the position
    "deal_value_minor": pl.Int64,  # the whole measure of the line before it is split (millionths for counts)
    "deal_currency_code": WORD,  # of the deal where it was converted; else null, as all of `given_` and `fx_`
    "given_value_minor": pl.Int64,  # `deal_value_minor` in the deal's currency, before it was converted (C5)
    "fx_table": WORD,
    "fx_start_date": pl.Date,  # of the row of the table: from when on its rate holds
    "fx_rate_num": pl.Int64,  # one unit of the deal's currency is so many of `currency_code`
    "fx_rate_den": pl.Int64,
    "counts": pl.Int64,  # the participant's part: moves the position (minor units or millionths)
    "pays": pl.Int64,  # what rates apply to
    "position_before": pl.Int64,
    "position_after": pl.Int64,
    "quota_minor": pl.Int64,
    "target_incentive_minor": pl.Int64,  # what the curve pays by, of the part of the period; null where it pays by none
    "tier_before": pl.Int64,  # index into the curve's pieces, from 0
    "tier_after": pl.Int64,
    "earned_before_minor": pl.Int64,  # round(F(before)) and round(F(after)); for other steps null
    "earned_after_minor": pl.Int64,
    "amount_minor": pl.Int64,
    "currency_code": WORD,
    "loss_id": WORD,  # of a take-back (T1): the loss that it answers; null for all others, as what follows
    "loss_date": pl.Date,
    "loss_kind": WORD,  # cancellation, refund, non_payment
    "loss_reason": WORD,
    "attributable_to": WORD,  # customer, company
    "evidence": WORD,
    "lost_num": pl.Int64,  # the share that this loss takes, the schedule applied
    "lost_den": pl.Int64,
    "months_kept": pl.Int64,  # whole months from the start to the loss; null under `schedule: full`
}

UNCREDITED: Schema = {  # accepted stage events that nobody, or not all shares, are credited for
    "source": pl.String,
    "external_id": pl.String,
    "line": pl.Int64,
    "stage": pl.Int64,
    "plan": pl.String,  # null where no plan is concerned
    "component": pl.String,  # null unless the reason is a component's (TERM_MISSING)
    "code": pl.String,
    "reason": pl.String,
}

PENDING: Schema = {  # deals waiting for acceptance, and what they would be credited
    "source": pl.String,
    "external_id": pl.String,
    "line": pl.Int64,
    "account_id": pl.String,
    "participant_id": pl.String,  # who would be credited; null where nobody
    "plan": pl.String,
    "component": pl.String,
    "closed_date": pl.Date,
    "pending_reason": pl.String,
    "deal_type": pl.String,
    "counts": pl.Int64,  # the participant's part if it were accepted
    "currency_code": pl.String,
}

DEAL_PAY: Schema = {  # C6: what a deal costs in pay, of all participants; those above the warning share
    "source": pl.String,
    "external_id": pl.String,
    "size_minor": pl.Int64,
    "pay_minor": pl.Int64,
    "currency_code": pl.String,
}

CHOSEN: Schema = {  # M6: why a measurement period stands on the curve it does; each gate and the multiplier a row each
    "participant_id": pl.String,
    "plan": pl.String,
    "component": pl.String,
    "period": pl.String,
    "word": pl.String,  # gate, multiplier
    "number": pl.Int64,  # of a gate: its place among the gates of the component, from 0
    "of_component": pl.String,  # whose measure is asked, and in which of its periods
    "of_period": pl.String,
    "position": pl.Int64,  # minor units or millionths
    "quota_minor": pl.Int64,
    "open": pl.Boolean,  # of a gate
    "times_num": pl.Int64,  # of a multiplier
    "times_den": pl.Int64,
}

STANDINGS: Schema = {  # M7: what a contest's award or a pool's share follows from; one row for each who takes part
    "participant_id": pl.String,
    "plan": pl.String,
    "component": pl.String,
    "period": pl.String,
    "word": pl.String,  # rank, pool
    "place": pl.Int64,  # of a contest; null for who is not ranked
    "tied": pl.Int64,  # how many have reached the same, oneself with them
    "ranked": pl.Int64,  # how many have a place, or a share
    "assigned": pl.Int64,  # how many take part, with those whose gate is shut
    "winners": pl.Int64,  # the last place that wins anything
    "reached": pl.Int64,  # minor units or millionths
    "quota_minor": pl.Int64,
    "prize": pl.String,  # what is given in place of money
    "worth_minor": pl.Int64,  # of the award, paid or not
    "pool_minor": pl.Int64,
    "weight": pl.Int64,
    "weights": pl.Int64,  # of all together
    "paid_minor": pl.Int64,
}

PROGRESS: Schema = {  # how far a deal's invoices, or its payments, have come by a day; only where a plan pays by them
    "source": pl.String,
    "external_id": pl.String,
    "kind": pl.String,  # invoiced, paid
    "progress_date": pl.Date,
    "before_num": pl.Int64,  # of the whole, before that day and with it
    "after_num": pl.Int64,
    "den": pl.Int64,
}


@dataclass(frozen=True)
class Result(Indexed):
    """One calculation. `lines` is None where only earnings were asked for; the earnings are the same."""

    earnings: pl.DataFrame
    lines: pl.DataFrame | None
    uncredited: pl.DataFrame
    pending: pl.DataFrame
    deal_pay: pl.DataFrame
    counts: Mapping[str, int]  # deals read, credited, pending, uncredited; distinct signatures asked
    chosen: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(CHOSEN)))
    standings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(STANDINGS)))
    progress: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(PROGRESS)))
