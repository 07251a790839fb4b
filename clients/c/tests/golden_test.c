// Reads the frames of proto/golden: decodes each and compares with its text, packs it again and
// compares with its bytes, encodes some from values, and looks at the bad ones. Exits with 1 on
// any mismatch. Usage: golden_test FOLDER
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden_text.h"

enum { BYTES_MAX = 1 << 16 };

static const char *folder;
static int mismatches;

static void mismatch(const char *name, const char *what) {
  fprintf(stderr, "golden_test: %s: %s\n", name, what);
  mismatches += 1;
}

static size_t read_file(const char *name, const char *extension, char *text) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s.%s", folder, name, extension);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    mismatch(path, "cannot be opened");
    text[0] = 0;
    return 0;
  }
  size_t length = fread(text, 1, BYTES_MAX - 1, file);
  text[length] = 0;
  fclose(file);
  return length;
}

static int digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  return -1;
}

static size_t read_bytes(const char *name, uint8_t *bytes) {
  static char text[BYTES_MAX];
  size_t length = read_file(name, "hex", text), digits = 0;
  for (size_t i = 0; i < length; i++) {
    int value = digit(text[i]);
    if (value < 0) continue;
    bytes[digits / 2] = (uint8_t)(digits % 2 == 0 ? value << 4 : bytes[digits / 2] | value);
    digits += 1;
  }
  return digits / 2;
}

static void check_good(const char *name) {
  static uint8_t bytes[BYTES_MAX];
  static char expected[BYTES_MAX];
  size_t length = read_bytes(name, bytes);
  read_file(name, "txt", expected);
  TellerHeader header;
  uint8_t again[TELLER_HEADER_BYTES];
  if (length < TELLER_HEADER_BYTES) return mismatch(name, "shorter than a header");
  teller_header_read(&header, bytes);
  teller_header_write(&header, again);
  if (memcmp(again, bytes, sizeof again) != 0) mismatch(name, "the header is written differently");
  if (header.payload_length + TELLER_HEADER_BYTES != length)
    return mismatch(name, "the payload's length is wrong");
  char *text = NULL;
  size_t size = 0;
  FILE *memory = open_memstream(&text, &size);
  if (memory == NULL) return mismatch(name, "out of memory");
  if (!golden_text(memory, &header, bytes + TELLER_HEADER_BYTES))
    mismatch(name, "does not decode, or packs to other bytes");
  fclose(memory);
  if (strcmp(text, expected) != 0) {
    mismatch(name, "decodes to other values:");
    fprintf(stderr, "%s", text);
  }
  free(text);
}

// Every frame of the folder but the bad ones; how many there were.
static int check_all_good(void) {
  DIR *directory = opendir(folder);
  if (directory == NULL) return 0;
  int count = 0;
  struct dirent *entry;
  while ((entry = readdir(directory)) != NULL) {
    char *dot = strrchr(entry->d_name, '.');
    if (dot == NULL || strcmp(dot, ".hex") != 0 || strncmp(entry->d_name, "bad_", 4) == 0) continue;
    *dot = 0;
    check_good(entry->d_name);
    count += 1;
  }
  closedir(directory);
  return count;
}

static void check_encoding(const char *name, uint16_t method, uint32_t request_id, uint32_t word,
                           const ProtobufCMessage *message) {
  static uint8_t bytes[BYTES_MAX], expected[BYTES_MAX];
  size_t size = protobuf_c_message_get_packed_size(message);
  uint8_t flags = method == TELLER_RECOMMEND_MANY ? TELLER_FLAG_STREAMED : 0;
  TellerHeader header = {(uint32_t)size, TELLER_FRAME_REQUEST, flags, method, request_id, word};
  teller_header_write(&header, bytes);
  protobuf_c_message_pack(message, bytes + TELLER_HEADER_BYTES);
  size_t length = read_bytes(name, expected);
  if (length != size + TELLER_HEADER_BYTES || memcmp(bytes, expected, length) != 0)
    mismatch(name, "the values encode to other bytes");
}

