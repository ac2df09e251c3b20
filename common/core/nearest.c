/*
 * Optimal string alignment (Damerau and Levenshtein, without a second edit of
 * swapped letters): what fingers do wrong, in one table of three rows.
 */
#include "core/nearest.h"

#include "core/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned
nearest_distance(const char *a, const char *b)
{
	/* rows[i % 3][j]: from the first i letters of a to the first j of b */
	unsigned rows[3][NEAREST_WORD_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > NEAREST_WORD_MAX || lb > NEAREST_WORD_MAX)
		return NEAREST_WORD_MAX;
	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3];
		unsigned *two_above = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			char x = text_lower_of(a[i - 1]);
			char y = text_lower_of(b[j - 1]);

			row[j] = least(above[j - 1] + (x != y),
			    least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && x == text_lower_of(b[j - 2]) &&
			    text_lower_of(a[i - 2]) == y)
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[la % 3][lb];
}

const char *
nearest_word(const char *typed, const char *const *list, size_t count)
{
	size_t len = strlen(typed);
	unsigned best = len < 6 ? 1 : (unsigned)(len / 3);
	const char *found = NULL;

	if (len > NEAREST_WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		unsigned distance = nearest_distance(typed, list[i]);

		if (distance < best || (distance == best && found == NULL)) {
			best = distance;
			found = list[i];
		}
	}
	for (size_t i = 0; found == NULL && len > 1 && i < count; i++) {
		/* NOLINTNEXTLINE(*.NonNullParamChecker): none is NULL */
		if (strncasecmp(list[i], typed, len) == 0)
			found = list[i];
	}
	return found;
}

const char *
nearest_hint(const char *typed, const char *const *list, size_t count,
    char buf[NEAREST_HINT_MAX])
{
	const char *near = nearest_word(typed, list, count);

	buf[0] = '\0';
	if (near != NULL)
		(void)snprintf(buf, NEAREST_HINT_MAX, "; did you mean \"%s\"?",
		    near);
	return buf;
}
