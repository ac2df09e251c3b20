/*
 * One timer for the next thing that is due. Every look asks each address of
 * each host (core/health.h decides), and each name whose time is over.
 */
#include "trials.h"

#include "core/text.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/loop.h"
#include "names.h"
#include "probe_order.h"
#include "prober.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* A probe that waits for its name. */
struct waiting {
	char host[NAME_MAX_LEN + 1];
	struct netaddr ip; /* family 0: the name had no address yet */
	enum evidence_source as;
};

struct trials {
	struct daemon *daemon;
	struct prober *prober;
	struct exchangers *exchangers;
	struct event *look;
	struct names names;
	struct waiting waiting[PROBES_MAX];
	unsigned nwaiting;
	struct mono complain_after; /* that we cannot probe; not before */
};

/* --- evidence --- */

static void
tell(struct trials *trials, struct host *host, struct host_address *address,
    const struct evidence *evidence)
{
	host_address_on(&trials->daemon->model.hosts, host, address,
	    &trials->daemon->config->health, evidence, clock_now());
	trials_look(trials);
}

/* Nobody would look for a host's health in our descriptor table. */
static void
complain(struct trials *trials, const char *why)
{
	struct mono now = clock_now().mono;

	if (mono_before(now, trials->complain_after))
		return;
	trials->complain_after = mono_add(now, span_s(60));
	log_error("smart hosts cannot be probed: %s; their health stays as it "
	    "was", why);
}

/* The host or its address may have left while the probe was under way. */
static void
probed_cb(void *ctx, const struct probe_target *target,
    const struct probe_report *report)
{
	struct trials *trials = ctx;
	struct host *host = hosts_find(&trials->daemon->model.hosts,
	    target->host);
	struct host_address *address = host != NULL ?
	    host_find_address(host, &target->ip) : NULL;

	if (report->evidence.grade == EVIDENCE_NONE)
		complain(trials, report->evidence.text);
	if (address != NULL) {
		if (report->tls_expires.us != 0)
			address->tls_expires = report->tls_expires;
		tell(trials, host, address, &report->evidence);
	}
	if (target->order != 0)
		probe_orders_probed(trials->daemon->orders, target, report);
	trials_look(trials);
}

static void
tell_of_name(struct trials *trials, struct host *host,
    struct host_address *address, const struct resolution *resolution,
    enum evidence_source source)
{
	static const enum evidence_grade grades[] = {
		[RESOLVED_OK] = EVIDENCE_GOOD,
		[RESOLVED_GONE] = EVIDENCE_HARD,
		[RESOLVED_AWAY] = EVIDENCE_SOFT,
		[RESOLVED_UNASKED] = EVIDENCE_NONE,
	};
	static const char *const errors[] = {
		[RESOLVED_OK] = "",
		[RESOLVED_GONE] = "name_not_found",
		[RESOLVED_AWAY] = "dns_away",
		[RESOLVED_UNASKED] = "dns_unasked",
	};
	struct evidence evidence = {
		.grade = grades[resolution->result],
		.source = source,
		.stage = STAGE_DNS,
	};

	(void)text_copy(evidence.error, sizeof(evidence.error),
	    errors[resolution->result]);
	if (resolution->result != RESOLVED_OK)
		text_clean(evidence.text, sizeof(evidence.text),
		    resolution->text, strlen(resolution->text));
	tell(trials, host, address, &evidence);
}

/* --- probes --- */

/*
 * Postfix sends back what is for a host that answers by Postfix's own name at
 * port 25, even with another next hop behind it: it would be a mail loop. At
 * other ports it only warns (smtp_connect.c).
 */
enum { PORT_SMTP = 25 };

bool
trials_probe(struct trials *trials, const struct host *host,
    const struct netaddr *ip, enum evidence_source as, uint64_t order)
{
	struct probe_target target;

	probe_target_init(&target, trials->daemon->config, host, ip, as);
	target.order = order;
	if (target.port == PORT_SMTP)
		(void)text_copy(target.own_name, sizeof(target.own_name),
		    trials->daemon->own_name);
	return prober_start(trials->prober, &target);
}

static void
wait_for_name(struct trials *trials, const struct host *host,
    const struct netaddr *ip, enum evidence_source as)
{
	struct waiting *waiting = &trials->waiting[trials->nwaiting++];

	(void)text_copy(waiting->host, sizeof(waiting->host), host->name);
	waiting->ip = *ip;
	waiting->as = as;
	exchangers_ask(trials->exchangers, host->config->host,
	    host->config->mx);
}

