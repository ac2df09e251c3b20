/*
 * Inside web: what its pages share. A page is a function that begins an
 * answer; what it makes in slices (struct http_answer, more) costs each slice
 * a few hundred microseconds at most, since all mail waits for the loop.
 */
#ifndef WEIR_POLICYD_WEB_PARTS_H
#define WEIR_POLICYD_WEB_PARTS_H

#include "http_server.h"
#include "web.h"

#include "core/flow.h"
#include "core/history.h"

#include <jansson.h>

enum { NEAR_MAX = 20 };

struct near;

struct web {
	struct daemon *daemon;
	const char *listen;
	struct http_server *server;
	struct history *history;
	struct event *tick; /* of the history */
	struct near *near;
};

struct web_file { /* compiled in, by page/embed */
	const char *path, *type;
	const char *bytes;
	size_t len;
};

extern const struct web_file web_files[];
extern const size_t web_files_count;

/* --- pages --- */

void web_status(struct web *, const struct http_request *,
    struct http_answer *);
void web_history(struct web *, const struct http_request *,
    struct http_answer *);
void web_metrics(struct web *, const struct http_request *,
    struct http_answer *);
void web_health(struct web *, const struct http_request *,
    struct http_answer *);

/* --- pieces --- */

/* "no smart host of connector outbound is usable"; by flows_of. */
enum { FLOW_TEXT_MAX = NAME_MAX_LEN + 80 };
const char *web_flow_text(enum flows, const struct flow_lame *,
    char buf[FLOW_TEXT_MAX]);

/*
 * JSON into the body: a value, which is let go of; a key of the object that is
 * open there, with its comma and colon; and both.
 */
void web_add_json(struct http_answer *, json_t *);
void web_add_key(struct http_answer *, const char *key);
void web_add(struct http_answer *, const char *key, json_t *);

/* weir_host_*, one family a call. */
struct metrics;
extern const unsigned web_metrics_hosts_count;
void web_metrics_hosts(struct metrics *, const struct daemon *,
    unsigned family, struct now);

/* process_*, by /proc. False: there is more to count, call again. */
bool web_metrics_process(struct metrics *, struct http_answer *);

/* --- limits nearest their end (web_near.c) --- */

struct near *near_new(struct daemon *);
void near_free(struct near **);

/*
 * The rows as weirctl limits has them, the nearest first, as last counted, and
 * begins to count again when that was a while ago. *at_r: when; 0: not yet.
 */
json_t *near_show(struct near *, struct wall *at_r);

#endif
