/*
 * Lists in main.cf, taken apart without being copied.
 */
#include "list.h"

#include <stdlib.h>
#include <string.h>

static const char between[] = ", \t\r\n";
static const char policy_check[] = "check_policy_service";

/* How long the element is that begins here: braces count as one. */
static size_t
item_length(const char *text, size_t max)
{
	size_t len = 0;
	int depth = 0;

	for (; len < max && text[len] != '\0'; len++) {
		if (depth == 0 && strchr(between, text[len]) != NULL)
			break;
		depth += text[len] == '{' ? 1 : 0;
		depth -= text[len] == '}' && depth > 0 ? 1 : 0;
	}
	return len;
}

static bool
next_within(const char **rest, size_t *left, struct list_item *item_r)
{
	while (*left > 0 && **rest != '\0' && strchr(between, **rest) != NULL) {
		(*rest)++;
		(*left)--;
	}
	item_r->text = *rest;
	item_r->len = item_length(*rest, *left);
	*rest += item_r->len;
	*left -= item_r->len;
	return item_r->len != 0;
}

bool
list_next(const char **rest, struct list_item *item_r)
{
	size_t left = strlen(*rest);

	return next_within(rest, &left, item_r);
}

static bool
item_is(const struct list_item *item, const char *word)
{
	return item->len == strlen(word) &&
	       strncmp(item->text, word, item->len) == 0;
}

bool
list_has(const char *list, const char *word)
{
	struct list_item item;

	while (list_next(&list, &item)) {
		if (item_is(&item, word))
			return true;
	}
	return false;
}

/* What stands between the braces of an element that has them. */
static bool
item_inside(const struct list_item *item, struct list_item *inside_r)
{
	if (item->len < 2 || item->text[0] != '{' ||
	    item->text[item->len - 1] != '}')
		return false;
	inside_r->text = item->text + 1;
	inside_r->len = item->len - 2;
	return true;
}

struct list_item
list_endpoint(const struct list_item *item)
{
	struct list_item inside, first;

	if (!item_inside(item, &inside))
		return *item;
	(void)next_within(&inside.text, &inside.len, &first);
	return first;
}

static struct list_item
trimmed(const char *text, size_t len)
{
	while (len > 0 && strchr(between, text[0]) != NULL) {
		text++;
		len--;
	}
	while (len > 0 && strchr(between, text[len - 1]) != NULL)
		len--;
	return (struct list_item){ text, len };
}

struct list_item
list_attribute(const struct list_item *item, const char *name)
{
	struct list_item inside, word, value = { "", 0 };
	size_t len = strlen(name);

	if (!item_inside(item, &inside))
		return value;
	while (next_within(&inside.text, &inside.len, &word)) {
		struct list_item pair = word;
		const char *equals;

		if (item_inside(&word, &pair))
			pair = trimmed(pair.text, pair.len);
		equals = memchr(pair.text, '=', pair.len);
		if (equals == NULL || pair.len < len ||
		    strncmp(pair.text, name, len) != 0 ||
		    trimmed(pair.text, (size_t)(equals - pair.text)).len != len)
			continue;
		value = trimmed(
		    equals + 1, pair.len - (size_t)(equals + 1 - pair.text));
	}
	return value;
}

static bool
item_ours(const struct list_item *item, list_names ours)
{
	struct list_item endpoint = list_endpoint(item);

	for (; *ours != NULL; ours++) {
		if (item_is(&endpoint, *ours))
			return true;
	}
	return false;
}

bool
list_find(const char *list, list_names ours, struct list_place *place_r)
{
	struct list_item item, last = { "", 0 };
	const char *rest = list;
	size_t count = 0;

	for (; list_next(&rest, &item); last = item, count++) {
		bool policy = item_is(&last, policy_check);
		const char *begin = policy ? last.text : item.text;

		if (!item_ours(&item, ours))
			continue;
		place_r->item = item;
		place_r->before = count - policy;
		place_r->begin = (size_t)(begin - list);
		place_r->end = (size_t)(rest - list);
		return true;
	}
	return false;
}

/* Cuts one element with the separators behind it. */
static void
cut(char *list, size_t begin, size_t end)
{
	end += strspn(list + end, between);
	memmove(list + begin, list + end, strlen(list + end) + 1);
}

static void
cut_tail(char *list)
{
	size_t len = strlen(list);

	while (len > 0 && strchr(between, list[len - 1]) != NULL)
		list[--len] = '\0';
}

char *
list_without(const char *list, list_names ours)
{
	char *copy = strdup(list);
	struct list_place place;

	if (copy == NULL)
		abort();
	while (list_find(copy, ours, &place)) {
		cut(copy, place.begin, place.end);
		cut_tail(copy);
	}
	return copy;
}

/*
 * Blanks become nothing beside a separator or brace, else a comma, down to the
 * first level of braces.
 */
char *
list_compact(const char *list)
{
	char *out = malloc(strlen(list) + 1), *to = out, last = '\0';
	int depth = 0;

	if (out == NULL)
		abort();
	list += strspn(list, between);
	while (*list != '\0') {
		size_t gap = strspn(list, between);

		list += gap;
		if (gap != 0 && depth > 1) {
			free(out);
			return NULL;
		}
		if (gap != 0 && *list != '\0' && *list != '}' && last != '{')
			*to++ = ',';
		if (*list == '\0')
			break;
		depth += *list == '{' ? 1 : *list == '}' ? -1 : 0;
		last = *list++;
		*to++ = last;
	}
	*to = '\0';
	return out;
}
