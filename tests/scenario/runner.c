/*
 * Runs scenarios: stories of smart hosts on a virtual clock, in words a mail
 * administrator knows. Without arguments all of $top_srcdir/tests/scenario.
 *
 * First the scene, a line each:
 *   profile hub|edge              the ladder
 *   heartbeat 30s                 0s: none
 *   probe ehlo|starttls|auth      how far a probe sees
 *   postfix without-tls           its mail passes where probes want TLS
 *   failovers 2, fall 1, rise 1, max_ejection 100, slow_start 0s
 *   balance round-robin|random|least-used|affinity
 *   minimum_share 5
 *   when_none_healthy try|queue|refuse|direct|postfix|NAME (of a connector that
 *                                 stands above)
 *   host isp-a [cost 10] [weight 10] [rate 600/m]
 *   connector backup [TRANSPORT]  another one; what stands above is the
 *                                 first's, outbound, by transport relay
 *   route NAME                    mail is that connector's, not outbound's
 * then what happens, each line "at TIME COMMAND", or "and COMMAND" for the
 * same time (TIME: "90s", "1h", or a sum, "1h+30s"):
 *   HOST is WORD                  from now on (well, refused, ...: world.c)
 *   log HOST WORD [begun 5s ago] [over 3s ago]
 *                                 one line of the mail log says so
 *   login NAME                    whose mail it is from now on (-: nobody's)
 *   decide N -> HOST N, HOST N    N decisions, first hosts counted
 *   send N -> HOST N, queue N     N messages, who took them counted
 *   drain|down|enable HOST [for 2h]
 *   expect trial HOST             one was made at this instant, just one
 *   expect trials|heartbeats HOST N     so many until now
 *   expect HOST STATE             healthy, unhealthy, drained, down
 *   expect list HOST HOST ...     the next decision's (nothing: DUNNO)
 *   expect reason WORD            ... and its reason
 *   expect reasons WORD WORD ...  ... and those of the hosts, in their order
 *   expect events N               so many until now
 *   expect action TEXT            ... and what Postfix is told
 *   expect event LINE             the newest event that was not yet expected
 */
#include "story.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t
host(struct story *story, size_t i)
{
	size_t found = world_host(&story->world, word(story, i));

	if (found == SIZE_MAX) {
		complain(story, "no such host: %s", word(story, i));
		exit(EXIT_FAILURE);
	}
	return found;
}

static const struct ill *
ill(struct story *story, size_t i)
{
	const struct ill *found = ill_find(word(story, i));

	if (found == NULL) {
		complain(story, "no such way to be: %s", word(story, i));
		exit(EXIT_FAILURE);
	}
	return found;
}

/* --- what happens --- */

static void
on_log(struct story *story)
{
	struct span age = { 0 }, over = { 0 };

	for (size_t i = 3; i + 1 < story->nwords; i++) {
		if (strcmp(word(story, i), "begun") == 0)
			age = time_of(story, word(story, i + 1));
		else if (strcmp(word(story, i), "over") == 0)
			over = time_of(story, word(story, i + 1));
	}
	world_log(&story->world, host(story, 1), ill(story, 2), age, over);
}

static void
on_login(struct story *story)
{
	struct world *world = &story->world;
	const char *name = word(story, 1);

	(void)snprintf(world->login, sizeof(world->login), "%s",
	    strcmp(name, "-") == 0 ? "" : name);
}

static void
on_order(struct story *story)
{
	struct world *world = &story->world;
	const char *name = word(story, 0);
	enum operator_state order = strcmp(name, "drain") == 0 ? OPERATOR_DRAIN
	    : strcmp(name, "down") == 0 ? OPERATOR_DOWN : OPERATOR_NONE;
	struct wall until = { 0 };

	if (strcmp(word(story, 2), "for") == 0)
		until.us = world->now.wall.us +
		    time_of(story, word(story, 3)).us;
	host_set_order(&world->hosts,
	    &world->hosts.list[host(story, 1)], order, until, world->now);
}

