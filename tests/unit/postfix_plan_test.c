/* weirctl postfix: from what is there to what must change. */
#include "ctl/postfix_plan.h"
#include "postfix_text.h"

#include "check_main.h"

#include <string.h>

#define MTA "smtp unix - - y - - smtp\n" \
	"relay unix - - y - - smtp -o smtp_connect_timeout=10s " \
	"-o smtp_helo_timeout=30s -o smtp_starttls_timeout=30s\n" \
	"rewrite unix - - y - - trivial-rewrite\n"
#define SUBMISSION "submission inet n - y - - smtpd"
#define MILTER "{unix:weir/milter.sock,default_action=tempfail," \
	"command_timeout=10s}"
#define TAKEN "{unix:weir/milter.sock,default_action=accept," \
	"command_timeout=10s}"
#define POLICY "check_policy_service { unix:weir/policy.sock, timeout=5s, " \
	"default_action=DUNNO }"
#define MACROS "j {daemon_name} {daemon_addr} {daemon_port} {client_addr} " \
	"{client_name} {client_port} {client_ptr} {client_connections} v _"

/* All that main.cf needs, so that a row shows one thing. */
#define MAIN "smtpd_delay_open_until_valid_rcpt = no\n" \
	"message_reject_characters = \\0\n" \
	"milter_connect_macros = " MACROS "\n" \
	"smtpd_data_restrictions = " POLICY "\n"
#define OURS SUBMISSION " -o smtpd_milters=" MILTER \
	" -o milter_macro_daemon_name=submission"
#define ALL "routes = ( { name = \"all\"; connector = \"out\"; } );\n"
#define LISTENER "listeners = ( { name = \"s\"; daemons = " \
	"[ \"submission\" ]; } );\n"
#define NEVER "policy: { pin = \"never\"; };\n"
#define SENDER_MAP "sender_dependent_default_transport_maps = " \
	"socketmap:unix:weir/map.sock:sender\n"

