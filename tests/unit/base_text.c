/* lib/base/text: what reaches a terminal, how wide it is, what folds alike. */

#include "lib/base/text.h"

#include <string.h>

#include "tests/unit/tap.h"

static bool
escapes_to(const char *text, size_t len, const char *want)
{
	struct buf b = BUF_INIT;
	struct buf again = BUF_INIT;
	char fixed[256];
	bool good;

	text_escape(&b, text, len);
	text_escape(&again, b.p ? b.p : "", b.len);
	text_escape_to(fixed, sizeof(fixed), text, len);
	good = !strcmp(buf_cstr(&b), want) && !strcmp(buf_cstr(&again), want) &&
	    !strcmp(fixed, want);
	if (!good)
		printf("# got %s\n", buf_cstr(&b));
	buf_release(&b);
	buf_release(&again);
	return good;
}

#define ESCAPES(text, want) escapes_to((text), sizeof(text) - 1, (want))

static void
test_escape(void)
{
	ok(ESCAPES("", ""), "escape nothing");
	ok(ESCAPES("caf\xc3\xa9 \\n \\x1b \xf0\x9f\x8d\x8e", "caf\xc3\xa9 "
	    "\\n \\x1b \xf0\x9f\x8d\x8e"), "clean text is left alone");
	ok(ESCAPES("a\n\t\rb", "a\\n\\t\\rb"), "newline, tab, return");
	ok(ESCAPES("\x1b[31m\x07\x7f", "\\x1b[31m\\x07\\x7f"), "C0, DEL");
	ok(ESCAPES("a\0b", "a\\x00b"), "NUL");
	ok(ESCAPES("\xc2\x9b" "2J", "\\xc2\\x9b2J"), "C1 as UTF-8");
	ok(ESCAPES("\x9b" "2J", "\\x9b2J"), "C1 as a byte");
	ok(ESCAPES("\xe2\x80\xae\xe2\x81\xa6", "\\xe2\\x80\\xae\\xe2\\x81\\xa6"),
	    "bidi overrides and isolates");
	ok(ESCAPES("\xe2\x80\x8e\xd8\x9c", "\\xe2\\x80\\x8e\\xd8\\x9c"),
	    "bidi marks");
	ok(ESCAPES("\xe2\x80\xa8", "\\xe2\\x80\\xa8"), "line separator");
	ok(ESCAPES("\xef\xbb\xbf\xe2\x80\x8b", "\\xef\\xbb\\xbf\\xe2\\x80\\x8b"),
	    "byte order mark, zero width space");
	ok(ESCAPES("\xf3\xa0\x81\xa1", "\\xf3\\xa0\\x81\\xa1"), "tags");
	ok(ESCAPES("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac",
	    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac"),
	    "the joiner of emoji stays");
	ok(ESCAPES("\xe2\x80\x8c", "\xe2\x80\x8c"), "the non-joiner stays");
	ok(ESCAPES("a\xff\xc3", "a\\xff\\xc3"), "bytes that are not UTF-8");
	ok(ESCAPES("\xed\xa0\x80", "\\xed\\xa0\\x80"), "a surrogate");
	ok(ESCAPES("\xc0\xaf", "\\xc0\\xaf"), "an overlong form");
}

static bool
cut_is(const char *text, size_t size, const char *want)
{
	char out[32];

	memset(out, 'x', sizeof(out));
	text_escape_to(out, size, text, strlen(text));
	return !strcmp(out, want) && out[size] == 'x';
}

static void
test_cut(void)
{
	ok(cut_is("abcdef", 7, "abcdef"), "what fits is not cut");
	ok(cut_is("abcdef", 6, "abcde"), "room is kept for the NUL");
	ok(cut_is("ab\xe2\x82\xac", 5, "ab"), "no character is cut in two");
	ok(cut_is("ab\x1b", 6, "ab"), "no escape is cut in two");
	ok(cut_is("ab", 1, ""), "room for the NUL only");
}

static bool
width_is(const char *text, size_t want)
{
	return text_width(text, strlen(text)) == want &&
	    text_fit(text, strlen(text), want) == strlen(text);
}

static void
test_width(void)
{
	static const char family[] = "\xf0\x9f\x91\xa8\xe2\x80\x8d"
	    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7";

	ok(width_is("", 0), "nothing is 0 wide");
	ok(width_is("abc", 3), "ASCII");
	ok(width_is("e\xcc\x81t\xc3\xa9", 3), "a combining accent is 0 wide");
	ok(width_is("\xe6\x97\xa5\xe6\x9c\xac", 4), "Chinese is 2 wide");
	ok(width_is(family, 2), "joined emoji are one picture");
	ok(width_is("\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa", 2), "a flag");
	ok(width_is("\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", 2), "a skin tone");
	ok(text_fit("\xe6\x97\xa5\xe6\x9c\xac", 6, 3) == 3,
	    "fit does not split a wide character");
	ok(text_fit("e\xcc\x81t", 4, 1) == 3, "fit keeps the accent");
	ok(text_fit("abc", 3, 0) == 0, "nothing fits in no columns");
}

static bool
fold_is(const char *text, const char *want)
{
	struct buf b = BUF_INIT;
	bool good;

	text_fold(&b, text, strlen(text));
	good = b.len == strlen(want) && !strcmp(buf_cstr(&b), want);
	if (!good)
		printf("# got %s\n", buf_cstr(&b));
	buf_release(&b);
	return good;
}

static void
test_fold(void)
{
	ok(fold_is("ReadMe.CSV", "readme.csv"), "ASCII folds");
	ok(fold_is("E\xcc\x81", "\xc3\xa9") && fold_is("\xc3\x89", "\xc3\xa9"),
	    "composed and decomposed fold alike");
	ok(fold_is("Stra\xc3\x9f" "e", "strasse"), "sharp s");
	ok(fold_is(".d\xc5\xbfv", ".dsv"), "long s is an s");
	ok(fold_is(".d\xe2\x80\x8cs\xef\xbb\xbfv\xc2\xad", ".dsv"),
	    "ignorable code points go");
	ok(fold_is("\xff" "AB", "\xff" "ab"), "not UTF-8: ASCII alone folds");
}

static void
test_utf8(void)
{
	ok(text_is_utf8("", 0), "nothing is UTF-8");
	ok(text_is_utf8("0123456789abcdef\xc3\xa9", 18), "long ASCII, then not");
	ok(!text_is_utf8("01234567\xc3", 9), "cut at the end");
	ok(!text_is_utf8("0123\xff" "5678", 9), "a bad byte in a full word");
	ok(!text_is_utf8("\xf4\x90\x80\x80", 4), "beyond U+10FFFF");
}

static void
test_distance(void)
{
	ok(text_distance("dryrun", "dry-run", 9) == 1, "one letter missing");
	ok(text_distance("statsu", "status", 9) == 1, "two letters swapped");
	ok(text_distance("", "abc", 9) == 3, "all missing");
	ok(text_distance("kitten", "sitting", 9) == 3, "kitten and sitting");
	ok(text_distance("abcdef", "uvwxyz", 4) == 4, "capped");
	ok(text_distance("same", "same", 9) == 0, "the same");
}

int
main(void)
{
	test_escape();
	test_cut();
	test_width();
	test_fold();
	test_utf8();
	test_distance();
	return tap_end();
}
