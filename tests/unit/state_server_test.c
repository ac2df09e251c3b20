/* The state protocol's server: roles, guards, waiting, and fairness. */
#include "state_fixture.h"

#include "io/clock.h"
#include "io/complaints.h"
#include "io/state_roles.h"

#include "check_main.h"

#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static struct fixture fixture;
static FILE *log_lines;

static void
set_up(void)
{
	fixture_init(&fixture);
	log_lines = tmpfile();
	(void)fflush(stderr);
	(void)dup2(fileno(log_lines), STDERR_FILENO);
	fixture_start(&fixture);
}

static void
tear_down(void)
{
	fixture_stop(&fixture);
	fixture_clear(&fixture);
}

/* Lines of the log that hold the text. */
static unsigned
logged(const char *text)
{
	char line[2048];
	unsigned count = 0;

	rewind(log_lines);
	while (fgets(line, sizeof(line), log_lines) != NULL)
		count += strstr(line, text) != NULL;
	return count;
}

/* --- who may do what --- */

#define ALL (STATE_READ | STATE_REPORT | STATE_OPERATE)

static const struct {
	uid_t uid;
	unsigned roles;
} uids[] = {
	{ 0, ALL },
	{ 1000, ALL }, /* admins */
	{ 1001, ALL },
	{ 2000, STATE_READ | STATE_REPORT }, /* daemons */
	{ 3000, STATE_READ | STATE_REPORT }, /* our own */
	{ 4000, STATE_READ },
	{ (uid_t)-1, STATE_READ },
};

START_TEST(roles_are_by_user)
{
	uid_t admins[] = { 1000, 1001 }, daemons[] = { 2000 };
	struct state_roles roles = { .own = 3000, .admins = { admins, 2 },
		.daemons = { daemons, 1 } };

	ck_assert_uint_eq(state_roles_of(&roles, uids[_i].uid),
	    uids[_i].roles);
}
END_TEST

START_TEST(roles_are_looked_up_by_name)
{
	const char *admins[] = { "no-such-user-here", "nobody" };
	struct config config = { .state.admins = { admins, 2 } };
	struct state_roles roles;

	state_roles_init(&roles, &config);
	ck_assert_uint_eq(roles.admins.count, 1);
	ck_assert_uint_eq(state_roles_of(&roles,
	    getpwnam("nobody")->pw_uid), ALL);
	ck_assert_uint_eq(roles.own, geteuid());
	ck_assert_uint_eq(logged("state.admins: there is no user "
	    "no-such-user-here"), 1);
	state_roles_clear(&roles);
}
END_TEST

/*
 * Asked in order on one connection. The first list as the user who runs the
 * server, made an administrator; the other as nobody, where we may become it.
 */
static const struct {
	const char *words;
	const char *answer; /* its beginning */
} as_admin[] = {
	{ "PING", "+PONG" },
	{ "ping", "+PONG" },
	{ "PING hello", "$hello" },
	{ "PING a b", "-ERR wrong number of arguments: PING" },
	{ "COMMAND DOCS", "-ERR unknown command" },
	{ "FLUSHALL", "-ERR unknown command" },
	{ "echo a  b", "*a,,b" },
	{ "BULK", "-ERR wrong number of arguments: BULK" },
	{ "REPORT", "+OK" },
	{ "ORDER", "+OK" },
	{ "HELLO", "-ERR wrong number of arguments: HELLO" },
	{ "HELLO 3", "-ERR wrong number" },
	{ "HELLO wear 1 ctl", "-ERR HELLO weir 1 is spoken here" },
	{ "HELLO weir 2 ctl", "-ERR HELLO weir 1 is spoken here" },
	{ "HELLO weir 1 root", "-ERR HELLO as milter or ctl" },
	{ "HELLO weir 1 milter ", "-ERR no name for an instance" },
	{ "HELLO weir 1 milter a\nb", "-ERR no name for an instance" },
	{ "HELLO weir 1 ctl", "*weir,1,epoch-1,7" },
	{ "HELLO weir 1 milter m", "-ERR HELLO was said before" },
	{ "ORDER", "+OK" },
	{ "REPORT", "-NOPERM your role does not allow: REPORT" },
}, as_milter[] = {
	{ "HELLO weir 1 milter m-1", "*weir,1,epoch-1,7" },
	{ "REPORT", "+OK" },
	{ "ECHO a", "*a" },
	{ "ORDER", "-NOPERM your role does not allow: ORDER" },
}, as_nobody[] = {
	{ "PING", "+PONG" },
	{ "ECHO a", "*a" },
	{ "REPORT", "-NOPERM" },
	{ "ORDER", "-NOPERM" },
	{ "HELLO weir 1 milter m", "-NOPERM" },
	{ "HELLO weir 1 ctl", "*weir,1,epoch-1,7" },
	{ "REPORT", "-NOPERM" },
	{ "ORDER", "-NOPERM" },
};

