/*
 * Bytes of a stranger as a From header. Whatever they are: the result is
 * complete, each mailbox is an address in the one form that parses to itself,
 * and nothing that is refused leaves an address behind.
 */
#include "core/from.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(int holds)
{
	if (!holds)
		abort();
}

static void
check_address(const char *address)
{
	size_t len = strlen(address);

	check(len >= 3 && len <= ADDRESS_MAX);
	check(memchr(address + 1, '@', len - 2) != NULL);
	for (const char *p = address; *p != '\0'; p++)
		check((unsigned char)*p >= ' ' && *p != 0x7F &&
		    !(*p >= 'A' && *p <= 'Z'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mailboxes first, again;
	const char *why;
	enum from_result result =
	    from_parse((const char *)data, size, &first, &why);

	check((why == NULL) == (result == FROM_OK));
	check((first.count > 0) == (result == FROM_OK || result == FROM_HIDDEN));
	check((first.nhidden > 0) == (result == FROM_HIDDEN));
	check(first.count <= FROM_MAILBOXES_MAX);
	check(first.nhidden <= FROM_HIDDEN_MAX);
	for (size_t i = 0; i < first.nhidden; i++)
		check_address(first.hidden[i]);
	for (size_t i = 0; i < first.count; i++) {
		check_address(first.list[i]);
		check(from_parse(first.list[i], strlen(first.list[i]), &again,
		    &why) == FROM_OK);
		check(again.count == 1 &&
		    strcmp(again.list[0], first.list[i]) == 0);
	}
	return 0;
}
