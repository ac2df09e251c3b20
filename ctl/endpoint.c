/*
 * Each socket in every form that may stand in main.cf, and the one that should.
 */
#include "endpoint.h"

#include "arena_text.h"

#include <string.h>

static void
add(const char **names, const char *name)
{
	size_t count = 0;

	while (names[count] != NULL)
		count++;
	if (count < ENDPOINT_NAMES_MAX)
		names[count] = name;
}

/* The path below the queue directory, or NULL. */
static const char *
inside(const char *path, const char *queue_directory)
{
	size_t len = strlen(queue_directory);

	return len > 0 && strncmp(path, queue_directory, len) == 0 &&
	    path[len] == '/' ? path + len + 1 : NULL;
}

struct form { /* what stands around the socket's own name */
	struct arena *arena;
	const char *head, *tail; /* "socketmap:", ":sender" */
	const char *queue_directory;
};

static void
take_unix(struct endpoint *endpoint, const struct form *form,
    const char *socket)
{
	const char *path = socket + strlen("unix:");
	const char *below = inside(path, form->queue_directory);
	const char *head = arena_text(form->arena, "%sunix:", form->head);
	const char *whole = arena_text(form->arena, "%s%s%s", head, path,
	    form->tail);

	add(endpoint->names, whole);
	add(endpoint->outside, whole);
	if (below != NULL) {
		const char *name = arena_text(form->arena, "%s%s%s", head,
		    below, form->tail);

		add(endpoint->names, name);
		add(endpoint->names, arena_text(form->arena, "%s/%s%s", head,
		    below, form->tail));
		whole = name;
	}
	if (endpoint->name[0] == '\0' || (below != NULL && !endpoint->chroot)) {
		endpoint->name = whole;
		endpoint->chosen = socket;
		endpoint->chroot = below != NULL;
	}
}

/* One that listens on every address is met on loopback. */
static void
take_inet(struct endpoint *endpoint, const struct form *form,
    const char *socket)
{
	static const char *const everywhere[] = { "inet:0.0.0.0:",
		"inet:[::]:" };
	static const char *const loopback[] = { "inet:127.0.0.1:",
		"inet:localhost:" };
	const char *name = arena_text(form->arena, "%s%s%s", form->head,
	    socket, form->tail);

	add(endpoint->names, name);
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(everywhere[i]);

		if (strncmp(socket, everywhere[i], len) != 0)
			continue;
		for (size_t j = 2; j > 0; j--) {
			name = arena_text(form->arena, "%s%s%s%s", form->head,
			    loopback[j - 1], socket + len, form->tail);
			add(endpoint->names, name);
		}
	}
	if (!endpoint->chroot) {
		endpoint->name = name;
		endpoint->chosen = socket;
		endpoint->chroot = true;
	}
}

static void
take(struct endpoint *endpoint, const struct form *form, const char *socket)
{
	if (endpoint->socket == NULL)
		endpoint->socket = socket;
	if (strncmp(socket, "unix:", 5) == 0)
		take_unix(endpoint, form, socket);
	else
		take_inet(endpoint, form, socket);
}

static void
take_all(struct endpoint *endpoint, const struct form *form,
    const struct strings *sockets)
{
	for (size_t i = 0; i < sockets->count; i++)
		take(endpoint, form, sockets->list[i]);
}

void
endpoints_make(struct endpoints *endpoints_r, struct arena *arena,
    const struct config *config, const char *queue_directory)
{
	struct form plain = { arena, "", "", queue_directory };
	struct form sender = { arena, "socketmap:", ":sender",
		queue_directory };
	struct form recipient = { arena, "socketmap:", ":recipient",
		queue_directory };

	memset(endpoints_r, 0, sizeof(*endpoints_r));
	endpoints_r->milter.name = endpoints_r->policy.name = "";
	endpoints_r->sender.name = endpoints_r->recipient.name = "";
	take(&endpoints_r->milter, &plain, config->milter.listen);
	take_all(&endpoints_r->policy, &plain, &config->policy.listen);
	take_all(&endpoints_r->sender, &sender, &config->policy.socketmap);
	take_all(&endpoints_r->recipient, &recipient,
	    &config->policy.socketmap);
}