static uint32_t
random_number(void)
{
	uint32_t number;

	return getrandom(&number, sizeof(number), GRND_NONBLOCK) ==
	    (ssize_t)sizeof(number) ? number : 1;
}

static void
start_due(struct trials *trials, struct host *host,
    struct host_address *address, struct mono now)
{
	const struct name *name = names_find(&trials->names,
	    host->config->host, host->config->mx);
	enum evidence_source as;

	if (address->health.dice == 0)
		health_jitter(&address->health, random_number());
	if (!prober_room(trials->prober) || trials->nwaiting == PROBES_MAX ||
	    !health_take_probe(&address->health,
	    &trials->daemon->config->health, now, &as))
		return;
	if (address->ip.family == 0 || (name != NULL && name->gone))
		wait_for_name(trials, host, &address->ip, as);
	else
		(void)trials_probe(trials, host, &address->ip, as, 0);
}

/* --- names --- */

/*
 * A family nothing was heard of keeps the addresses it had, and all of them
 * stay when some mail exchanger was not heard of: that DNS did not answer is
 * no reason to forget them.
 */
static void
keep_unheard(const struct host *host, struct resolution *resolution)
{
	for (unsigned i = 0; i < host->naddresses &&
	     resolution->naddresses < HOST_ADDRESSES_MAX; i++) {
		const struct netaddr *ip = &host->addresses[i].ip;

		if (ip->family != 0 && (resolution->partial ||
		    ip->family == resolution->unknown))
			resolution->addresses[resolution->naddresses++] = *ip;
	}
}

static void
set_addresses(struct trials *trials, struct host *host,
    const struct resolution *found)
{
	struct daemon *daemon = trials->daemon;
	struct resolution all = *found;

	keep_unheard(host, &all);
	host_set_addresses(&daemon->model.hosts, host, all.addresses,
	    all.naddresses, clock_now().mono);
	for (unsigned i = 0; found->mx && i < found->naddresses; i++)
		host_set_exchanger(&daemon->model.hosts, host,
		    &found->addresses[i],
		    found->exchangers->list[found->exchanger[i]].name,
		    found->exchangers->list[found->exchanger[i]].preference);
}

static struct waiting *
waiting_find(struct trials *trials, const struct host *host,
    const struct netaddr *ip)
{
	for (unsigned i = 0; i < trials->nwaiting; i++) {
		struct waiting *waiting = &trials->waiting[i];

		if (strcmp(waiting->host, host->name) == 0 &&
		    netaddr_equal(&waiting->ip, ip))
			return waiting;
	}
	return NULL;
}

/*
 * The name left or came back: its addresses are told, those it had before it
 * has others. A probe that waits is told of a failure by itself, and one under
 * way is not ended by news it did not bring.
 */
static void
tell_of_change(struct trials *trials, struct host *host,
    const struct resolution *resolution)
{
	for (unsigned i = 0; i < host->naddresses; i++) {
		struct host_address *address = &host->addresses[i];

		if (resolution->result == RESOLVED_OK ||
		    waiting_find(trials, host, &address->ip) == NULL)
			tell_of_name(trials, host, address, resolution,
			    address->health.probing ? EVIDENCE_DELIVERY :
			    EVIDENCE_HEARTBEAT);
	}
}

/* A probe that waited for the name goes on, or ends with it. */
static void
resume_probe(struct trials *trials, struct host *host,
    struct host_address *address, const struct resolution *resolution)
{
	struct waiting *waiting = waiting_find(trials, host, &address->ip);
	enum evidence_source as;

	if (waiting == NULL)
		return;
	as = waiting->as;
	*waiting = trials->waiting[--trials->nwaiting];
	if (resolution->result != RESOLVED_OK ||
	    !trials_probe(trials, host, &address->ip, as, 0))
		tell_of_name(trials, host, address, resolution, as);
}

/* Those whose address left with the name's last answer. */
static void
drop_waiting(struct trials *trials, const struct host *host)
{
	for (unsigned i = trials->nwaiting; i-- > 0;) {
		if (strcmp(trials->waiting[i].host, host->name) == 0)
			trials->waiting[i] =
			    trials->waiting[--trials->nwaiting];
	}
}

