/*
 * What postconf told, kept by name: a list each of main.cf, and of every
 * service, as it is written and with its $names replaced.
 */
#include "postconf.h"

#include "arena_text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct setting {
	const char *name, *value;
};

struct settings {
	struct setting *list;
	size_t count, room;
};

struct service {
	struct postfix_service pub; /* first: one is found by the other */
	struct settings raw, value; /* its own */
};

struct postfix {
	struct arena *arena;
	struct settings raw, value, given;
	struct service *services;
	size_t count, room;
};

struct postfix *
postfix_new(void)
{
	struct postfix *postfix = calloc(1, sizeof(*postfix));

	if (postfix == NULL)
		abort();
	postfix->arena = arena_new();
	return postfix;
}

void
postfix_free(struct postfix **postfix)
{
	struct postfix *p = *postfix;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->count; i++) {
		free(p->services[i].raw.list);
		free(p->services[i].value.list);
	}
	free(p->raw.list);
	free(p->value.list);
	free(p->given.list);
	free(p->services);
	arena_free(&p->arena);
	free(p);
	*postfix = NULL;
}

/* --- lines --- */

static void *
grown(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = *room == 0 ? 16 : 2 * *room;
	list = realloc(list, *room * size);
	if (list == NULL)
		abort();
	return list;
}

static char *
copy_n(struct postfix *postfix, const char *text, size_t len)
{
	char *copy = arena_alloc(postfix->arena, len + 1);

	memcpy(copy, text, len);
	return copy;
}

/* "name = value", "name =" */
static void
settings_take(
    struct postfix *postfix, struct settings *settings, const char *line)
{
	size_t len = strcspn(line, " =");
	const char *value = line + len + strspn(line + len, " ");

	if (len == 0 || *value != '=')
		return;
	value++;
	value += strspn(value, " ");
	settings->list = grown(settings->list, settings->count, &settings->room,
	    sizeof(settings->list[0]));
	settings->list[settings->count].name = copy_n(postfix, line, len);
	settings->list[settings->count].value =
	    arena_copy(postfix->arena, value);
	settings->count++;
}

void
postfix_take_raw(struct postfix *postfix, const char *line)
{
	settings_take(postfix, &postfix->raw, line);
}

void
postfix_take_value(struct postfix *postfix, const char *line)
{
	settings_take(postfix, &postfix->value, line);
}

void
postfix_take_given(struct postfix *postfix, const char *line)
{
	settings_take(postfix, &postfix->given, line);
}

static const char *
next_field(struct postfix *postfix, const char **line)
{
	size_t len;
	const char *field;

	*line += strspn(*line, " \t");
	len = strcspn(*line, " \t");
	field = copy_n(postfix, *line, len);
	*line += len;
	return field;
}

/* master(5): name type private unprivileged chroot wakeup maxproc command */
void
postfix_take_service(struct postfix *postfix, const char *line)
{
	struct service *service;
	const char *fields[8], *rest = line;

	for (size_t i = 0; i < 8; i++) {
		fields[i] = next_field(postfix, &rest);
		if (fields[i][0] == '\0')
			return;
	}
	postfix->services = grown(postfix->services, postfix->count,
	    &postfix->room, sizeof(postfix->services[0]));
	service = &postfix->services[postfix->count++];
	memset(service, 0, sizeof(*service));
	service->pub = (struct postfix_service){
		.id = arena_text(postfix->arena, "%s/%s", fields[0],
		    fields[1]),
		.name = fields[0],
		.type = fields[1],
		.command = fields[7],
		.line = arena_copy(postfix->arena, line),
		.chroot = fields[4][0],
		.limit_given = fields[6][0],
		.limit = (unsigned)strtoul(fields[6], NULL, 10),
	};
}

static struct service *
service_find(const struct postfix *postfix, const char *id, size_t len)
{
	for (size_t i = 0; i < postfix->count; i++) {
		if (strlen(postfix->services[i].pub.id) == len &&
		    strncmp(postfix->services[i].pub.id, id, len) == 0)
			return &postfix->services[i];
	}
	return NULL;
}

/* "submission/inet/name = value"; an address may hold slashes: the last. */
static struct service *
own_line(const struct postfix *postfix, const char **line)
{
	size_t len = strcspn(*line, " =");
	const char *slash = memrchr(*line, '/', len);
	struct service *service;

	if (slash == NULL)
		return NULL;
	service = service_find(postfix, *line, (size_t)(slash - *line));
	*line = slash + 1;
	return service;
}

void
postfix_take_own_raw(struct postfix *postfix, const char *line)
{
	struct service *service = own_line(postfix, &line);

	if (service != NULL)
		settings_take(postfix, &service->raw, line);
}

void
postfix_take_own(struct postfix *postfix, const char *line)
{
	struct service *service = own_line(postfix, &line);

	if (service != NULL)
		settings_take(postfix, &service->value, line);
}

/* --- asking it --- */

const struct postfix_service *
postfix_next(
    const struct postfix *postfix, const struct postfix_service *service)
{
	const struct service *s = (const struct service *)service;
	size_t i = s == NULL ? 0 : (size_t)(s - postfix->services) + 1;

	return i < postfix->count ? &postfix->services[i].pub : NULL;
}

const struct postfix_service *
postfix_service(const struct postfix *postfix, const char *id)
{
	struct service *service = service_find(postfix, id, strlen(id));

	return service != NULL ? &service->pub : NULL;
}

/* The last one given holds. */
static const char *
settings_find(const struct settings *settings, const char *name)
{
	for (size_t i = settings->count; i > 0; i--) {
		if (strcmp(settings->list[i - 1].name, name) == 0)
			return settings->list[i - 1].value;
	}
	return NULL;
}

static const char *
find_for(const struct settings *own, const struct settings *main_cf,
    const char *name)
{
	const char *value = own != NULL ? settings_find(own, name) : NULL;

	if (value == NULL)
		value = settings_find(main_cf, name);
	return value != NULL ? value : "";
}

const char *
postfix_value(const struct postfix *postfix,
    const struct postfix_service *service, const char *name)
{
	const struct service *s = (const struct service *)service;

	return find_for(s != NULL ? &s->value : NULL, &postfix->value, name);
}

const char *
postfix_raw(const struct postfix *postfix,
    const struct postfix_service *service, const char *name)
{
	const struct service *s = (const struct service *)service;

	return find_for(s != NULL ? &s->raw : NULL, &postfix->raw, name);
}

const char *
postfix_given(const struct postfix *postfix,
    const struct postfix_service *service, const char *name)
{
	const struct service *s = (const struct service *)service;

	return settings_find(s != NULL ? &s->raw : &postfix->given, name);
}

bool
postfix_knows(const struct postfix *postfix, const char *name)
{
	return settings_find(&postfix->raw, name) != NULL;
}

bool
postfix_yes(const struct postfix *postfix,
    const struct postfix_service *service, const char *name)
{
	return strcmp(postfix_value(postfix, service, name), "yes") == 0;
}

int64_t
postfix_seconds(const char *value)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 },
		{ 'd', 86400 }, { 'w', 604800 } };
	char *end;
	long number = strtol(value, &end, 10);

	if (end == value || number < 0 || number > INT_MAX ||
	    (end[0] != '\0' && end[1] != '\0'))
		return 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].unit == end[0])
			return number * units[i].seconds;
	}
	return 0;
}
