/*
 * What the verbs and the notes of a milter share: taking arguments apart, and
 * the end of a message.
 */
#ifndef WEIR_POLICYD_REPORT_H
#define WEIR_POLICYD_REPORT_H

#include "daemon.h"

/* What a peer is told whose argument is none. */
extern const char report_malformed[];

/*
 * Arguments taken apart: 0, or -1 when they are not what they should be. A key
 * is the peer's own, who must have named his instance.
 */
int report_key(const struct state_peer *, const char *id,
    struct session_key *key_r);

/* A client without an address (a local program) comes as "". */
int report_client(const char *client, const char *port,
    struct netaddr *client_r, uint16_t *port_r);
int report_flag(const char *text, bool *flag_r);
bool report_too_long(const char *text, size_t max);

/* What is known of a session's message, for the past; lent from it. */
struct facts report_facts(const struct session *, const char *recipient);

/*
 * The message passed every other check: model_end. A refusal is remembered with
 * what it was about.
 */
void report_end(struct daemon *, struct session *, const char *queue_id,
    uint64_t size, struct verdict *verdict_r);

#endif
