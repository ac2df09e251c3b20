/*
 * A new configuration under way: it is read, checked and Postfix asked in a
 * thread of its own, since that takes longer than the loop may stand still.
 * Then it is put to use whole, or not at all.
 */
#ifndef WEIR_POLICYD_RELOAD_H
#define WEIR_POLICYD_RELOAD_H

#include "daemon.h"
#include "io/state_roles.h"
#include "io/users.h"
#include "postconf.h"

/* A configuration, and all that was read and asked for it. */
struct loaded {
	struct config *config;
	struct tables *tables;
	struct probe_kit *kit;
	struct state_roles roles;
	struct users log_users; /* maillog_users; nobody, if not of a journal */
	struct postfix_settings postfix;
};

/*
 * From the loop; takes over what was loaded, of which nothing has to be waited
 * for any more. run: see reload_start.
 */
typedef void (*reloaded_fn)(struct daemon *, struct loaded *, uint64_t run);

/*
 * The users a configuration names, to be cleared. Waits for the directory
 * service they are in: the thread that loads does so, and at start we may.
 */
void reload_find_users(const struct config *, struct state_roles *roles_r,
    struct users *log_users_r);

struct reload *reload_new(struct daemon *, reloaded_fn);

/* Waits for a load under way, and so for whom that waits for. */
void reload_free(struct reload **);

/*
 * Begins to load; one asked for meanwhile follows after it. The number of the
 * run that reads the file after this call, 1, 2, ...
 */
uint64_t reload_start(struct reload *);

#endif
