/*
 * The names of smart hosts: which there are, which are gone from DNS, and when
 * each is to be asked for again.
 */
#ifndef WEIR_POLICYD_NAMES_H
#define WEIR_POLICYD_NAMES_H

#include "exchangers.h"

struct name { /* of one or more smart hosts */
	char *text;
	bool mx; /* a domain, whose exchangers are meant */
	bool gone; /* by the last answer that told */
	struct mono next; /* when to ask again */
};

/* Zero bytes are none. */
struct names {
	struct name *list;
	size_t count;
};

/*
 * Those of a configuration, in place of those before; what was known of one
 * that stays is kept. Others are asked for at once.
 */
void names_reload(struct names *, const struct config *);
void names_clear(struct names *);

/* NULL: an address, or no name of the configuration. */
struct name *names_find(const struct names *, const char *text, bool mx);

/* Asks for those whose time has come. */
void names_ask(struct names *, struct exchangers *, struct mono now);

/* When the next one's time comes; MONO_NEVER when there are none. */
struct mono names_next(const struct names *);

/* Takes an answer. True when the name left with it, or came back. */
bool name_take(struct name *, const struct resolution *, struct mono now);

#endif
