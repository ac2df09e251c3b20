/*
 * Addresses and domains as an administrator writes them, in weir.conf and in
 * tables, to the one form in which they are compared.
 */
#ifndef WEIR_IO_SENDER_H
#define WEIR_IO_SENDER_H

#include "core/facts.h"
#include "io/idn.h"

#include <stdbool.h>

/* A domain; with pattern a '*' may stand for any of its characters. */
bool sender_domain(const char *text, bool pattern,
    char domain_r[DOMAIN_MAX + 1]);

/* An address, "@domain" or "@.domain"; pattern as above, in each part. */
bool sender_address(const char *text, bool pattern,
    char address_r[ADDRESS_MAX + 1]);

/*
 * What a login may send as: address, "@domain", "@.domain", or one of them
 * behind a '!'. NULL, or static words that say what would be right.
 */
const char *sender_parse(const char *text, char sender_r[ADDRESS_MAX + 2]);

#endif
