/*
 * RESP2 frames on hiredis' reader. The reader calls back for each object it
 * has whole; ours are not objects but bytes appended to one buffer, so that a
 * connection's requests cost no allocation once it has grown. Refusing is
 * returning NULL from a callback: the reader calls that "out of memory", the
 * true reason stands in 'why'.
 */
#include "io/resp.h"

#include <hiredis/read.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LENGTH_LINE_MAX = 24, /* "9223372036854775807\r\n" and some */
	TEXT_LINE_MAX = 4096, /* a status or error */
	KEEP_MAX = 65536,     /* of a buffer that is idle */
};

struct resp {
	struct resp_limits limits;
	redisReader *reader;
	const char *why; /* NULL: nothing bad yet */
	char type;
	size_t announced; /* elements of the array */

	/* the frame being read: strings one after the other */
	char *bytes;
	size_t used, size;
	size_t *offsets;
	size_t *lengths;
	const char **elements;
	size_t count, room;
};

static void *
grow(void *old, size_t size)
{
	void *grown = realloc(old, size);

	if (grown == NULL)
		abort();
	return grown;
}

static void *
refuse(struct resp *resp, const char *why)
{
	if (resp->why == NULL)
		resp->why = why;
	return NULL;
}

static void
make_room(struct resp *resp, size_t len)
{
	if (resp->used + len > resp->size) {
		resp->size = 2 * resp->size + len + 256;
		resp->bytes = grow(resp->bytes, resp->size);
	}
	if (resp->count == resp->room) {
		resp->room = resp->room == 0 ? 16 : 2 * resp->room;
		resp->offsets =
		    grow(resp->offsets, resp->room * sizeof(*resp->offsets));
		resp->lengths =
		    grow(resp->lengths, resp->room * sizeof(*resp->lengths));
		resp->elements =
		    grow(resp->elements, resp->room * sizeof(*resp->elements));
	}
}

/* Returns what stands for an object: anything but NULL. */
static void *
append(struct resp *resp, char type, const char *bytes, size_t len)
{
	if (resp->used + len >= resp->limits.bytes)
		return refuse(resp, "too many bytes");
	if (memchr(bytes, '\0', len) != NULL)
		return refuse(resp, "NUL in a string");
	make_room(resp, len + 1);
	if (resp->type == '\0')
		resp->type = type;
	resp->offsets[resp->count] = resp->used;
	resp->lengths[resp->count] = len;
	resp->count++;
	memcpy(resp->bytes + resp->used, bytes, len);
	resp->bytes[resp->used + len] = '\0';
	resp->used += len + 1;
	return resp;
}

static void *
string_cb(const redisReadTask *task, char *bytes, size_t len)
{
	struct resp *resp = task->privdata;

	if (task->type == REDIS_REPLY_STRING) {
		if (task->parent == NULL && !resp->limits.replies)
			return refuse(resp, "not an array");
		if (memcmp(bytes + len, "\r\n", 2) != 0)
			return refuse(resp, "string longer than announced");
		return append(resp, '$', bytes, len);
	}
	if (task->parent != NULL)
		return refuse(resp, "an element that is no string");
	if (!resp->limits.replies)
		return refuse(resp, "not an array");
	if (len > TEXT_LINE_MAX)
		return refuse(resp, "line too long");
	return append(
	    resp, task->type == REDIS_REPLY_ERROR ? '-' : '+', bytes, len);
}

static void *
array_cb(const redisReadTask *task, int elements)
{
	struct resp *resp = task->privdata;

	if (task->parent != NULL)
		return refuse(resp, "an array in an array");
	if (elements < 1)
		return refuse(resp, "empty array");
	if ((size_t)elements > resp->limits.elements)
		return refuse(resp, "a length out of bounds");
	resp->type = '*';
	resp->announced = (size_t)elements;
	return resp;
}

static void *
integer_cb(const redisReadTask *task, long long number)
{
	struct resp *resp = task->privdata;
	char text[32];
	int len;

	if (task->parent != NULL)
		return refuse(resp, "an element that is no string");
	if (!resp->limits.replies)
		return refuse(resp, "not an array");
	len = snprintf(text, sizeof(text), "%lld", number);
	return append(resp, ':', text, (size_t)len);
}

static void *
nil_cb(const redisReadTask *task)
{
	return refuse(task->privdata, "a length below zero");
}

static void
free_cb(void *object)
{
	(void)object; /* it is the reader's owner */
}

