/*
 * An event as JSON, as weirctl events --json and a log in JSON show it: time,
 * event, then its own keys in their order, all texts.
 */
#ifndef WEIR_IO_NOTICE_JSON_H
#define WEIR_IO_NOTICE_JSON_H

#include "core/event.h"

#include <jansson.h>

/* For json_decref. */
json_t *notice_json(const struct notice *);

#endif
