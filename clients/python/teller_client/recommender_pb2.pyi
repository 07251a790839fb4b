from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

COLD_ITEM_STATE_EXPLORING: ColdItemState
COLD_ITEM_STATE_GIVEN_UP: ColdItemState
COLD_ITEM_STATE_GRADUATED: ColdItemState
COLD_ITEM_STATE_UNSPECIFIED: ColdItemState
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
MODEL_UPDATE_RELOAD: ModelUpdate
MODEL_UPDATE_ROLLBACK: ModelUpdate
MODEL_UPDATE_UNSPECIFIED: ModelUpdate
PUT_ITEM_OUTCOME_CREATED: PutItemOutcome
PUT_ITEM_OUTCOME_REJECTED: PutItemOutcome
PUT_ITEM_OUTCOME_UNSPECIFIED: PutItemOutcome
PUT_ITEM_OUTCOME_UPDATED: PutItemOutcome
RECOMMENDATION_SOURCE_METADATA: RecommendationSource
RECOMMENDATION_SOURCE_MODEL: RecommendationSource
RECOMMENDATION_SOURCE_POPULARITY: RecommendationSource
RECOMMENDATION_SOURCE_UNSPECIFIED: RecommendationSource
SERVING_STATUS_DRAINING: ServingStatus
SERVING_STATUS_SERVING: ServingStatus
SERVING_STATUS_UNSPECIFIED: ServingStatus

class ColdItem(_message.Message):
    __slots__ = ["acceptance", "acceptances", "item_index", "showings", "state"]
    ACCEPTANCES_FIELD_NUMBER: _ClassVar[int]
    ACCEPTANCE_FIELD_NUMBER: _ClassVar[int]
    ITEM_INDEX_FIELD_NUMBER: _ClassVar[int]
    SHOWINGS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    acceptance: float
    acceptances: int
    item_index: int
    showings: int
    state: ColdItemState
    def __init__(self, item_index: _Optional[int] = ..., state: _Optional[_Union[ColdItemState, str]] = ..., showings: _Optional[int] = ..., acceptances: _Optional[int] = ..., acceptance: _Optional[float] = ...) -> None: ...

class DescribeRequest(_message.Message):
    __slots__ = ["first_item_index"]
    FIRST_ITEM_INDEX_FIELD_NUMBER: _ClassVar[int]
    first_item_index: int
    def __init__(self, first_item_index: _Optional[int] = ...) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ["cold_items", "customers", "exploration_weight", "item_count", "item_ids", "item_names", "limits", "methods", "models", "protocol_version", "server_version"]
    COLD_ITEMS_FIELD_NUMBER: _ClassVar[int]
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    EXPLORATION_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    ITEM_COUNT_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_NAMES_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    METHODS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    cold_items: _containers.RepeatedCompositeFieldContainer[ColdItem]
    customers: int
    exploration_weight: float
    item_count: int
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    item_names: _containers.RepeatedScalarFieldContainer[str]
    limits: Limits
    methods: _containers.RepeatedCompositeFieldContainer[MethodDescription]
    models: _containers.RepeatedCompositeFieldContainer[ModelDescription]
    protocol_version: int
    server_version: str
    def __init__(self, protocol_version: _Optional[int] = ..., server_version: _Optional[str] = ..., item_count: _Optional[int] = ..., item_ids: _Optional[_Iterable[str]] = ..., item_names: _Optional[_Iterable[str]] = ..., models: _Optional[_Iterable[_Union[ModelDescription, _Mapping]]] = ..., methods: _Optional[_Iterable[_Union[MethodDescription, _Mapping]]] = ..., customers: _Optional[int] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., cold_items: _Optional[_Iterable[_Union[ColdItem, _Mapping]]] = ..., exploration_weight: _Optional[float] = ...) -> None: ...

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

class GetRecommendationRequest(_message.Message):
    __slots__ = ["recommendation_id"]
    RECOMMENDATION_ID_FIELD_NUMBER: _ClassVar[int]
    recommendation_id: str
    def __init__(self, recommendation_id: _Optional[str] = ...) -> None: ...

