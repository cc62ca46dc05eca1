"""Every setting of a server, once: its option, its environment variable, what it may be. A flag wins over the
environment, the environment over the default; `compsvc serve --show-config` says what holds and where it comes from."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from compsvc.core.limits import DEFAULT_WORKERS, MAX_GRACE_SECONDS, MAX_WORKERS

PREFIX = "COMPSVC_"
OTHER_VARIABLES = frozenset({"COMPSVC_TOKEN"})  # read by the commands that call a server
_PORT = re.compile(r"[0-9]{1,5}")


class LogLevel(StrEnum):
    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


class LogFormat(StrEnum):
    text = "text"
    json = "json"


def _setting(name: str, says: str, **more: Any) -> Any:
    return typer.Option(f"--{name}", help=says, envvar=PREFIX + name.replace("-", "_").upper(), **more)


def _address(text: str | None) -> str | None:
    if text is None or (text.startswith("unix:") and len(text) > len("unix:")):
        return text
    host, _, port = text.rpartition(":")
    if not host or not _is_port(port) or (":" in host and not host.startswith("[")):
        form = "HOST:PORT, such as 127.0.0.1:50051 or [::1]:50051, or unix:/PATH"
        raise typer.BadParameter(f"`{text}` is no address. Write it as {form}.")
    return text


def _is_port(text: str) -> bool:
    return _PORT.fullmatch(text) is not None and int(text) < 1 << 16


def _endpoint(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname and parts.port) and parts.username is None
    except ValueError:  # of a port that is no number
        fits = False
    if not fits:
        form = "http://HOST:PORT or https://HOST:PORT, such as http://127.0.0.1:4317"
        raise typer.BadParameter(
            f"this is no endpoint of a collector. Write {form}; credentials go into OTEL_EXPORTER_OTLP_HEADERS."
        )
    return text


_BOOK = "The book: a file, or the URL of a PostgreSQL database, postgresql://USER@HOST/NAME"
Book = Annotated[str, _setting("book", f"{_BOOK}; `serve` makes it where there is none.")]
BookIfAny = Annotated[str | None, _setting("book", f"{_BOOK}.")]
Address = Annotated[str, _setting("address", "Host and port; port 0 takes a free one.", callback=_address)]
TokenKey = Annotated[
    Path | None, _setting("token-key", "The key file that callers' tokens are read with.", dir_okay=False)
]
InsecureCallers = Annotated[
    bool, _setting("insecure-callers", "Believe what callers say who they are: on this machine only.")
]
TlsCertificate = Annotated[Path | None, _setting("tls-certificate", "A PEM file.", dir_okay=False)]
TlsKey = Annotated[Path | None, _setting("tls-key", "A PEM file.", dir_okay=False)]
InsecureTransport = Annotated[bool, _setting("insecure-transport", "Serve without TLS beyond this machine.")]
Workers = Annotated[int, _setting("workers", "Calls at work at one time.", min=1, max=MAX_WORKERS)]
Level = Annotated[LogLevel, _setting("log-level", "`info` logs a line for each call.")]
Format = Annotated[LogFormat, _setting("log-format", "`json`: one object a line.")]
Grace = Annotated[
    float,
    _setting("grace", "Seconds that running calls get when the server stops.", min=0, max=MAX_GRACE_SECONDS),
]
MetricsPort = Annotated[
    int | None,
    _setting("metrics-port", "Serve Prometheus metrics on this port of 127.0.0.1.", min=0, max=(1 << 16) - 1),
]
TraceEndpoint = Annotated[
    str | None, _setting("trace-endpoint", "Send traces to this OpenTelemetry collector.", callback=_endpoint)
]
ADDRESS, WORKERS, GRACE_SECONDS = "127.0.0.1:50051", DEFAULT_WORKERS, 10.0


def in_force(context: typer.Context) -> Iterator[str]:
    """As a file of environment variables, grouped by where the values come from. Keys are named, never shown."""
    origins = {"COMMANDLINE": "from flags", "ENVIRONMENT": "from the environment", "DEFAULT": "defaults"}
    for origin, title in origins.items():
        lines = []
        for parameter in context.command.params:
            name, source = parameter.name, context.get_parameter_source(parameter.name or "")
            if name and parameter.envvar and source is not None and source.name == origin:
                lines.append(_line(str(parameter.envvar), context.params[name]))
        if lines:
            yield f"# {title}"
            yield from lines


def _line(variable: str, value: Any) -> str:
    if value is None:
        return f"# {variable} is not set"
    if isinstance(value, bool):
        return f"{variable}={int(value)}"
    return f"{variable}={value}"


def unknown_variables(environment: Mapping[str, str], settings: Iterable[str]) -> Iterator[str]:
    """A misspelt variable would otherwise be no setting at all, in silence."""
    known = sorted({*settings, *OTHER_VARIABLES})
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            yield f"{name} is no setting and changes nothing.{f' Do you mean {near[0]}?' if near else ''}"
