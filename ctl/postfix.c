/*
 * weirctl postfix: the settings Weir needs in a Postfix, printed, set or put
 * back. What they are: postfix_plan.c; what they were: undo.c; here is who
 * runs postconf and writes the record.
 */
#include "postfix_run.h"

#include "io/child.h"
#include "io/clock.h"
#include "io/config_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_MODE = 0600, PATIENCE_S = 30 };

/* --- reading what there is --- */

static const char *const files[] = { MAIN_CF, "master.cf" };

enum { FILES = 2 };

static void
path_of(const struct run *run, const char *name, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, "%.3900s/%s", run->directory, name);
}

static enum ctl_exit
say_errno(const struct run *run, const char *path)
{
	return ctl_say(run->ctl, CTL_NO, "%s: %s", path, strerror(errno));
}

static enum ctl_exit
read_directory(struct run *run, const char *given)
{
	if (given == NULL)
		return CTL_DONE;
	if (realpath(given, run->directory) == NULL)
		return ctl_say(run->ctl, CTL_NO, "-C %s: %s", given,
		    strerror(errno));
	run->given = run->directory;
	return CTL_DONE;
}

static enum ctl_exit
read_postfix(struct run *run)
{
	char why[POSTCONF_WHY_MAX];

	postfix_free(&run->postfix);
	run->postfix = postfix_read(run->given, why);
	if (run->postfix == NULL)
		return ctl_say(run->ctl, CTL_NO, "%s", why);
	if (run->given == NULL)
		(void)snprintf(run->directory, sizeof(run->directory), "%s",
		    postfix_value(run->postfix, NULL, "config_directory"));
	return CTL_DONE;
}

static enum ctl_exit
read_record(struct run *run)
{
	char path[PATH_MAX];
	struct content content;

	path_of(run, UNDO_FILE, path);
	if (content_read(path, &content) == -1)
		return errno == ENOENT ? CTL_DONE : say_errno(run, path);
	run->record = json_loadb(content.text, content.len, 0, NULL);
	free(content.text);
	if (undo_valid(run->record))
		return CTL_DONE;
	return ctl_say(run->ctl, CTL_NO, "%s is not what weirctl postfix "
	    "--apply writes: look at it, and move it away", path);
}

static enum ctl_exit
read_config(struct run *run)
{
	struct config_errors *errors = calloc(1, sizeof(*errors));
	enum ctl_exit code = CTL_DONE;

	if (errors == NULL)
		abort();
	run->config = config_load(run->ctl->config, errors);
	if (run->config == NULL && !run->ctl->json)
		config_errors_print(errors, stderr);
	if (run->config == NULL)
		code = ctl_say(run->ctl, CTL_NO, "%s has mistakes: weirctl "
		    "config check tells them", run->ctl->config);
	free(errors);
	return code;
}

static void
make_plan(struct run *run, const struct args *args)
{
	struct plan_wish wish = {
		.socketmap = args_given(args, "socketmap"),
		.our_default_transport = undo_default_transport(run->record),
	};

	plan_free(&run->plan);
	run->plan = plan_make(run->postfix, run->config, &wish);
}

/* --- what is run for a change --- */

static void
said_cb(void *ctx, const char *line)
{
	(void)snprintf(ctx, SAID_MAX, "%s", line);
}

static int
run_command(struct run *run, const char *const *argv)
{
	run->said[0] = '\0';
	return child_run(argv, 2,
	    mono_add(clock_now().mono, span_s(PATIENCE_S)), said_cb, run->said);
}

static enum ctl_exit
run_change(struct run *run, const struct plan_change *change)
{
	struct command_line command;

	if (change->after != NULL &&
	    strlen(change->after) + strlen(change->where) + 300 >
	    sizeof(command.word))
		return ctl_say(run->ctl, CTL_NO, "%s of %s is too long",
		    change->name != NULL ? change->name : "the entry",
		    change->where);
	command_make(&command, run, change);
	if (run_command(run, command.argv) == 0)
		return CTL_DONE;
	return ctl_say(run->ctl, CTL_NO, "postconf did not set %s: %s",
	    command.word, run->said[0] != '\0' ? run->said :
	    "it could not be run");
}

static enum ctl_exit
run_changes(struct run *run)
{
	enum ctl_exit code = CTL_DONE;

	for (int rank = 0; rank < RANKS; rank++) {
		for (size_t i = 0; i < run->plan->nchanges && code == CTL_DONE;
		     i++) {
			if (change_rank(&run->plan->changes[i]) == rank)
				code = run_change(run, &run->plan->changes[i]);
		}
	}
	return code;
}

/* --- the record --- */

static enum ctl_exit
write_record(struct run *run)
{
	struct content content;
	char path[PATH_MAX];
	int result;

	path_of(run, UNDO_FILE, path);
	content.text = json_dumps(run->record, JSON_INDENT(1));
	if (content.text == NULL)
		abort();
	content.len = strlen(content.text);
	result = content_write(path, &content, RECORD_MODE);
	free(content.text);
	return result == 0 ? CTL_DONE : say_errno(run, path);
}

typedef void (*file_fn)(json_t *record, const char *file,
    const struct content *);

static enum ctl_exit
record_files(struct run *run, file_fn fn)
{
	for (size_t i = 0; i < FILES; i++) {
		struct content content;
		char path[PATH_MAX];

		path_of(run, files[i], path);
		if (content_read(path, &content) == -1)
			return say_errno(run, path);
		fn(run->record, files[i], &content);
		free(content.text);
	}
	return CTL_DONE;
}

