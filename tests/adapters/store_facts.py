"""Facts for tests of stores, and a clock that ticks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from compsvc.core.facts import SCHEMAS, Facts
from compsvc.service.ports import Mutation, PlanRecord, PlanText

START = datetime(2026, 1, 1, tzinfo=UTC)


class Ticking:
    """Each asking is a second later."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


def frame(kind: str, *rows: Mapping[str, Any]) -> pl.DataFrame:
    schema: dict[str, Any] = dict(SCHEMAS[kind])
    schema |= {name: pl.String for row in rows for name in row if name.startswith("attributes.")}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def account(account_id: str, **more: Any) -> dict[str, Any]:
    return {"account_id": account_id, **more}


def deal(external_id: str, revision: int = 1, **more: Any) -> dict[str, Any]:
    first = {"source": "crm", "account_id": "acme", "closed_date": date(2026, 2, 1), "currency_code": "EUR"}
    return {**first, "external_id": external_id, "revision": revision, **more}


def ask(request_id: str, **more: Any) -> Mutation:
    return Mutation(request_id, "office", more.pop("fingerprint", b"body"), **more)


def accounts(*rows: Mapping[str, Any]) -> Facts:
    return Facts(accounts=frame("accounts", *rows))


def deals(*rows: Mapping[str, Any], **parts: pl.DataFrame) -> Facts:
    return Facts(deals=frame("deals", *rows), **parts)


RICH = Facts(
    participants=frame("participants", {"participant_id": "ann", "display_name": "Ann Wu"}),
    assignments=frame(
        "assignments",
        {"participant_id": "ann", "plan": "ae", "start_date": date(2026, 1, 1), "target_incentive_minor": 8_000_000},
    ),
    quotas=frame(
        "quotas",
        *(
            {"participant_id": "ann", "plan": "ae", "start_date": date(2026, 1, 1), "amount_minor": 5, "per": "year"}
            | {"component": component}
            for component in (None, "commission")
        ),
    ),
    accounts=frame("accounts", account("acme", name="Acme", known_since=date(2020, 2, 29))),
    account_attributes=frame(
        "account_attributes",
        {"account_id": "acme", "attribute": "region", "value": "south", "start_date": date(2026, 7, 1)},
        {"account_id": "acme", "attribute": "region", "start_date": date(2026, 10, 1)},
    ),
    ownerships=frame("ownerships", {"account_id": "acme", "participant_id": "ann", "start_date": date(2026, 1, 1)}),
    territories=frame("territories", {"participant_id": "ann", "region": "north", "start_date": date(2026, 1, 1)}),
    opportunities=frame(
        "opportunities",
        {"source": "crm", "opportunity_id": "O-1", "stage": "confirm"},
        {
            "source": "crm",
            "opportunity_id": "O-1",
            "stage": "scoping",
            "snapshot_time": datetime(2026, 2, 3, 4, 5, 6, 789, UTC).replace(tzinfo=None),
            "probability_ppm": 125_000,
            "reactivated_date": date(2026, 2, 1),
        },
    ),
    pipeline_stages=frame(
        "pipeline_stages", {"stage": "scoping", "position": 1, "probability_ppm": 0, "category": "omitted"}
    ),
    deal_payments=frame(
        "deal_payments",
        {"source": "crm", "external_id": "D-1", "payment_id": "P-1", "kind": "paid", "payment_date": date(2026, 5, 3)}
        | {"share_num": 1, "share_den": 3},
    ),
    activities=frame(
        "activities",
        {"source": "crm", "external_id": "A-1", "participant_id": "ann", "kind": "meeting_held"}
        | {"activity_date": date(2026, 2, 2), "outcome": "held", "quantity": 2},
    ),
    fx_rates=frame(
        "fx_rates",
        {"fx_table": "budget", "from_currency_code": "EUR", "to_currency_code": "USD"}
        | {"start_date": date(2026, 1, 1), "rate_num": 10_845, "rate_den": 10_000},
    ),
    leaves=frame("leaves", {"participant_id": "ann", "kind": "parental", "start_date": date(2026, 3, 1)}),
    losses=frame(
        "losses",
        {"source": "crm", "external_id": "D-1", "loss_id": "L-1", "line": 1, "loss_date": date(2026, 5, 3)}
        | {"kind": "refund", "share_num": 1, "share_den": 3, "attributable_to": "customer", "withdrawn": False},
    ),
    exits=frame("exits", {"participant_id": "ann", "last_date": date(2026, 9, 30), "withdrawn": True}),
    deals=frame(
        "deals",
        deal(
            "D-1",
            accepted_time=datetime(2026, 2, 3, 4, 5, 6, 789, UTC).replace(tzinfo=None),
            replaces=["D-0/1"],
            annual_value_minor=-(2**62),
        ),
        deal("D-2", **{"attributes.campaign": "spring", "attributes.n/a": "ü"}),
    ),
    deal_lines=frame("deal_lines", {"source": "crm", "external_id": "D-2", "line": 1, "discount_ppm": 125_000}),
    stages=frame(
        "stages",
        *(
            {"source": "crm", "external_id": "D-2", "line": 1, "stage": n, "annual_value_minor": n, "committed": n == 1}
            for n in (1, 2)
        ),
    ),
    splits=frame(
        "splits",
        {"source": "crm", "external_id": "D-1", "position": 0, "participant_id": "ann", "share_num": 1, "share_den": 1},
    ),
    deal_roles=frame(
        "deal_roles", {"source": "crm", "external_id": "D-1", "role": "se", "position": 0, "participant_id": "ann"}
    ),
)
RICH_ROWS = 18  # without quotas and parts of deals, which belong to other rows


def same(one: Facts, other: Facts) -> bool:
    def rows(facts: Facts, kind: str) -> list[dict[str, Any]]:
        return sorted(getattr(facts, kind).to_dicts(), key=repr)

    return all(rows(one, kind) == rows(other, kind) for kind in SCHEMAS)


def plan(revision: str, effective: date = date(2026, 1, 1), corrects: str | None = None) -> PlanRecord:
    text = PlanText("plan.yaml", "plan: ae", {"terms.yaml": "x"})
    return PlanRecord("ae", revision, "AE", effective, "EUR", corrects, text)
