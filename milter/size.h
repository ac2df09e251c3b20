/*
 * How large a message is: as its client says at MAIL (RFC 1870), and as it came
 * in. Postfix hands a message over in parts; their sum is what the client sent
 * after DATA, without what Postfix itself adds.
 */
#ifndef WEIR_MILTER_SIZE_H
#define WEIR_MILTER_SIZE_H

#include <stddef.h>
#include <stdint.h>

/*
 * SIZE= among the arguments of MAIL (a list that ends with NULL); 0 when there
 * is none or it is no number.
 */
uint64_t size_declared(const char *const *arguments);

/* A header line as libmilter gives it: with its CRLF, folds as LF. */
uint64_t size_of_header(const char *name, const char *value);

enum { SIZE_OF_BLANK_LINE = 2 }; /* between headers and body */

#endif
