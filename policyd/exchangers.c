/*
 * A domain is asked for its exchangers, then each of them for its addresses,
 * all at once; when the last has answered they are put together.
 */
#include "exchangers.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct domain { /* whose exchangers or their addresses are being asked for */
	LIST_ENTRY(domain) entry;
	char *name;
	struct mx_list list;
	struct resolution parts[MX_MAX]; /* of each exchanger */
	bool answered[MX_MAX];
	struct span ttl;
};

struct exchangers {
	struct resolver *resolver;
	resolved_fn done;
	void *ctx;
	LIST_HEAD(, domain) domains;
};

static struct domain *
domain_find(struct exchangers *exchangers, const char *name)
{
	struct domain *domain;

	LIST_FOREACH(domain, &exchangers->domains, entry) {
		if (text_equal_nocase(domain->name, name))
			return domain;
	}
	return NULL;
}

static void
domain_free(struct domain *domain)
{
	free(domain->name);
	free(domain);
}

/* The answer, and the end of it. */
static void
domain_answer(struct exchangers *exchangers, struct domain *domain,
    struct resolution *answer)
{
	answer->name = domain->name;
	answer->mx = true;
	answer->exchangers = &domain->list;
	if (answer->result != RESOLVED_OK || answer->partial)
		answer->ttl = RESOLVER_TTL_MIN;
	LIST_REMOVE(domain, entry); /* it may be asked for again at once */
	exchangers->done(exchangers->ctx, answer);
	domain_free(domain);
}

/* --- its exchangers are known --- */

/* RFC 5321, 5.1: no MX record, so the domain itself is asked. */
static void
become_own_exchanger(struct domain *domain)
{
	domain->list.count = 1;
	domain->list.list[0].preference = 0;
	(void)text_copy(domain->list.list[0].name,
	    sizeof(domain->list.list[0].name), domain->name);
}

static void
domain_listed(struct exchangers *exchangers, struct domain *domain,
    const struct resolution *found)
{
	struct resolution answer = { .result = found->result,
		.text = found->text };

	domain->list = *found->exchangers;
	domain->ttl = found->ttl;
	if (found->result == RESOLVED_OK && domain->list.null_mx) {
		answer.result = RESOLVED_GONE;
		answer.text = "Domain takes no mail (null MX)";
	}
	if (found->result == RESOLVED_OK && domain->list.count == 0 &&
	    domain->list.records != 0 && !domain->list.null_mx) {
		answer.result = RESOLVED_GONE;
		answer.text = "No mail exchanger has a usable name";
	}
	if (answer.result != RESOLVED_OK) {
		domain_answer(exchangers, domain, &answer);
		return;
	}
	if (domain->list.count == 0)
		become_own_exchanger(domain);
	for (unsigned i = 0; i < domain->list.count; i++)
		resolver_ask(exchangers->resolver, domain->list.list[i].name);
}

/* --- its exchangers' addresses are known --- */

static void
add_addresses(struct resolution *answer, const struct resolution *part,
    unsigned exchanger)
{
	for (unsigned i = 0; i < part->naddresses &&
	     answer->naddresses < HOST_ADDRESSES_MAX; i++) {
		if (resolution_has(answer, &part->addresses[i]))
			continue;
		answer->exchanger[answer->naddresses] = (uint8_t)exchanger;
		answer->addresses[answer->naddresses++] = part->addresses[i];
	}
}

static void
domain_conclude(struct exchangers *exchangers, struct domain *domain)
{
	struct resolution answer = { .ttl = domain->ttl };
	enum resolved worst = RESOLVED_GONE;

	for (unsigned i = 0; i < domain->list.count; i++) {
		const struct resolution *part = &domain->parts[i];

		if (part->unknown != 0 && worst == RESOLVED_GONE)
			worst = RESOLVED_AWAY;
		if (part->result > worst)
			worst = part->result;
		if (part->result != RESOLVED_OK)
			answer.text = part->text;
		if (part->ttl.us < answer.ttl.us)
			answer.ttl = part->ttl;
		add_addresses(&answer, part, i);
	}
	answer.partial = answer.naddresses != 0 && worst != RESOLVED_GONE;
	answer.result = answer.naddresses != 0 ? RESOLVED_OK : worst;
	domain_answer(exchangers, domain, &answer);
}

static void
domain_take(struct exchangers *exchangers, struct domain *domain,
    const struct resolution *part)
{
	bool open = false, taken = false;

	for (unsigned i = 0; i < domain->list.count; i++) {
		if (!domain->answered[i] && text_equal_nocase(part->name,
		    domain->list.list[i].name)) {
			domain->parts[i] = *part;
			domain->answered[i] = taken = true;
		}
		open = open || !domain->answered[i];
	}
	if (taken && !open)
		domain_conclude(exchangers, domain);
}

static void
resolved_cb(void *ctx, const struct resolution *resolution)
{
	struct exchangers *exchangers = ctx;
	struct domain *domain, *next;

	if (resolution->mx) {
		domain = domain_find(exchangers, resolution->name);
		if (domain != NULL)
			domain_listed(exchangers, domain, resolution);
		return;
	}
	for (domain = LIST_FIRST(&exchangers->domains); domain != NULL;
	     domain = next) {
		next = LIST_NEXT(domain, entry);
		domain_take(exchangers, domain, resolution);
	}
	exchangers->done(exchangers->ctx, resolution);
}

void
exchangers_ask(struct exchangers *exchangers, const char *name, bool mx)
{
	struct domain *domain;

	if (!mx) {
		resolver_ask(exchangers->resolver, name);
		return;
	}
	if (domain_find(exchangers, name) != NULL)
		return;
	domain = calloc(1, sizeof(*domain));
	if (domain == NULL || (domain->name = strdup(name)) == NULL)
		abort();
	LIST_INSERT_HEAD(&exchangers->domains, domain, entry);
	if (!text_equal_nocase(name, "localhost")) {
		resolver_ask_mx(exchangers->resolver, name);
		return;
	}
	/* RFC 6761, 6.3: DNS is not asked about it, and it has no MX */
	domain->ttl = RESOLVER_TTL_MIN;
	become_own_exchanger(domain);
	resolver_ask(exchangers->resolver, name);
}

struct exchangers *
exchangers_new(struct event_base *base, resolved_fn done, void *ctx)
{
	struct exchangers *exchangers = calloc(1, sizeof(*exchangers));

	if (exchangers == NULL)
		abort();
	exchangers->done = done;
	exchangers->ctx = ctx;
	LIST_INIT(&exchangers->domains);
	exchangers->resolver = resolver_new(base, resolved_cb, exchangers);
	return exchangers;
}

void
exchangers_set_servers(struct exchangers *exchangers,
    const struct strings *servers)
{
	resolver_set_servers(exchangers->resolver, servers);
}

void
exchangers_free(struct exchangers **exchangers)
{
	struct domain *domain;

	if (*exchangers == NULL)
		return;
	resolver_free(&(*exchangers)->resolver);
	while ((domain = LIST_FIRST(&(*exchangers)->domains)) != NULL) {
		LIST_REMOVE(domain, entry);
		domain_free(domain);
	}
	free(*exchangers);
	*exchangers = NULL;
}
