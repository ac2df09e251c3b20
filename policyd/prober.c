/*
 * A probe is a small machine: in each phase it waits for one thing (the
 * connection, a reply), and ends with evidence. After the evidence is given it
 * stays for the answer to its QUIT, since servers log those who just leave.
 */
#include "prober.h"

#include "core/smtp.h"
#include "core/text.h"
#include "io/loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUIT_SECONDS = 2 };

enum phase {
	PHASE_CONNECT,
	PHASE_BANNER,
	PHASE_EHLO,
	PHASE_HELO,
	PHASE_QUIT,
	PHASE_COUNT
};

struct probe {
	LIST_ENTRY(probe) entry;
	struct prober *prober;
	struct probe_target target;
	enum phase phase;
	int fd;
	int begin_error; /* of connect, 0 for none */
	struct event *io;
	struct event *deadline;
	struct smtp_reply reply;
};

struct prober {
	struct event_base *base;
	const char *helo_name;
	probe_fn done;
	void *ctx;
	unsigned active;
	LIST_HEAD(, probe) probes;
};

/* What a phase waits for: the stage a failure has, and its words. */
static const struct {
	enum stage stage;
	const char *waits_for;
} phases[PHASE_COUNT] = {
	[PHASE_CONNECT] = { STAGE_TCP, "the connection" },
	[PHASE_BANNER] = { STAGE_BANNER, "the banner" },
	[PHASE_EHLO] = { STAGE_EHLO, "the answer to EHLO" },
	[PHASE_HELO] = { STAGE_EHLO, "the answer to HELO" },
	[PHASE_QUIT] = { STAGE_EHLO, "the answer to QUIT" },
};

static void
probe_free(struct probe *probe)
{
	LIST_REMOVE(probe, entry);
	probe->prober->active--;
	if (probe->io != NULL)
		event_free(probe->io);
	event_free(probe->deadline);
	if (probe->fd != -1)
		(void)close(probe->fd);
	free(probe);
}

static void
give(struct probe *probe, struct evidence *evidence)
{
	evidence->source = probe->target.as;
	probe->prober->done(probe->prober->ctx, &probe->target, evidence);
}

static void
fill(struct evidence *evidence, enum stage stage, int code, const char *error,
    const char *text)
{
	*evidence = (struct evidence) {
		.grade = EVIDENCE_HARD,
		.stage = stage,
		.code = code,
	};
	(void)snprintf(evidence->error, sizeof(evidence->error), "%s", error);
	text_escape(evidence->text, sizeof(evidence->text), text,
	    strlen(text));
}

/* Ends a probe that has nothing more to say. */
static void
fail(struct probe *probe, int code, const char *error, const char *text)
{
	struct evidence evidence;

	if (probe->phase != PHASE_QUIT) {
		fill(&evidence, phases[probe->phase].stage, code, error, text);
		give(probe, &evidence);
	}
	probe_free(probe);
}

static void
fail_errno(struct probe *probe, int error)
{
	const char *name = strerrorname_np(error);

	fail(probe, error, name != NULL ? name : "errno", strerror(error));
}

static void
fail_waiting(struct probe *probe, int code, const char *error,
    const char *what)
{
	char text[ERROR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s %s", what,
	    phases[probe->phase].waits_for);
	fail(probe, code, error, text);
}

/*
 * A line of ours fits an empty socket buffer whole, or the peer is gone. 0, or
 * the error.
 */
static int
say(struct probe *probe, const char *verb, const char *argument)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "%s%s%s\r\n", verb,
	    argument[0] != '\0' ? " " : "", argument);

	ssize_t sent = send(probe->fd, line, (size_t)len, MSG_NOSIGNAL);

	if (sent == -1)
		return errno;
	return sent == len ? 0 : EPIPE;
}

/* Evidence is given; QUIT and a short wait for its answer. */
static void
quit(struct probe *probe)
{
	static const struct timeval patience = { QUIT_SECONDS, 0 };

	probe->phase = PHASE_QUIT;
	if (say(probe, "QUIT", "") != 0) {
		probe_free(probe);
		return;
	}
	(void)event_add(probe->deadline, &patience);
}

static void
succeed(struct probe *probe)
{
	struct evidence evidence = {
		.grade = EVIDENCE_GOOD,
		.stage = probe_reach(probe->target.level),
	};

	give(probe, &evidence);
	if (probe->target.level == PROBE_TCP)
		probe_free(probe);
	else
		quit(probe);
}

static void
refused(struct probe *probe)
{
	struct evidence evidence;
	char error[ERROR_NAME_MAX];

	(void)snprintf(error, sizeof(error), "smtp_%d", probe->reply.code);
	fill(&evidence, phases[probe->phase].stage, probe->reply.code, error,
	    probe->reply.text);
	give(probe, &evidence);
	quit(probe);
}

static void
greet(struct probe *probe, enum phase phase, const char *verb)
{
	int error = say(probe, verb, probe->prober->helo_name);

	probe->phase = phase;
	if (error != 0)
		fail_errno(probe, error);
}

static void
on_banner(struct probe *probe)
{
	if (probe->reply.code / 100 != 2)
		refused(probe);
	else if (probe->target.level == PROBE_BANNER)
		succeed(probe);
	else
		greet(probe, PHASE_EHLO, "EHLO");
}

