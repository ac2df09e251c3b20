/*
 * The grammar of the From header, by recursive descent over RFC 5322 3.2-3.4.
 *
 * First every character is looked at (check_characters): broken UTF-8,
 * controls and folding that is none are refused there, so that the grammar
 * may take CR and LF for white space. A mailbox then begins with a word or
 * '<': a word that runs into '@' is the local part of an addr-spec, any other
 * one begins a display name, which '<' must end.
 */
#include "core/from.h"

#include "core/from_text.h"
#include "core/text.h"
#include "core/utf8.h"

#include <string.h>

struct text { /* what is meant by a name, quoted string or comment */
	size_t len;
	char bytes[FROM_VALUE_MAX];
};

struct parser {
	const char *p, *end;
	struct mailboxes *out;
	const char *why; /* set once: what is wrong */
	bool blank; /* skip_cfws passed white space or a comment */
	bool folded; /* read_quoted passed a line end */
	struct text name; /* the display name so far */
	struct text word; /* the quoted string or comment last read */
};

static bool
fail(struct parser *ps, const char *why)
{
	if (ps->why == NULL)
		ps->why = why;
	return false;
}

/* No text is longer than the value it came from. */
static void
put(struct text *text, char c)
{
	text->bytes[text->len++] = c;
}

/* --- characters --- */

static int
peek(const struct parser *ps)
{
	return ps->p == ps->end ? -1 : (unsigned char)*ps->p;
}

static bool
is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* RFC 5322 3.2.3 with RFC 6532 3.2; that it is UTF-8 was checked. */
static bool
is_atext(int c)
{
	return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c > 0 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* CRLF or LF with white space behind it, which is left for the next step. */
static bool
check_fold(struct parser *ps, const char **p)
{
	*p += **p == '\r';
	if (*p == ps->end || **p != '\n')
		return fail(ps, "a CR without LF");
	++*p;
	if (*p == ps->end || (**p != ' ' && **p != '\t'))
		return fail(ps, "a line end that is no folding");
	return true;
}

/* A line of blanks alone is obsolete folding (RFC 5322 4.2), but the first. */
static bool
check_characters(struct parser *ps)
{
	static const char obsolete[] = "a folded line of white space alone";
	bool blank = false; /* nothing else on this line so far */

	for (const char *p = ps->p; p < ps->end;) {
		uint32_t c;
		size_t n = utf8_next(p, (size_t)(ps->end - p), &c);

		if (n == 0)
			return fail(ps, "bytes that are no UTF-8");
		if (c == '\r' || c == '\n') {
			if (blank)
				return fail(ps, obsolete);
			if (!check_fold(ps, &p))
				return false;
			blank = true;
			continue;
		}
		if (c != '\t' && utf8_is_control(c))
			return fail(ps, "a control or direction character");
		blank = blank && is_space((int)c);
		p += n;
	}
	return !blank || fail(ps, obsolete);
}

/* --- white space, comments, quoted strings --- */

static bool
read_pair(struct parser *ps, struct text *text)
{
	int c;

	ps->p++;
	c = peek(ps);
	if (c == -1 || c == '\r' || c == '\n')
		return fail(ps, "a '\\' with nothing to quote");
	put(text, (char)c);
	ps->p++;
	return true;
}

/* Looks for addresses a reader would see in a name or comment. */
static bool
look_into(struct parser *ps, const struct text *text)
{
	const char *why = from_text_hidden(text->bytes, text->len, ps->out);

	return why == NULL || fail(ps, why);
}

static bool
skip_comment(struct parser *ps)
{
	struct text *text = &ps->word;
	unsigned depth = 0;

	text->len = 0;
	do {
		int c = peek(ps);

		if (c == -1)
			return fail(ps, "a comment without an end");
		if (c == '\\') {
			if (!read_pair(ps, text))
				return false;
			continue;
		}
		depth += c == '(';
		depth -= c == ')';
		if (depth > FROM_COMMENT_DEPTH_MAX)
			return fail(ps, "comments nested too deep");
		if (c != '\r' && c != '\n')
			put(text, (char)c);
		ps->p++;
	} while (depth > 0);
	return look_into(ps, text);
}

static bool
skip_cfws(struct parser *ps)
{
	const char *start = ps->p;

	for (;;) {
		if (peek(ps) == '(') {
			if (!skip_comment(ps))
				return false;
		} else if (is_space(peek(ps))) {
			ps->p++;
		} else {
			ps->blank = ps->p > start;
			return true;
		}
	}
}

/* A quoted string into ps->word; its folding goes, its blanks stay. */
static bool
read_quoted(struct parser *ps)
{
	struct text *text = &ps->word;
	int c;

	text->len = 0;
	ps->folded = false;
	for (ps->p++; (c = peek(ps)) != '"';) {
		if (c == -1)
			return fail(ps, "a quoted string without an end");
		if (c == '\\') {
			if (!read_pair(ps, text))
				return false;
			continue;
		}
		if (c == '\r' || c == '\n')
			ps->folded = true;
		else
			put(text, (char)c);
		ps->p++;
	}
	ps->p++;
	return true;
}

/* --- addr-spec --- */

static bool
has_text(const char *text, size_t len, const char *part)
{
	return memmem(text, len, part, strlen(part)) != NULL;
}

/* Nothing in an address may be there without being seen. */
static bool
check_seen(struct parser *ps, const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c;

		n = utf8_next(text + i, len - i, &c);
		if (n == 0 || utf8_is_invisible(c))
			return fail(ps, "an invisible character in an address");
	}
	return true;
}

