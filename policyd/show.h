/*
 * What the state owner tells of itself, as JSON for weirctl (design: the keys
 * stay). One function a thing shown; each returns a new object.
 *
 * All run in the event loop: what strangers can make long is given out in
 * pages, or cut with "truncated".
 */
#ifndef WEIR_POLICYD_SHOW_H
#define WEIR_POLICYD_SHOW_H

#include "daemon.h"
#include "explain_order.h"

#include "core/author.h"
#include "core/connections.h"

#include "io/text_json.h"

#include <jansson.h>

enum {
	/* of one answer: jansson takes some 10 us a row, the loop has 1 ms */
	SHOW_HOSTS_MAX = 64,
	SHOW_EVENTS_MAX = 50,
	SHOW_HISTORY_MAX = 20,
	SHOW_LIMITS_MAX = 100,
	SHOW_SOURCES_MAX = 100,
	EXPLAIN_RECIPIENTS_MAX = 30,
	EXPLAIN_HEADERS_MAX = 7,
};

/* Answers with an object, which is taken over. */
void show_reply(struct state_peer *, json_t *);

/* Answers that the question is wrong, in these words: ERR in front (wire.h). */
enum { SHOW_WRONG_MAX = 150 };
void show_wrong(struct state_peer *, const char *words);

json_t *show_time(struct wall); /* RFC 3339 */
json_t *show_count(uint32_t); /* null when UNLIMITED */
json_t *show_seconds(struct span); /* rounded up */
json_t *show_address(const struct netaddr *); /* null when there is none */

json_t *show_notice(const struct notice *);

/* Which cap holds: "per_source", "percent" or "total". */
const char *show_limit_by(const struct connections_answer *);

json_t *show_status(struct daemon *, struct now);

/* The hosts from this one on; "next" is where to go on, when there are more. */
json_t *show_hosts(struct daemon *, size_t from, struct now);
/* Each address: ip, state, and of a domain exchanger and preference. */
json_t *show_host_addresses(const struct host *);
json_t *show_host(struct daemon *, const struct host *, struct now);

/* The last events about a host, oldest first, of those still in the ring. */
json_t *show_history(struct daemon *, const struct host *);

/*
 * The sources with most open connections, and those refused since the start;
 * "truncated" when there are more.
 */
json_t *show_connections(struct daemon *);
json_t *show_events(struct daemon *, uint64_t after, size_t max);

/*
 * Why the login of a decision goes where it goes, null when its connector has
 * no homes; how the messages of logins fell on the members; and the members
 * that carry more than their part, of one connector or of all (NULL).
 */
json_t *show_home(struct daemon *, const struct facts *,
    const struct decision *);
json_t *show_spread(struct daemon *, const struct connector *);
json_t *show_skews(struct daemon *, const struct connector *only);

/* What is remembered of a queue id or the reference code of a refusal. */
json_t *show_past(struct daemon *, const char *name);

/*
 * Those of some counters from *cursor on that used more than 'above' millionths
 * of their limit; *cursor is 0 at the end.
 */
json_t *show_limits(struct daemon *, uint64_t *cursor, size_t budget,
    uint64_t above, struct now);
json_t *show_limit(struct daemon *, const char *key, struct now);
/* networks: each that a rule of clients counted is listed. */
json_t *show_limit_row(const struct limit_row *, bool networks);

/* By rule: requests allowed, refused, held, observed, excepted, warned of. */
json_t *show_tallies(struct daemon *);

struct explain_request { /* canonical, but for headers */
	bool has_user; /* a login was given; it may be empty */
	char user[LOGIN_MAX + 1];
	char sender[ADDRESS_MAX + 1];
	char recipients[EXPLAIN_RECIPIENTS_MAX][ADDRESS_MAX + 1];
	size_t nrecipients;
	struct netaddr client;
	const struct listener *listener;
	struct author_header headers[EXPLAIN_HEADERS_MAX];
	size_t nheaders; /* 0: not asked */
	enum reason login; /* what canonical form made of the login */
};

/* Whose message it is: the login, else the user of the client; or NULL. */
const char *explain_user_of(const struct config *,
    const struct explain_request *);

/* found: what the tables say of that user; not looked at when there is none. */
json_t *show_explain(struct daemon *, const struct explain_request *,
    const struct explain_found *found, struct now);

/* The verb EXPLAIN, once the tables have answered (verbs_explain.c). */
void verb_explain_answer(struct daemon *, struct state_peer *, size_t argc,
    const char *const *argv, const struct explain_found *);

#endif
