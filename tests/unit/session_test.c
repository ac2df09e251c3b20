/* Sessions in progress, found by whatever the other side knows of them. */
#include "core/session.h"

#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t seed[16] = "0123456789abcde";
static struct sessions *sessions;

static void
begin(void)
{
	sessions = sessions_new(seed);
}

static void
end(void)
{
	sessions_free(&sessions);
	ck_assert_ptr_null(sessions);
}

static struct netaddr
addr(const char *text)
{
	struct netaddr out;

	ck_assert_int_eq(netaddr_parse(text, &out), 0);
	return out;
}

static struct session_key
key_of(const char *instance, uint64_t id)
{
	struct session_key key = { .id = id };

	strcpy(key.instance, instance);
	return key;
}

static struct session *
add_to(const char *listener, const char *instance, uint64_t id,
    const char *client, uint16_t port)
{
	struct session_key key = key_of(instance, id);
	struct netaddr from = addr(client);

	return sessions_add(sessions, &key, listener, &from, port);
}

static struct session *
add(const char *instance, uint64_t id, const char *client, uint16_t port)
{
	return add_to("submission", instance, id, client, port);
}

static uint32_t
open_of(const char *listener, const char *client)
{
	struct netaddr from = addr(client);

	return sessions_open_of(sessions, listener, &from);
}

static void
mail(struct session *session, const char *sender, const char *queue_id)
{
	session->mail = true;
	strcpy(session->sender, sender);
	session_set_queue_id(sessions, session, queue_id);
}

START_TEST(session_is_found_by_its_key)
{
	struct session_key key = key_of("m1", 7), other = key_of("m2", 7);
	struct session *session = add("m1", 7, "192.0.2.1", 1000);

	ck_assert_ptr_nonnull(session);
	ck_assert_ptr_eq(sessions_find(sessions, &key), session);
	ck_assert_ptr_null(sessions_find(sessions, &other));
	ck_assert_ptr_null(add("m1", 7, "192.0.2.9", 2000));
	ck_assert_uint_eq(sessions_count(sessions), 1);
	ck_assert_ptr_nonnull(add("m2", 7, "192.0.2.1", 1000));
	sessions_remove(sessions, session);
	ck_assert_ptr_null(sessions_find(sessions, &key));
	ck_assert_uint_eq(sessions_count(sessions), 1);
}
END_TEST

START_TEST(session_counts_by_listener_and_source)
{
	struct session *first = add("m", 1, "192.0.2.1", 1);

	(void)add("m", 2, "192.0.2.1", 2);
	(void)add("m", 3, "192.0.2.2", 2);
	(void)add("m", 4, "2001:db8:0:1::1", 2);
	(void)add("m", 5, "2001:db8:0:1:ffff::2", 2);
	(void)add("m", 6, "2001:db8:0:2::1", 2);
	(void)add_to("default", "m", 7, "192.0.2.1", 3);
	ck_assert_uint_eq(sessions_open(sessions, "submission"), 6);
	ck_assert_uint_eq(sessions_open(sessions, "default"), 1);
	ck_assert_uint_eq(sessions_open(sessions, "other"), 0);
	ck_assert_uint_eq(open_of("submission", "192.0.2.1"), 2);
	ck_assert_uint_eq(open_of("submission", "::ffff:192.0.2.1"), 2);
	ck_assert_uint_eq(open_of("default", "192.0.2.1"), 1);
	ck_assert_uint_eq(open_of("submission", "2001:db8:0:1::9"), 2);
	ck_assert_uint_eq(open_of("submission", "2001:db8:0:2::9"), 1);
	ck_assert_uint_eq(open_of("submission", "192.0.2.3"), 0);
	sessions_remove(sessions, first);
	ck_assert_uint_eq(sessions_open(sessions, "submission"), 5);
	ck_assert_uint_eq(open_of("submission", "192.0.2.1"), 1);
}
END_TEST

/* Also those that are open when it changes. */
START_TEST(session_counts_by_the_prefix_in_use)
{
	struct session *first = add("m", 1, "2001:db8:0:1::1", 1);

	(void)add("m", 2, "2001:db8:0:2::1", 1);
	(void)add("m", 3, "192.0.2.1", 1);
	sessions_use_prefix(sessions, 48);
	ck_assert_uint_eq(open_of("submission", "2001:db8:0:ffff::1"), 2);
	(void)add("m", 4, "2001:db8:0:3::1", 1);
	ck_assert_uint_eq(open_of("submission", "2001:db8::1"), 3);
	sessions_remove(sessions, first);
	ck_assert_uint_eq(open_of("submission", "2001:db8::1"), 2);
	sessions_use_prefix(sessions, 128);
	ck_assert_uint_eq(open_of("submission", "2001:db8::1"), 0);
	ck_assert_uint_eq(open_of("submission", "2001:db8:0:3::1"), 1);
	ck_assert_uint_eq(open_of("submission", "192.0.2.1"), 1);
	ck_assert_uint_eq(sessions_open(sessions, "submission"), 3);
}
END_TEST

