/*
 * Mail sent to an SMTP server, a message a connection, as many connections at
 * once as wanted.
 *
 * load_mail inet:ADDRESS:PORT SESSIONS SECONDS [USERS]
 * prints: messages a second, median and 99th percentile of a session from its
 * connection to the reply to its message (microseconds), and messages
 */
#include "load_kit.h"

#include "io/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_MAX = 4096 };

static const char content[] =
    "From: User %u <user%u@example.com>\r\n"
    "To: x@far.example\r\n"
    "Subject: a message like any other\r\n"
    "Date: Wed, 25 Nov 2026 15:30:00 +0000\r\n"
    "Message-Id: <%u.%d@example.com>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "One line of seventy-two characters, of which there are a few in a mail.\r\n"
    "One line of seventy-two characters, of which there are a few in a mail.\r\n"
    "One line of seventy-two characters, of which there are a few in a mail.\r\n"
    "One line of seventy-two characters, of which there are a few in a mail.\r\n"
    ".\r\n";

static void
fail(const char *said)
{
	(void)fprintf(stderr, "load_mail: %s\n", said);
	exit(1);
}

/* Is the last line of these a reply's last: "250 ok"? */
static bool
is_whole(const char *text, size_t len)
{
	const char *line;

	if (len < 2 || memcmp(text + len - 2, "\r\n", 2) != 0)
		return false;
	line = memrchr(text, '\n', len - 2);
	line = line == NULL ? text : line + 1;
	return text + len - line > 4 && line[3] == ' ';
}

static void
expect(int fd, const char *code)
{
	char text[TEXT_MAX];
	size_t len = 0;

	while (!is_whole(text, len)) {
		ssize_t got = recv(fd, text + len, sizeof(text) - len - 1, 0);

		if (got <= 0)
			fail("the server closed");
		len += (size_t)got;
	}
	text[len] = '\0';
	if (strncmp(text, code, strlen(code)) != 0)
		fail(text);
}

static void
say(int fd, const char *text, const char *code)
{
	size_t len = strlen(text);

	if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		fail("cannot send");
	expect(fd, code);
}

static int64_t
run_session(const struct listen_address *address, unsigned n)
{
	unsigned user = load_user(n);
	struct mono begin = clock_now().mono;
	int fd = load_connect(address);
	char text[TEXT_MAX];
	int64_t us;

	expect(fd, "220");
	say(fd, "EHLO client.example\r\n", "250");
	(void)snprintf(text, sizeof(text), "MAIL FROM:<user%u@example.com>\r\n",
	    user);
	say(fd, text, "250");
	say(fd, "RCPT TO:<x@far.example>\r\n", "250");
	say(fd, "DATA\r\n", "354");
	(void)snprintf(text, sizeof(text), content, user, user, n,
	    (int)getpid());
	say(fd, text, "250");
	us = mono_since(clock_now().mono, begin).us;
	say(fd, "QUIT\r\n", "221");
	(void)close(fd);
	return us;
}

int
main(int argc, char *argv[])
{
	return load_sessions_main(argc, argv, run_session);
}
