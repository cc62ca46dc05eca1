"""Role x call x row, for every call of every service: docs/access.md says what holds, and a real server has to agree.

The calls come from the descriptors of all protos. A new call fails here until it has a row in docs/access.md and a
request in REQUESTS.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp

import compsvc.v1
from compsvc.service.access import PERMISSIONS
from compsvc.service.ports import ROLES
from compsvc.v1.plan_service_pb2 import PlanText

from .conftest import Sample, told

PAGE = Path(__file__).resolve().parents[2] / "docs/access.md"
ROWS = {"own": "mara", "report": "hanna", "stranger": "vera"}  # of Mara: Hanna reports to her, and she to Vera
WHO = "mara"
SEEN = {"all": {"own", "report", "stranger"}, "line": {"own", "report"}, "own": {"own"}, "none": set()}
# Of some kinds the sample has no row; that none is there is told only to those who may ask.
CODES = {
    *(grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND),
    grpc.StatusCode.PERMISSION_DENIED,
}
PAYOUT = "payPeriods/2026-11/payouts/{}"
NONSENSE = {"file_name": "x.yaml", "source": "plan: x"}  # is refused, but only to those who may try

# A request for the rows of a participant; calls that know no rows leave the participant out.
REQUESTS: Mapping[str, Callable[[str, Sample], Mapping[str, Any]]] = {
    "CloseService.CheckClose": lambda who, sample: {"pay_period": "payPeriods/2026-13", "request_id": "r"},
    "CloseService.ListControlTotals": lambda who, sample: {},
    "CloseService.StateControlTotals": lambda who, sample: {"control_totals": {"source": "crm"}, "request_id": "r"},
    "CloseService.SignOffFinding": lambda who, sample: {"name": "payPeriods/2026-11/findings/none", "request_id": "r"},
    "DealService.GetDeal": lambda who, sample: {"name": "sources/crm/deals/D-1010"},
    "DealService.IngestDeals": lambda who, sample: {"request_id": "r", "validate_only": True},
    "DealService.ListDeals": lambda who, sample: {"seller_id": who},
    "DisputeService.AnswerDispute": lambda who, sample: {
        "name": f"participants/{who}/disputes/none",
        "request_id": "r",
    },
    "DisputeService.GetDispute": lambda who, sample: {"name": f"participants/{who}/disputes/none"},
    "DisputeService.ListDisputes": lambda who, sample: {"participant_id": who},
    "DisputeService.OpenDispute": lambda who, sample: {
        "subject": f"participants/{who}/statements/2026",
        "request_id": "r",
    },
    "DisputeService.ReplyDispute": lambda who, sample: {
        "name": f"participants/{who}/disputes/none",
        "request_id": "r",
    },
    "FactService.EraseName": lambda who, sample: {"name": f"participants/{who}", "request_id": "r"},
    "FactService.GetAccount": lambda who, sample: {"name": "accounts/albatros"},
    "FactService.GetAccountAttribute": lambda who, sample: {"name": "accounts/acme/attributes/region@2026-01-01"},
    "FactService.GetAssignment": lambda who, sample: {"name": "participants/finn/assignments/farmer@2026-01-01"},
    "FactService.GetOwnership": lambda who, sample: {"name": "accounts/tanne/ownerships/2023-04-01"},
    "FactService.GetTerritory": lambda who, sample: {"name": "participants/ben/territories/*,south,small@2026-01-01"},
    "FactService.GetDealPayment": lambda who, sample: {"name": "sources/crm/deals/none/payments/none"},
    "FactService.GetActivity": lambda who, sample: {"name": "sources/crm/activities/none"},
    "FactService.GetExit": lambda who, sample: {"name": f"participants/{who}/exits/2026-12-31"},
    "FactService.GetLoss": lambda who, sample: {"name": "sources/crm/deals/D-1010/losses/none"},
    "FactService.GetFxRate": lambda who, sample: {"name": "fxTables/none/fxRates/EUR-USD@2026-01-01"},
    "FactService.GetLeave": lambda who, sample: {"name": f"participants/{who}/leaves/2026-12-31"},
    "FactService.GetOpportunity": lambda who, sample: {"name": "sources/crm/opportunities/none"},
    "FactService.GetPipelineStage": lambda who, sample: {"name": "pipelineStages/none"},
    "FactService.GetParticipant": lambda who, sample: {"name": f"participants/{who}"},
    "FactService.ListAccounts": lambda who, sample: {},
    "FactService.ListAssignments": lambda who, sample: {"participant_id": who},
    "FactService.ListOwnerships": lambda who, sample: {},
    "FactService.ListParticipants": lambda who, sample: {},
    "FactService.ListTerritories": lambda who, sample: {},
    **{
        f"FactService.List{kind}": lambda who, sample: {"participant_id": who}
        for kind in ("Activities", "Exits", "Leaves")
    },
    **{
        f"FactService.List{kind}": lambda who, sample: {}
        for kind in ("AccountAttributes", "DealPayments", "FxRates", "Losses", "Opportunities", "PipelineStages")
    },
    **{
        f"FactService.Load{kind}": lambda who, sample: {"request_id": "r", "validate_only": True}
        for kind in (
            *(
                "AccountAttributes",
                "Accounts",
                "Activities",
                "Assignments",
                "DealPayments",
                "Exits",
                "FxRates",
                "Leaves",
                "Losses",
            ),
            *("Opportunities", "Ownerships", "Participants", "PipelineStages", "Territories"),
        )
    },
    "LetterService.AnswerLetter": lambda who, sample: {
        "name": f"participants/{who}/letters/none",
        "action": "signed",
        "request_id": "r",
    },
    "LetterService.ListLetters": lambda who, sample: {"participant_id": who},
    "LetterService.SendLetter": lambda who, sample: {"participant_id": who, "plan": "none", "request_id": "r"},
    "PayrollRunService.ComputeRun": lambda who, sample: {"pay_period": "payPeriods/2026-13", "request_id": "r"},
    "PayrollRunService.CreateRun": lambda who, sample: {"pay_period": "payPeriods/2026-13", "request_id": "r"},
    "PayrollRunService.GetPayPeriod": lambda who, sample: {"name": "payPeriods/2026-11"},
    "PayrollRunService.ChangePayPeriod": lambda who, sample: {
        "name": "payPeriods/2026-13",
        "state": 1,
        "request_id": "r",
    },
    "PayrollRunService.ListRunPayouts": lambda who, sample: {"parent": "runs/none"},
    **{
        f"PayrollRunService.{call}": lambda who, sample: {}
        for call in ("ListAdjustments", "ListHolds", "ListRuns", "Reconcile", "VerifyLedger")
    },
    **{
        f"PayrollRunService.{call}": lambda who, sample: {"request_id": "r"}
        for call in ("BookOpenings", "HoldDeal", "WriteAdjustment")
    },
    "PayrollRunService.AcknowledgeProposal": lambda who, sample: {"name": "adjustments/none", "request_id": "r"},
    "PayrollRunService.DecideAdjustment": lambda who, sample: {
        "name": "adjustments/none",
        "decision": 2,
        "request_id": "r",
    },
    "PayrollRunService.DecideHold": lambda who, sample: {"name": "holds/none", "decision": 2, "request_id": "r"},
    "PayrollRunService.ExplainPayout": lambda who, sample: {"name": "runs/-/payouts/none"},
    "PayrollRunService.GetRun": lambda who, sample: {"name": "runs/none"},
    **{
        f"PayrollRunService.{call}": lambda who, sample: {"name": "runs/none", "request_id": "r"}
        for call in ("AcknowledgePayouts", "ApproveRun", "CancelRun", "ExportRun", "IssueStatements", "SealRun")
    },
    "PayrollService.GetPayout": lambda who, sample: {"name": PAYOUT.format(payout_of(who, sample))},
    "PayrollService.ListPayouts": lambda who, sample: {"parent": "payPeriods/2026-11", "participant_id": who},
    "PlanService.CheckPlan": lambda who, sample: {"text": PlanText(**NONSENSE)},
    "PlanService.CreatePlan": lambda who, sample: {"text": PlanText(**NONSENSE), "request_id": "r"},
    "PlanService.GetPlan": lambda who, sample: {"name": "plans/hunter"},
    "PlanService.ListPlanRevisions": lambda who, sample: {"name": "plans/hunter"},
    "PlanService.ListPlans": lambda who, sample: {},
    "SimulationService.SimulatePlan": lambda who, sample: {"candidates": [PlanText(**NONSENSE)]},
    "StatementService.AcknowledgeStatement": lambda who, sample: {
        "name": f"participants/{who}/statements/2026-Q9",
        "request_id": "r",
    },
    "StatementService.CompareStatements": lambda who, sample: {
        "participant": f"participants/{who}",
        "from_time": Timestamp(seconds=1),
        "to_time": Timestamp(seconds=2),
    },
    "StatementService.ExplainLine": lambda who, sample: {"name": line_of(who, sample)},
    "StatementService.GetIssuedStatement": lambda who, sample: {"name": f"participants/{who}/statements/2026-11"},
    "StatementService.GetStatement": lambda who, sample: {"name": f"participants/{who}/statements/2026"},
    "StatementService.PreviewStatement": lambda who, sample: {"name": f"participants/{who}/statements/2026"},
}


class Rule(NamedTuple):
    verb: str
    seen: Mapping[str, str]  # by role: all, line, own, none


def calls() -> dict[str, MethodDescriptor]:
    """Every call of every service that the generated code knows."""
    found = {}
    for module in pkgutil.iter_modules(compsvc.v1.__path__):
        if module.name.endswith("_pb2"):
            file = importlib.import_module(f"compsvc.v1.{module.name}").DESCRIPTOR
            for service in file.services_by_name.values():
                found |= {f"{service.name}.{method.name}": method for method in service.methods}
    return found


def rules() -> dict[str, Rule]:
    lines = re.findall(r"^\|(.+)\|$", PAGE.read_text(), re.MULTILINE)
    head, _, *rows = ([cell.strip().strip("`") for cell in line.split("|")] for line in lines)
    assert head[:2] == ["call", "verb"]
    assert sorted(head[2:]) == sorted(ROLES)
    return {row[0]: Rule(row[1], dict(zip(head[2:], row[2:], strict=True))) for row in rows}


CALLS, RULES = calls(), rules()


def test_every_call_has_a_rule_and_a_request_and_no_rule_is_left_over() -> None:
    assert len(CALLS) >= 25
    assert set(CALLS) == set(RULES), "each call has its row in docs/access.md, and no row is of a call that is gone"
    assert set(CALLS) == set(REQUESTS), "say in REQUESTS how each call is made"
    assert list(RULES) == sorted(RULES)


def test_the_page_says_what_the_code_decides_by() -> None:
    assert {rule.verb for rule in RULES.values()} == set(PERMISSIONS)
    for call, rule in RULES.items():
        allowed = {role for role, seen in rule.seen.items() if seen != "none"}
        assert allowed == PERMISSIONS[rule.verb], call


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("call", sorted(CALLS))
def test_a_role_gets_the_rows_that_the_page_says_and_no_others(sample: Sample, call: str, role: str) -> None:
    assert call in RULES, f"{call} has no row in docs/access.md"
    given = set()
    for row, who in ROWS.items():
        code = answered(sample, call, role, who)
        assert code in CODES, (call, role, row, code)
        if code is not grpc.StatusCode.PERMISSION_DENIED:
            given.add(row)
    assert given == SEEN[RULES[call].seen[role]]


@pytest.mark.parametrize("call", sorted(CALLS))
def test_without_a_token_nothing_is_answered(sample: Sample, call: str) -> None:
    assert answered(sample, call, None, "mara") is grpc.StatusCode.UNAUTHENTICATED


def answered(sample: Sample, call: str, role: str | None, participant: str) -> grpc.StatusCode:
    """The code of the call for the participant's row, made by Mara in the role; of a stream its first error."""
    method = CALLS[call]
    request = GetMessageClass(method.input_type)(**REQUESTS[call](participant, sample))
    headers = sample.headers(WHO, role) if role else ()
    try:
        for answer in made(sample.channel, method, request, headers):
            if "error" in answer.DESCRIPTOR.fields_by_name and answer.HasField("error"):
                return told(answer.error).code
    except grpc.RpcError as error:
        return told(error).code
    return grpc.StatusCode.OK


def made(channel: grpc.Channel, method: MethodDescriptor, request: Any, headers: Any) -> Iterator[Any]:
    """Every answer of a call of any kind."""
    kinds = {
        (False, False): channel.unary_unary, (False, True): channel.unary_stream,
        (True, False): channel.stream_unary, (True, True): channel.stream_stream,
    }  # fmt: skip
    make: Any = kinds[method.client_streaming, method.server_streaming]
    stub = make(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    found = stub(iter([request]) if method.client_streaming else request, metadata=headers, timeout=30)
    yield from found if method.server_streaming else [found]


def line_of(who: str, sample: Sample) -> str:
    """Any line that the participant has."""
    statement = read(sample, "StatementService.GetStatement", name=f"participants/{who}/statements/2026")
    return str(statement.payouts[0].lines[0].name)


def payout_of(who: str, sample: Sample) -> str:
    page = read(sample, "PayrollService.ListPayouts", parent="payPeriods/2026-11", participant_id=who)
    return str(page.payouts[0].payout_id)


def read(sample: Sample, call: str, **request: str) -> Any:
    """As somebody who may."""
    message = GetMessageClass(CALLS[call].input_type)(**request)
    return next(made(sample.channel, CALLS[call], message, sample.headers("root", "admin")))
