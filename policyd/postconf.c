/*
 * One run of postconf with a bound on its time. -x expands what refers to
 * other settings, -h leaves the names out: a line for each name, in order.
 */
#include "postconf.h"

#include "core/text.h"
#include "io/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ASKED = 3, OUTPUT_MAX = ASKED * POSTCONF_VALUE_MAX };

#define PATIENCE span_s(5)

/* sbin is not in everyone's path. */
static int
spawn(pid_t *pid_r, const posix_spawn_file_actions_t *actions)
{
	char *const argv[] = { (char[]) { "postconf" },
		(char[]) { "-xh" }, (char[]) { "default_transport" },
		(char[]) { "relayhost" }, (char[]) { "myhostname" }, NULL };

	return posix_spawnp(pid_r, "postconf", actions, NULL, argv,
	    environ) == 0 || posix_spawn(pid_r, "/usr/sbin/postconf", actions,
	    NULL, argv, environ) == 0 ? 0 : -1;
}

/* 0 and the child, whose output comes by *fd_r; or -1. */
static int
start(pid_t *pid_r, int *fd_r)
{
	posix_spawn_file_actions_t actions;
	int fds[2], result;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null",
	    O_WRONLY, 0);
	result = spawn(pid_r, &actions);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(fds[1]);
	if (result == -1)
		(void)close(fds[0]);
	*fd_r = fds[0];
	return result;
}

/* All it writes, until its end or ours. 0, or -1 when it took too long. */
static int
read_all(int fd, char *output, size_t size)
{
	struct mono until = mono_add(clock_now().mono, PATIENCE);
	size_t len = 0;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t left = mono_since(until, clock_now().mono).us / 1000;
		ssize_t got;

		if (left <= 0 || len == size - 1)
			return -1;
		if (poll(&wait, 1, (int)left) <= 0)
			continue;
		got = read(fd, output + len, size - 1 - len);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	output[len] = '\0';
	return 0;
}

static int
run(char *output, size_t size)
{
	int fd, status = -1, result;
	pid_t pid;

	if (start(&pid, &fd) == -1)
		return -1;
	result = read_all(fd, output, size);
	(void)close(fd);
	if (result == -1)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return result == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ?
	    0 : -1;
}

/* Cuts the next line off; NULL when there is none. */
static char *
next_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	if (end == NULL)
		return NULL;
	*end = '\0';
	*rest = end + 1;
	return line;
}

/* Its answers; each stands in output. */
struct answers {
	char output[OUTPUT_MAX];
	const char *transport, *relayhost, *myhostname;
};

static int
ask(struct answers *answers)
{
	char *rest = answers->output;

	if (run(answers->output, sizeof(answers->output)) == -1)
		return -1;
	answers->transport = next_line(&rest);
	answers->relayhost = next_line(&rest);
	answers->myhostname = next_line(&rest);
	return answers->myhostname != NULL ? 0 : -1;
}

static int
take_transport(const struct answers *answers,
    struct postfix_settings *settings)
{
	char shown[POSTCONF_VALUE_MAX], relay_shown[POSTCONF_VALUE_MAX];

	if (transport_parse(answers->transport, answers->relayhost,
	    &settings->default_transport) != 0)
		return -1;
	text_escape(shown, sizeof(shown), answers->transport,
	    strlen(answers->transport));
	text_escape(relay_shown, sizeof(relay_shown), answers->relayhost,
	    strlen(answers->relayhost));
	(void)snprintf(settings->said, sizeof(settings->said),
	    "Postfix says default_transport=%s relayhost=%s: a message is "
	    "routed when each recipient is for %s:%s", shown, relay_shown,
	    settings->default_transport.mailer,
	    settings->default_transport.host);
	return 0;
}

void
postfix_ask(const char *given, struct postfix_settings *settings_r)
{
	struct answers answers;
	bool asked = ask(&answers) == 0;

	memset(settings_r, 0, sizeof(*settings_r));
	if (asked)
		(void)text_copy(settings_r->myhostname,
		    sizeof(settings_r->myhostname), answers.myhostname);
	if (strcmp(given, "auto") != 0 && transport_parse(given, "",
	    &settings_r->default_transport) == 0) {
		(void)snprintf(settings_r->said, sizeof(settings_r->said),
		    "policy.default_transport is given: a message is routed "
		    "when each recipient is for %s:%s",
		    settings_r->default_transport.mailer,
		    settings_r->default_transport.host);
		return;
	}
	if (asked && take_transport(&answers, settings_r) == 0)
		return;
	(void)transport_parse("smtp", "", &settings_r->default_transport);
	settings_r->warning = true;
	(void)snprintf(settings_r->said, sizeof(settings_r->said),
	    "postconf does not tell the default transport; \"smtp\" is taken "
	    "for it, set policy.default_transport when that is wrong");
}
