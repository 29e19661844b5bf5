/*
 * The handlers are put in place with SA_RESETHAND: a second signal of the
 * same kind ends the process at once, which the store survives.  Without
 * SA_RESTART, so that a read from a pipe that nobody fills can be left.
 */

#include "lib/base/cancel.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int caught;

static void
catch(int sig)
{
	atomic_store(&caught, sig);
}

/* What was ignored when we started stays so: nohup, or a shell's "&". */
static void
catch_unless_ignored(int sig)
{
	struct sigaction old, new = { .sa_flags = (int)SA_RESETHAND };

	if (!sigaction(sig, NULL, &old) && old.sa_handler == SIG_IGN)
		return;
	new.sa_handler = catch;
	sigemptyset(&new.sa_mask);
	sigaction(sig, &new, NULL);
}

void
cancel_setup(void)
{
	struct sigaction ignore = { .sa_flags = 0 };

	catch_unless_ignored(SIGINT);
	catch_unless_ignored(SIGTERM);
	catch_unless_ignored(SIGHUP);
	ignore.sa_handler = SIG_IGN;
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, NULL);
}

int
cancel_signal(void)
{
	return atomic_load(&caught);
}

err_t
cancel_check(void)
{
	return cancel_signal() ? err_new(ERR_CANCELLED, "interrupted") : NULL;
}
