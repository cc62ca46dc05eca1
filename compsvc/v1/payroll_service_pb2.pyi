import datetime

from compsvc.v1 import statement_service_pb2 as _statement_service_pb2
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

class Payout(_message.Message):
    __slots__ = ("name", "payout_id", "pay_period", "participant_id", "display_name", "plan", "component", "nature", "earned_period", "earned_start_date", "earned_end_date", "amount", "line_count", "lines", "paid_as", "personnel_number", "legal_entity", "pay_group", "pay_date", "earnings_code", "cost_centre", "gl_account", "payee_class")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAYOUT_ID_FIELD_NUMBER: _ClassVar[int]
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    NATURE_FIELD_NUMBER: _ClassVar[int]
    EARNED_PERIOD_FIELD_NUMBER: _ClassVar[int]
    EARNED_START_DATE_FIELD_NUMBER: _ClassVar[int]
    EARNED_END_DATE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    LINE_COUNT_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    PAID_AS_FIELD_NUMBER: _ClassVar[int]
    PERSONNEL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    LEGAL_ENTITY_FIELD_NUMBER: _ClassVar[int]
    PAY_GROUP_FIELD_NUMBER: _ClassVar[int]
    PAY_DATE_FIELD_NUMBER: _ClassVar[int]
    EARNINGS_CODE_FIELD_NUMBER: _ClassVar[int]
    COST_CENTRE_FIELD_NUMBER: _ClassVar[int]
    GL_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PAYEE_CLASS_FIELD_NUMBER: _ClassVar[int]
    name: str
    payout_id: str
    pay_period: str
    participant_id: str
    display_name: str
    plan: str
    component: str
    nature: str
    earned_period: str
    earned_start_date: _date_pb2.Date
    earned_end_date: _date_pb2.Date
    amount: _types_pb2.Money
    line_count: int
    lines: _containers.RepeatedCompositeFieldContainer[_statement_service_pb2.StatementLine]
    paid_as: _types_pb2.PaidAs
    personnel_number: str
    legal_entity: str
    pay_group: str
    pay_date: _date_pb2.Date
    earnings_code: str
    cost_centre: str
    gl_account: str
    payee_class: str
    def __init__(self, name: _Optional[str] = ..., payout_id: _Optional[str] = ..., pay_period: _Optional[str] = ..., participant_id: _Optional[str] = ..., display_name: _Optional[str] = ..., plan: _Optional[str] = ..., component: _Optional[str] = ..., nature: _Optional[str] = ..., earned_period: _Optional[str] = ..., earned_start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., earned_end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., line_count: _Optional[int] = ..., lines: _Optional[_Iterable[_Union[_statement_service_pb2.StatementLine, _Mapping]]] = ..., paid_as: _Optional[_Union[_types_pb2.PaidAs, _Mapping]] = ..., personnel_number: _Optional[str] = ..., legal_entity: _Optional[str] = ..., pay_group: _Optional[str] = ..., pay_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., earnings_code: _Optional[str] = ..., cost_centre: _Optional[str] = ..., gl_account: _Optional[str] = ..., payee_class: _Optional[str] = ...) -> None: ...

class ListPayoutsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "participant_id", "plan", "currency_code", "as_of_time")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    participant_id: str
    plan: str
    currency_code: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., participant_id: _Optional[str] = ..., plan: _Optional[str] = ..., currency_code: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListPayoutsResponse(_message.Message):
    __slots__ = ("payouts", "next_page_token", "total_size", "totals", "position", "refused_row_count")
    PAYOUTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    REFUSED_ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    payouts: _containers.RepeatedCompositeFieldContainer[Payout]
    next_page_token: str
    total_size: int
    totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    position: int
    refused_row_count: int
    def __init__(self, payouts: _Optional[_Iterable[_Union[Payout, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ..., totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ..., position: _Optional[int] = ..., refused_row_count: _Optional[int] = ...) -> None: ...

class GetPayoutRequest(_message.Message):
    __slots__ = ("name", "as_of_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
