/*
 * Both lists are sorted by path: one walk along them.
 */
#include "core/changes.h"

#include <string.h>

size_t
config_changes(const struct config *before, const struct config *after,
    change_fn fn, void *ctx)
{
	size_t i = 0, j = 0, changes = 0;

	while (i < before->ngiven || j < after->ngiven) {
		const struct given *a = &before->given[i];
		const struct given *b = &after->given[j];
		int order = i == before->ngiven ? 1 :
		    j == after->ngiven ? -1 : strcmp(a->path, b->path);

		i += order <= 0;
		j += order >= 0;
		if (order == 0 && strcmp(a->value, b->value) == 0)
			continue;
		if (fn != NULL)
			fn(ctx, order <= 0 ? a->path : b->path,
			    order <= 0 ? a->value : NULL,
			    order >= 0 ? b->value : NULL);
		changes++;
	}
	return changes;
}
