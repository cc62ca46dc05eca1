"""A real CRM export, as untidy as they are, read by its mapping alone and paid to the cent.

The expected amounts are worked out here a second time, row by row in plain integers, from the CSV itself.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from compsvc.service.batch import Job, Outcome, run
from compsvc.wiring import file_tools

ROOT = Path(__file__).resolve().parent.parent
PLANS = ROOT / "plans" / "crm-hardware"
DATA = ROOT.parent / "shared" / "data" / "crm_sales_opportunities"
QUOTA = 100_000_00

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the CRM export is not part of the project")

Key = tuple[str, str]  # participant, period
Row = dict[str, str]


def company(tmp_path: Path, **changed: str) -> Outcome:
    """The sample plans with texts replaced, run on the export."""
    folder = tmp_path / "plans"
    folder.mkdir()
    for name in ("plan.yaml", "manager.yaml", "mapping.yaml"):
        text = (PLANS / name).read_text()
        for old, new in changed.items():
            text = text.replace(old.replace("__", ": "), new)
        (folder / name).write_text(text)
    return run(Job(folder, DATA, tmp_path / "out", folder / "mapping.yaml"), file_tools())


def earned(folder: Path) -> dict[tuple[str, str], dict[Key, tuple[int, str, int]]]:
    """plan, component -> participant, period -> measure, count, earned."""
    found: dict[tuple[str, str], dict[Key, tuple[int, str, int]]] = defaultdict(dict)
    with (folder / "earnings.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            amounts = (int(row["measure_minor"]), row["count"], int(row["earned_minor"]))
            found[row["plan"], row["component"]][row["participant_id"], row["period"]] = amounts
    return dict(found)


def csv_rows(name: str) -> Iterator[Row]:
    with (DATA / name).open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def quarter(day: str) -> str:
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def sold() -> dict[Key, int]:
    sums: dict[Key, int] = defaultdict(int)
    for row in csv_rows("sales_pipeline.csv"):
        if row["deal_stage"] == "Won":
            whole, _, decimals = row["close_value"].partition(".")
            sums[row["sales_agent"], quarter(row["close_date"])] += int(whole + decimals.ljust(2, "0"))
    return sums


def first_orders(root_of: dict[str, str] | None = None) -> dict[Key, int]:
    """How many first won deals, by date and then id, each agent has in each quarter."""
    won = [row for row in csv_rows("sales_pipeline.csv") if row["deal_stage"] == "Won"]
    seen: set[str] = set()
    counts: dict[Key, int] = defaultdict(int)
    for row in sorted(won, key=lambda row: (row["close_date"], row["opportunity_id"])):
        logo = (root_of or {}).get(row["account"], row["account"])
        if logo not in seen:
            seen.add(logo)
            counts[row["sales_agent"], quarter(row["close_date"])] += 1
    return counts


def half_up(hundredths: int) -> int:
    """Of a cent; the amounts are not negative."""
    return (2 * hundredths + 100) // 200


def commission(measure: int) -> int:
    """8% to 100% of the quota, 12% to 150%, 10% beyond."""
    first, second = min(measure, QUOTA), min(max(measure - QUOTA, 0), QUOTA // 2)
    return half_up(8 * first + 12 * second + 10 * (measure - first - second))


def test_everything_is_credited_and_nothing_is_lost(tmp_path: Path) -> None:
    outcome = company(tmp_path)
    assert (outcome.problems, outcome.refusals) == ((), ())
    report: dict[str, Any] = json.loads((tmp_path / "out" / "report.json").read_text())
    assert {name: report["deals"][name] for name in ("read", "credited", "uncredited", "pending")} == {
        "read": 4_238,
        "credited": 4_238,
        "uncredited": [],
        "pending": [],
    }
    assert report["rows_counted_only"] == {"lost": 2_473}
    opportunities = report["opportunities"]
    assert (opportunities["read"], opportunities["by_stage"]) == (2_089, {"discover": 1_589, "identify": 500})
    assert opportunities["without_account_count"] == len(opportunities["without_account"]) == 1_425
    totals = {(total["plan"], total["component"]): total for total in report["totals_by_component"]}
    assert totals["crm-hardware", "commission"]["measure_minor"] == 10_005_534_00
    assert totals["crm-hardware", "kicker"]["count_millionths"] == 85_000_000
    assert totals["crm-hardware-manager", "team"]["measure_minor"] == 10_005_534_00


def test_every_agent_and_quarter_to_the_cent(tmp_path: Path) -> None:
    company(tmp_path)
    found = earned(tmp_path / "out")["crm-hardware", "commission"]
    expected = sold()
    assert set(expected) <= set(found)
    for key, (measure, count, amount) in found.items():
        assert (measure, count, amount) == (expected[key], "0", commission(expected[key])), key


def test_every_third_new_logo_of_a_quarter_pays_the_kicker(tmp_path: Path) -> None:
    company(tmp_path)
    found = earned(tmp_path / "out")["crm-hardware", "kicker"]
    expected = first_orders()
    assert sum(expected.values()) == 85
    for key, amounts in found.items():
        assert amounts == (0, str(expected[key]), expected[key] // 3 * 5_000_00), key


def test_a_manager_earns_one_percent_of_what_the_team_was_credited(tmp_path: Path) -> None:
    company(tmp_path)
    manager_of = {row["sales_agent"]: row["manager"] for row in csv_rows("sales_teams.csv")}
    teams: dict[Key, int] = defaultdict(int)
    for (agent, period), measure in sold().items():
        teams[manager_of[agent], period] += measure
    found = earned(tmp_path / "out")["crm-hardware-manager", "team"]
    assert {key: (teams[key], "0", half_up(teams[key])) for key in found} == found
    assert {name for name, _ in found} == set(manager_of.values())
    assert len({name for name, _ in found}) == 6


def test_agents_who_sold_nothing_have_their_rows_of_zeros(tmp_path: Path) -> None:
    company(tmp_path)
    found = earned(tmp_path / "out")["crm-hardware", "commission"]
    idle = {row["sales_agent"] for row in csv_rows("sales_teams.csv")} - {agent for agent, _ in sold()}
    assert len(idle) == 5
    assert len({name for name, _ in found}) == 35
    periods = {period for _, period in found}
    for agent in idle:
        assert {found[agent, period] for period in periods} == {(0, "0", 0)}


def test_by_ultimate_parent_there_are_70_new_logos(tmp_path: Path) -> None:
    outcome = company(
        tmp_path, new_logo_by__account="new_logo_by: ultimate_parent", logo__account="logo: ultimate_parent"
    )
    assert outcome.problems == ()
    parents = {row["account"]: row["subsidiary_of"] for row in csv_rows("accounts.csv")}
    roots = {account: parent or account for account, parent in parents.items()}
    assert all(not parents[root] for root in roots.values()), "one level of parents"
    expected = first_orders(roots)
    assert sum(expected.values()) == 70
    found = earned(tmp_path / "out")["crm-hardware", "kicker"]
    for key, amounts in found.items():
        assert amounts == (0, str(expected[key]), expected[key] // 3 * 5_000_00), key


def test_a_kicker_once_a_quarter_pays_no_sixth_logo_again(tmp_path: Path) -> None:
    outcome = company(tmp_path, every__3="at: 3")
    assert outcome.problems == ()
    found = earned(tmp_path / "out")["crm-hardware", "kicker"]
    expected = first_orders()
    assert {key: amounts[2] for key, amounts in found.items()} == {
        key: (5_000_00 if expected[key] >= 3 else 0) for key in found
    }


def test_a_spelling_that_is_not_mapped_does_not_split_a_product(tmp_path: Path) -> None:
    company(tmp_path)
    products = pl.read_parquet(tmp_path / "out" / "lines.parquet")["product"].unique().to_list()
    assert sorted(products) == sorted({row["product"] for row in csv_rows("products.csv")})


def test_the_same_export_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        company(tmp_path / name)
    for name in ("earnings.csv", "lines.parquet"):
        assert (tmp_path / "one" / "out" / name).read_bytes() == (tmp_path / "two" / "out" / name).read_bytes()
