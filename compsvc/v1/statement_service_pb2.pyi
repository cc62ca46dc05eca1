import datetime

from compsvc.v1 import dispute_service_pb2 as _dispute_service_pb2
from compsvc.v1 import payroll_run_service_pb2 as _payroll_run_service_pb2
from compsvc.v1 import types_pb2 as _types_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import resource_pb2 as _resource_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SaleKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SALE_KIND_UNSPECIFIED: _ClassVar[SaleKind]
    SALE_KIND_DEAL: _ClassVar[SaleKind]
    SALE_KIND_OPPORTUNITY: _ClassVar[SaleKind]
SALE_KIND_UNSPECIFIED: SaleKind
SALE_KIND_DEAL: SaleKind
SALE_KIND_OPPORTUNITY: SaleKind

class GetIssuedStatementRequest(_message.Message):
    __slots__ = ("name", "run")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    name: str
    run: str
    def __init__(self, name: _Optional[str] = ..., run: _Optional[str] = ...) -> None: ...

class IssuedStatement(_message.Message):
    __slots__ = ("name", "run", "as_of_time", "record_time", "hash", "content")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    run: str
    as_of_time: _timestamp_pb2.Timestamp
    record_time: _timestamp_pb2.Timestamp
    hash: str
    content: str
    def __init__(self, name: _Optional[str] = ..., run: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., hash: _Optional[str] = ..., content: _Optional[str] = ...) -> None: ...

class AcknowledgeStatementRequest(_message.Message):
    __slots__ = ("name", "hash", "text", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    hash: str
    text: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., hash: _Optional[str] = ..., text: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CompareStatementsRequest(_message.Message):
    __slots__ = ("participant", "from_time", "to_time", "period")
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    TO_TIME_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    participant: str
    from_time: _timestamp_pb2.Timestamp
    to_time: _timestamp_pb2.Timestamp
    period: str
    def __init__(self, participant: _Optional[str] = ..., from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., to_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., period: _Optional[str] = ...) -> None: ...

class StatementComparison(_message.Message):
    __slots__ = ("participant_id", "display_name", "from_time", "to_time", "lines", "before_totals", "after_totals", "difference_totals")
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    TO_TIME_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    BEFORE_TOTALS_FIELD_NUMBER: _ClassVar[int]
    AFTER_TOTALS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_TOTALS_FIELD_NUMBER: _ClassVar[int]
    participant_id: str
    display_name: str
    from_time: _timestamp_pb2.Timestamp
    to_time: _timestamp_pb2.Timestamp
    lines: _containers.RepeatedCompositeFieldContainer[LineDifference]
    before_totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    after_totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    difference_totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    def __init__(self, participant_id: _Optional[str] = ..., display_name: _Optional[str] = ..., from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., to_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[LineDifference, _Mapping]]] = ..., before_totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ..., after_totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ..., difference_totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ...) -> None: ...

class LineDifference(_message.Message):
    __slots__ = ("name", "plan", "component", "period", "external_id", "account_display_name", "before_amount", "after_amount", "difference", "causes", "moved")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    BEFORE_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    AFTER_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    CAUSES_FIELD_NUMBER: _ClassVar[int]
    MOVED_FIELD_NUMBER: _ClassVar[int]
    name: str
    plan: str
    component: str
    period: str
    external_id: str
    account_display_name: str
    before_amount: _types_pb2.Money
    after_amount: _types_pb2.Money
    difference: _types_pb2.Money
    causes: _containers.RepeatedCompositeFieldContainer[RecordedCause]
    moved: bool
    def __init__(self, name: _Optional[str] = ..., plan: _Optional[str] = ..., component: _Optional[str] = ..., period: _Optional[str] = ..., external_id: _Optional[str] = ..., account_display_name: _Optional[str] = ..., before_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., after_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., difference: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., causes: _Optional[_Iterable[_Union[RecordedCause, _Mapping]]] = ..., moved: _Optional[bool] = ...) -> None: ...

