/*
 * What those say who may open the state socket: milters that report, operators,
 * anyone who only reads. Each request is answered once, a note only when it is
 * malformed, by an error, by a verdict, or by JSON that is whole; and when all
 * milters have gone, nothing is held of them.
 *
 * A line is a request, its words parted by tabs; "+N" lets N seconds pass, and
 * "-" ends the milter's connection and begins another.
 *
 * The verbs are the real ones over the real model. What they answer to is here,
 * in the place of io/state_peer.c, and so is the clock.
 */
#include "fuzz.h"

#include "explain_order.h"
#include "persist.h"
#include "rights.h"
#include "show.h"

#include "io/clock.h"
#include "io/config_file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINE_SIZE = 4096, INSTANT = 1700000000 };

struct state_peer {
	unsigned answers, errors, verdicts;
};

static int64_t seconds; /* that have passed in the story */

static const char text[] = "smart_hosts = ("
    " { name = \"a\"; nexthop = \"[192.0.2.1]:587\"; },"
    " { name = \"b\"; nexthop = \"[b.example]:587\"; } );"
    "connectors = ( { name = \"out\"; transport = \"relay\";"
    " members = ( { host = \"a\"; }, { host = \"b\"; } ); } );"
    "routes = ( { name = \"all\"; connector = \"out\"; } );"
    "local_domains = [ \"example.com\" ];"
    "listeners = ( { name = \"submission\"; daemons = [ \"submission\" ];"
    " max_connections_per_source = 2; } );"
    "identities: { realm = \"example.com\"; unlisted = \"own-address\";"
    " users = ( { user = \"alice\"; senders = [ \"@example.com\" ]; } ); };"
    "throttles = ( { name = \"t\"; what = \"recipients\";"
    " by = [ \"user\" ]; limit = \"3/m\"; },"
    " { name = \"c\"; what = \"clients\"; by = [ \"user\" ];"
    " limit = \"2/h\"; }, { name = \"b\"; what = \"bytes\";"
    " by = [ \"client\" ]; limit = \"1M/h\"; } );"
    "state: { directory = \"\"; };";

/* --- in the place of the clock and of a connection --- */

struct now
clock_now(void)
{
	return (struct now) { { (1000 + seconds) * SPAN_SECOND },
		{ (INSTANT + seconds) * SPAN_SECOND } };
}

void
clock_boot_id(char id_r[BOOT_ID_MAX])
{
	id_r[0] = '\0';
}

const char *
state_peer_instance(const struct state_peer *peer)
{
	(void)peer;
	return "milter-1";
}

void
state_reply_ok(struct state_peer *peer)
{
	peer->answers++;
}

/* One line, which begins with its word. */
void
state_reply_error(struct state_peer *peer, const char *error)
{
	check(strncmp(error, "ERR ", 4) == 0 ||
	    strncmp(error, "NOSESSION ", 10) == 0);
	check(strpbrk(error, "\r\n") == NULL);
	peer->answers++;
	peer->errors++;
}

void
state_reply_bulk(struct state_peer *peer, const char *bytes, size_t len)
{
	json_t *json = json_loadb(bytes, len, 0, NULL);

	check(json_is_object(json));
	json_decref(json);
	peer->answers++;
}

void
state_reply_strings(struct state_peer *peer, const char *const *list,
    size_t count)
{
	struct verdict verdict;
	uint64_t generation;

	check(count == 1 || wire_verdict_get(list, count, &verdict,
	    &generation) == 0);
	peer->answers++;
	peer->verdicts++;
}

bool
state_peer_left(struct state_peer *peer)
{
	(void)peer;
	return false;
}

uint64_t
state_suspend(struct state_peer *peer)
{
	(void)peer;
	abort(); /* there is no disk and no table to wait for */
}

struct state_peer *
state_resume(struct state_server *server, uint64_t ticket)
{
	(void)server;
	(void)ticket;
	return NULL;
}

uint32_t
state_server_clients(const struct state_server *server)
{
	(void)server;
	return 1;
}

void
daemon_health_changed(struct daemon *daemon)
{
	(void)daemon;
}

/* --- the daemon --- */

