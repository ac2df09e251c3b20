/*
 * A smart host as it is kept on disk: orders, what was sent, and the health of
 * each address. What is read back is checked before it is believed.
 */
#ifndef WEIR_POLICYD_HOST_RECORD_H
#define WEIR_POLICYD_HOST_RECORD_H

#include "core/hosts.h"

enum { HOST_RECORD_VERSION = 2, RECORD_HOST_MAX = 255 };

/* With the port: host is a domain, whose exchangers are meant. */
enum { RECORD_MX = 1 << 16 };

struct address_record {
	uint8_t family;
	uint8_t ip[16];
	uint8_t healthy;
	uint8_t faults[FINDERS]; /* the stage and 1; 0: none */
	uint8_t by_soft;
	uint8_t probed;
	uint8_t mail_trial;
	uint8_t last_grade;
	uint8_t last_source;
	uint8_t last_stage;
	uint8_t flapping;
	uint8_t nheals;
	uint32_t failures;
	uint32_t rung;
	int32_t last_code;
	int64_t since;
	int64_t failed_at;
	int64_t next_trial;
	int64_t ramp; /* a length */
	int64_t heals[FLAPS];
	char error[ERROR_NAME_MAX];
	char text[ERROR_TEXT_MAX];
};

struct host_record {
	uint32_t version;
	uint32_t naddresses; /* that many of addresses follow */
	uint32_t order;
	uint32_t port; /* or RECORD_MX */
	int64_t order_until;
	uint64_t selected;
	uint64_t delivered;
	uint64_t failed;
	char host[RECORD_HOST_MAX + 1]; /* as in the next hop, no brackets */
	struct address_record addresses[HOST_ADDRESSES_MAX];
};

/* Its length in bytes; all of it, padding included, is determined. */
size_t host_record_make(const struct host *, struct host_record *record_r);

/*
 * Gives a host what a record says, moved by shift to the present clock. Health
 * is taken only while the next hop is the one it was seen of. 0, or -1 when
 * the record is not what it should be.
 */
int host_record_take(struct hosts *, struct host *, const void *record,
    size_t len, const struct health_settings *, struct span shift,
    struct mono now);

/*
 * The same of a host that has been in use meanwhile: the record's order holds
 * where none was given in this run, its numbers are added, and what is known of
 * its health stays.
 */
int host_record_add(struct hosts *, struct host *, const void *record,
    size_t len, struct now);

#endif
