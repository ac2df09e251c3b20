/*
 * Any text in JSON.
 */
#ifndef WEIR_IO_TEXT_JSON_H
#define WEIR_IO_TEXT_JSON_H

#include <jansson.h>

/*
 * For json_decref. What is no UTF-8 is escaped as a whole, as for a log; of
 * that at most 4 KiB are kept. NULL gives null.
 */
json_t *text_json(const char *text);

#endif
