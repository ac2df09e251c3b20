/*
 * One run of weirctl postfix, as its two files share it: postfix.c does,
 * postfix_tell.c says.
 */
#ifndef WEIR_CTL_POSTFIX_RUN_H
#define WEIR_CTL_POSTFIX_RUN_H

#include "ctl.h"
#include "undo.h"

#include <limits.h>

enum { SAID_MAX = 512, RANKS = 4 };

struct run {
	struct ctl *ctl;
	const char *given;        /* -C, absolute, or NULL */
	char directory[PATH_MAX]; /* of main.cf */
	struct postfix *postfix;
	struct config *config;
	struct plan *plan;
	json_t *record; /* NULL: nothing was applied so far */
	bool restored;  /* a file was put back whole */
	json_t *restored_files;
	const char *reloaded; /* what became of --reload, NULL: not asked */
	char said[SAID_MAX];  /* by a program that failed */
};

/* In which order changes are made: below RANKS. */
int change_rank(const struct plan_change *);

struct command_line {
	const char *argv[8];
	size_t argc;
	char word[16384]; /* the last argument */
};

/* The postconf command that makes a change. */
void command_make(
    struct command_line *, const struct run *, const struct plan_change *);

/* done: "applied", "undone", or NULL; head: the same for a person. */
void run_tell(const struct run *, const char *done, const char *head);

#endif
