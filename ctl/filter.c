/*
 * Lines of postcat -e. A next hop is compared whole: "[a]:25" is another
 * destination than "[a]", to Postfix too.
 */
#include "filter.h"

#include "core/text.h"

#include <string.h>

bool
filter_queue_id(const char *line, char id_r[QUEUE_NAME_MAX])
{
	static const char head[] = "*** ENVELOPE RECORDS ";
	const char *slash, *end;

	if (strncmp(line, head, sizeof(head) - 1) != 0)
		return false;
	line += sizeof(head) - 1;
	end = strchr(line, ' ');
	if (end == NULL)
		return false;
	slash = memrchr(line, '/', (size_t)(end - line));
	if (slash != NULL)
		line = slash + 1;
	return text_copy_n(id_r, QUEUE_NAME_MAX, line,
	    (size_t)(end - line)) == 0 && id_r[0] != '\0';
}

bool
filter_names(const char *line, const char *nexthop)
{
	static const char head[] = "content_filter: ", between[] = ", \t";
	size_t len, wanted = strlen(nexthop);

	if (strncmp(line, head, sizeof(head) - 1) != 0)
		return false;
	line = strchr(line + sizeof(head) - 1, ':'); /* after the transport */
	if (line == NULL)
		return false;
	for (line++; *line != '\0'; line += len) {
		line += strspn(line, between);
		len = strcspn(line, between);
		if (len == wanted && strncasecmp(line, nexthop, len) == 0)
			return true;
	}
	return false;
}
