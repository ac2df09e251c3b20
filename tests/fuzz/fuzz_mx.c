/*
 * A hostile DNS server's answer to a question for MX records. Whatever it is:
 * names end and are host names in lower case, the least preference comes first,
 * and bytes behind the answer change nothing of it.
 */
#include "fuzz.h"

#include "mx_reply.h"

#include <stdlib.h>
#include <string.h>

static void
check_list(const struct mx_list *list)
{
	static const char host[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

	check(list->count <= MX_MAX && list->count <= list->records);
	check(!list->null_mx || (list->count == 0 && list->records > 0));
	for (unsigned i = 0; i < list->count; i++) {
		const struct mx *mx = &list->list[i];

		check(memchr(mx->name, '\0', sizeof(mx->name)) != NULL);
		check(mx->name[0] != '\0' && mx->name[0] != '.');
		check(mx->name[strspn(mx->name, host)] == '\0');
		check(i == 0 || list->list[i - 1].preference <= mx->preference);
	}
}

static void
check_longer(const uint8_t *data, size_t size, const struct mx_list *list)
{
	uint8_t *longer = malloc(size + 4);
	struct mx_list again;

	check(longer != NULL);
	memcpy(longer, data, size);
	memset(longer + size, 0xC0, 4);
	if (size + 4 <= UINT16_MAX) {
		check(mx_reply_parse(longer, size + 4, &again) == 0);
		check(memcmp(&again, list, sizeof(again)) == 0);
	}
	free(longer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mx_list list;

	if (mx_reply_parse(data, size, &list) == -1)
		return 0;
	check_list(&list);
	check_longer(data, size, &list);
	return 0;
}
