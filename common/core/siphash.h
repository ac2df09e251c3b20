/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash that strangers cannot
 * steer as long as they do not know the key.
 */
#ifndef WEIR_CORE_SIPHASH_H
#define WEIR_CORE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t siphash(const uint8_t key[16], const void *data, size_t len);

#endif
