/*
 * Trust and credentials for probes, from their files.
 */
#include "probe_kit.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct probe_kit {
	unsigned refs;
	SSL_CTX *tls;
	struct credential *list;
	size_t count;
};

/* --- credentials --- */

static void
read_credentials(struct probe_kit *kit, const struct config *config,
    struct config_errors *errors)
{
	kit->list = calloc(config->nhosts + 1, sizeof(kit->list[0]));
	if (kit->list == NULL)
		abort();
	for (size_t i = 0; i < config->nhosts; i++) {
		const struct smart_host *host = &config->hosts[i];
		struct credential *credential = &kit->list[kit->count];
		const char *why;

		if (host->auth == NULL || host->auth[0] == '\0')
			continue;
		(void)snprintf(credential->host, sizeof(credential->host),
		    "%s", host->name);
		why = credential_read(credential, host->auth, geteuid());
		kit->count++;
		if (why != NULL)
			credential_mistake(errors, host, why);
	}
}

/* --- trust --- */

static void
read_trust(struct probe_kit *kit, const struct health_settings *health,
    struct config_errors *errors)
{
	const char *ca_file = health->ca_file;
	int done;

	kit->tls = SSL_CTX_new(TLS_client_method());
	if (kit->tls == NULL)
		abort();
	/* a server may not have us shake hands for as long as it likes */
	(void)SSL_CTX_set_options(kit->tls, SSL_OP_NO_RENEGOTIATION);
	/* what is wrong is told by words of ours, after the handshake */
	(void)SSL_CTX_set_session_cache_mode(kit->tls, SSL_SESS_CACHE_OFF);
	done = ca_file == NULL || ca_file[0] == '\0' ?
	    SSL_CTX_set_default_verify_paths(kit->tls) :
	    SSL_CTX_load_verify_file(kit->tls, ca_file);
	if (done != 1)
		config_errors_add(errors,
		    "%s: health.ca_file: %s: no certificates in PEM "
		    "can be read from it: %s", health->ca_file_at, ca_file,
		    ERR_reason_error_string(ERR_peek_last_error()));
	ERR_clear_error();
}

/* --- life --- */

struct probe_kit *
probe_kit_new(const struct config *config, struct config_errors *errors)
{
	struct probe_kit *kit = calloc(1, sizeof(*kit));
	size_t before = errors->count;

	if (kit == NULL)
		abort();
	kit->refs = 1;
	read_trust(kit, &config->health, errors);
	read_credentials(kit, config, errors);
	if (errors->count != before)
		probe_kit_unref(&kit);
	return kit;
}

struct probe_kit *
probe_kit_ref(struct probe_kit *kit)
{
	kit->refs++;
	return kit;
}

void
probe_kit_unref(struct probe_kit **kit)
{
	struct probe_kit *gone = *kit;

	*kit = NULL;
	if (gone == NULL || --gone->refs != 0)
		return;
	SSL_CTX_free(gone->tls);
	if (gone->list != NULL)
		explicit_bzero(gone->list,
		    gone->count * sizeof(gone->list[0]));
	free(gone->list);
	free(gone);
}

SSL_CTX *
probe_kit_tls(const struct probe_kit *kit)
{
	return kit->tls;
}

const struct credential *
probe_kit_credential(const struct probe_kit *kit, const char *host)
{
	for (size_t i = 0; i < kit->count; i++) {
		if (strcmp(kit->list[i].host, host) == 0)
			return &kit->list[i];
	}
	return NULL;
}
