#ifndef BASE_MATCH_H
#define BASE_MATCH_H

/*
 * Patterns as in gitignore and gitattributes.
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * Shell pattern against a whole path: ? and * do not match a slash, ** does
 * as a whole component, [a-z] and [!a-z] sets, backslash quotes.  Bytes, not
 * characters.  Time is bounded by |pattern| * |path|.
 */
bool match_path(const char *pattern, const char *path);

/* True if the text has a special character of match_path. */
bool match_is_pattern(const char *text);

/*
 * One line of a pattern file whose directory is base ("" for the root,
 * otherwise without a trailing slash): a pattern without a slash (a trailing
 * one aside) matches the last component at any depth below base; one with a
 * slash is relative to base.  only_dirs: it had a trailing slash.
 */
struct match_rule {
	char *pattern;		/* owned */
	bool anchored;		/* had a slash at the start or inside */
	bool negated;		/* began with "!" (ignore files only) */
	bool only_dirs;
};

/* Parse one line; false if it is blank or a comment. */
bool match_rule_parse(struct match_rule *out, const char *line, size_t len);
void match_rule_release(struct match_rule *rule);
bool match_rule_test(const struct match_rule *rule, const char *base,
    const char *path, bool is_dir);

#endif
