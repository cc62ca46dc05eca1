"""Files become facts exactly or not at all; a bad row is told with its line, and takes only its own deal with it."""

import random
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from compsvc.adapters.importer_columns import file_columns
from compsvc.adapters.importers import Loaded, load_files
from compsvc.adapters.mapping import KINDS
from compsvc.adapters.plan_yaml import load_plans
from compsvc.core.checks import check_facts
from compsvc.core.checks_rules import Refusal, said

HEADER = "external_id,account_id,seller_id,closed_date,accepted_time,currency_code,annual_value\n"


def write(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        path = folder / f"{name}.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def deals(folder: Path, *rows: str) -> Loaded:
    return load_files(write(folder, deals=HEADER + "".join(f"{row}\n" for row in rows)))


def told(loaded: Loaded) -> list[str]:
    assert not loaded.problems, loaded.problems
    return [f"{one.file}:{one.line} {one.field} {one.code}" for one in loaded.refusals]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def test_a_deal_is_read_exactly_and_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    loaded = deals(tmp_path, "d1,acme,hanna,2026-03-30,2026-03-31,EUR,10_000.50")
    assert told(loaded) == []
    row = loaded.facts.deals.row(0, named=True)
    assert (row["source"], row["revision"], row["annual_value_minor"]) == ("file", 1, 10_000_50)
    assert (row["closed_date"], row["accepted_time"]) == (date(2026, 3, 30), utc("2026-03-31T00:00Z"))
    assert (row["product"], row["one_time_value_minor"]) == (None, None)
    assert set(loaded.digests) == {"deals.csv"}


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("0", "EUR", 0),
        ("-12.5", "EUR", -12_50),
        ("1_234_567.89", "USD", 123_456_789),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1_234),
        ("10000000000000", "EUR", 10**15),
        ("0.29", "USD", 29),  # 0.29 * 100 is 28.999999999999996 in binary floats
    ],
)
def test_amounts_are_exact(tmp_path: Path, text: str, currency: str, minor: int) -> None:
    loaded = deals(tmp_path, f"d1,acme,hanna,2026-03-30,,{currency},{text}")
    assert told(loaded) == []
    assert loaded.facts.deals["annual_value_minor"].to_list() == [minor]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("d1,acme,hanna,2026-03-30,,EUR,1.005", "annual_value", "MORE_DECIMALS_THAN_CURRENCY"),
        ("d1,acme,hanna,2026-03-30,,EUR,1.000", "annual_value", "MORE_DECIMALS_THAN_CURRENCY"),  # or a German thousand
        ("d1,acme,hanna,2026-03-30,,JPY,1.5", "annual_value", "MORE_DECIMALS_THAN_CURRENCY"),
        ('d1,acme,hanna,2026-03-30,,EUR,"1,000.00"', "annual_value", "BAD_AMOUNT"),
        ("d1,acme,hanna,2026-03-30,,EUR,1_00", "annual_value", "BAD_AMOUNT"),
        ("d1,acme,hanna,2026-03-30,,EUR,1e3", "annual_value", "BAD_AMOUNT"),
        ("d1,acme,hanna,2026-03-30,,EUR,$5", "annual_value", "BAD_AMOUNT"),
        ("d1,acme,hanna,2026-03-30,,EUR,NaN", "annual_value", "BAD_AMOUNT"),
        ("d1,acme,hanna,2026-03-30,,EUR,.5", "annual_value", "BAD_AMOUNT"),
        ("d1,acme,hanna,2026-03-30,,EUX,5", "annual_value", "UNKNOWN_CURRENCY"),
        ("d1,acme,hanna,2026-03-30,,EUR,99999999999999999999", "annual_value", "AMOUNT_TOO_LARGE"),
        ("d1,acme,hanna,2026-03-30,,EUR,999999999999999999", "annual_value", "AMOUNT_TOO_LARGE"),
        ("d1,acme,hanna,30.03.2026,,EUR,5", "closed_date", "BAD_DATE"),
        ("d1,acme,hanna,2026-3-30,,EUR,5", "closed_date", "BAD_DATE"),
        ("d1,acme,hanna,2026-02-29,,EUR,5", "closed_date", "BAD_DATE"),
        ("d1,acme,hanna,2026-03-30,2026-03-30T10:00:00,EUR,5", "accepted_time", "BAD_INSTANT"),  # of which zone?
        ("d1,acme,hanna,2026-03-30,soon,EUR,5", "accepted_time", "BAD_INSTANT"),
    ],
)
def test_a_bad_value_refuses_its_row_and_leaves_the_good_one(tmp_path: Path, row: str, field: str, code: str) -> None:
    loaded = deals(tmp_path, "d0,acme,hanna,2026-03-30,,EUR,5", row, "d2,acme,hanna,2026-03-30,,EUR,6")
    assert told(loaded) == [f"deals.csv:3 {field} {code}"]
    assert loaded.refusals[0].key == "file/d1"
    assert loaded.facts.deals["external_id"].to_list() == ["d0", "d2"]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-31T23:30:00-02:00", "2026-04-01T01:30:00+00:00"),
        ("2026-03-31 10:00:00+02:00", "2026-03-31T08:00:00+00:00"),
        ("2026-03-31T10:00:00.123456Z", "2026-03-31T10:00:00.123456+00:00"),
        ("2026-03-31T10:00Z", "2026-03-31T10:00:00+00:00"),
        ("2026-03-31", "2026-03-31T00:00:00+00:00"),
    ],
)
def test_instants_are_utc_and_a_date_is_its_midnight(tmp_path: Path, text: str, instant: str) -> None:
    loaded = deals(tmp_path, f"d1,acme,hanna,2026-03-30,{text},EUR,5")
    assert loaded.facts.deals["accepted_time"].to_list() == [utc(instant)]


