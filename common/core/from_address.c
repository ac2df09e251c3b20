/*
 * The addr-spec of a From header (RFC 5322 3.4.1), brought to one form.
 */
#include "core/from_parser.h"
#include "core/text.h"
#include "core/utf8.h"

#include <string.h>

static bool
has_text(const char *text, size_t len, const char *part)
{
	return memmem(text, len, part, strlen(part)) != NULL;
}

/* Nothing in an address may be there without being seen. */
static bool
check_seen(struct from_parser *ps, const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c;

		n = utf8_next(text + i, len - i, &c);
		if (n == 0 || utf8_is_invisible(c))
			return from_fail(ps,
			    "an invisible character in an address");
		if (utf8_is_wide_at(c))
			return from_fail(ps, "an '@' within a local part");
	}
	return true;
}

/* dot-atom-text: atoms with single dots between them. */
static bool
is_dot_atom(const char *text, size_t len)
{
	bool dot = true;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '.' ? dot : !from_is_atext(c))
			return false;
		dot = c == '.';
	}
	return !dot;
}

/*
 * The quoted local part in ps->word, in canonical form: without quotes if it
 * needs none (RFC 5321 4.1.2), else with as few '\' as possible.
 */
bool
from_put_quoted_local(struct from_parser *ps, struct from_piece *address)
{
	const struct from_piece *word = &ps->word;

	if (ps->folded || memchr(word->bytes, '\t', word->len) != NULL)
		return from_fail(ps, "a tab or line end in a local part");
	if (word->len == 0)
		return from_fail(ps, "an empty local part");
	if (memchr(word->bytes, '@', word->len) != NULL)
		return from_fail(ps, "an '@' within a local part");
	if (is_dot_atom(word->bytes, word->len)) {
		memcpy(address->bytes, word->bytes, word->len);
		address->len = word->len;
		return true;
	}
	from_put(address, '"');
	for (size_t i = 0; i < word->len; i++) {
		if (word->bytes[i] == '"' || word->bytes[i] == '\\')
			from_put(address, '\\');
		from_put(address, word->bytes[i]);
	}
	from_put(address, '"');
	return true;
}

static bool
is_domain_char(int c)
{
	return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool
from_is_address(const char *hidden)
{
	const char *domain = strchr(hidden, '@');

	if (domain == NULL)
		return false;
	do {
		domain++;
	} while (is_domain_char((unsigned char)*domain));
	return *domain == '\0';
}

/* Labels of 1 to 63 bytes (RFC 1035 2.3.4; UTF-8 ones may get longer). */
static bool
check_domain(struct from_parser *ps, const char *domain, size_t len)
{
	size_t label = 0;

	for (size_t i = 0; i < len; i++) {
		if (domain[i] == '.' ? label == 0 : ++label > 63)
			return from_fail(ps,
			    "a domain with an empty or overlong label");
		if (domain[i] == '.')
			label = 0;
	}
	return label > 0 ||
	    from_fail(ps, "a domain that is empty or ends in a dot");
}

static bool
read_domain(struct from_parser *ps, struct from_piece *address)
{
	const char *start = ps->p;

	if (from_peek(ps) == '[')
		return from_fail(ps, "an address literal, which nobody owns");
	while (is_domain_char(from_peek(ps)))
		ps->p++;
	if (from_is_atext(from_peek(ps)))
		return from_fail(ps, "a character that no domain has");
	if (ps->p == start &&
	    (from_is_space(from_peek(ps)) || from_peek(ps) == '('))
		return from_fail(ps, "white space or a comment beside the '@'");
	if (!check_domain(ps, start, (size_t)(ps->p - start)))
		return false;
	for (; start < ps->p; start++)
		from_put(address, *start);
	return true;
}

bool
from_finish_address(struct from_parser *ps, struct from_piece *address)
{
	char *slot;

	if (address->len == 0)
		return from_fail(ps, "an empty local part");
	from_put(address, '@');
	ps->p++;
	if (!read_domain(ps, address))
		return false;
	if (has_text(address->bytes, address->len, "=?"))
		return from_fail(ps, "an encoded word in an address");
	if (!check_seen(ps, address->bytes, address->len))
		return false;
	if (ps->out->count == FROM_MAILBOXES_MAX)
		return from_fail(ps, "too many mailboxes");
	slot = ps->out->list[ps->out->count];
	if (text_copy_n(slot, ADDRESS_MAX + 1, address->bytes,
	    address->len) == -1)
		return from_fail(ps, "an overlong address");
	text_lower(slot);
	ps->out->count++;
	return true;
}

size_t
from_run_length(const struct from_parser *ps)
{
	const char *p = ps->p;

	while (p < ps->end && (from_is_atext((unsigned char)*p) || *p == '.'))
		p++;
	return (size_t)(p - ps->p);
}

bool
from_read_local(struct from_parser *ps, struct from_piece *address)
{
	size_t len = from_run_length(ps);

	address->len = 0;
	if (from_peek(ps) == '"')
		return from_read_quoted(ps) &&
		    from_put_quoted_local(ps, address);
	if (len > 0 && !is_dot_atom(ps->p, len))
		return from_fail(ps, "a dot too many in an address");
	memcpy(address->bytes, ps->p, len);
	address->len = len;
	ps->p += len;
	return true;
}
