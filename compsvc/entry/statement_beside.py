"""What stands beside a statement and is in no calculation: what is objected to, acknowledged, sealed and stated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from compsvc.core.statement_references import Reference
from compsvc.core.statement_values import LineKey, Money
from compsvc.entry.adjustment_proto import adjustment_message
from compsvc.entry.dispute_proto import dispute_message
from compsvc.entry.statement_proto import money_message, parse_line_name, reference_text
from compsvc.entry.statement_whole_proto import time_message
from compsvc.service import disputes
from compsvc.service.agreement_ports import Acknowledgement
from compsvc.service.calculation import Calculation
from compsvc.service.line_references import line_references
from compsvc.service.sealed_pay import SealedDifference, adjustments_on, sealed_differences
from compsvc.service.statements import span_of
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.dispute_service_pb2 import Dispute
from compsvc.wiring import Parts

MONTH = re.compile(r"\d{4}-\d\d", re.ASCII)


def with_what_stands_beside(parts: Parts, statement: pb.Statement, as_of: datetime | None) -> pb.Statement:
    """A copy of the statement: one that is kept for others stays as it is. `as_of`: as it was known then."""
    calculation = parts.calculations.newest()
    upto = as_of or datetime.max.replace(tzinfo=UTC)
    found = pb.Statement()
    found.CopyFrom(statement)
    if as_of is None:
        _name_lines(found, line_references(calculation, statement.participant_id))
    found.disputes.extend(_disputes(parts, calculation, statement, upto))
    found.acknowledgements.extend(
        acknowledgement_message(each)
        for each in parts.agreements.store.acknowledgements(statement.participant_id)
        if each.period == statement.period and each.recorded_time <= upto
    )
    if as_of is None and MONTH.fullmatch(statement.period) and statement.booked_pay.state == "sealed":
        available = [Money(each.minor_units, each.currency_code) for each in statement.booked_pay.available_totals]
        payroll, of = parts.payroll, (statement.participant_id, statement.period, available)
        later = sealed_differences(payroll.store, payroll.calculations, calculation, *of)
        found.sealed_differences.extend(map(_sealed, later))
    if as_of is None:
        span = span_of(calculation, statement.participant_id, statement.period)
        amounts = adjustments_on(parts.payroll.store, statement.participant_id, span)
        found.adjustments.extend(map(adjustment_message, amounts))
    return found


def _name_lines(statement: pb.Statement, names: Mapping[LineKey, Reference]) -> None:
    for payout in statement.payouts:
        for line in payout.lines:
            name_line(line, names)


def name_line(line: pb.StatementLine, names: Mapping[LineKey, Reference]) -> None:
    """By what the participant may call it."""
    key = parse_line_name(line.name)
    if key is not None and key in names:
        line.reference = reference_text(names[key])


def acknowledgement_message(found: Acknowledgement) -> pb.StatementAcknowledgement:
    return pb.StatementAcknowledgement(
        author=found.author,
        text=found.text,
        statement_hash=found.statement_hash,
        create_time=time_message(found.recorded_time),
    )


def _sealed(found: SealedDifference) -> pb.SealedDifference:
    return pb.SealedDifference(
        sealed_amount=money_message(found.sealed),
        corrected_amount=money_message(found.corrected),
        current_amount=money_message(found.current),
        open_amount=money_message(found.open),
        waiting_amount=money_message(found.waiting),
        declined_amount=money_message(found.declined),
        next_pay_period=found.next_pay_period,
    )


def _disputes(parts: Parts, calculation: Calculation, statement: pb.Statement, upto: datetime) -> list[Dispute]:
    lines = {line.name for payout in statement.payouts for line in payout.lines}
    span = span_of(calculation, statement.participant_id, statement.period)
    found = disputes.disputes_on(parts.agreements, calculation, statement.participant_id, span, lines)
    known = (disputes.as_of(each, upto) for each in found)
    return [dispute_message(each) for each in known if each is not None]
