/* The ladder, the heartbeat, and what each kind of evidence does. */
#include "core/health.h"

#include "check_main.h"

#include <string.h>

#define T0     (struct mono) { 1000 * SPAN_SECOND }
#define MINUTE (60 * SPAN_SECOND)

static const struct ladder hub = {
	.rungs = { { { MINUTE }, 4 }, { { 5 * MINUTE }, 6 },
	    { { 10 * MINUTE }, 1 } },
	.count = 3,
};
static const struct ladder edge = {
	.rungs = { { { MINUTE }, 4 }, { { 10 * MINUTE }, 6 },
	    { { 30 * MINUTE }, 1 } },
	.count = 3,
};

static struct health_settings
settings_of(const struct ladder *ladder, int heartbeat_s)
{
	return (struct health_settings) { .ladder = *ladder,
		.heartbeat = span_s(heartbeat_s), .timeout = span_s(10),
		.probe = PROBE_EHLO };
}

static struct mono
at_s(int64_t seconds)
{
	return mono_add(T0, span_s(seconds));
}

static enum health_change
feed(struct health *health, const struct health_settings *settings,
    enum evidence_grade grade, enum evidence_source source, enum stage stage,
    int64_t seconds)
{
	struct evidence evidence = { .grade = grade, .source = source,
		.stage = stage, .code = 111, .error = "ECONNREFUSED" };

	return health_on(health, settings, &evidence, at_s(seconds));
}

static struct health
fresh(const struct health_settings *settings)
{
	struct health health;

	health_init(&health, settings->heartbeat, T0);
	return health;
}

static struct health
refused_at_0(const struct health_settings *settings)
{
	struct health health = fresh(settings);

	ck_assert_int_eq(feed(&health, settings, EVIDENCE_HARD,
	    EVIDENCE_DELIVERY, STAGE_TCP, 0), HEALTH_WENT_DOWN);
	return health;
}

/*
 * Asks each second until 'until', lets every probe fail (as trials at once);
 * notes when trials were made. With noise, deliveries and heartbeats fail in
 * between, many a second. How many trials.
 */
static size_t
run_failing(struct health *health, const struct health_settings *settings,
    int64_t until, bool noise, int64_t *trials, size_t max)
{
	size_t n = 0;

	for (int64_t s = 1; s <= until; s++) {
		enum evidence_source as;

		for (int i = 0; noise && i < 20; i++)
			feed(health, settings, i % 3 == 0 ? EVIDENCE_SOFT
			    : EVIDENCE_HARD, EVIDENCE_DELIVERY, STAGE_TCP, s);
		while (health_take_probe(health, settings, at_s(s), &as)) {
			if (as == EVIDENCE_TRIAL) {
				ck_assert_uint_lt(n, max);
				trials[n++] = s;
			}
			feed(health, settings, EVIDENCE_HARD, as, STAGE_TCP, s);
		}
	}
	return n;
}

/* Requirements 4.13, 4.15, 4.16 and the edge column of each. */
static const struct {
	const struct ladder *ladder;
	int heartbeat_s;
	bool noise;
	int64_t minutes[14]; /* 0 ends */
} ladders[] = {
	{ &hub, 0, false,
	    { 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44, 54, 64 } },
	{ &edge, 0, false,
	    { 1, 2, 3, 4, 14, 24, 34, 44, 54, 64, 94, 124, 154 } },
	{ &hub, 0, true, { 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44, 54, 64 } },
	{ &hub, 30, true, { 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44, 54, 64 } },
	{ &hub, 7, true, { 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44, 54, 64 } },
	{ &edge, 47, true,
	    { 1, 2, 3, 4, 14, 24, 34, 44, 54, 64, 94, 124, 154 } },
};

START_TEST(seed_4_13_4_15_4_16_trials_along_the_ladder)
{
	struct health_settings settings =
	    settings_of(ladders[_i].ladder, ladders[_i].heartbeat_s);
	struct health health = refused_at_0(&settings);
	int64_t trials[32];
	size_t n = run_failing(&health, &settings,
	    ladders[_i].minutes[12] * 60 + 59, ladders[_i].noise, trials, 32);

	ck_assert_uint_eq(n, 13);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(trials[i], ladders[_i].minutes[i] * 60);
	ck_assert_uint_eq(health.rung, 14);
	ck_assert(!health.healthy);
}
END_TEST

/* Requirement 4.17: asked a thousand times at the instant, once told yes. */
START_TEST(seed_4_17_one_attempt_whatever_the_load)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health health = refused_at_0(&settings);
	enum evidence_source as;
	int yes = 0;

	for (int n = 0; n < 1000; n++) {
		yes += health_take_probe(&health, &settings, at_s(60), &as);
		feed(&health, &settings, EVIDENCE_HARD, EVIDENCE_DELIVERY,
		    STAGE_TCP, 60);
	}
	ck_assert_int_eq(yes, 1);
	ck_assert_int_eq(as, EVIDENCE_TRIAL);
	ck_assert_uint_eq(health.failures, 1001);
}
END_TEST

