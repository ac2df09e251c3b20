/* The state's client: deadlines, the breaker, restarts, who is told what. */
#include "io/state_client.h"

#include "io/clock.h"
#include "state_fixture.h"

#define TEST_NEEDS_FORK /* threads of a server that is cut off */
#include "check_main.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Longer than any machine takes, so that no call fails for want of time. */
#define PATIENT span_s(40)

static struct fixture fixture;
static struct {
	atomic_uint hellos, epochs, lost, back, at_once, clashes;
	unsigned notes_at_hello;
} seen;

static void
hello_cb(void *ctx, struct state_pipe *pipe, bool epoch_new)
{
	static const char *const note[] = { "NOTE", "announced" };

	(void)ctx;
	atomic_fetch_add(&seen.hellos, 1);
	if (epoch_new)
		atomic_fetch_add(&seen.epochs, 1);
	for (unsigned i = 0; epoch_new && i < seen.notes_at_hello; i++)
		state_pipe_note(pipe, 2, note);
}

static void
change_cb(void *ctx, bool away)
{
	(void)ctx;
	if (atomic_fetch_add(&seen.at_once, 1) != 0)
		atomic_fetch_add(&seen.clashes, 1);
	if (!away && seen.lost != seen.back + 1)
		atomic_fetch_add(&seen.clashes, 1);
	atomic_fetch_add(away ? &seen.lost : &seen.back, 1);
	(void)poll(NULL, 0, 2);
	atomic_fetch_sub(&seen.at_once, 1);
}

static struct state_client *
client_of(const char *role, struct span timeout)
{
	struct state_client_settings settings = {
		.socket = fixture.path,
		.role = role,
		.instance = strcmp(role, "milter") == 0 ? "m-1" : "",
		.timeout = timeout,
		.on_hello = hello_cb,
		.on_change = change_cb,
	};

	return state_client_new(&settings);
}

/* One request of up to four words; the answer as "*a,b" or in words. */
static enum state_result
call(struct state_client *client, const char *words, char told[256])
{
	char copy[256], *rest = copy, *word;
	const char *argv[4];
	size_t argc = 0;
	struct state_reply reply;
	enum state_result result;

	strcpy(copy, words);
	while ((word = strsep(&rest, " ")) != NULL)
		argv[argc++] = word;
	result = state_call(client, argc, argv, &reply);
	(void)snprintf(told, 256, "%s", reply.error);
	for (size_t i = 0; i < reply.count; i++)
		(void)snprintf(told + strlen(told), 256 - strlen(told),
		    "%s%.20s", i == 0 ? "" : ",", reply.elements[i]);
	state_reply_free(&reply);
	ck_assert_ptr_null(reply.owner);
	return result;
}

static void
set_up(void)
{
	fixture_init(&fixture);
	fixture_start(&fixture);
}

static void
tear_down(void)
{
	fixture_stop(&fixture);
	fixture_clear(&fixture);
}

static void
set_up_alone(void) /* a socket, but no server yet */
{
	fixture_init(&fixture);
}

static void
tear_down_alone(void)
{
	fixture_clear(&fixture);
}

/* --- with a server that is well --- */

static const struct {
	const char *words;
	enum state_result result;
	const char *told;
} calls[] = {
	{ "ECHO a b", STATE_OK, "a,b" },
	{ "ECHO a ", STATE_OK, "a," },
	{ "PING", STATE_OK, "PONG" },
	{ "BULK 3", STATE_OK, "xxx" },
	{ "BULK 8000000", STATE_OK, "xxxxxxxxxxxxxxxxxxxx" },
	{ "REPORT", STATE_OK, "OK" },
	{ "ORDER", STATE_ERROR, "NOPERM your role does not allow: ORDER" },
	{ "NOSUCH", STATE_ERROR, "ERR unknown command" },
	{ "ECHO again", STATE_OK, "again" },
};

START_TEST(calls_are_answered)
{
	struct state_client *client = client_of("milter", PATIENT);
	char told[256];

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		ck_assert_int_eq(call(client, calls[i].words, told),
		    calls[i].result);
		ck_assert_str_eq(told, calls[i].told);
	}
	ck_assert_uint_eq(seen.hellos, 1);
	ck_assert_uint_eq(seen.lost, 0);
	ck_assert_uint_eq(fixture.ups, 1);
	ck_assert_uint_eq(state_generation(client), 7);
	state_client_free(&client);
	ck_assert_ptr_null(client);
	await_count(&fixture.downs, 1);
}
END_TEST

