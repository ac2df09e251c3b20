/*
 * The frame of a log line: time, machine, program, queue id, and of a status
 * line its fields. What the words of smtp(8) mean is in maillog_text.c.
 *
 * Everything is taken by its place in the line, from the left, and never by
 * searching: senders choose addresses, and smart hosts choose their replies,
 * so both may hold anything that looks like a part of a line.
 */
#include "core/maillog.h"

#include "core/maillog_text.h"
#include "core/text.h"

#include <string.h>

enum { QUEUE_ID_MIN = 6, QUARTER_S = 900, QUARTER_SKEW_S = 840,
	DELAY_MAX_S = 100000000 };

/* A reader moves along the line; NULL once something was not as it must be. */
struct reader {
	char *p;
};

static bool
take_text(struct reader *reader, const char *text)
{
	size_t len = strlen(text);

	if (reader->p == NULL || strncmp(reader->p, text, len) != 0)
		return false;
	reader->p += len;
	return true;
}

static void
must_text(struct reader *reader, const char *text)
{
	if (!take_text(reader, text))
		reader->p = NULL;
}

/* Up to the separator and over it; the token is left in the line. */
static const char *
must_until(struct reader *reader, const char *separator, size_t *len_r)
{
	char *start = reader->p;
	char *end = start != NULL ? strstr(start, separator) : NULL;

	*len_r = end != NULL ? (size_t)(end - start) : 0;
	reader->p = end != NULL ? end + strlen(separator) : NULL;
	return start;
}

static void
must_word(struct reader *reader)
{
	size_t len;

	(void)must_until(reader, " ", &len);
	if (len == 0)
		reader->p = NULL;
}

static uint32_t
must_number(struct reader *reader, uint32_t max)
{
	uint32_t number = 0;

	if (reader->p == NULL || *reader->p < '0' || *reader->p > '9') {
		reader->p = NULL;
		return 0;
	}
	for (; *reader->p >= '0' && *reader->p <= '9'; reader->p++) {
		number = number * 10 + (uint32_t)(*reader->p - '0');
		if (number > max) {
			reader->p = NULL;
			return 0;
		}
	}
	return number;
}

/* --- time, machine, program --- */

/* ".123456" or nothing, in microseconds. */
static int64_t
fraction_of(struct reader *reader)
{
	int64_t us = 0, unit = SPAN_SECOND / 10;

	if (!take_text(reader, "."))
		return 0;
	for (; *reader->p >= '0' && *reader->p <= '9'; reader->p++) {
		us += (*reader->p - '0') * unit;
		unit /= 10;
	}
	return us;
}

/* "12:01:16" or "12:01:16.123456", anything may follow. */
static void
must_clock(struct reader reader, struct stamp *stamp)
{
	uint32_t minutes, seconds;

	(void)must_number(&reader, 23);
	must_text(&reader, ":");
	minutes = must_number(&reader, 59);
	must_text(&reader, ":");
	seconds = must_number(&reader, 60); /* a leap second */
	stamp->whole_seconds = reader.p == NULL || *reader.p != '.';
	stamp->quarter = span_us(
	    (int64_t)(minutes * 60 + seconds) % QUARTER_S * SPAN_SECOND +
	    fraction_of(&reader));
	if (reader.p == NULL)
		stamp->date.month = 0;
}

/* "Nov"; 0 when it is none. */
static unsigned
month_of(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t i = 0; i < 12; i++) {
		if (strncmp(name, names + 3 * i, 3) == 0)
			return (unsigned)i + 1;
	}
	return 0;
}

/* "2026-11-03T" */
static void
must_date(struct reader *reader, struct month_day *date_r)
{
	(void)must_number(reader, 9999);
	must_text(reader, "-");
	date_r->month = must_number(reader, 12);
	must_text(reader, "-");
	date_r->day = must_number(reader, 31);
	must_text(reader, "T");
}

/* "Nov  3 " */
static void
must_short_date(struct reader *reader, struct month_day *date_r)
{
	date_r->month = month_of(reader->p);
	must_word(reader);
	while (reader->p != NULL && *reader->p == ' ')
		reader->p++;
	date_r->day = must_number(reader, 31);
	must_text(reader, " ");
}

/* "Nov  3 12:01:16 " or "2026-11-03T12:01:16.123456+00:00 ". */
static void
must_time(struct reader *reader, struct maillog_verdict *verdict)
{
	struct stamp *stamp = &verdict->stamp;
	struct reader date = *reader;

	if (*reader->p >= '0' && *reader->p <= '9') {
		must_date(&date, &stamp->date);
	} else {
		must_short_date(reader, &stamp->date);
		date = *reader;
	}
	must_clock(date, stamp);
	must_word(reader);
}

