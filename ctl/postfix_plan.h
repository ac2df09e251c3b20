/*
 * What must change in a Postfix so that Weir does its work, from what is
 * there: pure, and nothing when all is there already. weirctl(1) says under
 * SETTINGS OF POSTFIX why each is set.
 */
#ifndef WEIR_CTL_POSTFIX_PLAN_H
#define WEIR_CTL_POSTFIX_PLAN_H

#include "core/config.h"
#include "endpoint.h"
#include "postconf.h"

#define MAIN_CF         "main.cf"
#define SECOND_RESOLVER "weir-rewrite"

/* The milter's macros of one stage. */
struct macros {
	const char *parameter; /* milter_connect_macros */
	const char *needed;    /* what weir-milter reads */
	const char *wanted;    /* what is set where one of those is missing */
};
extern const struct macros milter_macros[]; /* ends without a parameter */

struct plan_change {
	const char *where;  /* MAIN_CF, or a service: "submission/inet" */
	const char *name;   /* of the setting; NULL: the service is added */
	const char *before; /* raw; NULL: it was not set */
	const char *after;
	const char *rest; /* a list without what is ours; NULL: no list */
	const char *why;
};

enum plan_level {
	PLAN_SAY,
	PLAN_WARN, /* the administrator has something to decide */
	PLAN_STOP, /* nothing is applied before this is mended */
};

struct plan_note {
	enum plan_level level;
	const char *text;
};

struct plan_wish {
	bool socketmap; /* asked for */
	/* default_transport as we set it some time ago, NULL: never */
	const char *our_default_transport;
};

struct plan {
	struct arena *arena;
	struct endpoints endpoints;
	bool socketmap; /* that part is in it */
	struct plan_change *changes;
	size_t nchanges, change_room;
	struct plan_note *notes;
	size_t nnotes, note_room;
};

/* Both arguments must outlive the plan. */
struct plan *plan_make(
    const struct postfix *, const struct config *, const struct plan_wish *);
void plan_free(struct plan **);
bool plan_stopped(const struct plan *);

/* --- what the doctor asks too --- */

/* Is a service of that command chrooted? */
bool chrooted_somewhere(const struct postfix *, const char *command);

/*
 * Does an element name our socket by a path that a service, which is chrooted,
 * cannot open? service NULL: any smtpd.
 */
bool out_of_reach(const struct postfix *, const struct postfix_service *,
    const struct endpoint *, const struct list_item *);

/*
 * May an element of ours stay as it is: does mail wait while weir-milter is
 * away (but on port 25), and go on while weir-policyd is?
 */
bool milter_may_stay(const struct postfix *, const struct postfix_service *,
    const struct list_item *);
bool policy_may_stay(const struct postfix *, const struct postfix_service *,
    const struct list_item *);

/*
 * Something that FILTER would override or take along: content_filter,
 * smtpd_proxy_filter, copies by bcc. The parameter's name, or NULL.
 */
const char *postfix_filter(const struct postfix *);

/* The route that takes what no other does, or NULL. */
const struct route *config_last_route(const struct config *);
bool config_routes_recipients(const struct config *);
bool config_routes_direct(const struct config *);

/* Does a trivial-rewrite service ask our socketmap? NULL: it is not there. */
bool resolver_is_ours(const struct postfix *, const struct endpoints *,
    const struct postfix_service *);

/* The trivial-rewrite service by which an smtpd service resolves, or NULL. */
const struct postfix_service *resolver_of(
    const struct postfix *, const struct postfix_service *);

/* message_reject_characters, raw: is \0 among them? */
bool nul_is_refused(const char *characters);

/* Longer than a mute smart host may cost. */
bool timeout_is_long(const char *name, const char *value);

#endif
