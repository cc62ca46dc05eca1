"""What a customer changes of a deal that is paid is a loss of its day, on both stores (L4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest

from compsvc.core.facts import Facts
from compsvc.core.statement_step import Step
from compsvc.service.bulk_load import load_all
from compsvc.service.statements import explain_line
from tests.service.small_payroll import SmallHouse, frame, small_house
from tests.service.statement_ties import statement
from tests.service.test_payroll_proposals import paid, proposed
from tests.service.test_payroll_runs import ADMIN, ANNA
from tests.service.test_sealed_pay import printed

WORDS = """
clawback: {basis: as_paid, attainment: original_period, schedule: pro rata over 12 months}
negative: {carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}
"""
LESS = {"cause": "customer_change", "changed_date": date(2026, 4, 15)}


@pytest.fixture
def house(book: str) -> Iterator[SmallHouse]:
    """D-1 of 10,000 is sealed in January: 1,000."""
    found = small_house(book, WORDS)
    found.sell("D-1", 1, 10_000)
    found.sealed("2026-01")
    yield found
    found.parts.store.close()


def told(house: SmallHouse, euros: int, **said: Any) -> Facts:
    """A further revision of D-1."""
    deals = house.parts.store.facts_at().deals
    none = {"cause": None, "changed_date": None, "change_evidence": None}
    values = {"annual_value_minor": euros * 100, **none, **said}
    new = [pl.lit(value, dtype=deals.schema[name]).alias(name) for name, value in values.items()]
    return Facts(deals=deals.filter(pl.col("external_id") == "D-1").with_columns(pl.col("revision") + 1, *new))


def revised(house: SmallHouse, euros: int, **said: Any) -> None:
    house.load(told(house, euros, **said))


def test_a_customer_change_follows_the_plans_words_on_losses_and_a_correction_does_not(house: SmallHouse) -> None:
    """From January to April are three months: 9/12 of 40% of 1,000 come back, and stay so. A correction says that it
    was 7,000 by then: 9/12 of 30% of 1,000 have gone. Called back, nothing is left."""
    revised(house, 6_000, **LESS)
    assert paid(house, house.sealed("2026-03")) == []
    april = paid(house, house.sealed("2026-04"))
    assert april == [("ann", -300_00, None), ("ann", 300_00, None)]  # carried
    revised(house, 6_000)
    assert paid(house, house.sealed("2026-05")) == []
    revised(house, 7_000, cause="data_correction")
    june = house.sealed("2026-06")
    assert house.payouts(june).filter(pl.col("corrects_pay_period").is_not_null())["amount_minor"].sum() == 75_00
    revised(house, 7_000, cause="acceptance_withdrawn", accepted_time=None)
    july = house.sealed("2026-07")
    assert house.payouts(july).filter(pl.col("corrects_pay_period").is_not_null())["amount_minor"].sum() == -775_00
    assert (proposed(house), house.wrong(), house.unexplained()) == ([], [], [0])


def steps(step: Step) -> Iterator[Step]:
    yield step
    for below in step.steps:
        yield from steps(below)


def test_the_statement_names_month_deal_and_cause(house: SmallHouse) -> None:
    """What the customer has changed in its month; what somebody has corrected, for the month that it was of."""
    revised(house, 6_000, **LESS)
    house.sealed("2026-04")
    english, german = (printed(house, "2026-04", locale) for locale in ("en", "de"))
    assert "cause: change by the customer" in english
    assert "Grund: Änderung durch den Kunden" in german
    (taken,) = [
        line for payout in statement(house, "ann", "2026-04").payouts for line in payout.lines if line.amount.minor
    ]
    opened = explain_line(house.parts.calculations, house.payroll.store, ANNA, taken.key, name="x")
    (lost,) = [step for step in steps(opened.derivation) if step.code == "LOST"]
    assert (lost.values["loss"], "reason" in lost.values) == ("customer_change", False)
    revised(house, 5_000, cause="data_correction")
    house.sealed("2026-05")
    text = printed(house, "2026-05", "en")
    assert "D-1" in text
    assert "for 2026-01; its value was" in text
    assert "cause: data corrected" in text
    revised(house, 5_000, cause="acceptance_withdrawn", accepted_time=None)
    house.sealed("2026-06")
    assert "cause: acceptance withdrawn" in printed(house, "2026-06", "en")


def test_a_book_knows_what_a_deal_was_as_of_each_position(house: SmallHouse) -> None:
    before = house.parts.store.position()
    revised(house, 6_000, **LESS)
    store = house.parts.store
    assert store.facts_at(before).deal_revisions.is_empty()
    first = store.facts_at().deal_revisions.filter(pl.col("revision") == 1)
    assert first.select("revision", "line", "annual_value_minor").rows() == [(1, 1, 1_000_000)]
    newest = house.payroll.calculations.newest()
    assert (newest.refusals, newest.facts.deal_lines["annual_value_minor"].to_list()) == ((), [1_000_000])
    assert newest.facts.losses.select("loss_id", "amount_minor").rows() == [("revision 2/1", 400_000)]


@pytest.mark.parametrize(
    ("euros", "said", "code"),
    [
        (11_000, {}, "CHANGE_RAISES"),
        (10_000, {}, "CHANGE_LOWERS_NOTHING"),
        (6_000, {"seller_id": "bob"}, "CHANGE_TELLS_MORE"),
        (6_000, {"channel": "partner"}, "CHANGE_TELLS_MORE"),
        (6_000, {"changed_date": date(2025, 12, 31)}, "LOSS_BEFORE_DEAL"),
        (6_000, {"accepted_time": None}, "CHANGE_OF_PENDING"),
    ],
)
def test_a_customer_change_says_that_the_customer_has_less_and_nothing_else(
    house: SmallHouse, euros: int, said: dict[str, Any], code: str
) -> None:
    stored = load_all(house.parts.store, house.parts.plans, ADMIN, told(house, euros, **LESS | said))
    assert code in {each.code for each in stored.refusals}
    assert house.parts.store.facts_at().deals["revision"].to_list() == [1]


@pytest.mark.parametrize(
    ("euros", "said", "asked"),
    [
        (9_999, {}, True),
        (9_999, {"cause": "data_correction"}, False),
        (9_999, {"accepted_time": None, "pending_reason": "no signature"}, False),
        (10_000, {"closed_date": date(2026, 1, 9)}, False),
        (10_001, {}, False),
    ],
)
def test_who_makes_an_accepted_deal_worth_less_is_asked_for_the_cause(
    house: SmallHouse, euros: int, said: dict[str, Any], asked: bool
) -> None:
    stored = load_all(house.parts.store, house.parts.plans, ADMIN, told(house, euros, **said))
    assert [each.code for each in stored.refusals] == ["CAUSE_MISSING"] * asked
    assert house.parts.store.facts_at().deals["revision"].to_list() == [1 if asked else 2]


RAMP = (10_000, 20_000)


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        (10_000, RAMP, False),  # of a ramp its last level counts, not all of them
        (RAMP, (15_000, 20_000), False),
        (RAMP, (5_000, 20_000), False),
        (RAMP, (25_000, 5_000), True),
        (RAMP, (10_000,), True),
        (RAMP, 19_999, True),
        (RAMP, 20_000, False),
        ((10_000, 20_000, -40_000), RAMP, False),  # an option that nobody has taken
    ],
)
def test_a_ramp_is_worth_its_last_committed_level(
    house: SmallHouse, before: int | tuple[int, ...], after: int | tuple[int, ...], asked: bool
) -> None:
    stored = [
        load_all(house.parts.store, house.parts.plans, ADMIN, _levels(house, revision, levels, cause))
        for revision, levels, cause in ((2, before, "data_correction"), (3, after, None))
    ]
    assert [each.code for load in stored for each in load.refusals] == ["CAUSE_MISSING"] * asked


def _levels(house: SmallHouse, revision: int, levels: int | tuple[int, ...], cause: str | None) -> Facts:
    """D-1 with one value, or with so many stages of a year each; one below zero is an option."""
    value = pl.lit(levels * 100 if isinstance(levels, int) else None, dtype=pl.Int64)
    deals = house.parts.store.facts_at().deals.with_columns(
        revision=pl.lit(revision, dtype=pl.Int64), cause=pl.lit(cause, dtype=pl.String), annual_value_minor=value
    )
    stages = [
        {"source": "crm", "external_id": "D-1", "line": 1, "stage": number, "start_date": date(2026 + number, 1, 1),
         "end_date": date(2027 + number, 1, 1), "annual_value_minor": abs(level) * 100, "committed": level > 0}
        for number, level in enumerate(levels if isinstance(levels, tuple) else (), 1)
    ]  # fmt: skip
    return Facts(deals=deals, stages=frame("stages", *stages))


def test_lines_that_are_worth_as_much_together_ask_for_no_cause_and_less_churn_is_no_less(house: SmallHouse) -> None:
    deals = house.parts.store.facts_at().deals.with_columns(
        annual_value_minor=pl.lit(None, dtype=pl.Int64), cause=pl.lit(None, dtype=pl.String)
    )
    lines = [("", 6_000), ("", 4_000)], [("churn", 9_000), ("", 10_000)], [("churn", 1_000), ("", 10_000)]
    for revision, told in enumerate((*lines, [("", 9_999)]), 2):
        rows = [
            {"source": "crm", "external_id": "D-1", "line": number, "annual_value_minor": euros * 100,
             "type": kind or None, "start_date": date(2026, 1, 15), "end_date": date(2027, 1, 15)}
            for number, (kind, euros) in enumerate(told, 1)
        ]  # fmt: skip
        facts = Facts(
            deals=deals.with_columns(revision=pl.lit(revision, dtype=pl.Int64)), deal_lines=frame("deal_lines", *rows)
        )
        stored = load_all(house.parts.store, house.parts.plans, ADMIN, facts)
        assert [each.code for each in stored.refusals] == ["CAUSE_MISSING"] * (told[0][1] == 9_999)


def test_an_old_report_that_comes_again_asks_for_nothing(house: SmallHouse) -> None:
    first, store = house.parts.store.facts_at(), house.parts.store
    revised(house, 20_000)
    change = told(house, 15_000, **LESS)
    house.load(change)
    revised(house, 15_000, cause="data_correction", seller_id="bob")
    before = store.position()
    for facts in (Facts(deals=first.deals), change):
        house.load(facts)
    assert store.position() == before


def test_the_same_customer_change_again_is_no_other_one(house: SmallHouse) -> None:
    revised(house, 6_000, **LESS)
    store = house.parts.store
    house.load(Facts(deals=store.facts_at().deals))
    assert store.facts_at().deals["revision"].to_list() == [2]
    revised(house, 5_000, **LESS | {"changed_date": date(2026, 5, 15)})
    found = house.payroll.calculations.newest().facts.losses
    assert sorted(found["amount_minor"]) == [100_000, 400_000]
