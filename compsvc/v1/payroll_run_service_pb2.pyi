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

class Adjustment(_message.Message):
    __slots__ = ("name", "state", "origin", "participant_id", "plan", "component", "amount", "pay_period", "corrects_pay_period", "kind", "reason", "evidence", "author", "decider", "decision_reason", "decision_code", "acknowledge_time", "credit")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Adjustment.State]
        STATE_WRITTEN: _ClassVar[Adjustment.State]
        STATE_ACCEPTED: _ClassVar[Adjustment.State]
        STATE_DECLINED: _ClassVar[Adjustment.State]
        STATE_SUPERSEDED: _ClassVar[Adjustment.State]
    STATE_UNSPECIFIED: Adjustment.State
    STATE_WRITTEN: Adjustment.State
    STATE_ACCEPTED: Adjustment.State
    STATE_DECLINED: Adjustment.State
    STATE_SUPERSEDED: Adjustment.State
    class Origin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ORIGIN_UNSPECIFIED: _ClassVar[Adjustment.Origin]
        ORIGIN_MANUAL: _ClassVar[Adjustment.Origin]
        ORIGIN_PROPOSED: _ClassVar[Adjustment.Origin]
    ORIGIN_UNSPECIFIED: Adjustment.Origin
    ORIGIN_MANUAL: Adjustment.Origin
    ORIGIN_PROPOSED: Adjustment.Origin
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    CORRECTS_PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    DECIDER_FIELD_NUMBER: _ClassVar[int]
    DECISION_REASON_FIELD_NUMBER: _ClassVar[int]
    DECISION_CODE_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGE_TIME_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Adjustment.State
    origin: Adjustment.Origin
    participant_id: str
    plan: str
    component: str
    amount: _types_pb2.Money
    pay_period: str
    corrects_pay_period: str
    kind: str
    reason: str
    evidence: str
    author: str
    decider: str
    decision_reason: str
    decision_code: str
    acknowledge_time: _timestamp_pb2.Timestamp
    credit: StatedCredit
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Adjustment.State, str]] = ..., origin: _Optional[_Union[Adjustment.Origin, str]] = ..., participant_id: _Optional[str] = ..., plan: _Optional[str] = ..., component: _Optional[str] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., pay_period: _Optional[str] = ..., corrects_pay_period: _Optional[str] = ..., kind: _Optional[str] = ..., reason: _Optional[str] = ..., evidence: _Optional[str] = ..., author: _Optional[str] = ..., decider: _Optional[str] = ..., decision_reason: _Optional[str] = ..., decision_code: _Optional[str] = ..., acknowledge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., credit: _Optional[_Union[StatedCredit, _Mapping]] = ...) -> None: ...

class StatedCredit(_message.Message):
    __slots__ = ("credit_date", "amount_minor", "count_millionths", "counts", "pays", "source", "external_id", "line", "taken_back")
    CREDIT_DATE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    COUNT_MILLIONTHS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    PAYS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    TAKEN_BACK_FIELD_NUMBER: _ClassVar[int]
    credit_date: _date_pb2.Date
    amount_minor: int
    count_millionths: int
    counts: bool
    pays: bool
    source: str
    external_id: str
    line: int
    taken_back: bool
    def __init__(self, credit_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., amount_minor: _Optional[int] = ..., count_millionths: _Optional[int] = ..., counts: _Optional[bool] = ..., pays: _Optional[bool] = ..., source: _Optional[str] = ..., external_id: _Optional[str] = ..., line: _Optional[int] = ..., taken_back: _Optional[bool] = ...) -> None: ...

