/*
 * "user:password" of a smart host, from its file.
 */
#include "io/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 2 * CREDENTIAL_MAX + 4 };

/* What is wrong with an open file, or NULL. */
static const char *
file_mistake(int fd, uid_t owner)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it should be a regular file";
	if (st.st_uid != 0 && st.st_uid != owner && owner != (uid_t)-1)
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
const char *
credential_read(struct credential *credential, const char *path, uid_t owner)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *why;

	if (fd == -1)
		return errno == EACCES ? "the user weir-policyd runs as may "
		    "not read it: chown it to that user" : strerror(errno);
	why = file_mistake(fd, owner);
	if (why == NULL)
		why = read_line(credential, fd);
	(void)close(fd);
	return why;
}

void
credential_mistake(struct config_errors *errors, const struct smart_host *host,
    const char *why)
{
	config_errors_add(errors, "%s: smart_hosts[%s].auth: %s: %s",
	    host->auth_at, host->name, host->auth, why);
}

void
credentials_check(const struct config *config, struct config_errors *errors)
{
	for (size_t i = 0; i < config->nhosts; i++) {
		const struct smart_host *host = &config->hosts[i];
		struct credential credential;
		const char *why;

		if (host->auth[0] == '\0' || access(host->auth, R_OK) == -1)
			continue;
		why = credential_read(&credential, host->auth, (uid_t)-1);
		if (why != NULL)
			credential_mistake(errors, host, why);
		explicit_bzero(&credential, sizeof(credential));
	}
}
