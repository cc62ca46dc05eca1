"""Every error as the caller sees it: one table from our errors to codes, one form for all details."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import quote

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, QuotaFailure, ResourceInfo
from google.rpc.status_pb2 import Status

from compsvc.core.limits import MAX_ERROR_BYTES, MAX_VIOLATIONS
from compsvc.entry.logs import tell
from compsvc.service import ports
from compsvc.service.ports import ServiceError, Violation

DOMAIN = "compsvc.dev"
FIRST_CHARACTERS = 300  # of the first violation in a message, which travels in a trailer too
log = logging.getLogger("compsvc.grpc")

CODES: Mapping[type[ServiceError], grpc.StatusCode] = {
    ports.Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    ports.PermissionDenied: grpc.StatusCode.PERMISSION_DENIED,
    ports.InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    ports.NotFound: grpc.StatusCode.NOT_FOUND,
    ports.AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    ports.FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
    ports.Aborted: grpc.StatusCode.ABORTED,
    ports.ResourceExhausted: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ports.DeadlineExceeded: grpc.StatusCode.DEADLINE_EXCEEDED,
    ports.Unavailable: grpc.StatusCode.UNAVAILABLE,
}


@contextmanager
def in_words_of(place: Callable[[str], str], faults: Sequence[Violation]) -> Iterator[None]:
    """Inside, errors name rows of frames; outside, fields of the request.

    Of a field that could not be read (`faults`) it is not said that it is missing, nor of the list that it stands in
    that something about the whole is wrong.
    """
    try:
        yield
    except (ports.InvalidArgument, ports.AlreadyExists) as error:
        unreadable, own = {place(fault.field) for fault in faults}, set(faults)
        wholes = {field[: found.start()] for field in unreadable for found in re.finditer(r"\[", field)}
        told: dict[tuple[str, str], Violation] = {}
        for each in error.violations:
            field = place(each.field)
            if each in own or field not in unreadable | wholes:
                told.setdefault((field, each.code), Violation(field, each.code, each.message))
        error.violations = tuple(told.values())
        raise


def bad_name(name: str, form: str, *, field: str = "name") -> ports.InvalidArgument:
    message = f"`{name[:200]}` is not of the form {form}, with ids percent-encoded."
    return ports.InvalidArgument.of(field, "NAME_INVALID", message)


def status(error: Exception, *, most_bytes: int | None = MAX_ERROR_BYTES) -> Status:
    """The error as it is sent. Too long a list of violations is cut, and says so."""
    if not isinstance(error, ServiceError):
        return _broken(error)
    violations = getattr(error, "violations", ())[:MAX_VIOLATIONS]
    found = _status(error, violations)
    while most_bytes is not None and _sent_bytes(found) > most_bytes and len(violations) > 1:
        violations = violations[: len(violations) // 2]
        found = _status(error, violations)
    return found


def _sent_bytes(found: Status) -> int:
    """The message is sent a second time, percent-encoded."""
    return int(found.ByteSize()) + len(quote(found.message))


def _broken(error: Exception) -> Status:
    """Something that cannot be has happened: the caller gets a number, the log gets the rest."""
    number = uuid.uuid4().hex
    tell(log, logging.ERROR, "internal_error", f"internal error {number}", error=error, error_id=number)
    message = f"Something is broken in compsvc. Its log says more under {number}."
    info = ErrorInfo(reason="INTERNAL", domain=DOMAIN, metadata={"error_id": number})
    return Status(code=grpc.StatusCode.INTERNAL.value[0], message=message, details=_packed([info]))


def _status(error: ServiceError, violations: Sequence[Violation]) -> Status:
    code = next(code for kind, code in CODES.items() if isinstance(error, kind))
    metadata = dict(error.metadata)
    total = len(getattr(error, "violations", ()))
    if len(violations) < total:
        metadata |= {"violations_shown": str(len(violations)), "violations": str(total)}
    info = ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=metadata)
    details = _packed([info, *_details(error, violations)])
    return Status(code=code.value[0], message=_message(error, violations), details=details)


def _message(error: ServiceError, violations: Sequence[Violation]) -> str:
    """With the first violation, for those who print no details."""
    if not violations or violations[0].message in error.message:
        return error.message
    first = f"{violations[0].field}: {violations[0].message}"
    return f"{error.message} {'First: ' if len(violations) > 1 else ''}{first[:FIRST_CHARACTERS]}"


def _details(error: ServiceError, violations: Sequence[Violation]) -> Iterable[Message]:
    if violations:
        fields = [
            BadRequest.FieldViolation(field=each.field, description=each.message, reason=each.code)
            for each in violations
        ]
        yield BadRequest(field_violations=fields)
    if isinstance(error, ports.NotFound | ports.AlreadyExists):
        yield ResourceInfo(resource_type=error.resource_type, resource_name=error.name, description=error.message)
    if isinstance(error, ports.FailedPrecondition):
        subject = next(iter(error.metadata.values()), "")
        failure = PreconditionFailure.Violation(type=error.reason, subject=subject, description=error.message)
        yield PreconditionFailure(violations=[failure])
    if isinstance(error, ports.ResourceExhausted):
        subject = next(iter(error.metadata.values()), "")
        yield QuotaFailure(violations=[QuotaFailure.Violation(subject=subject, description=error.message)])


def _packed(details: Iterable[Message]) -> list[AnyMessage]:
    found = []
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        found.append(packed)
    return found
