/*
 * Probes that go on to TLS and a login, against a server that follows a
 * script; and the files credentials come from.
 */
#include "prober.h"

#include "certificates.h"
#define TEST_NEEDS_FORK /* its server threads end with the process */
#include "check_main.h"
#include "probe_auth.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELLO "S220 hello\r\n", EHLO
#define EHLO "CEHLO probe.example.com\r\n"
#define OFFER "S250-mx\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"
#define START HELLO, OFFER, "CSTARTTLS\r\n"
#define GO START, "S220 go\r\n", "H"
#define WITHIN GO, EHLO
#define AUTHS(list) "S250-mx\r\n250 AUTH " list "\r\n"
#define QUIT "CQUIT\r\n", "S221 bye\r\n", "Z"

/* \0probe@example.com\0pass:word4711; pass:word4711; probe@example.com */
#define PLAIN "AHByb2JlQGV4YW1wbGUuY29tAHBhc3M6d29yZDQ3MTE="
#define PASSWORD "cGFzczp3b3JkNDcxMQ=="
#define USER "cHJvYmVAZXhhbXBsZS5jb20="

enum { HARD = EVIDENCE_HARD, GOOD = EVIDENCE_GOOD };
enum how { NORMAL, FIRST = 1, ANY = 2, BY_IP = 4, HANGS = 8, OLD = 16 };