START_TEST(session_names_too_long_are_refused)
{
	char listener[NAME_MAX_LEN + 2], queue_id[QUEUE_ID_MAX + 2];
	struct session *session = add("m", 1, "192.0.2.1", 1);
	struct netaddr from = addr("192.0.2.1");
	bool ambiguous;

	memset(listener, 'l', sizeof(listener));
	listener[NAME_MAX_LEN + 1] = '\0';
	ck_assert_ptr_null(add_to(listener, "m", 2, "192.0.2.1", 1));
	ck_assert_uint_eq(sessions_open(sessions, listener), 0);
	memset(queue_id, 'Q', sizeof(queue_id));
	queue_id[QUEUE_ID_MAX + 1] = '\0';
	mail(session, "a@x", queue_id);
	ck_assert_str_eq(session->queue_id, "");
	ck_assert_ptr_eq(sessions_match(sessions, queue_id, &from, 1, "a@x",
	    &ambiguous), session);
}
END_TEST

/* --- which one the policy service means --- */

enum { NONE = -1, AMBIGUOUS = -2 };

static const struct {
	const char *what;
	struct {
		const char *client;
		uint16_t port;
		const char *sender, *queue_id; /* sender NULL: no mail */
	} open[3];
	const char *queue_id, *client;
	uint16_t port;
	const char *sender;
	int want;
} matches[] = {
	{ "by queue id, whatever else is said",
	    { { "192.0.2.1", 1, "a@x", "Q1" }, { "192.0.2.1", 1, "b@x",
		"Q2" } }, "Q2", "192.0.2.9", 9, "c@x", 1 },
	{ "not known yet: by client and sender",
	    { { "192.0.2.1", 1, "a@x", "" }, { "192.0.2.1", 2, "a@x", "" } },
	    "Q1", "192.0.2.1", 2, "a@x", 1 },
	{ "another sender", { { "192.0.2.1", 1, "a@x", "" } },
	    "Q1", "192.0.2.1", 1, "b@x", NONE },
	{ "the null sender is one", { { "192.0.2.1", 1, "", "" } },
	    "", "192.0.2.1", 1, "", 0 },
	{ "another port", { { "192.0.2.1", 1, "a@x", "" } },
	    "Q1", "192.0.2.1", 2, "a@x", NONE },
	{ "another client", { { "192.0.2.1", 1, "a@x", "" } },
	    "", "192.0.2.2", 1, "a@x", NONE },
	{ "has another queue id", { { "192.0.2.1", 1, "a@x", "Q1" } },
	    "Q2", "192.0.2.1", 1, "a@x", NONE },
	{ "asked without a queue id", { { "192.0.2.1", 1, "a@x", "Q1" } },
	    "", "192.0.2.1", 1, "a@x", 0 },
	{ "no mail in progress", { { "192.0.2.1", 1, NULL, "" } },
	    "", "192.0.2.1", 1, "", NONE },
	{ "two of one client without ports",
	    { { "192.0.2.1", 0, "a@x", "" }, { "192.0.2.1", 0, "a@x", "" } },
	    "Q1", "192.0.2.1", 0, "a@x", AMBIGUOUS },
	{ "told apart by sender",
	    { { "192.0.2.1", 0, "a@x", "" }, { "192.0.2.1", 0, "b@x", "" } },
	    "Q1", "192.0.2.1", 0, "b@x", 1 },
	{ "told apart by queue id",
	    { { "192.0.2.1", 0, "a@x", "Q1" }, { "192.0.2.1", 0, "a@x",
		"" } }, "Q2", "192.0.2.1", 0, "a@x", 1 },
	{ "one queue id in two Postfix instances",
	    { { "192.0.2.1", 1, "a@x", "Q1" }, { "192.0.2.2", 1, "a@x",
		"Q1" } }, "Q1", "192.0.2.1", 1, "a@x", 0 },
	{ "and nothing to tell them apart",
	    { { "192.0.2.1", 0, "a@x", "Q1" }, { "192.0.2.1", 0, "a@x",
		"Q1" } }, "Q1", "192.0.2.1", 0, "a@x", AMBIGUOUS },
	{ "nobody there", { { NULL, 0, NULL, NULL } },
	    "Q1", "192.0.2.1", 1, "a@x", NONE },
};

