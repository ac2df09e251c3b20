/*
 * Between prober.c (how many and how long), probe_io.c (bytes and TLS) and
 * probe_dialogue.c (what is said); for nobody else.
 */
#ifndef WEIR_POLICYD_PROBE_H
#define WEIR_POLICYD_PROBE_H

#include "prober.h"

#include "core/smtp.h"
#include "probe_tls.h"

#include <event2/bufferevent.h>
#include <sys/queue.h>

enum phase { /* what is waited for */
	PHASE_CONNECT,
	PHASE_HANDSHAKE,
	PHASE_BANNER,
	PHASE_EHLO,
	PHASE_HELO,
	PHASE_STARTTLS,
	PHASE_EHLO_TLS,
	PHASE_AUTH,
	PHASE_AUTH_USER,
	PHASE_AUTH_PASSWORD,
	PHASE_QUIT,
	PHASE_COUNT
};

struct probe {
	LIST_ENTRY(probe) entry;
	struct prober *prober;
	struct probe_kit *kit;
	struct probe_target target;
	enum phase phase;
	int fd; /* -1: none, or tls has it */
	int begin_error; /* of connect, 0 for none */
	struct event *io; /* until TLS */
	struct bufferevent *tls; /* NULL before the handshake began */
	struct probe_tls_seen seen;
	bool secure; /* the handshake is done, the certificate is right */
	struct event *deadline;
	struct smtp_reply reply;
	struct mono began, stage_began;
	struct probe_report report;
};

/* --- prober.c --- */

struct event_base *probe_base(const struct probe *);
const char *probe_helo_name(const struct probe *);

/* Calls the caller of prober_start. */
void probe_tell(struct probe *);
void probe_free(struct probe *);

/* --- probe_io.c --- */

/* Begins to connect; what comes of it is told from the loop. */
void probe_begin(struct probe *);

/* One line, its end added; wiped behind us. 0 or an errno. */
int probe_say(struct probe *, const char *line);

void probe_start_tls(struct probe *);
void probe_close(struct probe *);

/* --- probe_dialogue.c: the probe may be gone after each --- */

void probe_on_connected(struct probe *);
void probe_on_secure(struct probe *);
void probe_on_bytes(struct probe *, const char *bytes, size_t len);
void probe_on_closed(struct probe *);
void probe_on_errno(struct probe *, int error);
void probe_on_handshake_error(struct probe *, const char *reason);
void probe_on_deadline(struct probe *);

#endif
