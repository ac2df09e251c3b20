/*
 * Between the files of weirctl explain; for nobody else. Each prints labelled
 * paragraphs of what the state answered.
 */
#ifndef WEIR_CTL_EXPLAIN_H
#define WEIR_CTL_EXPLAIN_H

#include "ctl.h"

/* Connections, then limits. */
void explain_limits(struct page *, const json_t *answer);

/* Routes, the decision, hosts, and the answer to Postfix. */
void explain_way(struct page *, const json_t *answer);

/*
 * Each candidate with why it was chosen or passed over: now, with its cost, or
 * as it stood once.
 */
void explain_hosts(struct page *, const json_t *candidates);

/* weirctl explain of what was decided: by a queue id or a reference code. */
enum ctl_exit explain_past(struct ctl *, const char *name);

#endif
