"""What is wrong with an input is told with its place, and nothing else is harmed, on files and on a server.

On files the row is refused with file and line, and the good rows are still computed. Over gRPC the batch is refused,
nothing of it is stored, and what was stored before stays.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from compsvc.entry.cli import app
from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import plan_service_pb2 as plan_pb
from compsvc.v1.types_pb2 import Money

from .conftest import PLAN, Client, batch, day, deal, eur, instant, new_id, plan_text, refused, told

FILES = {
    "participants": "participant_id\nann\nben\n",
    "accounts": "account_id\nacme\nbirk\n",
    "assignments": "participant_id,plan,start_date,currency_code\n"
    "ann,account-executive,2026-01-01,EUR\nben,account-executive,2026-01-01,EUR\n",
    "deals": "external_id,account_id,seller_id,closed_date,accepted_time,currency_code,annual_value,start_date,"
    "end_date\n"
    "good,acme,ann,2026-02-01,2026-02-03,EUR,1000,,\n",
}
EARNED_MINOR = 100_00  # 10% of the good deal's 1,000.00
SPLITS = "external_id,participant_id,share\n"
STAGES = "external_id,stage,start_date,end_date,annual_value,committed\n"
MAX_INT64, MIN_INT64 = 2**63 - 1, -(2**63)


def stage(number: int, start: str, end: str) -> deal_pb.Stage:
    return deal_pb.Stage(stage=number, start_date=day(start), end_date=day(end), annual_value=eur(1), committed=True)


def split(*shares: str) -> list[deal_pb.Split]:
    names = ("ann", "Moses Frase")
    return [deal_pb.Split(participant_id=who, share=share) for who, share in zip(names, shares, strict=True)]


# What is wrong; the bad deal's row or its parts; where files tell it, and the code; the same over gRPC, and its field.
FAULTS: dict[str, tuple[str, dict[str, str], str, dict[str, Any], str]] = {
    "splits of 99%": (
        "bad,acme,ann,2026-02-01,2026-02-03,EUR,5,,",
        {"splits": f"{SPLITS}bad,ann,60%\nbad,ben,39%\n"},
        "deals.csv:3 SPLIT_NOT_WHOLE",
        {"splits": split("60%", "39%")},
        "splits",
    ),
    "splits of 101%": (
        "bad,acme,ann,2026-02-01,2026-02-03,EUR,5,,",
        {"splits": f"{SPLITS}bad,ann,60%\nbad,ben,41%\n"},
        "deals.csv:3 SPLIT_NOT_WHOLE",
        {"splits": split("60%", "41%")},
        "splits",
    ),
    "a negative term": (
        "bad,acme,ann,2026-02-01,2026-02-03,EUR,5,2026-03-01,2026-02-01",
        {},
        "deals.csv:3 NEGATIVE_TERM",
        {"start_date": day("2026-03-01"), "end_date": day("2026-02-01")},
        "end_date",
    ),
    "overlapping stages": (
        "bad,acme,ann,2026-02-01,2026-02-03,EUR,,,",
        {"stages": f"{STAGES}bad,1,2026-01-01,2027-01-01,5,yes\nbad,2,2026-12-31,2028-01-01,6,yes\n"},
        "stages.csv:3 STAGES_OVERLAP",
        {"annual_value": None, "stages": [stage(1, "2026-01-01", "2027-01-01"), stage(2, "2026-12-31", "2028-01-01")]},
        "stages[1].start_date",
    ),
    "an unknown account": (
        "bad,nobody,ann,2026-02-01,2026-02-03,EUR,5,,",
        {},
        "deals.csv:3 UNKNOWN_ACCOUNT",
        {"account_id": "nobody"},
        "account_id",
    ),
    "an unknown currency": (
        "bad,acme,ann,2026-02-01,2026-02-03,EUX,5,,",
        {},
        "deals.csv:3 UNKNOWN_CURRENCY",
        {"currency_code": "EUX", "annual_value": Money(currency_code="EUX", minor_units=500)},
        "currency_code",
    ),
    "a date outside every plan": (
        "bad,acme,ann,2025-11-01,2025-12-01,EUR,5,,",
        {},
        "deals.csv:3 DATE_OUTSIDE_EVERY_PLAN",
        {"closed_date": day("2025-11-01"), "accepted_time": instant("2025-12-01T10:00:00")},
        "closed_date",
    ),
    "an amount beyond the limit": (
        "bad,acme,ann,2026-02-01,2026-02-03,EUR,10000000000000.01,,",  # 10^15 minor units and one
        {},
        "deals.csv:3 AMOUNT_TOO_LARGE",
        {"annual_value": eur(10**15 + 1)},
        "annual_value",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("plans", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "plans" / "plan.yaml").write_text(PLAN)
    write(tmp_path, **FILES)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / "data" / f"{name}.csv").write_text(text)


def run(folder: Path) -> Result:
    arguments = ["run", "--plans", folder / "plans", "--data", folder / "data", "--out", folder / "out"]
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def refused_rows(folder: Path) -> list[str]:
    """What a run refused, once it is sure that it said so and computed the good deal all the same."""
    assert run(folder).exit_code == 1
    report = json.loads((folder / "out" / "report.json").read_text())
    assert pl.read_csv(folder / "out" / "earnings.csv")["earned_minor"].sum() == EARNED_MINOR
    assert report["deals"]["taken"] == 1
    return [f"{row['file']}:{row['line']} {row['code']}" for row in report["refused_rows"]]


def stored(client: Client) -> list[str]:
    found = client.call(client.deals.ListDeals, deal_pb.ListDealsRequest())
    return [each.external_id for each in found.deals]


@pytest.mark.parametrize(("row", "parts", "place"), [fault[:3] for fault in FAULTS.values()], ids=FAULTS)
def test_a_run_refuses_the_row_with_its_place_and_computes_the_rest(
    folder: Path, row: str, parts: dict[str, str], place: str
) -> None:
    write(folder, deals=f"{FILES['deals']}{row}\n", **parts)
    assert refused_rows(folder) == [place]


@pytest.mark.parametrize(("place", "changes", "field"), [fault[2:] for fault in FAULTS.values()], ids=FAULTS)
def test_a_server_refuses_the_batch_and_keeps_what_it_had(
    company: Client, place: str, changes: dict[str, Any], field: str
) -> None:
    earlier, bad = company.ingest(batch(deal("D-1")), batch(deal("D-2"), deal("D-3", **changes), deal("D-4")))
    assert earlier.ingested.created_count == 1
    found = told(bad.error)
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FACTS_REFUSED")
    assert found.violations == {f"deals[1].{field}": place.split(" ")[1]}
    assert stored(company) == ["D-1"], "of a batch with one bad deal nothing is stored"


# --- amounts


def test_more_decimals_than_the_currency_has_are_refused(folder: Path) -> None:
    write(folder, deals=FILES["deals"] + "bad,acme,ann,2026-02-01,2026-02-03,EUR,5.001,,\n")
    assert refused_rows(folder) == ["deals.csv:3 MORE_DECIMALS_THAN_CURRENCY"]


@pytest.mark.parametrize("amount", [MAX_INT64, MIN_INT64, MIN_INT64 + 1, 10**15 + 1, -(10**15) - 1])
def test_no_amount_of_64_bits_ever_wraps(folder: Path, company: Client, amount: int) -> None:
    """A downsell, which may be below zero: it is the size alone that is wrong."""
    (folder / "data" / "deals.csv").unlink()
    days = [date(2026, 2, 1)] * 2
    frame = {"external_id": ["good", "bad"], "account_id": ["acme"] * 2, "seller_id": ["ann"] * 2, "closed_date": days}
    more = {"accepted_time": days, "currency_code": ["EUR"] * 2, "type": [None, "downsell"]}
    amounts = {"annual_value_minor": [1000_00, amount]}
    pl.DataFrame({**frame, **more, **amounts}).write_parquet(folder / "data" / "deals.parquet")
    assert refused_rows(folder) == ["deals.parquet:2 AMOUNT_TOO_LARGE"]
    (answer,) = company.ingest(batch(deal("D-1", type="downsell", annual_value=eur(amount))))
    assert told(answer.error).violations == {"deals[0].annual_value": "AMOUNT_TOO_LARGE"}
    assert stored(company) == []


def test_the_largest_amount_is_computed_exactly(folder: Path) -> None:
    write(folder, deals=FILES["deals"].replace("1000", "10000000000000.00"))
    assert run(folder).exit_code == 0
    assert pl.read_csv(folder / "out" / "earnings.csv")["earned_minor"].sum() == 10**14  # 10% of 10^15


# --- what is missing, and what a plan names that is not there


def test_a_missing_column_is_told_with_its_file_and_nothing_is_written(folder: Path) -> None:
    write(folder, deals=FILES["deals"].replace("closed_date", "closed"))
    result = run(folder)
    assert result.exit_code == 1
    assert "deals.csv:1:1 MISSING_COLUMN deals need the column `closed_date`." in result.stderr
    assert not (folder / "out").exists()


def test_a_plan_that_names_no_field_is_refused_everywhere(folder: Path, company: Client) -> None:
    source = PLAN.replace("when: {type:", "when: {tpye:").replace("2026-01-01", "2027-01-01")
    (folder / "plans" / "plan.yaml").write_text(source)
    checked = CliRunner().invoke(app, ["plan", "check", str(folder / "plans")])
    assert checked.exit_code == 1
    assert "plan.yaml:12:12 UNKNOWN_FIELD" in checked.stdout
    assert "Did you mean `type`?" in checked.stdout
    request = plan_pb.CreatePlanRequest(text=plan_text(source), request_id=new_id())
    found = refused(company, company.plans.CreatePlan, request)
    assert (found.code, found.violations) == (grpc.StatusCode.INVALID_ARGUMENT, {"plan.yaml:12:12": "UNKNOWN_FIELD"})
    revisions = plan_pb.ListPlanRevisionsRequest(name="plans/account-executive")
    assert len(company.call(company.plans.ListPlanRevisions, revisions).plans) == 1


# --- the same again


def test_a_run_says_of_the_same_files_that_nothing_has_changed(folder: Path) -> None:
    """With refused rows too. Without: `test_cli.py`, which also loads twice; `test_grpc_deals.py` sends twice."""
    write(folder, deals=FILES["deals"] + "bad,nobody,ann,2026-02-01,2026-02-03,EUR,5,,\n")
    assert run(folder).stdout.splitlines()[-1].startswith("written: ")
    before = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    assert run(folder).stdout.splitlines()[-1].startswith("unchanged: ")
    assert {path.name: path.read_bytes() for path in (folder / "out").iterdir()} == before