def test_shares_are_exact_ratios(tmp_path: Path) -> None:
    rows = [
        "d1,ben,50%",
        "d1,hanna,1/3",
        "d1,eva,12.25%",
        "d1,tom,0.5",
        "d1,kim,1",
        "d1,ann,half",
        "d1,joe,0,5",
        "d1,sue,",
    ]
    write(tmp_path, splits="external_id,participant_id,share\n" + "".join(f"{row}\n" for row in rows))
    loaded = deals(tmp_path, "d1,acme,hanna,2026-03-30,,EUR,5")
    assert told(loaded) == ["splits.csv:7 share BAD_SHARE", "splits.csv:8  FIELDS_COUNT"]
    assert loaded.facts.deals.is_empty(), "a deal is not paid without one of its splits"
    write(tmp_path, splits="external_id,participant_id,share\n" + "".join(f"{row}\n" for row in rows[:5] + rows[7:]))
    shares = load_files(tmp_path).facts.splits.select("position", "share_num", "share_den").rows()
    assert shares == [(0, 50, 100), (1, 1, 3), (2, 1225, 10_000), (3, 5, 10), (4, 1, 1), (5, None, None)]


def test_a_bad_part_takes_its_deal_and_a_bad_deal_its_parts(tmp_path: Path) -> None:
    write(
        tmp_path,
        deals=HEADER + "d1,a,h,2026-03-30,,EUR,\nd2,a,h,2026-03-30,,EUR,\nd3,a,h,bad,,EUR,\nd4,a,h,2026-03-30,,EUR,\n",
        deal_lines="external_id,line,annual_value\nd1,1,5\nd1,2,five\nd2,1,7\nd3,1,8\n",
        stages="external_id,stage,start_date,end_date,annual_value,committed\n"
        "d2,1,2026-04-01,2027-04-01,7.00,yes\nd4,1,2026-04-01,2027-04-01,7.00,maybe\n",
    )
    loaded = load_files(tmp_path)
    assert told(loaded) == [
        "deal_lines.csv:3 annual_value BAD_AMOUNT",
        "deals.csv:4 closed_date BAD_DATE",
        "stages.csv:3 committed NOT_YES_OR_NO",
    ]
    facts = loaded.facts
    left = [frame["external_id"].to_list() for frame in (facts.deals, facts.deal_lines, facts.stages)]
    assert left == [["d2"], ["d2"], ["d2"]]
    assert facts.stages.row(0, named=True)["line"] == 1


