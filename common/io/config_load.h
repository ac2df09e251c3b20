/*
 * Inside the configuration loader: what its files share. Nobody else needs
 * this; the door is io/config_file.h.
 *
 * The way of a file: config_source.c reads it and catches what libconfig
 * would let pass; libconfig makes a tree of it; config_walk.c goes through
 * the tree along the rows of config_schema.c, whose types (config_type.c,
 * config_values.c, config_nexthop.c) and texts (config_text.c, config_probe.c)
 * fill struct config; config_check.c and its like tie names together. Every
 * mistake goes through config_report.c, and the walk goes on.
 */
#ifndef WEIR_IO_CONFIG_LOAD_H
#define WEIR_IO_CONFIG_LOAD_H

#include "core/config.h"
#include "io/config_file.h"

#include <libconfig.h>
#include <limits.h>

struct loader {
	struct config *config;
	struct config_errors *errors;
	unsigned lines[CONFIG_ERRORS_MAX]; /* of errors, to sort them */
	struct told { /* values, before libconfig read them */
		const char *file, *setting;
		unsigned from, line; /* of the setting, of the value */
	} told[CONFIG_ERRORS_MAX];
	size_t ntold;
	const char *file; /* as shown */
	char dir[PATH_MAX]; /* where @include looks */
	size_t bytes; /* read so far, included files too */
	config_t given; /* what the file says */
	config_t defaults; /* the same tree with every default in it */
};

/* --- the schema: one row a setting --- */

struct row;

struct type {
	const char *name; /* in words, for the manual */
	/* Checks a setting and stores it in its field of base. */
	void (*put)(struct loader *, const struct row *, config_setting_t *,
	    void *base);
};

/* Canonical form of a text, or NULL when it is none (told already). */
typedef const char *(*text_fn)(struct loader *, const config_setting_t *,
    const char *text);

struct word {
	const char *name; /* NULL ends the list */
	int value;
};

struct row {
	const char *name; /* NULL ends the list */
	const struct type *type;
	size_t offset; /* of the field in its struct */
	size_t count_offset; /* lists: of the number of elements */
	const char *initial; /* default as in a file, NULL: none */
	const char *edge; /* the same under profile "edge", where it differs */
	bool required;
	const char *range; /* in words, where min, max and words do not say */
	int64_t min, max; /* numbers; µs of durations; elements of lists */
	bool unlimited; /* numbers: "unlimited" is one more value */
	const struct word *words;
	text_fn text;
	const struct row *rows; /* groups, lists of groups */
	size_t size; /* lists of groups: of one element */
};

extern const struct row schema_rows[];

extern const struct type type_group, type_list; /* config_walk.c */
extern const struct type type_string, type_reference, type_maillog,
    type_log_target, type_word, type_bool, type_number, type_duration,
    type_ladder; /* config_type.c */
extern const struct type type_nexthop; /* config_nexthop.c */
extern const struct type type_strings, type_words, type_rate, type_rates,
    type_limits, type_network, type_networks, type_ports; /* config_values.c */

/* --- steps --- */

/*
 * The text of a file with a NUL behind it, for free(); NULL and why when it
 * cannot be had.
 */
enum { SOURCE_WHY_MAX = 128 };
char *source_read(struct loader *, const char *path, size_t *len_r,
    char why_r[SOURCE_WHY_MAX]);

/*
 * Looks for what libconfig takes silently: numbers that wrap, comments without
 * an end, included files it would choke on. false: it must not see the text.
 */
bool source_check(struct loader *, const char *file, const char *text,
    size_t len);

/* Fills the configuration from l->given and l->defaults. */
void walk_config(struct loader *);

/* A listener with every default, for the one that is always there. */
void walk_listener_defaults(struct loader *, struct listener *);

/* The tree of defaults as text for libconfig; for free(). */
char *walk_defaults(enum profile);

/* Names used and names given, once the walk is done. */
void check_config(struct loader *);

/*
 * listeners; once nothing is wrong with them they are put in their order, and
 * their rates become throttles.
 */
void check_listeners(struct loader *);
void settle_listeners(struct loader *);

/* connectors[].default_home and identities.users[].home: who bears the name. */
void check_homes(struct loader *);

/* What the file says, for the next reload; once nothing is wrong with it. */
void given_collect(struct loader *);

/* connectors[].when_none_healthy: the connector it names. */
void check_none_healthy(struct loader *);

/* Sockets: no two settings listen at the same one. */
void check_sockets(struct loader *);

/* throttles: their keys, their rates, and the rules they replace. */
void check_throttles(struct loader *);

/* No two rates of one setting have one period. */
void check_periods(struct loader *, const config_setting_t *group,
    const char *key, const struct rate_spec *, unsigned count);

/* --- names (config_names.c) --- */

