/*
 * What weirctl postfix --apply changed, so that --undo can put it back: the
 * file weir-undo.json beside main.cf.
 *
 * It holds both files as they were before and as they were left, and each
 * setting with its value before and after. A file that nobody touched since is
 * put back byte by byte; in one that was edited only what still is as we set
 * it goes back, and what is ours leaves lists that were changed.
 *
 * Pure: texts and JSON objects; who reads and writes files is postfix.c.
 */
#ifndef WEIR_CTL_UNDO_H
#define WEIR_CTL_UNDO_H

#include "content.h"
#include "postfix_plan.h"

#include <jansson.h>

#define UNDO_FILE "weir-undo.json"

json_t *undo_new(void);

/* Is it a record of ours that this version understands? */
bool undo_valid(const json_t *record);

/*
 * Before a plan is applied: its changes, and a file ("main.cf") as it is. What
 * was recorded earlier stays the oldest state, unless somebody else changed it
 * meanwhile.
 */
void undo_take(json_t *record, const struct plan *);
void undo_file_before(
    json_t *record, const char *file, const struct content *now);

/* After it. */
void undo_file_after(
    json_t *record, const char *file, const struct content *now);

/*
 * The bytes a file had, for free(), when it still is what we left; else an
 * unknown content.
 */
struct content undo_file(
    const json_t *record, const char *file, const struct content *now);

/* default_transport as we set it, NULL: we did not. Borrowed. */
const char *undo_default_transport(const json_t *record);

/*
 * What to change to undo the rest: settings of main.cf and of master.cf unless
 * that file is put back whole. A change without "after" removes the setting or
 * service.
 */
struct plan *undo_plan(
    const json_t *record, const struct postfix *, bool main_cf, bool master_cf);

#endif
