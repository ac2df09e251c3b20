#include "postfix_text.h"

#include "io/config_file.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*take_fn)(struct postfix *, const char *line);

/* What postconf -d says of what is looked at. */
static const char defaults[] =
    "always_bcc =\n"
    "authorized_submit_users = static:anyone\n"
    "compatibility_level = 3.6\n"
    "config_directory = /etc/postfix\n"
    "content_filter =\n"
    "default_filter_nexthop =\n"
    "default_process_limit = 100\n"
    "default_transport = smtp\n"
    "info_log_address_format = external\n"
    "local_recipient_maps =\n"
    "mail_owner = postfix\n"
    "maillog_file =\n"
    "message_reject_characters =\n"
    "milter_connect_macros = j {daemon_name} {daemon_addr} v _\n"
    "milter_default_action = tempfail\n"
    "milter_end_of_data_macros = i\n"
    "milter_macro_daemon_name = mx.example.com\n"
    "milter_mail_macros = i {auth_type} {auth_authen} {auth_author} "
    "{mail_addr} {mail_host} {mail_mailer}\n"
    "milter_protocol = 6\n"
    "milter_rcpt_macros = i {rcpt_addr} {rcpt_host} {rcpt_mailer}\n"
    "mynetworks = 127.0.0.0/8 [::1]/128\n"
    "queue_directory = /var/spool/postfix\n"
    "receive_override_options =\n"
    "recipient_bcc_maps =\n"
    "relayhost =\n"
    "rewrite_service_name = rewrite\n"
    "sender_bcc_maps =\n"
    "sender_dependent_default_transport_maps =\n"
    "smtp_connect_timeout = 30s\n"
    "smtp_helo_timeout = 300s\n"
    "smtp_starttls_timeout = 300s\n"
    "smtpd_authorized_xclient_hosts =\n"
    "smtpd_client_connection_count_limit = 50\n"
    "smtpd_client_restrictions =\n"
    "smtpd_data_restrictions =\n"
    "smtpd_delay_open_until_valid_rcpt = yes\n"
    "smtpd_end_of_data_restrictions =\n"
    "smtpd_etrn_restrictions =\n"
    "smtpd_forbid_bare_newline = no\n"
    "smtpd_helo_restrictions =\n"
    "smtpd_milters =\n"
    "smtpd_policy_service_default_action = 451 4.3.5 Server configuration "
    "problem\n"
    "smtpd_proxy_filter =\n"
    "smtpd_recipient_restrictions =\n"
    "smtpd_relay_restrictions = permit_mynetworks\n"
    "smtpd_sender_restrictions =\n"
    "transport_maps =\n";

static void
each_line(struct postfix *postfix, const char *text, take_fn take)
{
	char *copy = strdup(text), *rest = copy, *line;

	ck_assert_ptr_nonnull(copy);
	while ((line = strsep(&rest, "\n")) != NULL)
		take(postfix, line);
	free(copy);
}

/* "-o a=b -o {c=d e}" as postconf -P tells them; one in braces is the last. */
static void
take_options(struct postfix *postfix, const char *line)
{
	char name[100], type[20], own[2000];

	if (sscanf(line, "%99s %19s", name, type) != 2)
		return;
	for (const char *o = line; (o = strstr(o, " -o ")) != NULL; o += 4) {
		bool braces = o[4] == '{';
		const char *begin = o + 4 + braces;
		int key = (int)strcspn(begin, "=");
		int len = braces ? (int)strlen(begin) - 1 :
		    (int)strcspn(begin, " ");

		(void)snprintf(own, sizeof(own), "%s/%s/%.*s = %.*s", name,
		    type, key, begin, len - key - 1, begin + key + 1);
		postfix_take_own_raw(postfix, own);
		postfix_take_own(postfix, own);
	}
}

struct postfix *
postfix_text(const char *main_cf, const char *master_cf)
{
	struct postfix *postfix = postfix_new();

	each_line(postfix, defaults, postfix_take_raw);
	each_line(postfix, defaults, postfix_take_value);
	each_line(postfix, main_cf, postfix_take_raw);
	each_line(postfix, main_cf, postfix_take_value);
	each_line(postfix, main_cf, postfix_take_given);
	each_line(postfix, master_cf, postfix_take_service);
	each_line(postfix, master_cf, take_options);
	return postfix;
}

struct config *
weir_text(const char *more)
{
	static const char hosts[] =
	    "smart_hosts = ( { name = \"a\"; nexthop = \"[a.example]:587\"; },"
	    " { name = \"b\"; nexthop = \"[b.example]:587\"; } );\n";
	static const char connectors[] =
	    "connectors = ( { name = \"out\"; transport = \"relay\"; members "
	    "= ( { host = \"a\"; cost = 20; }, { host = \"b\"; } ); } );\n";
	struct config_errors *errors = calloc(1, sizeof(*errors));
	struct config *config;
	char *text;

	ck_assert_int_ne(asprintf(&text, "%s%s%s", hosts,
	    strstr(more, "connectors =") == NULL ? connectors : "", more), -1);
	ck_assert_ptr_nonnull(errors);
	config = config_load_text(text, strlen(text), "weir.conf", errors);
	if (config == NULL)
		config_errors_print(errors, stderr);
	ck_assert_ptr_nonnull(config);
	free(errors);
	free(text);
	return config;
}

void
plan_text(const struct plan *plan, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < plan->nchanges; i++) {
		const struct plan_change *c = &plan->changes[i];

		len += (size_t)snprintf(text + len, size - len,
		    "%s: %s%s%s\n", c->where, c->name != NULL ? c->name : "",
		    c->after != NULL ? " = " : "", c->after != NULL ?
		    c->after : "");
	}
}
