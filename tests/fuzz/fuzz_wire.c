/*
 * Verdicts of another process, an element a line. What is taken goes out again
 * and comes back the same.
 */
#include "fuzz.h"

#include "core/wire.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = WIRE_VERDICT_ELEMENTS + 2 };

static void
check_round_trip(const struct verdict *verdict, uint64_t generation)
{
	const char *elements[WIRE_VERDICT_ELEMENTS];
	struct wire_verdict wire;
	struct verdict again;
	uint64_t number;

	wire_verdict_put(&wire, verdict, generation);
	for (size_t i = 0; i < WIRE_VERDICT_ELEMENTS; i++)
		elements[i] = wire.elements[i];
	if (wire_verdict_get(elements, WIRE_VERDICT_ELEMENTS, &again,
		&number) == -1 || number != generation ||
	    memcmp(&again, verdict, sizeof(again)) != 0)
		abort();
}

/* Every verdict that came in can be told. */
static void
check_reply(const struct verdict *verdict)
{
	struct reply reply;

	verdict_reply(verdict, &reply);
	for (const char *s = reply.text; *s != '\0'; s++) {
		if (*s < ' ' || *s > '~' || *s == '%')
			abort();
	}
	if (strlen(reply.code) != 3 || reply.enhanced[0] == '\0')
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *elements[LINES_MAX];
	char *text = malloc(size + 1), *line = text;
	struct verdict verdict;
	uint64_t generation;
	size_t count = 0;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	while (line != NULL && count < LINES_MAX) {
		elements[count++] = line;
		line = strchr(line, '\n');
		if (line != NULL)
			*line++ = '\0';
	}
	if (wire_verdict_get(elements, count, &verdict, &generation) == 0) {
		check_round_trip(&verdict, generation);
		check_reply(&verdict);
	}
	free(text);
	return 0;
}
