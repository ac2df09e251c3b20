/*
 * Inside explain: what its stages share (show_explain.c has the order).
 */
#ifndef WEIR_POLICYD_SHOW_EXPLAIN_H
#define WEIR_POLICYD_SHOW_EXPLAIN_H

#include "show.h"

struct explain {
	struct daemon *daemon;
	const struct explain_request *request;
	struct now now;
	const char *user; /* canonical; NULL: none */
	const struct explain_found *found; /* of the user */
	const struct owner *owner; /* his rights; NULL: none, or not known */
	const char *asking; /* the SMTP stage that is being asked */
	struct verdict verdict; /* the first that is not accept */
	const char *stage; /* which gave it; NULL: none */
	json_t *object;
};

/*
 * Something stands in the way, unless something did before. OK, and actions
 * that let pass, do not.
 */
void explain_refuse(struct explain *, enum action, enum reason,
    const char *subject);

/* The same by a limit, whose verdict has all the words. */
void explain_refuse_by(struct explain *, const struct verdict *);
struct facts explain_facts(const struct explain *);

/* Stages; each sets its keys in the object. */
void explain_who(struct explain *);
void explain_from(struct explain *);
void explain_decision(struct explain *);

/* Of a decision: the conditions of its route, and of those passed over. */
void explain_route(const struct explain *, const struct route *found);

/* Limits, stage by stage; at last which of them decides. */
void explain_limits_connect(struct explain *);
void explain_limits_mail(struct explain *);
void explain_limits_rcpt(struct explain *);
void explain_limits_end(struct explain *);
void explain_limits_decide(struct explain *);

#endif
