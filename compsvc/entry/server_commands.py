"""The commands of those who run a server: serve, health, and tokens for callers."""

from __future__ import annotations

import json
import os
import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from compsvc.entry import server_settings as settings
from compsvc.entry.screen import must_be_there, say, stop
from compsvc.service.ports import ROLES

app = typer.Typer()
token_app = typer.Typer(no_args_is_help=True, help="Tokens that say who calls.")
app.add_typer(token_app, name="token")

RoleChoice = StrEnum("RoleChoice", {role: role for role in ROLES})  # type: ignore[misc]


@app.command("serve")
def serve(
    context: typer.Context,
    book: settings.Book,
    address: settings.Address = settings.ADDRESS,
    token_key: settings.TokenKey = None,
    insecure_callers: settings.InsecureCallers = False,
    tls_certificate: settings.TlsCertificate = None,
    tls_key: settings.TlsKey = None,
    insecure_transport: settings.InsecureTransport = False,
    workers: settings.Workers = settings.WORKERS,
    log_level: settings.Level = settings.LogLevel.info,
    log_format: settings.Format = settings.LogFormat.text,
    grace: settings.Grace = settings.GRACE_SECONDS,
    metrics_port: settings.MetricsPort = None,
    trace_endpoint: settings.TraceEndpoint = None,
    show_config: Annotated[
        bool, typer.Option("--show-config", help="Print the settings and where they come from, and end.")
    ] = False,
) -> None:
    """Serve a book over gRPC until it is told to stop."""
    from compsvc.entry.grpc_server import ServeConfig, check
    from compsvc.entry.grpc_server import serve as serve_book

    variables = [str(parameter.envvar) for parameter in context.command.params if parameter.envvar]
    for text in settings.unknown_variables(os.environ, variables):
        say(f"compsvc: {text}")
    config = ServeConfig(
        book=book,
        address=address,
        token_key=token_key,
        insecure_callers=insecure_callers,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        insecure_transport=insecure_transport,
        workers=workers,
        log_level=log_level.value,
        log_format=log_format.value,
        grace_seconds=grace,
        metrics_port=metrics_port,
        trace_endpoint=trace_endpoint,
    )
    if show_config:
        print(*settings.in_force(context), sep="\n")
        check(config)
        return
    raise typer.Exit(serve_book(config))


@app.command("health")
def health(
    address: settings.Address = settings.ADDRESS,
    tls_certificate: settings.TlsCertificate = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for an answer.")] = 5.0,
) -> None:
    """Ask a server whether it serves: 0 where it does, 1 where not. Reads the settings that `serve` reads."""
    from compsvc.entry.health_command import health_of

    state = health_of(address, tls_certificate, timeout)
    if state != "SERVING":
        stop(f"{address}: {state}")
    print(f"{address}: {state}")


@app.command("doctor")
def doctor(
    book: settings.BookIfAny = None,
    address: settings.Address = settings.ADDRESS,
    token_key: settings.TokenKey = None,
    insecure_callers: settings.InsecureCallers = False,
    tls_certificate: settings.TlsCertificate = None,
    tls_key: settings.TlsKey = None,
    insecure_transport: settings.InsecureTransport = False,
    metrics_port: settings.MetricsPort = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings for programs.")] = False,
) -> None:
    """Check what a server needs, with the settings of `serve`: 0 where nothing fails, 1 otherwise. Changes nothing."""
    from compsvc.entry import doctor as checks
    from compsvc.entry.grpc_server import ServeConfig

    config = None
    if book is not None:
        config = ServeConfig(
            book=book,
            address=address,
            token_key=token_key,
            insecure_callers=insecure_callers,
            tls_certificate=tls_certificate,
            tls_key=tls_key,
            insecure_transport=insecure_transport,
            metrics_port=metrics_port,
        )
    found = list(checks.check_all(config))
    if as_json:
        print(json.dumps(checks.as_json(found), indent=2, ensure_ascii=False))
    else:
        print(*found, sep="\n")
    if any(finding.state == "FAIL" for finding in found):
        raise typer.Exit(1)


@app.command("backup")
def backup(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; a file that is not there yet.")],
    book: settings.Book,
) -> None:
    """Copy a book into one file while it is served; the copy is checked before it gets its name."""
    from compsvc.wiring import back_up

    must_be_there(book)
    back_up(book, out)
    print(f"written: {out}")


@token_app.command("mint")
def token_mint(
    key: Annotated[Path, typer.Option(help="A secret of 32 bytes or more, or an Ed25519 private key in PEM.")],
    subject: Annotated[str, typer.Option(help="Who calls; for a rep or manager the participant's id.")],
    role: Annotated[RoleChoice, typer.Option(help="What the caller may do.")],
    expires: Annotated[str, typer.Option(help="How long it holds: `30m`, `12h`, `7d`.")] = "12h",
) -> None:
    """Print a token for a caller."""
    from compsvc.service.tokens import mint_token
    from compsvc.wiring import open_clock, open_tokens

    match = re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", expires)
    if match is None:
        stop(f"`{expires}` is no time span. Write it as `30m`, `12h` or `7d`.", code=2)
    lifetime = timedelta(minutes=int(match[1]) * {"m": 1, "h": 60, "d": 24 * 60}[match[2]])
    print(mint_token(open_tokens(key), open_clock(), subject=subject, role=role.value, lifetime=lifetime))
