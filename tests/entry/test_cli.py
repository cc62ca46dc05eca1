"""Every command does what its help says; a user's mistake is told in words, with an exit code."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from compsvc import __version__
from compsvc.adapters.plan_yaml import parse_plan
from compsvc.adapters.sqlite_store import SqliteStore
from compsvc.adapters.system_clock import SystemClock
from compsvc.entry.cli import app
from compsvc.entry.grpc_server import ServeConfig, Server
from tests.service.test_batch import FILES, PLAN

from .typed import typed

ROOT = Path(__file__).resolve().parents[2]


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def told(*arguments: object) -> subprocess.CompletedProcess[str]:
    """By a process of its own, with what libraries say on standard error on their own account."""
    command = [sys.executable, "-m", "compsvc.entry.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def company(tmp_path: Path) -> Path:
    for name in ("plans", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "plans" / "plan.yaml").write_text(PLAN)
    for name, text in FILES.items():
        (tmp_path / "data" / f"{name}.csv").write_text(text)
    return tmp_path


def good(company: Path) -> Path:
    """Without the two deals that are refused."""
    deals = "".join(FILES["deals"].splitlines(keepends=True)[:4])
    (company / "data" / "deals.csv").write_text(deals)
    return company


def test_version_says_which_engine_matches() -> None:
    result = call("version")
    assert result.stdout.splitlines()[0] == f"compsvc {__version__}"
    assert result.stdout.splitlines()[1].startswith("matcher: ")


def test_run_writes_and_says_what_it_found(company: Path) -> None:
    result = call("run", "--plans", good(company) / "plans", "--data", company / "data", "--out", company / "out")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "deals: 3 read: 2 credited, 1 pending, 0 uncredited",
        "opportunities: 2 read, 1 without an account",
        "ae commission: 300.06 EUR",
        "ae kicker: 0.00 EUR",
        f"written: {company}/out/earnings.csv, {company}/out/lines.parquet, {company}/out/report.json",
    ]
    again = call("run", "--plans", company / "plans", "--data", company / "data", "--out", company / "out")
    assert again.stdout.splitlines()[-1].startswith("unchanged: ")
    bare = call("run", "--plans", company / "plans", "--data", company / "data", "--out", company / "out", "--no-lines")
    assert bare.stdout.splitlines()[-1] == f"written: {company}/out/earnings.csv, {company}/out/report.json"


def test_run_with_refused_rows_writes_the_rest_and_exits_1(company: Path) -> None:
    result = call("run", "--plans", company / "plans", "--data", company / "data", "--out", company / "out")
    assert result.exit_code == 1
    assert (company / "out" / "earnings.csv").is_file()
    assert [line.split(" ")[0] for line in result.stderr.splitlines()] == ["deals.csv:5", "deals.csv:6", "2"]
    assert result.stderr.splitlines()[-1] == "2 rows were refused; everything else is computed."
    summary = result.stdout.splitlines()
    assert summary[0] == "deals: 5 read: 2 credited, 1 pending, 0 uncredited, 2 refused"
    assert summary[1].startswith("A refused deal can change who is credited with later deals of its account")


def test_a_row_that_does_not_fit_its_header_is_counted_among_the_refused(company: Path) -> None:
    with (company / "data" / "deals.csv").open("a") as file:
        file.write("crm,d6,acme\n")
    result = call("run", "--plans", company / "plans", "--data", company / "data", "--out", company / "out")
    assert result.stdout.splitlines()[0] == "deals: 6 read: 2 credited, 1 pending, 0 uncredited, 3 refused"
    assert result.stderr.splitlines()[-1] == "3 rows were refused; everything else is computed."


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_statement_from_files_with_refused_rows_says_so_and_exits_1(company: Path, form: str) -> None:
    files = ("--plans", company / "plans", "--data", company / "data")
    result = call("statement", "hanna", "--period", "2026-Q1", *files, "--format", form)
    said = "2 rows were refused; this statement may be incomplete: see deals.csv:5 and what `compsvc run` reports."
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (1, said)
    if form == "text":
        assert result.stdout.splitlines()[-1] == said
    else:
        assert json.loads(result.stdout)


def test_run_with_a_plan_problem_writes_nothing_and_exits_1(company: Path) -> None:
    (company / "plans" / "plan.yaml").write_text(PLAN.replace("10%", "0.1"))
    result = call("run", "--plans", company / "plans", "--data", company / "data", "--out", company / "out")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "RATE_WITHOUT_PERCENT" in result.stderr
    assert not (company / "out").exists()


def test_a_file_where_the_folder_should_be_is_told_without_a_traceback(company: Path) -> None:
    (company / "out").write_text("")
    result = typed("run", "--plans", good(company) / "plans", "--data", company / "data", "--out", company / "out")
    assert result.returncode == 1
    assert result.stderr == f"compsvc: {company}/out: File exists.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--plans", "x"),
        ("frobnicate",),
        ("statement", "hanna", "--period", "2026-Q1"),
        ("token", "mint", "--key", "k", "--subject", "s", "--role", "king"),
        ("token", "mint", "--key", "k", "--subject", "s", "--role", "rep", "--expires", "soon"),
    ],
)
def test_wrong_usage_exits_2(arguments: tuple[str, ...]) -> None:
    result = typed(*arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_plan_check_names_the_place_and_exits_1(company: Path) -> None:
    assert call("plan", "check", company / "plans").stdout == "1 plan without errors.\n"
    (company / "plans" / "plan.yaml").write_text(PLAN.replace("10%", "0.1").replace("half_up", "half"))
    result = call("plan", "check", company / "plans")
    assert result.exit_code == 1
    places = [line.split(" ")[0] for line in result.stdout.splitlines()]
    assert places == [f"{company}/plans/plan.yaml:8:11", f"{company}/plans/plan.yaml:21:25"]
    assert call("plan", "check", company / "none").exit_code == 1


def test_the_schema_is_json() -> None:
    assert "components" in json.loads(call("plan", "schema").stdout)["properties"]


CASE = """
case: ten percent of what is sold
plan: ae
given:
  assignments: [{participant: hanna, from: 2026-01-01}]
  deals:
    - {id: d1, seller: hanna, account: acme, closed: 2026-01-12, accepted: 2026-01-12, acv: 1_000}