static redisReplyObjectFunctions functions = {
	.createString = string_cb,
	.createArray = array_cb,
	.createInteger = integer_cb,
	.createNil = nil_cb,
	.freeObject = free_cb,
};

struct resp *
resp_new(const struct resp_limits *limits)
{
	struct resp *resp = grow(NULL, sizeof(*resp));

	*resp = (struct resp){ .limits = *limits };
	resp->reader = redisReaderCreateWithFunctions(&functions);
	if (resp->reader == NULL)
		abort();
	resp->reader->privdata = resp;
	return resp;
}

void
resp_free(struct resp **respp)
{
	struct resp *resp = *respp;

	if (resp == NULL)
		return;
	redisReaderFree(resp->reader);
	free(resp->bytes);
	free(resp->offsets);
	free(resp->lengths);
	free(resp->elements);
	free(resp);
	*respp = NULL;
}

void
resp_feed(struct resp *resp, const char *bytes, size_t len)
{
	if (resp->why != NULL)
		return;
	if (redisReaderFeed(resp->reader, bytes, len) != REDIS_OK)
		abort();
}

/*
 * A length on its way: a whole number, or the beginning of one. What the
 * reader judges itself once the line ends (a sign) is let through, but not
 * for longer than such a line is.
 */
static bool
length_within(const char *text, size_t len, size_t max)
{
	size_t number = 0;

	for (size_t i = 0; i < len && text[i] != '\r'; i++) {
		if (i == 0 && text[i] == '-')
			return memchr(text, '\n', len) == NULL &&
			       len < LENGTH_LINE_MAX;
		if (text[i] < '0' || text[i] > '9' || i == LENGTH_LINE_MAX)
			return false;
		number = number * 10 + (size_t)(text[i] - '0');
		if (number > max)
			return false;
	}
	return true;
}

/*
 * The reader waits for more. What it holds is the rest of one item, without
 * its mark: a line on its way, or a string with its length before it.
 */
static void
check_pending(struct resp *resp)
{
	const redisReader *reader = resp->reader;
	size_t pending = reader->len - reader->pos;
	const char *text = reader->buf + reader->pos;
	int type;

	if (pending == 0 || reader->ridx < 0)
		return;
	if (pending + resp->used > resp->limits.bytes)
		(void)refuse(resp, "too many bytes");
	type = reader->rstack[reader->ridx].type;
	if (type == REDIS_REPLY_STRING || type == REDIS_REPLY_ARRAY) {
		if (!length_within(text, pending,
			type == REDIS_REPLY_STRING ? resp->limits.bytes
						   : resp->limits.elements))
			(void)refuse(resp, "a length out of bounds");
	} else if (reader->ridx > 0) {
		(void)refuse(resp, "an element that is no string");
	} else if (!resp->limits.replies) {
		(void)refuse(resp, "not an array");
	} else if (pending > TEXT_LINE_MAX) {
		(void)refuse(resp, "line too long");
	}
}

static void
start_frame(struct resp *resp)
{
	if (resp->size > KEEP_MAX) {
		free(resp->bytes);
		resp->bytes = NULL;
		resp->size = 0;
	}
	resp->type = '\0';
	resp->announced = resp->used = resp->count = 0;
}

static void
finish_frame(struct resp *resp, struct resp_frame *frame_r)
{
	for (size_t i = 0; i < resp->count; i++)
		resp->elements[i] = resp->bytes + resp->offsets[i];
	*frame_r = (struct resp_frame){ resp->type, resp->count, resp->elements,
		resp->lengths };
}

enum resp_result
resp_next(struct resp *resp, struct resp_frame *frame_r)
{
	void *object = NULL;
	int result;

	if (resp->why != NULL)
		return RESP_BAD;
	if (resp->reader->ridx == -1)
		start_frame(resp);
	result = redisReaderGetReply(resp->reader, &object);
	if (result != REDIS_OK && resp->why == NULL)
		(void)refuse(resp, "not the protocol");
	if (resp->why == NULL && object == NULL)
		check_pending(resp);
	if (resp->why != NULL)
		return RESP_BAD;
	if (object == NULL)
		return RESP_MORE;
	finish_frame(resp, frame_r);
	return RESP_FRAME;
}

bool
resp_is_drained(const struct resp *resp)
{
	return resp->reader->len == resp->reader->pos;
}

const char *
resp_why(const struct resp *resp)
{
	return resp->why == NULL ? "" : resp->why;
}
