"""Whether keys are secret and usable, and certificates hold. Nothing of a key is ever said."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from compsvc.core.limits import MIN_CERTIFICATE_DAYS
from compsvc.entry.findings import Finding, fail, ok, warn
from compsvc.service.ports import ServiceError
from compsvc.wiring import open_tokens

if TYPE_CHECKING:
    from compsvc.entry.grpc_server import ServeConfig


def check_keys(config: ServeConfig, now: datetime) -> Iterator[Finding]:
    if config.token_key is not None:
        yield check_secret("token key", config.token_key)
        try:
            open_tokens(config.token_key)
        except ServiceError as error:
            yield fail("token key", error.reason, error.message)
    if config.tls_key is not None:
        yield check_secret("TLS key", config.tls_key)
    if config.tls_certificate is not None and config.tls_certificate.is_file():
        yield check_certificate(config.tls_certificate, config.tls_key, now)


def check_secret(check: str, path: Path) -> Finding:
    """Of a file that tells pay, or makes callers."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return fail(check, f"`{path}` cannot be read: {error.strerror}", "Name the file, and let this user read it.")
    allowed = stat.filemode(mode)
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        return fail(check, f"`{path}` is {allowed}: everybody here can read or write it", f"chmod 600 {path}")
    if mode & (stat.S_IRGRP | stat.S_IWGRP):
        return warn(check, f"`{path}` is {allowed}: its group can read or write it", f"chmod 600 {path}")
    return ok(check, f"`{path}` is {allowed}")


def check_certificate(certificate: Path, key: Path | None, now: datetime) -> Finding:
    check = "TLS certificate"
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = None if key is None else load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, TypeError, ValueError):
        return fail(check, "the certificate or its key cannot be read", "Both are PEM files, the key without password.")
    until = found.not_valid_after_utc
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private is not None and private.public_key().public_bytes(*form) != found.public_key().public_bytes(*form):
        return fail(check, "the key is not the one of the certificate", "Name the two that belong together.")
    if not found.not_valid_before_utc <= now < until:
        return fail(check, f"does not hold now, but until {until:%Y-%m-%d}", "Get a new one, or set the clock.")
    if until - now < timedelta(days=MIN_CERTIFICATE_DAYS):
        return warn(check, f"holds until {until:%Y-%m-%d} only", "Get a new one.")
    return ok(check, f"holds until {until:%Y-%m-%d}")
