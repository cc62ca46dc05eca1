"""The table of errors: every kind has a code, every code its details, and the documentation knows every reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from compsvc.entry.grpc_errors import CODES, in_words_of, status
from compsvc.service import ports
from compsvc.service.ports import ServiceError, Violation

from .conftest import told

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *sorted(ROOT.glob("compsvc/entry/grpc_*.py")),
    *sorted(ROOT.glob("compsvc/adapters/sqlite_*.py")),
    *(
        ROOT / "compsvc" / name
        for name in (
            "adapters/jwt_tokens.py",
            "adapters/sql_payroll.py",
            "entry/payroll_run_proto.py",
            "entry/payroll_servicer.py",
            "entry/simulation_servicer.py",
        )
    ),
    *sorted(ROOT.glob("compsvc/core/checks*.py")),
    *(
        ROOT / "compsvc/service" / f"{name}.py"
        for name in (
            "access",
            "calculation",
            "loading",
            "pages",
            "payroll",
            "payroll_lists",
            "payroll_runs",
            "plans",
            "ports",
            "simulation",
            "statements",
            "tokens",
        )
    ),
]

EXAMPLES: list[tuple[ServiceError, grpc.StatusCode, set[str]]] = [
    (ports.Unauthenticated("A", "a"), grpc.StatusCode.UNAUTHENTICATED, set()),
    (ports.PermissionDenied("A", "a"), grpc.StatusCode.PERMISSION_DENIED, set()),
    (ports.InvalidArgument("A", "a", [Violation("f", "C", "m")]), grpc.StatusCode.INVALID_ARGUMENT, {"BadRequest"}),
    (ports.NotFound("compsvc.dev/Deal", "x"), grpc.StatusCode.NOT_FOUND, {"ResourceInfo"}),
    (
        ports.AlreadyExists("A", "a", resource_type="t", name="n", violations=[Violation("f", "C", "m")]),
        grpc.StatusCode.ALREADY_EXISTS,
        {"BadRequest", "ResourceInfo"},
    ),
    (ports.FailedPrecondition("A", "a", plan="p"), grpc.StatusCode.FAILED_PRECONDITION, {"PreconditionFailure"}),
    (ports.Aborted("A", "a"), grpc.StatusCode.ABORTED, set()),
    (ports.ResourceExhausted("A", "a", limit="1"), grpc.StatusCode.RESOURCE_EXHAUSTED, {"QuotaFailure"}),
    (ports.DeadlineExceeded("A", "a"), grpc.StatusCode.DEADLINE_EXCEEDED, set()),
    (ports.Unavailable("A", "a"), grpc.StatusCode.UNAVAILABLE, set()),
]


@pytest.mark.parametrize(("error", "code", "details"), EXAMPLES, ids=lambda each: type(each).__name__)
def test_every_kind_has_its_code_and_details(error: ServiceError, code: grpc.StatusCode, details: set[str]) -> None:
    found = told(status(error))
    assert (found.code, found.reason, set(found.details)) == (code, error.reason, details)
    assert found.metadata == error.metadata


def test_no_kind_is_left_out() -> None:
    assert set(CODES) == set(ServiceError.__subclasses__()) == {type(error) for error, _, _ in EXAMPLES}


def test_of_what_cannot_be_read_it_is_not_said_that_it_is_missing_or_that_the_whole_is_wrong() -> None:
    fault = Violation("splits[1].share", "SHARE_INVALID", "m")
    places = {"splits[1].share": "deals[0].splits[1].share", "splits[1].share_num": "deals[0].splits[1].share"}
    told_by_checks = [
        Violation("splits[1].share_num", "REQUIRED", "m"),
        Violation("deals[0].splits", "SPLIT_NOT_WHOLE", "m"),
        Violation("deals[1].splits", "SPLIT_NOT_WHOLE", "m"),
    ]
    error = ports.InvalidArgument("A", "a", [fault, *told_by_checks])
    with pytest.raises(ports.InvalidArgument), in_words_of(lambda field: places.get(field, field), [fault]):
        raise error
    assert [each.field for each in error.violations] == ["deals[0].splits[1].share", "deals[1].splits"]


def test_the_message_has_the_first_violation() -> None:
    several = ports.InvalidArgument("A", "2 things are wrong.", [Violation("f", "C", "m"), Violation("g", "C", "n")])
    assert status(several).message == "2 things are wrong. First: f: m"
    assert status(ports.InvalidArgument("A", "1 thing is wrong.", [Violation("f", "C", "m")])).message.endswith(" f: m")
    assert status(ports.InvalidArgument("A", "f is wrong", [Violation("f", "C", "f is wrong")])).message == "f is wrong"


def texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_reason_is_documented() -> None:
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs/errors.md").read_text()))
    used = {text for path in FILES for text in texts(path) if re.fullmatch(r"[A-Z]+(_[A-Z]+)+|REQUIRED", text)}
    assert sorted(used - documented) == []
