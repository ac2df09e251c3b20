/*
 * A damaged LMDB file, or any bytes in its place: nothing outside them is read,
 * keys come in their order, and there are as many as the file says, or none of
 * it is believed.
 */
#include "fuzz.h"

#include "core/lmdb.h"

#include <string.h>

struct seen {
	const char *begin, *end;
	struct lmdb_text last;
	size_t rows;
};

static bool
see(void *ctx, struct lmdb_text key, struct lmdb_text value)
{
	struct seen *seen = ctx;
	size_t len = key.len < seen->last.len ? key.len : seen->last.len;

	check(key.bytes >= seen->begin && key.bytes + key.len <= seen->end);
	check(value.bytes >= seen->begin &&
	    value.bytes + value.len <= seen->end);
	if (seen->rows > 0) {
		int order = memcmp(seen->last.bytes, key.bytes, len);

		check(order < 0 || (order == 0 && seen->last.len < key.len));
	}
	seen->last = key;
	seen->rows++;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen first = { .begin = (const char *)data,
		.end = (const char *)data + size };
	struct seen second = first;
	const char *why;
	int result = lmdb_read(data, size, see, &first, &why);

	check(lmdb_read(data, size, see, &second, &why) == result);
	check(first.rows == second.rows);
	check(result == 0 || why != NULL);
	check(lmdb_commit(data, size) == 0 || size > 512);
	return 0;
}
