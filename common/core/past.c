/*
 * The ring: records stand one behind the other in a buffer, each a head and
 * its pairs, and the oldest go when the newest needs their room. A record never
 * wraps; what is left at the end of the buffer is skipped.
 */
#include "core/past.h"

#include "core/text.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct head {
	struct wall at;
	size_t len; /* of the pairs */
	size_t size; /* of it all, to the next record */
};

struct past {
	size_t room;
	size_t first; /* the oldest record */
	size_t end; /* behind the newest */
	size_t wrap; /* where those before 'first' went round; else room */
	size_t count;

	bool kept; /* the record being filled has a name */
	struct head head;
	char pairs[PAST_RECORD_MAX];

	char *ring;
};

static const char queue_id_key[] = "queue_id", ref_key[] = "ref";

struct past *
past_new(size_t bytes)
{
	struct past *past = calloc(1, sizeof(*past));

	if (past == NULL || (past->ring = calloc(1, bytes)) == NULL)
		abort();
	past->room = past->wrap = bytes;
	return past;
}

void
past_free(struct past **past)
{
	if (*past == NULL)
		return;
	free((*past)->ring);
	free(*past);
	*past = NULL;
}

/* --- filling --- */

void
past_begin(struct past *past, struct wall at, const char *queue_id,
    const char *ref)
{
	past->head = (struct head) { .at = at };
	past_put(past, queue_id_key, queue_id);
	past_put(past, ref_key, ref);
	past->kept = past->head.len != 0;
}

void
past_put(struct past *past, const char *key, const char *value)
{
	size_t len = value == NULL ? 0 : strlen(value) + 1;
	char *to = past->pairs + past->head.len;

	if (len <= 1 || past->head.len + sizeof(key) + len > PAST_RECORD_MAX)
		return;
	memcpy(to, &key, sizeof(key));
	memcpy(to + sizeof(key), value, len);
	past->head.len += sizeof(key) + len;
}

void
past_put_number(struct past *past, const char *key, int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, value);
	past_put(past, key, text);
}

/* --- the ring --- */

static struct head
head_at(const struct past *past, size_t at)
{
	struct head head;

	memcpy(&head, past->ring + at, sizeof(head));
	return head;
}

static void
drop_first(struct past *past)
{
	past->first += head_at(past, past->first).size;
	past->count--;
	if (past->first == past->wrap) {
		past->first = 0;
		past->wrap = past->room;
	}
	if (past->count == 0)
		past->first = past->end = 0;
}

/* Room for size bytes at past->end. */
static void
make_room(struct past *past, size_t size)
{
	if (past->end + size > past->room) {
		while (past->count > 0 && past->first >= past->end)
			drop_first(past);
		past->wrap = past->end;
		past->end = 0;
	}
	while (past->count > 0 && past->first >= past->end &&
	    past->first < past->end + size)
		drop_first(past);
}

void
past_end(struct past *past)
{
	struct head *head = &past->head;

	if (!past->kept)
		return;
	head->size = (sizeof(*head) + head->len + 7) & ~(size_t)7;
	make_room(past, head->size);
	memcpy(past->ring + past->end, head, sizeof(*head));
	memcpy(past->ring + past->end + sizeof(*head), past->pairs, head->len);
	past->end += head->size;
	past->count++;
}

/* --- reading --- */

static size_t
after(const struct past *past, size_t at)
{
	at += head_at(past, at).size;
	return at == past->wrap ? 0 : at;
}

static bool
is_named(const struct past_record *record, const char *name)
{
	const char *key, *value;
	size_t at = 0;

	for (int i = 0; i < 2 && past_pair(record, &at, &key, &value); i++) {
		if (key == queue_id_key ? strcmp(value, name) == 0 :
		    key == ref_key && text_equal_nocase(value, name))
			return true;
	}
	return false;
}

bool
past_next(const struct past *past, const char *name,
    struct past_record *record)
{
	size_t at = past->first, left = past->count;

	if (record->bytes != NULL) {
		size_t seen = (size_t)(record->bytes - past->ring) -
		    sizeof(struct head);

		while (left > 0 && at != seen) {
			at = after(past, at);
			left--;
		}
		if (left-- == 0)
			return false;
		at = after(past, at);
	}
	for (; left > 0; left--, at = after(past, at)) {
		struct head head = head_at(past, at);

		*record = (struct past_record) { head.at,
			past->ring + at + sizeof(head), head.len };
		if (is_named(record, name))
			return true;
	}
	return false;
}

bool
past_pair(const struct past_record *record, size_t *at, const char **key_r,
    const char **value_r)
{
	if (*at >= record->len)
		return false;
	/* NOLINTNEXTLINE(*.NonNullParamChecker): what has a length has bytes */
	memcpy(key_r, record->bytes + *at, sizeof(*key_r));
	*value_r = record->bytes + *at + sizeof(*key_r);
	*at += sizeof(*key_r) + strlen(*value_r) + 1;
	return true;
}

bool
past_since(const struct past *past, struct wall *since_r)
{
	if (past->count == 0)
		return false;
	*since_r = head_at(past, past->first).at;
	return true;
}