static const struct script {
	const char *name;
	enum probe_level level;
	unsigned how;
	enum certificate certificate;
	/* "S..." send, "C..." expect, "H" TLS handshake, "Z" close, "W" wait
	   for the client to leave, "G" what is no TLS, "R" ask for another
	   handshake, "D" read what comes, whatever it is */
	const char *steps[16];
	int grade;
	enum stage stage;
	int code;
	const char *error;
	const char *text; /* how it begins */
} scripts[] = {
	{ "STARTTLS", PROBE_STARTTLS, NORMAL, CERT_GOOD,
	    { WITHIN, "S250 mx\r\n", QUIT }, GOOD, STAGE_TLS, 0, "", "" },
	{ "TLS from the start", PROBE_TLS, FIRST, CERT_GOOD,
	    { "H", HELLO, "S250 mx\r\n", QUIT }, GOOD, STAGE_TLS, 0, "", "" },
	{ "by address", PROBE_STARTTLS, BY_IP, CERT_GOOD,
	    { WITHIN, "S250 mx\r\n", QUIT }, GOOD, STAGE_TLS, 0, "", "" },
	{ "wants another handshake", PROBE_STARTTLS, OLD, CERT_GOOD,
	    { WITHIN, "R", "S250 mx\r\n", "D" }, GOOD, STAGE_TLS, 0, "", "" },
	{ "closes without a word", PROBE_STARTTLS, NORMAL, CERT_GOOD,
	    { WITHIN, "S250 mx\r\n", "CQUIT\r\n", "Z" }, GOOD, STAGE_TLS, 0,
	    "", "" },

	{ "not offered", PROBE_STARTTLS, NORMAL, CERT_GOOD,
	    { HELLO, "S250-mx\r\n250 SIZE\r\n", QUIT }, HARD, STAGE_TLS, 0,
	    "tls_absent", "the server does not offer STARTTLS" },
	{ "refused", PROBE_STARTTLS, NORMAL, CERT_GOOD,
	    { START, "S454 4.7.0 TLS not available\r\n", QUIT }, HARD,
	    STAGE_TLS, 454, "smtp_454", "4.7.0 TLS not available" },
	{ "EHLO refused, no HELO", PROBE_STARTTLS, NORMAL, CERT_GOOD,
	    { HELLO, "S502 what\r\n", QUIT }, HARD, STAGE_EHLO, 502,
	    "smtp_502", "what" },
	{ "EHLO refused within TLS", PROBE_STARTTLS, NORMAL, CERT_GOOD,
	    { WITHIN, "S421 go away\r\n", QUIT }, HARD, STAGE_TLS, 421,
	    "smtp_421", "go away" },
	{ "response injection", PROBE_STARTTLS, NORMAL, CERT_GOOD,
	    { START, "S220 go\r\n250 AUTH PLAIN\r\n", "W" }, HARD, STAGE_TLS,
	    0, "tls_injection", "the answer to STARTTLS has more behind it" },
	{ "response injection, half a line", PROBE_STARTTLS, NORMAL, CERT_GOOD,
	    { START, "S220 go\r\n2", "W" }, HARD, STAGE_TLS, 0,
	    "tls_injection", "the answer to STARTTLS has more behind it" },
	{ "garbage for ServerHello", PROBE_STARTTLS, NORMAL, CERT_GOOD,
	    { START, "S220 go\r\n", "G" }, HARD, STAGE_TLS, 0,
	    "tls_handshake", "TLS handshake failed: wrong version number" },
	{ "a banner for ServerHello", PROBE_TLS, FIRST, CERT_GOOD,
	    { "S220 hello\r\n", "W" }, HARD, STAGE_TLS, 0, "tls_handshake",
	    "TLS handshake failed: wrong version number" },
	{ "hangs in the handshake", PROBE_STARTTLS, HANGS, CERT_GOOD,
	    { START, "S220 go\r\n", "W" }, HARD, STAGE_TLS, ETIMEDOUT,
	    "ETIMEDOUT", "timed out waiting for the TLS handshake" },
	{ "closes in the handshake", PROBE_TLS, FIRST, CERT_GOOD, { "Z" },
	    HARD, STAGE_TLS, -1, NULL, "" },
	{ "hangs within TLS", PROBE_STARTTLS, HANGS, CERT_GOOD,
	    { WITHIN, "W" }, HARD, STAGE_TLS, ETIMEDOUT, "ETIMEDOUT",
	    "timed out waiting for the answer to EHLO within TLS" },
	{ "no banner within TLS", PROBE_TLS, FIRST, CERT_GOOD, { "H", "Z" },
	    HARD, STAGE_BANNER, 0, "closed",
	    "connection closed before the banner" },
	{ "no SMTP within TLS", PROBE_TLS, FIRST, CERT_GOOD,
	    { "H", "S* OK IMAP4rev1\r\n", "W" }, HARD, STAGE_BANNER, 0,
	    "not_smtp", "not an SMTP reply" },

	{ "expired", PROBE_STARTTLS, NORMAL, CERT_EXPIRED, { GO, "W" }, HARD,
	    STAGE_TLS, 0, "tls_expired", "the certificate expired on 20" },
	{ "not yet valid", PROBE_STARTTLS, NORMAL, CERT_FUTURE, { GO, "W" },
	    HARD, STAGE_TLS, 0, "tls_not_yet",
	    "the certificate is not valid before 20" },
	{ "another name", PROBE_TLS, FIRST, CERT_OTHER, { "H", "W" }, HARD,
	    STAGE_TLS, 0, "tls_name", "the certificate is for "
	    "other.example.net, *.other.example.net, not for "
	    "relay.example.com" },
	{ "another address", PROBE_TLS, FIRST | BY_IP, CERT_OTHER,
	    { "H", "W" }, HARD, STAGE_TLS, 0, "tls_name",
	    "the certificate is for" },
	{ "signed by itself", PROBE_STARTTLS, NORMAL, CERT_SELF, { GO, "W" },
	    HARD, STAGE_TLS, 0, "tls_untrusted",
	    "the certificate is not trusted: self-signed certificate" },
	{ "expired, tls_verify = false", PROBE_STARTTLS, ANY, CERT_EXPIRED,
	    { WITHIN, "S250 mx\r\n", QUIT }, GOOD, STAGE_TLS, 0, "", "" },
	{ "another name, tls_verify = false", PROBE_STARTTLS, ANY, CERT_OTHER,
	    { WITHIN, "S250 mx\r\n", QUIT }, GOOD, STAGE_TLS, 0, "", "" },

	{ "AUTH PLAIN", PROBE_AUTH, NORMAL, CERT_GOOD,
	    { WITHIN, AUTHS("LOGIN PLAIN"), "CAUTH PLAIN " PLAIN "\r\n",
	    "S235 2.7.0 ok\r\n", QUIT }, GOOD, STAGE_AUTH, 0, "", "" },
	{ "AUTH LOGIN", PROBE_AUTH, FIRST, CERT_GOOD,
	    { "H", HELLO, AUTHS("LOGIN"), "CAUTH LOGIN\r\n",
	    "S334 VXNlcm5hbWU6\r\n", "C" USER "\r\n",
	    "S334 UGFzc3dvcmQ6\r\n", "C" PASSWORD "\r\n", "S235 ok\r\n",
	    QUIT }, GOOD, STAGE_AUTH, 0, "", "" },
	{ "535", PROBE_AUTH, NORMAL, CERT_GOOD,
	    { WITHIN, AUTHS("PLAIN"), "CAUTH PLAIN " PLAIN "\r\n",
	    "S535 5.7.8 authentication failed\r\n", QUIT }, HARD, STAGE_AUTH,
	    535, "smtp_535", "5.7.8 authentication failed" },
	{ "454", PROBE_AUTH, NORMAL, CERT_GOOD,
	    { WITHIN, AUTHS("PLAIN"), "CAUTH PLAIN " PLAIN "\r\n",
	    "S454 4.7.0 later\r\n", QUIT }, HARD, STAGE_AUTH, 454, "smtp_454",
	    "4.7.0 later" },
	{ "530 at AUTH LOGIN", PROBE_AUTH, NORMAL, CERT_GOOD,
	    { WITHIN, AUTHS("LOGIN"), "CAUTH LOGIN\r\n",
	    "S530 5.7.0 no\r\n", QUIT }, HARD, STAGE_AUTH, 530, "smtp_530",
	    "5.7.0 no" },
	{ "535 at the user", PROBE_AUTH, NORMAL, CERT_GOOD,
	    { WITHIN, AUTHS("LOGIN"), "CAUTH LOGIN\r\n", "S334 U\r\n",
	    "C" USER "\r\n", "S535 no\r\n", QUIT }, HARD, STAGE_AUTH, 535,
	    "smtp_535", "no" },
	{ "an answer that repeats what was sent", PROBE_AUTH, NORMAL, CERT_GOOD,
	    { WITHIN, AUTHS("PLAIN"), "CAUTH PLAIN " PLAIN "\r\n",
	    "S535 no: " PLAIN "\r\n", QUIT }, HARD, STAGE_AUTH, 535,
	    "smtp_535", "(not shown: the answer repeats the credentials)" },
	{ "an answer that repeats the password", PROBE_AUTH, NORMAL, CERT_GOOD,
	    { WITHIN, AUTHS("PLAIN"), "CAUTH PLAIN " PLAIN "\r\n",
	    "S535 wrong: pass:word4711\r\n", QUIT }, HARD, STAGE_AUTH, 535,
	    "smtp_535", "(not shown: the answer repeats the credentials)" },
	{ "a banner that repeats the password", PROBE_AUTH, FIRST, CERT_GOOD,
	    { "H", "S554 pass:word4711\r\n", QUIT }, HARD, STAGE_BANNER, 554,
	    "smtp_554", "(not shown: the answer repeats the credentials)" },
	{ "AUTH not offered", PROBE_AUTH, NORMAL, CERT_GOOD,
	    { WITHIN, "S250 mx\r\n", QUIT }, HARD, STAGE_AUTH, 0,
	    "auth_absent", "the server does not offer AUTH" },
	{ "only before TLS", PROBE_AUTH, NORMAL, CERT_GOOD,
	    { HELLO, "S250-mx\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n",
	    "CSTARTTLS\r\n", "S220 go\r\n", "H", EHLO, "S250 mx\r\n", QUIT },
	    HARD, STAGE_AUTH, 0, "auth_absent",
	    "the server does not offer AUTH" },
	{ "no mechanism of ours", PROBE_AUTH, NORMAL, CERT_GOOD,
	    { WITHIN, AUTHS("CRAM-MD5"), QUIT }, HARD, STAGE_AUTH, 0,
	    "auth_absent",
	    "the server offers neither AUTH PLAIN nor AUTH LOGIN" },
	{ "no credentials without TLS", PROBE_AUTH, ANY, CERT_GOOD,
	    { HELLO, AUTHS("PLAIN LOGIN"), QUIT }, HARD, STAGE_AUTH, 0,
	    "auth_without_tls", "STARTTLS is not offered, and credentials "
	    "are sent over TLS only" },
	{ "no credentials for a stranger", PROBE_AUTH, NORMAL, CERT_SELF,
	    { GO, "W" }, HARD, STAGE_TLS, 0, "tls_untrusted",
	    "the certificate is not trusted" },
};

