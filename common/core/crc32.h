/*
 * CRC-32 as Ethernet and zlib have it (reflected, polynomial EDB88320): tells
 * bytes that changed by chance, and nobody's malice.
 */
#ifndef WEIR_CORE_CRC32_H
#define WEIR_CORE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* crc: 0, or that of what goes before. */
uint32_t crc32_add(uint32_t crc, const void *bytes, size_t len);

#endif
