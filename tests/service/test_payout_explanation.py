"""Every payout down to the ledger: the entries are those of its participant and nature, and nothing is unexplained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from compsvc.entry.payout_text import payout_text
from compsvc.entry.payroll_run_proto import explanation_message
from compsvc.service.payout_explanation import explain_payout
from compsvc.service.payroll_ports import PayoutOutcome
from compsvc.service.ports import NotFound
from tests.service.small_payroll import SmallHouse, small_house
from tests.service.test_payroll_adjustments import decided, written
from tests.service.test_payroll_runs import ANNA

WORDS = "reserve: {share: 10%, for: 6 months}\nguarantee: {amount: 2_000, for: 6 months}\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallHouse]:
    """January pays two deals of Ann's, holds a tenth, and tops Bob up; February takes back, states and repeats."""
    found = small_house(str(tmp_path / "book.db"), WORDS)
    found.sell("D-1", 1, 100_000)
    found.sell("D-2", 1, 50_000)
    january = found.sealed("2026-01")
    (held,) = found.payouts(january).filter(participant_id="ann", nature="reserve")["payout_id"]
    (paid,) = found.payouts(january).filter(participant_id="ann", nature="commission")["payout_id"]
    refused = [PayoutOutcome(name, "rejected", None, "account closed") for name in (held, paid)]
    found.answer(january, *refused)
    found.sell("D-1", 1, 40_000, revision=2)
    decided(found, written(found))
    february = found.sealed("2026-02")
    found.answer(february, *found.paid(february))
    yield found
    found.parts.store.close()


def test_every_payout_is_the_sum_of_its_entries_and_each_entry_is_of_one(house: SmallHouse) -> None:
    sealed = [run for run in house.payroll.store.runs() if run.state == "sealed"]
    natures, seen = Counter[str](), Counter[int]()
    for run in sealed:
        for payout_id in house.payouts(run)["payout_id"]:
            found = explain_payout(house.payroll, ANNA, payout_id=payout_id)
            assert found.entries
            assert found.unexplained_minor == 0
            natures[found.payout.row["nature"]] += 1
            if not found.repeated:
                seen.update(each.row["entry"] for each in found.entries)
    owed = house.payroll.store.ledger().filter(pl.col("account") == "payable", pl.col("kind") != "paid")
    assert set(seen) == set(owed["entry"])
    assert set(seen.values()) == {1}
    assert {"commission", "reserve", "guarantee", "adjustment"} <= set(natures)


def test_an_explanation_names_deal_customer_and_line(house: SmallHouse) -> None:
    """10% of 100,000 and of 50,000: two entries of 10,000 and 5,000; February pays them again as they were."""
    january, february = (run for run in house.payroll.store.runs() if run.state == "sealed")
    (paid,) = house.payouts(january).filter(participant_id="ann", nature="commission")["payout_id"]
    found = explain_payout(house.payroll, ANNA, payout_id=paid, run_id=january.run_id)
    assert [(each.row["external_id"], each.row["amount_minor"]) for each in found.entries] == [
        ("D-1", 1_000_000), ("D-2", 500_000),
    ]  # fmt: skip
    assert [each.line.external_id for each in found.entries if each.line] == ["D-1", "D-2"]
    again = house.payouts(february).filter(repeats_payout_id=paid)["payout_id"][0]
    text = {locale: _said(house, again, locale) for locale in ("en", "de")}
    assert f"pays again the payout {paid}, which was rejected" in text["en"]
    assert "payable now D-1 acme, closed 15 Jan 2026 €10,000.00" in text["en"]
    assert "all entries €15,000.00 unexplained €0.00" in text["en"]
    assert "jetzt zahlbar D-2 acme, unterschrieben 15.01.2026 5.000,00 €" in text["de"]


def test_what_corrects_names_the_entry_before_it_and_what_it_was_calculated_from(house: SmallHouse) -> None:
    """D-1 is worth 40,000 in February: 6,000 of the 10,000 that were posted are taken back, partly from the reserve."""
    january, february = (run for run in house.payroll.store.runs() if run.state == "sealed")
    found = {
        run.run_id: [
            explain_payout(house.payroll, ANNA, payout_id=name)
            for name in house.payouts(run).filter(pl.col("repeats_payout_id").is_null(), participant_id="ann")[
                "payout_id"
            ]
        ]
        for run in (january, february)
    }
    first = {each.row["entry"]: each.row for told in found[january.run_id] for each in told.entries}
    assert all(row["corrects_entry"] is None for row in first.values())
    later = [each.row for told in found[february.run_id] for each in told.entries if each.row["external_id"] == "D-1"]
    (back,) = (row for row in later if row["kind"] == "payable")
    corrected = first[back["corrects_entry"]]
    assert (corrected["external_id"], corrected["amount_minor"], back["amount_minor"]) == ("D-1", 1_000_000, -600_000)
    assert {row["corrects_entry"] for row in later if row["kind"] == "used"} == {
        None
    }  # the reserve's, for the first time
    digests = {run: {told.input_digest for told in each} for run, each in found.items()}
    assert digests[january.run_id].isdisjoint(digests[february.run_id])
    assert [len(each) for each in digests.values()] == [1, 1]


def _said(house: SmallHouse, payout_id: str, locale: str) -> str:
    found = explanation_message(explain_payout(house.payroll, ANNA, payout_id=payout_id))
    return " ".join(payout_text(found, locale="de" if locale == "de" else "en").split())


def test_an_unknown_payout_is_named_with_where_the_ids_are(house: SmallHouse) -> None:
    with pytest.raises(NotFound) as error:
        explain_payout(house.payroll, ANNA, payout_id="0" * 32)
    assert "payroll show RUN" in error.value.message
