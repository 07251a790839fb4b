from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
EVENT_TYPE_ACCEPTED: EventType
EVENT_TYPE_CLICKED: EventType
EVENT_TYPE_DISMISSED: EventType
EVENT_TYPE_DROPPED: EventType
EVENT_TYPE_SHOWN: EventType
EVENT_TYPE_UNSPECIFIED: EventType
FEEDBACK_OUTCOME_ACCEPTED: FeedbackOutcome
FEEDBACK_OUTCOME_DUPLICATE: FeedbackOutcome
FEEDBACK_OUTCOME_REJECTED: FeedbackOutcome
FEEDBACK_OUTCOME_UNSPECIFIED: FeedbackOutcome
RECOMMENDATION_SOURCE_METADATA: RecommendationSource
RECOMMENDATION_SOURCE_MODEL: RecommendationSource
RECOMMENDATION_SOURCE_POPULARITY: RecommendationSource
RECOMMENDATION_SOURCE_UNSPECIFIED: RecommendationSource
SERVING_STATUS_DRAINING: ServingStatus
SERVING_STATUS_SERVING: ServingStatus
SERVING_STATUS_UNSPECIFIED: ServingStatus

class DescribeRequest(_message.Message):
    __slots__ = ["first_item_index"]
    FIRST_ITEM_INDEX_FIELD_NUMBER: _ClassVar[int]
    first_item_index: int
    def __init__(self, first_item_index: _Optional[int] = ...) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ["customers", "item_count", "item_ids", "item_names", "limits", "methods", "models", "protocol_version", "server_version"]
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    ITEM_COUNT_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_NAMES_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    METHODS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    customers: int
    item_count: int
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    item_names: _containers.RepeatedScalarFieldContainer[str]
    limits: Limits
    methods: _containers.RepeatedCompositeFieldContainer[MethodDescription]
    models: _containers.RepeatedCompositeFieldContainer[ModelDescription]
    protocol_version: int
    server_version: str
    def __init__(self, protocol_version: _Optional[int] = ..., server_version: _Optional[str] = ..., item_count: _Optional[int] = ..., item_ids: _Optional[_Iterable[str]] = ..., item_names: _Optional[_Iterable[str]] = ..., models: _Optional[_Iterable[_Union[ModelDescription, _Mapping]]] = ..., methods: _Optional[_Iterable[_Union[MethodDescription, _Mapping]]] = ..., customers: _Optional[int] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ...) -> None: ...

