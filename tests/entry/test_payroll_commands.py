"""`compsvc payroll` and `compsvc ledger` over a book, and over a server."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from compsvc.entry.cli import app
from compsvc.entry.payroll_desk import COLUMNS
from compsvc.service.ports import ServiceError

from .conftest import Sample

SAMPLE = Path(__file__).parents[2] / "plans" / "nordwind"


def command(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("cli") / "book.db"
    loaded = command("load", "--book", found, "--plans", SAMPLE, "--data", SAMPLE / "data")
    assert loaded.exit_code == 0, loaded.output
    return found


def test_a_month_by_commands(book: Path, tmp_path: Path) -> None:
    """Anna runs, Bert approves and seals, payroll exports and tells; then the month closes."""

    def payroll(verb: str, *arguments: object, who: str = "anna") -> str:
        found = command("payroll", verb, *arguments, "--book", book, "--as", who)
        assert found.exit_code == 0, (found.output, found.exception)
        return found.stdout

    run = json.loads(payroll("run", "--period", "2026-03", "--format", "json"))
    id_ = run["name"].removeprefix("runs/")
    with pytest.raises(ServiceError, match="somebody else has to approve it"):
        raise command(
            "payroll", "approve", id_, "--digest", run["digest"][:8], "--book", book, "--as", "anna"
        ).exception  # type: ignore[misc]
    assert "approved by bert" in payroll("approve", id_, "--digest", run["digest"][:8], who="bert")
    sealed = json.loads(payroll("seal", id_, "--format", "json", who="bert"))
    assert sealed["state"] == "STATE_SEALED"

    text = payroll("export", id_, "--format", "csv", who="pay")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == sealed["payout_count"]
    assert {row["state"] for row in rows} == {"unknown"}
    payroll("export", id_, "--format", "parquet", "--out", tmp_path / "run.parquet", who="pay")
    paid = {row["participant_id"] for row in rows}
    assert payroll("issue", id_) == f"{len(paid)} statements of run {id_} are kept as they were sealed.\n"
    frame = pl.read_parquet(tmp_path / "run.parquet")
    assert frame["payout_id"].to_list() == [row["payout_id"] for row in rows]
    assert frame["amount_minor"].sum() == int(sealed["totals"][0]["minor_units"])

    first = rows[0]["payout_id"]
    (tmp_path / "told.csv").write_text(f"payout_id,outcome,paid_date,reason\n{first},rejected,,account closed\n")
    told = payroll("acknowledge", id_, "--hash", sealed["head_hash"], "--outcomes", tmp_path / "told.csv", who="pay")
    assert told == f"1 outcome of run {id_}: 0 paid, 1 rejected\n"
    rest = payroll("acknowledge", id_, "--hash", sealed["head_hash"], "--all-paid", "2026-04-01", who="pay")
    assert f"{len(rows) - 1} paid" in rest
    assert f"run {id_} of 2026-03: sealed" in payroll_reads("runs", book)
    assert "rejected" in payroll_reads("show", book, id_)

    balances = command("ledger", "balances", "--book", book)
    assert balances.exit_code == 0
    assert balances.stdout.count("\n") > 5
    verified = command("ledger", "verify", "--book", book)
    assert (verified.exit_code, "every entry is what was booked" in verified.stdout) == (0, True)
    assert command("ledger", "verify", "--book", book, "--hash", "0" * 64).exit_code == 1
    assert payroll_reads("period", book, "2026-03") == "2026-03 is open\n"
    assert (
        payroll("period", "2026-05", "--state", "locked", "--reason", "audit") == "2026-05 is locked, by anna: audit\n"
    )


def test_an_issued_statement_is_read_as_it_was_stored_and_acknowledged(book: Path) -> None:
    who = ("--participant", "hanna", "--period", "2026-03", "--book", book)
    kept = json.loads(command("statement", "issued", *who, "--format", "json").stdout)
    assert kept["name"] == "participants/hanna/statements/2026-03"
    assert "46.500,00 €" in command("statement", "issued", *who, "--language", "de").stdout
    told = command("statement", "acknowledge", *who, "--hash", kept["hash"])
    assert told.stdout == f"hanna acknowledged 2026-03 as {kept['hash']}\n", told.exception


def payroll_reads(verb: str, book: Path, *arguments: object) -> str:
    found = command("payroll", verb, *arguments, "--book", book)
    assert found.exit_code == 0, (found.output, found.exception)
    return found.stdout


def test_who_acts_on_a_book_says_so_and_a_server_is_not_told(book: Path, sample: Sample, tmp_path: Path) -> None:
    for arguments, said in (
        (("run", "--period", "2026-03", "--book", book), "Say who acts: --as NAME."),
        (("run", "--period", "2026-03"), "Give one of --book or --server."),
        (("run", "--period", "2026-03", "--server", "localhost:1", "--as", "anna"), "--as is for --book."),
        (("export", "x", "--book", book, "--as", "p", "--format", "parquet"), "give --out FILE"),
        (("acknowledge", "x", "--hash", "h", "--book", book, "--as", "p"), "Give one of --outcomes or --all-paid."),
    ):
        found = command("payroll", *arguments)
        assert (found.exit_code, found.stdout) == (2, "")
        assert said in found.stderr
    (tmp_path / "token").write_text(sample.token("hanna", "rep"))
    found = command("payroll", "runs", "--server", sample.server.address, "--token-file", tmp_path / "token")
    assert (found.exit_code, "PERMISSION_DENIED The role rep may not read ledger." in found.stderr) == (1, True)
    (tmp_path / "token").write_text(sample.token("pat", "payroll"))
    for verb in (("payroll", "runs"), ("ledger", "verify"), ("ledger", "balances"), ("payroll", "period", "2026-04")):
        found = command(*verb, "--server", sample.server.address, "--token-file", tmp_path / "token")
        assert found.exit_code == 0, found.stderr


def test_amounts_are_stated_by_one_and_accepted_by_another(tmp_path: Path) -> None:
    """Balances of the system before come first; then Anna states an amount, and Bert accepts it."""
    book = tmp_path / "book.db"
    assert command("load", "--book", book, "--plans", SAMPLE, "--data", SAMPLE / "data").exit_code == 0
    (tmp_path / "balances.csv").write_text("participant_id,currency_code,earned,held\nhanna,EUR,1250.00,50\n")
    (tmp_path / "balances.yaml").write_text(
        "source: old\ndate: 2026-03-01\nopenings:\n"
        "  - {participant_id: hanna, currency_code: EUR, earned: 1250, held: 50}\n"
    )
    paid = "paid:\n  - {participant_id: hanna, source: crm, external_id: D-1001, currency_code: EUR, amount: 900}\n"
    (tmp_path / "more.yaml").write_text((tmp_path / "balances.yaml").read_text() + paid)

    def payroll(verb: str, *arguments: object, who: str = "anna") -> str:
        found = command("payroll", verb, *arguments, "--book", book, *(("--as", who) if who else ()))
        assert found.exit_code == 0, (found.output, found.exception)
        return found.stdout

    csv_file = (tmp_path / "balances.csv", "--source", "old", "--date", "2026-03-01")
    assert payroll("openings", *csv_file).startswith("4 entries of opening balances")
    assert payroll("openings", tmp_path / "balances.yaml") == payroll("openings", *csv_file)
    refused = command("payroll", "openings", tmp_path / "more.yaml", "--book", book, "--as", "anna")
    assert "Other opening balances were booked already" in str(refused.exception)  # by what was paid for the deal
    stated = ("--participant", "hanna", "--amount", "-80.50", "--currency", "EUR", "--period", "2026-03")
    line = payroll("adjust", *stated, "--kind", "correction", "--reason", "Paid twice by hand")
    id_ = line.split()[0]
    assert "written  2026-03 hanna" in line
    assert "-80.50 EUR  correction  (anna): Paid twice by hand" in line.replace(",", "")
    assert "accepted" in payroll("accept", id_, who="bert")
    assert payroll("adjustments", who="").startswith(f"{id_} accepted")
    assert payroll("proposals", who="") == "none\n"
    wrong = command(
        "payroll", "adjust", *stated[:3], "1,5", *stated[4:], "--kind", "x", "--reason", "y", "--book", book
    )
    assert (wrong.exit_code, "is no amount" in wrong.stderr) == (2, True)


def test_a_month_as_it_was_known_before_anything_was_stored(book: Path) -> None:
    """Nothing was payable and no run was there; a word that is no time is told so."""
    early = command("payouts", "--book", book, "--period", "2026-03", "--as-of", "2020-01-01")
    assert "Nothing is payable in 2026-03." in early.stdout
    assert command("payroll", "runs", "--book", book, "--as-of", "2020-01-01").stdout == ""
    wrong = command("payouts", "--book", book, "--period", "2026-03", "--as-of", "spring")
    assert (wrong.exit_code, "`spring` is no time. Write `2026-11-21`" in wrong.stderr) == (2, True)


def test_positions_and_credit_are_stated_by_commands(tmp_path: Path) -> None:
    """400,000 of 800,000 are brought along to July; Anna credits a logo and a deal, and what lacks a word is told."""
    book = tmp_path / "book.db"
    assert command("load", "--book", book, "--plans", SAMPLE, "--data", SAMPLE / "data").exit_code == 0
    rows = "source: old\ndate: 2026-06-01\nopenings: [{participant_id: hanna, currency_code: EUR, earned: 40_000}]\n"
    of = "participant_id: hanna, plan: hunter, currency_code: EUR"
    rows += f"positions:\n  - {{{of}, component: commission, amount: 400_000}}\n"
    (tmp_path / "openings.yaml").write_text(f"{rows}  - {{{of}, component: new-logo-kicker, count: 2}}\n")
    opened = command("payroll", "openings", tmp_path / "openings.yaml", "--book", book, "--as", "anna")
    assert opened.exit_code == 0, (opened.output, opened.exception)
    whose = ("--participant", "hanna", "--plan", "hunter", "--kind", "correction", "--reason", "Never reported")
    count = ("--component", "new-logo-kicker", "--count", "1", "--on", "2026-06-03", "--counts", "yes", "--pays", "yes")
    logo = command("payroll", "adjust", *whose, *count, "--book", book, "--as", "anna")
    assert "2026-06 hanna" in logo.stdout
    assert "credit 1 on 2026-06-03 (counts, pays) (anna): Never reported" in logo.stdout
    money = ("--component", "commission", "--credit", "5000.00", "--currency", "EUR", "--on", "2026-06-03")
    only = ("--counts", "yes", "--pays", "no", "--deal", "crm/D-1001", "--taken-back")
    told = command("payroll", "adjust", *whose, *money, *only, "--book", book, "--as", "anna")
    assert "credit 5000.00 EUR on 2026-06-03 (counts) (anna)" in told.stdout
    accepted = command("payroll", "accept", logo.stdout.split()[0], "--book", book, "--as", "bert")
    assert "accepted 2026-06" in accepted.stdout
    for wrong, why in (
        (money, "`yes` or `no` each"),
        ((*money[:-1], "3 June", *only), "is no date"),
        ((*count[:3], "one", *count[4:]), "is no number"),
        ((), "Give --amount"),
    ):
        refused = command("payroll", "adjust", *whose, *wrong, "--book", book, "--as", "anna")
        assert (refused.exit_code, why in refused.stderr) == (2, True), refused.output
    statement = command("statement", "show", "hanna", "--period", "2026-Q2", "--book", book)
    assert "credit adjustment" in statement.stdout


def test_a_name_is_erased_by_a_command(book: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.db"
    command("backup", "--book", book, own)
    shown = ("statement", "hanna", "--period", "2026-03", "--book", own)
    erase = ("names", "erase", "hanna", "--reason", "asked for", "--book", own, "--as", "anna")
    assert "Hanna Vogt" in command(*shown).output
    assert command(*erase).output == "The name of hanna is erased, in 1 version of their row.\n"
    assert "Vogt" not in command(*shown).output
    assert "Vogt" not in command(*shown, "--as-of", "2099-01-01").output
    assert command(*erase).output == "hanna has no name in this book.\n"
    assert command("names", "erase", "hanne", *erase[3:]).exit_code == 1
    assert command("ledger", "verify", "--book", own).exit_code == 0
