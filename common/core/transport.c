/*
 * Postfix's default transport and what is equal to it.
 *
 * postconf(5), default_transport: the next hop is taken from default_transport
 * itself, else from relayhost, else it is the recipient's domain.
 */
#include "core/transport.h"

#include "core/text.h"

#include <string.h>

static const char blanks[] = " \t\r\n";

/* Copies without blanks around. 0, or -1 when it does not fit. */
static int
copy_trimmed(char *dst, size_t size, const char *src, size_t len)
{
	while (len > 0 && strchr(blanks, *src) != NULL) {
		src++;
		len--;
	}
	while (len > 0 && strchr(blanks, src[len - 1]) != NULL)
		len--;
	return text_copy_n(dst, size, src, len);
}

/* The name of a service in master.cf: no blank, nothing left to expand. */
static bool
mailer_valid(const char *mailer)
{
	return mailer[0] != '\0' && strpbrk(mailer, " \t\r\n$[],") == NULL;
}

int
transport_parse(const char *default_transport, const char *relayhost,
    struct transport *transport_r)
{
	size_t len = strcspn(default_transport, ":");
	const char *host = default_transport + len;

	if (*host == ':')
		host++;
	if (copy_trimmed(transport_r->mailer, sizeof(transport_r->mailer),
	    default_transport, len) != 0 || !mailer_valid(transport_r->mailer))
		return -1;
	if (copy_trimmed(transport_r->host, sizeof(transport_r->host), host,
	    strlen(host)) != 0)
		return -1;
	if (transport_r->host[0] == '\0' &&
	    copy_trimmed(transport_r->host, sizeof(transport_r->host),
	    relayhost, strlen(relayhost)) != 0)
		return -1;
	return strchr(transport_r->host, '$') == NULL ? 0 : -1;
}

void
transport_narrow(struct transport *common, bool first, const char *mailer,
    const char *host)
{
	/* one too long for its place is known of nobody: it is left empty */
	if (first) {
		(void)text_copy(common->mailer, sizeof(common->mailer), mailer);
		(void)text_copy(common->host, sizeof(common->host), host);
		return;
	}
	if (strcmp(common->mailer, mailer) != 0)
		common->mailer[0] = '\0';
	if (!text_equal_nocase(common->host, host))
		common->host[0] = '\0';
}

bool
transport_is(const struct transport *transport, const char *mailer,
    const char *host)
{
	return strcmp(transport->mailer, mailer) == 0 &&
	    (transport->host[0] == '\0' ||
	    text_equal_nocase(transport->host, host));
}
