/*
 * The smart hosts at run time: addresses with their health, the operator's
 * orders, what was sent.
 */
#ifndef WEIR_CORE_HOSTS_H
#define WEIR_CORE_HOSTS_H

#include "core/event.h"
#include "core/health.h"

enum { HOST_ADDRESSES_MAX = 16 };

enum operator_state { OPERATOR_NONE, OPERATOR_DRAIN, OPERATOR_DOWN };

struct host_address {
	struct netaddr ip; /* family 0: the name has no address yet */
	struct health health;
};

struct host {
	char name[NAME_MAX_LEN + 1];
	const struct smart_host *config;
	struct host_address addresses[HOST_ADDRESSES_MAX];
	unsigned naddresses; /* at least 1 */
	enum operator_state order;
	struct wall order_until; /* 0: until told otherwise */
	uint64_t selected; /* decisions that named it first */
	uint64_t delivered; /* recipients it took, by the mail log */
	uint64_t failed; /* failures seen, by any source */
};

struct hosts {
	struct host *list; /* in the order of config.hosts */
	size_t count;
	struct events *events; /* may be NULL */
};

void hosts_init(struct hosts *, const struct config *, struct events *,
    struct mono now);
void hosts_clear(struct hosts *);

/* A new configuration: hosts keep by name what they knew. */
void hosts_reload(struct hosts *, const struct config *, struct mono now);

struct host *hosts_find(struct hosts *, const char *name);

/* What the resolver found; addresses that stay keep their health. */
void host_set_addresses(struct hosts *, struct host *,
    const struct netaddr *list, unsigned count,
    const struct health_settings *, struct mono now);

/*
 * Evidence about the address with that ip, of the host with that port (0: not
 * known, then every host with the ip). Writes the MarkedUnhealthy and
 * MarkedHealthy events. How many addresses it was about.
 */
unsigned hosts_on(struct hosts *, const struct health_settings *,
    const struct netaddr *ip, uint16_t port, const struct evidence *,
    struct now);

/* The same for one address, from its own probe. */
void host_address_on(struct hosts *, struct host *, struct host_address *,
    const struct health_settings *, const struct evidence *, struct now);

/* A host is as healthy as its usable addresses. */
bool host_healthy(const struct host *);
enum operator_state host_order(const struct host *, struct wall now);
const char *host_state_name(const struct host *, struct wall now);

/* The operator's order, with its event. until 0: until told otherwise. */
void host_set_order(struct hosts *, struct host *, enum operator_state,
    struct wall until, struct now);

#endif
