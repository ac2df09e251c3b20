/* weirctl postfix --undo: what goes back, and what is left to its editor. */
#include "ctl/undo.h"
#include "postfix_text.h"

#include "check_main.h"

#include <string.h>

#define RELAY "relay unix - - y - - smtp -o smtp_connect_timeout=10s " \
	"-o smtp_helo_timeout=30s -o smtp_starttls_timeout=30s\n" \
	"rewrite unix - - y - - trivial-rewrite\n"
#define POLICY "check_policy_service { unix:weir/policy.sock, timeout=5s, " \
	"default_action=DUNNO }"
#define MILTER "{unix:weir/milter.sock,default_action=tempfail," \
	"command_timeout=10s}"

/* As it was: */
#define MAIN "smtpd_data_restrictions = reject_a\n" \
	"message_reject_characters = \\0\n"
#define MASTER "submission inet n - y - - smtpd -o smtpd_milters=inet:x\n" \
	RELAY
/* What --apply makes of it, with the socketmap: */
#define MACROS "milter_connect_macros = j {daemon_name} {daemon_addr} " \
	"{daemon_port} {client_addr} {client_name} {client_port} " \
	"{client_ptr} {client_connections} v _\n"
#define DELAY "smtpd_delay_open_until_valid_rcpt = no\n"
#define DATA "smtpd_data_restrictions = " POLICY ", reject_a\n"
#define MAPS "sender_dependent_default_transport_maps = " \
	"socketmap:unix:weir/map.sock:sender\n"
#define NUL "message_reject_characters = \\0\n"
#define SUBMISSION "submission inet n - y - - smtpd -o smtpd_milters=" \
	MILTER ",inet:x"
#define NAMES " -o milter_macro_daemon_name=submission" \
	" -o rewrite_service_name=weir-rewrite\n"
#define RESOLVER "weir-rewrite  unix - - y - - trivial-rewrite " \
	"-o sender_dependent_default_transport_maps=\n"

static const struct {
	const char *main_cf, *master_cf; /* when it is to be undone */
	const char *changes; /* "where: name = after", without " = ...": out */
	const char *note; /* part of the only one; "": none */
} undone[] = {
	{ MACROS DELAY DATA MAPS NUL, SUBMISSION NAMES RESOLVER RELAY,
	    "main.cf: milter_connect_macros\n"
	    "main.cf: smtpd_delay_open_until_valid_rcpt\n"
	    "main.cf: smtpd_data_restrictions = reject_a\n"
	    "main.cf: sender_dependent_default_transport_maps\n"
	    "weir-rewrite/unix: \n"
	    "submission/inet: rewrite_service_name\n"
	    "submission/inet: smtpd_milters = inet:x\n"
	    "submission/inet: milter_macro_daemon_name\n", "" },
	/* as it was already */
	{ MAIN, MASTER, "", "" },
	/* the service is gone */
	{ MAIN, RELAY, "", "" },
	/* lists he added to lose ours alone */
	{ "smtpd_data_restrictions = reject_b, " POLICY ", reject_a\n",
	    MASTER, "main.cf: smtpd_data_restrictions = reject_b, "
	    "reject_a\n", "" },
	{ "sender_dependent_default_transport_maps = hash:/x, "
	    "socketmap:unix:weir/map.sock:sender\n", MASTER,
	    "main.cf: sender_dependent_default_transport_maps = hash:/x\n",
	    "" },
	/* our own options changed by him: still ours */
	{ "sender_dependent_default_transport_maps = "
	    "socketmap:unix:weir/map.sock:sender,\n", MASTER,
	    "main.cf: sender_dependent_default_transport_maps\n", "" },
	{ MAIN, "submission inet n - y - - smtpd -o smtpd_milters="
	    "{unix:weir/milter.sock,command_timeout=20s},inet:y\n" RELAY,
	    "submission/inet: smtpd_milters = inet:y\n", "" },
	/* what he set himself is left */
	{ MAIN "milter_connect_macros = j v\n", MASTER, "",
	    "milter_connect_macros of main.cf is left" },
	{ MAIN, MASTER "weir-rewrite unix - - n - - trivial-rewrite "
	    "-o sender_dependent_default_transport_maps=\n", "",
	    "weir-rewrite/unix was changed" },
};

/* Takes down what --apply would change in that Postfix. */
static void
apply(json_t *record, const char *main_cf, const char *master_cf)
{
	struct postfix *postfix = postfix_text(main_cf, master_cf);
	struct config *config = weir_text("");
	struct plan_wish wish = { .socketmap = true };
	struct plan *plan = plan_make(postfix, config, &wish);

	undo_take(record, plan);
	plan_free(&plan);
	config_unref(&config);
	postfix_free(&postfix);
}

/* As it is after a while in a file. */
static json_t *
filed(json_t *record)
{
	char *text = json_dumps(record, 0);
	json_t *again = json_loads(text, 0, NULL);

	free(text);
	json_decref(record);
	ck_assert(undo_valid(again));
	return again;
}

static void
check_undone(const json_t *record, const char *main_cf,
    const char *master_cf, const char *changes, const char *note)
{
	struct postfix *postfix = postfix_text(main_cf, master_cf);
	struct plan *plan = undo_plan(record, postfix, true, true);
	char text[4000];

	plan_text(plan, text, sizeof(text));
	ck_assert_str_eq(text, changes);
	ck_assert_uint_eq(plan->nnotes, note[0] != '\0');
	if (note[0] != '\0')
		ck_assert_ptr_nonnull(strstr(plan->notes[0].text, note));
	plan_free(&plan);
	postfix_free(&postfix);
}