enum { TIMEOUT_MS = 30000, HANG_MS = 150, PATH_LEN = 128 };

static struct event_base *base;
static struct probe_kit *kit;
static struct config *config;
static struct config_errors errors;
static struct smart_host smart_host;
static char dir[] = "/tmp/weir-prober-XXXXXX";
static char ca_path[PATH_LEN], auth_path[PATH_LEN];
static struct probe_target target;
static struct probe_report result;
static unsigned results;
static int listener;

/* --- the server, in a thread --- */

static const char *server_failed;
static bool hung; /* the probe came as far as it was to come */

struct peer {
	int fd;
	SSL *ssl; /* NULL before the handshake */
	unsigned hellos;
};

static ssize_t
receive(const struct peer *peer, char *bytes, size_t len)
{
	return peer->ssl != NULL ? SSL_read(peer->ssl, bytes, (int)len) :
	    recv(peer->fd, bytes, len, 0);
}

static void
expect(const struct peer *peer, const char *want)
{
	char got[1024] = "";
	size_t len = 0;

	while (len < strlen(want)) {
		ssize_t n = receive(peer, got + len, strlen(want) - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (strcmp(got, want) != 0)
		server_failed = want;
}

/* A second ClientHello (RFC 5246 7.4.1.2): it shakes hands again. */
static void
count_hellos(int written, int version, int type, const void *bytes,
    size_t len, SSL *ssl, void *ctx)
{
	unsigned *hellos = ctx;

	(void)version;
	(void)ssl;
	if (written || type != SSL3_RT_HANDSHAKE || len == 0 ||
	    *(const unsigned char *)bytes != SSL3_MT_CLIENT_HELLO)
		return;
	if (++*hellos > 1)
		server_failed = "a second handshake";
}

static void
handshake(struct peer *peer, const struct script *script)
{
	SSL_CTX *ctx = certificates_context(script->certificate);
	const char *name;

	peer->ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_fd(peer->ssl, peer->fd);
	if ((script->how & OLD) != 0) /* TLS 1.3 has none */
		(void)SSL_set_max_proto_version(peer->ssl, TLS1_2_VERSION);
	SSL_set_msg_callback(peer->ssl, count_hellos);
	SSL_set_msg_callback_arg(peer->ssl, &peer->hellos);
	if (SSL_accept(peer->ssl) != 1)
		server_failed = "handshake";
	name = SSL_get_servername(peer->ssl, TLSEXT_NAMETYPE_host_name);
	if ((script->how & BY_IP) != 0 ? name != NULL : name == NULL ||
	    strcmp(name, "relay.example.com") != 0)
		server_failed = "SNI";
}

static void
step(struct peer *peer, const struct script *script, const char *what)
{
	static const char garbage[] = "no TLS at all, and long enough";
	char bytes[256];

	switch (what[0]) {
	case 'S':
		if (peer->ssl != NULL)
			(void)SSL_write(peer->ssl, what + 1,
			    (int)strlen(what + 1));
		else
			(void)send(peer->fd, what + 1, strlen(what + 1),
			    MSG_NOSIGNAL);
		break;
	case 'C':
		expect(peer, what + 1);
		break;
	case 'H':
		handshake(peer, script);
		break;
	case 'R':
		(void)SSL_renegotiate(peer->ssl);
		(void)SSL_do_handshake(peer->ssl);
		break;
	case 'D':
		while (receive(peer, bytes, sizeof(bytes)) > 0)
			continue;
		break;
	case 'G':
		(void)receive(peer, bytes, sizeof(bytes));
		(void)send(peer->fd, garbage, strlen(garbage), MSG_NOSIGNAL);
		break;
	case 'W': /* a certificate that is refused is sent no word at all */
		hung = peer->ssl != NULL && server_failed == NULL;
		while (receive(peer, bytes, sizeof(bytes)) > 0) {
			hung = true;
			if (peer->ssl != NULL)
				server_failed = "bytes after the handshake";
		}
		break;
	default:
		break;
	}
}

static void *
serve(void *ctx)
{
	const struct script *script = ctx;
	struct peer peer = { .fd = accept(listener, NULL, NULL) };
	int one = 1;

	(void)setsockopt(peer.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (int i = 0; i < 16 && script->steps[i] != NULL; i++)
		step(&peer, script, script->steps[i]);
	SSL_free(peer.ssl);
	(void)close(peer.fd);
	OPENSSL_thread_stop();
	return NULL;
}

static void
listen_somewhere(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&in, sizeof(in)),
	    0);
	ck_assert_int_eq(listen(listener, 5), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&in, &len),
	    0);
	target.port = ntohs(in.sin_port);
}