def test_lines_and_stages_are_in_their_deals_currency(tmp_path: Path) -> None:
    write(tmp_path, deal_lines="external_id,line,one_time_value\nd1,1,5\nd2,1,5\nd1,2,0.5\n")
    loaded = deals(tmp_path, "d1,acme,hanna,2026-03-30,,JPY,", "d2,acme,hanna,2026-03-30,,KWD,")
    assert told(loaded) == ["deal_lines.csv:4 one_time_value MORE_DECIMALS_THAN_CURRENCY"]
    assert loaded.facts.deal_lines["one_time_value_minor"].to_list() == [5_000]


def test_an_assignment_may_bring_its_quota(tmp_path: Path) -> None:
    write(
        tmp_path,
        assignments="participant_id,plan,start_date,currency_code,quota_amount,quota_per,target_incentive\n"
        "hanna,ae,2026-01-01,EUR,100_000,quarter,80000\nben,ae,2026-01-01,EUR,,,\n",
        quotas="participant_id,plan,start_date,component,amount,per\nben,ae,2026-01-01,kicker,1.5,year\n",
    )
    loaded = load_files(tmp_path)
    assert told(loaded) == []
    assert loaded.facts.quotas.sort("participant_id").rows() == [
        ("ben", "ae", date(2026, 1, 1), "kicker", 150, "year"),
        ("hanna", "ae", date(2026, 1, 1), None, 100_000_00, "quarter"),
    ]
    assert loaded.facts.assignments["target_incentive_minor"].to_list() == [80_000_00, None]
    wrong = loaded.locate(Refusal("quotas", 1, "hanna", "amount_minor", "X", "is wrong."))
    assert (wrong.file, wrong.line, wrong.field) == ("assignments.csv", 2, "amount")


def test_quotes_newlines_bom_and_crlf_keep_their_lines(tmp_path: Path) -> None:
    text = (
        "\ufeffexternal_id,account_id,closed_date,currency_code,annual_value,product\r\n"
        'd1,"Gekko, Sons & ""Co""",2026-03-30,EUR,5,"two\r\nlines"\r\n'
        "\r\n"
        " d2 , acme ,2026-03-30,EUR,x,\r\n"
        "d3,acme,2026-03-30,EUR\r\n"
        "d4,acme,2026-03-30,EUR,5,a,b\r\n"
        "d5,acme,2026-03-30,EUR,5,\r\n"
    )
    loaded = load_files(write(tmp_path, deals=text))
    assert told(loaded) == [
        "deals.csv:5 annual_value BAD_AMOUNT",
        "deals.csv:6  FIELDS_COUNT",
        "deals.csv:7  FIELDS_COUNT",
    ]
    assert loaded.facts.deals["account_id"].to_list() == ['Gekko, Sons & "Co"', "acme"]
    assert loaded.facts.deals["product"].to_list() == ["two\nlines", None]
    single = load_files(
        write(tmp_path, deals=text.replace("two\r\nlines", "one, line"))
    )  # the quick way, the same rows
    assert [one.line for one in single.refusals] == [4, 5, 6]
    assert single.facts.deals["account_id"].to_list() == ['Gekko, Sons & "Co"', "acme"]


@pytest.mark.parametrize("ident", ["=1+1", "+49", "-x", "@home", "007", "1e5", "NULL", "Müller 東京"])
def test_ids_stay_as_they_are(tmp_path: Path, ident: str) -> None:
    loaded = deals(tmp_path, f"{ident},acme,hanna,2026-03-30,,EUR,5")
    assert loaded.facts.deals["external_id"].to_list() == [ident]


