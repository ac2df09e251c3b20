/*
 * Smart hosts that carry more than their part, in words: for status and
 * explain.
 */
#include "ctl.h"
#include "field.h"

#include <inttypes.h>
#include <stdio.h>

void
page_skews(struct page *page, const json_t *skews)
{
	const json_t *skew;
	size_t i;

	json_array_foreach(skews, i, skew) {
		char who[512] = "";

		if (!field_null(skew, "user"))
			(void)snprintf(who, sizeof(who),
			    ", at least %" PRId64 " %% of it from %s",
			    field_number(skew, "user_percent"),
			    field_text(skew, "user"));
		page_line(page, PAINT_WARN, "home %s carries %" PRId64
		    " %% of connector %s (its part is %" PRId64 " %%)%s",
		    field_text(skew, "host"), field_number(skew, "percent"),
		    field_text(skew, "connector"), field_number(skew, "part"),
		    who);
	}
}
