/*
 * weir.conf as libconfig's tree: for one setting in a file that may have
 * mistakes elsewhere, and for showing what is written.
 */
#ifndef WEIR_CTL_TREE_H
#define WEIR_CTL_TREE_H

#include <libconfig.h>
#include <stdbool.h>

enum { TREE_WHY_MAX = 512 };

/*
 * Initialises the tree and reads the file into it, as the daemons do. A file
 * that may not be read, or is not there, reads as empty unless 'must'. 0, or -1
 * and why in words; the tree is to be destroyed in both cases.
 */
int tree_read(config_t *, const char *file, bool must,
    char why_r[TREE_WHY_MAX]);

/*
 * state.socket of that file, else its default; the caller's to free. NULL and
 * why in words when the file cannot be parsed.
 *
 * Only this setting is read: a mistake elsewhere in the file must not keep an
 * operator from the daemon that still runs on what it had loaded.
 */
char *tree_socket(const char *file, bool must, char why_r[TREE_WHY_MAX]);

#endif
