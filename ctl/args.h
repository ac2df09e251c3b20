/*
 * The command line, by tables of options: "--name value", "--name=value",
 * "-n value", "-nvalue", flags together ("-fq"), and "--" to end them.
 */
#ifndef WEIR_CTL_ARGS_H
#define WEIR_CTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

enum { OPERANDS_MAX = 8, GIVEN_MAX = 64, ARGS_WHY_MAX = 256 };

struct option { /* a table ends with a row without a name */
	const char *name; /* "for" is written --for */
	char letter; /* 0: none */
	const char *value; /* what it takes, as help says it; NULL: a flag */
	const char *help;
};

struct args {
	const char *operands[OPERANDS_MAX];
	size_t noperands;
	struct {
		const struct option *option;
		const char *value;
	} given[GIVEN_MAX];
	size_t ngiven;
};

/*
 * Reads argv[0..argc) into args (added to what is there), options by the
 * tables of a list that ends with NULL. With operands false it stops at the
 * first operand. How many arguments it took, or -1 and why in words.
 */
int args_parse(struct args *, const struct option *const *tables, int argc,
    char *const *argv, bool operands, char why_r[ARGS_WHY_MAX]);

bool args_given(const struct args *, const char *name);

/* The last value given, or what is to be taken otherwise. */
const char *args_value(const struct args *, const char *name,
    const char *otherwise);

#endif