START_TEST(a_probe_under_way_is_not_doubled)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health health = refused_at_0(&settings);
	enum evidence_source as;

	ck_assert(health_take_probe(&health, &settings, at_s(60), &as));
	ck_assert(!health_take_probe(&health, &settings, at_s(120), &as));
	feed(&health, &settings, EVIDENCE_HARD, EVIDENCE_DELIVERY, STAGE_TCP,
	    121);
	ck_assert(!health_take_probe(&health, &settings, at_s(122), &as));
	feed(&health, &settings, EVIDENCE_HARD, EVIDENCE_TRIAL, STAGE_TCP, 125);
	ck_assert(health_take_probe(&health, &settings, at_s(125), &as));
	ck_assert_int_eq(as, EVIDENCE_TRIAL);
}
END_TEST

/* It neither heals nor marks, and the next one is due as ever. */
START_TEST(a_probe_that_could_not_be_made_tells_nothing)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health sick = refused_at_0(&settings), well = fresh(&settings);
	unsigned failures = sick.failures;
	enum evidence_source as;

	ck_assert(health_take_probe(&sick, &settings, at_s(60), &as));
	feed(&sick, &settings, EVIDENCE_NONE, as, STAGE_TCP, 60);
	ck_assert(!sick.healthy);
	ck_assert_uint_eq(sick.failures, failures);
	ck_assert(!health_take_probe(&sick, &settings, at_s(61), &as));
	ck_assert(health_take_probe(&sick, &settings, at_s(120), &as));
	for (int s = 0; s < 10; s++)
		feed(&well, &settings, EVIDENCE_NONE, EVIDENCE_HEARTBEAT,
		    STAGE_TCP, s);
	ck_assert(well.healthy);
	ck_assert_uint_eq(well.falls, 0);
}
END_TEST

/* A probe whose end is never told is given up after 10 x its timeout. */
START_TEST(a_lost_probe_does_not_hang_the_ladder)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = refused_at_0(&settings);
	enum evidence_source as;

	ck_assert(health_take_probe(&health, &settings, at_s(60), &as));
	ck_assert(!health_take_probe(&health, &settings, at_s(159), &as));
	ck_assert_int_eq(health_next(&health, &settings).us, at_s(160).us);
	ck_assert(health_take_probe(&health, &settings, at_s(160), &as));
	ck_assert_int_eq(as, EVIDENCE_TRIAL);
}
END_TEST

/* Asked late each time (a busy loop): the instants stay on their grid. */
START_TEST(a_late_trial_does_not_shift_the_next)
{
	static const int64_t want[] = { 1, 2, 3, 4, 9, 14, 19 };
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = refused_at_0(&settings);
	enum evidence_source as;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		ck_assert_int_eq(health_next_trial(&health).us,
		    at_s(60 * want[i]).us);
		ck_assert(health_take_probe(&health, &settings,
		    at_s(60 * want[i] + 7), &as));
		feed(&health, &settings, EVIDENCE_HARD, as, STAGE_TCP,
		    60 * want[i] + 9);
	}
}
END_TEST

/* Suspended for a day: one trial on waking, not one for each step missed. */
START_TEST(missed_steps_are_not_caught_up)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = refused_at_0(&settings);
	enum evidence_source as;

	ck_assert(health_take_probe(&health, &settings, at_s(86400), &as));
	feed(&health, &settings, EVIDENCE_HARD, as, STAGE_TCP, 86400);
	ck_assert(!health_take_probe(&health, &settings, at_s(86459), &as));
	ck_assert(health_take_probe(&health, &settings, at_s(86460), &as));
}
END_TEST

/* Requirements 4.20, 4.21. */
START_TEST(seed_4_20_4_21_heartbeat_ignores_the_list_and_heals)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health health = refused_at_0(&settings);
	enum evidence_source as;

	/* far up the ladder, ten minutes between trials */
	for (int64_t s = 1; s < 3000; s++) {
		if (health_take_probe(&health, &settings, at_s(s), &as))
			feed(&health, &settings, EVIDENCE_HARD, as, STAGE_TCP,
			    s);
	}
	for (int64_t s = 3000; !health.healthy; s++) {
		ck_assert_int_lt(s, 3031);
		if (!health_take_probe(&health, &settings, at_s(s), &as))
			continue;
		ck_assert_int_eq(as, EVIDENCE_HEARTBEAT);
		ck_assert_int_eq(feed(&health, &settings, EVIDENCE_GOOD, as,
		    STAGE_EHLO, s), HEALTH_WENT_UP);
	}
	ck_assert_uint_eq(health.failures, 0);
	ck_assert_uint_eq(health.rung, 0);
}
END_TEST

/*
 * Beats every 30 s, so 3 s is "near". Wherever between two beats the failure
 * falls, no two probes come within 3 s, and trials keep their instants.
 */
START_TEST(a_heartbeat_near_a_trial_is_the_trial)
{
	for (int64_t failed = 1; failed <= 30; failed++) {
		struct health_settings settings = settings_of(&hub, 30);
		struct health health = fresh(&settings);
		int64_t last = -100;

		for (int64_t s = 0; s <= 400; s++) {
			enum evidence_source as;

			if (s == failed)
				feed(&health, &settings, EVIDENCE_HARD,
				    EVIDENCE_DELIVERY, STAGE_TCP, s);
			if (!health_take_probe(&health, &settings, at_s(s),
			    &as))
				continue;
			ck_assert_msg(s - last > 3,
			    "failed at %d: probes at %d and %d", (int)failed,
			    (int)last, (int)s);
			ck_assert(as == EVIDENCE_HEARTBEAT ||
			    s == failed + 60 || s == failed + 120 ||
			    s == failed + 180 || s == failed + 240);
			last = s;
			feed(&health, &settings, EVIDENCE_HARD, as, STAGE_TCP,
			    s);
		}
	}
}
END_TEST

