/*
 * What libmilter calls.
 */
#ifndef WEIR_MILTER_CALLBACKS_H
#define WEIR_MILTER_CALLBACKS_H

#include "current.h"
#include "gatekeeper.h"

#include <libmilter/mfapi.h>
#include <stdbool.h>

/*
 * Tells libmilter of our callbacks. is_unix: which kind of socket Postfix
 * comes in by.
 */
int callbacks_register(bool is_unix);

/* What they work with, until the process ends; before smfi_main. */
void callbacks_use(struct current *, struct gatekeeper *);

#endif
