#ifndef CMD_WORDS_H
#define CMD_WORDS_H

/*
 * What there is to complete, for a shell that waits with a key pressed:
 * quick, and silent about everything that is wrong.
 */

struct out;

/* kind as completion_words says.  prefix: only what begins so; for tracked
 * paths it also says in which directory to look. */
void words_print(struct out *o, const char *kind, const char *prefix);

#endif
