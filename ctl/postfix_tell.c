/*
 * What weirctl postfix would do or did: a script for a person, or JSON.
 */
#include "bytes.h"
#include "postfix_run.h"

#include <stdio.h>
#include <string.h>

/* --- commands --- */

static void
command_add(struct command_line *command, const char *word)
{
	command->argv[command->argc++] = word;
	command->argv[command->argc] = NULL;
}

/* In which order: a service is there before it is named, and goes after. */
int
change_rank(const struct plan_change *change)
{
	if (change->name == NULL)
		return change->after != NULL ? 0 : 3;
	return strcmp(change->where, MAIN_CF) == 0 ? 1 : 2;
}

void
command_make(struct command_line *command, const struct run *run,
    const struct plan_change *change)
{
	bool main_cf = strcmp(change->where, MAIN_CF) == 0;
	const char *name = change->name != NULL ? change->name : "";

	command->argc = 0;
	command_add(command, "postconf");
	if (run->given != NULL) {
		command_add(command, "-c");
		command_add(command, run->given);
	}
	if (!main_cf)
		command_add(command, change->name != NULL ? "-P" : "-M");
	command_add(command, change->after != NULL ? "-e" : "-X");
	(void)snprintf(command->word, sizeof(command->word), "%s%s%s%s%s",
	    main_cf ? "" : change->where,
	    !main_cf && change->name != NULL ? "/" : "", name,
	    change->after != NULL ? "=" : "",
	    change->after != NULL ? change->after : "");
	command_add(command, command->word);
}

/* --- telling --- */

/* A word as a shell takes it. */
static const char *
shell_word(struct plan *plan, const char *word)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
	char *quoted = arena_alloc(plan->arena, 4 * strlen(word) + 3);
	char *to = quoted;

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0')
		return word;
	*to++ = '\'';
	for (; *word != '\0'; word++) {
		if (*word == '\'') {
			memcpy(to, "'\\''", 4);
			to += 4;
		} else {
			*to++ = *word;
		}
	}
	*to = '\'';
	return quoted;
}

static void
change_print(const struct run *run, const struct plan_change *change)
{
	struct command_line command;
	char line[sizeof(command.word) + PATH_MAX + 64];
	size_t len = 0;

	command_make(&command, run, change);
	for (size_t i = 0; i < command.argc; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
		    i > 0 ? " " : "", shell_word(run->plan, command.argv[i]));
	page_line(&run->ctl->page, PAINT_PLAIN, "%s", line);
}

static const struct {
	const char *name;
	enum paint paint;
} levels[] = {
	[PLAN_SAY] = { "note", PAINT_DIM },
	[PLAN_WARN] = { "warning", PAINT_WARN },
	[PLAN_STOP] = { "error", PAINT_BAD },
};

static void
notes_print(const struct run *run)
{
	for (size_t i = 0; i < run->plan->nnotes; i++) {
		const struct plan_note *n = &run->plan->notes[i];

		page_line(&run->ctl->page, levels[n->level].paint, "# %s: %s",
		    levels[n->level].name, n->text);
	}
}

static bool
did_anything(const struct run *run)
{
	return run->plan->nchanges != 0 || run->restored;
}

/* In the order they are made, each reason once. */
static void
changes_print(const struct run *run)
{
	const char *why = "";

	for (int rank = 0; rank < RANKS; rank++) {
		for (size_t i = 0; i < run->plan->nchanges; i++) {
			const struct plan_change *c = &run->plan->changes[i];

			if (change_rank(c) != rank)
				continue;
			if (strcmp(why, c->why) != 0)
				page_line(&run->ctl->page, PAINT_DIM, "# %s",
				    c->why);
			why = c->why;
			change_print(run, c);
		}
	}
}

/* A script: what is to be done, or was. */
static void
print(const struct run *run, const char *head)
{
	struct page *page = &run->ctl->page;
	const json_t *file;
	size_t i;

	page_line(page, PAINT_DIM, "# Postfix in %s: %s", run->directory,
	    did_anything(run) ? head : "nothing to do");
	notes_print(run);
	json_array_foreach(run->restored_files, i, file)
		page_line(page, PAINT_DIM, "# %s/%s is as it was",
		    run->directory, json_string_value(file));
	changes_print(run);
	if (run->reloaded != NULL)
		page_line(page, PAINT_DIM, "# %s", run->reloaded);
	else if (did_anything(run))
		page_line(page, PAINT_PLAIN, "postfix%s%s reload",
		    run->given != NULL ? " -c " : "", run->given == NULL ? "" :
		    shell_word(run->plan, run->given));
}

static json_t *
value_json(const char *text)
{
	json_t *string;

	if (text == NULL)
		return json_null();
	string = json_string(text);
	return string != NULL ? string : bytes_json(text, strlen(text));
}

static json_t *
change_json(const struct plan_change *change)
{
	json_t *object = json_object();

	json_object_set_new(object, "where", value_json(change->where));
	json_object_set_new(object, "name", value_json(change->name));
	json_object_set_new(object, "before", value_json(change->before));
	json_object_set_new(object, "after", value_json(change->after));
	json_object_set_new(object, "why", value_json(change->why));
	return object;
}

static json_t *
note_json(const struct plan_note *note)
{
	json_t *object = json_object();

	json_object_set_new(object, "level",
	    json_string(levels[note->level].name));
	json_object_set_new(object, "text", value_json(note->text));
	return object;
}

static void
print_json(const struct run *run, const char *done)
{
	const struct plan *plan = run->plan;
	json_t *object = json_object(), *changes = json_array();
	json_t *notes = json_array();

	for (size_t i = 0; i < plan->nchanges; i++)
		json_array_append_new(changes, change_json(&plan->changes[i]));
	for (size_t i = 0; i < plan->nnotes; i++)
		json_array_append_new(notes, note_json(&plan->notes[i]));
	json_object_set_new(object, "directory", value_json(run->directory));
	json_object_set_new(object, "done", value_json(done));
	json_object_set_new(object, "socketmap",
	    json_boolean(plan->socketmap));
	json_object_set_new(object, "changes", changes);
	json_object_set(object, "restored", run->restored_files);
	json_object_set_new(object, "notes", notes);
	json_object_set_new(object, "reload", value_json(run->reloaded));
	ctl_print_json(run->ctl, object);
	json_decref(object);
}

void
run_tell(const struct run *run, const char *done, const char *head)
{
	if (run->ctl->json)
		print_json(run, done);
	else
		print(run, head);
}
