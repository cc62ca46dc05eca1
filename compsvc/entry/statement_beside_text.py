"""What stands beside a statement, in sentences that text and Markdown share."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from compsvc.entry.statement_formats import Formats
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.payroll_run_service_pb2 import Adjustment
from compsvc.v1.types_pb2 import Money


def converted(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    """What is paid in other currencies than the plans', with the rate, its table and its day, and the plan's line."""
    for each in statement.converted_pay:
        paid = each.paid_as
        said = formats.word("converted" if paid.HasField("amount") else "not_converted").format(
            period=each.pay_period,
            total=formats.money(each.total),
            currency=paid.currency_code,
            amount=formats.money(paid.amount),
            rate=formats.rate_of("exchange", Fraction(paid.rate or 0)),
            table=paid.fx_table,
            day=formats.date(paid.rate_date),
            since=formats.date(paid.rate_start_date) if paid.HasField("rate_start_date") else "",
        )
        yield f"{said}  [{each.plan_at}]"


class Said(NamedTuple):
    text: str
    command: str = ""  # what to enter, which stands unbroken on a line of its own, so that it can be copied


def beside(statement: pb.Statement, formats: Formats) -> Iterator[Said]:
    """What was sealed otherwise, what was stated and proposed, and who has acknowledged the statement."""
    yield from map(Said, _sealed_otherwise(statement, formats))
    yield from (_adjusted(each, formats) for each in statement.adjustments)
    lines = [line for payout in statement.payouts for line in payout.lines if line.reference]
    paid = [line for line in lines if line.amount.minor_units]
    if names := [line.reference for line in paid or lines]:
        name = min(names, key=len)
        command = f'compsvc dispute open {name} --participant {statement.participant_id} --text "..."'
        yield Said(formats.word("objecting"), command)
    for told in statement.acknowledgements:
        word = "acknowledged" if told.statement_hash == statement.hash else "acknowledged_earlier"
        time = formats.time(told.create_time.ToDatetime())
        said = f" {told.text}" if told.text else ""
        yield Said(formats.word(word).format(who=told.author, time=time, hash=told.statement_hash[:12]) + said)


def _sealed_otherwise(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    for each in statement.sealed_differences:
        yield formats.word("sealed_otherwise").format(
            period=statement.period,
            sealed=formats.money(each.sealed_amount),
            corrected=formats.money(each.corrected_amount),
            current=formats.money(each.current_amount),
        )
        for word in ("waiting", "declined"):
            if (amount := getattr(each, f"{word}_amount")).minor_units:
                yield formats.word(f"sealed_{word}").format(amount=formats.money(amount))
        if each.open_amount.minor_units:
            amount = formats.money(each.open_amount)
            yield formats.word("sealed_open").format(amount=amount, next=each.next_pay_period)


def _adjusted(found: Adjustment, formats: Formats) -> Said:
    """Amount and why, and then from whom it waits, or who has decided what."""
    proposed = found.origin == Adjustment.ORIGIN_PROPOSED
    told = [_credited(found, formats)] if found.HasField("credit") else []
    money = formats.word("proposed_amount" if proposed else "stated_amount").format(
        id=found.name.removeprefix("adjustments/"),
        amount=formats.money(found.amount),
        month=found.corrects_pay_period if proposed else found.pay_period.removeprefix("payPeriods/"),
        reason=found.reason,
        author=found.author,
    )
    state = Adjustment.State.Name(found.state).removeprefix("STATE_").lower()
    why = f": {found.decision_reason}" if found.decision_reason else ""
    decided = formats.word(f"amount_{state}").format(author=found.author, who=found.decider, why=why)
    if found.amount.minor_units or not told:
        told.insert(0, money)
    known = _told(found, formats)
    return Said(" ".join([*told, decided, *([known.text] if known.text else [])]), known.command)


def _credited(found: Adjustment, formats: Formats) -> str:
    credit = found.credit
    amount = formats.money(Money(minor_units=credit.amount_minor, currency_code=found.amount.currency_code))
    if credit.WhichOneof("what") == "count_millionths":
        amount = formats.count(Fraction(credit.count_millionths, 10**6), "")
    return formats.word("stated_credit").format(
        amount=amount,
        component=found.component,
        date=formats.date(credit.credit_date),
        id=found.name.removeprefix("adjustments/"),
        author=found.author,
        reason=found.reason,
    )


def _told(found: Adjustment, formats: Formats) -> Said:
    """Of what would be taken back: whether its participant has said that they know of it, or how to (T5)."""
    who, waits = found.participant_id, found.state == Adjustment.STATE_WRITTEN and found.amount.minor_units < 0
    if found.HasField("acknowledge_time"):
        return Said(formats.word("amount_told").format(who=who))
    if not waits or found.origin != Adjustment.ORIGIN_PROPOSED:
        return Said("")
    id_ = found.name.removeprefix("adjustments/")
    command = f"compsvc statement acknowledge-proposal {id_} --participant {who}"
    return Said(formats.word("amount_untold").format(who=who), command)
