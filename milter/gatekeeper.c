/*
 * The state's side of a session, and what happens without it.
 *
 * And if the state is away? Every question then answers by on_state_loss:
 * "local" counts in local.c, "tempfail" refuses with 451 at MAIL and RCPT (a
 * connection is let in, so that the client is told why), "accept" lets pass.
 * The client library (io/state_client.h) bounds the wait and keeps a breaker;
 * contact.c finds the way back when no client does.
 */
#include "contact.h"

#include "notes.h"

#include "core/text.h"
#include "core/wire.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/state_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	BEGINNING_ARGS = 3, /* of RCPT, where it tells of MAIL too */
	BUSY_SESSIONS = 4,
};

#define COMPLAIN_EACH span_s(60)

/* --- questions --- */

/* The state answers, but not with a verdict: said now and then. */
static void
complain(struct gatekeeper *keeper, const char *verb, const char *what)
{
	struct mono now = clock_now().mono;
	char shown[128];
	uint64_t count;
	bool say;

	(void)pthread_mutex_lock(&keeper->lock);
	count = ++keeper->complaints;
	say = keeper->complained_at.us == 0 ||
	    mono_since(now, keeper->complained_at).us > COMPLAIN_EACH.us;
	if (say) {
		keeper->complained_at = now;
		keeper->complaints = 0;
	}
	(void)pthread_mutex_unlock(&keeper->lock);
	if (say)
		log_warning("the state did not answer %s (%llu times): %s",
		    verb, (unsigned long long)count,
		    text_escape(shown, sizeof(shown), what, strlen(what)));
}

/* Will the next question come soon, to take along what needs no answer? */
static bool
is_busy(struct gatekeeper *keeper)
{
	return registry_count(&keeper->registry) >= BUSY_SESSIONS &&
	    !contact_is_announcing(keeper);
}

enum answer { ANSWER_VERDICT, ANSWER_NOSESSION, ANSWER_NONE };

static enum answer
ask_once(struct gatekeeper *keeper, size_t argc, const char *const *argv,
    struct verdict *verdict)
{
	struct state_reply reply;
	enum answer answer = ANSWER_NONE;
	uint64_t generation;
	bool more;

	switch (contact_call(keeper, argc, argv, &reply, &more)) {
	case STATE_OK:
		if (wire_verdict_get(reply.elements, reply.count, verdict,
		    &generation) == 0)
			answer = ANSWER_VERDICT;
		else
			complain(keeper, argv[0], "no verdict");
		break;
	case STATE_ERROR:
		if (strncmp(reply.error, "NOSESSION", 9) == 0)
			answer = ANSWER_NOSESSION;
		else
			complain(keeper, argv[0], reply.error);
		break;
	case STATE_AWAY:
		break;
	}
	state_reply_free(&reply);
	return answer;
}

/*
 * False: no answer can be had. A session that was opened while the state was
 * away is announced when it is first asked about; that costs a second trip,
 * once.
 */
static bool
ask(struct gatekeeper *keeper, const struct visit *visit, size_t argc,
    const char *const *argv, struct verdict *verdict)
{
	struct outlet any = { .client = keeper->client };
	enum answer answer = ask_once(keeper, argc, argv, verdict);

	if (answer == ANSWER_NOSESSION) {
		notes_announce(&any, visit);
		answer = ask_once(keeper, argc, argv, verdict);
	}
	if (answer == ANSWER_VERDICT)
		return true;
	verdict_accept(verdict);
	return false;
}

/* Answers without any counting; false when "local" is to count. */
static bool
answer_away(const struct config *config, struct verdict *verdict)
{
	verdict_accept(verdict);
	if (config->milter.on_state_loss == STATE_LOSS_TEMPFAIL) {
		verdict->action = ACTION_DEFER;
		verdict->reason = REASON_STATE_AWAY;
	}
	return config->milter.on_state_loss != STATE_LOSS_LOCAL;
}

bool
gatekeeper_connect(struct gatekeeper *keeper, const struct config *config,
    struct visit *visit, struct verdict *verdict)
{
	char id[NOTES_NUMBER_MAX], port[NOTES_NUMBER_MAX];
	char client[NETADDR_TEXT_MAX];
	bool asked, pass;

