/* What systemd is told of start and reload, by the datagrams it would get. */
#include "io/ready.h"

#define TEST_NEEDS_FORK /* the environment */
#include "check_main.h"

#include <stddef.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
receiver(struct sockaddr_un *address, const char *path, bool abstract)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(path));

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	(void)strcpy(address->sun_path, path);
	if (abstract)
		address->sun_path[0] = '\0';
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)address, len + !abstract),
	    0);
	return fd;
}

static void
check_told(int fd, const char *begin)
{
	char text[200];
	ssize_t got = recv(fd, text, sizeof(text) - 1, 0);

	ck_assert_int_gt(got, 0);
	text[got] = '\0';
	ck_assert_msg(strncmp(text, begin, strlen(begin)) == 0, "%s", text);
}

static void
check_both(const char *path, bool abstract)
{
	struct sockaddr_un address;
	int fd = receiver(&address, path, abstract);

	ck_assert_int_eq(setenv("NOTIFY_SOCKET", path, 1), 0);
	ready_tell();
	check_told(fd, "READY=1");
	ready_reloading();
	check_told(fd, "RELOADING=1\nMONOTONIC_USEC=");
	(void)close(fd);
}

START_TEST(start_and_reload_are_told)
{
	char folder[] = "/tmp/weir-ready.XXXXXX", path[64];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/notify", folder);
	check_both(path, false);
	(void)unlink(path);
	(void)rmdir(folder);
}
END_TEST

START_TEST(an_abstract_socket_is_one_too)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "@weir-ready-%d", (int)getpid());
	check_both(path, true);
}
END_TEST

START_TEST(nobody_to_tell_is_no_mistake)
{
	ck_assert_int_eq(unsetenv("NOTIFY_SOCKET"), 0);
	ready_tell();
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", "/nonexistent/x", 1), 0);
	ready_tell();
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", "", 1), 0);
	ready_reloading();
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("ready");
	TCase *tcase = tcase_create("ready");

	tcase_add_test(tcase, start_and_reload_are_told);
	tcase_add_test(tcase, an_abstract_socket_is_one_too);
	tcase_add_test(tcase, nobody_to_tell_is_no_mistake);
	suite_add_tcase(suite, tcase);
	return suite;
}
