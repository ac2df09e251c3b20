/*
 * RFC 1035, 4.1: header, questions, answers. Whoever answers may be anyone:
 * no length of the packet is believed.
 */
#include "mx_reply.h"

#include "core/text.h"

#include <ares.h>
#include <string.h>

enum { HEADER = 12, TYPE_MX = 15, CLASS_IN = 1, RECORD_FIXED = 10 };

struct packet {
	const uint8_t *bytes;
	size_t len;
	size_t at;
};

static unsigned
number16(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

/* A name where the packet stands; NULL name: passed over. */
static int
take_name(struct packet *packet, char *name, size_t size)
{
	char *expanded;
	long used;

	if (packet->at >= packet->len || ares_expand_name(packet->bytes +
	    packet->at, packet->bytes, (int)packet->len, &expanded,
	    &used) != ARES_SUCCESS)
		return -1;
	packet->at += (size_t)used;
	if (name != NULL && text_copy(name, size, expanded) == -1)
		name[0] = '\0'; /* too long: as one that is none */
	ares_free_string(expanded);
	return 0;
}

static bool
is_host_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	                              "0123456789-_.";

	return name[0] != '\0' && name[0] != '.' &&
	    name[strspn(name, allowed)] == '\0';
}

/* Into its place by preference; equal ones in the order they came. */
static void
add(struct mx_list *list, const struct mx *mx)
{
	unsigned at = list->count;

	while (at > 0 && list->list[at - 1].preference > mx->preference)
		at--;
	if (at == MX_MAX)
		return;
	if (list->count < MX_MAX)
		list->count++;
	memmove(&list->list[at + 1], &list->list[at],
	    (list->count - 1 - at) * sizeof(list->list[0]));
	list->list[at] = *mx;
}

static int
take_exchange(struct packet *packet, struct mx_list *list)
{
	struct mx mx = { .preference =
	    (uint16_t)number16(packet->bytes + packet->at) };
	bool root;

	packet->at += 2;
	list->records++;
	root = packet->at < packet->len && packet->bytes[packet->at] == 0;
	if (take_name(packet, mx.name, sizeof(mx.name)) == -1)
		return -1;
	text_lower(mx.name);
	if (root)
		list->null_mx = true;
	else if (is_host_name(mx.name))
		add(list, &mx);
	return 0;
}

static int
take_record(struct packet *packet, struct mx_list *list)
{
	const uint8_t *fixed;
	uint32_t ttl;
	size_t end;

	if (take_name(packet, NULL, 0) == -1 ||
	    packet->len - packet->at < RECORD_FIXED)
		return -1;
	fixed = packet->bytes + packet->at;
	packet->at += RECORD_FIXED;
	end = packet->at + number16(fixed + 8);
	if (end > packet->len)
		return -1;
	ttl = (uint32_t)number16(fixed + 4) << 16 | number16(fixed + 6);
	if (ttl < list->ttl)
		list->ttl = ttl;
	if (number16(fixed) == TYPE_MX && number16(fixed + 2) == CLASS_IN &&
	    (end - packet->at < 3 || take_exchange(packet, list) == -1))
		return -1;
	packet->at = end;
	return 0;
}

int
mx_reply_parse(const uint8_t *packet, size_t len, struct mx_list *list_r)
{
	struct packet reply = { packet, len, HEADER };
	unsigned questions, answers;

	memset(list_r, 0, sizeof(*list_r));
	list_r->ttl = UINT32_MAX;
	if (len < HEADER || len > UINT16_MAX)
		return -1;
	questions = number16(packet + 4);
	answers = number16(packet + 6);
	for (; questions > 0; questions--) {
		if (take_name(&reply, NULL, 0) == -1 ||
		    reply.len - reply.at < 4)
			return -1;
		reply.at += 4;
	}
	for (; answers > 0; answers--) {
		if (take_record(&reply, list_r) == -1)
			return -1;
	}
	/* RFC 7505, 3: a null MX beside others is none */
	list_r->null_mx = list_r->null_mx && list_r->count == 0;
	return 0;
}
