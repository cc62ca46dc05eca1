"""A run on files writes earnings, lines and a report, once; what cannot be taken is told, and the rest is computed."""

import csv
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from compsvc.core.results import LINES
from compsvc.service.batch import STEPS, Job, Outcome, run
from compsvc.service.bulk_load import load_all, load_plan_texts
from compsvc.service.ports import Caller
from compsvc.wiring import file_tools, open_parts, plan_texts
from tests.adapters.store_facts import account, accounts

PLAN = """
plan: ae
title: Account Executives
provisioning: equal
effective: 2026-01-01
currency: EUR
fiscal_year_starts: january
rounding: half_up
counts_on: accepted
new_logo_by: account
credits:
  own-deals:
    when: {type: [new_logo, upsell, cross_sell]}
    to: seller
components:
  commission:
    counts: acv
    from: own-deals
    per: quarter
    pays:
      flat_rate: {rate: 10%}
  kicker:
    counts: new_logos
    logo: account
    minimum_deal: 0
    from: own-deals
    per: quarter
    pays:
      kicker: {at: 2, bonus: 500}
earned: {on: accepted}
payable: {on: accepted}
"""
FILES = {
    "participants": "participant_id,display_name\nhanna,Hanna\nben,Ben\n=tom,Tom\n",
    "assignments": "participant_id,plan,start_date,currency_code\n"
    + "".join(f"{name},ae,2026-01-01,EUR\n" for name in ("hanna", "ben", "=tom")),
    "accounts": "account_id\nacme\nbirk\n",
    "deals": "source,external_id,account_id,seller_id,closed_date,accepted_time,currency_code,annual_value\n"
    "crm,d1,acme,hanna,2026-01-10,2026-01-10,EUR,1000\n"
    "crm,d2,birk,hanna,2026-02-10,,EUR,1000\n"
    "crm,d3,birk,,2026-02-10,2026-02-10,EUR,2000.50\n"
    "crm,d4,nobody,hanna,2026-02-10,2026-02-10,EUR,1\n"
    "crm,d5,acme,hanna,2026-02-30,2026-02-10,EUR,1\n",
    "splits": "source,external_id,participant_id,share\ncrm,d3,hanna,1/2\ncrm,d3,ben,1/2\n",
    "opportunities": "source,opportunity_id,account_id,stage\ncrm,o1,,identify\ncrm,o2,acme,confirm\n",
}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    for name in ("plans", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "plans" / "plan.yaml").write_text(PLAN)
    for name, text in FILES.items():
        (tmp_path / "data" / f"{name}.csv").write_text(text)
    return Job(tmp_path / "plans", tmp_path / "data", tmp_path / "out")


def report(outcome: Outcome) -> dict[str, Any]:
    assert outcome.report is not None, outcome.problems
    return outcome.report


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_good_rows_are_computed_and_bad_ones_told(job: Job) -> None:
    outcome = run(job, file_tools())
    assert [f"{row.file}:{row.line} {row.code}" for row in outcome.refusals] == [
        "deals.csv:5 UNKNOWN_ACCOUNT",
        "deals.csv:6 BAD_DATE",
    ]
    with (job.out / "earnings.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [
        "participant_id",
        "plan",
        "component",
        "period",
        "measure_minor",
        "count",
        "earned_minor",
        "currency",
    ]
    assert rows[1:] == sorted(rows[1:])
    first_quarter = {(row[0], row[2]): row[4:] for row in rows[1:] if row[3] == "2026-Q1"}
    # Hanna: 1,000 of d1 and half of d3's 2,000.50, the odd cents to the first: 2,000.25; 10% is 200.03.
    assert first_quarter["hanna", "commission"] == ["200025", "0", "20003", "EUR"]
    assert first_quarter["ben", "commission"] == ["100025", "0", "10003", "EUR"]
    # New logos: acme whole and half of birk; the bonus is for two.
    assert first_quarter["hanna", "kicker"] == ["0", "1.5", "0", "EUR"]
    assert first_quarter["ben", "kicker"] == ["0", "0.5", "0", "EUR"]
    assert first_quarter["=tom", "commission"] == ["0", "0", "0", "EUR"], "ids stay as they are in the file"


def test_the_lines_have_their_schema_and_explain_every_cent(job: Job) -> None:
    outcome = run(job, file_tools())
    lines = pl.read_parquet(job.out / "lines.parquet")
    assert dict(lines.schema) == dict(LINES)
    assert lines["amount_minor"].sum() == 20003 + 10003
    assert report(outcome)["derivation"] == {"lines": lines.height, "unexplained_minor": 0}