static void
host_resolved(struct trials *trials, struct host *host,
    const struct resolution *resolution, bool changed)
{
	if (changed)
		tell_of_change(trials, host, resolution);
	if (resolution->result == RESOLVED_OK)
		set_addresses(trials, host, resolution);
	for (unsigned i = 0; i < host->naddresses; i++)
		resume_probe(trials, host, &host->addresses[i], resolution);
	drop_waiting(trials, host);
}

static void
resolved_cb(void *ctx, const struct resolution *resolution)
{
	struct trials *trials = ctx;
	struct hosts *hosts = &trials->daemon->model.hosts;
	struct name *name = names_find(&trials->names, resolution->name,
	    resolution->mx);
	bool changed;

	if (name == NULL) { /* left with a reload */
		probe_orders_resolved(trials->daemon->orders, resolution);
		return;
	}
	if (resolution->result == RESOLVED_UNASKED)
		complain(trials, resolution->text);
	changed = name_take(name, resolution, clock_now().mono);
	for (size_t i = 0; i < hosts->count; i++) {
		struct host *host = &hosts->list[i];

		if (host->config->mx == resolution->mx &&
		    text_equal_nocase(host->config->host, resolution->name))
			host_resolved(trials, host, resolution, changed);
	}
	probe_orders_resolved(trials->daemon->orders, resolution);
	trials_look(trials);
}

void
trials_ask(struct trials *trials, const struct host *host)
{
	exchangers_ask(trials->exchangers, host->config->host,
	    host->config->mx);
}

/* --- the timer --- */

static struct mono
sooner(struct mono a, struct mono b)
{
	return mono_before(a, b) ? a : b;
}

/* When to look again; with no room for another probe, a little later. */
static struct mono
next_look(const struct trials *trials, struct mono now)
{
	const struct hosts *hosts = &trials->daemon->model.hosts;
	bool room = prober_room(trials->prober);
	struct mono next = mono_add(now, room ? span_s(60) : span_ms(100));

	next = sooner(next, names_next(&trials->names));
	for (size_t i = 0; room && i < hosts->count; i++) {
		const struct host *host = &hosts->list[i];

		for (unsigned j = 0; j < host->naddresses; j++)
			next = sooner(next,
			    health_next(&host->addresses[j].health,
			    &trials->daemon->config->health));
	}
	/* never at once again: whatever is due now has had its turn */
	return mono_before(next, mono_add(now, span_ms(10))) ?
	    mono_add(now, span_ms(10)) : next;
}

static void
look_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct trials *trials = ctx;
	struct hosts *hosts = &trials->daemon->model.hosts;
	struct mono now = clock_now().mono;
	struct timeval tv;
	struct span wait;

	(void)fd;
	(void)what;
	names_ask(&trials->names, trials->exchangers, now);
	for (size_t i = 0; i < hosts->count; i++) {
		struct host *host = &hosts->list[i];

		for (unsigned j = 0; j < host->naddresses; j++)
			start_due(trials, host, &host->addresses[j], now);
	}
	wait = mono_since(next_look(trials, now), now);
	tv.tv_sec = wait.us / SPAN_SECOND;
	tv.tv_usec = wait.us % SPAN_SECOND;
	(void)event_add(trials->look, &tv);
}

void
trials_look(struct trials *trials)
{
	event_active(trials->look, EV_TIMEOUT, 0);
}

/* --- life --- */

void
trials_reload(struct trials *trials)
{
	const struct config *config = trials->daemon->config;

	names_reload(&trials->names, config);
	exchangers_set_servers(trials->exchangers,
	    &config->health.name_servers);
	prober_set_kit(trials->prober, trials->daemon->kit);
	trials_look(trials);
}

struct trials *
trials_new(struct daemon *daemon)
{
	struct trials *trials = calloc(1, sizeof(*trials));

	if (trials == NULL)
		abort();
	trials->daemon = daemon;
	trials->look = loop_event_new(daemon->base, LOOP_PRIORITY_REST, -1, 0,
	    look_cb, trials);
	trials->prober = prober_new(daemon->base, daemon->helo_name,
	    daemon->kit, probed_cb, trials);
	trials->exchangers = exchangers_new(daemon->base, resolved_cb, trials);
	trials_reload(trials);
	return trials;
}

void
trials_free(struct trials **trials)
{
	if (*trials == NULL)
		return;
	prober_free(&(*trials)->prober);
	exchangers_free(&(*trials)->exchangers);
	event_free((*trials)->look);
	names_clear(&(*trials)->names);
	free(*trials);
	*trials = NULL;
}