static void check_ranked_requests(void) {
  Teller__V1__RecommendRequest recommend = TELLER__V1__RECOMMEND_REQUEST__INIT;
  recommend.user_id = "customer-1";
  check_encoding("recommend_request_defaults", 1, 2, 0, &recommend.base);
  Teller__V1__RecommendRequest softmax = recommend;
  softmax.softmax_scores = 1;
  check_encoding("recommend_request_softmax", 1, 7, 0, &softmax.base);
  char *excluded[] = {"ind_recibo_ult1", "tarjeta-\xC3\xB1"};
  recommend.count_presence_case = TELLER__V1__RECOMMEND_REQUEST__COUNT_PRESENCE_COUNT;
  recommend.count = 7;
  recommend.n_exclude_item_ids = 2;
  recommend.exclude_item_ids = excluded;
  recommend.item_indexes_only = 1;
  check_encoding("recommend_request", 1, 1, 250, &recommend.base);

  Teller__V1__SimilarItemsRequest similar = TELLER__V1__SIMILAR_ITEMS_REQUEST__INIT;
  similar.item_id = "tarjeta-\xC3\xB1";
  similar.count_presence_case = TELLER__V1__SIMILAR_ITEMS_REQUEST__COUNT_PRESENCE_COUNT;
  similar.count = 500;
  check_encoding("similar_items_request", 2, 3, 0, &similar.base);

  char *users[] = {"customer-1", "cliente-\xC3\xB1", "customer-1"};
  Teller__V1__RecommendManyRequest many = TELLER__V1__RECOMMEND_MANY_REQUEST__INIT;
  many.n_user_ids = 3;
  many.user_ids = users;
  many.count_presence_case = TELLER__V1__RECOMMEND_MANY_REQUEST__COUNT_PRESENCE_COUNT;
  many.count = 3;
  many.n_exclude_item_ids = 1;
  many.exclude_item_ids = excluded;
  check_encoding("recommend_many_request", 10, 8, 0, &many.base);
}

static void check_feedback_request(void) {
  char *impressions[] = {"ind_tjcr_fin_ult1", "ind_recibo_ult1"};
  Teller__V1__FeedbackEvent event = TELLER__V1__FEEDBACK_EVENT__INIT;
  event.event_id = "event-1";
  event.user_id = "customer-1";
  event.item_id = "ind_tjcr_fin_ult1";
  event.type = TELLER__V1__EVENT_TYPE__EVENT_TYPE_ACCEPTED;
  event.time_ms = 1464739200000;
  event.recommendation_id = "0123456789abcdef0123456789abcdef";
  event.session_id = "session-9";
  event.channel = "branch";
  event.value_presence_case = TELLER__V1__FEEDBACK_EVENT__VALUE_PRESENCE_VALUE;
  event.value = 12.5;
  event.n_impression_item_ids = 2;
  event.impression_item_ids = impressions;
  Teller__V1__FeedbackEvent *events[] = {&event};
  Teller__V1__FeedbackRequest feedback = TELLER__V1__FEEDBACK_REQUEST__INIT;
  feedback.n_events = 1;
  feedback.events = events;
  check_encoding("feedback_request", 3, 4, 0, &feedback.base);
}

static void check_put_items_request(void) {
  Teller__V1__ItemAttribute attribute = TELLER__V1__ITEM_ATTRIBUTE__INIT;
  attribute.key = "channel";
  attribute.value = "mobile";
  Teller__V1__ItemAttribute *attributes[] = {&attribute};
  Teller__V1__Item card = TELLER__V1__ITEM__INIT, plan = TELLER__V1__ITEM__INIT;
  card.item_id = "tarjeta-\xC3\xB1";
  card.name = "Tarjeta \xC3\x91";
  card.category = "card|credit";
  card.price_presence_case = TELLER__V1__ITEM__PRICE_PRESENCE_PRICE;
  card.price = 12.5;
  card.n_attributes = 1;
  card.attributes = attributes;
  card.created_time_ms = 1464739200000;
  plan.item_id = "plan-2";
  Teller__V1__Item *items[] = {&card, &plan};
  Teller__V1__PutItemsRequest request = TELLER__V1__PUT_ITEMS_REQUEST__INIT;
  request.n_items = 2;
  request.items = items;
  check_encoding("put_items_request", 7, 10, 0, &request.base);
}