#define ASK_ALL(fd, rows)                                                     \
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {         \
		const char *told = ask(fd, (rows)[i].words);                  \
                                                                              \
		ck_assert_msg(strncmp(told, (rows)[i].answer,                 \
		    strlen((rows)[i].answer)) == 0, "%s: %s",                 \
		    (rows)[i].words, told);                                   \
	}

START_TEST(verbs_ask_for_roles)
{
	const struct passwd *self = getpwuid(geteuid());
	int admin, milter;

	fixture_stop(&fixture);
	fixture.config.state.admins = (struct strings) {
		(const char *[]) { self->pw_name }, 1 };
	fixture_start(&fixture);
	admin = fixture_connect(&fixture);
	milter = fixture_connect(&fixture);
	ASK_ALL(admin, as_admin);
	ck_assert_uint_eq(fixture.ups, 0);
	ASK_ALL(milter, as_milter);
	ck_assert_uint_eq(fixture.ups, 1);
	ck_assert_uint_eq(fixture.downs, 0);
	(void)close(milter);
	await_count(&fixture.downs, 1);
}
END_TEST

/*
 * Runs it as another user of the system, who is nobody here, where we may
 * become it; the table above is for who may not. The system call changes this
 * thread alone, not the server's (setresuid(2), "C library/kernel
 * differences"); a child of a process with threads might not even allocate.
 */
static void
as_another(void (*fn)(void))
{
	if (syscall(SYS_setresuid, -1, NOBODY, -1) == -1)
		return;
	fn();
	ck_assert_int_eq(syscall(SYS_setresuid, -1, 0, -1), 0);
	/* as it was: the leak checker wants to look at us */
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
}

static void
ask_as_nobody(void)
{
	int fd = fixture_connect(&fixture);

	ASK_ALL(fd, as_nobody);
	/* a note has no answer but the end */
	ck_assert_str_eq(ask(fd, "NOTE a"), "");
}

START_TEST(nobody_only_reads)
{
	as_another(ask_as_nobody);
	if (geteuid() == 0)
		ck_assert_uint_eq(logged("NOPERM your role does not allow: "
		    "NOTE"), 1);
}
END_TEST

static void
read_in_a_crowd(void)
{
	int readers[STATE_READERS_MAX];
	char told[64];

	for (int i = 0; i < STATE_READERS_MAX; i++) {
		readers[i] = fixture_connect(&fixture);
		ck_assert_str_eq(ask(readers[i], "PING"), "+PONG");
	}
	for (int i = 0; i < STATE_READERS_MAX; i++) {
		int fd = fixture_connect(&fixture);

		next_answer(fd, told, sizeof(told));
		ck_assert_str_eq(told, "");
		(void)close(fd);
	}
	for (int i = 0; i < STATE_READERS_MAX; i++)
		(void)close(readers[i]);
}

START_TEST(readers_keep_nobody_else_out)
{
	as_another(read_in_a_crowd);
	ck_assert_str_eq(ask(fixture_connect(&fixture), "REPORT"), "+OK");
	/* and room is again when they left */
	as_another(ask_as_nobody);
}
END_TEST

/* --- guards --- */