START_TEST(seed_4_41_one_probe_an_interval)
{
	static const struct {
		int heartbeat_s, expected;
	} rows[] = { { 30, 10 }, { 60, 5 }, { 0, 0 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct health_settings settings =
		    settings_of(&hub, rows[i].heartbeat_s);
		struct health health = fresh(&settings);
		int beats = 0;

		for (int64_t s = 0; s <= 300; s++) {
			enum evidence_source as;

			if (!health_take_probe(&health, &settings, at_s(s),
			    &as))
				continue;
			beats++;
			ck_assert_int_eq(as, EVIDENCE_HEARTBEAT);
			feed(&health, &settings, EVIDENCE_GOOD, as, STAGE_EHLO,
			    s);
		}
		ck_assert_int_eq(beats, rows[i].expected);
	}
}
END_TEST

/* Asked only when health_next says so, the same trials are made. */
START_TEST(health_next_never_sleeps_through)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = fresh(&settings);
	int64_t want[] = { 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44, 54 };

	ck_assert_int_eq(health_next(&health, &settings).us, MONO_NEVER.us);
	health = refused_at_0(&settings);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct mono next = health_next(&health, &settings);
		enum evidence_source as;

		ck_assert_int_eq(next.us, at_s(60 * want[i]).us);
		ck_assert_int_eq(next.us, health_next_trial(&health).us);
		ck_assert(health_take_probe(&health, &settings, next, &as));
		feed(&health, &settings, EVIDENCE_HARD, as, STAGE_TCP,
		    60 * want[i]);
	}
}
END_TEST

struct step {
	int64_t at;
	enum evidence_grade grade;
	enum stage stage;
	enum health_change change;
};

/* Deliveries only. grade ends the row where stage is STAGE_COUNT. */
#define END { 0, 0, STAGE_COUNT, 0 }
static const struct {
	const char *rule;
	struct step steps[8];
} deliveries[] = {
	{ "hard marks at once",
	    { { 1, EVIDENCE_HARD, STAGE_TCP, HEALTH_WENT_DOWN }, END } },
	{ "one mark only",
	    { { 1, EVIDENCE_HARD, STAGE_TCP, HEALTH_WENT_DOWN },
	        { 2, EVIDENCE_HARD, STAGE_TCP, HEALTH_SAME }, END } },
	{ "two soft do not mark",
	    { { 1, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 2, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME }, END } },
	{ "three soft within 60 s mark",
	    { { 1, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 30, EVIDENCE_SOFT, STAGE_DATA, HEALTH_SAME },
	        { 61, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_WENT_DOWN }, END } },
	{ "three soft in 61 s do not, but the next may",
	    { { 1, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 30, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 62, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 63, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_WENT_DOWN }, END } },
	{ "a success between starts the count again",
	    { { 1, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 2, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 3, EVIDENCE_GOOD, STAGE_DATA, HEALTH_SAME },
	        { 4, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 5, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 6, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_WENT_DOWN }, END } },
	{ "a success that did not get there does not",
	    { { 1, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 2, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_SAME },
	        { 3, EVIDENCE_GOOD, STAGE_EHLO, HEALTH_SAME },
	        { 4, EVIDENCE_SOFT, STAGE_MAIL, HEALTH_WENT_DOWN }, END } },
	{ "a good delivery heals all",
	    { { 1, EVIDENCE_HARD, STAGE_AUTH, HEALTH_WENT_DOWN },
	        { 2, EVIDENCE_GOOD, STAGE_DATA, HEALTH_WENT_UP },
	        { 3, EVIDENCE_HARD, STAGE_AUTH, HEALTH_WENT_DOWN }, END } },
	{ "EHLO heals what lies before it, and itself",
	    { { 1, EVIDENCE_HARD, STAGE_EHLO, HEALTH_WENT_DOWN },
	        { 2, EVIDENCE_GOOD, STAGE_BANNER, HEALTH_SAME },
	        { 3, EVIDENCE_GOOD, STAGE_EHLO, HEALTH_WENT_UP }, END } },
	{ "EHLO does not heal AUTH",
	    { { 1, EVIDENCE_HARD, STAGE_AUTH, HEALTH_WENT_DOWN },
	        { 2, EVIDENCE_GOOD, STAGE_EHLO, HEALTH_SAME },
	        { 3, EVIDENCE_GOOD, STAGE_TLS, HEALTH_SAME },
	        { 4, EVIDENCE_GOOD, STAGE_AUTH, HEALTH_WENT_UP }, END } },
	{ "the farthest hard failure must be reached",
	    { { 1, EVIDENCE_HARD, STAGE_AUTH, HEALTH_WENT_DOWN },
	        { 2, EVIDENCE_HARD, STAGE_TCP, HEALTH_SAME },
	        { 3, EVIDENCE_GOOD, STAGE_EHLO, HEALTH_SAME },
	        { 4, EVIDENCE_GOOD, STAGE_DATA, HEALTH_WENT_UP }, END } },
	{ "a hard failure farther on raises the bar, a soft one does not",
	    { { 1, EVIDENCE_HARD, STAGE_TCP, HEALTH_WENT_DOWN },
	        { 2, EVIDENCE_SOFT, STAGE_DATA, HEALTH_SAME },
	        { 3, EVIDENCE_GOOD, STAGE_EHLO, HEALTH_WENT_UP },
	        { 4, EVIDENCE_HARD, STAGE_TCP, HEALTH_WENT_DOWN },
	        { 5, EVIDENCE_HARD, STAGE_TLS, HEALTH_SAME },
	        { 6, EVIDENCE_GOOD, STAGE_EHLO, HEALTH_SAME }, END } },
	{ "soft marks at the farthest of the three",
	    { { 1, EVIDENCE_SOFT, STAGE_DATA, HEALTH_SAME },
	        { 2, EVIDENCE_SOFT, STAGE_DNS, HEALTH_SAME },
	        { 3, EVIDENCE_SOFT, STAGE_DNS, HEALTH_WENT_DOWN },
	        { 4, EVIDENCE_GOOD, STAGE_MAIL, HEALTH_SAME },
	        { 5, EVIDENCE_GOOD, STAGE_DATA, HEALTH_WENT_UP }, END } },
};

