/*
 * All verbs of the state protocol as one table.
 */
#include "daemon.h"

#include <stdlib.h>
#include <string.h>

const struct state_verb *
verbs_all(size_t *count_r)
{
	static struct state_verb verbs[64];
	const struct {
		const struct state_verb *list;
		size_t count;
	} tables[] = {
		{ verbs_milter, verbs_milter_count },
		{ notes_milter, notes_milter_count },
		{ verbs_ctl, verbs_ctl_count },
		{ verbs_explain, verbs_explain_count },
		{ verbs_limits, verbs_limits_count },
	};

	*count_r = 0;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (*count_r + tables[i].count >
		    sizeof(verbs) / sizeof(verbs[0]))
			abort();
		memcpy(verbs + *count_r, tables[i].list,
		    tables[i].count * sizeof(verbs[0]));
		*count_r += tables[i].count;
	}
	return verbs;
}
