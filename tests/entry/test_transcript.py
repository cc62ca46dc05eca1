"""docs/transcript.md is what a real server answers: every command is run, and the page has what came back."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from compsvc.entry import demo

from .conftest import Sample

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/transcript.md"
BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
NEXT = "--- the next command of the page ---"


Transcript = Callable[[str], None]


@pytest.fixture
def transcript(request: pytest.FixtureRequest) -> Transcript:
    """`transcript(text)`: the page is that text, and `make golden` makes it so."""

    def compare(text: str) -> None:
        if request.config.getoption("--update-golden"):
            PAGE.write_text(text)
        assert text == PAGE.read_text(), (
            "differs from docs/transcript.md; if that is right, `make golden` and review it"
        )

    return compare


@pytest.mark.skipif(not (ROOT / ".venv/bin/buf").exists(), reason="buf is not in .venv: `make setup` puts it there")
def test_the_transcript_is_what_comes_back(sample: Sample, tmp_path: Path, transcript: Transcript) -> None:
    page = PAGE.read_text()
    commands = [
        [line for line in block.splitlines(keepends=True) if line.startswith("$ ")] for block in BLOCK.findall(page)
    ]
    answers = iter(_run([command[2:] for block in commands for command in block], sample, tmp_path))
    blocks = iter(["".join(command + next(answers) for command in block) for block in commands])
    found = BLOCK.sub(lambda _: next(blocks), page)
    transcript(found)


def _run(commands: list[str], sample: Sample, folder: Path) -> list[str]:
    """What each printed, in one shell, so that a variable holds for those after it."""
    for name in ("plans", "docs"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "key").write_bytes(sample.key.read_bytes())
    (folder / "client.py").write_text(demo.payroll_client())
    script = f"echo '{NEXT}'\n".join(command.replace("127.0.0.1:50051", sample.server.address) for command in commands)
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        cwd=folder,
        env={**os.environ, "PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    answers = done.stdout.replace(sample.server.address, "127.0.0.1:50051").split(f"{NEXT}\n")
    assert len(answers) == len(commands), done.stdout
    return answers
