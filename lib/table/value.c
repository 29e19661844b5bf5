#include "lib/table/value.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/load.h"
#include "lib/base/mem.h"

#define NUMBER_LONG 400		/* digits that a double can tell */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
digits(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && is_digit(*q))
		q++;
	return (size_t)(q - p);
}

/* ---- numbers ---------------------------------------------------------- */

/* VALUE_INTEGER, VALUE_NUMBER or VALUE_STRING. */
static enum value_class
number_class(const char *p, const char *end)
{
	enum value_class class = VALUE_INTEGER;
	size_t whole, fraction = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	whole = digits(p, end);
	if (whole > 1 && *p == '0')
		return VALUE_STRING;
	p += whole;
	if (p < end && *p == '.') {
		fraction = digits(++p, end);
		p += fraction;
		class = VALUE_NUMBER;
	}
	if (whole + fraction == 0)
		return VALUE_STRING;
	if (p < end && (*p == 'e' || *p == 'E')) {
		size_t n;

		p++;
		if (p < end && (*p == '-' || *p == '+'))
			p++;
		n = digits(p, end);
		if (!n)
			return VALUE_STRING;
		p += n;
		class = VALUE_NUMBER;
	}
	return p == end ? class : VALUE_STRING;
}

bool
value_is_number(const char *p, size_t len)
{
	return number_class(p, p + len) != VALUE_STRING;
}

/* Up to eight characters of a number, as digits from 0 to 9. */
struct figures {
	uint64_t digits;
	unsigned n;			/* without the point */
	int after;			/* digits after the point; -1: none */
};

/* False if they are something else than digits and perhaps one point.  len is
 * from 1 to 8. */
static inline bool
figures_of(struct figures *out, const char *p, size_t len)
{
	/* Zeros in front fill it up. */
	uint64_t word = (load_prefix(p, len) ^
	    UINT64_C(0x3030303030303030)) >> (64 - 8 * len);
	uint64_t other, below;
	unsigned at;

	other = load_above_9(word);
	if (!other) {
		*out = (struct figures){ word, (unsigned)len, -1 };
		return true;
	}
	at = (unsigned)__builtin_ctzll(other) & ~7u;
	if ((other & (other - 1)) || (word >> at & 0xff) != ('.' ^ '0'))
		return false;
	below = (UINT64_C(1) << at) - 1;
	*out = (struct figures){ (word >> 8 & ~below) | (word & below),
	    (unsigned)len - 1, (int)at / 8 };
	return true;
}

enum value_class
value_plain(double *about, const char *p, size_t len)
{
	/* Near enough, and multiplying is faster. */
	static const double parts[] = { 1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6,
	    1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
	    1e-16 };
	bool negative = *p == '-';
	struct figures high = { 0, 0, -1 }, low;
	uint64_t n;
	int after;
	double d;

	p += negative;
	len -= negative;
	if (!len || len > 16 || *p == '.' ||
	    (len > 1 && *p == '0' && p[1] != '.'))
		return VALUE_STRING;
	if (len > 8 && !figures_of(&high, p, len - 8))
		return VALUE_STRING;
	if (!figures_of(&low, len > 8 ? p + len - 8 : p, len > 8 ? 8 : len) ||
	    (high.after >= 0 && low.after >= 0))
		return VALUE_STRING;
	n = load_decimal(low.digits);
	if (high.n)
		n += load_decimal(high.digits) *
		    (low.n == 8 ? 100000000 : 10000000);
	after = high.after >= 0 ? high.after + 8 : low.after;
	d = after > 0 ? (double)n * parts[after] : (double)n;
	*about = negative ? -d : d;
	return after >= 0 ? VALUE_NUMBER : VALUE_INTEGER;
}

static double
about_number(const char *p, size_t len)
{
	char text[NUMBER_LONG + 1];

	if (len > NUMBER_LONG)
		len = NUMBER_LONG;
	memcpy(text, p, len);
	text[len] = '\0';
	return strtod(text, NULL);
}

double
value_about(const char *p, size_t len)
{
	double d;

	return value_plain(&d, p, len) != VALUE_STRING ? d :
	    about_number(p, len);
}

static enum value_class
number(double *about, const char *p, size_t len)
{
	enum value_class class = value_plain(about, p, len);

	if (class != VALUE_STRING)
		return class;
	class = number_class(p, p + len);
	if (class != VALUE_STRING)
		*about = about_number(p, len);
	return class;
}

/* ---- dates and times -------------------------------------------------- */

