/*
 * Certificates of smart hosts.
 */
#include "probe_tls.h"

#include "core/netaddr.h"
#include "io/clock.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAMES_SHOWN = 3, NAMES_MAX = 96, DAY_MAX = 16, DAY_S = 86400 };

static struct wall
wall_of_asn1(const ASN1_TIME *at)
{
	struct tm tm;

	if (at == NULL || ASN1_TIME_to_tm(at, &tm) != 1)
		return (struct wall) { 0 };
	return (struct wall) { (int64_t)timegm(&tm) * SPAN_SECOND };
}

/* Remembers the first thing that is wrong, and lets all pass. */
static int
verify_cb(int good, X509_STORE_CTX *ctx)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(ctx,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	struct probe_tls_seen *seen = SSL_get_app_data(ssl);
	const X509 *certificate = X509_STORE_CTX_get_current_cert(ctx);

	if (good || seen->error != 0)
		return 1;
	seen->error = X509_STORE_CTX_get_error(ctx);
	seen->depth = X509_STORE_CTX_get_error_depth(ctx);
	if (seen->error == X509_V_ERR_CERT_HAS_EXPIRED && certificate != NULL)
		seen->limit = wall_of_asn1(X509_get0_notAfter(certificate));
	if (seen->error == X509_V_ERR_CERT_NOT_YET_VALID &&
	    certificate != NULL)
		seen->limit = wall_of_asn1(X509_get0_notBefore(certificate));
	return 1;
}

SSL *
probe_tls_new(SSL_CTX *ctx, const char *name, struct probe_tls_seen *seen)
{
	SSL *ssl = SSL_new(ctx);
	struct netaddr ip;

	if (ssl == NULL)
		abort();
	memset(seen, 0, sizeof(*seen));
	(void)SSL_set_app_data(ssl, seen);
	SSL_set_verify(ssl, SSL_VERIFY_PEER, verify_cb);
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (netaddr_parse(name, &ip) == 0) {
		if (X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl), ip.bytes,
		    ip.family == 4 ? 4 : 16) != 1)
			abort();
		return ssl;
	}
	/* RFC 6066 3: names only */
	if (SSL_set1_host(ssl, name) != 1 ||
	    SSL_set_tlsext_host_name(ssl, name) != 1)
		abort();
	return ssl;
}

/* --- words --- */

static void
day_of(struct wall at, char day[DAY_MAX])
{
	time_t seconds = (time_t)(at.us / SPAN_SECOND);
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	(void)strftime(day, DAY_MAX, "%Y-%m-%d", &tm);
}

int64_t
probe_tls_days(struct wall then, struct wall now)
{
	int64_t seconds = (then.us - now.us) / SPAN_SECOND;

	return seconds >= 0 ? seconds / DAY_S :
	    -((-seconds + DAY_S - 1) / DAY_S);
}

static void
name_add(char names[NAMES_MAX], const char *text, int len)
{
	size_t used = strlen(names);

	(void)snprintf(names + used, NAMES_MAX - used, "%s%.*s",
	    used == 0 ? "" : ", ", len, text);
}

/* The names a certificate has: of servers, or of old its common name. */
static void
names_of(const X509 *certificate, char names[NAMES_MAX])
{
	GENERAL_NAMES *list = X509_get_ext_d2i(certificate,
	    NID_subject_alt_name, NULL, NULL);
	char common[64] = "";
	int shown = 0;

	names[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(list) &&
	    shown < NAMES_SHOWN; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);

		if (name->type != GEN_DNS)
			continue;
		name_add(names, (const char *)ASN1_STRING_get0_data(
		    name->d.dNSName), ASN1_STRING_length(name->d.dNSName));
		shown++;
	}
	GENERAL_NAMES_free(list);
	if (shown == 0 && X509_NAME_get_text_by_NID(
	    X509_get_subject_name(certificate), NID_commonName, common,
	    sizeof(common)) > 0)
		name_add(names, common, (int)strlen(common));
	if (names[0] == '\0')
		name_add(names, "no name", (int)strlen("no name"));
}

static const char *
whose(const struct probe_tls_seen *seen)
{
	return seen->depth == 0 ? "the certificate" :
	    "a certificate of the chain";
}

static void
tell_error(const X509 *certificate, const char *name,
    const struct probe_tls_seen *seen, struct probe_tls_result *result)
{
	char day[DAY_MAX] = "", names[NAMES_MAX] = "no name";
	size_t size = sizeof(result->text);

	if (seen->limit.us != 0)
		day_of(seen->limit, day);
	switch (seen->error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		result->error = "tls_expired";
		(void)snprintf(result->text, size, "%s expired on %s, %lld "
		    "days ago", whose(seen), day,
		    (long long)-probe_tls_days(seen->limit,
		        clock_now().wall) - 1);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		result->error = "tls_not_yet";
		(void)snprintf(result->text, size, "%s is not valid before "
		    "%s", whose(seen), day);
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		result->error = "tls_name";
		if (certificate != NULL)
			names_of(certificate, names);
		(void)snprintf(result->text, size, "the certificate is for "
		    "%s, not for %.48s", names, name);
		break;
	default:
		result->error = "tls_untrusted";
		(void)snprintf(result->text, size, "the certificate is not "
		    "trusted: %s", X509_verify_cert_error_string(seen->error));
		break;
	}
}

static void
tell_good(const SSL *ssl, const X509 *certificate,
    struct probe_tls_result *result)
{
	char names[NAMES_MAX] = "no name";

	if (certificate != NULL)
		names_of(certificate, names);
	(void)snprintf(result->text, sizeof(result->text),
	    "%s %s, certificate of %.48s, %lld days left",
	    SSL_get_version(ssl), SSL_get_cipher_name(ssl), names,
	    (long long)probe_tls_days(result->expires, clock_now().wall));
}

void
probe_tls_check(SSL *ssl, const char *name, bool verify,
    const struct probe_tls_seen *seen, struct probe_tls_result *result_r)
{
	const X509 *certificate = SSL_get0_peer_certificate(ssl);

	memset(result_r, 0, sizeof(*result_r));
	if (certificate != NULL)
		result_r->expires =
		    wall_of_asn1(X509_get0_notAfter(certificate));
	if (!verify || (certificate != NULL && seen->error == 0))
		tell_good(ssl, certificate, result_r);
	else if (certificate != NULL)
		tell_error(certificate, name, seen, result_r);
	else {
		result_r->error = "tls_untrusted";
		(void)snprintf(result_r->text, sizeof(result_r->text),
		    "the server showed no certificate");
	}
}
