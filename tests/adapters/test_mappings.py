"""What mappings can say; and those for three CRMs, on exports of their make, from CSV and from Parquet alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from compsvc.adapters.importers import Loaded, load_files
from compsvc.core.facts import Facts
from compsvc.service.batch import Job, Outcome, run
from compsvc.wiring import file_tools

MAPPINGS = Path(__file__).resolve().parents[2] / "docs" / "mappings"
CRMS = ("hubspot", "pipedrive", "salesforce")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc,arg-type]


def loaded_with(folder: Path, mapping: str, **files: str) -> Loaded:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    (folder / "mapping.yaml").write_text(mapping)
    return load_files(folder, folder / "mapping.yaml")


def taken(loaded: Loaded) -> Facts:
    assert not loaded.problems, loaded.problems
    assert not loaded.refusals, loaded.refusals
    return loaded.facts


def column(folder: Path, kind: str, name: str, how: str, cells: list[str], others: str = "") -> list[object]:
    """What a column of the facts becomes, given how the mapping reads `c`."""
    mapping = f"{kind}: {{file: x, columns: {{{others}, {name}: {how}}}}}"
    text = "id,c\n" + "".join(f'{number},"{cell}"\n' for number, cell in enumerate(cells))
    facts = taken(loaded_with(folder, mapping, x=text))
    frame: pl.DataFrame = getattr(facts, kind)
    return [value for fact in frame.columns if fact.startswith(name) for value in frame[fact].to_list()][: len(cells)]


OPPORTUNITY = "opportunity_id: id, stage: {value: validate}"


# --- what a mapping can say


@pytest.mark.parametrize(
    ("how", "cells", "wanted"),
    [
        ("{column: c, unit: percent}", ["25", "12.5", "0", "100.00", ""], [250_000, 125_000, 0, 1_000_000, None]),
        ("{column: c, unit: fraction}", ["0.25", "1", "1.0"], [250_000, 1_000_000, 1_000_000]),
        ("{column: c, unit: fraction}", [".5", "0", "0.012345"], [500_000, 0, 12_345]),
        ("{column: c, values: {hot: 90%}, default: 10%}", ["hot", "", "5%"], [900_000, 100_000, 50_000]),
    ],
)  # fmt: skip
def test_bare_numbers_have_a_unit(tmp_path: Path, how: str, cells: list[str], wanted: list[int]) -> None:
    assert column(tmp_path, "opportunities", "probability", how, cells, OPPORTUNITY) == wanted


@pytest.mark.parametrize("text", ["-0.25", "a quarter", "1e-1", "."])
@pytest.mark.parametrize("unit", ["percent", "fraction"])
def test_what_is_no_number_of_that_unit_is_refused(tmp_path: Path, unit: str, text: str) -> None:
    mapping = f"opportunities: {{file: x, columns: {{{OPPORTUNITY}, probability: {{column: c, unit: {unit}}}}}}}"
    loaded = loaded_with(tmp_path, mapping, x=f"id,c\n1,{text}\n")
    assert [(one.line, one.field, one.code) for one in loaded.refusals] == [(2, "probability", "BAD_SHARE")]


BERLIN = "zone: Europe/Berlin"


@pytest.mark.parametrize(
    ("how", "cells", "wanted"),
    [
        ('format: "%d.%m.%Y"', ["31.03.2026", "1.4.2026"], [date(2026, 3, 31), date(2026, 4, 1)]),
        ('format: ["%m/%d/%Y", "%Y-%m-%d"]', ["3/31/2026", "2026-04-01"], [date(2026, 3, 31), date(2026, 4, 1)]),
        ('format: "%d %b %Y %I:%M %p"', ["31 Mar 2026 11:30 PM"], [date(2026, 3, 31)]),
        (f'format: "%Y-%m-%dT%H:%M:%S.%f%z", {BERLIN}', ["2026-03-31T22:30:00.000Z"], [date(2026, 4, 1)]),
        (f'format: "%Y-%m-%dT%H:%M:%S.%f%z", {BERLIN}', ["2026-03-31T22:30:00.000+0200"], [date(2026, 3, 31)]),
        ('format: "%d.%m.%Y", empty: ["-"]', ["-", "31.03.2026"], [None, date(2026, 3, 31)]),
    ],
)  # fmt: skip
def test_a_date_is_that_of_the_clock(tmp_path: Path, how: str, cells: list[str], wanted: list[date]) -> None:
    assert column(tmp_path, "opportunities", "opened_date", f"{{column: c, {how}}}", cells, OPPORTUNITY) == wanted


@pytest.mark.parametrize(
    ("how", "cell", "wanted"),
    [
        (f'format: "%Y-%m-%d %H:%M", {BERLIN}', "2026-07-01 00:30", utc(2026, 6, 30, 22, 30)),
        (f'format: "%Y-%m-%d %H:%M", {BERLIN}', "2026-10-25 02:30", utc(2026, 10, 25, 0, 30)),  # shown twice: the first
        ('format: "%Y-%m-%dT%H:%M:%S.%f%z"', "2026-03-31T22:30:00.125+0200", utc(2026, 3, 31, 20, 30, 0, 125_000)),
        ('format: "%d.%m.%Y"', "31.03.2026", utc(2026, 3, 31)),
        ('format: "%Y-%m-%d %H:%M", unit: day', "2026-07-01 00:30", utc(2026, 7, 1)),
        (f'format: "%Y-%m-%dT%H:%M%z", unit: day, {BERLIN}', "2026-06-30T22:30Z", utc(2026, 7, 1)),
    ],
)
def test_an_instant_is_told_in_utc_or_as_its_day(tmp_path: Path, how: str, cell: str, wanted: datetime) -> None:
    found = column(tmp_path, "opportunities", "snapshot_time", f"{{column: c, {how}}}", [cell], OPPORTUNITY)
    assert found == [wanted]


def test_an_hour_that_the_clock_skips_is_refused(tmp_path: Path) -> None:
    how = f'{{column: c, format: "%Y-%m-%d %H:%M", {BERLIN}}}'
    mapping = f"opportunities: {{file: x, columns: {{{OPPORTUNITY}, snapshot_time: {how}}}}}"
    (found,) = loaded_with(tmp_path, mapping, x="id,c\n1,2026-03-29 02:30\n2,2026-03-29 03:30\n").refusals
    assert (found.line, found.code) == (2, "BAD_INSTANT")
    assert "`2026-03-29 02:30` is no instant of the form `%Y-%m-%d %H:%M`" in found.message


def test_columns_are_joined(tmp_path: Path) -> None:
    mapping = "participants: {file: x, columns: {participant_id: {columns: [last, first], between: ', '}}}"
    facts = taken(loaded_with(tmp_path, mapping, x="first,last\nHanna,Vogel\n,Kurz\n"))
    assert facts.participants["participant_id"].to_list() == ["Vogel, Hanna", "Kurz"]


def test_rows_are_numbered_within_a_column(tmp_path: Path) -> None:
    """In the order of the file, or of another column: 2026-01-01 is the first line of d1."""
    columns = "external_id: d, annual_value: {value: '5'}, line: {number_within: d%s}"
    rows = "d,at\nd1,2026-02-01\nd2,2026-01-01\nd1,2026-01-01\nd1,2026-02-01\n"
    for by, wanted in (("", [1, 1, 2, 3]), (", by: at", [2, 1, 1, 3])):
        mapping = f"deal_lines: {{file: x, columns: {{{columns % by}}}}}"
        assert taken(loaded_with(tmp_path, mapping, x=rows)).deal_lines["line"].to_list() == wanted


def test_rows_are_selected_by_what_another_file_says(tmp_path: Path) -> None:
    mapping = """
