"""The facts that come in: one frame a kind, with a declared schema.

Amounts are Int64 minor units of the row's currency, shares are integer ratios, dates are dates and instants are
UTC. Column names are those of the proto and of the CSV files. Every frame may be empty; none may lack a column.
`deals` may carry further text columns named `attributes.NAME`: custom fields that conditions may use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache

import polars as pl

from compsvc.core.lookup import Indexed

Schema = Mapping[str, pl.DataType | type[pl.DataType]]

DEAL = ["source", "external_id"]  # what names a deal, in every frame
ATTRIBUTES = ("industry", "region", "segment")  # of accounts, for conditions and territories
INSTANT = pl.Datetime("us")  # UTC; a date without a time is 00:00 (D2)

PARTICIPANTS: Schema = {
    "participant_id": pl.String,
    "display_name": pl.String,
    "personnel_number": pl.String,  # what payroll calls the participant; null: nobody has said so
    "pay_group": pl.String,  # with whom payroll pays them
}

ASSIGNMENTS: Schema = {  # a participant under a plan; `end_date` is exclusive, null while it runs
    "participant_id": pl.String,
    "plan": pl.String,
    "role": pl.String,
    "start_date": pl.Date,
    "end_date": pl.Date,
    "target_incentive_minor": pl.Int64,  # for a full year; null where no rate uses `base`
    "currency_code": pl.String,
    "manager_id": pl.String,
    "cover_id": pl.String,  # who stands in for this participant as a manager once the assignment has ended (C4)
    "workload_ppm": pl.Int64,  # of full time, in parts per million; null: full time
    "ramp_up_date": pl.Date,  # from when the ramp-up of a new hire is counted; null: as the plan says
    "jurisdiction": pl.String,  # whose law asks for signatures and binds the plan: DE, US-CA (J1); null: not said
    "payee_class": pl.String,  # employee, commercial_agent or firm (J1); null: an employee
    "legal_entity": pl.String,  # who pays: of one participant and currency always the same one (J1, T4)
    "cost_centre": pl.String,  # who bears it
    "pay_currency_code": pl.String,  # what payouts are paid in; null: the plan's currency
}

QUOTAS: Schema = {  # of the assignment that starts on `start_date`; an empty `component` means every one
    "participant_id": pl.String,
    "plan": pl.String,
    "start_date": pl.Date,
    "component": pl.String,
    "amount_minor": pl.Int64,
    "per": pl.String,  # month, quarter, half_year or year: the span that the amount is for (M4)
}

ACCOUNTS: Schema = {
    "account_id": pl.String,
    "name": pl.String,
    "parent_id": pl.String,
    "industry": pl.String,
    "region": pl.String,
    "segment": pl.String,
    "known_since": pl.Date,  # customer since before the data begin: never a new logo (M9)
}

ACCOUNT_ATTRIBUTES: Schema = {  # of a day on; before its first date an account has what it says itself
    "account_id": pl.String,
    "attribute": pl.String,  # industry, region or segment
    "value": pl.String,  # from `start_date` until the next row of the same attribute; null: none
    "start_date": pl.Date,
}

OWNERSHIPS: Schema = {
    "account_id": pl.String,
    "participant_id": pl.String,
    "start_date": pl.Date,
    "end_date": pl.Date,
}

TERRITORIES: Schema = {  # a null field fits every account
    "participant_id": pl.String,
    "industry": pl.String,
    "region": pl.String,
    "segment": pl.String,
    "start_date": pl.Date,
    "end_date": pl.Date,
}

LINE: Schema = {  # what is sold; amounts in the deal's currency (L1, L2)
    "product": pl.String,
    "type": pl.String,  # null: derived
    "quantity": pl.Int64,
    "start_date": pl.Date,
    "end_date": pl.Date,  # exclusive
    "annual_value_minor": pl.Int64,  # recurring, a year; null where the line is only one-time
    "one_time_value_minor": pl.Int64,  # null where the line is only recurring
    "cost_minor": pl.Int64,
    "discount_ppm": pl.Int64,  # parts per million of the list price
    "replaces": pl.List(pl.String),  # `external_id/line` of the same source
}

# The latest revision of each deal. One without rows in `deal_lines` has one line, 1, given by the LINE columns.
DEALS: Schema = {
    "source": pl.String,
    "external_id": pl.String,
    "revision": pl.Int64,
    "account_id": pl.String,
    "seller_id": pl.String,
    "opened_date": pl.Date,  # of the opportunity (protect_pipeline)
    "closed_date": pl.Date,
    "accepted_time": INSTANT,  # null: pending
    "pending_reason": pl.String,
    "currency_code": pl.String,
    "channel": pl.String,
    "opportunity_id": pl.String,
    "split_reason": pl.String,  # why a manual split stands inside someone's window (C1)
    "cause": pl.String,  # of this revision: data_correction, acceptance_withdrawn, customer_change (L4); null: not said
    "changed_date": pl.Date,  # of a customer change: from when the customer has less
    "change_evidence": pl.String,  # of a customer change: what shows it, such as the number of a letter
    **LINE,
}

DEAL_LINES: Schema = {"source": pl.String, "external_id": pl.String, "line": pl.Int64, **LINE}

STAGES: Schema = {  # of a ramp or option package; values are levels a year (L3)
    "source": pl.String,
    "external_id": pl.String,
    "line": pl.Int64,
    "stage": pl.Int64,
    "start_date": pl.Date,
    "end_date": pl.Date,  # exclusive
    "annual_value_minor": pl.Int64,
    "committed": pl.Boolean,  # the customer cannot end the contract before it starts
    "exercised_time": INSTANT,  # of an option that was taken; null while it is open
}

DEAL_REVISIONS: Schema = {  # of deals that a customer has changed, what earlier revisions told: their lines and stages
    "source": pl.String,
    "external_id": pl.String,
    "revision": pl.Int64,
    "cause": pl.String,
    "changed_date": pl.Date,
    "change_evidence": pl.String,
    "line": pl.Int64,
    "stage": pl.Int64,  # 0: the line itself
    **LINE,
    "committed": pl.Boolean,  # of a stage
    "exercised_time": INSTANT,
}

SPLITS: Schema = {  # in declared order; the shares of a deal sum to 1
    "source": pl.String,
    "external_id": pl.String,
    "position": pl.Int64,
    "participant_id": pl.String,
    "share_num": pl.Int64,
    "share_den": pl.Int64,
}

DEAL_ROLES: Schema = {  # the persons named in a role on the deal (C3); shares may be null for a single person
    "source": pl.String,
    "external_id": pl.String,
    "role": pl.String,
    "position": pl.Int64,
    "participant_id": pl.String,
    "share_num": pl.Int64,
    "share_den": pl.Int64,
}

OPPORTUNITIES: Schema = {  # what the CRM said at `snapshot_time`; several snapshots of one opportunity are its history
    "source": pl.String,
    "opportunity_id": pl.String,
    "snapshot_time": INSTANT,  # null: the only snapshot, known since ever
    "account_id": pl.String,
    "seller_id": pl.String,
    "product": pl.String,
    "type": pl.String,  # as a deal's; null: derived
    "stage": pl.String,  # of `pipeline_stages`, or of the default ones where none are given
    "stage_since_date": pl.Date,  # null: from the snapshots, else `opened_date`
    "category": pl.String,  # omitted, pipeline, best_case, commit; null: the stage's
    "probability_ppm": pl.Int64,  # parts per million; null: the stage's
    "amount_minor": pl.Int64,  # recurring, a year
    "currency_code": pl.String,
    "opened_date": pl.Date,
    "expected_close_date": pl.Date,
    "start_date": pl.Date,  # of the contract that is hoped for
    "end_date": pl.Date,  # exclusive
    "reactivated_date": pl.Date,  # the stage's time limit runs from here
}

PIPELINE_STAGES: Schema = {  # the company's own stages; without rows the eight default ones (core/pipeline_stages.py)
    "stage": pl.String,
    "position": pl.Int64,
    "probability_ppm": pl.Int64,
    "category": pl.String,  # omitted, pipeline, best_case, commit, closed
    "limit_days": pl.Int64,  # after so many days in the stage an opportunity is dead; null: never
}

ACTIVITIES: Schema = {  # countable events that are no deals
    "source": pl.String,
    "external_id": pl.String,
    "participant_id": pl.String,
    "kind": pl.String,  # the plan's word for it: lead_qualified, meeting_held
    "activity_date": pl.Date,
    "account_id": pl.String,
    "opportunity_id": pl.String,
    "outcome": pl.String,  # what came of it: held, no_show
    "quantity": pl.Int64,  # how many; null: one
}

DEAL_PAYMENTS: Schema = {  # how much of a deal has been invoiced, or paid by the customer; what goes back is negative
    "source": pl.String,
    "external_id": pl.String,  # of the deal; it may come later than its payments
    "payment_id": pl.String,
    "kind": pl.String,  # invoiced, paid
    "payment_date": pl.Date,
    "amount_minor": pl.Int64,  # of the deal's size, without tax; null where a share is given
    "currency_code": pl.String,  # of the amount; another than the deal's counts for nothing
    "share_num": pl.Int64,  # of the deal; null where an amount is given
    "share_den": pl.Int64,
}

FX_RATES: Schema = {  # one unit of `from` is so many of `to`, from `start_date` until the next row of the same pair
    "fx_table": pl.String,  # the table's name: several stand beside each other, such as budget and month_end
    "from_currency_code": pl.String,
    "to_currency_code": pl.String,
    "start_date": pl.Date,
    "rate_num": pl.Int64,  # of major units, exact
    "rate_den": pl.Int64,
}

LEAVES: Schema = {  # a participant is away; `end_date` is exclusive, null while it lasts
    "participant_id": pl.String,
    "kind": pl.String,  # the company's word: parental, sick, unpaid
    "start_date": pl.Date,
    "end_date": pl.Date,
}

EXITS: Schema = {  # a participant leaves the company (T6)
    "participant_id": pl.String,
    "last_date": pl.Date,  # the last day that still counts
    "reason_code": pl.String,  # the company's word: resigned, dismissed, retired
    "withdrawn": pl.Boolean,  # yes: it will not happen after all; null: no
}

LOSSES: Schema = {  # what a customer cancelled, got back or never paid: an event of its own beside the deal (T1)
    "source": pl.String,
    "external_id": pl.String,  # of the deal
    "loss_id": pl.String,
    "line": pl.Int64,  # of the deal; null: all of its lines
    "loss_date": pl.Date,
    "kind": pl.String,  # cancellation, refund, non_payment
    "amount_minor": pl.Int64,  # lost of the deal's size; null where a share is given
    "currency_code": pl.String,  # of the amount, the deal's; null: the deal's
    "share_num": pl.Int64,  # lost of the deal's value; null where an amount is given
    "share_den": pl.Int64,
    "reason": pl.String,
    "attributable_to": pl.String,  # customer, company
    "evidence": pl.String,  # what shows it, such as the number of a letter
    "withdrawn": pl.Boolean,  # yes: it did not happen after all; null: no
}

FIXED_EVENTS: Schema = {  # credit events that a sealed run posted, in their fixed order (D2); empty for a run on files
    "participant_id": pl.String,
    "plan": pl.String,
    "component": pl.String,
    "period": pl.String,
    "place": pl.Int64,  # within participant, component and period, from 0
    "source": pl.String,
    "external_id": pl.String,
    "line": pl.Int64,
    "stage": pl.Int64,
    "loss_id": pl.String,  # of a take-back: the loss that it answers (T1); null for a credit
    "counts": pl.Int64,  # what moves the position: minor units, or millionths of a count
    "pays": pl.Int64,  # what rates apply to
}

ADJUSTMENTS: Schema = {  # stated amounts that somebody wrote and another accepted (B4); empty for a run on files
    "adjustment_id": pl.String,
    "participant_id": pl.String,
    "plan": pl.String,  # null where it belongs to none
    "component": pl.String,
    "amount_minor": pl.Int64,
    "currency_code": pl.String,
    "payable_date": pl.Date,  # the first day of its pay period
    "kind": pl.String,  # correction, goodwill, settlement, repayment, other
    "reason": pl.String,
    "author": pl.String,
    "approver": pl.String,
}

STATED_CREDITS: Schema = {  # credit that somebody states beside deals: what a position opens with, what is adjusted
    "kind": pl.String,  # opening (B3), adjustment (B4)
    "credit_id": pl.String,
    "participant_id": pl.String,
    "plan": pl.String,
    "component": pl.String,
    "credit_date": pl.Date,  # on which it counts; of an opening the last day before the cut-over
    "amount_minor": pl.Int64,  # where the component counts money; else null
    "currency_code": pl.String,  # of the amount, the plan's
    "count_millionths": pl.Int64,  # where it counts anything else; else null
    "counts": pl.Boolean,  # whether it moves the position
    "pays": pl.Boolean,  # whether rates apply to it
    "source": pl.String,  # of the deal that it is about; null: of none
    "external_id": pl.String,
    "line": pl.Int64,  # null where the deal has one line
    "taken_back": pl.Boolean,  # with that deal line (T1); null: no
    "reason_kind": pl.String,  # of an adjustment: correction, goodwill, settlement, repayment, other
    "reason": pl.String,  # of an opening: the system before this one
    "evidence": pl.String,
    "author": pl.String,
    "approver": pl.String,
}

HOLDS: Schema = {  # pay of a deal that waits for somebody (core/holds.py); empty for a run on files
    "hold_id": pl.String,
    "origin": pl.String,  # deal: somebody has put it on hold; review: the answer to what a plan's windfall leaves
    "state": pl.String,  # held, released; of a review also refused
    "source": pl.String,
    "external_id": pl.String,
    "participant_id": pl.String,  # null: of everybody
    "plan": pl.String,  # null: of every one
    "component": pl.String,
    "held_date": pl.Date,  # the first day of the pay period from which on it holds
    "free_date": pl.Date,  # of the one in which what is held becomes payable; null while it stands
    "reason_code": pl.String,
    "reason": pl.String,
    "author": pl.String,
    "decider": pl.String,  # who released or refused it; null while it stands
    "decision_reason": pl.String,
    "ledger_position": pl.Int64,  # the last entry that was booked before it
}

SCHEMAS: Mapping[str, Schema] = {
    "participants": PARTICIPANTS,
    "assignments": ASSIGNMENTS,
    "quotas": QUOTAS,
    "accounts": ACCOUNTS,
    "account_attributes": ACCOUNT_ATTRIBUTES,
    "ownerships": OWNERSHIPS,
    "territories": TERRITORIES,
    "deals": DEALS,
    "deal_lines": DEAL_LINES,
    "stages": STAGES,
    "deal_revisions": DEAL_REVISIONS,
    "splits": SPLITS,
    "deal_roles": DEAL_ROLES,
    "opportunities": OPPORTUNITIES,
    "pipeline_stages": PIPELINE_STAGES,
    "activities": ACTIVITIES,
    "deal_payments": DEAL_PAYMENTS,
    "fx_rates": FX_RATES,
    "leaves": LEAVES,
    "exits": EXITS,
    "losses": LOSSES,
    "fixed_events": FIXED_EVENTS,
    "adjustments": ADJUSTMENTS,
    "stated_credits": STATED_CREDITS,
    "holds": HOLDS,
}


OF_A_BOOK = ("deal_revisions", "fixed_events", "adjustments", "stated_credits", "holds")  # that no file brings


@cache
def empty(kind: str) -> pl.DataFrame:
    """One for all: frames are never changed in place."""
    return pl.DataFrame(schema=dict(SCHEMAS[kind]))


def _empty(kind: str) -> pl.DataFrame:
    return field(default_factory=lambda: empty(kind))


@dataclass(frozen=True)
class Facts(Indexed):
    """Everything a calculation reads. The order of rows never matters."""

    participants: pl.DataFrame = _empty("participants")
    assignments: pl.DataFrame = _empty("assignments")
    quotas: pl.DataFrame = _empty("quotas")
    accounts: pl.DataFrame = _empty("accounts")
    account_attributes: pl.DataFrame = _empty("account_attributes")
    ownerships: pl.DataFrame = _empty("ownerships")
    territories: pl.DataFrame = _empty("territories")
    deals: pl.DataFrame = _empty("deals")
    deal_lines: pl.DataFrame = _empty("deal_lines")
    stages: pl.DataFrame = _empty("stages")
    deal_revisions: pl.DataFrame = _empty("deal_revisions")
    splits: pl.DataFrame = _empty("splits")
    deal_roles: pl.DataFrame = _empty("deal_roles")
    opportunities: pl.DataFrame = _empty("opportunities")
    pipeline_stages: pl.DataFrame = _empty("pipeline_stages")
    activities: pl.DataFrame = _empty("activities")
    deal_payments: pl.DataFrame = _empty("deal_payments")
    fx_rates: pl.DataFrame = _empty("fx_rates")
    leaves: pl.DataFrame = _empty("leaves")
    exits: pl.DataFrame = _empty("exits")
    losses: pl.DataFrame = _empty("losses")
    fixed_events: pl.DataFrame = _empty("fixed_events")
    adjustments: pl.DataFrame = _empty("adjustments")
    stated_credits: pl.DataFrame = _empty("stated_credits")
    holds: pl.DataFrame = _empty("holds")

    def __post_init__(self) -> None:
        for item in fields(self):
            frame = getattr(self, item.name)
            if frame is not empty(item.name):
                assert_schema(item.name, frame)


def joined(batches: Sequence[Facts]) -> Facts:
    """The rows of all, those of each batch behind those of the one before; deals are told in the same columns."""
    frames = {item.name: [getattr(facts, item.name) for facts in batches] for item in fields(Facts)}
    told = {name: [frame for frame in of_kind if frame.height] for name, of_kind in frames.items()}
    return Facts(**{name: pl.concat(of_kind) for name, of_kind in told.items() if of_kind})


def assert_schema(kind: str, frame: pl.DataFrame) -> None:
    """A frame of another shape is a programmer error: importers and stores build frames by these schemas."""
    declared, found = SCHEMAS[kind], dict(zip(frame.columns, frame.dtypes, strict=True))
    for name, dtype in declared.items():
        assert found.get(name) == dtype, f"{kind}.{name} is {found.get(name)}, not {dtype}"
    extra = [name for name in found if name not in declared]
    allowed = kind == "deals" and all(name.startswith("attributes.") for name in extra)
    assert not extra or allowed, f"{kind} has undeclared columns {extra}"