class RecordedCause(_message.Message):
    __slots__ = ("kind", "key", "change", "fields", "record_time", "author")
    KIND_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    kind: str
    key: str
    change: str
    fields: _containers.RepeatedCompositeFieldContainer[FieldChange]
    record_time: _timestamp_pb2.Timestamp
    author: str
    def __init__(self, kind: _Optional[str] = ..., key: _Optional[str] = ..., change: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[FieldChange, _Mapping]]] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., author: _Optional[str] = ...) -> None: ...

class FieldChange(_message.Message):
    __slots__ = ("name", "before", "after")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    name: str
    before: str
    after: str
    def __init__(self, name: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class Statement(_message.Message):
    __slots__ = ("name", "participant_id", "display_name", "period", "start_date", "end_date", "standings", "pending_deals", "pending_totals", "payouts", "totals", "forecast", "forecast_refusal", "elsewhere_deals", "changes", "what_if", "accounts", "provisional_amounts", "provisional_totals", "nothing_recorded", "disputes", "hash", "acknowledgements", "sealed_differences", "adjustments", "converted_pay", "pay_totals", "booked_pay", "book_mix")
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
    FORECAST_FIELD_NUMBER: _ClassVar[int]
    FORECAST_REFUSAL_FIELD_NUMBER: _ClassVar[int]
    ELSEWHERE_DEALS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    WHAT_IF_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    PROVISIONAL_AMOUNTS_FIELD_NUMBER: _ClassVar[int]
    PROVISIONAL_TOTALS_FIELD_NUMBER: _ClassVar[int]
    NOTHING_RECORDED_FIELD_NUMBER: _ClassVar[int]
    DISPUTES_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENTS_FIELD_NUMBER: _ClassVar[int]
    SEALED_DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    CONVERTED_PAY_FIELD_NUMBER: _ClassVar[int]
    PAY_TOTALS_FIELD_NUMBER: _ClassVar[int]
    BOOKED_PAY_FIELD_NUMBER: _ClassVar[int]
    BOOK_MIX_FIELD_NUMBER: _ClassVar[int]
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
    forecast: Forecast
    forecast_refusal: str
    elsewhere_deals: _containers.RepeatedCompositeFieldContainer[ElsewhereDeal]
    changes: StatementChanges
    what_if: _containers.RepeatedCompositeFieldContainer[WhatIfChange]
    accounts: _containers.RepeatedCompositeFieldContainer[PayAccount]
    provisional_amounts: _containers.RepeatedCompositeFieldContainer[ProvisionalAmount]
    provisional_totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    nothing_recorded: bool
    disputes: _containers.RepeatedCompositeFieldContainer[_dispute_service_pb2.Dispute]
    hash: str
    acknowledgements: _containers.RepeatedCompositeFieldContainer[StatementAcknowledgement]
    sealed_differences: _containers.RepeatedCompositeFieldContainer[SealedDifference]
    adjustments: _containers.RepeatedCompositeFieldContainer[_payroll_run_service_pb2.Adjustment]
    converted_pay: _containers.RepeatedCompositeFieldContainer[ConvertedPay]
    pay_totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    booked_pay: BookedPay
    book_mix: BookMix
    def __init__(self, name: _Optional[str] = ..., participant_id: _Optional[str] = ..., display_name: _Optional[str] = ..., period: _Optional[str] = ..., start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., standings: _Optional[_Iterable[_Union[Standing, _Mapping]]] = ..., pending_deals: _Optional[_Iterable[_Union[PendingDeal, _Mapping]]] = ..., pending_totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ..., payouts: _Optional[_Iterable[_Union[ComponentPayout, _Mapping]]] = ..., totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ..., forecast: _Optional[_Union[Forecast, _Mapping]] = ..., forecast_refusal: _Optional[str] = ..., elsewhere_deals: _Optional[_Iterable[_Union[ElsewhereDeal, _Mapping]]] = ..., changes: _Optional[_Union[StatementChanges, _Mapping]] = ..., what_if: _Optional[_Iterable[_Union[WhatIfChange, _Mapping]]] = ..., accounts: _Optional[_Iterable[_Union[PayAccount, _Mapping]]] = ..., provisional_amounts: _Optional[_Iterable[_Union[ProvisionalAmount, _Mapping]]] = ..., provisional_totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ..., nothing_recorded: _Optional[bool] = ..., disputes: _Optional[_Iterable[_Union[_dispute_service_pb2.Dispute, _Mapping]]] = ..., hash: _Optional[str] = ..., acknowledgements: _Optional[_Iterable[_Union[StatementAcknowledgement, _Mapping]]] = ..., sealed_differences: _Optional[_Iterable[_Union[SealedDifference, _Mapping]]] = ..., adjustments: _Optional[_Iterable[_Union[_payroll_run_service_pb2.Adjustment, _Mapping]]] = ..., converted_pay: _Optional[_Iterable[_Union[ConvertedPay, _Mapping]]] = ..., pay_totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ..., booked_pay: _Optional[_Union[BookedPay, _Mapping]] = ..., book_mix: _Optional[_Union[BookMix, _Mapping]] = ...) -> None: ...

class BookMix(_message.Message):
    __slots__ = ("customer_count", "target_count", "healthy_customers", "healthy_targets", "plan_at")
    CUSTOMER_COUNT_FIELD_NUMBER: _ClassVar[int]
    TARGET_COUNT_FIELD_NUMBER: _ClassVar[int]
    HEALTHY_CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    HEALTHY_TARGETS_FIELD_NUMBER: _ClassVar[int]
    PLAN_AT_FIELD_NUMBER: _ClassVar[int]
    customer_count: int
    target_count: int
    healthy_customers: str
    healthy_targets: str
    plan_at: str
    def __init__(self, customer_count: _Optional[int] = ..., target_count: _Optional[int] = ..., healthy_customers: _Optional[str] = ..., healthy_targets: _Optional[str] = ..., plan_at: _Optional[str] = ...) -> None: ...

class BookedPay(_message.Message):
    __slots__ = ("state", "open_date", "available_totals")
    STATE_FIELD_NUMBER: _ClassVar[int]
    OPEN_DATE_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_TOTALS_FIELD_NUMBER: _ClassVar[int]
    state: str
    open_date: _date_pb2.Date
    available_totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    def __init__(self, state: _Optional[str] = ..., open_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., available_totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ...) -> None: ...

class ConvertedPay(_message.Message):
    __slots__ = ("pay_period", "total", "paid_as", "plan_at")
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    PAID_AS_FIELD_NUMBER: _ClassVar[int]
    PLAN_AT_FIELD_NUMBER: _ClassVar[int]
    pay_period: str
    total: _types_pb2.Money
    paid_as: _types_pb2.PaidAs
    plan_at: str
    def __init__(self, pay_period: _Optional[str] = ..., total: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., paid_as: _Optional[_Union[_types_pb2.PaidAs, _Mapping]] = ..., plan_at: _Optional[str] = ...) -> None: ...

class StatementAcknowledgement(_message.Message):
    __slots__ = ("author", "text", "statement_hash", "create_time")
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_HASH_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    author: str
    text: str
    statement_hash: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, author: _Optional[str] = ..., text: _Optional[str] = ..., statement_hash: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SealedDifference(_message.Message):
    __slots__ = ("sealed_amount", "corrected_amount", "current_amount", "open_amount", "next_pay_period", "waiting_amount", "declined_amount")
    SEALED_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CORRECTED_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    OPEN_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    WAITING_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    DECLINED_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    sealed_amount: _types_pb2.Money
    corrected_amount: _types_pb2.Money
    current_amount: _types_pb2.Money
    open_amount: _types_pb2.Money
    next_pay_period: str
    waiting_amount: _types_pb2.Money
    declined_amount: _types_pb2.Money
    def __init__(self, sealed_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., corrected_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., current_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., open_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., next_pay_period: _Optional[str] = ..., waiting_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., declined_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ...) -> None: ...

class ProvisionalAmount(_message.Message):
    __slots__ = ("plan", "component", "period", "reason", "due_date", "amount")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    plan: str
    component: str
    period: str
    reason: str
    due_date: _date_pb2.Date
    amount: _types_pb2.Money
    def __init__(self, plan: _Optional[str] = ..., component: _Optional[str] = ..., period: _Optional[str] = ..., reason: _Optional[str] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ...) -> None: ...

class PayAccount(_message.Message):
    __slots__ = ("currency_code", "steps")
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    currency_code: str
    steps: _containers.RepeatedCompositeFieldContainer[PayStep]
    def __init__(self, currency_code: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[PayStep, _Mapping]]] = ...) -> None: ...