static const struct {
	const char *main_cf, *master_cf, *weir;
	const char *changes; /* "where: name = after" each on a line */
	const char *note; /* part of a note; "" none, NULL: does not matter */
} plans[] = {
	/* 0: a bare one */
	{ "", SUBMISSION "\n" MTA, ALL LISTENER,
	    "main.cf: milter_connect_macros = " MACROS "\n"
	    "main.cf: smtpd_delay_open_until_valid_rcpt = no\n"
	    "main.cf: message_reject_characters = \\0\n"
	    "main.cf: smtpd_data_restrictions = " POLICY "\n"
	    "main.cf: default_transport = relay:[b.example]:587, "
	    "[a.example]:587\n"
	    "submission/inet: smtpd_milters = " MILTER "\n"
	    "submission/inet: milter_macro_daemon_name = submission\n",
	    "weirctl reload" },
	{ MAIN, OURS "\n" MTA, LISTENER, "", "" },

	/* 2: what is there is kept */
	{ MAIN "smtpd_milters = inet:127.0.0.1:8891 inet:127.0.0.1:8892\n",
	    SUBMISSION " -o milter_macro_daemon_name=submission\n" MTA, "",
	    "submission/inet: smtpd_milters = " MILTER
	    ",inet:127.0.0.1:8891,inet:127.0.0.1:8892\n", "" },
	{ MAIN, SUBMISSION " -o smtpd_milters=$mua_milters "
	    "-o milter_macro_daemon_name=submission\n" MTA, "",
	    "submission/inet: smtpd_milters = " MILTER ",$mua_milters\n",
	    "" },
	{ MAIN, SUBMISSION " -o smtpd_milters=inet:1.2.3.4:5," MILTER
	    " -o milter_macro_daemon_name=submission\n" MTA, "",
	    "submission/inet: smtpd_milters = " MILTER ",inet:1.2.3.4:5\n",
	    "" },
	{ MAIN "smtpd_data_restrictions = permit_mynetworks, " POLICY
	    ", reject_unauth_pipelining\n", OURS "\n" MTA, "",
	    "main.cf: smtpd_data_restrictions = " POLICY
	    ", permit_mynetworks, reject_unauth_pipelining\n", "" },
	{ MAIN, OURS " -o smtpd_data_restrictions=reject_x,permit\n" MTA, "",
	    "submission/inet: smtpd_data_restrictions = check_policy_service,"
	    "{unix:weir/policy.sock,timeout=5s,default_action=DUNNO},"
	    "reject_x,permit\n", "" },
	{ MAIN "milter_connect_macros = {x} j v\n", OURS "\n" MTA, "",
	    "main.cf: milter_connect_macros = " MACROS " {x}\n", "" },
	{ MAIN "milter_rcpt_macros = {rcpt_addr}\n", OURS "\n" MTA, "",
	    "main.cf: milter_rcpt_macros = i {rcpt_addr} {rcpt_host} "
	    "{rcpt_mailer}\n", "" },
	{ MAIN "message_reject_characters = \\015\n", OURS "\n" MTA, "",
	    "main.cf: message_reject_characters = \\015\\0\n", "" },

	/* 10: his own tuning of ours stays, unless it is wrong */
	{ MAIN, SUBMISSION " -o smtpd_milters={unix:weir/milter.sock,"
	    "command_timeout=20s} -o milter_macro_daemon_name=submission\n"
	    MTA, "", "", "" },
	{ MAIN, SUBMISSION " -o smtpd_milters={unix:weir/milter.sock,"
	    "default_action=accept} -o milter_macro_daemon_name=submission\n"
	    MTA, "", "submission/inet: smtpd_milters = " MILTER "\n", "" },
	{ MAIN "milter_default_action = accept\n",
	    SUBMISSION " -o smtpd_milters=unix:weir/milter.sock "
	    "-o milter_macro_daemon_name=submission\n" MTA, "",
	    "submission/inet: smtpd_milters = " MILTER "\n", "" },
	{ MAIN "smtpd_data_restrictions = check_policy_service "
	    "unix:weir/policy.sock\n", OURS "\n" MTA, "",
	    "main.cf: smtpd_data_restrictions = " POLICY "\n", "" },
	{ MAIN, SUBMISSION " -o smtpd_milters={unix:/var/spool/postfix/weir/"
	    "milter.sock,default_action=tempfail} "
	    "-o milter_macro_daemon_name=submission\n" MTA, "",
	    "submission/inet: smtpd_milters = " MILTER "\n", "" },
	{ MAIN, "submission inet n - n - - smtpd -o smtpd_milters={unix:/var/"
	    "spool/postfix/weir/milter.sock,default_action=tempfail} "
	    "-o milter_macro_daemon_name=submission\n" MTA, "", "", "" },

	/* 16: which service */
	{ MAIN, "smtp inet n - y - - smtpd\n" MTA, "",
	    "smtp/inet: smtpd_milters = " TAKEN "\n", "" },
	{ MAIN, "smtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd\n"
	    MTA, "", "smtpd/pass: smtpd_milters = " TAKEN "\n", "" },
	{ MAIN, OURS "\n127.0.0.1:10025 inet n - y - - smtpd "
	    "-o content_filter=\n" MTA, "",
	    "127.0.0.1:10025/inet: smtpd_data_restrictions = \n", "" },
	{ MAIN "smtpd_data_restrictions = " POLICY ", reject_a\n", OURS
	    "\n10025 inet n - y - - smtpd -o receive_override_options="
	    "no_address_mappings,no_milters\n" MTA, "",
	    "10025/inet: smtpd_data_restrictions = reject_a\n", "" },
	{ MAIN, "smtp inet n - y - 1 postscreen\n" MTA, "", "",
	    "no smtpd service" },

	/* 21: under which name */
	{ MAIN, SUBMISSION " -o smtpd_milters=" MILTER
	    " -o milter_macro_daemon_name=ORIGINATING\n" MTA, LISTENER,
	    "submission/inet: milter_macro_daemon_name = submission\n", "" },
	{ MAIN, SUBMISSION " -o smtpd_milters=" MILTER
	    " -o milter_macro_daemon_name=ORIGINATING\n" MTA,
	    "listeners = ( { name = \"s\"; ports = [ 587 ]; } );", "", "" },
	{ MAIN, SUBMISSION " -o smtpd_milters=" MILTER
	    " -o milter_macro_daemon_name=ORIGINATING\n" MTA, "", "", "" },
	{ MAIN, SUBMISSION " -o smtpd_milters=" MILTER "\n" MTA, "",
	    "submission/inet: milter_macro_daemon_name = submission\n", "" },
	{ MAIN, "127.0.0.1:5870 inet n - y - - smtpd -o smtpd_milters="
	    MILTER "\n" MTA, "", "", "" },

	/* 26: the way out while weir-policyd is away */
	{ MAIN "relayhost = [x]\n", OURS "\n" MTA, ALL, "",
	    "relayhost = [x] is kept" },
	{ MAIN "default_transport = smtp:[x]\n", OURS "\n" MTA, ALL, "",
	    "default_transport = smtp:[x] is kept" },
	{ MAIN "default_transport = ours\n", OURS "\n" MTA, ALL,
	    "main.cf: default_transport = relay:[b.example]:587, "
	    "[a.example]:587\n", "weirctl reload" },
	{ MAIN, OURS "\n" MTA,
	    "routes = ( { name = \"one\"; host = \"a\"; } );",
	    "main.cf: default_transport = relay:[a.example]:587\n",
	    "weirctl reload" },
	{ MAIN, OURS "\n" MTA,
	    "routes = ( { name = \"one\"; sender = [ \"@x\" ]; "
	    "host = \"a\"; } );", "", "" },
	{ MAIN, OURS "\n" MTA,
	    "routes = ( { name = \"one\"; client = [ \"192.0.2.0/24\" ]; "
	    "host = \"a\"; } );", "", "" },
	{ MAIN, OURS "\n" MTA,
	    "routes = ( { name = \"all\"; connector = \"direct\"; } );", "",
	    "" },

	/* 32: time-outs, transports */
	{ MAIN, OURS "\nrelay unix - - y - - smtp\n", "",
	    "relay/unix: smtp_connect_timeout = 10s\n"
	    "relay/unix: smtp_helo_timeout = 30s\n"
	    "relay/unix: smtp_starttls_timeout = 30s\n", "" },
	{ MAIN, OURS "\nrelay unix - - y - - smtp -o smtp_connect_timeout=15 "
	    "-o smtp_helo_timeout=1m -o smtp_starttls_timeout=60s\n", "", "",
	    "" },
	{ MAIN, OURS "\nrelay unix - - y - - lmtp\n", "", "", "" },
	{ MAIN, OURS "\n", "", "", "no transport \"relay\"" },

	/* 36: the socketmap */
	{ MAIN, OURS "\n" MTA, NEVER,
	    "main.cf: " SENDER_MAP
	    "weir-rewrite/unix:  = weir-rewrite unix - - y - - "
	    "trivial-rewrite -o sender_dependent_default_transport_maps=\n"
	    "submission/inet: rewrite_service_name = weir-rewrite\n", "" },
	{ MAIN "transport_maps = hash:/x, hash:/y\n", OURS "\n" MTA, NEVER
	    "routes = ( { name = \"r\"; recipient = [ \"@x\" ]; "
	    "host = \"a\"; } );",
	    "main.cf: " SENDER_MAP
	    "main.cf: transport_maps = socketmap:unix:weir/map.sock:"
	    "recipient, hash:/x, hash:/y\n"
	    "weir-rewrite/unix:  = weir-rewrite unix - - y - - "
	    "trivial-rewrite -o sender_dependent_default_transport_maps= "
	    "-o transport_maps=hash:/x,hash:/y\n"
	    "submission/inet: rewrite_service_name = weir-rewrite\n", "" },
	{ MAIN SENDER_MAP, OURS " -o rewrite_service_name=weir-rewrite\n"
	    "weir-rewrite unix - - y - - trivial-rewrite -o "
	    "sender_dependent_default_transport_maps=\n" MTA, NEVER, "", "" },
	{ MAIN "sender_dependent_default_transport_maps = "
	    "socketmap:unix:weir/map.sock:sender, hash:/new\n",
	    OURS " -o rewrite_service_name=weir-rewrite\n"
	    "weir-rewrite unix - - y - - trivial-rewrite -o "
	    "sender_dependent_default_transport_maps=hash:/old\n" MTA, NEVER,
	    "weir-rewrite/unix: sender_dependent_default_transport_maps = "
	    "hash:/new\n", "" },
	{ MAIN SENDER_MAP, OURS " -o rewrite_service_name=mine\n"
	    "mine unix - - y - - trivial-rewrite -o "
	    "sender_dependent_default_transport_maps=\n"
	    "weir-rewrite unix - - y - - trivial-rewrite -o "
	    "sender_dependent_default_transport_maps=\n" MTA, NEVER, "", "" },
	{ MAIN "content_filter = scan:x\n", OURS "\n" MTA, "", NULL,
	    "policy.pin = \"never\" is right" },
	{ MAIN "recipient_bcc_maps = hash:/x\n", OURS "\n" MTA, "", NULL,
	    "recipient_bcc_maps is set" },
	{ MAIN, OURS "\n" MTA, "policy: { pin = \"never\"; socketmap = "
	    "[ \"inet:127.0.0.1:9\" ]; };\n",
	    "main.cf: sender_dependent_default_transport_maps = "
	    "socketmap:inet:127.0.0.1:9:sender\n"
	    "weir-rewrite/unix:  = weir-rewrite unix - - y - - "
	    "trivial-rewrite -o sender_dependent_default_transport_maps=\n"
	    "submission/inet: rewrite_service_name = weir-rewrite\n", "" },

	/* 44: what cannot be */
	{ MAIN, OURS "\n" MTA, "milter: { listen = \"unix:/run/m.sock\"; };",
	    NULL, "milter.listen is unix:/run/m.sock" },
	{ MAIN "smtpd_milters = { inet:x, { default_action = a b } }\n",
	    SUBMISSION " -o milter_macro_daemon_name=submission\n" MTA, "",
	    "", "postconf cannot set smtpd_milters of submission/inet" },
	/* inet sockets are met by everyone */
	{ MAIN, SUBMISSION " -o milter_macro_daemon_name=submission\n" MTA,
	    "milter: { listen = \"inet:0.0.0.0:8899\"; };",
	    "submission/inet: smtpd_milters = {inet:127.0.0.1:8899,"
	    "default_action=tempfail,command_timeout=10s}\n", "" },
};

