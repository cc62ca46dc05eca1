"""What stands beside a statement and is in no calculation: what is objected to, acknowledged and sealed."""

from __future__ import annotations

from datetime import UTC, datetime

from compsvc.entry.dispute_proto import dispute_message
from compsvc.service import disputes
from compsvc.service.calculation import Calculation
from compsvc.service.statements import span_of
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.dispute_service_pb2 import Dispute
from compsvc.wiring import Parts


def with_what_stands_beside(parts: Parts, statement: pb.Statement, as_of: datetime | None) -> pb.Statement:
    """A copy of the statement: one that is kept for others stays as it is. `as_of`: as it was known then."""
    calculation = parts.calculations.newest()
    found = pb.Statement()
    found.CopyFrom(statement)
    found.disputes.extend(_disputes(parts, calculation, statement, as_of or datetime.max.replace(tzinfo=UTC)))
    return found


def _disputes(parts: Parts, calculation: Calculation, statement: pb.Statement, upto: datetime) -> list[Dispute]:
    lines = {line.name for payout in statement.payouts for line in payout.lines}
    span = span_of(calculation, statement.participant_id, statement.period)
    found = disputes.disputes_on(parts.agreements, calculation, statement.participant_id, span, lines)
    known = (disputes.as_of(each, upto) for each in found)
    return [dispute_message(each) for each in known if each is not None]
