"""The mix of a rep's accounts, as the statement tells it: by hand, in text, Markdown and JSON."""

from __future__ import annotations

import json

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.statement import statement
from compsvc.core.statement_scope import period_of
from compsvc.entry.locales import Locale
from compsvc.entry.statement_markdown import statement_markdown
from compsvc.entry.statement_proto import as_json
from compsvc.entry.statement_text import statement_text
from compsvc.entry.statement_whole_proto import statement_message
from compsvc.v1 import statement_service_pb2 as pb
from tests.oracle.small import OWN, Case, day, plan

FLAT = "components:\n  pay: {counts: acv, from: own, per: month, pays: {flat_rate: {rate: 10%}}}\n"


def told(period: str, who: str = "ann", **header: str) -> pb.Statement:
    """Ann owns acme, who ordered in January, birk, who ordered in March and was accepted in April, colt, who is known
    since 2019, and dorn, whose order nobody has accepted. Eder was hers until February."""
    case = Case().person("ann").person("ben")
    case.deal("d1", "2026-01-10", 900_00).deal("d2", "2026-03-10", 900_00, account_id="birk", accepted="2026-04-02")
    case.deal("d3", "2026-01-11", 900_00, account_id="dorn", accepted=None)
    case.deal("d4", "2026-01-12", 900_00, account_id="eder")
    case.add("accounts", account_id="colt", name="colt", known_since=day("2019-05-01"))
    for account in ("acme", "birk", "colt", "dorn"):
        case.add("ownerships", account_id=account, participant_id="ann", start_date=day("2025-01-01"))
    case.add(
        "ownerships", account_id="eder", participant_id="ann", start_date=day("2025-01-01"), end_date=day("2026-02-01")
    )
    plans = [plan(OWN + FLAT, **header)]
    span = period_of(period, fiscal_year_starts=1)
    assert span is not None
    result = calculate(plans, case.facts, PlainMatcher())
    found = statement(result, plans, case.facts, participant_id=who, period=span)
    assert found is not None
    return statement_message(found)


@pytest.mark.parametrize(
    ("period", "customers", "targets"),
    [("2026-01", 3, 2), ("2026-02", 2, 2), ("2026-03", 2, 2), ("2026-04", 3, 1)],  # eder is another's from February on
)
def test_owned_accounts_are_customers_once_they_have_ordered(period: str, customers: int, targets: int) -> None:
    mix = told(period).book_mix
    assert (mix.customer_count, mix.target_count) == (customers, targets)


def test_who_owns_no_account_has_no_mix() -> None:
    assert not told("2026-01", "ben").HasField("book_mix")


@pytest.mark.parametrize(
    ("locale", "wanted"),
    [
        ("en", ("3 customers (healthy: 5 to 10)", "1 target account without an order (healthy: 20 to 30)")),
        ("de", ("3 Bestandskunden (gesund: 5 bis 10)", "1 Zielkunde ohne Bestellung (gesund: 20 bis 30)")),
    ],
)
def test_it_stands_beside_what_the_plan_calls_healthy(locale: Locale, wanted: tuple[str, str]) -> None:
    message = told("2026-04", mix="{customers: 5..10, targets: 20..30}")
    shown = statement_text(message, locale=locale)
    assert all(f"\n  {line}\n" in shown for line in wanted)
    assert all(f"\n- {line}\n" in statement_markdown(message, locale=locale) for line in wanted)
    mix = json.loads(as_json(message))["book_mix"]
    said = {"customer_count": 3, "target_count": 1, "healthy_customers": "5..10", "healthy_targets": "20..30"}
    assert {name: mix[name] for name in said} == said
    assert mix["plan_at"]
