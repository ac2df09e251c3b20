/*
 * Policy requests at DATA, each of a message of its own, by users in turn.
 *
 * load_policy ADDRESS CONNECTIONS SECONDS [USERS]
 */
#include "load_kit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char format[] =
    "request=smtpd_access_policy\nprotocol_state=DATA\n"
    "protocol_name=ESMTP\nclient_address=203.0.113.7\n"
    "client_name=client.example.net\nclient_port=53284\n"
    "reverse_client_name=client.example.net\nserver_address=127.0.0.1\n"
    "server_port=587\nhelo_name=client.example.com\n"
    "sender=user%u@sender.example\nrecipient=x2@example.org\n"
    "recipient_count=1\nqueue_id=%08XA\ninstance=%x.6b042dc3.%x.0\n"
    "size=300\netrn_domain=\nstress=\nsasl_method=PLAIN\n"
    "sasl_username=user%u\nsasl_sender=\nccert_subject=\nccert_issuer=\n"
    "ccert_fingerprint=\nccert_pubkey_fingerprint=\n"
    "encryption_protocol=\nencryption_cipher=\nencryption_keysize=0\n"
    "policy_context=\n\n";

static size_t
request(unsigned n, char buf[LOAD_REQUEST_MAX])
{
	unsigned user = load_user(n);

	return (size_t)snprintf(buf, LOAD_REQUEST_MAX, format, user, n,
	    (unsigned)getpid(), n, user);
}

static bool
right(const char *bytes, size_t len)
{
	return len >= 9 && memcmp(bytes, "action=", 7) == 0 &&
	    memcmp(bytes + len - 2, "\n\n", 2) == 0;
}

int
main(int argc, char *argv[])
{
	static const struct load load = { request, right };

	return load_main(argc, argv, &load);
}
