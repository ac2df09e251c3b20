/* weirctl doctor: one row of findings a row of its tables. */
#include "ctl/doctor.h"

#include "autoconfig.h"
#include "postfix_text.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

#define POLICY "check_policy_service { unix:weir/policy.sock, timeout=5s, " \
	"default_action=DUNNO }"
#define MILTER "{unix:weir/milter.sock,default_action=tempfail," \
	"command_timeout=10s}"
#define SENDER "socketmap:unix:weir/map.sock:sender"

/* All is well: */
#define MAIN "smtpd_delay_open_until_valid_rcpt = no\n" \
	"message_reject_characters = \\0\n" \
	"milter_connect_macros = j {daemon_name} {daemon_port} v\n" \
	"smtpd_data_restrictions = " POLICY "\n" \
	"smtpd_client_connection_count_limit = 100\n" \
	"smtpd_forbid_bare_newline = normalize\n" \
	"authorized_submit_users = root\n" \
	"default_transport = relay:[a.example]:587, [b.example]:587\n"
#define SUBMISSION "submission inet n - y - 5000 smtpd " \
	"-o milter_macro_daemon_name=submission"
#define ASKS " -o smtpd_milters=" MILTER
#define RELAY "relay unix - - y - - smtp -o smtp_connect_timeout=10s " \
	"-o smtp_helo_timeout=30s -o smtp_starttls_timeout=30s\n"
#define REWRITE "rewrite unix - - y - - trivial-rewrite\n"
#define MASTER SUBMISSION ASKS "\n" RELAY REWRITE
#define LISTENER "listeners = ( { name = \"s\"; daemons = " \
	"[ \"submission\" ]; } );\n"
#define WEIR LISTENER \
	"routes = ( { name = \"all\"; connector = \"out\"; } );\n"
#define NEVER "policy: { pin = \"never\"; };\n"
#define MAPPED MAIN "sender_dependent_default_transport_maps = " SENDER "\n"
#define DIRECT LISTENER \
	"routes = ( { name = \"all\"; connector = \"direct\"; } );\n"