/* Yesterday, today or tomorrow, as a clock of ours shows it somewhere. */
static bool
is_of_these_days(struct month_day date, struct wall now)
{
	const int64_t day = 86400 * SPAN_SECOND;

	for (int i = -1; i <= 1; i++) {
		struct month_day one =
		    wall_month_day((struct wall) { now.us + i * day });

		if (one.month == date.month && one.day == date.day)
			return true;
	}
	return false;
}

/* How long ago the moment of the stamp was, or began. */
static int64_t
since_stamp(const struct stamp *stamp, struct wall now)
{
	int64_t quarter = QUARTER_S * SPAN_SECOND, since;

	if (!is_of_these_days(stamp->date, now) || now.us < quarter)
		return 0;
	since = (now.us - stamp->quarter.us) % quarter;
	return since > QUARTER_SKEW_S * SPAN_SECOND ? 0 : since;
}

void
maillog_date(struct maillog_verdict *verdict, struct wall now)
{
	struct evidence *evidence = &verdict->evidence;
	int64_t over = since_stamp(&verdict->stamp, now);
	/* two digits of each of two numbers, two places at most */
	int64_t took = verdict->took.us + verdict->took.us / 10 + 10000;

	if (verdict->stamp.whole_seconds)
		over = over > SPAN_SECOND ? over - SPAN_SECOND : 0;
	evidence->over = span_us(over);
	evidence->age = span_us(over + took);
}

/* "hop1" of "postfix/hop1": what stands behind the first slash. */
static void
take_transport(const char *name, size_t len,
    char transport_r[NAME_MAX_LEN + 1])
{
	const char *slash = memchr(name, '/', len);

	if (slash != NULL)
		(void)text_copy_n(transport_r, NAME_MAX_LEN + 1, slash + 1,
		    (size_t)(name + len - slash - 1));
}

/* "postfix/hop1/smtp[123]: "; of other programs nothing more is read. */
static void
must_program(struct reader *reader, struct maillog_verdict *verdict)
{
	static const char ours[] = "/smtp";
	size_t len, tail = sizeof(ours) - 1;
	const char *name = must_until(reader, "[", &len);

	if (reader->p == NULL || len <= tail ||
	    memchr(name, ' ', len) != NULL ||
	    memcmp(name + len - tail, ours, tail) != 0) {
		reader->p = NULL;
		return;
	}
	take_transport(name, len - tail, verdict->transport);
	verdict->pid = must_number(reader, INT32_MAX);
	must_text(reader, "]: ");
}

/*
 * "A2C07A84066: " or, long form, "4jY54H2Vzjz1c6Kn: ": hexadecimal, or digits
 * and letters without vowels (Postfix, global/mail_queue.h), so that no word
 * of a message is one. Stays put when there is none.
 */
static void
take_queue_id(struct reader *reader, char id_r[QUEUE_ID_MAX + 1])
{
	static const char hex[] = "0123456789ABCDEF";
	static const char base52[] = "0123456789BCDFGHJKLMNPQRSTVWXYZ"
	                             "bcdfghjklmnpqrstvwxyz";
	size_t len;

	id_r[0] = '\0';
	if (reader->p == NULL)
		return;
	len = strspn(reader->p, hex);
	if (reader->p[len] != ':')
		len = strspn(reader->p, base52);
	if (len < QUEUE_ID_MIN || strncmp(reader->p + len, ": ", 2) != 0 ||
	    text_copy_n(id_r, QUEUE_ID_MAX + 1, reader->p, len) == -1)
		return;
	reader->p += len + 2;
}

/* --- status lines --- */

/* "<address>, ": a quoted local part may hold '>' (RFC 5321 4.1.2). */
static void
must_address(struct reader *reader)
{
	bool quoted = false;
	char *p = reader->p;

	if (p == NULL || *p != '<') {
		reader->p = NULL;
		return;
	}
	for (p++; *p != '\0' && (quoted || *p != '>'); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (quoted && *p == '\\' && p[1] != '\0')
			p++;
	}
	reader->p = *p == '>' ? p + 1 : NULL;
	must_text(reader, ", ");
}

/* "name=value, ", whatever the value. */
static void
skip_field(struct reader *reader, const char *name)
{
	size_t len;

	must_text(reader, name);
	(void)must_until(reader, ", ", &len);
}

