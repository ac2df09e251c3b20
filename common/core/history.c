/*
 * A ring of slots a host, in the order of the hosts.
 */
#include "core/history.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

struct track { /* of one host */
	char name[NAME_MAX_LEN + 1];
	uint64_t first; /* the number of its first slot */
	uint64_t selected, delivered, failed; /* as they were last */
	struct history_slot slots[HISTORY_SLOTS]; /* by number */
};

struct history {
	struct track *tracks;
	size_t ntracks;
	uint64_t last;
	struct wall closed;
};

struct history *
history_new(void)
{
	struct history *history = calloc(1, sizeof(*history));

	if (history == NULL)
		abort();
	return history;
}

void
history_free(struct history **history)
{
	if (*history == NULL)
		return;
	free((*history)->tracks);
	free(*history);
	*history = NULL;
}

static bool
is_of(const struct track *track, const struct host *host)
{
	return strcmp(track->name, host->name) == 0;
}

static void
track_begin(struct track *track, const struct host *host, uint64_t first)
{
	(void)text_copy(track->name, sizeof(track->name), host->name);
	track->first = first;
	track->selected = host->selected;
	track->delivered = host->delivered;
	track->failed = host->failed;
}

static struct track *
find(struct history *history, const struct host *host)
{
	for (size_t i = 0; i < history->ntracks; i++) {
		if (is_of(&history->tracks[i], host))
			return &history->tracks[i];
	}
	return NULL;
}

static bool
is_in_order(const struct history *history, const struct hosts *hosts)
{
	if (history->ntracks != hosts->count)
		return false;
	for (size_t i = 0; i < hosts->count; i++) {
		if (!is_of(&history->tracks[i], &hosts->list[i]))
			return false;
	}
	return true;
}

/* After a reload the list may be another one. */
static void
bring_in_order(struct history *history, const struct hosts *hosts)
{
	struct track *tracks = calloc(hosts->count + 1, sizeof(*tracks));

	if (tracks == NULL)
		abort();
	for (size_t i = 0; i < hosts->count; i++) {
		const struct track *old = find(history, &hosts->list[i]);

		if (old != NULL)
			tracks[i] = *old;
		else
			track_begin(&tracks[i], &hosts->list[i],
			    history->last + 1);
	}
	free(history->tracks);
	history->tracks = tracks;
	history->ntracks = hosts->count;
}

static uint32_t
since(uint64_t *then, uint64_t now)
{
	uint64_t grown = now < *then ? 0 : now - *then;

	*then = now;
	return grown > UINT32_MAX ? UINT32_MAX : (uint32_t)grown;
}

static char
state_letter(const struct host *host, struct wall now)
{
	const char *name = host_state_name(host, now);

	return strcmp(name, "down") == 0 ? 'x' : name[0];
}

void
history_tick(struct history *history, const struct hosts *hosts,
    struct wall now)
{
	if (!is_in_order(history, hosts))
		bring_in_order(history, hosts);
	history->last++;
	history->closed = now;
	for (size_t i = 0; i < hosts->count; i++) {
		const struct host *host = &hosts->list[i];
		struct track *track = &history->tracks[i];

		track->slots[history->last % HISTORY_SLOTS] =
		    (struct history_slot) {
			since(&track->selected, host->selected),
			since(&track->delivered, host->delivered),
			since(&track->failed, host->failed),
			state_letter(host, now),
		};
	}
}

uint64_t
history_last(const struct history *history)
{
	return history->last;
}

struct wall
history_closed(const struct history *history)
{
	return history->closed;
}

const struct history_slot *
history_slot(const struct history *history, const struct host *host, size_t at,
    uint64_t number)
{
	const struct track *track;

	if (at >= history->ntracks)
		return NULL;
	track = &history->tracks[at];
	if (!is_of(track, host) || number < track->first ||
	    number > history->last || number + HISTORY_SLOTS <= history->last)
		return NULL;
	return &track->slots[number % HISTORY_SLOTS];
}
