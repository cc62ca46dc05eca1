"""A whole statement as a message, with what looks ahead and back: forecast, deals elsewhere, what has changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from compsvc.core import statement_values as core
from compsvc.core.curves import decimal_text
from compsvc.core.results import CALCULATION
from compsvc.entry import statement_proto as parts
from compsvc.entry.what_if_proto import change_message
from compsvc.v1 import statement_service_pb2 as pb


def statement_message(found: core.Statement) -> pb.Statement:
    """With the hash of what it says of the past (B8), whatever participants are called (J4)."""
    standings = tuple(
        replace(standing, next_step=None) for standing in found.standings
    )  # advice, until the period ends
    found_past = replace(found, standings=standings, forecast=None, forecast_refusal="", changes=None, what_if=())
    past = _message(replace(core.nameless(found_past), display_name=""))
    message = _message(found)
    message.hash = hashlib.sha256(f"compsvc {CALCULATION}\n{parts.as_json(past)}".encode()).hexdigest()
    return message


def written(found: core.Statement) -> tuple[str, str]:
    """Its hash, and its canonical JSON (B8)."""
    message = statement_message(found)
    return message.hash, parts.as_json(message)


def _message(found: core.Statement) -> pb.Statement:
    return pb.Statement(
        name=parts.statement_name(found.participant_id, found.period.name),
        participant_id=found.participant_id,
        display_name=found.display_name,
        period=found.period.name,
        start_date=parts.date_message(found.period.start_date),
        end_date=parts.date_message(found.period.end_date),
        standings=map(parts.standing_message, found.standings),
        pending_deals=map(parts.pending_message, found.pending),
        pending_totals=map(parts.money_message, found.pending_together),
        payouts=map(parts.payout_message, found.payouts),
        accounts=map(parts.account_message, found.accounts),
        totals=map(parts.money_message, found.totals),
        converted_pay=map(_converted, found.converted_pay),
        pay_totals=map(parts.money_message, core.pay_totals(found)),
        booked_pay=None if found.booked_pay is None else _booked(found.booked_pay),
        provisional_amounts=map(_provisional, found.provisional),
        provisional_totals=map(parts.money_message, found.provisional_totals),
        forecast=None if found.forecast is None else _forecast(found.forecast),
        forecast_refusal=found.forecast_refusal,
        nothing_recorded=found.nothing_recorded,
        book_mix=None if found.mix is None else _mix(found.mix),
        elsewhere_deals=map(_elsewhere, found.elsewhere),
        changes=None if found.changes is None else _changes(found.changes),
        what_if=map(change_message, found.what_if),
    )


def _converted(found: core.ConvertedPay) -> pb.ConvertedPay:
    return pb.ConvertedPay(
        pay_period=found.pay_period,
        total=parts.money_message(found.total),
        paid_as=parts.paid_as_message(found.paid_as),
        plan_at=found.plan_at,
    )


def _booked(found: core.BookedPay) -> pb.BookedPay:
    available = map(parts.money_message, found.available)
    open_date = parts.date_message(found.open_date)
    return pb.BookedPay(state=found.state, open_date=open_date, available_totals=available)


def _provisional(found: core.Provisional) -> pb.ProvisionalAmount:
    return pb.ProvisionalAmount(
        plan=found.plan,
        component=found.component,
        period=found.period,
        reason=found.reason,
        due_date=None if found.due_date is None else parts.date_message(found.due_date),
        amount=parts.money_message(found.amount),
    )


def _forecast(found: core.Forecast) -> pb.Forecast:
    return pb.Forecast(
        pipeline_date=parts.date_message(found.day),
        components=map(_component, found.components),
        payouts=[
            pb.ScenarioPayout(scenario=item.scenario, totals=map(parts.money_message, item.totals))
            for item in found.payouts
        ],
        prospects=map(_prospect, found.prospects),
    )


def _elsewhere(found: core.Elsewhere) -> pb.ElsewhereDeal:
    return pb.ElsewhereDeal(
        source=found.source,
        external_id=found.external_id,
        account_id=found.account_id,
        account_display_name=found.account_name,
        closed_date=parts.date_message(found.closed_date),
        holders=found.holders,
        route=found.route,
        reason=found.reason,
    )


def _mix(found: core.BookMix) -> pb.BookMix:
    said = found.healthy
    return pb.BookMix(
        customer_count=found.customers,
        target_count=found.targets,
        healthy_customers="" if said is None else str(said.customers),
        healthy_targets="" if said is None else str(said.targets),
        plan_at="" if said is None else said.at.in_folder,
    )


def _changes(found: core.Changes) -> pb.StatementChanges:
    return pb.StatementChanges(
        since_time=None if found.since is None else time_message(found.since),
        lines=map(_line_change, found.lines),
        recorded=map(_recorded, found.recorded),
        previous_totals=map(parts.money_message, found.totals_before),
        current_totals=map(parts.money_message, found.totals_after),
        nothing_stored=found.nothing_stored,
    )


def time_message(instant: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(instant.astimezone(UTC).replace(tzinfo=None))
    return message


def _component(found: core.ComponentForecast) -> pb.ComponentForecast:
    return pb.ComponentForecast(
        plan=found.plan,
        component=found.component,
        period=found.period.name,
        measure=found.measure,
        quota=None if found.quota is None else parts.quantity_message(found.quota),
        outlooks=map(_outlook, found.outlooks),
        next_step=None if found.next_step is None else parts.next_step_message(found.next_step),
        reached_by=found.reached_by,
    )


def _outlook(found: core.Outlook) -> pb.Outlook:
    return pb.Outlook(
        scenario=found.scenario,
        position=parts.quantity_message(found.position),
        attainment="" if found.attainment is None else decimal_text(found.attainment),
        tier=parts.tier_message(found.tier),
        bonus_count=found.bonuses,
        bonus_amount=parts.money_message(found.bonus),
        earned_amount=None if found.earned is None else parts.money_message(found.earned),
        deal_count=found.deals,
    )


def _prospect(found: core.Prospect) -> pb.Prospect:
    return pb.Prospect(
        source=found.source,
        external_id=found.external_id,
        account_id=found.account_id,
        account_display_name=found.account_name,
        product=found.product,
        stage=found.stage,
        category=found.category,
        probability=decimal_text(found.probability),
        amount=None if found.amount is None else parts.money_message(found.amount),
        expected_close_date=_optional_date(found.expected_close_date),
        overdue=found.overdue,
        dead_date=_optional_date(found.dead_date),
        state=found.state,
        reason=found.reason,
        credits=map(_credit, found.credits),
    )


def _credit(found: core.ProspectCredit) -> pb.ProspectCredit:
    counts = parts.quantity_message(found.counts)
    return pb.ProspectCredit(plan=found.plan, component=found.component, period=found.period, counts=counts)


def _optional_date(day: date | None) -> Date | None:
    return None if day is None else parts.date_message(day)


def _line_change(found: core.LineChange) -> pb.LineChange:
    return pb.LineChange(
        before=None if found.before is None else parts.line_message(found.before),
        after=None if found.after is None else parts.line_message(found.after),
        causes=map(_recorded, found.causes),
    )


def _recorded(found: core.Recorded) -> pb.RecordedChange:
    return pb.RecordedChange(kind=found.kind, name=found.name, source=found.source, change=found.change)