def test_attributes_of_deals_come_along(tmp_path: Path) -> None:
    header = "external_id,account_id,closed_date,currency_code,one_time_value,attributes.campaign\n"
    loaded = load_files(write(tmp_path, deals=header + "d,a,2026-01-01,EUR,5,spring\n"))
    assert (loaded.facts.deals["attributes.campaign"].to_list(), loaded.notices) == (["spring"], ())


@pytest.mark.parametrize(
    ("files", "code", "message"),
    [
        (
            {"deals": "external_id,account_id,close_date,currency_code,annual_value\n"},
            "MISSING_COLUMN",
            "`closed_date`",
        ),
        ({"deals": "external_id,account_id,closed_date,currency_code\n"}, "MISSING_COLUMN", "`annual_value`"),
        ({"deals": "external_id,external_id\n"}, "COLUMN_TWICE", "`external_id`"),
        ({"quotas": "participant_id,plan,start_date,amount,amount_minor,per\n"}, "COLUMN_TWICE", "`amount_minor`"),
        ({"deals": b"external_id\n\xe4\n"}, "NOT_UTF8", "0xe4"),
        ({"deals": ""}, "EMPTY_FILE", "header"),
        ({"deals": HEADER + 'd1,"acme'}, "BAD_CSV", "quote"),
        ({}, "NO_FILES", "deals.csv"),
    ],
)
def test_a_file_that_cannot_be_taken_is_a_problem_and_nothing_is_loaded(
    tmp_path: Path, files: dict[str, str | bytes], code: str, message: str
) -> None:
    loaded = load_files(write(tmp_path, **files))
    assert code in [problem.code for problem in loaded.problems]
    assert any(message in problem.message for problem in loaded.problems)
    assert loaded.facts.deals.is_empty()


def test_a_missing_column_is_told_with_those_found_and_the_nearest(tmp_path: Path) -> None:
    loaded = load_files(write(tmp_path, deals="external_id,account_id,close_date,currency_code,annual_value\n"))
    assert [str(problem) for problem in loaded.problems] == [
        "deals.csv:1:1 MISSING_COLUMN deals need the column `closed_date`. Found: `external_id`, `account_id`, "
        "`close_date`, `currency_code`, `annual_value`. Did you mean `close_date`?"
    ]


def test_what_nobody_knows_is_told(tmp_path: Path) -> None:
    write(tmp_path, deal="x\n", accounts="account_id,industri\nacme,steel\n")
    assert [str(notice) for notice in load_files(tmp_path).notices] == [
        "accounts.csv:1:1 UNKNOWN_COLUMN `industri` is no column of accounts; it is not read. Did you mean `industry`?",
        "deal.csv:1:1 UNKNOWN_FILE is named as no kind of facts; it is not read. Did you mean `deals`?",
    ]


def test_no_folder_is_a_problem(tmp_path: Path) -> None:
    assert [problem.code for problem in load_files(tmp_path / "none").problems] == ["NO_FOLDER"]


def test_an_empty_source_is_that_of_a_missing_column(tmp_path: Path) -> None:
    write(
        tmp_path,
        deals="source," + HEADER + ",d1,a,h,2026-03-30,,JPY,\n",
        deal_lines="source,external_id,line,annual_value\n,d1,1,500\nfile,d1,2,0.5\n",
    )
    assert told(load_files(tmp_path)) == ["deal_lines.csv:3 annual_value MORE_DECIMALS_THAN_CURRENCY"]
    missing = load_files(write(tmp_path, deal_lines="external_id,annual_value\nd1,500\n"))
    assert [problem.code for problem in missing.problems] == ["MISSING_COLUMN"]


def test_every_code_is_written_down() -> None:
    root = Path(__file__).resolve().parents[2]
    sources = [
        path for name in ("core/checks*", "adapters/importer_*") for path in (root / "compsvc").glob(f"{name}.py")
    ]
    codes = {code for path in sources for code in re.findall(r'"([A-Z]+(?:_[A-Z0-9]+)+)"', path.read_text())}
    text = (root / "docs" / "import.md").read_text()
    assert {code for code in codes if f"`{code}`" not in text and not code.startswith(("_", "ISO"))} == set()


