/*
 * Bytes of a stranger through the reader of both sides of the state protocol.
 * The first byte chooses the side and how the bytes are cut into pieces; what
 * is read must not depend on the cut, stay within the bounds and be strings.
 */
#include "fuzz.h"

#include "io/resp.h"

#include <stdlib.h>
#include <string.h>

static void
check_frame(const struct resp_frame *frame, const struct resp_limits *limits)
{
	size_t bytes = 0;

	check(frame->count >= 1 && frame->count <= limits->elements);
	check(limits->replies || frame->type == '*');
	check(frame->type == '*' || frame->count == 1);
	for (size_t i = 0; i < frame->count; i++) {
		check(strlen(frame->elements[i]) == frame->lengths[i]);
		bytes += frame->lengths[i];
	}
	check(bytes <= limits->bytes);
}

/* Frames read, and whether it ended badly, as one number. */
static size_t
run(const struct resp_limits *limits, const char *bytes, size_t size,
    size_t piece)
{
	struct resp *resp = resp_new(limits);
	struct resp_frame frame;
	enum resp_result result = RESP_MORE;
	size_t frames = 0;

	for (size_t at = 0; at < size && result != RESP_BAD; at += piece) {
		resp_feed(
		    resp, bytes + at, size - at < piece ? size - at : piece);
		while ((result = resp_next(resp, &frame)) == RESP_FRAME) {
			check_frame(&frame, limits);
			frames++;
		}
	}
	check((result == RESP_BAD) == (resp_why(resp)[0] != '\0'));
	resp_free(&resp);
	return 2 * frames + (result == RESP_BAD);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct resp_limits limits = { 64, 4096, false };
	const char *bytes = (const char *)data + 1;
	size_t piece;

	if (size < 2)
		return 0;
	limits.replies = data[0] & 1;
	piece = (size_t)(data[0] >> 1) + 1;
	check(run(&limits, bytes, size - 1, piece) ==
	      run(&limits, bytes, size - 1, RESP_FEED_MAX));
	return 0;
}
