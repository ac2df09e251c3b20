/*
 * weirctl: shows, explains and steers the two daemons.
 */
#include "ctl.h"

#include "autoconfig.h"
#include "io/standard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum ctl_exit
say_usage(struct ctl *ctl, const char *why)
{
	(void)ctl_say(ctl, CTL_USAGE, "%s", why);
	(void)fprintf(stderr, "Try: weirctl help\n");
	return CTL_USAGE;
}

static enum ctl_exit
say_no_command(struct ctl *ctl, int argc, char *const *argv)
{
	const char *near = command_nearest(argc, argv);
	char why[ARGS_WHY_MAX];

	if (argc == 0) {
		ctl->page.out = stderr;
		ctl->page.colour = false;
		commands_help(&ctl->page);
		return CTL_USAGE;
	}
	(void)snprintf(why, sizeof(why), "there is no command %.80s%s%s%s",
	    argv[0], near != NULL ? "; did you mean " : "",
	    near != NULL ? near : "", near != NULL ? "?" : "");
	return say_usage(ctl, why);
}

static enum ctl_exit
say_operands(struct ctl *ctl, const struct command *command, size_t given)
{
	char why[ARGS_WHY_MAX];

	if (given < command->min)
		(void)snprintf(why, sizeof(why), "%s needs %s: weirctl %s %s",
		    command->name, command->operands, command->name,
		    command->operands);
	else
		(void)snprintf(why, sizeof(why), "%s takes no argument%s%s",
		    command->name, command->max > 0 ? " beyond " : "",
		    command->operands);
	return say_usage(ctl, why);
}

/* weirctl help [COMMAND], weirctl --help */
static enum ctl_exit
run_help(struct ctl *ctl, int argc, char *const *argv)
{
	const struct command *command;
	int words;

	if (argc == 0) {
		commands_help(&ctl->page);
		return CTL_DONE;
	}
	command = command_find(argc, argv, &words);
	if (command == NULL)
		return say_no_command(ctl, argc, argv);
	command_help(command, &ctl->page);
	return CTL_DONE;
}

static void
take_common(struct ctl *ctl, const struct args *args)
{
	ctl->config_given = args_given(args, "config");
	ctl->config = args_value(args, "config", WEIR_SYSCONFDIR "/weir.conf");
	ctl->json = args_given(args, "json");
}

static enum ctl_exit
run_command(struct ctl *ctl, const struct command *command,
    struct args *args, int argc, char *const *argv)
{
	const struct option *tables[] = { common_options, command->options,
		NULL };
	char why[ARGS_WHY_MAX];

	if (args_parse(args, tables, argc, argv, true, why) == -1)
		return say_usage(ctl, why);
	take_common(ctl, args);
	if (args_given(args, "help")) {
		command_help(command, &ctl->page);
		return CTL_DONE;
	}
	if (args->noperands < command->min || args->noperands > command->max)
		return say_operands(ctl, command, args->noperands);
	return command->run(ctl, args);
}

static enum ctl_exit
run(struct ctl *ctl, int argc, char *const *argv)
{
	const struct option *tables[] = { common_options, NULL };
	const struct command *command;
	struct args args = { .ngiven = 0 };
	char why[ARGS_WHY_MAX];
	int taken = args_parse(&args, tables, argc, argv, false, why);
	int words;

	if (taken == -1)
		return say_usage(ctl, why);
	take_common(ctl, &args);
	argc -= taken;
	argv += taken;
	if (args_given(&args, "version")) {
		page_line(&ctl->page, PAINT_PLAIN, "weirctl %s", VERSION);
		return CTL_DONE;
	}
	if (argc > 0 && strcmp(argv[0], "help") == 0)
		return run_help(ctl, argc - 1, argv + 1);
	command = command_find(argc, argv, &words);
	if (args_given(&args, "help"))
		return run_help(ctl, argc, argv);
	if (command == NULL)
		return say_no_command(ctl, argc, argv);
	return run_command(ctl, command, &args, argc - words, argv + words);
}

int
main(int argc, char *argv[])
{
	struct ctl ctl = { .page = { .out = stdout } };
	enum ctl_exit code;

	standard_open();
	ctl.page.colour = page_wants_colour(stdout, getenv("NO_COLOR"),
	    getenv("TERM"));
	code = run(&ctl, argc - 1, argv + 1);
	state_client_free(&ctl.client);
	free(ctl.socket);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		perror("weirctl: standard output");
		return code == CTL_DONE ? CTL_NO : code;
	}
	return code;
}
