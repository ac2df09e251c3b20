/*
 * MX records of a DNS answer. c-ares can read them, but 1.18 leaves out how
 * long they may be kept.
 */
#ifndef WEIR_POLICYD_MX_REPLY_H
#define WEIR_POLICYD_MX_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MX_MAX = 8, MX_NAME_MAX = 253 };

struct mx {
	char name[MX_NAME_MAX + 1]; /* lower case, no dot at its end */
	uint16_t preference;
};

struct mx_list {
	struct mx list[MX_MAX]; /* the least preference first */
	unsigned count;
	unsigned records; /* in the answer, usable or not */
	bool null_mx; /* RFC 7505: it takes no mail */
	uint32_t ttl; /* the least, seconds */
};

/*
 * Records whose name is no host name are passed over, and those beyond the
 * first MX_MAX by preference. 0, or -1 when the packet is no answer.
 */
int mx_reply_parse(const uint8_t *packet, size_t len, struct mx_list *list_r);

#endif
