/*
 * Any bytes as a string in JSON, and back: what stands in main.cf need not be
 * UTF-8, and must come back as it was.
 */
#ifndef WEIR_CTL_BYTES_H
#define WEIR_CTL_BYTES_H

#include "content.h"

#include <jansson.h>
#include <stdbool.h>

json_t *bytes_json(const char *text, size_t len);
json_t *bytes_or_null(const char *text); /* null for NULL */

/* The other way, for free(); unknown when it is none of ours. */
struct content bytes_of(const json_t *);

/* Does it stand for these? False when either is unknown. */
bool bytes_same(const json_t *, const struct content *);

#endif
