/*
 * Probes an operator asked for. An order waits for its host's name, then for
 * as many probes as the host has addresses.
 */
#include "probe_order.h"

#include "core/text.h"
#include "io/clock.h"
#include "show.h"
#include "trials.h"

#include <stdlib.h>
#include <string.h>

enum { ORDERS_MAX = 16 };

struct order {
	uint64_t id; /* 0: a free place */
	uint64_t ticket;
	char host[NAME_MAX_LEN + 1];
	bool waits_for_name;
	struct mono began;
	unsigned probes; /* under way */
	bool ok;
	json_t *stages;
};

struct probe_orders {
	struct daemon *daemon;
	uint64_t last_id;
	struct order list[ORDERS_MAX];
};

static void
stage_add(struct order *order, const struct netaddr *ip, enum stage stage,
    bool ok, const char *text, int64_t ms)
{
	json_t *row = json_object();

	json_object_set_new(row, "ip",
	    ip != NULL ? show_address(ip) : json_null());
	json_object_set_new(row, "stage", json_string(stage_name(stage)));
	json_object_set_new(row, "ok", json_boolean(ok));
	json_object_set_new(row, "text", text_json(text));
	json_object_set_new(row, "ms", json_integer(ms));
	json_array_append_new(order->stages, row);
}

/* Answers when nothing is waited for any more. */
static void
end_if_done(struct probe_orders *orders, struct order *order)
{
	struct state_peer *peer;
	json_t *answer;

	if (order->waits_for_name || order->probes != 0)
		return;
	answer = json_object();
	json_object_set_new(answer, "host", text_json(order->host));
	json_object_set_new(answer, "ok", json_boolean(order->ok));
	json_object_set_new(answer, "stages", order->stages);
	peer = state_resume(orders->daemon->server, order->ticket);
	memset(order, 0, sizeof(*order));
	if (peer != NULL)
		show_reply(peer, answer);
	else
		json_decref(answer);
}

static void
start_probes(struct probe_orders *orders, struct order *order,
    const struct host *host)
{
	for (unsigned i = 0; i < host->naddresses; i++) {
		const struct netaddr *ip = &host->addresses[i].ip;

		if (ip->family == 0)
			continue;
		if (trials_probe(orders->daemon->trials, host, ip,
		    EVIDENCE_OPERATOR, order->id))
			order->probes++;
		else
			stage_add(order, ip, STAGE_TCP, false, "too many "
			    "probes are under way; try again", 0);
	}
}

void
probe_orders_probed(struct probe_orders *orders,
    const struct probe_target *target, const struct probe_report *report)
{
	for (size_t i = 0; orders != NULL && i < ORDERS_MAX; i++) {
		struct order *order = &orders->list[i];

		if (order->id != target->order)
			continue;
		for (unsigned j = 0; j < report->nstages; j++)
			stage_add(order, &target->ip, report->stages[j].stage,
			    report->stages[j].ok, report->stages[j].text,
			    report->stages[j].ms);
		order->ok = order->ok ||
		    report->evidence.grade == EVIDENCE_GOOD;
		order->probes--;
		end_if_done(orders, order);
		return;
	}
}

/*
 * A name that is gone ends it: Postfix could not use the old addresses. While
 * DNS does not answer those are tried, as Postfix might have them still.
 */
static void
name_known(struct probe_orders *orders, struct order *order,
    const struct host *host, const struct resolution *resolution)
{
	char text[ERROR_TEXT_MAX];

	order->waits_for_name = false;
	text_clean(text, sizeof(text),
	    resolution->result == RESOLVED_OK ? "found" : resolution->text,
	    strlen(resolution->result == RESOLVED_OK ? "found" :
	    resolution->text));
	stage_add(order, NULL, STAGE_DNS, resolution->result == RESOLVED_OK,
	    text, mono_since(clock_now().mono, order->began).us / 1000);
	if (host != NULL && resolution->result != RESOLVED_GONE)
		start_probes(orders, order, host);
	end_if_done(orders, order);
}

void
probe_orders_resolved(struct probe_orders *orders,
    const struct resolution *resolution)
{
	for (size_t i = 0; orders != NULL && i < ORDERS_MAX; i++) {
		struct order *order = &orders->list[i];
		const struct host *host;

		if (order->id == 0 || !order->waits_for_name)
			continue;
		host = hosts_find(&orders->daemon->model.hosts, order->host);
		if (host == NULL || (host->config->mx == resolution->mx &&
		    text_equal_nocase(host->config->host, resolution->name)))
			name_known(orders, order, host, resolution);
	}
}

void
probe_orders_add(struct probe_orders *orders, struct host *host,
    struct state_peer *peer)
{
	struct order *order = NULL;
	struct netaddr literal;

	for (size_t i = 0; i < ORDERS_MAX; i++) {
		if (orders->list[i].id == 0)
			order = &orders->list[i];
	}
	if (order == NULL) {
		state_reply_error(peer, "ERR too many probes were ordered; "
		    "try again");
		return;
	}
	order->id = ++orders->last_id;
	order->ticket = state_suspend(peer);
	order->stages = json_array();
	order->began = clock_now().mono;
	(void)text_copy(order->host, sizeof(order->host), host->name);
	order->waits_for_name =
	    netaddr_parse(host->config->host, &literal) == -1;
	if (order->waits_for_name)
		trials_ask(orders->daemon->trials, host);
	else
		start_probes(orders, order, host);
	end_if_done(orders, order);
}

struct probe_orders *
probe_orders_new(struct daemon *daemon)
{
	struct probe_orders *orders = calloc(1, sizeof(*orders));

	if (orders == NULL)
		abort();
	orders->daemon = daemon;
	return orders;
}

void
probe_orders_free(struct probe_orders **orders)
{
	for (size_t i = 0; *orders != NULL && i < ORDERS_MAX; i++)
		json_decref((*orders)->list[i].stages);
	free(*orders);
	*orders = NULL;
}
