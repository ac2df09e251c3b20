/*
 * Lines of one delivery are tied by the smtp process and, where both have one,
 * the queue id; a failure seen within ECHO_SPAN of a like one is its echo. An
 * echo that weighs more (hard after soft) is taken all the same, and so is one
 * that was seen after the address healed.
 */
#include "delivery.h"

#include "core/denials.h"
#include "core/maillog.h"
#include "core/suspects.h"
#include "core/text.h"
#include "io/clock.h"
#include "io/log.h"

#include <stdlib.h>
#include <string.h>

enum { FAILURES_KEPT = 64 };

#define ECHO_SPAN span_s(1)

struct failure {
	bool used;
	struct mono at;
	struct netaddr ip; /* family 0: a name that was not found */
	uint16_t port;
	uint32_t pid;
	enum evidence_grade grade;
	char queue_id[QUEUE_ID_MAX + 1];
	char name[MAILLOG_NAME_MAX + 1];
};

struct delivery {
	struct daemon *daemon;
	struct failure failures[FAILURES_KEPT]; /* a ring */
	unsigned next;
	struct denials denials;
	struct suspects suspects;
};

static bool
same_port(uint16_t a, uint16_t b)
{
	return a == b || a == 0 || b == 0;
}

static bool
same_queue_id(const char *a, const char *b)
{
	return a[0] == '\0' || b[0] == '\0' || strcmp(a, b) == 0;
}

static bool
same_failure(const struct failure *failure, const struct maillog_verdict *line,
    struct mono now)
{
	return failure->used && failure->pid == line->pid &&
	    failure->grade >= line->evidence.grade &&
	    mono_since(now, failure->at).us <= ECHO_SPAN.us &&
	    netaddr_equal(&failure->ip, &line->ip) &&
	    same_port(failure->port, line->port) &&
	    strcmp(failure->name, line->name) == 0 &&
	    same_queue_id(failure->queue_id, line->queue_id);
}

static bool
is_echo(const struct delivery *delivery, const struct maillog_verdict *line,
    struct mono now)
{
	const struct failure *failure = delivery->failures;

	for (unsigned i = 0; i < FAILURES_KEPT; i++) {
		if (same_failure(&failure[i], line, now))
			return !hosts_healed_since(
			    &delivery->daemon->model.hosts, &line->ip,
			    failure[i].at);
	}
	return false;
}

static void
remember(struct delivery *delivery, const struct maillog_verdict *line,
    struct mono now)
{
	struct failure *failure = &delivery->failures[delivery->next];

	delivery->next = (delivery->next + 1) % FAILURES_KEPT;
	*failure = (struct failure) {
		.used = true,
		.at = now,
		.ip = line->ip,
		.port = line->port,
		.pid = line->pid,
		.grade = line->evidence.grade,
	};
	memcpy(failure->queue_id, line->queue_id, sizeof(failure->queue_id));
	memcpy(failure->name, line->name, sizeof(failure->name));
}

/* How many addresses it was about. */
static unsigned
tell_hosts(struct daemon *daemon, const struct maillog_verdict *line,
    struct now now)
{
	struct hosts *hosts = &daemon->model.hosts;
	const struct config *config = daemon->config;

	return line->ip.family != 0
	    ? hosts_on(hosts, config, line->transport, &line->ip, line->port,
	          &line->evidence, now)
	    : hosts_on_name(hosts, &config->health, line->name,
	          &line->evidence, now);
}

/* What was said of the message, not of the host, may be its sender's doing. */
static bool
may_blame(struct delivery *delivery, const struct maillog_verdict *line,
    struct mono now)
{
	struct model *model = &delivery->daemon->model;

	if (line->evidence.stage < STAGE_MAIL || line->queue_id[0] == '\0' ||
	    suspects_believe(&delivery->suspects, &model->hosts,
	    senders_of(model->senders, line->queue_id), &line->ip, now))
		return true;
	log_debug("%s: its failure does not count, since its sender has had "
	    "another smart host fail", line->queue_id);
	return false;
}

/* One too many: the line is about the host after all. */
static void
be_denial(struct maillog_verdict *verdict)
{
	struct evidence *evidence = &verdict->evidence;

	verdict->relevant = true;
	evidence->grade = EVIDENCE_SOFT;
	evidence->stage = STAGE_MAIL;
	(void)text_copy(evidence->error, sizeof(evidence->error),
	    "relay_denied");
	(void)text_copy(evidence->text, sizeof(evidence->text),
	    "relaying denied to every recipient of five messages");
}

void
delivery_line(void *ctx, const char *line, size_t len)
{
	struct delivery *delivery = ctx;
	struct daemon *daemon = delivery->daemon;
	struct maillog_verdict verdict;
	struct now now;

	maillog_parse(line, len, &verdict);
	now = clock_now();
	if (verdict.final && denials_on(&delivery->denials, &verdict, now.mono))
		be_denial(&verdict);
	if (!verdict.relevant)
		return;
	maillog_date(&verdict, now.wall);
	if (verdict.evidence.grade != EVIDENCE_GOOD) {
		if (is_echo(delivery, &verdict, now.mono))
			return;
		remember(delivery, &verdict, now.mono);
		if (!may_blame(delivery, &verdict, now.mono))
			return;
	}
	if (tell_hosts(daemon, &verdict, now) != 0)
		daemon_health_changed(daemon);
}

struct delivery *
delivery_new(struct daemon *daemon)
{
	struct delivery *delivery = calloc(1, sizeof(*delivery));

	if (delivery == NULL)
		abort();
	delivery->daemon = daemon;
	return delivery;
}

void
delivery_free(struct delivery **delivery)
{
	free(*delivery);
	*delivery = NULL;
}
