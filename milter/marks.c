/*
 * Changes to a message, the only ones weir-milter makes.
 */
#include "marks.h"

#include "reply.h"

#include "core/text.h"
#include "io/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
marks_clear(struct marks *marks)
{
	free(marks->hold);
	for (unsigned i = 0; i < marks->ntags; i++)
		free(marks->tags[i]);
	memset(marks, 0, sizeof(*marks));
}

static char *
copy(const char *text)
{
	char *mine = strdup(text);

	assert(strlen(text) <= MARK_MAX);
	if (mine == NULL)
		abort();
	for (char *p = mine; *p != '\0'; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	return mine;
}

void
marks_hold(struct marks *marks, const char *why)
{
	if (marks->hold == NULL)
		marks->hold = copy(why);
}

void
marks_tag(struct marks *marks, const char *text)
{
	assert(marks->ntags < MARKS_TAGS_MAX);
	marks->tags[marks->ntags++] = copy(text);
}

static int
remove_header(void *ctx, const char *name, unsigned index)
{
	char mine[FORGED_NAME_MAX + 1]; /* libmilter's argument is not const */

	(void)text_copy(mine, sizeof(mine), name);
	return smfi_chgheader(ctx, mine, (int)index, NULL) == MI_SUCCESS ? 0
									 : -1;
}

/* At MAIL, where the reason was logged, there was no queue id yet. */
static void
say(SMFICTX *ctx, const char *done, const char *why)
{
	const char *id = reply_queue_id(ctx);
	char shown[QUEUE_ID_MAX + 1];

	log_info("%s queue_id=%s %s", done,
	    text_escape(shown, sizeof(shown), id, strlen(id)), why);
}

int
marks_apply(
    const struct marks *marks, const struct headers *headers, SMFICTX *ctx)
{
	static char name[] = MARKS_HEADER;

	if (headers_remove_forged(headers, remove_header, ctx) == -1) {
		log_error("libmilter does not remove a header");
		return -1;
	}
	for (unsigned i = 0; i < marks->ntags; i++) {
		if (smfi_addheader(ctx, name, marks->tags[i]) != MI_SUCCESS) {
			log_error("libmilter does not add a header");
			return -1;
		}
		say(ctx, "tagged", marks->tags[i]);
	}
	if (marks->hold == NULL)
		return 0;
	if (smfi_quarantine(ctx, marks->hold) != MI_SUCCESS) {
		log_error("libmilter does not hold a message");
		return -1;
	}
	say(ctx, "held", marks->hold);
	return 0;
}
