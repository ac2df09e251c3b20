/*
 * A new configuration under way: it is read, checked and Postfix asked in a
 * thread of its own, since that takes longer than the loop may stand still.
 * Then it is put to use whole, or not at all.
 */
#ifndef WEIR_POLICYD_RELOAD_H
#define WEIR_POLICYD_RELOAD_H

#include "daemon.h"
#include "postconf.h"

/* From the loop; takes over the references. run: see reload_start. */
typedef void (*reloaded_fn)(struct daemon *, struct config *, struct tables *,
    struct probe_kit *, const struct postfix_settings *, uint64_t run);

struct reload *reload_new(struct daemon *, reloaded_fn);

/* Waits for a load under way. */
void reload_free(struct reload **);

/*
 * Begins to load; one asked for meanwhile follows after it. The number of the
 * run that reads the file after this call, 1, 2, ...
 */
uint64_t reload_start(struct reload *);

#endif
