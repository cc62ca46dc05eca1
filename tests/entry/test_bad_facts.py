"""What is wrong with opportunities, pipeline stages, activities, rates, leaves and exits is told with its place.

As in test_bad_input.py: on files the row is refused and the rest is taken; over gRPC the request is refused whole, and
what was stored before stays.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.adapters.system_clock import SystemClock
from compsvc.entry.cli import app
from compsvc.v1 import fact_service_pb2 as pb

from .conftest import PLAN, Client, day, eur, instant, new_id, refused
from .test_bad_input import FILES, run, write

GOOD = {
    "opportunities": "opportunity_id,snapshot_time,account_id,seller_id,stage,category,probability,amount,"
    "currency_code,opened_date,expected_close_date,start_date,end_date,type\n"
    "good,2026-02-01T10:00:00Z,acme,ann,validate,commit,25%,1000,EUR,2026-01-01,2026-06-30,2026-07-01,2027-07-01,upsell\n",
    "pipeline_stages": "stage,position,probability,category,limit_days\nvalidate,1,40%,pipeline,90\n",
    "activities": "external_id,participant_id,kind,activity_date,account_id,quantity\n"
    "good,ann,meeting_held,2026-02-01,acme,1\n",
    "account_attributes": "account_id,attribute,start_date,value\nacme,region,2026-07-01,south\n",
    "fx_rates": "fx_table,from_currency_code,to_currency_code,start_date,rate\nbudget,EUR,USD,2026-01-01,1.0845\n",
    "leaves": "participant_id,kind,start_date,end_date\nann,parental,2026-03-01,2026-05-01\n",
    "exits": "participant_id,last_date,reason_code,withdrawn\nann,2026-09-30,resigned,\n",
}
LOADS: dict[str, tuple[str, Any]] = {
    "opportunities": ("Opportunities", pb.Opportunity(source="crm", opportunity_id="O-1", stage="validate")),
    "pipeline_stages": (
        "PipelineStages",
        pb.PipelineStage(stage="validate", position=1, probability="40%", category="pipeline"),
    ),
    "activities": (
        "Activities",
        pb.Activity(
            source="crm", external_id="A-1", participant_id="ann", kind="meeting_held", activity_date=day("2026-02-01")
        ),
    ),
    "account_attributes": (
        "AccountAttributes",
        pb.AccountAttribute(account_id="acme", attribute="region", value="south", start_date=day("2026-07-01")),
    ),
    "fx_rates": (
        "FxRates",
        pb.FxRate(
            fx_table="budget",
            from_currency_code="EUR",
            to_currency_code="USD",
            start_date=day("2026-01-01"),
            rate="1.0845",
        ),
    ),
    "leaves": ("Leaves", pb.Leave(participant_id="ann", kind="parental", start_date=day("2026-03-01"))),
    "exits": ("Exits", pb.Exit(participant_id="ann", last_date=day("2026-09-30"))),
}


OTHER = {  # what names another row than the good one
    "opportunities": {"opportunity_id": "bad"},
    "pipeline_stages": {"stage": "bad", "position": 2},
    "activities": {"external_id": "bad"},
    "account_attributes": {"attribute": "segment"},
    "fx_rates": {"to_currency_code": "CHF"},
    "leaves": {"participant_id": "Moses Frase"},
    "exits": {"participant_id": "Moses Frase"},
}


class Fault(NamedTuple):
    """The bad row of a file and what files say of it; what is changed in the good message, and what the server says."""

    kind: str
    row: str
    told: str
    changes: dict[str, Any]
    violation: str = ""  # where it is another one than files say


OPEN = "opportunities"
FAULTS = {
    "a stage that does not exist": Fault(
        OPEN, "bad,,acme,ann,scoping,,,,,,,,,", "stage STAGE_UNKNOWN", {"stage": "scoping"}
    ),
    "a probability above 100%": Fault(
        OPEN,
        "bad,,acme,ann,validate,,100.01%,,,,,,,",
        "probability PROBABILITY_OUT_OF_RANGE",
        {"probability": "100.01%"},
    ),
    "a probability without percent": Fault(
        OPEN,
        "bad,,,,validate,,0.25,,,,,,,",
        "probability BAD_SHARE",
        {"probability": "0.25"},
        "probability RATE_WITHOUT_PERCENT",
    ),
    "a category that is none": Fault(
        OPEN, "bad,,,,validate,closed,,,,,,,,", "category UNKNOWN_CATEGORY", {"category": "closed"}
    ),
    "closed before it was opened": Fault(
        OPEN,
        "bad,,,,validate,,,,,2026-03-01,2026-02-28,,,",
        "expected_close_date CLOSE_BEFORE_OPENED",
        {"opened_date": day("2026-03-01"), "expected_close_date": day("2026-02-28")},
    ),
    "an unknown seller": Fault(
        OPEN, "bad,,,nobody,validate,,,,,,,,,", "seller_id UNKNOWN_PARTICIPANT", {"seller_id": "nobody"}
    ),
    "an unknown account": Fault(
        OPEN, "bad,,nobody,,validate,,,,,,,,,", "account_id UNKNOWN_ACCOUNT", {"account_id": "nobody"}
    ),
    "an unknown type": Fault(OPEN, "bad,,,,validate,,,,,,,,,gift", "type UNKNOWN_TYPE", {"type": "gift"}),
    "an amount without currency": Fault(
        OPEN,
        "bad,,,,validate,,,5,,,,,,",
        "amount UNKNOWN_CURRENCY",
        {"amount": eur(5), "currency_code": "USD"},
        "amount CURRENCY_DIFFERS",
    ),
    "a term that ends before it starts": Fault(
        OPEN,
        "bad,,,,validate,,,,,,,2026-07-01,2026-06-30,",
        "end_date NEGATIVE_TERM",
        {"start_date": day("2026-07-01"), "end_date": day("2026-06-30")},
    ),
    "a snapshot before the flood": Fault(
        OPEN,
        "bad,1026-02-01,,,validate,,,,,,,,,",
        "snapshot_time DATE_OUT_OF_RANGE",
        {"snapshot_time": instant("1026-02-01T00:00:00")},
    ),
    "a stage below 0%": Fault(
        "pipeline_stages",
        "bad,2,-1%,pipeline,",
        "probability BAD_SHARE",
        {"probability": "-1%"},
        "probability SHARE_INVALID",
    ),
    "a stage that is certain and more": Fault(
        "pipeline_stages", "bad,2,101%,pipeline,", "probability PROBABILITY_OUT_OF_RANGE", {"probability": "101%"}
    ),
    "a stage of no category": Fault("pipeline_stages", "bad,2,40%,,", "category REQUIRED", {"category": ""}),
    "a limit of no days": Fault(
        "pipeline_stages", "bad,2,40%,pipeline,0", "limit_days LIMIT_OUT_OF_RANGE", {"limit_days": 0}
    ),
    "an activity of nobody": Fault(
        "activities",
        "bad,nobody,meeting_held,2026-02-01,,",
        "participant_id UNKNOWN_PARTICIPANT",
        {"participant_id": "nobody"},
    ),
    "an activity with an unknown account": Fault(
        "activities", "bad,ann,meeting_held,2026-02-01,nobody,", "account_id UNKNOWN_ACCOUNT", {"account_id": "nobody"}
    ),
    "less than no activity": Fault(
        "activities", "bad,ann,meeting_held,2026-02-01,,-1", "quantity NEGATIVE_AMOUNT", {"quantity": -1}
    ),
    "an attribute that is none": Fault(
        "account_attributes",
        "acme,tier,2026-07-01,gold",
        "attribute UNKNOWN_ATTRIBUTE",
        {"attribute": "tier"},
    ),
    "an attribute of an unknown account": Fault(
        "account_attributes",
        "nobody,segment,2026-07-01,large",
        "account_id UNKNOWN_ACCOUNT",
        {"account_id": "nobody"},
    ),
    "an attribute of no day": Fault(
        "account_attributes", "acme,segment,,large", "start_date REQUIRED", {"start_date": None}
    ),
    "a rate of nothing": Fault("fx_rates", "budget,EUR,CHF,2026-01-01,0", "rate RATE_OUT_OF_RANGE", {"rate": "0.0"}),
    "a rate that is none": Fault(
        "fx_rates", 'budget,EUR,CHF,2026-01-01,"1,08"', "rate BAD_RATE", {"rate": "1,08"}, "rate RATE_INVALID"
    ),
    "a rate finer than can be": Fault(
        "fx_rates",
        "budget,EUR,CHF,2026-01-01,1.0000000001",
        "rate BAD_RATE",
        {"rate": "1.0000000001"},
        "rate RATE_INVALID",
    ),
    "a rate beyond the limit": Fault(
        "fx_rates", "budget,EUR,CHF,2026-01-01,1000000.1", "rate RATE_OUT_OF_RANGE", {"rate": "1000000.1"}
    ),
    "a rate by nothing": Fault(
        "fx_rates", "budget,EUR,CHF,2026-01-01,1/0", "rate RATE_OUT_OF_RANGE", {"rate": "1/0"}, "rate RATE_INVALID"
    ),
    "a rate of a currency that is none": Fault(
        "fx_rates", "budget,EUR,CHX,2026-01-01,1", "to_currency_code UNKNOWN_CURRENCY", {"to_currency_code": "CHX"}
    ),
    "a rate from a currency into itself": Fault(
        "fx_rates", "budget,EUR,EUR,2026-01-01,1", "to_currency_code SAME_CURRENCY", {"to_currency_code": "EUR"}
    ),
    "a leave of nobody": Fault(
        "leaves", "nobody,sick,2026-03-01,", "participant_id UNKNOWN_PARTICIPANT", {"participant_id": "nobody"}
    ),
    "a leave that ends before it starts": Fault(
        "leaves", "ben,sick,2026-03-01,2026-02-01", "end_date NEGATIVE_TERM", {"end_date": day("2026-02-01")}
    ),
    "an exit of nobody": Fault(
        "exits", "nobody,2026-09-30,,", "participant_id UNKNOWN_PARTICIPANT", {"participant_id": "nobody"}
    ),
    "an exit in the year 3026": Fault(
        "exits", "ben,3026-09-30,,", "last_date DATE_OUT_OF_RANGE", {"last_date": day("3026-09-30")}
    ),
}
every = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("plans", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "plans" / "plan.yaml").write_text(PLAN)
    write(tmp_path, **FILES)
    write(tmp_path, **GOOD)
    return tmp_path


def report_of(folder: Path, exit_code: int) -> Any:
    assert run(folder).exit_code == exit_code
    return json.loads((folder / "out" / "report.json").read_text())


def refused_rows(folder: Path) -> list[str]:
    rows = report_of(folder, 1)["refused_rows"]
    return [f"{row['file']}:{row['line']} {row['field']} {row['code']}" for row in rows]


def load(folder: Path) -> Result:
    arguments = ["load", "--plans", folder / "plans", "--data", folder / "data", "--book", folder / "book.db"]
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def stored(folder: Path) -> dict[str, int]:
    store = SqliteStore(folder / "book.db", SystemClock())
    facts = store.facts_at()
    store.close()
    return {kind: getattr(facts, kind).height for kind in GOOD}


def send(client: Client, kind: str, *rows: Any) -> Any:
    request = getattr(pb, f"Load{LOADS[kind][0]}Request")(**{kind: rows}, request_id=new_id())
    return getattr(client.facts, f"Load{LOADS[kind][0]}"), request


def changed(kind: str, changes: dict[str, Any]) -> Any:
    """The good message of the kind, with other values."""
    good = LOADS[kind][1]
    values = {field.name: value for field, value in good.ListFields()}
    return type(good)(**{**values, **changes})


@every
def test_a_run_refuses_the_row_with_its_place_and_takes_the_rest(folder: Path, fault: Fault) -> None:
    write(folder, **{fault.kind: f"{GOOD[fault.kind]}{fault.row}\n"})
    assert refused_rows(folder) == [f"{fault.kind}.csv:3 {fault.told}"]
    report = json.loads((folder / "out" / "report.json").read_text())
    assert report["rows_read"][fault.kind] == 2
    assert report["opportunities"]["taken"] == 1


@every
def test_a_load_stores_the_rest(folder: Path, fault: Fault) -> None:
    write(folder, **{fault.kind: f"{GOOD[fault.kind]}{fault.row}\n"})
    result = load(folder)
    assert result.exit_code == 1
    assert f"{fault.kind}.csv:3 " in result.stderr
    assert f" {fault.told.split(' ')[1]} " in result.stderr
    assert stored(folder) == dict.fromkeys(GOOD, 1)


@every
def test_a_server_refuses_the_request_and_keeps_what_it_had(company: Client, fault: Fault) -> None:
    good = LOADS[fault.kind][1]
    company.call(*send(company, fault.kind, good))
    many = LOADS[fault.kind][0]
    listing = getattr(company.facts, f"List{many}"), getattr(pb, f"List{many}Request")()
    before = company.call(*listing)
    bad = changed(fault.kind, {**OTHER[fault.kind], **fault.changes})
    found = refused(company, *send(company, fault.kind, good, bad))
    field, code = (fault.violation or fault.told).split(" ")
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FACTS_REFUSED")
    assert found.violations == {f"{fault.kind}[1].{field}": code}
    assert company.call(*listing) == before


# --- what is wrong between rows


def test_the_stages_that_there_are_are_told(folder: Path, company: Client) -> None:
    """Those of the company where it has given any, else the default ones."""
    write(folder, opportunities="opportunity_id,stage\nbad,scoping\n")
    row = report_of(folder, 1)["refused_rows"][0]
    assert row["message"].startswith("there is no stage `scoping`. Stages: validate.")
    (folder / "data" / "pipeline_stages.csv").unlink()
    row = report_of(folder, 1)["refused_rows"][0]
    assert "Stages: identify, discover, validate, confirm, negotiate, finalise, pending, won." in row["message"]
    bad = changed("opportunities", {"stage": "scoping"})
    assert "Stages: identify, " in refused(company, *send(company, "opportunities", bad)).message
    company.call(*send(company, "pipeline_stages", changed("pipeline_stages", {"stage": "scoping"})))
    assert company.call(*send(company, "opportunities", bad)).created_count == 1
    found = refused(company, *send(company, "opportunities", LOADS["opportunities"][1]))
    assert found.violations == {"opportunities[0].stage": "STAGE_UNKNOWN"}, "the default ones are out of use now"


def test_two_stages_at_one_position_are_refused(folder: Path, company: Client) -> None:
    write(folder, pipeline_stages=GOOD["pipeline_stages"] + "discover,2,1%,pipeline,\nconfirm,2,60%,commit,\n")
    assert refused_rows(folder) == [f"pipeline_stages.csv:{line} position POSITION_TWICE" for line in (3, 4)]
    company.call(*send(company, "pipeline_stages", LOADS["pipeline_stages"][1]))
    found = refused(company, *send(company, "pipeline_stages", changed("pipeline_stages", {"stage": "confirm"})))
    assert found.violations == {"pipeline_stages[0].position": "POSITION_TWICE"}


def test_leaves_may_meet_but_not_overlap(folder: Path, company: Client) -> None:
    write(
        folder, leaves=GOOD["leaves"] + "ann,sick,2026-05-01,\nben,sick,2026-04-01,\nann,unpaid,2026-04-30,2026-04-30\n"
    )
    assert report_of(folder, 0)["rows_read"]["leaves"] == 4, "one that covers no day is one that was taken back"
    write(folder, leaves=GOOD["leaves"] + "ann,sick,2026-04-30,\n")
    assert refused_rows(folder) == [f"leaves.csv:{line} start_date LEAVES_OVERLAP" for line in (2, 3)]
    company.call(*send(company, "leaves", LOADS["leaves"][1]))
    for start in ("2026-02-01", "2026-04-01"):
        found = refused(company, *send(company, "leaves", changed("leaves", {"start_date": day(start)})))
        assert found.violations == {"leaves[0].start_date": "LEAVES_OVERLAP"}, start


def test_who_has_left_leaves_again_only_after_a_return(folder: Path, company: Client) -> None:
    write(folder, exits=GOOD["exits"] + "ann,2026-06-30,,\n")
    assert refused_rows(folder) == [f"exits.csv:{line} last_date EXIT_TWICE" for line in (2, 3)]
    write(folder, exits=GOOD["exits"] + "ann,2026-06-30,,yes\n")
    assert report_of(folder, 0)["rows_read"]["exits"] == 2
    write(folder, exits=GOOD["exits"] + "ann,2025-06-30,,\n")
    assert report_of(folder, 0)["rows_read"]["exits"] == 2, "back since January, by the assignment"
    company.call(*send(company, "exits", LOADS["exits"][1]))
    for last in ("2026-06-30", "2026-12-31"):
        found = refused(company, *send(company, "exits", changed("exits", {"last_date": day(last)})))
        assert found.violations == {"exits[0].last_date": "EXIT_TWICE"}, last
    moved = changed("exits", {"withdrawn": True}), changed("exits", {"last_date": day("2026-12-31")})
    assert company.call(*send(company, "exits", *moved)).revised_count == 1


@pytest.mark.parametrize("kind", GOOD)
def test_one_key_with_two_contents_is_refused(folder: Path, company: Client, kind: str) -> None:
    """In a file all of them; over gRPC the request."""
    other = {
        "opportunities": ("confirm", {"stage": "confirm"}),
        "pipeline_stages": ("41%", {"probability": "41%"}),
        "activities": ("ben", {"participant_id": "Moses Frase"}),
        "account_attributes": ("west", {"value": "west"}),
        "fx_rates": ("1.09", {"rate": "1.09"}),
        "leaves": ("sick", {"kind": "sick"}),
        "exits": ("retired", {"reason_code": "retired"}),
    }[kind]
    was = {"opportunities": "validate", "pipeline_stages": "40%", "activities": "ann", "fx_rates": "1.0845"}
    was |= {"leaves": "parental", "exits": "resigned", "account_attributes": "south"}
    header, row = GOOD[kind].splitlines()
    write(folder, **{kind: f"{header}\n{row}\n{row}\n"})
    assert load(folder).exit_code == 0, "equal rows are one"
    write(folder, **{kind: f"{header}\n{row}\n{row.replace(was[kind], other[0])}\n"})
    assert [told.split(" ")[2] for told in refused_rows(folder) if told.startswith(kind)] == ["DUPLICATE_ROW"] * 2
    found = refused(company, *send(company, kind, LOADS[kind][1], changed(kind, other[1])))
    assert set(found.violations.values()) <= {"DUPLICATE_ROW", "KEY_TWICE", "LEAVES_OVERLAP"}
    assert found.code == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("kind", GOOD)
def test_a_missing_column_is_told_with_its_file(folder: Path, kind: str) -> None:
    header, row = GOOD[kind].splitlines()
    first, _, rest = header.partition(",")
    write(folder, **{kind: f"x{first},{rest}\n{row}\n"})
    result = run(folder)
    assert result.exit_code == 1
    assert f"{kind}.csv:1:1 MISSING_COLUMN {kind} need the column `{first}`." in result.stderr
    assert not (folder / "out").exists()


def test_every_kind_is_loaded_from_parquet_as_from_csv(folder: Path) -> None:
    """Typed columns: dates, instants, integers, decimals for amounts and rates."""
    assert load(folder).exit_code == 0
    assert stored(folder) == dict.fromkeys(GOOD, 1)
    for kind in GOOD:
        path = folder / "data" / f"{kind}.csv"
        frame = pl.read_csv(path, infer_schema=False).select(
            _typed(name) for name in GOOD[kind].splitlines()[0].split(",")
        )
        frame.write_parquet(path.with_suffix(".parquet"))
        path.unlink()
    assert "rows: 0 created, 0 revised, " in load(folder).stdout
    assert stored(folder) == dict.fromkeys(GOOD, 1)


def _typed(name: str) -> pl.Expr:
    if name.endswith("_date"):
        return pl.col(name).str.to_date()
    if name.endswith("_time"):
        return pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%S%#z")
    if name in ("position", "limit_days", "quantity"):
        return pl.col(name).cast(pl.Int64)
    return pl.col(name).cast(pl.Decimal(18, 6)) if name in ("amount", "rate") else pl.col(name)


def test_a_run_tells_how_many_rows_it_has_read(folder: Path) -> None:
    result = run(folder)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "opportunities: 1 read, 0 without an account" in lines
    read = "1 account_attributes, 1 activities, 1 exits, 1 fx_rates, 1 leaves, 1 pipeline_stages"
    assert f"also read: {read}" in lines
    read = json.loads((folder / "out" / "report.json").read_text())["rows_read"]
    assert {kind: read[kind] for kind in GOOD} == dict.fromkeys(GOOD, 1)
