"""What the documentation says to type does what it says, on a real server; its tables are complete."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from compsvc.core.results import LINES
from compsvc.entry.grpc_server import ServeConfig, Server

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not (ROOT / ".venv/bin/buf").exists(), reason="buf is not in .venv: `make setup` puts it there")
def test_the_calls_of_the_api_page_work(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/api.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    server = Server(ServeConfig(book=tmp_path / "book.db", address="127.0.0.1:0", insecure_callers=True))
    server.start()
    try:
        script = "\n".join(blocks).replace("127.0.0.1:50051", server.address)
        found = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
        )
    finally:
        server.stop()
    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    assert '"plan": "hunter"' in found.stdout or "plans/hunter" in found.stdout
    assert found.stdout.count('"createdCount": 1') == 3, found.stdout
    assert '"error"' not in found.stdout


def test_every_column_of_the_lines_is_documented_in_order() -> None:
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/lines.md").read_text(), re.MULTILINE)
    assert table == list(LINES)