START_TEST(evidence_of_deliveries)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = fresh(&settings);

	for (const struct step *step = deliveries[_i].steps;
	     step->stage != STAGE_COUNT; step++)
		ck_assert_msg(feed(&health, &settings, step->grade,
		    EVIDENCE_DELIVERY, step->stage, step->at) == step->change,
		    "%s: at %d s", deliveries[_i].rule, (int)step->at);
}
END_TEST

#define MAIL  EVIDENCE_DELIVERY
#define PROBE EVIDENCE_HEARTBEAT

/* One hard failure at 100 s, one success at 110 s: does it heal? */
static const struct {
	const char *rule;
	enum evidence_source finder;
	enum stage failed;
	enum evidence_source source;
	enum stage first, reached;
	int64_t age_s;
	bool heals;
} healings[] = {
	{ "mail heals all that mail found", MAIL, STAGE_DNS, MAIL, STAGE_DNS,
	    STAGE_DATA, 0, true },
	{ "and TLS: mail passed the way it goes", MAIL, STAGE_TLS, MAIL,
	    STAGE_DNS, STAGE_DATA, 0, true },
	{ "and AUTH", MAIL, STAGE_AUTH, MAIL, STAGE_DNS, STAGE_DATA, 0, true },
	{ "and DATA", MAIL, STAGE_DATA, MAIL, STAGE_DNS, STAGE_DATA, 0, true },
	{ "mail heals what a probe found on the way", PROBE, STAGE_TCP, MAIL,
	    STAGE_DNS, STAGE_DATA, 0, true },
	{ "up to EHLO", PROBE, STAGE_EHLO, MAIL, STAGE_DNS, STAGE_DATA, 0,
	    true },
	{ "but it may have gone without TLS", PROBE, STAGE_TLS, MAIL,
	    STAGE_DNS, STAGE_DATA, 0, false },
	{ "and without a login", PROBE, STAGE_AUTH, MAIL, STAGE_DNS,
	    STAGE_DATA, 0, false },
	{ "a probe heals what a probe found", PROBE, STAGE_TLS, PROBE,
	    STAGE_DNS, STAGE_TLS, 0, true },
	{ "and what mail found", MAIL, STAGE_TLS, PROBE, STAGE_DNS, STAGE_TLS,
	    0, true },
	{ "within its reach", MAIL, STAGE_TLS, PROBE, STAGE_DNS, STAGE_EHLO, 0,
	    false },
	{ "a reused connection was not made", MAIL, STAGE_TCP, MAIL,
	    STAGE_MAIL, STAGE_DATA, 0, false },
	{ "nor was TLS", MAIL, STAGE_TLS, MAIL, STAGE_MAIL, STAGE_DATA, 0,
	    false },
	{ "but it took mail", MAIL, STAGE_MAIL, MAIL, STAGE_MAIL, STAGE_DATA,
	    0, true },
	{ "begun at the failure", MAIL, STAGE_TCP, MAIL, STAGE_DNS, STAGE_DATA,
	    10, true },
	{ "begun before it", MAIL, STAGE_TCP, MAIL, STAGE_DNS, STAGE_DATA, 11,
	    false },
	{ "begun before what a probe found", PROBE, STAGE_TCP, MAIL, STAGE_DNS,
	    STAGE_DATA, 11, false },
	{ "begun long before", MAIL, STAGE_DATA, MAIL, STAGE_DNS, STAGE_DATA,
	    5000, false },
};

START_TEST(what_a_success_heals)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = fresh(&settings);
	struct evidence good = { .grade = EVIDENCE_GOOD,
		.source = healings[_i].source, .first = healings[_i].first,
		.stage = healings[_i].reached,
		.age = span_s(healings[_i].age_s) };
	enum health_change change;

	feed(&health, &settings, EVIDENCE_HARD, healings[_i].finder,
	    healings[_i].failed, 100);
	change = health_on(&health, &settings, &good, at_s(110));
	ck_assert_msg((change == HEALTH_WENT_UP) == healings[_i].heals,
	    "%s", healings[_i].rule);
	ck_assert_msg(health.healthy == healings[_i].heals, "%s",
	    healings[_i].rule);
}
END_TEST

