"""`compsvc doctor` finds what is wrong, says what would be right, and touches nothing."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from compsvc import wiring
from compsvc.adapters import sqlite_doctor
from compsvc.entry import demo, doctor, doctor_book, doctor_keys
from compsvc.entry.cli import app
from compsvc.entry.findings import Finding
from compsvc.entry.grpc_server import ServeConfig, Server

from .conftest import SECRET
from .test_watch import leaks


@pytest.fixture(scope="session")
def nordwind_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.db"
    command = ["load", "--book", str(path), "--plans", str(demo.COMPANY), "--data", str(demo.COMPANY / "data")]
    assert CliRunner().invoke(app, command, catch_exceptions=False).exit_code == 0
    return path


@pytest.fixture
def house(nordwind_book: Path, tmp_path: Path) -> Path:
    """A book and a key as they should be."""
    wiring.back_up(nordwind_book, tmp_path / "book.db")
    (tmp_path / "key").write_text(SECRET)
    (tmp_path / "key").chmod(0o600)
    return tmp_path


def look(house: Path, *more: object) -> Result:
    given = ["doctor", "--book", house / "book.db", "--token-key", house / "key", "--address", "127.0.0.1:0", *more]
    return CliRunner().invoke(app, [str(each) for each in given], catch_exceptions=False)


def findings(house: Path, *more: object) -> dict[str, Finding]:
    """By what was checked; the worst where there are several."""
    found: dict[str, Finding] = {}
    for each in json.loads(look(house, "--json", *more).stdout)["findings"]:
        finding = Finding(**each)
        if finding.check not in found or finding.state > found[finding.check].state or finding.state == "FAIL":
            found[finding.check] = finding
    return found


def write(house: Path, statement: str) -> None:
    with closing(sqlite3.connect(house / "book.db")) as connection:
        for trigger in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger[0]}")
        connection.execute(statement)
        connection.commit()


def test_a_sound_house_passes_and_is_left_as_it_was(house: Path) -> None:
    before = hashlib.sha256((house / "book.db").read_bytes()).hexdigest()
    result = look(house)
    assert result.exit_code == 0, result.stdout
    lines = result.stdout.splitlines()
    assert all(line.startswith(("OK  ", "WARN  sqlite: ", "WARN  durable_rules")) for line in lines), result.stdout
    assert any(re.fullmatch(r"OK    plans: [1-9]\d* revisions read as when they were stored", line) for line in lines)
    assert any(line.startswith("OK    facts: every row can be calculated, up to position ") for line in lines)
    assert sorted(path.name for path in house.iterdir()) == ["book.db", "key"]
    assert hashlib.sha256((house / "book.db").read_bytes()).hexdigest() == before


def test_json_says_the_same_and_the_worst_state(house: Path) -> None:
    (house / "key").chmod(0o644)
    told = json.loads(look(house, "--json").stdout)
    assert told["state"] == "FAIL"
    assert {"state", "check", "found", "right"} == set(told["findings"][0])
    moving = ("clock", "disk")  # between one look and the next
    texts = [str(Finding(**each)) for each in told["findings"] if each["check"] not in moving]
    lines = look(house).stdout.splitlines()
    assert texts == [line for line in lines if not line[6:].startswith(moving)]


@pytest.mark.parametrize(("mode", "state"), [(0o644, "FAIL"), (0o602, "FAIL"), (0o640, "WARN"), (0o600, "OK")])
def test_a_key_or_book_that_others_can_read_is_told(house: Path, mode: int, state: str) -> None:
    for name, check in (("key", "token key"), ("book.db", "book")):
        (house / name).chmod(mode)
        found = findings(house)[check]
        assert found.state == state
        assert found.right == ("" if state == "OK" else f"chmod 600 {house / name}")
    assert look(house).exit_code == (state == "FAIL")


def test_a_key_that_is_too_short_or_not_there_fails(house: Path) -> None:
    (house / "key").write_text("sesame")
    assert findings(house)["token key"].found == "KEY_TOO_SHORT"
    assert "sesame" not in look(house).stdout
    (house / "key").unlink()
    assert findings(house)["token key"].state == "FAIL"


# --- the book


def test_a_book_with_a_broken_page_fails_and_names_the_backup(house: Path) -> None:
    with (house / "book.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 12))
    result = look(house)
    assert result.exit_code == 1
    told = findings(house)
    broken = told.get("integrity") or told["book"]
    assert broken.state == "FAIL"
    assert "backup" in broken.right
    assert "plans" not in told


def test_a_file_that_is_no_book_fails(house: Path) -> None:
    (house / "book.db").write_bytes(b"hello" * 1000)
    assert findings(house)["book"].found == "NOT_A_BOOK"
    assert (house / "book.db").read_bytes() == b"hello" * 1000


def test_a_book_that_is_not_there_is_not_made(house: Path) -> None:
    (house / "book.db").unlink()
    assert findings(house)["book"].state == "WARN"
    assert not (house / "book.db").exists()


def test_a_row_that_belongs_to_nothing_fails(house: Path) -> None:
    write(house, "UPDATE deals SET request = 99 WHERE external_id = (SELECT min(external_id) FROM deals)")
    assert "belongs to none of" in findings(house)["integrity"].found


def test_a_journal_that_is_not_wal_is_told(house: Path) -> None:
    with closing(sqlite3.connect(house / "book.db")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    found = findings(house)["journal"]
    assert (found.state, found.found) == ("WARN", "mode delete, not WAL")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("'1.5 x base', '1.6 x base'", "its stored text has been changed"),
        ("'effective:', 'efective:'", "does not read"),
    ],
)
def test_a_stored_plan_that_no_longer_reads_the_same_fails(house: Path, change: str, says: str) -> None:
    write(house, f"UPDATE plans SET source = replace(source, {change}) WHERE plan = 'hunter'")
    found = findings(house)["plans"]
    assert found.state == "FAIL"
    assert says in found.found
    assert found.found.startswith("hunter@")


def test_rows_that_can_no_longer_be_calculated_are_told_by_code_and_not_by_name(house: Path) -> None:
    write(house, "UPDATE deals SET seller_id = 'nobody' WHERE seller_id = 'hanna'")
    result = look(house)
    found = findings(house)["facts"]
    assert found.state == "WARN"
    assert "x deals UNKNOWN_PARTICIPANT" in found.found
    assert leaks(result.stdout) == []


def test_an_older_or_newer_book_is_told(house: Path) -> None:
    with closing(sqlite3.connect(house / "book.db")) as connection:
        version = connection.execute("SELECT max(version) FROM schema_versions").fetchone()[0]
        connection.execute("INSERT INTO schema_versions VALUES (?, '2026-01-01T00:00:00')", (version + 1,))
        connection.commit()
    assert findings(house)["book"].found == "BOOK_TOO_NEW"


def test_a_clock_behind_the_book_and_a_full_disk_are_told(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    early = datetime.now(UTC) - timedelta(days=2)
    told = {finding.check: finding for finding in doctor_book.check_book(house / "book.db", early)}
    assert told["book time"].state == "FAIL"
    assert doctor.check_clock(datetime(2001, 1, 1, tzinfo=UTC)).state == "FAIL"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1 << 20))
    full = doctor_book.check_folder(house / "book.db")
    assert (full.state, full.found) == ("WARN", "1 MiB free")


# --- what it runs on


def test_a_missing_package_fails_by_name(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", _without("xlsxwriter", there))
    found = findings(house)["packages"]
    assert (found.state, found.found) == ("FAIL", "not installed: xlsxwriter")
    assert found.right.startswith("pip install xlsxwriter")


def test_the_extras_may_be_missing(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", _without("prometheus-client", there))
    assert findings(house)["packages"].state == "OK"


def test_another_version_than_the_locked_one_is_told(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.1" if name == "babel" else there(name))
    found = findings(house)["packages"]
    assert found.state == "WARN"
    assert "babel 0.1, not 2." in found.found


def _without(missing: str, there: Callable[[str], str]) -> Callable[[str], str]:
    def version(name: str) -> str:
        if name == missing:
            raise importlib.metadata.PackageNotFoundError(name)
        return there(name)

    return version


def test_where_durable_rules_does_not_import_the_plain_matcher_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = wiring.matchers()[1] or wiring.matchers()[0]
    monkeypatch.setattr(doctor, "matchers", lambda: (plain, None))
    found = doctor.check_matcher()
    assert (found.state, found.check) == ("WARN", "durable_rules")


@pytest.mark.parametrize(
    ("version", "may_break"),
    [("3.40.1", True), ("3.44.5", True), ("3.44.6", False), ("3.50.7", False), ("3.51.2", True), ("3.51.3", False)],
)
def test_versions_of_sqlite_with_the_wal_reset_bug_are_known(version: str, may_break: bool) -> None:
    assert sqlite_doctor.may_lose_wal(version) is may_break


def test_a_taken_port_fails_unless_it_is_compsvc_itself(house: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        assert findings(house, "--address", address)["address"].state == "FAIL"
    server = Server(ServeConfig(book=house / "book.db", address="127.0.0.1:0", token_key=house / "key"))
    server.start()
    found = findings(house, "--address", server.address)["address"]
    server.stop()
    assert (found.state, found.found) == ("OK", f"a server serves on {server.address}")


def test_settings_that_serve_would_refuse_fail(house: Path) -> None:
    assert findings(house, "--address", "0.0.0.0:0")["settings"].found == "TLS_MISSING"


def test_without_a_book_the_machine_is_checked() -> None:
    result = CliRunner().invoke(app, ["doctor"], env={"COMPSVC_BOOK": ""})
    assert result.exit_code == 0
    assert "WARN  book: no book was named" in result.stdout


# --- certificates


def certificate(folder: Path, days: int, name: str = "compsvc.test") -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(now - timedelta(days=400)).not_valid_after(now + timedelta(days=days))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    paths = (folder / f"{name}.pem", folder / f"{name}.key")
    paths[0].write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths[1].write_bytes(key.private_bytes(*form))
    paths[1].chmod(0o600)
    return paths


@pytest.mark.parametrize(("days", "state"), [(90, "OK"), (10, "WARN"), (-1, "FAIL")])
def test_a_certificate_that_ends_soon_or_has_ended_is_told(tmp_path: Path, days: int, state: str) -> None:
    paths: Any = certificate(tmp_path, days)
    assert doctor_keys.check_certificate(*paths, datetime.now(UTC)).state == state


def test_a_key_of_another_certificate_fails(tmp_path: Path) -> None:
    one, other = certificate(tmp_path, 90), certificate(tmp_path, 90, "other.test")
    found = doctor_keys.check_certificate(one[0], other[1], datetime.now(UTC))
    assert (found.state, found.found) == ("FAIL", "the key is not the one of the certificate")


def test_health_trusts_the_servers_own_certificate_under_its_name(house: Path) -> None:
    pem, key = certificate(house, 90)
    config = ServeConfig(
        book=house / "book.db", address="127.0.0.1:0", token_key=house / "key", tls_certificate=pem, tls_key=key
    )
    server = Server(config)
    server.start()
    command = ["health", "--address", server.address, "--timeout", "10"]
    with_it = CliRunner().invoke(app, [*command, "--tls-certificate", str(pem)])
    other = CliRunner().invoke(app, [*command, "--tls-certificate", str(certificate(house, 90, "other.test")[0])])
    server.stop()
    assert (with_it.exit_code, with_it.stdout) == (0, f"{server.address}: SERVING\n")
    assert other.exit_code == 1
    stopped = CliRunner().invoke(app, [*command, "--tls-certificate", str(pem)])
    assert stopped.exit_code == 1
    assert "UNAVAILABLE" in stopped.stderr
    assert sys.getsizeof(stopped.stderr) < 1000
