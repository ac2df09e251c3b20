/*
 * Texts of settings about probes. What a text names on disk is looked at as
 * far as this program may: the same file is read by weir-policyd, by
 * weir-milter, which needs none of it, and by whoever runs weirctl config
 * check. weir-policyd itself reads it in policyd/probe_kit.c, and is strict;
 * config check reads what it may of io/credential.h.
 */
#include "io/config_load.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* What is wrong with a file by what all may know of it, or NULL. */
static const char *
file_mistake(const char *path, mode_t forbidden)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno == ENOENT || errno == ENOTDIR ?
		    "is not there" : NULL;
	if (!S_ISREG(st.st_mode))
		return "should be a regular file";
	if ((st.st_mode & forbidden) != 0)
		return "may be read by others";
	return NULL;
}

const char *
text_ca_file(struct loader *l, const config_setting_t *at, const char *text)
{
	const char *mistake;

	if (text[0] == '\0')
		return "";
	if (text[0] != '/' || strlen(text) >= PATH_MAX)
		return refuse(l, at, text, "should be an absolute path, or "
		    "\"\" for the system's store");
	mistake = file_mistake(text, 0);
	if (mistake != NULL)
		return refuse(l, at, text, mistake);
	return arena_copy(l->config->arena, text);
}

const char *
text_source(struct loader *l, const config_setting_t *at, const char *text)
{
	struct netaddr ip;

	if (netaddr_parse(text, &ip) == -1)
		return refuse(l, at, text, "should be an IP address of this "
		    "machine");
	return arena_copy(l->config->arena, text);
}

const char *
text_name_server(struct loader *l, const config_setting_t *at,
    const char *text)
{
	struct netaddr ip;
	uint16_t port;

	if (netaddr_parse_port(text, &ip, &port) == -1)
		return refuse(l, at, text, "should be an IP address, or "
		    "\"[ADDRESS]:PORT\" with a port from 1 to 65535");
	return arena_copy(l->config->arena, text);
}

/* RFC 5321 4.1.1.1: a domain. */
const char *
text_helo(struct loader *l, const config_setting_t *at, const char *text)
{
	return text[0] == '\0' ? "" : text_domain(l, at, text);
}

const char *
text_tls_name(struct loader *l, const config_setting_t *at, const char *text)
{
	struct netaddr ip;

	if (text[0] == '\0')
		return "";
	if (netaddr_parse(text, &ip) == 0)
		return arena_copy(l->config->arena, text);
	return text_domain(l, at, text);
}

/* The path alone is kept: what stands in the file is for weir-policyd. */
const char *
text_auth(struct loader *l, const config_setting_t *at, const char *text)
{
	const char *path = text + strlen("file:"), *mistake;
	char value[SHOWN_MAX];

	if (text[0] == '\0')
		return "";
	if (strncmp(text, "file:/", 6) != 0 || strlen(text) >= PATH_MAX)
		return refuse(l, at, text, "should be \"file:PATH\" with an "
		    "absolute path: a file of one line, user:password");
	mistake = file_mistake(path, S_IRWXG | S_IRWXO);
	if (mistake == NULL)
		return arena_copy(l->config->arena, path);
	if (strncmp(mistake, "may", 3) == 0)
		report(l, at, "%s %s; make it: chmod 600 %s",
		    shown(path, value), mistake, path);
	else
		return refuse(l, at, path, mistake);
	return NULL;
}