class PayStep(_message.Message):
    __slots__ = ("kind", "amount", "plan_at", "note")
    KIND_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PLAN_AT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    amount: _types_pb2.Money
    plan_at: str
    note: str
    def __init__(self, kind: _Optional[str] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., plan_at: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class Quantity(_message.Message):
    __slots__ = ("money", "count")
    MONEY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    money: _types_pb2.Money
    count: str
    def __init__(self, money: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., count: _Optional[str] = ...) -> None: ...

class Standing(_message.Message):
    __slots__ = ("plan", "plan_title", "component", "component_at", "period", "measure", "position", "quota", "attainment", "earned_amount", "tier", "next_step", "place", "as_at_date", "lost_counts")
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
    PLACE_FIELD_NUMBER: _ClassVar[int]
    AS_AT_DATE_FIELD_NUMBER: _ClassVar[int]
    LOST_COUNTS_FIELD_NUMBER: _ClassVar[int]
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
    place: Place
    as_at_date: _date_pb2.Date
    lost_counts: _containers.RepeatedCompositeFieldContainer[LostCount]
    def __init__(self, plan: _Optional[str] = ..., plan_title: _Optional[str] = ..., component: _Optional[str] = ..., component_at: _Optional[str] = ..., period: _Optional[str] = ..., measure: _Optional[str] = ..., position: _Optional[_Union[Quantity, _Mapping]] = ..., quota: _Optional[_Union[Quantity, _Mapping]] = ..., attainment: _Optional[str] = ..., earned_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., tier: _Optional[_Union[Tier, _Mapping]] = ..., next_step: _Optional[_Union[NextStep, _Mapping]] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., as_at_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., lost_counts: _Optional[_Iterable[_Union[LostCount, _Mapping]]] = ...) -> None: ...

class LostCount(_message.Message):
    __slots__ = ("external_id", "account_display_name", "lost_date", "counts", "must_stay_months")
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    LOST_DATE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    MUST_STAY_MONTHS_FIELD_NUMBER: _ClassVar[int]
    external_id: str
    account_display_name: str
    lost_date: _date_pb2.Date
    counts: Quantity
    must_stay_months: int
    def __init__(self, external_id: _Optional[str] = ..., account_display_name: _Optional[str] = ..., lost_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., counts: _Optional[_Union[Quantity, _Mapping]] = ..., must_stay_months: _Optional[int] = ...) -> None: ...

class Place(_message.Message):
    __slots__ = ("number", "ranked_count", "winning_count", "prize")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    RANKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    WINNING_COUNT_FIELD_NUMBER: _ClassVar[int]
    PRIZE_FIELD_NUMBER: _ClassVar[int]
    number: int
    ranked_count: int
    winning_count: int
    prize: str
    def __init__(self, number: _Optional[int] = ..., ranked_count: _Optional[int] = ..., winning_count: _Optional[int] = ..., prize: _Optional[str] = ...) -> None: ...

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

class Forecast(_message.Message):
    __slots__ = ("pipeline_date", "components", "payouts", "prospects")
    PIPELINE_DATE_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    PAYOUTS_FIELD_NUMBER: _ClassVar[int]
    PROSPECTS_FIELD_NUMBER: _ClassVar[int]
    pipeline_date: _date_pb2.Date
    components: _containers.RepeatedCompositeFieldContainer[ComponentForecast]
    payouts: _containers.RepeatedCompositeFieldContainer[ScenarioPayout]
    prospects: _containers.RepeatedCompositeFieldContainer[Prospect]
    def __init__(self, pipeline_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., components: _Optional[_Iterable[_Union[ComponentForecast, _Mapping]]] = ..., payouts: _Optional[_Iterable[_Union[ScenarioPayout, _Mapping]]] = ..., prospects: _Optional[_Iterable[_Union[Prospect, _Mapping]]] = ...) -> None: ...

class ComponentForecast(_message.Message):
    __slots__ = ("plan", "component", "period", "measure", "quota", "outlooks", "next_step", "reached_by")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    OUTLOOKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_STEP_FIELD_NUMBER: _ClassVar[int]
    REACHED_BY_FIELD_NUMBER: _ClassVar[int]
    plan: str
    component: str
    period: str
    measure: str
    quota: Quantity
    outlooks: _containers.RepeatedCompositeFieldContainer[Outlook]
    next_step: NextStep
    reached_by: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, plan: _Optional[str] = ..., component: _Optional[str] = ..., period: _Optional[str] = ..., measure: _Optional[str] = ..., quota: _Optional[_Union[Quantity, _Mapping]] = ..., outlooks: _Optional[_Iterable[_Union[Outlook, _Mapping]]] = ..., next_step: _Optional[_Union[NextStep, _Mapping]] = ..., reached_by: _Optional[_Iterable[str]] = ...) -> None: ...