static const struct {
	const char *main_cf, *master_cf, *weir;
	const char *ids; /* of what is found, blanks between */
	const char *part; /* of a finding; may be NULL */
} rows[] = {
	{ MAIN, MASTER, WEIR, "", NULL },

	{ MAIN, SUBMISSION "\n" RELAY REWRITE, WEIR, "milter_missing",
	    "listener \"s\"" },
	{ MAIN, "submission inet n - y - 5000 smtpd "
	    "-o milter_macro_daemon_name=ORIGINATING" ASKS "\n" RELAY REWRITE,
	    WEIR, "daemon_name", "as ORIGINATING" },
	{ MAIN, MASTER "2525 inet n - y - 5000 smtpd\n", WEIR,
	    "milter_unasked", "2525/inet" },
	{ MAIN, MASTER "smtp inet n - y - 5000 smtpd -o smtpd_milters="
	    "{unix:weir/milter.sock,default_action=accept}\n", WEIR, "",
	    NULL },
	{ MAIN, SUBMISSION " -o smtpd_milters=\n" RELAY REWRITE, WEIR,
	    "milter_excluded", "no_milters" },
	{ MAIN, SUBMISSION " -o smtpd_milters=inet:x," MILTER "\n" RELAY
	    REWRITE, WEIR, "milter_second", NULL },
	{ MAIN, SUBMISSION " -o smtpd_milters={unix:weir/milter.sock,"
	    "default_action=accept}\n" RELAY REWRITE, WEIR, "milter_accept",
	    "submission/inet" },
	{ MAIN "milter_default_action = accept\n", SUBMISSION
	    " -o smtpd_milters=unix:weir/milter.sock\n" RELAY REWRITE, WEIR,
	    "milter_accept", NULL },
	{ MAIN, SUBMISSION " -o smtpd_milters={unix:/var/spool/postfix/weir/"
	    "milter.sock,default_action=tempfail}\n" RELAY REWRITE, WEIR,
	    "chroot_path", "unix:/var/spool/postfix/weir/milter.sock" },
	{ MAIN "smtpd_data_restrictions = check_policy_service { "
	    "unix:/var/spool/postfix/weir/policy.sock, "
	    "default_action=DUNNO }\n", MASTER, WEIR, "chroot_path",
	    "policy.sock" },
	{ MAIN, SUBMISSION " -o smtpd_milters={unix:/run/m.sock,"
	    "default_action=tempfail}\n" RELAY REWRITE, WEIR
	    "milter: { listen = \"unix:/run/m.sock\"; };",
	    "chroot_path chroot_outside",
	    "make it \"unix:/var/spool/postfix/weir/milter.sock\"" },
	{ MAIN, "submission inet n - n - 5000 smtpd -o "
	    "milter_macro_daemon_name=submission -o smtpd_milters="
	    "{unix:/run/m.sock,default_action=tempfail}\n" RELAY REWRITE,
	    WEIR "milter: { listen = \"unix:/run/m.sock\"; };", "", NULL },
	{ MAIN "milter_protocol = 2\n", MASTER, WEIR, "milter_protocol",
	    "= 2" },
	{ MAIN "milter_connect_macros = j {daemon_name} {daemon_addr} v _\n",
	    MASTER, WEIR, "macros", "milter_connect_macros lacks "
	    "{daemon_port}" },
	{ MAIN, SUBMISSION ASKS " -o milter_rcpt_macros=i\n" RELAY REWRITE,
	    WEIR, "macros macros macros", "{rcpt_mailer}" },
	{ MAIN "smtpd_delay_open_until_valid_rcpt = yes\n", MASTER, WEIR,
	    "queue_id", "postconf -e smtpd_delay_open_until_valid_rcpt=no" },
	{ MAIN, SUBMISSION ASKS " -o smtpd_delay_open_until_valid_rcpt=yes\n"
	    RELAY REWRITE, WEIR, "queue_id", "postconf -P -e submission/inet/"
	    "smtpd_delay_open_until_valid_rcpt=no" },
	{ MAIN "message_reject_characters = \\12\n", MASTER, WEIR, "nul",
	    NULL },
#ifdef HAVE_LIBSYSTEMD /* else weir.conf must not name it */
	{ MAIN "mail_owner = mailer\n", MASTER, WEIR
	    "maillog: { source = \"journal\"; };", "log_owner", "mailer" },
	{ MAIN "mail_owner = mailer\n", MASTER, WEIR "maillog: { source = "
	    "\"journal\"; users = [ \"postfix\", \"mailer\" ]; };", "", NULL },
#endif
	{ MAIN "mail_owner = mailer\n", MASTER, WEIR
	    "maillog: { source = \"file:/var/log/mail.log\"; };", "", NULL },
	{ MAIN "info_log_address_format = internal\n", MASTER, WEIR
	    "maillog: { source = \"file:/var/log/mail.log\"; };",
	    "log_addresses", "external" },
	{ MAIN "info_log_address_format = internal\n", MASTER, WEIR
	    "maillog: { source = \"none\"; };", "", NULL },
	{ MAIN, MASTER, "listeners = ( { name = \"s\"; ports = [ 587 ]; }, "
	    "{ name = \"t\"; ports = [ 2525 ]; } );", "listener_nowhere",
	    "\"t\"" },

	{ MAIN "smtpd_data_restrictions = permit\n", MASTER, WEIR,
	    "policy_missing", "of main.cf" },
	{ MAIN, SUBMISSION ASKS " -o smtpd_data_restrictions=\n" RELAY
	    REWRITE, WEIR, "policy_missing", "of submission/inet" },
	{ MAPPED "smtpd_data_restrictions =\n", SUBMISSION ASKS
	    " -o rewrite_service_name=w\nw unix - - y - - trivial-rewrite -o "
	    "sender_dependent_default_transport_maps=\n" RELAY REWRITE,
	    WEIR NEVER, "policy_unasked", NULL },
	{ MAIN "smtpd_data_restrictions = reject_a, permit_mynetworks, "
	    POLICY "\n", MASTER, WEIR, "policy_order", "permit_mynetworks" },
	{ MAIN "smtpd_data_restrictions = check_policy_service inet:x, "
	    POLICY "\n", MASTER, WEIR, "policy_order", NULL },
	{ MAIN "smtpd_data_restrictions = reject_a, " POLICY ", permit\n",
	    MASTER, WEIR, "policy_second", NULL },
	{ MAIN "smtpd_recipient_restrictions = permit, " POLICY "\n", MASTER,
	    WEIR, "policy_elsewhere", "smtpd_recipient_restrictions" },
	{ MAIN "smtpd_data_restrictions = check_policy_service "
	    "unix:weir/policy.sock\n", MASTER, WEIR, "policy_default", NULL },
	{ MAIN "smtpd_end_of_data_restrictions = permit_mynetworks, "
	    "reject_x\n", MASTER, WEIR, "end_of_data", "reject_x" },
	{ MAIN "smtpd_end_of_data_restrictions = check_policy_service "
	    "inet:x\n", MASTER, WEIR, "end_of_data", NULL },

	{ MAIN, SUBMISSION ASKS "\nrelays unix - - y - - smtp\n" REWRITE,
	    WEIR, "transport default_transport", "is \"relays\" meant" },
	{ MAIN, MASTER, WEIR "policy: { default_transport = \"smtp\"; };",
	    "default_given", "relay:[a.example]:587" },
	{ MAIN "default_transport = smtp\n", MASTER "smtp unix - - y - - "
	    "smtp\n", WEIR, "way_out", NULL },
	{ MAIN "default_transport = smtp\nrelayhost = [x]\n", MASTER
	    "smtp unix - - y - - smtp\n", WEIR, "", NULL },
	{ MAIN, SUBMISSION ASKS "\nrelay unix - - y - - smtp\n" REWRITE,
	    WEIR, "timeouts timeouts timeouts", "postconf -P -e relay/unix/"
	    "smtp_helo_timeout=30s" },
	{ MAPPED "relayhost = [x]\n", SUBMISSION ASKS
	    " -o rewrite_service_name=w\nw unix - - y - - trivial-rewrite -o "
	    "sender_dependent_default_transport_maps=\n" RELAY REWRITE,
	    DIRECT, "relayhost", "[x]" },
	{ MAIN "relayhost = [x]\n", MASTER, DIRECT, "", NULL },
	{ MAIN "default_filter_nexthop = [x]\n", MASTER, DIRECT,
	    "filter_nexthop", NULL },
	{ MAIN "default_filter_nexthop = [x]\n", MASTER, WEIR, "", NULL },
	{ MAIN "content_filter = scan:x\n", MASTER, WEIR, "filter",
	    "content_filter" },
	{ MAIN "always_bcc = a@b\n", MASTER, WEIR, "filter", "always_bcc" },
	{ MAIN, SUBMISSION ASKS " -o smtpd_proxy_filter=x\n" RELAY REWRITE,
	    WEIR, "filter", "smtpd_proxy_filter" },

	{ MAIN, MASTER, WEIR NEVER, "map_missing", NULL },
	{ MAIN "sender_dependent_default_transport_maps = hash:/x, " SENDER
	    "\n", SUBMISSION ASKS " -o rewrite_service_name=w\n"
	    "w unix - - y - - trivial-rewrite -o "
	    "sender_dependent_default_transport_maps=\n" RELAY REWRITE,
	    WEIR NEVER, "map_order", NULL },
	{ MAPPED "transport_maps = hash:/x\n", SUBMISSION ASKS
	    " -o rewrite_service_name=w\nw unix - - y - - trivial-rewrite -o "
	    "sender_dependent_default_transport_maps=\n" RELAY REWRITE,
	    WEIR, "map_shadow", "hash:/x" },
	{ MAPPED, MASTER, WEIR, "resolver", "--socketmap" },
	{ MAPPED, MASTER, WEIR NEVER, "resolver", "--apply" },
	{ MAIN, MASTER, LISTENER "connectors = ( { name = \"out\"; transport "
	    "= \"relay\"; when_none_healthy = \"queue\"; members = ( { host = "
	    "\"a\"; } ); } );", "queue", NULL },
	{ MAIN, MASTER, WEIR "identities: { users = ( { user = \"x\"; senders "
	    "= \"@x\"; }, { user = \"y\"; senders = \"@y\"; home = \"a\"; }, "
	    "{ user = \"z\"; senders = \"@z\"; home = \"a\"; } ); };",
	    "home_unused", "\"y\" has its home at \"a\"" },

	{ MAIN, "submission inet n - y - 20 smtpd -o "
	    "milter_macro_daemon_name=submission" ASKS "\n" RELAY REWRITE,
	    WEIR, "processes", "serves 20 clients of listener \"s\" at once, "
	    "and it may have 5000" },
	{ MAIN, "submission inet n - y - 0 smtpd -o "
	    "milter_macro_daemon_name=submission" ASKS "\n" RELAY REWRITE,
	    WEIR, "", NULL },
	{ MAIN "smtpd_client_connection_count_limit = 50\n", MASTER, WEIR,
	    "client_count", "-e smtpd_client_connection_count_limit=100" },
	{ MAIN "smtpd_client_connection_count_limit = 0\n", MASTER, WEIR, "",
	    NULL },
	{ MAIN "smtpd_forbid_bare_newline = no\n", MASTER, WEIR,
	    "bare_newline", "-e smtpd_forbid_bare_newline=normalize" },
	{ MAIN "mynetworks = 127.0.0.0/8, 10.0.0.0/8 hash:/x !1.2.3.4\n",
	    MASTER, WEIR, "", NULL },
	{ MAIN "mynetworks = 0.0.0.0/0\n", MASTER, WEIR, "networks",
	    "0.0.0.0/0" },
	{ MAIN "mynetworks = [2000::]/3 [2001:db8::]/32\n", MASTER, WEIR,
	    "networks", "[2000::]/3" },
	{ MAIN "smtpd_authorized_xclient_hosts = 10.0.0.0/24\n", MASTER,
	    WEIR, "xclient_open", "10.0.0.0/24" },
	{ MAIN "smtpd_authorized_xclient_hosts = 127.0.0.0/8, 10.0.0.1\n",
	    MASTER, WEIR, "xclient_host xclient_host", "10.0.0.1" },
	{ MAIN "authorized_submit_users = !www, static:all\n", MASTER, WEIR,
	    "sendmail", NULL },
	{ MAIN "maillog_file = /var/log/postfix.log\n", MASTER, WEIR
	    "maillog: { source = \"file:/var/log/mail.log\"; };",
	    "log_elsewhere", "file:/var/log/postfix.log" },
	{ MAIN, MASTER, "listeners = ( { name = \"s\"; daemons = "
	    "[ \"submission\" ]; exempt_clients = [ \"0.0.0.0/0\" ]; } );",
	    "exempt_networks", "0.0.0.0/0" },
};