START_TEST(what_is_still_ours_goes_back)
{
	json_t *record = undo_new();

	apply(record, MAIN, MASTER);
	record = filed(record);
	check_undone(record, undone[_i].main_cf, undone[_i].master_cf,
	    undone[_i].changes, undone[_i].note);
	json_decref(record);
}
END_TEST

START_TEST(second_apply_keeps_the_first_state)
{
	json_t *record = undo_new();

	apply(record, MAIN, MASTER);
	/* the list of milters was moved about, the delay turned on again */
	apply(record, MACROS DATA MAPS NUL
	    "smtpd_delay_open_until_valid_rcpt = yes\n",
	    "submission inet n - y - - smtpd -o smtpd_milters=inet:y,"
	    MILTER NAMES RESOLVER RELAY);
	record = filed(record);
	check_undone(record, MACROS DELAY DATA MAPS NUL,
	    "submission inet n - y - - smtpd -o smtpd_milters=" MILTER
	    ",inet:y" NAMES RESOLVER RELAY,
	    "main.cf: milter_connect_macros\n"
	    "main.cf: smtpd_delay_open_until_valid_rcpt = yes\n"
	    "main.cf: smtpd_data_restrictions = reject_a\n"
	    "main.cf: sender_dependent_default_transport_maps\n"
	    "weir-rewrite/unix: \n"
	    "submission/inet: rewrite_service_name\n"
	    "submission/inet: smtpd_milters = inet:y\n"
	    "submission/inet: milter_macro_daemon_name\n", "");
	json_decref(record);
}
END_TEST

START_TEST(a_file_put_back_whole_needs_no_more)
{
	json_t *record = undo_new();
	struct postfix *postfix = postfix_text(MACROS, SUBMISSION NAMES);
	struct plan *plan;

	apply(record, MAIN, MASTER);
	plan = undo_plan(record, postfix, false, true);
	for (size_t i = 0; i < plan->nchanges; i++)
		ck_assert_str_ne(plan->changes[i].where, MAIN_CF);
	ck_assert_uint_ne(plan->nchanges, 0);
	plan_free(&plan);
	postfix_free(&postfix);
	json_decref(record);
}
END_TEST

static struct content
content(const char *text)
{
	return (struct content) { (char *)(uintptr_t)text, strlen(text) };
}

static void
check_file(const json_t *record, const char *now, const char *before)
{
	struct content is = content(now);
	struct content was = undo_file(record, "main.cf", &is);

	if (before == NULL) {
		ck_assert_ptr_null(was.text);
		return;
	}
	ck_assert_uint_eq(was.len, strlen(before));
	ck_assert_str_eq(was.text, before);
	free(was.text);
}

START_TEST(file_goes_back_byte_by_byte)
{
	struct content a = content("a = \xff\x80\x7f\xc3\xa9\n\t b\n");
	struct content b = content("changed\n"), c = content("again\n");
	json_t *record = undo_new();

	undo_file_before(record, "main.cf", &a);
	check_file(record, "changed\n", NULL); /* half done */
	undo_file_after(record, "main.cf", &b);
	record = filed(record);
	check_file(record, "changed\n", a.text);
	check_file(record, "changed \n", NULL);
	undo_file_before(record, "main.cf", &b); /* applied again */
	undo_file_after(record, "main.cf", &c);
	check_file(record, "again\n", a.text);
	undo_file_before(record, "main.cf", &b); /* edited meanwhile */
	undo_file_after(record, "main.cf", &c);
	check_file(record, "again\n", NULL);
	json_decref(record);
}
END_TEST

/* One that somebody edited: no setting is named. */
START_TEST(a_change_of_nothing_is_passed_over)
{
	json_t *record = undo_new();

	json_array_append_new(json_object_get(record, "changes"),
	    json_pack("{ss ss ss}", "where", "main.cf", "before", "x",
	        "after", "y"));
	record = filed(record);
	check_undone(record, MAIN, MASTER, "", "");
	json_decref(record);
}
END_TEST

static const char *const foreign[] = { "{}", "[]", "{\"version\": 2}",
	"{\"version\": 1, \"ours\": {}, \"changes\": [], \"files\": {}}" };

START_TEST(foreign_record_is_refused)
{
	json_t *record = json_loads(foreign[_i], 0, NULL);

	ck_assert(!undo_valid(record));
	json_decref(record);
}
END_TEST

START_TEST(our_default_transport_is_known)
{
	json_t *record = undo_new();
	struct plan_change change = { MAIN_CF, "default_transport", NULL,
		"relay:[a]", NULL, "" };
	struct plan plan = { .changes = &change, .nchanges = 1 };

	ck_assert_ptr_null(undo_default_transport(NULL));
	ck_assert_ptr_null(undo_default_transport(record));
	undo_take(record, &plan);
	ck_assert_str_eq(undo_default_transport(record), "relay:[a]");
	json_decref(record);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *suite = suite_create("undo");
	TCase *tc = tcase_create("undo");

	tcase_add_loop_test(tc, what_is_still_ours_goes_back, 0,
	    ROWS(undone));
	tcase_add_test(tc, second_apply_keeps_the_first_state);
	tcase_add_test(tc, a_file_put_back_whole_needs_no_more);
	tcase_add_test(tc, file_goes_back_byte_by_byte);
	tcase_add_test(tc, a_change_of_nothing_is_passed_over);
	tcase_add_loop_test(tc, foreign_record_is_refused, 0, ROWS(foreign));
	tcase_add_test(tc, our_default_transport_is_known);
	suite_add_tcase(suite, tc);
	return suite;
}
