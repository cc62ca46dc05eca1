import datetime

from compsvc.v1 import plan_service_pb2 as _plan_service_pb2
from compsvc.v1 import types_pb2 as _types_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SimulatePlanRequest(_message.Message):
    __slots__ = ("candidates", "period", "as_of_time")
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    candidates: _containers.RepeatedCompositeFieldContainer[_plan_service_pb2.PlanText]
    period: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, candidates: _Optional[_Iterable[_Union[_plan_service_pb2.PlanText, _Mapping]]] = ..., period: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SimulatePlanResponse(_message.Message):
    __slots__ = ("progress", "comparison")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    progress: SimulationProgress
    comparison: PlanComparison
    def __init__(self, progress: _Optional[_Union[SimulationProgress, _Mapping]] = ..., comparison: _Optional[_Union[PlanComparison, _Mapping]] = ...) -> None: ...

class SimulationProgress(_message.Message):
    __slots__ = ("step", "done_count", "step_count")
    STEP_FIELD_NUMBER: _ClassVar[int]
    DONE_COUNT_FIELD_NUMBER: _ClassVar[int]
    STEP_COUNT_FIELD_NUMBER: _ClassVar[int]
    step: str
    done_count: int
    step_count: int
    def __init__(self, step: _Optional[str] = ..., done_count: _Optional[int] = ..., step_count: _Optional[int] = ...) -> None: ...

class PlanComparison(_message.Message):
    __slots__ = ("period", "start_date", "end_date", "position", "refused_row_count", "candidates", "totals", "components", "roles", "attainment_bands", "deals", "participants")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    REFUSED_ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    ATTAINMENT_BANDS_FIELD_NUMBER: _ClassVar[int]
    DEALS_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
    period: str
    start_date: _date_pb2.Date
    end_date: _date_pb2.Date
    position: int
    refused_row_count: int
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    totals: _containers.RepeatedCompositeFieldContainer[CostTotal]
    components: _containers.RepeatedCompositeFieldContainer[ComponentChange]
    roles: _containers.RepeatedCompositeFieldContainer[RoleChange]
    attainment_bands: _containers.RepeatedCompositeFieldContainer[AttainmentBand]
    deals: _containers.RepeatedCompositeFieldContainer[DealChange]
    participants: _containers.RepeatedCompositeFieldContainer[ParticipantChange]
    def __init__(self, period: _Optional[str] = ..., start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., position: _Optional[int] = ..., refused_row_count: _Optional[int] = ..., candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ..., totals: _Optional[_Iterable[_Union[CostTotal, _Mapping]]] = ..., components: _Optional[_Iterable[_Union[ComponentChange, _Mapping]]] = ..., roles: _Optional[_Iterable[_Union[RoleChange, _Mapping]]] = ..., attainment_bands: _Optional[_Iterable[_Union[AttainmentBand, _Mapping]]] = ..., deals: _Optional[_Iterable[_Union[DealChange, _Mapping]]] = ..., participants: _Optional[_Iterable[_Union[ParticipantChange, _Mapping]]] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("plan", "title", "revision", "effective_date", "replaced_revisions")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    REPLACED_REVISIONS_FIELD_NUMBER: _ClassVar[int]
    plan: str
    title: str
    revision: str
    effective_date: _date_pb2.Date
    replaced_revisions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, plan: _Optional[str] = ..., title: _Optional[str] = ..., revision: _Optional[str] = ..., effective_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., replaced_revisions: _Optional[_Iterable[str]] = ...) -> None: ...

class Change(_message.Message):
    __slots__ = ("today", "candidate", "difference")
    TODAY_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    today: _types_pb2.Money
    candidate: _types_pb2.Money
    difference: _types_pb2.Money
    def __init__(self, today: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., candidate: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., difference: _Optional[_Union[_types_pb2.Money, _Mapping]] = ...) -> None: ...

