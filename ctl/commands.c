/*
 * Every command in one table: what it is called, what it takes, what it says
 * of itself, and the function that does it.
 */
#include "ctl.h"

#include "core/nearest.h"

#include <stdio.h>
#include <string.h>

enum { NAME_TYPED_MAX = 130 };

const struct option common_options[] = {
	{ "config", 'c', "FILE", "the configuration (" WEIR_SYSCONFDIR
	    "/weir.conf)" },
	{ "json", '\0', NULL, "print one JSON object instead of text" },
	{ "help", 'h', NULL, "say what it does and takes" },
	{ "version", 'V', NULL, "print the version" },
	{ NULL, '\0', NULL, NULL },
};

static const struct option host_options[] = {
	{ "check", '\0', NULL, "exit 1 unless it is healthy" },
	{ NULL, '\0', NULL, NULL },
};

static const struct option hosts_options[] = {
	{ "watch", 'w', NULL, "go on, as they change, until Ctrl-C" },
	{ NULL, '\0', NULL, NULL },
};

static const struct option drain_options[] = {
	{ "for", '\0', "TIME", "enable it again after this time: 30m, 2h" },
	{ "requeue", '\0', NULL, "move queued mail pinned to it; needs root" },
	{ "postfix-config", 'C', "DIR", "of the Postfix whose queue it is" },
	{ NULL, '\0', NULL, NULL },
};

static const struct option explain_options[] = {
	{ "user", 'u', "LOGIN", "who logged in" },
	{ "sender", 's', "ADDRESS", "envelope sender, <> for the null one" },
	{ "recipient", 'r', "ADDRESS", "a recipient; may be given again" },
	{ "client", '\0', "IP", "the address the client comes from" },
	{ "listener", 'l', "NAME", "the listener it came in by (default)" },
	{ "from", '\0', "HEADER", "the value of the From header" },
	{ "header", '\0', "HEADER", "another header, \"Sender: ADDRESS\"; "
	    "may be given again" },
	{ "queue-id", 'q', "ID", "what was decided about this message" },
	{ "ref", '\0', "CODE", "what was refused with this reference" },
	{ NULL, '\0', NULL, NULL },
};

static const struct option limits_options[] = {
	{ "key", 'k', "KEY", "only this one: a login, an address, a client" },
	{ "top", 'n', "N", "the N nearest to their limit (20)" },
	{ NULL, '\0', NULL, NULL },
};

static const struct option reset_options[] = {
	{ "rule", '\0', "NAME", "only what this throttle counted" },
	{ NULL, '\0', NULL, NULL },
};

static const struct option events_options[] = {
	{ "number", 'n', "N", "the last N (20)" },
	{ "follow", 'f', NULL, "go on with new ones until Ctrl-C" },
	{ NULL, '\0', NULL, NULL },
};

static const struct option postfix_options[] = {
	{ "postfix-config", 'C', "DIR", "of its main.cf; default: the "
	    "system's own Postfix" },
	{ "apply", '\0', NULL, "set them, by postconf; needs root" },
	{ "undo", '\0', NULL, "put back what --apply changed" },
	{ "socketmap", '\0', NULL, "also the part for queued mail, "
	    "whatever pin is" },
	{ "reload", '\0', NULL, "and postfix reload, where it runs" },
	{ NULL, '\0', NULL, NULL },
};

static const struct option doctor_options[] = {
	{ "postfix-config", 'C', "DIR", "of its main.cf; default: the "
	    "system's own Postfix" },
	{ NULL, '\0', NULL, NULL },
};

static const struct command commands[] = {
	{ "status", "", 0, 0, NULL,
	    "what runs, what it holds, how many hosts are healthy", NULL,
	    run_status },
	{ "hosts", "", 0, 0, hosts_options,
	    "every smart host: state, share of the mail, last error", NULL,
	    run_hosts },
	{ "host", "NAME", 1, 1, host_options,
	    "one smart host with its addresses", NULL, run_host },
	{ "drain", "NAME", 1, 1, drain_options,
	    "send nothing new by this host", "Mail already queued for it is "
	    "not touched, unless --requeue\nputs it in again: it then follows "
	    "the ordinary transport tables of Postfix.\n"
	    "Kept across restarts.", run_drain },
	{ "down", "NAME", 1, 1, NULL,
	    "treat this host as dead until it is enabled", "Kept across "
	    "restarts.", run_down },
	{ "enable", "NAME", 1, 1, NULL,
	    "end a drain or down", NULL, run_enable },
	{ "probe", "NAME", 1, 1, NULL,
	    "probe this host now, stage by stage", "What it finds counts for "
	    "its health. Exit status 1 when no address was good.",
	    run_probe },
	{ "explain", "", 0, 0, explain_options,
	    "what would happen to a message, or did, and why", "Changes and "
	    "counts nothing. Exit status 1 when it would not be accepted.",
	    run_explain },
	{ "limits reset", "KEY", 1, 1, reset_options,
	    "forget what a key used, so that it may go on",
	    "On disk when it returns.", run_limits_reset },
	{ "limits", "", 0, 0, limits_options,
	    "counters nearest to their limit", NULL, run_limits },
	{ "connections", "", 0, 0, NULL,
	    "open connections by source, and their limit", NULL,
	    run_connections },
	{ "events", "", 0, 0, events_options,
	    "what happened, oldest first", NULL, run_events },
	{ "reload", "", 0, 0, NULL,
	    "read weir.conf again, in both daemons", "Whole or not at all: "
	    "with a mistake in it each goes on as before.\nPrints what has "
	    "changed. Exit status 1 when a daemon did not take it.",
	    run_reload },
	{ "config check", "[FILE]", 0, 1, NULL,
	    "find every mistake in weir.conf", NULL, run_config_check },
	{ "config show", "", 0, 0, NULL,
	    "every setting with its value or default", NULL,
	    run_config_show },
	{ "postfix", "", 0, 0, postfix_options,
	    "the settings Weir needs in Postfix", "Prints them as a script "
	    "for this system; changes nothing unless told to.\nWhat is "
	    "there is kept, lists get ours in front. What it was stands "
	    "in\nweir-undo.json beside main.cf.", run_postfix },
	{ "doctor", "", 0, 0, doctor_options,
	    "what keeps Weir from its work, and what mends it", "Looks at "
	    "Postfix, at weir.conf, and at what runs; as root it sees "
	    "more.\nExit status 1 when there is an error; warnings alone "
	    "do not count.", run_doctor },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};

