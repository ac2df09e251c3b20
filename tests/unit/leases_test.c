/*
 * A hundred thousand sessions end in every possible way, in an order that
 * chance decides: said, said twice, never said by a milter that died, said of
 * one that was announced late or asked for twice. What is counted is held
 * against a plain list all along, and is nothing at the end.
 */
#include "core/gate.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

enum {
	LIVES = 100000,
	AT_ONCE = 400,
	INSTANCES = 5,
	SOURCES = 40,
	LISTENERS = 2
};

static const uint8_t seed[16] = "0123456789abcde";
static const char *const names[LISTENERS] = { "submission", "default" };
static struct listener listeners[LISTENERS];
static struct throttle throttle;
static struct config config;
static struct gate gate;
static struct now now;
static uint64_t chance = 88172645463325252U;

/* What should be open, kept as plainly as can be. */
static struct life {
	bool open;
	struct session_key key;
	unsigned instance, source, listener;
} lives[AT_ONCE];

static struct milter {
	unsigned run; /* a restarted one has another name */
	unsigned connections;
} milters[INSTANCES];

static unsigned lived, refused, died_with_milter;

static unsigned
pick(unsigned n) /* xorshift64 */
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned)(chance % n);
}

static void
begin(void)
{
	for (unsigned i = 0; i < LISTENERS; i++)
		listeners[i] = (struct listener){ .name = names[i],
			.max_connections = 150,
			.max_connections_per_source = 12,
			.max_connections_per_source_percent = 10,
			.over_limit = i == 0 ? ACTION_DEFER : ACTION_OBSERVE };
	throttle = (struct throttle){ .name = "m",
		.what = LIMIT_MESSAGES,
		.by = { LIMIT_BY_CLIENT },
		.nby = 1,
		.nrates = 1,
		.rates = { { 50, { 60 * SPAN_SECOND } } },
		.action = ACTION_DEFER };
	config.state.max_keys = 1000;
	config.listeners = listeners;
	config.nlisteners = LISTENERS;
	config.throttles = &throttle;
	config.nthrottles = 1;
	now.mono.us = 1000 * SPAN_SECOND;
	gate_init(&gate, &config, seed, NULL);
}

static void
end(void)
{
	gate_clear(&gate);
}

/* --- the plain list --- */

static struct netaddr
address_of(unsigned source)
{
	char text[NETADDR_TEXT_MAX];
	struct netaddr addr;

	/* another host of the same /64 each time, for half of them */
	if (source % 2 == 0)
		(void)snprintf(text, sizeof(text), "192.0.2.%u", source);
	else
		(void)snprintf(
		    text, sizeof(text), "2001:db8:%x::%x", source, pick(1000));
	ck_assert_int_eq(netaddr_parse(text, &addr), 0);
	return addr;
}

static void
name_instance(unsigned instance, char name_r[INSTANCE_MAX + 1])
{
	(void)snprintf(name_r, INSTANCE_MAX + 1, "milter-%u-%u", instance,
	    milters[instance].run);
}

static uint32_t
plain_count(unsigned listener, unsigned source)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < AT_ONCE; i++)
		n += lives[i].open && lives[i].listener == listener &&
		     (source == SOURCES || lives[i].source == source);
	return n;
}

static void
hold_against(void)
{
	for (unsigned l = 0; l < LISTENERS; l++) {
		ck_assert_uint_eq(sessions_open(gate.sessions, names[l]),
		    plain_count(l, SOURCES));
		for (unsigned s = 0; s < SOURCES; s++) {
			struct netaddr addr = address_of(s);

			ck_assert_uint_eq(
			    sessions_open_of(gate.sessions, names[l], &addr),
			    plain_count(l, s));
		}
	}
	ck_assert_uint_eq(sessions_count(gate.sessions),
	    plain_count(0, SOURCES) + plain_count(1, SOURCES));
}

/* --- what may happen --- */

static struct session *
session_of(const struct life *life)
{
	return sessions_find(gate.sessions, &life->key);
}

static void
close_life(struct life *life)
{
	struct session *session = session_of(life);

	ck_assert((session != NULL) == life->open);
	if (session != NULL)
		gate_close(&gate, session);
	life->open = false;
}

static void
ask_connect(struct life *life)
{
	struct netaddr addr = address_of(life->source);
	struct verdict verdict;

	life->open = gate_connect(&gate, &config, &life->key,
	    names[life->listener], &addr, 1, now, &verdict);
	refused += !life->open;
}

static void
announce(struct life *life)
{
	struct netaddr addr = address_of(life->source);

	gate_announce(&gate, &life->key, names[life->listener], &addr, 1);
	life->open = true;
}

