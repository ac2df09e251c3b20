/*
 * Reading the objects the state sends, and saying their times in words. A
 * field that is missing reads as "", 0 or false: an older or newer daemon
 * must not break the tool.
 */
#ifndef WEIR_CTL_FIELD_H
#define WEIR_CTL_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

const char *field_text(const json_t *, const char *key);
int64_t field_number(const json_t *, const char *key);
double field_real(const json_t *, const char *key);
bool field_true(const json_t *, const char *key);
bool field_null(const json_t *, const char *key); /* null or missing */

/* "" of one, else "s": "1 failure", "2 failures". */
const char *plural(int64_t count);

enum { SPAN_WORDS_MAX = 64, INSTANT_WORDS_MAX = 128 };

/* "42 s", "31 min", "3 h 12 min", "2 d 4 h". */
const char *span_words(int64_t seconds, char buf[SPAN_WORDS_MAX]);

/* An RFC 3339 time: "in 42 s (12:04:10Z)", "5 min ago (11:58:00Z)". */
const char *instant_words(const char *rfc3339, int64_t now,
    char buf[INSTANT_WORDS_MAX]);

/* The words for a reason's tag; the tag itself when it is a newer one. */
const char *reason_words(const char *tag);

#define EXCHANGER_WORDS_MAX 300

/* Of an address: "MX 10 mx1.example.net", or "" when it is none's. */
const char *exchanger_words(const json_t *address,
    char buf[EXCHANGER_WORDS_MAX]);

#endif
