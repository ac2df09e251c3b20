/*
 * What the words of smtp(8) say of a smart host (for maillog.c only).
 */
#ifndef WEIR_CORE_MAILLOG_TEXT_H
#define WEIR_CORE_MAILLOG_TEXT_H

#include "core/maillog.h"

/*
 * "H[IP]:PORT" or "H[IP]" at the start of text, within len. 0 and what was
 * found (port 0 when there is none), or -1 and both untouched.
 */
int maillog_endpoint(const char *text, size_t len, struct netaddr *ip_r,
    uint16_t *port_r);

/*
 * The message of a line, or the text in brackets of a status. Sets relevant
 * and the evidence, and the address, port or name as far as the text has them;
 * what it does not have stays as it was.
 */
void maillog_text(const char *text, struct maillog_verdict *);

#endif
