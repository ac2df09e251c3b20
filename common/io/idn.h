/*
 * One form for each domain: lower case, as A-labels (RFC 5890), so that
 * "Bücher.example" and "xn--bcher-kva.example" are one key and one owner.
 * In io, not in core, since the tables are libidn2's.
 */
#ifndef WEIR_IO_IDN_H
#define WEIR_IO_IDN_H

#include "core/facts.h"

#include <stdbool.h>
#include <stddef.h>

enum { DOMAIN_MAX = 255 };

/*
 * 0, or -1 when the text is no domain (or the result would not fit); domain_r
 * is then "". A domain that is ASCII already is only lower-cased.
 */
int idn_domain(const char *domain, char domain_r[DOMAIN_MAX + 1]);

/*
 * The same for the domain of an address; the local part is lower-cased (ASCII
 * only). The part before the last '@' is left as it is otherwise. An address
 * without a domain is taken as it is.
 */
int idn_address(const char *address, char address_r[ADDRESS_MAX + 1]);

/* Is there nothing to be done but lower-casing? */
bool idn_is_ascii(const char *text);

/* The same in place; one that idn_address refuses is only lower-cased. */
void idn_make_canonical(char address[ADDRESS_MAX + 1]);

#endif
