/*
 * A worker dies, its socket does not. This program is its own worker: called
 * with "worker" it answers every connection with its pid.
 */
#include "io/listen.h"
#include "io/log.h"
#include "io/supervise.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static const char *self;

static int
worker(const char *path)
{
	static const struct listen_access access = { 0600, (gid_t)-1 };
	struct listen_address address = { .is_unix = true };
	struct pollfd pollfd = { .events = POLLIN };
	bool passed;

	(void)snprintf(address.path, sizeof(address.path), "%s", path);
	pollfd.fd = listen_get(&address, &access, &passed);
	if (pollfd.fd == -1 || !passed)
		return EX_SOFTWARE;
	while (poll(&pollfd, 1, -1) == 1) {
		int fd = accept(pollfd.fd, NULL, NULL);
		pid_t pid = getpid();

		if (fd == -1 || write(fd, &pid, sizeof(pid)) != sizeof(pid))
			return EX_OSERR;
		(void)close(fd);
	}
	return EX_OK;
}

static bool pass_socket;

/* As systemd would: the socket is descriptor 3 of a process that has it. */
static void
pass(const struct supervised_socket *sock)
{
	union listen_sockaddr any;
	socklen_t len = listen_sockaddr(&sock->address, &any);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char pid[24];

	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	if (bind(fd, &any.sa, len) == -1 || listen(fd, 8) == -1 ||
	    dup2(fd, LISTEN_FIRST_FD) == -1 ||
	    setenv("LISTEN_PID", pid, 1) == -1 ||
	    setenv("LISTEN_FDS", "1", 1) == -1)
		_exit(EX_OSERR);
}

static void
start(char *dir, const char *mode, struct supervised_socket *sock,
    pid_t *parent_r)
{
	char *argv[] = { (char *)(uintptr_t)self, (char *)(uintptr_t)mode,
		sock->address.path, NULL };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	sock->address.is_unix = true;
	sock->access = (struct listen_access) { 0600, (gid_t)-1 };
	(void)snprintf(sock->address.path, sizeof(sock->address.path),
	    "%.80s/s", dir);
	*parent_r = fork();
	if (*parent_r == 0) {
		if (pass_socket)
			pass(sock);
		_exit(supervise(sock, 1, argv));
	}
	ck_assert_int_ne(*parent_r, -1);
}

/* The pid of the worker that answered; 0 when nobody did. */
static pid_t
ask(const struct supervised_socket *sock)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid = 0;

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s",
	    sock->address.path);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == -1 ||
	    read(fd, &pid, sizeof(pid)) != sizeof(pid))
		pid = 0;
	(void)close(fd);
	return pid;
}

static void
clean(const char *dir, const struct supervised_socket *sock)
{
	char lock[LISTEN_PATH_MAX + 8];

	(void)snprintf(lock, sizeof(lock), "%s.lock", sock->address.path);
	(void)unlink(lock);
	ck_assert_int_eq(rmdir(dir), 0); /* the socket itself is gone */
}

START_TEST(a_killed_worker_refuses_nobody)
{
	char dir[] = "/tmp/weir-supervise-XXXXXX";
	struct supervised_socket sock = { 0 };
	pid_t parent, first, second;
	int status;

	start(dir, "worker", &sock, &parent);
	while ((first = ask(&sock)) == 0) /* the parent is about to listen */
		ck_assert_int_eq(waitpid(parent, &status, WNOHANG), 0);
	ck_assert_int_eq(kill(first, SIGKILL), 0);
	second = ask(&sock);
	ck_assert_int_ne(second, 0);
	ck_assert_int_ne(second, first);

	ck_assert_int_eq(kill(parent, SIGTERM), 0);
	ck_assert_int_eq(waitpid(parent, &status, 0), parent);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(kill(second, 0), -1);
	clean(dir, &sock);
}
END_TEST

/* As a container's first process, or a script, may leave it to us. */
START_TEST(a_killed_worker_is_seen_where_children_are_ignored)
{
	char dir[] = "/tmp/weir-supervise-XXXXXX";
	struct supervised_socket sock = { 0 };
	pid_t parent, first;
	int status;

	(void)signal(SIGCHLD, SIG_IGN);
	start(dir, "worker", &sock, &parent);
	(void)signal(SIGCHLD, SIG_DFL);
	while ((first = ask(&sock)) == 0)
		ck_assert_int_eq(waitpid(parent, &status, WNOHANG), 0);
	ck_assert_int_eq(kill(first, SIGKILL), 0);
	ck_assert_int_ne(ask(&sock), 0);
	ck_assert_int_eq(kill(parent, SIGTERM), 0);
	ck_assert_int_eq(waitpid(parent, &status, 0), parent);
	clean(dir, &sock);
}
END_TEST

/* What systemd listens on is systemd's to remove. */
START_TEST(a_socket_that_was_passed_stays)
{
	char dir[] = "/tmp/weir-supervise-XXXXXX";
	struct supervised_socket sock = { 0 };
	pid_t parent;
	int status;

	pass_socket = true;
	start(dir, "worker", &sock, &parent);
	pass_socket = false;
	while (ask(&sock) == 0)
		ck_assert_int_eq(waitpid(parent, &status, WNOHANG), 0);
	ck_assert_int_eq(kill(parent, SIGTERM), 0);
	ck_assert_int_eq(waitpid(parent, &status, 0), parent);
	ck_assert_int_eq(unlink(sock.address.path), 0);
	clean(dir, &sock);
}
END_TEST

START_TEST(a_worker_ends_with_its_parent)
{
	char dir[] = "/tmp/weir-supervise-XXXXXX", path[120];
	struct supervised_socket sock = { 0 };
	pid_t parent, first;
	int status;

	start(dir, "worker", &sock, &parent);
	while ((first = ask(&sock)) == 0)
		ck_assert_int_eq(waitpid(parent, &status, WNOHANG), 0);
	ck_assert_int_eq(kill(parent, SIGKILL), 0);
	ck_assert_int_eq(waitpid(parent, &status, 0), parent);
	while (ask(&sock) != 0) /* until nobody listens */
		;
	(void)snprintf(path, sizeof(path), "%s", sock.address.path);
	ck_assert_int_eq(unlink(path), 0);
	clean(dir, &sock);
}
END_TEST

START_TEST(a_worker_that_refuses_its_configuration_is_not_repeated)
{
	char dir[] = "/tmp/weir-supervise-XXXXXX";
	struct supervised_socket sock = { 0 };
	pid_t parent;
	int status;

	start(dir, "refuse", &sock, &parent);
	ck_assert_int_eq(waitpid(parent, &status, 0), parent);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), EX_CONFIG);
	clean(dir, &sock);
}
END_TEST

static int
run_suite(void)
{
	Suite *suite = suite_create("supervise");
	TCase *tcase = tcase_create("supervise");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, a_killed_worker_refuses_nobody);
	tcase_add_test(tcase,
	    a_killed_worker_is_seen_where_children_are_ignored);
	tcase_add_test(tcase, a_socket_that_was_passed_stays);
	tcase_add_test(tcase, a_worker_ends_with_its_parent);
	tcase_add_test(tcase,
	    a_worker_that_refuses_its_configuration_is_not_repeated);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "worker") == 0)
		return worker(argv[2]);
	if (argc == 3 && strcmp(argv[1], "refuse") == 0)
		return EX_CONFIG;
	self = argv[0];
	return run_suite();
}