class GetRecommendationResponse(_message.Message):
    __slots__ = ["recommendation"]
    RECOMMENDATION_FIELD_NUMBER: _ClassVar[int]
    recommendation: RecordedRecommendation
    def __init__(self, recommendation: _Optional[_Union[RecordedRecommendation, _Mapping]] = ...) -> None: ...

class HealthRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class HealthResponse(_message.Message):
    __slots__ = ["cpu_time_us", "memory_bytes", "model_version", "recommendations_dropped", "recommendations_recorded", "requests", "status", "uptime_ms"]
    CPU_TIME_US_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATIONS_DROPPED_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATIONS_RECORDED_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    UPTIME_MS_FIELD_NUMBER: _ClassVar[int]
    cpu_time_us: int
    memory_bytes: int
    model_version: str
    recommendations_dropped: int
    recommendations_recorded: int
    requests: int
    status: ServingStatus
    uptime_ms: int
    def __init__(self, status: _Optional[_Union[ServingStatus, str]] = ..., uptime_ms: _Optional[int] = ..., cpu_time_us: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., requests: _Optional[int] = ..., model_version: _Optional[str] = ..., recommendations_recorded: _Optional[int] = ..., recommendations_dropped: _Optional[int] = ...) -> None: ...

class Item(_message.Message):
    __slots__ = ["attributes", "category", "created_time_ms", "item_id", "name", "price"]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CREATED_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    attributes: _containers.RepeatedCompositeFieldContainer[ItemAttribute]
    category: str
    created_time_ms: int
    item_id: str
    name: str
    price: float
    def __init__(self, item_id: _Optional[str] = ..., name: _Optional[str] = ..., category: _Optional[str] = ..., price: _Optional[float] = ..., attributes: _Optional[_Iterable[_Union[ItemAttribute, _Mapping]]] = ..., created_time_ms: _Optional[int] = ...) -> None: ...

class ItemAttribute(_message.Message):
    __slots__ = ["key", "value"]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ["max_count", "max_excluded_items", "max_feedback_events", "max_frame_bytes", "max_id_bytes", "max_impression_items", "max_requests_in_flight", "max_server_bytes_in_flight", "max_server_requests_in_flight", "max_stream_credit", "max_stream_users", "max_streams"]
    MAX_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_EXCLUDED_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_FEEDBACK_EVENTS_FIELD_NUMBER: _ClassVar[int]
    MAX_FRAME_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_ID_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_IMPRESSION_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_REQUESTS_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    MAX_SERVER_BYTES_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    MAX_SERVER_REQUESTS_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    MAX_STREAMS_FIELD_NUMBER: _ClassVar[int]
    MAX_STREAM_CREDIT_FIELD_NUMBER: _ClassVar[int]
    MAX_STREAM_USERS_FIELD_NUMBER: _ClassVar[int]
    max_count: int
    max_excluded_items: int
    max_feedback_events: int
    max_frame_bytes: int
    max_id_bytes: int
    max_impression_items: int
    max_requests_in_flight: int
    max_server_bytes_in_flight: int
    max_server_requests_in_flight: int
    max_stream_credit: int
    max_stream_users: int
    max_streams: int
    def __init__(self, max_frame_bytes: _Optional[int] = ..., max_count: _Optional[int] = ..., max_excluded_items: _Optional[int] = ..., max_feedback_events: _Optional[int] = ..., max_impression_items: _Optional[int] = ..., max_id_bytes: _Optional[int] = ..., max_requests_in_flight: _Optional[int] = ..., max_stream_users: _Optional[int] = ..., max_streams: _Optional[int] = ..., max_stream_credit: _Optional[int] = ..., max_server_requests_in_flight: _Optional[int] = ..., max_server_bytes_in_flight: _Optional[int] = ...) -> None: ...

class ListRecommendationsRequest(_message.Message):
    __slots__ = ["before_time_ms", "count", "user_id"]
    BEFORE_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    before_time_ms: int
    count: int
    user_id: str
    def __init__(self, user_id: _Optional[str] = ..., count: _Optional[int] = ..., before_time_ms: _Optional[int] = ...) -> None: ...

class ListRecommendationsResponse(_message.Message):
    __slots__ = ["recommendations"]
    RECOMMENDATIONS_FIELD_NUMBER: _ClassVar[int]
    recommendations: _containers.RepeatedCompositeFieldContainer[RecordedRecommendation]
    def __init__(self, recommendations: _Optional[_Iterable[_Union[RecordedRecommendation, _Mapping]]] = ...) -> None: ...

