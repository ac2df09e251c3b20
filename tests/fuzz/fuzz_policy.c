/*
 * Bytes of a stranger on the policy socket. Whatever they are: what is taken
 * lies within them, texts end, and a request is the same when its bytes come
 * one by one.
 */
#include "fuzz.h"

#include "core/policy.h"

#include <string.h>

static void
check_request(const struct policy_request *request)
{
	check(memchr(request->queue_id, '\0', sizeof(request->queue_id)));
	check(memchr(request->instance, '\0', sizeof(request->instance)));
	check(memchr(request->sender, '\0', sizeof(request->sender)));
	check(memchr(request->recipient, '\0', sizeof(request->recipient)));
	check(memchr(request->user, '\0', sizeof(request->user)));
	check(request->state <= POLICY_OTHER);
}

/* Any beginning of a request is only a beginning. */
static void
check_beginnings(const char *bytes, size_t used)
{
	struct policy_request request;
	const char *why = NULL;
	size_t part;

	for (size_t len = used > 64 ? used - 64 : 0; len < used; len++)
		check(policy_parse(bytes, len, &request, &part, &why) ==
		    POLICY_PARSE_MORE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct policy_request request;
	enum policy_parse parsed = POLICY_PARSE_DONE;
	const char *why = NULL;
	size_t at = 0, used = 0;

	while (at < size && parsed == POLICY_PARSE_DONE) {
		parsed = policy_parse(bytes + at, size - at, &request, &used,
		    &why);
		check_request(&request);
		if (parsed != POLICY_PARSE_DONE)
			break;
		check(used > 0 && used <= size - at);
		check(used <= POLICY_REQUEST_MAX);
		check_beginnings(bytes + at, used);
		at += used;
	}
	check(parsed != POLICY_PARSE_BAD || why != NULL);
	check(parsed != POLICY_PARSE_MORE ||
	    size - at < POLICY_REQUEST_MAX);
	return 0;
}
