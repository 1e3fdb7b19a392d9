// Rows of comma-separated values (RFC 4180) as columns: fields may be in double quotes, and then hold delimiters, line ends and
// quotes (as two). Fields that are as they stand in the input are not copied. Fields that are not UTF-8 are taken as Latin-1.
#include "../parser.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Of one call: what they need must fit into memory beside the input.
#define MOST_ROWS 65536
#define SHOWN_COLUMNS 8
#define LITERAL(text) {text, sizeof(text) - 1}

static struct {
  char delimiter;
  bool strict, skip_first;
  bool is_first;
  // Bytes that the last call left.
  uint32_t left;
  enum level level;
} state;

// What one call allocates; freed when the host has read its result.
struct block {
  struct block *next;
  uint32_t used, size;
  // Aligned as malloc aligns.
  uint64_t bytes[];
};
static struct block *blocks;
static void *input;

static struct parse_return *items;
static uint32_t item_count, item_room;
static struct string *fields;
static uint32_t field_count, field_room;

static void *must(void *memory) {
  if (memory != NULL) return memory;
  fputs("csv: out of memory\n", stderr);
  abort();
}

static void *allocate(uint32_t size) {
  size = (size + 7) & ~7u;
  if (blocks == NULL || blocks->size - blocks->used < size) {
    uint32_t room = size > 65536 ? size : 65536;
    struct block *block = must(malloc(sizeof(struct block) + room));
    *block = (struct block){.next = blocks, .used = 0, .size = room};
    blocks = block;
  }
  void *memory = (char *)blocks->bytes + blocks->used;
  blocks->used += size;
  return memory;
}

static void release(void) {
  while (blocks != NULL) {
    struct block *next = blocks->next;
    free(blocks);
    blocks = next;
  }
  free(items);
  items = NULL;
  item_count = item_room = 0;
  free(input);
  input = NULL;
}

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  (void)old_size;
  if (size == 0) return (void *)align;
  return must(realloc(old, size));
}

static void say(enum level level, const char *text) {
  if (level <= state.level) host_log(level, text, strlen(text));
}

EXPORT("get-version") struct version *get_version(void) {
  static struct version version = {0, 1, 0};
  return &version;
}

EXPORT("get-config-schemas") struct config_schemas *get_config_schemas(void) {
  static struct config_schema schemas[] = {
      {.id = LITERAL("delimiter"),
       .title = LITERAL("Delimiter"),
       .description = {1, LITERAL("One character; `tab` for a tabulator")},
       .kind = TEXT,
       .value.text = LITERAL(",")},
      {.id = LITERAL("skip-first"), .title = LITERAL("Skip the first row"), .kind = BOOLEAN, .value.boolean = 0},
      {.id = LITERAL("strict"),
       .title = LITERAL("Strict"),
       .description = {1, LITERAL("Text behind a closing quote is an error")},
       .kind = BOOLEAN,
       .value.boolean = 0},
  };
  static struct config_schemas list = {schemas, sizeof schemas / sizeof *schemas};
  return &list;
}

EXPORT("get-render-options") struct render_options *get_render_options(void) {
  static struct column_info columns[SHOWN_COLUMNS];
  static char captions[SHOWN_COLUMNS][16];
  for (int i = 0; i < SHOWN_COLUMNS; i++) {
    int length = snprintf(captions[i], sizeof captions[i], "Column %d", i + 1);
    columns[i] = (struct column_info){.caption = {captions[i], length}, .width = i + 1 == SHOWN_COLUMNS ? -1 : 100};
  }
  static struct render_options options = {1, {columns, SHOWN_COLUMNS, 30, 600}};
  return &options;
}

static struct init_result *refuse(const char *text) {
  static struct init_result result;
  result = (struct init_result){1, {INIT_CONFIG, {text, strlen(text)}}};
  return &result;
}

static bool is(struct string text, const char *other) {
  return text.length == strlen(other) && memcmp(text.at, other, text.length) == 0;
}

EXPORT("init") struct init_result *init(int32_t level, struct config_item *configs, uint32_t count) {
  static struct init_result accepted;
  state.level = level;
  state.is_first = true;
  state.left = 0;
  for (uint32_t i = 0; i < count; i++) {
    struct config_item *item = &configs[i];
    if (is(item->id, "delimiter")) {
      struct string text = item->value.text;
      if (is(text, "tab")) state.delimiter = '\t';
      else if (text.length != 1 || strchr("\"\r\n", *text.at) != NULL)
        return refuse("the delimiter must be one ASCII character that is no quote and no line end");
      else state.delimiter = *text.at;
      free((void *)text.at);
    }
    if (is(item->id, "skip-first")) state.skip_first = item->value.boolean;
    if (is(item->id, "strict")) state.strict = item->value.boolean;
    free((void *)item->id.at);
  }
  if (count > 0) free(configs);
  // Nothing ever flushes it at an end: a plugin has none.
  printf("fields are divided by '%c'\n", state.delimiter);
  fflush(stdout);
  say(LEVEL_INFO, "csv is ready");
  return &accepted;
}

