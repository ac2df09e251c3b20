/*
 * The server of the state tests. Answers are read a byte at a time, so that
 * nothing of the next one is swallowed.
 */
#include "state_fixture.h"

#include "io/loop.h"
#include "io/resp.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void
echo_fn(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct fixture *fixture = ctx;

	atomic_fetch_add(&fixture->served, 1);
	state_reply_strings(peer, argv, argc);
}

static void
bulk_fn(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct fixture *fixture = ctx;
	size_t size = strtoul(argv[0], NULL, 10);
	char *bytes = malloc(size);

	(void)argc;
	memset(bytes, 'x', size);
	atomic_fetch_add(&fixture->served, 1);
	state_reply_bulk(peer, bytes, size);
	free(bytes);
}

static void
note_fn(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct fixture *fixture = ctx;

	(void)argc;
	if (strcmp(argv[0], "bad") == 0)
		state_reply_error(peer, "ERR a bad note");
	else
		atomic_fetch_add(&fixture->notes, 1);
}

static void
ok_fn(void *ctx, struct state_peer *peer, size_t argc, const char *const *argv)
{
	(void)ctx;
	(void)argc;
	(void)argv;
	state_reply_ok(peer);
}

static void
wait_fn(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct fixture *fixture = ctx;

	(void)argc;
	(void)argv;
	fixture->ticket = state_suspend(peer);
	atomic_fetch_add(&fixture->served, 1);
}

static void
resume_fn(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	struct fixture *fixture = ctx;
	struct state_peer *waiting = state_resume(fixture->server,
	    fixture->ticket);
	const char *told = waiting == NULL ? "left" : "resumed";

	(void)argc;
	(void)argv;
	if (waiting != NULL)
		state_reply_bulk(waiting, "waited", 6);
	state_reply_bulk(peer, told, strlen(told));
}

static const struct state_verb verbs[] = {
	{ "ECHO", STATE_READ, 0, 63, false, echo_fn },
	{ "BULK", STATE_READ, 1, 1, false, bulk_fn },
	{ "NOTE", STATE_REPORT, 1, 1, true, note_fn },
	{ "REPORT", STATE_REPORT, 0, 0, false, ok_fn },
	{ "ORDER", STATE_OPERATE, 0, 0, false, ok_fn },
	{ "WAIT", STATE_READ, 0, 0, false, wait_fn },
	{ "RESUME", STATE_READ, 0, 0, false, resume_fn },
};

static void
up_cb(void *ctx, const char *instance)
{
	struct fixture *fixture = ctx;

	ck_assert_str_ne(instance, "");
	atomic_fetch_add(&fixture->ups, 1);
}

static void
down_cb(void *ctx, const char *instance)
{
	struct fixture *fixture = ctx;

	ck_assert_str_ne(instance, "");
	atomic_fetch_add(&fixture->downs, 1);
}

static void
stop_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)event_base_loopbreak(arg);
}

static void
low_cb(evutil_socket_t fd, short what, void *arg)
{
	struct fixture *fixture = arg;
	char byte;

	(void)what;
	if (read(fd, &byte, 1) == 1)
		atomic_fetch_add(&fixture->low, 1);
}

static void *
serve(void *arg)
{
	struct fixture *fixture = arg;
	struct state_server_settings settings = {
		.verbs = verbs,
		.nverbs = sizeof(verbs) / sizeof(verbs[0]),
		.ctx = fixture,
		.epoch = fixture->epoch,
		.instance_up = up_cb,
		.instance_down = down_cb,
	};
	struct state_roles roles;
	struct event *stop, *low;

	state_roles_init(&roles, &fixture->config);
	fixture->base = loop_new();
	stop = loop_event_new(fixture->base, LOOP_PRIORITY_STATE, fixture->stop,
	    EV_READ, stop_cb, fixture->base);
	low = loop_event_new(fixture->base, LOOP_PRIORITY_POLICY,
	    fixture->low_fd, EV_READ | EV_PERSIST, low_cb, fixture);
	(void)event_add(stop, NULL);
	if (fixture->low_fd != -1)
		(void)event_add(low, NULL);
	fixture->server = state_server_new(fixture->base,
	    dup(fixture->listening), &settings, fixture->config.generation,
	    &roles);
	(void)event_base_dispatch(fixture->base);
	state_server_free(&fixture->server);
	event_free(stop);
	event_free(low);
	event_base_free(fixture->base);
	return NULL;
}

void
fixture_init(struct fixture *fixture)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memset(fixture, 0, sizeof(*fixture));
	strcpy(fixture->folder, "/tmp/weir-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fixture->folder));
	(void)chmod(fixture->folder, 0755);
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/s",
	    fixture->folder);
	strcpy(address.sun_path, fixture->path);
	fixture->epoch = "epoch-1";
	fixture->config.generation = 7;
	fixture->low_fd = -1;
	fixture->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(fixture->listening, (struct sockaddr *)&address,
	    sizeof(address)), 0);
	(void)chmod(fixture->path, 0777);
	ck_assert_int_eq(listen(fixture->listening, 100), 0);
}

void
fixture_start(struct fixture *fixture)
{
	fixture->stop = eventfd(0, 0);
	ck_assert_int_eq(pthread_create(&fixture->thread, NULL, serve,
	    fixture), 0);
}

void
fixture_stop(struct fixture *fixture)
{
	(void)eventfd_write(fixture->stop, 1);
	(void)pthread_join(fixture->thread, NULL);
	(void)close(fixture->stop);
}

void
fixture_clear(struct fixture *fixture)
{
	(void)close(fixture->listening);
	(void)unlink(fixture->path);
	(void)rmdir(fixture->folder);
}

int
fixture_connect(const struct fixture *fixture)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, fixture->path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address,
	    sizeof(address)), 0);
	return fd;
}

void
send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

		if (sent == -1)
			return; /* closed on us: the test will see it */
		bytes += sent;
		len -= (size_t)sent;
	}
}

void
send_words(int fd, const char *words)
{
	char copy[4096], *rest = copy, *word;
	const char *list[128];
	size_t count = 0;
	struct resp_out out = { 0 };

	ck_assert_uint_lt(strlen(words), sizeof(copy));
	strcpy(copy, words);
	while ((word = strsep(&rest, " ")) != NULL)
		list[count++] = word;
	resp_put_strings(&out, count, list);
	send_all(fd, out.bytes, out.end);
	resp_out_clear(&out);
}

static void
tell_frame(const struct resp_frame *frame, char *told, size_t size)
{
	FILE *file = fmemopen(told, size, "w");

	fputc(frame->type, file);
	for (size_t i = 0; i < frame->count; i++)
		fprintf(file, "%s%s", i == 0 ? "" : ",", frame->elements[i]);
	fclose(file);
}

void
next_answer(int fd, char *told, size_t size)
{
	const struct resp_limits limits = { 128, 16 << 20, true };
	struct resp *resp = resp_new(&limits);
	struct resp_frame frame;
	char byte;

	told[0] = '\0';
	while (resp_next(resp, &frame) == RESP_MORE) {
		if (recv(fd, &byte, 1, 0) != 1)
			break;
		resp_feed(resp, &byte, 1);
		if (resp_next(resp, &frame) == RESP_FRAME) {
			tell_frame(&frame, told, size);
			break;
		}
	}
	resp_free(&resp);
}

const char *
ask(int fd, const char *words)
{
	static char told[8192];

	send_words(fd, words);
	next_answer(fd, told, sizeof(told));
	return told;
}

void
await_count(atomic_uint *count, unsigned wanted)
{
	while (atomic_load(count) < wanted)
		(void)poll(NULL, 0, 1);
}
