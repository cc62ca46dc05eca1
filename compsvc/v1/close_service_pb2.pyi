import datetime

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

class CloseFinding(_message.Message):
    __slots__ = ("name", "code", "subject", "message", "state", "entries")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[CloseFinding.State]
        STATE_FOUND: _ClassVar[CloseFinding.State]
        STATE_MENDED: _ClassVar[CloseFinding.State]
        STATE_SIGNED_OFF: _ClassVar[CloseFinding.State]
    STATE_UNSPECIFIED: CloseFinding.State
    STATE_FOUND: CloseFinding.State
    STATE_MENDED: CloseFinding.State
    STATE_SIGNED_OFF: CloseFinding.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    name: str
    code: str
    subject: str
    message: str
    state: CloseFinding.State
    entries: _containers.RepeatedCompositeFieldContainer[CloseFindingEntry]
    def __init__(self, name: _Optional[str] = ..., code: _Optional[str] = ..., subject: _Optional[str] = ..., message: _Optional[str] = ..., state: _Optional[_Union[CloseFinding.State, str]] = ..., entries: _Optional[_Iterable[_Union[CloseFindingEntry, _Mapping]]] = ...) -> None: ...

class CloseFindingEntry(_message.Message):
    __slots__ = ("state", "author", "reason", "create_time")
    STATE_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    state: CloseFinding.State
    author: str
    reason: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, state: _Optional[_Union[CloseFinding.State, str]] = ..., author: _Optional[str] = ..., reason: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CheckCloseRequest(_message.Message):
    __slots__ = ("pay_period", "request_id")
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    pay_period: str
    request_id: str
    def __init__(self, pay_period: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CheckCloseResponse(_message.Message):
    __slots__ = ("findings", "open_count")
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    OPEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    findings: _containers.RepeatedCompositeFieldContainer[CloseFinding]
    open_count: int
    def __init__(self, findings: _Optional[_Iterable[_Union[CloseFinding, _Mapping]]] = ..., open_count: _Optional[int] = ...) -> None: ...

class SignOffFindingRequest(_message.Message):
    __slots__ = ("name", "reason", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    reason: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ControlTotals(_message.Message):
    __slots__ = ("source", "basis", "start_date", "end_date", "totals", "author")
    class Basis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        BASIS_UNSPECIFIED: _ClassVar[ControlTotals.Basis]
        BASIS_CLOSED: _ClassVar[ControlTotals.Basis]
        BASIS_ACCEPTED: _ClassVar[ControlTotals.Basis]
    BASIS_UNSPECIFIED: ControlTotals.Basis
    BASIS_CLOSED: ControlTotals.Basis
    BASIS_ACCEPTED: ControlTotals.Basis
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    source: str
    basis: ControlTotals.Basis
    start_date: _date_pb2.Date
    end_date: _date_pb2.Date
    totals: _containers.RepeatedCompositeFieldContainer[ControlTotal]
    author: str
    def __init__(self, source: _Optional[str] = ..., basis: _Optional[_Union[ControlTotals.Basis, str]] = ..., start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., totals: _Optional[_Iterable[_Union[ControlTotal, _Mapping]]] = ..., author: _Optional[str] = ...) -> None: ...

class ControlTotal(_message.Message):
    __slots__ = ("deal_count", "amount")
    DEAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    deal_count: int
    amount: _types_pb2.Money
    def __init__(self, deal_count: _Optional[int] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ...) -> None: ...

class StateControlTotalsRequest(_message.Message):
    __slots__ = ("control_totals", "request_id")
    CONTROL_TOTALS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    control_totals: ControlTotals
    request_id: str
    def __init__(self, control_totals: _Optional[_Union[ControlTotals, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ListControlTotalsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListControlTotalsResponse(_message.Message):
    __slots__ = ("control_totals",)
    CONTROL_TOTALS_FIELD_NUMBER: _ClassVar[int]
    control_totals: _containers.RepeatedCompositeFieldContainer[ControlTotals]
    def __init__(self, control_totals: _Optional[_Iterable[_Union[ControlTotals, _Mapping]]] = ...) -> None: ...
