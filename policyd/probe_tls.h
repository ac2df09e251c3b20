/*
 * TLS of one probe: what is asked of the server's certificate, and in plain
 * words what is wrong with it.
 *
 * The handshake goes to its end whatever the certificate is, so that there is
 * something to tell; the caller asks probe_tls_check before it says a word.
 */
#ifndef WEIR_POLICYD_PROBE_TLS_H
#define WEIR_POLICYD_PROBE_TLS_H

#include "core/health.h"

#include <openssl/ssl.h>

/* What verification found first; all zero before. */
struct probe_tls_seen {
	int error; /* X509_V_ERR_... */
	int depth; /* 0: the server's own certificate */
	struct wall limit; /* error is about time: when it ended or begins */
};

struct probe_tls_result {
	const char *error; /* "tls_expired"; NULL: all is well */
	char text[ERROR_TEXT_MAX]; /* printable or not; of either outcome */
	struct wall expires; /* of the server's certificate; 0: none seen */
};

/*
 * A client's end for the server of that name (or address, which is no SNI).
 * seen must live as long as it.
 */
SSL *probe_tls_new(SSL_CTX *, const char *name, struct probe_tls_seen *seen);

/* After the handshake. */
void probe_tls_check(SSL *, const char *name, bool verify,
    const struct probe_tls_seen *, struct probe_tls_result *result_r);

/* Whole days from now to then, negative when it is past. */
int64_t probe_tls_days(struct wall then, struct wall now);

#endif