/* --- fixtures --- */

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fchmod(fileno(file), mode), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void
setup(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(ca_path, sizeof(ca_path), "%s/ca.pem", dir);
	(void)snprintf(auth_path, sizeof(auth_path), "%s/auth", dir);
	certificates_make();
	certificates_write_ca(ca_path);
	write_file(auth_path, "probe@example.com:pass:word4711\n", 0600);
	config = config_new();
	smart_host = (struct smart_host) { .name = "isp-a",
		.auth = auth_path, .auth_at = "weir.conf:3" };
	config->hosts = &smart_host;
	config->nhosts = 1;
	config->health.ca_file = ca_path;
	config->health.ca_file_at = "weir.conf:1";
	memset(&errors, 0, sizeof(errors));
	base = event_base_new();
	results = 0;
	listen_somewhere();
	ck_assert_int_eq(netaddr_parse("127.0.0.1", &target.ip), 0);
	(void)strcpy(target.host, "isp-a");
}

static void
teardown(void)
{
	event_base_free(base);
	(void)close(listener);
	probe_kit_unref(&kit);
	config_unref(&config);
	certificates_clear();
	(void)unlink(ca_path);
	(void)unlink(auth_path);
	(void)rmdir(dir);
}

static void
probe_cb(void *ctx, const struct probe_target *about,
    const struct probe_report *report)
{
	(void)ctx;
	ck_assert_str_eq(about->host, "isp-a");
	result = *report;
	results++;
}

