/*
 * Notes, one function a verb.
 */
#include "notes.h"

#include <stdio.h>

enum { EVENT_ARGS_MAX = 2 + 2 * EVENT_FIELDS_MAX };

const char *
notes_number(uint64_t n, char buf[NOTES_NUMBER_MAX])
{
	(void)snprintf(buf, NOTES_NUMBER_MAX, "%llu", (unsigned long long)n);
	return buf;
}

/* A connection being opened is judged by who opens it (io/state_client.c). */
static bool
put(const struct outlet *outlet, size_t argc, const char *const *argv)
{
	if (outlet->pipe == NULL)
		return state_note(outlet->client, argc, argv) == STATE_OK;
	state_pipe_note(outlet->pipe, argc, argv);
	return true;
}

/*
 * The message in progress is told when the state may take it up again, with
 * what Postfix said of all its recipients: where they go.
 */
void
notes_announce(const struct outlet *outlet, const struct visit *visit)
{
	char id[NOTES_NUMBER_MAX], port[NOTES_NUMBER_MAX];
	char recipients[NOTES_NUMBER_MAX], client[NETADDR_TEXT_MAX];
	bool mail = visit->mail && !visit->local;
	bool known = mail && visit->recipients != 0;
	const char *argv[] = { "ANNOUNCE", notes_number(visit->id, id),
		visit->listener, netaddr_format(&visit->client, client),
		notes_number(visit->port, port), mail ? "1" : "0",
		mail ? visit->user : "", mail ? visit->sender : "",
		mail ? visit->queue_id : "",
		notes_number(mail ? visit->recipients : 0, recipients),
		known ? visit->common.mailer : "",
		known ? visit->common.host : "",
		mail && visit->by_network ? "1" : "0" };

	(void)put(outlet, sizeof(argv) / sizeof(argv[0]), argv);
}

bool
notes_ended(const struct outlet *outlet, uint64_t id, const char *queue_id)
{
	char text[NOTES_NUMBER_MAX];
	const char *argv[] = { "ENDED", notes_number(id, text), queue_id };

	return put(outlet, sizeof(argv) / sizeof(argv[0]), argv);
}

bool
notes_close(const struct outlet *outlet, uint64_t id)
{
	char text[NOTES_NUMBER_MAX];
	const char *argv[] = { "CLOSE", notes_number(id, text) };

	return put(outlet, sizeof(argv) / sizeof(argv[0]), argv);
}

bool
notes_sent(const struct outlet *outlet)
{
	return outlet->pipe == NULL || state_pipe_sent(outlet->pipe);
}

bool
notes_charged(const struct outlet *outlet, const struct local_charge *charge)
{
	char used[NOTES_NUMBER_MAX], age[NOTES_NUMBER_MAX];
	char network[NETADDR_TEXT_MAX];
	const char *argv[] = { "CHARGED", charge->rule, charge->key,
		notes_number(charge->claim.cost, used),
		notes_number((uint64_t)charge->age.us / 1000, age),
		netaddr_format(&charge->claim.network, network) };
	size_t argc = sizeof(argv) / sizeof(argv[0]);

	if (charge->claim.network.family == 0)
		argc--;
	return put(outlet, argc, argv);
}

void
notes_event(const struct outlet *outlet, const struct notice *notice)
{
	const char *argv[EVENT_ARGS_MAX];
	size_t argc = 0;

	argv[argc++] = "EVENT";
	argv[argc++] = event_name(notice->kind);
	for (unsigned i = 0; i < notice->nfields; i++) {
		argv[argc++] = notice->fields[i].key;
		argv[argc++] = notice_value(notice, i);
	}
	(void)put(outlet, argc, argv);
}
