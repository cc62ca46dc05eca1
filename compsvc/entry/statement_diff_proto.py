"""What has changed between two recorded times, as a message."""

from __future__ import annotations

from datetime import date

from compsvc.core.statement_diff import Cause, LineDifference
from compsvc.entry.statement_proto import line_name, money_message
from compsvc.entry.statement_whole_proto import time_message
from compsvc.service.statements import Compared
from compsvc.v1 import statement_service_pb2 as pb


def comparison_message(found: Compared) -> pb.StatementComparison:
    return pb.StatementComparison(
        participant_id=found.participant_id,
        display_name=found.display_name,
        from_time=time_message(found.from_time),
        to_time=time_message(found.to_time),
        lines=map(_line, found.comparison.lines),
        before_totals=map(money_message, found.comparison.before),
        after_totals=map(money_message, found.comparison.after),
        difference_totals=map(money_message, found.comparison.difference),
    )


def _line(found: LineDifference) -> pb.LineDifference:
    return pb.LineDifference(
        name=line_name(found.key),
        plan=found.key.plan,
        component=found.key.component,
        period=found.key.period,
        external_id=found.key.external_id,
        account_display_name=found.account_name,
        before_amount=None if found.before is None else money_message(found.before),
        after_amount=None if found.after is None else money_message(found.after),
        difference=money_message(found.difference),
        causes=map(_cause, found.causes),
        moved=found.moved,
    )


def _cause(found: Cause) -> pb.RecordedCause:
    key = "/".join(part.isoformat() if isinstance(part, date) else str(part) for part in found.key)
    return pb.RecordedCause(
        kind=found.kind,
        key=key,
        change=found.change,
        fields=[pb.FieldChange(name=each.name, before=each.before, after=each.after) for each in found.fields],
        record_time=None if found.recorded_time is None else time_message(found.recorded_time),
        author=found.author,
    )
