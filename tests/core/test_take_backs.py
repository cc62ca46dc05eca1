"""Take-backs stand by the date of the loss, after everything else of their period (D2, M9)."""

from datetime import date, datetime

import polars as pl

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import SCHEMAS, Facts
from compsvc.core.pipeline import calculate
from tests.oracle.company_plans import parsed

PLAN = """
plan: hunter
title: Hunter
provisioning: differs
effective: 2026-01-01
currency: EUR
fiscal_year_starts: january
rounding: half_up
counts_on: accepted
new_logo_by: account
credits: {own: {when: {type: new_logo}, to: seller}}
components:
  kicker:
    counts: new_logos
    logo: account
    minimum_deal: 0
    must_stay: 12 months
    settle: as_earned
    from: own
    per: quarter
    pays: {kicker: {at: 3, bonus: 5_000}}
earned: {on: accepted}
payable: {on: accepted}
"""


def _deal(name: str, account: str, month: int, day: int, kind: str | None = None) -> dict[str, object]:
    closed = date(2026, month, day)
    accepted = datetime(2026, month, day)  # noqa: DTZ001  # Frames hold UTC without saying so.
    value = 1_000_00 if kind is None else 0
    return {
        "source": "crm", "external_id": name, "revision": 1, "account_id": account, "seller_id": "hanna",
        "closed_date": closed, "accepted_time": accepted, "currency_code": "EUR", "type": kind,
        "annual_value_minor": value,
    }  # fmt: skip


def _frame(kind: str, *rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(SCHEMAS[kind]), orient="row")


def test_the_earlier_loss_takes_the_bonus_back_whichever_logo_it_was() -> None:
    """Three logos in January pay 5,000. The second account leaves on 1 April (2 logos: the bonus goes back on that
    line), the first on 1 May (1 logo: nothing more to take)."""
    facts = Facts(
        participants=_frame("participants", {"participant_id": "hanna"}),
        assignments=_frame(
            "assignments", {"participant_id": "hanna", "plan": "hunter", "start_date": date(2026, 1, 1)}
        ),
        accounts=_frame("accounts", *({"account_id": name} for name in ("a1", "a2", "a3"))),
        deals=_frame(
            "deals", _deal("w1", "a1", 1, 5), _deal("w2", "a2", 1, 6), _deal("w3", "a3", 1, 7),
            _deal("c2", "a2", 4, 1, "churn"), _deal("c1", "a1", 5, 1, "churn"),
        ),
    )  # fmt: skip
    result = calculate([parsed(PLAN)], facts, PlainMatcher())
    assert result.lines is not None
    lines = result.lines.filter(pl.col("amount_minor") != 0)
    assert lines.select("external_id", "step_kind", "amount_minor").rows() == [
        ("w3", "own", 5_000_00),
        ("c2", "take_back", -5_000_00),
    ]
    assert result.earnings.filter(period="2026-Q1")["count_millionths"].item() == 1_000_000
