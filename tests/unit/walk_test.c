/*
 * Clients that do what clients do, at random: messages one after the other,
 * RSET, refused recipients, local ones, sessions that end anywhere, several of
 * one address without a port; with a queue id from the first recipient on, from
 * the second, or none until the end. Whatever comes between, a message is
 * answered as its own login, sender and recipients ask, or left to Postfix
 * where nobody can know; and at its end it passes when it was answered, and
 * only then.
 */
#include "core/model.h"

#include "io/config_file.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

enum { CLIENTS = 24, LOGINS = 6, SESSIONS = 10000, RECIPIENTS = 4 };

/* When Postfix tells the milter of the queue id: at recipient 1, 2, the end. */
enum ids { IDS_FIRST, IDS_SECOND, IDS_LATE };

struct client {
	struct session *session; /* NULL: not connected */
	uint64_t id;
	uint16_t port;
	unsigned login; /* LOGINS: none */
	bool mail;
	char sender[64];
	unsigned recipients;
	bool local; /* one of them is */
	char queue_id[32];
	bool told; /* the milter was told of the queue id */
	bool data; /* DATA was said */
	bool decided; /* and answered by a decision */
};

static const struct now now = { { 1000 * SPAN_SECOND },
	{ INT64_C(1700000000) * SPAN_SECOND } };
static const uint8_t seed[16] = { 7 };
static struct model model;
static struct config *config;
static struct netaddr address;
static uint64_t state;
static unsigned opened, mails, answered, left;
static struct client clients[CLIENTS];
static enum ids ids;

static unsigned
draw(unsigned below)
{
	state = state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)((state >> 33) % below);
}

/* Login n has a route of its own, to host n; mail of nobody has none. */
static void
load(void)
{
	static struct config_errors errors;
	struct transport transport;
	char text[4096];
	size_t used = 0;

#define PUT(...) used += (size_t)snprintf(text + used, sizeof(text) - used, \
	    __VA_ARGS__)
	PUT("listeners = ( { name = \"default\"; max_connections_per_source = "
	    "\"unlimited\"; max_connections_per_source_percent = "
	    "\"unlimited\"; } );\nmilter: { on_unrouted = \"defer\"; };\n"
	    "smart_hosts = (");
	for (unsigned i = 0; i < LOGINS; i++)
		PUT("%s{ name = \"h%u\"; nexthop = \"[192.0.2.%u]\"; }",
		    i > 0 ? "," : "", i, i);
	PUT(");\nconnectors = ( { name = \"all\"; members = (");
	for (unsigned i = 0; i < LOGINS; i++)
		PUT("%s{ host = \"h%u\"; }", i > 0 ? "," : "", i);
	PUT("); } );\nroutes = (");
	for (unsigned i = 0; i < LOGINS; i++)
		PUT("%s{ name = \"r%u\"; user = \"u%u\"; host = \"h%u\"; }",
		    i > 0 ? "," : "", i, i, i);
	PUT(");\n");
#undef PUT
	config = config_load_text(text, used, "walk", &errors);
	if (config == NULL)
		config_errors_print(&errors, stderr);
	ck_assert_ptr_nonnull(config);
	ck_assert_int_eq(transport_parse("smtp", "", &transport), 0);
	model_init(&model, config, &transport, seed, NULL, NULL, now);
	ck_assert_int_eq(netaddr_parse("203.0.113.9", &address), 0);
}

/* --- what a client does --- */

static void
forget_message(struct client *client)
{
	client->mail = client->local = client->told = false;
	client->data = client->decided = false;
	client->recipients = 0;
	client->queue_id[0] = '\0';
}

/* Half of them come without a port, by XCLIENT. */
static void
do_connect(struct client *client)
{
	struct session_key key = { .instance = "m", .id = ++opened };
	struct verdict verdict;

	memset(client, 0, sizeof(*client));
	client->id = opened;
	client->port = draw(2) ? 0 : (uint16_t)(1024 + opened % 60000);
	client->login = draw(LOGINS + 1);
	ck_assert(gate_connect(&model.gate, config, &key, "default", &address,
	    client->port, now, &verdict));
	client->session = sessions_find(model.gate.sessions, &key);
}