/* The record comes first: what was half done can be undone. */
static enum ctl_exit
apply_changes(struct run *run)
{
	enum ctl_exit code, recorded;

	if (run->record == NULL)
		run->record = undo_new();
	undo_take(run->record, run->plan);
	code = record_files(run, undo_file_before);
	if (code == CTL_DONE)
		code = write_record(run);
	if (code != CTL_DONE)
		return code;
	code = run_changes(run);
	recorded = record_files(run, undo_file_after);
	if (recorded == CTL_DONE)
		recorded = write_record(run);
	return code != CTL_DONE ? code : recorded;
}

/* --- postfix reload --- */

static enum ctl_exit
reload(struct run *run)
{
	const char *argv[] = { "postfix", "-c", run->directory, "status",
		NULL };

	run->reloaded = "Postfix does not run: it will read this at its start";
	if (run_command(run, argv) != 0)
		return CTL_DONE;
	argv[3] = "reload";
	if (run_command(run, argv) != 0)
		return ctl_say(run->ctl, CTL_NO, "postfix reload: %s",
		    run->said);
	run->reloaded = "Postfix has reloaded";
	return CTL_DONE;
}

/* --- the three of them --- */

static enum ctl_exit
read_all(struct run *run, const struct args *args)
{
	enum ctl_exit code = read_config(run);

	if (code == CTL_DONE)
		code = read_postfix(run);
	if (code == CTL_DONE)
		code = read_record(run);
	if (code == CTL_DONE)
		make_plan(run, args);
	return code;
}

static enum ctl_exit
show(struct run *run, const struct args *args)
{
	enum ctl_exit code = read_all(run, args);

	if (code != CTL_DONE)
		return code;
	run_tell(run, NULL,
	    "what is to be set; weirctl postfix --apply does it");
	return plan_stopped(run->plan) ? CTL_NO : CTL_DONE;
}

static enum ctl_exit
apply(struct run *run, const struct args *args)
{
	enum ctl_exit code = read_all(run, args);

	if (code != CTL_DONE)
		return code;
	if (plan_stopped(run->plan)) {
		run_tell(run, NULL, "nothing is set before this is mended");
		return CTL_NO;
	}
	if (run->plan->nchanges != 0)
		code = apply_changes(run);
	if (code == CTL_DONE && args_given(args, "reload"))
		code = reload(run);
	if (code == CTL_DONE)
		run_tell(run, "applied", "this was set");
	return code;
}

/* Puts back whole what nobody has touched since; which files those were. */
static enum ctl_exit
restore_files(struct run *run, bool edited_r[FILES])
{
	for (size_t i = 0; i < FILES; i++) {
		struct content now, then;
		char path[PATH_MAX];
		int result = 0;

		path_of(run, files[i], path);
		if (content_read(path, &now) == -1)
			return say_errno(run, path);
		then = undo_file(run->record, files[i], &now);
		edited_r[i] = then.text == NULL;
		if (!edited_r[i] && (then.len != now.len ||
		    memcmp(then.text, now.text, now.len) != 0)) {
			result = content_write(path, &then, 0644);
			json_array_append_new(run->restored_files,
			    json_string(files[i]));
			run->restored = true;
		}
		free(now.text);
		free(then.text);
		if (result == -1)
			return say_errno(run, path);
	}
	return CTL_DONE;
}

static enum ctl_exit
remove_record(struct run *run)
{
	char path[PATH_MAX];

	path_of(run, UNDO_FILE, path);
	return unlink(path) == 0 ? CTL_DONE : say_errno(run, path);
}

static enum ctl_exit
undo_changes(struct run *run)
{
	bool edited[FILES] = { false };
	enum ctl_exit code = restore_files(run, edited);

	if (code != CTL_DONE)
		return code;
	run->plan = undo_plan(run->record, run->postfix, edited[0], edited[1]);
	code = run_changes(run);
	return code == CTL_DONE ? remove_record(run) : code;
}

static enum ctl_exit
undo(struct run *run, const struct args *args)
{
	enum ctl_exit code = read_postfix(run);

	if (code == CTL_DONE)
		code = read_record(run);
	if (code == CTL_DONE && run->record == NULL)
		return ctl_say(run->ctl, CTL_NO, "nothing was applied to the "
		    "Postfix in %s: it has no %s", run->directory, UNDO_FILE);
	if (code == CTL_DONE)
		code = undo_changes(run);
	if (code == CTL_DONE && args_given(args, "reload"))
		code = reload(run);
	if (code == CTL_DONE)
		run_tell(run, "undone", "this was put back");
	return code;
}

enum ctl_exit
run_postfix(struct ctl *ctl, const struct args *args)
{
	struct run run = { .ctl = ctl };
	bool applies = args_given(args, "apply");
	bool undoes = args_given(args, "undo");
	enum ctl_exit code;

	if (applies && undoes)
		return ctl_say(ctl, CTL_USAGE, "--apply or --undo, not both");
	if (args_given(args, "reload") && !applies && !undoes)
		return ctl_say(ctl, CTL_USAGE,
		    "--reload goes with --apply or --undo");
	run.restored_files = json_array();
	code = read_directory(&run, args_value(args, "postfix-config", NULL));
	if (code == CTL_DONE)
		code = applies ? apply(&run, args) :
		    undoes ? undo(&run, args) : show(&run, args);
	plan_free(&run.plan);
	postfix_free(&run.postfix);
	config_unref(&run.config);
	json_decref(run.record);
	json_decref(run.restored_files);
	return code;
}
