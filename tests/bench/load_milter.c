/*
 * Mail sessions as Postfix shows them to a milter, one message each, as many at
 * once as wanted: connect, MAIL, RCPT, headers, end of message, quit.
 *
 * load_milter ADDRESS SESSIONS SECONDS [USERS]
 * prints: messages a second, median and 99th percentile of a session
 * (microseconds), messages, and the protocol steps that were agreed on (hex)
 */
#include "load_kit.h"

#include "io/clock.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	FRAME_MAX = 1024,
	OUT_MAX = 8192,
	VERSION = 6,
	ALL_ACTIONS = 0x1FF,
	ALL_STEPS = 0x1FFFFF,
	STEP_NO_DATA = 0x200,
};

static atomic_uint steps;

struct session {
	int fd;
	size_t len; /* waiting to be sent */
	char out[OUT_MAX];
};

static void
fail(const char *what)
{
	(void)fprintf(stderr, "load_milter: %s\n", what);
	exit(1);
}

/* --- frames: length, command, data --- */

static void
frame(struct session *s, char command, const void *data, size_t len)
{
	uint32_t size = htonl((uint32_t)len + 1);

	if (s->len + sizeof(size) + 1 + len > sizeof(s->out))
		fail("too much at once");
	memcpy(s->out + s->len, &size, sizeof(size));
	s->out[s->len + sizeof(size)] = command;
	memcpy(s->out + s->len + sizeof(size) + 1, data, len);
	s->len += sizeof(size) + 1 + len;
}

/* Strings, each with its NUL; '|' stands for it. */
static void
strings(struct session *s, char command, const char *text)
{
	char data[FRAME_MAX];
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		data[i] = text[i];
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '|')
			data[i] = '\0';
	}
	frame(s, command, data, len);
}

static void
receive(int fd, void *buf, size_t len)
{
	if (len != 0 && recv(fd, buf, len, MSG_WAITALL) != (ssize_t)len)
		fail("the milter closed");
}

/* Sends what waits; the command of the reply, its data in data. */
static char
talk(struct session *s, char data[FRAME_MAX])
{
	uint32_t size;
	char command;

	if (send(s->fd, s->out, s->len, MSG_NOSIGNAL) != (ssize_t)s->len)
		fail("cannot send");
	s->len = 0;
	receive(s->fd, &size, sizeof(size));
	size = ntohl(size);
	if (size == 0 || size > FRAME_MAX)
		fail("a frame of that length is none");
	receive(s->fd, &command, 1);
	receive(s->fd, data, size - 1);
	return command;
}

static void
expect_continue(struct session *s, const char *at)
{
	char data[FRAME_MAX];

	if (talk(s, data) != 'c')
		fail(at);
}

/* --- a session --- */

static void
negotiate(struct session *s)
{
	uint32_t offer[3] = { htonl(VERSION), htonl(ALL_ACTIONS),
		htonl(ALL_STEPS) }, agreed[3];
	char data[FRAME_MAX];

	frame(s, 'O', offer, sizeof(offer));
	if (talk(s, data) != 'O')
		fail("no negotiation");
	memcpy(agreed, data, sizeof(agreed));
	steps = ntohl(agreed[2]);
}

static void
envelope(struct session *s, unsigned n)
{
	char text[FRAME_MAX];
	uint16_t port = htons((uint16_t)(1024 + n % 60000));
	unsigned user = load_user(n);

	strings(s, 'D', "Cj|mx.example.com|{daemon_name}|submission|");
	(void)snprintf(text, sizeof(text), "client.example|4??203.0.113.%u|",
	    n % 250 + 1);
	strings(s, 'C', text);
	memcpy(s->out + s->len - strlen(text) + strlen("client.example|4"),
	    &port, sizeof(port));
	expect_continue(s, "CONNECT");
	(void)snprintf(text, sizeof(text), "M{auth_type}|PLAIN|{auth_authen}|"
	    "user%u@example.com|{mail_addr}|user%u@example.com|", user, user);
	strings(s, 'D', text);
	(void)snprintf(text, sizeof(text), "<user%u@example.com>|", user);
	strings(s, 'M', text);
	expect_continue(s, "MAIL");
	(void)snprintf(text, sizeof(text), "Ri|%08XA|{rcpt_addr}|x@far.example|"
	    "{rcpt_mailer}|smtp|{rcpt_host}|far.example|", n);
	strings(s, 'D', text);
	strings(s, 'R', "<x@far.example>|");
	expect_continue(s, "RCPT");
}

static void
content(struct session *s, unsigned n)
{
	char text[FRAME_MAX], data[FRAME_MAX], command;

	if ((steps & STEP_NO_DATA) == 0) {
		strings(s, 'T', "");
		expect_continue(s, "DATA");
	}
	strings(s, 'L', "Received|from client.example ([203.0.113.5])\n\tby "
	    "mx.example.com (Postfix) with ESMTPSA|");
	(void)snprintf(text, sizeof(text), "From|User %u "
	    "<user%u@example.com>|", n, load_user(n));
	strings(s, 'L', text);
	strings(s, 'L', "To|x@far.example|");
	strings(s, 'L', "Subject|a message like any other|");
	strings(s, 'L', "Date|Wed, 25 Nov 2026 15:30:00 +0000|");
	strings(s, 'L', "Message-Id|<20261125153000.1@example.com>|");
	strings(s, 'L', "MIME-Version|1.0|");
	strings(s, 'L', "Content-Type|text/plain; charset=utf-8|");
	strings(s, 'N', "");
	(void)snprintf(text, sizeof(text), "Ei|%08XA|", n);
	strings(s, 'D', text);
	strings(s, 'E', "");
	while ((command = talk(s, data)) != 'c') {
		if (strchr("hiqm", command) == NULL)
			fail("the end of the message");
	}
}

static int64_t
run_session(const struct listen_address *address, unsigned n)
{
	struct session s = { .fd = load_connect(address) };
	struct mono begin = clock_now().mono;
	int64_t us;

	negotiate(&s);
	envelope(&s, n);
	content(&s, n);
	us = mono_since(clock_now().mono, begin).us;
	strings(&s, 'Q', "");
	(void)send(s.fd, s.out, s.len, MSG_NOSIGNAL);
	(void)close(s.fd);
	return us;
}

int
main(int argc, char *argv[])
{
	int status = load_sessions_main(argc, argv, run_session);

	if (status == 0)
		(void)printf("%x\n", (unsigned)steps);
	return status;
}
