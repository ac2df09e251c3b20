/*
 * Inside the model: what the answer to a policy request and the end of a
 * message both want to know. Nobody else needs this; the door is core/model.h.
 */
#ifndef WEIR_CORE_ANSWER_H
#define WEIR_CORE_ANSWER_H

#include "core/model.h"

/*
 * The message a session hands in, for a decision; or why nothing can be
 * decided about it.
 */
enum reason answer_facts(const struct config *, const struct session *,
    struct facts *facts_r);

/* Is a message by that route (NULL: none) given FILTER (policy.pin)? */
bool answer_pins(const struct config *, const struct route *,
    const struct facts *);

#endif
