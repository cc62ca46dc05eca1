"""What the documentation says to type does what it says, on a real server; its tables are complete."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from compsvc.core.results import LINES
from compsvc.entry.cli import app
from compsvc.entry.grpc_server import ServeConfig, Server

from .conftest import Sample

ROOT = Path(__file__).resolve().parents[2]
# Until the server listens: whoever types is slower than it is, a script is not.
WAIT = "for _ in $(seq 100); do (: > /dev/tcp/${ADDRESS/:/\\/}) 2>/dev/null && break; sleep 0.1; done\n"


@pytest.mark.skipif(not (ROOT / ".venv/bin/buf").exists(), reason="buf is not in .venv: `make setup` puts it there")
def test_the_calls_of_the_api_page_work(tmp_path: Path) -> None:
    calls = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/api.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(calls) == 2
    server = Server(ServeConfig(book=tmp_path / "book.db", address="127.0.0.1:0", insecure_callers=True))
    server.start()
    try:
        script = "\n".join(calls).replace("127.0.0.1:50051", server.address)
        found = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
        )
    finally:
        server.stop()
    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    assert '"plan": "hunter"' in found.stdout or "plans/hunter" in found.stdout
    assert found.stdout.count('"createdCount": 1') == 3, found.stdout
    assert '"error"' not in found.stdout


def test_the_statements_that_the_page_shows_are_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """`...` stands for lines that are left out; a file that is shown is the file that is there."""
    page = (ROOT / "docs/statement.md").read_text()
    monkeypatch.chdir(ROOT)
    examples = re.findall(r"^```console\n\$ compsvc ([^\n]*)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(examples) == 2
    for command, shown in examples:
        printed = CliRunner().invoke(app, shlex.split(command))
        assert (printed.exit_code, printed.stderr) == (0, "")
        for part in filter(None, (part.strip("\n") for part in re.split(r"^\.\.\.$", shown, flags=re.MULTILINE))):
            assert part in printed.stdout
    (file,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert file == (ROOT / "plans/nordwind/what-if/december.yaml").read_text()


# --- the README


@pytest.mark.skipif(not (ROOT / ".venv/bin/buf").exists(), reason="buf is not in .venv: `make setup` puts it there")
@pytest.mark.timeout(600)
def test_the_readme_can_be_typed_in_from_the_top(tmp_path: Path) -> None:
    """In a folder that looks like the clone, with a server of its own on a free port; the client runs at the end."""
    for name in (".venv", "docs", "plans"):
        (tmp_path / name).symlink_to(ROOT / name)
    page = (ROOT / "README.md").read_text()
    (client,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "client.py").write_text(client)
    typed = "".join(re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    with socket.create_server(("127.0.0.1", 0)) as found:
        address = f"127.0.0.1:{found.getsockname()[1]}"
    serving = "serve --book build/book.db --token-key build/key"
    assert f"{serving} &\n" in typed
    script = typed.replace(f"{serving} &\n", f"{serving} --address {address} &\n{WAIT}").replace(
        "127.0.0.1:50051", address
    )
    payroll = "COMPSVC_TOKEN=$(compsvc token mint --key build/key --subject pat --role payroll)"
    with (tmp_path / "out").open("w") as out, (tmp_path / "err").open("w") as err:
        shell = subprocess.Popen(
            ["bash", "-eu", "-c", f"{script}\n{payroll} python client.py {address}"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "ADDRESS": address},
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    try:
        code = shell.wait()
    finally:
        os.killpg(shell.pid, signal.SIGTERM)  # the server too, however the shell ended
    printed = (tmp_path / "out").read_text()
    assert code == 0, printed + (tmp_path / "err").read_text()
    for told in (
        "1 plan without errors.",
        "1 passed, 0 failed",
        "TIERS_NOT_RISING",
        "account-executive commission: 6600.00 EUR",  # 20,000 x 8% + 50,000 x 8% + 10,000 x 10%
        "total 2026-Q4, gross, before tax                                                      €39,300.00",
        "46931faa6a8c5b3087d216798f408a2d,2026-11,hanna",
        '"minorUnits": "3526500"',
        "Hanna Vogt (hanna, hunter)                       €117,400.00      €128,200.00      +€10,800.00",
        "46931faa6a8c5b3087d216798f408a2d hanna 2250000 EUR",
    ):
        assert told in printed, told


def test_the_amount_that_the_readme_opens_is_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    files = ["--plans", "plans/nordwind", "--data", "plans/nordwind/data"]
    printed = CliRunner().invoke(app, ["statement", "hanna", "--period", "2026-10", *files, "--explain"]).stdout
    (shown,) = re.findall(
        r"^```\ncommission for D-1010[^\n]*\n(.*?)^\.\.\.$", (ROOT / "README.md").read_text(), re.M | re.S
    )
    assert len(shown.splitlines()) == 5
    for line in shown.splitlines():
        assert line in printed


def test_every_column_of_the_lines_is_documented_in_order() -> None:
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/lines.md").read_text(), re.MULTILINE)
    assert table == list(LINES)


# --- payroll.md


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "docs/payroll.md").read_text(), re.MULTILINE | re.DOTALL)


def test_the_payroll_client_prints_what_is_to_be_paid(sample: Sample, tmp_path: Path) -> None:
    source, _ = blocks("python")  # the other one is in test_payroll_client.py
    assert len([line for line in source.splitlines() if line]) <= 30
    (tmp_path / "client.py").write_text(source)
    found = subprocess.run(
        [sys.executable, tmp_path / "client.py", sample.server.address, "2026-11"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COMPSVC_TOKEN": sample.token("pat", "payroll")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert len(found.stdout.splitlines()) == 8
    assert "46931faa6a8c5b3087d216798f408a2d hanna commission 2250000 EUR" in found.stdout


def test_the_payout_id_of_the_page_is_made_as_it_says() -> None:
    page = (ROOT / "docs/payroll.md").read_text()
    found = re.search(r'^(\["2026-11".*\]) .*\n([0-9a-f]{32}) ', page, re.MULTILINE)
    assert found is not None
    assert hashlib.sha256(found[1].encode()).hexdigest()[:32] == found[2]


@pytest.mark.skipif(not (ROOT / ".venv/bin/buf").exists(), reason="buf is not in .venv: `make setup` puts it there")
def test_payouts_come_without_any_code(sample: Sample) -> None:
    (script,) = blocks("sh")
    found = subprocess.run(
        ["bash", "-eu", "-c", script.replace("127.0.0.1:50051", sample.server.address)],
        env={**os.environ, "COMPSVC_TOKEN": sample.token("pat", "payroll")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    answer = json.loads(found.stdout)
    assert (answer["totalSize"], answer["totals"][0]["minorUnits"]) == (8, "3526500")


def test_every_column_of_the_payouts_is_documented() -> None:
    from compsvc.entry.payroll_command import COLUMNS

    table = (ROOT / "docs/payroll.md").read_text()
    assert not [name for name in COLUMNS if f"`{name}`" not in table]
