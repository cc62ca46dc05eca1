"""`make demo` tells its story and ends well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_demo_runs_from_an_empty_book_to_an_explained_line() -> None:
    command = [sys.executable, "-m", "compsvc.entry.demo"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    for told in (
        "38 deals went in by one stream, in 4 batches",
        "Hanna Vogt",
        "total 2026-Q4, gross, before tax                                                      €39,300.00",
        "€21,000.00 in tier 2 of 3 x 15% (1.5 x base) = €3,150.00  [hunter.yaml:33]",
        "PERMISSION_DENIED",
        "stopped with 0",
    ):
        assert told in done.stdout
