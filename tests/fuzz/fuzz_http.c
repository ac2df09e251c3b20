/*
 * Bytes of a stranger on the HTTP socket. Whatever they are: an answer is
 * found, texts end, a head is the same when its bytes come one by one, and a
 * host that is ours on one address is either a name of ours or an address.
 */
#include "fuzz.h"

#include "core/http.h"

#include "core/netaddr.h"

#include <string.h>
#include <strings.h>

static void
check_host(const struct http_request *request)
{
	static const char *list[] = { "mail.example.org" };
	static const struct strings names = { list, 1 };
	bool local = http_host_is_ours(request, "inet:127.0.0.1:1", &names);
	bool any = http_host_is_ours(request, "inet:[::]:1", &names);
	bool by_path = http_host_is_ours(request, "unix:/a", &names);

	/* what a narrow address lets in, a wide one does */
	check(!local || any);
	check(!by_path || local);
	check(request->has_host || by_path);
	if (!request->has_host)
		return;
	if (by_path)
		check(strncasecmp(request->host, "localhost", 9) == 0 ||
		    strncasecmp(request->host, list[0], 16) == 0);
	else if (local)
		check(strncmp(request->host, "127.0.0.1", 9) == 0 ||
		    request->host[0] == '[');
	else if (any)
		check(strpbrk(request->host, "ghijklmnopqrstuvwxyz-_") == NULL);
}

static void
check_request(const struct http_request *request)
{
	uint64_t number = 0;
	int result;

	check(memchr(request->path, '\0', sizeof(request->path)));
	check(memchr(request->query, '\0', sizeof(request->query)));
	check(memchr(request->host, '\0', sizeof(request->host)));
	check(request->path[0] == '/');
	check(request->has_host || request->old);
	result = http_query_number(request->query, "after", &number);
	check(result != 1 || number <= UINT64_C(1) << 53);
	check(result == 0 || strstr(request->query, "after") != NULL);
	check_host(request);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct http_request request, again;
	unsigned status = 0, status_again = 0;
	enum http_parse parsed = http_parse(bytes, size, &request, &status);

	check(parsed != HTTP_PARSE_MORE || size < HTTP_HEAD_MAX);
	check((parsed == HTTP_PARSE_BAD) == (status != 0));
	check(parsed != HTTP_PARSE_BAD ||
	    strcmp(http_status_text(status), "Error") != 0);
	if (parsed == HTTP_PARSE_DONE)
		check_request(&request);
	for (size_t len = 0; len < size && parsed != HTTP_PARSE_MORE; len++) {
		if (http_parse(bytes, len, &again, &status_again) ==
		    HTTP_PARSE_MORE)
			continue;
		check(memcmp(&again, &request, sizeof(again)) == 0);
		check(status_again == status);
		break;
	}
	return 0;
}