	visit->id = registry_next_id(&keeper->registry);
	const char *argv[] = { "CONNECT", notes_number(visit->id, id),
		visit->listener, netaddr_format(&visit->client, client),
		notes_number(visit->port, port) };
	asked = ask(keeper, visit, sizeof(argv) / sizeof(argv[0]), argv,
	    verdict);
	pass = !asked || verdict_passes(verdict);
	if (pass)
		registry_add(&keeper->registry, visit);
	if (asked && pass)
		local_announce(&keeper->local, visit);
	else if (!asked && config->milter.on_state_loss == STATE_LOSS_LOCAL)
		pass = local_connect(&keeper->local, config, visit, verdict);
	if (!pass) {
		if (!asked) {
			registry_remove(&keeper->registry, visit);
			/* the question may be answered when we are gone */
			farewells_add(&keeper->farewells, visit->id, "");
		}
		visit->id = 0;
	}
	return pass;
}

/*
 * Where nothing could be refused here the first recipient tells of the message:
 * a round trip less. Not while the state is known to be away: that is answered
 * at once.
 */
bool
gatekeeper_mail(struct gatekeeper *keeper, const struct config *config,
    struct visit *visit, const char *user, bool by_network,
    const char *sender, uint64_t size, struct verdict *verdict)
{
	char id[NOTES_NUMBER_MAX], bytes[NOTES_NUMBER_MAX];
	const char *argv[] = { "MAIL", notes_number(visit->id, id), user,
		sender, by_network ? "1" : "0", notes_number(size, bytes) };
	size_t argc = sizeof(argv) / sizeof(argv[0]) - (size == 0 ? 1 : 0);
	bool asked, pass;

	gatekeeper_done(keeper, visit, false);
	if (!gate_mail_decides(config) && !state_away(keeper->client)) {
		verdict_accept(verdict);
		registry_mail(&keeper->registry, visit, user, by_network,
		    sender, VISIT_UNTOLD);
		return true;
	}
	asked = ask(keeper, visit, argc, argv, verdict);
	if (asked || answer_away(config, verdict))
		pass = verdict_passes(verdict);
	else
		pass = local_mail(&keeper->local, config, visit, user, sender,
		    size, verdict);
	if (pass)
		registry_mail(&keeper->registry, visit, user, by_network,
		    sender, asked ? VISIT_AT_STATE : VISIT_LOCAL);
	return pass;
}

static bool
ask_rcpt(struct gatekeeper *keeper, struct visit *visit,
    const struct recipient *recipient, struct verdict *verdict)
{
	char id[NOTES_NUMBER_MAX];
	const char *argv[] = { "RCPT", notes_number(visit->id, id),
		recipient->address, recipient->mailer, recipient->host,
		recipient->queue_id, visit->user, visit->sender,
		visit->by_network ? "1" : "0" };
	size_t argc = sizeof(argv) / sizeof(argv[0]) -
	    (visit->untold ? 0 : BEGINNING_ARGS);
	bool asked;

	if (visit->local)
		return false;
	asked = ask(keeper, visit, argc, argv, verdict);
	if (visit->untold) /* an answer that is late was one all the same */
		registry_told(&keeper->registry, visit,
		    asked && verdict_passes(verdict));
	return asked;
}

bool
gatekeeper_rcpt(struct gatekeeper *keeper, const struct config *config,
    struct visit *visit, const struct recipient *recipient,
    struct verdict *verdict)
{
	bool pass;

	registry_queue_id(&keeper->registry, visit, recipient->queue_id);
	if (ask_rcpt(keeper, visit, recipient, verdict)) {
		pass = verdict_passes(verdict);
	} else {
		registry_local(&keeper->registry, visit);
		if (answer_away(config, verdict))
			pass = verdict_passes(verdict);
		else
			pass = local_rcpt(&keeper->local, config, visit,
			    recipient->address, verdict);
	}
	if (pass)
		registry_rcpt(&keeper->registry, visit, recipient->mailer,
		    recipient->host);
	else
		registry_refused(&keeper->registry, visit);
	return pass;
}

/*
 * Most configurations leave nothing to refuse at the end: then the state is
 * told instead of asked. By the queue id it knows which message is meant,
 * should the next one of the session reach it first by another connection.
 */
static bool
end_by_note(struct gatekeeper *keeper, const struct config *config,
    struct visit *visit, const char *queue_id)
{
	struct outlet any = { .client = keeper->client };

