/*
 * A Postfix as postconf(1) tells it: every setting of main.cf, and the
 * services of master.cf with their own (-o).
 *
 * Read once, then looked at by pure functions; tests fill it from texts. What
 * is "raw" stands as the administrator wrote it, for writing it again; the
 * other values have their $names replaced.
 */
#ifndef WEIR_CTL_POSTCONF_H
#define WEIR_CTL_POSTCONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POSTCONF_SECONDS = 30, POSTCONF_WHY_MAX = 512 };

struct postfix_service {
	const char *id; /* "submission/inet" */
	const char *name, *type;
	const char *command;      /* "smtpd" */
	const char *line;         /* the whole entry, on one line */
	char chroot, limit_given; /* 'y', 'n' or '-' ; a digit or '-' */
	unsigned limit;           /* of processes, when limit_given */
};

struct postfix;

struct postfix *postfix_new(void);
void postfix_free(struct postfix **);

/*
 * Takes one line of postconf's output; anything else in it is passed over.
 * Services first, then their settings.
 */
void postfix_take_raw(struct postfix *, const char *line);     /* postconf */
void postfix_take_value(struct postfix *, const char *line);   /* -x */
void postfix_take_given(struct postfix *, const char *line);   /* -n */
void postfix_take_service(struct postfix *, const char *line); /* -M */
void postfix_take_own_raw(struct postfix *, const char *line); /* -P */
void postfix_take_own(struct postfix *, const char *line);     /* -P -x */

/*
 * Runs postconf for the instance of that directory, NULL: the system's own.
 * NULL and why in words.
 */
struct postfix *postfix_read(
    const char *directory, char why_r[POSTCONF_WHY_MAX]);

/*
 * The next service after one, or the first after NULL; and one by its id, or
 * NULL.
 */
const struct postfix_service *postfix_next(
    const struct postfix *, const struct postfix_service *);
const struct postfix_service *postfix_service(
    const struct postfix *, const char *id);

/*
 * A setting as it holds for a service (NULL: for those that do not say
 * otherwise). "" when Postfix does not know it.
 */
const char *postfix_value(
    const struct postfix *, const struct postfix_service *, const char *name);
const char *postfix_raw(
    const struct postfix *, const struct postfix_service *, const char *name);

/*
 * As it stands in main.cf (service NULL) or among the service's own; NULL:
 * it does not.
 */
const char *postfix_given(
    const struct postfix *, const struct postfix_service *, const char *name);

/* Does this Postfix know the setting at all? */
bool postfix_knows(const struct postfix *, const char *name);

bool postfix_yes(
    const struct postfix *, const struct postfix_service *, const char *name);

/* "30s", "5m", "1h": seconds; 0 when it is none. */
int64_t postfix_seconds(const char *value);

/* What its fields mean where they say '-'. */
bool service_chrooted(const struct postfix *, const struct postfix_service *);
unsigned service_limit(
    const struct postfix *, const struct postfix_service *); /* 0: none */

/* An inet service's port: 587 of "submission" and "127.0.0.1:587"; 0: none. */
uint16_t service_port(const struct postfix_service *);

/*
 * What a service is to us: clients come in by it; or it takes mail back that
 * came in already (behind a content filter) or was told to ask no milter; or
 * it is no smtpd. Port 25 takes mail from everyone.
 */
enum service_role {
	SERVICE_OTHER,
	SERVICE_BACK,
	SERVICE_CLIENTS,
	SERVICE_PORT_25
};
enum service_role service_role(
    const struct postfix *, const struct postfix_service *);

#endif