static void
run_once(const struct script *script, struct span timeout)
{
	struct prober *prober;
	pthread_t thread;

	server_failed = NULL;
	hung = false;
	results = 0;
	target.timeout = timeout;
	ck_assert_int_eq(pthread_create(&thread, NULL, serve,
	    (void *)(uintptr_t)script), 0);
	prober = prober_new(base, "probe.example.com", kit, probe_cb, NULL);
	ck_assert(prober_start(prober, &target));
	(void)event_base_dispatch(base);
	prober_free(&prober);
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	(void)pthread_join(thread, NULL);
	ck_assert_uint_eq(results, 1);
}

/* A time-out that came before the server hung is made longer. */
static void
run(const struct script *script)
{
	int64_t ms = HANG_MS;

	kit = probe_kit_new(config, &errors);
	ck_assert_ptr_nonnull(kit);
	target.level = script->level;
	target.tls_first = (script->how & FIRST) != 0;
	target.tls_verify = (script->how & ANY) == 0;
	(void)strcpy(target.tls_name, (script->how & BY_IP) != 0 ?
	    "127.0.0.1" : "relay.example.com");
	if ((script->how & HANGS) == 0) {
		run_once(script, span_ms(TIMEOUT_MS));
		return;
	}
	do {
		run_once(script, span_ms(ms));
		ms *= 2;
	} while (!hung && ms < TIMEOUT_MS);
}

/* --- tests --- */

/* Nothing that is told may have a piece of the password in it. */
static void
check_no_secret(void)
{
	static const char *const secrets[] = { "word4711", "pass:word", PLAIN,
		PASSWORD, "YXNzOndvcmQ0NzEx" };

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		ck_assert_ptr_null(memmem(&result, sizeof(result), secrets[i],
		    strlen(secrets[i])));
}