expect:
  hanna:
    2026-Q1: {commission: 100.00}
"""


def test_plan_test_ends_with_the_count_alone(company: Path) -> None:
    (company / "plans" / "cases").mkdir()
    (company / "plans" / "cases" / "one.yaml").write_text(CASE)
    result = call("plan", "test", company / "plans")
    assert (result.exit_code, result.stdout) == (0, "1 passed, 0 failed\n"), result.stdout
    (company / "plans" / "cases" / "two.yaml").write_text(CASE.replace("100.00", "101.00"))
    failed = call("plan", "test", company / "plans")
    assert failed.exit_code == 1
    assert failed.stdout.splitlines()[-1] == "1 passed, 1 failed"
    assert "expected 101.00, found 100.00" in failed.stdout


def test_statements_come_from_files_and_from_a_book_alike(company: Path) -> None:
    good(company)
    files = ("--plans", company / "plans", "--data", company / "data")
    loaded = call("load", "--book", company / "book.db", *files)
    assert (loaded.exit_code, loaded.stdout.splitlines()) == (
        0,
        ["1 new revision of ae", "1 plan in the book", "rows: 13 created, 0 revised, 0 unchanged, 0 refused"],
    )
    again = call("load", "--book", company / "book.db", *files)
    assert again.stdout.splitlines()[-1] == "rows: 0 created, 0 revised, 13 unchanged, 0 refused"
    from_files = call("statement", "hanna", "--period", "2026-Q1", *files)
    from_book = call("statement", "hanna", "--period", "2026-Q1", "--book", company / "book.db")
    assert from_files.exit_code == from_book.exit_code == 0
    command = '  compsvc dispute open d1/commission --participant hanna --text "..."\n'
    hint = f"\nDeal and component name a line, for who objects to it:\n{command}"
    assert from_files.stdout + hint == from_book.stdout  # who speaks of a line speaks to a book
    assert "€200.03" in from_files.stdout
    opened = call("statement", "hanna", "--period", "2026-Q1", *files, "--explain")
    assert "plan.yaml" in opened.stdout
    assert json.loads(call("statement", "hanna", "--period", "2026-Q1", *files, "--format", "json").stdout)
    german = call("statement", "hanna", "--period", "2026-Q1", *files, "--language", "de")
    assert "200,03" in german.stdout


def test_a_load_tells_the_rows_that_the_book_refuses(company: Path) -> None:
    result = call("load", "--book", company / "book.db", "--plans", company / "plans", "--data", company / "data")
    assert result.exit_code == 1
    assert [line.split(" ")[0] for line in result.stderr.splitlines()] == ["deals.csv:5", "deals.csv:6"]


def test_a_load_lists_the_deals_that_its_files_no_more_have_and_leaves_them(company: Path) -> None:
    load = ("load", "--book", company / "book.db", "--plans", company / "plans", "--data", company / "data")
    assert "not in these files" not in call(*load).stdout  # a row that is refused is there all the same
    deals = (company / "data" / "deals.csv").read_text().splitlines(keepends=True)
    gone = deals.pop(1).split(",")[1]
    (company / "data" / "deals.csv").write_text("".join(deals))
    again = call(*load)
    assert again.stdout.endswith(f": 1 deal of the book is not in these files, and stays: {gone}\n")
    told = json.loads(call(*load, "--format", "json").stdout)
    assert list(told["absent_deals"].values()) == [[gone]]
    assert (told["rows"]["created"], told["rows"]["refused"], len(told["refused_rows"])) == (0, 2, 2)
    store = SqliteStore(company / "book.db", SystemClock())
    assert gone in store.facts_at(kinds=("deals",)).deals["external_id"]
    store.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("statement", "hanna", "--period", "2026-Q1", "--book", "no/book.db"),
            "compsvc: no/book.db: there is no such book.",
        ),
        (("statement", "nobody", "--period", "2026-Q1"), "compsvc: There is no participant `nobody`."),
        (("statement", "hanna", "--period", "lately"), "compsvc: `lately` is no period."),
        (
            ("statement", "hanna", "--period", "2026-Q1", "--server", "localhost:1"),
            "compsvc: no compsvc server answers at localhost:1.\n",
        ),
    ],
)
def test_what_is_not_there_is_told_in_words(company: Path, arguments: tuple[str, ...], message: str) -> None:
    where = (
        () if set(arguments) & {"--book", "--server"} else ("--plans", company / "plans", "--data", company / "data")
    )
    good(company)
    result = typed(*arguments, *where)
    assert result.returncode == 1
    assert result.stderr.startswith(message), result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "key").write_text("k" * 32)
    server = Server(ServeConfig(book=tmp_path / "served.db", address="127.0.0.1:0", token_key=tmp_path / "key"))
    server.start()
    yield server
    server.stop()


def test_who_sends_no_token_is_told_how_to(server: Server, tmp_path: Path) -> None:
    asked = ("statement", "hanna", "--period", "2026-Q1", "--server", server.address)
    found = told(*asked)
    assert found.returncode == 1
    assert found.stderr.startswith("compsvc: UNAUTHENTICATED This call does not say who makes it.")
    assert found.stderr.endswith(" Set COMPSVC_TOKEN, or give --token-file.\n")
    minted = call("token", "mint", "--key", tmp_path / "key", "--subject", "ben", "--role", "rep")
    (tmp_path / "token").write_text(minted.stdout)
    with_token = told(*asked, "--token-file", tmp_path / "token")
    assert with_token.stderr.startswith("compsvc: PERMISSION_DENIED"), with_token.stderr


def test_a_taken_port_is_told_in_one_line(server: Server, tmp_path: Path) -> None:
    found = told("serve", "--book", tmp_path / "other.db", "--address", server.address, "--insecure-callers")
    assert found.returncode == 2
    assert [line.split(" ")[:2] for line in found.stderr.splitlines()] == [["compsvc:", "ADDRESS_NOT_BOUND"]]


def test_a_token_is_printed_alone(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 32)
    result = call("token", "mint", "--key", tmp_path / "key", "--subject", "hanna", "--role", "rep", "--expires", "7d")
    assert result.exit_code == 0
    assert len(result.stdout.strip().split(".")) == 3


def test_help_tells_the_exit_codes() -> None:
    assert "1 problems were found or rows refused" in " ".join(call("--help").stdout.split())


def test_a_folder_without_cases_says_where_they_would_stand(company: Path) -> None:
    result = call("plan", "test", company / "plans")
    assert (result.exit_code, result.stdout) == (0, "0 passed, 0 failed\n")
    assert result.stderr == f"no cases in {company / 'plans' / 'cases'}\n"


def test_load_tells_new_revisions_and_a_date_that_is_taken_by_its_file(company: Path) -> None:
    load = ("load", "--book", company / "book.db", "--plans", company / "plans", "--data", company / "data")
    assert "1 new revision of ae\n" in call(*load).stdout
    assert "new revision" not in call(*load).stdout
    plan = company / "plans" / "plan.yaml"
    plan.write_text(PLAN.replace("10%", "11%"))
    found = typed(*load)
    assert found.returncode == 1
    assert "PLAN_DATE_TAKEN plan.yaml: revision " in found.stderr
    assert "Give the file a later `effective`" in found.stderr


def test_load_stores_a_text_that_corrects_a_revision_for_the_same_day(company: Path) -> None:
    book = company / "book.db"
    load = ("load", "--book", book, "--plans", company / "plans", "--data", company / "data")
    assert "1 new revision of ae\n" in call(*load).stdout
    plan = company / "plans" / "plan.yaml"
    first = parse_plan(plan.read_bytes(), "plan.yaml", {})[0]
    assert first is not None
    plan.write_text(PLAN.replace("10%", "11%"))
    nothing = typed(*load, "--corrects", "0123456789ab")
    assert "CORRECTS_NOT_IN_FORCE `0123456789ab` names no stored revision" in nothing.stderr
    assert "1 new revision of ae\n" in call(*load, "--corrects", first.revision[:12]).stdout
    assert "new revision" not in call(*load).stdout
    plan.write_text(PLAN.replace("10%", "12%"))
    again = typed(*load, "--corrects", first.revision)
    assert "PLAN_DATE_TAKEN" in again.stderr  # another text stands in its place by now
    plan.write_text(PLAN.replace("2026-01-01", "2027-01-01"))
    other = typed(*load, "--corrects", first.revision[:12])
    assert f"Nothing corrects revision {first.revision[:12]} of `ae`" in other.stderr


def test_a_candidate_that_is_a_folder_is_told_to_be_a_file(company: Path) -> None:
    plans, data = company / "plans", company / "data"
    found = typed("simulate", "--candidate", plans, "--plans", plans, "--data", data)
    assert found.returncode == 2
    assert f"{company / 'plans'} is a folder. A candidate is one plan file" in found.stderr


def test_a_simulation_of_a_period_in_which_nothing_counts_says_only_that(company: Path) -> None:
    files = ("--plans", company / "plans", "--data", company / "data")
    asked = ("simulate", "--candidate", company / "plans" / "plan.yaml", *files, "--period", "2031-q1")
    for language, said in (("EN", "Nothing counts in 2031-Q1, neither"), ("De", "In 2031-Q1 zählt nichts, weder")):
        text = call(*asked, "--language", language).stdout
        assert text.splitlines()[-1].startswith(said)
        assert "WHAT IT COSTS" not in text


def test_a_quarter_may_be_written_small_and_refused_rows_are_told_in_german(company: Path) -> None:
    files = ("--plans", company / "plans", "--data", company / "data")
    found = call("statement", "hanna", "--period", "2026-q1", *files, "--language", "DE")
    assert "Abrechnung 2026-Q1" in found.stdout
    assert re.search(r"abgelehnt; diese Abrechnung ist vielleicht unvollständig: siehe .*csv:\d+", found.stdout)