/* Each by what can heal it, in either order. */
START_TEST(what_both_found_both_must_pass)
{
	static const enum evidence_source order[2][2] = { { MAIL, PROBE },
		{ PROBE, MAIL } };
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = fresh(&settings);
	struct evidence good[] = {
		[EVIDENCE_HEARTBEAT] = { .source = PROBE,
		    .stage = STAGE_TLS },
		[EVIDENCE_DELIVERY] = { .source = MAIL, .stage = STAGE_DATA },
	};

	feed(&health, &settings, EVIDENCE_HARD, MAIL, STAGE_AUTH, 1);
	feed(&health, &settings, EVIDENCE_HARD, PROBE, STAGE_TLS, 2);
	ck_assert_int_eq(health_on(&health, &settings, &good[order[_i][0]],
	    at_s(3)), HEALTH_SAME);
	ck_assert_int_eq(health_on(&health, &settings, &good[order[_i][0]],
	    at_s(4)), HEALTH_SAME);
	ck_assert_int_eq(health_on(&health, &settings, &good[order[_i][1]],
	    at_s(5)), HEALTH_WENT_UP);
}
END_TEST

/* Connected at 30 s, done at 36 s; a message was refused at 33 s. */
START_TEST(a_probe_that_began_before_does_not_heal)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health health = fresh(&settings);
	enum evidence_source as;

	ck_assert(health_take_probe(&health, &settings, at_s(30), &as));
	feed(&health, &settings, EVIDENCE_HARD, MAIL, STAGE_TCP, 33);
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_GOOD, as,
	    STAGE_EHLO, 36), HEALTH_SAME);
	ck_assert(health_take_probe(&health, &settings, at_s(60), &as));
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_GOOD, as,
	    STAGE_EHLO, 66), HEALTH_WENT_UP);
}
END_TEST

/*
 * Connected at 90 s and waiting; what came meanwhile healed it at 95 s, and at
 * 110 s the probe times out.
 */
START_TEST(a_probe_that_began_before_it_healed_does_not_mark)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health health = fresh(&settings);
	struct evidence operators = { .grade = EVIDENCE_HARD,
		.source = EVIDENCE_OPERATOR, .stage = STAGE_BANNER,
		.age = span_s(16) };
	enum evidence_source as;

	feed(&health, &settings, EVIDENCE_HARD, MAIL, STAGE_TCP, 35);
	ck_assert(health_take_probe(&health, &settings, at_s(90), &as));
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_GOOD, MAIL,
	    STAGE_DATA, 95), HEALTH_WENT_UP);
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_HARD, as,
	    STAGE_BANNER, 110), HEALTH_SAME);
	ck_assert(health.healthy);
	ck_assert_uint_eq(health.failures, 0);
	ck_assert_int_eq(health_on(&health, &settings, &operators, at_s(110)),
	    HEALTH_SAME);
	operators.age = span_s(15);
	ck_assert_int_eq(health_on(&health, &settings, &operators, at_s(110)),
	    HEALTH_WENT_DOWN);
}
END_TEST

/* Healed at 95 s; at 110 s the log tells of a message that was refused before. */
START_TEST(a_line_from_before_it_healed_does_not_mark)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = fresh(&settings);
	struct evidence line = { .grade = EVIDENCE_HARD, .source = MAIL,
		.stage = (enum stage)_i, .age = span_s(40),
		.over = span_s(16) };

	feed(&health, &settings, EVIDENCE_HARD, MAIL, STAGE_TCP, 35);
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_GOOD, MAIL,
	    STAGE_DATA, 95), HEALTH_WENT_UP);
	ck_assert_int_eq(health_on(&health, &settings, &line, at_s(110)),
	    HEALTH_SAME);
	ck_assert_uint_eq(health.falls, 0);
	/* it hung until then, however long ago it began */
	line.over = span_s(15);
	ck_assert_int_eq(health_on(&health, &settings, &line, at_s(110)),
	    HEALTH_WENT_DOWN);
}
END_TEST

/* The probe waited for the name, which is gone now. */
START_TEST(a_name_that_left_marks_whenever_it_was_asked_for)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = fresh(&settings);
	enum evidence_source as;

	feed(&health, &settings, EVIDENCE_HARD, MAIL, STAGE_TCP, 35);
	ck_assert(health_take_probe(&health, &settings, at_s(95), &as));
	feed(&health, &settings, EVIDENCE_GOOD, MAIL, STAGE_DATA, 96);
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_HARD, as,
	    STAGE_DNS, 97), HEALTH_WENT_DOWN);
}
END_TEST

/* It is over all the same, and the next one marks. */
START_TEST(the_probe_after_it_marks)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health health = fresh(&settings);
	enum evidence_source as;

	feed(&health, &settings, EVIDENCE_HARD, MAIL, STAGE_TCP, 35);
	ck_assert(health_take_probe(&health, &settings, at_s(90), &as));
	feed(&health, &settings, EVIDENCE_GOOD, MAIL, STAGE_DATA, 95);
	feed(&health, &settings, EVIDENCE_HARD, as, STAGE_BANNER, 110);
	ck_assert(health_take_probe(&health, &settings, at_s(130), &as));
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_HARD, as,
	    STAGE_BANNER, 150), HEALTH_WENT_DOWN);
}
END_TEST

