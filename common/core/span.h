/*
 * Time and rates as types, so that the compiler catches a mix-up of a point
 * on one clock with a point on the other, or with a length.
 *
 * Core never reads a clock: whoever calls it passes struct now, and a day
 * passes in a microsecond in a test.
 */
#ifndef WEIR_CORE_SPAN_H
#define WEIR_CORE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span { /* a length of time */
	int64_t us;
};
struct mono { /* CLOCK_BOOTTIME: never steps, goes on while suspended */
	int64_t us;
};
struct wall { /* CLOCK_REALTIME: for people and for other boots only */
	int64_t us;
};
struct now { /* one instant on both clocks */
	struct mono mono;
	struct wall wall;
};

struct rate_spec { /* "600/m": limit in any window of that length */
	uint64_t limit;
	struct span period;
};

enum { SPAN_TEXT_MAX = 32 };

#define SPAN_SECOND INT64_C(1000000)

static inline struct span
span_us(int64_t us)
{
	return (struct span) { us };
}

static inline struct span
span_ms(int64_t ms)
{
	return (struct span) { ms * 1000 };
}

static inline struct span
span_s(int64_t s)
{
	return (struct span) { s * SPAN_SECOND };
}

static inline struct mono
mono_add(struct mono a, struct span d)
{
	return (struct mono) { a.us + d.us };
}

/* How long from 'then' to 'a'; negative when 'a' comes first. */
static inline struct span
mono_since(struct mono a, struct mono then)
{
	return (struct span) { a.us - then.us };
}

static inline bool
mono_before(struct mono a, struct mono b)
{
	return a.us < b.us;
}

/*
 * Read from a disk: a length of more than 285 years, or a time that far from
 * its clock's zero, is damage. Two that are sane can be added.
 */
static inline bool
time_is_sane(int64_t us)
{
	return us >= -(INT64_C(1) << 53) && us <= INT64_C(1) << 53;
}

/* The wall time of a point on the other clock, as seen from now. */
static inline struct wall
wall_of(struct mono at, struct now now)
{
	return (struct wall) { now.wall.us + (at.us - now.mono.us) };
}

/*
 * "200ms" "30s" "5m" "1h" "2d", or a plain number of seconds. Nothing may
 * follow. 0, or -1 when the text is no length of time or exceeds 10 years.
 */
int span_parse(const char *text, struct span *span_r);

/* The shortest exact form span_parse would take: "5m", "1500ms". */
const char *span_format(struct span span, char buf[SPAN_TEXT_MAX]);

/*
 * "600/m", "20/2s", "5000/d": units s m h d with an optional count. 0, or -1
 * when malformed, when the limit is 0 or beyond 2^31 - 1, or the period is
 * below 1 s or beyond 31 d.
 */
int rate_spec_parse(const char *text, struct rate_spec *spec_r);

/*
 * The same of bytes: "100M/h"; k, M, G and T are 1024 and its powers, in either
 * case, up to 2^50 bytes.
 */
int rate_spec_parse_bytes(const char *text, struct rate_spec *spec_r);

#endif
