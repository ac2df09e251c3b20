/*
 * Lists in main.cf: elements between commas and blanks, where braces hold one
 * together (postconf(5), mystrtokq). Milters, restrictions and tables are such
 * lists; an element is ours when it names one of our sockets.
 */
#ifndef WEIR_CTL_LIST_H
#define WEIR_CTL_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_item { /* borrowed from the list */
	const char *text;
	size_t len;
};

/* The next element from *rest on, which moves behind it. false: no more. */
bool list_next(const char **rest, struct list_item *item_r);

/* Is a word an element of the list? */
bool list_has(const char *list, const char *word);

/* "{ unix:a, timeout=5s }" -> "unix:a"; without braces the element itself. */
struct list_item list_endpoint(const struct list_item *);

/*
 * "{ unix:a, timeout=5s, { default_action = DUNNO } }": the value of an
 * attribute, with nothing around it; len 0 when it is not given.
 */
struct list_item list_attribute(const struct list_item *, const char *name);

struct list_place {            /* of our element in a list */
	struct list_item item; /* "{ unix:weir/policy.sock, ... }" */
	size_t begin, end;     /* offsets, "check_policy_service" included */
	size_t before;         /* elements that stand before it */
};

/* Names of our sockets as Postfix writes them; NULL ends. */
typedef const char *const *list_names;

/* Where the first element of ours stands. false: nowhere. */
bool list_find(const char *list, list_names ours, struct list_place *place_r);

/* A new list without any element of ours, for free(); never NULL. */
char *list_without(const char *list, list_names ours);

/*
 * The same list without a blank, for free(), as postconf -P -e wants it; NULL
 * when a blank is inside nested braces, where a comma would mean another thing.
 */
char *list_compact(const char *list);

#endif
