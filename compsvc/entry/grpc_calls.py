"""What every call has in common: who calls, how long they wait, how errors are answered, that each is watched."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import grpc
from grpc_status import rpc_status

from compsvc.core.limits import MAX_ID_CHARACTERS
from compsvc.entry.grpc_errors import status
from compsvc.entry.watch import CODE_NAMES, Call, Watch
from compsvc.service.ports import (
    ROLES,
    Caller,
    DeadlineExceeded,
    InvalidArgument,
    Mutation,
    Tokens,
    Unauthenticated,
    Violation,
)

Context = grpc.ServicerContext


class Calls:
    """Tells who calls. Without tokens (`--insecure-callers`) everyone is who they say they are, or else an admin."""

    def __init__(self, tokens: Tokens | None, *, insecure_callers: bool) -> None:
        self._tokens, self._insecure_callers = tokens, insecure_callers

    def caller(self, context: Context) -> Caller:
        metadata: dict[str, Any] = dict(context.invocation_metadata())
        scheme, _, token = metadata.get("authorization", "").partition(" ")
        if self._tokens is not None and scheme.lower() == "bearer" and token:
            return self._tokens.caller(token.strip())
        if self._insecure_callers:
            return _claimed(metadata.get("compsvc-subject", "anonymous"), metadata.get("compsvc-role", "admin"))
        message = (
            "This call does not say who makes it. Send `authorization: Bearer TOKEN`; `compsvc token mint` makes one."
        )
        raise Unauthenticated("TOKEN_MISSING", message)

    def mutation(self, context: Context, caller: Caller, request: Any) -> Mutation:
        """The fingerprint covers the kind of the request and all of it but its id and `validate_only`."""
        _check_request_id(request.request_id)
        body = type(request)()
        body.CopyFrom(request)
        body.ClearField("request_id")
        may_only_validate = "validate_only" in request.DESCRIPTOR.fields_by_name
        if may_only_validate:
            body.ClearField("validate_only")
        content = request.DESCRIPTOR.full_name.encode() + b"\0" + body.SerializeToString(deterministic=True)
        return Mutation(
            request_id=request.request_id,
            subject=caller.subject,
            fingerprint=hashlib.sha256(content).digest(),
            validate_only=may_only_validate and request.validate_only,
            proceed=lambda: still_wanted(context),
        )


def still_wanted(context: Context) -> None:
    """Raises where the caller has hung up or the deadline has passed: nobody would learn of what is stored."""
    remaining: float | None = context.time_remaining()  # None where there is no deadline
    if not context.is_active() or (remaining is not None and remaining <= 0):
        raise DeadlineExceeded("DEADLINE_EXCEEDED", "The deadline has passed; nothing of this request was stored.")


def _claimed(subject: str, role: str) -> Caller:
    for known in ROLES:
        if role == known:
            return Caller(subject, known)  # type: ignore[arg-type]
    raise Unauthenticated("ROLE_UNKNOWN", f"`{role}` is no role. Roles: {', '.join(ROLES)}.", role=role)


def _check_request_id(request_id: str) -> None:
    if 0 < len(request_id) <= MAX_ID_CHARACTERS and request_id.isprintable():
        return
    code = "TEXT_INVALID" if request_id else "REQUIRED"
    message = f"request_id has 1 to {MAX_ID_CHARACTERS} printable characters, new for each request: a UUID is best."
    raise InvalidArgument("REQUEST_ID_INVALID", message, [Violation("request_id", code, message)])


class Streams:
    """The long calls: at most so many at a time, and none of them keeps the server from stopping."""

    def __init__(self, limit: int) -> None:
        self._limit, self._lock = limit, threading.Lock()
        self._idle: dict[int, Context] = {}
        self._open = 0
        self.stopping = threading.Event()

    @contextmanager
    def open(self) -> Iterator[bool]:
        """False where there are too many already."""
        with self._lock:
            fits = self._open < self._limit
            self._open += fits
        try:
            yield fits
        finally:
            with self._lock:
                self._open -= fits

    def idle(self, context: Context) -> None:
        """The stream waits for its caller."""
        with self._lock:
            self._idle[id(context)] = context
        if self.stopping.is_set():
            context.cancel()

    def busy(self, context: Context) -> None:
        with self._lock:
            self._idle.pop(id(context), None)

    def stop(self) -> None:
        """Streams that wait end now; those at work end after the answer that they are at."""
        self.stopping.set()
        with self._lock:
            waiting = list(self._idle.values())
        for context in waiting:
            context.cancel()


class Edge(grpc.ServerInterceptor):
    """Turns every error into a status with details, and has each call watched."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def intercept_service(self, continuation: Callable[..., Any], handler_call_details: Any) -> Any:
        handler = continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or not method.startswith("/compsvc."):
            return handler
        kinds = [
            (handler.unary_unary, grpc.unary_unary_rpc_method_handler, self._one),
            (handler.unary_stream, grpc.unary_stream_rpc_method_handler, self._many),
            (handler.stream_stream, grpc.stream_stream_rpc_method_handler, self._many),
            (handler.stream_unary, grpc.stream_unary_rpc_method_handler, self._one),
        ]
        behaviour, make, wrap = next(kind for kind in kinds if kind[0] is not None)
        return make(
            wrap(behaviour, method),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _one(self, behaviour: Callable[..., Any], method: str) -> Callable[..., Any]:
        def answer(request: Any, context: Context) -> Any:
            with self._watched(method, request, context) as call, call.inside():
                return behaviour(request, context)

        return answer

    def _many(self, behaviour: Callable[..., Any], method: str) -> Callable[..., Any]:
        def answer(request: Any, context: Context) -> Iterator[Any]:
            with self._watched(method, request, context) as call, closing(behaviour(request, context)) as answers:
                while (message := _next(answers, call)) is not None:
                    call.answered(message)
                    yield message

        return answer

    @contextmanager
    def _watched(self, method: str, request: Any, context: Context) -> Iterator[Call]:
        call = self._watch.begun(method, dict(context.invocation_metadata()), request)
        try:
            yield call
        except GeneratorExit:
            call.code = "CANCELLED"
            raise
        except Exception as error:
            found = status(error)
            call.code, call.reason = CODE_NAMES[found.code], getattr(error, "reason", "INTERNAL")
            context.abort_with_status(rpc_status.to_status(found))
        finally:
            self._watch.ended(call)


def _next(answers: Iterator[Any], call: Call) -> Any:
    """A stream is inside its call only while it works: each answer may be asked for by another thread."""
    with call.inside():
        return next(answers, None)
