/*
 * EXPLAIN [key value]... (core/wire.h): the question, taken apart; show_explain
 * has the answer.
 */
#include "rights.h"
#include "show.h"

#include "core/identity.h"
#include "core/text.h"
#include "io/clock.h"
#include "io/idn.h"
#include "io/login.h"

#include <string.h>

/* --- each makes one value canonical; NULL or what would be right --- */

static const char *
explain_user(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	request->has_user = true;
	request->login = login_canonical(&daemon->config->identities, value,
	    request->user);
	return NULL;
}

static const char *
explain_sender(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	(void)daemon;
	if (strcmp(value, "<>") == 0)
		value = "";
	return idn_address(value, request->sender) == 0 ? NULL :
	    "sender is no address";
}

static const char *
explain_recipient(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	(void)daemon;
	if (request->nrecipients == EXPLAIN_RECIPIENTS_MAX)
		return "too many recipients";
	if (idn_address(value, request->recipients[request->nrecipients]) != 0)
		return "recipient is no address";
	request->nrecipients++;
	return NULL;
}

static const char *
explain_client(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	(void)daemon;
	return netaddr_parse(value, &request->client) == 0 ? NULL :
	    "client is no IP address";
}

static const char *
explain_listener(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	request->listener = config_find_listener(daemon->config, value);
	return request->listener != NULL ? NULL : "no listener has that name";
}

static const char *
explain_author(struct explain_request *request, enum author kind,
    const char *value)
{
	if (request->nheaders == EXPLAIN_HEADERS_MAX)
		return "too many headers";
	request->headers[request->nheaders++] = (struct author_header) {
	    .kind = kind, .value = value, .len = strlen(value) };
	return NULL;
}

static const char *
explain_from(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	(void)daemon;
	return explain_author(request, AUTHOR_FROM, value);
}

/* "Sender: alice@example.com" */
static const char *
explain_header(struct daemon *daemon, struct explain_request *request,
    const char *value)
{
	char name[sizeof("Resent-Sender")];
	size_t len = strcspn(value, ":");
	enum author kind;

	(void)daemon;
	if (value[len] != ':' ||
	    text_copy_n(name, sizeof(name), value, len) == -1)
		return "header is none that names an author";
	kind = author_by_name(name);
	return kind == AUTHORS ? "header is none that names an author" :
	    explain_author(request, kind, value + len + 1);
}

static const struct {
	const char *key;
	const char *(*take)(struct daemon *, struct explain_request *,
	    const char *value);
} explain_keys[] = {
	{ "user", explain_user },
	{ "sender", explain_sender },
	{ "recipient", explain_recipient },
	{ "client", explain_client },
	{ "listener", explain_listener },
	{ "from", explain_from },
	{ "header", explain_header },
};

static const char *
explain_take(struct daemon *daemon, struct explain_request *request,
    const char *key, const char *value)
{
	for (size_t i = 0;
	    i < sizeof(explain_keys) / sizeof(explain_keys[0]); i++) {
		if (strcmp(explain_keys[i].key, key) == 0)
			return explain_keys[i].take(daemon, request, value);
	}
	return "EXPLAIN takes user, sender, recipient, client, listener, from, "
	    "header";
}

/* NULL, or what would be right. */
static const char *
explain_parse(struct daemon *daemon, size_t argc, const char *const *argv,
    struct explain_request *request)
{
	const char *wrong = argc % 2 != 0 ? "EXPLAIN takes pairs" : NULL;

	memset(request, 0, sizeof(*request));
	request->login = REASON_OK;
	request->listener = config_listener(daemon->config, NULL, 0);
	for (size_t i = 0; wrong == NULL && i < argc; i += 2)
		wrong = explain_take(daemon, request, argv[i], argv[i + 1]);
	return wrong;
}

/* found is of the user that the question names, and held by the caller. */
void
verb_explain_answer(struct daemon *daemon, struct state_peer *peer,
    size_t argc, const char *const *argv, const struct explain_found *found)
{
	struct explain_request request;
	const char *wrong = explain_parse(daemon, argc, argv, &request);

	if (wrong != NULL) /* the listener went with a reload meanwhile */
		show_wrong(peer, wrong);
	else
		show_reply(peer, show_explain(daemon, &request, found,
		    clock_now()));
}

static void
verb_explain(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct daemon *daemon = ctx;
	struct explain_request request;
	struct explain_found found = { .reason = REASON_OK };
	const char *wrong = explain_parse(daemon, argc, argv, &request);
	const char *user = wrong != NULL ? NULL :
	    explain_user_of(daemon->config, &request);
	struct tables *tables = rights_tables(daemon->rights);

	if (wrong != NULL) {
		show_wrong(peer, wrong);
		return;
	}
	if (user != NULL && tables_may_wait(tables)) {
		explain_orders_add(daemon->explains, peer, user, argc, argv);
		return;
	}
	if (user != NULL)
		found.reason = tables_find(tables, user, &found.answer,
		    &found.table);
	show_reply(peer, show_explain(daemon, &request, &found, clock_now()));
	tables_let_go(&found.answer);
}

const struct state_verb verbs_explain[] = {
	{ "EXPLAIN", STATE_READ, 0, WIRE_ARGS_MAX - 1, false, verb_explain },
};
const size_t verbs_explain_count =
    sizeof(verbs_explain) / sizeof(verbs_explain[0]);
