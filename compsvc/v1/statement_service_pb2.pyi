import datetime

from compsvc.v1 import types_pb2 as _types_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import resource_pb2 as _resource_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Statement(_message.Message):
    __slots__ = ("name", "participant_id", "display_name", "period", "start_date", "end_date", "standings", "pending_deals", "pending_totals", "payouts", "totals")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    STANDINGS_FIELD_NUMBER: _ClassVar[int]
    PENDING_DEALS_FIELD_NUMBER: _ClassVar[int]
    PENDING_TOTALS_FIELD_NUMBER: _ClassVar[int]
    PAYOUTS_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    name: str
    participant_id: str
    display_name: str
    period: str
    start_date: _date_pb2.Date
    end_date: _date_pb2.Date
    standings: _containers.RepeatedCompositeFieldContainer[Standing]
    pending_deals: _containers.RepeatedCompositeFieldContainer[PendingDeal]
    pending_totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    payouts: _containers.RepeatedCompositeFieldContainer[ComponentPayout]
    totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    def __init__(self, name: _Optional[str] = ..., participant_id: _Optional[str] = ..., display_name: _Optional[str] = ..., period: _Optional[str] = ..., start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., standings: _Optional[_Iterable[_Union[Standing, _Mapping]]] = ..., pending_deals: _Optional[_Iterable[_Union[PendingDeal, _Mapping]]] = ..., pending_totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ..., payouts: _Optional[_Iterable[_Union[ComponentPayout, _Mapping]]] = ..., totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ...) -> None: ...

class Quantity(_message.Message):
    __slots__ = ("money", "count")
    MONEY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    money: _types_pb2.Money
    count: str
    def __init__(self, money: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., count: _Optional[str] = ...) -> None: ...

class Standing(_message.Message):
    __slots__ = ("plan", "plan_title", "component", "component_at", "period", "measure", "position", "quota", "attainment", "earned_amount", "tier", "next_step")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    PLAN_TITLE_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_AT_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    ATTAINMENT_FIELD_NUMBER: _ClassVar[int]
    EARNED_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    NEXT_STEP_FIELD_NUMBER: _ClassVar[int]
    plan: str
    plan_title: str
    component: str
    component_at: str
    period: str
    measure: str
    position: Quantity
    quota: Quantity
    attainment: str
    earned_amount: _types_pb2.Money
    tier: Tier
    next_step: NextStep
    def __init__(self, plan: _Optional[str] = ..., plan_title: _Optional[str] = ..., component: _Optional[str] = ..., component_at: _Optional[str] = ..., period: _Optional[str] = ..., measure: _Optional[str] = ..., position: _Optional[_Union[Quantity, _Mapping]] = ..., quota: _Optional[_Union[Quantity, _Mapping]] = ..., attainment: _Optional[str] = ..., earned_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., tier: _Optional[_Union[Tier, _Mapping]] = ..., next_step: _Optional[_Union[NextStep, _Mapping]] = ...) -> None: ...

class Tier(_message.Message):
    __slots__ = ("number", "tier_count", "rate", "base_multiple")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TIER_COUNT_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    BASE_MULTIPLE_FIELD_NUMBER: _ClassVar[int]
    number: int
    tier_count: int
    rate: str
    base_multiple: str
    def __init__(self, number: _Optional[int] = ..., tier_count: _Optional[int] = ..., rate: _Optional[str] = ..., base_multiple: _Optional[str] = ...) -> None: ...

class NextStep(_message.Message):
    __slots__ = ("at", "distance", "deal_count", "median_deal", "bonus_amount", "tier")
    AT_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    DEAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_DEAL_FIELD_NUMBER: _ClassVar[int]
    BONUS_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    at: Quantity
    distance: Quantity
    deal_count: int
    median_deal: Quantity
    bonus_amount: _types_pb2.Money
    tier: Tier
    def __init__(self, at: _Optional[_Union[Quantity, _Mapping]] = ..., distance: _Optional[_Union[Quantity, _Mapping]] = ..., deal_count: _Optional[int] = ..., median_deal: _Optional[_Union[Quantity, _Mapping]] = ..., bonus_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., tier: _Optional[_Union[Tier, _Mapping]] = ...) -> None: ...

class PendingDeal(_message.Message):
    __slots__ = ("source", "external_id", "account_id", "account_display_name", "closed_date", "pending_reason", "credits", "totals")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CLOSED_DATE_FIELD_NUMBER: _ClassVar[int]
    PENDING_REASON_FIELD_NUMBER: _ClassVar[int]
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    source: str
    external_id: str
    account_id: str
    account_display_name: str
    closed_date: _date_pb2.Date
    pending_reason: str
    credits: _containers.RepeatedCompositeFieldContainer[PendingCredit]
    totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    def __init__(self, source: _Optional[str] = ..., external_id: _Optional[str] = ..., account_id: _Optional[str] = ..., account_display_name: _Optional[str] = ..., closed_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., pending_reason: _Optional[str] = ..., credits: _Optional[_Iterable[_Union[PendingCredit, _Mapping]]] = ..., totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ...) -> None: ...

