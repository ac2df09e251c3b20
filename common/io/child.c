/*
 * A pipe, poll and a deadline: popen(3) has no deadline and goes by a shell.
 */
#include "io/child.h"

#include "io/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct reading {
	child_line_fn fn;
	void *ctx;
	char *line; /* CHILD_LINE_MAX + 1 */
	size_t len;
};

/* sbin is not in everyone's path. */
static int
spawn(pid_t *pid_r, const char *const *argv,
    const posix_spawn_file_actions_t *actions)
{
	char *const *args = (char *const *)(const void *)argv;
	char path[64];

	(void)snprintf(path, sizeof(path), "/usr/sbin/%s", argv[0]);
	return posix_spawnp(pid_r, argv[0], actions, NULL, args,
	    environ) == 0 || posix_spawn(pid_r, path, actions, NULL, args,
	    environ) == 0 ? 0 : -1;
}

/* 0 and the child, whose output comes by *fd_r; or -1. */
static int
start(pid_t *pid_r, int *fd_r, const char *const *argv, int descriptor)
{
	posix_spawn_file_actions_t actions;
	int fds[2], result;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null",
	    O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, 3 - descriptor,
	    "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, fds[1], descriptor);
	result = spawn(pid_r, argv, &actions);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(fds[1]);
	if (result == -1)
		(void)close(fds[0]);
	*fd_r = fds[0];
	return result;
}

static void
end_line(struct reading *reading)
{
	reading->line[reading->len] = '\0';
	reading->fn(reading->ctx, reading->line);
	reading->len = 0;
}

static void
take_bytes(struct reading *reading, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			end_line(reading);
		else if (reading->len < CHILD_LINE_MAX)
			reading->line[reading->len++] = bytes[i];
	}
}

/* All it writes. 0, or -1 when it took too long. */
static int
read_all(struct reading *reading, int fd, struct mono until)
{
	char bytes[16384];

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t left = mono_since(until, clock_now().mono).us / 1000;
		ssize_t got;

		if (left <= 0)
			return -1;
		if (poll(&wait, 1, left < 1000 ? (int)left : 1000) <= 0)
			continue;
		got = read(fd, bytes, sizeof(bytes));
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		take_bytes(reading, bytes, (size_t)got);
	}
	if (reading->len != 0)
		end_line(reading);
	return 0;
}

int
child_run(const char *const *argv, int descriptor, struct mono until,
    child_line_fn fn, void *ctx)
{
	struct reading reading = { .fn = fn, .ctx = ctx };
	int fd, status = -1, result;
	pid_t pid;

	/* who started us may ignore it, and no status is kept then: wait(2) */
	(void)signal(SIGCHLD, SIG_DFL);
	if (start(&pid, &fd, argv, descriptor) == -1)
		return -1;
	reading.line = malloc(CHILD_LINE_MAX + 1);
	if (reading.line == NULL)
		abort();
	result = read_all(&reading, fd, until);
	free(reading.line);
	(void)close(fd);
	if (result == -1)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return result == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
