/*
 * The policy service: Postfix connects, asks, is answered, and stays.
 *
 * A connection has a fixed buffer and costs no allocation after it was
 * accepted. An idle one may stay for ever, as Postfix expects; half a request,
 * or an answer not read, for POLICY_STALL closes it. Garbage closes it with
 * one log line, and nobody else notices.
 */
#ifndef WEIR_POLICYD_POLICY_SERVER_H
#define WEIR_POLICYD_POLICY_SERVER_H

#include "core/policy.h"
#include "core/span.h"

#include <event2/event.h>

#define POLICY_STALL span_s(30)

/* The action for a request, which it may change; valid until the next call. */
typedef const char *(*policy_answer_fn)(void *ctx, struct policy_request *);

struct policy_server;

/* max_clients is for each of its sockets. */
struct policy_server *policy_server_new(struct event_base *,
    uint32_t max_clients, policy_answer_fn, void *ctx);
void policy_server_free(struct policy_server **);

/* fd: listening; owned from now on. name is borrowed, for the log. */
void policy_server_listen(struct policy_server *, int fd, const char *name);

uint32_t policy_server_clients(const struct policy_server *);

#endif
