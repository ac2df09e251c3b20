/*
 * Smart hosts: state, health, share of the mail.
 */
#include "show.h"

#include "probe_tls.h"

#include <string.h>

/* Of all decisions that named a host first: percent with one decimal. */
static double
host_share(const struct hosts *hosts, const struct host *host)
{
	uint64_t all = 0, tenths;

	for (size_t i = 0; i < hosts->count; i++)
		all += hosts->list[i].selected;
	if (all == 0)
		return 0;
	tenths = (1000 * host->selected + all / 2) / all;
	return (double)tenths / 10;
}

static const char *
probe_name(enum probe_level probe)
{
	static const char *const names[] = {
		[PROBE_TCP] = "tcp",
		[PROBE_BANNER] = "banner",
		[PROBE_EHLO] = "ehlo",
		[PROBE_STARTTLS] = "starttls",
		[PROBE_TLS] = "tls",
		[PROBE_AUTH] = "auth",
	};

	return names[probe];
}

/* health NULL: nothing is wrong, and the keys say so. */
static void
show_failure(json_t *object, const struct health *health, struct now now)
{
	const struct evidence *last = health != NULL ? &health->last : NULL;

	json_object_set_new(object, "stage",
	    text_json(last != NULL ? stage_name(last->stage) : NULL));
	json_object_set_new(object, "rung",
	    health != NULL ? json_integer(health->rung) : json_null());
	json_object_set_new(object, "failures",
	    json_integer(health != NULL ? health->failures : 0));
	json_object_set_new(object, "last_failure", health != NULL ?
	    show_time(wall_of(health->failed_at, now)) : json_null());
	json_object_set_new(object, "next_retry", health != NULL ?
	    show_time(wall_of(health_next_trial(health), now)) : json_null());
	json_object_set_new(object, "error",
	    text_json(last != NULL ? last->error : NULL));
	json_object_set_new(object, "last_error",
	    text_json(last != NULL ? last->text : NULL));
}

/* Null when no certificate was seen. */
static json_t *
show_days(struct wall expires, struct now now)
{
	return expires.us == 0 ? json_null() :
	    json_integer(probe_tls_days(expires, now.wall));
}

static json_t *
show_address_state(const struct host_address *address)
{
	json_t *object = json_object();

	json_object_set_new(object, "ip", show_address(&address->ip));
	if (address->exchanger[0] != '\0') {
		json_object_set_new(object, "exchanger",
		    text_json(address->exchanger));
		json_object_set_new(object, "preference",
		    json_integer(address->preference));
	}
	json_object_set_new(object, "state",
	    json_string(address->health.healthy ? "healthy" : "unhealthy"));
	return object;
}

json_t *
show_host_addresses(const struct host *host)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < host->naddresses; i++)
		json_array_append_new(list,
		    show_address_state(&host->addresses[i]));
	return list;
}

static json_t *
show_host_address(const struct host_address *address, struct now now)
{
	const struct health *health = &address->health;
	json_t *object = show_address_state(address);

	show_failure(object, health->healthy ? NULL : health, now);
	json_object_set_new(object, "tls_days_left",
	    show_days(address->tls_expires, now));
	return object;
}

json_t *
show_host(struct daemon *daemon, const struct host *host, struct now now)
{
	json_t *object = json_object(), *addresses = json_array();
	bool timed = host_order(host, now.wall) != OPERATOR_NONE &&
	    host->order_until.us != 0;

	json_object_set_new(object, "name", text_json(host->name));
	json_object_set_new(object, "nexthop",
	    text_json(host->config->nexthop));
	json_object_set_new(object, "state",
	    json_string(host_state_name(host, now.wall)));
	json_object_set_new(object, "until",
	    timed ? show_time(host->order_until) : json_null());
	json_object_set_new(object, "since", host_healthy(host) ? json_null() :
	    show_time(wall_of(host_sick_since(host), now)));
	show_failure(object, host_failure(host), now);
	json_object_set_new(object, "probe",
	    json_string(probe_name(host->config->probe)));
	json_object_set_new(object, "tls_days_left",
	    show_days(host_tls_expires(host), now));
	json_object_set_new(object, "weight",
	    json_integer(host->config->weight));
	json_object_set_new(object, "share",
	    json_real(host_share(&daemon->model.hosts, host)));
	json_object_set_new(object, "selected",
	    json_integer((json_int_t)host->selected));
	json_object_set_new(object, "delivered",
	    json_integer((json_int_t)host->delivered));
	json_object_set_new(object, "failed",
	    json_integer((json_int_t)host->failed));
	for (unsigned i = 0; i < host->naddresses; i++)
		json_array_append_new(addresses,
		    show_host_address(&host->addresses[i], now));
	json_object_set_new(object, "addresses", addresses);
	return object;
}

static bool
is_about(const struct notice *notice, const char *host)
{
	for (unsigned i = 0; i < notice->nfields; i++) {
		if (strcmp(notice->fields[i].key, "host") == 0)
			return strcmp(notice_value(notice, i), host) == 0;
	}
	return false;
}

json_t *
show_history(struct daemon *daemon, const struct host *host)
{
	const struct events *events = daemon->model.events;
	const struct notice *notice;
	json_t *list = json_array();

	for (uint64_t after = 0;
	    (notice = events_next(events, after)) != NULL;
	    after = notice->seq) {
		if (!is_about(notice, host->name))
			continue;
		if (json_array_size(list) == SHOW_HISTORY_MAX)
			json_array_remove(list, 0);
		json_array_append_new(list, show_notice(notice));
	}
	return list;
}

json_t *
show_hosts(struct daemon *daemon, size_t from, struct now now)
{
	json_t *object = json_object(), *list = json_array();
	const struct hosts *hosts = &daemon->model.hosts;
	size_t end = from;

	while (end < hosts->count && end - from < SHOW_HOSTS_MAX)
		json_array_append_new(list,
		    show_host(daemon, &hosts->list[end++], now));
	json_object_set_new(object, "hosts", list);
	if (end < hosts->count)
		json_object_set_new(object, "next",
		    json_integer((json_int_t)end));
	return object;
}
