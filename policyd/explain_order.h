/*
 * Questions of weirctl explain that have to wait for a socketmap: the login is
 * looked up in a thread of its own, since the loop must not stand still, and
 * the question is put again with what was found.
 */
#ifndef WEIR_POLICYD_EXPLAIN_ORDER_H
#define WEIR_POLICYD_EXPLAIN_ORDER_H

#include "daemon.h"

#include "io/tables.h"

struct explain_orders;

struct explain_found { /* what the tables say of a user */
	enum reason reason; /* OK, or REASON_IDENTITY_AWAY */
	const char *table; /* AWAY: which one has no answer */
	struct tables_answer answer;
};

/* The question again, on the loop; everything is borrowed for the call. */
typedef void (*explain_fn)(struct daemon *, struct state_peer *, size_t argc,
    const char *const *argv, const struct explain_found *);

struct explain_orders *explain_orders_new(struct daemon *, explain_fn);

/* Waits for the threads, which is bounded by identities.table_timeout. */
void explain_orders_free(struct explain_orders **);

/* The peer is suspended until it is answered. Arguments are copied. */
void explain_orders_add(struct explain_orders *, struct state_peer *,
    const char *user, size_t argc, const char *const *argv);

#endif