static const struct {
	const char *bytes;
	const char *why; /* NULL: it may be going to be a request */
} guards[] = {
	{ "PING\r\n", "not the protocol" },
	{ "GET / HTTP/1.1\r\n\r\n", "not the protocol" },
	{ "+PING\r\n", "not an array" },
	{ "*1\r\n:1\r\n", "an element that is no string" },
	{ "*1\r\n*1\r\n$1\r\na\r\n", "an array in an array" },
	{ "*0\r\n", "empty array" },
	{ "*-1\r\n", "a length below zero" },
	{ "*65\r\n", "a length out of bounds" },
	{ "*100000000\r\n", "a length out of bounds" },
	{ "*1\r\n$2147483647\r\n", "a length out of bounds" },
	{ "*1\r\n$65537\r\n", "a length out of bounds" },
	{ "*1\r\n$-1\r\n", "a length below zero" },
	{ "*1\r\n$4\r\nPINGPONG", "string longer than announced" },
	{ "*2\r\n$4\r\nECHO\r\n$65000\r\n", NULL }, /* within bounds */
	{ "*64\r\n$1000\r\n", NULL },
	{ "*", NULL },
};

START_TEST(a_guard_closes_with_one_line)
{
	int other = fixture_connect(&fixture), fd = fixture_connect(&fixture);
	char told[64];

	ck_assert_str_eq(ask(other, "ECHO a"), "*a");
	ck_assert_str_eq(ask(fd, "ECHO b"), "*b");
	send_all(fd, guards[_i].bytes, strlen(guards[_i].bytes));
	if (guards[_i].why != NULL) {
		next_answer(fd, told, sizeof(told));
		ck_assert_str_eq(told, "");
		ck_assert_uint_eq(logged(guards[_i].why), 1);
	}
	ck_assert_str_eq(ask(other, "ECHO c"), "*c");
	ck_assert_uint_eq(logged(""), guards[_i].why != NULL);
}
END_TEST

START_TEST(many_strings_may_not_add_up)
{
	int fd = fixture_connect(&fixture);
	char told[64], string[1100];

	memset(string, 'x', sizeof(string));
	memcpy(string, "$1080\r\n", 7);
	memcpy(string + 7 + 1080, "\r\n", 2);
	send_all(fd, "*64\r\n", 5);
	for (int i = 0; i < 64; i++)
		send_all(fd, string, 7 + 1080 + 2);
	next_answer(fd, told, sizeof(told));
	ck_assert_str_eq(told, "");
	ck_assert_uint_eq(logged("too many bytes"), 1);
}
END_TEST

START_TEST(a_nul_closes)
{
	int fd = fixture_connect(&fixture);
	char told[64];

	send_all(fd, "*2\r\n$4\r\nECHO\r\n$3\r\na\0b\r\n", 23);
	next_answer(fd, told, sizeof(told));
	ck_assert_str_eq(told, "");
	ck_assert_uint_eq(logged("NUL in a string"), 1);
}
END_TEST

START_TEST(requests_may_come_in_any_pieces)
{
	static const char bytes[] = "*2\r\n$4\r\nECHO\r\n$1\r\na\r\n";
	int fd = fixture_connect(&fixture);
	char told[64];

	for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
		send_all(fd, bytes + i, 1);
		(void)poll(NULL, 0, i % 4 == 0);
	}
	next_answer(fd, told, sizeof(told));
	ck_assert_str_eq(told, "*a");
	for (int i = 0; i < 5000; i++)
		send_all(fd, bytes, sizeof(bytes) - 1);
	for (int i = 0; i < 5000; i++) {
		next_answer(fd, told, sizeof(told));
		ck_assert_str_eq(told, "*a");
	}
}
END_TEST

/* Frames that are nearly right, so that they get as far as they can. */
static size_t
random_frame(char *frame, size_t size)
{
	static const char *const seeds[] = {
		"*1\r\n$4\r\nPING\r\n",
		"*3\r\n$4\r\nECHO\r\n$3\r\nabc\r\n$0\r\n\r\n",
		"*2\r\n$4\r\nBULK\r\n$2\r\n17\r\n",
		"*5\r\n$5\r\nHELLO\r\n$4\r\nweir\r\n$1\r\n1\r\n$6\r\nmilter\r\n"
		"$1\r\nm\r\n",
		"*2\r\n$4\r\nNOTE\r\n$1\r\nx\r\n",
	};
	const char *seed = seeds[rand() % 5];
	size_t len = strlen(seed);

	ck_assert_uint_le(len, size);
	memcpy(frame, seed, len);
	if (rand() % 8 == 0)
		for (int i = rand() % 3; i >= 0; i--)
			frame[(size_t)rand() % len] = (char)rand();
	return len;
}

