/*
 * weirctl doctor: the log from which real deliveries tell of smart hosts.
 */
#include "doctor.h"

#include "core/match.h"

#include <string.h>

static bool
from_journal(const struct look *look)
{
	return strcmp(look->config->maillog, MAILLOG_JOURNAL) == 0;
}

static void
look_log_missing(const struct look *look)
{
	if (look->facts->log_missing)
		found(look, look->config->maillog, NULL);
}

static void
look_log_denied(const struct look *look)
{
	if (look->facts->log_denied)
		found(look, look_text(look, "%s may not read %s",
		    look->facts->daemon, look->config->maillog),
		    look_text(look, "usermod -a -G %s %s",
		    from_journal(look) ? "systemd-journal" : "adm",
		    look->facts->daemon));
}

static void
look_log_none(const struct look *look)
{
	if (look->facts->log_none)
		found(look, "", NULL);
}

static void
look_log_elsewhere(const struct look *look)
{
	const char *file = postfix_value(look->postfix, NULL, "maillog_file");

	if (file[0] == '/' && look->config->maillog[0] != '\0' &&
	    strcmp(file, look->config->maillog) != 0)
		found(look, file, look->config->maillog);
}

static void
look_log_owner(const struct look *look)
{
	const char *owner = postfix_value(look->postfix, NULL, "mail_owner");

	if (from_journal(look) && strcmp(owner, "root") != 0 &&
	    !match_name(&look->config->maillog_users, owner))
		found(look, owner, NULL);
}

/* Without its quotes a local part may hold the rest of such a line. */
static void
look_log_addresses(const struct look *look)
{
	const char *format = postfix_value(look->postfix, NULL,
	    "info_log_address_format");

	if (strcmp(format, "internal") == 0 && !look->facts->log_none &&
	    look->config->maillog[0] != '\0')
		found(look, format, NULL);
}

const struct check checks_log[] = {
	{ "log_missing", FINDING_ERROR, look_log_missing, NULL,
	    "the mail log {1} is not there: real deliveries are not seen",
	    "maillog.source in weir.conf" },
	{ "log_denied", FINDING_ERROR, look_log_denied, NULL,
	    "{1}: real deliveries are not seen",
	    "{2}, then start weir-policyd again" },
	{ "log_none", FINDING_WARNING, look_log_none, NULL,
	    "no mail log was found: real deliveries are not seen, probes alone "
	    "tell who is sick",
	    "maillog.source in weir.conf" },
	{ "log_elsewhere", FINDING_WARNING, look_log_elsewhere, NULL,
	    "Postfix logs to {1}, weir-policyd reads {2}",
	    "maillog.source = \"file:{1}\" in weir.conf" },
	{ "log_owner", FINDING_ERROR, look_log_owner, NULL,
	    "smtp(8) writes to the journal as {1}, who is not in "
	    "maillog.users: real deliveries are not seen",
	    "maillog.users = \"{1}\" in weir.conf" },
	{ "log_addresses", FINDING_WARNING, look_log_addresses, NULL,
	    "info_log_address_format = {1}: whoever sends mail may have smart "
	    "hosts marked, by an address that looks like a line of the log",
	    "{postconf} -e info_log_address_format=external" },
	{ NULL, FINDING_ERROR, NULL, NULL, NULL, NULL },
};
