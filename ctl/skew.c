/*
 * How the mail of logins fell on smart hosts, and which carries more than its
 * part, in words: for status and explain.
 */
#include "ctl.h"
#include "field.h"

#include <inttypes.h>
#include <stdio.h>

/* The login of a host with the most messages; NULL: none. */
static const json_t *
busiest(const json_t *logins)
{
	const json_t *login, *most = NULL;
	size_t i;

	json_array_foreach(logins, i, login) {
		if (most == NULL || field_number(login, "at_least") >
		    field_number(most, "at_least"))
			most = login;
	}
	return most;
}

void
page_spread(struct page *page, const json_t *spread)
{
	const json_t *row;
	size_t i;

	json_array_foreach(spread, i, row) {
		const json_t *login = busiest(json_object_get(row, "logins"));
		char who[512] = "";

		if (field_number(row, "messages") == 0)
			continue;
		if (login != NULL)
			(void)snprintf(who, sizeof(who),
			    ", most by %s (%" PRId64 ")",
			    field_text(login, "user"),
			    field_number(login, "at_least"));
		page_line(page, PAINT_DIM, "%s had %" PRId64 " %% of the "
		    "latest mail of logins, %" PRId64 " messages%s",
		    field_text(row, "host"), field_number(row, "percent"),
		    field_number(row, "messages"), who);
	}
}

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
