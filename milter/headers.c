/*
 * Headers as they come by. Only a From longer than any before it in its session
 * is worth an allocation; what does not fit makes the message too large.
 */
#include "headers.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

enum { FROM_ROOM_FIRST = 256 };

static const char ours[] = "weir-"; /* what the names of our headers begin with */

void
headers_clear(struct headers *headers)
{
	free(headers->from);
	memset(headers, 0, sizeof(*headers));
}

void
headers_reset(struct headers *headers)
{
	headers->count = headers->bytes = 0;
	headers->too_large = false;
	headers->from_count = 0;
	headers->from_len = 0;
	headers->nforged = 0;
}

static void
add_from(struct headers *headers, const char *value, size_t len)
{
	if (headers->from_count++ != 0)
		return;
	if (len > FROM_VALUE_MAX) {
		headers->too_large = true;
		return;
	}
	if (len >= headers->from_room) {
		headers->from_room = len < FROM_ROOM_FIRST ? FROM_ROOM_FIRST :
		                                             len + 1;
		free(headers->from);
		headers->from = malloc(headers->from_room);
		if (headers->from == NULL)
			abort();
	}
	memcpy(headers->from, value, len);
	headers->from_len = len;
}

static void
add_forged(struct headers *headers, const char *name)
{
	struct forged *forged;

	for (unsigned i = 0; i < headers->nforged; i++) {
		forged = &headers->forged[i];
		if (text_equal_nocase(forged->name, name)) {
			forged->count++;
			return;
		}
	}
	if (headers->nforged == FORGED_NAMES_MAX) {
		headers->too_large = true;
		return;
	}
	forged = &headers->forged[headers->nforged];
	if (text_copy(forged->name, sizeof(forged->name), name) == -1) {
		headers->too_large = true;
		return;
	}
	forged->count = 1;
	headers->nforged++;
}

/* RFC 5322 1.2.2: field names are compared without regard to case. */
static bool
is_ours(const char *name)
{
	size_t i = 0;

	while (ours[i] != '\0' && (name[i] | 0x20) == (ours[i] | 0x20))
		i++;
	return ours[i] == '\0';
}

void
headers_add(struct headers *headers, const char *name, const char *value)
{
	size_t len = strlen(value);

	headers->count++;
	headers->bytes += strlen(name) + len;
	if (headers->count > HEADERS_COUNT_MAX ||
	    headers->bytes > HEADERS_BYTES_MAX) {
		headers->too_large = true;
		return;
	}
	if (text_equal_nocase(name, "From"))
		add_from(headers, value, len);
	else if (is_ours(name))
		add_forged(headers, name);
}

int
headers_remove_forged(const struct headers *headers,
    int (*remove)(void *ctx, const char *name, unsigned index), void *ctx)
{
	for (unsigned i = 0; i < headers->nforged; i++) {
		const struct forged *forged = &headers->forged[i];

		for (unsigned n = forged->count; n > 0; n--) {
			if (remove(ctx, forged->name, n) == -1)
				return -1;
		}
	}
	return 0;
}
