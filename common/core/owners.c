/*
 * Rows in an arena, behind an open-addressed index of 32-bit numbers. The hash
 * has no key: the administrator writes the table, strangers only ask for what
 * is in it or not, and at most one run of neighbours is compared.
 */
#include "core/owners.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 64, ROWS_FIRST = 32 };

struct owners {
	atomic_uint refs;
	struct arena *arena;
	struct identity_user *rows;
	size_t count, room;
	uint32_t *slots; /* row + 1, 0: empty; a power of two, half free */
	size_t nslots;
	size_t bytes;
};

static void *
must(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

struct owners *
owners_new(void)
{
	struct owners *owners = must(calloc(1, sizeof(*owners)));

	atomic_init(&owners->refs, 1);
	owners->arena = arena_new();
	owners->nslots = SLOTS_FIRST;
	owners->slots = must(calloc(owners->nslots, sizeof(*owners->slots)));
	return owners;
}

struct owners *
owners_ref(struct owners *owners)
{
	atomic_fetch_add_explicit(&owners->refs, 1, memory_order_relaxed);
	return owners;
}

void
owners_unref(struct owners **owners_p)
{
	struct owners *owners = *owners_p;

	*owners_p = NULL;
	if (owners == NULL || atomic_fetch_sub_explicit(&owners->refs, 1,
	    memory_order_acq_rel) != 1)
		return;
	arena_free(&owners->arena);
	free(owners->rows);
	free(owners->slots);
	free(owners);
}

/* FNV-1a, with its high bits brought down. */
static size_t
slot_of(const struct owners *owners, const char *user)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);

	for (; *user != '\0'; user++)
		hash = (hash ^ (uint8_t)*user) * UINT64_C(0x100000001B3);
	return (size_t)(hash ^ (hash >> 32)) & (owners->nslots - 1);
}

/* The slot that has the user, or the empty one where he would be. */
static uint32_t *
find_slot(const struct owners *owners, const char *user)
{
	size_t at = slot_of(owners, user);

	while (owners->slots[at] != 0 &&
	    strcmp(owners->rows[owners->slots[at] - 1].user, user) != 0)
		at = (at + 1) & (owners->nslots - 1);
	return &owners->slots[at];
}

static void
grow(struct owners *owners)
{
	if (owners->count == owners->room) {
		owners->room = owners->room == 0 ? ROWS_FIRST :
		                                   2 * owners->room;
		owners->rows = must(reallocarray(owners->rows, owners->room,
		    sizeof(*owners->rows)));
	}
	if (2 * (owners->count + 1) <= owners->nslots)
		return;
	free(owners->slots);
	owners->nslots *= 2;
	owners->slots = must(calloc(owners->nslots, sizeof(*owners->slots)));
	for (size_t i = 0; i < owners->count; i++)
		*find_slot(owners, owners->rows[i].user) = (uint32_t)i + 1;
}

static const char *
keep(struct owners *owners, const char *text)
{
	owners->bytes += strlen(text) + 1;
	return arena_copy(owners->arena, text);
}

const struct identity_user *
owners_add(struct owners *owners, const struct identity_user *written)
{
	const size_t count = written->senders.count;
	const uint32_t slot = *find_slot(owners, written->user);
	struct identity_user *row;

	if (slot != 0)
		return &owners->rows[slot - 1];
	grow(owners);
	row = &owners->rows[owners->count];
	*row = *written;
	row->user = keep(owners, written->user);
	if (written->home != NULL)
		row->home = keep(owners, written->home);
	row->senders.list = arena_array(owners->arena, count, sizeof(char *));
	owners->bytes += count * sizeof(char *);
	for (size_t i = 0; i < count; i++)
		row->senders.list[i] = keep(owners, written->senders.list[i]);
	identity_row_settle(row);
	*find_slot(owners, row->user) = (uint32_t)++owners->count;
	return NULL;
}

const struct identity_user *
owners_find(const struct owners *owners, const char *user)
{
	const uint32_t slot = *find_slot(owners, user);

	return slot == 0 ? NULL : &owners->rows[slot - 1];
}

size_t
owners_count(const struct owners *owners)
{
	return owners->count;
}

const struct identity_user *
owners_row(const struct owners *owners, size_t i)
{
	return i < owners->count ? &owners->rows[i] : NULL;
}

size_t
owners_bytes(const struct owners *owners)
{
	return owners->bytes + owners->room * sizeof(*owners->rows) +
	    owners->nslots * sizeof(*owners->slots);
}

/* --- several tables --- */

static void
add_row(struct owner *owner, int which, const struct owner_source *source,
    const char *user)
{
	const struct identity_user *row = user == NULL ||
	    owner->rows[which] != NULL ? NULL :
	    owners_find(source->owners, user);

	if (row == NULL || row->only_home)
		return;
	owner->rows[which] = row;
	owner->sources[which] = source->name;
}

bool
owner_add(struct owner *owner, const struct owner_source *source)
{
	char domain[LOGIN_MAX + 2];
	bool has_domain = identity_domain_key(owner->user, domain);

	if (source->owners == NULL)
		return owner->rows[OWNER_OWN] != NULL &&
		    owner->rows[OWNER_EVERYONE] != NULL &&
		    (owner->rows[OWNER_DOMAIN] != NULL || !has_domain);
	add_row(owner, OWNER_OWN, source,
	    identity_is_pattern(owner->user) ? NULL : owner->user);
	add_row(owner, OWNER_DOMAIN, source, has_domain ? domain : NULL);
	add_row(owner, OWNER_EVERYONE, source, "*");
	return true;
}

/* --- homes --- */

/* The first source that names a home for this one; row: of weir.conf. */
static const struct identity_user *
home_of(const struct identity_user *row, const struct owner_sources *sources,
    const char *user, const char **source_r)
{
	*source_r = NULL;
	for (size_t i = 0;; i++) {
		if (row != NULL && row->home != NULL && row->home[0] != '\0')
			return row;
		if (i == sources->count)
			return NULL;
		*source_r = sources->list[i].name;
		row = sources->list[i].owners == NULL ? NULL :
		    owners_find(sources->list[i].owners, user);
	}
}

const struct identity_user *
owner_home(const struct identities *ids, const struct owner_sources *sources,
    const char *user, const char **source_r)
{
	const struct identity_user *row = NULL;
	char domain[LOGIN_MAX + 2];
	const char *source;
	struct owner owner;

	if (source_r == NULL)
		source_r = &source;
	identity_owner(ids, user, &owner);
	if (!identity_is_pattern(user))
		row = home_of(owner.rows[OWNER_OWN], sources, user, source_r);
	if (row == NULL && identity_domain_key(user, domain))
		row = home_of(owner.rows[OWNER_DOMAIN], sources, domain,
		    source_r);
	return row != NULL ? row :
	    home_of(owner.rows[OWNER_EVERYONE], sources, "*", source_r);
}
