/*
 * Headers as they come by. Only values longer than any before them in their
 * session are worth an allocation. What does not fit makes the message too
 * large; authors that do not, only for those whose authors are looked at.
 */
#include "headers.h"

#include "core/from.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

enum { VALUES_ROOM_FIRST = 256 };

static const char ours[] = "weir-"; /* how the names of our headers begin */

void
headers_clear(struct headers *headers)
{
	free(headers->values);
	memset(headers, 0, sizeof(*headers));
}

void
headers_reset(struct headers *headers)
{
	headers->count = headers->bytes = 0;
	headers->too_large = headers->authors_too_large = false;
	headers->broken = false;
	headers->nauthors = 0;
	headers->values_len = 0;
	headers->nforged = 0;
}

static void
make_room(struct headers *headers, size_t len)
{
	size_t room = headers->values_room == 0 ? VALUES_ROOM_FIRST :
	                                          headers->values_room;

	while (room < len)
		room *= 2;
	if (room == headers->values_room)
		return;
	headers->values = realloc(headers->values, room);
	if (headers->values == NULL)
		abort();
	headers->values_room = room;
}

static void
add_author(struct headers *headers, enum author kind, const char *value,
    size_t len)
{
	size_t at = headers->values_len;

	if (len > FROM_VALUE_MAX || at + len > AUTHOR_BYTES_MAX ||
	    headers->nauthors == AUTHOR_HEADERS_MAX) {
		headers->authors_too_large = true;
		return;
	}
	make_room(headers, at + len);
	memcpy(headers->values + at, value, len);
	headers->values_len += len;
	headers->authors[headers->nauthors].kind = kind;
	headers->authors[headers->nauthors].at = at;
	headers->authors[headers->nauthors++].len = len;
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

	while (ours[i] != '\0' && text_lower_of(name[i]) == ours[i])
		i++;
	return ours[i] == '\0';
}

/*
 * RFC 5322 2.2: no CR without LF. Postfix before 3.7.10 sends one on as it is,
 * and readers begin a header behind it that nobody looked at. At the very end
 * there is none to begin.
 */
static bool
has_lone_cr(const char *value)
{
	const char *cr = strchr(value, '\r');

	while (cr != NULL && (cr[1] == '\n' || cr[1] == '\0'))
		cr = strchr(cr + 1, '\r');
	return cr != NULL;
}

void
headers_add(struct headers *headers, const char *name, const char *value)
{
	size_t len = strlen(value);
	enum author author;

	headers->count++;
	headers->bytes += strlen(name) + len;
	if (headers->count > HEADERS_COUNT_MAX ||
	    headers->bytes > HEADERS_BYTES_MAX) {
		headers->too_large = true;
		return;
	}
	headers->broken = headers->broken || has_lone_cr(value);
	author = author_by_name(name);
	if (author != AUTHORS)
		add_author(headers, author, value, len);
	else if (is_ours(name))
		add_forged(headers, name);
}

size_t
headers_authors(const struct headers *headers,
    struct author_header list_r[AUTHOR_HEADERS_MAX])
{
	for (unsigned i = 0; i < headers->nauthors; i++) {
		list_r[i].kind = headers->authors[i].kind;
		list_r[i].value = headers->values + headers->authors[i].at;
		list_r[i].len = headers->authors[i].len;
	}
	return headers->nauthors;
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
