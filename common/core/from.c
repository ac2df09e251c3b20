/*
 * The grammar of the From header, by recursive descent over RFC 5322 3.4. A
 * mailbox begins with a word or '<': a word that runs into '@' is the local
 * part of an addr-spec, any other one begins a display name, which '<' must
 * end.
 */
#include "core/from.h"

#include "core/from_parser.h"

#include <string.h>

/* "<" addr-spec ">", nothing else between them. */
static bool
read_angle(struct from_parser *ps)
{
	static const char inside[] = "white space or a comment within < >";
	struct from_piece address;
	int c;

	ps->p++;
	c = from_peek(ps);
	if (c == '@')
		return from_fail(ps, "a source route");
	if (c == '>')
		return from_fail(ps, "an empty address");
	if (from_is_space(c) || c == '(')
		return from_fail(ps, inside);
	if (!from_read_local(ps, &address))
		return false;
	c = from_peek(ps);
	if (c != '@')
		return from_fail(ps, from_is_space(c) || c == '(' ? inside :
		    "< > without one address");
	if (!from_finish_address(ps, &address))
		return false;
	c = from_peek(ps);
	if (c != '>')
		return from_fail(ps, from_is_space(c) || c == '(' ? inside :
		    "< without its >");
	ps->p++;
	return true;
}

/* --- mailbox --- */

static void
add_to_name(struct from_parser *ps, const char *bytes, size_t len)
{
	if (ps->name.len > 0 && ps->blank)
		from_put(&ps->name, ' ');
	for (size_t i = 0; i < len; i++)
		from_put(&ps->name, bytes[i]);
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
	default:
		return "an unquoted special character in a name";
	}
}

/*
 * The words up to '<'. Dots may stand among them, though not before the first
 * one (RFC 5322 4.1, obs-phrase): initials are written so.
 */
static bool
read_name(struct from_parser *ps)
{
	for (bool first = true;; first = false) {
		size_t len;

		if (!from_skip_cfws(ps))
			return false;
		if (from_peek(ps) == '<')
			return from_look_into(ps, &ps->name);
		if (from_peek(ps) == '"') {
			if (!from_read_quoted(ps))
				return false;
			add_to_name(ps, ps->word.bytes, ps->word.len);
			continue;
		}
		len = from_run_length(ps);
		if (len == 0)
			return from_fail(ps, why_no_name(from_peek(ps)));
		if (first && *ps->p == '.')
			return from_fail(ps, "a dot before a name");
		add_to_name(ps, ps->p, len);
		ps->p += len;
	}
}

static bool
read_mailbox(struct from_parser *ps)
{
	struct from_piece address;
	const char *start = ps->p;
	size_t len = from_run_length(ps);

	ps->name.len = 0;
	address.len = 0;
	if (from_peek(ps) == '"') {
		if (!from_read_quoted(ps))
			return false;
		if (from_peek(ps) == '@')
			return from_put_quoted_local(ps, &address) &&
			    from_finish_address(ps, &address);
	} else if (len > 0 && start + len < ps->end && start[len] == '@') {
		return from_read_local(ps, &address) &&
		    from_finish_address(ps, &address);
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
read_list(struct from_parser *ps)
{
	if (!from_skip_cfws(ps))
		return false;
	for (;;) {
		if (from_peek(ps) == -1 || from_peek(ps) == ',')
			return from_fail(ps, "an empty place in the list");
		if (!read_mailbox(ps) || !from_skip_cfws(ps))
			return false;
		if (from_peek(ps) == -1)
			return true;
		if (from_peek(ps) != ',')
			return from_fail(ps, why_left(from_peek(ps)));
		ps->p++;
		if (!from_skip_cfws(ps))
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

/*
 * Some readers decode the whole value before they look for its parts. A word
 * may then reach over several of them.
 */
static bool
look_at_words(struct from_parser *ps, const char *value, size_t len)
{
	ps->word.len = 0;
	if (memmem(value, len, "=?", 2) == NULL)
		return true;
	for (size_t i = 0; i < len; i++) {
		if (value[i] != '\r' && value[i] != '\n')
			from_put(&ps->word, value[i]);
	}
	return from_look_into(ps, &ps->word);
}

static bool
is_blank(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!from_is_space((unsigned char)value[i]))
			return false;
	}
	return true;
}

enum from_result
from_parse(const char *value, size_t len, struct mailboxes *mailboxes,
    const char **why_r)
{
	struct from_parser ps;

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
		(void)from_fail(&ps, "an overlong value");
	else if (from_check_characters(&ps) && read_list(&ps) &&
	    look_at_words(&ps, value, len))
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