START_TEST(garbage_disturbs_no_one)
{
	struct mono since = clock_now().mono;
	int other = fixture_connect(&fixture);
	char frames[50 * 80];

	srand(1);
	for (int i = 0; i < 2000; i++) {
		int fd = fixture_connect(&fixture);
		size_t len = 0;

		for (int j = 0; j < 50; j++)
			len += random_frame(frames + len, 80);
		send_all(fd, frames, len);
		if (i % 10 == 0)
			ck_assert_str_eq(ask(other, "ECHO still"), "*still");
		(void)close(fd);
	}
	ck_assert_str_eq(ask(other, "ECHO still"), "*still");
	/* a burst a window, and the rest summed up */
	ck_assert_uint_ge(logged("closed a client"), COMPLAINTS_BURST);
	ck_assert_uint_le(logged("closed a client"),
	    COMPLAINTS_BURST * (1 + mono_since(clock_now().mono, since).us /
	    (COMPLAINTS_WINDOW_S * SPAN_SECOND)));
	fixture_stop(&fixture);
	ck_assert_uint_ge(logged("more clients closed for what they sent"), 1);
	fixture_start(&fixture);
}
END_TEST

/* --- notes, waiting, slow readers --- */

START_TEST(notes_have_no_answer)
{
	int fd = fixture_connect(&fixture);
	char told[64];

	send_words(fd, "NOTE a");
	send_words(fd, "NOTE b");
	ck_assert_str_eq(ask(fd, "PING"), "+PONG");
	ck_assert_uint_eq(fixture.notes, 2);
	send_words(fd, "NOTE bad");
	send_words(fd, "PING");
	next_answer(fd, told, sizeof(told));
	ck_assert_str_eq(told, "");
	ck_assert_uint_eq(logged("ERR a bad note"), 1);

	fd = fixture_connect(&fixture);
	send_words(fd, "NOTE too many");
	next_answer(fd, told, sizeof(told));
	ck_assert_str_eq(told, "");
	ck_assert_uint_eq(logged("ERR wrong number of arguments: NOTE"), 1);
}
END_TEST

START_TEST(who_waits_is_answered_in_order)
{
	int waiting = fixture_connect(&fixture);
	int other = fixture_connect(&fixture);
	char told[64];

	send_words(waiting, "ECHO 1");
	send_words(waiting, "WAIT");
	send_words(waiting, "ECHO 2");
	await_count(&fixture.served, 2);
	ck_assert_str_eq(ask(other, "ECHO x"), "*x");
	next_answer(waiting, told, sizeof(told));
	ck_assert_str_eq(told, "*1");
	ck_assert_int_eq(recv(waiting, told, 1, MSG_DONTWAIT), -1);
	ck_assert_str_eq(ask(other, "RESUME"), "$resumed");
	ck_assert_str_eq(ask(other, "RESUME"), "$left");
	next_answer(waiting, told, sizeof(told));
	ck_assert_str_eq(told, "$waited");
	next_answer(waiting, told, sizeof(told));
	ck_assert_str_eq(told, "*2");
}
END_TEST

START_TEST(who_left_is_not_resumed)
{
	int waiting = fixture_connect(&fixture);
	int other = fixture_connect(&fixture);

	send_words(waiting, "WAIT");
	await_count(&fixture.served, 1);
	(void)close(waiting);
	ck_assert_str_eq(ask(other, "RESUME"), "$left");
	ck_assert_str_eq(ask(other, "RESUME"), "$left");
}
END_TEST

START_TEST(who_does_not_read_is_not_served)
{
	int slow = fixture_connect(&fixture), other = fixture_connect(&fixture);
	unsigned served;

	for (int i = 0; i < 200; i++)
		send_words(slow, "BULK 60000");
	await_count(&fixture.served, 1);
	do { /* until it does not move any more */
		served = atomic_load(&fixture.served);
		ck_assert_str_eq(ask(other, "PING"), "+PONG");
		(void)poll(NULL, 0, 5);
	} while (served != atomic_load(&fixture.served));
	ck_assert_uint_lt(served, 20);
	for (int i = 0; i < 200; i++) {
		static char bytes[60000 + 10];

		ck_assert_int_eq(recv(slow, bytes, sizeof(bytes), MSG_WAITALL),
		    60000 + 10);
		ck_assert_int_eq(memcmp(bytes, "$60000\r\nx", 9), 0);
	}
	ck_assert_uint_eq(fixture.served, 200);
}
END_TEST

