/*
 * "Did you mean": the known word nearest to a mistyped one.
 */
#ifndef WEIR_CORE_NEAREST_H
#define WEIR_CORE_NEAREST_H

#include <stddef.h>

enum { NEAREST_WORD_MAX = 64 }; /* bytes; longer ones are never near */

/*
 * How many letters must be added, left out, changed or swapped with their
 * neighbour to make one word of the other; ASCII case does not count.
 * NEAREST_WORD_MAX when either word is longer than that.
 */
unsigned nearest_distance(const char *a, const char *b);

/*
 * The word of the list with the smallest distance, the first of several;
 * NULL when none is within a third of the typed word's length (at least 1), or
 * begins with it.
 */
const char *nearest_word(const char *typed, const char *const *list,
    size_t count);

/*
 * "; did you mean \"WORD\"?" for the end of a sentence, or "" when no word is
 * near. Returns buf.
 */
enum { NEAREST_HINT_MAX = NEAREST_WORD_MAX + 32 };
const char *nearest_hint(const char *typed, const char *const *list,
    size_t count, char buf[NEAREST_HINT_MAX]);

#endif
