/*
 * Bytes of a stranger as the argument of MAIL. An argument is what it is
 * itself, with brackets or a route around it too, and nothing else: never two
 * addresses that differ in a letter.
 */
#include "fuzz.h"

#include "core/mail_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENT_MAX = 1000 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char argument[ARGUMENT_MAX + 1], around[ARGUMENT_MAX + 32];
	const char *address = argument;
	size_t len = size > ARGUMENT_MAX ? ARGUMENT_MAX : size;
	const char *half = memchr(data, '\n', len);

	memcpy(argument, data, len);
	argument[len] = '\0';
	if (half != NULL) { /* two texts: whatever comes of it */
		argument[half - (const char *)data] = '\0';
		address = argument + (half - (const char *)data) + 1;
	}
	if (!mail_path_is(argument, address) || argument[0] == '<')
		return 0;
	(void)snprintf(around, sizeof(around), "<%s>", argument);
	check(mail_path_is(around, address));
	(void)snprintf(around, sizeof(around), "%sx", address);
	check(!mail_path_is(argument, around));
	return 0;
}
