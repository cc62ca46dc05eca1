import datetime

from compsvc.v1 import types_pb2 as _types_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import resource_pb2 as _resource_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Dispute(_message.Message):
    __slots__ = ("name", "participant_id", "subject", "period", "amount", "state", "entries")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Dispute.State]
        STATE_OPEN: _ClassVar[Dispute.State]
        STATE_ANSWERED: _ClassVar[Dispute.State]
        STATE_ADJUSTED: _ClassVar[Dispute.State]
        STATE_DECLINED: _ClassVar[Dispute.State]
        STATE_ACCEPTED: _ClassVar[Dispute.State]
        STATE_WITHDRAWN: _ClassVar[Dispute.State]
    STATE_UNSPECIFIED: Dispute.State
    STATE_OPEN: Dispute.State
    STATE_ANSWERED: Dispute.State
    STATE_ADJUSTED: Dispute.State
    STATE_DECLINED: Dispute.State
    STATE_ACCEPTED: Dispute.State
    STATE_WITHDRAWN: Dispute.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    name: str
    participant_id: str
    subject: str
    period: str
    amount: _types_pb2.Money
    state: Dispute.State
    entries: _containers.RepeatedCompositeFieldContainer[DisputeEntry]
    def __init__(self, name: _Optional[str] = ..., participant_id: _Optional[str] = ..., subject: _Optional[str] = ..., period: _Optional[str] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., state: _Optional[_Union[Dispute.State, str]] = ..., entries: _Optional[_Iterable[_Union[DisputeEntry, _Mapping]]] = ...) -> None: ...

class DisputeEntry(_message.Message):
    __slots__ = ("action", "author", "text", "adjustment_id", "create_time")
    class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ACTION_UNSPECIFIED: _ClassVar[DisputeEntry.Action]
        ACTION_OPENED: _ClassVar[DisputeEntry.Action]
        ACTION_REPLIED: _ClassVar[DisputeEntry.Action]
        ACTION_ACCEPTED: _ClassVar[DisputeEntry.Action]
        ACTION_WITHDRAWN: _ClassVar[DisputeEntry.Action]
        ACTION_ANSWERED: _ClassVar[DisputeEntry.Action]
        ACTION_ADJUSTED: _ClassVar[DisputeEntry.Action]
        ACTION_DECLINED: _ClassVar[DisputeEntry.Action]
    ACTION_UNSPECIFIED: DisputeEntry.Action
    ACTION_OPENED: DisputeEntry.Action
    ACTION_REPLIED: DisputeEntry.Action
    ACTION_ACCEPTED: DisputeEntry.Action
    ACTION_WITHDRAWN: DisputeEntry.Action
    ACTION_ANSWERED: DisputeEntry.Action
    ACTION_ADJUSTED: DisputeEntry.Action
    ACTION_DECLINED: DisputeEntry.Action
    ACTION_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    action: DisputeEntry.Action
    author: str
    text: str
    adjustment_id: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, action: _Optional[_Union[DisputeEntry.Action, str]] = ..., author: _Optional[str] = ..., text: _Optional[str] = ..., adjustment_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OpenDisputeRequest(_message.Message):
    __slots__ = ("subject", "text", "request_id")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    subject: str
    text: str
    request_id: str
    def __init__(self, subject: _Optional[str] = ..., text: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReplyDisputeRequest(_message.Message):
    __slots__ = ("name", "action", "text", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    action: DisputeEntry.Action
    text: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., action: _Optional[_Union[DisputeEntry.Action, str]] = ..., text: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AnswerDisputeRequest(_message.Message):
    __slots__ = ("name", "action", "text", "adjustment_id", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    action: DisputeEntry.Action
    text: str
    adjustment_id: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., action: _Optional[_Union[DisputeEntry.Action, str]] = ..., text: _Optional[str] = ..., adjustment_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetDisputeRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListDisputesRequest(_message.Message):
    __slots__ = ("participant_id", "state", "page_size", "page_token")
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    participant_id: str
    state: Dispute.State
    page_size: int
    page_token: str
    def __init__(self, participant_id: _Optional[str] = ..., state: _Optional[_Union[Dispute.State, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDisputesResponse(_message.Message):
    __slots__ = ("disputes", "next_page_token")
    DISPUTES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    disputes: _containers.RepeatedCompositeFieldContainer[Dispute]
    next_page_token: str
    def __init__(self, disputes: _Optional[_Iterable[_Union[Dispute, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
