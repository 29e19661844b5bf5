/*
 * What text looks like, and the order of numbers.
 */

#include "lib/table/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/compat.h"
#include "tests/unit/tap.h"

static double about;

static bool
are(enum value_class class, const char *words)
{
	bool good = true;

	while (*words) {
		size_t n = strcspn(words, "|");

		if (value_class(&about, words, n) != class) {
			printf("# %.*s is %u\n", (int)n, words,
			    (unsigned)value_class(&about, words, n));
			good = false;
		}
		words += n + (words[n] == '|');
	}
	return good;
}

static void
test_classes(void)
{
	ok(are(VALUE_INTEGER, "0|7|-3|+4|1234567890123456789012345|-0"),
	    "integers");
	ok(are(VALUE_NUMBER, "0.5|-1.5e-3|.5|1.|1e5|+1E+5|0.0"), "numbers");
	ok(are(VALUE_STRING, "007|1e|1e+|.|-|+|e5|1.2.3|0x10|1,5|1_000| 1|1 |"
	    "--1|00.5"), "no numbers");
	ok(are(VALUE_SPECIAL, "NaN|nan|INF|-INF|-inf|Infinity"), "special");
	ok(are(VALUE_BOOLEAN, "true|false|True|False|TRUE|FALSE"),
	    "booleans");
	ok(are(VALUE_STRING, "yes|no|t|f|tRUE|truely"), "no booleans");
	ok(are(VALUE_DATE, "2025-09-18|0001-01-01|2024-02-29"), "dates");
	ok(are(VALUE_STRING, "2025-13-01|2025-00-01|2025-01-32|2025-1-1|"
	    "18-09-2025|2025-09-18x|2025/09/18|20250918T|2025-09"),
	    "no dates");
	ok(are(VALUE_DATETIME, "2025-09-18T10:00:00Z|2025-09-18 10:00|"
	    "2025-09-18T10:00:00.123456|2025-09-18T10:00:00+02:00|"
	    "2025-09-18 10:00:00-0530|2025-09-18T10:00Z|"
	    "2025-09-18T23:59:60Z|2025-09-18 10:00:00+00"), "dates and times");
	ok(are(VALUE_STRING, "2025-09-18T|2025-09-18T10|2025-09-18T10:60|"
	    "2025-09-18T10:00:|2025-09-18T10:00:00.|2025-09-18T10:00:00+|"
	    "2025-09-18T10:00:00+2|2025-09-18T25:00|2025-09-18x10:00"),
	    "neither");
	ok(are(VALUE_TIME, "10:00:00|23:59:59.5"), "times");
	ok(are(VALUE_STRING, "10:00|1:00:00|10:00:0|10:00:00Z"), "no times");
}

/* Digits of every length with a point at every place, or none: the class, and
 * about the value; and no number if a digit is something else. */
static void
test_lengths(void)
{
	static const char digits[] = "1234567890987654321";
	static const char no_digit[] = "/:x\x80\xff";
	bool class = true, value = true, other = true;

	for (size_t n = 1; n < sizeof(digits); n++) {
		for (size_t point = 1; point <= n + 1; point++) {
			bool whole = point == n + 1;
			char text[32];
			int len = snprintf(text, sizeof(text), "-%.*s%s%.*s",
			    (int)(whole ? n : point), digits,
			    whole ? "" : ".", (int)(whole ? 0 : n - point),
			    digits + (whole ? 0 : point));
			double want = strtod(text, NULL);

			class = class && value_class(&about, text,
			    (size_t)len) == (whole ? VALUE_INTEGER :
			    VALUE_NUMBER);
			value = value && about / want > 1 - 1e-12 &&
			    about / want < 1 + 1e-12;
			text[1 + n / 2] = no_digit[point % 5];
			other = other && value_class(&about, text + 1,
			    (size_t)len - 1) == VALUE_STRING;
		}
	}
	ok(class, "numbers of all lengths");
	ok(value, "about what they are");
	ok(other, "something else among the digits");
}

static void
test_cells(void)
{
	struct cell number = { "1.0", 3, CELL_NUMBER };
	struct cell text = { "1", 1, CELL_TEXT };
	struct cell date = { "2025-09-18", 10, CELL_TEXT };
	struct cell word = { "true", 4, CELL_TRUE };
	struct cell empty = { "[]", 2, CELL_ARRAY };

	ok(value_of_cell(&about, &number, true) == VALUE_NUMBER &&
	    value_of_cell(&about, &word, true) == VALUE_BOOLEAN &&
	    value_of_cell(&about, &empty, true) == VALUE_ARRAY &&
	    value_of_cell(&about, &date, true) == VALUE_DATE, "of JSON");
	ok(value_of_cell(&about, &text, true) == VALUE_STRING &&
	    value_of_cell(&about, &text, false) == VALUE_INTEGER,
	    "text in JSON is no number");
}

static void
test_order(void)
{
	/* Ascending; those of one line are equal. */
	static const char *const rows[][4] = {
		{ "-1e400", "-10e399" }, { "-100", "-1e2", "-100.00" },
		{ "-99.5" }, { "-1" }, { "-0.001", "-1e-3" }, { "-1e-400" },
		{ "0", "-0", "0.000", "0e5" }, { "1e-400" },
		{ "0.001", "1E-3", ".001" }, { "0.05" }, { "0.5", ".50" },
		{ "0.51" }, { "1", "+1", "1.", "1.000" }, { "1.0001" },
		{ "9" }, { "10", "1e1", "1.0e1" }, { "10.5" },
		{ "9007199254740992" }, { "9007199254740993" },
		{ "12345678901234567890" }, { "12345678901234567890.5" },
		{ "12345678901234567891" }, { "1e99999999999999999999" },
	};
	bool good = true;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
	for (size_t j = 0; j < ARRAY_LEN(rows); j++)
	for (size_t k = 0; k < 4 && rows[i][k]; k++)
	for (size_t l = 0; l < 4 && rows[j][l]; l++) {
		const char *a = rows[i][k], *b = rows[j][l];
		int cmp = value_compare(a, strlen(a), b, strlen(b));

		if (cmp != (i < j ? -1 : i > j)) {
			printf("# %s and %s: %d\n", a, b, cmp);
			good = false;
		}
	}
	ok(good, "numbers are in order");
}

int
main(void)
{
	test_classes();
	test_lengths();
	test_cells();
	test_order();
	return tap_end();
}
