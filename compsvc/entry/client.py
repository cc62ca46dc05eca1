"""How commands reach a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from compsvc.entry.grpc_server import is_loopback

TIMEOUT_SECONDS = 60


@contextmanager
def channel(address: str) -> Iterator[grpc.Channel]:
    """Off this machine it is TLS."""
    local = is_loopback(address)
    found = grpc.insecure_channel(address) if local else grpc.secure_channel(address, grpc.ssl_channel_credentials())
    with found:
        yield found


def headers(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)
