/*
 * Open sessions, in a ring under one lock.
 */
#include "registry.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

void
registry_init(struct registry *registry)
{
	memset(registry, 0, sizeof(*registry));
	(void)pthread_mutex_init(&registry->lock, NULL);
	registry->head.next = registry->head.prev = &registry->head;
}

void
visit_describe(struct visit *visit, const char *listener,
    const struct netaddr *client, uint16_t port)
{
	/* a listener's name is as long as NAME_MAX_LEN allows, never longer */
	(void)text_copy(visit->listener, sizeof(visit->listener), listener);
	visit->client = *client;
	visit->port = port;
}

uint64_t
registry_next_id(struct registry *registry)
{
	uint64_t id;

	(void)pthread_mutex_lock(&registry->lock);
	id = ++registry->last_id;
	(void)pthread_mutex_unlock(&registry->lock);
	return id;
}

void
registry_add(struct registry *registry, struct visit *visit)
{
	(void)pthread_mutex_lock(&registry->lock);
	visit->next = &registry->head;
	visit->prev = registry->head.prev;
	visit->prev->next = visit->next->prev = visit;
	registry->count++;
	(void)pthread_mutex_unlock(&registry->lock);
}

void
registry_remove(struct registry *registry, struct visit *visit)
{
	(void)pthread_mutex_lock(&registry->lock);
	visit->prev->next = visit->next;
	visit->next->prev = visit->prev;
	visit->prev = visit->next = NULL;
	registry->count--;
	(void)pthread_mutex_unlock(&registry->lock);
}

size_t
registry_count(const struct registry *registry)
{
	return registry->count;
}

void
registry_mail(struct registry *registry, struct visit *visit,
    const char *user, bool by_network, const char *sender,
    enum visit_known known)
{
	(void)pthread_mutex_lock(&registry->lock);
	visit->mail = true;
	visit->at_state = known == VISIT_AT_STATE;
	visit->untold = known == VISIT_UNTOLD;
	visit->local = known == VISIT_LOCAL;
	visit->by_network = by_network;
	visit->recipients = 0;
	visit->refused = false;
	visit->queue_id[0] = '\0';
	/* both were bounded when they were made canonical (checks.c) */
	(void)text_copy(visit->user, sizeof(visit->user), user);
	(void)text_copy(visit->sender, sizeof(visit->sender), sender);
	(void)pthread_mutex_unlock(&registry->lock);
}

void
registry_told(struct registry *registry, struct visit *visit, bool passed)
{
	(void)pthread_mutex_lock(&registry->lock);
	visit->at_state = true;
	visit->untold = !passed;
	(void)pthread_mutex_unlock(&registry->lock);
}

void
registry_rcpt(struct registry *registry, struct visit *visit,
    const char *mailer, const char *host)
{
	(void)pthread_mutex_lock(&registry->lock);
	transport_narrow(&visit->common, visit->recipients == 0, mailer, host);
	visit->recipients++;
	(void)pthread_mutex_unlock(&registry->lock);
}

void
registry_refused(struct registry *registry, struct visit *visit)
{
	(void)pthread_mutex_lock(&registry->lock);
	visit->refused = true;
	(void)pthread_mutex_unlock(&registry->lock);
}

void
registry_local(struct registry *registry, struct visit *visit)
{
	(void)pthread_mutex_lock(&registry->lock);
	visit->local = true;
	(void)pthread_mutex_unlock(&registry->lock);
}

void
registry_queue_id(struct registry *registry, struct visit *visit,
    const char *queue_id)
{
	if (strcmp(visit->queue_id, queue_id) == 0)
		return;
	(void)pthread_mutex_lock(&registry->lock);
	/* Postfix's are 10 to 20 characters; one that is not is not known */
	(void)text_copy(visit->queue_id, sizeof(visit->queue_id), queue_id);
	(void)pthread_mutex_unlock(&registry->lock);
}

void
registry_done(struct registry *registry, struct visit *visit)
{
	(void)pthread_mutex_lock(&registry->lock);
	visit->mail = visit->at_state = false;
	visit->untold = visit->local = false;
	visit->user[0] = visit->sender[0] = visit->queue_id[0] = '\0';
	visit->recipients = 0;
	visit->refused = false;
	(void)pthread_mutex_unlock(&registry->lock);
}

struct visit *
registry_copy(struct registry *registry, size_t *count_r)
{
	struct visit *list;
	size_t n = 0;

	(void)pthread_mutex_lock(&registry->lock);
	list = calloc(registry->count + 1, sizeof(*list));
	if (list == NULL)
		abort();
	for (struct visit *v = registry->head.next; v != &registry->head;
	    v = v->next)
		list[n++] = *v;
	(void)pthread_mutex_unlock(&registry->lock);
	*count_r = n;
	return list;
}
