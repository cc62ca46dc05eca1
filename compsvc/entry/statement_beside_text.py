"""What stands beside a statement, in sentences that text and Markdown share."""

from __future__ import annotations

from collections.abc import Iterator

from compsvc.entry.statement_formats import Formats
from compsvc.v1 import statement_service_pb2 as pb


def beside(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    """What was sealed otherwise, and who has acknowledged the statement."""
    for each in statement.sealed_differences:
        yield formats.word("sealed_otherwise").format(
            period=statement.period,
            sealed=formats.money(each.sealed_amount),
            corrected=formats.money(each.corrected_amount),
            current=formats.money(each.current_amount),
        )
        if each.open_amount.minor_units:
            amount = formats.money(each.open_amount)
            yield formats.word("sealed_open").format(amount=amount, next=each.next_pay_period)
    for told in statement.acknowledgements:
        word = "acknowledged" if told.statement_hash == statement.hash else "acknowledged_earlier"
        time = formats.time(told.create_time.ToDatetime())
        said = f" {told.text}" if told.text else ""
        yield formats.word(word).format(who=told.author, time=time, hash=told.statement_hash[:12]) + said
