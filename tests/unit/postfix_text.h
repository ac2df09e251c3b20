/*
 * A Postfix made of a few lines, for tests of what weirctl makes of one:
 * settings as main.cf has them over a few defaults, services as postconf -M
 * prints them.
 */
#ifndef WEIR_TESTS_POSTFIX_TEXT_H
#define WEIR_TESTS_POSTFIX_TEXT_H

#include "ctl/postfix_plan.h"

#include "core/config.h"

/*
 * main_cf, master_cf: lines, each with its newline; what master_cf says by -o
 * counts. No $names are replaced.
 */
struct postfix *postfix_text(const char *main_cf, const char *master_cf);

/*
 * A weir.conf of two smart hosts, a connector of both unless more has its own,
 * and more; one reference.
 */
struct config *weir_text(const char *more);

/*
 * Its changes, each on a line: "where: name = after", without " = after" when
 * the setting goes; a service has no name.
 */
void plan_text(const struct plan *, char *text, size_t size);

#endif