/* smtp(8) tries HELO after any refusal but 421; so do we. */
static void
on_ehlo(struct probe *probe)
{
	if (probe->reply.code / 100 == 2)
		succeed(probe);
	else if (probe->reply.code == 421)
		refused(probe);
	else
		greet(probe, PHASE_HELO, "HELO");
}

static void
on_helo(struct probe *probe)
{
	if (probe->reply.code / 100 == 2)
		succeed(probe);
	else
		refused(probe);
}

/* A whole reply is there. The probe may be gone afterwards. */
static void
on_reply(struct probe *probe)
{
	switch (probe->phase) {
	case PHASE_BANNER:
		on_banner(probe);
		break;
	case PHASE_EHLO:
		on_ehlo(probe);
		break;
	case PHASE_HELO:
		on_helo(probe);
		break;
	case PHASE_CONNECT:
	case PHASE_QUIT:
	case PHASE_COUNT:
		probe_free(probe);
		break;
	}
}

static void
read_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct probe *probe = ctx;
	char bytes[2048];
	const char *why;
	size_t used;
	ssize_t got = recv(fd, bytes, sizeof(bytes), 0);

	(void)what;
	if (got == -1) {
		if (errno != EAGAIN && errno != EINTR)
			fail_errno(probe, errno);
		return;
	}
	if (got == 0) {
		fail_waiting(probe, 0, "closed",
		    "connection closed before");
		return;
	}
	switch (smtp_reply_feed(&probe->reply, bytes, (size_t)got, &used,
	    &why)) {
	case SMTP_FEED_MORE:
		break;
	case SMTP_FEED_BAD:
		fail(probe, 0, "not_smtp", why);
		break;
	case SMTP_FEED_DONE:
		/* what a server says unasked behind its reply is dropped */
		on_reply(probe);
		break;
	}
}

static void
wait_for(struct probe *probe, short what, event_callback_fn fn)
{
	if (probe->io != NULL)
		event_free(probe->io);
	probe->io = event_new(probe->prober->base, probe->fd,
	    (short)(what | EV_PERSIST), fn, probe);
	if (probe->io == NULL)
		abort();
	loop_set_priority(probe->io, LOOP_PRIORITY_REST);
	(void)event_add(probe->io, NULL);
}

static void
connected_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct probe *probe = ctx;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	if (error != 0) {
		fail_errno(probe, error);
	} else if (probe->target.level == PROBE_TCP) {
		succeed(probe);
	} else {
		probe->phase = PHASE_BANNER;
		wait_for(probe, EV_READ, read_cb);
	}
}

static socklen_t
sockaddr_of(const struct netaddr *ip, uint16_t port,
    struct sockaddr_storage *address_r)
{
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)address_r;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)address_r;

	memset(address_r, 0, sizeof(*address_r));
	if (ip->family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, ip->bytes, 4);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, ip->bytes, 16);
	return sizeof(*in6);
}

static void
deadline_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct probe *probe = ctx;

	(void)fd;
	(void)what;
	if (probe->begin_error != 0)
		fail_errno(probe, probe->begin_error);
	else
		fail_waiting(probe, ETIMEDOUT, "ETIMEDOUT",
		    "timed out waiting for");
}

static void
begin(struct probe *probe)
{
	struct sockaddr_storage address;
	socklen_t len = sockaddr_of(&probe->target.ip, probe->target.port,
	    &address);

	probe->fd = socket(address.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe->fd != -1 &&
	    (connect(probe->fd, (struct sockaddr *)&address, len) == 0 ||
	    errno == EINPROGRESS)) {
		wait_for(probe, EV_WRITE, connected_cb);
		return;
	}
	/* told from the loop: the caller is still within prober_start */
	probe->begin_error = errno;
	event_active(probe->deadline, EV_TIMEOUT, 0);
}

bool
prober_room(const struct prober *prober)
{
	return prober->active < PROBES_MAX;
}

bool
prober_start(struct prober *prober, const struct probe_target *target)
{
	struct timeval timeout = {
		.tv_sec = target->timeout.us / SPAN_SECOND,
		.tv_usec = target->timeout.us % SPAN_SECOND,
	};
	struct probe *probe;

	if (!prober_room(prober))
		return false;
	probe = calloc(1, sizeof(*probe));
	if (probe == NULL)
		abort();
	probe->prober = prober;
	probe->target = *target;
	probe->fd = -1;
	probe->deadline = evtimer_new(prober->base, deadline_cb, probe);
	if (probe->deadline == NULL)
		abort();
	loop_set_priority(probe->deadline, LOOP_PRIORITY_REST);
	(void)event_add(probe->deadline, &timeout);
	LIST_INSERT_HEAD(&prober->probes, probe, entry);
	prober->active++;
	begin(probe);
	return true;
}

struct prober *
prober_new(struct event_base *base, const char *helo_name,
    probe_fn done, void *ctx)
{
	struct prober *prober = calloc(1, sizeof(*prober));

	if (prober == NULL)
		abort();
	prober->base = base;
	prober->helo_name = helo_name;
	prober->done = done;
	prober->ctx = ctx;
	LIST_INIT(&prober->probes);
	return prober;
}

void
prober_free(struct prober **prober)
{
	if (*prober == NULL)
		return;
	while (!LIST_EMPTY(&(*prober)->probes))
		probe_free(LIST_FIRST(&(*prober)->probes));
	free(*prober);
	*prober = NULL;
}