/* What is found with those facts: ids, and all sentences. */
static void
look(const char *main_cf, const char *master_cf, const char *weir,
    const struct facts *facts, char ids[500], char *text, size_t size)
{
	struct postfix *postfix = postfix_text(main_cf, master_cf);
	struct config *config = weir_text(weir);
	struct report *report = report_new();
	size_t len = 0, used = 0;

	ck_assert_uint_gt(doctor_look(postfix, config, facts, report), 45);
	ids[0] = text[0] = '\0';
	for (size_t i = 0; i < report->count; i++) {
		const struct finding *f = &report->list[i];

		len += (size_t)snprintf(ids + len, 500 - len, "%s%s",
		    i > 0 ? " " : "", f->check->id);
		used += (size_t)snprintf(text + used, size - used,
		    "%s\n%s\n", f->what, f->mend);
	}
	report_free(&report);
	config_unref(&config);
	postfix_free(&postfix);
}

static const struct facts well = { .milters = 1, .daemon = "weir" };

static void
check_found(const char *main_cf, const char *master_cf, const char *weir,
    const struct facts *facts, const char *ids, const char *part)
{
	char found_ids[500], text[8000];

	look(main_cf, master_cf, weir, facts, found_ids, text, sizeof(text));
	ck_assert_str_eq(found_ids, ids);
	if (part != NULL)
		ck_assert_msg(strstr(text, part) != NULL, "%s is not in: %s",
		    part, text);
	ck_assert_ptr_null(strstr(text, "{1}"));
	ck_assert_ptr_null(strstr(text, "{2}"));
	ck_assert_ptr_null(strstr(text, "{apply}"));
	ck_assert_ptr_null(strstr(text, "{postconf}"));
}

