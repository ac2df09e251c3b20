/*
 * vasprintf(3) into an arena.
 */
#include "arena_text.h"

#include <stdio.h>
#include <stdlib.h>

const char *
arena_vtext(struct arena *arena, const char *fmt, va_list args)
{
	char *text;
	const char *copy;

	if (vasprintf(&text, fmt, args) == -1)
		abort();
	copy = arena_copy(arena, text);
	free(text);
	return copy;
}

const char *
arena_text(struct arena *arena, const char *fmt, ...)
{
	const char *text;
	va_list args;

	va_start(args, fmt);
	text = arena_vtext(arena, fmt, args);
	va_end(args);
	return text;
}