START_TEST(an_answer_too_large_closes)
{
	int fd = fixture_connect(&fixture);
	char told[64];

	send_words(fd, "BULK 9000000");
	next_answer(fd, told, sizeof(told));
	ck_assert_str_eq(told, "");
	ck_assert_uint_eq(logged("answers too large to keep"), 1);
}
END_TEST

/* --- fairness --- */

static atomic_bool flooding = true;

static void *
flood(void *arg)
{
	int fd = *(int *)arg;
	char bytes[16384], sink[65536];
	size_t len = 0;

	while (len + 20 < sizeof(bytes)) {
		memcpy(bytes + len, "*1\r\n$4\r\nPING\r\n", 14);
		len += 14;
	}
	while (atomic_load(&flooding)) {
		send_all(fd, bytes, len);
		while (recv(fd, sink, sizeof(sink), MSG_DONTWAIT) > 0)
			;
	}
	return NULL;
}

START_TEST(a_flood_starves_no_one)
{
	int fd[2], low[2];
	pthread_t thread[2];
	int other;

	ck_assert_int_eq(pipe(low), 0);
	fixture_stop(&fixture);
	fixture.low_fd = low[0];
	fixture_start(&fixture);
	other = fixture_connect(&fixture);
	for (int i = 0; i < 2; i++) {
		fd[i] = fixture_connect(&fixture);
		(void)pthread_create(&thread[i], NULL, flood, &fd[i]);
	}
	for (unsigned i = 1; i <= 100; i++) {
		ck_assert_int_eq(write(low[1], "", 1), 1);
		await_count(&fixture.low, i);
		ck_assert_str_eq(ask(other, "PING"), "+PONG");
	}
	atomic_store(&flooding, false);
	for (int i = 0; i < 2; i++) {
		(void)shutdown(fd[i], SHUT_RDWR);
		(void)pthread_join(thread[i], NULL);
	}
}
END_TEST

/* --- redis-cli --- */

static const struct {
	const char *command;
	const char *output;
} redis[] = {
	{ "PING", "PONG\n" },
	{ "ECHO a b", "a\nb\n" },
	{ "COMMAND DOCS", "ERR unknown command\n\n" },
	{ "NO SUCH", "ERR unknown command\n\n" },
};

START_TEST(redis_cli_talks_to_it)
{
	char line[256], output[256];
	size_t len;
	FILE *pipe;

	(void)snprintf(line, sizeof(line),
	    "command -v redis-cli >/dev/null || exit 0; "
	    "redis-cli -s %s %s 2>&1", fixture.path, redis[_i].command);
	pipe = popen(line, "r");
	ck_assert_ptr_nonnull(pipe);
	len = fread(output, 1, sizeof(output) - 1, pipe);
	output[len] = '\0';
	ck_assert_int_eq(pclose(pipe), 0);
	if (len > 0)
		ck_assert_str_eq(output, redis[_i].output);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("state_server");
	TCase *tcase = tcase_create("state_server");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, roles_are_by_user, 0,
	    sizeof(uids) / sizeof(uids[0]));
	tcase_add_test(tcase, roles_are_looked_up_by_name);
	tcase_add_test(tcase, verbs_ask_for_roles);
	tcase_add_test(tcase, nobody_only_reads);
	tcase_add_test(tcase, readers_keep_nobody_else_out);
	tcase_add_loop_test(tcase, a_guard_closes_with_one_line, 0,
	    sizeof(guards) / sizeof(guards[0]));
	tcase_add_test(tcase, many_strings_may_not_add_up);
	tcase_add_test(tcase, a_nul_closes);
	tcase_add_test(tcase, requests_may_come_in_any_pieces);
	tcase_add_test(tcase, garbage_disturbs_no_one);
	tcase_add_test(tcase, notes_have_no_answer);
	tcase_add_test(tcase, who_waits_is_answered_in_order);
	tcase_add_test(tcase, who_left_is_not_resumed);
	tcase_add_test(tcase, who_does_not_read_is_not_served);
	tcase_add_test(tcase, an_answer_too_large_closes);
	tcase_add_test(tcase, a_flood_starves_no_one);
	tcase_add_loop_test(tcase, redis_cli_talks_to_it, 0,
	    sizeof(redis) / sizeof(redis[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
