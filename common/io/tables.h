/*
 * The tables of identities.tables while the daemons run.
 *
 * Who owns what: a configuration is immutable and names tables; struct tables
 * stands beside it, made for that one configuration (of which it holds a
 * reference) and counted like it. Its content is a set of owners tables, each
 * immutable and counted; reading a file again makes a new set, which replaces
 * the old one as a whole under a short lock. A look-up holds the set it was
 * answered from until it lets go, so rows stay where they are meanwhile.
 *
 * Files are looked at each second by a thread of their own, so neither an event
 * loop nor a callback ever waits for a disk. A file that cannot be read, or has
 * a mistake, is told once; what was read before stays. One that could never be
 * read answers nothing: then nobody is found in it and nobody is missing
 * (REASON_IDENTITY_AWAY), and mail waits.
 *
 * Tables of a configuration that was replaced are watched on as long as a
 * session holds them: it sees one configuration, but no stale rows.
 *
 * Socketmaps are asked when somebody looks up (io/owner_map.h), which blocks
 * up to identities.table_timeout in all.
 *
 * Thread-safe.
 */
#ifndef WEIR_IO_TABLES_H
#define WEIR_IO_TABLES_H

#include "core/identity.h"
#include "core/owners.h"
#include "core/reason.h"
#include "io/config_file.h"

struct tables;
struct tables_set;

/*
 * Reads all there is to read, with one reference. What cannot be read is told
 * in errors (behind those there are) and stays without content.
 */
struct tables *tables_new(struct config *, struct config_errors *errors);

/* The same at start, when there is nothing to go back to: errors are logged. */
struct tables *tables_new_anyway(struct config *);
struct tables *tables_ref(struct tables *);
void tables_unref(struct tables **); /* the last one ends the thread, and
                                        waits for nothing */

/*
 * Begins to look for changes. changed is called from the thread when there is
 * a new set, and not after the last reference was given up; it must not wait or
 * call in here. It may be NULL. Does nothing where no file is used.
 */
void tables_watch(struct tables *, void (*changed)(void *ctx), void *ctx);

struct tables_answer {
	char user[LOGIN_MAX + 1];
	struct owner owner; /* of that user */
	struct tables_set *set; /* what its rows are held by */
	struct owners *asked; /* the same, of a socketmap; or NULL */
};

/*
 * The rows of a canonical user: REASON_OK, or REASON_IDENTITY_AWAY when a
 * table that comes before his rows has no answer now; *why_r (static or of the
 * configuration) names it. Either way tables_let_go ends it. The answer must
 * not be copied.
 */
enum reason tables_find(struct tables *, const char *user,
    struct tables_answer *answer_r, const char **why_r);

/* Accepts an answer of zeroes, and one let go already. */
void tables_let_go(struct tables_answer *);

/* May a look-up wait for somebody else? */
bool tables_may_wait(const struct tables *);

/* --- what is in memory --- */

/*
 * The present set, to be given back: for who has no time to wait. Socketmaps
 * are in it without content.
 */
struct tables_set *tables_set_get(struct tables *);
void tables_set_unref(struct tables_set **);
const struct owner_sources *tables_set_sources(const struct tables_set *);

#endif