START_TEST(notes_go_before_what_follows)
{
	static const char *const note[] = { "NOTE", "a" };
	struct state_client *client = client_of("milter", PATIENT);
	char told[256];

	seen.notes_at_hello = 5000;
	ck_assert_int_eq(state_note(client, 2, note), STATE_OK);
	ck_assert_int_eq(call(client, "PING", told), STATE_OK);
	ck_assert_uint_eq(fixture.notes, 5001);
	state_client_free(&client);
}
END_TEST

static void
preface_cb(void *ctx, struct state_pipe *pipe)
{
	static const char *const note[] = { "NOTE", "a" };
	unsigned *times = ctx;

	++*times;
	state_pipe_note(pipe, 2, note);
	state_pipe_note(pipe, 2, note);
}

/* Also by a connection that has to be replaced; never where nothing is sent. */
START_TEST(a_preface_goes_with_its_call)
{
	static const char *const ask[] = { "PING" };
	struct state_client *client = client_of("milter", span_s(5));
	unsigned times = 0, notes = 0;
	struct state_preface preface = { preface_cb, &times };
	struct state_reply reply;

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(state_call_behind(client, &preface, 1, ask,
		    &reply), STATE_OK);
		state_reply_free(&reply);
		ck_assert_uint_eq(fixture.notes, notes += 2);
		if (i == 1) {
			fixture_stop(&fixture);
			fixture_start(&fixture);
		}
	}
	ck_assert_uint_eq(times, 4);
	fixture_stop(&fixture);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(state_call_behind(client, &preface, 1, ask,
		    &reply), STATE_AWAY);
		state_reply_free(&reply);
	}
	ck_assert_uint_eq(times, 5); /* by the connection that was there */
	fixture_start(&fixture);
	state_client_free(&client);
}
END_TEST

START_TEST(a_bad_note_costs_the_next_call_nothing)
{
	static const char *const bad[] = { "NOTE", "bad" };
	struct state_client *client = client_of("milter", PATIENT);
	char told[256];

	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(state_note(client, 2, bad), STATE_OK);
		ck_assert_int_eq(call(client, "ECHO a", told), STATE_OK);
	}
	ck_assert_uint_eq(seen.lost, 0);
	state_client_free(&client);
}
END_TEST

/* --- restarts --- */

static struct state_client *shared;
static atomic_uint failed;
static atomic_bool stop;

static void *
caller(void *arg)
{
	atomic_uint *calls_done = arg;
	char told[256];

	while (!atomic_load(&stop)) {
		if (call(shared, "ECHO a", told) != STATE_OK)
			atomic_fetch_add(&failed, 1);
		atomic_fetch_add(calls_done, 1);
	}
	return NULL;
}

/* Every caller is past the call that met the last restart. */
static void
await_progress(atomic_uint calls_done[4])
{
	for (int i = 0; i < 4; i++)
		await_count(&calls_done[i], atomic_load(&calls_done[i]) + 50);
}

START_TEST(a_restart_loses_no_call)
{
	static atomic_uint calls_done[4];
	pthread_t threads[4];

	shared = client_of("milter", PATIENT);
	for (int i = 0; i < 4; i++)
		(void)pthread_create(&threads[i], NULL, caller,
		    &calls_done[i]);
	for (unsigned i = 1; i <= 10; i++) {
		await_progress(calls_done);
		fixture_stop(&fixture);
		fixture.epoch = i % 2 == 0 ? "even" : "odd";
		fixture_start(&fixture);
	}
	await_progress(calls_done);
	atomic_store(&stop, true);
	for (int i = 0; i < 4; i++)
		(void)pthread_join(threads[i], NULL);
	ck_assert_uint_eq(failed, 0);
	ck_assert_uint_eq(seen.lost, 0);
	/* each owner is met as new, by the first connection to it */
	ck_assert_uint_eq(seen.epochs, 11);
	ck_assert_uint_ge(seen.hellos, 11);
	state_client_free(&shared);
}
END_TEST

