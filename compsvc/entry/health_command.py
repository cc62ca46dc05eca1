"""`compsvc health`: what a supervisor asks. Where the server binds every address, this machine is asked."""

from __future__ import annotations

from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}


def health_of(address: str, certificate: Path | None, timeout: float) -> str:
    """`SERVING`, another state, or why nobody answers."""
    host, colon, port = address.rpartition(":")
    target = f"{_EVERYWHERE.get(host, host)}{colon}{port}"
    with _channel(target, certificate) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=timeout)  # type: ignore[attr-defined]
        except grpc.RpcError as error:
            return f"{error.code().name} {error.details()}"
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def _channel(target: str, certificate: Path | None) -> grpc.Channel:
    """With TLS the certificate itself is what is trusted, under the name that stands in it."""
    if certificate is None:
        return grpc.insecure_channel(target)
    pem = certificate.read_bytes()
    name = _name_in(pem)
    options = [("grpc.ssl_target_name_override", name)] if name else []
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(pem), options)


def _name_in(pem: bytes) -> str | None:
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificate(pem).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (ValueError, x509.ExtensionNotFound):
        return None
    names = found.value.get_values_for_type(x509.DNSName)
    addresses = found.value.get_values_for_type(x509.IPAddress)
    return next(iter([*names, *map(str, addresses)]), None)
