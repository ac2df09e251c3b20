/*
 * Owners from a socketmap: against a server that answers well, late, never, in
 * pieces, with garbage, and is away.
 */
#include "io/owner_map.h"

#include "check_main.h"

#include "io/clock.h"
#include "io/config_file.h"
#include "io/socketmap_client.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* What the server does with a question; it counts them. */
enum manner {
	ANSWERS,
	TRICKLES, /* byte by byte, whole in the end */
	MUTE,
	HANGS_UP, /* when it is asked */
	GARBAGE,
	TWO_ANSWERS,
	TEMP,
	PERM,
	NONSENSE, /* a value that is no list of senders */
};

static char dir[40];
static char path[64];
static struct config *config;
static struct config_errors errors;
static struct owner_map *map;
static pthread_t server;
static int listener = -1;
static _Atomic enum manner manner;
static atomic_int questions, connections;
static atomic_bool over;
static char last_question[ADDRESS_MAX + SOCKETMAP_NAME_MAX + 2];

static void
reply(int fd, const char *status, const char *value)
{
	char text[512];
	size_t len = socketmap_reply(text, sizeof(text) / 2, status, value);

	if (manner == TWO_ANSWERS) { /* at once, so that both are seen */
		memcpy(text + len, text, len);
		len *= 2;
	}
	for (size_t i = 0; i < len; i++) {
		size_t part = manner == TRICKLES ? 1 : len;

		(void)send(fd, text + i, part, MSG_NOSIGNAL);
		i += part - 1;
	}
}

/* Who is known: alice with her realm, bob without. False: it hangs up. */
static bool
answer(int fd)
{
	char bytes[256];
	struct socketmap_request request;
	const char *why;
	ssize_t len = recv(fd, bytes, sizeof(bytes), 0);
	size_t used;

	if (len <= 0 || socketmap_parse(bytes, (size_t)len, &request, &used,
	    &why) != SOCKETMAP_PARSE_DONE)
		return false;
	(void)snprintf(last_question, sizeof(last_question), "%s %s",
	    request.name, request.key);
	questions++;
	switch (manner) {
	case MUTE:
		return true;
	case HANGS_UP:
		return false;
	case GARBAGE:
		return send(fd, "HTTP/1.1 200 OK\r\n", 17, MSG_NOSIGNAL) == 17;
	case TEMP:
		reply(fd, "TEMP", "database is away");
		return true;
	case PERM:
		reply(fd, "PERM", "no such map");
		return true;
	default:
		break;
	}
	if (manner == NONSENSE)
		reply(fd, "OK", "no address");
	else if (strcmp(request.key, "alice@example.com") == 0)
		reply(fd, "OK",
		    "alice@example.com, @shop.example !x@shop.example");
	else if (strcmp(request.key, "bob") == 0)
		reply(fd, "OK", "bob@example.com");
	else
		reply(fd, "NOTFOUND", "");
	return true;
}

static void *
serve(void *ctx)
{
	struct pollfd fds[32] = { { .fd = listener, .events = POLLIN } };
	nfds_t n = 1;

	(void)ctx;
	while (!over) {
		if (poll(fds, n, 20) <= 0)
			continue;
		if (fds[0].revents != 0 && n < 32) {
			fds[n].fd = accept(listener, NULL, NULL);
			fds[n].events = POLLIN;
			fds[n].revents = 0;
			connections += fds[n].fd != -1;
			n += fds[n].fd != -1;
		}
		for (nfds_t i = 1; i < n; i++) {
			if (fds[i].revents == 0 || answer(fds[i].fd))
				continue;
			(void)close(fds[i].fd);
			fds[i--] = fds[--n];
		}
	}
	while (--n > 0)
		(void)close(fds[n].fd);
	return NULL;
}

static void
start_server(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)strcpy(address.sun_path, path);
	(void)unlink(path);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address,
	    sizeof(address)), 0);
	ck_assert_int_eq(listen(listener, 16), 0);
	over = false;
	ck_assert_int_eq(pthread_create(&server, NULL, serve, NULL), 0);
}

static void
stop_server(void)
{
	over = true;
	(void)pthread_join(server, NULL);
	(void)close(listener);
	(void)unlink(path);
}

static void
use_cache(const char *cache)
{
	struct table_spec spec;
	char text[256], name[96];
	const char *why;

	(void)snprintf(text, sizeof(text), "identities: { realm = "
	    "\"example.com\"; table_cache = \"%s\"; };", cache);
	config = config_load_text(text, strlen(text), "weir.conf", &errors);
	ck_assert_ptr_nonnull(config);
	(void)snprintf(name, sizeof(name), "socketmap:unix:%s:senders", path);
	ck_assert_int_eq(table_spec_parse(name, &spec, &why), 0);
	map = owner_map_new(config, &spec, "the map");
}

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/weir-owner-map-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/map.sock", dir);
	questions = 0;
	connections = 0;
	start_server();
	use_cache("0s");
}

static void
teardown(void)
{
	owner_map_free(&map);
	config_unref(&config);
	stop_server();
	(void)rmdir(dir);
}

/* In time enough for any machine; a deadline that passes ends it. */
static enum owner_map_answer
ask(const char *user, struct owners **owners, struct span time)
{
	return owner_map_ask(map, user, mono_add(clock_now().mono, time),
	    owners);
}

static void
expect(const char *user, enum owner_map_answer expected)
{
	struct owners *owners = NULL;

	ck_assert_int_eq(ask(user, &owners, span_s(30)), expected);
	ck_assert((owners != NULL) == (expected == OWNER_MAP_FOUND));
	if (owners != NULL)
		ck_assert_ptr_nonnull(owners_find(owners, user));
	owners_unref(&owners);
}

