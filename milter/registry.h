/*
 * The sessions this process has open, so that they can be announced to a state
 * owner that does not know them (core/wire.h, ANNOUNCE).
 *
 * A visit is one SMTP session as the counting side sees it. It lives in the
 * session that libmilter's private pointer holds; only the callbacks of that
 * session change it, by the functions here, and only they read it without the
 * lock. Everyone else gets a copy.
 */
#ifndef WEIR_MILTER_REGISTRY_H
#define WEIR_MILTER_REGISTRY_H

#include "core/config.h"
#include "core/facts.h"
#include "core/transport.h"

#include <pthread.h>

struct visit {
	struct visit *prev, *next;
	uint64_t id; /* never used twice in a process; 0: not open */
	char listener[NAME_MAX_LEN + 1];
	struct netaddr client;
	uint16_t port;

	/* the message in progress */
	bool mail;
	bool at_state; /* the state counted its MAIL */
	bool untold; /* its first recipient tells the state of its MAIL */
	bool local; /* the rest of it is counted here, see gatekeeper.h */
	char user[LOGIN_MAX + 1]; /* "": none */
	bool by_network; /* the client's network gave the user */
	char sender[ADDRESS_MAX + 1];
	char queue_id[QUEUE_ID_MAX + 1]; /* "": not known yet */
	uint32_t recipients; /* that passed */
	bool refused; /* one did not */
	struct transport common; /* what Postfix said of all of them */
};

struct registry {
	pthread_mutex_t lock;
	struct visit head; /* of a ring */
	uint64_t last_id;
	_Atomic size_t count; /* changed under the lock, read without */
};

void registry_init(struct registry *);

/* Before registry_add; listener: its configured name. */
void visit_describe(struct visit *, const char *listener,
    const struct netaddr *client, uint16_t port);

/* For visit.id, before registry_add too. */
uint64_t registry_next_id(struct registry *);

/* The visit stays the caller's; it is open until it is removed. */
void registry_add(struct registry *, struct visit *);
void registry_remove(struct registry *, struct visit *);
size_t registry_count(const struct registry *); /* that are open */

/* A message passed MAIL; who knows of that. */
enum visit_known { VISIT_AT_STATE, VISIT_UNTOLD, VISIT_LOCAL };
void registry_mail(struct registry *, struct visit *, const char *user,
    bool by_network, const char *sender, enum visit_known);

/*
 * The state was asked for a recipient that tells of the message too. Not
 * passed: the next recipient tells of it again.
 */
void registry_told(struct registry *, struct visit *, bool passed);

/* A recipient passed; where Postfix sends it, "" for not known. */
void registry_rcpt(struct registry *, struct visit *, const char *mailer,
    const char *host);

/* A recipient was refused, here or by the state. */
void registry_refused(struct registry *, struct visit *);

/* The rest of the message is counted here. */
void registry_local(struct registry *, struct visit *);

/* "", or one longer than QUEUE_ID_MAX: not known. */
void registry_queue_id(struct registry *, struct visit *,
    const char *queue_id);

/* The message is over. */
void registry_done(struct registry *, struct visit *);

/* A copy of all that are open, to be walked without the lock; free it. */
struct visit *registry_copy(struct registry *, size_t *count_r);

#endif