START_TEST(dialogue)
{
	const struct script *script = &scripts[_i];
	const struct evidence *evidence = &result.evidence;
	const struct probe_stage *last;

	run(script);
	ck_assert_msg(server_failed == NULL, "%s: server: %s", script->name,
	    server_failed);
	ck_assert_msg(evidence->grade == (enum evidence_grade)script->grade &&
	    strncmp(evidence->text, script->text, strlen(script->text)) == 0,
	    "%s: %s", script->name, evidence->text);
	ck_assert_int_eq(evidence->stage, script->stage);
	if (script->error != NULL) {
		ck_assert_str_eq(evidence->error, script->error);
		ck_assert_int_eq(evidence->code, script->code);
	}
	ck_assert_uint_ge(result.nstages, 1);
	last = &result.stages[result.nstages - 1];
	ck_assert_int_eq(last->ok, script->grade == GOOD);
	if (script->grade != GOOD)
		ck_assert_int_eq(last->stage, script->stage);
	check_no_secret();
}
END_TEST

/* What is told of a good one: each stage, and the certificate. */
START_TEST(stages_of_a_login)
{
	static const enum stage stages[] = { STAGE_TCP, STAGE_BANNER,
		STAGE_EHLO, STAGE_TLS, STAGE_AUTH };
	const struct script script = { "", PROBE_AUTH, NORMAL, CERT_GOOD,
		{ WITHIN, AUTHS("PLAIN"), "CAUTH PLAIN " PLAIN "\r\n",
		"S235 ok\r\n", QUIT }, GOOD, STAGE_AUTH, 0, "", "" };
	int64_t left;

	run(&script);
	ck_assert_uint_eq(result.nstages, 5);
	for (unsigned i = 0; i < 5; i++) {
		ck_assert_int_eq(result.stages[i].stage, stages[i]);
		ck_assert(result.stages[i].ok);
	}
	ck_assert_str_eq(result.stages[1].text, "220 hello");
	ck_assert_ptr_nonnull(strstr(result.stages[3].text,
	    "certificate of relay.example.com, 100 days left"));
	left = result.tls_expires.us / SPAN_SECOND - time(NULL);
	ck_assert_int_ge(left, 100 * 86400);
	ck_assert_int_le(left, 101 * 86400);
}
END_TEST

START_TEST(expired_says_since_when)
{
	const struct script script = { "", PROBE_STARTTLS, NORMAL,
		CERT_EXPIRED, { GO, "W" }, HARD, STAGE_TLS, 0, "", "" };
	time_t then = time(NULL) - 53 * 86400 + 600;
	char text[80];

	run(&script);
	(void)strftime(text, sizeof(text), "the certificate expired on "
	    "%Y-%m-%d, 52 days ago", gmtime(&then));
	ck_assert_str_eq(result.evidence.text, text);
	ck_assert_int_lt(result.tls_expires.us / SPAN_SECOND, time(NULL));
}
END_TEST

/* A name that no file vouches for is no name: the system's store is another. */
START_TEST(ca_file_decides)
{
	const struct script script = { "", PROBE_STARTTLS, NORMAL, CERT_GOOD,
		{ GO, "W" }, HARD, STAGE_TLS, 0, "", "" };

	config->health.ca_file = "";
	run(&script);
	ck_assert_str_eq(result.evidence.error, "tls_untrusted");
}
END_TEST

START_TEST(source_address)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	struct prober *prober;
	int fd;

	kit = probe_kit_new(config, &errors);
	target.level = PROBE_TCP;
	target.timeout = span_ms(TIMEOUT_MS);
	ck_assert_int_eq(netaddr_parse("127.0.0.9", &target.from), 0);
	prober = prober_new(base, "probe.example.com", kit, probe_cb, NULL);
	ck_assert(prober_start(prober, &target));
	(void)event_base_dispatch(base);
	prober_free(&prober);
	fd = accept(listener, (struct sockaddr *)&from, &len);
	(void)close(fd);
	ck_assert_int_eq(result.evidence.grade, EVIDENCE_GOOD);
	ck_assert_uint_eq(ntohl(from.sin_addr.s_addr), 0x7F000009);
}
END_TEST