/* Two digits, at most max. */
static bool
two(const char *p, unsigned max)
{
	return is_digit(p[0]) && is_digit(p[1]) &&
	    (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0') <= max;
}

static bool
is_date(const char *p)
{
	/* "0000-00-": digits become what they are, and lines 0. */
	uint64_t word = load8(p) ^ UINT64_C(0x303030302d30302d);
	uint64_t month = (word >> 16 & 0xff) * 10 + (word >> 8 & 0xff);

	return !load_above_9(word) && !(word & UINT64_C(0xff0000ff)) &&
	    month >= 1 && month <= 12 && two(p + 8, 31) &&
	    memcmp(p + 8, "00", 2);
}

/* After hours and minutes: ":SS", and a fraction of it. */
static const char *
pass_seconds(const char *p, const char *end)
{
	size_t n;

	if (end - p < 3 || *p != ':' || !two(p + 1, 60))
		return p;
	p += 3;
	if (p < end && *p == '.' && (n = digits(p + 1, end)) > 0)
		p += 1 + n;
	return p;
}

static bool
is_zone(const char *p, size_t len)
{
	if (len == 0 || (len == 1 && *p == 'Z'))
		return true;
	if ((*p != '+' && *p != '-') || len < 3 || !two(p + 1, 23))
		return false;
	return len == 3 || (len == 5 && two(p + 3, 59)) ||
	    (len == 6 && p[3] == ':' && two(p + 4, 59));
}

static bool
is_time(const char *p, const char *end)
{
	const char *after;

	if (end - p < 8 || !two(p, 24) || p[2] != ':' || !two(p + 3, 59))
		return false;
	after = pass_seconds(p + 5, end);
	return after > p + 5 && after == end;
}

static enum value_class
date_class(const char *p, size_t len)
{
	const char *end = p + len;

	if (!is_date(p))
		return VALUE_STRING;
	if (len == 10)
		return VALUE_DATE;
	if (len < 16 || (p[10] != 'T' && p[10] != ' ') || !two(p + 11, 24) ||
	    p[13] != ':' || !two(p + 14, 59))
		return VALUE_STRING;
	p = pass_seconds(p + 16, end);
	return is_zone(p, (size_t)(end - p)) ? VALUE_DATETIME : VALUE_STRING;
}

static enum value_class
time_class(const char *p, size_t len)
{
	if (len >= 10 && p[4] == '-')
		return date_class(p, len);
	return len >= 8 && is_time(p, p + len) ? VALUE_TIME : VALUE_STRING;
}

/* ---- classes ---------------------------------------------------------- */

/* Words by their length, each with a blank after it. */
static const char *const booleans[10] = { [4] = "true True TRUE ",
    [5] = "false False FALSE " };
static const char *const specials[10] = { [3] = "NaN nan NAN INF inf Inf ",
    [4] = "-INF -inf -Inf ", [8] = "Infinity ", [9] = "-Infinity " };

static bool
is_one_of(const char *p, size_t len, const char *words)
{
	for (; words && *words; words += len + 1) {
		if (!memcmp(words, p, len))
			return true;
	}
	return false;
}

static enum value_class
word_class(const char *p, size_t len)
{
	if (len >= ARRAY_LEN(specials))
		return VALUE_STRING;
	return is_one_of(p, len, booleans[len]) ? VALUE_BOOLEAN :
	    is_one_of(p, len, specials[len]) ? VALUE_SPECIAL : VALUE_STRING;
}

enum value_class
value_class(double *about, const char *p, size_t len)
{
	enum value_class class;

	switch (*p) {
	case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		class = time_class(p, len);
		return class == VALUE_STRING ? number(about, p, len) : class;
	case '+': case '.':
		return number(about, p, len);
	case '-':
		class = number(about, p, len);
		return class == VALUE_STRING ? word_class(p, len) : class;
	case 't': case 'f': case 'T': case 'F':
	case 'n': case 'N': case 'i': case 'I':
		return word_class(p, len);
	default:
		return VALUE_STRING;
	}
}

bool
value_is_date(const char *p, size_t len)
{
	return len == 10 && is_date(p);
}

enum value_class
value_of_cell(double *about, const struct cell *cell, bool json)
{
	switch (cell->kind) {
	case CELL_TRUE:
	case CELL_FALSE:
		return VALUE_BOOLEAN;
	case CELL_OBJECT:
		return VALUE_OBJECT;
	case CELL_ARRAY:
		return VALUE_ARRAY;
	case CELL_NUMBER:
		return number(about, cell->p, cell->len);
	default:
		break;
	}
	return json ? time_class(cell->p, cell->len) :
	    value_class(about, cell->p, cell->len);
}

/* ---- the order of numbers --------------------------------------------- */

/* Its digits without zeros around them: 0.digits * 10^scale. */
struct decimal {
	bool negative;
	const char *p;		/* the digits, and perhaps a '.' */
	const char *end;
	int64_t scale;		/* of no meaning if there are no digits */
};

static int64_t
exponent_of(const char *p, const char *end)
{
	bool negative = p < end && *p == '-';
	int64_t n = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end; p++) {
		if (n < INT64_MAX / 32)
			n = n * 10 + (*p - '0');
	}
	return negative ? -n : n;
}

static struct decimal
decimal_of(const char *p, size_t len)
{
	const char *stop = p + len;
	struct decimal d = { .negative = *p == '-' };
	const char *point;

	if (*p == '-' || *p == '+')
		p++;
	d.end = p;
	while (d.end < stop && *d.end != 'e' && *d.end != 'E')
		d.end++;
	if (d.end < stop)
		d.scale = exponent_of(d.end + 1, stop);
	point = memchr(p, '.', (size_t)(d.end - p));
	d.scale += (point ? point : d.end) - p;
	while (p < d.end && (*p == '0' || *p == '.')) {
		d.scale -= *p == '0';
		p++;
	}
	while (d.end > p && (d.end[-1] == '0' || d.end[-1] == '.'))
		d.end--;
	d.p = p;
	return d;
}

/* Both have digits and the same scale. */
static int
compare_digits(const struct decimal *a, const struct decimal *b)
{
	const char *p = a->p, *q = b->p;

	for (;; p++, q++) {
		if (p < a->end && *p == '.')
			p++;
		if (q < b->end && *q == '.')
			q++;
		if (p == a->end || q == b->end)
			return (p < a->end) - (q < b->end);
		if (*p != *q)
			return *p < *q ? -1 : 1;
	}
}

int
value_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct decimal x = decimal_of(a, a_len), y = decimal_of(b, b_len);
	int sign_x = x.p == x.end ? 0 : x.negative ? -1 : 1;
	int sign_y = y.p == y.end ? 0 : y.negative ? -1 : 1;
	int cmp;

	if (sign_x != sign_y || !sign_x)
		return sign_x < sign_y ? -1 : sign_x > sign_y;
	if (x.scale != y.scale)
		cmp = x.scale < y.scale ? -1 : 1;
	else
		cmp = compare_digits(&x, &y);
	return cmp * sign_x;
}
