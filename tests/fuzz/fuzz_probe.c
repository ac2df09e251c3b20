/*
 * A hostile smart host: whatever it answers to a probe, whole or in pieces,
 * before TLS, in its place and within it. A probe tells once what it found, in
 * texts that end and are fit to show; it says only what belongs to its
 * dialogue, and the login within TLS of a certificate that is right alone, and
 * repeats it to nobody; and what comes in pieces is as good as what comes
 * whole.
 *
 * The first byte: how far the probe goes, and what the server is like. The
 * second: the size of the pieces. The rest is what the server says, a reply at
 * a time, each when the one before was answered.
 *
 * The prober is the real one. Only its socket is no socket, but an end of a
 * pair, whose other end is here: see __wrap_socket.
 */
#include "fuzz.h"

#include "prober.h"

#include "../unit/certificates.h"
#include "core/smtp.h"
#include "core/utf8.h"
#include "probe_auth.h"

#include <openssl/err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME      "relay.example.com"
#define USER      "probe@example.com"
#define PASSWORD  "pass:word4711"
#define OURSELVES "mail.example.com"

enum { LEVELS = PROBE_AUTH + 1, LINES_MAX = 8, HEARD_MAX = 8192, TURNS = 4 };
enum {
	TLS_FIRST = 8, /* of AUTH: by port 465 */
	VERIFY = 16,
	SPEAKS_TLS = 32, /* else what it says stands in the place of TLS too */
	SELF_SIGNED = 64,
	IN_A_HURRY = 128, /* says the next reply with each one */
};

int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *, socklen_t);

struct server {
	unsigned options;
	int fd;
	const char *at, *end; /* what it will say */
	SSL *ssl; /* NULL before the handshake */
	bool opaque; /* the client began TLS, and the server plays no part */
	char heard[HEARD_MAX]; /* in the clear or within TLS */
	size_t nheard;
	size_t clear; /* so much of it before TLS */
};

static struct event_base *base;
static struct probe_kit *kit;
static struct server server;
static struct probe_report result;
static unsigned results;

/* --- the connection --- */

/* Of probe_io.c alone (the linker's --wrap). */
int
__wrap_socket(int domain, int type, int protocol)
{
	int fds[2];

	(void)domain;
	(void)protocol;
	check(socketpair(AF_UNIX, type, 0, fds) == 0);
	server.fd = fds[0];
	return fds[1];
}

int
__wrap_connect(int fd, const struct sockaddr *address, socklen_t len)
{
	(void)fd;
	(void)address;
	(void)len;
	return 0;
}

/* The probe does what it can without another word. */
static void
turn(void)
{
	for (int i = 0; i < TURNS; i++)
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
}

/* --- what the server hears --- */

static bool
client_begins_tls(void)
{
	char first;

	return server.ssl == NULL && !server.opaque &&
	    recv(server.fd, &first, 1, MSG_PEEK) == 1 && first == 0x16;
}

static void
shake_hands(void)
{
	static SSL_CTX *contexts[2];
	unsigned which = (server.options & SELF_SIGNED) != 0;

	server.clear = server.nheard;
	server.opaque = (server.options & SPEAKS_TLS) == 0;
	if (server.opaque)
		return;
	if (contexts[which] == NULL)
		contexts[which] = certificates_context(which ? CERT_SELF :
		    CERT_GOOD);
	server.ssl = SSL_new(contexts[which]);
	check(server.ssl != NULL && SSL_set_fd(server.ssl, server.fd) == 1);
	while (SSL_accept(server.ssl) != 1 && results == 0)
		turn();
	turn();
}

static void
hear(void)
{
	size_t room;
	ssize_t got;

	do {
		if (client_begins_tls())
			shake_hands();
		room = sizeof(server.heard) - server.nheard;
		got = server.ssl == NULL ?
		    recv(server.fd, server.heard + server.nheard, room, 0) :
		    SSL_read(server.ssl, server.heard + server.nheard,
		        (int)room);
		if (got > 0 && !server.opaque)
			server.nheard += (size_t)got;
	} while (got > 0);
	ERR_clear_error(); /* the client looks at the same list */
}

