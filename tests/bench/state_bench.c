/*
 * What a round trip to the state costs: our client against our server, beside
 * a floor in the same run, the same request and answer in bytes between two
 * threads that do nothing but recv and send.
 */
#include "io/clock.h"
#include "io/loop.h"
#include "io/state_client.h"
#include "io/state_server.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TRIPS = 50000, ROUNDS = 5 };

static const char *const request[] = { "RCPT", "4b9f8a1c2d3e",
	"someone@example.com", "smtp", "relay.example.net", "4XyZ1a2b3c" };
static const char *const verdict[] = { "accept", "ok", "", "", "messages",
	"0", "0", "0", "0", "", "7" };
static const char request_bytes[] = "*6\r\n$4\r\nRCPT\r\n$12\r\n4b9f8a1c2d3e"
    "\r\n$19\r\nsomeone@example.com\r\n$4\r\nsmtp\r\n$17\r\nrelay.example.net"
    "\r\n$10\r\n4XyZ1a2b3c\r\n";
static char path[64];
static int64_t took[TRIPS];

static void
rcpt_fn(void *ctx, struct state_peer *peer, size_t argc,
    const char *const *argv)
{
	(void)ctx;
	(void)argc;
	(void)argv;
	state_reply_strings(peer, verdict, 11);
}

static void *
serve(void *arg)
{
	static const struct state_verb verb = { "RCPT", STATE_REPORT, 5, 5,
		false, rcpt_fn };
	struct state_roles roles = { .own = geteuid() };
	struct state_server_settings settings = { .verbs = &verb, .nverbs = 1,
		.epoch = "e" };
	struct event_base *base = loop_new();

	(void)state_server_new(base, *(int *)arg, &settings, 1, &roles);
	(void)event_base_dispatch(base);
	return NULL;
}

static void *
null_serve(void *arg)
{
	static const char answer[100];
	char bytes[4096];
	int fd = *(int *)arg;

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		(void)send(fd, answer, sizeof(answer), MSG_NOSIGNAL);
	return NULL;
}

static int
listen_at_path(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	(void)snprintf(path, sizeof(path), "/tmp/state-bench-%ld",
	    (long)getpid());
	strcpy(address.sun_path, path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1 ||
	    listen(fd, 10) == -1)
		abort();
	return fd;
}

static int
later(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double
report(const char *name, int64_t us)
{
	qsort(took, TRIPS, sizeof(took[0]), later);
	printf("%-6s %8.0f trips/s  median %lld us  p99 %lld us\n", name,
	    TRIPS * 1e6 / (double)us, (long long)took[TRIPS / 2],
	    (long long)took[TRIPS * 99 / 100]);
	return TRIPS * 1e6 / (double)us;
}

static double
run_floor(int fd)
{
	int64_t start = clock_now().mono.us, at = start, now;
	char bytes[4096];

	for (int i = 0; i < TRIPS; i++) {
		(void)send(fd, request_bytes, sizeof(request_bytes) - 1,
		    MSG_NOSIGNAL);
		(void)recv(fd, bytes, sizeof(bytes), 0);
		now = clock_now().mono.us;
		took[i] = now - at;
		at = now;
	}
	return report("floor", at - start);
}

static double
run_state(struct state_client *client)
{
	int64_t start = clock_now().mono.us, at = start, now;

	for (int i = 0; i < TRIPS; i++) {
		struct state_reply reply;

		if (state_call(client, 6, request, &reply) != STATE_OK)
			abort();
		state_reply_free(&reply);
		now = clock_now().mono.us;
		took[i] = now - at;
		at = now;
	}
	return report("state", at - start);
}

int
main(void)
{
	struct state_client_settings settings = { .socket = path,
		.role = "milter", .instance = "bench",
		.timeout = span_s(5) };
	struct state_client *client;
	int listening = listen_at_path(), pair[2];
	pthread_t server, floor;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1 ||
	    pthread_create(&server, NULL, serve, &listening) != 0 ||
	    pthread_create(&floor, NULL, null_serve, &pair[1]) != 0)
		abort();
	client = state_client_new(&settings);
	for (int i = 0; i < ROUNDS; i++)
		printf("state is %.2f of the floor\n",
		    1 / (run_floor(pair[0]) / run_state(client)));
	state_client_free(&client);
	(void)unlink(path);
	return 0;
}
