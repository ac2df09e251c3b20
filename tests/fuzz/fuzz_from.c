/*
 * Bytes of a stranger as a From header. Whatever they are: the result is
 * complete, each mailbox is an address in the one form that parses to itself,
 * and nothing that is refused leaves an address behind. And whatever follows
 * it, an address that stands in front of them in a name or comment is seen.
 */
#include "fuzz.h"

#include "core/from.h"

#include <stdlib.h>
#include <string.h>

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

static const char shown[] = "ceo@bank.example";
static const char *const ways[] = { "\"ceo@bank.example\" ",
	"(ceo@bank.example) ", "=?utf-8?Q?ceo=40bank.example?= ",
	"=?gbk?B?Y2VvQGJhbmsuZXhhbXBsZQ==?= ",
	"=?utf-8?Q?ceo=40bank.exa?=\r\n =?utf-8?Q?mple?= " };

/* Accepted only as one who may use that address, or one that goes on so. */
static void
check_shown(const char *way, const uint8_t *data, size_t size)
{
	static struct mailboxes mailboxes;
	static char value[FROM_VALUE_MAX + 64];
	size_t len = strlen(way), found = 0;
	const char *why;

	if (size > FROM_VALUE_MAX)
		return;
	memcpy(value, way, len);
	memcpy(value + len, data, size);
	if (from_parse(value, len + size, &mailboxes, &why) == FROM_BAD)
		return;
	for (size_t i = 0; i < mailboxes.count; i++)
		found += strstr(mailboxes.list[i], shown) != NULL;
	for (size_t i = 0; i < mailboxes.nhidden; i++)
		found += strstr(mailboxes.hidden[i], shown) != NULL;
	check(found > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mailboxes first, again;
	const char *why;
	enum from_result result =
	    from_parse((const char *)data, size, &first, &why);

	check((why == NULL) == (result == FROM_OK));
	check((first.count > 0) ==
	    (result == FROM_OK || result == FROM_HIDDEN));
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
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		check_shown(ways[i], data, size);
	return 0;
}