def test_the_report_answers_what_finance_asks(job: Job) -> None:
    run(job, file_tools())
    text = (job.out / "report.json").read_text()
    found = json.loads(text)
    assert text.startswith(
        '{\n  "deals": {\n    "accounts_of_refused_deals": [\n      "acme",\n      "nobody"\n    ],\n'
    )
    assert found["deals"] == {
        "read": 5,
        "taken": 3,
        "credited": 2,
        "pending": ["crm/d2"],
        "uncredited": [],
        "uncredited_count": 0,
        "uncredited_entirely_count": 0,
        "refused_count": 2,
        "repeated_count": 0,
        "accounts_of_refused_deals": ["acme", "nobody"],
    }
    assert found["opportunities"] == {
        "read": 2,
        "taken": 2,
        "by_stage": {"confirm": 1, "identify": 1},
        "without_account": ["crm/o1"],
        "without_account_count": 1,
    }
    assert found["refused_by_code"] == {"BAD_DATE": 1, "UNKNOWN_ACCOUNT": 1}
    assert (found["refused_rows"][0]["file"], found["refused_rows"][0]["line"]) == ("deals.csv", 5)
    assert found["inputs"]["deals.csv"] == hashlib.sha256(FILES["deals"].encode()).hexdigest()
    assert found["outputs"]["earnings.csv"] == hashlib.sha256((job.out / "earnings.csv").read_bytes()).hexdigest()
    assert [one["plan"] for one in found["plans"]] == ["ae"]
    assert found["totals_by_currency"] == [{"currency_code": "EUR", "earned_minor": 30006}]
    assert str(job.data) not in text, "a report does not depend on where the files stand"


def test_the_same_run_twice_changes_no_byte(job: Job) -> None:
    assert run(job, file_tools()).changed
    before = everything(job.out)
    assert not run(job, file_tools()).changed
    assert everything(job.out) == before
    assert set(before) == {"earnings.csv", "lines.parquet", "report.json"}


def test_without_lines_the_earnings_are_the_same_and_no_old_lines_stay(job: Job) -> None:
    run(job, file_tools())
    earnings = (job.out / "earnings.csv").read_bytes()
    outcome = run(Job(job.plans, job.data, job.out, lines=False), file_tools())
    assert outcome.changed
    assert report(outcome)["derivation"] is None
    assert set(everything(job.out)) == {"earnings.csv", "report.json"}
    assert (job.out / "earnings.csv").read_bytes() == earnings


def test_a_plan_with_a_problem_writes_nothing(job: Job) -> None:
    (job.plans / "plan.yaml").write_text(PLAN.replace("10%", "0.1"))
    outcome = run(job, file_tools())
    assert [problem.code for problem in outcome.problems] == ["RATE_WITHOUT_PERCENT"]
    assert not job.out.exists()


def test_a_folder_without_plans_or_files_writes_nothing(job: Job, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for other in (Job(tmp_path / "empty", job.data, job.out), Job(job.plans, tmp_path / "empty", job.out)):
        outcome = run(other, file_tools())
        assert [problem.code for problem in outcome.problems] in (["NO_PLANS"], ["NO_FILES"])
    assert not job.out.exists()


def test_progress_hears_each_step(job: Job) -> None:
    heard: list[str] = []
    run(job, file_tools(), heard.append)
    assert tuple(heard) == STEPS


def test_a_cut_off_run_leaves_the_old_files_whole(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    run(job, file_tools())
    before = everything(job.out)
    (job.data / "deals.csv").write_text(FILES["deals"].replace("2000.50", "3000.50"))

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(OSError, match="No space"):
        run(job, file_tools())
    after = everything(job.out)
    assert set(after) == set(before), "nothing half written stays"
    outputs = json.loads(after["report.json"])["outputs"]
    assert outputs["lines.parquet"] == hashlib.sha256(after["lines.parquet"]).hexdigest()
    assert outputs["earnings.csv"] != hashlib.sha256(after["earnings.csv"]).hexdigest(), "and the report tells"


# --- files into a book

CALLER = Caller("test", "admin")


def test_what_was_said_before_can_be_said_again(tmp_path: Path) -> None:
    """A row that changes and changes back: the third load is no repetition of the first."""
    parts = open_parts(str(tmp_path / "book.db"))
    first, second = (accounts(account("acme", name=name)) for name in ("ACME", "ACME Group"))
    for facts, stored in ((first, (1, 0, 0)), (second, (0, 0, 1)), (first, (0, 0, 1)), (first, (0, 1, 0))):
        loaded = load_all(parts.store, parts.plans, CALLER, facts)
        assert (loaded.created, loaded.unchanged, loaded.revised) == stored
    assert parts.store.facts_at().accounts["name"].to_list() == ["ACME"]
    parts.store.close()


def test_files_are_loaded_into_a_book_and_refused_row_by_row(job: Job, tmp_path: Path) -> None:
    parts = open_parts(tmp_path / "book.db")
    load_plan_texts(parts.store, parts.plans, parts.parse_plan, CALLER, plan_texts(job.plans))
    facts = file_tools().load_files(job.data, None).facts
    stored = load_all(parts.store, parts.plans, CALLER, facts)
    assert [(refusal.kind, refusal.row, refusal.code) for refusal in stored.refusals] == [
        ("deals", 3, "UNKNOWN_ACCOUNT")
    ]
    assert stored.created == 3 + 3 + 2 + 3 + 2  # participants, assignments, accounts, deals, opportunities
    again = load_all(parts.store, parts.plans, CALLER, facts)
    assert (again.created, again.revised) == (0, 0)
    result = parts.calculations.newest().result
    run(job, file_tools())
    of_files = pl.read_csv(job.out / "earnings.csv")["earned_minor"].sum()
    assert result.earnings["earned_minor"].sum() == of_files == 30006
    assert result.earnings["period_start_date"].min() == date(2026, 1, 1)
    parts.store.close()
