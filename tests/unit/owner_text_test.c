/* The words of a table, as postmap(1) takes its source apart. */
#include "core/owner_text.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

/* "1:L(alice) 1:S(a@b)": line, login or sender, word */
static const char *
words(struct owner_text *text, char out[1024])
{
	enum owner_word kind;
	const char *word;
	unsigned line;
	size_t len, used = 0;

	out[0] = '\0';
	while ((kind = owner_text_next(text, &word, &len, &line)) !=
	    OWNER_WORD_END)
		used += (size_t)snprintf(out + used, 1024 - used,
		    "%s%u:%c(%.*s)", used == 0 ? "" : " ", line,
		    kind == OWNER_WORD_LOGIN ? 'L' : 'S', (int)len, word);
	return out;
}

static const struct {
	const char *text, *words;
} files[] = {
	{ "", "" },
	{ "\n\n", "" },
	{ "# nothing\n  # nothing either\n", "" },
	{ "alice a@b\n", "1:L(alice) 1:S(a@b)" },
	{ "alice\ta@b,c@d , e@f\n", "1:L(alice) 1:S(a@b) 1:S(c@d) 1:S(e@f)" },
	{ "alice a@b", "1:L(alice) 1:S(a@b)" },
	{ "alice a@b\r\nbob c@d\r\n",
	    "1:L(alice) 1:S(a@b) 2:L(bob) 2:S(c@d)" },
	{ "alice\n", "1:L(alice)" },
	/* a login ends with white space alone */
	{ "a,b c@d\n", "1:L(a,b) 1:S(c@d)" },
	/* white space goes on with the row, past what is nothing */
	{ "alice a@b,\n  c@d\n\t!e@f\nbob g@h\n",
	    "1:L(alice) 1:S(a@b) 2:S(c@d) 3:S(!e@f) 4:L(bob) 4:S(g@h)" },
	{ "alice a@b\n# nothing\n\n   # this too\n  c@d\nbob g@h\n",
	    "1:L(alice) 1:S(a@b) 5:S(c@d) 6:L(bob) 6:S(g@h)" },
	{ "alice\n a@b\n", "1:L(alice) 2:S(a@b)" },
	/* a '#' behind the login is a word like any other */
	{ "alice a@b # all\n", "1:L(alice) 1:S(a@b) 1:S(#) 1:S(all)" },
	{ "  a@b\nbob c@d\n", "1:S(a@b) 2:L(bob) 2:S(c@d)" },
	{ "\n\n alice", "3:S(alice)" },
	{ ",,\n", "1:L(,,)" },
	{ " ,a\nbob b@c\n", "1:S(a) 2:L(bob) 2:S(b@c)" },
	{ " ,\n ,\nbob ,, b@c\n,d e\n", "3:L(bob) 3:S(b@c) 4:L(,d) 4:S(e)" },
};

START_TEST(owner_text_of_a_file)
{
	struct owner_text text;
	char out[1024];

	owner_text_file(&text, files[_i].text, strlen(files[_i].text));
	ck_assert_str_eq(words(&text, out), files[_i].words);
}
END_TEST

static const struct {
	const char *text, *words;
} values[] = {
	{ "", "" },
	{ " , ", "" },
	{ "a@b,  @c home=x", "1:S(a@b) 1:S(@c) 1:S(home=x)" },
	{ "# a@b", "1:S(#) 1:S(a@b)" },
	{ "a@b\n c@d", "1:S(a@b) 2:S(c@d)" },
	/* what no value is: the caller sees a login */
	{ "a@b\nc@d", "1:S(a@b) 2:L(c@d)" },
};

START_TEST(owner_text_of_a_value)
{
	struct owner_text text;
	char out[1024];

	owner_text_value(&text, values[_i].text, strlen(values[_i].text));
	ck_assert_str_eq(words(&text, out), values[_i].words);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("owner_text");
	TCase *tcase = tcase_create("owner_text");

	tcase_add_loop_test(tcase, owner_text_of_a_file, 0,
	    sizeof(files) / sizeof(files[0]));
	tcase_add_loop_test(tcase, owner_text_of_a_value, 0,
	    sizeof(values) / sizeof(values[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