START_TEST(session_that_is_meant)
{
	struct netaddr client = addr(matches[_i].client);
	struct session *open[3] = { NULL }, *found;
	bool ambiguous = false;
	int got;

	for (int i = 0; i < 3 && matches[_i].open[i].client != NULL; i++) {
		open[i] = add("m", (uint64_t)i, matches[_i].open[i].client,
		    matches[_i].open[i].port);
		if (matches[_i].open[i].sender != NULL)
			mail(open[i], matches[_i].open[i].sender,
			    matches[_i].open[i].queue_id);
	}
	found = sessions_match(sessions, matches[_i].queue_id, &client,
	    matches[_i].port, matches[_i].sender, &ambiguous);
	got = ambiguous ? AMBIGUOUS : NONE;
	for (int i = 0; i < 3 && found != NULL; i++)
		got = open[i] == found ? i : got;
	ck_assert_msg(got == matches[_i].want &&
	    (found != NULL) == (got >= 0), "%s: %d", matches[_i].what, got);
}
END_TEST

START_TEST(session_reset_ends_the_message)
{
	static const struct receipt charged = { .cost = 1 };
	struct session *session = add("m", 1, "192.0.2.1", 1);
	struct netaddr client = addr("192.0.2.1");
	bool ambiguous;

	mail(session, "a@x", "Q1");
	session->has_user = true;
	session->recipients = 4;
	receipts_add(&session->receipts, &charged, (struct mono) { 0 });
	session_set_queue_id(sessions, session, "Q2"); /* moved */
	ck_assert_ptr_null(sessions_match(sessions, "Q1", &client, 1, "a@x",
	    &ambiguous));
	ck_assert_ptr_eq(sessions_match(sessions, "Q2", &client, 9, "",
	    &ambiguous), session);
	session_reset(sessions, session);
	ck_assert(!session->mail && !session->has_user);
	ck_assert_uint_eq(session->recipients, 0);
	ck_assert_uint_eq(session->receipts.count, 0);
	ck_assert_ptr_null(session->receipts.list);
	ck_assert_ptr_null(sessions_match(sessions, "Q2", &client, 9, "",
	    &ambiguous));
	ck_assert_uint_eq(sessions_count(sessions), 1);
}
END_TEST

/* --- instances --- */

static struct mono
second(double s)
{
	return (struct mono) { (int64_t)(s * 1e6) };
}

START_TEST(session_instance_has_a_grace)
{
	const char *names[4];

	sessions_instance_up(sessions, "m1");
	sessions_instance_up(sessions, "m1");
	sessions_instance_up(sessions, "m2");
	ck_assert_uint_eq(sessions_instances(sessions, names, 4), 2);
	ck_assert_uint_eq(sessions_instances(sessions, names, 1), 1);
	(void)add("m1", 1, "192.0.2.1", 1);
	(void)add("m2", 1, "192.0.2.1", 1);
	(void)add("local", 1, "192.0.2.1", 1); /* never had a connection */
	sessions_instance_down(sessions, "m1", second(10));
	ck_assert_uint_eq(sessions_expire(sessions, second(100)), 0);
	sessions_instance_down(sessions, "m1", second(100));
	ck_assert_uint_eq(sessions_instances(sessions, names, 4), 1);
	ck_assert_str_eq(names[0], "m2");
	ck_assert_uint_eq(sessions_expire(sessions, second(104.9)), 0);
	sessions_instance_up(sessions, "m1"); /* back in time */
	ck_assert_uint_eq(sessions_expire(sessions, second(106)), 0);
	sessions_instance_down(sessions, "m1", second(106));
	ck_assert_uint_eq(sessions_expire(sessions, second(111)), 1);
	ck_assert_uint_eq(sessions_count(sessions), 2);
	ck_assert_uint_eq(open_of("submission", "192.0.2.1"), 2);
	ck_assert_uint_eq(sessions_expire(sessions, second(200)), 0);
	sessions_instance_down(sessions, "m1", second(200)); /* unknown now */
	sessions_instance_down(sessions, "nobody", second(200));
}
END_TEST

START_TEST(session_instance_without_sessions_is_forgotten)
{
	char name[INSTANCE_MAX + 1];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "m%d", i);
		sessions_instance_up(sessions, name);
		sessions_instance_down(sessions, name, second(i));
		(void)sessions_expire(sessions, second(i));
	}
	ck_assert_uint_eq(sessions_instances(sessions, NULL, 0), 0);
}
END_TEST