static void check_small_requests(void) {
  Teller__V1__HealthRequest health = TELLER__V1__HEALTH_REQUEST__INIT;
  check_encoding("health_request", 4, 5, 0, &health.base);
  Teller__V1__DescribeRequest describe = TELLER__V1__DESCRIBE_REQUEST__INIT;
  describe.first_item_index = 1;
  check_encoding("describe_request", 5, 6, 0, &describe.base);
  Teller__V1__GetRecommendationRequest get = TELLER__V1__GET_RECOMMENDATION_REQUEST__INIT;
  get.recommendation_id = "0123456789abcdef0123456789abcdef";
  check_encoding("get_recommendation_request", 11, 12, 0, &get.base);
  Teller__V1__ListRecommendationsRequest list = TELLER__V1__LIST_RECOMMENDATIONS_REQUEST__INIT;
  list.user_id = "customer-1";
  list.count_presence_case = TELLER__V1__LIST_RECOMMENDATIONS_REQUEST__COUNT_PRESENCE_COUNT;
  list.count = 500;
  list.before_time_ms = 1464739200001;
  check_encoding("list_recommendations_request", 12, 13, 0, &list.base);
  Teller__V1__StatusRequest status = TELLER__V1__STATUS_REQUEST__INIT;
  check_encoding("status_request", 13, 11, 0, &status.base);
  Teller__V1__UpdateModelsRequest update = TELLER__V1__UPDATE_MODELS_REQUEST__INIT;
  update.update = TELLER__V1__MODEL_UPDATE__MODEL_UPDATE_ROLLBACK;
  check_encoding("update_models_request", 14, 12, 0, &update.base);
}

static void check_bad(void) {
  static uint8_t bytes[BYTES_MAX];
  TellerHeader header;
  size_t length = read_bytes("bad_truncated", bytes);
  teller_header_read(&header, bytes);
  if (length >= TELLER_HEADER_BYTES + header.payload_length)
    mismatch("bad_truncated", "is a whole frame");
  read_bytes("bad_too_long", bytes);
  teller_header_read(&header, bytes);
  if (header.payload_length <= TELLER_FRAME_BYTES_MAX) mismatch("bad_too_long", "is not too long");
  read_bytes("bad_unknown_method", bytes);
  teller_header_read(&header, bytes);
  if (header.method <= TELLER_UPDATE_MODELS) mismatch("bad_unknown_method", "is known");
  read_bytes("bad_unknown_type", bytes);
  teller_header_read(&header, bytes);
  if (header.type <= TELLER_FRAME_CREDIT) mismatch("bad_unknown_type", "is known");
  read_bytes("bad_payload", bytes);
  teller_header_read(&header, bytes);
  void *message = teller__v1__recommend_request__unpack(NULL, header.payload_length,
                                                        bytes + TELLER_HEADER_BYTES);
  if (message != NULL) mismatch("bad_payload", "decodes");
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: golden_test FOLDER\n");
    return 2;
  }
  folder = arguments[1];
  int count_of_good = check_all_good();
  // Fewer would mean that the folder is another one.
  if (count_of_good < 30) mismatch(folder, "holds fewer than 30 frames");
  check_ranked_requests();
  check_feedback_request();
  check_put_items_request();
  check_small_requests();
  check_bad();
  if (mismatches > 0) return 1;
  printf("golden_test: %d frames agree\n", count_of_good);
  return 0;
}