static void
check_line(const char *line, size_t len, bool in_clear)
{
	static const struct credential own = { "isp-a", USER, PASSWORD };
	char plain[AUTH_LINE_MAX], user[AUTH_LINE_MAX], word[AUTH_LINE_MAX];
	char auth[AUTH_LINE_MAX + 16];
	const char *const lines[] = { "EHLO probe.example.com",
		"HELO probe.example.com", "STARTTLS", "QUIT", "AUTH LOGIN",
		auth, user, word };
	enum { HARMLESS = 4 };
	size_t i = 0;

	auth_plain(&own, plain);
	auth_login(USER, user);
	auth_login(PASSWORD, word);
	(void)snprintf(auth, sizeof(auth), "AUTH PLAIN %s", plain);
	while (i < sizeof(lines) / sizeof(lines[0]) &&
	    (strlen(lines[i]) != len || memcmp(lines[i], line, len) != 0))
		i++;
	check(i < (in_clear ? (size_t)HARMLESS :
	    sizeof(lines) / sizeof(lines[0])));
}

/* Whole lines, few of them, and QUIT is the last. */
static void
check_heard(void)
{
	const char *line = server.heard, *end = line + server.nheard;
	size_t clear = server.ssl != NULL ? server.clear : server.nheard;
	unsigned count = 0;

	while (line < end) {
		const char *cr = memchr(line, '\r', (size_t)(end - line));

		check(cr != NULL && cr + 1 < end && cr[1] == '\n');
		check_line(line, (size_t)(cr - line),
		    line < server.heard + clear);
		check(strncmp(line, "QUIT", 4) != 0 || cr + 2 == end);
		check(++count <= LINES_MAX);
		line = cr + 2;
	}
}

/* --- what it says --- */

/* The next reply; what is none goes on to the end. */
static size_t
next_reply(void)
{
	struct smtp_reply reply = { 0 };
	size_t left = (size_t)(server.end - server.at), used = left;
	const char *why;

	if (server.opaque)
		return left;
	(void)smtp_reply_feed(&reply, server.at, left, &used, &why);
	return used;
}

static void
say(size_t len, size_t piece)
{
	while (len > 0) {
		size_t now = len < piece ? len : piece;

		if (server.ssl != NULL)
			(void)SSL_write(server.ssl, server.at, (int)now);
		else
			(void)send(server.fd, server.at, now, MSG_NOSIGNAL);
		ERR_clear_error();
		server.at += now;
		len -= now;
		turn();
	}
}

static void
say_next(size_t piece)
{
	size_t first = next_reply(), second = 0;

	if ((server.options & IN_A_HURRY) != 0) {
		server.at += first;
		second = next_reply();
		server.at -= first;
	}
	say(first + second, piece);
}

/* --- what the probe tells --- */

static void
check_text(const char *text, size_t size)
{
	static const struct credential own = { "isp-a", USER, PASSWORD };
	size_t len = strnlen(text, size), used;
	uint32_t character;

	check(len < size);
	check(!auth_repeats(&own, text));
	for (size_t at = 0; at < len; at += used) {
		used = utf8_next(text + at, len - at, &character);
		check(used != 0 && !utf8_is_control(character));
	}
}

static void
check_report(const struct probe_target *target,
    const struct probe_report *report)
{
	const struct evidence *evidence = &report->evidence;
	bool good = evidence->grade == EVIDENCE_GOOD;
	bool by_tls = target->level >= PROBE_STARTTLS;

	check(good || evidence->grade == EVIDENCE_HARD);
	check(evidence->source == EVIDENCE_TRIAL);
	check(evidence->stage <= probe_reach(target->level));
	check(good == (evidence->error[0] == '\0'));
	check_text(evidence->error, sizeof(evidence->error));
	check_text(evidence->text, sizeof(evidence->text));
	check(report->nstages > 0 && report->nstages < PROBE_STAGES_MAX);
	for (unsigned i = 0; i < report->nstages; i++) {
		check(report->stages[i].ok ==
		    (good || i + 1 < report->nstages));
		check_text(report->stages[i].text,
		    sizeof(report->stages[i].text));
	}
	if (!good)
		return;
	check(evidence->stage == probe_reach(target->level));
	check(!by_tls || server.ssl != NULL);
	check(!by_tls || !target->tls_verify ||
	    (server.options & SELF_SIGNED) == 0);
}

