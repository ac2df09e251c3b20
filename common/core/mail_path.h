/*
 * The argument of MAIL FROM (RFC 5321 4.1.2, Reverse-path) beside the address
 * that Postfix made of it.
 */
#ifndef WEIR_CORE_MAIL_PATH_H
#define WEIR_CORE_MAIL_PATH_H

#include <stdbool.h>

/*
 * Do both mean one address? They may differ in what is syntax alone: brackets,
 * a source route, quotes and backslashes, the case of letters. Not by a domain
 * that was added, a '!' or comment that was understood, or blanks that were
 * left out: the next server may understand them otherwise.
 */
bool mail_path_is(const char *argument, const char *address);

#endif
