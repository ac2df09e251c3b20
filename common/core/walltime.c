/*
 * Civil time from seconds since 1970.
 */
#include "core/walltime.h"

#include <stdio.h>

#define DAY_S      INT64_C(86400)
#define LAST_US    (INT64_C(253402300800) * SPAN_SECOND - 1) /* end of 9999 */

struct civil_date {
	unsigned year, month, day;
};

/*
 * Days since 1970 to a date of the Gregorian calendar. Years are counted from
 * March, so that the leap day is the last of its year; 400 years are always
 * 146097 days.
 */
static struct civil_date
civil_date(unsigned days)
{
	unsigned since0 = days + 719468; /* since 0000-03-01 */
	unsigned era = since0 / 146097;
	unsigned doe = since0 % 146097;
	unsigned yoe =
	    (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned march = (5 * doy + 2) / 153; /* months since March */
	struct civil_date date;

	date.day = doy - (153 * march + 2) / 5 + 1;
	date.month = march < 10 ? march + 3 : march - 9;
	date.year = era * 400 + yoe + (date.month <= 2);
	return date;
}

static int64_t
bounded(struct wall wall)
{
	return wall.us < 0 ? 0 : wall.us > LAST_US ? LAST_US : wall.us;
}

struct month_day
wall_month_day(struct wall wall)
{
	int64_t days = bounded(wall) / SPAN_SECOND / DAY_S;
	struct civil_date date = civil_date((unsigned)days);

	return (struct month_day) { date.month, date.day };
}

const char *
wall_format(struct wall wall, char buf[WALL_TEXT_MAX])
{
	int64_t us = bounded(wall);
	int64_t seconds = us / SPAN_SECOND;
	unsigned of_day = (unsigned)(seconds % DAY_S);
	struct civil_date date = civil_date((unsigned)(seconds / DAY_S));

	(void)snprintf(buf, WALL_TEXT_MAX,
	    "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", date.year, date.month,
	    date.day, of_day / 3600, of_day / 60 % 60, of_day % 60,
	    (unsigned)(us / 1000 % 1000));
	return buf;
}