class Outlook(_message.Message):
    __slots__ = ("scenario", "position", "attainment", "tier", "bonus_count", "bonus_amount", "earned_amount", "deal_count")
    SCENARIO_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ATTAINMENT_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    BONUS_COUNT_FIELD_NUMBER: _ClassVar[int]
    BONUS_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    EARNED_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    DEAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    scenario: str
    position: Quantity
    attainment: str
    tier: Tier
    bonus_count: int
    bonus_amount: _types_pb2.Money
    earned_amount: _types_pb2.Money
    deal_count: int
    def __init__(self, scenario: _Optional[str] = ..., position: _Optional[_Union[Quantity, _Mapping]] = ..., attainment: _Optional[str] = ..., tier: _Optional[_Union[Tier, _Mapping]] = ..., bonus_count: _Optional[int] = ..., bonus_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., earned_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., deal_count: _Optional[int] = ...) -> None: ...

class ScenarioPayout(_message.Message):
    __slots__ = ("scenario", "totals")
    SCENARIO_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    scenario: str
    totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    def __init__(self, scenario: _Optional[str] = ..., totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ...) -> None: ...

class Prospect(_message.Message):
    __slots__ = ("source", "external_id", "account_id", "account_display_name", "product", "stage", "category", "probability", "amount", "expected_close_date", "overdue", "dead_date", "state", "reason", "credits")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_CLOSE_DATE_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_FIELD_NUMBER: _ClassVar[int]
    DEAD_DATE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    source: str
    external_id: str
    account_id: str
    account_display_name: str
    product: str
    stage: str
    category: str
    probability: str
    amount: _types_pb2.Money
    expected_close_date: _date_pb2.Date
    overdue: bool
    dead_date: _date_pb2.Date
    state: str
    reason: str
    credits: _containers.RepeatedCompositeFieldContainer[ProspectCredit]
    def __init__(self, source: _Optional[str] = ..., external_id: _Optional[str] = ..., account_id: _Optional[str] = ..., account_display_name: _Optional[str] = ..., product: _Optional[str] = ..., stage: _Optional[str] = ..., category: _Optional[str] = ..., probability: _Optional[str] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., expected_close_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., overdue: _Optional[bool] = ..., dead_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ..., credits: _Optional[_Iterable[_Union[ProspectCredit, _Mapping]]] = ...) -> None: ...

