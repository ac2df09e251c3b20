/*
 * The source of a table of owners, and the same bytes as a value. Whatever they
 * are: words lie within them and in their order, lines are those of the text,
 * and rows have one canonical form that is read again as the same rows.
 */
#include "fuzz.h"

#include "core/owner_text.h"
#include "io/owner_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned
line_of(const char *bytes, const char *at)
{
	unsigned line = 1;

	for (; bytes < at; bytes++)
		line += *bytes == '\n';
	return line;
}

static void
check_words(const char *bytes, size_t size, bool value)
{
	struct owner_text text;
	enum owner_word kind;
	const char *word, *end = bytes;
	unsigned line;
	size_t len;

	if (value)
		owner_text_value(&text, bytes, size);
	else
		owner_text_file(&text, bytes, size);
	while ((kind = owner_text_next(&text, &word, &len, &line)) !=
	    OWNER_WORD_END) {
		check(word >= end && len > 0 && word + len <= bytes + size);
		check(line == line_of(bytes, word));
		check(memchr(word, '\n', len) == NULL);
		check(kind == OWNER_WORD_SENDER || word == bytes ||
		    word[-1] == '\n');
		end = word + len;
	}
	check(text.at == text.end);
}

/* As an administrator would write the row, which is what it was read from. */
static void
print_row(FILE *out, const struct identity_user *row)
{
	(void)fprintf(out, "%s", row->user);
	for (size_t i = 0; i < row->senders.count; i++)
		(void)fprintf(out, " %s", row->senders.list[i]);
	for (size_t i = 0; i < row->denied.count; i++)
		(void)fprintf(out, " !%s", row->denied.list[i]);
	(void)fputc('\n', out);
}

static struct owners *
read_rows(const struct config *config, const char *bytes, size_t size)
{
	static struct config_errors errors;
	struct owner_rows *rows;
	struct owners *owners;

	errors.count = 0;
	rows = owner_rows_new(config, "table", &errors);
	owner_rows_file(rows, bytes, size);
	owners = owner_rows_end(&rows);
	check((owners == NULL) == (errors.count > 0));
	return owners;
}

static void
check_again(const struct config *config, const struct owners *owners)
{
	struct owners *again;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)fputs("#\n", out);
	for (size_t i = 0; i < owners_count(owners); i++)
		print_row(out, owners_row(owners, i));
	(void)fclose(out);
	again = read_rows(config, text, len);
	check(again != NULL && owners_count(again) == owners_count(owners));
	for (size_t i = 0; i < owners_count(owners); i++) {
		const struct identity_user *row = owners_row(owners, i);
		const struct identity_user *same = owners_find(again,
		    row->user);

		check(same != NULL &&
		    same->senders.count == row->senders.count &&
		    same->denied.count == row->denied.count);
	}
	owners_unref(&again);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config *config;
	const char *bytes = (const char *)data;
	struct owners *owners;

	if (config == NULL)
		config = config_new();
	config->identities.realm = "example.com";
	check_words(bytes, size, false);
	check_words(bytes, size, true);
	owners = read_rows(config, bytes, size);
	if (owners != NULL)
		check_again(config, owners);
	owners_unref(&owners);
	return 0;
}
