/* lib/base/clock: the calendar, and what people write. */

#include "lib/base/clock.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/tap.h"

static bool
means(const char *text, const char *want)
{
	struct buf b = BUF_INIT;
	int64_t t;
	bool good;
	err_t err;

	err = clock_parse(&t, text);
	if (!err)
		clock_format(&b, t);
	good = !strcmp(buf_cstr(&b), want);
	if (!good)
		printf("# %s: got %s\n", text, err ? err->msg : b.p);
	buf_release(&b);
	return good;
}

static bool
refused(const char *text)
{
	int64_t t = 42;
	err_t err = clock_parse(&t, text);

	return err_is(err, ERR_USAGE) && t == 42;
}

static void
test_absolute(void)
{
	ok(means("2025-09-18T10:00:00Z", "2025-09-18T10:00:00Z"), "RFC 3339");
	ok(means("2025-09-18T10:00:00+02:00", "2025-09-18T08:00:00Z"),
	    "an offset east");
	ok(means("2025-12-31T23:30:00-05:30", "2026-01-01T05:00:00Z"),
	    "an offset west, over the year's end");
	ok(means("2025-09-18 10:00:00 +0200", "2025-09-18T08:00:00Z"),
	    "as git writes it");
	ok(means("2025-09-18", "2025-09-18T00:00:00Z"), "a date alone");
	ok(means("2025-09-18T10", "2025-09-18T10:00:00Z"), "an hour alone");
	ok(means("2025-09-18 10:05", "2025-09-18T10:05:00Z"), "minutes");
	ok(means("2025-09-18T10:00:00.987Z", "2025-09-18T10:00:00Z"),
	    "a fraction is dropped");
	ok(means("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
	    "a leap second");
	ok(means("2000-02-29", "2000-02-29T00:00:00Z"), "2000 was a leap year");
	ok(refused("1900-02-29"), "1900 was not");
	ok(means("0001-01-01", "0001-01-01T00:00:00Z"), "the first day");
	ok(means("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
	    "the last second");
	ok(means("@1726650000", "2024-09-18T09:00:00Z"), "seconds");
	ok(means("@-1", "1969-12-31T23:59:59Z"), "seconds before 1970");
}

static void
test_refused(void)
{
	static const char *const bad[] = {
		"", " ", "@", "@x", "@1 ", "2025", "2025-9-18", "2025-13-01",
		"2025-00-10", "2025-04-31", "2025-09-18x", "2025-09-18T",
		"2025-09-18T24", "2025-09-18T10:60", "2025-09-18T10:00:61",
		"2025-09-18T10:00:00.", "2025-09-18T10:00:00+",
		"2025-09-18T10:00:00+24:00", "2025-09-18T10:00:00+2",
		"2025-09-18T10:00:00ZZ", "0000-12-31", "10000-01-01",
		"0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
		"@99999999999999999999", "@253402300800", "3 weeks",
		"weeks ago", "-1 days ago", "2 fortnights ago", "now now",
		"999999999 years ago", "9999999999 days ago",
	};
	char title[128];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(title, sizeof(title), "refused: \"%s\"", bad[i]);
		ok(refused(bad[i]), title);
	}
}

static void
test_relative(void)
{
	int64_t t;
	err_t err;

	setenv("DSV_DATE", "2024-03-31T12:00:00Z", 1);
	ok(means("now", "2024-03-31T12:00:00Z"), "DSV_DATE is now");
	ok(means("yesterday", "2024-03-30T12:00:00Z"), "yesterday");
	ok(means("1 second ago", "2024-03-31T11:59:59Z"), "a second");
	ok(means("90 minutes ago", "2024-03-31T10:30:00Z"), "minutes");
	ok(means("2.weeks.ago", "2024-03-17T12:00:00Z"), "dots for spaces");
	ok(means("1 month ago", "2024-02-29T12:00:00Z"),
	    "the month before has fewer days");
	ok(means("13 months ago", "2023-02-28T12:00:00Z"), "over a year");
	ok(means("24 years ago", "2000-03-31T12:00:00Z"), "years");
	setenv("DSV_DATE", "rubbish", 1);
	err = clock_now(&t);
	ok(err_is(err, ERR_USAGE) && strstr(err->msg, "DSV_DATE"),
	    "a bad DSV_DATE is named");
	ok(means("2025-09-18", "2025-09-18T00:00:00Z"),
	    "an absolute time does not ask what time it is");
	unsetenv("DSV_DATE");
	err = clock_now(&t);
	ok(!err && t > 1700000000, "the system's clock");
}

/* Every day of 10,000 years, counted by hand. */
static void
test_every_day(void)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	struct buf b = BUF_INIT;
	int64_t t = INT64_C(-62167219200);	/* 0000-01-01 */
	size_t wrong = 0;
	char want[32];

	for (int y = 0; y < 10000; y++) {
		bool leap = (y % 4 == 0 && y % 100) || y % 400 == 0;

		for (int m = 0; m < 12; m++) {
			for (int d = 1; d <= days[m] + (m == 1 && leap); d++) {
				int64_t back;

				snprintf(want, sizeof(want),
				    "%04d-%02d-%02dT00:00:00Z", y, m + 1, d);
				buf_clear(&b);
				clock_format(&b, t);
				if (strcmp(b.p, want) ||
				    !clock_parse_strict(&back, b.p, b.len) ||
				    back != t)
					wrong++;
				t += 86400;
			}
		}
	}
	ok(!wrong, "every day from 0000 to 9999, there and back");
	buf_release(&b);
}

static bool
strict(const char *text)
{
	int64_t t;

	return clock_parse_strict(&t, text, strlen(text));
}

static void
test_strict(void)
{
	ok(strict("2025-09-18T10:00:00Z"), "strict takes the one form");
	ok(!strict("2025-09-18 10:00:00Z"), "strict: no space");
	ok(!strict("2025-09-18T10:00:00z"), "strict: no small z");
	ok(!strict("2025-09-18T10:00:60Z"), "strict: no leap second");
	ok(!strict("2025-09-18T10:00:00Z "), "strict: nothing after");
	ok(!strict("2025-09-31T10:00:00Z"), "strict: no such day");
	ok(!strict("2025-09-18T10:00:0"), "strict: nothing missing");
}

int
main(void)
{
	unsetenv("DSV_DATE");
	setenv("TZ", "America/New_York", 1);
	test_absolute();
	test_refused();
	test_relative();
	test_every_day();
	test_strict();
	ok(clock_ms() <= clock_ms(), "the monotonic clock does not go back");
	return tap_end();
}