class CostTotal(_message.Message):
    __slots__ = ("cost", "revenue", "today_cost_per_revenue", "candidate_cost_per_revenue", "winner_count", "won_amount", "loser_count", "lost_amount", "unchanged_count")
    COST_FIELD_NUMBER: _ClassVar[int]
    REVENUE_FIELD_NUMBER: _ClassVar[int]
    TODAY_COST_PER_REVENUE_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_COST_PER_REVENUE_FIELD_NUMBER: _ClassVar[int]
    WINNER_COUNT_FIELD_NUMBER: _ClassVar[int]
    WON_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    LOSER_COUNT_FIELD_NUMBER: _ClassVar[int]
    LOST_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    cost: Change
    revenue: _types_pb2.Money
    today_cost_per_revenue: str
    candidate_cost_per_revenue: str
    winner_count: int
    won_amount: _types_pb2.Money
    loser_count: int
    lost_amount: _types_pb2.Money
    unchanged_count: int
    def __init__(self, cost: _Optional[_Union[Change, _Mapping]] = ..., revenue: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., today_cost_per_revenue: _Optional[str] = ..., candidate_cost_per_revenue: _Optional[str] = ..., winner_count: _Optional[int] = ..., won_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., loser_count: _Optional[int] = ..., lost_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., unchanged_count: _Optional[int] = ...) -> None: ...

class ComponentChange(_message.Message):
    __slots__ = ("plan", "component", "cost")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    plan: str
    component: str
    cost: Change
    def __init__(self, plan: _Optional[str] = ..., component: _Optional[str] = ..., cost: _Optional[_Union[Change, _Mapping]] = ...) -> None: ...

class RoleChange(_message.Message):
    __slots__ = ("role", "participant_count", "cost")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_COUNT_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    role: str
    participant_count: int
    cost: Change
    def __init__(self, role: _Optional[str] = ..., participant_count: _Optional[int] = ..., cost: _Optional[_Union[Change, _Mapping]] = ...) -> None: ...

class AttainmentBand(_message.Message):
    __slots__ = ("plan", "component", "from_percent", "to_percent", "today_count", "candidate_count")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    FROM_PERCENT_FIELD_NUMBER: _ClassVar[int]
    TO_PERCENT_FIELD_NUMBER: _ClassVar[int]
    TODAY_COUNT_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    plan: str
    component: str
    from_percent: int
    to_percent: int
    today_count: int
    candidate_count: int
    def __init__(self, plan: _Optional[str] = ..., component: _Optional[str] = ..., from_percent: _Optional[int] = ..., to_percent: _Optional[int] = ..., today_count: _Optional[int] = ..., candidate_count: _Optional[int] = ...) -> None: ...

class ParticipantChange(_message.Message):
    __slots__ = ("participant_id", "display_name", "role", "pay", "components", "deals", "other_deal_count", "other_difference")
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    PAY_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    DEALS_FIELD_NUMBER: _ClassVar[int]
    OTHER_DEAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    OTHER_DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    participant_id: str
    display_name: str
    role: str
    pay: Change
    components: _containers.RepeatedCompositeFieldContainer[ComponentChange]
    deals: _containers.RepeatedCompositeFieldContainer[DealChange]
    other_deal_count: int
    other_difference: _types_pb2.Money
    def __init__(self, participant_id: _Optional[str] = ..., display_name: _Optional[str] = ..., role: _Optional[str] = ..., pay: _Optional[_Union[Change, _Mapping]] = ..., components: _Optional[_Iterable[_Union[ComponentChange, _Mapping]]] = ..., deals: _Optional[_Iterable[_Union[DealChange, _Mapping]]] = ..., other_deal_count: _Optional[int] = ..., other_difference: _Optional[_Union[_types_pb2.Money, _Mapping]] = ...) -> None: ...

class DealChange(_message.Message):
    __slots__ = ("source", "external_id", "account_display_name", "closed_date", "pay")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CLOSED_DATE_FIELD_NUMBER: _ClassVar[int]
    PAY_FIELD_NUMBER: _ClassVar[int]
    source: str
    external_id: str
    account_display_name: str
    closed_date: _date_pb2.Date
    pay: Change
    def __init__(self, source: _Optional[str] = ..., external_id: _Optional[str] = ..., account_display_name: _Optional[str] = ..., closed_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., pay: _Optional[_Union[Change, _Mapping]] = ...) -> None: ...