START_TEST(each_mistake_is_found_alone)
{
	check_found(rows[_i].main_cf, rows[_i].master_cf, rows[_i].weir,
	    &well, rows[_i].ids, rows[_i].part);
}
END_TEST

/* An identity by network is bound to few addresses. */
START_TEST(seed_0_15_wide_networks_are_an_open_relay)
{
	static const struct {
		const char *network;
		bool wide;
	} networks[] = {
		{ "0.0.0.0/0", true },
		{ "10.0.0.0/7", true },
		{ "10.0.0.0/8", false },
		{ "192.0.2.7", false },
		{ "::/0", true },
		{ "2001:db8::/31", true },
		{ "2001:db8::/32", false },
	};
	char weir[500];

	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		(void)snprintf(weir, sizeof(weir), "%s identities: { realm = "
		    "\"example.com\"; clients = ( { network = \"%s\"; user = "
		    "\"app\"; } ); };", LISTENER, networks[i].network);
		check_found(MAIN, MASTER, weir, &well, networks[i].wide ?
		    "identity_networks" : "", networks[i].wide ?
		    networks[i].network : NULL);
	}
}
END_TEST

/* max_connections beside what Postfix serves, and its default of 100. */
START_TEST(seed_3_10_process_limit_is_compared)
{
	check_found(MAIN, "submission inet n - y - - smtpd -o "
	    "milter_macro_daemon_name=submission" ASKS "\n" RELAY REWRITE,
	    WEIR, &well, "processes", "serves 100 clients");
	check_found(MAIN "default_process_limit = 5000\n",
	    "submission inet n - y - - smtpd -o "
	    "milter_macro_daemon_name=submission" ASKS "\n" RELAY REWRITE,
	    WEIR, &well, "", NULL);
	check_found(MAIN, "submission inet n - y - - smtpd -o "
	    "milter_macro_daemon_name=submission" ASKS "\n" RELAY REWRITE,
	    "listeners = ( { name = \"s\"; daemons = [ \"submission\" ]; "
	    "max_connections = 100; } );", &well, "", NULL);
}
END_TEST