class Run(_message.Message):
    __slots__ = ("name", "pay_period", "participant_ids", "state", "creator", "approver", "book_position", "ledger_position", "calculation_version", "digest", "payout_count", "totals", "head_hash", "update_time", "warnings")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Run.State]
        STATE_COMPUTED: _ClassVar[Run.State]
        STATE_APPROVED: _ClassVar[Run.State]
        STATE_SEALED: _ClassVar[Run.State]
        STATE_CANCELLED: _ClassVar[Run.State]
    STATE_UNSPECIFIED: Run.State
    STATE_COMPUTED: Run.State
    STATE_APPROVED: Run.State
    STATE_SEALED: Run.State
    STATE_CANCELLED: Run.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_IDS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATOR_FIELD_NUMBER: _ClassVar[int]
    APPROVER_FIELD_NUMBER: _ClassVar[int]
    BOOK_POSITION_FIELD_NUMBER: _ClassVar[int]
    LEDGER_POSITION_FIELD_NUMBER: _ClassVar[int]
    CALCULATION_VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    PAYOUT_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    HEAD_HASH_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    name: str
    pay_period: str
    participant_ids: _containers.RepeatedScalarFieldContainer[str]
    state: Run.State
    creator: str
    approver: str
    book_position: int
    ledger_position: int
    calculation_version: str
    digest: str
    payout_count: int
    totals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    head_hash: str
    update_time: _timestamp_pb2.Timestamp
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., pay_period: _Optional[str] = ..., participant_ids: _Optional[_Iterable[str]] = ..., state: _Optional[_Union[Run.State, str]] = ..., creator: _Optional[str] = ..., approver: _Optional[str] = ..., book_position: _Optional[int] = ..., ledger_position: _Optional[int] = ..., calculation_version: _Optional[str] = ..., digest: _Optional[str] = ..., payout_count: _Optional[int] = ..., totals: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ..., head_hash: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class RunPayout(_message.Message):
    __slots__ = ("name", "payout_id", "state", "pay_period", "participant_id", "plan", "component", "nature", "earned_period", "earned_start_date", "earned_end_date", "amount", "corrects_pay_period", "repeats_payout_id", "paid_date", "reason", "paid_as", "display_name", "personnel_number", "legal_entity", "pay_group", "pay_date", "earnings_code", "cost_centre", "gl_account", "payee_class")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[RunPayout.State]
        STATE_COMPUTED: _ClassVar[RunPayout.State]
        STATE_SEALED: _ClassVar[RunPayout.State]
        STATE_UNKNOWN: _ClassVar[RunPayout.State]
        STATE_PAID: _ClassVar[RunPayout.State]
        STATE_REJECTED: _ClassVar[RunPayout.State]
    STATE_UNSPECIFIED: RunPayout.State
    STATE_COMPUTED: RunPayout.State
    STATE_SEALED: RunPayout.State
    STATE_UNKNOWN: RunPayout.State
    STATE_PAID: RunPayout.State
    STATE_REJECTED: RunPayout.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAYOUT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    NATURE_FIELD_NUMBER: _ClassVar[int]
    EARNED_PERIOD_FIELD_NUMBER: _ClassVar[int]
    EARNED_START_DATE_FIELD_NUMBER: _ClassVar[int]
    EARNED_END_DATE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CORRECTS_PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    REPEATS_PAYOUT_ID_FIELD_NUMBER: _ClassVar[int]
    PAID_DATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PAID_AS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
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
    state: RunPayout.State
    pay_period: str
    participant_id: str
    plan: str
    component: str
    nature: str
    earned_period: str
    earned_start_date: _date_pb2.Date
    earned_end_date: _date_pb2.Date
    amount: _types_pb2.Money
    corrects_pay_period: str
    repeats_payout_id: str
    paid_date: _date_pb2.Date
    reason: str
    paid_as: _types_pb2.PaidAs
    display_name: str
    personnel_number: str
    legal_entity: str
    pay_group: str
    pay_date: _date_pb2.Date
    earnings_code: str
    cost_centre: str
    gl_account: str
    payee_class: str
    def __init__(self, name: _Optional[str] = ..., payout_id: _Optional[str] = ..., state: _Optional[_Union[RunPayout.State, str]] = ..., pay_period: _Optional[str] = ..., participant_id: _Optional[str] = ..., plan: _Optional[str] = ..., component: _Optional[str] = ..., nature: _Optional[str] = ..., earned_period: _Optional[str] = ..., earned_start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., earned_end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., corrects_pay_period: _Optional[str] = ..., repeats_payout_id: _Optional[str] = ..., paid_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., reason: _Optional[str] = ..., paid_as: _Optional[_Union[_types_pb2.PaidAs, _Mapping]] = ..., display_name: _Optional[str] = ..., personnel_number: _Optional[str] = ..., legal_entity: _Optional[str] = ..., pay_group: _Optional[str] = ..., pay_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., earnings_code: _Optional[str] = ..., cost_centre: _Optional[str] = ..., gl_account: _Optional[str] = ..., payee_class: _Optional[str] = ...) -> None: ...