/* "-> a 5, b 5": what is not named must have none. */
static void
compare(struct story *story, const long *got)
{
	long want[MEMBERS_MAX + 1] = { 0 };

	for (size_t i = 3; i + 1 < story->nwords; i += 2) {
		bool queue = strcmp(word(story, i), "queue") == 0;

		want[queue ? QUEUED : host(story, i)] = number(story, i + 1);
	}
	for (size_t i = 0; i <= MEMBERS_MAX; i++) {
		if (got[i] != want[i])
			complain(story, "%s: %ld, not %ld", i == QUEUED ?
			    "queue" : story->world.names[i], got[i], want[i]);
	}
}

static void
on_decide(struct story *story)
{
	long got[MEMBERS_MAX + 1] = { 0 };
	struct decision decision;

	for (long n = number(story, 1); n > 0; n--) {
		world_decide(&story->world, false, &decision);
		got[decision.nlist != 0 ? decision.list[0] : QUEUED]++;
	}
	compare(story, got);
}

static void
on_send(struct story *story)
{
	long got[MEMBERS_MAX + 1] = { 0 };

	for (long n = number(story, 1); n > 0; n--) {
		size_t by = world_send(&story->world);

		got[by != SIZE_MAX ? by : QUEUED]++;
	}
	compare(story, got);
}

/* --- what is expected --- */

static long
count_probes(struct story *story, enum evidence_source as, bool now_only)
{
	const struct world *world = &story->world;
	size_t about = host(story, 2);
	long count = 0;

	for (size_t i = 0; i < world->nprobes; i++) {
		count += world->probes[i].host == about &&
		    world->probes[i].as == as &&
		    (!now_only || world->probes[i].at.us == world->now.mono.us);
	}
	return count;
}

static void
expect_list(struct story *story)
{
	struct decision decision;
	size_t wanted = story->nwords - 2;

	world_decide(&story->world, true, &decision);
	for (size_t i = 0; i < decision.nlist || i < wanted; i++) {
		const char *is = i < decision.nlist ?
		    story->world.names[decision.list[i]] : "nothing";
		const char *want = i < wanted ? word(story, 2 + i) : "nothing";

		if (strcmp(is, want) != 0)
			complain(story, "place %zu: %s, not %s", i + 1, is,
			    want);
	}
}

static void
expect_reason(struct story *story)
{
	struct decision decision;

	world_decide(&story->world, true, &decision);
	if (strcmp(reason_tag(decision.reason), word(story, 2)) != 0)
		complain(story, "reason is %s", reason_tag(decision.reason));
}

static void
expect_reasons(struct story *story)
{
	struct decision decision;

	world_decide(&story->world, true, &decision);
	for (size_t i = 0; i < decision.ncandidates; i++) {
		const char *is = reason_tag(decision.candidates[i].reason);

		if (strcmp(is, word(story, 2 + i)) != 0)
			complain(story, "%s is %s, not %s", story->world.names[
			    decision.candidates[i].host], is,
			    word(story, 2 + i));
	}
}

static void
expect_events(struct story *story)
{
	story->events_seen = events_last(story->world.events);
	if (story->events_seen != (uint64_t)number(story, 2))
		complain(story, "%d events", (int)story->events_seen);
}

static void
expect_action(struct story *story, const char *wanted)
{
	char action[ACTION_TEXT_MAX];
	struct decision decision;

	world_decide(&story->world, true, &decision);
	decision_action(&decision, &story->world.config, action);
	if (strcmp(action, wanted) != 0)
		complain(story, "%s", action);
}

static void
expect_event(struct story *story, const char *wanted)
{
	const struct notice *notice =
	    events_next(story->world.events, story->events_seen);
	char line[EVENT_LINE_MAX];

	if (notice == NULL) {
		complain(story, "no such event: %s", wanted);
		return;
	}
	story->events_seen = notice->seq;
	if (strcmp(notice_format(notice, line), wanted) != 0)
		complain(story, "%s", line);
}

static void
expect_state(struct story *story)
{
	const struct host *about =
	    &story->world.hosts.list[host(story, 1)];
	const char *is = host_state_name(about, story->world.now.wall);

	if (strcmp(is, word(story, 2)) != 0)
		complain(story, "%s is %s", word(story, 1), is);
}

