/*
 * SMTP probes: connect, read the banner, say EHLO (HELO when that is refused,
 * RFC 5321 3.2), go on to TLS and a login as far as asked, say QUIT. What is
 * asked of a probe is in its target; what it found comes back as evidence, with
 * every stage it went through. Each has one deadline over all its steps and
 * reads bounded lines, so a server that trickles holds nobody.
 *
 * Nothing a server says before TLS is believed after it: what comes behind its
 * answer to STARTTLS ends the probe (CVE-2011-0411), and EHLO is said again.
 * Credentials go over TLS only.
 */
#ifndef WEIR_POLICYD_PROBER_H
#define WEIR_POLICYD_PROBER_H

#include "core/hosts.h"
#include "probe_kit.h"

#include <event2/event.h>

enum { PROBES_MAX = 64, PROBE_NAME_MAX = 256, PROBE_STAGES_MAX = 8 };

struct probe_target {
	char host[NAME_MAX_LEN + 1]; /* for the caller, and for credentials */
	struct netaddr ip;
	uint16_t port;
	enum probe_level level;
	bool tls_first; /* no STARTTLS: TLS from the first byte on */
	bool tls_verify;
	char tls_name[PROBE_NAME_MAX]; /* a name or an address */
	char own_name[PROBE_NAME_MAX]; /* its EHLO answer: us; "": none */
	struct netaddr from; /* family 0: any */
	enum evidence_source as;
	uint64_t order; /* for the caller */
	struct span timeout;
};

/* What the configuration says of a probe; tls_first by level and port. */
void probe_target_init(struct probe_target *, const struct config *,
    const struct host *, const struct netaddr *ip, enum evidence_source);

struct probe_stage {
	enum stage stage;
	bool ok;
	int64_t ms; /* it took */
	char text[ERROR_TEXT_MAX]; /* printable */
};

struct probe_report {
	struct evidence evidence;
	struct wall tls_expires; /* the certificate seen; 0: none */
	struct probe_stage stages[PROBE_STAGES_MAX]; /* in their order */
	unsigned nstages;
};

/* Called once a probe, from the loop; may start another. */
typedef void (*probe_fn)(void *ctx, const struct probe_target *,
    const struct probe_report *);

struct prober;

/* helo_name is borrowed, of the kit a reference is taken. */
struct prober *prober_new(struct event_base *, const char *helo_name,
    struct probe_kit *, probe_fn, void *ctx);

/* For those that start from now on. */
void prober_set_kit(struct prober *, struct probe_kit *);

/* Ends the probes under way without a word. */
void prober_free(struct prober **);

/* False when PROBES_MAX are under way: try again after one has ended. */
bool prober_room(const struct prober *);
bool prober_start(struct prober *, const struct probe_target *);

#endif