/* A string of a group; NULL when it is not given. */
const char *string_in(const config_setting_t *group, const char *name);

/*
 * A name is given once; it is the first field of each element of the array,
 * which is that of the list in the file.
 */
void check_unique(struct loader *, const char *path, const char *key,
    const void *elements, size_t count, size_t size);

/*
 * Index of the element that bears the name, count when none does (told, as a
 * mistake of that key of the group; what: a "smart host", say).
 */
size_t find_name(struct loader *, const config_setting_t *group,
    const char *key, const char *name, const char *what, const void *elements,
    size_t count, size_t size);

/* Each is a listener. */
void check_listener_names(struct loader *, const config_setting_t *group,
    const char *key, const struct strings *names);

/* --- taking values (config_type.c) --- */

void *row_field(const struct row *, void *base);

/* The value of a string without control characters, or NULL (told). */
const char *take_text(struct loader *, const config_setting_t *,
    const char *expected);

/* Index of the word among row->words, -1 when it is none of them (told). */
int take_word(struct loader *, const struct row *, const config_setting_t *);

/* --- texts (config_text.c) --- */

const char *text_name(struct loader *, const config_setting_t *, const char *);
const char *text_home(struct loader *, const config_setting_t *, const char *);
const char *text_word(struct loader *, const config_setting_t *, const char *);
const char *text_account(struct loader *, const config_setting_t *,
    const char *);
const char *text_directory(struct loader *, const config_setting_t *,
    const char *);
const char *text_socket(struct loader *, const config_setting_t *,
    const char *);
const char *text_listen(struct loader *, const config_setting_t *,
    const char *);
const char *text_http_listen(struct loader *, const config_setting_t *,
    const char *);
const char *text_http_host(struct loader *, const config_setting_t *,
    const char *);
const char *text_service(struct loader *, const config_setting_t *,
    const char *);
const char *text_transport(struct loader *, const config_setting_t *,
    const char *);
const char *text_reply(struct loader *, const config_setting_t *,
    const char *);
const char *text_domain(struct loader *, const config_setting_t *,
    const char *);
const char *text_realm(struct loader *, const config_setting_t *,
    const char *);
const char *text_delimiter(struct loader *, const config_setting_t *,
    const char *);
const char *text_login(struct loader *, const config_setting_t *,
    const char *);
const char *text_table(struct loader *, const config_setting_t *,
    const char *);
const char *text_owner(struct loader *, const config_setting_t *,
    const char *);
const char *text_user_pattern(struct loader *, const config_setting_t *,
    const char *);
const char *text_sender(struct loader *, const config_setting_t *,
    const char *);
const char *text_sender_pattern(struct loader *, const config_setting_t *,
    const char *);
const char *text_recipient_pattern(struct loader *, const config_setting_t *,
    const char *);

/* --- texts of probes (config_probe.c) --- */

const char *text_ca_file(struct loader *, const config_setting_t *,
    const char *);
const char *text_name_server(struct loader *, const config_setting_t *,
    const char *text);
const char *text_source(struct loader *, const config_setting_t *,
    const char *);
const char *text_helo(struct loader *, const config_setting_t *, const char *);
const char *text_tls_name(struct loader *, const config_setting_t *,
    const char *);
const char *text_auth(struct loader *, const config_setting_t *, const char *);

/* --- reporting (config_report.c) --- */

/* "FILE:LINE: SETTING: text"; the format never comes from data. */
void report(struct loader *, const config_setting_t *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* "VALUE RIGHT" of a text that is not taken; NULL, for a text_fn to return. */
const char *refuse(struct loader *, const config_setting_t *at,
    const char *text, const char *right);

/* The same for a setting 'name' that stands in a group, or should. */
void report_in(struct loader *, const config_setting_t *group,
    const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for a place in a text that is no setting; line 0: none. */
void report_at(struct loader *, const char *file, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * The same for a value in a text that libconfig would misread, of a setting
 * that begins in line 'from'; "": not known of which. What is made of it is not
 * told again.
 */
void report_value(struct loader *, const char *file, unsigned from,
    unsigned line, const char *setting, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* A file as libconfig names it (NULL: not an included one), as it is shown. */
const char *shown_file(const struct loader *, const char *file,
    char buf[PATH_MAX]);

/* "connectors[outbound].members[isp-a].cost"; what is too long is cut. */
enum { SETTING_PATH_MAX = 256 };
void setting_path(const config_setting_t *, char path_r[SETTING_PATH_MAX]);

/* A value as an administrator wrote it, quoted, harmless and not too long. */
enum { SHOWN_MAX = 96 };
const char *shown(const char *text, char buf[SHOWN_MAX]);

/* "a string", "a number": what a setting is. */
const char *shown_type(const config_setting_t *);

#endif