splits:
  file: splits
  where: {deal: {in: id, of: deals, where: {status: won}}, share: {not: ["100%", ""]}}
  columns: {external_id: deal, participant_id: who, share: share}
counted:
  whole: {file: splits, where: {deal: {in: id, of: deals}, share: 100%}}
"""
    deals = "id,status\nd1,won\nd2,lost\n,won\n"
    splits = (
        "deal,who,share\nd1,ann,50%\nd1,ben,50%\nd2,ann,50%\nd3,ann,50%\n,ann,50%\nd1,kim,100%\nd2,kim,100%\nd1,eva,\n"
    )
    loaded = loaded_with(tmp_path, mapping, deals=deals, splits=splits)
    assert taken(loaded).splits["participant_id"].to_list() == ["ann", "ben"]
    assert loaded.counted == {"whole": 2}
    assert [notice.code for notice in loaded.notices] == ["UNUSED_ROWS"]


def test_a_name_without_ending_is_whichever_file_is_there(tmp_path: Path) -> None:
    mapping = "files: {people: {separator: ';'}}\nparticipants: {file: people, columns: {participant_id: who}}"
    assert taken(loaded_with(tmp_path, mapping, people="a;who\n1;ann\n")).participants.height == 1
    pl.DataFrame({"who": ["ben"]}).write_parquet(tmp_path / "people.parquet")
    (twice,) = loaded_with(tmp_path, mapping).problems
    assert "FILE_TWICE people.csv and people.parquet are both there" in str(twice)
    (tmp_path / "people.csv").unlink()
    loaded = loaded_with(tmp_path, mapping)
    assert taken(loaded).participants["participant_id"].to_list() == ["ben"]
    assert sorted(loaded.digests) == ["mapping.yaml", "people.parquet"]
    (tmp_path / "people.parquet").unlink()
    assert [problem.code for problem in loaded_with(tmp_path, mapping).problems] == ["UNREADABLE"]


def test_whole_numbers_may_have_empty_decimals(tmp_path: Path) -> None:
    columns = "external_id: id, line: {value: '1'}, annual_value: {value: '5'}"
    assert column(tmp_path, "deal_lines", "quantity", "c", ["5.0", "7", "8.00"], columns) == [5, 7, 8]
    loaded = loaded_with(tmp_path, (tmp_path / "mapping.yaml").read_text(), x="id,c\n1,5.5\n")
    assert [one.code for one in loaded.refusals] == ["BAD_NUMBER"]


def test_a_float_stays_refused_whatever_the_mapping_makes_of_it(tmp_path: Path) -> None:
    mapping = f"opportunities: {{file: x, columns: {{{OPPORTUNITY}, probability: {{column: c, unit: percent}}}}}}"
    pl.DataFrame({"id": ["1"], "c": [12.5]}).write_parquet(tmp_path / "x.parquet")
    (problem,) = loaded_with(tmp_path, mapping).problems
    assert (problem.code, problem.message[:26]) == ("COLUMN_TYPE", "`probability` is Float64, ")


COLUMNS = "opportunities: {file: x, columns: {"


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        (COLUMNS + "snapshot_time: {column: c, format: '%Y-%m-%d %H:%M'}}}", "BAD_FORMAT an instant needs its offset"),
        (COLUMNS + "opened_date: {column: c, format: '%Y-%m-%d%z'}}}", "BAD_FORMAT the day of an instant is another"),
        (COLUMNS + "opened_date: {column: c, format: '%d.%m.%Y %d'}}}", "BAD_FORMAT a date format has %Y, %m and %d"),
        (COLUMNS + "opened_date: {column: c, format: '%d.%m.%Y %Q'}}}", "BAD_FORMAT a date format has %Y, %m and %d"),
        (COLUMNS + "opened_date: {column: c, zone: UTC}}}", "BAD_ZONE a `zone` goes with a `format`."),
        (COLUMNS + "opened_date: {column: c, format: '%d.%m.%Y', zone: Berlin}}}", "BAD_ZONE `Berlin` is no time zone"),
        (COLUMNS + "probability: {column: c, unit: promille}}}", "BAD_UNIT `promille` is no unit here."),
        (COLUMNS + "probability: {column: c, unit: day}}}", "BAD_UNIT `day` is no unit here."),
        (COLUMNS + "stage: {column: c, columns: [a, b]}}}", "COLUMN_OR_VALUE wanted: either `column` or the constant"),
        (COLUMNS + "stage: {columns: [c, d]}}}", "MISSING_COLUMN x.csv has no column `d`. Found: `c`."),
        ("opportunities: {file: x, where: {c: {of: x}}, columns: {stage: c}}", "MISSING_KEY `in` is missing here"),
        (
            "opportunities: {file: x, where: {c: {in: d, of: x}}, columns: {stage: c, opportunity_id: c}}",
            "MISSING_COLUMN x.csv has no column `d`.",
        ),
        ("opportunities: {file: x, where: {c: {nto: [y]}}, columns: {stage: c}}", "UNKNOWN_KEY `nto` is no key here."),
    ],
)
def test_a_mapping_is_strict_in_what_it_can_say(tmp_path: Path, mapping: str, told: str) -> None:
    loaded = loaded_with(tmp_path, mapping, x="c\nvalidate\n")
    assert any(told in str(problem) for problem in loaded.problems), loaded.problems


# --- the mappings for CRMs


def of_crm(folder: Path, crm: str, write: Callable[[Path, Path], None]) -> Loaded:
    for path in sorted((MAPPINGS / crm / "sample").iterdir()):
        write(path, folder)
    return load_files(folder, MAPPINGS / crm / "mapping.yaml")


def as_csv(path: Path, folder: Path) -> None:
    (folder / path.name).write_bytes(path.read_bytes())


def as_parquet(path: Path, folder: Path) -> None:
    """Typed as such exports are: dates, instants, decimals, integers, booleans."""
    frame = pl.read_csv(path, infer_schema=False)
    typed = pl.DataFrame([_typed(series) for series in frame])
    typed.write_parquet(folder / f"{path.stem}.parquet")


def _typed(series: pl.Series) -> pl.Series:
    cells = [cell for cell in series.to_list() if cell]
    for reads, dtype in READERS:
        try:
            values = [reads(cell) if cell else None for cell in series.to_list()]
        except (ValueError, ArithmeticError, KeyError):
            continue
        return pl.Series(series.name, values, dtype=dtype) if cells else series
    return series


READERS: list[tuple[Callable[[str], Any], Any]] = [
    (lambda text: {"true": True, "false": False}[text], pl.Boolean),
    (int, pl.Int64),
    (Decimal, pl.Decimal(18, 6)),
    (date.fromisoformat, pl.Date),
    (lambda text: datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z"), pl.Datetime("us", "UTC")),
    (lambda text: datetime.strptime(text, "%Y-%m-%d %H:%M"), pl.Datetime("us")),  # noqa: DTZ007  # As exported.
    (lambda text: datetime.strptime(text, "%Y-%m-%d %H:%M:%S"), pl.Datetime("us")),  # noqa: DTZ007  # As exported.
]


@pytest.mark.parametrize("crm", CRMS)
def test_a_crm_is_read_alike_from_csv_and_from_parquet(tmp_path: Path, crm: str) -> None:
    folders = [tmp_path / name for name in ("csv", "parquet")]
    for folder in folders:
        folder.mkdir()
    one, other = taken(of_crm(folders[0], crm, as_csv)), taken(of_crm(folders[1], crm, as_parquet))
    assert {dtype for path in folders[1].iterdir() for dtype in pl.read_parquet(path).dtypes} > {pl.String, pl.Int64}
    for item in fields(Facts):
        assert getattr(one, item.name).equals(getattr(other, item.name)), item.name
    assert one.deals.height == 2
    assert one.opportunities.height == 2
    assert one.pipeline_stages.height >= 4


def test_salesforce_is_read_to_the_cent(tmp_path: Path) -> None:
    facts = taken(of_crm(tmp_path, "salesforce", as_csv))
    lines = facts.deal_lines.select("line", "product", "quantity", "annual_value_minor", "discount_ppm").sort("line")
    assert lines.rows() == [(1, "SEAT", 50, 20_000_00, None), (2, "PLAT", 1, 40_000_00, 200_000)]
    assert facts.splits.select("share_num", "share_den").rows() == [(6667, 10_000), (3333, 10_000)]
    assert facts.deal_roles["role"].to_list() == ["sales_engineer"]
    assert facts.accounts.filter(pl.col("parent_id").is_not_null())["name"].to_list() == ["Acme, GmbH"]
    assert facts.ownerships["start_date"].to_list()[1] == date(2025, 1, 1), "23:30 UTC is the new year in Berlin"
    assert facts.fx_rates.select("rate_num", "rate_den").rows() == [(10_845, 10_000), (1_091_234, 1_000_000)]
    assert facts.activities["kind"].to_list() == ["meeting_held"]
    _open, lost = facts.opportunities.sort("opportunity_id").to_dicts()
    assert (_open["snapshot_time"], _open["stage_since_date"]) == (utc(2026, 3, 30, 22, 30), date(2026, 3, 31))
    assert (_open["category"], _open["probability_ppm"], _open["amount_minor"]) == ("best_case", 750_000, 45_000_50)
    assert (lost["stage"], lost["category"], lost["probability_ppm"]) == ("Closed Lost", "omitted", 0)


def test_hubspot_is_read_to_the_cent(tmp_path: Path) -> None:
    facts = taken(of_crm(tmp_path, "hubspot", as_csv))
    deals = facts.deals.select(
        "external_id", "account_id", "seller_id", "closed_date", "accepted_time", "annual_value_minor"
    )
    assert deals.rows() == [
        ("15001", "9001", "Hanna Vogel", date(2026, 2, 10), utc(2026, 2, 10), 60_000_00),
        ("15002", "9002", "Ben Kurz", date(2026, 3, 5), utc(2026, 3, 5), 20_000_00),
    ]
    assert facts.opportunities["probability_ppm"].to_list() == [825_000, 0]
    assert facts.pipeline_stages.sort("position")["probability_ppm"].to_list()[:3] == [200_000, 400_000, 600_000]


def test_pipedrive_is_read_to_the_cent(tmp_path: Path) -> None:
    facts = taken(of_crm(tmp_path, "pipedrive", as_csv))
    deals = facts.deals.select("external_id", "account_id", "closed_date", "accepted_time", "annual_value_minor")
    assert deals.rows() == [
        ("301", "Acme GmbH", date(2026, 2, 10), utc(2026, 2, 10), 60_000_00),
        ("302", "Birk AG", date(2026, 3, 5), utc(2026, 3, 5), 20_000_00),
    ]
    assert facts.opportunities["stage"].to_list() == ["Proposal made", "Lost"]
    assert facts.pipeline_stages["stage"].to_list() == ["Qualified", "Proposal made", "Negotiations started", "Lost"]


@pytest.mark.parametrize("write", [as_csv, as_parquet], ids=["csv", "parquet"])
@pytest.mark.parametrize("crm", CRMS)
def test_a_crm_is_paid_to_the_cent(tmp_path: Path, crm: str, write: Callable[[Path, Path], None]) -> None:
    """10% of 80,000.00 for new seats and new customers, whoever shares them."""
    (tmp_path / "data").mkdir()
    of_crm(tmp_path / "data", crm, write)
    job = Job(MAPPINGS / "plans", tmp_path / "data", tmp_path / "out", MAPPINGS / crm / "mapping.yaml")
    outcome: Outcome = run(job, file_tools())
    assert (outcome.problems, outcome.refusals) == ((), ())
    assert outcome.report is not None
    assert outcome.report["totals_by_currency"] == [{"currency_code": "EUR", "earned_minor": 8_000_00}]
    assert outcome.report["rows_read"]["opportunities"] == 2


def test_an_amount_that_its_file_would_write_otherwise_is_told_so(tmp_path: Path) -> None:
    columns = "external_id: id, account_id: id, closed_date: {value: '2026-01-01'}, currency_code: {value: EUR}"
    files = "files: {x: {decimal: ',', thousands: '.'}}"
    mapping = f"{files}\ndeals: {{file: x, columns: {{{columns}, annual_value: c}}}}"
    loaded = loaded_with(tmp_path, mapping, x='id,c\nd1,"5,000.00"\nd2,"5.000,00"\n')
    (refused,) = loaded.refusals
    assert refused.code == "BAD_AMOUNT"
    assert "`5,000.00` is no amount. Write it as `5.000,00`, as the mapping sets this file." in refused.message
    assert loaded.facts.deals["external_id"].to_list() == ["d2"]
