/*
 * Verdicts as strings, and back. What comes in is another process's word:
 * every element is checked before any of it is used.
 */
#include "core/wire.h"

#include "core/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Any length of time we send fits, also after it was turned into us. */
#define MS_MAX (UINT64_C(1) << 50)

int
wire_number(const char *text, uint64_t max, uint64_t *number_r)
{
	uint64_t number = 0;

	if (text[0] == '\0')
		return -1;
	for (; *text != '\0'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' || digit > max ||
		    number > (max - digit) / 10)
			return -1;
		number = number * 10 + digit;
	}
	*number_r = number;
	return 0;
}

static void
put_text(char element[WIRE_ELEMENT_MAX], const char *text)
{
	if (text_copy(element, WIRE_ELEMENT_MAX, text) == -1)
		assert(!"a verdict's strings fit");
}

static void
put_number(char element[WIRE_ELEMENT_MAX], uint64_t number)
{
	(void)snprintf(element, WIRE_ELEMENT_MAX, "%" PRIu64, number);
}

/* Rounded up: a client that waits that long must not be too early. */
static void
put_span(char element[WIRE_ELEMENT_MAX], struct span span)
{
	uint64_t ms = span.us <= 0 ? 0 : ((uint64_t)span.us + 999) / 1000;

	put_number(element, ms < MS_MAX ? ms : MS_MAX);
}

void
wire_verdict_put(struct wire_verdict *wire, const struct verdict *verdict,
    uint64_t generation)
{
	unsigned i = 0;

	put_text(wire->elements[i++], action_name(verdict->action));
	put_text(wire->elements[i++], reason_tag(verdict->reason));
	put_text(wire->elements[i++], verdict->rule);
	put_text(wire->elements[i++], verdict->key);
	put_text(wire->elements[i++], limit_what_name(verdict->what));
	put_number(wire->elements[i++], verdict->used);
	put_number(wire->elements[i++], verdict->limit);
	put_span(wire->elements[i++], verdict->period);
	put_span(wire->elements[i++], verdict->wait);
	put_text(wire->elements[i++], verdict->ref);
	put_number(wire->elements[i++], generation);
	assert(i == WIRE_VERDICT_ELEMENTS);
}

static int
get_span(const char *text, struct span *span_r)
{
	uint64_t ms;

	if (wire_number(text, MS_MAX, &ms) == -1)
		return -1;
	*span_r = span_ms((int64_t)ms);
	return 0;
}

/* It goes into replies and logs as it is: upper-case hex or nothing. */
static int
get_ref(const char *text, char ref[REF_MAX])
{
	if (text[strspn(text, "0123456789ABCDEF")] != '\0')
		return -1;
	return text_copy(ref, REF_MAX, text);
}

int
wire_verdict_get(const char *const *elements, size_t count,
    struct verdict *verdict_r, uint64_t *generation_r)
{
	struct verdict verdict;
	int action, what;

	if (count != WIRE_VERDICT_ELEMENTS)
		return -1;
	verdict_accept(&verdict);
	action = action_by_name(elements[0]);
	verdict.reason = reason_by_tag(elements[1]);
	what = limit_what_by_name(elements[4]);
	if (action == -1 || verdict.reason == REASON_COUNT || what == -1 ||
	    text_copy(verdict.rule, sizeof(verdict.rule),
		elements[2]) == -1 ||
	    text_copy(verdict.key, sizeof(verdict.key), elements[3]) == -1 ||
	    wire_number(elements[5], INT64_MAX, &verdict.used) == -1 ||
	    wire_number(elements[6], INT64_MAX, &verdict.limit) == -1 ||
	    get_span(elements[7], &verdict.period) == -1 ||
	    get_span(elements[8], &verdict.wait) == -1 ||
	    get_ref(elements[9], verdict.ref) == -1 ||
	    wire_number(elements[10], UINT64_MAX, generation_r) == -1)
		return -1;
	verdict.action = (enum action)action;
	verdict.what = (enum limit_what)what;
	*verdict_r = verdict;
	return 0;
}