START_TEST(an_owner_is_new_once)
{
	struct state_client *client = client_of("milter", PATIENT);
	char told[256];

	ck_assert_int_eq(call(client, "PING", told), STATE_OK);
	ck_assert_uint_eq(seen.epochs, 1);
	fixture_stop(&fixture);
	fixture_start(&fixture);
	ck_assert_int_eq(call(client, "PING", told), STATE_OK);
	ck_assert_uint_eq(seen.hellos, 2);
	ck_assert_uint_eq(seen.epochs, 1);
	fixture_stop(&fixture);
	fixture.epoch = "epoch-2";
	fixture.config.generation = 8;
	fixture_start(&fixture);
	ck_assert_int_eq(call(client, "PING", told), STATE_OK);
	ck_assert_uint_eq(seen.hellos, 3);
	ck_assert_uint_eq(seen.epochs, 2);
	ck_assert_uint_eq(state_generation(client), 8);
	state_client_free(&client);
}
END_TEST

/* --- a server that misbehaves: says its line, then what the row says --- */

#define HELLO_REPLY "*4\r\n$4\r\nweir\r\n$1\r\n1\r\n$1\r\ne\r\n$1\r\n1\r\n"

static const struct misbehaviour {
	const char *bytes; /* after HELLO and the request came in */
	bool trickle; /* one byte each 5 ms, again and again */
	bool end; /* closes then */
	const char *why;
} misbehaviours[] = {
	{ "", false, false, "no answer in time" },
	{ HELLO_REPLY, false, false, "no answer in time" },
	{ HELLO_REPLY "$100000\r\nxxxx", true, false, "no answer in time" },
	{ "+", true, false, "no answer in time" },
	{ "", false, true, "closed before the answer" },
	{ HELLO_REPLY "$5\r\nab", false, true, "closed before the answer" },
	{ "garbage\r\n", false, false, "not the protocol" },
	{ "*4\r\n$4\r\nweir\r\n$1\r\n1\r\n$0\r\n\r\n$1\r\n1\r\n", false,
	    false, "no HELLO in return" },
	{ "*4\r\n$4\r\nweir\r\n$1\r\n1\r\n$1\r\ne\r\n$1\r\nx\r\n", false,
	    false, "no HELLO in return" },
	{ "+OK\r\n", false, false, "no HELLO in return" },
	{ "-NOPERM go away\r\n", false, false, "NOPERM go away" },
	{ HELLO_REPLY "+OK\r\n+OK\r\n", false, false,
	    "more than was asked for" },
	{ HELLO_REPLY "*1\r\n*1\r\n$1\r\na\r\n", false, false,
	    "an array in an array" },
	{ HELLO_REPLY "$999999999999\r\n", false, false,
	    "a length out of bounds" },
	{ HELLO_REPLY "*100000000\r\n", false, false,
	    "a length out of bounds" },
};

static const struct misbehaviour mute = { "", false, false, "" };
static const struct misbehaviour closing = { "", false, true, "" };

static const struct misbehaviour *_Atomic misbehaviour;
static atomic_uint accepted;
static int end_of_test[2];

/* Sends up to the end of the first frame, later the rest: in request order. */
static void
misbehave(int fd)
{
	const struct misbehaviour *how = misbehaviour;
	const char *bytes = how->bytes;
	struct pollfd pollfd[] = { { fd, POLLRDHUP, 0 },
		{ end_of_test[0], POLLIN, 0 } };
	char request[256];
	size_t first = strlen(HELLO_REPLY);

	(void)recv(fd, request, sizeof(request), 0);
	if (strncmp(bytes, HELLO_REPLY, first) == 0) {
		send_all(fd, bytes, first);
		bytes += first;
		if (recv(fd, request, sizeof(request), 0) <= 0)
			return;
	}
	send_all(fd, bytes, strlen(bytes));
	while (how->trickle && poll(pollfd + 1, 1, 5) == 0)
		if (send(fd, "x", 1, MSG_NOSIGNAL) == -1)
			return;
	if (!how->end) /* until the client goes */
		(void)poll(pollfd, 2, -1);
}

