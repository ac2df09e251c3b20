/*
 * What an entry of master.cf means: its dashes, its port, what it is to us.
 */
#include "list.h"
#include "postconf.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* master(5): n, but y below compatibility_level 1. */
bool
service_chrooted(
    const struct postfix *postfix, const struct postfix_service *service)
{
	if (service->chroot != '-')
		return service->chroot == 'y';
	return strtol(postfix_value(postfix, NULL, "compatibility_level"), NULL,
		   10) < 1;
}

unsigned
service_limit(
    const struct postfix *postfix, const struct postfix_service *service)
{
	if (service->limit_given != '-')
		return service->limit;
	return (unsigned)strtoul(
	    postfix_value(postfix, NULL, "default_process_limit"), NULL, 10);
}

uint16_t
service_port(const struct postfix_service *service)
{
	static const struct {
		const char *name;
		uint16_t port;
	} known[] = {
		/* also without /etc/services */
		{ "smtp", 25 },
		{ "submission", 587 },
		{ "smtps", 465 },
		{ "submissions", 465 },
	};
	const char *colon = strrchr(service->name, ':');
	const char *name = colon != NULL ? colon + 1 : service->name;
	const struct servent *entry;
	unsigned long number;
	char *end;

	if (strcmp(service->type, "inet") != 0)
		return 0;
	number = strtoul(name, &end, 10);
	if (*end == '\0' && number <= UINT16_MAX)
		return (uint16_t)number;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(name, known[i].name) == 0)
			return known[i].port;
	}
	entry = getservbyname(name, "tcp");
	return entry != NULL ? ntohs((uint16_t)entry->s_port) : 0;
}

static bool
on_loopback(const struct postfix_service *service)
{
	return strncmp(service->name, "127.", 4) == 0 ||
	       strncmp(service->name, "localhost:", 10) == 0 ||
	       strncmp(service->name, "[::1]:", 6) == 0;
}

/*
 * Told to ask no milter, or what a content filter gives mail back to
 * (FILTER_README): on loopback, and without that filter.
 */
static bool
takes_back(const struct postfix *postfix, const struct postfix_service *service)
{
	const char *filter = postfix_given(postfix, service, "content_filter");
	const char *milters = postfix_given(postfix, service, "smtpd_milters");
	const char *options =
	    postfix_given(postfix, service, "receive_override_options");

	return (milters != NULL && milters[0] == '\0') ||
	       (options != NULL && list_has(options, "no_milters")) ||
	       (filter != NULL && filter[0] == '\0' && on_loopback(service));
}

enum service_role
service_role(
    const struct postfix *postfix, const struct postfix_service *service)
{
	bool pass = strcmp(service->type, "pass") == 0; /* by postscreen(8) */

	if (strcmp(service->command, "smtpd") != 0 ||
	    (!pass && strcmp(service->type, "inet") != 0))
		return SERVICE_OTHER;
	if (takes_back(postfix, service))
		return SERVICE_BACK;
	return pass || service_port(service) == 25 ? SERVICE_PORT_25
						   : SERVICE_CLIENTS;
}
