"""`compsvc doctor`: is everything as a server needs it? Each check looks and changes nothing, and says what would be
right. `check_all` is the list of them; those of the book stand in doctor_book.py, of keys in doctor_keys.py."""

from __future__ import annotations

import importlib.metadata
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from compsvc.entry.doctor_book import check_book
from compsvc.entry.doctor_keys import check_keys
from compsvc.entry.findings import Finding, fail, ok, warn
from compsvc.entry.health_command import health_of
from compsvc.service.ports import ServiceError
from compsvc.wiring import matchers, open_clock, sqlite_in_use

if TYPE_CHECKING:
    from compsvc.entry.grpc_server import ServeConfig

HOUSE = Path(__file__).resolve().parents[1]
LOCK = HOUSE / "runtime.lock"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+))?", re.MULTILINE)


def check_all(config: ServeConfig | None) -> Iterator[Finding]:
    """Without a config what needs a book is left out."""
    yield check_python()
    yield from check_packages(LOCK)
    yield check_matcher()
    yield check_sqlite()
    yield check_clock(open_clock().now())
    if config is None:
        yield warn("book", "no book was named", "Give --book, or set COMPSVC_BOOK.")
        return
    yield check_settings(config)
    yield from check_keys(config, open_clock().now())
    yield from check_book(config.book, open_clock().now())
    yield check_address(config)
    if config.metrics_port:
        yield _port("metrics port", "127.0.0.1", config.metrics_port)


def check_python() -> Finding:
    """An older one could not read this file."""
    return ok("python", f"Python {'.'.join(map(str, sys.version_info[:3]))}")


# --- packages


def check_packages(lock: Path) -> Iterator[Finding]:
    """What is needed has to be there; what is there should be what everything was tested with."""
    needed = _needed()
    missing = sorted(name for name, version in needed.items() if version is None)
    if missing:
        advice = f"pip install {' '.join(missing)}, or install again from runtime.lock."
        yield fail("packages", f"not installed: {', '.join(missing)}", advice)
    if not lock.is_file():
        yield warn("packages", f"{lock} is not there to compare with", "Install compsvc again.")
        return
    pins = _pins(lock.read_text())
    other = [f"{name} {there}, not {pin}" for name, pin in pins.items() if (there := _version(name)) not in (None, pin)]
    if other:
        advice = f"pip install --require-hashes -r {lock}, or test with what is there."
        yield warn("packages", f"not the versions that compsvc was tested with: {'; '.join(other)}", advice)
    if not missing and not other:
        count = sum(_version(name) is not None for name in pins)
        yield ok("packages", f"{count} packages are as in {lock.name}")


def _pins(lock: str) -> dict[str, str]:
    return {canonicalize_name(found["name"]): found["version"] for found in _PIN.finditer(lock)}


def _needed() -> dict[str, str | None]:
    """Everything that compsvc needs without its extras, with the version that is installed."""
    found: dict[str, str | None] = {}
    waiting, seen = [Requirement("compsvc")], set[str]()
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        name = canonicalize_name(requirement.name)
        found[name] = _version(name)
        if found[name] is not None:
            texts = importlib.metadata.distribution(name).requires or ()
            waiting += (needs for text in texts if _holds(needs := Requirement(text), requirement.extras))
    return found


def _holds(needs: Requirement, extras: set[str]) -> bool:
    return needs.marker is None or any(needs.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


# --- what it runs on


def check_matcher() -> Finding:
    matcher, reference = matchers()
    if reference is None:
        advice = "Use Python 3.11 or 3.12 with durable-rules, where a second engine is to compare every answer."
        return warn("durable_rules", f"does not import; the {matcher.name} matcher serves alone", advice)
    return ok("durable_rules", f"imports; compared with the {reference.name} matcher")


def check_sqlite() -> Finding:
    version, may_break = sqlite_in_use()
    if may_break:
        advice = "Write to a book with one process at a time, or use SQLite 3.51.3 or newer (sqlite.org/wal.html)."
        return warn("sqlite", f"SQLite {version} has the WAL-reset bug", advice)
    return ok("sqlite", f"SQLite {version}")


def check_clock(now: datetime) -> Finding:
    """compsvc cannot run before it was made. Whether the book is ahead of the clock is the book's check."""
    made = datetime.fromtimestamp((HOUSE / "__init__.py").stat().st_mtime, UTC)
    if now < made:
        advice = "Set the clock; let it be kept by NTP."
        return fail("clock", f"{now:%Y-%m-%d %H:%M} UTC is before compsvc was installed", advice)
    return ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def check_settings(config: ServeConfig) -> Finding:
    from compsvc.entry.grpc_server import check

    try:
        check(config)
    except ServiceError as error:
        return fail("settings", error.reason, error.message)
    return ok("settings", "`serve` would take them")


def check_address(config: ServeConfig) -> Finding:
    """Free, or taken by a compsvc that serves."""
    host, _, port = config.address.rpartition(":")
    if config.address.startswith("unix:") or port == "0":
        return ok("address", f"{config.address} needs no free port")
    found = _port("address", host.strip("[]"), int(port))
    if found.state == "FAIL":
        state = health_of(config.address, config.tls_certificate, 2.0)
        if state == "SERVING":
            return ok("address", f"a server serves on {config.address}")
    return found


def _port(check: str, host: str, port: int) -> Finding:
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return ok(check, f"{host}:{port} is free")
    except OSError as error:
        advice = "End what is running there, or choose another."
        return fail(check, f"{host}:{port} cannot be bound: {error.strerror}", advice)


def as_json(findings: list[Finding]) -> Mapping[str, object]:
    states = [finding.state for finding in findings]
    worst = next((state for state in ("FAIL", "WARN") if state in states), "OK")
    return {"state": worst, "findings": [finding._asdict() for finding in findings]}