class PendingCredit(_message.Message):
    __slots__ = ("plan", "component", "period", "counts", "amount")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    plan: str
    component: str
    period: str
    counts: Quantity
    amount: _types_pb2.Money
    def __init__(self, plan: _Optional[str] = ..., component: _Optional[str] = ..., period: _Optional[str] = ..., counts: _Optional[_Union[Quantity, _Mapping]] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ...) -> None: ...

class ComponentPayout(_message.Message):
    __slots__ = ("plan", "plan_title", "component", "amount", "lines")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    PLAN_TITLE_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    plan: str
    plan_title: str
    component: str
    amount: _types_pb2.Money
    lines: _containers.RepeatedCompositeFieldContainer[StatementLine]
    def __init__(self, plan: _Optional[str] = ..., plan_title: _Optional[str] = ..., component: _Optional[str] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[StatementLine, _Mapping]]] = ...) -> None: ...

class StatementLine(_message.Message):
    __slots__ = ("name", "plan", "plan_revision", "component", "rule_kind", "period", "step_kind", "source", "external_id", "line", "stage", "cause_external_id", "account_id", "account_display_name", "product", "deal_type", "counting_date", "payable_date", "counts", "amount")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    PLAN_REVISION_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    RULE_KIND_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    STEP_KIND_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    DEAL_TYPE_FIELD_NUMBER: _ClassVar[int]
    COUNTING_DATE_FIELD_NUMBER: _ClassVar[int]
    PAYABLE_DATE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    plan: str
    plan_revision: str
    component: str
    rule_kind: str
    period: str
    step_kind: str
    source: str
    external_id: str
    line: int
    stage: int
    cause_external_id: str
    account_id: str
    account_display_name: str
    product: str
    deal_type: str
    counting_date: _date_pb2.Date
    payable_date: _date_pb2.Date
    counts: Quantity
    amount: _types_pb2.Money
    def __init__(self, name: _Optional[str] = ..., plan: _Optional[str] = ..., plan_revision: _Optional[str] = ..., component: _Optional[str] = ..., rule_kind: _Optional[str] = ..., period: _Optional[str] = ..., step_kind: _Optional[str] = ..., source: _Optional[str] = ..., external_id: _Optional[str] = ..., line: _Optional[int] = ..., stage: _Optional[int] = ..., cause_external_id: _Optional[str] = ..., account_id: _Optional[str] = ..., account_display_name: _Optional[str] = ..., product: _Optional[str] = ..., deal_type: _Optional[str] = ..., counting_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., payable_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., counts: _Optional[_Union[Quantity, _Mapping]] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ...) -> None: ...

class LineExplanation(_message.Message):
    __slots__ = ("line", "derivation")
    LINE_FIELD_NUMBER: _ClassVar[int]
    DERIVATION_FIELD_NUMBER: _ClassVar[int]
    line: StatementLine
    derivation: DerivationStep
    def __init__(self, line: _Optional[_Union[StatementLine, _Mapping]] = ..., derivation: _Optional[_Union[DerivationStep, _Mapping]] = ...) -> None: ...

class DerivationStep(_message.Message):
    __slots__ = ("code", "text", "values", "plan_at", "steps")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    PLAN_AT_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    code: str
    text: str
    values: _containers.RepeatedCompositeFieldContainer[DerivationValue]
    plan_at: str
    steps: _containers.RepeatedCompositeFieldContainer[DerivationStep]
    def __init__(self, code: _Optional[str] = ..., text: _Optional[str] = ..., values: _Optional[_Iterable[_Union[DerivationValue, _Mapping]]] = ..., plan_at: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[DerivationStep, _Mapping]]] = ...) -> None: ...

class DerivationValue(_message.Message):
    __slots__ = ("name", "money", "count", "ratio", "date", "time", "text", "exact_money", "number")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MONEY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    RATIO_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    EXACT_MONEY_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    name: str
    money: _types_pb2.Money
    count: str
    ratio: str
    date: _date_pb2.Date
    time: _timestamp_pb2.Timestamp
    text: str
    exact_money: ExactMoney
    number: int
    def __init__(self, name: _Optional[str] = ..., money: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., count: _Optional[str] = ..., ratio: _Optional[str] = ..., date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., text: _Optional[str] = ..., exact_money: _Optional[_Union[ExactMoney, _Mapping]] = ..., number: _Optional[int] = ...) -> None: ...

class ExactMoney(_message.Message):
    __slots__ = ("currency_code", "minor_units")
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    currency_code: str
    minor_units: str
    def __init__(self, currency_code: _Optional[str] = ..., minor_units: _Optional[str] = ...) -> None: ...

class GetStatementRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ExplainLineRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...
