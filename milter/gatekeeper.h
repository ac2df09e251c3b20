/*
 * How much a client may do: asks the state, and answers itself while the state
 * is away (milter.on_state_loss).
 *
 * One question costs at most one round trip, bounded by milter.state_timeout.
 * A message whose counting moved here, because the state did not answer at its
 * MAIL or at one of its recipients, is counted here to its end: the state would
 * not know all of it. (The policy service compares recipient counts, so it does
 * not route such a message by halves.)
 *
 * Thread-safe; calls about one visit come one at a time.
 */
#ifndef WEIR_MILTER_GATEKEEPER_H
#define WEIR_MILTER_GATEKEEPER_H

#include "current.h"
#include "registry.h"

#include "core/event.h"
#include "core/verdict.h"
#include "io/config_file.h"

struct gatekeeper;

/*
 * The socket and its time limit stay those of the present configuration. It
 * lasts until the program ends: threads of libmilter may still use it then.
 */
struct gatekeeper *gatekeeper_new(struct current *);

/*
 * A new session, described already. True: it may stay, is open and must be
 * closed. Otherwise the verdict tells what to answer.
 */
bool gatekeeper_connect(struct gatekeeper *, const struct config *,
    struct visit *, struct verdict *);

/*
 * A message of an open visit; user "" for none, by_network when nobody logged
 * in as him; size: the bytes its client says it will have, or 0.
 */
bool gatekeeper_mail(struct gatekeeper *, const struct config *,
    struct visit *, const char *user, bool by_network, const char *sender,
    uint64_t size, struct verdict *);

struct recipient {
	const char *address;
	const char *mailer, *host; /* as Postfix resolved it; "" not known */
	const char *queue_id; /* "": not known yet */
};
bool gatekeeper_rcpt(struct gatekeeper *, const struct config *,
    struct visit *, const struct recipient *, struct verdict *);

/*
 * The end of a message that passes all other checks: its bytes, 0 when not
 * counted. True: it may pass. Either way it is over.
 */
bool gatekeeper_end(struct gatekeeper *, const struct config *,
    struct visit *, const char *queue_id, uint64_t size, struct verdict *);

/*
 * The message ended otherwise, if there was one. give_back: another check of
 * ours refused it. What it was charged comes back then, and when no recipient
 * passed, and one of them was refused.
 */
void gatekeeper_done(struct gatekeeper *, struct visit *, bool give_back);

/* Does nothing when the visit is not open. */
void gatekeeper_close(struct gatekeeper *, struct visit *);

/* Tells the state of an event; lost while the state is away. */
void gatekeeper_event(struct gatekeeper *, const struct notice *);

/*
 * Once a second: finds out that the state is back, hands over what was counted
 * meanwhile, and asks which configuration the state uses.
 */
void gatekeeper_tick(struct gatekeeper *);

/*
 * Does the state use another configuration since it was asked last (it was
 * reloaded, or is another process)? Then *generation_r is for
 * gatekeeper_applied, once our own file was read again: errors is what was
 * wrong with it, or empty; false when the state is away, and was not told.
 */
bool gatekeeper_config_changed(struct gatekeeper *, uint64_t *generation_r);
bool gatekeeper_applied(struct gatekeeper *, uint64_t generation,
    const struct config_errors *errors);

#endif