/* "2, ": the connection was used before, it need not be made again. */
static void
must_use(struct reader *reader, struct maillog_verdict *verdict)
{
	size_t len;

	(void)must_until(reader, ", ", &len);
	verdict->evidence.first = STAGE_MAIL;
}

/* "0.12", "4.5", "31": smtp(8) writes two digits, and two places at most. */
static int64_t
must_seconds(struct reader *reader)
{
	int64_t us = SPAN_SECOND * must_number(reader, DELAY_MAX_S);
	int64_t part = SPAN_SECOND;

	if (!take_text(reader, "."))
		return us;
	for (; *reader->p >= '0' && *reader->p <= '9'; reader->p++) {
		part /= 10;
		us += part * (*reader->p - '0');
	}
	return us;
}

/*
 * "delays=a/b/c/d, ": before the queue manager, in it, making the connection,
 * sending. The latter two are the delivery's own.
 */
static void
must_delays(struct reader *reader, struct maillog_verdict *verdict)
{
	int64_t part[4];

	must_text(reader, "delays=");
	for (int i = 0; i < 4; i++) {
		part[i] = must_seconds(reader);
		must_text(reader, i < 3 ? "/" : ", ");
	}
	verdict->took = span_us(part[2] + part[3]);
}

/* "relay=H[IP]:PORT, " or "relay=none, ". */
static void
must_relay(struct reader *reader, struct maillog_verdict *verdict)
{
	size_t len;
	const char *relay;

	must_text(reader, "relay=");
	relay = must_until(reader, ", ", &len);
	if (reader->p != NULL)
		(void)maillog_endpoint(relay, len, &verdict->ip,
		    &verdict->port);
}

/* "sent (250 ...)", "deferred (why)", "bounced (why)" */
static void
on_status(struct reader *reader, struct maillog_verdict *verdict)
{
	struct netaddr relay = verdict->ip;
	uint16_t port = verdict->port;
	size_t len;

	verdict->final = true;
	if (take_text(reader, "sent (")) {
		verdict->relevant = true;
		verdict->evidence.grade = EVIDENCE_GOOD;
		verdict->evidence.stage = STAGE_DATA;
		return;
	}
	(void)must_until(reader, " (", &len);
	if (reader->p == NULL)
		return;
	len = strlen(reader->p);
	if (len > 0 && reader->p[len - 1] == ')')
		reader->p[len - 1] = '\0';
	maillog_text(reader->p, verdict);
	/* relay= has the port, which most texts have not */
	if (verdict->port == 0 && netaddr_equal(&verdict->ip, &relay))
		verdict->port = port;
}

static void
on_recipient(struct reader *reader, struct maillog_verdict *verdict)
{
	must_address(reader);
	if (take_text(reader, "orig_to="))
		must_address(reader);
	must_relay(reader, verdict);
	if (take_text(reader, "conn_use="))
		must_use(reader, verdict);
	skip_field(reader, "delay=");
	must_delays(reader, verdict);
	skip_field(reader, "dsn=");
	must_text(reader, "status=");
	if (reader->p != NULL)
		on_status(reader, verdict);
}

/* --- the whole --- */

/* One line of printable ASCII, so that what is shown of it is harmless. */
static void
copy_printable(char dst[MAILLOG_LINE_MAX + 1], const char *src, size_t len)
{
	if (len > MAILLOG_LINE_MAX)
		len = MAILLOG_LINE_MAX;
	for (size_t i = 0; i < len; i++) {
		if (src[i] >= ' ' && src[i] < 0x7F)
			dst[i] = src[i];
		else
			dst[i] = '?';
	}
	dst[len] = '\0';
}

static void
parse_message(struct reader *reader, struct maillog_verdict *verdict)
{
	take_queue_id(reader, verdict->queue_id);
	if (take_text(reader, "to="))
		on_recipient(reader, verdict);
	else
		maillog_text(reader->p, verdict);
	/* of whom? "Cannot start TLS" alone does not say, relay=none neither */
	if (verdict->ip.family == 0 && verdict->name[0] == '\0')
		verdict->relevant = false;
}

void
maillog_parse(const char *line, size_t len, struct maillog_verdict *verdict)
{
	char copy[MAILLOG_LINE_MAX + 1];
	struct reader reader = { copy };

	memset(verdict, 0, sizeof(*verdict));
	verdict->evidence.source = EVIDENCE_DELIVERY;
	verdict->cut = len >= MAILLOG_CUT_MIN;
	copy_printable(copy, line, len);
	must_time(&reader, verdict);
	must_word(&reader); /* the machine */
	must_program(&reader, verdict);
	if (reader.p != NULL)
		parse_message(&reader, verdict);
}