static const struct {
	struct facts facts;
	const char *ids, *part;
} around[] = {
	{ { .milters = 1, .milter = DOOR_MISSING }, "socket_missing",
	    "weir-milter does not run" },
	{ { .milters = 1, .policy = DOOR_REFUSED }, "socket_refused",
	    "weir-policyd" },
	{ { .milters = 1, .policy = DOOR_DENIED }, "socket_denied",
	    "policy.sock" },
	{ { .milters = 1, .map = DOOR_MISSING }, "", NULL }, /* not used */
	{ { .milters = 1, .milter = DOOR_UNKNOWN }, "", NULL },
	{ { .state_why = "no such file" }, "state", "no such file" },
	{ { .state_denied = true }, "state_denied", "you may not open" },
	{ { .milters = 0 }, "milter_away", "no weir-milter" },
	{ { .milters = 1, .transport = "smtp:" }, "default_stale",
	    "smtp: for Postfix's default transport, but that is "
	    "relay:[a.example]:587, [b.example]:587" },
	{ { .milters = 1, .transport = "relay:[a.example]:587, "
	    "[b.example]:587" }, "", NULL },
	{ { .milters = 1, .transport = "relay:" }, "", NULL },
	{ { .milters = 1, .log_missing = true }, "log_missing", NULL },
	{ { .milters = 1, .daemon = "weir", .log_denied = true },
	    "log_denied", "usermod -a -G" },
	{ { .milters = 1, .log_none = true }, "log_none", NULL },
	{ { .milters = 1, .writable = "/etc/weir/senders" }, "writable",
	    "/etc/weir/senders" },
	{ { .milters = 1, .directory = "/etc/other", .log_none = true },
	    "log_none", NULL },
};

START_TEST(what_runs_is_looked_at)
{
	check_found(MAIN, MASTER, WEIR, &around[_i].facts, around[_i].ids,
	    around[_i].part);
}
END_TEST

START_TEST(mends_name_the_instance)
{
	struct facts facts = well;

	facts.directory = "/etc/other";
	check_found(MAIN, SUBMISSION "\n" RELAY REWRITE, WEIR, &facts,
	    "milter_missing", "weirctl postfix -C /etc/other --apply");
	check_found(MAIN "smtpd_forbid_bare_newline = no\n", MASTER, WEIR,
	    &facts, "bare_newline", "postconf -c /etc/other -e");
}
END_TEST

/* Every row of the tables stands in some row above. */
START_TEST(every_check_is_provoked)
{
	for (const struct check *const *table = checks; *table != NULL;
	    table++) {
		for (const struct check *c = *table; c->id != NULL; c++) {
			bool shown = strcmp(c->id, "identity_networks") == 0;

			for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]);
			    i++)
				shown |= list_has(rows[i].ids, c->id);
			for (size_t i = 0; i < sizeof(around) /
			    sizeof(around[0]); i++)
				shown |= list_has(around[i].ids, c->id);
			ck_assert_msg(shown, "%s has no row", c->id);
			ck_assert_uint_ne(strlen(c->mend), 0);
		}
	}
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tc = tcase_create("doctor");

	tcase_add_loop_test(tc, each_mistake_is_found_alone, 0, ROWS(rows));
	tcase_add_test(tc, seed_0_15_wide_networks_are_an_open_relay);
	tcase_add_test(tc, seed_3_10_process_limit_is_compared);
	tcase_add_loop_test(tc, what_runs_is_looked_at, 0, ROWS(around));
	tcase_add_test(tc, mends_name_the_instance);
	tcase_add_test(tc, every_check_is_provoked);
	suite_add_tcase(suite, tc);
	return suite;
}