/* With fall 2: a delivery from before the first failure ends no row. */
START_TEST(what_began_before_does_not_end_a_row)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health;
	struct evidence good = { .grade = EVIDENCE_GOOD, .source = MAIL,
		.stage = STAGE_DATA, .age = span_s(5) };

	settings.fall = 2;
	health = fresh(&settings);
	feed(&health, &settings, EVIDENCE_HARD, MAIL, STAGE_TCP, 1);
	health_on(&health, &settings, &good, at_s(2));
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_HARD, MAIL,
	    STAGE_TCP, 3), HEALTH_WENT_DOWN);
}
END_TEST

/* Of deliveries at the same time some fail softly and some do not. */
START_TEST(what_began_before_ends_soft_failures)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = fresh(&settings);
	struct evidence good = { .grade = EVIDENCE_GOOD, .source = MAIL,
		.stage = STAGE_DATA, .age = span_s(5) };

	for (int s = 1; s < 40; s++) {
		ck_assert_int_eq(feed(&health, &settings, EVIDENCE_SOFT, MAIL,
		    STAGE_DATA, s), HEALTH_SAME);
		ck_assert_int_eq(health_on(&health, &settings, &good, at_s(s)),
		    HEALTH_SAME);
	}
}
END_TEST

/* The setting was lowered while it was sick beyond the new reach. */
START_TEST(what_no_probe_sees_any_more_does_not_stay)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health health = fresh(&settings);

	feed(&health, &settings, EVIDENCE_HARD, PROBE, STAGE_TLS, 1);
	health_shorten(&health, STAGE_TLS);
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_GOOD, PROBE,
	    STAGE_EHLO, 2), HEALTH_SAME);
	health_shorten(&health, STAGE_EHLO);
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_GOOD, PROBE,
	    STAGE_EHLO, 3), HEALTH_WENT_UP);
}
END_TEST

START_TEST(failures_are_counted_and_the_last_is_kept)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = fresh(&settings);
	struct evidence evidence = { .grade = EVIDENCE_HARD,
		.source = EVIDENCE_DELIVERY, .stage = STAGE_TCP,
		.error = "ETIMEDOUT", .text = "timed out" };

	for (int s = 1; s <= 3; s++)
		feed(&health, &settings, EVIDENCE_SOFT, EVIDENCE_DELIVERY,
		    STAGE_MAIL, s);
	ck_assert_uint_eq(health.failures, 3);
	health_on(&health, &settings, &evidence, at_s(9));
	ck_assert_uint_eq(health.failures, 4);
	ck_assert_str_eq(health.last.error, "ETIMEDOUT");
	ck_assert_int_eq(health.failed_at.us, at_s(9).us);
	ck_assert_int_eq(health.since.us, at_s(3).us);
	ck_assert_int_eq(health.next_trial.us, at_s(63).us);
	feed(&health, &settings, EVIDENCE_GOOD, EVIDENCE_DELIVERY, STAGE_DATA,
	    10);
	ck_assert_str_eq(health.last.error, "ETIMEDOUT");
	ck_assert_uint_eq(health.failures, 0);
}
END_TEST

/* 535 at AUTH: probes reach EHLO; one real message a step tries the rest. */
START_TEST(beyond_the_probe_one_message_a_step)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health health = fresh(&settings);
	int taken = 0;

	feed(&health, &settings, EVIDENCE_HARD, EVIDENCE_DELIVERY, STAGE_AUTH,
	    0);
	for (int64_t s = 1; s <= 14 * 60; s++) {
		enum evidence_source as;

		if (health_take_probe(&health, &settings, at_s(s), &as))
			feed(&health, &settings, EVIDENCE_GOOD, as, STAGE_EHLO,
			    s);
		ck_assert(!health.healthy);
		for (int n = 0; n < 10; n++) { /* ten messages a second */
			if (!health_take_mail_trial(&health))
				continue;
			taken++;
			feed(&health, &settings, EVIDENCE_HARD,
			    EVIDENCE_DELIVERY, STAGE_AUTH, s);
		}
	}
	ck_assert_int_eq(taken, 6); /* +1 +2 +3 +4 +9 +14 */
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_GOOD,
	    EVIDENCE_DELIVERY, STAGE_DATA, 900), HEALTH_WENT_UP);
	ck_assert(!health_take_mail_trial(&health));
}
END_TEST

/* No message is risked on a host whose probe fails. */
START_TEST(no_message_before_a_good_probe)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = fresh(&settings);
	enum evidence_source as;

	feed(&health, &settings, EVIDENCE_HARD, EVIDENCE_DELIVERY, STAGE_AUTH,
	    0);
	ck_assert(health_take_probe(&health, &settings, at_s(60), &as));
	ck_assert(!health_take_mail_trial(&health));
	feed(&health, &settings, EVIDENCE_HARD, as, STAGE_TCP, 61);
	ck_assert(!health_take_mail_trial(&health));
}
END_TEST