static bool
noted(const struct plan *plan, const char *part)
{
	for (size_t i = 0; i < plan->nnotes; i++) {
		if (strstr(plan->notes[i].text, part) != NULL)
			return true;
	}
	return false;
}

START_TEST(plan_is_what_is_missing)
{
	struct postfix *postfix = postfix_text(plans[_i].main_cf,
	    plans[_i].master_cf);
	struct config *config = weir_text(plans[_i].weir);
	struct plan_wish wish = { .our_default_transport = "ours" };
	struct plan *plan = plan_make(postfix, config, &wish);
	char text[4000];

	plan_text(plan, text, sizeof(text));
	if (plans[_i].changes != NULL)
		ck_assert_str_eq(text, plans[_i].changes);
	if (plans[_i].note != NULL && plans[_i].note[0] == '\0')
		ck_assert_uint_eq(plan->nnotes, 0);
	else if (plans[_i].note != NULL)
		ck_assert_msg(noted(plan, plans[_i].note), "no such note");
	plan_free(&plan);
	config_unref(&config);
	postfix_free(&postfix);
}
END_TEST

START_TEST(socketmap_comes_when_asked_for)
{
	struct postfix *postfix = postfix_text(MAIN, OURS "\n" MTA);
	struct config *config = weir_text("");
	struct plan_wish wish = { .socketmap = true };
	struct plan *plan = plan_make(postfix, config, &wish);

	ck_assert(plan->socketmap);
	ck_assert_uint_eq(plan->nchanges, 3);
	plan_free(&plan);
	config_unref(&config);
	postfix_free(&postfix);
}
END_TEST

