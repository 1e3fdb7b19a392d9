// The interface of Chipmunk's parsers 0.1.0 in C: the types of wit/v0.1.0 as the canonical ABI lays them out in memory, the
// functions that the host calls, and those that it offers. Written by hand; the assertions hold what the layout rests on.
#ifndef CHIPMUNK_PARSER_H
#define CHIPMUNK_PARSER_H

#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name("chipmunk:parser/parser@0.1.0#" name)))
#define FREE_AFTER(name) __attribute__((export_name("cabi_post_chipmunk:parser/parser@0.1.0#" name)))
#define IMPORT(interface, name) \
  __attribute__((import_module("chipmunk:shared/" interface "@0.1.0"), import_name(name)))

enum level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG, LEVEL_TRACE };

struct string {
  const char *at;
  uint32_t length;
};

struct strings {
  struct string *at;
  uint32_t length;
};

struct optional_string {
  uint8_t is_some;
  struct string value;
};

struct version {
  uint16_t major, minor, patch;
};

enum config_kind { BOOLEAN, INTEGER, FLOAT, TEXT, DIRECTORIES, FILES, DROPDOWN };

struct config_item {
  struct string id;
  uint8_t kind;
  union {
    uint8_t boolean;
    int32_t integer;
    float number;
    struct string text;
    struct strings paths;
  } value;
};

struct config_schema {
  struct string id, title;
  struct optional_string description;
  uint8_t kind;
  union {
    uint8_t boolean;
    int32_t integer;
    float number;
    struct string text;
    struct strings extensions;
    struct {
      struct strings options;
      struct string chosen;
    } dropdown;
  } value;
};

struct config_schemas {
  struct config_schema *at;
  uint32_t length;
};

struct column_info {
  struct string caption, description;
  int16_t width;
};

struct render_options {
  uint8_t has_columns;
  struct {
    struct column_info *at;
    uint32_t length;
    uint16_t min_width, max_width;
  } columns;
};

enum init_error { INIT_CONFIG, INIT_IO, INIT_UNSUPPORTED, INIT_OTHER };

struct init_result {
  uint8_t is_error;
  struct {
    uint8_t kind;
    struct string text;
  } error;
};

enum message_kind { LINE, COLUMNS };

struct message {
  uint8_t kind;
  union {
    struct string line;
    struct strings columns;
  } value;
};

struct attachment {
  struct string name;
  uint64_t size;
  struct optional_string created, modified;
  struct {
    uint64_t *at;
    uint32_t length;
  } messages;
  struct {
    uint8_t *at;
    uint32_t length;
  } data;
};

enum yield_kind { MESSAGE, ATTACHMENT, MESSAGE_AND_ATTACHMENT };

struct parse_return {
  uint8_t has_value;
  struct {
    uint8_t kind;
    union {
      struct message message;
      struct attachment attachment;
      struct {
        struct message message;
        struct attachment attachment;
      } both;
    } value;
  } yield;
  uint64_t consumed;
};

enum parse_error { UNRECOVERABLE, PARSE, INCOMPLETE, END };

struct parse_result {
  uint8_t is_error;
  union {
    struct {
      struct parse_return *at;
      uint32_t length;
    } items;
    struct {
      uint8_t kind;
      struct string text;
    } error;
  } value;
};

_Static_assert(sizeof(void *) == 4, "a plugin has memory of 32 bits");
_Static_assert(sizeof(struct config_item) == 20, "config-item");
_Static_assert(sizeof(struct config_schema) == 48, "config-schema-item");
_Static_assert(offsetof(struct render_options, columns.min_width) == 12, "render-options");
_Static_assert(sizeof(struct column_info) == 20, "column-info");
_Static_assert(offsetof(struct init_result, error.text) == 8, "result of init");
_Static_assert(sizeof(struct attachment) == 56, "attachment");
_Static_assert(offsetof(struct parse_return, yield.value) == 16, "parse-yield");
_Static_assert(offsetof(struct parse_return, consumed) == 88, "parse-return");
_Static_assert(sizeof(struct parse_return) == 96, "parse-return");
_Static_assert(offsetof(struct parse_result, value.error.text) == 8, "result of parse");

IMPORT("logging", "log") void host_log(int32_t level, const char *message, uint32_t length);

#endif
