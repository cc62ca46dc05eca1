import datetime

from compsvc.v1 import types_pb2 as _types_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import resource_pb2 as _resource_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Deal(_message.Message):
    __slots__ = ("name", "source", "external_id", "revision", "account_id", "seller_id", "opened_date", "closed_date", "accepted_time", "pending_reason", "currency_code", "channel", "opportunity_id", "split_reason", "attributes", "product", "type", "quantity", "start_date", "end_date", "annual_value", "one_time_value", "cost", "discount", "replaces", "stages", "lines", "splits", "roles", "create_time", "cause", "changed_date", "change_evidence")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    SELLER_ID_FIELD_NUMBER: _ClassVar[int]
    OPENED_DATE_FIELD_NUMBER: _ClassVar[int]
    CLOSED_DATE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_TIME_FIELD_NUMBER: _ClassVar[int]
    PENDING_REASON_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    OPPORTUNITY_ID_FIELD_NUMBER: _ClassVar[int]
    SPLIT_REASON_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    ANNUAL_VALUE_FIELD_NUMBER: _ClassVar[int]
    ONE_TIME_VALUE_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SPLITS_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    CHANGED_DATE_FIELD_NUMBER: _ClassVar[int]
    CHANGE_EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    source: str
    external_id: str
    revision: int
    account_id: str
    seller_id: str
    opened_date: _date_pb2.Date
    closed_date: _date_pb2.Date
    accepted_time: _timestamp_pb2.Timestamp
    pending_reason: str
    currency_code: str
    channel: str
    opportunity_id: str
    split_reason: str
    attributes: _containers.ScalarMap[str, str]
    product: str
    type: str
    quantity: int
    start_date: _date_pb2.Date
    end_date: _date_pb2.Date
    annual_value: _types_pb2.Money
    one_time_value: _types_pb2.Money
    cost: _types_pb2.Money
    discount: str
    replaces: _containers.RepeatedScalarFieldContainer[str]
    stages: _containers.RepeatedCompositeFieldContainer[Stage]
    lines: _containers.RepeatedCompositeFieldContainer[DealLine]
    splits: _containers.RepeatedCompositeFieldContainer[Split]
    roles: _containers.RepeatedCompositeFieldContainer[DealRole]
    create_time: _timestamp_pb2.Timestamp
    cause: str
    changed_date: _date_pb2.Date
    change_evidence: str
    def __init__(self, name: _Optional[str] = ..., source: _Optional[str] = ..., external_id: _Optional[str] = ..., revision: _Optional[int] = ..., account_id: _Optional[str] = ..., seller_id: _Optional[str] = ..., opened_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., closed_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., accepted_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., pending_reason: _Optional[str] = ..., currency_code: _Optional[str] = ..., channel: _Optional[str] = ..., opportunity_id: _Optional[str] = ..., split_reason: _Optional[str] = ..., attributes: _Optional[_Mapping[str, str]] = ..., product: _Optional[str] = ..., type: _Optional[str] = ..., quantity: _Optional[int] = ..., start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., annual_value: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., one_time_value: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., cost: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., discount: _Optional[str] = ..., replaces: _Optional[_Iterable[str]] = ..., stages: _Optional[_Iterable[_Union[Stage, _Mapping]]] = ..., lines: _Optional[_Iterable[_Union[DealLine, _Mapping]]] = ..., splits: _Optional[_Iterable[_Union[Split, _Mapping]]] = ..., roles: _Optional[_Iterable[_Union[DealRole, _Mapping]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cause: _Optional[str] = ..., changed_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., change_evidence: _Optional[str] = ...) -> None: ...

class DealLine(_message.Message):
    __slots__ = ("line", "product", "type", "quantity", "start_date", "end_date", "annual_value", "one_time_value", "cost", "discount", "replaces", "stages")
    LINE_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    ANNUAL_VALUE_FIELD_NUMBER: _ClassVar[int]
    ONE_TIME_VALUE_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    line: int
    product: str
    type: str
    quantity: int
    start_date: _date_pb2.Date
    end_date: _date_pb2.Date
    annual_value: _types_pb2.Money
    one_time_value: _types_pb2.Money
    cost: _types_pb2.Money
    discount: str
    replaces: _containers.RepeatedScalarFieldContainer[str]
    stages: _containers.RepeatedCompositeFieldContainer[Stage]
    def __init__(self, line: _Optional[int] = ..., product: _Optional[str] = ..., type: _Optional[str] = ..., quantity: _Optional[int] = ..., start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., annual_value: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., one_time_value: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., cost: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., discount: _Optional[str] = ..., replaces: _Optional[_Iterable[str]] = ..., stages: _Optional[_Iterable[_Union[Stage, _Mapping]]] = ...) -> None: ...

class Stage(_message.Message):
    __slots__ = ("stage", "start_date", "end_date", "annual_value", "committed", "exercised_time")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    ANNUAL_VALUE_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    EXERCISED_TIME_FIELD_NUMBER: _ClassVar[int]
    stage: int
    start_date: _date_pb2.Date
    end_date: _date_pb2.Date
    annual_value: _types_pb2.Money
    committed: bool
    exercised_time: _timestamp_pb2.Timestamp
    def __init__(self, stage: _Optional[int] = ..., start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., annual_value: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., committed: _Optional[bool] = ..., exercised_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Split(_message.Message):
    __slots__ = ("participant_id", "share")
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    participant_id: str
    share: str
    def __init__(self, participant_id: _Optional[str] = ..., share: _Optional[str] = ...) -> None: ...

class DealRole(_message.Message):
    __slots__ = ("role", "participant_id", "share")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    role: str
    participant_id: str
    share: str
    def __init__(self, role: _Optional[str] = ..., participant_id: _Optional[str] = ..., share: _Optional[str] = ...) -> None: ...

class IngestDealsRequest(_message.Message):
    __slots__ = ("deals", "request_id", "validate_only")
    DEALS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    deals: _containers.RepeatedCompositeFieldContainer[Deal]
    request_id: str
    validate_only: bool
    def __init__(self, deals: _Optional[_Iterable[_Union[Deal, _Mapping]]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class IngestDealsResponse(_message.Message):
    __slots__ = ("request_id", "ingested", "error")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    INGESTED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    ingested: IngestedDeals
    error: _status_pb2.Status
    def __init__(self, request_id: _Optional[str] = ..., ingested: _Optional[_Union[IngestedDeals, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class IngestedDeals(_message.Message):
    __slots__ = ("created_count", "unchanged_count", "revised_count", "position", "create_time")
    CREATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVISED_COUNT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    created_count: int
    unchanged_count: int
    revised_count: int
    position: int
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, created_count: _Optional[int] = ..., unchanged_count: _Optional[int] = ..., revised_count: _Optional[int] = ..., position: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetDealRequest(_message.Message):
    __slots__ = ("name", "as_of_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListDealsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "source", "account_id", "seller_id", "pending_only", "as_of_time", "opportunity_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    SELLER_ID_FIELD_NUMBER: _ClassVar[int]
    PENDING_ONLY_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    OPPORTUNITY_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    source: str
    account_id: str
    seller_id: str
    pending_only: bool
    as_of_time: _timestamp_pb2.Timestamp
    opportunity_id: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., source: _Optional[str] = ..., account_id: _Optional[str] = ..., seller_id: _Optional[str] = ..., pending_only: _Optional[bool] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., opportunity_id: _Optional[str] = ...) -> None: ...

class ListDealsResponse(_message.Message):
    __slots__ = ("deals", "next_page_token")
    DEALS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    deals: _containers.RepeatedCompositeFieldContainer[Deal]
    next_page_token: str
    def __init__(self, deals: _Optional[_Iterable[_Union[Deal, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