static void *
misbehaving_server(void *arg)
{
	struct pollfd pollfd[] = { { fixture.listening, POLLIN, 0 },
		{ end_of_test[0], POLLIN, 0 } };

	(void)arg;
	for (;;) {
		int fd;

		(void)poll(pollfd, 2, -1);
		if (pollfd[1].revents != 0)
			return NULL;
		fd = accept(fixture.listening, NULL, NULL);
		if (fd == -1)
			continue;
		atomic_fetch_add(&accepted, 1);
		misbehave(fd);
		(void)close(fd);
	}
}

static pthread_t
start_misbehaving(const struct misbehaviour *how)
{
	pthread_t thread;

	misbehaviour = how;
	ck_assert_int_eq(pipe(end_of_test), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, misbehaving_server,
	    NULL), 0);
	return thread;
}

static void
stop_misbehaving(pthread_t thread)
{
	(void)close(end_of_test[1]);
	(void)pthread_join(thread, NULL);
	(void)close(end_of_test[0]);
}

/*
 * The slack is for this machine, not for the server: a trickle that stretched
 * the call would go on for ever.
 */
#define SLACK_US PATIENT.us

START_TEST(misbehaviour_is_away_within_the_deadline)
{
	const struct misbehaviour *how = &misbehaviours[_i];
	pthread_t thread = start_misbehaving(how);
	bool late = strcmp(how->why, "no answer in time") == 0;
	int64_t limit = late ? 60000 : PATIENT.us;
	char told[256];

	for (int i = 0; i < 2; i++) {
		struct state_client *client = client_of("milter",
		    span_us(limit));
		struct mono since = clock_now().mono;
		int64_t took;

		ck_assert_int_eq(call(client, "ECHO a", told), STATE_AWAY);
		took = mono_since(clock_now().mono, since).us;
		ck_assert_str_eq(told, how->why);
		ck_assert_int_lt(took, limit + SLACK_US);
		if (late)
			ck_assert_int_ge(took, limit);
		ck_assert(state_away(client));
		ck_assert_uint_eq(seen.lost, (unsigned)i + 1);
		state_client_free(&client);
	}
	stop_misbehaving(thread);
}
END_TEST

START_TEST(a_full_backlog_is_away_within_the_deadline)
{
	struct state_client *client;
	struct mono since;
	int fill[200];
	char told[256];

	/* nobody accepts, and the queue of 100 is full */
	for (size_t i = 0; i < 101; i++)
		fill[i] = fixture_connect(&fixture);
	client = client_of("milter", span_ms(50));
	since = clock_now().mono;
	ck_assert_int_eq(call(client, "PING", told), STATE_AWAY);
	ck_assert_int_ge(mono_since(clock_now().mono, since).us, 50000);
	ck_assert_int_lt(mono_since(clock_now().mono, since).us,
	    50000 + SLACK_US);
	ck_assert_str_eq(told, strerror(ETIMEDOUT));
	for (size_t i = 0; i < 101; i++)
		(void)close(fill[i]);
	state_client_free(&client);
}
END_TEST

