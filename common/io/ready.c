/*
 * sd_notify(3), spoken by ourselves.
 */
#include "io/ready.h"

#include "core/text.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* What cannot be sent is not worth a word: a time-out there notices it. */
static void
notify(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	if (path == NULL || text_copy(address.sun_path,
	    sizeof(address.sun_path), path) == -1)
		return;
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(path));
	if (path[0] == '@') /* an abstract one: unix(7) */
		address.sun_path[0] = '\0';
	else
		len++;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL,
	    (struct sockaddr *)&address, len);
	(void)close(fd);
}

void
ready_tell(void)
{
	notify("READY=1");
}

/* The time lets systemd tell this reload's READY from an earlier one. */
void
ready_reloading(void)
{
	struct timespec now;
	char text[64];

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%"
	    PRId64, (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	notify(text);
}