static void
probe_cb(void *ctx, const struct probe_target *target,
    const struct probe_report *report)
{
	(void)ctx;
	check_report(target, report);
	result = *report;
	results++;
}

/* --- one dialogue --- */

static struct probe_target
target_of(unsigned options)
{
	enum probe_level level = (enum probe_level)((options & 7) % LEVELS);

	return (struct probe_target) {
		.host = "isp-a", .ip = { .family = 4 }, .level = level,
		.tls_first = level == PROBE_TLS ||
		    (level == PROBE_AUTH && (options & TLS_FIRST) != 0),
		.tls_verify = (options & VERIFY) != 0, .tls_name = NAME,
		.own_name = OURSELVES, .as = EVIDENCE_TRIAL,
		.timeout = span_s(3600),
	};
}

static void
talk(unsigned options, const char *bytes, size_t len, size_t piece)
{
	struct prober *prober = prober_new(base, "probe.example.com", kit,
	    probe_cb, NULL);
	struct probe_target target = target_of(options);

	server = (struct server) { .options = options, .at = bytes,
		.end = bytes + len };
	results = 0;
	check(prober_start(prober, &target));
	turn();
	hear();
	while (server.at < server.end) {
		say_next(piece);
		hear();
	}
	(void)shutdown(server.fd, SHUT_WR);
	turn();
	hear();
	check(results == 1);
	check_heard();
	SSL_free(server.ssl);
	(void)close(server.fd);
	prober_free(&prober);
}

static void
check_same(const struct probe_report *a, const struct probe_report *b)
{
	check(a->evidence.grade == b->evidence.grade);
	check(a->evidence.stage == b->evidence.stage);
	check(a->evidence.code == b->evidence.code);
	check(strcmp(a->evidence.error, b->evidence.error) == 0);
	check(strcmp(a->evidence.text, b->evidence.text) == 0);
	check(a->nstages == b->nstages);
	for (unsigned i = 0; i < a->nstages; i++)
		check(strcmp(a->stages[i].text, b->stages[i].text) == 0);
}

/* Whom to trust, and the login, from files that leave again at once. */
static void
begin(void)
{
	char folder[] = "/tmp/weir-fuzz-XXXXXX", ca[64], auth[64];
	static struct config_errors errors;
	struct smart_host host = { .name = "isp-a", .auth = auth };
	struct config config = { .hosts = &host, .nhosts = 1,
		.health = { .ca_file = ca } };
	FILE *file;

	(void)signal(SIGPIPE, SIG_IGN);
	check(mkdtemp(folder) != NULL);
	(void)snprintf(ca, sizeof(ca), "%s/ca.pem", folder);
	(void)snprintf(auth, sizeof(auth), "%s/auth", folder);
	certificates_make();
	certificates_write_ca(ca);
	file = fopen(auth, "we");
	check(file != NULL && fputs(USER ":" PASSWORD "\n", file) >= 0 &&
	    fchmod(fileno(file), 0600) == 0 && fclose(file) == 0);
	kit = probe_kit_new(&config, &errors);
	check(kit != NULL);
	(void)unlink(ca);
	(void)unlink(auth);
	(void)rmdir(folder);
	base = event_base_new();
	check(base != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 2;
	struct probe_report whole;

	if (size < 2)
		return 0;
	if (base == NULL)
		begin();
	talk(data[0], bytes, size - 2, SIZE_MAX);
	whole = result;
	if ((data[0] & IN_A_HURRY) == 0) {
		talk(data[0], bytes, size - 2, data[1] + 1U);
		check_same(&whole, &result);
	}
	return 0;
}