# --- Parquet

TYPED = {
    "external_id": ["d1"],
    "account_id": ["acme"],
    "closed_date": [date(2026, 3, 30)],
    "accepted_time": [datetime(2026, 3, 31, 10, tzinfo=UTC)],
    "currency_code": ["EUR"],
}


@pytest.mark.parametrize(
    "amount",
    [
        pl.Series("annual_value_minor", [123_450]),
        pl.Series("annual_value_minor", [123_450], dtype=pl.Int32),
        pl.Series("annual_value", ["1234.50"]),
        pl.Series("annual_value", [Decimal("1234.5000")], dtype=pl.Decimal(20, 4)),
    ],
)
def test_parquet_passes_as_it_is_typed(tmp_path: Path, amount: pl.Series) -> None:
    pl.DataFrame(TYPED).with_columns(amount).write_parquet(tmp_path / "deals.parquet")
    loaded = load_files(tmp_path)
    assert told(loaded) == []
    row = loaded.facts.deals.row(0, named=True)
    assert (row["annual_value_minor"], row["accepted_time"]) == (123_450, utc("2026-03-31T10:00Z"))


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("annual_value", [1234.5]),
        pl.Series("annual_value_minor", [123_450.0]),
        pl.Series("annual_value_minor", [Decimal("1234.50")]),
        pl.Series("quantity", [1.0]),
        pl.Series("discount", [0.1]),
    ],
)
def test_a_float_column_is_refused_with_the_way_out(tmp_path: Path, column: pl.Series) -> None:
    frame = pl.DataFrame({**TYPED, "one_time_value_minor": [5]}).with_columns(column)
    frame.write_parquet(tmp_path / "deals.parquet")
    assert [problem.code for problem in load_files(tmp_path).problems] == ["COLUMN_TYPE"]


def test_an_instant_is_no_date_unless_it_is_midnight(tmp_path: Path) -> None:
    days = [datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC)]
    frame = pl.DataFrame({name: values * 2 for name, values in TYPED.items()}).with_columns(
        closed_date=pl.Series(days), annual_value_minor=5, external_id=pl.Series(["d1", "d2"])
    )
    frame.write_parquet(tmp_path / "deals.parquet")
    loaded = load_files(tmp_path)
    assert told(loaded) == ["deals.parquet:2 closed_date BAD_DATE"]
    assert loaded.facts.deals["closed_date"].to_list() == [date(2026, 3, 30)]


def test_rows_are_told_where_a_filter_has_emptied_a_chunk(tmp_path: Path) -> None:
    """pl.format of Polars 2.1 panics there; so nothing here may use it."""
    header = "external_id,participant_id,share\n"
    rows = ["a,b,c", *["d1,x,y"] * 3, 'd1,"two\nlines",1', "d1,x,y", 'd2,"two\nlines",0.3']
    write(tmp_path, splits=header + "".join(f"{row}\n" for row in rows))
    loaded = deals(tmp_path, "d2,acme,hanna,2026-03-30,,EUR,5")
    assert {one.code for one in loaded.refusals} == {"BAD_SHARE"}
    frames = [
        pl.DataFrame({**TYPED, "annual_value_minor": [5], "external_id": [name]}) for name in ("a" * 20, "b" * 20)
    ]
    emptied = pl.concat(frames, rechunk=False).filter(pl.Series([False, True]))
    shown = emptied.select(said("deal {} is told", pl.col("external_id"))).to_series()
    assert shown.to_list() == [f"deal {'b' * 20} is told"]


def test_two_files_of_one_kind_are_a_problem(tmp_path: Path) -> None:
    pl.DataFrame({"account_id": ["acme"]}).write_parquet(tmp_path / "accounts.parquet")
    loaded = load_files(write(tmp_path, accounts="account_id\nacme\n"))
    assert [problem.code for problem in loaded.problems] == ["FILE_TWICE"]


