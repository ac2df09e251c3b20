/*
 * Asks a policy server as fast as it answers, over a number of connections
 * with one request under way on each, as smtpd processes do.
 *
 * load_policy ADDRESS CONNECTIONS SECONDS
 * prints: requests a second, median and 99th percentile in microseconds
 */
#include "io/clock.h"
#include "io/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SLOWEST_US = 1 << 20 };

static const char request_format[] =
    "request=smtpd_access_policy\nprotocol_state=DATA\n"
    "protocol_name=ESMTP\nclient_address=203.0.113.7\n"
    "client_name=client.example.net\nclient_port=53284\n"
    "reverse_client_name=client.example.net\nserver_address=127.0.0.1\n"
    "server_port=587\nhelo_name=client.example.com\n"
    "sender=user%u@sender.example\nrecipient=x2@example.org\n"
    "recipient_count=1\nqueue_id=%08XA\ninstance=34b2.6b042dc3.%x.0\n"
    "size=300\netrn_domain=\nstress=\nsasl_method=PLAIN\n"
    "sasl_username=user%u\nsasl_sender=\nccert_subject=\nccert_issuer=\n"
    "ccert_fingerprint=\nccert_pubkey_fingerprint=\n"
    "encryption_protocol=\nencryption_cipher=\nencryption_keysize=0\n"
    "policy_context=\n\n";

struct asker {
	int fd;
	struct mono asked;
};

static uint32_t took[SLOWEST_US + 1]; /* answers by microseconds */
static unsigned asked;

static int
open_connection(const struct listen_address *address)
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
ask(struct asker *asker)
{
	char request[2048];
	unsigned n = asked++;
	int len = snprintf(request, sizeof(request), request_format, n % 1000,
	    n, n, n % 1000);

	asker->asked = clock_now().mono;
	if (send(asker->fd, request, (size_t)len, MSG_NOSIGNAL) != len) {
		perror("send");
		exit(1);
	}
}

static void
take_answer(struct asker *asker)
{
	char answer[8192];
	ssize_t got = recv(asker->fd, answer, sizeof(answer), 0);
	int64_t us = mono_since(clock_now().mono, asker->asked).us;

	if (got < 8 || memcmp(answer, "action=", 7) != 0) {
		(void)fprintf(stderr, "no answer\n");
		exit(1);
	}
	took[us < SLOWEST_US ? us : SLOWEST_US]++;
}

static unsigned
percentile(uint64_t all, double share)
{
	uint64_t want = (uint64_t)((double)all * share), seen = 0;
	unsigned us = 0;

	while (us < SLOWEST_US && (seen += took[us]) < want)
		us++;
	return us;
}

int
main(int argc, char *argv[])
{
	struct epoll_event events[64], wanted = { .events = EPOLLIN };
	struct listen_address address;
	struct asker *askers;
	struct mono begin, end;
	uint64_t all = 0;
	const char *why;
	int connections, epoll, ready;

	if (argc != 4 || listen_parse(argv[1], &address, &why) != 0)
		return 2;
	connections = atoi(argv[2]);
	askers = calloc((size_t)connections, sizeof(*askers));
	epoll = epoll_create1(0);
	begin = clock_now().mono;
	end = mono_add(begin, span_s(atoi(argv[3])));
	asked = (unsigned)begin.us;
	for (int i = 0; i < connections; i++) {
		askers[i].fd = open_connection(&address);
		wanted.data.ptr = &askers[i];
		(void)epoll_ctl(epoll, EPOLL_CTL_ADD, askers[i].fd, &wanted);
		ask(&askers[i]);
	}
	while (mono_before(clock_now().mono, end)) {
		ready = epoll_wait(epoll, events, 64, 1000);
		for (int i = 0; i < ready; i++) {
			take_answer(events[i].data.ptr);
			ask(events[i].data.ptr);
			all++;
		}
	}
	(void)printf("%.0f %u %u\n", (double)all * 1e6 /
	    (double)mono_since(clock_now().mono, begin).us,
	    percentile(all, 0.5), percentile(all, 0.99));
	return 0;
}