static const struct {
	const char *socket;
	int error; /* 0: too long */
} nowhere[] = {
	{ "/nonexistent/state.sock", ENOENT },
	{ "/dev/null", ECONNREFUSED },
	{ "/tmp/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	  "xxxxxxxxxxxxxxxxxxxxxxxx", 0 },
};

START_TEST(no_socket_is_away_at_once)
{
	struct state_client_settings settings = {
		.socket = nowhere[_i].socket,
		.role = "ctl",
		.instance = "",
		.timeout = span_s(60),
	};
	struct state_client *client = state_client_new(&settings);
	char told[256], why[STATE_WHY_TEXT];

	ck_assert_int_eq(call(client, "PING", told), STATE_AWAY);
	ck_assert_str_eq(told, nowhere[_i].error == 0 ?
	    "the socket's path is too long" : strerror(nowhere[_i].error));
	state_why(client, why);
	ck_assert_str_eq(why, told);
	state_client_free(&client);
}
END_TEST

/* --- the breaker --- */

enum { CALLERS = 100 };

/*
 * A call that goes out is taken twice: it tries again where a connection is
 * closed on it.
 */
START_TEST(the_breaker_spares_callers_then_lets_one_try)
{
	pthread_t thread = start_misbehaving(&closing);
	struct state_client *client = client_of("milter", PATIENT);
	struct mono before = clock_now().mono, after, since, tried;
	char told[256];

	ck_assert_int_eq(call(client, "PING", told), STATE_AWAY);
	after = clock_now().mono;
	ck_assert_uint_eq(accepted, 2);
	/* until somebody has tried again, nothing is sent */
	for (;;) {
		since = clock_now().mono;
		ck_assert_int_eq(call(client, "PING", told), STATE_AWAY);
		tried = clock_now().mono;
		if (accepted != 2)
			break;
		ck_assert_int_lt(mono_since(since, after).us, STATE_RETRY.us);
		(void)poll(NULL, 0, 1);
	}
	ck_assert_int_ge(mono_since(tried, before).us, STATE_RETRY.us);
	ck_assert_uint_eq(accepted, 4);
	ck_assert_uint_eq(seen.lost, 1);
	stop_misbehaving(thread);

	/* it is well again: the next trial finds it, and says so once */
	fixture_start(&fixture);
	while (call(client, "ECHO a", told) != STATE_OK)
		(void)poll(NULL, 0, 1);
	ck_assert(!state_away(client));
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(call(client, "ECHO a", told), STATE_OK);
	ck_assert_uint_eq(seen.lost, 1);
	ck_assert_uint_eq(seen.back, 1);
	state_client_free(&client);
	fixture_stop(&fixture);
}
END_TEST

static void *
one_call(void *arg)
{
	char told[256];

	if (call(shared, "ECHO a", told) == STATE_AWAY)
		atomic_fetch_add(&failed, 1);
	return arg;
}

static void
call_each(pthread_t threads[CALLERS])
{
	for (int i = 0; i < CALLERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, one_call,
		    NULL), 0);
}

static void
join_each(pthread_t threads[CALLERS])
{
	for (int i = 0; i < CALLERS; i++)
		(void)pthread_join(threads[i], NULL);
}

/* Waits until all have come, then closes on all at once. */
static void
close_on_all(void)
{
	struct pollfd pollfd = { fixture.listening, POLLIN, 0 };
	int fds[CALLERS];

	for (int i = 0; i < CALLERS; i++) {
		while ((fds[i] = accept(fixture.listening, NULL, NULL)) == -1)
			(void)poll(&pollfd, 1, -1);
	}
	for (int i = 0; i < CALLERS; i++)
		(void)close(fds[i]);
}

