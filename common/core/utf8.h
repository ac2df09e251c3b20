/*
 * UTF-8 (RFC 3629) one character at a time, and the characters that have no
 * place in an address or a name.
 */
#ifndef WEIR_CORE_UTF8_H
#define WEIR_CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Length of the character at s, 1 to 4; 0 when the bytes there are none
 * (broken, overlong, a surrogate). len is at least 1.
 */
size_t utf8_next(const char *s, size_t len, uint32_t *character_r);

/*
 * Controls (C0, DEL, C1), line and paragraph separators, and whatever turns
 * the direction of text around: they change what a reader sees.
 */
bool utf8_is_control(uint32_t character);

/* Characters that show nothing, so that two addresses would look alike. */
bool utf8_is_invisible(uint32_t character);

/* Forms of '@' for wide and small writing. */
bool utf8_is_wide_at(uint32_t character);

#endif