// Length of the UTF-8 character at the beginning; 0 when there is none.
static uint32_t character(const unsigned char *at, const unsigned char *end) {
  unsigned lead = *at;
  if (lead < 0x80) return 1;
  uint32_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || (uint32_t)(end - at) < length) return 0;
  for (uint32_t i = 1; i < length; i++)
    if ((at[i] & 0xc0) != 0x80) return 0;
  // Longer than need be, surrogates, and what lies behind the last character.
  if ((lead == 0xe0 && at[1] < 0xa0) || (lead == 0xed && at[1] > 0x9f)) return 0;
  if ((lead == 0xf0 && at[1] < 0x90) || (lead == 0xf4 && at[1] > 0x8f)) return 0;
  return length;
}

static struct string as_utf8(const char *text, uint32_t length) {
  const unsigned char *at = (const unsigned char *)text, *end = at + length;
  while (at < end) {
    uint32_t step = character(at, end);
    if (step == 0) break;
    at += step;
  }
  if (at == end) return (struct string){text, length};
  char *copy = allocate(2 * length);
  uint32_t out = 0;
  for (uint32_t i = 0; i < length; i++) {
    unsigned char byte = text[i];
    if (byte < 0x80) copy[out++] = byte;
    else {
      copy[out++] = 0xc0 | byte >> 6;
      copy[out++] = 0x80 | (byte & 0x3f);
    }
  }
  return (struct string){copy, out};
}

static void add_field(const char *text, uint32_t length) {
  if (field_count == field_room) {
    field_room = field_room == 0 ? 16 : 2 * field_room;
    fields = must(realloc(fields, field_room * sizeof *fields));
  }
  fields[field_count++] = as_utf8(text, length);
}

enum row { WHOLE, SHORT, BROKEN };

// Reads a field in quotes; `*at` is behind the first quote, and then at the delimiter or line end.
static enum row quoted_field(const char **at, const char *end, bool at_end) {
  const char *begin = *at, *stop = begin;
  uint32_t doubled = 0;
  for (;; stop += 2, doubled++) {
    stop = memchr(stop, '"', end - stop);
    // The last one may be the first of two.
    if ((stop == NULL || stop + 1 == end) && !at_end) return SHORT;
    if (stop == NULL) stop = end;
    if (end - stop < 2 || stop[1] != '"') break;
  }
  if (doubled == 0) {
    add_field(begin, stop - begin);
  } else {
    char *copy = allocate(stop - begin - doubled), *out = copy;
    for (const char *from = begin; from < stop; from++) {
      *out++ = *from;
      if (*from == '"') from++;
    }
    add_field(copy, out - copy);
  }
  *at = stop < end ? stop + 1 : end;
  return *at == end || **at == state.delimiter || **at == '\n' || **at == '\r' ? WHOLE : BROKEN;
}

static const char *plain_end(const char *at, const char *end) {
  while (at < end && *at != state.delimiter && *at != '\n') at++;
  return at;
}

// Reads a row into `fields`, and sets `*at` behind it.
static enum row row(const char **at, const char *end, bool at_end) {
  const char *from = *at;
  field_count = 0;
  for (;;) {
    if (from < end && *from == '"') {
      from++;
      enum row outcome = quoted_field(&from, end, at_end);
      if (outcome == SHORT || (outcome == BROKEN && state.strict)) return outcome;
      // What stands between the quote and the next delimiter is dropped.
      from = plain_end(from, end);
    } else {
      const char *stop = plain_end(from, end);
      bool ends_row = stop < end && *stop == '\n';
      uint32_t length = stop - from;
      if (ends_row && length > 0 && stop[-1] == '\r') length--;
      add_field(from, length);
      from = stop;
    }
    if (from == end) {
      *at = end;
      return at_end ? WHOLE : SHORT;
    }
    if (*from++ == '\n') {
      *at = from;
      return WHOLE;
    }
  }
}

static void add_item(bool has_value, uint32_t consumed) {
  if (item_count == item_room) {
    item_room = item_room == 0 ? 256 : 2 * item_room;
    items = must(realloc(items, item_room * sizeof *items));
  }
  struct parse_return *item = &items[item_count++];
  *item = (struct parse_return){.has_value = has_value, .consumed = consumed};
  if (!has_value) return;
  struct string *columns = allocate(field_count * sizeof *columns);
  memcpy(columns, fields, field_count * sizeof *columns);
  item->yield.kind = MESSAGE;
  item->yield.value.message = (struct message){.kind = COLUMNS, .value.columns = {columns, field_count}};
}

EXPORT("parse")
struct parse_result *parse(char *data, uint32_t length, int32_t has_timestamp, uint64_t timestamp) {
  (void)has_timestamp, (void)timestamp;
  static struct parse_result result;
  // Memory of no length is none that was allocated.
  input = length == 0 ? NULL : data;
  // What was left comes again and is no longer: the input has ended.
  bool at_end = length > 0 && length == state.left;
  const char *at = data, *end = data + length;
  enum row outcome = WHOLE;
  while (at < end && item_count < MOST_ROWS) {
    const char *begin = at;
    outcome = row(&at, end, at_end);
    if (outcome != WHOLE) {
      at = begin;
      break;
    }
    add_item(!(state.is_first && state.skip_first), at - begin);
    state.is_first = false;
  }
  if (outcome == BROKEN && item_count == 0) {
    result = (struct parse_result){1, {.error = {PARSE, LITERAL("there is text behind a closing quote")}}};
    state.left = 0;
    return &result;
  }
  state.left = outcome == SHORT ? end - at : 0;
  result = (struct parse_result){0, {.items = {items, item_count}}};
  return &result;
}

FREE_AFTER("parse") void free_after_parse(struct parse_result *result) {
  (void)result;
  release();
}