class FeedbackEvent(_message.Message):
    __slots__ = ["channel", "event_id", "impression_item_ids", "item_id", "recommendation_id", "session_id", "time_ms", "type", "user_id", "value"]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    IMPRESSION_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATION_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    channel: str
    event_id: str
    impression_item_ids: _containers.RepeatedScalarFieldContainer[str]
    item_id: str
    recommendation_id: str
    session_id: str
    time_ms: int
    type: EventType
    user_id: str
    value: float
    def __init__(self, event_id: _Optional[str] = ..., user_id: _Optional[str] = ..., item_id: _Optional[str] = ..., type: _Optional[_Union[EventType, str]] = ..., time_ms: _Optional[int] = ..., recommendation_id: _Optional[str] = ..., session_id: _Optional[str] = ..., channel: _Optional[str] = ..., value: _Optional[float] = ..., impression_item_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class FeedbackRequest(_message.Message):
    __slots__ = ["events"]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[FeedbackEvent]
    def __init__(self, events: _Optional[_Iterable[_Union[FeedbackEvent, _Mapping]]] = ...) -> None: ...

class FeedbackResponse(_message.Message):
    __slots__ = ["outcomes", "reasons"]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedScalarFieldContainer[FeedbackOutcome]
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[FeedbackOutcome, str]]] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class HealthRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class HealthResponse(_message.Message):
    __slots__ = ["cpu_time_us", "memory_bytes", "model_version", "requests", "status", "uptime_ms"]
    CPU_TIME_US_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    UPTIME_MS_FIELD_NUMBER: _ClassVar[int]
    cpu_time_us: int
    memory_bytes: int
    model_version: str
    requests: int
    status: ServingStatus
    uptime_ms: int
    def __init__(self, status: _Optional[_Union[ServingStatus, str]] = ..., uptime_ms: _Optional[int] = ..., cpu_time_us: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., requests: _Optional[int] = ..., model_version: _Optional[str] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ["max_count", "max_excluded_items", "max_feedback_events", "max_frame_bytes", "max_id_bytes", "max_impression_items", "max_requests_in_flight"]
    MAX_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_EXCLUDED_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_FEEDBACK_EVENTS_FIELD_NUMBER: _ClassVar[int]
    MAX_FRAME_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_ID_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_IMPRESSION_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_REQUESTS_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    max_count: int
    max_excluded_items: int
    max_feedback_events: int
    max_frame_bytes: int
    max_id_bytes: int
    max_impression_items: int
    max_requests_in_flight: int
    def __init__(self, max_frame_bytes: _Optional[int] = ..., max_count: _Optional[int] = ..., max_excluded_items: _Optional[int] = ..., max_feedback_events: _Optional[int] = ..., max_impression_items: _Optional[int] = ..., max_id_bytes: _Optional[int] = ..., max_requests_in_flight: _Optional[int] = ...) -> None: ...

class MethodDescription(_message.Message):
    __slots__ = ["name", "number"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    name: str
    number: int
    def __init__(self, number: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...

class ModelDescription(_message.Message):
    __slots__ = ["kind", "parameters", "trained_through", "version"]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    TRAINED_THROUGH_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    kind: str
    parameters: int
    trained_through: str
    version: str
    def __init__(self, kind: _Optional[str] = ..., version: _Optional[str] = ..., trained_through: _Optional[str] = ..., parameters: _Optional[int] = ...) -> None: ...

class RecommendRequest(_message.Message):
    __slots__ = ["count", "exclude_item_ids", "item_indexes_only", "softmax_scores", "user_id"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_INDEXES_ONLY_FIELD_NUMBER: _ClassVar[int]
    SOFTMAX_SCORES_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    count: int
    exclude_item_ids: _containers.RepeatedScalarFieldContainer[str]
    item_indexes_only: bool
    softmax_scores: bool
    user_id: str
    def __init__(self, user_id: _Optional[str] = ..., count: _Optional[int] = ..., exclude_item_ids: _Optional[_Iterable[str]] = ..., item_indexes_only: bool = ..., softmax_scores: bool = ...) -> None: ...

class RecommendResponse(_message.Message):
    __slots__ = ["item_ids", "item_indexes", "model_version", "recommendation_id", "scores", "softmax_scores", "source"]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_INDEXES_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATION_ID_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    SOFTMAX_SCORES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    item_indexes: _containers.RepeatedScalarFieldContainer[int]
    model_version: str
    recommendation_id: str
    scores: _containers.RepeatedScalarFieldContainer[float]
    softmax_scores: _containers.RepeatedScalarFieldContainer[float]
    source: RecommendationSource
    def __init__(self, item_ids: _Optional[_Iterable[str]] = ..., scores: _Optional[_Iterable[float]] = ..., item_indexes: _Optional[_Iterable[int]] = ..., model_version: _Optional[str] = ..., source: _Optional[_Union[RecommendationSource, str]] = ..., recommendation_id: _Optional[str] = ..., softmax_scores: _Optional[_Iterable[float]] = ...) -> None: ...

class SimilarItemsRequest(_message.Message):
    __slots__ = ["count", "item_id"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    count: int
    item_id: str
    def __init__(self, item_id: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class SimilarItemsResponse(_message.Message):
    __slots__ = ["item_ids", "item_indexes", "model_version", "scores", "source"]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_INDEXES_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    item_indexes: _containers.RepeatedScalarFieldContainer[int]
    model_version: str
    scores: _containers.RepeatedScalarFieldContainer[float]
    source: RecommendationSource
    def __init__(self, item_ids: _Optional[_Iterable[str]] = ..., scores: _Optional[_Iterable[float]] = ..., item_indexes: _Optional[_Iterable[int]] = ..., model_version: _Optional[str] = ..., source: _Optional[_Union[RecommendationSource, str]] = ...) -> None: ...

class RecommendationSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class EventType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class FeedbackOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ServingStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
