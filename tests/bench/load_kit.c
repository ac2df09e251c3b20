/*
 * One loop over all connections, or a thread for each session; what each took,
 * by microseconds.
 */
#include "load_kit.h"

#include "io/clock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SLOWEST_US = 1 << 20 };

struct asker {
	int fd;
	struct mono asked;
};

static uint32_t took[SLOWEST_US + 1];
static uint64_t all;

unsigned load_users = 1000;

unsigned
load_user(unsigned n)
{
	/* a prime that none of our numbers of users is a multiple of */
	return (unsigned)((uint64_t)n * 7919 % load_users);
}

int
load_connect(const struct listen_address *address)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd, one = 1;

	if (address->is_unix) {
		(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s",
		    address->path);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
			return fd;
	} else {
		in.sin_port = htons(address->port);
		(void)inet_pton(AF_INET, address->host, &in.sin_addr);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof(one));
		if (connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0)
			return fd;
	}
	perror("connect");
	exit(1);
}

static void
count(int64_t us)
{
	took[us < SLOWEST_US ? us : SLOWEST_US]++;
	all++;
}

static unsigned
percentile(double share)
{
	uint64_t want = (uint64_t)((double)all * share), seen = 0;
	unsigned us = 0;

	while (us < SLOWEST_US && (seen += took[us]) < want)
		us++;
	return us;
}

/* "requests/s p50 p99" (microseconds), and their number, on one line. */
static void
print(int64_t us)
{
	(void)printf("%.0f %u %u %llu\n", (double)all * 1e6 / (double)us,
	    percentile(0.5), percentile(0.99), (unsigned long long)all);
}

static void
ask(const struct load *load, struct asker *asker)
{
	static unsigned asked;
	char request[LOAD_REQUEST_MAX];
	size_t len = load->request(asked++, request);

	asker->asked = clock_now().mono;
	if (send(asker->fd, request, len, MSG_NOSIGNAL) != (ssize_t)len) {
		perror("send");
		exit(1);
	}
}

static void
take_answer(const struct load *load, struct asker *asker)
{
	char answer[8192];
	ssize_t got = recv(asker->fd, answer, sizeof(answer), 0);

	if (got <= 0 || !load->right(answer, (size_t)got)) {
		(void)fprintf(stderr, "no answer, or a wrong one: %.*s\n",
		    got > 0 ? (int)got : 0, answer);
		exit(1);
	}
	count(mono_since(clock_now().mono, asker->asked).us);
}

static void
run(const struct load *load, int epoll, struct mono end)
{
	struct epoll_event events[64];

	while (mono_before(clock_now().mono, end)) {
		int ready = epoll_wait(epoll, events, 64, 1000);

		for (int i = 0; i < ready; i++) {
			take_answer(load, events[i].data.ptr);
			ask(load, events[i].data.ptr);
		}
	}
}

/* 0, or -1 when that is no ADDRESS NUMBER SECONDS [USERS]. */
static int
parse(int argc, char *argv[], struct listen_address *address_r)
{
	const char *why;

	if (argc < 4 || argc > 5 ||
	    listen_parse(argv[1], address_r, &why) != 0) {
		(void)fprintf(stderr, "usage: %s ADDRESS NUMBER SECONDS "
		    "[USERS]\n", argv[0]);
		return -1;
	}
	if (argc == 5)
		load_users = (unsigned)atoi(argv[4]);
	return 0;
}

int
load_main(int argc, char *argv[], const struct load *load)
{
	struct epoll_event wanted = { .events = EPOLLIN };
	struct listen_address address;
	struct asker *askers;
	struct mono begin;
	int connections, epoll;

	if (parse(argc, argv, &address) == -1)
		return 2;
	connections = atoi(argv[2]);
	askers = calloc((size_t)connections, sizeof(*askers));
	epoll = epoll_create1(0);
	if (askers == NULL || epoll == -1)
		abort();
	begin = clock_now().mono;
	for (int i = 0; i < connections; i++) {
		askers[i].fd = load_connect(&address);
		wanted.data.ptr = &askers[i];
		(void)epoll_ctl(epoll, EPOLL_CTL_ADD, askers[i].fd, &wanted);
		ask(load, &askers[i]);
	}
	run(load, epoll, mono_add(begin, span_s(atoi(argv[3]))));
	print(mono_since(clock_now().mono, begin).us);
	return 0;
}

/* --- sessions --- */

struct sessions {
	load_session_fn session;
	struct listen_address address;
	struct mono end;
	atomic_uint begun;
	pthread_mutex_t lock; /* of what is counted */
};

static void *
run_sessions(void *ctx)
{
	struct sessions *sessions = ctx;
	int64_t us;

	while (mono_before(clock_now().mono, sessions->end)) {
		us = sessions->session(&sessions->address,
		    atomic_fetch_add(&sessions->begun, 1));
		(void)pthread_mutex_lock(&sessions->lock);
		count(us);
		(void)pthread_mutex_unlock(&sessions->lock);
	}
	return NULL;
}

int
load_sessions_main(int argc, char *argv[], load_session_fn session)
{
	struct sessions sessions = { .session = session,
		.lock = PTHREAD_MUTEX_INITIALIZER };
	struct mono begin = clock_now().mono;
	pthread_t *threads;
	int at_once;

	if (parse(argc, argv, &sessions.address) == -1)
		return 2;
	at_once = atoi(argv[2]);
	sessions.end = mono_add(begin, span_s(atoi(argv[3])));
	threads = calloc((size_t)at_once, sizeof(*threads));
	if (threads == NULL)
		abort();
	for (int i = 0; i < at_once; i++) {
		if (pthread_create(&threads[i], NULL, run_sessions,
		    &sessions) != 0)
			abort();
	}
	for (int i = 0; i < at_once; i++)
		(void)pthread_join(threads[i], NULL);
	print(mono_since(clock_now().mono, begin).us);
	free(threads);
	return 0;
}