class ProspectCredit(_message.Message):
    __slots__ = ("plan", "component", "period", "counts")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    plan: str
    component: str
    period: str
    counts: Quantity
    def __init__(self, plan: _Optional[str] = ..., component: _Optional[str] = ..., period: _Optional[str] = ..., counts: _Optional[_Union[Quantity, _Mapping]] = ...) -> None: ...

class ElsewhereDeal(_message.Message):
    __slots__ = ("source", "external_id", "account_id", "account_display_name", "closed_date", "holders", "route", "reason")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CLOSED_DATE_FIELD_NUMBER: _ClassVar[int]
    HOLDERS_FIELD_NUMBER: _ClassVar[int]
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    source: str
    external_id: str
    account_id: str
    account_display_name: str
    closed_date: _date_pb2.Date
    holders: _containers.RepeatedScalarFieldContainer[str]
    route: str
    reason: str
    def __init__(self, source: _Optional[str] = ..., external_id: _Optional[str] = ..., account_id: _Optional[str] = ..., account_display_name: _Optional[str] = ..., closed_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., holders: _Optional[_Iterable[str]] = ..., route: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class StatementChanges(_message.Message):
    __slots__ = ("since_time", "lines", "recorded", "previous_totals", "nothing_stored", "current_totals")
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_TOTALS_FIELD_NUMBER: _ClassVar[int]
    NOTHING_STORED_FIELD_NUMBER: _ClassVar[int]
    CURRENT_TOTALS_FIELD_NUMBER: _ClassVar[int]
    since_time: _timestamp_pb2.Timestamp
    lines: _containers.RepeatedCompositeFieldContainer[LineChange]
    recorded: _containers.RepeatedCompositeFieldContainer[RecordedChange]
    previous_totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    nothing_stored: bool
    current_totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    def __init__(self, since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[LineChange, _Mapping]]] = ..., recorded: _Optional[_Iterable[_Union[RecordedChange, _Mapping]]] = ..., previous_totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ..., nothing_stored: _Optional[bool] = ..., current_totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ...) -> None: ...

