/*
 * SMTP probes: connect, read the banner, say EHLO (HELO when that is refused,
 * RFC 5321 3.2), say QUIT. What is asked of a probe is in its target; what it
 * found comes back as evidence. Each has one deadline over all its steps and
 * reads bounded lines, so a server that trickles holds nobody.
 */
#ifndef WEIR_POLICYD_PROBER_H
#define WEIR_POLICYD_PROBER_H

#include "core/health.h"

#include <event2/event.h>

enum { PROBES_MAX = 64 };

struct probe_target {
	char host[NAME_MAX_LEN + 1]; /* for the caller, to know it again */
	struct netaddr ip;
	uint16_t port;
	enum probe_level level;
	enum evidence_source as;
	struct span timeout;
};

/* Called once a probe, from the loop; may start another. */
typedef void (*probe_fn)(void *ctx, const struct probe_target *,
    const struct evidence *);

struct prober;

/* helo_name is borrowed. */
struct prober *prober_new(struct event_base *, const char *helo_name, probe_fn, void *ctx);

/* Ends the probes under way without a word. */
void prober_free(struct prober **);

/* False when PROBES_MAX are under way: try again after one has ended. */
bool prober_room(const struct prober *);
bool prober_start(struct prober *, const struct probe_target *);

#endif
