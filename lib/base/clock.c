/*
 * The calendar is computed here, proleptic Gregorian and without leap
 * seconds, so that no time zone, locale or C library has a say in it.
 *
 * Days are counted in years that begin in March: then the leap day is the
 * last of its year, and month lengths follow a straight line,
 * (153 m + 2) / 5 days before month m.  400 years have 146,097 days; day 0 is
 * 1970-01-01, which is 719,468 days after 0000-03-01.
 */

#include "lib/base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY INT64_C(86400)

struct civil {
	int64_t year;
	int month;		/* 1..12 */
	int day;		/* 1..31 */
	int64_t second;		/* of the day */
};

static int64_t
days_of(int64_t year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t m = month > 2 ? month - 3 : month + 9;
	int64_t of_year = (153 * m + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

static struct civil
civil_of(int64_t t)
{
	int64_t days = t / DAY - (t % DAY < 0);
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 -
	    of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t m = (5 * of_year + 2) / 153;
	struct civil c;

	c.day = (int)(of_year - (153 * m + 2) / 5 + 1);
	c.month = (int)(m < 10 ? m + 3 : m - 9);
	c.year = year + era * 400 + (c.month <= 2);
	c.second = t - days * DAY;
	return c;
}

static int64_t
time_of(const struct civil *c)
{
	return days_of(c->year, c->month, c->day) * DAY + c->second;
}

static int
month_days(int64_t year, int month)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool
time_ok(int64_t t, int64_t first_year)
{
	return t >= days_of(first_year, 1, 1) * DAY &&
	    t < days_of(10000, 1, 1) * DAY;
}

/* ---- reading ---------------------------------------------------------- */

/* Exactly that many digits. */
static bool
take_digits(int *out, const char **p, int count)
{
	int n = 0;

	for (int i = 0; i < count; i++) {
		char c = (*p)[i];

		if (c < '0' || c > '9')
			return false;
		n = n * 10 + (c - '0');
	}
	*p += count;
	*out = n;
	return true;
}

static bool
take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	++*p;
	return true;
}

static bool
take_date(struct civil *out, const char **p)
{
	int year;

	if (!take_digits(&year, p, 4) || !take_char(p, '-') ||
	    !take_digits(&out->month, p, 2) || !take_char(p, '-') ||
	    !take_digits(&out->day, p, 2))
		return false;
	out->year = year;
	return out->month >= 1 && out->month <= 12 && out->day >= 1 &&
	    out->day <= month_days(year, out->month);
}

/* HH[:MM[:SS[.digits]]]; a leap second is the first of the next minute. */
static bool
take_time(int64_t *out, const char **p)
{
	int h, m = 0, s = 0, ignored;

	if (!take_digits(&h, p, 2))
		return false;
	if (take_char(p, ':')) {
		if (!take_digits(&m, p, 2))
			return false;
		if (take_char(p, ':')) {
			if (!take_digits(&s, p, 2))
				return false;
			if (take_char(p, '.')) {
				if (!take_digits(&ignored, p, 1))
					return false;
				while (take_digits(&ignored, p, 1))
					;
			}
		}
	}
	*out = h * 3600 + m * 60 + s;
	return h <= 23 && m <= 59 && s <= 60;
}

/* Nothing, Z, +HH, +HHMM or +HH:MM; a space may come before it. */
static bool
take_zone(int64_t *out, const char **p)
{
	int h, m = 0, sign;

	*out = 0;
	if (!**p)
		return true;
	take_char(p, ' ');
	if (take_char(p, 'Z') || take_char(p, 'z'))
		return true;
	sign = **p == '-' ? -1 : 1;
	if (!take_char(p, '-') && !take_char(p, '+'))
		return false;
	if (!take_digits(&h, p, 2))
		return false;
	if (**p && (take_char(p, ':'), !take_digits(&m, p, 2)))
		return false;
	*out = sign * (h * 3600 + m * 60);
	return h <= 23 && m <= 59;
}

static bool
parse_absolute(int64_t *out, const char *text)
{
	struct civil c = { .second = 0 };
	const char *p = text;
	int64_t zone = 0;

	if (!take_date(&c, &p))
		return false;
	if (*p) {
		if (!take_char(&p, 'T') && !take_char(&p, 't') &&
		    !take_char(&p, ' '))
			return false;
		if (!take_time(&c.second, &p) || !take_zone(&zone, &p))
			return false;
	}
	*out = time_of(&c) - zone;
	return !*p;
}

/* "@" and decimal seconds. */
static bool
parse_seconds(int64_t *out, const char *text)
{
	const char *p = text;
	bool negative;
	int64_t n = 0;
	int digit;

	if (!take_char(&p, '@'))
		return false;
	negative = take_char(&p, '-');
	if (!*p || strlen(p) > 15)
		return false;
	while (take_digits(&digit, &p, 1))
		n = n * 10 + digit;
	*out = negative ? -n : n;
	return !*p;
}

static int64_t
months_before(int64_t now, int64_t months)
{
	struct civil c = civil_of(now);
	int64_t m = c.year * 12 + (c.month - 1) - months;
	int last;

	c.year = (m >= 0 ? m : m - 11) / 12;
	c.month = (int)(m - c.year * 12) + 1;
	last = month_days(c.year, c.month);
	if (c.day > last)
		c.day = last;
	return time_of(&c);
}

static bool
is_gap(char c)
{
	return c == ' ' || c == '.';
}

/* The next word of "2 weeks ago" or "2.weeks.ago"; len 0 at the end. */
static const char *
take_word(size_t *len, const char **p)
{
	const char *word;

	while (is_gap(**p))
		++*p;
	word = *p;
	while (**p && !is_gap(**p))
		++*p;
	*len = (size_t)(*p - word);
	return word;
}

static bool
word_is(const char *word, size_t len, const char *name)
{
	return len == strlen(name) && !memcmp(word, name, len);
}

static bool
subtract(int64_t *out, int64_t now, int64_t n, const char *unit, size_t len)
{
	static const struct {
		const char *name;
		int64_t seconds;
		int months;
	} units[] = {
		{ "second", 1, 0 }, { "minute", 60, 0 }, { "hour", 3600, 0 },
		{ "day", DAY, 0 }, { "week", 7 * DAY, 0 },
		{ "month", 0, 1 }, { "year", 0, 12 },
	};

	if (len && unit[len - 1] == 's')
		len--;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (!word_is(unit, len, units[i].name))
			continue;
		if (units[i].months)
			*out = months_before(now, n * units[i].months);
		else
			*out = now - n * units[i].seconds;
		return true;
	}
	return false;
}

