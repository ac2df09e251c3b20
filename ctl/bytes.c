/*
 * JSON wants UTF-8, so each byte stands for a character up to U+FF.
 */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

json_t *
bytes_json(const char *text, size_t len)
{
	char *utf8 = malloc(2 * len + 1), *to = utf8;
	json_t *string;

	if (utf8 == NULL)
		abort();
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte >= 0x80)
			*to++ = (char)(0xc0 | byte >> 6);
		*to++ = (char)(byte < 0x80 ? byte : 0x80 | (byte & 0x3f));
	}
	string = json_stringn(utf8, (size_t)(to - utf8));
	free(utf8);
	return string;
}

json_t *
bytes_or_null(const char *text)
{
	return text != NULL ? bytes_json(text, strlen(text)) : json_null();
}

struct content
bytes_of(const json_t *string)
{
	struct content content = { NULL, 0 };
	const char *utf8 = json_string_value(string);
	size_t len = json_string_length(string);

	if (utf8 == NULL)
		return content;
	content.text = malloc(len + 1);
	if (content.text == NULL)
		abort();
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)utf8[i];

		if (byte >= 0xc0 && i + 1 < len)
			byte = (unsigned char)(byte << 6 |
			    ((unsigned char)utf8[++i] & 0x3f));
		content.text[content.len++] = (char)byte;
	}
	content.text[content.len] = '\0';
	return content;
}

bool
bytes_same(const json_t *string, const struct content *content)
{
	struct content then = bytes_of(string);
	bool same = then.text != NULL && content->text != NULL &&
		    then.len == content->len &&
		    memcmp(then.text, content->text, then.len) == 0;

	free(then.text);
	return same;
}
