/*
 * The smart hosts at run time: addresses with their health, the operator's
 * orders, what was sent.
 */
#ifndef WEIR_CORE_HOSTS_H
#define WEIR_CORE_HOSTS_H

#include "core/event.h"
#include "core/health.h"
#include "core/rate.h"

enum { HOST_ADDRESSES_MAX = 16, EXCHANGER_MAX = 256 };

enum operator_state { OPERATOR_NONE, OPERATOR_DRAIN, OPERATOR_DOWN };

struct host_address {
	struct netaddr ip; /* family 0: the name has no address yet */
	struct health health;
	char exchanger[EXCHANGER_MAX]; /* of a domain, whose it is; else "" */
	uint16_t preference; /* and its: the cost within the host */
	struct wall tls_expires; /* its certificate, as last probed; 0: none */
};

struct host {
	char name[NAME_MAX_LEN + 1];
	const struct smart_host *config;
	/*
	 * Elsewhere, since they are large and most decisions look at none: the
	 * hosts themselves stay near each other.
	 */
	struct host_address *addresses; /* HOST_ADDRESSES_MAX of them */
	unsigned naddresses; /* in use; at least 1 */
	enum operator_state order;
	struct wall order_until; /* 0: until told otherwise */
	bool ordered; /* in this run, be it that it is enabled */
	uint64_t selected; /* decisions that named it first */
	uint64_t last_resort; /* when it last stood first among the sick */
	uint64_t delivered; /* recipients it took, by the mail log */
	uint64_t failed; /* failures seen, by any source */
	struct rate rate; /* decisions, when it has a max_rate */
};

/*
 * The names of all in one place, for those who write many: " NAME" of list[i]
 * begins at text[at[i]] and ends before text[at[i + 1]].
 */
enum { HOST_NAME_TEXT = 1 + NAME_MAX_LEN };

struct host_names {
	char *text;
	size_t *at; /* one more than there are hosts */
};

struct hosts {
	struct host *list; /* in the order of config.hosts */
	size_t count;
	struct host_names names;
	struct events *events; /* may be NULL */
	/*
	 * Grows whenever a host may have become usable, or no longer so, or may
	 * have got another share of its weight by more than time.
	 */
	uint64_t changes;
};

/*
 * A next hop that is an address has it at once; a name has one address of
 * family 0 until the resolver told. First probes are spread over a second.
 */
void hosts_init(struct hosts *, const struct config *, struct events *,
    struct mono now);
void hosts_clear(struct hosts *);

/*
 * A new configuration: hosts keep by name what they knew, and their health
 * too when the next hop is still the same. The old configuration must still
 * be there.
 */
void hosts_reload(struct hosts *, const struct config *, struct mono now);

struct host *hosts_find(struct hosts *, const char *name);

/*
 * What the resolver found, at most HOST_ADDRESSES_MAX. Addresses that stay
 * keep their health and come first in the order they had; new ones are
 * probed at once. With none, one address of family 0 is left, whose health is
 * about DNS: tell it by host_address_on with STAGE_DNS (and tell it that the
 * name is found again before the list is set, or the event is missing).
 */
void host_set_addresses(struct hosts *, struct host *,
    const struct netaddr *list, unsigned count, struct mono now);

/*
 * The address, when the host has it, is of that mail exchanger. Names longer
 * than DNS has are left out.
 */
void host_set_exchanger(struct hosts *, struct host *, const struct netaddr *,
    const char *name, uint16_t preference);

/* Look it up again after anything that may have changed the list. */
struct host_address *host_find_address(struct host *, const struct netaddr *);

/*
 * Evidence about the address with that ip, of the host with that port (0: not
 * known, then every host with the ip) that the transport reaches (see
 * config_transport_reaches). Writes the MarkedUnhealthy and
 * MarkedHealthy events. How many addresses it was about.
 */
unsigned hosts_on(struct hosts *, const struct config *,
    const char *transport, const struct netaddr *ip, uint16_t port,
    const struct evidence *, struct now);

/* Has an address with that ip healed since? */
bool hosts_healed_since(struct hosts *, const struct netaddr *ip, struct mono);

/*
 * The same by the name of a next hop, for all addresses of its hosts, and by
 * that of a mail exchanger, for its own.
 */
unsigned hosts_on_name(struct hosts *, const struct health_settings *,
    const char *name, const struct evidence *, struct now);

/*
 * The same for one address, from its own probe. Events have, in this order,
 * host= ip= fqdn= stage= error= failures= next_retry= text= and host= ip=
 * downtime= by=; error is "ECONNREFUSED(111)" or "smtp_421", downtime whole
 * seconds, ip empty while the name has no address.
 */
void host_address_on(struct hosts *, struct host *, struct host_address *,
    const struct health_settings *, const struct evidence *, struct now);

/* A host is as healthy as its usable addresses: one is enough. */
bool host_healthy(const struct host *);

/* Of the addresses of a sick host the one tried first; NULL: it is healthy. */
const struct health *host_failure(const struct host *);

/* Of a sick host: when the last of its addresses fell sick. */
struct mono host_sick_since(const struct host *);

/* Of the certificates its addresses showed the end of the first; 0: none. */
struct wall host_tls_expires(const struct host *);

/*
 * The part of its weight it counts with: that of its best address. Of a
 * domain's exchangers those of the least preference that are healthy: Postfix
 * tries them first.
 */
unsigned host_weight_share(const struct host *, struct mono now);

/*
 * Is it sick by the mail log alone: would it be healthy if only our own probes
 * counted? Then *since_r is when it became sick.
 */
bool host_sick_by_log(const struct host *, struct mono *since_r);

/* It had as many decisions as its max_rate allows. */
bool host_over_capacity(struct host *, struct mono now);

/* A decision named it first. */
void host_selected(struct host *, struct mono now);

/*
 * Its name was looked up, and there is no address (any more). Postfix bounces
 * what it cannot find, when that is the last next hop.
 */
bool host_unresolved(const struct host *);

/* When it last failed; before one that did not fail. */
struct mono host_failed_at(const struct host *);

/* The order in force: one whose time is over is none. */
enum operator_state host_order(const struct host *, struct wall now);

/* "down", "drained", "unhealthy" or "healthy", the first that is true. */
const char *host_state_name(const struct host *, struct wall now);

/*
 * The operator's order, with its event (host= until=, the latter when it has
 * an end). until 0: until told otherwise. The same order again: no event.
 */
void host_set_order(struct hosts *, struct host *, enum operator_state,
    struct wall until, struct now);

/* Ends the orders whose time is over, with their event (host= by=until). */
void hosts_expire_orders(struct hosts *, struct now);

#endif
