/* Lines of postcat: which message, and does its filter name the next hop? */
#include "ctl/filter.h"

#include "check_main.h"

static const struct {
	const char *line;
	const char *id; /* NULL: it begins no message */
} heads[] = {
	{ "*** ENVELOPE RECORDS deferred/A/A1B2C3 ***", "A1B2C3" },
	{ "*** ENVELOPE RECORDS /q/incoming/4X8f3T2bz1zSq ***",
	    "4X8f3T2bz1zSq" },
	{ "*** ENVELOPE RECORDS A1B2C3 ***", "A1B2C3" },
	{ "*** HEADER EXTRACTED deferred/A/A1B2C3 ***", NULL },
	{ "*** ENVELOPE RECORDS ", NULL },
	{ "*** ENVELOPE RECORDS deferred/ ***", NULL },
	{ "*** ENVELOPE RECORDS d/0123456789012345678901234567890123 ***",
	    NULL },
	{ "", NULL },
};

START_TEST(queue_id_of_a_head)
{
	char id[QUEUE_NAME_MAX];
	bool is = filter_queue_id(heads[_i].line, id);

	ck_assert_int_eq(is, heads[_i].id != NULL);
	if (is)
		ck_assert_str_eq(id, heads[_i].id);
}
END_TEST

static const struct {
	const char *line;
	bool names; /* "[b.example]:25" */
} filters[] = {
	{ "content_filter: relay:[b.example]:25", true },
	{ "content_filter: relay:[a.example]:25, [b.example]:25", true },
	{ "content_filter: relay:[b.example]:25,[a.example]:25", true },
	{ "content_filter: relay:[B.Example]:25", true },
	{ "content_filter: relay:[b.example]:2525", false },
	{ "content_filter: relay:[b.example]", false },
	{ "content_filter: relay:x[b.example]:25", false },
	{ "content_filter: relay:", false },
	{ "content_filter: relay", false },
	{ "named_attribute: content_filter: relay:[b.example]:25", false },
	{ "recipient: content_filter: relay:[b.example]:25", false },
};

START_TEST(filter_names_the_next_hop)
{
	ck_assert_int_eq(filter_names(filters[_i].line, "[b.example]:25"),
	    filters[_i].names);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("filter");
	TCase *tcase = tcase_create("filter");

	tcase_add_loop_test(tcase, queue_id_of_a_head, 0,
	    sizeof(heads) / sizeof(heads[0]));
	tcase_add_loop_test(tcase, filter_names_the_next_hop, 0,
	    sizeof(filters) / sizeof(filters[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