class PayPeriod(_message.Message):
    __slots__ = ("name", "state", "version", "changer", "reason")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[PayPeriod.State]
        STATE_OPEN: _ClassVar[PayPeriod.State]
        STATE_LOCKED: _ClassVar[PayPeriod.State]
        STATE_CLOSED: _ClassVar[PayPeriod.State]
    STATE_UNSPECIFIED: PayPeriod.State
    STATE_OPEN: PayPeriod.State
    STATE_LOCKED: PayPeriod.State
    STATE_CLOSED: PayPeriod.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CHANGER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: PayPeriod.State
    version: int
    changer: str
    reason: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[PayPeriod.State, str]] = ..., version: _Optional[int] = ..., changer: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class PayoutOutcome(_message.Message):
    __slots__ = ("payout_id", "outcome", "paid_date", "reason")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[PayoutOutcome.Outcome]
        OUTCOME_PAID: _ClassVar[PayoutOutcome.Outcome]
        OUTCOME_REJECTED: _ClassVar[PayoutOutcome.Outcome]
    OUTCOME_UNSPECIFIED: PayoutOutcome.Outcome
    OUTCOME_PAID: PayoutOutcome.Outcome
    OUTCOME_REJECTED: PayoutOutcome.Outcome
    PAYOUT_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PAID_DATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    payout_id: str
    outcome: PayoutOutcome.Outcome
    paid_date: _date_pb2.Date
    reason: str
    def __init__(self, payout_id: _Optional[str] = ..., outcome: _Optional[_Union[PayoutOutcome.Outcome, str]] = ..., paid_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class AccountBalance(_message.Message):
    __slots__ = ("participant_id", "currency_code", "earned", "advanced", "recoverable", "held", "payable", "paid", "unexplained")
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    EARNED_FIELD_NUMBER: _ClassVar[int]
    ADVANCED_FIELD_NUMBER: _ClassVar[int]
    RECOVERABLE_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    PAYABLE_FIELD_NUMBER: _ClassVar[int]
    PAID_FIELD_NUMBER: _ClassVar[int]
    UNEXPLAINED_FIELD_NUMBER: _ClassVar[int]
    participant_id: str
    currency_code: str
    earned: _types_pb2.Money
    advanced: _types_pb2.Money
    recoverable: _types_pb2.Money
    held: _types_pb2.Money
    payable: _types_pb2.Money
    paid: _types_pb2.Money
    unexplained: _types_pb2.Money
    def __init__(self, participant_id: _Optional[str] = ..., currency_code: _Optional[str] = ..., earned: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., advanced: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., recoverable: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., held: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., payable: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., paid: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., unexplained: _Optional[_Union[_types_pb2.Money, _Mapping]] = ...) -> None: ...

class CreateRunRequest(_message.Message):
    __slots__ = ("pay_period", "participant_ids", "request_id")
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_IDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    pay_period: str
    participant_ids: _containers.RepeatedScalarFieldContainer[str]
    request_id: str
    def __init__(self, pay_period: _Optional[str] = ..., participant_ids: _Optional[_Iterable[str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetRunRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class IssueStatementsRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class IssueStatementsResponse(_message.Message):
    __slots__ = ("issued_count", "participant_count")
    ISSUED_COUNT_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_COUNT_FIELD_NUMBER: _ClassVar[int]
    issued_count: int
    participant_count: int
    def __init__(self, issued_count: _Optional[int] = ..., participant_count: _Optional[int] = ...) -> None: ...

class ComputeRunRequest(_message.Message):
    __slots__ = ("pay_period", "participant_ids", "request_id")
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_IDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    pay_period: str
    participant_ids: _containers.RepeatedScalarFieldContainer[str]
    request_id: str
    def __init__(self, pay_period: _Optional[str] = ..., participant_ids: _Optional[_Iterable[str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ComputeRunResponse(_message.Message):
    __slots__ = ("progress", "run")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    progress: RunProgress
    run: Run
    def __init__(self, progress: _Optional[_Union[RunProgress, _Mapping]] = ..., run: _Optional[_Union[Run, _Mapping]] = ...) -> None: ...

class RunProgress(_message.Message):
    __slots__ = ("run", "step", "done_count", "step_count")
    RUN_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    DONE_COUNT_FIELD_NUMBER: _ClassVar[int]
    STEP_COUNT_FIELD_NUMBER: _ClassVar[int]
    run: str
    step: str
    done_count: int
    step_count: int
    def __init__(self, run: _Optional[str] = ..., step: _Optional[str] = ..., done_count: _Optional[int] = ..., step_count: _Optional[int] = ...) -> None: ...

class ListRunsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "pay_period", "as_of_time")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    pay_period: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., pay_period: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListRunsResponse(_message.Message):
    __slots__ = ("runs", "next_page_token")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    next_page_token: str
    def __init__(self, runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListRunPayoutsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "state")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    state: RunPayout.State
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., state: _Optional[_Union[RunPayout.State, str]] = ...) -> None: ...

class ListRunPayoutsResponse(_message.Message):
    __slots__ = ("payouts", "next_page_token", "run")
    PAYOUTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    payouts: _containers.RepeatedCompositeFieldContainer[RunPayout]
    next_page_token: str
    run: Run
    def __init__(self, payouts: _Optional[_Iterable[_Union[RunPayout, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., run: _Optional[_Union[Run, _Mapping]] = ...) -> None: ...

class ExplainPayoutRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class PayoutExplanation(_message.Message):
    __slots__ = ("payout", "repeated_payouts", "entries", "unexplained", "record_time", "input_digest")
    PAYOUT_FIELD_NUMBER: _ClassVar[int]
    REPEATED_PAYOUTS_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    UNEXPLAINED_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    INPUT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    payout: RunPayout
    repeated_payouts: _containers.RepeatedCompositeFieldContainer[RunPayout]
    entries: _containers.RepeatedCompositeFieldContainer[ExplainedEntry]
    unexplained: _types_pb2.Money
    record_time: _timestamp_pb2.Timestamp
    input_digest: str
    def __init__(self, payout: _Optional[_Union[RunPayout, _Mapping]] = ..., repeated_payouts: _Optional[_Iterable[_Union[RunPayout, _Mapping]]] = ..., entries: _Optional[_Iterable[_Union[ExplainedEntry, _Mapping]]] = ..., unexplained: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., input_digest: _Optional[str] = ...) -> None: ...

class ExplainedEntry(_message.Message):
    __slots__ = ("entry", "kind", "amount", "line", "source", "external_id", "account_display_name", "closed_date", "part", "plan_revision", "effective_date", "corrects_entry")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CLOSED_DATE_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    PLAN_REVISION_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    CORRECTS_ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: int
    kind: str
    amount: _types_pb2.Money
    line: str
    source: str
    external_id: str
    account_display_name: str
    closed_date: _date_pb2.Date
    part: int
    plan_revision: str
    effective_date: _date_pb2.Date
    corrects_entry: int
    def __init__(self, entry: _Optional[int] = ..., kind: _Optional[str] = ..., amount: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., line: _Optional[str] = ..., source: _Optional[str] = ..., external_id: _Optional[str] = ..., account_display_name: _Optional[str] = ..., closed_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., part: _Optional[int] = ..., plan_revision: _Optional[str] = ..., effective_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., corrects_entry: _Optional[int] = ...) -> None: ...

class ApproveRunRequest(_message.Message):
    __slots__ = ("name", "digest", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CancelRunRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class SealRunRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ExportRunRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ExportRunResponse(_message.Message):
    __slots__ = ("run", "payouts")
    RUN_FIELD_NUMBER: _ClassVar[int]
    PAYOUTS_FIELD_NUMBER: _ClassVar[int]
    run: Run
    payouts: _containers.RepeatedCompositeFieldContainer[RunPayout]
    def __init__(self, run: _Optional[_Union[Run, _Mapping]] = ..., payouts: _Optional[_Iterable[_Union[RunPayout, _Mapping]]] = ...) -> None: ...

class AcknowledgePayoutsRequest(_message.Message):
    __slots__ = ("name", "head_hash", "outcomes", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    HEAD_HASH_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    head_hash: str
    outcomes: _containers.RepeatedCompositeFieldContainer[PayoutOutcome]
    request_id: str
    def __init__(self, name: _Optional[str] = ..., head_hash: _Optional[str] = ..., outcomes: _Optional[_Iterable[_Union[PayoutOutcome, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class AcknowledgePayoutsResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[PayoutOutcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[PayoutOutcome, _Mapping]]] = ...) -> None: ...

class GetPayPeriodRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ChangePayPeriodRequest(_message.Message):
    __slots__ = ("name", "state", "version", "reason", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: PayPeriod.State
    version: int
    reason: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[PayPeriod.State, str]] = ..., version: _Optional[int] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReconcileRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ReconcileResponse(_message.Message):
    __slots__ = ("balances", "next_page_token", "unexplained_count", "ledger_position")
    BALANCES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    UNEXPLAINED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LEDGER_POSITION_FIELD_NUMBER: _ClassVar[int]
    balances: _containers.RepeatedCompositeFieldContainer[AccountBalance]
    next_page_token: str
    unexplained_count: int
    ledger_position: int
    def __init__(self, balances: _Optional[_Iterable[_Union[AccountBalance, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., unexplained_count: _Optional[int] = ..., ledger_position: _Optional[int] = ...) -> None: ...

class VerifyLedgerRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class VerifyLedgerResponse(_message.Message):
    __slots__ = ("entry_count", "head_hash", "faults")
    ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    HEAD_HASH_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    entry_count: int
    head_hash: str
    faults: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, entry_count: _Optional[int] = ..., head_hash: _Optional[str] = ..., faults: _Optional[_Iterable[str]] = ...) -> None: ...

class WriteAdjustmentRequest(_message.Message):
    __slots__ = ("adjustment", "request_id")
    ADJUSTMENT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    adjustment: Adjustment
    request_id: str
    def __init__(self, adjustment: _Optional[_Union[Adjustment, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ListAdjustmentsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "origin", "state")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    origin: Adjustment.Origin
    state: Adjustment.State
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., origin: _Optional[_Union[Adjustment.Origin, str]] = ..., state: _Optional[_Union[Adjustment.State, str]] = ...) -> None: ...

class ListAdjustmentsResponse(_message.Message):
    __slots__ = ("adjustments", "next_page_token")
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    adjustments: _containers.RepeatedCompositeFieldContainer[Adjustment]
    next_page_token: str
    def __init__(self, adjustments: _Optional[_Iterable[_Union[Adjustment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AcknowledgeProposalRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DecideAdjustmentRequest(_message.Message):
    __slots__ = ("name", "decision", "reason", "request_id", "reason_code")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    name: str
    decision: Adjustment.State
    reason: str
    request_id: str
    reason_code: str
    def __init__(self, name: _Optional[str] = ..., decision: _Optional[_Union[Adjustment.State, str]] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ..., reason_code: _Optional[str] = ...) -> None: ...

class Opening(_message.Message):
    __slots__ = ("participant_id", "currency_code", "earned_minor", "advanced_minor", "held_minor", "draw_minor", "negative_minor")
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    EARNED_MINOR_FIELD_NUMBER: _ClassVar[int]
    ADVANCED_MINOR_FIELD_NUMBER: _ClassVar[int]
    HELD_MINOR_FIELD_NUMBER: _ClassVar[int]
    DRAW_MINOR_FIELD_NUMBER: _ClassVar[int]
    NEGATIVE_MINOR_FIELD_NUMBER: _ClassVar[int]
    participant_id: str
    currency_code: str
    earned_minor: int
    advanced_minor: int
    held_minor: int
    draw_minor: int
    negative_minor: int
    def __init__(self, participant_id: _Optional[str] = ..., currency_code: _Optional[str] = ..., earned_minor: _Optional[int] = ..., advanced_minor: _Optional[int] = ..., held_minor: _Optional[int] = ..., draw_minor: _Optional[int] = ..., negative_minor: _Optional[int] = ...) -> None: ...

class BookOpeningsRequest(_message.Message):
    __slots__ = ("source", "cutover_date", "openings", "request_id", "paid", "positions")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CUTOVER_DATE_FIELD_NUMBER: _ClassVar[int]
    OPENINGS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PAID_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    source: str
    cutover_date: _date_pb2.Date
    openings: _containers.RepeatedCompositeFieldContainer[Opening]
    request_id: str
    paid: _containers.RepeatedCompositeFieldContainer[PaidDeal]
    positions: _containers.RepeatedCompositeFieldContainer[OpeningPosition]
    def __init__(self, source: _Optional[str] = ..., cutover_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., openings: _Optional[_Iterable[_Union[Opening, _Mapping]]] = ..., request_id: _Optional[str] = ..., paid: _Optional[_Iterable[_Union[PaidDeal, _Mapping]]] = ..., positions: _Optional[_Iterable[_Union[OpeningPosition, _Mapping]]] = ...) -> None: ...

class OpeningPosition(_message.Message):
    __slots__ = ("participant_id", "plan", "component", "currency_code", "amount_minor", "count_millionths", "counts", "pays")
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    COUNT_MILLIONTHS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    PAYS_FIELD_NUMBER: _ClassVar[int]
    participant_id: str
    plan: str
    component: str
    currency_code: str
    amount_minor: int
    count_millionths: int
    counts: bool
    pays: bool
    def __init__(self, participant_id: _Optional[str] = ..., plan: _Optional[str] = ..., component: _Optional[str] = ..., currency_code: _Optional[str] = ..., amount_minor: _Optional[int] = ..., count_millionths: _Optional[int] = ..., counts: _Optional[bool] = ..., pays: _Optional[bool] = ...) -> None: ...

class PaidDeal(_message.Message):
    __slots__ = ("participant_id", "source", "external_id", "component", "currency_code", "amount_minor")
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    participant_id: str
    source: str
    external_id: str
    component: str
    currency_code: str
    amount_minor: int
    def __init__(self, participant_id: _Optional[str] = ..., source: _Optional[str] = ..., external_id: _Optional[str] = ..., component: _Optional[str] = ..., currency_code: _Optional[str] = ..., amount_minor: _Optional[int] = ...) -> None: ...

class BookOpeningsResponse(_message.Message):
    __slots__ = ("entry_count", "head_hash")
    ENTRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    HEAD_HASH_FIELD_NUMBER: _ClassVar[int]
    entry_count: int
    head_hash: str
    def __init__(self, entry_count: _Optional[int] = ..., head_hash: _Optional[str] = ...) -> None: ...

class Hold(_message.Message):
    __slots__ = ("name", "state", "origin", "source", "external_id", "participant_id", "plan", "component", "pay_period", "reason_code", "reason", "author", "released_period", "decider", "decision_reason", "amounts")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Hold.State]
        STATE_HELD: _ClassVar[Hold.State]
        STATE_RELEASED: _ClassVar[Hold.State]
        STATE_REFUSED: _ClassVar[Hold.State]
    STATE_UNSPECIFIED: Hold.State
    STATE_HELD: Hold.State
    STATE_RELEASED: Hold.State
    STATE_REFUSED: Hold.State
    class Origin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ORIGIN_UNSPECIFIED: _ClassVar[Hold.Origin]
        ORIGIN_DEAL: _ClassVar[Hold.Origin]
        ORIGIN_REVIEW: _ClassVar[Hold.Origin]
    ORIGIN_UNSPECIFIED: Hold.Origin
    ORIGIN_DEAL: Hold.Origin
    ORIGIN_REVIEW: Hold.Origin
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    RELEASED_PERIOD_FIELD_NUMBER: _ClassVar[int]
    DECIDER_FIELD_NUMBER: _ClassVar[int]
    DECISION_REASON_FIELD_NUMBER: _ClassVar[int]
    AMOUNTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Hold.State
    origin: Hold.Origin
    source: str
    external_id: str
    participant_id: str
    plan: str
    component: str
    pay_period: str
    reason_code: str
    reason: str
    author: str
    released_period: str
    decider: str
    decision_reason: str
    amounts: _containers.RepeatedCompositeFieldContainer[_types_pb2.Money]
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Hold.State, str]] = ..., origin: _Optional[_Union[Hold.Origin, str]] = ..., source: _Optional[str] = ..., external_id: _Optional[str] = ..., participant_id: _Optional[str] = ..., plan: _Optional[str] = ..., component: _Optional[str] = ..., pay_period: _Optional[str] = ..., reason_code: _Optional[str] = ..., reason: _Optional[str] = ..., author: _Optional[str] = ..., released_period: _Optional[str] = ..., decider: _Optional[str] = ..., decision_reason: _Optional[str] = ..., amounts: _Optional[_Iterable[_Union[_types_pb2.Money, _Mapping]]] = ...) -> None: ...

class HoldDealRequest(_message.Message):
    __slots__ = ("hold", "request_id")
    HOLD_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    hold: Hold
    request_id: str
    def __init__(self, hold: _Optional[_Union[Hold, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ListHoldsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "state")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    state: Hold.State
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., state: _Optional[_Union[Hold.State, str]] = ...) -> None: ...

class ListHoldsResponse(_message.Message):
    __slots__ = ("holds", "next_page_token")
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    holds: _containers.RepeatedCompositeFieldContainer[Hold]
    next_page_token: str
    def __init__(self, holds: _Optional[_Iterable[_Union[Hold, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DecideHoldRequest(_message.Message):
    __slots__ = ("name", "decision", "pay_period", "reason", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    PAY_PERIOD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    decision: Hold.State
    pay_period: str
    reason: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., decision: _Optional[_Union[Hold.State, str]] = ..., pay_period: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...
