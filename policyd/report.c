/*
 * Arguments taken apart, and the end of a message.
 */
#include "report.h"

#include "core/past_note.h"
#include "core/text.h"
#include "io/clock.h"

#include <string.h>

const char report_malformed[] = "ERR an argument is not what it should be";

int
report_key(const struct state_peer *peer, const char *id,
    struct session_key *key_r)
{
	const char *instance = state_peer_instance(peer);

	memset(key_r, 0, sizeof(*key_r));
	if (instance[0] == '\0' || text_copy(key_r->instance,
	    sizeof(key_r->instance), instance) != 0)
		return -1;
	return wire_number(id, UINT64_MAX, &key_r->id);
}

int
report_client(const char *client, const char *port, struct netaddr *client_r,
    uint16_t *port_r)
{
	uint64_t number;

	memset(client_r, 0, sizeof(*client_r));
	if (client[0] != '\0' && netaddr_parse(client, client_r) != 0)
		return -1;
	if (wire_number(port, UINT16_MAX, &number) != 0)
		return -1;
	*port_r = (uint16_t)number;
	return 0;
}

int
report_flag(const char *text, bool *flag_r)
{
	uint64_t number;

	if (wire_number(text, 1, &number) != 0)
		return -1;
	*flag_r = number != 0;
	return 0;
}

bool
report_too_long(const char *text, size_t max)
{
	return strlen(text) > max;
}

struct facts
report_facts(const struct session *session, const char *recipient)
{
	struct facts facts = session_facts(session, recipient);

	if (!session->mail)
		facts.sender = NULL;
	return facts;
}

/* What is refused is remembered, before the end takes the message. */
void
report_end(struct daemon *daemon, struct session *session,
    const char *queue_id, uint64_t size, struct verdict *verdict)
{
	struct session before = *session;
	struct facts facts = report_facts(&before, NULL);
	struct now now = clock_now();

	(void)model_end(&daemon->model, session, queue_id, size, now, verdict);
	past_note_refusal(daemon->model.past, &facts, queue_id, verdict, now);
}
