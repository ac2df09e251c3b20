/*
 * Socketmap requests: the way of 1000 senders in turn.
 *
 * load_map ADDRESS CONNECTIONS SECONDS
 */
#include "load_kit.h"

#include <stdio.h>

static size_t
request(unsigned n, char buf[LOAD_REQUEST_MAX])
{
	char text[64];
	int len = snprintf(text, sizeof(text), "sender user%u@sender.example",
	    n % 1000);

	return (size_t)snprintf(buf, LOAD_REQUEST_MAX, "%d:%s,", len, text);
}

static bool
right(const char *bytes, size_t len)
{
	return len >= 3 && bytes[len - 1] == ',';
}

int
main(int argc, char *argv[])
{
	static const struct load load = { request, right };

	return load_main(argc, argv, &load);
}