/* dot-atom-text: atoms with single dots between them. */
static bool
is_dot_atom(const char *text, size_t len)
{
	bool dot = true;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' ? dot : !is_atext((unsigned char)text[i]))
			return false;
		dot = text[i] == '.';
	}
	return !dot;
}

/*
 * The quoted local part in ps->word, in canonical form: without quotes if it
 * needs none (RFC 5321 4.1.2), else with as few '\' as possible.
 */
static bool
put_quoted_local(struct parser *ps, struct text *address)
{
	const struct text *word = &ps->word;

	if (ps->folded)
		return fail(ps, "a folded local part");
	if (word->len == 0)
		return fail(ps, "an empty local part");
	if (memchr(word->bytes, '@', word->len) != NULL)
		return fail(ps, "an '@' within a local part");
	if (is_dot_atom(word->bytes, word->len)) {
		memcpy(address->bytes, word->bytes, word->len);
		address->len = word->len;
		return true;
	}
	put(address, '"');
	for (size_t i = 0; i < word->len; i++) {
		if (word->bytes[i] == '"' || word->bytes[i] == '\\')
			put(address, '\\');
		put(address, word->bytes[i]);
	}
	put(address, '"');
	return true;
}

static bool
is_domain_char(int c)
{
	return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* Labels of 1 to 63 bytes (RFC 1035 2.3.4; UTF-8 ones may get longer). */
static bool
check_domain(struct parser *ps, const char *domain, size_t len)
{
	size_t label = 0;

	for (size_t i = 0; i < len; i++) {
		if (domain[i] == '.' ? label == 0 : ++label > 63)
			return fail(ps, "a domain with an empty or overlong "
			    "label");
		if (domain[i] == '.')
			label = 0;
	}
	return label > 0 || fail(ps, "a domain that is empty or ends in a dot");
}

static bool
read_domain(struct parser *ps, struct text *address)
{
	const char *start = ps->p;

	if (peek(ps) == '[')
		return fail(ps, "an address literal, which nobody owns");
	while (is_domain_char(peek(ps)))
		ps->p++;
	if (is_atext(peek(ps)))
		return fail(ps, "a character that no domain has");
	if (ps->p == start && (is_space(peek(ps)) || peek(ps) == '('))
		return fail(ps, "white space or a comment beside the '@'");
	if (!check_domain(ps, start, (size_t)(ps->p - start)))
		return false;
	for (; start < ps->p; start++)
		put(address, *start);
	return true;
}

/* At '@', the local part in canonical form in address. */
static bool
finish_address(struct parser *ps, struct text *address)
{
	char *slot;

	if (address->len == 0)
		return fail(ps, "an empty local part");
	put(address, '@');
	ps->p++;
	if (!read_domain(ps, address))
		return false;
	if (has_text(address->bytes, address->len, "=?"))
		return fail(ps, "an encoded word in an address");
	if (!check_seen(ps, address->bytes, address->len))
		return false;
	if (ps->out->count == FROM_MAILBOXES_MAX)
		return fail(ps, "too many mailboxes");
	slot = ps->out->list[ps->out->count];
	if (text_copy_n(slot, ADDRESS_MAX + 1, address->bytes,
	    address->len) == -1)
		return fail(ps, "an overlong address");
	text_lower(slot);
	ps->out->count++;
	return true;
}

/* A run of atext and dots. */
static size_t
run_length(const struct parser *ps)
{
	const char *p = ps->p;

	while (p < ps->end && (is_atext((unsigned char)*p) || *p == '.'))
		p++;
	return (size_t)(p - ps->p);
}

/* The local part at hand into address; at '@' afterwards, or it is none. */
static bool
read_local(struct parser *ps, struct text *address)
{
	size_t len = run_length(ps);

	address->len = 0;
	if (peek(ps) == '"')
		return read_quoted(ps) && put_quoted_local(ps, address);
	if (len > 0 && !is_dot_atom(ps->p, len))
		return fail(ps, "a dot too many in an address");
	memcpy(address->bytes, ps->p, len);
	address->len = len;
	ps->p += len;
	return true;
}

/* "<" addr-spec ">", nothing else between them. */
static bool
read_angle(struct parser *ps)
{
	static const char inside[] = "white space or a comment within < >";
	struct text address;
	int c;

	ps->p++;
	c = peek(ps);
	if (c == '@')
		return fail(ps, "a source route");
	if (c == '>')
		return fail(ps, "an empty address");
	if (is_space(c) || c == '(')
		return fail(ps, inside);
	if (!read_local(ps, &address))
		return false;
	c = peek(ps);
	if (c != '@')
		return fail(ps, is_space(c) || c == '(' ? inside
		                                        : "< > without one address");
	if (!finish_address(ps, &address))
		return false;
	c = peek(ps);
	if (c != '>')
		return fail(ps, is_space(c) || c == '(' ? inside
		                                        : "< without its >");
	ps->p++;
	return true;
}

/* --- mailbox --- */

static void
add_to_name(struct parser *ps, const char *bytes, size_t len)
{
	if (ps->name.len > 0 && ps->blank)
		put(&ps->name, ' ');
	for (size_t i = 0; i < len; i++)
		put(&ps->name, bytes[i]);
}

/* Why something else than a word or '<' stands in a display name. */
static const char *
why_no_name(int c)
{
	switch (c) {
	case -1:
	case ',':
		return "a name without an address";
	case ':':
	case ';':
		return "group syntax";
	case '@':
		return "an address with white space in it, or unquoted in a "
		       "name";
	case '>':
		return "a > without its <";
	case ')':
		return "a comment's end without its begin";
	case '.':
		return "an unquoted dot in a name";
	default:
		return "an unquoted special character in a name";
	}
}

/* The words up to '<', whose first one may be read already. */
static bool
read_name(struct parser *ps)
{
	for (;;) {
		size_t len;

		if (!skip_cfws(ps))
			return false;
		if (peek(ps) == '<')
			return look_into(ps, &ps->name);
		if (peek(ps) == '"') {
			if (!read_quoted(ps))
				return false;
			add_to_name(ps, ps->word.bytes, ps->word.len);
			continue;
		}
		len = run_length(ps);
		if (len == 0)
			return fail(ps, why_no_name(peek(ps)));
		if (memchr(ps->p, '.', len) != NULL)
			return fail(ps, why_no_name('.'));
		add_to_name(ps, ps->p, len);
		ps->p += len;
	}
}

static bool
read_mailbox(struct parser *ps)
{
	struct text address;
	const char *start = ps->p;
	size_t len = run_length(ps);

	ps->name.len = 0;
	address.len = 0;
	if (peek(ps) == '"') {
		if (!read_quoted(ps))
			return false;
		if (peek(ps) == '@')
			return put_quoted_local(ps, &address) &&
			    finish_address(ps, &address);
	} else if (len > 0 && start + len < ps->end && start[len] == '@') {
		return read_local(ps, &address) && finish_address(ps, &address);
	}
	ps->p = start; /* a name, or '<' at once */
	ps->blank = false;
	return read_name(ps) && read_angle(ps);
}

/* What may not follow a mailbox. */
static const char *
why_left(int c)
{
	switch (c) {
	case ':':
	case ';':
		return "group syntax";
	case ')':
		return "a comment's end without its begin";
	case '@':
		return "an address with white space or a second '@' in it";
	default:
		return "something left over behind an address";
	}
}

static bool
read_list(struct parser *ps)
{
	if (!skip_cfws(ps))
		return false;
	for (;;) {
		if (peek(ps) == -1 || peek(ps) == ',')
			return fail(ps, "an empty place in the list");
		if (!read_mailbox(ps) || !skip_cfws(ps))
			return false;
		if (peek(ps) == -1)
			return true;
		if (peek(ps) != ',')
			return fail(ps, why_left(peek(ps)));
		ps->p++;
		if (!skip_cfws(ps))
			return false;
	}
}

/* --- the whole --- */

static bool
is_listed(const struct mailboxes *mailboxes, const char *address)
{
	for (size_t i = 0; i < mailboxes->count; i++) {
		if (strcmp(mailboxes->list[i], address) == 0)
			return true;
	}
	return false;
}

/* "a@x" <a@x> hides nothing. */
static void
drop_shown(struct mailboxes *mailboxes)
{
	size_t kept = 0;

	for (size_t i = 0; i < mailboxes->nhidden; i++) {
		if (!is_listed(mailboxes, mailboxes->hidden[i]))
			memmove(mailboxes->hidden[kept++], mailboxes->hidden[i],
			    sizeof(mailboxes->hidden[0]));
	}
	mailboxes->nhidden = kept;
}

static bool
is_blank(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_space((unsigned char)value[i]))
			return false;
	}
	return true;
}

enum from_result
from_parse(const char *value, size_t len, struct mailboxes *mailboxes,
    const char **why_r)
{
	struct parser ps;

	mailboxes->count = mailboxes->nhidden = 0;
	*why_r = NULL;
	if (is_blank(value, len)) {
		*why_r = "it is empty";
		return FROM_EMPTY;
	}
	ps.p = value;
	ps.end = value + len;
	ps.out = mailboxes;
	ps.why = NULL;
	ps.name.len = 0;
	if (len > FROM_VALUE_MAX)
		(void)fail(&ps, "an overlong value");
	else if (check_characters(&ps) && read_list(&ps))
		drop_shown(mailboxes);
	if (ps.why != NULL) {
		*why_r = ps.why;
		mailboxes->count = mailboxes->nhidden = 0;
		return FROM_BAD;
	}
	if (mailboxes->nhidden > 0)
		*why_r = "another address in a name or comment";
	return mailboxes->nhidden > 0 ? FROM_HIDDEN : FROM_OK;
}