def test_what_is_no_parquet_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "deals.parquet").write_text("no")
    assert [problem.code for problem in load_files(tmp_path).problems] == ["BAD_PARQUET"]


# --- mapping files

MAPPING = """
files:
  orders.csv: {separator: ";", decimal: ",", thousands: "."}
deals:
  file: orders.csv
  where: {status: [won, signed]}
  columns:
    external_id: Nr
    account_id: {column: Kunde, empty: ["-"]}
    closed_date: {column: Datum, format: "%d.%m.%Y"}
    currency_code: {value: EUR}
    one_time_value: Betrag
    product: {column: Produkt, values: {GTXPro: GTX Pro}}
counted:
  lost: {file: orders.csv, where: {status: lost}}
"""
ORDERS = """Nr;Kunde;Datum;Betrag;Produkt;status
1;acme;30.03.2026;1.234,56;GTXPro;won
2;-;31.03.2026;99;GTX Pro;signed
3;acme;2026-03-31;5;x;won
4;acme;31.03.2026;1,234.56;x;won
5;acme;31.03.2026;5;x;lost
6;acme;31.03.2026;5;x;open
"""


def loaded_with(folder: Path, mapping: str, **files: str) -> Loaded:
    path = folder / "mapping.yaml"
    path.write_text(mapping)
    return load_files(write(folder, **files), path)


def test_a_mapping_renames_selects_and_respells(tmp_path: Path) -> None:
    loaded = loaded_with(tmp_path, MAPPING, orders=ORDERS)
    assert told(loaded) == ["orders.csv:4 closed_date BAD_DATE", "orders.csv:5 one_time_value BAD_AMOUNT"]
    columns = loaded.facts.deals.select("external_id", "account_id", "closed_date", "one_time_value_minor", "product")
    assert columns.rows() == [
        ("1", "acme", date(2026, 3, 30), 1_234_56, "GTX Pro"),
        ("2", None, date(2026, 3, 31), 99_00, "GTX Pro"),
    ]
    assert loaded.counted == {"lost": 1}
    assert [notice.code for notice in loaded.notices] == ["UNUSED_ROWS"]
    assert loaded.origins["deals"].rows() == [("orders.csv", 2), ("orders.csv", 3)]


def test_distinct_rows_are_taken_once_and_kinds_come_from_several_files(tmp_path: Path) -> None:
    mapping = """
participants:
  - {file: teams.csv, columns: {participant_id: rep}}
  - {file: teams.csv, columns: {participant_id: boss}, distinct: yes}
"""
    loaded = loaded_with(tmp_path, mapping, teams="rep,boss\nhanna,kim\nben,kim\n")
    assert loaded.facts.participants["participant_id"].to_list() == ["hanna", "ben", "kim"]


def test_the_history_of_fields_and_a_table_by_day_are_dated_attributes(tmp_path: Path) -> None:
    """The mapping of docs/import.md."""
    page = (Path(__file__).parents[2] / "docs/import.md").read_text()
    mapping = page[page.index("account_attributes:  ") : page.index("\ncounted:")]
    history = "AccountId,Field,NewValue,CreatedDate\n"
    history += "acme,BillingCountry,south,2026-06-30T22:30:00.000+0000\nacme,Phone,1,2026-07-02T00:00:00.000+0000\n"
    by_day = "Id,Segment,Valid from\nacme,large,2026-01-01\nacme,,2026-09-01\n"
    loaded = loaded_with(tmp_path, mapping, AccountHistory=history, customers_by_day=by_day)
    assert loaded.facts.account_attributes.rows() == [
        ("acme", "region", "south", date(2026, 7, 1)),  # by the clock of Berlin
        ("acme", "segment", "large", date(2026, 1, 1)),
        ("acme", "segment", None, date(2026, 9, 1)),
    ]