const struct command *
command_find(int argc, char *const *argv, int *words_r)
{
	for (const struct command *c = commands; c->name != NULL; c++) {
		const char *blank = strchr(c->name, ' ');
		size_t len = blank != NULL ? (size_t)(blank - c->name) :
		    strlen(c->name);

		*words_r = blank != NULL ? 2 : 1;
		if (argc < *words_r || strlen(argv[0]) != len ||
		    strncmp(argv[0], c->name, len) != 0)
			continue;
		if (blank == NULL || strcmp(argv[1], blank + 1) == 0)
			return c;
	}
	return NULL;
}

/* Both as one word and with the next, since some names have two. */
const char *
command_nearest(int argc, char *const *argv)
{
	const char *names[sizeof(commands) / sizeof(commands[0])];
	const char *near = NULL;
	char typed[NAME_TYPED_MAX];
	size_t count = 0;

	for (const struct command *c = commands; c->name != NULL; c++)
		names[count++] = c->name;
	if (argc > 1) {
		(void)snprintf(typed, sizeof(typed), "%.64s %.64s", argv[0],
		    argv[1]);
		near = nearest_word(typed, names, count);
	}
	if (near == NULL && argc > 0)
		near = nearest_word(argv[0], names, count);
	return near;
}

static void
options_help(const struct option *options, struct page *page)
{
	struct grid *grid = grid_new(NULL, "ll");
	char text[80];

	for (const struct option *o = options; o->name != NULL; o++) {
		(void)snprintf(text, sizeof(text), "  %s%.1s%s--%s%s%s",
		    o->letter != '\0' ? "-" : "",
		    o->letter != '\0' ? &o->letter : "",
		    o->letter != '\0' ? ", " : "    ", o->name,
		    o->value != NULL ? " " : "",
		    o->value != NULL ? o->value : "");
		grid_put(grid, PAINT_PLAIN, text);
		grid_put(grid, PAINT_PLAIN, o->help);
	}
	grid_print(grid, page);
	grid_free(&grid);
}

/* Line by line: a page escapes what would break one. */
static void
more_help(const char *more, struct page *page)
{
	while (*more != '\0') {
		size_t len = strcspn(more, "\n");

		page_line(page, PAINT_PLAIN, "%.*s", (int)len, more);
		more += len + (more[len] == '\n');
	}
}

void
command_help(const struct command *command, struct page *page)
{
	page_line(page, PAINT_BOLD, "weirctl [-c FILE] [--json] %s%s%s%s",
	    command->name, command->options != NULL ? " [OPTION]..." : "",
	    command->operands[0] != '\0' ? " " : "", command->operands);
	page_gap(page);
	page_line(page, PAINT_PLAIN, "%s.", command->help);
	if (command->more != NULL)
		more_help(command->more, page);
	page_gap(page);
	if (command->options != NULL)
		options_help(command->options, page);
	options_help(common_options, page);
}

void
commands_help(struct page *page)
{
	struct grid *grid = grid_new(NULL, "ll");
	char text[80];

	page_line(page, PAINT_BOLD, "weirctl [-c FILE] [--json] COMMAND");
	page_gap(page);
	for (const struct command *c = commands; c->name != NULL; c++) {
		(void)snprintf(text, sizeof(text), "  %s%s%s", c->name,
		    c->operands[0] != '\0' ? " " : "", c->operands);
		grid_put(grid, PAINT_PLAIN, text);
		grid_put(grid, PAINT_PLAIN, c->help);
	}
	grid_print(grid, page);
	grid_free(&grid);
	page_gap(page);
	options_help(common_options, page);
	page_gap(page);
	page_line(page, PAINT_PLAIN, "Each command has help of its own: "
	    "weirctl help COMMAND. Manual: weirctl(1).");
	page_line(page, PAINT_PLAIN, "Exit status: 0 done, 1 no (not found, "
	    "refused), 2 usage, 3 state not reachable.");
}
