"""The files that deploy a server, checked as far as that goes without a container and without systemd running."""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from compsvc.entry.cli import app
from tests.tidy import ROOT

CONTAINERFILE = ROOT / "deploy/Containerfile"
UNIT = ROOT / "deploy/compsvc.service"


def instructions(text: str) -> list[tuple[str, str]]:
    """Each instruction with its arguments; continued lines joined, comments left out."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace("\\\n", " ")
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines.splitlines() if line.strip()]


def test_what_the_container_copies_is_there_and_not_ignored() -> None:
    allowed = [line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"]
    copied = [words.split() for name, words in instructions(CONTAINERFILE.read_text()) if name == "COPY"]
    sources = [source for words in copied if not words[0].startswith("--from") for source in words[:-1]]
    assert "compsvc/runtime.lock" in sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(fnmatch.fnmatch(source.split("/")[0], each) for each in allowed), source
    built = {
        stage for name, words in instructions(CONTAINERFILE.read_text()) if name == "FROM" for stage in words.split()
    }
    assert all(words[0].removeprefix("--from=") in built for words in copied if words[0].startswith("--from"))


def test_the_container_runs_as_nobody_else_installs_by_hash_and_asks_for_its_health() -> None:
    found = instructions(CONTAINERFILE.read_text())
    last = found[max(index for index, (name, _) in enumerate(found) if name == "FROM") :]
    users = [words for name, words in last if name == "USER"]
    assert len(users) == 1
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", users[0])
    assert next(words for name, words in last if name == "HEALTHCHECK").endswith('CMD ["compsvc", "health"]')
    assert ("ENTRYPOINT", '["compsvc"]') in last
    assert ("CMD", '["serve"]') in last
    assert not [words for name, words in last if name == "RUN" and ("pip" in words or "apt-get" in words)]
    runs = " && ".join(words for name, words in found if name == "RUN")
    installs = re.findall(r"pip (?:install|wheel) [^&]*|install --no-index [^&]*", runs)
    assert len(installs) == 4
    for command in installs:
        assert "--require-hashes" in command or "--no-deps" in command, command


def test_every_variable_of_the_deployed_files_is_a_setting() -> None:
    serve = typer.main.get_command(app).commands["serve"]  # type: ignore[attr-defined]
    known = {parameter.envvar for parameter in serve.params if parameter.envvar}
    for file in (CONTAINERFILE, UNIT, ROOT / "docs/operations.md"):
        used = set(re.findall(r"COMPSVC_[A-Z_]+[A-Z]", file.read_text()))
        assert used <= known | {"COMPSVC_TOKEN"}, file
    page = (ROOT / "docs/operations.md").read_text()
    assert not [name for name in known if f"`{name}`" not in page]


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    directives = [line.partition("=") for line in UNIT.read_text().splitlines() if "=" in line and line[0] != "#"]
    said = {(name, value) for name, _, value in directives}
    assert ("User", "compsvc") in said
    assert ("ProtectSystem", "strict") in said
    assert ("NoNewPrivileges", "yes") in said
    assert ("UMask", "0077") in said
    assert ("ExecStart", "/opt/compsvc/bin/compsvc serve") in said
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here; the unit's words were looked at, its grammar was not")
    unit = tmp_path / "compsvc.service"
    unit.write_text(UNIT.read_text().replace("/opt/compsvc/bin/compsvc", sys.executable))
    assert _said("verify", unit) == ""
    exposure = re.search(
        r"Overall exposure level for compsvc.service: ([\d.]+)", _said("security", "--offline=true", unit)
    )
    assert exposure is not None
    assert float(exposure[1]) <= 2
    unit.write_text(unit.read_text().replace("UMask=0077", "Umask=0077"))
    assert re.search("Unknown key .*'Umask'", _said("verify", unit))  # a slip would be seen


def _said(*arguments: object) -> str:
    command = ["systemd-analyze", *map(str, arguments)]
    command += ["--no-pager"] if "security" in command else []
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout + found.stderr


def test_the_runtime_lock_pins_what_the_lock_pins() -> None:
    pins = {name: _pins(ROOT / name) for name in ("requirements.lock", "compsvc/runtime.lock")}
    assert pins["compsvc/runtime.lock"].items() <= pins["requirements.lock"].items()
    assert {"grpcio", "polars", "prometheus-client", "opentelemetry-sdk"} <= pins["compsvc/runtime.lock"].keys()
    assert "pytest" not in pins["compsvc/runtime.lock"]


def _pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), re.MULTILINE))
