/*
 * What the configuration says of a probe.
 */
#include "prober.h"

#include "core/text.h"

#include <string.h>

enum { PORT_SUBMISSIONS = 465 }; /* RFC 8314 3.3: TLS from the first byte */

static struct netaddr
source_for(const struct health_settings *settings, const struct netaddr *ip)
{
	struct netaddr from;

	for (size_t i = 0; i < settings->source_address.count; i++) {
		if (netaddr_parse(settings->source_address.list[i],
		    &from) == 0 && from.family == ip->family)
			return from;
	}
	return (struct netaddr) { .family = 0 };
}

/* Of the exchanger where there is one, as smtp_tls_verify_cert_match says. */
static const char *
tls_name(const struct host *host, const struct netaddr *ip)
{
	const char *name = host->config->host;

	if (host->config->tls_name[0] != '\0')
		return host->config->tls_name;
	for (unsigned i = 0; i < host->naddresses; i++) {
		if (host->addresses[i].exchanger[0] != '\0' &&
		    netaddr_equal(&host->addresses[i].ip, ip))
			name = host->addresses[i].exchanger;
	}
	return name;
}

/* The loader bounds the texts, so the copies are whole. */
void
probe_target_init(struct probe_target *target, const struct config *config,
    const struct host *host, const struct netaddr *ip,
    enum evidence_source as)
{
	const struct smart_host *given = host->config;

	memset(target, 0, sizeof(*target));
	target->ip = *ip;
	target->port = given->port;
	target->level = given->probe;
	target->tls_first = given->probe == PROBE_TLS ||
	    (given->probe == PROBE_AUTH && given->port == PORT_SUBMISSIONS);
	target->tls_verify = given->tls_verify;
	target->from = source_for(&config->health, ip);
	target->as = as;
	target->timeout = config->health.timeout;
	(void)text_copy(target->host, sizeof(target->host), host->name);
	(void)text_copy(target->tls_name, sizeof(target->tls_name),
	    tls_name(host, ip));
}
