/*
 * weirctl: what its commands share.
 *
 * A command is a row of a table (commands.c) and a function in the file of
 * its group. It asks the state one question, then prints the answer as it
 * came (--json) or for a person.
 */
#ifndef WEIR_CTL_CTL_H
#define WEIR_CTL_CTL_H

#include "args.h"
#include "grid.h"

#include "io/state_client.h"

#include <jansson.h>

enum ctl_exit {
	CTL_DONE = 0,
	CTL_NO = 1, /* not found, refused, not healthy where asked */
	CTL_USAGE = 2,
	CTL_AWAY = 3, /* the state cannot be reached */
};

struct ctl {
	const char *config; /* path of weir.conf */
	bool config_given; /* by -c */
	char *socket; /* of the state, once known */
	bool json;
	struct page page; /* stdout */
	char why[STATE_WHY_TEXT]; /* it was away when asked last */
	struct span patience; /* with one answer; 0: as usual */
	struct state_client *client; /* NULL until something was asked */
};

struct command {
	const char *name; /* "hosts", "config check" */
	const char *operands; /* "NAME", as help says it */
	size_t min, max; /* how many of them */
	const struct option *options; /* NULL: none */
	const char *help; /* one line */
	const char *more; /* further lines, may be NULL */
	enum ctl_exit (*run)(struct ctl *, const struct args *);
};

extern const struct option common_options[];

/* NULL when there is none; *words_r: how many of argv its name took. */
const struct command *command_find(int argc, char *const *argv,
    int *words_r);
const char *command_nearest(int argc, char *const *argv);
void command_help(const struct command *, struct page *);
void commands_help(struct page *);

/* Says on stderr (and as {"error": ...} with --json) what went wrong. */
enum ctl_exit ctl_say(const struct ctl *, enum ctl_exit, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The mistakes of a configuration: on stderr, with --json as an object. */
struct config_errors;
void ctl_say_mistakes(struct ctl *, const char *file,
    const struct config_errors *);

/*
 * Asks the state one thing. CTL_DONE and a new object, or why not, said
 * already.
 */
enum ctl_exit ctl_ask(struct ctl *, json_t **object_r, size_t argc,
    const char *const *argv);

/* The same without a word when the state is away: for weirctl events -f. */
enum ctl_exit ctl_ask_quietly(struct ctl *, json_t **object_r, size_t argc,
    const char *const *argv);

/* That it is away, and why, for those who asked quietly. */
enum ctl_exit ctl_say_away(const struct ctl *);

/* It is away because who runs us may not open its socket. */
bool ctl_is_denied(const struct ctl *);

/*
 * Calls fn, which asks quietly and prints, twice a second until Ctrl-C or until
 * nobody reads what we write; waits for a daemon that goes away meanwhile.
 */
typedef enum ctl_exit (*follow_fn)(struct ctl *, void *ctx);
enum ctl_exit ctl_follow(struct ctl *, follow_fn, void *ctx);

/* What HOST answers about it. */
enum ctl_exit host_ask(struct ctl *, const char *name, json_t **host_r);

/* Seconds of the wall clock. */
int64_t ctl_now(void);

/* Prints an object on one line. */
void ctl_print_json(const struct ctl *, const json_t *);

/* Which cap of a listener holds, in words: "per_source" -> "per source". */
const char *ctl_limit_by_words(const char *limit_by);

/* What a row of limits used: "12", "more than 10". */
enum { LIMIT_USED_WORDS_MAX = 48 };
const char *limit_used_words(const json_t *row,
    char buf[LIMIT_USED_WORDS_MAX]);

/* One event on a line. */
void event_print(struct ctl *, const json_t *);

/* The colour of "accept", "defer", "reject", ... */
enum paint verdict_paint(const char *verdict);

/* One command a function; see commands.c. */
enum ctl_exit run_status(struct ctl *, const struct args *);
enum ctl_exit run_connections(struct ctl *, const struct args *);
enum ctl_exit run_hosts(struct ctl *, const struct args *);
enum ctl_exit run_host(struct ctl *, const struct args *);
enum ctl_exit run_drain(struct ctl *, const struct args *);
enum ctl_exit run_down(struct ctl *, const struct args *);
enum ctl_exit run_enable(struct ctl *, const struct args *);
enum ctl_exit run_probe(struct ctl *, const struct args *);
enum ctl_exit run_explain(struct ctl *, const struct args *);
enum ctl_exit run_limits(struct ctl *, const struct args *);
enum ctl_exit run_limits_reset(struct ctl *, const struct args *);
enum ctl_exit run_events(struct ctl *, const struct args *);
enum ctl_exit run_reload(struct ctl *, const struct args *);
enum ctl_exit run_config_check(struct ctl *, const struct args *);
enum ctl_exit run_config_show(struct ctl *, const struct args *);
enum ctl_exit run_postfix(struct ctl *, const struct args *);
enum ctl_exit run_doctor(struct ctl *, const struct args *);

/* "isp-a had 71 % ...", a line for each that had any. */
void page_spread(struct page *, const json_t *spread);

/* "home isp-a carries 71 % ...", a line each; NULL: none. */
void page_skews(struct page *, const json_t *skews);

#endif