	if (visit->local || !visit->at_state || queue_id[0] == '\0' ||
	    strcmp(visit->queue_id, queue_id) != 0 || gate_end_decides(config))
		return false;
	if (is_busy(keeper) && !state_away(keeper->client))
		farewells_add(&keeper->farewells, visit->id, queue_id);
	else if (!notes_ended(&any, visit->id, queue_id))
		return false;
	registry_done(&keeper->registry, visit);
	return true;
}

/*
 * A message that moved here is not asked about: the state would not know all of
 * it. What "tempfail" and "accept" say of it was said at its recipients.
 */
bool
gatekeeper_end(struct gatekeeper *keeper, const struct config *config,
    struct visit *visit, const char *queue_id, uint64_t size,
    struct verdict *verdict)
{
	char id[NOTES_NUMBER_MAX], bytes[NOTES_NUMBER_MAX];
	const char *argv[] = { "END", notes_number(visit->id, id), queue_id,
		notes_number(size, bytes) };
	bool pass;

	verdict_accept(verdict);
	if (visit->id == 0 || !visit->mail ||
	    end_by_note(keeper, config, visit, queue_id))
		return true;
	if (visit->local || !ask(keeper, visit,
	    sizeof(argv) / sizeof(argv[0]), argv, verdict)) {
		if (config->milter.on_state_loss == STATE_LOSS_LOCAL)
			(void)local_end(&keeper->local, config, visit, size,
			    verdict);
		else if (!visit->local)
			(void)answer_away(config, verdict);
	}
	pass = verdict_passes(verdict);
	if (visit->local) /* what the state began to count ends there too */
		gatekeeper_done(keeper, visit, !pass);
	else
		registry_done(&keeper->registry, visit);
	return pass;
}

/*
 * Its client could do nothing but give it up: we refused a recipient, and none
 * passed. Known here alone, since one may have been asked about at the state
 * and the next one been counted here.
 */
static bool
none_passed(const struct visit *visit)
{
	return visit->refused && visit->recipients == 0;
}

void
gatekeeper_done(struct gatekeeper *keeper, struct visit *visit,
    bool give_back)
{
	char id[NOTES_NUMBER_MAX];
	const char *argv[] = { "DONE", notes_number(visit->id, id), NULL };
	struct verdict verdict;

	if (visit->id == 0 || !visit->mail)
		return;
	give_back = give_back || none_passed(visit);
	argv[2] = give_back ? "1" : "0";
	if (visit->at_state)
		(void)ask_once(keeper, sizeof(argv) / sizeof(argv[0]), argv,
		    &verdict);
	if (visit->local)
		local_done(&keeper->local, visit, give_back);
	registry_done(&keeper->registry, visit);
}

void
gatekeeper_close(struct gatekeeper *keeper, struct visit *visit)
{
	struct outlet any = { .client = keeper->client };

	if (visit->id == 0)
		return;
	registry_remove(&keeper->registry, visit);
	local_close(&keeper->local, visit);
	if (is_busy(keeper) || !notes_close(&any, visit->id) ||
	    contact_is_announcing(keeper))
		farewells_add(&keeper->farewells, visit->id, "");
	visit->id = 0;
}

/* --- the whole --- */

static void
random_bytes(void *buf, size_t len)
{
	/* short reads do not occur for up to 256 bytes, getrandom(2) */
	if (getrandom(buf, len, 0) != (ssize_t)len)
		abort();
}

struct gatekeeper *
gatekeeper_new(struct current *current)
{
	struct gatekeeper *keeper = calloc(1, sizeof(*keeper));
	struct config *config = current_get(current);
	uint8_t seed[16];
	uint32_t run;

	if (keeper == NULL)
		abort();
	random_bytes(seed, sizeof(seed));
	random_bytes(&run, sizeof(run));
	keeper->current = current;
	(void)pthread_mutex_init(&keeper->lock, NULL);
	(void)snprintf(keeper->instance, sizeof(keeper->instance),
	    "milter-%ld-%08x", (long)getpid(), run);
	registry_init(&keeper->registry);
	farewells_init(&keeper->farewells);
	local_init(&keeper->local, config, keeper->instance, seed);
	keeper->client = state_client_new(&(struct state_client_settings) {
	    .socket = config->state.socket,
	    .role = "milter",
	    .instance = keeper->instance,
	    .timeout = config->milter.state_timeout,
	    .on_hello = contact_hello_cb,
	    .on_change = contact_change_cb,
	    .ctx = keeper });
	config_unref(&config);
	return keeper;
}
