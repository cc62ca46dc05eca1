"""Revisions of deals and their causes, worked out by hand (L4); the core gives the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from compsvc.core.changes import as_they_were, revisions
from compsvc.core.checks import check_facts
from compsvc.core.facts import Facts

from .small import Case
from .test_oracle_losses import amounts, commission

PLAN = commission("flat_rate: {rate: 10%}", "basis: original_rate, attainment: original_period, schedule: full")
LESS = {"revision": 2, "cause": "customer_change", "changed_date": date(2026, 5, 3)}


def told(*deals: Case) -> Facts:
    """The last case with what those before it told of the same deals."""
    *before, now = [case.facts for case in deals]
    earlier = [revisions(facts.deals, facts.deal_lines, facts.stages) for facts in before]
    return replace(now, deal_revisions=pl.concat(earlier))


def case(annual: int | None = None, **more: Any) -> Case:
    return Case().person("ann").deal("d1", "2026-01-10", annual, **more)


def paid(facts: Facts) -> list[tuple[str, str, int]]:
    return amounts(PLAN, as_they_were(facts))


# 1,500.00 pay 150.00. The customer keeps 900.00: 60.00 come back of the deal as it was. Told as a correction, it was
# never more than 900.00: 90.00 from the start, and nothing is taken back.
def test_what_a_customer_changes_is_a_loss_and_what_was_wrong_is_told_anew() -> None:
    assert paid(told(case(1_500_00), case(900_00, **LESS))) == [("d1", "own", 150_00), ("d1", "take_back", -60_00)]
    for cause in (None, "data_correction"):
        facts = told(case(1_500_00), case(900_00, revision=2, cause=cause))
        assert paid(facts) == [("d1", "own", 90_00)]


# 1,000.00, of which the customer keeps 600.00, later 300.00: 40.00 and 30.00 come back. A correction in between says
# that the deal was worth 700.00 by then: of 1,000.00 only 300.00 were lost, and 400.00 are lost later. One to 500.00
# says that it was 900.00 at first: 400.00 were lost, then 200.00. One to 1,000.00 or more: nothing was lost before.
@pytest.mark.parametrize(
    ("corrected", "lines"), [(None, [("own", 100_00), ("take_back", -40_00), ("take_back", -30_00)]),
                             (700_00, [("own", 100_00), ("take_back", -30_00), ("take_back", -40_00)]),
                             (500_00, [("own", 90_00), ("take_back", -40_00), ("take_back", -20_00)]),
                             (1_000_00, [("own", 100_00), ("take_back", -70_00)]),
                             (1_200_00, [("own", 120_00), ("take_back", -90_00)])]
)  # fmt: skip
def test_a_correction_says_how_much_of_a_change_was_true(corrected: int | None, lines: list[tuple[str, int]]) -> None:
    between = [case(corrected, revision=3, cause="data_correction")] if corrected else []
    last = case(300_00, revision=4, cause="customer_change", changed_date=date(2026, 6, 1))
    found = paid(told(case(1_000_00), case(600_00, **LESS), *between, last))
    assert found == sorted(("d1", kind, amount) for kind, amount in lines)


# Told as changed to 500.00 in error, then corrected: the customer has lost what is less than 1,000.00 now, whatever was
# told in between. Corrected to less than was told, 400.00, the deal was 900.00, of which 500.00 are lost.
@pytest.mark.parametrize(
    ("now", "lines"),
    [
        (1_000_00, [("own", 100_00)]),
        (600_00, [("own", 100_00), ("take_back", -40_00)]),
        (400_00, [("own", 90_00), ("take_back", -50_00)]),
    ],
)
def test_a_change_that_was_told_in_error_is_undone(now: int, lines: list[tuple[str, int]]) -> None:
    wrong = [case(1_000_00), case(500_00, **LESS), case(450_00, revision=3, cause="data_correction")]
    found = told(*wrong, case(now, revision=4, cause="data_correction"))
    assert paid(found) == [("d1", kind, amount) for kind, amount in lines]
    assert as_they_were(found).losses.height == len(lines) - 1


def with_lines(*annuals: int, **more: Any) -> Case:
    found = case(**more)
    for number, annual in enumerate(annuals, 1):
        found.add("deal_lines", source="crm", external_id="d1", line=number, annual_value_minor=annual)
    return found


# Lines of 600.00 and 300.00 pay 60.00 and 30.00. The second is told no more: all of it is lost.
def test_a_line_that_a_customer_gives_up_is_lost_as_a_whole() -> None:
    facts = told(with_lines(600_00, 300_00), with_lines(600_00, **LESS))
    assert paid(facts) == [("d1", "own", 30_00), ("d1", "own", 60_00), ("d1", "take_back", -30_00)]


def refused(facts: Facts) -> list[tuple[str, str, str]]:
    return [(each.kind, each.field, each.code) for each in check_facts(facts, [PLAN]).refusals]


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        (case(900_00, **LESS | {"cause": "upsell"}).facts, "cause", "UNKNOWN_CAUSE"),
        (told(case(950_00), case(900_00, **LESS | {"changed_date": None})), "changed_date", "CHANGE_UNDATED"),
        (case(900_00, revision=2, changed_date=date(2026, 5, 3)).facts, "cause", "CHANGE_NOT_SAID"),
        (case(900_00, revision=2, cause="acceptance_withdrawn").facts, "accepted_time", "WITHDRAWN_AND_ACCEPTED"),
        (told(case(950_00), case(900_00, accepted=None, **LESS)), "cause", "CHANGE_OF_PENDING"),
        (case(900_00, **LESS).facts, "cause", "CHANGE_OF_NOTHING"),
        (told(case(1_000_00), case(1_000_01, **LESS)), "cause", "CHANGE_RAISES"),
        (told(with_lines(100, 900), with_lines(200, 700, **LESS)), "cause", "CHANGE_RAISES"),
        (told(case(1_000_00), case(1_000_00, quantity=3, **LESS)), "cause", "CHANGE_LOWERS_NOTHING"),
        (told(case(950_00), case(900_00, **LESS | {"changed_date": date(2026, 1, 9)})), "cause", "LOSS_BEFORE_DEAL"),
    ],
)
def test_a_cause_fits_its_revision(facts: Facts, field: str, code: str) -> None:
    assert (("deals", field, code)) in refused(facts)


def test_a_cause_that_fits_is_taken() -> None:
    facts = check_facts(told(case(1_000_00), case(900_00, **LESS)), [PLAN]).facts
    assert facts.losses.select("loss_id", "amount_minor", "line").rows() == [("revision 2/1", 100_00, 1)]
    assert facts.deal_revisions.is_empty()
    for cause, accepted in (("data_correction", ""), ("acceptance_withdrawn", None)):
        assert refused(case(900_00, revision=2, cause=cause, accepted=accepted).facts) == []