class MethodDescription(_message.Message):
    __slots__ = ["name", "number"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    name: str
    number: int
    def __init__(self, number: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...

class MetricLabel(_message.Message):
    __slots__ = ["name", "value"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class MetricSample(_message.Message):
    __slots__ = ["labels", "name", "value"]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    labels: _containers.RepeatedCompositeFieldContainer[MetricLabel]
    name: str
    value: float
    def __init__(self, name: _Optional[str] = ..., labels: _Optional[_Iterable[_Union[MetricLabel, _Mapping]]] = ..., value: _Optional[float] = ...) -> None: ...

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

class PutItemsRequest(_message.Message):
    __slots__ = ["items"]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Item]
    def __init__(self, items: _Optional[_Iterable[_Union[Item, _Mapping]]] = ...) -> None: ...

class PutItemsResponse(_message.Message):
    __slots__ = ["item_indexes", "outcomes", "reasons"]
    ITEM_INDEXES_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    item_indexes: _containers.RepeatedScalarFieldContainer[int]
    outcomes: _containers.RepeatedScalarFieldContainer[PutItemOutcome]
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[PutItemOutcome, str]]] = ..., reasons: _Optional[_Iterable[str]] = ..., item_indexes: _Optional[_Iterable[int]] = ...) -> None: ...

class RecommendManyRequest(_message.Message):
    __slots__ = ["count", "exclude_item_ids", "exploration_weight", "item_indexes_only", "softmax_scores", "user_ids"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    EXPLORATION_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    ITEM_INDEXES_ONLY_FIELD_NUMBER: _ClassVar[int]
    SOFTMAX_SCORES_FIELD_NUMBER: _ClassVar[int]
    USER_IDS_FIELD_NUMBER: _ClassVar[int]
    count: int
    exclude_item_ids: _containers.RepeatedScalarFieldContainer[str]
    exploration_weight: float
    item_indexes_only: bool
    softmax_scores: bool
    user_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, user_ids: _Optional[_Iterable[str]] = ..., count: _Optional[int] = ..., exclude_item_ids: _Optional[_Iterable[str]] = ..., item_indexes_only: bool = ..., softmax_scores: bool = ..., exploration_weight: _Optional[float] = ...) -> None: ...

class RecommendManyResponse(_message.Message):
    __slots__ = ["answered"]
    ANSWERED_FIELD_NUMBER: _ClassVar[int]
    answered: int
    def __init__(self, answered: _Optional[int] = ...) -> None: ...

