/*
 * May this user send a message with this From header? The one function that
 * weir-milter and weirctl explain both ask.
 */
#ifndef WEIR_IO_FROM_CHECK_H
#define WEIR_IO_FROM_CHECK_H

#include "core/facts.h"
#include "core/identity.h"
#include "core/reason.h"

#include <stddef.h>

/*
 * Every mailbox must be the user's, and every other address a reader would see
 * in a name or comment too. REASON_OK, REASON_FROM_SYNTAX or
 * REASON_FROM_NOT_OWNED; subject_r is then the address refused, or "".
 * *why_r: a static text for the log, or NULL.
 */
enum reason from_check(const struct owner *, const char *value, size_t len,
    char subject_r[ADDRESS_MAX + 1], const char **why_r);

#endif