static void
on_expect(struct story *story)
{
	const char *what = word(story, 1);
	long n;

	if (strcmp(what, "trial") == 0) {
		n = count_probes(story, EVIDENCE_TRIAL, true);
		if (n != 1)
			complain(story, "%ld trials now", n);
	} else if (strcmp(what, "trials") == 0 ||
	    strcmp(what, "heartbeats") == 0) {
		n = count_probes(story, what[0] == 't' ? EVIDENCE_TRIAL :
		    EVIDENCE_HEARTBEAT, false);
		if (n != number(story, 3))
			complain(story, "%ld %s", n, what);
	} else if (strcmp(what, "list") == 0) {
		expect_list(story);
	} else if (strcmp(what, "reason") == 0) {
		expect_reason(story);
	} else if (strcmp(what, "reasons") == 0) {
		expect_reasons(story);
	} else if (strcmp(what, "events") == 0) {
		expect_events(story);
	} else {
		expect_state(story);
	}
}

/* --- lines --- */

static const struct command commands[] = {
	{ "login", on_login },
	{ "log", on_log },
	{ "drain", on_order },
	{ "down", on_order },
	{ "enable", on_order },
	{ "decide", on_decide },
	{ "send", on_send },
	{ "expect", on_expect },
	{ NULL, NULL },
};

static void
run_command(struct story *story, bool scene)
{
	if (!scene && strcmp(word(story, 1), "is") == 0) {
		story->world.is[host(story, 0)] = ill(story, 2);
		return;
	}
	for (const struct command *command = scene ? scene_commands : commands;
	     command->name != NULL; command++) {
		if (strcmp(command->name, word(story, 0)) == 0) {
			command->run(story);
			return;
		}
	}
	complain(story, "not understood: %s", word(story, 0));
}

static void
split(struct story *story, char *line)
{
	char *save = NULL;

	story->nwords = 0;
	for (char *p = strtok_r(line, " \t", &save);
	     p != NULL && story->nwords < WORDS_MAX;
	     p = strtok_r(NULL, " \t", &save)) {
		size_t len = strlen(p);

		if (p[len - 1] == ',')
			p[len - 1] = '\0';
		story->words[story->nwords++] = p;
	}
}

static void
drop_words(struct story *story, size_t n)
{
	story->nwords -= n;
	memmove(story->words, story->words + n,
	    story->nwords * sizeof(story->words[0]));
}

static void
run_line(struct story *story, char *line)
{
	char *event = strstr(line, "expect event ");
	char *action = strstr(line, "expect action ");
	bool scene = strncmp(line, "at ", 3) != 0 &&
	    strncmp(line, "and ", 4) != 0;

	if (event != NULL)
		event = strdup(event + strlen("expect event "));
	if (action != NULL)
		action = strdup(action + strlen("expect action "));
	split(story, line);
	if (story->nwords != 0 && story->words[0][0] != '#') {
		if (!scene && !story->world.started)
			world_start(&story->world);
		if (strcmp(word(story, 0), "at") == 0)
			world_go(&story->world, time_of(story, word(story, 1)));
		if (!scene)
			drop_words(story, word(story, 0)[1] == 't' ? 2 : 1);
		if (event != NULL)
			expect_event(story, event);
		else if (action != NULL)
			expect_action(story, action);
		else
			run_command(story, scene);
	}
	free(event);
	free(action);
}

static int
run_file(const char *path)
{
	struct story *story = calloc(1, sizeof(*story));
	FILE *file = fopen(path, "r");
	char line[1024];
	int failures;

	if (story == NULL || file == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	story->path = path;
	world_init(&story->world);
	while (fgets(line, sizeof(line), file) != NULL) {
		story->line++;
		line[strcspn(line, "\n")] = '\0';
		run_line(story, line);
	}
	(void)fclose(file);
	world_clear(&story->world);
	failures = story->failures;
	printf("%s: %s\n", path, failures == 0 ? "ok" : "FAILED");
	free(story);
	return failures;
}

int
main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	char pattern[1024];
	glob_t found;
	int failures = 0;

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			failures += run_file(argv[i]);
		return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	(void)snprintf(pattern, sizeof(pattern), "%s/tests/scenario/*.txt",
	    top != NULL ? top : ".");
	if (glob(pattern, 0, NULL, &found) != 0) {
		printf("%s: nothing found\n", pattern);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		failures += run_file(found.gl_pathv[i]);
	globfree(&found);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
