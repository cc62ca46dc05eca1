"""What rows and columns the tables of a book have.

One request is one row of `requests`, and every other row names the request that stored it: its number is the
position in the book, and its time is the time at which the row was recorded. Nothing is ever updated or deleted.
Dates are 2026-03-31, instants are UTC, 2026-03-31T12:00:00.000000, amounts are integers of minor units, `replaces` is
a JSON list, and in a key '' stands for null. sql_steps.py makes the tables.
"""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """`columns` are named as in the facts. `children` have the key of their parent before their own. Rows
    that differ in `history` alone, which ends the key, are states of one thing, one after the other."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    children: tuple[str, ...] = ()
    history: str = ""


_DEAL = ("source", "external_id")
_LINE = (
    *("product", "type", "quantity", "start_date", "end_date", "annual_value_minor", "one_time_value_minor"),
    *("cost_minor", "discount_ppm", "replaces"),
)

TABLES = {
    "participants": Table(("participant_id",), ("display_name", "personnel_number", "pay_group")),
    "assignments": Table(
        ("participant_id", "plan", "start_date"),
        (
            *("role", "end_date", "target_incentive_minor", "currency_code", "manager_id", "cover_id"),
            *("workload_ppm", "ramp_up_date", "jurisdiction", "pay_currency_code", "payee_class"),
            *("legal_entity", "cost_centre"),
        ),
        ("quotas",),
    ),
    "accounts": Table(("account_id",), ("name", "parent_id", "industry", "region", "segment", "known_since")),
    "account_attributes": Table(("account_id", "attribute", "start_date"), ("value",)),
    "ownerships": Table(("account_id", "start_date"), ("participant_id", "end_date")),
    "territories": Table(("participant_id", "industry", "region", "segment", "start_date"), ("end_date",)),
    "opportunities": Table(
        ("source", "opportunity_id", "snapshot_time"),
        (
            *("account_id", "seller_id", "product", "type", "stage", "stage_since_date", "category", "probability_ppm"),
            *("amount_minor", "currency_code", "opened_date", "expected_close_date", "start_date", "end_date"),
            "reactivated_date",
        ),
        history="snapshot_time",
    ),
    "pipeline_stages": Table(("stage",), ("position", "probability_ppm", "category", "limit_days")),
    "activities": Table(
        ("source", "external_id"),
        ("participant_id", "kind", "activity_date", "account_id", "opportunity_id", "outcome", "quantity"),
    ),
    "deal_payments": Table(
        (*_DEAL, "payment_id"),
        ("kind", "payment_date", "amount_minor", "currency_code", "share_num", "share_den"),
    ),
    "fx_rates": Table(("fx_table", "from_currency_code", "to_currency_code", "start_date"), ("rate_num", "rate_den")),
    "leaves": Table(("participant_id", "start_date"), ("kind", "end_date")),
    "exits": Table(("participant_id", "last_date"), ("reason_code", "withdrawn")),
    "losses": Table(
        (*_DEAL, "loss_id"),
        (
            *("line", "loss_date", "kind", "amount_minor", "currency_code", "share_num", "share_den", "reason"),
            *("attributable_to", "evidence", "withdrawn"),
        ),
    ),
    "deals": Table(
        _DEAL,
        (
            *("revision", "account_id", "seller_id", "opened_date", "closed_date", "accepted_time", "pending_reason"),
            *("currency_code", "channel", "opportunity_id", "split_reason", "cause", "changed_date", "change_evidence"),
            *_LINE,
        ),
        ("deal_lines", "stages", "splits", "deal_roles", "deal_attributes"),
    ),
    "quotas": Table(("participant_id", "plan", "start_date", "component"), ("amount_minor", "per")),
    "deal_lines": Table((*_DEAL, "line"), _LINE),
    "stages": Table(
        (*_DEAL, "line", "stage"), ("start_date", "end_date", "annual_value_minor", "committed", "exercised_time")
    ),
    "splits": Table((*_DEAL, "position"), ("participant_id", "share_num", "share_den")),
    "deal_roles": Table((*_DEAL, "role", "position"), ("participant_id", "share_num", "share_den")),
    "deal_attributes": Table((*_DEAL, "name"), ("value",)),
}
