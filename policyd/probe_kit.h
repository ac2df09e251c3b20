/*
 * What probes take along beside the configuration: whom to trust, and the
 * logins. Secrets live here and nowhere else: struct config, which every
 * program has, keeps only the paths.
 */
#ifndef WEIR_POLICYD_PROBE_KIT_H
#define WEIR_POLICYD_PROBE_KIT_H

#include "io/credential.h"

#include <openssl/ssl.h>

struct probe_kit;

/*
 * Reads health.ca_file and every smart_hosts[].auth: a regular file of one
 * line, owned by root or this process's user, which no one else may read.
 * NULL, with every mistake added to errors, when anything is wrong. One
 * reference; those are counted without a lock, so all are of one thread.
 */
struct probe_kit *probe_kit_new(const struct config *,
    struct config_errors *errors);
struct probe_kit *probe_kit_ref(struct probe_kit *);
void probe_kit_unref(struct probe_kit **); /* the last one wipes it */

SSL_CTX *probe_kit_tls(const struct probe_kit *);

/* NULL when the host has none. */
const struct credential *probe_kit_credential(const struct probe_kit *,
    const char *host);

#endif
