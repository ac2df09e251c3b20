/*
 * Bytes of a stranger on the map socket. Whatever they are: what is taken lies
 * within them, texts end, a request is the same when its bytes come one by
 * one, and an answer that repeats the key is a netstring.
 */
#include "fuzz.h"

#include "core/socketmap.h"

#include <stdlib.h>
#include <string.h>

static void
check_request(const struct socketmap_request *request)
{
	char reply[SOCKETMAP_WIRE_MAX];
	size_t len;

	check(memchr(request->name, '\0', sizeof(request->name)));
	check(memchr(request->key, '\0', sizeof(request->key)));
	check(request->name[0] != '\0');
	len = socketmap_reply(reply, sizeof(reply), "OK", request->key);
	check(len > 0 && reply[len - 1] == ',');
	check((size_t)atoi(reply) == strlen(request->key) + strlen("OK "));
}

static void
check_beginnings(const char *bytes, size_t used)
{
	struct socketmap_request request;
	const char *why = NULL;
	size_t part;

	for (size_t len = 0; len < used; len++)
		check(socketmap_parse(bytes, len, &request, &part, &why) ==
		    SOCKETMAP_PARSE_MORE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct socketmap_request request;
	enum socketmap_parse parsed = SOCKETMAP_PARSE_DONE;
	const char *why = NULL;
	size_t at = 0, used = 0;

	while (at < size && parsed == SOCKETMAP_PARSE_DONE) {
		parsed = socketmap_parse(bytes + at, size - at, &request,
		    &used, &why);
		if (parsed != SOCKETMAP_PARSE_DONE)
			break;
		check_request(&request);
		check(used > 0 && used <= size - at);
		check(used <= SOCKETMAP_WIRE_MAX);
		check_beginnings(bytes + at, used);
		at += used;
	}
	check((parsed == SOCKETMAP_PARSE_BAD) == (why != NULL));
	check(parsed != SOCKETMAP_PARSE_MORE ||
	    size - at < SOCKETMAP_WIRE_MAX);
	return 0;
}
