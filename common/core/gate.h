/*
 * The gate every SMTP session passes: connection caps at CONNECT, throttles at
 * MAIL and RCPT. The state owner keeps the one that counts; weir-milter keeps a
 * second one of the same kind for the time the state is away.
 *
 * Each call changes the session and the counters and fills the verdict; it
 * returns true when the client may go on.
 */
#ifndef WEIR_CORE_GATE_H
#define WEIR_CORE_GATE_H

#include "core/limit.h"
#include "core/refusals.h"
#include "core/session.h"

struct gate {
	struct limits *limits;
	struct sessions *sessions;
	struct refusals *refusals; /* of connections */
	struct events *events; /* or NULL */
};

void gate_init(struct gate *, const struct config *, const uint8_t seed[16],
    struct events *);
void gate_clear(struct gate *);

/* Another configuration is in use from now on. */
void gate_use(struct gate *, const struct config *);

/*
 * Caps of the listener (connections.h), then throttles of connections. On
 * success the session is open and holds its lease until gate_close; on refusal
 * there is no session. Beyond a cap the listener's over_limit decides: with
 * hold and observe the session is open all the same, and the verdict says so. A
 * refusal and a hold are told by LimitReached, an observed one by LimitObserved
 * (refusals.h: how often).
 */
bool gate_connect(struct gate *, const struct config *,
    const struct session_key *, const char *listener,
    const struct netaddr *client, uint16_t port, struct now,
    struct verdict *);

/*
 * Announces a session that was opened while the state was away: it is counted
 * and never refused. Known ones are left as they are.
 */
void gate_announce(struct gate *, const struct session_key *,
    const char *listener, const struct netaddr *client, uint16_t port);

/*
 * A new message; whatever was in progress ends without give-back. size: the
 * bytes its client says it will have, 0 when it does not say.
 */
bool gate_mail(struct gate *, const struct config *, struct session *,
    const char *user, const char *sender, uint64_t size, struct now,
    struct verdict *);

/*
 * Can the beginning of a message be refused or held, by what the configuration
 * asks for? If not, its first recipient may tell of it (core/wire.h, RCPT).
 */
bool gate_mail_decides(const struct config *);

/* One recipient. is_default: its transport is the default one. */
bool gate_rcpt(struct gate *, const struct config *, struct session *,
    const char *recipient, bool is_default, struct now, struct verdict *);

/* Can the end of a message be refused, by what the configuration asks for? */
bool gate_end_decides(const struct config *);

/*
 * The message is whole and would pass: its bytes, 0 when nobody counted them.
 * Ends it. What it was charged is given back when the verdict does not let it
 * pass.
 */
bool gate_end(struct gate *, const struct config *, struct session *,
    uint64_t size, struct now, struct verdict *);

/*
 * The message ended otherwise. give_back when another check of ours refused
 * it, or all its recipients; that the policy service did, by its route, is
 * known here. The client's own RSET or QUIT is no reason.
 */
void gate_done(struct gate *, struct session *, bool give_back, struct now);

/* The session ends, and gives its lease back. */
void gate_close(struct gate *, struct session *);

#endif