/* Between 27 and 33 s, all over that range, and 30 s on the whole. */
START_TEST(jittered_heartbeats_keep_their_interval)
{
	const struct health_settings settings = settings_of(&hub, 30);
	struct health health = fresh(&settings);
	struct mono now = T0, last = T0;
	int64_t shortest = INT64_MAX, longest = 0;
	enum evidence_source as;

	health_jitter(&health, 0);
	for (int i = 0; i < 1000; i++) {
		struct span gap;

		now = health_next(&health, &settings);
		gap = mono_since(now, last);
		ck_assert(i == 0 || gap.us >= 27 * SPAN_SECOND);
		ck_assert(i == 0 || gap.us <= 33 * SPAN_SECOND);
		shortest = i > 0 && gap.us < shortest ? gap.us : shortest;
		longest = gap.us > longest ? gap.us : longest;
		last = now;
		ck_assert(health_take_probe(&health, &settings, now, &as));
		ck_assert_int_eq(as, EVIDENCE_HEARTBEAT);
		health.probing = false;
	}
	ck_assert_int_lt(shortest, 27100000);
	ck_assert_int_gt(longest, 32900000);
	ck_assert_int_gt(mono_since(now, T0).us, 29700 * SPAN_SECOND);
	ck_assert_int_lt(mono_since(now, T0).us, 30300 * SPAN_SECOND);
}
END_TEST

START_TEST(a_shorter_heartbeat_holds_from_the_reload_on)
{
	struct health_settings slow = settings_of(&hub, 3600);
	struct health_settings fast = settings_of(&hub, 30);
	struct health health = fresh(&slow);
	enum evidence_source as;

	health_retune(&health, &fast, span_s(0), at_s(10));
	ck_assert(!health_take_probe(&health, &fast, at_s(39), &as));
	ck_assert(health_take_probe(&health, &fast, at_s(40), &as));
}
END_TEST

START_TEST(a_shorter_ladder_holds_from_the_reload_on)
{
	static const struct ladder hours = {
		.rungs = { { { 60 * MINUTE }, 1 } }, .count = 1 };
	struct health_settings slow = settings_of(&hours, 0);
	struct health_settings fast = settings_of(&hub, 0);
	struct health health = refused_at_0(&slow);
	enum evidence_source as;

	health_retune(&health, &slow, span_s(0), at_s(10));
	ck_assert_int_eq(health_next_trial(&health).us, at_s(3600).us);
	health_retune(&health, &fast, span_s(0), at_s(10));
	ck_assert(!health_take_probe(&health, &fast, at_s(69), &as));
	ck_assert(health_take_probe(&health, &fast, at_s(70), &as));
}
END_TEST

START_TEST(stages_are_in_the_order_they_are_reached)
{
	static const char *const names[] = { "dns", "tcp", "banner", "ehlo",
		"tls", "auth", "mail", "data" };

	for (int i = 0; i < STAGE_COUNT; i++)
		ck_assert_str_eq(stage_name((enum stage)i), names[i]);
	ck_assert_int_eq(probe_reach(PROBE_TCP), STAGE_TCP);
	ck_assert_int_eq(probe_reach(PROBE_BANNER), STAGE_BANNER);
	ck_assert_int_eq(probe_reach(PROBE_EHLO), STAGE_EHLO);
	ck_assert_str_eq(evidence_source_name(EVIDENCE_TRIAL), "probe");
	ck_assert_str_eq(evidence_source_name(EVIDENCE_DELIVERY), "delivery");
}
END_TEST

/* Its time is given back: whoever waits for health_next does not spin. */
START_TEST(a_lost_probe_is_forgotten)
{
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = refused_at_0(&settings);
	enum evidence_source as;

	ck_assert(health_take_probe(&health, &settings, at_s(60), &as));
	feed(&health, &settings, EVIDENCE_GOOD, EVIDENCE_DELIVERY, STAGE_DATA,
	    61);
	ck_assert_int_eq(health_next(&health, &settings).us, at_s(160).us);
	ck_assert(!health_take_probe(&health, &settings, at_s(160), &as));
	ck_assert_int_eq(health_next(&health, &settings).us, MONO_NEVER.us);
}
END_TEST

/* --- fall, rise, slow start --- */

START_TEST(fall_counts_hard_failures_in_a_row)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health health;

	settings.fall = 3;
	health = fresh(&settings);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2; i++)
			ck_assert_int_eq(feed(&health, &settings,
			    EVIDENCE_HARD, EVIDENCE_DELIVERY, STAGE_TLS, 1),
			    HEALTH_SAME);
		/* not as far as the failure: says nothing */
		feed(&health, &settings, EVIDENCE_GOOD, EVIDENCE_HEARTBEAT,
		    STAGE_EHLO, 2);
		if (round == 0)
			feed(&health, &settings, EVIDENCE_GOOD,
			    EVIDENCE_DELIVERY, STAGE_TLS, 2);
	}
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_HARD,
	    EVIDENCE_HEARTBEAT, STAGE_TCP, 3), HEALTH_WENT_DOWN);
	ck_assert_uint_eq(health.failures, 3);
	ck_assert_int_eq(health.faults[FOUND_BY_MAIL].stage, STAGE_TLS);
	ck_assert_int_eq(health.faults[FOUND_BY_PROBE].stage, STAGE_TCP);
}
END_TEST

START_TEST(rise_counts_successes_in_a_row)
{
	struct health_settings settings = settings_of(&hub, 30);
	struct health health = refused_at_0(&settings);

	settings.rise = 2;
	for (int round = 0; round < 2; round++) {
		ck_assert_int_eq(feed(&health, &settings, EVIDENCE_GOOD,
		    EVIDENCE_HEARTBEAT, STAGE_EHLO, 1 + 2 * round),
		    HEALTH_SAME);
		if (round == 0)
			feed(&health, &settings, EVIDENCE_SOFT,
			    EVIDENCE_DELIVERY, STAGE_MAIL, 2);
	}
	ck_assert_int_eq(feed(&health, &settings, EVIDENCE_GOOD,
	    EVIDENCE_HEARTBEAT, STAGE_EHLO, 4), HEALTH_WENT_UP);
}
END_TEST

