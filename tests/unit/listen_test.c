/* Names of sockets, and who may take one over. */
#include "io/listen.h"

#define TEST_NEEDS_FORK /* descriptors passed once a process */
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct listen_access private = { 0600, (gid_t)-1 };

static const struct {
	const char *text;
	bool taken;
} names[] = {
	{ "unix:/run/weir/state.sock", true },
	{ "inet:127.0.0.1:10025", true },
	{ "inet:[::1]:10025", true },
	{ "inet:::1:10025", true },
	{ "unix:relative.sock", false },
	{ "unix:", false },
	{ "/run/weir/state.sock", false },
	{ "inet:127.0.0.1", false },
	{ "inet:127.0.0.1:0", false },
	{ "inet:127.0.0.1:65536", false },
	{ "inet:127.0.0.1:99999999999", false },
	{ "inet:127.0.0.1:25x", false },
	{ "inet:25@127.0.0.1", false },
	{ "inet:mail.example.com:25", false },
	{ "", false },
};

START_TEST(listen_parse_takes_postfix_forms)
{
	struct listen_address address;
	const char *why = NULL;

	ck_assert_int_eq(listen_parse(names[_i].text, &address, &why),
	    names[_i].taken ? 0 : -1);
	if (!names[_i].taken)
		ck_assert_ptr_nonnull(why);
}
END_TEST

START_TEST(listen_parse_bounds_the_path)
{
	char text[200] = "unix:/";
	struct listen_address address;
	const char *why;

	memset(text + 6, 'a', 102);
	ck_assert_int_eq(listen_parse(text, &address, &why), 0);
	text[6 + 102] = 'a';
	ck_assert_int_eq(listen_parse(text, &address, &why), -1);
}
END_TEST

static struct listen_address
temporary(char *dir)
{
	struct listen_address address = { .is_unix = true };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(address.path, sizeof(address.path), "%.80s/s", dir);
	return address;
}