/* One that is not ours: said as any other failure to connect. */
START_TEST(source_address_of_others)
{
	struct prober *prober;

	kit = probe_kit_new(config, &errors);
	target.level = PROBE_TCP;
	target.timeout = span_ms(TIMEOUT_MS);
	ck_assert_int_eq(netaddr_parse("192.0.2.1", &target.from), 0);
	prober = prober_new(base, "probe.example.com", kit, probe_cb, NULL);
	ck_assert(prober_start(prober, &target));
	(void)event_base_dispatch(base);
	prober_free(&prober);
	ck_assert_int_eq(result.evidence.stage, STAGE_TCP);
	ck_assert_str_eq(result.evidence.error, "EADDRNOTAVAIL");
}
END_TEST

/* --- files --- */

static const struct {
	const char *text;
	mode_t mode;
	const char *why; /* NULL: taken */
} files[] = {
	{ "u:p\n", 0600, NULL },
	{ "u:p", 0400, NULL },
	{ "u:p\r\n", 0600, NULL },
	{ "u:p:q:\n", 0600, NULL },
	{ "u:p\n", 0640, "others may read it: chmod 600 it" },
	{ "u:p\n", 0604, "others may read it: chmod 600 it" },
	{ "u:p\n", 0620, "others may read it: chmod 600 it" },
	{ "", 0600, "it should have one line" },
	{ "u\n", 0600, "it should have one line" },
	{ ":p\n", 0600, "it should have one line" },
	{ "u:\n", 0600, "it should have one line" },
	{ "u:p\nv:q\n", 0600, "it should have one line" },
	{ "u:p\n\n", 0600, "it should have one line" },
};

START_TEST(credential_files)
{
	write_file(auth_path, files[_i].text, files[_i].mode);
	kit = probe_kit_new(config, &errors);
	if (files[_i].why == NULL) {
		ck_assert_ptr_nonnull(kit);
		ck_assert_str_eq(probe_kit_credential(kit, "isp-a")->user, "u");
		return;
	}
	ck_assert_ptr_null(kit);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_msg(strstr(errors.list[0], files[_i].why) != NULL, "%s",
	    errors.list[0]);
	ck_assert_ptr_nonnull(strstr(errors.list[0],
	    "weir.conf:3: smart_hosts[isp-a].auth: "));
}
END_TEST

START_TEST(files_that_are_none)
{
	smart_host.auth = dir;
	config->health.ca_file = auth_path;
	kit = probe_kit_new(config, &errors);
	ck_assert_ptr_null(kit);
	ck_assert_uint_eq(errors.count, 2);
	ck_assert_ptr_nonnull(strstr(errors.list[0],
	    "weir.conf:1: health.ca_file: "));
	ck_assert_ptr_nonnull(strstr(errors.list[1], "regular file"));
	smart_host.auth = "/nonexistent/auth";
	config->health.ca_file = "";
	memset(&errors, 0, sizeof(errors));
	ck_assert_ptr_null(probe_kit_new(config, &errors));
	ck_assert_ptr_nonnull(strstr(errors.list[0], "No such file"));
}
END_TEST

START_TEST(longest_credential)
{
	struct credential credential = { .host = "isp-a" };
	char line[AUTH_LINE_MAX];

	memset(credential.user, 'u', CREDENTIAL_MAX);
	memset(credential.password, 'p', CREDENTIAL_MAX);
	auth_plain(&credential, line);
	ck_assert_uint_eq(strlen(line), (2 * CREDENTIAL_MAX + 2 + 2) / 3 * 4);
	ck_assert(auth_repeats(&credential, "xx pppppp"));
	ck_assert(!auth_repeats(&credential, "5.7.8 no"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("prober_tls");
	TCase *tcase = tcase_create("prober_tls");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, dialogue, 0,
	    sizeof(scripts) / sizeof(scripts[0]));
	tcase_add_test(tcase, stages_of_a_login);
	tcase_add_test(tcase, expired_says_since_when);
	tcase_add_test(tcase, ca_file_decides);
	tcase_add_test(tcase, source_address);
	tcase_add_test(tcase, source_address_of_others);
	tcase_add_loop_test(tcase, credential_files, 0,
	    sizeof(files) / sizeof(files[0]));
	tcase_add_test(tcase, files_that_are_none);
	tcase_add_test(tcase, longest_credential);
	suite_add_tcase(suite, tcase);
	return suite;
}