START_TEST(share_grows_from_a_tenth)
{
	static const struct {
		int64_t at;
		unsigned share; /* of 60 */
	} rows[] = { { 9, 0 }, { 10, 6 }, { 35, 33 }, { 59, 58 }, { 60, 60 },
		{ 1000, 60 } };
	struct health_settings settings = settings_of(&hub, 0);
	struct health health = refused_at_0(&settings);

	settings.slow_start = span_s(50);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].at == 10)
			feed(&health, &settings, EVIDENCE_GOOD,
			    EVIDENCE_TRIAL, STAGE_EHLO, 10);
		ck_assert_uint_eq(health_share(&health, at_s(rows[i].at)),
		    rows[i].share);
	}
	health = fresh(&settings); /* it was never sick */
	ck_assert_uint_eq(health_share(&health, T0), SHARE_FULL);
}
END_TEST

/* The fifth time within 600 s, and not a second later. */
START_TEST(five_times_within_ten_minutes_is_flapping)
{
	static const struct {
		int64_t heals[FLAPS];
		bool flapping;
	} rows[] = {
		{ { 0, 150, 300, 450, 600 }, true },
		{ { 0, 150, 300, 450, 601 }, false },
		{ { 0, 1, 2, 3, 4 }, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct health_settings settings = settings_of(&hub, 0);
		struct health health = fresh(&settings);

		for (int n = 0; n < FLAPS; n++) {
			ck_assert(!health.flapping);
			health_healed(&health, &settings,
			    at_s(rows[i].heals[n]));
		}
		ck_assert(health.flapping == rows[i].flapping);
		ck_assert_int_eq(health.ramp.us,
		    rows[i].flapping ? span_s(FLAPPING_RAMP_S).us : 0);
		settings.slow_start = span_s(7);
		health_healed(&health, &settings, at_s(700));
		ck_assert_int_eq(health.ramp.us, span_s(7).us);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("health");
	TCase *tcase = tcase_create("health");

	tcase_add_loop_test(tcase, seed_4_13_4_15_4_16_trials_along_the_ladder,
	    0, sizeof(ladders) / sizeof(ladders[0]));
	tcase_add_test(tcase, seed_4_17_one_attempt_whatever_the_load);
	tcase_add_test(tcase, a_probe_under_way_is_not_doubled);
	tcase_add_test(tcase, a_probe_that_could_not_be_made_tells_nothing);
	tcase_add_test(tcase, a_lost_probe_does_not_hang_the_ladder);
	tcase_add_test(tcase, a_late_trial_does_not_shift_the_next);
	tcase_add_test(tcase, missed_steps_are_not_caught_up);
	tcase_add_test(tcase,
	    seed_4_20_4_21_heartbeat_ignores_the_list_and_heals);
	tcase_add_test(tcase, a_heartbeat_near_a_trial_is_the_trial);
	tcase_add_test(tcase, seed_4_41_one_probe_an_interval);
	tcase_add_test(tcase, health_next_never_sleeps_through);
	tcase_add_loop_test(tcase, evidence_of_deliveries, 0,
	    sizeof(deliveries) / sizeof(deliveries[0]));
	tcase_add_loop_test(tcase, what_a_success_heals, 0,
	    sizeof(healings) / sizeof(healings[0]));
	tcase_add_loop_test(tcase, what_both_found_both_must_pass, 0, 2);
	tcase_add_test(tcase, a_probe_that_began_before_does_not_heal);
	tcase_add_test(tcase,
	    a_probe_that_began_before_it_healed_does_not_mark);
	tcase_add_loop_test(tcase,
	    a_line_from_before_it_healed_does_not_mark, 0, STAGE_COUNT);
	tcase_add_test(tcase,
	    a_name_that_left_marks_whenever_it_was_asked_for);
	tcase_add_test(tcase, the_probe_after_it_marks);
	tcase_add_test(tcase, what_began_before_does_not_end_a_row);
	tcase_add_test(tcase, what_began_before_ends_soft_failures);
	tcase_add_test(tcase, what_no_probe_sees_any_more_does_not_stay);
	tcase_add_test(tcase, failures_are_counted_and_the_last_is_kept);
	tcase_add_test(tcase, beyond_the_probe_one_message_a_step);
	tcase_add_test(tcase, no_message_before_a_good_probe);
	tcase_add_test(tcase, jittered_heartbeats_keep_their_interval);
	tcase_add_test(tcase, a_shorter_heartbeat_holds_from_the_reload_on);
	tcase_add_test(tcase, a_shorter_ladder_holds_from_the_reload_on);
	tcase_add_test(tcase, stages_are_in_the_order_they_are_reached);
	tcase_add_test(tcase, a_lost_probe_is_forgotten);
	tcase_add_test(tcase, fall_counts_hard_failures_in_a_row);
	tcase_add_test(tcase, rise_counts_successes_in_a_row);
	tcase_add_test(tcase, share_grows_from_a_tenth);
	tcase_add_test(tcase, five_times_within_ten_minutes_is_flapping);
	suite_add_tcase(suite, tcase);
	return suite;
}
