/*
 * Client of the state (core/wire.h): a pool of blocking connections, each call
 * with a deadline, and a breaker.
 *
 * And if it is away? A call that cannot connect, is not answered in time or is
 * answered with garbage returns STATE_AWAY and opens the breaker: for
 * STATE_RETRY calls return STATE_AWAY at once, then one caller tries again.
 * Only that trial brings it back. A connection the other side closed before it
 * answered a byte (it was restarted) is replaced once within the same deadline
 * and the request sent again, so a restart costs nobody an answer.
 *
 * Thread-safe; no lock is held over I/O or while a callback runs. Writes raise
 * no SIGPIPE. Connections beyond STATE_POOL_MAX are made and closed again.
 */
#ifndef WEIR_IO_STATE_CLIENT_H
#define WEIR_IO_STATE_CLIENT_H

#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STATE_POOL_MAX = 64, STATE_WHY_TEXT = 160 };

#define STATE_RETRY span_ms(500)

enum state_result {
	STATE_OK,
	STATE_ERROR, /* the other side said -ERR...; text in the reply */
	STATE_AWAY,
};

struct state_reply {
	const char *const *elements; /* a single string counts as one */
	size_t count;
	char error[STATE_WHY_TEXT]; /* what it said, or why it is away */
	void *owner;
};

struct state_pipe; /* one connection, as on_hello sees it */

struct state_client_settings {
	const char *socket;
	const char *role; /* "milter" | "ctl" */
	const char *instance; /* "" for none */
	struct span timeout; /* of a call as a whole */
	/*
	 * Called on a new connection after HELLO, before it is used; epoch_new
	 * when the state owner is not the one seen before, or that one did not
	 * get all that was sent here. Sends notes by state_pipe_note, in the
	 * time the caller has left. May be NULL.
	 */
	void (*on_hello)(void *ctx, struct state_pipe *, bool epoch_new);
	/*
	 * The state was lost (state_why tells), or is back. Called once a
	 * change and in order, never twice at a time. May be NULL.
	 */
	void (*on_change)(void *ctx, bool away);
	void *ctx;
};

struct state_client;

/* Strings are copied. Connects when it is first needed. */
struct state_client *state_client_new(const struct state_client_settings *);
void state_client_free(struct state_client **);

/*
 * Notes that go in one write with a request, before it; called again should the
 * request be sent again, and never for one that is not sent. A reply (STATE_OK
 * or STATE_ERROR) says that they arrived too. Uses state_pipe_note.
 */
struct state_preface {
	void (*fn)(void *ctx, struct state_pipe *);
	void *ctx;
};
enum state_result state_call_behind(struct state_client *,
    const struct state_preface *, size_t argc, const char *const *argv,
    struct state_reply *reply_r);

/* One request, one reply, which must be freed (also after an error). */
enum state_result state_call(struct state_client *, size_t argc,
    const char *const *argv, struct state_reply *reply_r);
void state_reply_free(struct state_reply *);

/* A request without a reply. STATE_AWAY when it was not sent. */
enum state_result state_note(struct state_client *, size_t argc,
    const char *const *argv);
void state_pipe_note(struct state_pipe *, size_t argc,
    const char *const *argv);

/*
 * Sends what was noted. False: not all of it; and nothing of what was noted
 * since it was asked last, when that is less than 16 KiB.
 */
bool state_pipe_sent(struct state_pipe *);

bool state_away(struct state_client *);

/* Why it was lost last, in words; "" when it never was. */
void state_why(struct state_client *, char why_r[STATE_WHY_TEXT]);

/* The configuration's generation the other side named last (HELLO). */
uint64_t state_generation(struct state_client *);

#endif
