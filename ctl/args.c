/*
 * The command line. getopt_long is not used: it says its errors itself and
 * cannot suggest the option that was meant.
 */
#include "args.h"

#include "core/nearest.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 32, WORD_SHOWN_MAX = 80 };

struct parse {
	struct args *args;
	const struct option *const *tables;
	int argc;
	char *const *argv;
	int next; /* the argument to be read */
	char *why; /* ARGS_WHY_MAX */
};

static const struct option *
option_by_name(const struct option *const *tables, const char *name,
    size_t len)
{
	for (; *tables != NULL; tables++) {
		for (const struct option *o = *tables; o->name != NULL; o++) {
			if (strlen(o->name) == len &&
			    strncmp(o->name, name, len) == 0)
				return o;
		}
	}
	return NULL;
}

static const struct option *
option_by_letter(const struct option *const *tables, char letter)
{
	for (; *tables != NULL; tables++) {
		for (const struct option *o = *tables; o->name != NULL; o++) {
			if (o->letter == letter)
				return o;
		}
	}
	return NULL;
}

static const char *
option_nearest(const struct option *const *tables, const char *typed)
{
	const char *names[NAMES_MAX];
	size_t count = 0;

	for (; *tables != NULL; tables++) {
		for (const struct option *o = *tables;
		    o->name != NULL && count < NAMES_MAX; o++)
			names[count++] = o->name;
	}
	return nearest_word(typed, names, count);
}

static int
parse_refuse(struct parse *parse, const char *what, const char *word)
{
	char shown[WORD_SHOWN_MAX];

	text_escape(shown, sizeof(shown), word, strlen(word));
	(void)snprintf(parse->why, ARGS_WHY_MAX, "%s %s", what, shown);
	return -1;
}

static int
parse_unknown(struct parse *parse, const char *word, const char *name)
{
	const char *near = option_nearest(parse->tables, name);
	size_t used;

	(void)parse_refuse(parse, "there is no option", word);
	used = strlen(parse->why);
	if (near != NULL)
		(void)snprintf(parse->why + used, ARGS_WHY_MAX - used,
		    "; did you mean --%s?", near);
	return -1;
}

static int
parse_add(struct parse *parse, const struct option *option, const char *value)
{
	struct args *args = parse->args;

	if (args->ngiven == GIVEN_MAX) {
		(void)snprintf(parse->why, ARGS_WHY_MAX, "too many options");
		return -1;
	}
	args->given[args->ngiven].option = option;
	args->given[args->ngiven].value = value;
	args->ngiven++;
	return 0;
}

/* An option that takes a value, which may be the next argument. */
static int
parse_value(struct parse *parse, const struct option *option,
    const char *word, const char *value)
{
	if (value == NULL && parse->next < parse->argc)
		value = parse->argv[parse->next++];
	if (value == NULL) {
		(void)snprintf(parse->why, ARGS_WHY_MAX, "%s needs a value: %s",
		    word, option->value);
		return -1;
	}
	return parse_add(parse, option, value);
}

static int
parse_long(struct parse *parse, const char *word)
{
	const char *name = word + 2, *equals = strchr(name, '=');
	size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
	const struct option *option =
	    option_by_name(parse->tables, name, len);

	if (option == NULL)
		return parse_unknown(parse, word, name);
	if (option->value != NULL)
		return parse_value(parse, option, word,
		    equals != NULL ? equals + 1 : NULL);
	if (equals != NULL)
		return parse_refuse(parse, "no value is taken by", word);
	return parse_add(parse, option, "");
}

static int
parse_letters(struct parse *parse, const char *word)
{
	for (const char *letter = word + 1; *letter != '\0'; letter++) {
		const struct option *option =
		    option_by_letter(parse->tables, *letter);

		if (option == NULL)
			return parse_unknown(parse, word, word + 1);
		if (option->value != NULL)
			return parse_value(parse, option, word,
			    letter[1] != '\0' ? letter + 1 : NULL);
		if (parse_add(parse, option, "") == -1)
			return -1;
	}
	return 0;
}

static int
parse_operand(struct parse *parse, const char *word)
{
	if (parse->args->noperands == OPERANDS_MAX)
		return parse_refuse(parse, "too many arguments, from", word);
	parse->args->operands[parse->args->noperands++] = word;
	return 0;
}

int
args_parse(struct args *args, const struct option *const *tables, int argc,
    char *const *argv, bool operands, char why_r[ARGS_WHY_MAX])
{
	struct parse parse = { args, tables, argc, argv, 0, why_r };
	bool options = true;

	while (parse.next < argc) {
		const char *word = argv[parse.next];
		bool dash = options && word[0] == '-' && word[1] != '\0';
		int result;

		if (!dash && !operands)
			break;
		parse.next++;
		if (dash && strcmp(word, "--") == 0) {
			options = false;
			continue;
		}
		result = !dash ? parse_operand(&parse, word) :
		    word[1] == '-' ? parse_long(&parse, word) :
		    parse_letters(&parse, word);
		if (result == -1)
			return -1;
	}
	return parse.next;
}

bool
args_given(const struct args *args, const char *name)
{
	return args_value(args, name, NULL) != NULL;
}

const char *
args_value(const struct args *args, const char *name, const char *otherwise)
{
	for (size_t i = args->ngiven; i > 0; i--) {
		if (strcmp(args->given[i - 1].option->name, name) == 0)
			return args->given[i - 1].value;
	}
	return otherwise;
}
