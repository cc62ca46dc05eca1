"""Comparisons as messages."""

from __future__ import annotations

from collections.abc import Iterator

from compsvc.core import comparison as core
from compsvc.core.curves import decimal_text
from compsvc.core.plan import Plan
from compsvc.entry.statement_proto import date_message
from compsvc.service.simulation import STEPS, Simulated
from compsvc.v1 import simulation_service_pb2 as pb
from compsvc.v1.types_pb2 import Money

PARTICIPANTS_A_MESSAGE = 300  # with their deals well below the 4 MiB that clients take by default


def progress_message(step: str) -> pb.SimulatePlanResponse:
    progress = pb.SimulationProgress(step=step, done_count=STEPS.index(step), step_count=len(STEPS))
    return pb.SimulatePlanResponse(progress=progress)


def comparison_messages(found: Simulated) -> Iterator[pb.SimulatePlanResponse]:
    """The comparison, in as many messages as its participants need."""
    message = _head(found)
    people = found.comparison.participants
    for start in range(0, max(len(people), 1), PARTICIPANTS_A_MESSAGE):
        message.participants.extend(map(_participant, people[start : start + PARTICIPANTS_A_MESSAGE]))
        yield pb.SimulatePlanResponse(comparison=message)
        message = pb.PlanComparison()


def comparison_message(found: Simulated) -> pb.PlanComparison:
    """The same as one message, for those who need not send it."""
    message = _head(found)
    message.participants.extend(map(_participant, found.comparison.participants))
    return message


def _head(found: Simulated) -> pb.PlanComparison:
    comparison = found.comparison
    message = pb.PlanComparison(
        position=found.position,
        refused_row_count=found.refused_rows,
        candidates=[_candidate(plan, found.replaced) for plan in found.candidates],
        totals=map(_total, comparison.totals),
        components=map(_component, comparison.components),
        roles=map(_role, comparison.roles),
        attainment_bands=map(_band, comparison.attainment),
        deals=map(_deal, comparison.deals),
    )
    if found.span is not None:
        message.period = found.span.name
        message.start_date.CopyFrom(date_message(found.span.start_date))
        message.end_date.CopyFrom(date_message(found.span.end_date))
    return message


def _candidate(plan: Plan, replaced: tuple[Plan, ...]) -> pb.Candidate:
    return pb.Candidate(
        plan=plan.plan,
        title=plan.title,
        revision=plan.revision,
        effective_date=date_message(plan.effective),
        replaced_revisions=[old.revision for old in replaced if old.plan == plan.plan],
    )


def _change(found: core.Change) -> pb.Change:
    return pb.Change(
        today=_money(found.today_minor, found),
        candidate=_money(found.candidate_minor, found),
        difference=_money(found.difference_minor, found),
    )


def _money(minor: int, of: core.Change) -> Money:
    return Money(currency_code=of.currency_code, minor_units=minor)


def _total(found: core.Total) -> pb.CostTotal:
    ratios = found.cost_per_revenue
    today, candidate = map(decimal_text, ratios) if ratios is not None else ("", "")
    return pb.CostTotal(
        cost=_change(found.cost),
        revenue=_money(found.revenue_minor, found.cost),
        today_cost_per_revenue=today,
        candidate_cost_per_revenue=candidate,
        winner_count=found.winner_count,
        won_amount=_money(found.won_minor, found.cost),
        loser_count=found.loser_count,
        lost_amount=_money(found.lost_minor, found.cost),
        unchanged_count=found.unchanged_count,
    )


def _component(found: core.ComponentChange) -> pb.ComponentChange:
    return pb.ComponentChange(plan=found.plan, component=found.component, cost=_change(found.cost))


def _role(found: core.RoleChange) -> pb.RoleChange:
    return pb.RoleChange(role=found.role, participant_count=found.participant_count, cost=_change(found.cost))


def _band(found: core.Band) -> pb.AttainmentBand:
    return pb.AttainmentBand(
        plan=found.plan,
        component=found.component,
        from_percent=found.from_percent,
        to_percent=found.to_percent,
        today_count=found.today_count,
        candidate_count=found.candidate_count,
    )


def _participant(found: core.ParticipantChange) -> pb.ParticipantChange:
    return pb.ParticipantChange(
        participant_id=found.participant_id,
        display_name=found.display_name,
        role=found.role,
        pay=_change(found.cost),
        components=map(_component, found.components),
        deals=map(_deal, found.deals),
        other_deal_count=found.other_deal_count,
        other_difference=_money(found.other_minor, found.cost),
    )


def _deal(found: core.DealChange) -> pb.DealChange:
    return pb.DealChange(
        source=found.source,
        external_id=found.external_id,
        account_display_name=found.account_name,
        closed_date=None if found.closed_date is None else date_message(found.closed_date),
        pay=_change(found.cost),
    )
