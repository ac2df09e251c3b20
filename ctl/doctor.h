/*
 * weirctl doctor: what in a Postfix, or around it, keeps Weir from its work.
 *
 * Each check is a row: an id, how grave a finding is, a pure function over what
 * was gathered, and two sentences: what is wrong, and what mends it. {1} and
 * {2} in them stand for what the function found; {postconf} for the command
 * with its -c, {apply} for "weirctl postfix --apply" with its -C.
 */
#ifndef WEIR_CTL_DOCTOR_H
#define WEIR_CTL_DOCTOR_H

#include "postfix_plan.h"

enum finding_level { FINDING_ERROR, FINDING_WARNING };

/* Is a socket there, and may Postfix come in? */
enum door { DOOR_OPEN, DOOR_MISSING, DOOR_REFUSED, DOOR_DENIED, DOOR_UNKNOWN };

struct facts {                 /* what postconf does not tell */
	const char *directory; /* -C, or NULL */
	enum door milter, policy, map;
	const char *state_why; /* weir-policyd does not answer: why; or NULL */
	bool state_denied;     /* we may not ask it */
	size_t milters;        /* that are connected to it */
	const char *transport; /* what it takes for Postfix's default; NULL */
	const char *daemon;    /* the user who reads the log */
	bool log_missing, log_denied;
	const char *writable;  /* of ours, by any local user; NULL */
	bool log_none; /* nothing to read was found, and none was not wanted */
};

struct look { /* what a check sees */
	const struct postfix *postfix;
	const struct config *config;
	const struct endpoints *endpoints;
	const struct facts *facts;
	const struct check *check; /* the one that looks now */
	struct report *report;
};

struct check { /* one of the two functions */
	const char *id;
	enum finding_level level;
	void (*look)(const struct look *);
	/* for each smtpd service by which clients come in */
	void (*client)(const struct look *, const struct postfix_service *);
	const char *what, *mend;
};

struct finding {
	const struct check *check;
	const char *what, *mend;
};

struct report {
	struct arena *arena;
	struct finding *list;
	size_t count, room, errors;
};

struct report *report_new(void);
void report_free(struct report **);

/* Puts a finding down, once; second may be NULL. */
void found(const struct look *, const char *first, const char *second);

/* Text in the report's arena, for the two. */
const char *look_text(const struct look *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * "-e name=value", or "-P -e submission/inet/name=value" for a setting the
 * service has of its own: what goes behind postconf.
 */
const char *look_set(const struct look *, const struct postfix_service *,
    const char *name, const char *value);

/* An element of a list, in the report's arena. */
const char *look_item(const struct look *, const struct list_item *);

#define DATA_RESTRICTIONS "smtpd_data_restrictions"

/* Where weir-policyd stands in a list of restrictions; false: nowhere. */
bool look_policy(const struct look *, const struct postfix_service *,
    const char *list, struct list_place *place_r);

/* The listener of weir.conf a service is. */
const struct listener *look_listener(
    const struct look *, const struct postfix_service *);
bool look_default(const struct look *, const struct listener *);

/* Tables of checks, each ends with a row without an id; NULL ends. */
extern const struct check checks_milter[], checks_policy[], checks_way[],
    checks_site[], checks_log[];
extern const struct check *const checks[];

/* Runs all of them; how many there are. */
size_t doctor_look(const struct postfix *, const struct config *,
    const struct facts *, struct report *);

/*
 * Tries out what postconf does not tell: sockets, the state, the log. Strings
 * are the arena's.
 */
struct ctl;
void facts_gather(struct facts *facts_r, struct arena *, struct ctl *,
    const struct postfix *, const struct config *, const struct endpoints *);

#endif
