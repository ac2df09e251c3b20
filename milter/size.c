/*
 * Bytes of messages.
 */
#include "size.h"

#include "core/wire.h"

#include <string.h>
#include <strings.h>

uint64_t
size_declared(const char *const *arguments)
{
	uint64_t size;

	for (; *arguments != NULL; arguments++) {
		if (strncasecmp(*arguments, "SIZE=", 5) == 0 &&
		    wire_number(*arguments + 5, INT64_MAX, &size) == 0)
			return size;
	}
	return 0;
}

uint64_t
size_of_header(const char *name, const char *value)
{
	uint64_t size = strlen(name) + strlen(": ") + strlen(value) +
	    strlen("\r\n");

	for (; (value = strchr(value, '\n')) != NULL; value++)
		size++;
	return size;
}
