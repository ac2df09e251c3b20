/*
 * Any bytes as a line of the mail log. What comes out is whole: strings end
 * and are printable, a relevant verdict names somebody, and a line is read the
 * same twice.
 */
#include "fuzz.h"

#include "core/maillog.h"

#include <stdlib.h>
#include <string.h>

static void
check_text(const char *text, size_t size)
{
	const char *end = memchr(text, '\0', size);

	check(end != NULL);
	for (; text < end; text++)
		check(*text >= ' ' && *text < 0x7F);
}

static void
check_verdict(struct maillog_verdict *verdict)
{
	const struct evidence *evidence = &verdict->evidence;

	check_text(verdict->queue_id, sizeof(verdict->queue_id));
	check_text(verdict->name, sizeof(verdict->name));
	check_text(evidence->error, sizeof(evidence->error));
	check_text(evidence->text, sizeof(evidence->text));
	check(evidence->source == EVIDENCE_DELIVERY);
	check(verdict->stamp.date.month <= 12);
	check(verdict->stamp.quarter.us >= 0);
	check(verdict->stamp.quarter.us < 900 * SPAN_SECOND);
	check(verdict->took.us >= 0);
	maillog_date(verdict, (struct wall) { INT64_C(1763856040000000) });
	check(evidence->over.us >= 0);
	check(evidence->age.us > evidence->over.us);
	check(!verdict->denied || !verdict->relevant);
	if (!verdict->relevant)
		return;
	check(verdict->ip.family != 0 || verdict->name[0] != '\0');
	check((int)evidence->stage >= 0 && evidence->stage < STAGE_COUNT);
	check(evidence->grade == EVIDENCE_GOOD || evidence->error[0] != '\0');
	check(evidence->grade != EVIDENCE_GOOD || verdict->final);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct maillog_verdict first, again;

	maillog_parse((const char *)data, size, &first);
	maillog_parse((const char *)data, size, &again);
	check(memcmp(&first, &again, sizeof(first)) == 0);
	check_verdict(&first);
	return 0;
}
