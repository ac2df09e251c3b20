/*
 * Replies of an SMTP server (RFC 5321, 4.2), put together as bytes come in.
 */
#ifndef WEIR_CORE_SMTP_H
#define WEIR_CORE_SMTP_H

#include <stdbool.h>
#include <stddef.h>

enum {
	/* RFC 5321 4.5.3.1.5 allows 512; servers were seen to go beyond */
	SMTP_LINE_MAX = 2048,
	SMTP_REPLY_LINES_MAX = 200,
	SMTP_TEXT_MAX = 128,
	SMTP_NAME_MAX = 256,
};

/* Of the extensions a server names after EHLO, those we ask for. */
enum smtp_offer {
	SMTP_OFFERS_STARTTLS = 1, /* RFC 3207 */
	SMTP_OFFERS_AUTH = 2, /* RFC 4954, any mechanism */
	SMTP_OFFERS_PLAIN = 4,
	SMTP_OFFERS_LOGIN = 8,
};

/* All zero is a fresh one. */
struct smtp_reply {
	int code; /* 200..599 of the last line, 0 before */
	unsigned lines;
	unsigned offers; /* enum smtp_offer, of the lines after the first */
	bool done; /* whole; the next byte begins another one */
	char text[SMTP_TEXT_MAX]; /* of the last line, cut, any bytes but NUL */
	char name[SMTP_NAME_MAX]; /* the first word of the first line */
	size_t len;
	char line[SMTP_LINE_MAX];
};

enum smtp_feed { SMTP_FEED_MORE, SMTP_FEED_DONE, SMTP_FEED_BAD };

/*
 * Takes bytes up to the end of the reply; *used_r says how many. DONE: the
 * reply is whole. BAD: no SMTP, or beyond the bounds; *why_r is a static text.
 */
enum smtp_feed smtp_reply_feed(struct smtp_reply *, const char *bytes,
    size_t len, size_t *used_r, const char **why_r);

#endif