static void
do_mail(struct client *client)
{
	char user[8] = "";
	struct verdict verdict;

	if (client->mail)
		return;
	forget_message(client);
	if (client->login < LOGINS)
		(void)snprintf(user, sizeof(user), "u%u", client->login);
	(void)snprintf(client->sender, sizeof(client->sender),
	    "s%u@example.com", draw(2));
	ck_assert(gate_mail(&model.gate, config, client->session, user,
	    client->sender, 0, now, &verdict));
	client->mail = true;
	(void)snprintf(client->queue_id, sizeof(client->queue_id), "Q%u",
	    ++mails);
}

/* One in four is refused, by Postfix itself: nobody is told of it. */
static void
do_rcpt(struct client *client)
{
	struct verdict verdict;
	bool local = draw(8) == 0;

	if (!client->mail || client->data ||
	    client->recipients == RECIPIENTS || draw(4) == 0)
		return;
	if ((ids == IDS_FIRST || (ids == IDS_SECOND &&
	    client->recipients > 0)) && !client->told) {
		session_set_queue_id(model.gate.sessions, client->session,
		    client->queue_id);
		client->told = true;
	}
	ck_assert(gate_rcpt(&model.gate, config, client->session,
	    "x@example.org", !local, now, &verdict));
	client->local = client->local || local;
	client->recipients++;
}

/* Of another whose message looks the same while its queue id is not known. */
static bool
looks_like_another(const struct client *client)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		const struct client *other = &clients[i];

		if (other != client && other->session != NULL && other->mail &&
		    !other->told && other->port == client->port &&
		    strcmp(other->sender, client->sender) == 0)
			return true;
	}
	return false;
}

static void
do_data(struct client *client)
{
	struct policy_request request = { .state = POLICY_DATA,
		.client = address, .client_port = client->port,
		.recipient_count = client->recipients };
	char want[64] = "DUNNO";
	bool doubt = !client->told && looks_like_another(client);

	if (!client->mail || client->recipients == 0 || client->data)
		return;
	(void)strcpy(request.queue_id, client->queue_id);
	(void)strcpy(request.sender, client->sender);
	(void)snprintf(request.instance, sizeof(request.instance), "i%s",
	    client->queue_id);
	if (client->login < LOGINS && !client->local && !doubt)
		(void)snprintf(want, sizeof(want), "FILTER relay:[192.0.2.%u]",
		    client->login);
	ck_assert_str_eq(model_answer(&model, &request, now), want);
	client->data = true;
	client->decided = !doubt;
	answered += !doubt;
	left += doubt;
}

/* Half of them were never asked about: Postfix has no policy service there. */
static void
do_end(struct client *client)
{
	bool needed = client->login < LOGINS && !client->local;
	struct verdict verdict;

	if (!client->mail || client->recipients == 0)
		return;
	ck_assert(model_end(&model, client->session, client->queue_id, 0, now,
	    &verdict) == (client->decided || !needed));
	forget_message(client);
}

static void
do_reset(struct client *client)
{
	if (client->mail)
		gate_done(&model.gate, client->session, false, now);
	forget_message(client);
}

static void
do_close(struct client *client)
{
	gate_close(&model.gate, client->session);
	client->session = NULL;
}

static void
step(struct client *client)
{
	static void (*const steps[])(struct client *) = { do_mail, do_mail,
		do_rcpt, do_rcpt, do_rcpt, do_data, do_data, do_end, do_end,
		do_reset, do_close };

	if (client->session == NULL)
		do_connect(client);
	else
		steps[draw(sizeof(steps) / sizeof(steps[0]))](client);
}

START_TEST(no_message_gets_anothers_answer)
{
	ids = (enum ids)_i;
	state = (uint64_t)_i + 1;
	opened = mails = answered = left = 0;
	memset(clients, 0, sizeof(clients));
	load();
	while (opened < SESSIONS)
		step(&clients[draw(CLIENTS)]);
	/* it was about something, and where ids come early nothing is left */
	ck_assert_uint_gt(answered, SESSIONS / 20);
	if (ids == IDS_FIRST)
		ck_assert_uint_eq(left, 0);
	else
		ck_assert_uint_gt(left, SESSIONS / 100);
	model_clear(&model);
	config_unref(&config);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("walk");
	TCase *tcase = tcase_create("walk");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, no_message_gets_anothers_answer, IDS_FIRST,
	    IDS_LATE + 1);
	suite_add_tcase(suite, tcase);
	return suite;
}