static void
clean(const char *dir, const struct listen_address *address)
{
	char lock[LISTEN_PATH_MAX + 8];

	listen_remove(address);
	(void)snprintf(lock, sizeof(lock), "%s.lock", address->path);
	ck_assert_int_eq(unlink(lock), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}

START_TEST(listen_replaces_what_a_dead_process_left)
{
	char dir[] = "/tmp/weir-listen-XXXXXX";
	struct listen_address address = temporary(dir);
	struct stat st;
	bool was_passed = true;
	pid_t child = fork();
	int status, fd;

	if (child == 0)
		_exit(listen_get(&address, &private, NULL) == -1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(stat(address.path, &st), 0); /* left behind */

	fd = listen_get(&address, &private, &was_passed);
	ck_assert_int_ne(fd, -1);
	ck_assert(!was_passed);
	ck_assert_int_eq(stat(address.path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	(void)close(fd);
	clean(dir, &address);
}
END_TEST

START_TEST(listen_leaves_a_live_one_alone)
{
	char dir[] = "/tmp/weir-listen-XXXXXX";
	struct listen_address address = temporary(dir);
	int fd = listen_get(&address, &private, NULL);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(listen_get(&address, &private, NULL), -1);
	ck_assert_int_eq(errno, EADDRINUSE);
	(void)close(fd);
	clean(dir, &address);
}
END_TEST

/*
 * Puts a link in the place of each socket that is made there, as the owner of
 * the folder may; until told to stop.
 */
struct swap {
	struct listen_address socket;
	char victim[LISTEN_PATH_MAX + 8];
	pthread_barrier_t begun; /* a child of a thread's beginning may hang */
	atomic_bool stop;
};

static void *
swap_for_links(void *arg)
{
	struct swap *swap = arg;
	const char *path = swap->socket.path;
	struct stat st;

	(void)pthread_barrier_wait(&swap->begun);
	while (!swap->stop) {
		if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) &&
		    unlink(path) == 0 && symlink(swap->victim, path) == -1)
			continue; /* there is a newer one */
	}
	return NULL;
}

START_TEST(listen_gives_nothing_away_but_the_socket)
{
	static const struct listen_access open_to_all = { 0666, (gid_t)-1 };
	char dir[] = "/tmp/weir-listen-XXXXXX";
	struct swap swap = { .socket = temporary(dir) };
	struct stat st;
	pthread_t thread;
	int victim;

	(void)snprintf(swap.victim, sizeof(swap.victim), "%s.victim",
	    swap.socket.path);
	victim = open(swap.victim, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ne(victim, -1);
	ck_assert_int_eq(pthread_barrier_init(&swap.begun, NULL, 2), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, swap_for_links, &swap),
	    0);
	(void)pthread_barrier_wait(&swap.begun);
	for (int i = 0; i < 300; i++) {
		pid_t child = fork(); /* which lets go of the lock */

		if (child == 0) {
			(void)listen_get(&swap.socket, &open_to_all, NULL);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(child, NULL, 0), child);
		(void)unlink(swap.socket.path);
	}
	swap.stop = true;
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(fstat(victim, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	(void)close(victim);
	ck_assert_int_eq(unlink(swap.victim), 0);
	clean(dir, &swap.socket);
}
END_TEST

/* The folder was removed and made again, and somebody else is there. */
START_TEST(listen_remove_leaves_another_socket_alone)
{
	char dir[] = "/tmp/weir-listen-XXXXXX", lock[LISTEN_PATH_MAX + 8];
	struct listen_address address = temporary(dir);
	int fd = listen_get(&address, &private, NULL);
	struct stat st;
	pid_t child;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(unlink(address.path), 0);
	(void)snprintf(lock, sizeof(lock), "%s.lock", address.path);
	ck_assert_int_eq(unlink(lock), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	listen_remove(&address); /* nothing is there */
	child = fork();
	if (child == 0)
		_exit(listen_get(&address, &private, NULL) == -1);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	listen_remove(&address);
	ck_assert_int_eq(stat(address.path, &st), 0);
	(void)close(fd);
	fd = listen_get(&address, &private, NULL);
	ck_assert_int_ne(fd, -1);
	clean(dir, &address);
	ck_assert_int_eq(stat(address.path, &st), -1);
	(void)close(fd);
}
END_TEST

START_TEST(listen_never_removes_another_file)
{
	char dir[] = "/tmp/weir-listen-XXXXXX";
	struct listen_address address = temporary(dir);
	FILE *file = fopen(address.path, "w");

	ck_assert_ptr_nonnull(file);
	(void)fclose(file);
	ck_assert_int_eq(listen_get(&address, &private, NULL), -1);
	ck_assert_int_eq(errno, EEXIST);
	listen_remove(&address);
	ck_assert_int_eq(unlink(address.path), 0);
	clean(dir, &address);
}
END_TEST

/* As systemd would: descriptor 3, named by its address alone. */
static int
take_as_child(int fd, const struct listen_address *address)
{
	bool was_passed = false;
	char pid[24];

	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", "1", 1);
	if (dup2(fd, 3) != 3)
		return 1;
	if (listen_get(address, &private, &was_passed) != 3 || !was_passed)
		return 2;
	return getenv("LISTEN_FDS") == NULL ? 0 : 3;
}

START_TEST(listen_takes_what_was_passed)
{
	struct listen_address address = { .host = "127.0.0.1" };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0), status;
	pid_t child;

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	address.port = ntohs(in.sin_port);
	child = fork(); /* descriptor 3 is the test runner's here */
	if (child == 0)
		_exit(take_as_child(fd, &address));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	(void)close(fd);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("listen");
	TCase *tcase = tcase_create("listen");

	tcase_add_loop_test(tcase, listen_parse_takes_postfix_forms, 0,
	    sizeof(names) / sizeof(names[0]));
	tcase_add_test(tcase, listen_parse_bounds_the_path);
	tcase_add_test(tcase, listen_replaces_what_a_dead_process_left);
	tcase_add_test(tcase, listen_leaves_a_live_one_alone);
	tcase_add_test(tcase, listen_gives_nothing_away_but_the_socket);
	tcase_add_test(tcase, listen_remove_leaves_another_socket_alone);
	tcase_add_test(tcase, listen_never_removes_another_file);
	tcase_add_test(tcase, listen_takes_what_was_passed);
	suite_add_tcase(suite, tcase);
	return suite;
}
