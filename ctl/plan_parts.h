/*
 * The parts of a plan, and what they share. Only the plan's own files need
 * this; the door is postfix_plan.h.
 */
#ifndef WEIR_CTL_PLAN_PARTS_H
#define WEIR_CTL_PLAN_PARTS_H

#include "postfix_plan.h"

struct planning {
	struct plan *plan;
	const struct postfix *postfix;
	const struct config *config;
	const struct plan_wish *wish;
};

struct plan *plan_new(void); /* an empty one, for plan_free */

/* Text in the plan's arena. */
const char *plan_format(struct plan *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const char *plan_without(struct plan *, const char *list, list_names ours);

/* A list without blanks, NULL when that cannot be (list_compact). */
const char *plan_compact(struct plan *, const char *list);

void plan_note(struct plan *, enum plan_level, const char *text);
void plan_add(struct plan *, const struct plan_change *);

/*
 * Puts down that a setting becomes "after", unless it is that already. rest:
 * see struct plan_change.
 */
void plan_want(struct planning *, const struct postfix_service *,
    const char *name, const char *after, const char *rest, const char *why);

/* A list in which ours comes first. */
struct plan_first {
	const char *name; /* of the list */
	const struct endpoint *endpoint;
	const char *element; /* ours, whole */
	/* may an element of ours that comes first stay as it is? NULL: yes */
	bool (*good)(const struct postfix *, const struct postfix_service *,
	    const struct list_item *);
	const char *why;
};
void plan_want_first(struct planning *, const struct postfix_service *,
    const struct plan_first *);

/* --- the parts, in the order of the plan --- */

void plan_main_macros(struct planning *); /* and what else of main.cf */
void plan_policy(struct planning *);
void plan_way_out(struct planning *);
void plan_socketmap(struct planning *);
void plan_services(struct planning *); /* the milter */
void plan_transports(struct planning *);

#endif