static void
begin_life(struct life *life)
{
	life->instance = pick(INSTANCES);
	life->source = pick(SOURCES);
	life->listener = pick(LISTENERS);
	memset(&life->key, 0, sizeof(life->key));
	name_instance(life->instance, life->key.instance);
	life->key.id = ++lived;
	if (milters[life->instance].connections++ == 0)
		sessions_instance_up(gate.sessions, life->key.instance);
	if (pick(10) == 0)
		announce(life); /* opened while the state was away */
	else
		ask_connect(life);
	if (pick(20) == 0 && life->open)
		ask_connect(life); /* the answer was lost */
}

static void
use_life(struct life *life)
{
	struct session *session = session_of(life);
	struct verdict verdict;
	char queue_id[16];

	if (!gate_mail(&gate, &config, session, "u", "a@x", 0, now, &verdict))
		return;
	if (pick(2) == 0)
		(void)gate_rcpt(
		    &gate, &config, session, "r@y", true, now, &verdict);
	(void)snprintf(queue_id, sizeof(queue_id), "Q%u", pick(50));
	session_set_queue_id(gate.sessions, session, queue_id);
	if (pick(2) == 0)
		gate_done(&gate, session, pick(2) == 0, now);
}

/* Each way has its number; the message in progress is left as it is. */
static void
end_life(struct life *life)
{
	switch (pick(4)) {
	case 0:
		close_life(life);
		close_life(life); /* told once more: farewells */
		break;
	case 1: /* an announcement overtook the end, which is told again */
		close_life(life);
		announce(life);
		close_life(life);
		break;
	default:
		close_life(life);
	}
}

/* Every session of a milter that died goes with it, after its grace. */
static void
kill_milter(unsigned instance)
{
	char name[INSTANCE_MAX + 1];

	name_instance(instance, name);
	if (milters[instance].connections == 0)
		return;
	sessions_instance_down(gate.sessions, name, now.mono);
	now.mono.us += SESSION_GRACE.us - 1;
	ck_assert_uint_eq(sessions_expire(gate.sessions, now.mono), 0);
	now.mono.us += 1;
	(void)sessions_expire(gate.sessions, now.mono);
	for (unsigned i = 0; i < AT_ONCE; i++) {
		if (lives[i].open && lives[i].instance == instance) {
			lives[i].open = false;
			died_with_milter++;
		}
	}
	milters[instance].connections = 0;
	milters[instance].run++;
}

/* Its connections went, and came back in time: nothing is lost. */
static void
blink_milter(unsigned instance)
{
	char name[INSTANCE_MAX + 1];

	name_instance(instance, name);
	if (milters[instance].connections == 0)
		return;
	sessions_instance_down(gate.sessions, name, now.mono);
	now.mono.us += SESSION_GRACE.us / 2;
	sessions_instance_up(gate.sessions, name);
	now.mono.us += SESSION_GRACE.us;
	ck_assert_uint_eq(sessions_expire(gate.sessions, now.mono), 0);
}

static void
step(void)
{
	struct life *life = &lives[pick(AT_ONCE)];
	unsigned what = pick(1000);

	now.mono.us += 1000;
	if (what == 0)
		kill_milter(pick(INSTANCES));
	else if (what == 1)
		blink_milter(pick(INSTANCES));
	else if (!life->open)
		begin_life(life);
	else if (what < 400)
		use_life(life);
	else
		end_life(life);
}

static void
any_source(void *ctx, const char *listener, const struct netaddr *source,
    uint32_t open)
{
	(void)listener;
	(void)source;
	(void)open;
	++*(unsigned *)ctx;
}

START_TEST(leases_of_a_hundred_thousand_sessions_all_end)
{
	const char *instances[1];
	unsigned sources = 0;

	for (unsigned i = 0; lived < LIVES; i++) {
		step();
		if (i % 2000 == 0)
			hold_against();
	}
	hold_against();
	ck_assert_uint_gt(plain_count(0, SOURCES), 0);
	ck_assert_uint_gt(refused, 1000);
	ck_assert_uint_gt(died_with_milter, 1000);
	for (unsigned i = 0; i < AT_ONCE; i += 2)
		close_life(&lives[i]);
	for (unsigned i = 0; i < INSTANCES; i++)
		kill_milter(i);
	hold_against();
	ck_assert_uint_eq(sessions_count(gate.sessions), 0);
	sessions_sources(gate.sessions, any_source, &sources);
	ck_assert_uint_eq(sources, 0);
	ck_assert_uint_eq(sessions_instances(gate.sessions, instances, 1), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("leases");
	TCase *tcase = tcase_create("leases");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, leases_of_a_hundred_thousand_sessions_all_end);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return suite;
}
