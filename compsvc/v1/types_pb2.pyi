from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Money(_message.Message):
    __slots__ = ("currency_code", "minor_units")
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    MINOR_UNITS_FIELD_NUMBER: _ClassVar[int]
    currency_code: str
    minor_units: int
    def __init__(self, currency_code: _Optional[str] = ..., minor_units: _Optional[int] = ...) -> None: ...

class PaidAs(_message.Message):
    __slots__ = ("currency_code", "amount", "fx_table", "rate_date", "rate_start_date", "rate")
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    FX_TABLE_FIELD_NUMBER: _ClassVar[int]
    RATE_DATE_FIELD_NUMBER: _ClassVar[int]
    RATE_START_DATE_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    currency_code: str
    amount: Money
    fx_table: str
    rate_date: _date_pb2.Date
    rate_start_date: _date_pb2.Date
    rate: str
    def __init__(self, currency_code: _Optional[str] = ..., amount: _Optional[_Union[Money, _Mapping]] = ..., fx_table: _Optional[str] = ..., rate_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., rate_start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., rate: _Optional[str] = ...) -> None: ...