/* Until the breaker lets a question through again. */
static void
expect_back(const char *user)
{
	static const struct timespec nap = { 0, 20 * 1000 * 1000 };
	struct owners *owners = NULL;

	for (int i = 0; i < 3000 && owners == NULL; i++) {
		(void)ask(user, &owners, span_s(30));
		(void)nanosleep(&nap, NULL);
	}
	ck_assert_ptr_nonnull(owners);
	owners_unref(&owners);
}

START_TEST(owner_map_answers)
{
	struct owners *owners;
	const struct identity_user *row;

	manner = _i == 0 ? ANSWERS : TRICKLES;
	ck_assert_int_eq(ask("alice@example.com", &owners, span_s(30)),
	    OWNER_MAP_FOUND);
	ck_assert_str_eq(last_question, "senders alice@example.com");
	row = owners_find(owners, "alice@example.com");
	ck_assert_uint_eq(row->senders.count, 2);
	ck_assert_str_eq(row->denied.list[0], "x@shop.example");
	owners_unref(&owners);
	/* with its realm, then without; another realm is never left out */
	expect("bob@example.com", OWNER_MAP_FOUND);
	expect("bob@other.example", OWNER_MAP_NONE);
	expect("nobody@example.com", OWNER_MAP_NONE);
	ck_assert_str_eq(last_question, "senders nobody");
	ck_assert_int_eq(questions, 6);
	ck_assert_int_eq(connections, 1);
}
END_TEST

START_TEST(owner_map_wrong_answers_are_none)
{
	static const enum manner manners[] = { HANGS_UP, GARBAGE, TWO_ANSWERS,
		TEMP, PERM, NONSENSE };

	manner = manners[_i];
	expect("alice@example.com", OWNER_MAP_AWAY);
	manner = ANSWERS;
	expect_back("alice@example.com");
}
END_TEST

START_TEST(owner_map_waits_no_longer_than_it_may)
{
	struct owners *owners;
	struct mono before = clock_now().mono;

	manner = MUTE;
	ck_assert_int_eq(ask("alice@example.com", &owners, span_ms(100)),
	    OWNER_MAP_AWAY);
	ck_assert(mono_since(clock_now().mono, before).us < 20 * SPAN_SECOND);
	/* the breaker: the next ones do not wait at all, and ask nobody */
	ck_assert_int_eq(ask("alice@example.com", &owners, span_s(600)),
	    OWNER_MAP_AWAY);
	manner = ANSWERS;
	expect_back("alice@example.com");
}
END_TEST

START_TEST(owner_map_goes_away_and_comes_back)
{
	expect("alice@example.com", OWNER_MAP_FOUND);
	stop_server();
	expect("alice@example.com", OWNER_MAP_AWAY);
	start_server();
	expect_back("alice@example.com");
	/* a restart nobody was asked in costs no answer */
	stop_server();
	start_server();
	expect("alice@example.com", OWNER_MAP_FOUND);
}
END_TEST

START_TEST(owner_map_keeps_answers)
{
	owner_map_free(&map);
	config_unref(&config);
	use_cache("1h");
	expect("alice@example.com", OWNER_MAP_FOUND);
	expect("nobody@example.com", OWNER_MAP_NONE);
	ck_assert_int_eq(questions, 3);
	stop_server();
	expect("alice@example.com", OWNER_MAP_FOUND);
	expect("nobody@example.com", OWNER_MAP_NONE);
	expect("other@example.com", OWNER_MAP_AWAY);
	start_server();
	/* no answer is none to keep */
	expect_back("bob@example.com");
	expect("other@example.com", OWNER_MAP_NONE);
}
END_TEST

START_TEST(owner_map_keeps_so_many_and_no_more)
{
	char user[32];

	owner_map_free(&map);
	config_unref(&config);
	use_cache("1h");
	for (int i = 0; i < OWNER_MAP_MAX + 500; i++) {
		(void)snprintf(user, sizeof(user), "u%d@other.example", i);
		expect(user, OWNER_MAP_NONE);
	}
	questions = 0;
	expect("u0@other.example", OWNER_MAP_NONE);
	ck_assert_int_eq(questions, 1);
	(void)snprintf(user, sizeof(user), "u%d@other.example",
	    OWNER_MAP_MAX + 499);
	expect(user, OWNER_MAP_NONE);
	ck_assert_int_eq(questions, 1);
}
END_TEST

static void *
ask_often(void *ctx)
{
	for (int i = 0; i < 200; i++)
		expect(i % 2 == 0 ? "alice@example.com" : "no@other.example",
		    i % 2 == 0 ? OWNER_MAP_FOUND : OWNER_MAP_NONE);
	return ctx;
}

START_TEST(owner_map_is_asked_by_many)
{
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often,
		    NULL), 0);
	for (int i = 0; i < 8; i++)
		(void)pthread_join(threads[i], NULL);
	ck_assert_int_eq(questions, 8 * 200);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("owner_map");
	TCase *tcase = tcase_create("owner_map");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, owner_map_answers, 0, 2);
	tcase_add_loop_test(tcase, owner_map_wrong_answers_are_none, 0, 6);
	tcase_add_test(tcase, owner_map_waits_no_longer_than_it_may);
	tcase_add_test(tcase, owner_map_goes_away_and_comes_back);
	tcase_add_test(tcase, owner_map_keeps_answers);
	tcase_add_test(tcase, owner_map_keeps_so_many_and_no_more);
	tcase_add_test(tcase, owner_map_is_asked_by_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
