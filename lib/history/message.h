#ifndef HISTORY_MESSAGE_H
#define HISTORY_MESSAGE_H

/*
 * A message written in the user's editor: DSV_EDITOR, VISUAL, EDITOR, or vi.
 * The program comes from the environment only, never from a repository.
 */

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Standard input and output are a terminal, so an editor can be used. */
bool message_can_edit(void);

/*
 * Let the user edit text, of which lines that begin with "#" are left out
 * afterwards.  ERR_USAGE if nothing is left; ERR_SYSTEM if the editor fails.
 */
MUST_CHECK err_t message_edit(struct buf *out, const char *text);

#endif
