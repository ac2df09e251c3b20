/*
 * Trust and credentials for probes, from their files.
 */
#include "probe_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 2 * CREDENTIAL_MAX + 4 };

struct probe_kit {
	unsigned refs;
	SSL_CTX *tls;
	struct credential *list;
	size_t count;
};

/* --- credentials --- */

/* What is wrong with an open file, or NULL. */
static const char *
file_mistake(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it should be a regular file";
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "it should belong to root or to the user weir-policyd "
		    "runs as: chown it";
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "others may read it: chmod 600 it";
	return NULL;
}

static bool
printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7F)
			return false;
	}
	return true;
}

/* "user:password"; the password may have further colons. */
static const char *
take_line(struct credential *credential, const char *line, size_t len)
{
	static const char wrong[] = "it should have one line, user:password, "
	    "each of at most 255 bytes";
	const char *colon = memchr(line, ':', len);
	size_t user, password;

	if (colon == NULL || !printable(line, len))
		return wrong;
	user = (size_t)(colon - line);
	password = len - user - 1;
	if (user == 0 || password == 0 || user > CREDENTIAL_MAX ||
	    password > CREDENTIAL_MAX)
		return wrong;
	memcpy(credential->user, line, user);
	memcpy(credential->password, colon + 1, password);
	return NULL;
}

static const char *
read_line(struct credential *credential, int fd)
{
	char bytes[FILE_BYTES_MAX];
	ssize_t got = read(fd, bytes, sizeof(bytes));
	const char *why;
	size_t len;

	if (got == -1)
		return strerror(errno);
	len = (size_t)got;
	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	if (len > 0 && bytes[len - 1] == '\r')
		len--;
	why = take_line(credential, bytes, len);
	explicit_bzero(bytes, sizeof(bytes));
	return why;
}

/* NONBLOCK: a FIFO would hold us. */
static const char *
read_file(struct credential *credential, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *why;

	if (fd == -1)
		return errno == EACCES ? "the user weir-policyd runs as may "
		    "not read it: chown it to that user" : strerror(errno);
	why = file_mistake(fd);
	if (why == NULL)
		why = read_line(credential, fd);
	(void)close(fd);
	return why;
}

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
		why = read_file(credential, host->auth);
		kit->count++;
		if (why != NULL)
			config_errors_add(errors,
			    "smart_hosts[%s].auth: %s: %s",
			    host->name, host->auth, why);
	}
}

/* --- trust --- */

static void
read_trust(struct probe_kit *kit, const char *ca_file,
    struct config_errors *errors)
{
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
		    "health.ca_file: %s: no certificates in PEM "
		    "can be read from it: %s", ca_file,
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
	read_trust(kit, config->health.ca_file, errors);
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
