/*
 * weir.conf as libconfig's tree: for who wants to see what is written in it,
 * whatever mistakes there are that libconfig lets pass.
 */
#ifndef WEIR_IO_CONFIG_TREE_H
#define WEIR_IO_CONFIG_TREE_H

#include "io/config_file.h"

#include <libconfig.h>

/*
 * Initialises the tree and reads the file into it, as config_load does. 0, or
 * -1 when it cannot be read or parsed: then the last of the errors says why.
 * The tree is to be destroyed in both cases.
 */
int config_tree_read(config_t *tree, const char *path,
    struct config_errors *errors_r);

#endif
