/*
 * Certificates for TLS servers in tests, made in memory: an authority, and what
 * it signed.
 */
#ifndef WEIR_TESTS_CERTIFICATES_H
#define WEIR_TESTS_CERTIFICATES_H

#include <openssl/ssl.h>

enum certificate {
	CERT_GOOD, /* relay.example.com and 127.0.0.1, 100 days left */
	CERT_EXPIRED, /* the same, 53 days too old */
	CERT_FUTURE, /* the same, from in five days on */
	CERT_OTHER, /* other.example.net */
	CERT_SELF, /* relay.example.com, signed by itself */
	CERT_COUNT
};

void certificates_make(void);
void certificates_clear(void);

/* The authority's own, in PEM. */
void certificates_write_ca(const char *path);

/* For a server. */
SSL_CTX *certificates_context(enum certificate);

#endif
