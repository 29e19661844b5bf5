#ifndef TABLE_VALUE_H
#define TABLE_VALUE_H

/*
 * What the text of a cell looks like.  Nothing is ever stored or compared as
 * anything but the text; this is for saying what is in a column.
 *
 *	integer		17, -3, +4; not 007, which is a name made of digits
 *	number		0.5, -1.5e-3, .5, 1.; also NaN, INF, -INF and the
 *			spellings of them that programs print
 *	boolean		true, false, True, False, TRUE, FALSE
 *	date		2025-09-18
 *	time		10:00:00, 10:00:00.25
 *	datetime	2025-09-18T10:00:00Z, with a blank for T, without
 *			seconds or with a fraction, without a zone or with one
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/table/row.h"

/* A bit each, so that a column is what its cells are together.  The numbers
 * are on disk. */
enum value_class {
	VALUE_INTEGER = 1 << 0,
	VALUE_NUMBER = 1 << 1,
	VALUE_SPECIAL = 1 << 2,		/* NaN and infinity */
	VALUE_BOOLEAN = 1 << 3,
	VALUE_DATE = 1 << 4,
	VALUE_TIME = 1 << 5,
	VALUE_DATETIME = 1 << 6,
	VALUE_STRING = 1 << 7,
	VALUE_OBJECT = 1 << 8,
	VALUE_ARRAY = 1 << 9,
};
#define VALUE_CLASSES 10
#define VALUE_NUMERIC (VALUE_INTEGER | VALUE_NUMBER)

/*
 * Of text that is not empty.  *about is near the number, if it is one: off by
 * less than one part in 10^12.
 */
enum value_class value_class(double *about, const char *p, size_t len);
/*
 * What most numbers and dates are, told sooner.  Text that is not empty, of at
 * most 16 digits, perhaps with a sign and a point among them: VALUE_INTEGER or
 * VALUE_NUMBER.  VALUE_STRING: ask value_class.
 */
enum value_class value_plain(double *about, const char *p, size_t len);
bool value_is_date(const char *p, size_t len);
/* Of a cell that is neither missing nor empty.  Text in JSON is no number
 * and no boolean, whatever it looks like. */
enum value_class value_of_cell(double *about, const struct cell *cell,
    bool json);
/* The same of what is a number. */
double value_about(const char *p, size_t len);

bool value_is_number(const char *p, size_t len);

/*
 * The order of two numbers as they are written, exactly: < 0, 0 or > 0.  Each
 * is of class VALUE_INTEGER or VALUE_NUMBER.
 */
int value_compare(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