class LineChange(_message.Message):
    __slots__ = ("before", "after", "causes")
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    CAUSES_FIELD_NUMBER: _ClassVar[int]
    before: StatementLine
    after: StatementLine
    causes: _containers.RepeatedCompositeFieldContainer[RecordedChange]
    def __init__(self, before: _Optional[_Union[StatementLine, _Mapping]] = ..., after: _Optional[_Union[StatementLine, _Mapping]] = ..., causes: _Optional[_Iterable[_Union[RecordedChange, _Mapping]]] = ...) -> None: ...

class RecordedChange(_message.Message):
    __slots__ = ("kind", "name", "source", "change")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    name: str
    source: str
    change: str
    def __init__(self, kind: _Optional[str] = ..., name: _Optional[str] = ..., source: _Optional[str] = ..., change: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("name", "plan", "plan_revision", "component", "rule_kind", "period", "step_kind", "source", "external_id", "line", "stage", "cause_external_id", "account_id", "account_display_name", "product", "deal_type", "counting_date", "payable_date", "counts", "amount", "activity", "part", "whole_amount", "corrects_pay_period", "current_amount", "reference", "corrected_from", "corrected_to", "deal_cause")
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
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    WHOLE_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CORRECTS_PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    CURRENT_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    CORRECTED_FROM_FIELD_NUMBER: _ClassVar[int]
    CORRECTED_TO_FIELD_NUMBER: _ClassVar[int]
    DEAL_CAUSE_FIELD_NUMBER: _ClassVar[int]
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
    activity: str
    part: int
    whole_amount: _types_pb2.Money
    corrects_pay_period: str
    current_amount: _types_pb2.Money
    reference: str
    corrected_from: Quantity
    corrected_to: Quantity
    deal_cause: str
    def __init__(self, name: _Optional[str] = ..., plan: _Optional[str] = ..., plan_revision: _Optional[str] = ..., component: _Optional[str] = ..., rule_kind: _Optional[str] = ..., period: _Optional[str] = ..., step_kind: _Optional[str] = ..., source: _Optional[str] = ..., external_id: _Optional[str] = ..., line: _Optional[int] = ..., stage: _Optional[int] = ..., cause_external_id: _Optional[str] = ..., account_id: _Optional[str] = ..., account_display_name: _Optional[str] = ..., product: _Optional[str] = ..., deal_type: _Optional[str] = ..., counting_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., payable_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., counts: _Optional[_Union[Quantity, _Mapping]] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., activity: _Optional[str] = ..., part: _Optional[int] = ..., whole_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., corrects_pay_period: _Optional[str] = ..., current_amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., reference: _Optional[str] = ..., corrected_from: _Optional[_Union[Quantity, _Mapping]] = ..., corrected_to: _Optional[_Union[Quantity, _Mapping]] = ..., deal_cause: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("name", "pipeline_date", "as_of_time", "since_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_DATE_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    pipeline_date: _date_pb2.Date
    as_of_time: _timestamp_pb2.Timestamp
    since_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., pipeline_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PreviewStatementRequest(_message.Message):
    __slots__ = ("name", "pipeline_date", "as_of_time", "what_if")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_DATE_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    WHAT_IF_FIELD_NUMBER: _ClassVar[int]
    name: str
    pipeline_date: _date_pb2.Date
    as_of_time: _timestamp_pb2.Timestamp
    what_if: _containers.RepeatedCompositeFieldContainer[WhatIfChange]
    def __init__(self, name: _Optional[str] = ..., pipeline_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., what_if: _Optional[_Iterable[_Union[WhatIfChange, _Mapping]]] = ...) -> None: ...

class WhatIfChange(_message.Message):
    __slots__ = ("add", "drop", "move")
    ADD_FIELD_NUMBER: _ClassVar[int]
    DROP_FIELD_NUMBER: _ClassVar[int]
    MOVE_FIELD_NUMBER: _ClassVar[int]
    add: AddedSale
    drop: DroppedSale
    move: MovedSale
    def __init__(self, add: _Optional[_Union[AddedSale, _Mapping]] = ..., drop: _Optional[_Union[DroppedSale, _Mapping]] = ..., move: _Optional[_Union[MovedSale, _Mapping]] = ...) -> None: ...

class AddedSale(_message.Message):
    __slots__ = ("kind", "id", "account_id", "product", "type", "amount", "close_date", "stage", "start_date", "end_date")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CLOSE_DATE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    kind: SaleKind
    id: str
    account_id: str
    product: str
    type: str
    amount: _types_pb2.Money
    close_date: _date_pb2.Date
    stage: str
    start_date: _date_pb2.Date
    end_date: _date_pb2.Date
    def __init__(self, kind: _Optional[_Union[SaleKind, str]] = ..., id: _Optional[str] = ..., account_id: _Optional[str] = ..., product: _Optional[str] = ..., type: _Optional[str] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., close_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., stage: _Optional[str] = ..., start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class DroppedSale(_message.Message):
    __slots__ = ("kind", "id", "source")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    kind: SaleKind
    id: str
    source: str
    def __init__(self, kind: _Optional[_Union[SaleKind, str]] = ..., id: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class MovedSale(_message.Message):
    __slots__ = ("kind", "id", "source", "to_date")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TO_DATE_FIELD_NUMBER: _ClassVar[int]
    kind: SaleKind
    id: str
    source: str
    to_date: _date_pb2.Date
    def __init__(self, kind: _Optional[_Union[SaleKind, str]] = ..., id: _Optional[str] = ..., source: _Optional[str] = ..., to_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class ExplainLineRequest(_message.Message):
    __slots__ = ("name", "as_of_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
