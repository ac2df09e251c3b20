/*
 * A page in memory, for the tests of it.
 */
#include "manual_page.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char manual[256 * 1024];

void
manual_read(const char *page)
{
	const char *top = getenv("top_srcdir");
	char path[1024];
	FILE *file;

	(void)snprintf(
	    path, sizeof(path), "%s/man/%s", top == NULL ? "." : top, page);
	file = fopen(path, "re");
	ck_assert_msg(file != NULL, "%s", path);
	manual[fread(manual, 1, sizeof(manual) - 1, file)] = '\0';
	(void)fclose(file);
}

void
manual_copy_entry(const char *it, char entry_r[MANUAL_ENTRY_MAX])
{
	const char *next = strstr(it + 1, "\n.It "),
		   *el = strstr(it, "\n.El\n");
	size_t len;

	ck_assert_ptr_nonnull(el);
	len = (size_t)((next != NULL && next < el ? next : el) - it);
	ck_assert_uint_lt(len, MANUAL_ENTRY_MAX);
	memcpy(entry_r, it, len);
	entry_r[len] = '\0';
}
