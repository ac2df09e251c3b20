/*
 * A window opens with the first warning and ends with the sum.
 */
#include "io/complaints.h"

#include "io/log.h"
#include "io/loop.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct complaints {
	struct event *window;
	const char *name;
	const char *what;
	unsigned said, kept;
};

static void
sum_up(struct complaints *complaints)
{
	if (complaints->kept > 0)
		log_warning("%s: %u more %s", complaints->name,
		    complaints->kept, complaints->what);
	complaints->said = complaints->kept = 0;
}

static void
window_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	sum_up(arg);
}

struct complaints *
complaints_new(struct event_base *base, const char *name, const char *what)
{
	struct complaints *complaints = calloc(1, sizeof(*complaints));

	if (complaints == NULL)
		abort();
	complaints->name = name;
	complaints->what = what;
	complaints->window = loop_event_new(base, LOOP_PRIORITY_REST, -1, 0,
	    window_cb, complaints);
	return complaints;
}

void
complaints_free(struct complaints **complaintsp)
{
	struct complaints *complaints = *complaintsp;

	if (complaints == NULL)
		return;
	sum_up(complaints);
	event_free(complaints->window);
	free(complaints);
	*complaintsp = NULL;
}

void
complaints_add(struct complaints *complaints, const char *fmt, ...)
{
	static const struct timeval length = { .tv_sec = COMPLAINTS_WINDOW_S };
	char text[1024];
	va_list args;

	if (complaints->said == COMPLAINTS_BURST) {
		complaints->kept++;
		return;
	}
	if (complaints->said++ == 0)
		(void)event_add(complaints->window, &length);
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_warning("%s: %s", complaints->name, text);
}