static bool
parse_relative(int64_t *out, const char *text, int64_t now)
{
	const char *p = text, *number, *unit, *word;
	size_t number_len, unit_len, len;
	int n;

	number = take_word(&number_len, &p);
	if (word_is(number, number_len, "now")) {
		*out = now;
		return !*p;
	}
	if (word_is(number, number_len, "yesterday")) {
		*out = now - DAY;
		return !*p;
	}
	if (!number_len || number_len > 9 ||
	    !take_digits(&n, &number, (int)number_len))
		return false;
	unit = take_word(&unit_len, &p);
	word = take_word(&len, &p);
	return word_is(word, len, "ago") && !*p &&
	    subtract(out, now, n, unit, unit_len);
}

static err_t
bad_time(const char *text)
{
	return err_new(ERR_USAGE, "\"%s\" is not a time; try "
	    "\"2025-09-18\", \"2025-09-18T10:00:00Z\" or \"2 weeks ago\"",
	    text);
}

static int64_t
system_now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts))
		BUG("no real-time clock");
	return (int64_t)ts.tv_sec;
}

err_t
clock_now(int64_t *out)
{
	const char *text = getenv("DSV_DATE");
	int64_t now = system_now();
	int64_t t = now;

	if (text && *text) {
		if (!parse_absolute(&t, text) && !parse_seconds(&t, text) &&
		    !parse_relative(&t, text, now))
			return err_wrap(bad_time(text), "DSV_DATE");
	}
	if (!time_ok(t, 1))
		return err_new(ERR_USAGE,
		    "the time is outside the years 0001 to 9999; "
		    "set the clock, or DSV_DATE");
	*out = t;
	return NULL;
}

err_t
clock_parse(int64_t *out, const char *text)
{
	int64_t now, t;
	err_t err;

	if (!parse_absolute(&t, text) && !parse_seconds(&t, text)) {
		err = clock_now(&now);
		if (err)
			return err;
		if (!parse_relative(&t, text, now))
			return bad_time(text);
	}
	if (!time_ok(t, 1))
		return err_new(ERR_USAGE,
		    "\"%s\" is outside the years 0001 to 9999", text);
	*out = t;
	return NULL;
}

int64_t
clock_ms(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts))
		BUG("no monotonic clock");
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool
clock_can_format(int64_t t)
{
	return time_ok(t, 0);
}

void
clock_format(struct buf *out, int64_t t)
{
	struct civil c = civil_of(t);

	if (!time_ok(t, 0))
		BUG("time %lld is outside the years 0000 to 9999",
		    (long long)t);
	buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)c.year,
	    c.month, c.day, (int)(c.second / 3600),
	    (int)(c.second / 60 % 60), (int)(c.second % 60));
}

bool
clock_parse_strict(int64_t *out, const char *text, size_t len)
{
	char copy[sizeof("2025-09-18T10:00:00Z")];
	const char *p = copy;
	struct civil c;
	int h, m, s;

	if (len != sizeof(copy) - 1)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (!take_date(&c, &p) || !take_char(&p, 'T') ||
	    !take_digits(&h, &p, 2) || !take_char(&p, ':') ||
	    !take_digits(&m, &p, 2) || !take_char(&p, ':') ||
	    !take_digits(&s, &p, 2) || !take_char(&p, 'Z') ||
	    h > 23 || m > 59 || s > 59)
		return false;
	c.second = h * 3600 + m * 60 + s;
	*out = time_of(&c);
	return true;
}
