/*
 * What a smart host says at MAIL, at DATA and to a message may be about the
 * sender: his name, his rate, what he wrote. Somebody with a stolen password
 * could write what every smart host puts off, and have all of them marked.
 *
 * So one sender is believed about one smart host at a time: he can bring an
 * error to light, and one host down, but not a second one while that is sick
 * or within SUSPECT_SPAN of his last failure there. Where a host is truly
 * sick, others' messages show it.
 *
 * Pure and of a fixed size: who was believed longest ago is forgotten first.
 */
#ifndef WEIR_CORE_SUSPECTS_H
#define WEIR_CORE_SUSPECTS_H

#include "core/hosts.h"

enum { SUSPECTS_MAX = 256 };

#define SUSPECT_SPAN span_s(60)

struct suspect {
	uint64_t sender; /* 0: no entry */
	char host[NAME_MAX_LEN + 1]; /* the one he is believed about */
	struct mono at;
};

struct suspects { /* begins as zeros */
	struct suspect list[SUSPECTS_MAX];
};

/*
 * A failure of a message at that address, at STAGE_MAIL or later. May it count?
 * sender as senders_of tells (core/senders.h); of a message that did not pass
 * here (0) it does.
 */
bool suspects_believe(struct suspects *, struct hosts *,
    uint64_t sender, const struct netaddr *ip, struct mono now);

#endif
