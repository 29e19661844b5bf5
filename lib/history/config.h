#ifndef HISTORY_CONFIG_H
#define HISTORY_CONFIG_H

/*
 * Configuration: "key = value" lines under "[section]", key "section.key",
 * in layers, the first that has a key winning:
 *	repo	.dsv/config
 *	user	$XDG_CONFIG_HOME/dsv/config, or ~/.config/dsv/config
 * Nothing in the repo layer may name a program, and keys that decide whom to
 * trust (safe.directory) are read from the user layer only.  Known keys are
 * one table, described in dsv-config(5); an unknown key is ERR_USAGE when
 * set, and ignored when read.
 */

#include <stdbool.h>

#include "lib/base/err.h"

struct config;

enum config_layer { CONFIG_REPO, CONFIG_USER };

struct config_key {
	const char *name;		/* "user.name" */
	const char *help;
	bool user_only;
	bool multi;			/* setting adds a value */
	bool is_switch;			/* "true" or "false" */
};
extern const struct config_key config_keys[];	/* ends with a NULL name */

/* dotdsv: path of .dsv, or NULL for the user layer alone.  Missing files are
 * empty; a malformed line is ERR_USAGE naming file and line. */
MUST_CHECK err_t config_load(struct config **out, const char *dotdsv);
void config_free(struct config *c);

/* NULL if no layer has it.  layer may be NULL. */
const char *config_get(const struct config *c, const char *key,
    enum config_layer *layer);

/* A switch; what it is where nobody set it, or to neither true nor false. */
bool config_switch(const struct config *c, const char *key, bool otherwise);

/* Multi-valued (safe.directory): i-th value of the user layer, or NULL. */
const char *config_get_nth(const struct config *c, const char *key, size_t i);

/* ERR_USAGE, naming the nearest, if there is no such key. */
MUST_CHECK err_t config_check(const char *key);

/* value NULL removes it (all values of a multi-valued key).  The file is
 * replaced atomically; comments and order of other lines are kept. */
MUST_CHECK err_t config_set(struct config *c, enum config_layer layer,
    const char *key, const char *value);

typedef err_t config_visit_fn(void *arg, const char *key, const char *value,
    enum config_layer layer);
MUST_CHECK err_t config_walk(const struct config *c, config_visit_fn *fn,
    void *arg);

#endif