static const struct {
	const char *line;
	uint16_t port;
	bool chrooted;
	unsigned limit;
} services[] = {
	{ "smtp inet n - y - - smtpd", 25, true, 100 },
	{ "submissions inet n - n - 20 smtpd", 465, false, 20 },
	{ "127.0.0.1:587 inet n - - - 0 smtpd", 587, false, 0 },
	{ "[::1]:submission inet n - - - - smtpd", 587, false, 100 },
	{ "smtp unix - - y - - smtp", 0, true, 100 },
};

START_TEST(service_is_read)
{
	struct postfix *postfix = postfix_text("", services[_i].line);
	const struct postfix_service *service = postfix_next(postfix, NULL);

	ck_assert_ptr_nonnull(service);
	ck_assert_uint_eq(service_port(service), services[_i].port);
	ck_assert_int_eq(service_chrooted(postfix, service),
	    services[_i].chrooted);
	ck_assert_uint_eq(service_limit(postfix, service),
	    services[_i].limit);
	ck_assert_ptr_null(postfix_next(postfix, service));
	postfix_free(&postfix);
}
END_TEST

START_TEST(seconds_are_read)
{
	ck_assert_int_eq(postfix_seconds("30"), 30);
	ck_assert_int_eq(postfix_seconds("5m"), 300);
	ck_assert_int_eq(postfix_seconds("1h"), 3600);
	ck_assert_int_eq(postfix_seconds("5x"), 0);
	ck_assert_int_eq(postfix_seconds(""), 0);
	ck_assert_int_eq(postfix_seconds("5ms"), 0);
}
END_TEST

START_TEST(nul_is_looked_for)
{
	ck_assert(nul_is_refused("\\0"));
	ck_assert(nul_is_refused("\\000"));
	ck_assert(nul_is_refused("\\r\\0\\n"));
	ck_assert(!nul_is_refused(""));
	ck_assert(!nul_is_refused("0"));
	ck_assert(!nul_is_refused("\\012"));
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *suite = suite_create("postfix_plan");
	TCase *tc = tcase_create("postfix_plan");

	tcase_add_loop_test(tc, plan_is_what_is_missing, 0, ROWS(plans));
	tcase_add_test(tc, socketmap_comes_when_asked_for);
	tcase_add_loop_test(tc, service_is_read, 0, ROWS(services));
	tcase_add_test(tc, seconds_are_read);
	tcase_add_test(tc, nul_is_looked_for);
	suite_add_tcase(suite, tc);
	return suite;
}