START_TEST(many_failing_at_once_are_one_change)
{
	pthread_t threads[CALLERS];
	char told[256];

	shared = client_of("milter", PATIENT);
	call_each(threads);
	close_on_all();
	close_on_all(); /* their second attempts */
	join_each(threads);
	ck_assert_uint_eq(failed, CALLERS);
	ck_assert_uint_eq(seen.lost, 1);

	fixture_start(&fixture);
	while (call(shared, "ECHO a", told) != STATE_OK)
		(void)poll(NULL, 0, 1);
	call_each(threads);
	join_each(threads);
	ck_assert_uint_eq(failed, CALLERS);
	ck_assert_uint_eq(seen.lost, 1);
	ck_assert_uint_eq(seen.back, 1);
	ck_assert_uint_eq(seen.clashes, 0);
	state_client_free(&shared);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(only_one_tries_whether_it_is_back)
{
	static atomic_uint calls_done;
	pthread_t server = start_misbehaving(&closing), threads[10];
	char told[256];

	shared = client_of("milter", PATIENT);
	ck_assert_int_eq(call(shared, "PING", told), STATE_AWAY);
	ck_assert_uint_eq(accepted, 2);
	misbehaviour = &mute;
	for (int i = 0; i < 10; i++)
		(void)pthread_create(&threads[i], NULL, caller, &calls_done);
	/* one hangs; the others come and go meanwhile, and none is in line */
	await_count(&accepted, 3);
	await_count(&calls_done, atomic_load(&calls_done) + 100);
	ck_assert_int_eq(accept(fixture.listening, NULL, NULL), -1);
	atomic_store(&stop, true);
	stop_misbehaving(server);
	ck_assert_uint_eq(accepted, 3);
	ck_assert_uint_eq(seen.lost, 1);
	ck_assert_uint_eq(seen.back, 0);

	fixture_start(&fixture); /* which answers the one that hung */
	for (int i = 0; i < 10; i++)
		(void)pthread_join(threads[i], NULL);
	ck_assert_uint_eq(seen.back, 1);
	state_client_free(&shared);
	fixture_stop(&fixture);
}
END_TEST

/* What a new owner was not told whole is told again. */
START_TEST(an_announcement_cut_short_is_made_again)
{
	static const struct misbehaviour deaf = { HELLO_REPLY, false, true,
		"" };
	pthread_t server = start_misbehaving(&deaf);
	char told[256];

	seen.notes_at_hello = 100000; /* more than a socket holds */
	shared = client_of("milter", PATIENT);
	ck_assert_int_eq(call(shared, "PING", told), STATE_AWAY);
	ck_assert_uint_eq(seen.epochs, 2); /* both attempts */
	stop_misbehaving(server);
	fixture.epoch = "e"; /* the same owner as far as HELLO tells */
	seen.notes_at_hello = 3;
	fixture_start(&fixture);
	while (call(shared, "PING", told) != STATE_OK)
		(void)poll(NULL, 0, 1);
	ck_assert_uint_eq(seen.epochs, 3);
	ck_assert_uint_eq(fixture.notes, 3);
	state_client_free(&shared);
	fixture_stop(&fixture);
}
END_TEST

/* Handlers without SA_RESTART, as libraries may have them. */
static void
ignore_signal(int number)
{
	(void)number;
}

static atomic_bool signalling = true;

static void *
signal_it(void *arg)
{
	while (atomic_load(&signalling)) {
		(void)pthread_kill(*(pthread_t *)arg, SIGUSR1);
		(void)poll(NULL, 0, 1);
	}
	return NULL;
}

START_TEST(signals_cost_no_call)
{
	struct state_client *client = client_of("milter", PATIENT);
	struct sigaction action = { .sa_handler = ignore_signal };
	pthread_t self = pthread_self(), thread;
	char told[256];

	(void)sigaction(SIGUSR1, &action, NULL);
	(void)pthread_create(&thread, NULL, signal_it, &self);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(call(client, "ECHO a", told), STATE_OK);
		ck_assert_int_eq(call(client, "BULK 1000000", told), STATE_OK);
		if (i % 10 == 0) {
			state_client_free(&client);
			client = client_of("milter", PATIENT);
		}
	}
	atomic_store(&signalling, false);
	(void)pthread_join(thread, NULL);
	state_client_free(&client);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("state_client");
	TCase *well = tcase_create("well"), *ill = tcase_create("ill");

	tcase_set_timeout(well, 60);
	tcase_add_checked_fixture(well, set_up, tear_down);
	tcase_add_test(well, calls_are_answered);
	tcase_add_test(well, notes_go_before_what_follows);
	tcase_add_test(well, a_preface_goes_with_its_call);
	tcase_add_test(well, a_bad_note_costs_the_next_call_nothing);
	tcase_add_test(well, a_restart_loses_no_call);
	tcase_add_test(well, an_owner_is_new_once);
	tcase_add_test(well, signals_cost_no_call);
	tcase_add_loop_test(well, no_socket_is_away_at_once, 0,
	    sizeof(nowhere) / sizeof(nowhere[0]));
	suite_add_tcase(suite, well);

	tcase_set_timeout(ill, 60);
	tcase_add_checked_fixture(ill, set_up_alone, tear_down_alone);
	tcase_add_loop_test(ill, misbehaviour_is_away_within_the_deadline, 0,
	    sizeof(misbehaviours) / sizeof(misbehaviours[0]));
	tcase_add_test(ill, a_full_backlog_is_away_within_the_deadline);
	tcase_add_test(ill, the_breaker_spares_callers_then_lets_one_try);
	tcase_add_test(ill, many_failing_at_once_are_one_change);
	tcase_add_test(ill, only_one_tries_whether_it_is_back);
	tcase_add_test(ill, an_announcement_cut_short_is_made_again);
	suite_add_tcase(suite, ill);
	return suite;
}
