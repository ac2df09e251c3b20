/*
 * What a reader sees in a display name or comment of a From header: encoded
 * words decoded (RFC 2047), and the addresses that stand in it. Part of
 * core/from.h; nobody else needs it.
 */
#ifndef WEIR_CORE_FROM_TEXT_H
#define WEIR_CORE_FROM_TEXT_H

#include "core/from.h"

/*
 * Adds the addresses in a text (at most FROM_VALUE_MAX bytes, valid UTF-8) to
 * mailboxes->hidden, each once, but for those in the list already. NULL, or why
 * the text must be refused.
 */
const char *from_text_hidden(const char *text, size_t len,
    struct mailboxes *mailboxes);

/*
 * Decodes encoded words, wherever they stand, and counts them. The length, size
 * at most; *why_r is set when a word cannot be understood, or all do not fit.
 */
size_t from_text_decode(const char *text, size_t len, char *decoded_r,
    size_t size, size_t *words_r, const char **why_r);

#endif