START_TEST(session_expire_takes_so_many_a_call)
{
	size_t dropped;

	sessions_instance_up(sessions, "m");
	for (uint64_t i = 0; i < 2 * SESSIONS_EXPIRE_MAX + 1; i++)
		(void)add("m", i, "192.0.2.1", (uint16_t)i);
	sessions_instance_down(sessions, "m", second(0));
	dropped = sessions_expire(sessions, second(5));
	ck_assert_uint_eq(dropped, SESSIONS_EXPIRE_MAX);
	ck_assert_uint_eq(sessions_expire(sessions, second(5)), dropped);
	ck_assert_uint_eq(sessions_expire(sessions, second(5)), 1);
	ck_assert_uint_eq(sessions_expire(sessions, second(5)), 0);
	ck_assert_uint_eq(sessions_open(sessions, "submission"), 0);
}
END_TEST

static void
show(void *ctx, const char *listener, const struct netaddr *source,
    uint32_t open)
{
	char *text = ctx, buf[NETADDR_TEXT_MAX];

	(void)sprintf(text + strlen(text), "%s %s %u\n", listener,
	    netaddr_format(source, buf), open);
}

START_TEST(session_sources_are_shown)
{
	char text[500] = "";

	(void)add("m", 1, "192.0.2.1", 1);
	(void)add("m", 2, "192.0.2.1", 2);
	(void)add("m", 3, "2001:db8::1", 2);
	(void)add_to("default", "m", 4, "192.0.2.1", 2);
	sessions_sources(sessions, show, text);
	ck_assert_ptr_nonnull(strstr(text, "submission 192.0.2.1 2\n"));
	ck_assert_ptr_nonnull(strstr(text, "submission 2001:db8:: 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "default 192.0.2.1 1\n"));
	ck_assert_uint_eq(strlen(text), strlen("submission 192.0.2.1 2\n"
	    "submission 2001:db8:: 1\ndefault 192.0.2.1 1\n"));
}
END_TEST

/* seed 3.17 and issue 4: no leak, whatever order sessions end in. */
START_TEST(session_hundred_thousand_in_any_order)
{
	static struct session *open[500];
	unsigned state = 1;
	uint32_t count = 0;

	for (uint64_t i = 0; i < 100000; i++) {
		struct session **place;
		char client[32], queue_id[16];

		state = state * 1103515245 + 12345;
		place = &open[state / 65536 % 500];
		if (*place != NULL) {
			sessions_remove(sessions, *place);
			*place = NULL;
			count--;
			continue;
		}
		(void)snprintf(client, sizeof(client), "192.0.2.%u",
		    state / 65536 % 7);
		(void)snprintf(queue_id, sizeof(queue_id), "Q%u",
		    state / 65536 % 100);
		*place = add("m", i, client, state / 65536 % 5);
		if (*place == NULL)
			ck_abort_msg("refused");
		mail(*place, "a@x", queue_id);
		count++;
		if (sessions_open(sessions, "submission") != count)
			ck_abort_msg("miscounted");
	}
	for (int i = 0; i < 500; i++) {
		if (open[i] != NULL)
			sessions_remove(sessions, open[i]);
	}
	ck_assert_uint_eq(sessions_count(sessions), 0);
	for (int i = 0; i < 7; i++) {
		char client[32];

		(void)snprintf(client, sizeof(client), "192.0.2.%d", i);
		ck_assert_uint_eq(open_of("submission", client), 0);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("session");
	TCase *tcase = tcase_create("session");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, session_is_found_by_its_key);
	tcase_add_test(tcase, session_counts_by_listener_and_source);
	tcase_add_test(tcase, session_counts_by_the_prefix_in_use);
	tcase_add_test(tcase, session_names_too_long_are_refused);
	tcase_add_loop_test(tcase, session_that_is_meant, 0,
	    sizeof(matches) / sizeof(matches[0]));
	tcase_add_test(tcase, session_reset_ends_the_message);
	tcase_add_test(tcase, session_instance_has_a_grace);
	tcase_add_test(tcase, session_instance_without_sessions_is_forgotten);
	tcase_add_test(tcase, session_expire_takes_so_many_a_call);
	tcase_add_test(tcase, session_sources_are_shown);
	tcase_add_test(tcase, session_hundred_thousand_in_any_order);
	suite_add_tcase(suite, tcase);
	return suite;
}
