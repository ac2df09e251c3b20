/*
 * One key for all: what is tested is what a certificate says.
 */
#include "certificates.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAY = 86400 };

static EVP_PKEY *key;
static X509 *authority, *made[CERT_COUNT];

static const struct {
	const char *common, *names;
	long from, to; /* days from now */
	int self;
} kinds[CERT_COUNT] = {
	[CERT_GOOD] = { "relay.example.com",
	    "DNS:relay.example.com,IP:127.0.0.1", -1, 100, 0 },
	[CERT_EXPIRED] = { "relay.example.com",
	    "DNS:relay.example.com,IP:127.0.0.1", -100, -53, 0 },
	[CERT_FUTURE] = { "relay.example.com",
	    "DNS:relay.example.com,IP:127.0.0.1", 5, 100, 0 },
	[CERT_OTHER] = { "other.example.net",
	    "DNS:other.example.net,DNS:*.other.example.net", -1, 100, 0 },
	[CERT_SELF] = { "relay.example.com", "DNS:relay.example.com", -1, 100,
	    1 },
};

static void
must(int done)
{
	if (done <= 0)
		abort();
}

static void
extend(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, authority, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	must(extension != NULL);
	must(X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
}

static X509 *
make(const char *common, long from, long to, const X509 *issuer)
{
	static long serial;
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);

	must(X509_set_version(certificate, 2));
	must(ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial));
	must(X509_gmtime_adj(X509_getm_notBefore(certificate),
	    from * DAY) != NULL);
	/* some minutes more, so that whole days are whole days */
	must(X509_gmtime_adj(X509_getm_notAfter(certificate),
	    to * DAY + 600) != NULL);
	must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)common, -1, -1, 0));
	must(X509_set_issuer_name(certificate,
	    X509_get_subject_name(issuer != NULL ? issuer : certificate)));
	must(X509_set_pubkey(certificate, key));
	return certificate;
}

void
certificates_make(void)
{
	key = EVP_EC_gen("P-256");
	must(key != NULL);
	authority = make("Test Authority", -200, 200, NULL);
	extend(authority, NID_basic_constraints, "critical,CA:TRUE");
	must(X509_sign(authority, key, EVP_sha256()));
	for (int i = 0; i < CERT_COUNT; i++) {
		made[i] = make(kinds[i].common, kinds[i].from, kinds[i].to,
		    kinds[i].self ? NULL : authority);
		extend(made[i], NID_subject_alt_name, kinds[i].names);
		must(X509_sign(made[i], key, EVP_sha256()));
	}
}

void
certificates_clear(void)
{
	for (int i = 0; i < CERT_COUNT; i++)
		X509_free(made[i]);
	X509_free(authority);
	EVP_PKEY_free(key);
}

void
certificates_write_ca(const char *path)
{
	FILE *file = fopen(path, "we");

	must(file != NULL && PEM_write_X509(file, authority));
	must(fclose(file) == 0);
}

SSL_CTX *
certificates_context(enum certificate which)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	must(ctx != NULL);
	must(SSL_CTX_use_certificate(ctx, made[which]));
	must(SSL_CTX_use_PrivateKey(ctx, key));
	return ctx;
}
