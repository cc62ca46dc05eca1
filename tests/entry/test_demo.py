"""`make demo` tells its story and ends well."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ADDRESS = re.compile(r"127\.0\.0\.1:\d+")
SECONDS = re.compile(r"\d+\.\d seconds")


def test_the_demo_shows_what_a_rep_payroll_and_finance_get(golden: Callable[[str, str], None]) -> None:
    command = [sys.executable, "-m", "compsvc.entry.demo"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    golden("demo.txt", SECONDS.sub("0.0 seconds", ADDRESS.sub("127.0.0.1:0", done.stdout)))
    for told in (
        "71 deals went in by one stream, in 8 batches",
        "Jonas Reuter",
        # 710,000 + 140,000 = 850,000 on a quota of 800,000: 90,000 x 10% + 50,000 x 15%
        "total 2026-Q4, gross, before tax                                                      €16,500.00",
        "€50,000.00 in tier 2 of 3 x 15% (1.5 x base) = €7,500.00  [hunter.yaml:33]",
        "PERMISSION_DENIED",
        "63c5ccbb0d23a85b17af18bb4ebc8ce7 samira bonus 75000 EUR",
        "winners: 2, +€13,300.00; losers: 1, -€2,700.00; the same: 13",
        "stopped with 0",
    ):
        assert told in done.stdout
    assert len(done.stdout.splitlines()) <= 145
