"""The measured company is the same every time, and what is measured on it is right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from bench.company import Size, facts, write
from bench.measured import (
    WrongError,
    assert_same_earnings,
    durable,
    of_first_accounts,
    oracle,
    run,
    run_with_lines,
)
from compsvc.adapters.durable_matcher import available
from compsvc.adapters.importers import load_files

SMALL = Size(deals=2_000)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write(SMALL, folder)
    return folder


def test_the_same_seed_gives_the_same_bytes(company: Path, tmp_path: Path) -> None:
    write(SMALL, tmp_path)
    assert _bytes(tmp_path) == _bytes(company)


def test_another_seed_gives_another_company() -> None:
    assert not facts(replace(SMALL, seed=1))["deals"].equals(facts(SMALL)["deals"])


def test_the_company_is_mixed_as_it_says(company: Path) -> None:
    loaded = load_files(company / "facts").facts
    ramps = loaded.stages["external_id"].n_unique()
    split = loaded.splits.group_by("external_id").len()["len"]
    renewals, waiting = (loaded.deals["type"] == "renewal").sum(), loaded.deals["accepted_time"].null_count()
    assert 60 <= ramps <= 140  # 5% of 2,000 deals
    assert 140 <= len(split) <= 260  # 10%
    assert set(split) == {2, 3}
    assert 50 <= renewals <= 110  # 4%
    assert 5 <= waiting <= 40  # 1%


def test_the_oracle_agrees_to_the_cent(company: Path, tmp_path: Path) -> None:
    """`oracle` raises where the core differs in any participant's component and period."""
    figures = oracle(company, tmp_path, SMALL.deals)
    assert figures["deals"] == SMALL.deals
    assert int(figures["earned_minor"]) > 0


def test_a_cent_too_many_is_found() -> None:
    key = ("R0000001", "rep", "commission", "2026-Q1")
    names = "participant_id", "plan", "component", "period", "measure_minor", "count_millionths", "earned_minor"
    earnings = pl.DataFrame([(*key, 1_000, 0, 81)], schema=names, orient="row")
    assert_same_earnings(earnings, {key: (1_000, 0, 81)})
    with pytest.raises(WrongError, match="differ in 1 earnings"):
        assert_same_earnings(earnings, {key: (1_000, 0, 80)})  # 8% of 10.00


def test_a_sample_has_whole_accounts(company: Path) -> None:
    """A window or first order would be another one if deals of its account were left out."""
    everything = load_files(company / "facts").facts
    sample = of_first_accounts(everything, 500)
    assert 350 <= sample.deals.height <= 650
    elsewhere = everything.deals.join(sample.deals, on=["source", "external_id"], how="anti")
    assert not set(sample.deals["account_id"]) & set(elsewhere["account_id"])


def test_earnings_are_the_same_bytes_with_and_without_lines(company: Path, tmp_path: Path) -> None:
    bare = run(company, tmp_path / "bare", 0)
    full = run_with_lines(company, tmp_path / "full", 0)
    assert bare["earnings_sha256"] == full["earnings_sha256"]
    assert int(full["lines"]) > SMALL.deals
    assert not (tmp_path / "bare" / "lines.parquet").exists()


def test_durable_rules_asked_for_each_deal_answers_as_once_per_signature(company: Path, tmp_path: Path) -> None:
    """`durable` raises where one answer differs."""
    assert durable(company, tmp_path, 300)["deals"] == (300 if available() else 0)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