static void
daemon_begin(struct daemon *daemon)
{
	static struct config_errors errors;
	static struct config *config; /* to load it takes longest */
	static const uint8_t seed[16] = "seed";
	static const struct transport relay = { .mailer = "relay" };

	memset(daemon, 0, sizeof(*daemon));
	if (config == NULL)
		config = config_load_text(text, sizeof(text) - 1,
		    "/nonexistent/weir.conf", &errors);
	check(config != NULL);
	daemon->config = config_ref(config);
	daemon->first = config_ref(config);
	daemon->base = event_base_new();
	check(daemon->base != NULL);
	daemon->started = clock_now();
	model_init(&daemon->model, daemon->config, &relay, seed, NULL, NULL,
	    daemon->started);
	daemon->rights = rights_new(daemon->base,
	    tables_new_anyway(daemon->config));
	daemon->model.chooser.homes = rights_homes(daemon->rights);
	daemon->persist = persist_new(daemon);
	sessions_instance_up(daemon->model.gate.sessions, "milter-1");
}

static void
daemon_end(struct daemon *daemon)
{
	persist_free(&daemon->persist);
	model_clear(&daemon->model);
	rights_free(&daemon->rights);
	event_base_free(daemon->base);
	config_unref(&daemon->config);
	config_unref(&daemon->first);
}

/* --- requests --- */

static const struct state_verb *
find_verb(const char *name)
{
	size_t count;
	const struct state_verb *verbs = verbs_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

/* These wait for a network, a file and milters. */
static bool
waits(const char *name)
{
	return strcasecmp(name, "PROBE") == 0 ||
	    strcasecmp(name, "RELOAD") == 0 ||
	    strcasecmp(name, "APPLIED") == 0;
}

static void
ask(struct daemon *daemon, size_t argc, const char *const *argv)
{
	const struct state_verb *verb = find_verb(argv[0]);
	struct state_peer peer = { 0 };

	if (verb == NULL || waits(argv[0]) || argc - 1 < verb->min_args ||
	    argc - 1 > verb->max_args)
		return;
	verb->fn(daemon, &peer, argc - 1, argv + 1);
	if (verb->note)
		check(peer.answers == peer.errors && peer.answers <= 1);
	else
		check(peer.answers == 1);
	check(peer.verdicts == 0 || verb->role == STATE_REPORT ||
	    strcasecmp(argv[0], "GENERATION") == 0);
}

static void
reconnect(struct daemon *daemon)
{
	struct sessions *sessions = daemon->model.gate.sessions;

	sessions_instance_down(sessions, "milter-1", clock_now().mono);
	sessions_instance_up(sessions, "milter-1");
}

static void
do_line(struct daemon *daemon, char *line)
{
	const char *argv[WIRE_ARGS_MAX];
	size_t argc = 0;
	char *word;

	if (line[0] == '+') {
		seconds += strtoul(line + 1, NULL, 10) % 100000;
		(void)sessions_expire(daemon->model.gate.sessions,
		    clock_now().mono);
		hosts_expire_orders(&daemon->model.hosts, clock_now());
		persist_sweep(daemon->persist);
		return;
	}
	if (line[0] == '-') {
		reconnect(daemon);
		return;
	}
	while (argc < WIRE_ARGS_MAX && (word = strsep(&line, "\t")) != NULL)
		argv[argc++] = word;
	ask(daemon, argc, argv);
}

/* The milter is gone, and so is what it reported. */
static void
check_gone(struct daemon *daemon)
{
	struct sessions *sessions = daemon->model.gate.sessions;

	sessions_instance_down(sessions, "milter-1", clock_now().mono);
	seconds += 86400;
	(void)sessions_expire(sessions, clock_now().mono);
	check(sessions_count(sessions) == 0);
	check(sessions_open(sessions, "submission") == 0);
	check(sessions_open(sessions, "default") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct daemon daemon;
	const uint8_t *end = data + size;
	char line[LINE_SIZE];

	seconds = 0;
	daemon_begin(&daemon);
	while (data < end) {
		const uint8_t *nl = memchr(data, '\n', (size_t)(end - data));
		size_t len = (size_t)((nl != NULL ? nl : end) - data);

		if (len < sizeof(line) && memchr(data, '\0', len) == NULL) {
			memcpy(line, data, len);
			line[len] = '\0';
			do_line(&daemon, line);
		}
		data += nl != NULL ? len + 1 : len;
	}
	check_gone(&daemon);
	daemon_end(&daemon);
	return 0;
}
