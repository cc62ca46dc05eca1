"""Settings from flags and the environment, and backups of a book that is served."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import pytest
import typer
from typer.testing import CliRunner, Result

from compsvc import wiring
from compsvc.entry import demo, server_settings
from compsvc.entry.cli import app
from compsvc.entry.grpc_server import ServeConfig, Server
from compsvc.service.ports import AlreadyExists, FailedPrecondition

from .conftest import Running

DEFAULTS = {
    "COMPSVC_ADDRESS": "127.0.0.1:50051",
    "COMPSVC_INSECURE_TRANSPORT": "0",
    "COMPSVC_LOG_LEVEL": "info",
    "COMPSVC_WORKERS": "16",
}


def shown(*arguments: str, **environment: str) -> Result:
    command = ["serve", "--show-config", *arguments]
    return CliRunner().invoke(app, command, env={"COMPSVC_BOOK": "book.db", **environment})


def sections(result: Result) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in result.stdout.splitlines():
        if line.startswith("# ") and not line.startswith("# COMPSVC_"):
            found[line[2:]] = part = {}
        elif not line.startswith("#"):
            name, _, value = line.partition("=")
            part[name] = value
    return found


def test_a_flag_wins_over_the_environment_and_that_over_the_default() -> None:
    result = shown("--workers", "3", "--insecure-callers", COMPSVC_WORKERS="5", COMPSVC_LOG_FORMAT="json")
    found = sections(result)
    assert result.exit_code == 0
    assert found["from flags"] == {"COMPSVC_INSECURE_CALLERS": "1", "COMPSVC_WORKERS": "3"}
    assert found["from the environment"] == {"COMPSVC_BOOK": "book.db", "COMPSVC_LOG_FORMAT": "json"}
    expected = {name: value for name, value in DEFAULTS.items() if name != "COMPSVC_WORKERS"}
    assert expected.items() <= found["defaults"].items()
    assert "# COMPSVC_TRACE_ENDPOINT is not set" in result.stdout.splitlines()


def test_what_is_shown_can_be_given_back_as_the_environment() -> None:
    first = shown("--insecure-callers", "--workers", "7", "--metrics-port", "0", "--grace", "2.5")
    values = {name: value for part in sections(first).values() for name, value in part.items()}
    again = sections(shown(**values))
    assert again["from the environment"] == values
    assert again["defaults"] == {}


def test_every_option_of_serve_has_its_variable() -> None:
    serve = typer.main.get_command(app).commands["serve"]  # type: ignore[attr-defined]
    options = {parameter.opts[0]: parameter.envvar for parameter in serve.params}
    own = {"--show-config", "--help"}
    for option, variable in options.items():
        assert option in own or variable == "COMPSVC_" + option.removeprefix("--").replace("-", "_").upper()
    assert len(options) > 12


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("COMPSVC_WORKERS", "0", "greater than or equal to 1"),
        ("COMPSVC_WORKERS", "many", "integer"),
        ("COMPSVC_GRACE", "-1", "greater than or equal to 0"),
        ("COMPSVC_METRICS_PORT", "70000", "65535"),
        ("COMPSVC_LOG_LEVEL", "loud", "'debug', 'info', 'warning', 'error'"),
        ("COMPSVC_INSECURE_CALLERS", "perhaps", "boolean"),
        ("COMPSVC_ADDRESS", "localhost", "HOST:PORT"),
        ("COMPSVC_ADDRESS", "::1:50051", "[::1]:50051"),
        ("COMPSVC_ADDRESS", "127.0.0.1:70000", "HOST:PORT"),
        ("COMPSVC_TRACE_ENDPOINT", "collector:4317", "http://127.0.0.1:4317"),
        ("COMPSVC_TRACE_ENDPOINT", "http://me:sesame@collector:4317", "OTEL_EXPORTER_OTLP_HEADERS"),
    ],
)
def test_a_wrong_value_is_told_with_its_option_its_variable_and_what_is_right(
    variable: str, value: str, says: str
) -> None:
    result = shown(**{variable: value})
    words = " ".join(result.stderr.replace("│", " ").split())
    assert result.exit_code == 2
    assert f"(env var: '{variable}')" in words
    assert says in words
    assert "sesame" not in result.output


def test_a_variable_that_is_no_setting_is_told_with_the_one_that_is_meant() -> None:
    result = shown("--insecure-callers", COMPSVC_WORKER="3", COMPSVC_TOKEN="sesame")
    assert result.exit_code == 0
    assert result.stderr == (
        "compsvc: COMPSVC_WORKER is no setting and changes nothing. Do you mean COMPSVC_WORKERS?\n"
    )
    assert "sesame" not in result.output


def test_settings_that_do_not_fit_together_are_shown_and_refused() -> None:
    with pytest.raises(FailedPrecondition, match="TLS") as error:
        CliRunner().invoke(
            app,
            ["serve", "--show-config", "--book", "b", "--address", "0.0.0.0:1", "--token-key", "key"],
            catch_exceptions=False,
        )
    assert error.value.reason == "TLS_MISSING"


def test_the_help_of_doctor_and_health_reads_the_same_variables() -> None:
    commands: Any = typer.main.get_command(app)
    serve = {parameter.name: parameter.envvar for parameter in commands.commands["serve"].params}
    for name in ("doctor", "health", "backup"):
        shared = {parameter.name: parameter.envvar for parameter in commands.commands[name].params if parameter.envvar}
        assert shared.items() <= serve.items()
        assert shared
    assert server_settings.PREFIX == "COMPSVC_"


# --- backups


def test_a_backup_of_a_book_that_is_being_served_is_the_same_book(tmp_path: Path) -> None:
    server = Server(ServeConfig(book=tmp_path / "book.db", address="127.0.0.1:0", insecure_callers=True))
    server.start()
    with grpc.insecure_channel(server.address) as channel:
        demo.load_company(channel, ())
        result = CliRunner().invoke(app, ["backup", str(tmp_path / "copy.db"), "--book", str(tmp_path / "book.db")])
    server.stop()
    assert (result.exit_code, result.stdout) == (0, f"written: {tmp_path / 'copy.db'}\n")
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.db", "copy.db"]
    assert _dump(tmp_path / "copy.db") == _dump(tmp_path / "book.db")
    inspected = wiring.inspect_book(tmp_path / "copy.db")
    assert (inspected.file.journal_mode, inspected.file.problems) == ("wal", ())


def _dump(book: Path) -> list[str]:
    """Every row, and what tables, indexes and triggers say; a copy may name indexes and triggers in another order."""
    with closing(sqlite3.connect(book)) as connection:
        return sorted(connection.iterdump())


def test_a_backup_replaces_nothing_and_leaves_nothing_half_done(running: Running, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("keep me")
    with pytest.raises(AlreadyExists) as error:
        wiring.back_up(running.book, taken)
    assert (error.value.reason, taken.read_text()) == ("BACKUP_EXISTS", "keep me")
    with pytest.raises(FailedPrecondition) as missing:
        wiring.back_up(running.book, tmp_path / "nowhere" / "copy.db")
    assert missing.value.reason == "NO_FOLDER"
    (tmp_path / "text").write_text("this is no book" * 1000)
    with pytest.raises(FailedPrecondition) as foreign:
        wiring.back_up(tmp_path / "text", tmp_path / "copy.db")
    assert foreign.value.reason == "NOT_A_BOOK"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("copy.db")]
    result = CliRunner().invoke(app, ["backup", str(tmp_path / "copy.db"), "--book", str(tmp_path / "none.db")])
    assert result.exit_code == 1
    assert not (tmp_path / "none.db").exists()
