/*
 * postconf runs with argument vectors, never by a shell; each run prints the
 * whole, which costs no more than a part.
 */
#include "postconf.h"

#include "core/text.h"
#include "io/child.h"
#include "io/clock.h"

#include <stdio.h>
#include <string.h>

struct taking {
	struct postfix *postfix;
	void (*take)(struct postfix *, const char *line);
};

static void
take_cb(void *ctx, const char *line)
{
	const struct taking *taking = ctx;

	taking->take(taking->postfix, line);
}

/* The last of what postconf complains about is what it ended with. */
static void
complaint_cb(void *ctx, const char *line)
{
	text_escape(ctx, POSTCONF_WHY_MAX, line, strlen(line));
}

static int
postconf(const char *directory, const char *options, struct taking *taking,
    char *why)
{
	const char *argv[6] = { "postconf" };
	size_t argc = 1;
	struct mono until =
	    mono_add(clock_now().mono, span_s(POSTCONF_SECONDS));

	if (directory != NULL) {
		argv[argc++] = "-c";
		argv[argc++] = directory;
	}
	if (options != NULL)
		argv[argc++] = options;
	if (child_run(argv, 1, until, take_cb, taking) == 0)
		return 0;
	(void)snprintf(why, POSTCONF_WHY_MAX, "postconf cannot be run");
	(void)child_run(argv, 2, until, complaint_cb, why);
	return -1;
}

struct postfix *
postfix_read(const char *directory, char why_r[POSTCONF_WHY_MAX])
{
	static const struct {
		const char *options;
		void (*take)(struct postfix *, const char *line);
	} runs[] = {
		{ NULL, postfix_take_raw },
		{ "-x", postfix_take_value },
		{ "-n", postfix_take_given },
		{ "-M", postfix_take_service },
		{ "-P", postfix_take_own_raw },
		{ "-Px", postfix_take_own },
	};
	struct postfix *postfix = postfix_new();

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct taking taking = { postfix, runs[i].take };

		if (postconf(directory, runs[i].options, &taking, why_r) ==
		    -1) {
			postfix_free(&postfix);
			return NULL;
		}
	}
	return postfix;
}
