/*
 * A message is known by its queue id and the address it was denied at. It
 * counts from its first recipient on, until one has fared otherwise. That may
 * come after it was the last one needed; but then the host took mail, and soft
 * failures end with that.
 *
 * smtp(8) tells of those that were refused before those that were taken, so a
 * message that was not denied first need not be remembered.
 */
#include "core/denials.h"

#include <string.h>

static bool
same_place(const struct denial *denial, const struct maillog_verdict *line)
{
	return denial->ip.family != 0 && denial->port == line->port &&
	    netaddr_equal(&denial->ip, &line->ip);
}

static struct denial *
find(struct denials *denials, const struct maillog_verdict *line)
{
	for (unsigned i = 0; i < DENIALS_KEPT; i++) {
		struct denial *denial = &denials->list[i];

		if (same_place(denial, line) &&
		    strcmp(denial->queue_id, line->queue_id) == 0)
			return denial;
	}
	return NULL;
}

static void
add(struct denials *denials, const struct maillog_verdict *line,
    struct mono now)
{
	struct denial *denial = &denials->list[denials->next];

	denials->next = (denials->next + 1) % DENIALS_KEPT;
	*denial = (struct denial) { .at = now, .ip = line->ip,
		.port = line->port };
	memcpy(denial->queue_id, line->queue_id, sizeof(denial->queue_id));
}

static unsigned
count(const struct denials *denials, const struct maillog_verdict *line,
    struct mono now)
{
	unsigned n = 0;

	for (unsigned i = 0; i < DENIALS_KEPT; i++) {
		const struct denial *denial = &denials->list[i];

		n += same_place(denial, line) && !denial->mixed &&
		    mono_since(now, denial->at).us <= DENIALS_WITHIN.us;
	}
	return n;
}

static void
forget(struct denials *denials, const struct maillog_verdict *line)
{
	for (unsigned i = 0; i < DENIALS_KEPT; i++) {
		if (same_place(&denials->list[i], line))
			denials->list[i].ip.family = 0;
	}
}

bool
denials_on(struct denials *denials, const struct maillog_verdict *line,
    struct mono now)
{
	struct denial *denial = find(denials, line);

	if (line->ip.family == 0 || line->queue_id[0] == '\0')
		return false;
	if (denial != NULL) {
		denial->mixed = denial->mixed || !line->denied;
		return false;
	}
	if (!line->denied)
		return false;
	add(denials, line, now);
	if (count(denials, line, now) < DENIALS_FAIL)
		return false;
	forget(denials, line);
	return true;
}
