/*
 * A configuration is loaded beside the loop: while a directory service is
 * waited for that does not answer, the loop goes on.
 */
#include "reload.h"

#include "autoconfig.h"
#include "check_main.h"
#include "io/log.h"
#include "io/loop.h"
#include "io/tables.h"
#include "probe_kit.h"

#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { SLOW_UID = 4711 };

static struct daemon daemon_state;
static struct loaded result;
static char path[64];
static pthread_t loop_thread;
static int asked, answered; /* eventfds: a name, the directory */
static unsigned waits;

/*
 * The directory service: in the place of the C library's, for this program.
 * From the loop's own thread it would wait for itself.
 */
int
getpwnam_r(const char *restrict name, struct passwd *restrict entry,
    char *restrict texts, size_t room, struct passwd **restrict found_r)
{
	eventfd_t count;

	(void)texts;
	(void)room;
	*found_r = NULL;
	if (strcmp(name, "slow") != 0 ||
	    pthread_equal(pthread_self(), loop_thread))
		return 0;
	(void)eventfd_write(asked, 1);
	(void)eventfd_read(answered, &count);
	memset(entry, 0, sizeof(*entry));
	entry->pw_uid = SLOW_UID;
	*found_r = entry;
	return 0;
}

/* The loop serves whatever comes meanwhile. */
static void
asked_cb(evutil_socket_t fd, short what, void *ctx)
{
	eventfd_t count;

	(void)what;
	(void)ctx;
	ck_assert_int_eq(eventfd_read(fd, &count), 0);
	waits++;
	(void)eventfd_write(answered, 1);
}

static void
reloaded_cb(struct daemon *daemon, struct loaded *loaded, uint64_t run)
{
	ck_assert_uint_eq(run, 1);
	result = *loaded;
	(void)event_base_loopbreak(daemon->base);
}

static void
setup(void)
{
	FILE *file;

	strcpy(path, "/tmp/weir-reload-XXXXXX");
	file = fdopen(mkstemp(path), "w");
	ck_assert_ptr_nonnull(file);
	(void)fputs("state: { admins = [ \"slow\", \"none\" ]; "
	    "daemons = [ \"slow\" ]; };\n"
	    "policy: { default_transport = \"smtp\"; };\n", file);
#ifdef HAVE_LIBSYSTEMD
	(void)fputs("maillog: { source = \"journal\"; "
	    "users = [ \"slow\" ]; };\n", file);
#endif
	ck_assert_int_eq(fclose(file), 0);
	log_open("test", LOG_LEVEL_ERROR);
	waits = 0;
	loop_thread = pthread_self();
	asked = eventfd(0, EFD_NONBLOCK);
	answered = eventfd(0, 0);
	memset(&daemon_state, 0, sizeof(daemon_state));
	daemon_state.config_path = path;
	daemon_state.base = loop_new();
	daemon_state.reload = reload_new(&daemon_state, reloaded_cb);
}

static void
teardown(void)
{
	reload_free(&daemon_state.reload);
	event_base_free(daemon_state.base);
	(void)close(asked);
	(void)close(answered);
	(void)unlink(path);
}

START_TEST(names_are_looked_up_beside_the_loop)
{
	struct event *event = loop_event_new(daemon_state.base,
	    LOOP_PRIORITY_REST, asked, EV_READ | EV_PERSIST, asked_cb, NULL);

	(void)event_add(event, NULL);
	ck_assert_uint_eq(reload_start(daemon_state.reload), 1);
	(void)event_base_dispatch(daemon_state.base);
	ck_assert_uint_eq(result.roles.admins.count, 1);
	ck_assert(users_have(&result.roles.admins, SLOW_UID));
	ck_assert(users_have(&result.roles.daemons, SLOW_UID));
#ifdef HAVE_LIBSYSTEMD
	ck_assert_uint_eq(waits, 3);
	ck_assert(users_have(&result.log_users, SLOW_UID));
#else
	ck_assert_uint_eq(waits, 2);
#endif
	event_free(event);
	probe_kit_unref(&result.kit);
	tables_unref(&result.tables);
	config_unref(&result.config);
	state_roles_clear(&result.roles);
	users_clear(&result.log_users);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("reload");
	TCase *tcase = tcase_create("users");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, names_are_looked_up_beside_the_loop);
	suite_add_tcase(s, tcase);
	return s;
}