DEALS = "deals: {file: x.csv, columns: "


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("deels: {}", "1:1 UNKNOWN_KEY `deels` is no key here. Did you mean `deals`?"),
        ("deals:\n  columns: {}", "1:1 MISSING_KEY `file` is missing here."),
        (
            DEALS + "{clsed_date: d}}",
            "1:32 UNKNOWN_COLUMN `clsed_date` is no column of deals. Did you mean `closed_date`?",
        ),
        (DEALS + "{product: {column: a, value: b}}}", "1:41 COLUMN_OR_VALUE wanted: either `column` or the constant"),
        (DEALS + "{}, distinct: maybe}", "1:45 NOT_YES_OR_NO here stands `maybe`; wanted: `yes` or `no`."),
        (DEALS + "{closed_date: {column: d, format: '%d'}}}", "1:65 BAD_FORMAT a date format has %Y, %m and %d"),
        ("files: {x.csv: {separator: ab}}", "1:28 NOT_A_MARK `ab` cannot be the separator. Write one sign, or `tab`."),
        (
            "accounts: {file: accounts.csv, columns: {account_id: nme}}",
            "1:54 MISSING_COLUMN accounts.csv has no column `nme`. Found: `name`. Did you mean `name`?",
        ),
        (
            "accounts: {file: accounts.csv, columns: {name: name}}",
            "1:11 MISSING_COLUMN accounts need the column `account_id`. Found: `name`.",
        ),
        ("accounts: {file: none.csv, columns: {account_id: name}}", "1:1 UNREADABLE cannot be read: No such file"),
        ("accounts: [", "1:12 YAML_SYNTAX"),
    ],
)
def test_a_mapping_is_strict_and_tells_the_place(tmp_path: Path, mapping: str, told: str) -> None:
    loaded = loaded_with(tmp_path, mapping, accounts="name\nacme\n")
    assert any(told in str(problem) for problem in loaded.problems), loaded.problems


def test_a_million_deals_of_parquet_are_read_without_a_loop(tmp_path: Path) -> None:
    """Not a stop-watch: a row by row reader would not finish within the test's time."""
    one = pl.DataFrame({**TYPED, "annual_value_minor": [5]})
    many = (
        pl.concat([one] * 1_000)
        .with_row_index()
        .with_columns(external_id=pl.col("index").cast(pl.String))
        .drop("index")
    )
    pl.concat([many] * 1_000).write_parquet(tmp_path / "deals.parquet")
    assert load_files(tmp_path).facts.deals.height == 1_000_000


SPELLINGS = (
    *("", "x", "acme", "d1", "d2", "1", "0", "-1", "1/3", "50%", "0.5", "1.005", "101%", "1/0", "0/0", "1_000", "1_00"),
    *("2026-01-01", "2026-13-01", "2026-01-01T10:00:00Z", "EUR", "USD", "XXX", "yes", "no", "new_logo", "churn"),
    *("hunter", "hanna", "ben", "99999999999999999999", "9999999999999.99", "crm", "=1", "d1/1;d2/1", "identify"),
    *('"a,b"', '"a\nb"', "quarter", "-5.5"),
)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_stands_in_the_files_is_taken_or_told(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for kind in KINDS:
        names = [name for name in file_columns(kind) if not name.endswith(("_minor", "_ppm", "_num", "_den"))]
        rows = [[chance.choice(SPELLINGS) for _ in names] for _ in range(chance.randrange(8))]
        if chance.random() < 0.8:
            write(tmp_path, **{kind: "".join(f"{','.join(row)}\n" for row in [names, *rows])})
    plans, _ = load_plans([Path(__file__).resolve().parents[2] / "plans" / "nordwind"])
    loaded = load_files(tmp_path)
    checked = check_facts(loaded.facts, plans)
    assert all(loaded.locate(one).line > 1 for one in (*checked.refusals, *checked.notes))
    assert check_facts(checked.facts, plans).refusals == (), "what was taken stands up to the same check"
