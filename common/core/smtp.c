/*
 * SMTP replies: "250-text", "250-text", "250 text". The code of the last line
 * counts, should a server change its mind within one reply.
 */
#include "core/smtp.h"

#include "core/text.h"

#include <string.h>

static bool
digit(char c, char low, char high)
{
	return c >= low && c <= high;
}

/* Is the next word of a line this one? Words end at a blank or '='. */
static bool
word_is(const char *word, size_t len, const char *name)
{
	size_t i = 0;

	for (; i < len && name[i] != '\0'; i++) {
		if (text_lower_of(word[i]) != text_lower_of(name[i]))
			return false;
	}
	return i == len && name[i] == '\0';
}

static size_t
word_len(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && text[i] != ' ' && text[i] != '=')
		i++;
	return i;
}

/*
 * "STARTTLS", "AUTH PLAIN LOGIN", and "AUTH=PLAIN LOGIN" as servers of old
 * write it.
 */
static unsigned
offers_of(const char *text, size_t len)
{
	size_t at = word_len(text, len);
	unsigned offers = 0;

	if (word_is(text, at, "STARTTLS"))
		return SMTP_OFFERS_STARTTLS;
	if (!word_is(text, at, "AUTH"))
		return 0;
	while (at < len) {
		size_t word = word_len(text + at, len - at);

		offers |= SMTP_OFFERS_AUTH;
		if (word_is(text + at, word, "PLAIN"))
			offers |= SMTP_OFFERS_PLAIN;
		else if (word_is(text + at, word, "LOGIN"))
			offers |= SMTP_OFFERS_LOGIN;
		at += word + 1;
	}
	return offers;
}

/* "mx.example.com Hello": a name too long is none. */
static void
take_name(struct smtp_reply *reply, const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && text[at] != ' ' && text[at] != '\t')
		at++;
	(void)text_copy_n(reply->name, sizeof(reply->name), text, at);
}

/* One line without its end. DONE when it is the reply's last. */
static enum smtp_feed
take_line(struct smtp_reply *reply, const char *line, size_t len,
    const char **why_r)
{
	const char *text = line + 4;
	size_t text_len = len > 4 ? len - 4 : 0;

	if (len < 3 || !digit(line[0], '2', '5') || !digit(line[1], '0', '9') ||
	    !digit(line[2], '0', '9') ||
	    (len > 3 && line[3] != ' ' && line[3] != '-')) {
		*why_r = "not an SMTP reply";
		return SMTP_FEED_BAD;
	}
	reply->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 +
	    (line[2] - '0');
	if (reply->lines > 0)
		reply->offers |= offers_of(text, text_len);
	else
		take_name(reply, text, text_len);
	if (text_len >= sizeof(reply->text))
		text_len = sizeof(reply->text) - 1;
	memcpy(reply->text, text, text_len);
	reply->text[text_len] = '\0';
	if (++reply->lines > SMTP_REPLY_LINES_MAX) {
		*why_r = "a reply of too many lines";
		return SMTP_FEED_BAD;
	}
	return len > 3 && line[3] == '-' ? SMTP_FEED_MORE : SMTP_FEED_DONE;
}

enum smtp_feed
smtp_reply_feed(struct smtp_reply *reply, const char *bytes, size_t len,
    size_t *used_r, const char **why_r)
{
	enum smtp_feed fed = SMTP_FEED_MORE;
	size_t at = 0;

	if (reply->done)
		memset(reply, 0, sizeof(*reply));
	while (fed == SMTP_FEED_MORE && at < len) {
		char c = bytes[at++];

		if (c != '\n') {
			if (reply->len == sizeof(reply->line)) {
				*why_r = "a reply line too long";
				return SMTP_FEED_BAD;
			}
			reply->line[reply->len++] = c == '\0' ? '?' : c;
			continue;
		}
		if (reply->len > 0 && reply->line[reply->len - 1] == '\r')
			reply->len--;
		fed = take_line(reply, reply->line, reply->len, why_r);
		reply->len = 0;
	}
	reply->done = fed == SMTP_FEED_DONE;
	*used_r = at;
	return fed;
}