class RecommendRequest(_message.Message):
    __slots__ = ["count", "exclude_item_ids", "exploration_weight", "item_indexes_only", "softmax_scores", "user_id"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    EXPLORATION_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    ITEM_INDEXES_ONLY_FIELD_NUMBER: _ClassVar[int]
    SOFTMAX_SCORES_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    count: int
    exclude_item_ids: _containers.RepeatedScalarFieldContainer[str]
    exploration_weight: float
    item_indexes_only: bool
    softmax_scores: bool
    user_id: str
    def __init__(self, user_id: _Optional[str] = ..., count: _Optional[int] = ..., exclude_item_ids: _Optional[_Iterable[str]] = ..., item_indexes_only: bool = ..., softmax_scores: bool = ..., exploration_weight: _Optional[float] = ...) -> None: ...

class RecommendResponse(_message.Message):
    __slots__ = ["explored", "item_ids", "item_indexes", "model_version", "propensities", "recommendation_id", "scores", "softmax_scores", "source"]
    EXPLORED_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_INDEXES_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROPENSITIES_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATION_ID_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    SOFTMAX_SCORES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    explored: bool
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    item_indexes: _containers.RepeatedScalarFieldContainer[int]
    model_version: str
    propensities: _containers.RepeatedScalarFieldContainer[float]
    recommendation_id: str
    scores: _containers.RepeatedScalarFieldContainer[float]
    softmax_scores: _containers.RepeatedScalarFieldContainer[float]
    source: RecommendationSource
    def __init__(self, item_ids: _Optional[_Iterable[str]] = ..., scores: _Optional[_Iterable[float]] = ..., item_indexes: _Optional[_Iterable[int]] = ..., model_version: _Optional[str] = ..., source: _Optional[_Union[RecommendationSource, str]] = ..., recommendation_id: _Optional[str] = ..., softmax_scores: _Optional[_Iterable[float]] = ..., propensities: _Optional[_Iterable[float]] = ..., explored: bool = ...) -> None: ...

class RecordedCandidate(_message.Message):
    __slots__ = ["item_id", "matching_probability", "propensity", "score"]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    MATCHING_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    PROPENSITY_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    matching_probability: float
    propensity: float
    score: float
    def __init__(self, item_id: _Optional[str] = ..., propensity: _Optional[float] = ..., matching_probability: _Optional[float] = ..., score: _Optional[float] = ...) -> None: ...

class RecordedRecommendation(_message.Message):
    __slots__ = ["arm", "candidate_count", "candidates", "excluded_item_ids", "experiment", "exploration_weight", "explored", "item_ids", "item_indexes", "model_version", "propensities", "recommendation_id", "rules", "scores", "source", "time_ms", "user_id"]
    ARM_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    EXPERIMENT_FIELD_NUMBER: _ClassVar[int]
    EXPLORATION_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    EXPLORED_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ITEM_INDEXES_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROPENSITIES_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATION_ID_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    arm: str
    candidate_count: int
    candidates: _containers.RepeatedCompositeFieldContainer[RecordedCandidate]
    excluded_item_ids: _containers.RepeatedScalarFieldContainer[str]
    experiment: str
    exploration_weight: float
    explored: bool
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    item_indexes: _containers.RepeatedScalarFieldContainer[int]
    model_version: str
    propensities: _containers.RepeatedScalarFieldContainer[float]
    recommendation_id: str
    rules: _containers.RepeatedScalarFieldContainer[str]
    scores: _containers.RepeatedScalarFieldContainer[float]
    source: RecommendationSource
    time_ms: int
    user_id: str
    def __init__(self, recommendation_id: _Optional[str] = ..., user_id: _Optional[str] = ..., time_ms: _Optional[int] = ..., model_version: _Optional[str] = ..., source: _Optional[_Union[RecommendationSource, str]] = ..., item_ids: _Optional[_Iterable[str]] = ..., scores: _Optional[_Iterable[float]] = ..., item_indexes: _Optional[_Iterable[int]] = ..., propensities: _Optional[_Iterable[float]] = ..., explored: bool = ..., exploration_weight: _Optional[float] = ..., candidate_count: _Optional[int] = ..., excluded_item_ids: _Optional[_Iterable[str]] = ..., rules: _Optional[_Iterable[str]] = ..., candidates: _Optional[_Iterable[_Union[RecordedCandidate, _Mapping]]] = ..., experiment: _Optional[str] = ..., arm: _Optional[str] = ...) -> None: ...

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

class StatusRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class StatusResponse(_message.Message):
    __slots__ = ["model_version", "samples", "server_version", "status", "uptime_ms"]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    UPTIME_MS_FIELD_NUMBER: _ClassVar[int]
    model_version: str
    samples: _containers.RepeatedCompositeFieldContainer[MetricSample]
    server_version: str
    status: ServingStatus
    uptime_ms: int
    def __init__(self, status: _Optional[_Union[ServingStatus, str]] = ..., uptime_ms: _Optional[int] = ..., server_version: _Optional[str] = ..., model_version: _Optional[str] = ..., samples: _Optional[_Iterable[_Union[MetricSample, _Mapping]]] = ...) -> None: ...

class UpdateModelsRequest(_message.Message):
    __slots__ = ["update"]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    update: ModelUpdate
    def __init__(self, update: _Optional[_Union[ModelUpdate, str]] = ...) -> None: ...

class UpdateModelsResponse(_message.Message):
    __slots__ = ["model_version", "previous_model_version"]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    model_version: str
    previous_model_version: str
    def __init__(self, model_version: _Optional[str] = ..., previous_model_version: _Optional[str] = ...) -> None: ...

class RecommendationSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class EventType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class FeedbackOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ServingStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ColdItemState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class PutItemOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ModelUpdate(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
