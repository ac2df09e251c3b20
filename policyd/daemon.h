/*
 * weir-policyd while it runs: one libevent loop owns all of it, nothing here
 * is shared with another thread (the store's writer and the loader of a new
 * configuration have their own data).
 */
#ifndef WEIR_POLICYD_DAEMON_H
#define WEIR_POLICYD_DAEMON_H

#include "core/model.h"
#include "io/state_server.h"
#include "io/store.h"
#include "io/users.h"

#include <event2/event.h>

struct delivery;
struct explain_orders;
struct maillog_file;
struct maillog_journal;
struct persist;
struct probe_kit;
struct probe_orders;
struct reload;
struct reload_orders;
struct rights;
struct service;
struct tables;
struct trials;
struct web;

enum { EPOCH_MAX = 17, HELO_NAME_MAX = 256, POLICY_SOCKETS_MAX = 16,
	MAP_SOCKETS_MAX = 8 };

struct daemon {
	const char *config_path;
	struct config *config; /* the one in use; model.config is the same */
	struct config *first; /* the one it began with, for core/restart.h */
	struct event_base *base;
	struct now started;
	char epoch[EPOCH_MAX]; /* names this run, see core/wire.h */
	char helo_name[HELO_NAME_MAX]; /* what probes call themselves */
	char own_name[HELO_NAME_MAX]; /* what Postfix does; "": not known */

	struct model model;
	struct store *store; /* NULL: memory only */
	struct persist *persist;
	struct state_server *server;
	struct service *policy;
	struct service *map; /* the socketmap */
	struct trials *trials;
	struct probe_kit *kit; /* of this configuration */
	struct probe_orders *orders;
	struct delivery *delivery;
	struct maillog_file *maillog; /* NULL: not configured */
	struct maillog_journal *journal; /* the same */
	struct users log_users; /* the journal's */
	struct web *web; /* NULL: not configured */
	struct reload *reload;
	struct reload_orders *reload_orders;
	struct explain_orders *explains;
	struct rights *rights; /* the tables of identities */
	struct event *expire; /* sessions of milters that went away */
	struct event *signals[4];
};

/* What main opened before it gave up root; each belongs to the daemon then. */
struct daemon_sockets {
	int state;
	int policy[POLICY_SOCKETS_MAX]; /* in the order of policy.listen */
	size_t npolicy;
	int map[MAP_SOCKETS_MAX]; /* in the order of policy.socketmap */
	size_t nmap;
	int http; /* -1: none */
};

/*
 * Runs until TERM or INT; takes over the reference and the sockets. The exit
 * status for main.
 */
int daemon_run(const char *config_path, struct config *,
    const struct daemon_sockets *);

/*
 * Evidence came in or an order changed: when the next probe is due may have
 * changed with it.
 */
void daemon_health_changed(struct daemon *);

/*
 * The verbs of the state protocol (core/wire.h), each table in its own file;
 * ctx of every function is the struct daemon.
 */
extern const struct state_verb verbs_milter[];
extern const size_t verbs_milter_count;
extern const struct state_verb notes_milter[];
extern const size_t notes_milter_count;
extern const struct state_verb verbs_ctl[];
extern const size_t verbs_ctl_count;
extern const struct state_verb verbs_explain[];
extern const size_t verbs_explain_count;
extern const struct state_verb verbs_limits[];
extern const size_t verbs_limits_count;

/* All of them, in a table that lives as long as the program. */
const struct state_verb *verbs_all(size_t *count_r);

#endif
